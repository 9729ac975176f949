package cluster

import (
	"cmp"
	"runtime"
	"slices"
)

// Noise is the label of points that belong to no cluster.
const Noise = noise

// Result is a clustering. Clusters are numbered from 0 by falling weight; of
// equally heavy ones the heavier in core points comes first, then the one whose
// first core point comes first on a fixed curve around the Earth.
type Result struct {
	Labels   []int32   // for each point its cluster, or Noise
	Core     []bool    // for each point, whether it is core
	Clusters int       // number of clusters
	Weight   []float64 // for each cluster, the weight of its points, with kind weights
	Count    []int     // for each cluster, its points

	Points    int // all
	Spots     int // different places among them, after rounding
	CoreCount int // core points
	Border    int // points in a cluster that are not core
	Ambiguous int // border points near core points of more than one cluster
	Noise     int // the rest
}

// Run clusters points. It returns errs.Invalid for a parameter or a point out
// of range. It holds about 150 bytes for each point while it works.
func Run(p Points, o Options) (Result, error) {
	if err := p.check(o); err != nil {
		return Result{}, err
	}
	if p.Len() == 0 {
		return Result{}, nil
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	sp, u := newSpace(p, o), newUnits(p, o)
	all := collapse(p, &sp, &u, o.Workers)
	l := layout{spots: all, workers: o.Workers}
	whole := grow(all.at, all.key, sp.radius*4, o.Workers)
	l.core = findCore(whole, &sp, u.need(o.Density), o.Workers)
	cores := l.keepCore(&sp)
	l.plain = l.countPlain()
	l.gather(components(cores, &sp, o.Workers))
	comp, choice := borders(whole, cores, &sp, l.plain, l.order, o.Workers)
	return l.result(p.Len(), &u, comp, choice), nil
}

// layout is what is known of the spots while a clustering is made.
type layout struct {
	*spots
	workers int
	core    []bool
	plain   []int32 // spots before this one that are not core
	where   []int32 // of each core spot, its position among all
	comp    []int32 // of each core spot, the first core spot of its component
	order   []int32 // of a component's first core spot: its place by core weight
	found   []int32 // the first core spots in that order
}

// keepCore builds the tree of core spots.
func (l *layout) keepCore(sp *space) *tree {
	n := 0
	for _, c := range l.core {
		if c {
			n++
		}
	}
	at := make([]spot, 0, n)
	l.where = make([]int32, 0, n)
	for i, c := range l.core {
		if c {
			at, l.where = append(at, l.at[i]), append(l.where, int32(i))
		}
	}
	return grow(at, func(i int32) uint64 { return l.key(l.where[i]) }, sp.radius-sp.margin, l.workers)
}

func (l *layout) countPlain() []int32 {
	plain := make([]int32, len(l.core)+1)
	for i, c := range l.core {
		plain[i+1] = plain[i]
		if !c {
			plain[i+1]++
		}
	}
	return plain
}

// gather puts the components into the order of their core weights, then of
// their first spots on the curve.
func (l *layout) gather(comp []int32) {
	l.comp = comp
	weight := make([]int64, len(comp))
	for k, c := range comp {
		weight[c] += l.at[l.where[k]].w
		if int(c) == k {
			l.found = append(l.found, c)
		}
	}
	slices.SortFunc(l.found, func(a, b int32) int { return cmp.Or(cmp.Compare(weight[b], weight[a]), cmp.Compare(a, b)) })
	l.order = make([]int32, len(comp))
	for i, c := range l.found {
		l.order[c] = int32(i)
	}
}

// result writes the labels of the points and numbers the clusters by their
// whole weight.
func (l *layout) result(n int, u *units, comp []int32, choice []bool) Result {
	r := Result{Labels: make([]int32, n), Core: make([]bool, n), Clusters: len(l.found), Points: n, Spots: l.len()}
	label := make([]int32, l.len()) // of each spot, as a place in l.order
	for i := range label {
		label[i] = noise
		if c := comp[i]; c != noise {
			label[i] = l.order[c]
		}
	}
	for k, i := range l.where {
		label[i] = l.order[l.comp[k]]
	}
	weight, count := make([]int64, len(l.found)), make([]int, len(l.found))
	for i, c := range label {
		raw := l.raw(int32(i), int32(i)+1)
		switch {
		case c == noise:
			r.Noise += raw
			continue
		case l.core[i]:
			r.CoreCount += raw
		default:
			r.Border += raw
			if choice[i] {
				r.Ambiguous += raw
			}
		}
		weight[c], count[c] = weight[c]+l.at[i].w, count[c]+raw
	}
	number := r.number(weight, count, u)
	spans(l.workers, l.len(), func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			c := label[i]
			if c != noise {
				c = number[c]
			}
			for _, it := range l.items[l.first[i]:l.first[i+1]] {
				r.Labels[it.id], r.Core[it.id] = c, l.core[i]
			}
		}
	})
	return r
}

// number orders the clusters by weight and returns the new number of each.
func (r *Result) number(weight []int64, count []int, u *units) []int32 {
	byWeight := make([]int32, len(weight))
	for i := range byWeight {
		byWeight[i] = int32(i)
	}
	slices.SortStableFunc(byWeight, func(a, b int32) int { return cmp.Compare(weight[b], weight[a]) })
	number := make([]int32, len(weight))
	for n, c := range byWeight {
		number[c] = int32(n)
		r.Weight, r.Count = append(r.Weight, u.float(weight[c])), append(r.Count, count[c])
	}
	return number
}
