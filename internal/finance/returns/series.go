package returns

import (
	"math"
	"slices"
)

// series is a netted series as a function of x = ln(1+r): Σ c·e^(−t·x), with t
// in units of the basis. It has the sign of the net present value.
type series struct {
	t, c []float64
	last float64
}

func newSeries(points []point, days int) *series {
	s := &series{t: make([]float64, len(points)), c: make([]float64, len(points))}
	for i, p := range points {
		s.t[i], s.c[i] = float64(p.day)/float64(days), float64(p.amount)
	}
	s.last = s.t[len(s.t)-1]
	return s
}

// sums of the receipts and of the payments at x, and of the same with each
// weighed by its time from the day of valuation: the parts of the slope. All
// four are positive.
type sums struct{ in, out, slopeIn, slopeOut float64 }

// at values the series at the first day for x ≥ 0 and at the last for x < 0:
// no factor exceeds one.
func (s *series) at(x float64, end bool) sums {
	var v sums
	for i, t := range s.t {
		if end {
			t -= s.last
		}
		w := s.c[i] * math.Exp(-t*x)
		if w > 0 {
			v.in += w
			v.slopeIn += w * math.Abs(t)
		} else {
			v.out -= w
			v.slopeOut -= w * math.Abs(t)
		}
	}
	return v
}

func (s *series) value(x float64) float64 {
	v := s.at(x, x < 0)
	return v.in - v.out
}

// balances reports whether the flows balance at x to one fen each.
func (s *series) balances(x float64) bool {
	return math.Abs(s.value(x)) < float64(len(s.t))
}

// gridStep is the width of a cell of the first grid, in x: a fiftieth, so
// that rates near zero stand two points apart.
const gridStep = 0.02

// roots returns the roots within the range, ascending.
func (s *series) roots(changes int) []float64 {
	low, high := math.Log1p(Lowest), math.Log1p(Highest)
	if changes == 1 {
		return s.single(low, high)
	}
	var out []float64
	for _, half := range [][2]float64{{low, 0}, {0, high}} { // one day of valuation on each side of zero
		cells := int(math.Ceil((half[1] - half[0]) / gridStep))
		width := (half[1] - half[0]) / float64(cells)
		for i := range cells {
			a, b := half[0]+float64(i)*width, half[0]+float64(i+1)*width
			if i == cells-1 {
				b = half[1]
			}
			out = s.isolate(out, a, b, half[0] < 0, 0)
		}
	}
	slices.Sort(out)
	out = merge(out)
	return slices.DeleteFunc(out, func(x float64) bool { return x <= low })
}

// merge makes one of roots that were found from both sides of a cell's end, or
// of the cells that the sum all but touches.
func merge(xs []float64) []float64 {
	return slices.CompactFunc(xs, func(a, b float64) bool { return math.Abs(a-b) <= 1e-7 })
}

func (s *series) single(low, high float64) []float64 {
	a, b := s.value(low), s.value(high)
	switch {
	case b == 0:
		return []float64{high}
	case a == 0 || (a > 0) == (b > 0):
		return nil
	}
	return []float64{s.bisect(low, high)}
}

// maxDepth is how often a cell is halved before what it holds is taken for
// one root that the sum only touches.
const maxDepth = 20

// isolate appends the roots in [a, b]. The sums of receipts and of payments are
// each monotone in x, so their values at both ends bound the whole between; so
// do those of the slope.
func (s *series) isolate(out []float64, a, b float64, end bool, depth int) []float64 {
	va, vb := s.at(a, end), s.at(b, end)
	fa, fb := va.in-va.out, vb.in-vb.out
	slack := 1e-13 * (va.in + va.out + vb.in + vb.out) // what rounding may have moved
	if apart(va.in, vb.in, va.out, vb.out, slack) {
		return out
	}
	if apart(va.slopeIn, vb.slopeIn, va.slopeOut, vb.slopeOut, 1e-13*(va.slopeIn+va.slopeOut+vb.slopeIn+vb.slopeOut)) {
		switch { // monotone: one root at most
		case fa == 0:
			return append(out, a)
		case fb == 0:
			return append(out, b)
		case (fa > 0) != (fb > 0):
			return append(out, s.bisect(a, b))
		}
		return out
	}
	mid := a + (b-a)/2
	if depth < maxDepth {
		return s.isolate(s.isolate(out, a, mid, end, depth+1), mid, b, end, depth+1)
	}
	if s.balances(mid) {
		return append(out, mid)
	}
	return out
}

// apart reports that two monotone quantities, known at both ends of a cell, do
// not meet within it.
func apart(p1, p2, n1, n2, slack float64) bool {
	return min(p1, p2)-max(n1, n2) > slack || min(n1, n2)-max(p1, p2) > slack
}

// bisect halves [a, b], at whose ends the sum has different signs, until no
// float lies between.
func (s *series) bisect(a, b float64) float64 {
	up := s.value(b) > 0
	for {
		mid := a + (b-a)/2
		if mid <= a || mid >= b {
			break
		}
		v := s.value(mid)
		if v == 0 {
			return mid
		}
		if (v > 0) == up {
			b = mid
		} else {
			a = mid
		}
	}
	if math.Abs(s.value(a)) < math.Abs(s.value(b)) {
		return a
	}
	return b
}
