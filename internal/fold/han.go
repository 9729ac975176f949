package fold

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed tscharacters.txt
var tsCharacters string

// The unified block holds nearly every character met; it gets an array, the
// extensions a map.
const (
	unifiedFirst = 0x4E00
	unifiedLast  = 0x9FFF
)

var tsUnified, tsOther = loadTS(tsCharacters)

func loadTS(text string) (unified [unifiedLast - unifiedFirst + 1]rune, other map[rune]rune) {
	other = map[rune]rune{}
	for line := range strings.Lines(text) {
		from, n := utf8.DecodeRuneInString(line)
		if from == '#' {
			continue
		}
		to, _ := utf8.DecodeRuneInString(line[n:])
		if isUnified(from) {
			unified[from-unifiedFirst] = to
		} else {
			other[from] = to
		}
	}
	return unified, other
}

func isUnified(r rune) bool { return r >= unifiedFirst && r <= unifiedLast }

func simplify(r rune) rune {
	if isUnified(r) {
		if s := tsUnified[r-unifiedFirst]; s != 0 {
			return s
		}
		return r
	}
	if r < 0x3400 {
		return r
	}
	if s, ok := tsOther[r]; ok {
		return s
	}
	return r
}

// Simplified replaces traditional Chinese characters by simplified ones, one
// by one, and leaves everything else as it is.
func Simplified(s string) string { return strings.Map(simplify, s) }

// IsHan reports whether r is a Chinese character.
func IsHan(r rune) bool {
	return isUnified(r) || r > 0x2E7F && unicode.Is(unicode.Han, r)
}

// Unspaced reports whether r belongs to a script written without blanks
// between words (Chinese characters, kana): blanks beside it carry no meaning.
func Unspaced(r rune) bool {
	return isUnified(r) || r > 0x2E7F && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
