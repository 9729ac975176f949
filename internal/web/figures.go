package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/sheet"
)

// AddFigures adds the overview, the pages of figures, rankings and
// superlatives, the platform system, and the page that checks a text.
func (s *Site) AddFigures(v Services) {
	s.svc = v
	s.Route("GET /{$}", s.overview)
	s.Route("GET /figures", s.figures)
	s.exports("/figures", s.figuresExport)
	s.Route("GET /figures/{id}", s.figure)
	s.Route("GET /figures/{id}/{file}", s.figureFile)
	s.Route("GET /platforms/system", s.system)
	s.Route("GET /rankings", s.rankings)
	s.Route("GET /superlatives", s.superlatives)
	s.exports("/superlatives", s.superlativesExport)
	s.Route("GET /audit", s.audit)
	s.Route("POST /audit", s.audited)
}

// FiguresPage lists all figures by group.
type FiguresPage struct {
	Page
	Lead   string
	Filter FilterBar
	Groups []FigureGroup
	Empty  State
}

// FigureGroup is one group of figures as a table.
type FigureGroup struct {
	ID    string
	Title string
	Head  TableHead
	Rows  []FigureRow
}

// FigureRow is one figure with its latest values.
type FigureRow struct {
	Href     string
	Title    string
	Scope    string
	Reported Value
	Computed Value
	Basis    observatory.Basis // which of the two the figure can have
	When     string
	Split    string // what stands for the computed value of a split figure: "按区 9 个值"
	Tone     string // how the two agree: ok, care, apart
	Icon     string
	Word     string
}

// HasReported reports whether sources may report the figure.
func (r FigureRow) HasReported() bool { return r.Basis != observatory.BasisComputed }

// HasComputed reports whether Kapok computes the figure.
func (r FigureRow) HasComputed() bool { return r.Basis != observatory.BasisReported }

// figureFilter selects figures by group, basis, unit and words.
type figureFilter struct{ query, group, basis, unit string }

func figureFilterOf(q url.Values) figureFilter {
	return figureFilter{strings.TrimSpace(q.Get("q")), q.Get("group"), q.Get("basis"), q.Get("unit")}
}

func (x figureFilter) keeps(f *observatory.Figure) bool {
	if x.group != "" && f.Group != x.group || x.basis != "" && string(f.Basis) != x.basis || x.unit != "" && string(f.Unit.Dimension()) != x.unit {
		return false
	}
	if x.query == "" {
		return true
	}
	words := append([]string{f.ID, f.Title.ZH, f.Title.EN, f.Scope.ZH, f.Body}, append(f.Terms.ZH, f.Terms.EN...)...)
	return strings.Contains(fold.Name(strings.Join(words, " ")), fold.Name(x.query))
}

func (s *Site) figures(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	l, want := v.l, figureFilterOf(r.URL.Query())
	p := FiguresPage{Page: s.Page(r, i18n.T(l, "web.room.figures")), Lead: i18n.T(l, "web.figures.lead")}
	book, err := s.figureBook(v.ctx, v)
	if err != nil {
		return err
	}
	all := book.sheets(nil)
	var shown []figureSheet
	for _, f := range all {
		if want.keeps(&f.Figure) {
			shown = append(shown, f)
		}
	}
	p.Groups = figureGroups(l, shown)
	p.Filter = figureFilterBar(p.Page, all, want, len(shown))
	if len(shown) == 0 {
		p.Empty = State{Kind: "empty", Heading: i18n.T(l, "web.figures.none"), Text: i18n.T(l, "web.figures.none_text"), Action: Link{i18n.T(l, "web.reset"), "/figures"}}
	}
	return s.Render(w, r, "figures", p)
}

func figureGroups(l i18n.Lang, sheets []figureSheet) []FigureGroup {
	var out []FigureGroup
	for i := range sheets {
		f := &sheets[i]
		if len(out) == 0 || out[len(out)-1].ID != f.Group {
			out = append(out, FigureGroup{ID: f.Group, Title: f.GroupTitle.In(l), Head: figuresHead(l, f.GroupTitle.In(l))})
		}
		g := &out[len(out)-1]
		g.Rows = append(g.Rows, f.row(l))
	}
	return out
}

func figuresHead(l i18n.Lang, caption string) TableHead {
	return TableHead{Caption: caption, Hidden: true, Columns: []Column{{Label: i18n.T(l, "web.figures.figure")},
		{Label: i18n.T(l, "web.figure.reported"), Numeric: true}, {Label: i18n.T(l, "web.figure.computed"), Numeric: true}, {Label: i18n.T(l, "web.figures.agree")}, {Label: i18n.T(l, "web.figure.when")}}}
}

func (f *figureSheet) row(l i18n.Lang) FigureRow {
	x := FigureRow{Href: "/figures/" + f.ID, Title: f.Title.In(l), Scope: f.Scope.In(l), Basis: f.Basis, Reported: UnknownValue(""), Computed: UnknownValue("")}
	c := f.computed()
	if c != nil {
		x.Computed, x.When = computedValue(l, &f.Figure, c), periodText(l, c.Period)
	} else if f.Dimension != "" && len(f.Computed) > 0 {
		x.Split, x.When = i18n.T(l, "web.figures.split", errs.A{"n": len(f.Computed)}), i18n.T(l, "web.figure.split_by", errs.A{"by": i18n.T(l, "web.figure.by."+f.Dimension)})
	}
	if k := f.Card; f.reported() {
		x.Reported, x.When = figureValue(l, &f.Figure, k.Quantity), when(l, k.Edition, k.DataYear, k.Period)
	}
	d := f.differs(l)
	x.Tone, x.Icon, x.Word = d.Tone, d.Icon, d.Word
	return x
}

