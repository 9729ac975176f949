package quantity

import (
	"strconv"
	"strings"
)

// Kind says what a numeral in a text is.
type Kind string

// The kinds. Only Measure is a quantity by itself.
const (
	Measure Kind = "measure" // a number with a unit or counter: 26个, 超260亿元, 近八成
	Ordinal Kind = "ordinal" // a place in an order: 第8位, 前十, 8th, No. 1; also 第十三届
	Date    Kind = "date"    // 2024年, 2019年底, 1-9月, June 2024
	Bare    Kind = "bare"    // a number without a unit; what it counts is not said beside it
)

// Found is a numeral in a text. Start and End are byte offsets of the whole
// token with its bound words and unit.
type Found struct {
	Start, End int
	Kind       Kind
	Quantity   Quantity
	Period     Period // of a date; Kind unknown when the year is not said
	Counter    string // the counter word, or the English noun counted
	Class      bool   // a size class: 6000米级
	Scaled     bool   // 万, 亿, million … was written
	Han        bool   // the numeral is in Chinese characters
}

// Find returns the numerals of a text in order, none overlapping. Numbers that
// are parts of names (TH-F120, 5G, 2+2+N), times of day and versions are left
// out; what else is a name only the sentence can tell, and the caller must.
// Find accepts any bytes and never fails.
func Find(text string) []Found {
	l := newLine(text)
	var out []finding
	for i := 0; i < len(l.r); {
		f, ok := l.find(i)
		if ok && f.end > i {
			for len(out) > 0 && out[len(out)-1].end > f.start {
				f.start = out[len(out)-1].end // a bound word belongs to one number only
			}
			out = append(out, f)
			i = f.end
			continue
		}
		i = l.next(i)
	}
	shareUnits(l, out)
	out = joinBetween(l, out)
	found := make([]Found, len(out))
	for k, f := range out {
		f.Start, f.End = l.off[f.start], l.off[f.end]
		found[k] = f.Found
	}
	return found
}

// finding is a Found with rune positions.
type finding struct {
	Found
	start, end int
}

// next steps over a whole Latin word or a whole run of digits, so that no
// numeral begins inside one.
func (l *line) next(i int) int {
	j := i + 1
	switch r := l.at(i); {
	case isDigit(r):
		for isDigit(l.at(j)) || l.in(j, ".,") && isDigit(l.at(j+1)) {
			j++
		}
	case isLatin(r):
		for isLatin(l.at(j)) {
			j++
		}
	}
	return j
}

func (l *line) find(i int) (finding, bool) {
	r := l.at(i)
	if !isDigit(r) && !isHanNumeral(r) && !isLatin(r) && !strings.ContainsRune("第前数几翻半过近超逾大#", r) {
		return finding{}, false
	}
	for _, try := range [...]func(int) (finding, bool){l.date, l.ordinal, l.fraction, l.half, l.doubled, l.measure} {
		if f, ok := try(i); ok {
			return f, true
		}
	}
	return finding{}, false
}

// measure reads number, range, unit and bound words around rune i.
func (l *line) measure(i int) (finding, bool) {
	if l.insideName(i) {
		return finding{}, false
	}
	n, ok := l.number(i)
	if !ok {
		return finding{}, false
	}
	if _, _, bounded := l.prefix(i); l.namedAfter(n.end, n) && !(bounded && isLatin(l.at(n.end))) {
		return finding{}, false
	}
	f := finding{start: i, end: n.end}
	f.Han, f.Scaled = n.han, n.scaled
	f.Quantity = Quantity{Bound: n.bound, Value: n.value(), High: n.high, Step: n.stepSize()}
	sign := l.readSign(&f)
	money, moneyStart, hasMoney := l.moneyBefore(f.start)
	if hasMoney {
		f.start = moneyStart
		l.moneyScale(&f)
	}
	amountEnd := f.end
	unitFound := l.readUnit(&f, n)
	if hasMoney && f.Quantity.Unit.Dimension() != DimMoney {
		f.end = amountEnd
		f.Quantity.Unit, f.Counter, unitFound = money, "", true
	}
	l.readRange(&f, n, &unitFound)
	front := l.readBounds(&f, n)
	return f, l.accept(&f, n, unitFound, front, sign)
}

