package claims

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a part of the original text, in bytes and in runes, end excluded.
type Span struct {
	Start     int `json:"start"`
	End       int `json:"end"`
	RuneStart int `json:"rune_start"`
	RuneEnd   int `json:"rune_end"`
}

// ParagraphKind says what a paragraph is for.
type ParagraphKind string

// The kinds of paragraph.
const (
	Body    ParagraphKind = "body"
	Heading ParagraphKind = "heading" // short and without an end: headings and captions
	Byline  ParagraphKind = "byline"  // who wrote and photographed
)

// Paragraph is a stretch of text that belongs together, after joining.
type Paragraph struct {
	Span
	Kind ParagraphKind `json:"kind"`
	Text string        `json:"text"`
	// TwinOf is the index of the paragraph that says the same, -1 for none. A
	// twin gives no claims.
	TwinOf int `json:"twin_of"`

	runes []rune
	at    []int // rune i of the paragraph is rune at[i] of the original
}

// Duplicate is a paragraph printed twice.
type Duplicate struct {
	Paragraph int  `json:"paragraph"` // the twin that is left out
	Of        int  `json:"of"`        // the one that is kept
	Truncated bool `json:"truncated"` // the twin breaks off early
	Span
}

// source is the original text with the byte offset of each rune.
type source struct {
	text string
	off  []int
}

func newSource(text string) *source {
	s := &source{text: text, off: make([]int, 0, len(text)/2+1)}
	for i := 0; i < len(text); {
		s.off = append(s.off, i)
		_, n := utf8.DecodeRuneInString(text[i:])
		i += n
	}
	s.off = append(s.off, len(text))
	return s
}

func (s *source) span(runeStart, runeEnd int) Span {
	return Span{s.off[runeStart], s.off[runeEnd], runeStart, runeEnd}
}

// rawLine is a line without the blanks around it.
type rawLine struct {
	runes []rune
	at    []int
	gap   bool // a blank line stands before it
}

func (s *source) lines() []rawLine {
	var out []rawLine
	cur, gap, n := rawLine{}, false, 0
	flush := func() {
		cur.trim()
		if len(cur.runes) == 0 {
			gap = true
		} else {
			cur.gap, gap = gap, false
			out = append(out, cur)
		}
		cur = rawLine{}
	}
	for _, r := range s.text {
		if r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' {
			if r != '\n' || n == 0 || s.text[s.off[n]-1] != '\r' {
				flush()
			}
		} else if r != '\ufeff' && r != '\u200b' && r != '\u00ad' {
			cur.runes, cur.at = append(cur.runes, r), append(cur.at, n)
		}
		n++
	}
	flush()
	return out
}

func (l *rawLine) trim() {
	for len(l.runes) > 0 && unicode.IsSpace(l.runes[len(l.runes)-1]) {
		l.runes, l.at = l.runes[:len(l.runes)-1], l.at[:len(l.at)-1]
	}
	for len(l.runes) > 0 && unicode.IsSpace(l.runes[0]) {
		l.runes, l.at = l.runes[1:], l.at[1:]
	}
}

const (
	enders  = "。！？!?…；;：:”\"’）)》】."
	commas  = "，,、"
	bylines = "文/ 图/ 文｜ 图｜ 文、图/ 记者 通讯员 来源 编辑 责编 作者 本报讯 By Photo Text Source"
)

// unfinished reports whether a line breaks off inside a sentence: it has the
// commas of running text, or the length of it, and no end.
func unfinished(l rawLine) bool {
	last := l.runes[len(l.runes)-1]
	if strings.ContainsRune(enders, last) {
		return false
	}
	if strings.ContainsRune(commas, last) {
		return true
	}
	text := string(l.runes)
	if hanShare(l.runes) {
		return len(l.runes) >= 12 && strings.ContainsAny(text, "，,。；、")
	}
	return len(l.runes) >= 50
}

