package release

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Draw draws a chart as one SVG element. The program's own charts live above
// this room and are handed in; the marks carry the classes that report.css
// knows.
type Draw func(Chart) (string, error)

// ChartKind selects the drawing.
type ChartKind string

// The kinds.
const (
	LineChart ChartKind = "line" // over time
	BarChart  ChartKind = "bar"  // from zero, the longest first
)

// Chart is a drawing of values in the reader's language.
type Chart struct {
	Kind    ChartKind
	ID      string // unique on the page, [a-z0-9-]
	Title   string
	Desc    string // one sentence that says what it shows
	Unit    string
	First   string // what the labels are
	Unknown string // the word for what is not known
	Rank    bool   // 1 stands on top
	Width   int    // CSS pixels
	Points  []ChartPoint
}

// ChartPoint is one value of a chart, in the chart's unit.
type ChartPoint struct {
	Label string
	X     float64 // in years, for a line
	Known bool
	Bound quantity.Bound
	Value float64
	Low   float64 // of a range
	High  float64
	Text  string // as a reader sees it, without unit
}

// maxBars is how many items are drawn; the table has all.
const maxBars = 14

// axis is the scale and the unit of a chart's values.
func axis(l i18n.Lang, f *observatory.Figure, most float64) (scale float64, unit string) {
	name := strings.TrimSpace(strings.Trim(quantity.Of(1, f.Unit).Format(l), "0123456789 "))
	money := f.Unit.Dimension() == quantity.DimMoney
	if f.Unit.Dimension() == quantity.DimCount {
		name = f.Counter.In(l)
	}
	if !money && f.Unit.Dimension() != quantity.DimCount {
		return 1, name
	}
	steps := []struct {
		at     float64
		zh, en string
	}{{1e9, "亿", "billion"}, {1e8, "亿", "million"}, {1e6, "万", "million"}, {1e4, "万", ""}}
	for _, s := range steps {
		if most < s.at {
			continue
		}
		if l == i18n.EN && s.en != "" {
			scale = map[string]float64{"billion": 1e9, "million": 1e6}[s.en]
			return scale, strings.TrimSpace(name + " " + s.en)
		}
		if l == i18n.ZH {
			return map[string]float64{"亿": 1e8, "万": 1e4}[s.zh], s.zh + name
		}
	}
	return 1, name
}

var signs = map[quantity.Bound]string{quantity.Above: "> ", quantity.AtLeast: "≥ ", quantity.Below: "< ", quantity.AtMost: "≤ ", quantity.Nearly: "≲ ", quantity.About: "≈ "}

func pointOf(label string, q quantity.Quantity, scale float64) ChartPoint {
	p := ChartPoint{Label: label, Known: true, Bound: q.Bound, Value: q.Value / scale}
	if q.Bound == quantity.Between {
		p.Low, p.High = q.Value/scale, q.High/scale
		p.Value = (p.Low + p.High) / 2
		p.Text = i18n.Decimal(p.Low, 2) + "–" + i18n.Decimal(p.High, 2)
		return p
	}
	p.Text = signs[q.Bound] + i18n.Decimal(p.Value, 2)
	return p
}

// whenOf is a period on an axis of years; false for one without a day.
func whenOf(p quantity.Period) (float64, string, bool) {
	if p.Kind == quantity.InYear {
		y := p.Year()
		return float64(y), strconv.Itoa(y), y != 0
	}
	day, err := time.Parse(time.DateOnly, p.End)
	if err != nil {
		return 0, "", false
	}
	return float64(day.Year()) + float64(day.YearDay())/366, p.End, true
}