// accept decides whether what was read is a quantity, a bare number or
// nothing.
func (l *line) accept(f *finding, n number, unitFound, front, sign bool) bool {
	lone := n.han && n.end-l.numeralStart(f, n) == 1 && hanPlace(l.r[n.end-1]) > 1
	if lone && !front && n.bound == "" {
		return false // 万元, 千家: a unit of a table, a set phrase
	}
	if sign && f.Quantity.Unit.Dimension() == DimCount {
		return false
	}
	if unitFound {
		f.Kind = Measure
		return true
	}
	f.Kind = Bare
	if n.han && n.bound == Between {
		return false
	}
	if n.word && !front && n.bound == "" && f.Quantity.Value < 2 {
		return false
	}
	return !n.han || f.Scaled || n.bound != "" || front && f.Quantity.Value >= 10
}

func (l *line) numeralStart(f *finding, n number) int {
	i := n.end
	for i > f.start && (isHanNumeral(l.at(i-1)) || l.in(i-1, "多余点")) {
		i--
	}
	return i
}

// insideName: the number is the tail of a name or of something longer.
func (l *line) insideName(i int) bool {
	if !isDigit(l.at(i)) {
		return isLatin(l.at(i)) && isLatin(l.at(i-1)) || l.at(i) == '一' && l.in(i-1, "统唯之万其逐单同专合归如某每另进这那哪划")
	}
	if _, _, ok := l.moneyBefore(i); ok {
		return false
	}
	prev, before := l.at(i-1), l.at(i-2)
	switch {
	case isLatin(prev), isDigit(prev), prev == '_', prev == '@':
		return true
	case strings.ContainsRune("-+/:.*×", prev) && prev != 0:
		return isLatin(before) || isDigit(before)
	}
	return false
}

// namedAfter: the number is the head of a name (5G, 2+N, 3-D) or a time.
func (l *line) namedAfter(end int, n number) bool {
	if n.han || n.word {
		return false
	}
	if _, _, ok := l.unit(end, true); ok {
		return false
	}
	r, next := l.at(end), l.at(end+1)
	switch {
	case isLatin(r):
		_, _, money := l.moneyBefore(end - len(n.digits))
		return !money
	case r == '+':
		return isLatin(next) || isDigit(next)
	case r == ':' || r == '/' || r == '*' || r == '×':
		return isDigit(next)
	case r == '-':
		return isLatin(next)
	}
	return false
}

// readSign takes a minus that touches the digits.
func (l *line) readSign(f *finding) bool {
	i := f.start
	if l.at(i-1) != '-' || !isDigit(l.at(i)) || isDigit(l.at(i-2)) || isLatin(l.at(i-2)) || l.at(i-2) == '-' {
		return false
	}
	f.start--
	f.Quantity.Value = -f.Quantity.Value
	return true
}

func (l *line) moneyScale(f *finding) {
	for _, s := range moneyScales {
		if end, ok := l.has(f.end, s.name); ok && !isLatin(l.at(end)) && !isDigit(l.at(end)) {
			k := pow10(s.exp)
			f.Quantity.Value, f.Quantity.Step = tidy(f.Quantity.Value*k), tidy(f.Quantity.Step*k)
			f.end, f.Scaled = end, true
			return
		}
	}
}

// readUnit reads 成, a unit, a counter or an English noun after the number.
func (l *line) readUnit(f *finding, n number) bool {
	if l.tenths(f, n) {
		return true
	}
	u, end, ok := l.unit(f.end, !n.han || n.scaled)
	if ok {
		f.Quantity.Unit, f.Counter = u.unit, u.unit.Counter()
		if l.at(end-1) == '多' || l.at(f.end+1) == '多' && end > f.end+2 {
			f.Quantity.Bound = Above
		}
		f.end = end
		if l.at(end) == '级' && !l.in(end+1, "别以") || l.at(end) == '级' && l.at(end+1) == '以' {
			f.Class, f.end = true, end+1
		}
		return true
	}
	if noun := l.countedNoun(f.end); noun != "" {
		f.Quantity.Unit, f.Counter = CountOf(noun), noun
		return true
	}
	return false
}

