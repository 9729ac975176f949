package api

import (
	"context"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/source"
)

// EditionsIn asks for a page of the ledger of published rankings.
type EditionsIn struct {
	Ranking string `query:"ranking" maxLength:"80" doc:"Such as gii.cluster; gii is every ranking below it"`
	Unit    string `query:"unit_ranked" enum:"cluster,city,institution,region,economy"`
	Basis   string `query:"basis" enum:"published,recalled" doc:"recalled: no source was seen"`
	Paging
}

// HeldEdition is one issue of a published ranking. It is a claim of its body; what
// Kapok computes itself is under rankings.
type HeldEdition struct {
	edition.Edition
	Held  int64     `json:"held" doc:"Lines of its table that the ledger holds"`
	Style i18n.Text `json:"style,omitzero" doc:"What Kapok's own figure beside it is called"`
}

// EntriesIn asks for the lines of an edition.
type EntriesIn struct {
	ID
	Paging
}

// ComparisonIn names two editions of one ranking.
type ComparisonIn struct {
	A string `query:"a" required:"true" maxLength:"200" doc:"Id of an edition"`
	B string `query:"b" required:"true" maxLength:"200" doc:"Id of another edition of the same ranking"`
	Paging
	found edition.Comparison
}

// ComparisonOut sets two editions side by side, the older first: a page of what
// became of each unit.
type ComparisonOut struct {
	Page[edition.Move]
	A          edition.Edition  `json:"a"`
	B          edition.Edition  `json:"b"`
	Comparable edition.Verdict  `json:"comparable" enum:"yes,no,unknown" doc:"no: a change of method lies between, and a move is no gain or loss"`
	Why        []edition.Reason `json:"why,omitempty"`
	Changes    []edition.Break  `json:"changes,omitempty" doc:"Of method, after a up to b"`
	Absent     []string         `json:"absent,omitempty" doc:"Editions in between that the ledger lacks"`
}

// UnitHistoryIn asks where a unit stood.
type UnitHistoryIn struct {
	Unit    string `query:"unit" required:"true" minLength:"1" maxLength:"100" doc:"Such as division:440100 or cluster:shenzhen-hongkong-guangzhou"`
	Ranking string `query:"ranking" maxLength:"80" doc:"All rankings when absent"`
	Paging
}

func (s *server) editions() {
	const tag = "editions"
	addList(s, route{id: "list_editions", path: "/editions", tag: tag, needs: account.Read}, editionTable(), s.listEditions)
	addShown(s, route{id: "compare_editions", path: "/editions/compare", tag: tag, needs: account.Read}, moveTable(), s.compareEditions, comparisonOut)
	addList(s, route{id: "history_of_unit", path: "/editions/history", tag: tag, needs: account.Read}, historyTable(), s.unitHistory)
	add(s, route{id: "get_edition", path: "/editions/{id}", tag: tag, needs: account.Read}, s.getEdition)
	addList(s, route{id: "entries_of_edition", path: "/editions/{id}/entries", tag: tag, needs: account.Read}, entryTable(), s.editionEntries)
}

// openEditions says which editions the caller may see: neither the source nor
// the table itself is for private use.
func (s *server) openEditions(ctx context.Context) (func(e *edition.Edition) bool, error) {
	if s.Editions == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	open, err := s.openSources(ctx)
	c := callOf(ctx)
	return func(e *edition.Edition) bool {
		return open(e.SourceID) && (e.LicenceTag != source.Red || c.seesPrivate() && !c.file)
	}, err
}

func (s *server) listEditions(ctx context.Context, in *EditionsIn) (part[HeldEdition], error) {
	open, err := s.openEditions(ctx)
	if err != nil {
		return part[HeldEdition]{}, err
	}
	list, err := s.Editions.List(ctx, edition.Filter{Ranking: in.Ranking, UnitRanked: edition.Ranked(in.Unit), Basis: edition.Basis(in.Basis)})
	if err != nil {
		return part[HeldEdition]{}, err
	}
	held, err := s.Editions.Counts(ctx)
	if err != nil {
		return part[HeldEdition]{}, err
	}
	var all []HeldEdition
	for i := range list {
		if open(&list[i]) {
			all = append(all, editionOf(list[i], held))
		}
	}
	return cutPage(all, &in.Paging, func(e *HeldEdition) string { return e.ID })
}

