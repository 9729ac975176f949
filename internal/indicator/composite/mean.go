package composite

import "math"

// MeanKind is how parts are joined.
type MeanKind string

// The means. The geometric and the harmonic mean punish a weak part and need
// positive ones: a part of zero makes them zero, a negative one unknown.
const (
	Arithmetic MeanKind = "arithmetic"
	Geometric  MeanKind = "geometric"
	Harmonic   MeanKind = "harmonic"
)

// Mean joins parts by their weights over those that are known. least is the
// share of the weight that must be known, 1 for all of it; below it the mean is
// Unknown. It also returns the share that is known. Weights that are negative
// or sum to nothing give Unknown.
func Mean(kind MeanKind, parts, weights []float64, least float64) (mean, coverage float64) {
	sum, all, acc := 0.0, 0.0, 0.0
	for i, v := range parts {
		w := weights[i]
		if w < 0 || !Known(w) {
			return Unknown, 0
		}
		all += w
		if w == 0 || !Known(v) {
			continue
		}
		sum += w
		acc += w * inner(kind, v)
	}
	if all <= 0 {
		return Unknown, 0
	}
	coverage = sum / all
	if sum <= 0 || coverage < least-1e-12 || math.IsNaN(acc) {
		return Unknown, coverage
	}
	switch kind {
	case Geometric:
		return math.Exp(acc / sum), coverage
	case Harmonic:
		return sum / acc, coverage
	}
	return acc / sum, coverage
}

// inner is what a kind of mean adds up.
func inner(kind MeanKind, v float64) float64 {
	switch {
	case kind == Geometric && v >= 0:
		return math.Log(v) // of zero -Inf, and the mean is zero
	case kind == Harmonic && v >= 0:
		return 1 / v
	case kind == Geometric || kind == Harmonic:
		return math.NaN()
	}
	return v
}
