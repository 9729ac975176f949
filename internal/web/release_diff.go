package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// ReleaseDiffPage explains what one release says otherwise than another.
type ReleaseDiffPage struct {
	Page
	A, B    Link
	Facts   []Fact
	Sum     string
	Form    FilterBar
	Figures []FigureDiff
	Sources []SourceDiff
	Parts   []PartDiff
	Empty   State
}

// FigureDiff is all that changed of one figure.
type FigureDiff struct {
	ID         string
	Title      string
	Href       string
	Kind       string
	Definition []DiffRow
	Method     []DiffRow
	Reported   []DiffRow
	Values     []ValueDiff
}

// ValueDiff is a value that changed, with its causes.
type ValueDiff struct {
	Item      string
	Kind      string
	Before    Value
	After     Value
	Had, Has  bool
	Causes    []CauseLine
	Tone      string
	Icon      string
	Explained string
}

// CauseLine is one cause with some of the records behind it.
type CauseLine struct {
	Text    string
	Records []RecordDiff
	More    string
}

// RecordDiff is one record, before and after.
type RecordDiff struct{ Title, Href, Before, After string }

// SourceDiff is a source that came, went or is described otherwise.
type SourceDiff struct {
	Title, Href, Kind string
	Rows              []DiffRow
}

// PartDiff is what changed of a part of a release, such as a ranking.
type PartDiff struct {
	Title, Kind, Tables string
	Method              []DiffRow
	Results             []ResultDiff
}

// ResultDiff counts the rows of a result that differ.
type ResultDiff struct {
	Name, Text string
	Rows       []DiffRow
}

// sampleShown is how many records of a cause are listed.
const sampleShown = 5

func (s *Site) releaseDiff(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	names := [2]string{r.URL.Query().Get("a"), r.URL.Query().Get("b")}
	for _, n := range names {
		if _, err := s.releaseOf(v, n); err != nil {
			return err
		}
	}
	d, err := s.svc.Releases.Diff(v.ctx, names[0], names[1])
	if err != nil {
		return err
	}
	p := ReleaseDiffPage{Page: s.Page(r, v.say("web.release.diff_title", errs.A{"a": d.A.Title.In(v.l), "b": d.B.Title.In(v.l)}))}
	p.Crumbs = []Link{{v.say("web.room.overview"), "/"}, {v.say("web.room.releases"), "/releases"}}
	p.A, p.B = Link{d.A.Title.In(v.l), "/releases/" + d.A.Name}, Link{d.B.Title.In(v.l), "/releases/" + d.B.Name}
	p.Facts = []Fact{{Label: v.say("web.edition.compare.a"), Values: []FactValue{{Text: d.A.Title.In(v.l), Href: p.A.Href, Note: sideText(v, &d.A)}}}, {Label: v.say("web.edition.compare.b"), Values: []FactValue{{Text: d.B.Title.In(v.l), Href: p.B.Href, Note: sideText(v, &d.B)}}}}
	all, err := s.svc.Releases.List(v.ctx)
	if err != nil {
		return err
	}
	shown := all[:0]
	for _, x := range all {
		if v.maySee(&x) {
			shown = append(shown, x)
		}
	}
	p.Form = releaseCompare(v, shown, names[0], names[1])
	if d.Same {
		p.Empty = State{Kind: "empty", Heading: v.say("web.release.same"), Text: v.say("web.release.same_text")}
		return s.Render(w, r, "release_diff", p)
	}
	values := 0
	for i := range d.Figures {
		f := s.figureDiff(v, &d.Figures[i])
		values += len(f.Values)
		p.Figures = append(p.Figures, f)
	}
	for i := range d.Sources {
		x := &d.Sources[i]
		p.Sources = append(p.Sources, SourceDiff{Title: x.Title.In(v.l), Href: "/sources/" + x.ID, Kind: v.say("web.release.kind." + string(x.Kind)), Rows: fieldRows(x.Fields)})
	}
	for i := range d.Parts {
		p.Parts = append(p.Parts, partDiff(v, &d.Parts[i]))
	}
	if len(p.Figures)+len(p.Sources)+len(p.Parts) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("web.release.no_change"), Text: v.say("web.release.no_change_text")}
		return s.Render(w, r, "release_diff", p)
	}
	p.Sum = v.say("web.release.diff_sum", errs.A{"figures": len(p.Figures), "values": values, "sources": len(p.Sources), "parts": len(p.Parts)})
	return s.Render(w, r, "release_diff", p)
}

func sideText(v *reading, x *release.Side) string {
	return v.say("web.release.side", errs.A{"day": i18n.Day(v.l, x.Day), "seq": x.ChangeSeq})
}

func (s *Site) figureDiff(v *reading, f *release.FigureChange) FigureDiff {
	out := FigureDiff{ID: chartID(f.Figure), Title: f.Title.In(v.l), Href: "/figures/" + f.Figure, Kind: v.say("web.release.kind." + string(f.Kind)), Definition: fieldRows(f.Definition), Method: fieldRows(f.Method)}
	for i := range f.Reported {
		out.Reported = append(out.Reported, reportedDiff(v, &f.Reported[i]))
	}
	by := ""
	if x, err := s.svc.Observatory.Definition(v.ctx, f.Figure); err == nil { // a figure may be gone since
		by = x.Dimension
	}
	for i := range f.Values {
		x := valueDiff(v, &f.Values[i])
		if x.Item != "" && x.Item == f.Values[i].Item {
			x.Item = word(v.l, by, x.Item)
		}
		out.Values = append(out.Values, x)
	}
	return out
}

