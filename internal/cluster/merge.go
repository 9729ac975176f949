package cluster

import (
	"cmp"
	"math"
	"slices"
)

// MergeOptions say which neighbours become one cluster.
type MergeOptions struct {
	WithinKM float64 // greatest distance between their nearest points; the paper of 2017 had 5
	Share    float64 // least part of one cluster's links that go to the other; 0: half
}

// MergeStep is one merger, by the numbers that the clusters had before all.
type MergeStep struct {
	Into      int     `json:"into"` // the heavier
	From      int     `json:"from"`
	EdgeKM    float64 `json:"edge_km"`    // between their nearest points
	Links     int     `json:"links"`      // documents with persons in both
	IntoShare float64 `json:"into_share"` // of the links of Into, those that go to From
	FromShare float64 `json:"from_share"`
}

// Merge joins clusters of r whose nearest points are close and whose documents
// with persons elsewhere are mostly each other's: for one of the two, at least
// Share of its links to other clusters go to the other one. The pair with the
// highest share goes first, then links are counted anew. It returns a new
// clustering with new numbers and each step. document numbers the document of
// each point from 0.
//
// The step follows Bergquist, Fink and Raffo, Identifying and ranking the
// world's largest clusters of inventive activity (WIPO Economic Research Working
// Paper 34, 2017) in kind; the threshold is this package's own.
func Merge(p Points, o Options, r Result, document []int32, m MergeOptions) (Result, []MergeStep) {
	if m.Share == 0 {
		m.Share = 0.5
	}
	g := merger{edge: edges(p, o, r, m.WithinKM), links: linkCounts(r, document), share: m.Share}
	into := make([]int32, r.Clusters)
	for c := range into {
		into[c] = int32(c)
	}
	var steps []MergeStep
	for s, ok := g.best(); ok; s, ok = g.best() {
		steps = append(steps, s)
		g.fold(pair{int32(s.Into), int32(s.From)})
		for c := range into {
			if into[c] == int32(s.From) {
				into[c] = int32(s.Into)
			}
		}
	}
	if len(steps) == 0 {
		return r, nil
	}
	return r.fold(into, p, o), steps
}

// pair of clusters, the heavier (which has the lower number) first.
type pair [2]int32

func newPair(a, b int32) pair { return pair{min(a, b), max(a, b)} }

type merger struct {
	edge  map[pair]float64 // only of near pairs
	links map[pair]int
	share float64
}

// best returns the near pair with the highest share of links.
func (g *merger) best() (step MergeStep, found bool) {
	out := map[int32]int{}
	for p, n := range g.links {
		out[p[0]] += n
		out[p[1]] += n
	}
	highest := -1.0
	for p, km := range g.edge {
		n := g.links[p]
		if n == 0 {
			continue
		}
		s := MergeStep{int(p[0]), int(p[1]), km, n, float64(n) / float64(out[p[0]]), float64(n) / float64(out[p[1]])}
		top := math.Max(s.IntoShare, s.FromShare)
		first := cmp.Or(cmp.Compare(highest, top), cmp.Compare(s.Into, step.Into), cmp.Compare(s.From, step.From)) < 0
		if top >= g.share && (!found || first) {
			step, highest, found = s, top, true
		}
	}
	return step, found
}

// fold gives the edges and links of the second of p to the first.
func (g *merger) fold(p pair) {
	rename := func(q pair) (pair, bool) {
		for i := range q {
			if q[i] == p[1] {
				q[i] = p[0]
			}
		}
		return newPair(q[0], q[1]), q[0] != q[1]
	}
	edge, links := map[pair]float64{}, map[pair]int{}
	for q, km := range g.edge {
		if q, ok := rename(q); ok {
			if known, ok := edge[q]; !ok || km < known {
				edge[q] = km
			}
		}
	}
	for q, n := range g.links {
		if q, ok := rename(q); ok {
			links[q] += n
		}
	}
	g.edge, g.links = edge, links
}

// linkCounts counts for each pair of clusters the documents with persons in
// both.
func linkCounts(r Result, document []int32) map[pair]int {
	links := map[pair]int{}
	if len(document) == 0 {
		return links
	}
	byDocument := make([]int32, 0, len(document))
	for i := range document {
		if r.Labels[i] != Noise {
			byDocument = append(byDocument, int32(i))
		}
	}
	slices.SortFunc(byDocument, func(a, b int32) int { return cmp.Compare(document[a], document[b]) })
	for len(byDocument) > 0 {
		n := 1
		for n < len(byDocument) && document[byDocument[n]] == document[byDocument[0]] {
			n++
		}
		var in []int32
		for _, i := range byDocument[:n] {
			in = append(in, r.Labels[i])
		}
		slices.Sort(in)
		in = slices.Compact(in)
		for i, a := range in {
			for _, b := range in[i+1:] {
				links[pair{a, b}]++
			}
		}
		byDocument = byDocument[n:]
	}
	return links
}

