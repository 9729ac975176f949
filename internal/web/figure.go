package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// FigurePage is one figure: what it means, every value, and the records behind.
type FigurePage struct {
	Page
	Marked     bool // records behind a value are simulated
	ID         string
	Definition string
	Note       string
	Card       FigureCard
	Differs    Difference
	Facts      []Fact
	Charts     []ChartFigure
	Reported   []ReportedRow
	Computed   []ComputedRow
	Split      string // what the computed values are split by, "" for nothing
	Method     *Method
	Earlier    []ComputedRow
	Readings   []Reading
	Records    RecordList
	Exports    []Link
	Sources    []SourceNote
	Failed     string
	Uncomputed State // where records should tell the value and do not yet
}

// HasYears reports whether a source gives the year of its data.
func (p FigurePage) HasYears() bool {
	return slices.ContainsFunc(p.Reported, func(r ReportedRow) bool { return r.Year != "" })
}

// ComputedTable are the present computed values as a table.
func (p FigurePage) ComputedTable() ComputedTable {
	return ComputedTable{Caption: i18n.T(p.Lang, "web.figure.computed_values"), Split: p.Split, Rows: p.Computed}
}

// EarlierTable are the values that later ones replaced.
func (p FigurePage) EarlierTable() ComputedTable {
	return ComputedTable{Caption: i18n.T(p.Lang, "web.figure.earlier"), Split: p.Split, Past: true, Rows: p.Earlier}
}

// ComputedTable is a table of computed values.
type ComputedTable struct {
	Caption string
	Split   string // head of the column of items, "" for none
	Past    bool   // the values have been replaced
	Rows    []ComputedRow
}

// Dated reports whether the values differ in their periods, or have been
// replaced at different times; a split figure has one period, which stands in
// the head.
func (t ComputedTable) Dated() bool {
	return t.Split == "" || t.Past || slices.ContainsFunc(t.Rows, func(r ComputedRow) bool { return r.When != t.Rows[0].When })
}

// HasParts reports whether a value has a numerator and a denominator.
func (t ComputedTable) HasParts() bool {
	return slices.ContainsFunc(t.Rows, func(r ComputedRow) bool { return r.Parts != "" })
}

// ReportedRow is what one source says.
type ReportedRow struct {
	When    string
	Year    string // of the data, "" where no source gives it
	Value   Value
	Mark    *SourceMark
	Source  Link
	Locator string
	Note    string
}

// ComputedRow is one computed value.
type ComputedRow struct {
	When    string
	Item    string
	Value   Value
	Parts   string // "26 ÷ 53"
	Records string
	Href    string // the records behind it
	Made    string // "2026-01-02 03:04 UTC"
	Until   string // when it was replaced
	Seq     int64
	Current bool
}

// Reading is one of several figures that the same words may mean.
type Reading struct {
	Title    string
	Href     string
	Scope    string
	Reported Value
	Computed Value
	Current  bool
}

func (s *Site) figure(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	book, err := s.figureBook(v.ctx, v)
	if err != nil {
		return err
	}
	f, err := book.sheet(r.PathValue("id"))
	if err != nil {
		return err
	}
	l := v.l
	p := FigurePage{Page: s.Page(r, f.Title.In(l)), ID: f.ID, Definition: f.Definition.In(l), Note: f.Note.In(l), Card: f.card(v), Marked: f.madeUp()}
	p.Failed = f.Failed
	if sheet, err := s.svc.Observatory.Figure(v.ctx, f.ID); err == nil {
		f.Earlier = sheet.Earlier
	} else {
		return err
	}
	p.Crumbs = []Link{{i18n.T(l, "web.room.overview"), "/"}, {i18n.T(l, "web.room.figures"), "/figures"}, {f.GroupTitle.In(l), "/figures?group=" + f.Group}}
	p.Differs = f.differs(l)
	p.Facts = s.figureFacts(v, book, f)
	p.Reported = f.reportedRows(v)
	p.Computed = f.computedRows(l, f.byValue())
	p.Earlier = f.computedRows(l, f.Earlier)
	if f.split() {
		p.Split = i18n.T(l, "web.figure.by."+f.Dimension)
	}
	p.Charts = f.charts(v)
	if p.Method, err = s.figureMethod(v, f, r); err != nil {
		return err
	}
	p.Readings = book.readings(v, f)
	if p.Records, err = s.recordsOf(book, p.Page, f, r.URL.Query()); err != nil {
		return err
	}
	for _, format := range []string{"csv", "xlsx"} {
		p.Exports = append(p.Exports, Link{strings.ToUpper(format), "/figures/" + f.ID + "/values." + format})
	}
	if f.Basis != observatory.BasisReported && f.computed() == nil && len(f.Computed) == 0 {
		p.Uncomputed = State{Kind: "waiting", Heading: i18n.T(l, "web.figure.uncomputed"), Text: i18n.T(l, "web.figure.uncomputed_text")}
	}
	p.Sources = v.notes
	return s.Render(w, r, "figure", p)
}

