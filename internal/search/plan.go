package search

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// The limits of a query.
const (
	maxQuery  = 400      // bytes of a box query; the rest is not read
	maxWhole  = 64 << 10 // bytes of a whole text
	maxTerms  = 400      // of each stream: those that say most
	maxUnits  = 48       // of a box query
	maxRepeat = 5        // how often a term of the query counts
	maxOffset = 10_000   // hits that may be passed over
	maxGloss  = 2.0      // weight of the gloss stream
	minPrefix = 2        // characters of a word that may be cut short
	maxScale  = 1 << 15  // parts of a score in a whole one, see score
)

// want is a term that a query looks for in one stream.
type want struct {
	id     int // place in the list before it was trimmed
	stream int
	term   string
	weight float64 // how often it stands in the query, at most maxRepeat; of a gloss, its weight
	strong bool    // a word, a pair, or a character alone: what makes a document a match; a character of a pair does not
	from   string  // the query's own letters, where they stand first
	start  int
	end    int

	idf float64 // filled by settle
}

// span is a place of the query with the terms that stand for it in the gloss
// stream.
type span struct {
	start, end int
	senses     []sense
}

// plan is a query made ready: the terms to look for, and where they come from.
type plan struct {
	q     Query
	text  string
	wants []want
	gloss []span
	units []unit // of a box query
	stats stats
	found map[*part][]entry // of each want by its id, in the parts that count; no documents where it is not held

	sat [streams]*saturations // for the average lengths of stats
}

// newPlan cuts a query.
func newPlan(q Query, g Glosser) *plan {
	p := &plan{q: q, found: map[*part][]entry{}}
	p.q.Limit, p.q.Offset = min(max(q.Limit, 0), MaxLimit), min(max(q.Offset, 0), maxOffset)
	if !(p.q.Gloss > 0) || g == nil { // also for NaN
		p.q.Gloss = 0
	}
	p.q.Gloss = min(p.q.Gloss, maxGloss)
	p.q.Facets = slices.Compact(slices.Sorted(slices.Values(q.Facets)))
	if q.Whole {
		p.text = cut(q.Text, maxWhole)
	} else {
		p.text = cut(q.Text, maxQuery)
	}
	p.words()
	if p.q.Gloss > 0 {
		p.glosses(g)
	}
	if !q.Whole {
		p.box()
	}
	for i := range p.wants {
		p.wants[i].id = i
	}
	return p
}

// words lists the terms of the words stream: each once, with how often it
// stands in the query.
func (p *plan) words() {
	all := termsOf(p.text)
	at := map[string]int{}
	for _, t := range all {
		if t.stop {
			continue
		}
		i, ok := at[t.text]
		if !ok {
			i = len(p.wants)
			at[t.text] = i
			p.wants = append(p.wants, want{stream: words, term: t.text, from: p.text[t.start:t.end], start: t.start, end: t.end})
		}
		w := &p.wants[i]
		w.weight, w.strong = min(w.weight+1, maxRepeat), w.strong || !t.inPair
	}
}

// termsOf lists the terms of a text, and marks characters that a pair covers.
func termsOf(text string) []term {
	var out []term
	terms(text, func(t term) {
		if t.pair {
			for i := len(out) - 1; i >= max(0, len(out)-3); i-- {
				if out[i].single && out[i].start >= t.start {
					out[i].inPair = true
				}
			}
		}
		out = append(out, t)
	})
	return out
}

// glosses adds the terms of the gloss stream: the words of the text by
// themselves and the glosses of the rest.
func (p *plan) glosses(g Glosser) {
	at := map[string]int{}
	add := func(s sense, from string) {
		i, ok := at[s.term]
		if !ok {
			i = len(p.wants)
			at[s.term] = i
			p.wants = append(p.wants, want{stream: gloss, term: s.term, from: from, strong: true})
		}
		w := &p.wants[i]
		w.weight = min(w.weight+float64(s.weight)/oneSense, maxRepeat)
	}
	terms(p.text, func(t term) {
		if t.raw != "" && !t.stop {
			s := sense{t.text, oneSense}
			p.gloss = append(p.gloss, span{start: t.start, end: t.end, senses: []sense{s}})
			add(s, p.text[t.start:t.end])
		}
	})
	for _, gl := range g.Gloss(p.text) {
		senses := appendSenses(nil, gl)
		if len(senses) == 0 || gl.Start < 0 || gl.End > len(p.text) || gl.Start >= gl.End {
			continue
		}
		p.gloss = append(p.gloss, span{start: gl.Start, end: gl.End, senses: senses})
		for _, s := range senses {
			add(s, p.text[gl.Start:gl.End])
		}
	}
}

