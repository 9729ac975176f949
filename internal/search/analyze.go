package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// piece is the smallest part of a text that the index knows: a folded word of
// letters and digits, or one character of a script without blanks.
type piece struct {
	start, end int    // bytes in the text
	word       string // "" for a character
	char       rune   // simplified
	joined     bool   // the character before it in the text is a piece too, with nothing between
}

// maxWord bounds a word in bytes; what is longer is no word of any language.
const maxWord = 64

// scan calls emit for each piece of the text, in order. Letters are folded as
// package fold does (NFKC, case, diacritics, traditional characters). A number
// keeps its decimal point and the unit written on to it: 3.5kv, 5g.
func scan(text string, emit func(piece)) {
	last := -1 // end of the last character emitted
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if !asciiWord(c) {
				i++
				continue
			}
			i = scanWord(text, i, emit)
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case plainHan(r):
			emit(piece{start: i, end: i + n, char: simplified(r), joined: last == i})
			i += n
			last = i
		case wordRune(r):
			i = scanWord(text, i, emit)
		case fold.Unspaced(r):
			i = scanOdd(text, i, i+n+voicing(text[i+n:]), last == i, emit)
			last = i
		case punctuation(r):
			i += n
		default:
			i = scanOdd(text, i, i+n, false, emit)
		}
	}
}

// scanWord emits the word that starts at i and returns its end.
func scanWord(text string, i int, emit func(piece)) int {
	end, plain := i, true
	for end < len(text) {
		c := text[end]
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			end++
			continue
		case c >= 'A' && c <= 'Z':
			plain = false
			end++
			continue
		case c == '.' && end > i && digit(text[end-1]) && end+1 < len(text) && digit(text[end+1]):
			end++
			continue
		case c == '\'' && shortEnding(text[end+1:]):
			plain = false
			end++
			continue
		case c < utf8.RuneSelf:
		default:
			r, n := utf8.DecodeRuneInString(text[end:])
			if wordRune(r) || r == '’' && shortEnding(text[end+n:]) || r == '．' && betweenDigits(text[:end], text[end+n:]) {
				plain = false
				end += n
				continue
			}
		}
		break
	}
	if plain {
		emit(piece{start: i, end: end, word: cutWord(text[i:end])})
		return end
	}
	return scanFolded(text, i, end, emit)
}

// scanFolded emits a run with capitals or letters outside ASCII.
func scanFolded(text string, i, end int, emit func(piece)) int {
	run := narrow(text[i:end])
	if w, ok := lowerASCII(run); ok {
		emit(piece{start: i, end: end, word: cutWord(w)})
		return end
	}
	return scanOdd(text, i, end, false, emit)
}

// scanOdd emits what folding makes of text[i:end]: possibly several pieces, or
// none. All of them stand where the run stands.
func scanOdd(text string, i, end int, joined bool, emit func(piece)) int {
	for _, part := range strings.Fields(fold.Name(text[i:end])) {
		from := 0
		flush := func(to int) {
			if from < to {
				emit(piece{start: i, end: end, word: cutWord(part[from:to])})
			}
		}
		for at, r := range part {
			if !fold.Unspaced(r) {
				continue
			}
			flush(at)
			emit(piece{start: i, end: end, char: r, joined: joined && from == at})
			from, joined = at+utf8.RuneLen(r), true
		}
		flush(len(part))
	}
	return end
}

func cutWord(w string) string {
	if len(w) <= maxWord {
		return w
	}
	return cut(w, maxWord)
}

func asciiWord(c byte) bool { return c >= 'a' && c <= 'z' || digit(c) || c >= 'A' && c <= 'Z' }

// betweenDigits is for a full-width point.
func betweenDigits(before, after string) bool {
	a, _ := utf8.DecodeLastRuneInString(before)
	b, _ := utf8.DecodeRuneInString(after)
	return unicode.IsDigit(a) && unicode.IsDigit(b)
}

// voicing measures the half-width voicing marks that belong to the kana before
// them.
func voicing(rest string) int {
	r, n := utf8.DecodeRuneInString(rest)
	if r == 0xFF9E || r == 0xFF9F {
		return n
	}
	return 0
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// plainHan reports the characters that only simplification changes.
func plainHan(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF }

func wordRune(r rune) bool {
	return !fold.Unspaced(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// punctuation reports common marks that fold to nothing, so that they need not
// be folded to find out.
func punctuation(r rune) bool {
	return r >= 0x2010 && r <= 0x2027 || r >= 0x3000 && r <= 0x3004 || r >= 0x3008 && r <= 0x301F ||
		r >= 0xFF01 && r <= 0xFF0F || r >= 0xFF1A && r <= 0xFF20 || r == utf8.RuneError
}

// shortEnding reports whether rest starts with one or two ASCII letters and
// then ends the word: the apostrophe before it vanishes, as in package fold.
func shortEnding(rest string) bool {
	n := 0
	for n < len(rest) && n < 3 && (rest[n]|0x20 >= 'a' && rest[n]|0x20 <= 'z') {
		n++
	}
	return n > 0 && n < 3
}

// narrow writes full-width letters and digits as ASCII.
func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			return r - 0xFEE0
		}
		return r
	}, s)
}

// lowerASCII returns a word in lower case when it is ASCII without apostrophe.
func lowerASCII(s string) (string, bool) {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\'' {
			return "", false
		}
	}
	return strings.ToLower(s), true
}

// simplify holds the simplified form of each plain character.
var simplifiedForms = func() []rune {
	out := make([]rune, 0xA000-0x3400)
	for r := rune(0x3400); r <= 0x9FFF; r++ {
		out[r-0x3400], _ = utf8.DecodeRuneInString(fold.Simplified(string(r)))
	}
	return out
}()

func simplified(r rune) rune { return simplifiedForms[r-0x3400] }

// charTerm and pairTerm are the terms of a character and of two neighbours.
func charTerm(r rune) string    { return string(r) }
func pairTerm(a, b rune) string { return string(a) + string(b) }

// terms lists the index terms of a text with their places, stop words left out
// on demand: a word's stem, a character, a pair of neighbours. A pair follows
// its second character.
func terms(text string, emit func(t term)) {
	var before piece
	scan(text, func(p piece) {
		if p.word != "" {
			emit(term{piece: p, text: stem(p.word), raw: p.word, stop: stopWords[p.word]})
			before = piece{}
			return
		}
		emit(term{piece: p, text: charTerm(p.char), single: true, stop: stopChars[p.char]})
		if p.joined && before.char != 0 {
			pair := p
			pair.start = min(before.start, p.start)
			emit(term{piece: pair, text: pairTerm(before.char, p.char), pair: true})
		}
		before = p
	})
}

// term is an index term where it stands in a text.
type term struct {
	piece
	text   string
	raw    string // the folded word, before stemming
	single bool   // one character
	pair   bool   // two characters
	inPair bool   // a character that a pair covers too
	stop   bool   // says nothing in a body
}
