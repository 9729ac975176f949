package quantity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// line is a text as folded runes, one for each rune of the original, so that
// positions map back to byte offsets.
type line struct {
	text string
	r    []rune
	off  []int // byte offset of each rune, and of the end
}

// newLine folds full-width letters, digits and signs and the traditional forms
// of number words; other runes stay as they are. Bytes that are not UTF-8 become
// U+FFFD, one each.
func newLine(text string) *line {
	l := &line{text: text, r: make([]rune, 0, len(text)/2+8), off: make([]int, 0, len(text)/2+9)}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		l.r = append(l.r, foldRune(r))
		l.off = append(l.off, i)
		i += n
	}
	l.off = append(l.off, len(text))
	return l
}

const traditional, simplified = "萬億兩個餘約過達於幾數點貳參肆伍陸柒捌玖拾佰仟餘項顆臺輛條種層處間戶噸時週歐鎊韓幣〇零壹贰叁陆", "万亿两个余约过达于几数点二三四五六七八九十百千余项颗台辆条种层处间户吨时周欧镑韩币零零一二三六"

var simplify = func() map[rune]rune {
	m := map[rune]rune{}
	s := []rune(simplified)
	for i, r := range []rune(traditional) {
		m[r] = s[i]
	}
	return m
}()

func foldRune(r rune) rune {
	switch {
	case r < 0x80:
		return r
	case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
		return r - 0xFEE0
	case r == '％':
		return '%'
	case r == '．':
		return '.'
	case r == '＋':
		return '+'
	case r == '￥':
		return '¥'
	case r == '＄':
		return '$'
	case r == '－' || r == '−' || r == '‐' || r == '‑':
		return '-'
	case r == '～' || r == '〜' || r == '∼':
		return '~'
	case r == '／':
		return '/'
	case r == '\u00a0' || r == '\u3000' || r == '\u2009' || r == '\u202f':
		return ' '
	}
	if s, ok := simplify[r]; ok {
		return s
	}
	return r
}

func (l *line) at(i int) rune {
	if i < 0 || i >= len(l.r) {
		return 0
	}
	return l.r[i]
}

// has reports whether s stands at rune i, and where it ends. Latin letters are
// compared without case.
func (l *line) has(i int, s string) (end int, ok bool) {
	for _, want := range s {
		got := l.at(i)
		if got != want && unicode.ToLower(got) != want {
			return 0, false
		}
		i++
	}
	return i, true
}

// endsWith reports whether s stands just before rune i, and where it begins.
func (l *line) endsWith(i int, s string) (start int, ok bool) {
	start = i - utf8.RuneCountInString(s)
	if start < 0 {
		return 0, false
	}
	_, ok = l.has(start, s)
	return start, ok
}

func (l *line) skipSpace(i int) int {
	for l.at(i) == ' ' {
		i++
	}
	return i
}

func (l *line) backSpace(i int) int {
	for l.at(i-1) == ' ' {
		i--
	}
	return i
}

func (l *line) in(i int, set string) bool {
	r := l.at(i)
	return r != 0 && strings.ContainsRune(set, r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isLatin(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r < 0x250 && r != '×' && r != '÷'
}

type entry[T any] struct {
	form  string
	value T
}