// tenths reads 八成, 近三成, 六成五: tens of percent.
func (l *line) tenths(f *finding, n number) bool {
	v := f.Quantity.Value
	if l.at(f.end) != '成' || v < 1 || v >= 10 || l.in(f.end+1, "功立果员为本长熟都绩就分品交年人群片套药语因") {
		return false
	}
	f.end++
	f.Quantity.Value, f.Quantity.Step, f.Quantity.Unit = tidy(v*10), tidy(f.Quantity.Step*10), Percent
	if d := hanDigit(l.at(f.end)); d > 0 && n.han {
		f.Quantity.Value, f.Quantity.Step = f.Quantity.Value+float64(d), 1
		f.end++
	} else if l.at(f.end) == '半' {
		f.Quantity.Value, f.Quantity.Step = f.Quantity.Value+5, 5
		f.end++
	}
	return true
}

const stopWords = " of in on at by to from for with and or the a an as is was were are be been has have had that which who into over under than per its their this these those not but during since until between more less about after before up "

// countedNoun is the plural noun among the next words of English text: "177
// projects", "1.65 million university students".
func (l *line) countedNoun(i int) string {
	if l.at(i) != ' ' && l.at(i) != '-' {
		return ""
	}
	if end, ok := l.has(i, " of "); ok { // 22 of the city's spin-outs
		if det, _ := l.word(end); det != "the" && det != "its" && det != "their" && det != "our" && det != "these" && det != "those" {
			return ""
		}
		for i = end; l.at(i) != 0 && l.at(i) != ' '; i++ {
		}
	}
	for n := range 6 {
		for l.at(i) == ' ' || l.at(i) == '-' {
			i++
		}
		w, end := l.word(i)
		if w == "and" && n > 0 { // 26 science and technology awards
			i = end
			continue
		}
		if stop, ok := l.has(end, "'s "); ok {
			i = stop
			continue
		}
		if w == "" || strings.Contains(stopWords, " "+w+" ") {
			return ""
		}
		if w == "people" || len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") {
			return w
		}
		if i = end; l.at(i) != ' ' && l.at(i) != '-' {
			return ""
		}
	}
	return ""
}

// readBounds takes the bound words around the number; front reports one before
// it.
func (l *line) readBounds(f *finding, n number) (front bool) {
	if start, ok := l.endsWith(f.start, "a "); ok && n.word && !isLatin(l.at(start-1)) { // at least a dozen
		f.start = start
	}
	b, start, front := l.prefix(f.start)
	if !front && n.han && hanPlace(l.at(f.start)) > 1 {
		switch l.at(f.start - 1) {
		case '上':
			b, start, front = AtLeast, f.start-1, true
		case '破':
			b, start, front = Above, f.start-1, true
		}
	}
	if front && l.window(f) {
		b, start = "", f.start
	}
	back, end, behind := l.suffix(f.end)
	if f.Quantity.Bound == Between {
		b, back, front, behind = "", "", false, false
	}
	if front && b != "" {
		f.start = start
	}
	if behind {
		f.end = end
	}
	if f.Quantity.Bound != Between {
		f.Quantity.Bound = settle(b, f.Quantity.Bound, back)
	}
	return front
}

// window: 近三年 and 近10年 are the last years, not nearly so many.
func (l *line) window(f *finding) bool {
	d := f.Quantity.Unit.Dimension()
	return l.at(f.start-1) == '近' && l.at(f.start-2) != '将' && l.at(f.start-2) != '接' &&
		(d == DimMonths || d == DimSeconds) && f.Quantity.Value <= 10
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
