package search

import (
	"cmp"
	"math/bits"
	"slices"
	"sync"
)

// windowSize is how many documents are scored at a time.
const windowSize = 4096

// scorer finds the best documents of a part for a whole text. The strong terms
// are added up for every document: they say which documents match at all, and
// what they alone give the best ones is a threshold for the rest. The weak
// ones, which are most of the postings, are then taken in by MaxScore (Turtle
// and Flood, 1995) over windows of documents, with bounds of each block of
// postings (block-max, Ding and Suel, 2011): only for documents that the terms
// before have brought so near the threshold that those to come may lift them
// over it. The result is that of adding everything up.
type scorer struct {
	sums  []uint32 // of every document; zero between searches
	weak  []*cursor
	spare []*cursor
	found []uint32
	list  list
	block block
}

var scorers = sync.Pool{New: func() any { return new(scorer) }}

// top offers documents of a stretch to the best ones. It tells allow which of
// them hold a strong term, and goes on with those that allow returns.
func (r stretch) top(terms []weighted, pl *plan, best *best, allow func(matched bitset) bitset) {
	if len(terms) == 0 {
		allow(newBitset(r.n))
		return
	}
	sc := scorers.Get().(*scorer)
	defer scorers.Put(sc)
	if cap(sc.sums) < r.n {
		sc.sums = make([]uint32, r.n)
	}
	sc.sums = sc.sums[:r.n]
	defer clear(sc.sums[r.from:r.to])
	sc.open(r, terms, pl)
	allowed := allow(r.nonZero(sc.sums))
	floor := sc.floor(allowed, best.n)
	for from := r.from; from < r.to && best.n > 0; from += windowSize {
		to := min(from+windowSize, r.to)
		if !allowed.none(uint32(from), uint32(to)) {
			sc.window(r.part, uint32(from), uint32(to), allowed, floor, best)
		}
	}
}

// open adds up the strong terms and opens the weak ones, the lowest bound
// first.
func (sc *scorer) open(r stretch, terms []weighted, pl *plan) {
	sc.weak = sc.weak[:0]
	for _, t := range terms {
		e, ok := pl.entry(r.part, t)
		switch {
		case !ok:
		case t.strong:
			sc.add(r, t, e, pl)
		default:
			if len(sc.weak) == len(sc.spare) {
				sc.spare = append(sc.spare, new(cursor))
			}
			c := sc.spare[len(sc.weak)]
			c.open(r.part, t, e, pl)
			sc.weak = append(sc.weak, c)
		}
	}
	slices.SortStableFunc(sc.weak, func(a, b *cursor) int { return cmp.Compare(a.top, b.top) })
}

func (sc *scorer) add(r stretch, t weighted, e entry, pl *plan) {
	st, l, from, to := &r.streams[t.stream], &sc.list, uint32(r.from), uint32(r.to)
	l.open(st.postings[e.at:], e.docs, codecs[t.stream].usual)
	for i := range l.blocks() {
		if !l.isShort() && l.last[i] < from {
			continue
		}
		if !l.isShort() && l.prev(i)+1 >= int64(to) {
			return
		}
		l.readDocs(i, &sc.block)
		l.readCodes(i, &sc.block)
		docs, codes := sc.block.between(from, to)
		addParts(sc.sums, docs, codes, st.length, t.scaled, pl.sat[t.stream])
	}
}

// between are the postings of a block from one document up to another.
func (b *block) between(from, to uint32) (docs []uint32, codes []byte) {
	i, j := 0, b.n
	for i < j && b.docs[i] < from {
		i++
	}
	for j > i && b.docs[j-1] >= to {
		j--
	}
	return b.docs[i:j], b.codes[i:j]
}

func (r stretch) nonZero(sums []uint32) bitset {
	out := newBitset(len(sums))
	for i := r.from / 64; i < (r.to+63)/64; i++ {
		w := uint64(0)
		for j, s := range sums[i*64 : min(i*64+64, len(sums))] {
			if s > 0 {
				w |= 1 << j
			}
		}
		out[i] = w
	}
	return out
}