// settle takes the counts of all parts of the index, gives each term its idf,
// and drops the least telling terms of a very long text.
func (p *plan) settle(s stats) {
	p.stats = s
	for i := range p.wants {
		w := &p.wants[i]
		w.idf = s.idf(w.stream, w.term)
	}
	for k := range streams {
		avg := average(s.total[k], s.docs)
		if p.q.Whole {
			p.sat[k] = newSaturations(k, wholeB, avg)
		} else {
			p.sat[k] = newSaturations(k, boxB, avg)
		}
		p.trim(k)
	}
}

// trim keeps the terms of a stream that say most; of equals, the first.
func (p *plan) trim(stream int) {
	var order []int
	for i, w := range p.wants {
		if w.stream == stream {
			order = append(order, i)
		}
	}
	if len(order) <= maxTerms {
		return
	}
	worth := func(i int) float64 { return p.wants[i].weight * p.wants[i].idf }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(worth(b), worth(a)) })
	drop := map[int]bool{}
	for _, i := range order[maxTerms:] {
		drop[i] = true
	}
	at := -1
	p.wants = slices.DeleteFunc(p.wants, func(want) bool {
		at++
		return drop[at]
	})
}

func (p *plan) count(stream int) int {
	n := 0
	for _, w := range p.wants {
		if w.stream == stream {
			n++
		}
	}
	return n
}

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

// everything reports a query without a text that asks for documents by their
// fields alone.
func (p *plan) everything() bool {
	return strings.TrimSpace(p.q.Text) == "" && (len(p.q.Filters) > 0 || len(p.q.Facets) > 0)
}

// equalName is the folded name that a box query may be.
func (p *plan) equalName() string {
	if p.q.Whole {
		return ""
	}
	return fold.Name(p.text)
}

// stats are the counts over all documents up to the viewer's level.
type stats struct {
	docs  int
	total [streams]int64
	hold  [streams]map[string]int // of each term of the query
}

func (s *stats) add(o stats) {
	s.docs += o.docs
	for k := range s.total {
		s.total[k] += o.total[k]
		if s.hold[k] == nil {
			s.hold[k] = map[string]int{}
		}
		for t, n := range o.hold[k] {
			s.hold[k][t] += n
		}
	}
}

func (s *stats) idf(stream int, term string) float64 {
	n, df := float64(s.docs), float64(s.hold[stream][term])
	return math.Log(1 + (n-df+0.5)/(df+0.5))
}

// stats counts the documents of the levels that are open to the viewer without
// being named, so that nothing else can be learnt from a score.
func (s *state) stats(p *plan) stats {
	out := stats{}
	for k := range out.hold {
		out.hold[k] = map[string]int{}
	}
	rank := p.q.Viewer.Rank()
	for _, part := range s.parts {
		if part.rank > rank {
			continue
		}
		out.docs += part.live
		for k := range part.total {
			out.total[k] += part.total[k]
		}
		part.countTerms(p, &out)
	}
	return out
}

func (p *part) countTerms(pl *plan, out *stats) {
	list := make([]entry, len(pl.wants))
	for i, w := range pl.wants {
		if e, ok := p.streams[w.stream].find(w.term); ok {
			out.hold[w.stream][w.term] += p.holding(w.stream, e)
			list[i] = e
		}
	}
	pl.found[p] = list
	seen := map[string]bool{}
	for _, u := range pl.units {
		for _, t := range p.expand(u) {
			if !seen[t.term] && !pl.wanted(t.term) {
				seen[t.term] = true
				out.hold[words][t.term] += p.holding(words, t.entry)
			}
		}
	}
}

// entry finds a term of the query in a part.
func (p *plan) entry(in *part, w weighted) (entry, bool) {
	if list, ok := p.found[in]; ok {
		return list[w.id], list[w.id].docs > 0
	}
	return in.streams[w.stream].find(w.term)
}

func (p *plan) wanted(term string) bool {
	return slices.ContainsFunc(p.wants, func(w want) bool { return w.stream == words && w.term == term })
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
