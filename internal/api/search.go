package api

import (
	"cmp"
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/transfer"
)

// SearchIn asks for records by text.
type SearchIn struct {
	Query    string   `query:"q" required:"true" minLength:"1" maxLength:"2000" doc:"Words in Chinese or English; the last one may be the beginning of a word"`
	Kind     []string `query:"kind" enum:"org,platform,park,person,paper,figure,division,source,result,need,service" doc:"Kinds, parted by commas; all when absent"`
	Stage    []string `query:"stage" enum:"early,middle,mature" doc:"Of results; any of them"`
	Status   []string `query:"status" enum:"draft,listed,paused,withdrawn,expired,closed" doc:"Of results, needs and services; any of them"`
	IPC      string   `query:"ipc" maxLength:"40" doc:"IPC code; G06F covers its groups"`
	Industry string   `query:"industry" maxLength:"10" doc:"GB/T 4754-2017 code; C39 covers its classes"`
	District string   `query:"district" pattern:"^[0-9]{6}$" doc:"GB/T 2260 code; a province or city covers what lies below it"`
	Facets   []string `query:"facets" enum:"stage,status,ipc,industry,district,type,kind,form,rights,owner" doc:"Fields whose values are counted, parted by commas"`
	Gloss    float64  `query:"gloss" default:"0.6" minimum:"0" maximum:"1" doc:"What a word found by its translation is worth beside one that stands in the text; 0 leaves translations out"`
	Whole    bool     `query:"whole" doc:"q is a whole text, such as a need: any of its words may be missing"`
	Explain  bool     `query:"explain" doc:"Say of each hit which words found it, and by which translation"`
	Limit    int      `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Offset   int      `query:"offset" minimum:"0" maximum:"10000" doc:"Hits to pass over"`
}

// SearchOut is what a search found, the best first.
type SearchOut struct {
	Hits   []SearchHit    `json:"hits" nullable:"false"`
	Total  int            `json:"total" doc:"Within the kinds and filters asked for"`
	Kinds  map[string]int `json:"kinds" doc:"Matches of every kind, asked for or not"`
	Facets FacetMap       `json:"facets,omitempty" doc:"A field's own filter does not narrow its counts"`
}

// SearchHit is one record found.
type SearchHit struct {
	Kind  string         `json:"kind"`
	ID    string         `json:"id"`
	Title i18n.Text      `json:"title"`
	Score float64        `json:"score"`
	Marks []SearchMark   `json:"marks" nullable:"false"`
	Why   *SearchAccount `json:"why,omitempty"`
}

// SearchMark is a text of the record with the places where the query stands.
type SearchMark struct {
	Field  string   `json:"field" enum:"title_zh,title_en,name,body"`
	Text   string   `json:"text"`
	Ranges [][2]int `json:"ranges" nullable:"false" doc:"Start and end in bytes of UTF-8"`
}

// SearchAccount says how the query found a record, taken as a whole text: the
// scores of terms sum to words and to gloss exactly. The score of a hit of a box
// query also holds what its kind and an equal name earn.
type SearchAccount struct {
	Words    float64      `json:"words"`
	Gloss    float64      `json:"gloss"`
	Coverage float64      `json:"coverage" doc:"Share of the query that the record holds, by idf"`
	Terms    []SearchTerm `json:"terms" nullable:"false"`
}

// SearchTerm is what one term of the query adds.
type SearchTerm struct {
	Text   string   `json:"text" doc:"The query's own letters"`
	Term   string   `json:"term" doc:"As indexed"`
	Stream string   `json:"stream" enum:"words,gloss"`
	Path   []string `json:"path,omitempty" doc:"From the query's word over the translation to the record's word"`
	IDF    float64  `json:"idf"`
	Score  float64  `json:"score"`
}

func (s *server) searches() {
	add(s, route{id: "search", path: "/search", tag: "search", needs: account.Read}, s.search)
}

// searchFields are the fields of the index behind the names of parameters:
// codes are held by their prefixes.
var searchFields = map[string]string{"ipc": match.FieldWithin + match.FieldIPC, "industry": match.FieldWithin + match.FieldIndustry}

func (in *SearchIn) query(ctx context.Context) (search.Query, error) {
	q := search.Query{Text: in.Query, Kinds: in.Kind, Viewer: callOf(ctx).viewer(), Limit: in.Limit, Offset: in.Offset, Gloss: in.Gloss, Whole: in.Whole}
	any := func(field string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			q.Filters = append(q.Filters, search.Filter{Field: field, Any: values})
		}
	}
	var list errs.List
	any("stage", in.Stage...)
	any(match.FieldStatus, in.Status...)
	ipc := parsed(&list, "ipc", in.IPC, transfer.ParseIPC)
	if strings.Contains(ipc, "/") {
		any(match.FieldIPC, ipc)
	} else {
		any(searchFields["ipc"], ipc)
	}
	any(searchFields["industry"], parsed(&list, "industry", in.Industry, transfer.ParseIndustry))
	if in.District != "" {
		any(match.FieldWithin+match.FieldDistrict, match.Region(in.District))
	}
	for _, f := range in.Facets {
		q.Facets = append(q.Facets, cmp.Or(searchFields[f], f))
	}
	return q, list.Err()
}

func (s *server) search(ctx context.Context, in *SearchIn) (*answer[SearchOut], error) {
	if s.Search == nil || in.Explain && s.Explain == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	q, err := in.query(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.Search(ctx, q)
	if err != nil {
		return nil, err
	}
	out := SearchOut{Hits: []SearchHit{}, Total: r.Total, Kinds: r.Kinds, Facets: in.counted(&r)}
	if out.Kinds == nil {
		out.Kinds = map[string]int{}
	}
	for _, h := range r.Hits {
		out.Hits = append(out.Hits, hitOf(h))
	}
	if in.Explain {
		err = s.explain(ctx, q, out.Hits)
	}
	return of(out), err
}

func hitOf(h search.Hit) SearchHit {
	out := SearchHit{Kind: h.Kind, ID: h.ID, Title: h.Title, Score: h.Score, Marks: []SearchMark{}}
	for _, m := range h.Marks {
		out.Marks = append(out.Marks, SearchMark(m))
	}
	return out
}

// counted are the facets under the names by which they were asked for. Of codes
// that end early the mark of the index ("C39=") is left out.
func (in *SearchIn) counted(r *search.Result) FacetMap {
	if len(in.Facets) == 0 {
		return nil
	}
	out := FacetMap{}
	for _, f := range in.Facets {
		out[f] = []registry.Facet{}
		for _, c := range r.Facets[cmp.Or(searchFields[f], f)] {
			if !strings.HasSuffix(c.Value, "=") {
				out[f] = append(out[f], registry.Facet{Value: c.Value, Count: int64(c.N)})
			}
		}
	}
	return out
}

// explain says of each hit which terms found it.
func (s *server) explain(ctx context.Context, q search.Query, hits []SearchHit) error {
	keys := make([]search.Key, len(hits))
	at := map[search.Key]int{}
	for i, h := range hits {
		keys[i] = search.Key{Kind: h.Kind, ID: h.ID}
		at[keys[i]] = i
	}
	accounts, err := s.Explain(ctx, q, keys)
	for _, a := range accounts {
		why := &SearchAccount{Words: a.Words, Gloss: a.Gloss, Coverage: a.Coverage, Terms: []SearchTerm{}}
		for _, t := range a.Terms {
			why.Terms = append(why.Terms, SearchTerm(t))
		}
		if i, ok := at[a.Key]; ok {
			hits[i].Why = why
		}
	}
	return err
}
