package returns_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/money"
)

// day is a day some days after the start of 2021; 2021 to 2023 have 365 days.
func day(n int) string {
	return time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format(time.DateOnly)
}

func yearly(amounts ...money.Fen) []returns.Flow {
	out := make([]returns.Flow, len(amounts))
	for i, a := range amounts {
		out[i] = returns.Flow{Day: day(i * 365), Amount: a}
	}
	return out
}

func rates(t *testing.T, flows []returns.Flow) returns.Rates {
	t.Helper()
	r, err := returns.XIRR(flows)
	if err != nil {
		t.Fatalf("XIRR(%v): %v", flows, err)
	}
	return r
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*(1+math.Abs(b)) }

func TestKnownSeries(t *testing.T) {
	half := []returns.Flow{{Day: day(0), Amount: -10_000}, {Day: day(182), Amount: 11_000}}
	manual := []returns.Flow{ // the example of a spreadsheet's manual, 37.34 %
		{Day: "2008-01-01", Amount: -1_000_000}, {Day: "2008-03-01", Amount: 275_000}, {Day: "2008-10-30", Amount: 425_000},
		{Day: "2009-02-15", Amount: 325_000}, {Day: "2009-04-01", Amount: 275_000},
	}
	for _, c := range []struct {
		name   string
		flows  []returns.Flow
		status returns.Status
		reason string
		roots  []float64
	}{
		{"manual", manual, returns.OK, "", []float64{0.373362535}},
		{"ten per cent", yearly(-10_000, 11_000), returns.OK, "", []float64{0.1}},
		{"loss of nearly all", yearly(-10_000_000, 2_000), returns.OK, "", []float64{-0.9998}},
		{"a receipt first", yearly(10_000, -11_000), returns.OK, "", []float64{0.1}},
		{"two roots", yearly(-10_000, 23_000, -13_200), returns.Multiple, "", []float64{0.1, 0.2}},
		{"three roots", yearly(-1_000_000, 3_600_000, -4_310_000, 1_716_000), returns.Multiple, "", []float64{0.1, 0.2, 0.3}},
		{"a root below zero and one above", yearly(-10_000, 16_000, -6_000), returns.Multiple, "", []float64{-0.4, 0}},
		{"touching zero once", yearly(-10_000, 22_000, -12_100), returns.OK, "", []float64{0.1}},
		{"signs change, yet no root", yearly(-10_000, 10_000, -10_000), returns.NoSolution, returns.OutOfRange, nil},
		{"only payments", yearly(-1, -2), returns.NoSolution, returns.NoSignChange, nil},
		{"nothing", nil, returns.NoSolution, returns.NoSignChange, nil},
		{"all on one day", []returns.Flow{{Day: day(0), Amount: -5}, {Day: day(0), Amount: 9}}, returns.NoSolution, returns.NoSignChange, nil},
		{"days that cancel out", []returns.Flow{{Day: day(0), Amount: -5}, {Day: day(0), Amount: 5}, {Day: day(9), Amount: 1}}, returns.NoSolution, returns.NoSignChange, nil},
		{"all is lost but a fen", yearly(-10_000_000, 1), returns.NoSolution, returns.OutOfRange, nil},
		{"more than hundredfold", yearly(-1, 200), returns.NoSolution, returns.OutOfRange, nil},
		{"half a year", half, returns.ShortPeriod, "", []float64{0.1}},
	} {
		got := rates(t, c.flows)
		if got.Status != c.status || got.Reason != c.reason || !slices.EqualFunc(got.Roots, c.roots, func(a, b float64) bool { return near(a, b, 1e-7) }) {
			t.Errorf("%s: %+v, want %s %q %v", c.name, got, c.status, c.reason, c.roots)
		}
		if headline := c.status == returns.OK || c.status == returns.ShortPeriod; headline != (got.Rate != nil) {
			t.Errorf("%s: %s with headline %v", c.name, got.Status, got.Rate)
		}
	}
	if r := rates(t, half); r.Days != 182 || r.Span != 182 {
		t.Errorf("a return over 182 days is said to be over %d", r.Days)
	}
}

func TestXIRRRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		flows []returns.Flow
		kind  errs.Kind
	}{
		"no day":         {[]returns.Flow{{Day: "2021-02-30", Amount: 1}}, errs.Invalid},
		"the smallest":   {[]returns.Flow{{Day: day(0), Amount: math.MinInt64}}, errs.TooLarge},
		"sum too large":  {[]returns.Flow{{Day: day(0), Amount: returns.MaxTurnover}, {Day: day(1), Amount: -1}}, errs.TooLarge},
		"one too large":  {[]returns.Flow{{Day: day(0), Amount: math.MaxInt64}, {Day: day(1), Amount: math.MaxInt64}}, errs.TooLarge},
		"a day in words": {[]returns.Flow{{Day: "today", Amount: 1}}, errs.Invalid},
	} {
		if _, err := returns.XIRR(c.flows); errs.KindOf(err) != c.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTwoFlows holds the closed form r = (b/a)^(365/d) − 1.
func TestTwoFlows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		a, b, d := 1+r.Int64N(1e12), 1+r.Int64N(1e12), 365+r.IntN(6000)
		want := math.Pow(float64(b)/float64(a), 365/float64(d)) - 1
		got := rates(t, []returns.Flow{{Day: day(0), Amount: money.Fen(-a)}, {Day: day(d), Amount: money.Fen(b)}})
		if want > returns.Lowest && want < returns.Highest && (got.Status != returns.OK || !near(*got.Rate, want, 1e-9)) {
			t.Errorf("−%d, %d after %d days: %+v, want %v", a, b, d, got, want)
		}
	}
}

