package match

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// inGrains reads a number as it is printed, so that the test adds what a
// reader adds.
func inGrains(t *testing.T, x float64) int64 {
	t.Helper()
	s := strconv.FormatFloat(x, 'f', 4, 64)
	back, err := strconv.ParseFloat(s, 64)
	if err != nil || back != x {
		t.Fatalf("%v is not a whole number of ten-thousandths", x)
	}
	return int64(math.Round(back * grain))
}

func randomPair(rng *rand.Rand) (Weights, Values) {
	w := Weights{Bias: rng.Float64() - .5}
	var v Values
	for i := range v {
		w.Of[i] = rng.Float64() * math.Pow(10, rng.Float64()*3-2)
		v[i] = rng.Float64()
		if rng.IntN(5) == 0 {
			v[i] = unknown
		}
	}
	w.Of[atOpen] *= -1
	return w, v
}

func TestContributionsSumToTheScore(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		w, v := randomPair(rng)
		parts := w.Explain(v)
		sum := inGrains(t, toPoints(w.Bias).float())
		for _, p := range parts {
			sum += inGrains(t, p.Contribution)
			if !p.Known && p.Contribution != 0 {
				t.Fatalf("an unknown %s adds %v", p.Name, p.Contribution)
			}
		}
		score := w.Score(v)
		if got := inGrains(t, score); got != sum {
			t.Fatalf("score %v, its parts sum to %v: %v", score, float64(sum)/grain, parts)
		}
		if Total(w.Bias, parts) != score {
			t.Fatalf("Total %v, Score %v", Total(w.Bias, parts), score)
		}
	}
}

func TestDividedPartsSumToTheContribution(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		whole := toPoints((rng.Float64() - .2) * 3).float()
		shares := make([]float64, 1+rng.IntN(40))
		for i := range shares {
			shares[i] = max(0, rng.Float64()-.1)
		}
		shares[0] += .01
		sum := int64(0)
		for _, p := range divide(whole, shares) {
			sum += inGrains(t, p)
			if p*whole < 0 {
				t.Fatalf("part %v of %v has another sign", p, whole)
			}
		}
		if sum != inGrains(t, whole) {
			t.Fatalf("parts sum to %v, not %v", sum, whole)
		}
	}
	if got := divide(.5, []float64{0, 0}); got[0] != 0 || got[1] != 0 {
		t.Errorf("nothing to divide by: %v", got)
	}
}

func FuzzValuesOf(f *testing.F) {
	f.Add("words", 0.5)
	f.Add("none", math.Inf(1))
	f.Fuzz(func(t *testing.T, name string, x float64) {
		v := ValuesOf(map[string]float64{name: x})
		if s := Default().Score(v); math.IsNaN(s) || math.IsInf(s, 0) {
			t.Errorf("score %v of %v", s, v)
		}
	})
}

func TestValuesSurviveTheirMap(t *testing.T) {
	_, v := randomPair(rand.New(rand.NewPCG(5, 6)))
	back := ValuesOf(v.Map())
	for i := range v {
		if v[i] != back[i] && !(math.IsNaN(v[i]) && math.IsNaN(back[i])) {
			t.Errorf("%s: %v became %v", Features[i], v[i], back[i])
		}
	}
}

func TestWeightsJSON(t *testing.T) {
	raw, err := Default().MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var back Weights
	if err := back.UnmarshalJSON(raw); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), back); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{`{"features":{"words":-1}}`, `{"features":{"open":1}}`, `{"features":{"words":1e9}}`, `[]`} {
		if err := new(Weights).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestCodeOverlap(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b CodeSet
		want float64
	}{
		"nothing known":       {CodeSet{IPC: []string{"H01M"}}, CodeSet{Industry: []string{"C3841"}}, math.NaN()},
		"apart":               {CodeSet{IPC: []string{"H01M"}}, CodeSet{IPC: []string{"A61K"}}, 0},
		"section":             {CodeSet{IPC: []string{"H01M"}}, CodeSet{IPC: []string{"H04L"}}, .25},
		"subclass":            {CodeSet{IPC: []string{"H01M 4/13"}}, CodeSet{IPC: []string{"h01m10/05"}}, .75},
		"main group":          {CodeSet{IPC: []string{"H01M 10/0525"}}, CodeSet{IPC: []string{"H01M 10/42"}}, 1},
		"one group a prefix":  {CodeSet{IPC: []string{"H01M 1/00"}}, CodeSet{IPC: []string{"H01M 10/42"}}, .75},
		"industry goes first": {CodeSet{Industry: []string{"C3841"}, IPC: []string{"A61K"}}, CodeSet{Industry: []string{"C3841"}, IPC: []string{"H01M"}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := codeOverlap(tc.a, tc.b)
			if back := codeOverlap(tc.b, tc.a); back != got && !math.IsNaN(got) {
				t.Errorf("not the same both ways: %v, %v", got, back)
			}
			if got != tc.want && !(math.IsNaN(got) && math.IsNaN(tc.want)) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFreshness(t *testing.T) {
	if f := freshness(0, 100); !math.IsNaN(f) {
		t.Errorf("no date: %v", f)
	}
	if f := freshness(20000, 20000); f != 1 {
		t.Errorf("today: %v", f)
	}
	if f := freshness(20000-730, 20000); math.Abs(f-.5) > .001 {
		t.Errorf("two years: %v", f)
	}
	if f := freshness(20100, 20000); f != 1 {
		t.Errorf("a date to come: %v", f)
	}
}

func TestDiverse(t *testing.T) {
	got, more := diverse([]string{"a1", "a2", "a3", "b1", "-1", "-2", "-3", "a4"}, func(s string) string {
		if s[0] == '-' {
			return ""
		}
		return s[:1]
	}, 6)
	if diff := cmp.Diff([]string{"a1", "a2", "b1", "-1", "-2", "-3"}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{"a": 1}, more); diff != "" {
		t.Error(diff)
	}
}
