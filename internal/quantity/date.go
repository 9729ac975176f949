package quantity

import (
	"fmt"
	"time"
)

// date reads 2024年, 2024年6月30日, 2019年底, 2021—2023年, 2024-06-30, 1-9月,
// 三季度, 22日, June 2024, in 2024. A part of a date without a year has a
// period of unknown kind.
func (l *line) date(i int) (finding, bool) {
	if isDigit(l.at(i)) && !l.insideName(i) || hanDigit(l.at(i)) >= 0 {
		if f, ok := l.yearRange(i); ok {
			return f, true
		}
		if f, ok := l.yearZH(i); ok {
			return f, true
		}
		if f, ok := l.isoDate(i); ok {
			return f, true
		}
		if f, ok := l.yearEN(i); ok {
			return f, true
		}
	}
	if f, ok := l.partOfYear(i); ok {
		return f, true
	}
	return l.monthEN(i)
}

func dateFinding(start, end int, p Period) finding {
	f := finding{start: start, end: end}
	f.Kind, f.Period = Date, p
	return f
}

// fourDigits reads a year between 1000 and 2999 in digits or as 二〇二四.
func (l *line) fourDigits(i int) (year, end int, ok bool) {
	for j := i; j < i+4; j++ {
		d := hanDigit(l.at(j))
		if isDigit(l.at(j)) {
			d = int(l.at(j) - '0')
		}
		if d < 0 || l.at(j) == '两' {
			return 0, 0, false
		}
		year = year*10 + d
	}
	end = i + 4
	return year, end, year >= 1000 && year < 3000 && !isDigit(l.at(end)) && hanDigit(l.at(end)) < 0
}

func (l *line) yearRange(i int) (finding, bool) {
	a, end, ok := l.fourDigits(i)
	if !ok {
		return finding{}, false
	}
	if l.at(end) == '年' {
		end++
	}
	j, ok := l.connector(end)
	if !ok {
		return finding{}, false
	}
	b, stop, ok := l.fourDigits(j)
	if !ok || b < a || b-a > 200 {
		return finding{}, false
	}
	if l.at(stop) == '年' {
		stop++
	} else if isHan(l.at(stop)) || a < 1900 {
		return finding{}, false
	}
	if l.at(stop-1) == '年' && l.in(stop, "底末") {
		stop++
	}
	return dateFinding(i, stop, Period{Kind: InRange, Start: YearOf(a).Start, End: YearOf(b).End}), true
}

func (l *line) yearZH(i int) (finding, bool) {
	y, end, ok := l.fourDigits(i)
	if j := l.skipSpace(end); ok && l.at(j) == '年' {
		end = j + 1
	} else {
		return finding{}, false
	}
	if l.in(end, "期") || y < 1000 {
		return finding{}, false
	}
	p := YearOf(y)
	if m, stop, ok := l.smallNumber(end, '月', 12); ok {
		return l.monthZH(i, y, m, stop), true
	}
	if part, stop, ok := l.part(end); ok {
		return dateFinding(i, stop, within(y, part)), true
	}
	switch {
	case l.in(end, "底末"):
		return dateFinding(i, end+1, Period{Kind: AsOf, End: p.End, Flow: Stock}), true
	case l.in(end, "初"):
		return dateFinding(i, end+1, Period{Kind: AsOf, End: p.Start, Flow: Stock}), true
	}
	if l.in(end, "度") {
		end++
	}
	return dateFinding(i, end, p), true
}

