package match

import "math"

// sample keeps the keys of a few hundred records of each tongue, the first
// that got a vector. What their cosines with an ask are tells what a cosine is
// worth: texts of one language lie nearer to each other than texts of two,
// whatever they say (Libovický, Rosa and Fraser 2020 take the mean of each
// language off for the same reason).
type sample map[tongue][]uint64

const (
	sampled     = 300
	leastSample = 30 // fewer tell nothing: the encoder's own floor stands in
)

func (s sample) add(t tongue, key uint64) {
	if len(s[t]) < sampled {
		s[t] = append(s[t], key)
	}
}

// ground says how cosines of one tongue lie: their mean and standard deviation.
type ground struct{ mean, deviation float64 }

// spread computes mean and deviation of cosines, passing over those that are
// not a number; false when there are too few.
func spread(cosines []float32) (ground, bool) {
	sum, squares, n := 0.0, 0.0, 0.0
	for _, c := range cosines {
		if x := float64(c); !math.IsNaN(x) {
			sum += x
			squares += x * x
			n++
		}
	}
	if n < leastSample {
		return ground{}, false
	}
	mean := sum / n
	return ground{mean, math.Sqrt(max(squares/n-mean*mean, 1e-6))}, true
}
