package search

import (
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
		p.units[i].senses = p.sensesAt(p.units[i])
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
func (p *plan) sensesAt(u unit) []sense {
	var out []sense
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
		for _, s := range g.senses {
			out = append(out, sense{s.term, s.weight / max(among, 1)})
		}
	}
	return out
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
