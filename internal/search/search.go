package search

import (
	"cmp"
	"slices"
	"sync"
)

// Search returns the best documents, in the order of their scores; equal
// scores go by kind and id. A query without text but with filters or facets
// lists the documents by their fields.
func (x *Index) Search(q Query) Result { return searchAll([]*Index{x}, q) }

// searchAll runs a query over shards: their counts are gathered first, then
// each is asked with the counts of all.
func searchAll(shards []*Index, q Query) Result {
	pl, states := prepare(shards, q)
	top, found := pl.run(states)
	res := Result{Total: found.total, Kinds: found.kinds, Facets: map[string][]Count{}}
	for f, c := range found.facets {
		res.Facets[f] = sorted(c)
	}
	refs := top.sorted()
	m := newMarker(pl, shards[0].gloss())
	for _, r := range refs[min(pl.q.Offset, len(refs)):] {
		d := r.part.doc(r.doc)
		res.Hits = append(res.Hits, Hit{Kind: d.Kind, ID: d.ID, Title: d.Title, Score: cmp.Or(r.final, points(r.score)), Marks: m.marks(&d)})
	}
	return res
}

// run finds the best documents and counts the matches.
func (p *plan) run(states []*state) (best, tally) {
	n := p.q.Offset + p.q.Limit
	top, found := best{n: n}, newTally()
	if !p.q.Whole || p.everything() {
		for _, s := range states {
			for _, part := range s.parts {
				part.search(p, &top, &found)
			}
		}
		return top, found
	}
	var mu sync.Mutex
	spread(states, func(of []stretch) {
		mine, counts := best{n: n}, newTally()
		for _, r := range of {
			r.searchWhole(p, &mine, &counts)
		}
		mu.Lock()
		defer mu.Unlock()
		top.take(mine)
		found.add(counts)
	})
	return top, found
}

// prepare cuts the query and settles it with the counts of all shards.
func prepare(shards []*Index, q Query) (*plan, []*state) {
	pl := newPlan(q, shards[0].gloss())
	var all stats
	states := make([]*state, len(shards))
	for i, x := range shards {
		states[i] = x.view()
		all.add(states[i].stats(pl))
	}
	pl.settle(all)
	return pl, states
}

// tally counts the matches of a query.
type tally struct {
	total  int
	kinds  map[string]int
	facets map[string]map[string]int
}

func newTally() tally { return tally{kinds: map[string]int{}, facets: map[string]map[string]int{}} }

func (t *tally) add(o tally) {
	t.total += o.total
	addCounts(t.kinds, o.kinds)
	for f, c := range o.facets {
		addCounts(t.field(f), c)
	}
}

func addCounts(to, from map[string]int) {
	for k, n := range from {
		to[k] += n
	}
}

func (t *tally) field(f string) map[string]int {
	if t.facets[f] == nil {
		t.facets[f] = map[string]int{}
	}
	return t.facets[f]
}

// search answers a box query, or one without text.
func (p *part) search(pl *plan, top *best, found *tally) {
	seen := p.visible(pl.q.Viewer)
	switch {
	case seen != nil && seen.count() == 0:
	case pl.everything():
		p.count(pl, fullOr(seen, p.n), found).each(func(d uint32) { top.offer(ref{part: p, doc: d}) })
	default:
		p.searchBox(pl, seen, top, found)
	}
}

func (r stretch) searchWhole(pl *plan, top *best, found *tally) {
	seen := r.visible(pl.q.Viewer)
	if seen != nil && seen.none(uint32(r.from), uint32(r.to)) {
		return
	}
	r.top(pl.weighted(1, pl.q.Gloss), pl, top, func(matched bitset) bitset {
		if seen != nil {
			matched.and(seen)
		}
		return r.count(pl, matched, found)
	})
}

// weighted lists the terms to score, with a weight for each stream.
func (p *plan) weighted(ofWords, ofGloss float64) []weighted {
	var out []weighted
	for _, w := range p.wants {
		part := [streams]float64{ofWords, ofGloss}[w.stream] * w.weight * w.idf
		if part > 0 {
			out = append(out, weighted{w.id, w.stream, w.term, w.strong, float32(part * scale)})
		}
	}
	return out
}

// count adds the matches to the tally and returns those that the query asks
// for.
func (p *part) count(pl *plan, matched bitset, found *tally) bitset {
	passed := p.narrow(matched, pl.q.Filters, "")
	p.countKinds(passed, found.kinds)
	asked := p.ofKinds(passed, pl.q.Kinds)
	found.total += asked.count()
	for _, f := range pl.q.Facets {
		in := asked
		if slices.ContainsFunc(pl.q.Filters, func(o Filter) bool { return o.Field == f && !o.empty() }) {
			in = p.ofKinds(p.narrow(matched, pl.q.Filters, f), pl.q.Kinds)
		}
		counts := found.field(f)
		if c := p.facets[f]; c != nil {
			c.counts(in, counts)
		}
	}
	return asked
}

func (p *part) countKinds(in bitset, out map[string]int) {
	n := make([]int, len(p.kinds))
	in.each(func(d uint32) { n[p.kind[d]]++ })
	for i, k := range n {
		if k > 0 {
			out[p.kinds[i]] += k
		}
	}
}

func (p *part) searchBox(pl *plan, seen bitset, top *best, found *tally) {
	if len(pl.units) == 0 {
		return
	}
	b := boxScorers.Get().(*boxScorer)
	defer boxScorers.Put(b)
	matched := p.box(pl, b)
	if seen != nil {
		matched.and(seen)
	}
	equal, more := p.equals(pl), pl.mostOf()
	p.count(pl, matched, found).each(func(d uint32) {
		score := points(b.sums[d])
		if equal != nil && equal.has(d) {
			score += more
		}
		top.offer(ref{part: p, doc: d, final: score * float64(p.boost[d])})
	})
}