// floor is the n-th highest sum of the strong terms alone: the n best documents
// will have no less.
func (sc *scorer) floor(allowed bitset, n int) uint32 {
	if n == 0 || len(sc.weak) == 0 {
		return 0
	}
	h := floorHeap{n: n}
	for i, w := range allowed {
		for ; w != 0; w &= w - 1 {
			if s := sc.sums[i<<6+bits.TrailingZeros64(w)]; s > h.least {
				h.push(s)
			}
		}
	}
	return h.least
}

func (sc *scorer) window(p *part, from, to uint32, allowed bitset, floor uint32, best *best) {
	rest := uint32(0)
	for _, c := range sc.weak {
		c.enter(from, to)
		rest += c.window
	}
	threshold := max(floor, best.threshold())
	i := len(sc.weak) - 1
	for ; i >= 0 && rest >= threshold*2/3; i-- { // before that hardly any document can be left out
		rest -= sc.weak[i].window
		sc.weak[i].addTo(sc.sums, from, to)
	}
	sc.collect(from, to, allowed, rest, threshold)
	weeded := rest
	for ; i >= 0 && len(sc.found) > 0; i-- {
		c := sc.weak[i]
		if c.window == 0 {
			continue
		}
		rest -= c.window
		sc.look(c, from, to, rest, threshold)
		if weeded-rest > threshold/8 {
			sc.weed(rest, threshold)
			weeded = rest
		}
	}
	for _, doc := range sc.found {
		if sc.sums[doc] >= threshold {
			best.offer(ref{part: p, doc: doc, score: sc.sums[doc]})
		}
	}
}

// collect lists the documents of the window that may reach the threshold.
func (sc *scorer) collect(from, to uint32, allowed bitset, rest, threshold uint32) {
	sc.found = sc.found[:0]
	for i := from >> 6; i < (to+63)>>6; i++ {
		for w := allowed[i]; w != 0; w &= w - 1 {
			if doc := i<<6 + uint32(bits.TrailingZeros64(w)); sc.sums[doc]+rest >= threshold {
				sc.found = append(sc.found, doc)
			}
		}
	}
}

// probeCost is how many postings are added up in the time in which one
// document is looked up.
const probeCost = 4

// look adds what a term gives to the documents found.
func (sc *scorer) look(c *cursor, from, to, rest, threshold uint32) {
	if len(sc.found)*probeCost > c.within(from, to) {
		c.addTo(sc.sums, from, to)
	} else {
		c.probe(sc.found, sc.sums, rest, threshold)
	}
}

// weed drops documents that can no longer reach the threshold.
func (sc *scorer) weed(rest, threshold uint32) {
	kept := sc.found[:0]
	for _, doc := range sc.found {
		if sc.sums[doc]+rest >= threshold {
			kept = append(kept, doc)
		}
	}
	sc.found = kept
}

// floorHeap keeps the n highest numbers, the least at its root.
type floorHeap struct {
	n     int
	list  []uint32
	least uint32 // 0 until there are n
}

func (h *floorHeap) push(v uint32) {
	if len(h.list) < h.n {
		h.list = append(h.list, v)
		if len(h.list) == h.n {
			slices.Sort(h.list) // an ascending list is a heap
			h.least = h.list[0]
		}
		return
	}
	i := 0
	for {
		c := 2*i + 1
		if c+1 < h.n && h.list[c+1] < h.list[c] {
			c++
		}
		if c >= h.n || h.list[c] >= v {
			break
		}
		h.list[i] = h.list[c]
		i = c
	}
	h.list[i] = v
	h.least = h.list[0]
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

// take offers what another has kept.
func (b *best) take(o best) {
	for _, r := range o.heap {
		b.offer(r)
	}
}

// sorted returns the documents, the best first.
func (b *best) sorted() []ref {
	slices.SortFunc(b.heap, func(x, y ref) int { return compareRefs(&x, &y) })
	return b.heap
}
