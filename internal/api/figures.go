package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

// FiguresIn asks for a page of figures.
type FiguresIn struct {
	Group   string `query:"group" maxLength:"80"`
	Subject string `query:"subject" maxLength:"200" doc:"Such as division:440100"`
	Basis   string `query:"basis" enum:"reported,computed,both"`
	Paging
}

// Overview is the city at a glance.
type Overview struct {
	Cards      []observatory.Card `json:"cards" nullable:"false"`
	ComputedAt db.Time            `json:"computed_at,omitzero" doc:"When the figures were last computed"`
	Stale      bool               `json:"stale" doc:"Records have changed since"`
}

func (s *server) figures() {
	const tag = "figures"
	add(s, route{id: "overview", path: "/overview", tag: tag, needs: account.Read}, s.overview)
	addList(s, route{id: "list_figures", path: "/figures", tag: tag, needs: account.Read}, figureTable(), s.listFigures)
	add(s, route{id: "get_figure", path: "/figures/{id}", tag: tag, needs: account.Read}, s.getFigure)
	addList(s, route{id: "values_of_figure", path: "/figures/{id}/values", tag: tag, needs: account.Read}, valueTable(), s.figureValues)
	addList(s, route{id: "records_of_figure", path: "/figures/{id}/records", tag: tag, needs: account.Read}, recordTable(), s.figureRecords)
	add(s, route{id: "compute_figures", method: http.MethodPost, path: "/figures/compute", tag: tag, needs: account.Compute, once: true}, s.compute)
}

// openSources are the sources whose rows may be shown to the caller, or, in a
// file, to anybody.
func (s *server) openSources(ctx context.Context) (func(id string) bool, error) {
	book, err := s.book(ctx)
	c := callOf(ctx)
	return func(id string) bool {
		return c.seesPrivate() && !c.file || book[id].LicenceTag != source.Red
	}, err
}

// figureBook is all that is known of the figures, without what the caller may
// not see: a card must not be made from a hidden value.
func (s *server) figureBook(ctx context.Context) (observatory.Book, error) {
	open, err := s.openSources(ctx)
	if err != nil {
		return observatory.Book{}, err
	}
	b, err := s.Observatory.Book(ctx)
	if err != nil {
		return b, err
	}
	b.Figures = slices.DeleteFunc(b.Figures, func(f observatory.Figure) bool { return !open(f.SourceID) })
	for id, values := range b.Reported {
		b.Reported[id] = slices.DeleteFunc(values, func(r observatory.Reported) bool { return !open(r.SourceID) })
	}
	return b, nil
}

func (s *server) overview(ctx context.Context, _ *struct{}) (*answer[Overview], error) {
	b, err := s.figureBook(ctx)
	if err != nil {
		return nil, err
	}
	run, err := s.Observatory.LastRun(ctx)
	if err != nil {
		return nil, err
	}
	out := Overview{Cards: []observatory.Card{}, ComputedAt: run.At}
	if out.Stale, err = s.Observatory.Stale(ctx); err != nil {
		return nil, err
	}
	for i := range b.Figures {
		if b.Figures[i].Overview {
			out.Cards = append(out.Cards, b.Card(&b.Figures[i]))
		}
	}
	slices.SortStableFunc(out.Cards, func(a, c observatory.Card) int { return a.Figure.Order - c.Figure.Order })
	return of(out), nil
}

func (s *server) listFigures(ctx context.Context, in *FiguresIn) (part[observatory.Card], error) {
	b, err := s.figureBook(ctx)
	if err != nil {
		return part[observatory.Card]{}, err
	}
	var all []observatory.Card
	for i := range b.Figures {
		f := &b.Figures[i]
		if (in.Group == "" || in.Group == f.Group) && (in.Subject == "" || in.Subject == f.Subject) && (in.Basis == "" || in.Basis == string(f.Basis)) {
			all = append(all, b.Card(f))
		}
	}
	return cutPage(all, &in.Paging, func(c *observatory.Card) string { return c.Figure.ID })
}

