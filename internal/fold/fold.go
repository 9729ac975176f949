package fold

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Name returns the key under which a name is compared and searched: folded
// letters and digits, single blanks between words, none beside Chinese
// characters or kana. Punctuation and symbols count as blanks, but for an
// apostrophe before a short ending, which vanishes (Xi'an = Xian,
// People's = Peoples). The result is valid UTF-8, Name of it is itself, and it
// is empty when s has no letter or digit.
func Name(s string) string {
	b := builder{out: make([]byte, 0, len(s)+8)}
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			b.ascii(c, s[i+1:])
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b.rune(r, s[i+n:])
		i += n
	}
	if b.compose {
		return norm.NFC.String(string(b.out))
	}
	return string(b.out)
}

// builder collects folded runes. A blank is held back until the next letter,
// so that none stands at an end or beside an unspaced script.
type builder struct {
	out     []byte
	last    rune // last letter written, 0 at the start
	blank   bool
	compose bool // something was written that NFC may join
}

func (b *builder) ascii(c byte, rest string) {
	switch {
	case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
		b.write(rune(c))
	case c >= 'A' && c <= 'Z':
		b.write(rune(c + 'a' - 'A'))
	case c == '\'' && shortEnding(rest):
	default:
		b.blank = true
	}
}

func (b *builder) rune(r rune, rest string) {
	switch {
	case isUnified(r):
		b.write(simplify(r))
	case r == '’' && shortEnding(rest), unicode.Is(unicode.Cf, r):
	case r == utf8.RuneError:
		b.blank = true
	default:
		for _, f := range foldRune(r) {
			b.folded(f)
		}
	}
}

func (b *builder) folded(r rune) {
	switch {
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		b.compose = b.compose || r >= 0x300
		b.write(simplify(r))
	case unicode.IsMark(r):
		if b.last != 0 && !b.blank && !isDiacritic(r) {
			b.compose = true
			b.out = utf8.AppendRune(b.out, r)
		}
	default:
		b.blank = true
	}
}

func (b *builder) write(r rune) {
	if b.blank && b.last != 0 && !Unspaced(b.last) && !Unspaced(r) {
		b.out = append(b.out, ' ')
	}
	b.blank = false
	b.last = r
	b.out = utf8.AppendRune(b.out, r)
}

// shortEnding reports whether rest starts with one or two ASCII letters and
// then ends the word.
func shortEnding(rest string) bool {
	n := 0
	for n < len(rest) && n < 3 && isASCIILetter(rest[n]) {
		n++
	}
	return n > 0 && n < 3
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isDiacritic reports marks that only colour a letter. Vowel signs of Indic,
// Thai or Arabic scripts and the kana voicing marks are not among them.
func isDiacritic(r rune) bool {
	return r >= 0x300 && r <= 0x36F || r >= 0x1AB0 && r <= 0x1AFF ||
		r >= 0x1DC0 && r <= 0x1DFF || r >= 0x20D0 && r <= 0x20FF || r >= 0xFE20 && r <= 0xFE2F
}

// spelt lists letters whose stroke or bar Unicode does not decompose.
var spelt = map[rune]string{
	'ø': "o", 'ł': "l", 'đ': "d", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'æ': "ae", 'œ': "oe", 'ð': "d", 'þ': "th", 'ŋ': "ng", 'ə': "e",
}

// commonFolds holds Latin, Greek, Cyrillic and their neighbours, folded once.
var commonFolds = func() (t [0x700]string) {
	for r := rune(0x80); r < rune(len(t)); r++ {
		t[r] = foldSlowly(r)
	}
	return t
}()

func foldRune(r rune) string {
	if int(r) < len(commonFolds) {
		return commonFolds[r]
	}
	return foldSlowly(r)
}

func foldSlowly(r rune) string {
	s := norm.NFKD.String(string(r))
	if unicode.Is(unicode.Cherokee, r) {
		return string(unicode.ToLower(r)) // the fold table of x/text swaps its cases
	}
	s = norm.NFKD.String(cases.Fold().String(s))
	if !strings.ContainsFunc(s, func(r rune) bool { return spelt[r] != "" }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if t := spelt[r]; t != "" {
			b.WriteString(t)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
