package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

const (
	snippet   = 240 // bytes of a body that are shown around the first place
	maxMarked = 40  // terms of a whole text that are marked: those that say most
)

// marker finds the places of a query in documents.
type marker struct {
	stems  map[string]bool // of words
	chars  map[uint64]bool // charKey and pairKey of characters
	prefix string
	senses map[string]bool
	g      Glosser
	known  map[string]string // stems of words met
}

func newMarker(pl *plan, g Glosser) *marker {
	m := &marker{stems: map[string]bool{}, chars: map[uint64]bool{}, senses: map[string]bool{}, known: map[string]string{}}
	if pl.q.Gloss > 0 {
		m.g = g
	}
	for _, u := range pl.units {
		m.wants(u.term)
		if u.prefix {
			m.prefix = u.raw
		}
	}
	if pl.q.Whole {
		for _, w := range telling(pl, words) {
			m.wants(w.term)
		}
	}
	if m.g != nil {
		for _, w := range telling(pl, gloss) {
			m.senses[w.term] = true
		}
	}
	return m
}

// wants notes a term of the words stream.
func (m *marker) wants(term string) {
	first, n := utf8.DecodeRuneInString(term)
	if !fold.Unspaced(first) {
		m.stems[term] = true
		return
	}
	if second, k := utf8.DecodeRuneInString(term[n:]); k > 0 {
		m.chars[pairKey(first, second)] = true
	} else {
		m.chars[charKey(first)] = true
	}
}

// telling are the terms of a stream that say most.
func telling(pl *plan, stream int) []want {
	var list []want
	for _, w := range pl.wants {
		if w.stream == stream && w.strong {
			list = append(list, w)
		}
	}
	slices.SortStableFunc(list, func(a, b want) int {
		if a.weight*a.idf > b.weight*b.idf {
			return -1
		}
		return 1
	})
	return list[:min(len(list), maxMarked)]
}

// marks finds the query in the titles, in the name that holds most of it when
// no title holds any, and in the body.
func (m *marker) marks(d *Doc) []Mark {
	var out []Mark
	for _, f := range []Mark{{Field: "title_zh", Text: d.Title.ZH}, {Field: "title_en", Text: d.Title.EN}} {
		if f.Ranges = m.find(f.Text); len(f.Ranges) > 0 {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		var best Mark
		for _, n := range d.Names {
			if r := m.find(n); covered(r) > covered(best.Ranges) {
				best = Mark{"name", n, r}
			}
		}
		if best.Text != "" {
			out = append(out, best)
		}
	}
	if r := m.find(d.Body); len(r) > 0 {
		out = append(out, excerpt(d.Body, r))
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

// find returns the places in text that stand for a term of the query.
func (m *marker) find(text string) [][2]int {
	if text == "" {
		return nil
	}
	var out [][2]int
	var before piece
	scan(text, func(p piece) {
		switch {
		case p.word != "":
			if m.asked(p.word) {
				out = append(out, [2]int{p.start, p.end})
			}
		case p.joined && before.char != 0 && m.chars[pairKey(before.char, p.char)]:
			out = append(out, [2]int{min(before.start, p.start), p.end})
		case m.chars[charKey(p.char)]:
			out = append(out, [2]int{p.start, p.end})
		}
		before = p
	})
	if m.g != nil {
		for _, g := range m.g.Gloss(text) {
			if m.means(g) && g.Start >= 0 && g.Start < g.End && g.End <= len(text) {
				out = append(out, [2]int{g.Start, g.End})
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return a[0] - b[0] })
	return join(out)
}

// asked reports whether a word stands for a term of the query.
func (m *marker) asked(word string) bool {
	if m.prefix != "" && strings.HasPrefix(word, m.prefix) {
		return true
	}
	s, ok := m.known[word]
	if !ok {
		s = stem(word)
		m.known[word] = s
	}
	return m.stems[s] || m.senses[s]
}

// means reports whether a third of a gloss, by weight, is asked for: one rare
// sense of many marks nothing.
func (m *marker) means(g Gloss) bool {
	has, all := int64(0), int64(0)
	for _, s := range appendSenses(nil, g) {
		all += s.weight
		if m.senses[s.term] {
			has += s.weight
		}
	}
	return has > 0 && 3*has >= all
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

// excerpt cuts a piece of the body around its first place.
func excerpt(body string, ranges [][2]int) Mark {
	from := max(0, ranges[0][0]-snippet/4)
	for from > 0 && !utf8.RuneStart(body[from]) {
		from--
	}
	to := min(len(body), max(from+snippet, ranges[0][1]))
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