func (s *server) getFigure(ctx context.Context, in *ID) (*answer[FigureSheet], error) {
	sheet, err := s.sheet(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	how, err := s.how(ctx, &sheet.Figure)
	if err != nil {
		return nil, err
	}
	return of(FigureSheet{sheet, how}), nil
}

// sheet is everything about a figure that the caller may see.
func (s *server) sheet(ctx context.Context, id string) (observatory.Sheet, error) {
	open, err := s.openSources(ctx)
	if err != nil {
		return observatory.Sheet{}, err
	}
	v, err := s.Observatory.Figure(ctx, id)
	if err != nil {
		return v, err
	}
	if !open(v.Figure.SourceID) {
		return v, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	hidden := map[string]bool{}
	v.Reported = slices.DeleteFunc(v.Reported, func(r observatory.Reported) bool {
		hidden[r.ID] = !open(r.SourceID)
		return hidden[r.ID]
	})
	v.Differences = slices.DeleteFunc(v.Differences, func(d observatory.Difference) bool { return hidden[d.Reported.ID] })
	v.Breaks = slices.DeleteFunc(v.Breaks, func(b observatory.Break) bool { return hidden[b.Before] || hidden[b.After] })
	v.Related = slices.DeleteFunc(v.Related, func(r observatory.Related) bool { return !open(r.Figure.SourceID) })
	maps.DeleteFunc(v.Sources, func(id string, _ source.Source) bool { return !open(id) })
	return v, nil
}

// FigureValue is one value of a figure: reported by a source, computed now, or
// computed earlier.
type FigureValue struct {
	Basis        string            `json:"basis" enum:"reported,computed,earlier"`
	ID           string            `json:"id"`
	Item         string            `json:"item,omitempty" doc:"Part of the figure, by its dimension"`
	ItemTitle    i18n.Text         `json:"item_title,omitzero"`
	Known        bool              `json:"known" doc:"False where the records do not tell; that is not zero"`
	Quantity     quantity.Quantity `json:"quantity,omitzero"`
	Period       quantity.Period   `json:"period"`
	Edition      string            `json:"edition,omitempty"`
	DataYear     int               `json:"data_year,omitempty"`
	SourceID     string            `json:"source_id,omitempty"`
	Locator      string            `json:"locator,omitempty" doc:"Where in the source"`
	Note         i18n.Text         `json:"note,omitzero"`
	Records      int64             `json:"records,omitempty" doc:"Records behind a computed value"`
	RecordsHash  string            `json:"records_hash,omitempty"`
	Simulated    int64             `json:"simulated,omitempty" doc:"How many of the records are made up for a demonstration"`
	Method       string            `json:"method,omitempty"`
	Version      int64             `json:"version"`
	ComputedAt   db.Time           `json:"computed_at,omitzero"`
	SupersededAt db.Time           `json:"superseded_at,omitzero"`
}

// ValuesIn asks for values of a figure.
type ValuesIn struct {
	ID
	Basis []string `query:"basis" enum:"reported,computed,earlier" doc:"Parted by commas; all when absent. Of the earlier ones, the newest 200"`
	Paging
}

func (s *server) figureValues(ctx context.Context, in *ValuesIn) (part[FigureValue], error) {
	v, err := s.sheet(ctx, in.ID.ID)
	if err != nil {
		return part[FigureValue]{}, err
	}
	var all []FigureValue
	for i := range v.Reported {
		r := &v.Reported[i]
		all = append(all, FigureValue{Basis: "reported", ID: r.ID, Known: true, Quantity: r.Quantity, Period: r.Period, Edition: r.Edition, DataYear: r.DataYear,
			SourceID: r.SourceID, Locator: r.Locator, Note: r.Note, Version: r.Version})
	}
	for i := range v.Computed {
		all = append(all, computedValue("computed", &v.Computed[i]))
	}
	for i := range v.Earlier {
		all = append(all, computedValue("earlier", &v.Earlier[i]))
	}
	all = slices.DeleteFunc(all, func(x FigureValue) bool { return len(in.Basis) > 0 && !slices.Contains(in.Basis, x.Basis) })
	return cutPage(all, &in.Paging, func(x *FigureValue) string { return x.ID })
}

func computedValue(basis string, v *observatory.Computed) FigureValue {
	return FigureValue{Basis: basis, ID: v.ID, Item: v.Item, ItemTitle: v.ItemTitle, Known: v.Known, Quantity: v.Quantity, Period: v.Period,
		Records: v.Records, RecordsHash: v.RecordsHash, Simulated: v.Simulated, Method: v.Method, Version: v.Version, ComputedAt: v.ComputedAt, SupersededAt: v.SupersededAt}
}

// RecordsIn asks for the records behind one computed value.
type RecordsIn struct {
	ID
	Item string `query:"item" maxLength:"200" doc:"Item of the value; absent for the figure itself"`
	Slot string `query:"slot" maxLength:"40" doc:"Slot of the value, such as 2024; absent when the figure has one value"`
	Paging
}

// FigureRecord is one record behind a value.
type FigureRecord struct {
	observatory.Record
	SourceID string `json:"source_id,omitempty"`
}

func (s *server) figureRecords(ctx context.Context, in *RecordsIn) (part[FigureRecord], error) {
	f, err := s.Observatory.Definition(ctx, in.ID.ID)
	if _, err = readableRow(ctx, s, f, err, func(f observatory.Figure) string { return f.SourceID }, in.ID.ID); err != nil {
		return part[FigureRecord]{}, err
	}
	after, err := decodeCursor(in.Cursor)
	if err != nil {
		return part[FigureRecord]{}, err
	}
	page, err := s.Observatory.Records(ctx, observatory.RecordsQuery{FigureID: in.ID.ID, Item: in.Item, Slot: in.Slot, After: after, Limit: in.Limit})
	if err != nil {
		return part[FigureRecord]{}, err
	}
	out := part[FigureRecord]{total: page.Total}
	if page.Next != "" {
		out.next = encodeCursor(page.Next)
	}
	sources, err := s.recordSources(ctx, page.Items)
	if err != nil {
		return part[FigureRecord]{}, err
	}
	for i, r := range page.Items {
		out.items = append(out.items, FigureRecord{r, sources[i]})
	}
	return out, nil
}

// recordSources finds the source of each record; organisations, of which there
// may be thousands, in one go. A record that is gone since the facts were
// written has none.
func (s *server) recordSources(ctx context.Context, records []observatory.Record) ([]string, error) {
	var orgs []string
	for _, r := range records {
		if r.Kind == registry.KindOrg {
			orgs = append(orgs, r.ID)
		}
	}
	known, err := registry.LoadOrgs(ctx, s.DB, orgs)
	if err != nil {
		return nil, err
	}
	reported, err := s.reportedSources(ctx, records)
	if err != nil {
		return nil, err
	}
	out := make([]string, len(records))
	for i, r := range records {
		switch r.Kind {
		case registry.KindOrg:
			out[i] = known[r.ID].SourceID
		case observatory.KindReported:
			out[i] = reported[r.ID]
		case "affiliation": // a place in a paper
			out[i], err = s.sourceOf(ctx, registry.KindPaper, paperOf(r.ID))
		default:
			out[i], err = s.sourceOf(ctx, r.Kind, r.ID)
		}
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return nil, err
		}
	}
	return out, nil
}

// reportedSources finds the sources of the reported values among records.
func (s *server) reportedSources(ctx context.Context, records []observatory.Record) (map[string]string, error) {
	if !slices.ContainsFunc(records, func(r observatory.Record) bool { return r.Kind == observatory.KindReported }) {
		return nil, nil
	}
	b, err := s.Observatory.Book(ctx)
	out := map[string]string{}
	for _, values := range b.Reported {
		for _, r := range values {
			out[r.ID] = r.SourceID
		}
	}
	return out, err
}

// paperOf cuts the position off the id of an affiliation, "paper-x#3".
func paperOf(id string) string {
	paper, _, _ := strings.Cut(id, "#")
	return paper
}

// compute takes no body. One computation at a time is enough for anyone: it
// writes nothing when nothing has changed.
func (s *server) compute(ctx context.Context, _ *struct{}) (*answer[observatory.Run], error) {
	run, err := s.Observatory.Compute(ctx)
	if err != nil {
		return nil, err
	}
	return of(run), nil
}

func figureTable() table[observatory.Card] {
	type v = observatory.Card
	cols := []column[v]{
		{"id", func(x *v) any { return x.Figure.ID }}, {"group", func(x *v) any { return x.Figure.Group }},
		{"title_zh", func(x *v) any { return x.Figure.Title.ZH }}, {"title_en", func(x *v) any { return x.Figure.Title.EN }},
		{"definition_zh", func(x *v) any { return x.Figure.Definition.ZH }}, {"definition_en", func(x *v) any { return x.Figure.Definition.EN }},
		{"scope_zh", func(x *v) any { return x.Figure.Scope.ZH }}, {"scope_en", func(x *v) any { return x.Figure.Scope.EN }},
		{"basis", func(x *v) any { return string(x.Basis) }},
	}
	cols = append(cols, quantityColumns(func(x *v) (quantity.Quantity, bool) { return x.Quantity, x.Known })...)
	cols = append(cols, periodColumns(func(x *v) quantity.Period { return x.Period })...)
	cols = append(cols, column[v]{"edition", func(x *v) any { return x.Edition }}, column[v]{"data_year", func(x *v) any { return year(x.DataYear) }},
		column[v]{"records", func(x *v) any { return x.Records }}, column[v]{"locator", func(x *v) any { return x.Locator }})
	return table[v]{name: "figures", columns: cols, source: func(x *v) string {
		if x.SourceID != "" {
			return x.SourceID
		}
		return x.Figure.SourceID // of a computed value: of its definition
	}}
}

func valueTable() table[FigureValue] {
	type v = FigureValue
	cols := []column[v]{{"basis", func(x *v) any { return x.Basis }}, {"item", func(x *v) any { return x.Item }},
		{"item_zh", func(x *v) any { return x.ItemTitle.ZH }}, {"item_en", func(x *v) any { return x.ItemTitle.EN }}}
	cols = append(cols, quantityColumns(func(x *v) (quantity.Quantity, bool) { return x.Quantity, x.Known })...)
	cols = append(cols, periodColumns(func(x *v) quantity.Period { return x.Period })...)
	cols = append(cols, column[v]{"edition", func(x *v) any { return x.Edition }}, column[v]{"data_year", func(x *v) any { return year(x.DataYear) }},
		column[v]{"locator", func(x *v) any { return x.Locator }}, column[v]{"note_zh", func(x *v) any { return x.Note.ZH }}, column[v]{"note_en", func(x *v) any { return x.Note.EN }},
		column[v]{"records", func(x *v) any { return x.Records }}, column[v]{"records_hash", func(x *v) any { return x.RecordsHash }}, column[v]{"method", func(x *v) any { return x.Method }},
		column[v]{"version", func(x *v) any { return x.Version }}, column[v]{"computed_at", func(x *v) any { return instant(x.ComputedAt) }}, column[v]{"superseded_at", func(x *v) any { return instant(x.SupersededAt) }})
	return table[v]{name: "values", columns: cols, source: func(x *v) string { return x.SourceID }}
}

// quantityColumns keep the bound beside the value: ">= 260" is not 260.
func quantityColumns[T any](of func(v *T) (quantity.Quantity, bool)) []column[T] {
	cell := func(name string, value func(q quantity.Quantity) any) column[T] {
		return column[T]{name, func(v *T) any {
			q, known := of(v)
			if !known {
				return nil
			}
			return value(q)
		}}
	}
	return []column[T]{
		cell("bound", func(q quantity.Quantity) any { return string(q.Bound) }),
		cell("value", func(q quantity.Quantity) any { return q.Value }),
		cell("high", func(q quantity.Quantity) any {
			if q.Bound != quantity.Between {
				return nil
			}
			return q.High
		}),
		cell("unit", func(q quantity.Quantity) any { return string(q.Unit) }),
		cell("value_zh", func(q quantity.Quantity) any { return q.Format(i18n.ZH) }),
		cell("value_en", func(q quantity.Quantity) any { return q.Format(i18n.EN) }),
	}
}

func periodColumns[T any](of func(v *T) quantity.Period) []column[T] {
	return []column[T]{
		{"period", func(v *T) any { return string(of(v).Kind) }},
		{"period_start", func(v *T) any { return of(v).Start }},
		{"period_end", func(v *T) any { return of(v).End }},
	}
}

func recordTable() table[FigureRecord] {
	type v = FigureRecord
	return table[v]{name: "records", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"kind", func(x *v) any { return x.Kind }}, {"id", func(x *v) any { return x.ID }},
		{"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }},
		{"weight", func(x *v) any { return number(x.Weight) }}, {"base", func(x *v) any { return number(x.Base) }},
	}}
}
