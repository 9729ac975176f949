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

// top offers the documents of a part to the best ones. It tells allow which
// documents hold a strong term, and goes on with those that allow returns.
func (p *part) top(terms []weighted, pl *plan, best *best, allow func(matched bitset) bitset) {
	sc := scorers.Get().(*scorer)
	defer scorers.Put(sc)
	if cap(sc.sums) < p.n {
		sc.sums = make([]uint32, p.n)
	}
	sc.sums = sc.sums[:p.n]
	defer clear(sc.sums)
	weak := sc.open(p, terms, pl)
	allowed := allow(nonZero(sc.sums))
	floor := sc.floor(p, weak, pl, allowed, best.n)
	for from := 0; from < p.n && best.n > 0; from += windowSize {
		to := min(from+windowSize, p.n)
		if !allowed.none(uint32(from), uint32(to)) {
			sc.window(p, uint32(from), uint32(to), allowed, floor, best)
		}
	}
}

// open adds up the strong terms and opens the weak ones, the lowest bound
// first.
func (sc *scorer) open(p *part, terms []weighted, pl *plan) (weak []weighted) {
	sc.weak = sc.weak[:0]
	for _, t := range terms {
		e, ok := pl.entry(p, t)
		switch {
		case !ok:
		case t.strong:
			sc.add(p, t, e, pl)
		default:
			if len(sc.weak) == len(sc.spare) {
				sc.spare = append(sc.spare, new(cursor))
			}
			c := sc.spare[len(sc.weak)]
			c.open(p, t, e, pl)
			sc.weak, weak = append(sc.weak, c), append(weak, t)
		}
	}
	slices.SortStableFunc(sc.weak, func(a, b *cursor) int { return cmp.Compare(a.top, b.top) })
	return weak
}

func (sc *scorer) add(p *part, t weighted, e entry, pl *plan) {
	st := &p.streams[t.stream]
	sc.list.open(st.postings[e.at:], e.docs, codecs[t.stream].usual)
	for i := range sc.list.blocks() {
		sc.list.readDocs(i, &sc.block)
		sc.list.readCodes(i, &sc.block)
		addParts(sc.sums, sc.block.docs[:sc.block.n], sc.block.codes[:sc.block.n], st.length, t.scaled, pl.sat[t.stream])
	}
}

func nonZero(sums []uint32) bitset {
	out := newBitset(len(sums))
	for i := range out {
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

// floor is a score that the n best documents reach: the n-th highest among
// those that the strong terms favour, with what the weak ones add to them.
func (sc *scorer) floor(p *part, weak []weighted, pl *plan, allowed bitset, n int) uint32 {
	if n == 0 || len(sc.weak) == 0 {
		return 0
	}
	h := floorHeap{n: min(2*n, n+maxFavoured)}
	allowed.each(func(d uint32) {
		if s := sc.sums[d]; s > h.least {
			h.push(s)
		}
	})
	if n > maxFavoured {
		return h.nth(n)
	}
	sc.found = sc.found[:0]
	allowed.each(func(d uint32) {
		if sc.sums[d] >= max(h.least, 1) && len(sc.found) < h.n {
			sc.found = append(sc.found, d)
		}
	})
	full := make([]uint32, len(sc.found))
	for i, d := range sc.found {
		full[i] = sc.sums[d]
	}
	p.partsOf(weak, pl, sc.found, func(_, doc int, units uint32) { full[doc] += units })
	slices.Sort(full)
	if len(full) < n {
		return 0
	}
	return full[len(full)-n]
}

// maxFavoured bounds the documents that are scored in full for a floor.
const maxFavoured = 100

func (sc *scorer) window(p *part, from, to uint32, allowed bitset, floor uint32, best *best) {
	rest := uint32(0)
	for _, c := range sc.weak {
		c.enter(from, to)
		rest += c.window
	}
	threshold := max(floor, best.threshold())
	i := len(sc.weak) - 1
	for ; i >= 0 && rest >= threshold/2; i-- { // before that hardly any document can be left out
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

// nth is the n-th highest, 0 when there are fewer.
func (h *floorHeap) nth(n int) uint32 {
	if len(h.list) < n {
		return 0
	}
	slices.Sort(h.list)
	return h.list[len(h.list)-n]
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

// sorted returns the documents, the best first.
func (b *best) sorted() []ref {
	slices.SortFunc(b.heap, func(x, y ref) int { return compareRefs(&x, &y) })
	return b.heap
}
