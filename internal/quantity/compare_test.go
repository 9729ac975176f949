package quantity

import "testing"

func TestCompare(t *testing.T) {
	t.Parallel()
	stated := func(b Bound, v float64, u Unit, step float64) Quantity {
		return Quantity{Bound: b, Value: v, Unit: u, Step: step}
	}
	for _, c := range []struct {
		name          string
		stated, known Quantity
		want          Relation
		why           Reason
	}{
		{"nearly eighty percent, led", stated(Nearly, 80, Percent, 10), Of(100*11.0/14, Percent), Compatible, ReasonInside},
		{"nearly eighty percent, all", stated(Nearly, 80, Percent, 10), Of(100*26.0/53, Percent), Incompatible, ReasonOutside},
		{"nearly 12,000", stated(Nearly, 12000, CountOf("家"), 1000), Of(11872, Count), Compatible, ReasonInside},
		{"nearly 12,000 but more", stated(Nearly, 12000, CountOf("家"), 1000), Of(12001, Count), Incompatible, ReasonOutside},
		{"nearly 12,000 and exactly that", stated(Nearly, 12000, Count, 1000), Of(12000, Count), Incompatible, ReasonOutside},
		{"over 26 billion", stated(Above, 260e8, CNY, 1e8), Of(262.3e8, CNY), Compatible, ReasonInside},
		{"over 26 billion, far over", stated(Above, 260e8, CNY, 1e8), Of(600e8, CNY), Compatible, ReasonFar},
		{"over 26 billion, under", stated(Above, 260e8, CNY, 1e8), Of(259.9e8, CNY), Incompatible, ReasonOutside},
		{"same bound", stated(Above, 260e8, CNY, 1e8), With(Above, 260e8, CNY), Equal, ReasonSame},
		{"about", stated(About, 1.1e8, CNY, 1e7), Of(1.13e8, CNY), Compatible, ReasonInside},
		{"about, off", stated(About, 1.1e8, CNY, 1e7), Of(1.3e8, CNY), Incompatible, ReasonOutside},
		{"equal", stated(Exact, 26, CountOf("项"), 1), Of(26, CountOf("个")), Equal, ReasonSame},
		{"rounds", stated(Exact, 165e4, CountOf("人"), 1e4), Of(1648123, Count), RoundsTo, ReasonRounds},
		{"differs", stated(Exact, 165e4, CountOf("人"), 1e4), Of(1600000, Count), Incompatible, ReasonDiffers},
		{"exact stated, known bound open", stated(Exact, 265e8, CNY, 1e8), With(Above, 260e8, CNY), Undecided, ReasonOpen},
		{"exact stated, known bound excludes", stated(Exact, 200e8, CNY, 1e8), With(Above, 260e8, CNY), Incompatible, ReasonOutside},
		{"bound stated, known bound inside", stated(AtLeast, 200e8, CNY, 1e8), With(Above, 260e8, CNY), Compatible, ReasonInside},
		{"inch and metre", stated(Exact, 12, Inch, 1), Of(0.3048, Metre), Equal, ReasonSame},
		{"percent and times", stated(Exact, 150, Percent, 1), Of(1.5, Times), Equal, ReasonSame},
		{"people and things", stated(Exact, 5, CountOf("人"), 1), Of(5, CountOf("家")), NotComparable, ReasonUnits},
		{"currencies", stated(Exact, 5, CNY, 1), Of(5, "USD"), NotComparable, ReasonUnits},
		{"percent and points", stated(Exact, 5, Percent, 1), Of(5, Point), NotComparable, ReasonUnits},
		{"rank", stated(Exact, 8, Rank, 1), Of(8, Rank), Equal, ReasonSame},
		{"rank class", stated(AtMost, 0.0001, RankShare, 0), Of(0.00008, RankShare), Compatible, ReasonInside},
	} {
		got, why := Compare(c.stated, c.known)
		if got != c.want || why != c.why {
			t.Errorf("%s: Compare = %s, %s; want %s, %s", c.name, got, why, c.want, c.why)
		}
		if back, _ := Compare(c.known, c.stated); (got == NotComparable) != (back == NotComparable) {
			t.Errorf("%s: not comparable one way only", c.name)
		}
	}
}

// A looser statement of the same kind is never contradicted by what bears out
// a tighter one.
func TestCompareMonotone(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	for range 5000 {
		known := Of(r.Float64()*1e6, CNY)
		a, b := r.Float64()*1e6, r.Float64()*1e6
		lo, hi := min(a, b), max(a, b)
		for bound, looser := range map[Bound][2]float64{Above: {hi, lo}, AtLeast: {hi, lo}, Below: {lo, hi}, AtMost: {lo, hi}} {
			tight, _ := Compare(With(bound, looser[0], CNY), known)
			loose, _ := Compare(With(bound, looser[1], CNY), known)
			if tight.Agrees() && !loose.Agrees() {
				t.Fatalf("%s %v agrees with %v but %v does not", bound, looser[0], known.Value, looser[1])
			}
		}
	}
}
