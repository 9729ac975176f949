package web

import (
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// Value is a quantity as it is set on a page: the number large, what stands
// before it (a bound, a currency) and after it (scale and unit) small.
type Value struct {
	Before string // "≥", "近", "> CNY"
	Number string
	After  string // "亿元", "billion", "%"
	Gap    bool   // After stands apart from the number: "260 亿元" but "49%"
	Exact  string // all digits, shown on hover and carried in the page
	Why    string // for a value that is not known: the reason
}

// Known reports whether there is a value.
func (v Value) Known() bool { return v.Number != "" }

// ValueOf sets a quantity in the reader's language.
func ValueOf(l i18n.Lang, q quantity.Quantity) Value {
	v := splitValue(q.Format(l))
	v.Exact = q.Exact()
	return v
}

// UnknownValue is a value that is not known, and why.
func UnknownValue(why string) Value { return Value{Why: why} }

// splitValue cuts a formatted quantity at its number.
func splitValue(s string) Value {
	from := strings.IndexFunc(s, unicode.IsDigit)
	if from < 0 {
		return Value{Number: s}
	}
	if strings.HasSuffix(s[:from], "−") {
		from -= len("−")
	}
	to := from
	for i, r := range s[from:] {
		if !unicode.IsDigit(r) && !strings.ContainsRune("−–.,", r) {
			break
		}
		to = from + i + len(string(r))
	}
	return Value{Before: strings.TrimSpace(s[:from]), Number: s[from:to], After: strings.TrimSpace(s[to:]), Gap: strings.HasPrefix(s[to:], " ")}
}

var boundOf = map[quantity.Bound]chart.Bound{
	quantity.Exact: chart.Exact, quantity.Above: chart.Least, quantity.AtLeast: chart.Least,
	quantity.Below: chart.Most, quantity.AtMost: chart.Most, quantity.Nearly: chart.Most,
	quantity.About: chart.About, quantity.Between: chart.Range,
}

// PointOf is a quantity as a point of a chart whose values are counted in
// scale of the quantity's unit: 1e8 for 亿元. Label names its period, bar or
// tile; x is its place on a time axis in years.
func PointOf(l i18n.Lang, label string, x float64, q quantity.Quantity, scale float64) chart.Point {
	if scale == 0 {
		scale = 1
	}
	p := chart.Point{Label: label, X: x, Known: true, Bound: boundOf[q.Bound], Value: q.Value / scale}
	if q.Bound == quantity.Between {
		p.Low, p.High = q.Value/scale, q.High/scale
		p.Value = (p.Low + p.High) / 2
		p.Text = chart.Number(p.Low) + "–" + chart.Number(p.High)
		return p
	}
	p.Text = chart.Number(p.Value)
	if v := ValueOf(l, q); v.Before != "" && v.Before != "第" {
		p.Text = boundSign[q.Bound] + p.Text
	}
	return p
}

// boundSign is short enough to stand in a chart in both languages.
var boundSign = map[quantity.Bound]string{
	quantity.Above: "> ", quantity.AtLeast: "≥ ", quantity.Below: "< ", quantity.AtMost: "≤ ",
	quantity.Nearly: "≲ ", quantity.About: "≈ ",
}