// continues reports whether a line reads as running text rather than as a
// heading.
func continues(a, b rawLine) bool {
	if isByline(b.runes) {
		return false
	}
	if hanShare(b.runes) || hanShare(a.runes) {
		return strings.ContainsAny(string(b.runes), "。，,；;！？、")
	}
	return !b.gap || unicode.IsLower(b.runes[0]) || unicode.IsDigit(b.runes[0])
}

func isByline(r []rune) bool {
	if len(r) > 60 {
		return false
	}
	head := strings.TrimLeft(string(r), "（(【[ ")
	for _, w := range strings.Fields(bylines) {
		if strings.HasPrefix(head, w) && !strings.ContainsAny(head, "。，") {
			return true
		}
	}
	return false
}

// hanShare reports whether the text is mostly Chinese.
func hanShare(r []rune) bool {
	han := 0
	for _, x := range r {
		if unicode.Is(unicode.Han, x) {
			han++
		}
	}
	return han*4 >= len(r)
}

// paragraphs joins lines into paragraphs and marks twins.
func (s *source) paragraphs() []Paragraph {
	var out []Paragraph
	lines := s.lines()
	for i := 0; i < len(lines); i++ {
		cur := lines[i]
		for i+1 < len(lines) && unfinished(cur) && continues(cur, lines[i+1]) {
			i++
			cur = glue(cur, lines[i])
		}
		p := Paragraph{Kind: kindOf(cur.runes), Text: string(cur.runes), TwinOf: -1, runes: cur.runes, at: cur.at}
		p.Span = s.span(cur.at[0], cur.at[len(cur.at)-1]+1)
		out = append(out, p)
	}
	return out
}

// glue joins two lines: Chinese without a blank, Latin words with one, and a
// word broken by a hyphen stays as it is printed.
func glue(a, b rawLine) rawLine {
	last, first := a.runes[len(a.runes)-1], b.runes[0]
	if last < 0x2E80 && first < 0x2E80 {
		a.runes, a.at = append(a.runes, ' '), append(a.at, a.at[len(a.at)-1])
	}
	a.runes, a.at = append(a.runes, b.runes...), append(a.at, b.at...)
	return a
}

func kindOf(r []rune) ParagraphKind {
	text := string(r)
	switch {
	case isByline(r):
		return Byline
	case len(r) < 80 && !strings.ContainsAny(text, "。；;！？，,") && !strings.HasSuffix(text, "."):
		return Heading
	}
	return Body
}

const (
	twinLeast  = 20 // runes that two equal paragraphs need to count as printed twice
	trunkLeast = 40 // runes that a truncated twin needs
)

// markTwins finds paragraphs printed twice, whole or broken off, and keeps the
// first whole one. In sorted order a beginning stands right before what
// continues it, so each paragraph is compared with its neighbour only.
func (s *source) markTwins(ps []Paragraph) []Duplicate {
	keys := make([]string, len(ps))
	order := make([]int, len(ps))
	for i := range ps {
		keys[i], order[i] = squeeze(ps[i].runes), i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(strings.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	var out []Duplicate
	mark := func(twin, of int, cut bool) {
		ps[twin].TwinOf = of
		out = append(out, Duplicate{Paragraph: twin, Of: of, Truncated: cut, Span: ps[twin].Span})
	}
	for k, whole := len(order)-2, len(order)-1; k >= 0; k-- {
		i, j := order[k], order[whole]
		n := utf8.RuneCountInString(keys[i])
		switch {
		case keys[i] == keys[j] && n >= twinLeast:
			mark(j, i, false)
			for d := range out { // what pointed at the later print points at the first
				if out[d].Of == j {
					out[d].Of, ps[out[d].Paragraph].TwinOf = i, i
				}
			}
			whole = k
		case keys[i] != keys[j] && n >= trunkLeast && strings.HasPrefix(keys[j], keys[i]):
			mark(i, j, true)
		default:
			whole = k
		}
	}
	slices.SortFunc(out, func(a, b Duplicate) int { return cmp.Compare(a.Start, b.Start) })
	return out
}

func squeeze(r []rune) string {
	var b strings.Builder
	for _, x := range r {
		if !unicode.IsSpace(x) {
			b.WriteRune(x)
		}
	}
	return b.String()
}
