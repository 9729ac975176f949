package search

import (
	"cmp"
	"slices"
	"strings"

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
			s := sense{t.text, oneSense, 0}
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
