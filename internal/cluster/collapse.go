package cluster

import (
	"cmp"
	"slices"
)

// spot is a place with the weight of all points that lie exactly there.
type spot struct {
	vec
	w int64 // units
}

// spots are all places of an input along the curve. Spot i holds the points
// items[first[i]:first[i+1]].
type spots struct {
	at    []spot
	first []int32
	items []item
}

func (s *spots) len() int { return len(s.at) }

// key returns the curve position of spot i.
func (s *spots) key(i int32) uint64 { return s.items[s.first[i]].key }

// raw returns the number of points at spots lo to hi.
func (s *spots) raw(lo, hi int32) int { return int(s.first[hi] - s.first[lo]) }

// collapse puts the points along the curve and those of equal coordinates into
// one spot. The order of spots depends on places alone.
func collapse(p Points, sp *space, u *units, workers int) *spots {
	n := p.Len()
	vecs, items := make([]vec, n), make([]item, n)
	spans(workers, n, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			v := sp.at(p.Lon[i], p.Lat[i])
			vecs[i], items[i] = v, item{sp.key(v), int32(i)}
		}
	})
	sortItems(items, make([]item, n), workers)
	s := &spots{items: items}
	bounds := cuts(items, 8*workers)
	parts := make([][]int32, len(bounds)-1)
	tasks(workers, len(parts), func(i int) { parts[i] = splitRuns(items, vecs, bounds[i], bounds[i+1]) })
	m := 0
	for _, part := range parts {
		m += len(part)
	}
	s.first = make([]int32, 0, m+1)
	for _, part := range parts {
		s.first = append(s.first, part...)
	}
	s.first = append(s.first, int32(n))
	s.at = make([]spot, m)
	spans(workers, m, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			here := items[s.first[i]:s.first[i+1]]
			s.at[i] = spot{vecs[here[0].id], weigh(here, u)}
		}
	})
	return s
}

func weigh(here []item, u *units) int64 {
	if u.points.Weight == nil && u.kinds == nil {
		return int64(len(here)) << u.bits
	}
	var w int64
	for _, it := range here {
		w += u.of(it.id)
	}
	return w
}

// cuts returns positions that cut sorted items into about so many parts, never
// between equal keys.
func cuts(items []item, parts int) []int {
	out := []int{0}
	for i := 1; i < parts; i++ {
		at := len(items) * i / parts
		for at > 0 && at < len(items) && items[at].key == items[at-1].key {
			at++
		}
		if at > out[len(out)-1] && at < len(items) {
			out = append(out, at)
		}
	}
	return append(out, len(items))
}

// splitRuns returns where each spot of items[lo:hi] begins. Points that share a
// curve cell are put into the order of their coordinates first.
func splitRuns(items []item, vecs []vec, lo, hi int) []int32 {
	first := make([]int32, 0, (hi-lo)/4)
	for lo < hi {
		end := lo + 1
		for end < hi && items[end].key == items[lo].key {
			end++
		}
		run := items[lo:end]
		if !allSame(run, vecs) {
			slices.SortFunc(run, func(a, b item) int { return compareVec(vecs[a.id], vecs[b.id]) })
		}
		first = append(first, int32(lo))
		for i := 1; i < len(run); i++ {
			if vecs[run[i].id] != vecs[run[i-1].id] {
				first = append(first, int32(lo+i))
			}
		}
		lo = end
	}
	return first
}

func allSame(run []item, vecs []vec) bool {
	for _, it := range run[1:] {
		if vecs[it.id] != vecs[run[0].id] {
			return false
		}
	}
	return true
}

func compareVec(a, b vec) int {
	return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y), cmp.Compare(a.z, b.z))
}
