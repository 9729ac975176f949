package search

import (
	"cmp"
	"slices"
	"sync"
)

// windowSize is how many documents are scored at a time.
const windowSize = 4096

// scorer finds the best documents of parts for a whole text, by MaxScore
// (Turtle and Flood, 1995) over windows, with bounds of each block of postings
// (block-max, Ding and Suel, 2011). In each window the terms that together
// cannot lift a document over the threshold are only looked up for documents
// that the other terms have brought near it. The result is that of adding
// everything up.
type scorer struct {
	cursors []*cursor // by rising bound
	sums    [windowSize]uint32
	found   []candidate
	best    *best
}

var scorers = sync.Pool{New: func() any { return new(scorer) }}

// top offers the documents of a part to the best ones; allowed nil allows all.
func (p *part) top(terms []weighted, pl *plan, allowed bitset, best *best) {
	sc := scorers.Get().(*scorer)
	defer scorers.Put(sc)
	sc.best = best
	n := 0
	for _, t := range terms {
		e, ok := p.streams[t.stream].find(t.term)
		if !ok {
			continue
		}
		if n == len(sc.cursors) {
			sc.cursors = append(sc.cursors, new(cursor))
		}
		sc.cursors[n].open(p, t, e, pl)
		n++
	}
	all := sc.cursors
	defer func() { sc.cursors, sc.best = all, nil }()
	sc.cursors = slices.Clone(all[:n])
	slices.SortStableFunc(sc.cursors, func(a, b *cursor) int { return cmp.Compare(a.top, b.top) })
	for from := 0; from < p.n; from += windowSize {
		to := min(from+windowSize, p.n)
		if allowed == nil || !allowed.none(uint32(from), uint32(to)) {
			sc.window(p, uint32(from), uint32(to), allowed)
		}
	}
}

func (sc *scorer) window(p *part, from, to uint32, allowed bitset) {
	for _, c := range sc.cursors {
		c.enter(from, to)
	}
	threshold := sc.best.threshold()
	rest, few := uint32(0), 0
	for few < len(sc.cursors) && rest+sc.cursors[few].window < max(threshold, 1) {
		rest += sc.cursors[few].window
		few++
	}
	if few == len(sc.cursors) {
		return
	}
	for _, c := range sc.cursors[few:] {
		if c.window > 0 {
			c.addTo(&sc.sums, from, to)
		}
	}
	sc.collect(from, to, allowed, rest, threshold)
	for i := few - 1; i >= 0 && len(sc.found) > 0; i-- {
		c := sc.cursors[i]
		if rest -= c.window; c.window > 0 {
			sc.found = c.probe(sc.found, rest, threshold)
		}
	}
	for _, x := range sc.found {
		sc.best.offer(ref{part: p, doc: x.doc, score: x.score})
	}
}

// collect lists the documents of the window that may reach the threshold, and
// clears the sums.
func (sc *scorer) collect(from, to uint32, allowed bitset, rest, threshold uint32) {
	sc.found = sc.found[:0]
	sums := sc.sums[:to-from]
	for i, sum := range sums {
		if sum == 0 {
			continue
		}
		sums[i] = 0
		if doc := from + uint32(i); sum+rest >= threshold && (allowed == nil || allowed.has(doc)) {
			sc.found = append(sc.found, candidate{doc, sum})
		}
	}
}

// ref is a document with its score.
type ref struct {
	part  *part
	doc   uint32
	score uint32
	final float64 // of a box query, where a boost multiplies
	key   *Key    // read when it is asked for
}

func (r *ref) id() Key {
	if r.key == nil {
		k := r.part.key(r.doc)
		r.key = &k
	}
	return *r.key
}

// compareRefs orders by score, then kind, then id.
func compareRefs(a, b *ref) int {
	if c := cmp.Or(cmp.Compare(b.final, a.final), cmp.Compare(b.score, a.score)); c != 0 {
		return c
	}
	return compareKeys(a.id(), b.id())
}

func compareKeys(a, b Key) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) }

// best keeps the best n documents offered; the worst of them is at the root of
// a heap.
type best struct {
	n    int
	heap []ref
}

// threshold is the score below which no document can get in any more.
func (b *best) threshold() uint32 {
	if b.n == 0 {
		return ^uint32(0)
	}
	if len(b.heap) < b.n {
		return 0
	}
	return b.heap[0].score
}

func (b *best) offer(r ref) {
	switch {
	case b.n == 0:
	case len(b.heap) < b.n:
		b.heap = append(b.heap, r)
		b.up(len(b.heap) - 1)
	case compareRefs(&r, &b.heap[0]) < 0:
		b.heap[0] = r
		b.down(0)
	}
}

func (b *best) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if compareRefs(&b.heap[i], &b.heap[parent]) <= 0 {
			return
		}
		b.heap[i], b.heap[parent] = b.heap[parent], b.heap[i]
		i = parent
	}
}

func (b *best) down(i int) {
	for {
		worst := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(b.heap); c++ {
			if compareRefs(&b.heap[c], &b.heap[worst]) > 0 {
				worst = c
			}
		}
		if worst == i {
			return
		}
		b.heap[i], b.heap[worst] = b.heap[worst], b.heap[i]
		i = worst
	}
}

// sorted returns the documents, the best first.
func (b *best) sorted() []ref {
	slices.SortFunc(b.heap, func(x, y ref) int { return compareRefs(&x, &y) })
	return b.heap
}