func figureFilterBar(p Page, all []figureSheet, want figureFilter, shown int) FilterBar {
	l := p.Lang
	bar := FilterBar{Action: "/figures", Reset: "/figures", Count: i18n.T(l, "web.figures.count", errs.A{"n": shown, "all": len(all)})}
	any := Option{Label: i18n.T(l, "web.figures.any")}
	groups, bases, units := []Option{any}, []Option{any}, []Option{any}
	for i := range all {
		f := &all[i]
		groups = withOption(groups, f.Group, f.GroupTitle.In(l), want.group)
		units = withOption(units, string(f.Unit.Dimension()), i18n.T(l, "web.dimension."+string(f.Unit.Dimension())), want.unit)
	}
	for _, b := range []observatory.Basis{observatory.BasisBoth, observatory.BasisReported, observatory.BasisComputed} {
		bases = withOption(bases, string(b), i18n.T(l, "web.figure.basis."+string(b)), want.basis)
	}
	bar.Fields = []Field{
		{Name: "q", Label: i18n.T(l, "web.figures.query"), Kind: "search", Value: want.query},
		{Name: "group", Label: i18n.T(l, "web.figures.group"), Kind: "select", Options: groups},
		{Name: "basis", Label: i18n.T(l, "web.figure.basis"), Kind: "select", Options: bases},
		{Name: "unit", Label: i18n.T(l, "web.figures.dimension"), Kind: "select", Options: units},
	}
	bar.Chips = chipsOf(p, bar.Fields)
	for _, format := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		here := p
		here.Path = "/figures." + string(format)
		bar.Exports = append(bar.Exports, Link{strings.ToUpper(string(format)), here.Here()})
	}
	return bar
}

// withOption adds an answer once.
func withOption(list []Option, value, label, chosen string) []Option {
	if value == "" || slices.ContainsFunc(list, func(o Option) bool { return o.Value == value }) {
		return list
	}
	return append(list, Option{Value: value, Label: label, Selected: value == chosen})
}

// figuresExport is every value of the figures that a filter selects, reported
// and computed, one a row.
func (s *Site) figuresExport(v *reading, q url.Values) (export, error) {
	want := figureFilterOf(q)
	book, err := s.figureBook(v.ctx, v)
	if err != nil {
		return export{}, err
	}
	sheets := book.sheets(want.keeps)
	return export{name: "figures", head: valueHead, rows: func(yield func(sheet.Row, error) bool) {
		for i := range sheets {
			for _, row := range sheets[i].valueRows(v) {
				if !yield(row, nil) {
					return
				}
			}
		}
	}}, nil
}

// valueHead are the columns of values as a file. Quantities are exact and in
// the unit itself: yuan, never 万 or 亿.
var valueHead = []string{"figure_id", "title_zh", "title_en", "basis", "bound", "value", "high", "unit", "period_kind", "period_start", "period_end",
	"edition", "data_year", "item", "item_zh", "item_en", "numerator", "denominator", "records", "records_hash", "change_seq", "as_of", "computed_at", "superseded_at", "source_id", "locator", "note_zh", "note_en"}

func (f *figureSheet) valueRows(v *reading) []sheet.Row {
	var rows []sheet.Row
	for i := range f.Reported {
		r := &f.Reported[i]
		if v.closed(r.SourceID) {
			continue
		}
		rows = append(rows, append(f.quantityCells("reported", true, r.Quantity, r.Period), r.Edition, blank(r.DataYear), "", "", "",
			nil, nil, nil, "", nil, "", "", "", r.SourceID, r.Locator, r.Note.ZH, r.Note.EN))
	}
	for _, part := range [][]observatory.Computed{f.Computed, f.Earlier} {
		for i := range part {
			c := &part[i]
			rows = append(rows, append(f.quantityCells("computed", c.Known, c.Quantity, c.Period), "", nil, c.Item, c.ItemTitle.ZH, c.ItemTitle.EN,
				degree(c.Numerator), degree(c.Denominator), c.Records, c.RecordsHash, c.ChangeSeq, c.AsOf, instant(c.ComputedAt), instant(c.SupersededAt), "", "", "", ""))
		}
	}
	return rows
}

func (f *figureSheet) quantityCells(basis string, known bool, q quantity.Quantity, p quantity.Period) sheet.Row {
	var value, high any
	if known {
		value = q.Value
	}
	if known && q.Bound == quantity.Between {
		high = q.High
	}
	return sheet.Row{f.ID, f.Title.ZH, f.Title.EN, basis, string(q.Bound), value, high, string(f.Unit), string(p.Kind), p.Start, p.End}
}

// blank is n, nothing when it is not known.
func blank(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func instant(t db.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
