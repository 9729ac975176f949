package observatory

import (
	"math/rand/v2"
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// bookOf has figures a, b, c with one reported value each for 2024, and the
// figures derived from them.
func bookOf(values map[string]quantity.Quantity, derived ...Figure) *Book {
	b := &Book{Reported: map[string][]Reported{}, Computed: map[string][]Computed{}}
	for id, q := range values {
		b.Figures = append(b.Figures, Figure{ID: id, Unit: q.Unit, Basis: BasisReported, Title: i18n.Text{EN: id}})
		r := Reported{FigureID: id, Quantity: q, Period: quantity.YearOf(2024), SourceID: "s"}
		r.ID = r.Key()
		b.Reported[id] = []Reported{r}
	}
	b.Figures = append(b.Figures, derived...)
	return b
}

var (
	total = Figure{ID: "total", Unit: quantity.Count, Basis: BasisComputed, Compute: Compute{Op: BySum, Of: []string{"a", "b", "c"}}}
	share = Figure{ID: "share", Unit: quantity.Percent, Basis: BasisComputed, Numerator: "a", Denominator: "b"}
)

// A sum of bounds encloses the sum of any values that the bounds allow, and so
// does a ratio.
func TestDerivedBoundsEnclose(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	bounds := []quantity.Bound{quantity.Exact, quantity.Above, quantity.AtLeast, quantity.Below, quantity.AtMost, quantity.Nearly, quantity.About, quantity.Between}
	member := func(q quantity.Quantity) float64 {
		i := q.Interval()
		lo, hi := max(i.Lo, 0), min(i.Hi, 1000)
		if lo == hi {
			return lo
		}
		return lo + (hi-lo)*(0.001+0.998*r.Float64())
	}
	sums, ratios := 0, 0
	for range 5000 {
		values, truth := map[string]quantity.Quantity{}, map[string]float64{}
		for _, id := range []string{"a", "b", "c"} {
			q := quantity.With(bounds[r.IntN(len(bounds))], float64(1+r.IntN(90)), quantity.Count)
			if q.Bound == quantity.Between {
				q.High = q.Value + float64(r.IntN(10))
			}
			values[id], truth[id] = q, member(q)
		}
		d := newDeriver(bookOf(values, total, share))
		for _, v := range d.derive(&total) {
			sums++
			if want := truth["a"] + truth["b"] + truth["c"]; !wide(v.Quantity).Contains(want) {
				t.Fatalf("%v: %v is not in %v", values, want, v.Quantity)
			}
		}
		for _, v := range d.derive(&share) {
			if !v.Known {
				continue // the denominator may be nothing
			}
			ratios++
			if want := 100 * truth["a"] / truth["b"]; !wide(v.Quantity).Contains(want) {
				t.Fatalf("%v: %v is not in %v", values, want, v.Quantity)
			}
		}
	}
	if sums < 2000 || ratios < 2000 {
		t.Errorf("only %d sums and %d ratios were known", sums, ratios)
	}
}

// wide allows for rounding in the last places.
func wide(q quantity.Quantity) quantity.Interval {
	i := q.Interval()
	i.Lo -= 1e-9 * max(1, i.Lo)
	i.Hi += 1e-9 * max(1, i.Hi)
	i.LoOpen, i.HiOpen = false, false
	return i
}

func TestMissingOperandsGiveNothing(t *testing.T) {
	n := func(v float64) quantity.Quantity { return quantity.Of(v, quantity.Count) }
	d := newDeriver(bookOf(map[string]quantity.Quantity{"a": n(1), "b": n(2)}, total, share))
	if got := d.derive(&total); len(got) != 0 {
		t.Errorf("a sum without c: %+v", got)
	}
	b := bookOf(map[string]quantity.Quantity{"a": n(1), "b": n(2)}, share)
	b.Reported["b"][0].Period = quantity.YearOf(2023)
	if got := newDeriver(b).derive(&share); len(got) != 0 {
		t.Errorf("a share of different years: %+v", got)
	}
	b.Reported["b"][0].Period, b.Reported["a"][0].Period = quantity.Period{Kind: quantity.AsOf}, quantity.Period{Kind: quantity.Cumulative}
	if got := newDeriver(b).derive(&share); len(got) != 1 || got[0].Quantity.Value != 50 {
		t.Errorf("undated values of one source: %+v", got)
	}
	b.Reported["b"][0].SourceID = "another"
	if got := newDeriver(b).derive(&share); len(got) != 0 {
		t.Errorf("undated values of two sources: %+v", got)
	}
}

// A reported numerator never meets a computed denominator.
func TestReportedAndComputedAreNotMixed(t *testing.T) {
	b := bookOf(map[string]quantity.Quantity{"a": quantity.Of(1, quantity.Count)}, Figure{ID: "b", Unit: quantity.Count, Basis: BasisComputed}, share)
	b.Computed["b"] = []Computed{{Slot: "2024", FigureID: "b", Known: true, Quantity: quantity.Of(4, quantity.Count), Period: quantity.YearOf(2024)}}
	if got := newDeriver(b).derive(&share); len(got) != 0 {
		t.Errorf("mixed: %+v", got)
	}
	b.Computed["a"] = []Computed{{Slot: "2024", FigureID: "a", Known: true, Quantity: quantity.Of(3, quantity.Count), Period: quantity.YearOf(2024)}}
	if got := newDeriver(b).derive(&share); len(got) != 1 || got[0].Quantity.Value != 75 {
		t.Errorf("both computed: %+v", got)
	}
	r := Reported{FigureID: "b", Quantity: quantity.Of(2, quantity.Count), Period: quantity.YearOf(2024), SourceID: "s"}
	b.Reported["b"] = []Reported{r}
	if got := newDeriver(b).derive(&share); len(got) != 1 || got[0].Quantity.Value != 50 {
		t.Errorf("both reported, both computed: %+v", got)
	}
}

func TestExactBeatsBoundThenTheEarlierSource(t *testing.T) {
	b := bookOf(map[string]quantity.Quantity{"a": quantity.With(quantity.Nearly, 30, quantity.Count)})
	exact := Reported{FigureID: "a", Quantity: quantity.Of(28, quantity.Count), Period: quantity.YearOf(2024), SourceID: "t"}
	exact.ID = exact.Key()
	b.Reported["a"] = append(b.Reported["a"], exact)
	got := newDeriver(b).reported("a")
	if p := got["2024-01-01/2024-12-31"]; len(got) != 1 || p.q.Value != 28 || p.records[0].ID != exact.ID {
		t.Errorf("%+v", got)
	}
}

func TestFigureOnItselfEnds(t *testing.T) {
	loop := Figure{ID: "loop", Unit: quantity.Count, Basis: BasisComputed, Compute: Compute{Op: BySum, Of: []string{"loop"}}}
	if got := newDeriver(bookOf(nil, loop)).derive(&loop); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestDifferences(t *testing.T) {
	n := func(b quantity.Bound, v float64) quantity.Quantity { return quantity.With(b, v, quantity.Count) }
	known := func(v float64, p quantity.Period) Computed {
		return Computed{Known: true, Quantity: quantity.Of(v, quantity.Count), Period: p}
	}
	now := quantity.Period{Kind: quantity.AsOf, End: "2026-01-02"}
	for name, c := range map[string]struct {
		reported Reported
		computed Computed
		relation quantity.Relation
		delta    *float64
		caveats  int
		pairs    int
	}{
		"inside the bound": {Reported{Quantity: n(quantity.Nearly, 30), Period: quantity.Period{Kind: quantity.AsOf}}, known(28, now), quantity.Compatible, nil, 1, 1},
		"outside":          {Reported{Quantity: n(quantity.Nearly, 30), Period: quantity.Period{Kind: quantity.AsOf}}, known(17, now), quantity.Incompatible, nil, 1, 1},
		"exact":            {Reported{Quantity: n(quantity.Exact, 4), Period: now}, known(3, now), quantity.Incompatible, ptr(-1.0), 0, 1},
		"other unit":       {Reported{Quantity: quantity.Of(4, quantity.Percent), Period: now}, known(4, now), quantity.NotComparable, nil, 0, 1},
		"nothing computed": {Reported{Quantity: n(quantity.Exact, 4), Period: now}, Computed{Period: now}, quantity.NotComparable, nil, 0, 1},
		"other year":       {Reported{Quantity: n(quantity.Exact, 4), Period: quantity.YearOf(2023)}, known(4, quantity.YearOf(2024)), "", nil, 0, 0},
		"state and year":   {Reported{Quantity: n(quantity.Exact, 4), Period: now}, known(4, quantity.YearOf(2024)), "", nil, 0, 0},
	} {
		got := differences([]Reported{c.reported}, []Computed{c.computed})
		if len(got) != c.pairs {
			t.Errorf("%s: %d pairs", name, len(got))
			continue
		}
		if c.pairs == 0 {
			continue
		}
		d := got[0]
		if d.Relation != c.relation || len(d.Caveats) != c.caveats || c.delta != nil && (d.Delta == nil || d.Delta.Value != *c.delta) {
			t.Errorf("%s: %+v, delta %+v", name, d, d.Delta)
		}
		for _, key := range append(d.Caveats, d.Reason) {
			if !i18n.Has(key) {
				t.Errorf("%s: no text for %s", name, key)
			}
		}
	}
}

func ptr(v float64) *float64 { return &v }
