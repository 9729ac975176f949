package search

import (
	"math/bits"
	"slices"
	"unicode"
	"unicode/utf8"
)

// unit is a part of a box query that a document holds or does not: a term, or
// another that stands for it.
type unit struct {
	term   string
	raw    string // the folded word, "" for characters
	prefix bool   // the word may go on
	start  int
	end    int
	senses []sense // a part of the gloss of what the unit stands in
	ways   []way   // what of them a document must hold to say the same
}

// box cuts a query into units: words without the stop words, unless there is
// nothing else, and pairs of neighbours; single characters where they stand
// alone.
func (p *plan) box() {
	all := termsOf(p.text)
	only := !slices.ContainsFunc(all, func(t term) bool { return !t.stop && !t.inPair })
	for i, t := range all {
		u := unit{term: t.text, raw: t.raw, start: t.start, end: t.end}
		last := i == len(all)-1
		u.prefix = last && t.raw != "" && utf8.RuneCountInString(t.raw) >= minPrefix && !endsInSpace(p.text)
		if t.inPair || t.stop && !only && !u.prefix {
			continue
		}
		p.addUnit(u)
	}
	for i := range p.units {
		p.sensesAt(&p.units[i])
	}
}

func endsInSpace(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsSpace(r)
}

func (p *plan) addUnit(u unit) {
	for i := range p.units {
		if o := &p.units[i]; o.term == u.term {
			o.prefix = o.prefix || u.prefix
			o.raw = u.raw
			return
		}
	}
	if len(p.units) < maxUnits {
		p.units = append(p.units, u)
	}
}

// sensesAt are the glosses of the place where a unit stands. A gloss over
// several units is divided among them.
func (p *plan) sensesAt(u *unit) {
	for _, g := range p.gloss {
		if u.start < g.start || u.end > g.end {
			continue
		}
		among := int64(0)
		for _, o := range p.units {
			if o.start >= g.start && o.end <= g.end {
				among++
			}
		}
		first := len(u.senses)
		for _, s := range g.senses[:min(len(g.senses), maxStandIns-first)] {
			u.senses = append(u.senses, sense{s.term, s.weight / max(among, 1), s.of})
		}
		u.ways = append(u.ways, waysOf(u.senses, first)...)
	}
}

// maxStandIns is how many words of glosses stand for a unit: a bit of a way
// each.
const maxStandIns = 31

// way is one sense of a gloss: the places of its words among those of a unit, a
// bit each. A battery is no lithium battery, and neither is an ion: a document
// says the sense when it holds all of its words, or all but one of three and
// more.
type way uint32

func (w way) saidBy(held uint32) bool {
	n := bits.OnesCount32(uint32(w))
	if n > 2 {
		n--
	}
	return bits.OnesCount32(uint32(w)&held) >= n
}

// waysOf lists the senses of the gloss whose words begin at first.
func waysOf(senses []sense, first int) []way {
	var out []way
	var by [8]way
	for i, s := range senses[first:] {
		bit := way(1) << (first + i)
		if s.of == 0 {
			out = append(out, bit)
		}
		for k := range by {
			if s.of>>k&1 == 1 {
				by[k] |= bit
			}
		}
	}
	for _, w := range by {
		if w != 0 {
			out = append(out, w)
		}
	}
	return out
}

// saidBy reports whether a document that holds these words of glosses says what
// the unit says.
func (u *unit) saidBy(held uint32) bool {
	return slices.ContainsFunc(u.ways, func(w way) bool { return w.saidBy(held) })
}

// enough is how many of n units a document must hold.
func enough(n int) int {
	if n <= 2 {
		return n
	}
	return (3*n + 3) / 4
}

// expanded is a term that a unit may stand for.
type expanded struct {
	term  string
	exact bool // the word itself rather than one that begins so
	entry
}

// expand lists the terms of a unit: its own and, where the word may go on,
// those of every word that begins so.
func (p *part) expand(u unit) []expanded {
	var out []expanded
	seen := map[string]bool{}
	add := func(term string, e entry, exact bool) {
		if !seen[term] {
			seen[term] = true
			out = append(out, expanded{term, exact, e})
		}
	}
	d := &p.streams[words].dict
	if e, ok := d.find(u.term); ok {
		add(u.term, e, true)
	}
	if !u.prefix {
		return out
	}
	d.withPrefix(u.raw, func(term string, e entry) { add(term, e, false) })
	p.raws.withPrefix(u.raw, func(raw string, _ entry) {
		if e, ok := d.find(stem(raw)); ok {
			add(stem(raw), e, false)
		}
	})
	return out
}