func random(r *rand.Rand, n int) []returns.Flow {
	out := make([]returns.Flow, n)
	for i := range out {
		out[i] = returns.Flow{Day: day(r.IntN(4000)), Amount: money.Fen(r.Int64N(2_000_000_000) - 1_000_000_000)}
	}
	return out
}

// TestInvariances holds the properties that any series has.
func TestInvariances(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		flows := random(r, 2+r.IntN(12))
		want := rates(t, flows)
		same := func(name string, flows []returns.Flow) {
			got := rates(t, flows)
			if got.Status != want.Status || !slices.EqualFunc(got.Roots, want.Roots, func(a, b float64) bool { return near(a, b, 1e-6) }) {
				t.Errorf("%s: %+v, want %+v for %v", name, got, want, flows)
			}
		}
		shuffled := slices.Clone(flows)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		same("another order", shuffled)
		var parts, scaled, shifted, mirrored []returns.Flow
		for _, f := range flows {
			parts = append(parts, returns.Flow{Day: f.Day, Amount: f.Amount / 3}, returns.Flow{Day: f.Day, Amount: f.Amount - f.Amount/3})
			scaled = append(scaled, returns.Flow{Day: f.Day, Amount: f.Amount * 7})
			d, _ := time.Parse(time.DateOnly, f.Day)
			shifted = append(shifted, returns.Flow{Day: d.AddDate(0, 0, 1234).Format(time.DateOnly), Amount: f.Amount})
			mirrored = append(mirrored, returns.Flow{Day: f.Day, Amount: -f.Amount})
		}
		same("in parts", parts)
		same("sevenfold", scaled)
		same("later", shifted)
		same("from the other side", mirrored)
	}
}

// naive looks for changes of sign on a very fine grid.
func naive(flows []returns.Flow) int {
	npv := func(x float64) float64 {
		sum := 0.0
		first, _ := time.Parse(time.DateOnly, slices.MinFunc(flows, func(a, b returns.Flow) int {
			if a.Day < b.Day {
				return -1
			}
			return 1
		}).Day)
		for _, f := range flows {
			d, _ := time.Parse(time.DateOnly, f.Day)
			sum += float64(f.Amount) * math.Exp(-x*d.Sub(first).Hours()/24/365)
		}
		return sum
	}
	n, last := 0, 0.0
	for x := math.Log1p(returns.Lowest); x <= math.Log1p(returns.Highest); x += 0.003 {
		v := npv(x)
		if last != 0 && (v > 0) != (last > 0) {
			n++
		}
		last = v
	}
	return n
}

// TestNoRootIsMissed compares with a search that knows nothing of bounds.
func TestNoRootIsMissed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	several := 0
	for range 60 {
		flows := random(r, 3+r.IntN(6))
		got := rates(t, flows)
		if n := naive(flows); len(got.Roots) < n || len(got.Roots) == 0 && n > 0 {
			t.Errorf("%d roots, a fine grid has %d: %+v for %v", len(got.Roots), n, got, flows)
		}
		if got.Status == returns.Multiple {
			several++
		}
	}
	if several == 0 {
		t.Error("no series of the test has several roots: it shows nothing")
	}
}

func FuzzXIRR(f *testing.F) {
	f.Add([]byte{0, 0, 200, 1, 110, 60, 2, 220, 200})
	f.Add([]byte{10, 0, 128, 1, 1, 127})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var flows []returns.Flow
		for i := 0; i+2 < len(raw) && len(flows) < 12; i += 3 {
			flows = append(flows, returns.Flow{Day: day(int(raw[i])<<8 + int(raw[i+1])), Amount: money.Fen(int8(raw[i+2])) * 1000})
		}
		r, err := returns.XIRR(flows)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(r.Roots) || (r.Status == returns.NoSolution) != (len(r.Roots) == 0) || (r.Status == returns.Multiple) != (len(r.Roots) > 1) {
			t.Errorf("%+v", r)
		}
		for _, x := range r.Roots {
			if math.IsNaN(x) || x <= returns.Lowest || x > returns.Highest*(1+1e-12) {
				t.Errorf("root %v", x)
			}
		}
	})
}

func BenchmarkXIRR(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	for name, flows := range map[string][]returns.Flow{
		"one_change_40":  append(yearly(-1_000_000_000), random(r, 0)...),
		"any_changes_40": random(r, 40),
	} {
		if name == "one_change_40" {
			for i := range 39 {
				flows = append(flows, returns.Flow{Day: day(90 * (i + 4)), Amount: money.Fen(30_000_000 + i)})
			}
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := returns.XIRR(flows); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
