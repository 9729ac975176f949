package quantity

import "strings"

// fraction reads 百分之四十, 三分之一, 万分之一, 2/3, two thirds with the bound
// words around it.
func (l *line) fraction(i int) (finding, bool) {
	if l.insideName(i) {
		return finding{}, false
	}
	f, ok := l.fractionAt(i)
	if !ok {
		return finding{}, false
	}
	l.readBounds(&f, number{han: true})
	return f, true
}

func (l *line) fractionAt(i int) (finding, bool) {
	if f, ok := l.fractionWords(i); ok {
		return f, true
	}
	den, ok := l.fractionHead(i)
	if !ok {
		return finding{}, false
	}
	num, ok := l.number(l.skipSpace(den.end))
	if !ok || den.value() == 0 {
		return finding{}, false
	}
	f := finding{start: i, end: num.end}
	f.Kind, f.Han = Measure, num.han
	f.Quantity = shareOf(num, den)
	return f, true
}

// fractionHead reads 三分之, 百分之.
func (l *line) fractionHead(i int) (number, bool) {
	den, ok := l.number(i)
	if !ok || den.bound != "" || !den.han && !isDigit(l.at(i)) {
		return number{}, false
	}
	end, ok := l.has(den.end, "分之")
	den.end = end
	return den, ok
}

func shareOf(num, den number) Quantity {
	q := Quantity{Bound: num.bound, Value: num.value(), Step: num.stepSize(), Unit: Percent}
	switch den.value() {
	case 100:
	case 1000:
		q.Unit = Permille
	case 10000:
		q.Unit = Permyriad
	default:
		q.Value, q.Step = tidy(100*num.value()/den.value()), 1
	}
	return q
}

var denominators = map[string]float64{
	"half": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10,
}

// fractionWords reads 1/10000, 2/3 and two thirds, two-thirds, one quarter.
func (l *line) fractionWords(i int) (finding, bool) {
	if f, ok := l.fractionOf(i); ok {
		return f, true
	}
	n, ok := l.number(i)
	if !ok || n.han || n.scaled || n.bound != "" {
		return finding{}, false
	}
	f := finding{start: i}
	f.Kind = Measure
	if !n.word {
		if l.at(n.end) != '/' || !isDigit(l.at(n.end+1)) {
			return finding{}, false
		}
		d, ok := l.number(n.end + 1)
		if !ok || d.value() <= n.value() || d.step < 0 || l.at(d.end) == '/' || isLatin(l.at(d.end)) {
			return finding{}, false
		}
		if d.value() > 12 && d.value() != 20 && d.value() != 100 && d.value() != 1000 && d.value() != 10000 {
			return finding{}, false
		}
		f.Quantity, f.end = shareOf(n, d), d.end
		return f, true
	}
	if l.at(n.end) != ' ' && l.at(n.end) != '-' {
		return finding{}, false
	}
	w, end := l.word(n.end + 1)
	d := denominators[w]
	if w == "in" && l.at(end) == ' ' { // one in four deals
		if m, ok := l.number(end + 1); ok && m.word && !m.scaled && m.value() > n.value() && m.value() <= 20 && l.at(m.end) == ' ' {
			d, end = m.value(), m.end
		}
	}
	if next, ok := l.has(n.end, " out of "); ok { // nine out of ten
		if m, ok := l.number(next); ok && m.word && !m.scaled && m.value() >= n.value() {
			d, end = m.value(), m.end
		}
	}
	if d == 0 {
		return finding{}, false
	}
	f.Quantity, f.end = Quantity{Value: tidy(100 * n.value() / d), Step: 1, Unit: Percent}, end
	return f, true
}

// fractionOf reads "a third of", "a quarter of".
func (l *line) fractionOf(i int) (finding, bool) {
	if w, _ := l.word(i); w != "a" || isLatin(l.at(i-1)) {
		return finding{}, false
	}
	w, end := l.word(l.skipSpace(i + 1))
	d := denominators[w]
	next, _ := l.word(l.skipSpace(end))
	if d == 0 || d == 2 || next != "of" {
		return finding{}, false
	}
	f := finding{start: i, end: end}
	f.Kind, f.Quantity = Measure, Quantity{Value: tidy(100 / d), Step: 1, Unit: Percent}
	return f, true
}

// half reads 一半, 半数, 过半, 近半, half of, more than half. It is a round
// number: the step is ten percent.
func (l *line) half(i int) (finding, bool) {
	f := finding{start: i}
	f.Kind, f.Quantity = Measure, Quantity{Value: 50, Step: 10, Unit: Percent}
	if w, end := l.word(i); w == "half" && !isLatin(l.at(i-1)) {
		next, _ := l.word(l.skipSpace(end))
		_, _, bounded := l.prefix(i)
		if next != "of" && next != "the" && !bounded || l.at(end) == '-' {
			return finding{}, false
		}
		f.end = end
		l.readBounds(&f, number{})
		return f, true
	}
	for form, b := range map[string]Bound{"一半": "", "半数": "", "过半": Above, "近半": Nearly, "超半": Above, "逾半": Above, "大半": Above} {
		end, ok := l.has(i, form)
		if !ok || l.in(end, "年个导天月径岛小日") || form == "过半" && l.in(i-1, notBefore["过"]) {
			continue
		}
		if e, ok := l.has(end, "数"); ok {
			end = e
		}
		f.end, f.Quantity.Bound = end, b
		l.readBounds(&f, number{han: true})
		return f, true
	}
	return finding{}, false
}

var multiples = map[string]float64{"doubled": 2, "doubling": 2, "tripled": 3, "trebled": 3, "quadrupled": 4, "halved": 0.5}

// doubled reads 翻番, 翻了一番, 翻两番 and doubled: times two, two, four, two.
func (l *line) doubled(i int) (finding, bool) {
	w, end := l.word(i)
	times := multiples[w]
	if root, ok := strings.CutSuffix(w, "fold"); ok && times == 0 { // threefold
		times = float64(englishWords[root])
	}
	if times > 0 && !isLatin(l.at(i-1)) {
		f := finding{start: i, end: end}
		f.Kind, f.Quantity = Measure, Quantity{Value: times, Step: 0.1, Unit: Times}
		l.readBounds(&f, number{})
		return f, true
	}
	if l.at(i) != '翻' {
		return finding{}, false
	}
	j := i + 1
	if l.at(j) == '了' {
		j++
	}
	f := finding{start: i}
	f.Kind, f.Quantity = Measure, Quantity{Bound: Exact, Value: 2, Step: 0.1, Unit: Times}
	if l.in(j, "近超约") {
		f.Quantity.Bound = map[rune]Bound{'近': Nearly, '超': Above, '约': About}[l.at(j)]
		j++
	}
	if d := hanDigit(l.at(j)); d > 0 && d < 5 {
		f.Quantity.Value = float64(int(1) << d)
		j++
	}
	end, ok := l.has(j, "番")
	f.end = end
	return f, ok
}
