package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
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
	r, err := s.Search(ctx, in.Query, in.Kind, in.Limit)
	if err != nil {
		return nil, err
	}
	out := SearchOut{Hits: []SearchHit{}, Total: r.Total, Kinds: r.Kinds}
	if out.Kinds == nil {
		out.Kinds = map[string]int{}
	}
	hidden, err := s.hidesAny(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range r.Hits {
		if hidden {
			if err := s.readableHit(ctx, h.Kind, h.ID); errs.KindOf(err) == errs.NotFound {
				out.Total--
				continue
			} else if err != nil {
				return nil, err
			}
		}
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

// hidesAny reports whether there is any source that the caller may not read.
func (s *server) hidesAny(ctx context.Context) (bool, error) {
	if callOf(ctx).seesPrivate() {
		return false, nil
	}
	book, err := s.book(ctx)
	for _, v := range book {
		if v.LicenceTag == source.Red {
			return true, err
		}
	}
	return false, err
}

// readableHit is readable for a record that only its kind and id are known of.
func (s *server) readableHit(ctx context.Context, kind, id string) error {
	from, err := s.sourceOf(ctx, kind, id)
	if err != nil {
		return err
	}
	return s.readable(ctx, from, id)
}
