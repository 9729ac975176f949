package money_test

import (
	"math"
	"testing"
	"testing/quick"

	"github.com/kapok-city/kapok/internal/money"
)

func TestAddRefusesOverflow(t *testing.T) {
	if _, err := money.Add(math.MaxInt64, 1); err == nil {
		t.Error("overflow upwards")
	}
	if _, err := money.Add(math.MinInt64, -1); err == nil {
		t.Error("overflow downwards")
	}
	for _, c := range [][3]money.Fen{{1, 2, 3}, {-5, 5, 0}, {0, 0, 0}, {math.MaxInt64, 0, math.MaxInt64}, {7, -9, -2}} {
		if got, err := money.Add(c[0], c[1]); err != nil || got != c[2] {
			t.Errorf("Add(%d, %d) = %d, %v", c[0], c[1], got, err)
		}
	}
}

func TestPartRoundsHalfToEven(t *testing.T) {
	for _, c := range []struct {
		amount money.Fen
		ppm    int64
		want   money.Fen
	}{{100, 500_000, 50}, {1, 500_000, 0}, {3, 500_000, 2}, {5, 500_000, 2}, {math.MaxInt64, 1_000_000, math.MaxInt64}} {
		if got, err := money.Part(c.amount, c.ppm); err != nil || got != c.want {
			t.Errorf("Part(%d, %d) = %d, %v, want %d", c.amount, c.ppm, got, err, c.want)
		}
	}
	if _, err := money.Part(math.MaxInt64, 2_000_000); err == nil {
		t.Error("overflow")
	}
}

// TestSplitLosesNothing holds that the parts of any split add up to the whole
// and that no part strays a fen from its share.
func TestSplitLosesNothing(t *testing.T) {
	check := func(amount uint32, raw []uint16) bool {
		weights, total := make([]int64, len(raw)), int64(0)
		for i, w := range raw {
			weights[i] = int64(w)
			total += int64(w)
		}
		parts, err := money.Split(money.Fen(amount), weights)
		if total == 0 {
			return err != nil
		}
		sum := money.Fen(0)
		for i, p := range parts {
			sum += p
			exact := float64(amount) * float64(weights[i]) / float64(total)
			if math.Abs(float64(p)-exact) >= 1 {
				return false
			}
		}
		return err == nil && sum == money.Fen(amount)
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0", "-0.01", "1234.5", "92233720368547758.07", "1,000", "1e9", "1.", ".5", "--1", "1.234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := money.Parse(s)
		if err != nil {
			return
		}
		again, err := money.Parse(v.String())
		if err != nil || again != v {
			t.Errorf("%q → %d → %q → %d, %v", s, v, v, again, err)
		}
	})
}

func TestString(t *testing.T) {
	for v, want := range map[money.Fen]string{0: "0.00", -1: "-0.01", 123450: "1234.50", math.MinInt64: "-92233720368547758.08", money.Yi: "100000000.00"} {
		if got := v.String(); got != want {
			t.Errorf("%d: %q, want %q", int64(v), got, want)
		}
	}
}
