package chart

import "math"

// scale maps values to pixels and knows its round ticks.
type scale struct {
	lo, hi float64
	p0, p1 float64
	ticks  []float64
}

func (s scale) at(v float64) float64 {
	if s.hi == s.lo {
		return (s.p0 + s.p1) / 2
	}
	return s.p0 + (v-s.lo)/(s.hi-s.lo)*(s.p1-s.p0)
}

// niceStep returns 1, 2, 2.5 or 5 times a power of ten, at least span/n
// (Heckbert, Nice numbers for graph labels, Graphics Gems 1990).
func niceStep(span float64, n int) float64 {
	if span <= 0 {
		return 1
	}
	raw := span / float64(n)
	pow := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*pow >= raw*(1-1e-9) {
			return m * pow
		}
	}
	return 10 * pow
}

// valueScale covers lo to hi with about n round steps. It starts at zero unless
// all values lie in the upper part, where a start at zero would hide change.
func valueScale(lo, hi float64, n int) scale {
	if lo > 0 && lo < 0.6*hi {
		lo = 0
	}
	if lo == hi {
		lo, hi = lo-math.Abs(lo)*0.1, hi+math.Abs(hi)*0.1
		if lo == hi {
			hi = 1
		}
	}
	step := niceStep(hi-lo, n)
	s := scale{lo: math.Floor(lo/step+1e-9) * step, hi: math.Ceil(hi/step-1e-9) * step}
	for i := 0; i < 20; i++ {
		v := s.lo + float64(i)*step
		if v > s.hi+step/2 {
			break
		}
		s.ticks = append(s.ticks, math.Round(v/step)*step)
	}
	return s
}

// extent returns the lowest and highest known values of all series.
func extent(series []Series) (lo, hi float64, any bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, se := range series {
		for _, p := range se.Points {
			if p.Known {
				a, b := p.span()
				lo, hi, any = min(lo, a), max(hi, b), true
			}
		}
	}
	return lo, hi, any
}

// extentX returns the first and last place on the time axis, unknown points
// included: that nothing is known of a year is part of the picture.
func extentX(series []Series) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, se := range series {
		for _, p := range se.Points {
			lo, hi = min(lo, p.X), max(hi, p.X)
		}
	}
	if math.IsInf(lo, 1) {
		return 0, 1
	}
	return lo, hi
}
