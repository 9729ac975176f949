package web

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// funcs are what templates may call, bound to one language.
//
//	t "web.key" "name" value …  message with its placeholders filled
//	text .Name                  bilingual text
//	value .Quantity             quantity as a Value
//	num .Count                  whole number with separators
//	day "2024-04-22"            date in running text
//	asset "kapok.css"           address of a static file
//	icon "check"                small drawing, hidden from screen readers
//	chart .Spec                 the SVG at two widths, the style sheet shows one
//	spark .Spec                 sparkline of a card
//	lines .Text                 text cut at line ends
//	soft .Name                  long name with places to break (after marks)
//	matchcase . .Row            a match with the page it stands on
func (s *Site) funcs(l i18n.Lang) template.FuncMap {
	return template.FuncMap{
		"t":     func(key string, pairs ...any) (string, error) { return message(l, key, pairs) },
		"text":  func(t i18n.Text) string { return t.In(l) },
		"value": func(q quantity.Quantity) Value { return ValueOf(l, q) },
		"num":   number,
		"day":   func(iso string) string { return i18n.Day(l, iso) },
		"asset": s.assetURL,
		"icon":  icon,
		"chart": drawChart,
		"spark": drawSpark,
		"table": func(c chart.Spec) chart.Table { return c.Table() },
		"lines": func(t string) []string { return strings.Split(t, "\n") },
		"soft":  soft,

		"matchcase": func(p MatchPage, r MatchRow) MatchCase { return MatchCase{p, r} },
	}
}

func message(l i18n.Lang, key string, pairs []any) (string, error) {
	if len(pairs)%2 != 0 {
		return "", fmt.Errorf("message %s: a placeholder has no value", key)
	}
	args := errs.A{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return "", fmt.Errorf("message %s: placeholder %v is not a name", key, pairs[i])
		}
		args[name] = pairs[i+1]
	}
	return i18n.T(l, key, args), nil
}

func number(v any) (string, error) {
	switch v := v.(type) {
	case int:
		return i18n.Integer(int64(v)), nil
	case int64:
		return i18n.Integer(v), nil
	}
	return "", fmt.Errorf("num: %T is not a whole number", v)
}

// Widths of charts: the narrow one is for a phone, so that text keeps its size.
const (
	wide   = 600
	narrow = 320
)

func drawChart(s chart.Spec) (template.HTML, error) {
	a, err := s.Draw(wide, "-w")
	if err != nil {
		return "", err
	}
	b, err := s.Draw(narrow, "-n")
	if err != nil {
		return "", err
	}
	return template.HTML(`<div class="wide">` + a + `</div><div class="narrow">` + b + `</div>`), nil //nolint:gosec // chart escapes all text
}

// drawSpark leaves the sparkline out of the reading order: the card says it.
func drawSpark(s chart.Spec) (template.HTML, error) {
	s.Kind = chart.Spark
	svg, err := s.Draw(160, "")
	if err != nil {
		return "", err
	}
	return template.HTML(`<span class="spark" aria-hidden="true">` + svg + `</span>`), nil //nolint:gosec // chart escapes all text
}

// soft lets a long name break after the marks that part it.
func soft(s string) template.HTML {
	e := template.HTMLEscapeString(s)
	for _, mark := range []string{"（", "）", "·", "/", "_", "-"} {
		e = strings.ReplaceAll(e, mark, mark+"<wbr>")
	}
	return template.HTML(e) //nolint:gosec // escaped above
}

// icons are drawn on a 16 px square with a line of 1.6.
var icons = map[string]string{
	"check":    "M3 8.5l3.2 3.2L13 4.8",
	"cross":    "M4 4l8 8M12 4l-8 8",
	"differ":   "M3 6h10M3 10h10M10.5 3l-5 10",
	"within":   "M4 3l8 4-8 4M4 14h8",
	"question": "M5.8 6a2.3 2.3 0 1 1 3.4 2c-.8.5-1.2.9-1.2 1.8M8 12.4v.2",
	"warning":  "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.2",
	"lock":     "M4 7.5h8v6H4zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2",
	"search":   "M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2L14 14",
	"next":     "M6 3l5 5-5 5",
	"file":     "M4 2h5l3 3v9H4zM9 2v3h3",
	"up":       "M8 13V3.5M4 7l4-4 4 4",
	"down":     "M8 3v9.5M4 9l4 4 4-4",
	"same":     "M3 8h10",
	"person":   "M8 2.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM3 14c0-2.8 2.2-4.2 5-4.2s5 1.4 5 4.2",
	"empty":    "M3 3h10v10H3zM3 6.5h10M6.5 6.5V13",
	"clock":    "M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3.2l2 1.6",
}

func icon(name string) (template.HTML, error) {
	d, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="` + d + `"/></svg>`), nil //nolint:gosec // constant
}
