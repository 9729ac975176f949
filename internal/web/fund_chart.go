package web

import (
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// mostSteps is how many days a chart of flows shows; beyond it, months.
const mostSteps = 24

// flowChart draws what was paid in and given back, added up; nil with fewer
// than two days of flows.
func (v *fundReading) flowChart(x *fund.Sheet) *ChartFigure {
	label := func(day string) string { return day }
	if flowDays(x.Flows, label) > mostSteps {
		label = func(day string) string { return day[:len("2006-01")] }
	}
	if flowDays(x.Flows, label) > mostSteps {
		label = func(day string) string { return day[:len("2006")] }
	}
	var paid, back money.Fen
	in, out := chart.Series{Name: v.say("funds.n.paid")}, chart.Series{Name: v.say("funds.n.distributed")}
	for i, f := range x.Flows {
		if f.Amount < 0 {
			paid -= f.Amount
		} else {
			back += f.Amount
		}
		if i+1 < len(x.Flows) && label(x.Flows[i+1].Day) == label(f.Day) {
			continue // the last of the day or month stands for it
		}
		at := flowYear(f.Day)
		in.Points = append(in.Points, v.flowPoint(label(f.Day), at, paid))
		out.Points = append(out.Points, v.flowPoint(label(f.Day), at, back))
	}
	if len(in.Points) < 2 {
		return nil
	}
	first, last := x.Flows[0].Day, x.Flows[len(x.Flows)-1].Day
	spec := chart.Spec{Kind: chart.Step, ID: "flows", Title: v.say("funds.chart", errs.A{"name": x.Fund.Name.In(v.l)}), Unit: v.unitWord(), First: v.say("funds.col.day"), Unknown: v.say("web.unknown"),
		Desc: v.say("funds.chart_is", errs.A{"from": first, "to": last, "paid": v.in(paid), "back": v.in(back)}), Series: []chart.Series{in, out}}
	return &ChartFigure{Spec: spec, Number: 1, Source: v.say("funds.from_events"), Period: first + "–" + last, Simulated: x.Simulated}
}

func flowDays(list []fund.Flow, label func(string) string) int {
	var seen []string
	for _, f := range list {
		if d := label(f.Day); !slices.Contains(seen[max(0, len(seen)-1):], d) { // in the order of the days
			seen = append(seen, d)
		}
	}
	return len(seen)
}

func (v *fundReading) flowPoint(label string, at float64, f money.Fen) chart.Point {
	return chart.Point{Label: label, X: at, Known: true, Value: float64(f) / float64(v.unit.scale), Text: scaled(f, v.unit.scale)}
}

// flowYear is a day as a place on an axis of years.
func flowYear(day string) float64 {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return float64(t.Year()) + float64(t.YearDay()-1)/366
}
