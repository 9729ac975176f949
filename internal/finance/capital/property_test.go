package capital_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/quantity"
)

// stated draws an amount and a true value that it does not contradict.
func stated(r *rand.Rand) (*capital.Amount, float64) {
	truth := float64(r.IntN(1_000_000))
	unit := quantity.Unit("USD")
	switch r.IntN(8) {
	case 0:
		return nil, truth
	case 1:
		return &capital.Amount{Quantity: quantity.With(quantity.Above, truth-1-float64(r.IntN(9)), unit)}, truth
	case 2:
		return &capital.Amount{Quantity: quantity.With(quantity.AtMost, truth+float64(r.IntN(9)), unit)}, truth
	case 3:
		return &capital.Amount{Quantity: quantity.With(quantity.About, truth, unit)}, truth
	case 4:
		return &capital.Amount{Quantity: quantity.Span(truth-float64(r.IntN(9)), truth+float64(r.IntN(9)), unit)}, truth
	case 5:
		return &capital.Amount{Quantity: quantity.With(quantity.Nearly, truth+1+truth*0.05, unit)}, truth
	}
	return capital.Of(truth, unit), truth
}

// TestSumsHoldTheTruth draws amounts that are true of hidden values: the sum of
// the values lies within the sum of the amounts, which is exact only if all are.
func TestSumsHoldTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var tally capital.Tally
		truth, exact, known := 0.0, true, 0
		for range r.IntN(12) {
			a, v := stated(r)
			if err := tally.Add(a); err != nil {
				t.Fatal(err)
			}
			truth += v
			exact = exact && a != nil && a.Bound == quantity.Exact
			if a != nil {
				known++
			}
		}
		sums := tally.Sums()
		if known == 0 {
			if len(sums) != 0 {
				t.Fatalf("unknown became %+v", sums)
			}
			continue
		}
		i := sums[0].Interval()
		slack := 1e-6 + truth*1e-9
		if truth < i.Lo-slack || truth > i.Hi+slack || (sums[0].Bound == quantity.Exact) != exact {
			t.Fatalf("%v outside %+v (exact %v)", truth, sums[0], exact)
		}
	}
}

func TestSumsRefuseOverflow(t *testing.T) {
	var tally capital.Tally
	must(t, tally.Add(capital.Yuan(1<<62)))
	if err := tally.Add(capital.Yuan(1 << 62)); errs.KindOf(err) != errs.Invalid {
		t.Errorf("%v, %+v", err, tally.Sums())
	}
}

// TestStepsNeverGoBackwards feeds random steps: whatever is accepted, without a
// correction the rank of the state does not fall, the course is in the order of
// the ladder and of its days, and the order of recording does not matter.
func TestStepsNeverGoBackwards(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	accepted := 0
	for range 5_000 {
		var steps []capital.Step
		rank := 0
		for range 12 {
			s := capital.Step{State: capital.ListingStates[r.IntN(len(capital.ListingStates))], On: randomDay(r)}
			course, err := capital.Course(append(slices.Clone(steps), s))
			if err != nil {
				continue
			}
			accepted++
			steps = append(steps, s)
			last := course[len(course)-1].State.Rank()
			if last < rank {
				t.Fatalf("%+v: fell from %d to %d", steps, rank, last)
			}
			rank = last
			checkCourse(t, course)
		}
		mixed := slices.Clone(steps)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		a, _ := capital.Course(steps)
		b, err := capital.Course(mixed)
		for i := range b {
			a[i].Position, b[i].Position = 0, 0
		}
		if diff := cmp.Diff(a, b); diff != "" || err != nil {
			t.Fatal(err, diff)
		}
	}
	if accepted < 5_000 {
		t.Errorf("only %d steps accepted", accepted)
	}
}

func checkCourse(t *testing.T, course []capital.Step) {
	t.Helper()
	for i, s := range course[1:] {
		was := course[i]
		n := min(len(was.On), len(s.On))
		if was.State.Rank() >= s.State.Rank() || s.On[:n] < was.On[:n] {
			t.Fatalf("%+v before %+v", was, s)
		}
	}
}

func randomDay(r *rand.Rand) string {
	return []string{"", fmt.Sprint(2018 + r.IntN(5)), fmt.Sprintf("%d-%02d", 2018+r.IntN(5), 1+r.IntN(12)), fmt.Sprintf("%d-%02d-%02d", 2018+r.IntN(5), 1+r.IntN(12), 1+r.IntN(28))}[r.IntN(4)]
}

// TestHistoryOrder holds that a history does not depend on the order in which
// its entries come, nor on hearing of one twice, and that its sums are those of
// its entries.
func TestHistoryOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	kinds := []struct {
		kind   string
		strand capital.Strand
	}{{"round", capital.Invested}, {"loan", capital.Lent}, {"contest", capital.Founded}}
	for range 2_000 {
		var entries []capital.Entry
		for i := range r.IntN(20) {
			a, _ := stated(r)
			k := kinds[r.IntN(len(kinds))]
			entries = append(entries, capital.Entry{Kind: k.kind, Strand: k.strand, ID: fmt.Sprint(i), Day: randomDay(r), Money: r.IntN(5) > 0, Amount: a})
		}
		one, err := capital.Arrange(entries)
		must(t, err)
		again := append(slices.Clone(entries), entries[:len(entries)/2]...)
		r.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		two, err := capital.Arrange(again)
		must(t, err)
		if diff := cmp.Diff(one, two, cmp.AllowUnexported(capital.Entry{})); diff != "" || len(one.Entries) != len(entries) {
			t.Fatal(diff)
		}
		counted := 0
		for i, e := range one.Entries {
			if e.Money {
				counted++
			}
			if i > 0 && (one.Entries[i-1].Day == "" && e.Day != "" || e.Day != "" && one.Entries[i-1].Day > e.Day) {
				t.Fatalf("%q after %q", e.Day, one.Entries[i-1].Day)
			}
		}
		for _, total := range one.Totals {
			counted -= total.Entries
		}
		if counted != 0 {
			t.Fatalf("%d entries in no sum", counted)
		}
	}
}
