package claims

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/quantity"
)

var growthWords = []string{"增长", "提高", "上升", "增加", "下降", "减少", "增幅", "下滑", "回落", "提升", "缩小", "扩大", "上涨", "下跌", "降低", "净增", "增速", "同比", "环比",
	"grew", "rose", "up", "increase", "increased", "increasing", "growth", "fell", "down", "decline", "declined", "dropped", "more than a year earlier", "higher", "lower"}

var downWords = []string{"下降", "减少", "下滑", "回落", "缩小", "下跌", "降低", "fell", "down", "decline", "dropped", "lower"}

// growth reads a change: 比2019年底增长40%, 同比下降1.7%, up 12% on 2023. The
// word must stand near the number; 到 or 至 between them makes it a level.
func (x *passage) growth(n numeral) *GrowthOf {
	u := n.Quantity.Unit
	if u.Dimension() != quantity.DimRatio && u != quantity.Point && u != quantity.Times {
		return nil
	}
	from, end := x.clause(n.start)
	pos, word := x.lastIndex(from, n.start, growthWords...)
	if pos >= 0 && word[0] < 0x80 {
		pos, word = x.lastWord(max(from, n.start-24), n.start, growthWords)
	}
	if pos >= 0 && x.han && n.start-pos-runes(word) > 6 {
		pos = -1
	}
	if pos >= 0 && hasAny(x.sub(pos, n.start), "到", "至", "为", " to ") {
		return nil
	}
	if pos < 0 && !x.han && strings.HasPrefix(strings.ToLower(x.sub(n.end, end)), " more than a year") {
		pos, word = n.start, "more"
	}
	if pos < 0 {
		return nil
	}
	g := &GrowthOf{Down: hasAny(word, downWords...)}
	x.growthBase(g, from, pos, end)
	return g
}

// lastWord is the last of the English words in [a, b), whole words only.
func (x *passage) lastWord(a, b int, words []string) (int, string) {
	for i := b; i > a; {
		j := i
		for j > a && unicode.IsLetter(x.at(j-1)) {
			j--
		}
		if w := strings.ToLower(x.sub(j, i)); w != "" && slices.Contains(words, w) && !unicode.IsLetter(x.at(j-1)) {
			return j, w
		}
		if i = j; i > a {
			i--
		}
	}
	return -1, ""
}

func (x *passage) growthBase(g *GrowthOf, from, pos, end int) {
	head := x.sub(from, pos)
	switch {
	case strings.Contains(head, "同比") || x.sub(pos, pos+2) == "同比":
		g.Base = "同比"
	case strings.Contains(head, "环比"):
		g.Base = "环比"
	default:
		if k, w := x.lastIndex(from, pos, "比", "较"); k >= 0 {
			g.Base = x.sub(k+runes(w), pos)
		}
	}
	for _, n := range x.numbers(from, end) {
		if n.Kind == quantity.Date && n.end <= pos && x.at(n.start-1) != 0 && strings.ContainsRune("比较", x.at(n.start-1)) {
			g.BasePeriod = n.Period
		}
		if !x.han && n.Kind == quantity.Date && n.start > pos && n.end <= end && strings.HasSuffix(x.sub(n.start-3, n.start), "on ") {
			g.Base, g.BasePeriod = x.sub(n.start, n.end), n.Period
		}
	}
}

// share reads 占全省获奖项目近八成, 占比7.4%, 超六成的新引进博士, "more than half of
// all prizes", and rates.
func (x *passage) share(n numeral) *ShareOf {
	from, end := x.clause(n.start)
	s := &ShareOf{}
	if pos, _ := x.lastIndex(from, n.start, "占"); pos >= 0 {
		if x.sub(pos, pos+2) == "占比" {
			s.Numerator = strings.TrimSpace(x.sub(from, pos))
		} else {
			s.Denominator = trimShare(x.sub(pos+1, n.start))
			s.Numerator = strings.TrimSpace(x.sub(from, pos))
		}
	} else if tail := x.sub(n.end, end); strings.HasPrefix(tail, "的") {
		s.Denominator = strings.TrimPrefix(tail, "的")
	} else if k := strings.Index(tail, "of "); k >= 0 && k < 8 {
		s.Denominator = strings.TrimSpace(tail[k+3:])
	} else {
		s.Numerator = x.measureBefore(n.start)
	}
	if s.Numerator == "" {
		a, _ := x.sentence(n.start)
		s.Numerator = strings.TrimSpace(x.sub(a, from))
	}
	x.nearbyCounts(s, n)
	return s
}

func trimShare(t string) string {
	for again := true; again; {
		again = false
		for _, w := range []string{"比重", "比例", "总量", "总数", "达到", "达", "为", "的", "约", "超过", "份额"} {
			if u := strings.TrimSuffix(t, w); u != t && u != "" {
				t, again = u, true
			}
		}
	}
	return strings.TrimSpace(t)
}

// nearbyCounts collects the plain counts of the sentence before the share: one
// of them is the numerator (获26个奖项,其中牵头项目为11项,占…).
func (x *passage) nearbyCounts(s *ShareOf, n numeral) {
	a, _ := x.sentence(n.start)
	for _, m := range x.numbers(a, n.start) {
		if m.Kind == quantity.Measure && m.Quantity.Unit.Dimension() == quantity.DimCount {
			ca, _ := x.clause(m.start)
			s.Counts = append(s.Counts, m.Quantity)
			s.CountTexts = append(s.CountTexts, x.sub(ca, m.end)+x.nounAfter(m.end))
		}
	}
}
