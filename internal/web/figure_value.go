package web

import (
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// counted gives a plain count the counter word of its figure, so that it reads
// "26 项" and "26 projects".
func counted(l i18n.Lang, f *observatory.Figure, q quantity.Quantity) quantity.Quantity {
	if q.Unit == quantity.Count {
		q.Unit = quantity.CountOf(f.Counter.In(l))
	}
	return q
}

// figureValue sets a quantity of the figure.
func figureValue(l i18n.Lang, f *observatory.Figure, q quantity.Quantity) Value {
	return ValueOf(l, counted(l, f, q))
}

// computedValue sets a computed value, or says why it has none.
func computedValue(l i18n.Lang, f *observatory.Figure, c *observatory.Computed) Value {
	if c == nil || !c.Known {
		return UnknownValue(i18n.T(l, "web.figure.not_told"))
	}
	return figureValue(l, f, c.Quantity)
}

// when is the period of a reported value as its source gives it: the
// edition first where there is one, and the year of its data where that differs.
func when(l i18n.Lang, edition string, dataYear int, p quantity.Period) string {
	parts := []string{}
	if edition != "" {
		parts = append(parts, editionText(l, edition))
	}
	if dataYear != 0 && strconv.Itoa(dataYear) != edition {
		parts = append(parts, i18n.T(l, "web.figure.data_year", errs.A{"year": strconv.Itoa(dataYear)}))
	} else if edition == "" || p.Year() != 0 && !strings.HasPrefix(edition, strconv.Itoa(p.Year())) {
		parts = append(parts, periodText(l, p))
	}
	return strings.Join(parts, i18n.T(l, "web.figure.comma"))
}

func editionText(l i18n.Lang, edition string) string {
	return i18n.T(l, "web.figure.edition_of", errs.A{"edition": edition})
}

// periodText writes a period; one whose days no source gives says so with its
// kind kept: "截至日不详" is not the same as "期间不详".
func periodText(l i18n.Lang, p quantity.Period) string {
	if !p.Known() && p.Kind != "" && p.Kind != quantity.NoPeriod {
		return i18n.T(l, "web.figure.undated."+string(p.Kind))
	}
	if p.Kind == quantity.AsOf && p.Start != "" && p.End == "" {
		return i18n.T(l, "web.figure.since", errs.A{"day": i18n.Day(l, p.Start)})
	}
	return p.String(l)
}

// yearsOf is where a value stands on the time axis, in years; false when no
// source dates it.
func yearsOf(p quantity.Period, edition string) (float64, bool) {
	day := edition // before the period: ranks of two editions can rest on data of one year
	if len(day) < 4 {
		day = p.End
	}
	if len(day) < 4 {
		return 0, false
	}
	year, err := strconv.Atoi(day[:4])
	if err != nil {
		return 0, false
	}
	if p.Kind == quantity.InYear || len(day) < 7 {
		return float64(year), true
	}
	month, err := strconv.Atoi(day[5:7])
	if err != nil || month < 1 || month > 12 {
		return float64(year), true
	}
	return float64(year) + float64(month-1)/12, true
}

// axis is the unit in which a chart or a column of a figure counts: 亿元 and
// not 元, so that no number has more digits than a reader takes in.
type axis struct {
	scale float64
	unit  string
}

func axisOf(l i18n.Lang, f *observatory.Figure, most float64) axis {
	q := counted(l, f, quantity.Of(0, f.Unit))
	name := unitText(l, q.Unit)
	if d := f.Unit.Dimension(); d != quantity.DimMoney && d != quantity.DimCount {
		return axis{1, name}
	}
	steps := []struct {
		scale  float64
		zh, en string
	}{{1e12, "万亿", "trillion"}, {1e8, "亿", ""}, {1e9, "", "billion"}, {1e6, "", "million"}, {1e4, "万", ""}}
	for _, s := range steps {
		word := s.zh
		if l == i18n.EN {
			word = s.en
		}
		if word == "" || most < s.scale {
			continue
		}
		if l == i18n.EN {
			return axis{s.scale, strings.TrimSpace(name + " " + word)}
		}
		return axis{s.scale, word + name}
	}
	return axis{1, name}
}

// unitText names a unit alone: 元, %, 位.
func unitText(l i18n.Lang, u quantity.Unit) string {
	switch {
	case u.Base() == quantity.Rank:
		return i18n.T(l, "web.figure.place")
	case u.Base() == quantity.RankShare:
		return i18n.T(l, "web.figure.rank_share")
	case u.Counter() != "":
		return u.Counter()
	case u == quantity.None:
		return i18n.T(l, "web.figure.bare")
	case u == quantity.Count:
		return i18n.T(l, "web.figure.pieces")
	}
	v := ValueOf(l, quantity.Of(1, u))
	return strings.TrimSpace(v.Before + v.After)
}

func signed(v float64, digits int) string {
	s := i18n.Decimal(v, digits)
	if v > 0 {
		s = "+" + s
	}
	return s
}

// plain is a value as running text.
func plain(v Value) string {
	if !v.Known() {
		return v.Why
	}
	s := strings.TrimSpace(v.Before + " " + v.Number)
	if v.Gap {
		s += " "
	}
	return s + v.After
}

// history is the series that the observatory makes of the reported values: one
// point for each period. What no source dates has no place on it.
func (f *figureSheet) history(l i18n.Lang, a axis) []chart.Point {
	var ps []chart.Point
	if !f.reported() {
		return nil
	}
	for _, p := range f.Card.Spark {
		if x, ok := yearsOf(p.Period, p.Edition); ok {
			ps = append(ps, PointOf(l, pointLabel(p, x), x, counted(l, &f.Figure, p.Quantity), a.scale))
		}
	}
	return ps
}

func pointLabel(p observatory.Point, x float64) string {
	switch {
	case p.Edition != "":
		return p.Edition
	case p.Period.Kind == quantity.InYear:
		return strconv.Itoa(int(x))
	}
	return p.Period.End
}

// recordCount words how many records stand behind a value.
func recordCount(l i18n.Lang, n int64) string {
	if n == 1 {
		return i18n.T(l, "web.figure.one_record")
	}
	return i18n.T(l, "web.figure.n_records", errs.A{"n": n})
}
