package quantity

import "time"

var monthNames = map[string]int{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
	"october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8,
	"sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

// yearEN reads a bare four-digit year: not followed by a unit or a noun, or in
// front of a Chinese name (2024自然指数).
func (l *line) yearEN(i int) (finding, bool) {
	y, end, ok := l.fourDigits(i)
	if !ok || y < 1900 || y > 2100 || hanDigit(l.at(i)) >= 0 {
		return finding{}, false
	}
	word, _ := l.word(l.backWord(i))
	switch {
	case l.in(end, "多余万亿千百几"):
		return finding{}, false
	case l.in(end, ".") && isDigit(l.at(end+1)), l.in(end, ",") && isDigit(l.at(end+1)), l.in(end, "%-+"):
		return finding{}, false
	case yearLead[word]:
	case isHan(l.at(i - 1)):
		return finding{}, false
	case l.countedNoun(end) != "" || l.at(end) == ' ' && l.at(end+1) != 0 && word == "":
		return finding{}, false
	}
	if _, _, isUnit := l.unit(end, true); isUnit {
		return finding{}, false
	}
	if _, _, bounded := l.prefix(i); bounded {
		return finding{}, false
	}
	p := YearOf(y)
	if word == "end" || l.endOf(i) {
		p = On(p.End)
	}
	return dateFinding(i, end, p), true
}

var yearLead = map[string]bool{
	"in": true, "since": true, "by": true, "of": true, "from": true, "until": true, "during": true, "fy": true, "to": true,
	"end": true, "late": true, "early": true, "mid": true, "year": true, "before": true, "after": true, "for": true, "the": true,
}

// backWord is the start of the Latin word before rune i.
func (l *line) backWord(i int) int {
	j := l.backSpace(i)
	if j == i {
		return i
	}
	for isLatin(l.at(j - 1)) {
		j--
	}
	return j
}

// endOf: "the end of 2024".
func (l *line) endOf(i int) bool {
	_, ok := l.endsWith(i, "end of ")
	return ok
}

// monthEN reads June 2024, June 30, 2024 and, from the day, 30 June 2024.
func (l *line) monthEN(i int) (finding, bool) {
	if isDigit(l.at(i)) && !l.insideName(i) {
		d, end := l.shortInt(i)
		w, stop := l.word(l.skipSpace(end))
		m := monthNames[w]
		if y, last, ok := l.fourDigits(l.skipSpace(stop)); ok && m > 0 && d >= 1 && d <= 31 && l.at(end) == ' ' {
			return dateFinding(i, last, On(isoDay(y, m, d))), true
		}
		return finding{}, false
	}
	if !isLatin(l.at(i)) || isLatin(l.at(i-1)) {
		return finding{}, false
	}
	w, end := l.word(i)
	m, ok := monthNames[w]
	if !ok {
		return finding{}, false
	}
	if l.at(end) == '.' {
		end++
	}
	j := l.skipSpace(end)
	if y, stop, ok := l.fourDigits(j); ok {
		return dateFinding(i, stop, within(y, months{m, m})), true
	}
	d, stop := l.shortInt(j)
	if d < 1 || d > 31 || isDigit(l.at(stop)) {
		return finding{}, false
	}
	if l.at(stop) == ',' {
		if y, last, ok := l.fourDigits(l.skipSpace(stop + 1)); ok {
			return dateFinding(i, last, On(isoDay(y, m, d))), true
		}
	}
	return dateFinding(i, stop, Period{Kind: NoPeriod}), true
}

func isoDay(y, m, d int) string {
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
