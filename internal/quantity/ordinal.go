package quantity

import "strings"

// ordinal reads 第8位, 第三, 前10名, 前万分之一, 8th, No. 1, top 10, top 1%. The
// caller decides which of them are ranks: 第十三届 and 第一条 are not.
func (l *line) ordinal(i int) (finding, bool) {
	switch r := l.at(i); {
	case r == '第':
		return l.ordinalZH(i)
	case r == '前':
		return l.topZH(i)
	case isLatin(r) && !isLatin(l.at(i-1)):
		return l.ordinalWord(i)
	case isDigit(r):
		return l.ordinalDigits(i)
	case r == '#' && isDigit(l.at(i+1)) && !isLatin(l.at(i-1)):
		return l.numberedRank(i, i, "#")
	}
	return finding{}, false
}

func rankFinding(start, end int, b Bound, value float64, unit Unit) finding {
	f := finding{start: start, end: end}
	f.Kind, f.Quantity = Ordinal, Quantity{Bound: b, Value: value, Unit: unit}
	if unit == Rank {
		f.Quantity.Step = 1
	}
	return f
}

func (l *line) ordinalZH(i int) (finding, bool) {
	j := l.skipSpace(i + 1)
	n, ok := l.number(j)
	if !ok || n.bound != "" || n.word || n.scaled && n.value() > 1e6 {
		return finding{}, false
	}
	f := rankFinding(i, n.end, Exact, n.value(), Rank)
	f.Han = n.han
	if end := l.skipSpace(n.end); l.in(end, "位名") && !l.in(end+1, "列单") {
		f.Counter, f.end = string(l.at(end)), end+1
	} else if u, _, ok := l.unitAt(end, true); ok {
		f.Counter = u.unit.Counter()
	}
	return f, true
}

// topZH reads 前十, 前10名, 前1%, 前万分之一. 前三季度 and 前3个月 are periods
// and 目前3家 has another 前.
func (l *line) topZH(i int) (finding, bool) {
	if l.in(i-1, "目此以之先年日天月当提空产会") {
		return finding{}, false
	}
	j := l.skipSpace(i + 1)
	if fr, ok := l.fractionAt(j); ok {
		share := fr.Quantity.Value * units[fr.Quantity.Unit].factor
		return rankFinding(i, fr.end, AtMost, tidy(share), RankShare), true
	}
	n, ok := l.number(j)
	if !ok || n.bound != "" || n.word {
		return finding{}, false
	}
	end := l.skipSpace(n.end)
	if l.at(end) == '%' || l.at(end) == '‰' {
		u := map[rune]Unit{'%': Percent, '‰': Permille}[l.at(end)]
		return rankFinding(i, end+1, AtMost, tidy(n.value()*units[u].factor), RankShare), true
	}
	if l.in(end, "名位强") {
		return rankFinding(i, end+1, AtMost, n.value(), Rank), true
	}
	if _, _, isUnit := l.unitAt(end, true); isUnit || l.in(end, "季年月天周日期代者后") || n.value() < 3 || n.value() > 1000 {
		return finding{}, false
	}
	return rankFinding(i, n.end, AtMost, n.value(), Rank), true
}

var ordinalWords = map[string]float64{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
}

func (l *line) ordinalWord(i int) (finding, bool) {
	w, end := l.word(i)
	if v, ok := ordinalWords[w]; ok {
		return rankFinding(i, end, Exact, v, Rank), true
	}
	switch w {
	case "no", "number", "nr", "rank", "ranked", "ranks", "ranking":
		if l.at(end) == '.' {
			end++
		} else if w == "no" && l.at(end) != ' ' {
			return finding{}, false
		}
		return l.numberedRank(i, end, w)
	case "top":
		return l.topEN(i, end)
	}
	return finding{}, false
}

func (l *line) numberedRank(i, end int, w string) (finding, bool) {
	j := l.skipSpace(end)
	if l.at(j) == '#' {
		j++
	}
	n, ok := l.number(j)
	if !ok || n.bound != "" || n.scaled || isLatin(l.at(n.end)) || w == "no" && n.word || l.at(n.end) == '-' {
		return finding{}, false
	}
	if n.word && !strings.HasPrefix(w, "number") {
		return finding{}, false
	}
	return rankFinding(i, n.end, Exact, n.value(), Rank), true
}

func (l *line) topEN(i, end int) (finding, bool) {
	j := l.skipSpace(end)
	if j == end && l.at(end) != '-' {
		return finding{}, false
	}
	if l.at(j) == '-' {
		j++
	}
	if fr, ok := l.fractionAt(j); ok {
		return rankFinding(i, fr.end, AtMost, tidy(fr.Quantity.Value*units[fr.Quantity.Unit].factor), RankShare), true
	}
	n, ok := l.number(j)
	if !ok {
		return finding{}, false
	}
	if u, stop, isUnit := l.unit(n.end, true); isUnit {
		if u.unit != Percent && u.unit != Permille {
			return finding{}, false
		}
		return rankFinding(i, stop, AtMost, tidy(n.value()*units[u.unit].factor), RankShare), true
	}
	return rankFinding(i, n.end, AtMost, n.value(), Rank), true
}

// ordinalDigits reads 8th, 21st.
func (l *line) ordinalDigits(i int) (finding, bool) {
	if l.insideName(i) {
		return finding{}, false
	}
	j := i
	for isDigit(l.at(j)) && j-i < 6 {
		j++
	}
	w, end := l.word(j)
	if w != "st" && w != "nd" && w != "rd" && w != "th" {
		return finding{}, false
	}
	return rankFinding(i, end, Exact, float64(atoi(string(l.r[i:j]))), Rank), true
}
