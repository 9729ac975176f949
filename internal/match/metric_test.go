package match

import (
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestNDCG(t *testing.T) {
	all := []int{3, 2, 0, 1}
	if got := NDCG([]int{3, 2, 1, 0}, all, 10); !near(got, 1) {
		t.Errorf("the best order: %v", got)
	}
	// By hand: (2²−1)/log2(2) + (2³−1)/log2(3) over (7/1 + 3/log2(3) + 1/log2(4)).
	want := (3 + 7/math.Log2(3)) / (7 + 3/math.Log2(3) + .5)
	if got := NDCG([]int{2, 3, 0}, all, 10); !near(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := NDCG([]int{0}, []int{0, 0}, 10); !math.IsNaN(got) {
		t.Errorf("nothing good: %v", got)
	}
}

func TestRecall(t *testing.T) {
	if got := Recall([]int{0, 3, 2, 0}, []int{3, 2, 2, 1}, 2, 2); !near(got, 1.0/3) {
		t.Errorf("got %v", got)
	}
}

func TestBootstrap(t *testing.T) {
	values := []float64{0, 1, 1, 0, 1, math.NaN(), .5}
	a, b := Bootstrap(values), Bootstrap(values)
	if a != b {
		t.Errorf("%v and %v: the seed is fixed", a, b)
	}
	if a.N != 6 || !near(a.Mean, 3.5/6) || a.Low >= a.Mean || a.High <= a.Mean || a.Low < 0 || a.High > 1 {
		t.Errorf("%+v", a)
	}
	if got := Bootstrap([]float64{.7, .7}); !near(got.Low, .7) || !near(got.High, .7) {
		t.Errorf("constant: %+v", got)
	}
	if got := Paired([]float64{.1, .2}, []float64{.3, .4}); !near(got.Mean, .2) || !near(got.Low, .2) {
		t.Errorf("paired: %+v", got)
	}
	if got := Ratio([]bool{true, true, false}, []bool{true, false, true}); !near(got.Mean, .5) || got.N != 2 {
		t.Errorf("ratio: %+v", got)
	}
}
