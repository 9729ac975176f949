package match

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// answers are introductions whose outcome hangs on coverage and codes, which
// the default weights think little of.
func answers(n int) []Example {
	rng := rand.New(rand.NewPCG(7, 8))
	var out []Example
	for i := range n {
		var v Values
		for j := range v {
			v[j] = rng.Float64()
		}
		v[atFresh] = unknown
		good := 0.0
		if v[atCoverage]+v[atCodes]+.2*rng.NormFloat64() > 1 {
			good = 1
		}
		out = append(out, Example{Ask: string(rune('a' + i%20)), Day: i, Values: v, Good: good})
	}
	return out
}

func TestRefitLearnsWhatBrokersTake(t *testing.T) {
	from := Default()
	fit, ok := Refit(from, answers(400))
	if !ok {
		t.Fatal("no fit")
	}
	if fit.Examples != 280 || fit.Held != 120 {
		t.Errorf("learned from %d, held %d", fit.Examples, fit.Held)
	}
	if fit.After.LogLoss >= fit.Before.LogLoss || fit.After.NDCG <= fit.Before.NDCG {
		t.Errorf("before %+v, after %+v", fit.Before, fit.After)
	}
	if fit.Weights.Of[atCoverage] <= from.Of[atCoverage] || fit.Weights.Of[atCodes] <= from.Of[atCodes] {
		t.Errorf("weights %v", fit.Weights.Of)
	}
	if err := fit.Weights.check(); err != nil {
		t.Error(err)
	}
	again, _ := Refit(from, answers(400))
	if diff := cmp.Diff(fit, again); diff != "" {
		t.Errorf("not the same twice: %s", diff)
	}
}

func TestRidgeHoldsTheWeights(t *testing.T) {
	from, examples := Default(), answers(200)
	l := calibrate(from, examples)
	w, _ := descend(from, l, examples, 1000)
	for i := range w.Of {
		if math.Abs(w.Of[i]-from.Of[i]) > .01 {
			t.Errorf("%s moved from %v to %v", Features[i], from.Of[i], w.Of[i])
		}
	}
}

func TestRefitAsksForEnough(t *testing.T) {
	if _, ok := Refit(Default(), answers(20)); ok {
		t.Error("twenty answers are too few")
	}
	all := answers(200)
	for i := range all {
		all[i].Good = 1
	}
	if _, ok := Refit(Default(), all); ok {
		t.Error("one kind of answer says nothing")
	}
}
