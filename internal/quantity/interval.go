package quantity

import "math"

// The reach of the words that have none by themselves. They are conventions of
// this package, chosen so that usual newspaper use falls inside and a wrong
// denominator falls outside, and are stated wherever a verdict rests on them.
const (
	NearReach  = 0.10 // 近x reaches from 0.9x up to, not including, x
	AboutReach = 0.10 // 约x reaches from 0.9x to 1.1x
	OverReach  = 0.50 // 超x holds for everything above x; past 1.5x [Compare] remarks on it
)

// Interval is a set of numbers between two ends; an infinite end is open.
type Interval struct {
	Lo, Hi         float64
	LoOpen, HiOpen bool
}

// Interval is what q says about the true value. Near and about of a negative
// value are mirrored: a fall of nearly 5 lies between -5 and -4.5.
func (q Quantity) Interval() Interval {
	v, inf := q.Value, math.Inf(1)
	switch q.Bound {
	case Above:
		return Interval{v, inf, true, true}
	case AtLeast:
		return Interval{v, inf, false, true}
	case Below:
		return Interval{-inf, v, true, true}
	case AtMost:
		return Interval{-inf, v, true, false}
	case Nearly:
		if v < 0 {
			return Interval{v, v * (1 - NearReach), true, false}
		}
		return Interval{v * (1 - NearReach), v, false, v != 0}
	case About:
		d := math.Abs(v) * AboutReach
		return Interval{v - d, v + d, false, false}
	case Between:
		return Interval{q.Value, q.High, false, false}
	}
	return Interval{v, v, false, false}
}

// Contains reports whether x lies in the interval.
func (i Interval) Contains(x float64) bool {
	if x < i.Lo || x == i.Lo && i.LoOpen {
		return false
	}
	return x < i.Hi || x == i.Hi && !i.HiOpen
}

// Encloses reports whether every member of j lies in i.
func (i Interval) Encloses(j Interval) bool {
	lo := j.Lo > i.Lo || j.Lo == i.Lo && (!i.LoOpen || j.LoOpen)
	hi := j.Hi < i.Hi || j.Hi == i.Hi && (!i.HiOpen || j.HiOpen)
	return lo && hi
}

// Meets reports whether i and j have a member in common.
func (i Interval) Meets(j Interval) bool {
	below := i.Hi < j.Lo || i.Hi == j.Lo && (i.HiOpen || j.LoOpen)
	above := j.Hi < i.Lo || j.Hi == i.Lo && (j.HiOpen || i.LoOpen)
	return !below && !above
}

func (i Interval) bounded() bool { return !math.IsInf(i.Lo, -1) && !math.IsInf(i.Hi, 1) }

func (i Interval) plus(j Interval) Interval {
	return Interval{i.Lo + j.Lo, i.Hi + j.Hi, i.LoOpen || j.LoOpen, i.HiOpen || j.HiOpen}
}

// widen moves the finite ends outward by a few units in the last place, so
// that rounding in the arithmetic can never lose a member.
func (i Interval) widen() Interval {
	const ulps = 4e-15
	i.Lo -= math.Abs(i.Lo) * ulps
	i.Hi += math.Abs(i.Hi) * ulps
	return i
}