func (l *line) monthZH(i, y, m, end int) finding {
	first := time.Date(y, time.Month(m), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	if d, stop, ok := l.smallNumber(end, '日', 31); ok {
		return dateFinding(i, stop, On(first.AddDate(0, 0, d-1).Format(time.DateOnly)))
	}
	if l.in(end, "底末") {
		return dateFinding(i, end+1, On(last.Format(time.DateOnly)))
	}
	return dateFinding(i, end, Period{Kind: InRange, Start: first.Format(time.DateOnly), End: last.Format(time.DateOnly)})
}

// smallNumber reads a number from 1 to limit followed by the mark.
func (l *line) smallNumber(i int, mark rune, limit int) (v, end int, ok bool) {
	i = l.skipSpace(i)
	n, ok := l.number(i)
	if !ok || n.word || n.scaled || n.bound != "" || n.step != 0 {
		return 0, 0, false
	}
	v, end = int(n.value()), l.skipSpace(n.end)
	return v, end + 1, l.at(end) == mark && v >= 1 && v <= limit
}

// months of a part of the year, first and last.
type months struct{ first, last int }

var yearParts = map[string]months{
	"上半年": {1, 6}, "下半年": {7, 12}, "前三季度": {1, 9}, "一季度": {1, 3}, "二季度": {4, 6}, "三季度": {7, 9}, "四季度": {10, 12},
	"第一季度": {1, 3}, "第二季度": {4, 6}, "第三季度": {7, 9}, "第四季度": {10, 12}, "全年": {1, 12},
}

func (l *line) part(i int) (months, int, bool) {
	best, end := months{}, 0
	for form, m := range yearParts {
		if !l.in(i, "上下前一二三四第全") {
			break
		}
		if stop, ok := l.has(i, form); ok && stop > end {
			best, end = m, stop
		}
	}
	if end > 0 {
		return best, end, true
	}
	n, ok := l.number(i)
	if !ok || n.word || n.scaled {
		return months{}, 0, false
	}
	j, ok := l.connector(n.end)
	if !ok {
		return months{}, 0, false
	}
	m, stop, ok := l.smallNumber(j, '月', 12)
	if !ok || n.value() >= float64(m) || n.value() < 1 {
		return months{}, 0, false
	}
	if l.at(stop) == '份' {
		stop++
	}
	return months{int(n.value()), m}, stop, true
}

func within(y int, m months) Period {
	last := time.Date(y, time.Month(m.last)+1, 0, 0, 0, 0, 0, time.UTC)
	return Period{Kind: InRange, Start: fmt.Sprintf("%04d-%02d-01", y, m.first), End: last.Format(time.DateOnly)}
}

// partOfYear reads 1-9月, 6月30日, 6月, 22日, 第三季度 without a year.
func (l *line) partOfYear(i int) (finding, bool) {
	if !isDigit(l.at(i)) && hanDigit(l.at(i)) < 0 && !l.in(i, "十第前") || l.insideName(i) {
		return finding{}, false
	}
	unknown := Period{Kind: NoPeriod}
	if _, end, ok := l.part(i); ok {
		return dateFinding(i, end, unknown), true
	}
	if _, end, ok := l.smallNumber(i, '月', 12); ok && l.at(end) != '球' {
		if _, stop, ok := l.smallNumber(end, '日', 31); ok {
			end = stop
		}
		return dateFinding(i, end, unknown), true
	}
	if _, end, ok := l.smallNumber(i, '日', 31); ok && !l.in(end, "内均元") {
		return dateFinding(i, end, unknown), true
	}
	return finding{}, false
}

// isoDate reads 2024-06-30, 2024/6/30 and 2024.6.30.
func (l *line) isoDate(i int) (finding, bool) {
	y, end, ok := l.fourDigits(i)
	sep := l.at(end)
	if !ok || sep != '-' && sep != '/' && sep != '.' {
		return finding{}, false
	}
	m, j := l.shortInt(end + 1)
	d, stop := l.shortInt(j + 1)
	if l.at(j) != sep || m < 1 || m > 12 || d < 1 || d > 31 || isDigit(l.at(stop)) {
		return finding{}, false
	}
	return dateFinding(i, stop, On(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))), true
}

func (l *line) shortInt(i int) (v, end int) {
	for end = i; isDigit(l.at(end)) && end-i < 2; end++ {
		v = v*10 + int(l.at(end)-'0')
	}
	return v, end
}
