package quantity

import (
	"strconv"
	"strings"
)

// number is a numeral as written: digits × 10^exp, with what its own words say
// about the bound ("2000多", "数十", "十几").
type number struct {
	digits string  // decimal digits with an optional point
	exp    int     // power of ten of the scale words
	bound  Bound   // "" when the numeral itself says nothing
	high   float64 // upper end when bound is Between
	step   int     // power of ten of the last stated digit, before exp
	end    int     // rune after the numeral
	scaled bool    // a scale word such as 万 or million was used
	han    bool    // written in Chinese numerals
	word   bool    // written in English words
}

func (n number) value() float64 {
	v, err := strconv.ParseFloat(n.digits+"e"+strconv.Itoa(n.exp), 64)
	if err != nil {
		return 0
	}
	return v
}

func (n number) stepSize() float64 { return pow10(n.step + n.exp) }

func pow10(e int) float64 {
	v, err := strconv.ParseFloat("1e"+strconv.Itoa(e), 64)
	if err != nil {
		return 0
	}
	return v
}

// maxDigits refuses numerals that no quantity has: serial numbers, noise.
const maxDigits = 18

// number reads a numeral at rune i.
func (l *line) number(i int) (number, bool) {
	r := l.at(i)
	switch {
	case isDigit(r):
		return l.arabic(i)
	case isHanNumeral(r) || r == '数' || r == '几':
		return l.hanNumber(i)
	case isLatin(r):
		return l.englishNumber(i)
	}
	return number{}, false
}

// arabic reads 1,234.5 and the scale words after it.
func (l *line) arabic(i int) (number, bool) {
	var b strings.Builder
	j := i
	for isDigit(l.at(j)) {
		b.WriteRune(l.at(j))
		j++
	}
	for grouped := j-i <= 3; grouped && l.group(j) && b.Len() < maxDigits; j += 4 {
		b.WriteString(string(l.r[j+1 : j+4]))
	}
	n := number{end: j}
	if l.at(j) == '.' && isDigit(l.at(j+1)) {
		b.WriteByte('.')
		for j++; isDigit(l.at(j)); j++ {
			b.WriteRune(l.at(j))
			n.step--
		}
		if l.at(j) == '.' && isDigit(l.at(j+1)) { // 1.2.3 is a version or an address
			return number{}, false
		}
		n.end = j
	}
	n.digits = b.String()
	if len(n.digits) > maxDigits+1 {
		return number{}, false
	}
	return l.scaled(n), true
}

// group reports whether a thousands group ",ddd" stands at rune j.
func (l *line) group(j int) bool {
	return l.at(j) == ',' && isDigit(l.at(j+1)) && isDigit(l.at(j+2)) && isDigit(l.at(j+3)) && !isDigit(l.at(j+4))
}

var hanScales = []scale{{12, "万亿"}, {11, "千亿"}, {10, "百亿"}, {9, "十亿"}, {7, "千万"}, {6, "百万"}, {5, "十万"}, {8, "亿"}, {4, "万"}, {3, "千"}, {2, "百"}}
var latinScales = []scale{
	{3, "thousand"}, {6, "million"}, {9, "billion"}, {12, "trillion"}, {2, "hundred"},
	{6, "mln"}, {9, "bln"}, {9, "bn"}, {12, "tn"},
}

// moneyScales are letters that stand for a scale only in an amount of money.
var moneyScales = []scale{{6, "m"}, {9, "b"}, {3, "k"}}

// scaled reads 多 and 余 and the scale words after the digits: 2000多亿, 1.2万,
// 10余万, 3万多, 1.65 million.
func (l *line) scaled(n number) number {
	j := l.skipSpace(n.end)
	k := j
	if l.in(k, "多余") {
		k++
	}
	for _, s := range hanScales {
		end, ok := l.has(k, s.name)
		if !ok || s.exp == 3 && l.in(end, "米克瓦兆卡帕赫焦伏升") || s.exp == 2 && l.in(end, "分强") {
			continue
		}
		if k > j {
			n.bound = Above
		}
		n.exp, n.end, n.scaled = s.exp, end, true
		return l.more(n)
	}
	for _, s := range latinScales {
		end, ok := l.has(j, s.name)
		if !ok || isLatin(l.at(end)) || isDigit(l.at(end)) {
			continue
		}
		n.exp, n.end, n.scaled = s.exp, end, true
		return n
	}
	return l.more(n)
}

// more reads 多 or 余 between numeral and counter: 30多个, 100余家.
func (l *line) more(n number) number {
	if j := l.skipSpace(n.end); l.in(j, "多余") {
		n.bound, n.end = Above, j+1
	}
	return n
}

var englishWords = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
	"eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
	"seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12, "dozens": 24, "hundreds": 200, "thousands": 2000,
}

// englishNumber reads twenty-six, five hundred, a dozen, hundreds.
func (l *line) englishNumber(i int) (number, bool) {
	word, end := l.word(i)
	v, ok := englishWords[word]
	if !ok {
		return number{}, false
	}
	if tens := v; tens >= 20 && tens <= 90 && tens%10 == 0 && word != "dozens" {
		next, stop := l.word(end + 1)
		if unit := englishWords[next]; (l.at(end) == '-' || l.at(end) == ' ') && unit > 0 && unit < 10 {
			v, end = v+unit, stop
		}
	}
	n := number{digits: strconv.Itoa(v), end: end, word: true}
	switch word {
	case "dozens":
		n.bound, n.digits = AtLeast, "12"
	case "hundreds", "thousands":
		n.bound, n.digits = AtLeast, strconv.Itoa(v/2)
	default:
		n = l.scaled(n)
		n.word = true
	}
	return n, true
}

// word is the lower-cased run of Latin letters at rune i.
func (l *line) word(i int) (string, int) {
	j := i
	for isLatin(l.at(j)) {
		j++
	}
	if j == i {
		return "", i
	}
	return strings.ToLower(string(l.r[i:j])), j
}
