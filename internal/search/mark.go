package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// snippet is how many bytes of a body are shown around the first match.
const snippet = 240

// marks finds the query in a document: in its titles, in the name that holds
// most of it when no title holds any, and in its body.
func marks(d *doc, units []unit) []Mark {
	var out []Mark
	for _, f := range []struct{ field, text string }{{"title_zh", d.title.ZH}, {"title_en", d.title.EN}} {
		if r := find(f.text, units); len(r) > 0 {
			out = append(out, Mark{f.field, f.text, r})
		}
	}
	if len(out) == 0 {
		var best Mark
		for _, n := range d.names {
			if r := find(n, units); covered(r) > covered(best.Ranges) {
				best = Mark{"name", n, r}
			}
		}
		if best.Text != "" {
			out = append(out, best)
		}
	}
	if r := find(d.body, units); len(r) > 0 {
		out = append(out, excerpt(d.body, r))
	}
	return out
}

func covered(ranges [][2]int) int {
	n := 0
	for _, r := range ranges {
		n += r[1] - r[0]
	}
	return n
}

// find returns the places in text whose folded form is one of the units.
func find(text string, units []unit) [][2]int {
	var out [][2]int
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		end := i + n
		switch {
		case fold.Unspaced(r):
			if next, m := utf8.DecodeRuneInString(text[end:]); m > 0 && fold.Unspaced(next) && holds(text[i:end+m], units, paired) {
				out = append(out, [2]int{i, end + m})
			} else if holds(text[i:end], units, single) {
				out = append(out, [2]int{i, end})
			}
		case inWord(r):
			end = i + wordLen(text[i:])
			if holds(text[i:end], units, latin) {
				out = append(out, [2]int{i, end})
			}
		}
		i = end
	}
	return join(out)
}

func inWord(r rune) bool {
	return !fold.Unspaced(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// wordLen measures the word at the start of s; an apostrophe between letters
// belongs to it.
func wordLen(s string) int {
	for i, r := range s {
		if inWord(r) {
			continue
		}
		if next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):]); (r == '\'' || r == '’') && inWord(next) {
			continue
		}
		return i
	}
	return len(s)
}

// holds reports whether the folded piece has a term of the given sort that a
// unit asks for.
func holds(piece string, units []unit, sort func(string) bool) bool {
	return slices.ContainsFunc(fold.Tokens(piece), func(t string) bool {
		return sort(t) && slices.ContainsFunc(units, func(u unit) bool {
			return t == u.term || u.prefix && strings.HasPrefix(t, u.term)
		})
	})
}

// join merges ranges that touch or overlap.
func join(ranges [][2]int) [][2]int {
	var out [][2]int
	for _, r := range ranges {
		if n := len(out); n > 0 && r[0] <= out[n-1][1] {
			out[n-1][1] = max(out[n-1][1], r[1])
		} else {
			out = append(out, r)
		}
	}
	return out
}

// excerpt cuts a piece of the body around its first match.
func excerpt(body string, ranges [][2]int) Mark {
	from := max(0, ranges[0][0]-snippet/4)
	for from > 0 && !utf8.RuneStart(body[from]) {
		from--
	}
	to := min(len(body), from+snippet)
	for to < len(body) && !utf8.RuneStart(body[to]) {
		to++
	}
	m := Mark{Field: "body", Text: body[from:to]}
	for _, r := range ranges {
		if r[0] >= from && r[1] <= to {
			m.Ranges = append(m.Ranges, [2]int{r[0] - from, r[1] - from})
		}
	}
	return m
}