func fieldRows(fields []release.FieldChange) []DiffRow {
	var out []DiffRow
	for _, f := range fields {
		out = append(out, DiffRow{Field: f.Field, Before: cut(f.Before, 1200), After: cut(f.After, 1200), Kind: string(release.Changed)})
	}
	return out
}

func reportedDiff(v *reading, c *release.ReportedChange) DiffRow {
	row := DiffRow{Kind: string(c.Kind)}
	for side, r := range []*string{&row.Before, &row.After} {
		x := c.Before
		if side == 1 {
			x = c.After
		}
		if x == nil {
			continue
		}
		row.Field = v.short(x.SourceID)
		*r = plain(ValueOf(v.l, x.Quantity)) + v.say("web.figure.comma") + periodText(v.l, x.Period)
	}
	return row
}

func valueDiff(v *reading, c *release.ValueChange) ValueDiff {
	out := ValueDiff{Item: c.ItemTitle.In(v.l), Kind: v.say("web.release.kind." + string(c.Kind))}
	if out.Item == "" || out.Item == c.Item {
		out.Item = c.Item
	}
	if c.Before != nil {
		out.Had, out.Before = true, frozenValue(v.l, c.Before)
	}
	if c.After != nil {
		out.Has, out.After = true, frozenValue(v.l, c.After)
	}
	for i := range c.Causes {
		out.Causes = append(out.Causes, causeLine(v, &c.Causes[i]))
	}
	out.Tone, out.Icon, out.Explained = "ok", "check", v.say("web.release.explained")
	if !c.Explained {
		out.Tone, out.Icon, out.Explained = "care", "question", v.say("web.release.unexplained")
	}
	return out
}

func frozenValue(l i18n.Lang, x *release.Value) Value {
	if !x.Known {
		return UnknownValue(i18n.T(l, "web.figure.not_told"))
	}
	return ValueOf(l, x.Quantity)
}

func causeLine(v *reading, c *release.Cause) CauseLine {
	out := CauseLine{Text: c.Text(v.l)}
	for i := range c.Sample {
		if i == sampleShown {
			break
		}
		x := RecordDiff{}
		for side, line := range []*release.Line{c.Sample[i].Before, c.Sample[i].After} {
			if line == nil {
				continue
			}
			x.Title, x.Href = i18n.Text{ZH: line.TitleZH, EN: line.TitleEN}.In(v.l), recordPath(line.Kind, line.ID)
			if x.Title == "" {
				x.Title = line.ID
			}
			weight := line.Weight
			if line.Base != "" {
				weight += " / " + line.Base
			}
			if side == 0 {
				x.Before = weight
			} else {
				x.After = weight
			}
		}
		out.Records = append(out.Records, x)
	}
	if rest := c.Count - len(out.Records); rest > 0 && len(out.Records) > 0 {
		out.More = v.say("web.release.more_records", errs.A{"n": rest})
	}
	return out
}

func partDiff(v *reading, c *release.PartChange) PartDiff {
	out := PartDiff{Title: c.Title.In(v.l), Kind: v.say("web.release.kind." + string(c.Kind)), Method: fieldRows(c.Method)}
	if n := len(c.Tables); n > 0 {
		out.Tables = v.say("web.release.tables_differ", errs.A{"names": join(v.l, c.Tables)})
	}
	for i := range c.Results {
		x := &c.Results[i]
		r := ResultDiff{Name: x.Statement, Text: v.say("web.release.rows_differ", errs.A{"added": x.Added, "removed": x.Removed, "changed": x.Changed})}
		for _, row := range x.Sample {
			for _, f := range row.Fields {
				r.Rows = append(r.Rows, DiffRow{Field: row.Key + " " + f.Field, Before: f.Before, After: f.After, Kind: string(row.Kind)})
			}
			if len(row.Fields) == 0 {
				r.Rows = append(r.Rows, DiffRow{Field: row.Key, After: v.say("web.release.kind." + string(row.Kind)), Kind: string(row.Kind)})
			}
		}
		out.Results = append(out.Results, r)
	}
	return out
}

// ReleaseChart draws the charts of a release's report with the charts of the
// pages; it is a release.Draw.
func ReleaseChart(c release.Chart) (string, error) {
	spec := chart.Spec{Kind: chart.Line, ID: c.ID, Title: c.Title, Desc: c.Desc, Unit: c.Unit, First: c.First, Unknown: c.Unknown, Rank: c.Rank}
	if c.Kind == release.BarChart {
		spec.Kind = chart.Bar
	}
	var points []chart.Point
	for _, p := range c.Points {
		x := chart.Point{Label: p.Label, X: p.X, Known: p.Known, Value: p.Value, Bound: boundOf[p.Bound], Text: p.Text}
		if p.Bound == quantity.Between {
			x.Low, x.High = p.Low, p.High
		}
		points = append(points, x)
	}
	spec.Series = []chart.Series{{Points: points}}
	width := c.Width
	if width == 0 {
		width = wide
	}
	return spec.Draw(width, "")
}
