package match

import (
	"cmp"
	"math"
	"slices"
)

// grain is the grain of what is shown: a ten-thousandth. Every contribution is
// a whole number of grains, and so is their sum. That is how a score can be
// added up by hand from what stands on the page, with nothing lost in rounding.
const grain = 10_000

// points is a number of grains.
type points int64

func (p points) float() float64 { return float64(p) / grain }

// toPoints rounds to the nearest grain; half goes away from zero.
func toPoints(x float64) points {
	if math.IsNaN(x) {
		return 0
	}
	return points(math.Round(x * grain))
}

// Part is what one feature adds to a score.
type Part struct {
	Name         Feature `json:"name"`
	Value        float64 `json:"value"`
	Known        bool    `json:"known"` // false: nothing is known, and nothing is added
	Weight       float64 `json:"weight"`
	Contribution float64 `json:"contribution"` // a whole number of ten-thousandths
}

// Total is the score that parts and a bias make: the sum of their
// contributions, exact in ten-thousandths.
func Total(bias float64, parts []Part) float64 {
	sum := toPoints(bias)
	for _, p := range parts {
		sum += toPoints(p.Contribution)
	}
	return sum.float()
}

// Explain returns the parts of a pair's score in the order of Features. Their
// sum with the bias is Score to the last digit.
func (w Weights) Explain(v Values) []Part {
	parts := make([]Part, featureCount)
	for i, f := range Features {
		parts[i] = Part{Name: f, Known: !math.IsNaN(v[i]), Weight: w.Of[i], Contribution: w.contribution(i, v).float()}
		if parts[i].Known {
			parts[i].Value = v[i]
		}
	}
	return parts
}

func (w Weights) contribution(i int, v Values) points { return toPoints(w.Of[i] * v[i]) }

// Score is the bias and each weight × value, added in grains.
func (w Weights) Score(v Values) float64 {
	sum := toPoints(w.Bias)
	for i := range v {
		sum += w.contribution(i, v)
	}
	return sum.float()
}

// divide hands out a contribution over shares in proportion, in whole grains,
// so that the parts add up to it: each part is rounded down and the grains left
// over go to the largest remainders, the earlier one first.
func divide(contribution float64, shares []float64) []float64 {
	out := make([]float64, len(shares))
	total := 0.0
	for _, s := range shares {
		total += max(s, 0)
	}
	if !(total > 0) {
		return out
	}
	whole := toPoints(contribution)
	sign := points(1)
	if whole < 0 {
		sign, whole = -1, -whole
	}
	type rest struct {
		i    int
		part float64
	}
	given, rests := points(0), make([]rest, len(shares))
	grains := make([]points, len(shares))
	for i, s := range shares {
		exact := float64(whole) * max(s, 0) / total
		grains[i] = points(math.Floor(exact))
		given += grains[i]
		rests[i] = rest{i, exact - math.Floor(exact)}
	}
	slices.SortStableFunc(rests, func(a, b rest) int { return cmp.Compare(b.part, a.part) })
	for i := 0; given < whole; i = (i + 1) % len(rests) {
		grains[rests[i].i]++
		given++
	}
	for i, g := range grains {
		out[i] = (sign * g).float()
	}
	return out
}
