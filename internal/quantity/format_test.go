package quantity

import (
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	step := func(q Quantity, s float64) Quantity { q.Step = s; return q }
	for _, c := range []struct {
		q             Quantity
		zh, en, exact string
	}{
		{With(AtLeast, 260e8, CNY), "≥ 260 亿元", "≥ CNY 26 billion", "26000000000"},
		{With(Above, 260e8, CNY), "> 260 亿元", "> CNY 26 billion", "26000000000"},
		{step(With(About, 1.1e8, CNY), 1e7), "约 1.1 亿元", "about CNY 110 million", "110000000"},
		{With(Nearly, 12000, CountOf("家")), "近 1.2 万家", "nearly 12,000", "12000"},
		{Of(2900e4, CNY), "2,900 万元", "CNY 29 million", "29000000"},
		{Of(26, CountOf("项")), "26 项", "26", "26"},
		{Of(26, CountOf("awards")), "26", "26 awards", "26"},
		{Of(49.056603773584904, Percent), "49.06%", "49.06%", "49.056603773584904"},
		{With(Nearly, 80, Percent), "近 80%", "nearly 80%", "80"},
		{Of(8, Rank), "第 8 位", "8th", "8"},
		{Of(2, Rank), "第 2 位", "2nd", "2"},
		{Of(11, Rank), "第 11 位", "11th", "11"},
		{With(AtMost, 10, Rank), "前 10 位", "top 10", "10"},
		{With(AtMost, 0.0001, RankShare), "前万分之一", "top 0.01%", "0.0001"},
		{Span(10e8, 20e8, CNY), "10–20 亿元", "CNY 1–2 billion", "1000000000..2000000000"},
		{Of(12, Inch), "12 英寸", "12 inches", "12"},
		{Of(1.3e12, CNY), "1.3 万亿元", "CNY 1.3 trillion", "1300000000000"},
		{Of(-5, Percent), "−5%", "−5%", "-5"},
		{Of(0.5, Point), "0.5 个百分点", "0.5 percentage points", "0.5"},
		{Of(7, "parsec"), "7 parsec", "7 parsec", "7"},
	} {
		if got := c.q.Format(i18n.ZH); got != c.zh {
			t.Errorf("%+v in Chinese: %q, want %q", c.q, got, c.zh)
		}
		if got := c.q.Format(i18n.EN); got != c.en {
			t.Errorf("%+v in English: %q, want %q", c.q, got, c.en)
		}
		if got := c.q.Exact(); got != c.exact {
			t.Errorf("%+v exact: %q, want %q", c.q, got, c.exact)
		}
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p      Period
		zh, en string
		year   int
	}{
		{YearOf(2024), "2024年", "2024", 2024},
		{On("2024-12-31"), "截至2024年12月31日", "as of 31 December 2024", 2024},
		{Period{Kind: Cumulative, End: "2024-12-31"}, "累计至2024年12月31日", "cumulative to 31 December 2024", 2024},
		{Period{Kind: InRange, Start: "2021-01-01", End: "2023-12-31"}, "2021年1月1日至2023年12月31日", "1 January 2021 to 31 December 2023", 2023},
		{Period{}, "时间不详", "period unknown", 0},
	} {
		if zh, en, y := c.p.String(i18n.ZH), c.p.String(i18n.EN), c.p.Year(); zh != c.zh || en != c.en || y != c.year {
			t.Errorf("%+v: %q, %q, %d", c.p, zh, en, y)
		}
	}
	if !YearOf(2024).Meets(On("2024-06-30")) || YearOf(2024).Meets(YearOf(2023)) || !YearOf(2024).Meets(Period{}) {
		t.Error("Meets is wrong")
	}
	if On("2025-01-01").Meets(YearOf(2024)) {
		t.Error("a day after the year meets it")
	}
}