// edges returns the distances of the nearest points of clusters that are within
// so many kilometres of each other.
func edges(p Points, o Options, r Result, km float64) map[pair]float64 {
	var q Points
	var label []int32
	for i, c := range r.Labels {
		if c != Noise {
			q.Lon, q.Lat, label = append(q.Lon, p.Lon[i]), append(q.Lat, p.Lat[i]), append(label, c)
		}
	}
	found := map[pair]float64{}
	if len(label) == 0 || !(km > 0) {
		return found
	}
	o.RadiusKM = km
	sp, u := newSpace(q, o), newUnits(q, Options{})
	all := collapse(q, &sp, &u, 1)
	e := edger{tree: grow(all.at, all.key, math.Inf(1), 1), space: &sp, label: make([]int32, all.len()), found: found}
	for i := range e.label {
		e.label[i] = label[all.items[all.first[i]].id] // one place has one label
	}
	e.mark(0)
	e.compare(0, 0)
	for k, d2 := range found {
		found[k] = sp.length(d2)
	}
	return found
}

// edger finds the nearest spots of each two clusters.
type edger struct {
	*tree
	*space
	label []int32
	found map[pair]float64 // squares of chords
}

// mark gives each node the label of all its spots, or mixed.
func (e *edger) mark(i int32) int32 {
	n := &e.nodes[i]
	if n.leaf() {
		n.comp = e.label[n.lo]
		for _, l := range e.label[n.lo:n.hi] {
			if l != n.comp {
				n.comp = mixed
			}
		}
	} else if n.comp = e.mark(n.left); n.comp != e.mark(n.right) {
		n.comp = mixed
	}
	return n.comp
}

func (e *edger) compare(a, b int32) {
	x, y := &e.nodes[a], &e.nodes[b]
	if x.comp != mixed && x.comp == y.comp || e.tooFar(x, y) {
		return
	}
	switch {
	case x.leaf() && y.leaf():
		e.spots2(x, y)
	case a == b:
		e.compare(x.left, x.left)
		e.compare(x.right, x.right)
		e.compare(x.left, x.right)
	case y.leaf() || !x.leaf() && x.r >= y.r:
		e.nearerFirst(b, x.left, x.right)
	default:
		e.nearerFirst(a, y.left, y.right)
	}
}

// tooFar reports whether no spots of x and y can be nearer than the limit, or
// than the nearest known.
func (e *edger) tooFar(x, y *node) bool {
	d2 := x.c.dist2(y.c)
	if e.relate(d2, x.r+y.r) == apart {
		return true
	}
	if x.comp == mixed || y.comp == mixed {
		return false
	}
	best, ok := e.found[newPair(x.comp, y.comp)]
	out := math.Sqrt(best) + x.r + y.r + e.margin
	return ok && d2 > out*out
}

func (e *edger) nearerFirst(a, l, r int32) {
	if c := e.nodes[a].c; c.dist2(e.nodes[r].c) < c.dist2(e.nodes[l].c) {
		l, r = r, l
	}
	e.compare(a, l)
	e.compare(a, r)
}

func (e *edger) spots2(x, y *node) {
	for i := x.lo; i < x.hi; i++ {
		for j := y.lo; j < y.hi; j++ {
			if e.label[i] == e.label[j] {
				continue
			}
			k, d2 := newPair(e.label[i], e.label[j]), e.tree.spots[i].dist2(e.tree.spots[j].vec)
			if best, ok := e.found[k]; d2 <= e.far2 && (!ok || d2 < best) {
				e.found[k] = d2
			}
		}
	}
}

// fold returns r with the clusters renamed by into and numbered anew.
func (r Result) fold(into []int32, p Points, o Options) Result {
	u := newUnits(p, o)
	weight, count := make([]int64, len(into)), make([]int, len(into))
	labels := make([]int32, len(r.Labels))
	for i, c := range r.Labels {
		if labels[i] = c; c != Noise {
			labels[i] = into[c]
			weight[into[c]] += u.of(int32(i))
			count[into[c]]++
		}
	}
	var keptWeight []int64
	var keptCount []int
	place := make([]int32, len(into))
	for c := range into {
		if into[c] == int32(c) {
			place[c] = int32(len(keptWeight))
			keptWeight, keptCount = append(keptWeight, weight[c]), append(keptCount, count[c])
		}
	}
	r.Weight, r.Count, r.Clusters = nil, nil, len(keptWeight)
	number := r.number(keptWeight, keptCount, &u)
	for i, c := range labels {
		if c != Noise {
			labels[i] = number[place[c]]
		}
	}
	r.Labels = labels
	return r
}
