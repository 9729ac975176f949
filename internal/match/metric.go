package match

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// NDCG is the normalised discounted cumulative gain of the first k places
// (Järvelin and Kekäläinen 2002; gain 2^grade − 1, discount log2(place + 1)).
// ranked are the grades in the order of the list, all the grades of every
// judged record of the ask. It is NaN for an ask without a good record.
func NDCG(ranked, all []int, k int) float64 {
	best := slices.Clone(all)
	slices.SortFunc(best, func(a, b int) int { return cmp.Compare(b, a) })
	ideal := gain(best, k)
	if ideal == 0 {
		return math.NaN()
	}
	return gain(ranked, k) / ideal
}

func gain(grades []int, k int) float64 {
	sum := 0.0
	for i, g := range grades[:min(k, len(grades))] {
		sum += (math.Exp2(float64(max(g, 0))) - 1) / math.Log2(float64(i)+2)
	}
	return sum
}

// Recall is the share of the records of grade least or better that stand among
// the first k places; NaN when there are none.
func Recall(ranked, all []int, k, least int) float64 {
	want := atLeast(all, least)
	if want == 0 {
		return math.NaN()
	}
	return float64(atLeast(ranked[:min(k, len(ranked))], least)) / float64(want)
}

func atLeast(grades []int, least int) int {
	n := 0
	for _, g := range grades {
		if g >= least {
			n++
		}
	}
	return n
}

// Interval is a mean with the 2.5 and 97.5 percentiles of its bootstrap.
type Interval struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
}

// The bootstrap's draws and seed are fixed, so that a figure can be repeated.
const (
	draws = 5000
	seed  = 20260102
)

// Bootstrap returns the mean of values with the percentile interval of draws
// resamples (Efron 1979). Values that are NaN are left out.
func Bootstrap(values []float64) Interval {
	values = slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	out := Interval{N: len(values)}
	if len(values) == 0 {
		return out
	}
	out.Mean = mean(values)
	rng := rand.New(rand.NewPCG(seed, uint64(len(values))))
	means := make([]float64, draws)
	for i := range means {
		sum := 0.0
		for range values {
			sum += values[rng.IntN(len(values))]
		}
		means[i] = sum / float64(len(values))
	}
	slices.Sort(means)
	out.Low, out.High = means[draws*25/1000], means[draws*975/1000-1]
	return out
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Paired is Bootstrap of the differences b − a, ask by ask: what one system
// gains over another on the same asks.
func Paired(a, b []float64) Interval {
	diff := make([]float64, min(len(a), len(b)))
	for i := range diff {
		diff[i] = b[i] - a[i]
	}
	return Bootstrap(diff)
}

// Ratio is a share of counts with the bootstrap interval of its cases: of those
// for which base is true, how many also have hit.
func Ratio(base, hit []bool) Interval {
	var values []float64
	for i, b := range base {
		if b {
			v := 0.0
			if hit[i] {
				v = 1
			}
			values = append(values, v)
		}
	}
	return Bootstrap(values)
}
