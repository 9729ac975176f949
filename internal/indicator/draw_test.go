package indicator

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPoissonTable(t *testing.T) {
	var often [9]int
	sum := 0
	for _, k := range poissonTable {
		often[k]++
		sum += int(k)
	}
	if sum != len(poissonTable) {
		t.Errorf("the mean is %v, not 1", float64(sum)/float64(len(poissonTable)))
	}
	p := math.Exp(-1)
	for k, n := range often {
		if k > 0 {
			p /= float64(k)
		}
		if got := float64(n) / float64(len(poissonTable)); math.Abs(got-p) > 6e-5 {
			t.Errorf("%d comes with %v, not %v", k, got, p)
		}
	}
}

// drawn makes a sample of n works of a population with skewed citations.
func drawn(r *rand.Rand, n int) (*sample, float64) {
	s := newSample(n)
	share := 0.0
	for range n {
		w := 1 / float64(1+r.IntN(5))
		score := math.Exp(r.NormFloat64() - 0.5) // mean 1
		x := [columns]float64{rootP: 1, rootShare: w, works: 1, collab: yes(r.IntN(10) < 3), base: w, ncs: w * score, top10: w * yes(r.IntN(10) == 0)}
		s.add(r.Int64(), &x)
		share += w
	}
	return s, share
}

// TestCoverage draws many samples of known populations: about 95 % of the
// intervals must hold the truth. The number of works is Poisson too.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rounds, mean = 250, 150
	truth := map[string]float64{"mncs": 1, "pp_top10": 0.1, "pp_collab": 0.3, "p": mean, "share": mean * (1 + 1./2 + 1./3 + 1./4 + 1./5) / 5}
	hits := map[string]int{}
	for range rounds {
		n := 0
		for at := r.ExpFloat64(); at < mean; at += r.ExpFloat64() {
			n++
		}
		s, _ := drawn(r, n)
		for name, in := range s.intervals() {
			if want, ok := truth[name]; ok && in[0] <= want && want <= in[1] {
				hits[name]++
			}
		}
	}
	for name := range truth {
		if c := float64(hits[name]) / rounds; c < 0.89 || c > 0.99 {
			t.Errorf("%s: %.1f %% of the intervals hold the truth, not about 95", name, 100*c)
		}
		t.Logf("%s: %.1f %%", name, 100*float64(hits[name])/rounds)
	}
}

// TestGroupsChangeNoWidth holds that drawing a large unit in groups gives
// intervals as wide as drawing it work by work.
func TestGroupsChangeNoWidth(t *testing.T) {
	const n = 12000
	split, _ := drawn(rand.New(rand.NewPCG(3, 4)), n)
	whole := &sample{}
	r := rand.New(rand.NewPCG(3, 4))
	for range n { // the same works, one group each
		w := 1 / float64(1+r.IntN(5))
		score := math.Exp(r.NormFloat64() - 0.5)
		x := [columns]float64{rootP: 1, rootShare: w, works: 1, collab: yes(r.IntN(10) < 3), base: w, ncs: w * score, top10: w * yes(r.IntN(10) == 0)}
		whole.add(r.Int64(), &x)
	}
	if !split.split || len(split.groups) != maxGroups || len(whole.groups) != n {
		t.Fatalf("%d and %d groups", len(split.groups), len(whole.groups))
	}
	a, b := split.intervals(), whole.intervals()
	for _, name := range []string{"p", "share", "mncs", "pp_top10", "pp_collab"} {
		wide, want := a[name][1]-a[name][0], b[name][1]-b[name][0]
		if math.Abs(wide/want-1) > 0.15 {
			t.Errorf("%s: %v in groups, %v work by work", name, a[name], b[name])
		}
	}
}

// TestIntervalsOnAnyNumberOfWorkers holds that the digits do not depend on who
// computes, and that intervals hold their values.
func TestIntervalsOnAnyNumberOfWorkers(t *testing.T) {
	ctx := context.Background()
	spec := Spec{From: 2019, To: 2021}
	e := prepared(t, randomWorld(5, 120), spec)
	for _, unit := range []Unit{Organisation, City, World} {
		spec.Unit = unit
		for _, by := range [][]Dimension{nil, {ByField, ByYear}} {
			spec.By = by
			var first []Value
			for _, workers := range []int{1, 2, 7} {
				values, err := Values(ctx, e, spec)
				if err != nil {
					t.Fatal(err)
				}
				if err := intervals(ctx, e, spec, values, workers); err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = values
					continue
				}
				for i := range values {
					if diff := cmp.Diff(first[i].Intervals, values[i].Intervals); diff != "" {
						t.Errorf("%s on %d workers: %s", unit, workers, diff)
					}
				}
			}
			for _, v := range first {
				for name, in := range v.Intervals {
					if x, known := v.Get(name); v.P > 20 && (!known || x < in[0] || x > in[1]) {
						t.Errorf("%s of %s is %v, outside %v", name, v.Unit, x, in)
					}
				}
				if v.P > 20 && len(v.Intervals) < 10 {
					t.Errorf("%s with %v works has only %v", v.Unit, v.P, v.Intervals)
				}
			}
		}
	}
}

func BenchmarkIntervals(b *testing.B) {
	s, _ := drawn(rand.New(rand.NewPCG(1, 2)), 4000)
	for b.Loop() {
		s.intervals()
	}
}