// figureFacts is the definition in rows: what is counted, of what, when.
func (s *Site) figureFacts(v *reading, book *figureBook, f *figureSheet) []Fact {
	l := v.l
	row := func(key, text string) Fact { return Fact{Label: i18n.T(l, key), Values: []FactValue{{Text: text}}} }
	facts := []Fact{
		row("web.figure.unit", unitText(l, counted(l, &f.Figure, quantity.Of(0, f.Unit)).Unit)),
		row("web.figure.scope", f.Scope.In(l)),
		row("web.figure.flow", i18n.T(l, "web.figure.flow."+string(f.Flow))),
		row("web.figure.period", i18n.T(l, "web.figure.period."+string(f.Period))),
		row("web.figure.basis", i18n.T(l, "web.figure.basis."+string(f.Basis))),
	}
	for _, part := range []struct{ key, id string }{{"web.figure.numerator", f.Numerator}, {"web.figure.denominator", f.Denominator}} {
		if part.id == "" {
			continue
		}
		title := part.id
		if o, err := book.sheet(part.id); err == nil {
			title = o.Title.In(l)
		}
		facts = append(facts, Fact{Label: i18n.T(l, part.key), Values: []FactValue{{Text: title, Href: "/figures/" + part.id}}})
	}
	if f.Body != "" {
		facts = append(facts, row("web.figure.body", f.Body))
	}
	if text, href := s.subject(v, f.Subject); text != "" {
		facts = append(facts, Fact{Label: i18n.T(l, "web.figure.subject"), Values: []FactValue{{Text: text, Href: href}}})
	}
	return append(facts, row("web.figure.id", f.ID))
}

// reportedRows lists what sources say, the latest first.
func (f *figureSheet) reportedRows(v *reading) []ReportedRow {
	var rows []ReportedRow
	for i := range f.Reported {
		r := &f.Reported[i]
		row := ReportedRow{When: periodText(v.l, r.Period), Value: figureValue(v.l, &f.Figure, r.Quantity), Mark: v.mark(r.SourceID),
			Source: Link{v.short(r.SourceID), "/sources/" + r.SourceID}, Locator: r.Locator, Note: r.Note.In(v.l)}
		if r.Edition != "" {
			row.When = editionText(v.l, r.Edition)
		}
		if r.DataYear != 0 {
			row.Year = strconv.Itoa(r.DataYear)
		}
		rows = append(rows, row)
	}
	return rows
}

// computedRows lists computed values.
func (f *figureSheet) computedRows(l i18n.Lang, values []observatory.Computed) []ComputedRow {
	var rows []ComputedRow
	now := f.computed()
	for i := range values {
		c := &values[i]
		row := ComputedRow{When: periodText(l, c.Period), Item: f.itemName(l, c), Value: computedValue(l, &f.Figure, c),
			Records: behind(l, c), Made: i18n.Instant(c.ComputedAt.Time), Seq: c.ChangeSeq, Current: c == now}
		if c.Numerator != nil && c.Denominator != nil {
			row.Parts = i18n.Decimal(*c.Numerator, 2) + " ÷ " + i18n.Decimal(*c.Denominator, 2)
		}
		if !c.SupersededAt.Time.IsZero() {
			row.Until = i18n.Instant(c.SupersededAt.Time)
		} else if c.Records > 0 {
			row.Href = recordsHref(f.ID, c)
		}
		rows = append(rows, row)
	}
	return rows
}

// behind says how many records are behind a value, and how many of them are made
// up.
func behind(l i18n.Lang, c *observatory.Computed) string {
	if c.Simulated == 0 {
		return recordCount(l, c.Records)
	}
	return i18n.T(l, "web.figure.records_simulated", errs.A{"records": recordCount(l, c.Records), "n": c.Simulated})
}

// byValue are the present values: of a split figure the largest first, what
// belongs to no item last; else by period.
func (f *figureSheet) byValue() []observatory.Computed {
	if !f.split() {
		return f.Computed
	}
	out := slices.Clone(f.Computed)
	slices.SortStableFunc(out, func(a, b observatory.Computed) int {
		if x, y := unplaced(&a), unplaced(&b); x != y {
			if x {
				return 1
			}
			return -1
		}
		return cmp.Compare(b.Quantity.Value, a.Quantity.Value)
	})
	return out
}

// charts draws the reported history, and the computed values: by item where
// the figure is split, over time otherwise.
func (f *figureSheet) charts(v *reading) []ChartFigure {
	var out []ChartFigure
	if c, ok := f.reportedChart(v); ok {
		out = append(out, c)
	}
	if c, ok := f.computedChart(v); ok {
		out = append(out, c)
	}
	for i := range out {
		out[i].Number = i + 1
	}
	return out
}

func (f *figureSheet) reportedChart(v *reading) (ChartFigure, bool) {
	a := axisOf(v.l, &f.Figure, mostReported(f.Reported))
	ps := f.history(v.l, a)
	if len(ps) < 2 {
		return ChartFigure{}, false
	}
	spec := f.spec(v.l, "reported", a)
	spec.Kind = chart.Line
	if f.Flow == quantity.Stock || f.ranked() {
		spec.Kind = chart.Step
	}
	spec.Series = []chart.Series{{Points: ps}}
	spec.First = i18n.T(v.l, "web.figure.when")
	spec.Title = i18n.T(v.l, "web.figure.chart_reported", errs.A{"title": f.Title.In(v.l)})
	spec.Desc = span(v.l, ps, a)
	return ChartFigure{Spec: spec, CSV: "/figures/" + f.ID + "/values.csv", Source: f.sourceNames(v), Period: ps[0].Label + "–" + ps[len(ps)-1].Label}, true
}

func (f *figureSheet) spec(l i18n.Lang, kind string, a axis) chart.Spec {
	return chart.Spec{ID: kind + "-" + chartID(f.ID), Unit: a.unit, Unknown: i18n.T(l, "web.unknown"), Rank: f.ranked()}
}
