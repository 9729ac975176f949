package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/termbase"
)

// TermQuery are the filters of the termbase.
type TermQuery struct {
	Query  string `query:"q" maxLength:"200" doc:"Part of any form, in either language"`
	Area   string `query:"area" maxLength:"40"`
	State  string `query:"state" enum:"active,withdrawn"`
	Origin string `query:"origin" enum:"bundled,city" doc:"Whether it came with the program or is the city's"`
}

func (q *TermQuery) filter() termbase.Filter {
	return termbase.Filter{Query: q.Query, Area: q.Area, State: termbase.State(q.State), Origin: termbase.Origin(q.Origin)}
}

// TermsIn asks for a page of terms.
type TermsIn struct {
	TermQuery
	Sort string `query:"sort" enum:"zh,en,newest" default:"zh" doc:"zh: by pinyin; newest: last changed first"`
	Paging
}

// TermIn is a term as a person writes it.
type TermIn struct {
	ZH       string   `json:"zh" doc:"The Chinese term"`
	EN       string   `json:"en" doc:"Its English"`
	AlsoZH   []string `json:"also_zh,omitempty" doc:"Other Chinese forms of the same"`
	AlsoEN   []string `json:"also_en,omitempty" doc:"Other English forms and senses, the commonest first"`
	Area     string   `json:"area"`
	Note     string   `json:"note,omitempty" doc:"Tells senses apart"`
	Anchor   string   `json:"anchor,omitempty" doc:"The standard or law in which the sense is anchored"`
	SourceID string   `json:"source_id,omitempty" doc:"The city's own when absent"`
	Reason   string   `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (s *server) terms() {
	const tag = "terms"
	addList(s, route{id: "list_terms", path: "/terms", tag: tag, needs: account.Read}, termTable(), s.listTerms)
	add(s, route{id: "facets_of_terms", path: "/terms/facets", tag: tag, needs: account.Read}, s.termFacets)
	add(s, route{id: "get_term", path: "/terms/{id}", tag: tag, needs: account.Read}, s.getTerm)
	addList(s, route{id: "changes_of_term", path: "/terms/{id}/changes", tag: tag, needs: account.Read}, changeTable(), s.termChanges)
	addSave(s, "term", tag, func(ctx context.Context, b *TermIn, id string, version int64) (termbase.Term, string, int64, error) {
		room, err := s.termRoom()
		if err != nil {
			return termbase.Term{}, "", 0, err
		}
		t, err := room.Save(ctx, author(ctx, b.Reason), termbase.Term{ID: id, Version: version, ZH: b.ZH, EN: b.EN, AlsoZH: b.AlsoZH, AlsoEN: b.AlsoEN,
			Area: b.Area, Note: b.Note, Anchor: b.Anchor, SourceID: b.SourceID})
		return t, t.ID, t.Version, err
	})
	s.turnTerm("withdraw_term", "withdraw", (*termbase.Service).Withdraw)
	s.turnTerm("restore_term", "restore", (*termbase.Service).Restore)
}

func (s *server) termRoom() (*termbase.Service, error) {
	if s.Terms == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Terms, nil
}

func (s *server) listTerms(ctx context.Context, in *TermsIn) (part[termbase.Term], error) {
	room, err := s.termRoom()
	if err != nil {
		return part[termbase.Term]{}, err
	}
	f := in.filter()
	f.Sort, f.After, f.Limit = termbase.Sort(in.Sort), in.Cursor, in.Limit
	l, err := room.List(ctx, f)
	return part[termbase.Term]{items: l.Items, next: l.Next, total: l.Total}, err
}

func (s *server) termFacets(ctx context.Context, in *TermQuery) (*answer[termbase.Counts], error) {
	room, err := s.termRoom()
	if err != nil {
		return nil, err
	}
	counts, err := room.Counts(ctx, in.filter())
	return of(counts), err
}

func (s *server) getTerm(ctx context.Context, in *ID) (*answer[termbase.Term], error) {
	t, err := s.term(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return row(t, t.Version), nil
}

func (s *server) term(ctx context.Context, id string) (termbase.Term, error) {
	room, err := s.termRoom()
	if err != nil {
		return termbase.Term{}, err
	}
	t, err := room.Term(ctx, id)
	return readableRow(ctx, s, t, err, func(t termbase.Term) string { return t.SourceID }, id)
}

func (s *server) termChanges(ctx context.Context, in *OfOneIn) (part[Change], error) {
	if _, err := s.term(ctx, in.ID.ID); err != nil {
		return part[Change]{}, err
	}
	before, err := decodeSeq(in.Cursor)
	if err != nil {
		return part[Change]{}, err
	}
	entries, err := s.Terms.History(ctx, in.ID.ID, before, in.Limit)
	if err != nil {
		return part[Change]{}, err
	}
	return s.historyPage(ctx, entries, in.Limit)
}

// turnTerm registers the way of a term out of use, or back.
func (s *server) turnTerm(id, verb string, act func(*termbase.Service, context.Context, change.Author, string, int64) (termbase.Term, error)) {
	add(s, route{id: id, method: http.MethodPost, path: "/terms/{id}/" + verb, tag: "terms", needs: account.Edit, versioned: true, once: true},
		func(ctx context.Context, in *struct {
			ID
			Body *ReasonIn
		}) (*answer[termbase.Term], error) {
			room, err := s.termRoom()
			if err != nil {
				return nil, err
			}
			t, err := act(room, ctx, author(ctx, reasonOf(in.Body)), in.ID.ID, callOf(ctx).match)
			if err != nil {
				return nil, err
			}
			return row(t, t.Version), nil
		})
}

// termTable has the columns of termbase.Columns, so that a file can be edited
// and imported again.
func termTable() table[termbase.Term] {
	type v = termbase.Term
	return table[v]{name: "terms", source: func(t *v) string { return t.SourceID }, columns: []column[v]{
		{"zh", func(t *v) any { return t.ZH }}, {"en", func(t *v) any { return t.EN }}, {"also_zh", func(t *v) any { return joined(t.AlsoZH) }}, {"also_en", func(t *v) any { return joined(t.AlsoEN) }},
		{"area", func(t *v) any { return t.Area }}, {"note", func(t *v) any { return t.Note }}, {"anchor", func(t *v) any { return t.Anchor }},
		{"state", func(t *v) any { return string(t.State) }}, {"origin", func(t *v) any { return string(t.Origin) }}, {"version", func(t *v) any { return t.Version }},
	}}
}
