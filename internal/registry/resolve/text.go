package resolve

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// maxText bounds what is read of a text; an affiliation is far shorter.
const maxText = 4096

// word is one word of a spaced script.
type word struct {
	start, end int32  // byte offsets in the raw text
	id         uint32 // in the vocabulary, 0 when unknown or a connector
	seg        int16
	near       bool // id is that of a word one letter apart
	stop       bool // a connector (of, de, the): no content
	joins      bool // a connector that continues a name (of, de, für)
	legal      bool // a form of incorporation
	upper      bool // written in capitals
	text       string
}

// char is one character of an unspaced script, or a Latin letter or digit in
// the same segment.
type char struct {
	r     rune
	start int32
	end   int32
	seg   int16
	latin bool
}

// mention is a text cut into pieces. It is reused, so nothing may keep it.
type mention struct {
	raw   string
	words []word
	chars []char
	segs  int16
	hasCJ bool
	hard  []bool // hard[i]: a break stronger than a comma stands before segment i
}

// cut fills m from raw. Segments end at commas, semicolons, brackets, line
// ends and their full-width forms; e-mails, addresses of pages, LaTeX markup
// and long numbers are dropped.
func (m *mention) cut(raw string) {
	if len(raw) > maxText {
		raw = strings.ToValidUTF8(raw[:maxText], "")
	}
	m.raw, m.words, m.chars, m.segs, m.hasCJ = raw, m.words[:0], m.chars[:0], 0, false
	m.hard = append(m.hard[:0], false)
	for i := 0; i < len(raw); {
		r, n := rune(raw[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(raw[i:])
		}
		switch {
		case r == '\\':
			i += latexCommand(raw[i:])
			continue
		case fold.Unspaced(r):
			m.char(fold.Simplified(string(r)), i, i+n)
		case isWordRune(r):
			i = m.word(i)
			continue
		default:
			m.separator(r, raw[i+n:], i)
		}
		i += n
	}
}

func latexCommand(s string) int {
	n := 1
	for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
		n++
	}
	return n
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// separator starts a new segment at breaking punctuation.
func (m *mention) separator(r rune, rest string, at int) {
	switch r {
	case ',', '(', ')', '[', ']', ':', '/', '，', '、', '（', '）', '：', '·', '•', '“', '”', '"', '–', '—':
		m.newSegment(false)
	case '-':
		if strings.HasPrefix(rest, " ") && at > 0 && m.raw[at-1] == ' ' {
			m.newSegment(false)
		}
	case ';', '|', '\n', '；', '。':
		m.newSegment(true)
	}
}

func (m *mention) newSegment(hard bool) {
	if !m.segmentEmpty() {
		m.segs++
		m.hard = append(m.hard, hard)
		return
	}
	m.hard[m.segs] = m.hard[m.segs] || hard
}

func (m *mention) segmentEmpty() bool {
	nw, nc := len(m.words), len(m.chars)
	return (nw == 0 || m.words[nw-1].seg != m.segs) && (nc == 0 || m.chars[nc-1].seg != m.segs)
}

func (m *mention) char(folded string, start, end int) {
	r, _ := utf8.DecodeRuneInString(folded)
	m.hasCJ = true
	m.chars = append(m.chars, char{r: r, start: int32(start), end: int32(end), seg: m.segs})
}

// word reads the word that starts at i and returns where reading goes on.
func (m *mention) word(i int) int {
	raw := m.raw
	end := wordEnd(raw, i)
	if end+1 < len(raw) && raw[end] == '@' && raw[end+1] > ' ' && strings.IndexByte(raw[end:], '.') > 0 || isAddress(raw[i:]) {
		for end < len(raw) && raw[end] > ' ' && raw[end] < utf8.RuneSelf && raw[end] != ';' && raw[end] != ',' {
			end++
		}
		return end
	}
	text := raw[i:end]
	if e := spacedAmpersand(raw[i:]); e > 0 {
		m.words = append(m.words, word{start: int32(i), end: int32(i + e), seg: m.segs, upper: true,
			text: strings.ToLower(strings.ReplaceAll(raw[i:i+e], " ", ""))})
		return i + e
	}
	if d := leadingDigits(text); d > 0 && d < len(text) && len(text)-d > 2 {
		m.add(text[:d], i, i+d) // a footnote mark glued to the word
		m.add(text[d:], i+d, end)
		return end
	}
	m.add(text, i, end)
	return end
}

// wordEnd takes apostrophes within a word, the dots of U.S.A. and the & of
// A&M with it.
func wordEnd(raw string, i int) int {
	start := i
	for i < len(raw) {
		r, n := utf8.DecodeRuneInString(raw[i:])
		switch {
		case fold.Unspaced(r):
			return i
		case isWordRune(r):
			i += n
		case r == '\'' || r == '’' || r == '\u00ad' || r == '`':
			if !nextIsLetter(raw[i+n:]) {
				return i
			}
			i += n
		case r == '.' || r == '&':
			if !singleLetters(raw[start:i]) || !singleLetterNext(raw[i+n:], r) {
				return i
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// spacedAmpersand returns the length of "A & F" at the start of s, 0 when s
// starts otherwise.
func spacedAmpersand(s string) int {
	const n = len("A & F")
	if len(s) < n || s[1:4] != " & " || !asciiUpper(s[0]) || !asciiUpper(s[4]) || len(s) > n && isWordRune(rune(s[n])) {
		return 0
	}
	return n
}

func asciiUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func nextIsLetter(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && !fold.Unspaced(r)
}

// singleLetters reports a word of single letters between dots so far.
func singleLetters(s string) bool {
	return len(s) == 1 || len(s) > 1 && (s[len(s)-2] == '.' || s[len(s)-2] == '&')
}

func singleLetterNext(s string, sep rune) bool {
	if s == "" || s[0]|0x20 < 'a' || s[0]|0x20 > 'z' {
		return false
	}
	return len(s) == 1 || !isWordRune(rune(s[1])) && s[1] < utf8.RuneSelf || sep == '.' && s[1] == '.'
}

func isAddress(s string) bool {
	return strings.HasPrefix(s, "http") || strings.HasPrefix(s, "www.") || strings.HasPrefix(s, "orcid.")
}

func leadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// add folds one raw word and appends what it becomes. Numbers of more than two
// digits and numbers that open a segment are dropped.
func (m *mention) add(text string, start, end int) {
	if leadingDigits(text) == len(text) && (len(text) > 2 || m.segmentEmpty()) {
		return
	}
	if strings.IndexByte(text, '.') > 0 {
		text = strings.ReplaceAll(text, ".", "")
	}
	var folded string
	if strings.IndexByte(text, '&') < 0 {
		folded = fold.Name(text)
	} else {
		folded = strings.ToLower(text)
	}
	upper := isUpper(text)
	for part := range strings.SplitSeq(folded, " ") {
		if part != "" {
			m.words = append(m.words, word{start: int32(start), end: int32(end), seg: m.segs, upper: upper, text: part})
		}
	}
}

func isUpper(s string) bool {
	letters := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters > 1
}
