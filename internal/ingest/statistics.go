package ingest

import (
	"cmp"
	"context"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/sheet"
)

// statisticsTarget is the form on which a bureau states its yearly figures: a
// figure by its number or its title, one period, and a value as people write
// it, with its bound and unit ("超1.3万", 家).
var statisticsTarget = Target{Name: "statistics", Label: i18n.Text{ZH: "统计填报表", EN: "Statistics form"}, build: buildStatistic, Fields: []Field{
	must(field("figure", "指标编号", "Figure", "rd.expenditure.guangzhou", "指标", "指标名称", "figure id", "indicator")),
	field("title", "指标全称", "Title", ""),
	field("definition", "口径", "Definition", ""),
	field("period", "期间", "Period", "2024", "年份", "年度", "时间", "截至日期", "year", "as of"),
	field("value", "数值", "Value", "1043.98", "值", "数", "amount"),
	field("unit", "单位", "Unit", "亿元", "计量单位"),
	field("edition", "版次", "Edition", ""),
	field("locator", "出处位置", "Locator", "", "页码", "段落", "page"),
	sourceField, noteZH, noteEN,
}}

// buildStatistic makes a reported value of a row of the form. A row without a
// value states nothing, which is not zero: it is passed over.
func buildStatistic(b *builder, r *record) {
	f := b.figure(r)
	if f == nil {
		return
	}
	if r.get("value") == "" && !r.checked["value"] {
		r.blank, r.id = true, "" // left open on the form
		return
	}
	v := observatory.Reported{FigureID: f.ID, Edition: r.get("edition"), SourceID: b.source(r), Locator: r.get("locator"), Note: note(r)}
	v.Quantity, v.Period = r.amount(f), r.period(f)
	if len(r.faults) > 0 {
		return
	}
	r.observed(v.Validate())
	v.ID = v.Key()
	r.result, r.id = v, "reported:"+v.ID
}

// figure finds the figure that a row names by id or by title. One that is only
// computed takes no reported value.
func (b *builder) figure(r *record) *observatory.Figure {
	if b.figures == nil {
		b.figures = map[string]*observatory.Figure{}
		all, err := observatory.New(b.j.s.d, nil, observatory.Config{}).Figures(b.ctx, observatory.Filter{})
		if err != nil {
			b.fail(err)
			return nil
		}
		for i := range all {
			f := &all[i]
			b.figures[f.ID] = f
			for _, title := range []string{f.Title.ZH, f.Title.EN} {
				if key := "title:" + fold.Name(title); b.figures[key] == nil {
					b.figures[key] = f
				} else {
					b.figures[key] = &observatory.Figure{} // two of one title: only the id tells them apart
				}
			}
		}
	}
	text := r.get("figure")
	f := cmp.Or(b.figures[text], b.figures["title:"+fold.Name(text)])
	switch {
	case f == nil || f.ID == "":
		r.bad("ingest.no_figure", "figure", errs.A{"value": text})
		return nil
	case f.Basis == observatory.BasisComputed && r.get("value") != "":
		r.bad("ingest.figure_computed", "value", errs.A{"figure": f.ID, "from": strings.Join(slices.DeleteFunc(append([]string{f.Numerator, f.Denominator}, f.Compute.Of...), func(s string) bool { return s == "" }), ", ")})
		return nil
	}
	return f
}

// amount reads value and unit as one text and turns it into the unit of the
// figure. Money and ratios must say their unit: 3.12 may be a percentage or a
// multiple, 881.72 yuan or hundreds of millions of them.
func (r *record) amount(f *observatory.Figure) quantity.Quantity {
	text := r.get("value") + r.get("unit")
	found := quantity.Find(text)
	if len(found) != 1 || found[0].Start != 0 || found[0].End != len(text) {
		r.bad("ingest.bad_amount", "value", errs.A{"value": text})
		return quantity.Quantity{}
	}
	q := found[0].Quantity
	if q.Unit == quantity.None {
		if d := f.Unit.Dimension(); d == quantity.DimMoney || d == quantity.DimRatio {
			r.bad("ingest.unit_missing", "unit", errs.A{"figure": f.ID, "unit": string(f.Unit)})
		}
		q.Unit = f.Unit
	}
	out, err := q.In(f.Unit)
	if err != nil {
		r.bad("ingest.unit_differs", "unit", errs.A{"figure": f.ID, "unit": string(f.Unit), "value": r.get("unit")})
	}
	return out
}

