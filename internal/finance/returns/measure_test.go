package returns_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/money"
)

func fen(v money.Fen) *money.Fen { return &v }

func example() returns.Record {
	return returns.Record{
		Committed:     fen(100 * money.Wan),
		Called:        []returns.Flow{{Day: "2021-01-01", Amount: 60 * money.Wan}, {Day: "2022-06-01", Amount: 20 * money.Wan}},
		Paid:          []returns.Flow{{Day: "2021-01-10", Amount: 60 * money.Wan}, {Day: "2023-02-01", Amount: 10 * money.Wan}},
		Distributions: []returns.Distribution{{Day: "2022-01-10", Amount: 12 * money.Wan, Recallable: 5 * money.Wan}, {Day: "2023-03-01", Amount: 3 * money.Wan}},
		NAV:           &returns.Valuation{Day: "2022-12-31", Amount: 66 * money.Wan},
	}
}

func TestMeasure(t *testing.T) {
	got, err := returns.Measure(example(), "2023-03-31")
	if err != nil {
		t.Fatal(err)
	}
	irr := got.IRR
	got.IRR = nil
	want := returns.Multiples{
		On: "2023-03-31", Called: 80 * money.Wan, Paid: 70 * money.Wan, Distributed: 15 * money.Wan, Recallable: 5 * money.Wan,
		Unfunded: fen(25 * money.Wan),
		PIC:      &returns.Ratio{Over: 70 * money.Wan, Under: 100 * money.Wan},
		DPI:      &returns.Ratio{Over: 15 * money.Wan, Under: 70 * money.Wan},
		RVPI:     &returns.Ratio{Over: 73 * money.Wan, Under: 70 * money.Wan}, // 66 + 10 paid − 3 received since
		TVPI:     &returns.Ratio{Over: 88 * money.Wan, Under: 70 * money.Wan},
		NAV:      &returns.Valuation{Day: "2022-12-31", Amount: 66 * money.Wan}, Age: 90, Rolled: fen(73 * money.Wan),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// −60 on 2021-01-10, 12 after 365 days, 66 after 720: the rate is that up to the valuation.
	if irr == nil || irr.Status != returns.OK || math.Abs(-60+12/(1+*irr.Rate)+66/math.Pow(1+*irr.Rate, 720.0/365)) > 1e-9 {
		t.Errorf("rate %+v", irr)
	}
}

func TestUnknownStaysUnknown(t *testing.T) {
	r := example()
	r.NAV, r.Committed = nil, nil
	got, err := returns.Measure(r, "2023-03-31")
	if err != nil || got.RVPI != nil || got.TVPI != nil || got.IRR != nil || got.PIC != nil || got.Unfunded != nil || got.Rolled != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got.DPI == nil {
		t.Error("what is known is kept")
	}
	r = example()
	before, err := returns.Measure(r, "2022-12-30")
	if err != nil || before.NAV != nil || before.Paid != 60*money.Wan {
		t.Errorf("a valuation of a later day was used: %+v, %v", before, err)
	}
	r.Distributions[1].Amount = 90 * money.Wan
	over, err := returns.Measure(r, "2023-03-31")
	if err != nil || over.Rolled != nil || over.RVPI != nil || over.NAV == nil {
		t.Errorf("a valuation that the distributions since exceed: %+v, %v", over, err)
	}
}

func TestMeasureRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*returns.Record){
		"a negative payment":     func(r *returns.Record) { r.Paid[0].Amount = -1 },
		"a negative commitment":  func(r *returns.Record) { r.Committed = fen(-1) },
		"a negative valuation":   func(r *returns.Record) { r.NAV.Amount = -1 },
		"more recallable":        func(r *returns.Record) { r.Distributions[0].Recallable = 99 * money.Wan },
		"a day that is not one":  func(r *returns.Record) { r.Called[0].Day = "2021" },
		"a valuation of no day":  func(r *returns.Record) { r.NAV.Day = "" },
		"a call beyond counting": func(r *returns.Record) { r.Called[0].Amount = math.MaxInt64 },
	} {
		r := example()
		spoil(&r)
		if _, err := returns.Measure(r, "2023-03-31"); err == nil || errs.KindOf(err) == errs.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := returns.Measure(example(), "soon"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("the day of the report: %v", err)
	}
}

// TestMultiplesAddUp holds TVPI = DPI + RVPI to the fen, and that cutting a
// payment in two changes nothing.
func TestMultiplesAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		var rec returns.Record
		rec.Committed = fen(money.Fen(r.Int64N(1e12)))
		for range 1 + r.IntN(8) {
			rec.Paid = append(rec.Paid, returns.Flow{Day: day(r.IntN(2000)), Amount: money.Fen(r.Int64N(1e10))})
			rec.Distributions = append(rec.Distributions, returns.Distribution{Day: day(r.IntN(2000)), Amount: money.Fen(r.Int64N(1e9))})
		}
		rec.NAV = &returns.Valuation{Day: day(r.IntN(2000)), Amount: money.Fen(r.Int64N(1e11))}
		m, err := returns.Measure(rec, day(2000))
		if err != nil {
			t.Fatal(err)
		}
		if m.TVPI != nil && (m.TVPI.Over != m.DPI.Over+m.RVPI.Over || m.TVPI.Under != m.DPI.Under) {
			t.Fatalf("%+v", m)
		}
		cut := rec
		cut.Paid = append([]returns.Flow{{Day: rec.Paid[0].Day, Amount: rec.Paid[0].Amount / 2}, {Day: rec.Paid[0].Day, Amount: rec.Paid[0].Amount - rec.Paid[0].Amount/2}}, rec.Paid[1:]...)
		if again, err := returns.Measure(cut, day(2000)); err != nil || cmp.Diff(m, again) != "" {
			t.Fatalf("%v %s", err, cmp.Diff(m, again))
		}
	}
}

func ExampleXIRR() {
	r, _ := returns.XIRR([]returns.Flow{{Day: "2021-01-01", Amount: -10_000}, {Day: "2022-01-01", Amount: 23_000}, {Day: "2023-01-01", Amount: -13_200}})
	fmt.Printf("%s %.2f %v\n", r.Status, r.Roots, r.Rate)
	// Output: multiple [0.10 0.20] <nil>
}

func TestPeriodOf(t *testing.T) {
	if got := returns.PeriodOf(0.21, 365/2); math.Abs(got-(math.Pow(1.21, 182.0/365)-1)) > 1e-12 {
		t.Errorf("%v", got)
	}
}
