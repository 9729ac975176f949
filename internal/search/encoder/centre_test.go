package encoder

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/fold"
)

// leaning is an encoder that puts each side and language far out in a
// direction of its own, and a little of the meaning beside it: the letter a or
// the character 甲 in the third place.
type leaning struct{ fail error }

func (leaning) Dim() int     { return 6 }
func (leaning) Name() string { return "leaning" }
func (l leaning) Encode(_ context.Context, side Side, texts []string) ([][]float32, error) {
	var out [][]float32
	for _, t := range texts {
		v := make([]float32, 6)
		han := strings.ContainsFunc(t, fold.IsHan)
		v[int(side)] = 1
		if han {
			v[2] = 1
		} else {
			v[3] = 1
		}
		if strings.HasPrefix(t, "alpha") || strings.HasPrefix(t, "甲") {
			v[4] = 0.2
		} else if strings.HasPrefix(t, "beta") || strings.HasPrefix(t, "乙") {
			v[5] = 0.2
		}
		normalise(v)
		out = append(out, v)
	}
	return out, l.fail
}

func TestCentred(t *testing.T) {
	e, err := Centred(context.Background(), leaning{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := e.Encode(context.Background(), Query, []string{"甲"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Encode(context.Background(), Passage, []string{"alpha", "乙"})
	if err != nil {
		t.Fatal(err)
	}
	dot := func(a, b []float32) (sum float32) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	if same, other := dot(q[0], p[0]), dot(q[0], p[1]); same < 0.9 || other > 0.1 {
		t.Errorf("like in two languages %.3f, unlike in one %.3f", same, other)
	}
	if e.Name() != "leaning+"+centreVersion || e.Dim() != 6 {
		t.Errorf("name %s", e.Name())
	}
	broken := errors.New("broken")
	if _, err := Centred(context.Background(), leaning{broken}); !errors.Is(err, broken) {
		t.Errorf("error: %v", err)
	}
}

// TestCentreTexts holds that the file has enough of each side, in the language
// that its column says.
func TestCentreTexts(t *testing.T) {
	for _, side := range []Side{Query, Passage} {
		zh, en := centreColumn(side, 1), centreColumn(side, 2)
		if len(zh) < 30 || len(zh) != len(en) {
			t.Errorf("side %d has %d and %d texts", side, len(zh), len(en))
		}
		for i := range zh {
			if chineseShare(zh[i]) < 0.7 || chineseShare(en[i]) > 0 {
				t.Errorf("%q, %q: not the languages of their columns", zh[i], en[i])
			}
		}
	}
}

func TestChineseShare(t *testing.T) {
	for text, want := range map[string]float64{"": 0.5, "123 !": 0.5, "木棉": 1, "two words": 0, "木棉 kapok": 2. / 3, "PLC控制": 2. / 3, "é木": 0.5} {
		if got := chineseShare(text); math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("chineseShare(%q) = %g, want %g", text, got, want)
		}
	}
}