// charts are the drawings of a figure: what sources report over time, and what
// is computed, over time or by item. They are never laid over each other.
func charts(l i18n.Lang, b *observatory.Book, f *observatory.Figure, n int) []Chart {
	var out []Chart
	add := func(c Chart, key string) {
		if len(c.Points) < 2 {
			return
		}
		c.ID, c.Width, c.Unknown = "c"+strconv.Itoa(n)+"-"+strconv.Itoa(len(out)), 640, i18n.T(l, "release.page.unknown")
		c.Title = i18n.T(l, key, errs.A{"title": f.Title})
		first, last := c.Points[0], c.Points[len(c.Points)-1]
		c.Desc = i18n.T(l, "release.page.chart_desc", errs.A{"n": len(c.Points), "from": first.Label, "to": last.Label, "a": known(c, first), "b": known(c, last), "unit": c.Unit})
		c.Rank = f.Unit.Dimension() == quantity.DimRank
		out = append(out, c)
	}
	most := 0.0
	reported := b.Reported[f.ID]
	for i := range reported {
		most = max(most, math.Abs(reported[i].Quantity.Value), math.Abs(reported[i].Quantity.High))
	}
	scale, unit := axis(l, f, most)
	add(Chart{Kind: LineChart, Unit: unit, First: i18n.T(l, "release.page.period"), Points: reportedLine(b.Card(f).Spark, f, scale)}, "release.page.chart_reported")

	computed := b.Computed[f.ID]
	most = 0
	for i := range computed {
		most = max(most, math.Abs(computed[i].Quantity.Value))
	}
	scale, unit = axis(l, f, most)
	if f.Dimension != "" && f.Dimension != "year" {
		add(Chart{Kind: BarChart, Unit: unit, First: i18n.T(l, "release.page.item"), Points: bars(l, computed, scale)}, "release.page.chart_computed")
		return out
	}
	add(Chart{Kind: LineChart, Unit: unit, First: i18n.T(l, "release.page.period"), Points: computedLine(computed, scale)}, "release.page.chart_computed")
	return out
}

func known(c Chart, p ChartPoint) string {
	if !p.Known {
		return c.Unknown
	}
	return p.Text
}

// reportedLine are the points of a card that were reported, one per day.
func reportedLine(points []observatory.Point, f *observatory.Figure, scale float64) []ChartPoint {
	var out []ChartPoint
	if f.Basis == observatory.BasisComputed {
		return nil
	}
	for _, p := range points {
		x, label, ok := whenOf(p.Period)
		if !ok || slices.ContainsFunc(out, func(o ChartPoint) bool { return o.X == x }) {
			continue
		}
		point := pointOf(label, p.Quantity, scale)
		point.X = x
		out = append(out, point)
	}
	slices.SortFunc(out, func(a, b ChartPoint) int { return cmp.Compare(a.X, b.X) })
	return out
}

func computedLine(values []observatory.Computed, scale float64) []ChartPoint {
	var out []ChartPoint
	for i := range values {
		v := &values[i]
		x, label, ok := whenOf(v.Period)
		if !ok || slices.ContainsFunc(out, func(o ChartPoint) bool { return o.X == x }) {
			continue
		}
		p := ChartPoint{Label: label}
		if v.Known {
			p = pointOf(label, v.Quantity, scale)
		}
		p.X = x
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b ChartPoint) int { return cmp.Compare(a.X, b.X) })
	return out
}

// bars are the items of the last period, the largest first.
func bars(l i18n.Lang, values []observatory.Computed, scale float64) []ChartPoint {
	last := ""
	for i := range values {
		last = max(last, values[i].Period.End)
	}
	var out []ChartPoint
	for i := range values {
		v := &values[i]
		if v.Period.End != last || !v.Known {
			continue
		}
		out = append(out, pointOf(itemName(l, v), v.Quantity, scale))
	}
	slices.SortStableFunc(out, func(a, b ChartPoint) int { return cmp.Compare(b.Value, a.Value) })
	return out[:min(len(out), maxBars)]
}

func itemName(l i18n.Lang, v *observatory.Computed) string {
	return cmp.Or(v.ItemTitle.In(l), v.Item, i18n.T(l, "release.page.no_item"))
}
