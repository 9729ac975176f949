package web

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// maxBars is how many items of a split figure are drawn; the table has all.
const maxBars = 14

func mostReported(rs []observatory.Reported) float64 {
	most := 0.0
	for i := range rs {
		most = max(most, rs[i].Quantity.Value, rs[i].Quantity.High)
	}
	return most
}

func mostComputed(cs []observatory.Computed) float64 {
	most := 0.0
	for i := range cs {
		most = max(most, cs[i].Quantity.Value, cs[i].Quantity.High)
	}
	return most
}

// computedChart draws bars by item, or a line over the years.
func (f *figureSheet) computedChart(v *reading) (ChartFigure, bool) {
	a := axisOf(v.l, &f.Figure, mostComputed(f.Computed))
	spec := f.spec(v.l, "computed", a)
	spec.Title = i18n.T(v.l, "web.figure.chart_computed", errs.A{"title": f.Title.In(v.l)})
	spec.First = i18n.T(v.l, "web.figure.when")
	var ps []chart.Point
	if f.split() {
		spec.Kind, spec.First = chart.Bar, i18n.T(v.l, "web.figure.by."+f.Dimension)
		ps = f.bars(v.l, a)
	} else {
		spec.Kind = chart.Line
		ps = f.overTime(v.l, a)
	}
	if len(ps) < 2 {
		return ChartFigure{}, false
	}
	spec.Series = []chart.Series{{Points: ps}}
	spec.Desc = span(v.l, ps, a)
	c := ChartFigure{Spec: spec, CSV: "/figures/" + f.ID + "/values.csv", Source: i18n.T(v.l, "web.figure.from_records")}
	if len(f.Computed) > 0 {
		c.Period = i18n.T(v.l, "web.figure.as_of_day", errs.A{"day": i18n.Day(v.l, f.Computed[0].AsOf)})
	}
	return c, true
}

// bars are the items of the last period, the largest first.
func (f *figureSheet) bars(l i18n.Lang, a axis) []chart.Point {
	last := ""
	for i := range f.Computed {
		last = max(last, f.Computed[i].Period.End)
	}
	var ps []chart.Point
	for i := range f.Computed {
		c := &f.Computed[i]
		if c.Period.End != last {
			continue
		}
		label := f.itemName(l, c)
		p := chart.Point{Label: label}
		if c.Known {
			p = PointOf(l, label, 0, counted(l, &f.Figure, c.Quantity), a.scale)
		}
		ps = append(ps, p)
	}
	slices.SortStableFunc(ps, func(x, y chart.Point) int { return cmp.Compare(y.Value, x.Value) })
	return ps[:min(len(ps), maxBars)]
}

// overTime are the values of the figure itself by year.
func (f *figureSheet) overTime(l i18n.Lang, a axis) []chart.Point {
	var ps []chart.Point
	for i := range f.Computed {
		c := &f.Computed[i]
		x, ok := yearsOf(c.Period, "")
		if !ok || slices.ContainsFunc(ps, func(p chart.Point) bool { return p.X == x }) {
			continue
		}
		label := c.Period.End
		if c.Period.Kind == quantity.InYear {
			label = strconv.Itoa(int(x))
		}
		p := chart.Point{Label: label, X: x}
		if c.Known {
			p = PointOf(l, label, x, counted(l, &f.Figure, c.Quantity), a.scale)
		}
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(p, q chart.Point) int { return cmp.Compare(p.X, q.X) })
	return ps
}

// span says in one sentence what a chart shows.
func span(l i18n.Lang, ps []chart.Point, a axis) string {
	first, last := ps[0], ps[len(ps)-1]
	return i18n.T(l, "web.figure.chart_desc", errs.A{"from": first.Label, "to": last.Label, "a": orUnknown(l, first), "b": orUnknown(l, last), "unit": a.unit, "n": len(ps)})
}

func orUnknown(l i18n.Lang, p chart.Point) string {
	if !p.Known {
		return i18n.T(l, "web.unknown")
	}
	return p.Text
}

// sourceNames are the publishers of the reported values, each once.
func (f *figureSheet) sourceNames(v *reading) string {
	var names []string
	for i := range f.Reported {
		if n := v.short(f.Reported[i].SourceID); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) > 2 {
		return i18n.T(v.l, "web.figure.sources_more", errs.A{"first": names[0], "n": len(names)})
	}
	return join(v.l, names)
}

func join(l i18n.Lang, names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += i18n.T(l, "web.figure.and")
		}
		out += n
	}
	return out
}
