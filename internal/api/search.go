package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search"
)

// SearchIn asks for records by text.
type SearchIn struct {
	Query string   `query:"q" required:"true" minLength:"1" maxLength:"200" doc:"Words in Chinese or English; the last one may be the beginning of a word"`
	Kind  []string `query:"kind" enum:"org,platform,park,person,paper,figure,division,source" doc:"Kinds, parted by commas; all when absent"`
	Limit int      `query:"limit" default:"20" minimum:"1" maximum:"100"`
}

// SearchOut is what a search found, the best first.
type SearchOut struct {
	Hits  []SearchHit    `json:"hits" nullable:"false"`
	Total int            `json:"total" doc:"Within the kinds asked for"`
	Kinds map[string]int `json:"kinds" doc:"Matches of every kind, asked for or not"`
}

// SearchHit is one record found.
type SearchHit struct {
	Kind  string       `json:"kind"`
	ID    string       `json:"id"`
	Title i18n.Text    `json:"title"`
	Score float64      `json:"score"`
	Marks []SearchMark `json:"marks" nullable:"false"`
}

// SearchMark is a text of the record with the places where the query stands.
type SearchMark struct {
	Field  string   `json:"field" enum:"title_zh,title_en,name,body"`
	Text   string   `json:"text"`
	Ranges [][2]int `json:"ranges" nullable:"false" doc:"Start and end in bytes of UTF-8"`
}

func (s *server) searches() {
	add(s, route{id: "search", path: "/search", tag: "search", needs: account.Read}, s.search)
}

func (s *server) search(ctx context.Context, in *SearchIn) (*answer[SearchOut], error) {
	if s.Search == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	r, err := s.Search(ctx, search.Query{Text: in.Query, Kinds: in.Kind, Limit: in.Limit, Viewer: callOf(ctx).viewer()})
	if err != nil {
		return nil, err
	}
	out := SearchOut{Hits: []SearchHit{}, Total: r.Total, Kinds: r.Kinds}
	if out.Kinds == nil {
		out.Kinds = map[string]int{}
	}
	for _, h := range r.Hits {
		out.Hits = append(out.Hits, hitOf(h))
	}
	return of(out), nil
}

func hitOf(h search.Hit) SearchHit {
	out := SearchHit{Kind: h.Kind, ID: h.ID, Title: h.Title, Score: h.Score, Marks: []SearchMark{}}
	for _, m := range h.Marks {
		out.Marks = append(out.Marks, SearchMark(m))
	}
	return out
}
