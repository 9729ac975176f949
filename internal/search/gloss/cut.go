package gloss

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// piece is a Chinese character or a word of another script in a text.
type piece struct {
	start, end int
	char       rune   // simplified, 0 for a word
	word       string // lower case, in the singular
	joined     bool   // no more than a blank, hyphen or stroke parts it from the piece before
}

// cut calls emit for each piece of a text, in order.
func cut(text string, emit func(piece)) {
	last, lastHan := -1, false
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf && !asciiWord(c) {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case c >= utf8.RuneSelf && fold.IsHan(r):
			emit(piece{start: i, end: i + n, char: simplified(r), joined: last == i || !lastHan && joins(text, last, i)})
			i += n
			last, lastHan = i, true
		case c < utf8.RuneSelf || wordRune(r):
			end := wordEnd(text, i)
			emit(piece{start: i, end: end, word: normal(text[i:end]), joined: joins(text, last, i)})
			i = end
			last, lastHan = end, false
		default:
			i += n
		}
	}
}

func asciiWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func wordRune(r rune) bool {
	return !fold.Unspaced(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// joins reports whether the text between two pieces lets them be one phrase.
func joins(text string, last, i int) bool {
	if last < 0 || i-last > 3 {
		return false
	}
	switch text[last:i] {
	case "", " ", "-", "/", "–", "‐", "’", "'":
		return true
	}
	return false
}

// wordEnd returns the end of the word that begins at i: letters and digits, with
// the apostrophe of a possessive.
func wordEnd(text string, i int) int {
	for i < len(text) {
		c := text[i]
		if c < utf8.RuneSelf {
			if !asciiWord(c) && (c != '\'' || !possessive(text[i+1:])) {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if !wordRune(r) && (r != '’' || !possessive(text[i+n:])) {
			return i
		}
		i += n
	}
	return i
}

// possessive reports an s that ends its word.
func possessive(rest string) bool {
	return rest != "" && (rest[0] == 's' || rest[0] == 'S') && (len(rest) == 1 || !asciiWord(rest[1]) && rest[1] < utf8.RuneSelf)
}

// normal is the form of a word under which it is looked up: folded, in the
// singular where an s makes the plural.
func normal(w string) string {
	plain := true
	for i := range len(w) {
		if c := w[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
			plain = false
			break
		}
	}
	if !plain {
		w = folded(w)
	}
	return singular(w)
}

func folded(w string) string {
	if ascii(w) && strings.IndexByte(w, '\'') < 0 {
		return strings.ToLower(w)
	}
	return strings.ReplaceAll(fold.Name(w), " ", "")
}

func singular(w string) string {
	n := len(w)
	if n < 4 || w[n-1] != 's' {
		return w
	}
	switch w[n-2] {
	case 's', 'u', 'i':
		return w
	case 'e':
		if n > 4 && w[n-3] == 'i' {
			return w[:n-3] + "y"
		}
	}
	return w[:n-1]
}

const (
	firstHan = 0x3400
	lastHan  = 0x9FFF
)

// simplifiedForms holds the simplified form of each common character.
var simplifiedForms = func() (forms [lastHan - firstHan + 1]rune) {
	for i := range forms {
		forms[i], _ = utf8.DecodeRuneInString(fold.Simplified(string(rune(firstHan + i))))
	}
	return forms
}()

func simplified(r rune) rune {
	if r >= firstHan && r <= lastHan {
		return simplifiedForms[r-firstHan]
	}
	s, _ := utf8.DecodeRuneInString(fold.Simplified(string(r)))
	return s
}