var (
	oneYear  = regexp.MustCompile(`^(\d{4})年?$`)
	yearEnd  = regexp.MustCompile(`^(\d{4})年[底末]$`)
	twoYears = regexp.MustCompile(`^(\d{4})年?\s*(?:-|–|—|至|~)\s*(\d{4})年?$`)
)

// period reads the period as the figure needs it. A stock is of a day and a
// flow of a year: the number of certificates in force at the end of 2024 and
// the number issued in 2024 must not fall into one row.
func (r *record) period(f *observatory.Figure) quantity.Period {
	text := r.get("period")
	if m := yearEnd.FindStringSubmatch(text); m != nil {
		text = m[1] + "-12-31"
	}
	p := quantity.Period{Kind: f.Period, Flow: f.Flow}
	year, span := oneYear.FindStringSubmatch(text), twoYears.FindStringSubmatch(text)
	switch {
	case f.Period == quantity.NoPeriod:
	case text == "":
		r.bad("ingest.empty_cell", "period")
	case year != nil && f.Period == quantity.InYear:
		n, _ := strconv.Atoi(year[1])
		p = quantity.YearOf(n)
		p.Flow = f.Flow
	case span != nil && f.Period != quantity.InYear && f.Period != quantity.AsOf:
		p.Start, p.End = span[1]+"-01-01", span[2]+"-12-31"
	case year == nil && f.Period != quantity.InYear:
		if p.End = r.dayOf(text); p.End != "" && len(p.End) < len("2006-01-02") {
			r.bad("ingest.bad_period_"+string(quantity.AsOf), "period", errs.A{"value": text, "figure": f.ID})
		}
	case f.Period == quantity.InYear:
		r.bad("ingest.bad_period_year", "period", errs.A{"value": text, "figure": f.ID})
	default:
		r.bad("ingest.bad_period_"+string(quantity.AsOf), "period", errs.A{"value": text, "figure": f.ID})
	}
	return p
}

// dayOf reads a day from a text that may say "截至" before it.
func (r *record) dayOf(text string) string {
	text = strings.TrimPrefix(strings.TrimPrefix(text, "截至"), "截止")
	if iso, ok := parseDay(text); ok {
		return iso
	}
	r.bad("ingest.bad_day", "period", errs.A{"value": text})
	return ""
}

// WriteForm writes the form of statistics with one row for each figure that
// takes reported values, its value open, in the groups named or in all. Filled
// in, it is a file for the target "statistics"; rows left open change nothing.
func (s *Service) WriteForm(ctx context.Context, w io.Writer, format sheet.Format, l i18n.Lang, groups ...string) error {
	all, err := observatory.New(s.d, nil, observatory.Config{}).Figures(ctx, observatory.Filter{})
	if err != nil {
		return err
	}
	var head []string
	for _, f := range statisticsTarget.Fields {
		head = append(head, f.Label.In(l))
	}
	return sheet.Write(w, format, head, func(yield func(sheet.Row, error) bool) {
		for i := range all {
			f := &all[i]
			if f.Basis == observatory.BasisComputed || f.Dimension != "" || len(groups) > 0 && !slices.Contains(groups, f.Group) {
				continue
			}
			row := make(sheet.Row, len(head))
			row[0], row[1], row[2], row[5] = f.ID, f.Title.In(l), f.Definition.In(l), formUnit(f, l)
			if !yield(row, nil) {
				return
			}
		}
	})
}

// formUnit is the unit that a form suggests for a figure.
func formUnit(f *observatory.Figure, l i18n.Lang) string {
	switch {
	case f.Unit == quantity.CNY && l == i18n.ZH:
		return "亿元"
	case f.Unit == quantity.CNY:
		return "CNY"
	case f.Unit == quantity.Percent:
		return "%"
	case f.Unit.Base() == quantity.Count && l == i18n.ZH:
		return f.Counter.ZH
	}
	return ""
}
