package quantity

import (
	"strconv"
	"strings"
)

func isHanNumeral(r rune) bool { return hanDigit(r) >= 0 || hanPlace(r) > 0 }

func hanDigit(r rune) int {
	switch r {
	case '零':
		return 0
	case '一':
		return 1
	case '二', '两':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return -1
}

func hanPlace(r rune) int {
	switch r {
	case '十':
		return 1
	case '百':
		return 2
	case '千':
		return 3
	case '万':
		return 4
	case '亿':
		return 8
	}
	return 0
}

// hanNumber reads a Chinese numeral: 二十六, 一百零五, 三点五万, 一二三 digit by
// digit, and the vague ones: 数十亿 and 几百 are at least one of the place that
// they name, 十几 is 11 to 19, 十余 and 百多 are above, 上百 is at least.
func (l *line) hanNumber(i int) (number, bool) {
	if l.in(i, "数几") {
		return l.vague(i)
	}
	if run, end := l.hanDigitRun(i); len(run) > 1 {
		if len(run) == 2 && run[0] < run[1] && run[0] > '0' {
			return l.neighbours(run, end), true
		}
		return number{digits: run, end: end, han: true}, hanPlace(l.at(end)) == 0 && l.at(i) != '两'
	}
	total, section, digit, last, j := 0, 0, -1, 0, i
	for ; isHanNumeral(l.at(j)) && j-i < 24; j++ {
		if d := hanDigit(l.at(j)); d >= 0 {
			if d > 0 && digit > 0 {
				break
			}
			digit, last = d, 0
			continue
		}
		last = hanPlace(l.at(j))
		if last < 4 {
			section += oneIfNone(digit) * tens(last)
		} else {
			section += max(digit, 0)
			if total+section == 0 {
				section = 1
			}
			if total, section = raise(total, section, last), 0; total < 0 {
				return number{}, false
			}
		}
		digit = -1
	}
	total += section + max(digit, 0)
	return l.hanTail(number{digits: strconv.Itoa(total), end: j, han: true, step: hanStep(total, last)})
}

// raise applies 万 to the section before it and 亿 to all before it; below
// zero means too large.
func raise(total, section, place int) int {
	if place != 8 {
		return total + section*tens(4)
	}
	if total += section; total > 1e6 {
		return -1
	}
	return total * tens(8)
}

func oneIfNone(digit int) int {
	if digit <= 0 {
		return 1
	}
	return digit
}

// neighbours reads 三五个 and 七八百人: two digits side by side are the ends of a
// rough range.
func (l *line) neighbours(run string, end int) number {
	n := number{digits: run[:1], end: end, han: true, bound: Between}
	for ; hanPlace(l.at(n.end)) > 0 && n.end-end < 3; n.end++ {
		n.exp += hanPlace(l.at(n.end))
	}
	n.high = float64(run[1]-'0') * pow10(n.exp)
	return n
}

// hanDigitRun is a number written digit by digit: 二〇二四.
func (l *line) hanDigitRun(i int) (string, int) {
	var b strings.Builder
	for ; hanDigit(l.at(i)) >= 0 && b.Len() < maxDigits; i++ {
		if l.at(i) == '两' && b.Len() > 0 {
			break
		}
		b.WriteString(strconv.Itoa(hanDigit(l.at(i))))
	}
	return b.String(), i
}

// hanStep: a count below a hundred is meant to the unit (三十家); above, the
// last place named is the last stated digit (三百, 三万).
func hanStep(total, last int) int {
	if total < 100 {
		return 0
	}
	return last
}

func tens(p int) int {
	n := 1
	for range p {
		n *= 10
	}
	return n
}

// hanTail reads what may follow the digits: 点五, 万 after a decimal, 几, 多, 余.
func (l *line) hanTail(n number) (number, bool) {
	if l.at(n.end) == '点' && hanDigit(l.at(n.end+1)) >= 0 {
		var b strings.Builder
		j := n.end + 1
		for ; hanDigit(l.at(j)) >= 0 && b.Len() < 6; j++ {
			b.WriteString(strconv.Itoa(hanDigit(l.at(j))))
		}
		n.digits, n.step, n.end = n.digits+"."+b.String(), -b.Len(), j
		n = l.scaled(n)
		n.han = true
		return n, true
	}
	if l.at(n.end) == '几' {
		low := n.value()
		n.bound, n.digits, n.high = Between, strconv.FormatFloat(low+1, 'f', -1, 64), low+9
		n.end++
		return n, low >= 10 && low < 100
	}
	if l.in(n.end, "多余") {
		k := n.end + 1
		n.bound, n.end = Above, k
		for _, s := range hanScales {
			if end, ok := l.has(k, s.name); ok {
				n.exp, n.end, n.scaled = s.exp, end, true
				break
			}
		}
	}
	return n, true
}

// vague reads 数十, 几百, 数千万, 数亿: at least one of the place named, the
// weakest reading and so never wrong. 数 and 几 before a counter ("数家") name
// no magnitude and are not numbers.
func (l *line) vague(i int) (number, bool) {
	j, exp := i+1, 0
	for ; hanPlace(l.at(j)) > 0 && j-i < 4; j++ {
		exp += hanPlace(l.at(j))
	}
	if exp == 0 {
		return number{}, false
	}
	return number{digits: "1", exp: exp, bound: AtLeast, end: j, han: true}, true
}