func editionOf(e edition.Edition, held map[string]int64) HeldEdition {
	style, _ := edition.Style(e.Ranking)
	return HeldEdition{e, held[e.ID], style}
}

// edition returns one that the caller may see.
func (s *server) edition(ctx context.Context, id string) (edition.Edition, error) {
	open, err := s.openEditions(ctx)
	if err != nil {
		return edition.Edition{}, err
	}
	e, err := s.Editions.Get(ctx, id)
	if err == nil && !open(&e) {
		err = errs.New(errs.NotFound, "edition.not_found", errs.A{"edition": id})
	}
	return e, err
}

func (s *server) getEdition(ctx context.Context, in *ID) (*answer[HeldEdition], error) {
	e, err := s.edition(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	held, err := s.Editions.Counts(ctx)
	if err != nil {
		return nil, err
	}
	return row(editionOf(e, held), e.Version), nil
}

func (s *server) editionEntries(ctx context.Context, in *EntriesIn) (part[edition.Entry], error) {
	if _, err := s.edition(ctx, in.ID.ID); err != nil {
		return part[edition.Entry]{}, err
	}
	all, err := s.Editions.Entries(ctx, in.ID.ID)
	if err != nil {
		return part[edition.Entry]{}, err
	}
	return cutPage(all, &in.Paging, func(e *edition.Entry) string { return e.ID })
}

func (s *server) compareEditions(ctx context.Context, in *ComparisonIn) (part[edition.Move], error) {
	for _, id := range []string{in.A, in.B} {
		if _, err := s.edition(ctx, id); err != nil {
			return part[edition.Move]{}, err
		}
	}
	c, err := s.Editions.Compare(ctx, in.A, in.B)
	if err != nil {
		return part[edition.Move]{}, err
	}
	open, err := s.openSources(ctx)
	if err != nil {
		return part[edition.Move]{}, err
	}
	hidden := func(e *edition.Entry) bool { return e != nil && !open(e.SourceID) }
	c.Moves = slices.DeleteFunc(c.Moves, func(m edition.Move) bool { return hidden(m.A) || hidden(m.B) })
	in.found = c
	return cutPage(c.Moves, &in.Paging, func(m *edition.Move) string { return m.Identity })
}

func comparisonOut(in *ComparisonIn, page Page[edition.Move]) ComparisonOut {
	c := &in.found
	return ComparisonOut{page, c.A, c.B, c.Comparable, c.Why, c.Changes, c.Absent}
}

func (s *server) unitHistory(ctx context.Context, in *UnitHistoryIn) (part[edition.Point], error) {
	open, err := s.openEditions(ctx)
	if err != nil {
		return part[edition.Point]{}, err
	}
	seen, err := s.openSources(ctx)
	if err != nil {
		return part[edition.Point]{}, err
	}
	all, err := s.Editions.History(ctx, in.Unit, in.Ranking)
	if err != nil {
		return part[edition.Point]{}, err
	}
	all = slices.DeleteFunc(all, func(p edition.Point) bool { return !open(&p.Edition) || !seen(p.Entry.SourceID) })
	return cutPage(all, &in.Paging, func(p *edition.Point) string { return p.Entry.ID })
}

func editionTable() table[HeldEdition] {
	type v = HeldEdition
	return table[v]{name: "editions", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"ranking", func(x *v) any { return x.Ranking }}, {"edition", func(x *v) any { return x.Edition.Edition }},
		{"body_zh", func(x *v) any { return x.Body.ZH }}, {"body_en", func(x *v) any { return x.Body.EN }},
		{"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"published_on", func(x *v) any { return x.PublishedOn }}, {"unit_ranked", func(x *v) any { return string(x.UnitRanked) }}, {"basis", func(x *v) any { return string(x.Basis) }},
		{"length", func(x *v) any { return positive(x.Length) }}, {"held", func(x *v) any { return x.Held }},
		{"licence", func(x *v) any { return x.Licence }}, {"licence_tag", func(x *v) any { return string(x.LicenceTag) }}, {"locator", func(x *v) any { return x.Locator }},
	}}
}

// positive is a cell that stays empty for 0, where that stands for unknown.
func positive(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func entryTable() table[edition.Entry] {
	type v = edition.Entry
	return table[v]{name: "entries", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"edition", func(x *v) any { return x.EditionID }}, {"rank", func(x *v) any { return printed(x.Rank) }},
		{"name_zh", func(x *v) any { return x.Name.ZH }}, {"name_en", func(x *v) any { return x.Name.EN }}, {"economy", func(x *v) any { return x.Economy }}, {"unit", func(x *v) any { return x.Unit }},
		{"values", func(x *v) any { return valuesText(x.Values) }}, {"previous_rank", func(x *v) any { return positive(x.PreviousRank) }},
		{"locator", func(x *v) any { return x.Locator }}, {"note_zh", func(x *v) any { return x.Note.ZH }}, {"note_en", func(x *v) any { return x.Note.EN }},
	}}
}

// valuesText and printed write values as the import form reads them:
// "pct=127418|share=>=1.5".
func valuesText(values []edition.Value) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = v.Metric + "=" + printed(v.Quantity)
	}
	return strings.Join(parts, "|")
}

var boundSigns = map[quantity.Bound]string{quantity.AtLeast: ">=", quantity.AtMost: "<=", quantity.Above: ">", quantity.Below: "<", quantity.Nearly: "<", quantity.About: "~"}

func printed(q quantity.Quantity) string {
	switch q.Bound {
	case "":
		return ""
	case quantity.Between:
		return plain(q.Value) + "-" + plain(q.High)
	}
	return boundSigns[q.Bound] + plain(q.Value)
}

func moveTable() table[edition.Move] {
	type v = edition.Move
	line := func(x *v) *edition.Entry {
		if x.B != nil {
			return x.B
		}
		return x.A
	}
	values := func(e *edition.Entry) any {
		if e == nil {
			return nil
		}
		return valuesText(e.Values)
	}
	return table[v]{name: "comparison", source: func(x *v) string { return line(x).SourceID }, columns: []column[v]{
		{"name_zh", func(x *v) any { return line(x).Name.ZH }}, {"name_en", func(x *v) any { return line(x).Name.EN }}, {"unit", func(x *v) any { return line(x).Unit }},
		{"rank_a", func(x *v) any { return positive(x.RankA) }}, {"rank_b", func(x *v) any { return positive(x.RankB) }},
		{"places", func(x *v) any {
			if x.Places == nil {
				return nil
			}
			return *x.Places
		}},
		{"comparable", func(x *v) any { return string(x.Comparable) }}, {"from_previous", func(x *v) any { return x.FromPrevious }}, {"disagrees", func(x *v) any { return positive(x.Disagrees) }},
		{"values_a", func(x *v) any { return values(x.A) }}, {"values_b", func(x *v) any { return values(x.B) }},
	}}
}

func historyTable() table[edition.Point] {
	type v = edition.Point
	return table[v]{name: "history", source: func(x *v) string { return x.Entry.SourceID }, columns: []column[v]{
		{"ranking", func(x *v) any { return x.Edition.Ranking }}, {"edition", func(x *v) any { return x.Edition.Edition }}, {"published_on", func(x *v) any { return x.Edition.PublishedOn }},
		{"name_zh", func(x *v) any { return x.Entry.Name.ZH }}, {"name_en", func(x *v) any { return x.Entry.Name.EN }}, {"unit", func(x *v) any { return x.Entry.Unit }},
		{"rank", func(x *v) any { return printed(x.Entry.Rank) }}, {"values", func(x *v) any { return valuesText(x.Entry.Values) }},
		{"comparable", func(x *v) any { return string(x.Comparable) }}, {"locator", func(x *v) any { return x.Entry.Locator }},
	}}
}
