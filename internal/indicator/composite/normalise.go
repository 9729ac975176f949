package composite

import (
	"slices"
)

// Scale is a way of bringing a column onto a common scale.
type Scale string

// The scales. Each is turned round for an indicator of which less is better.
const (
	// MinMax maps the smallest value to From and the largest to To.
	MinMax Scale = "min_max"
	// Goalposts maps Low to From and High to To, whatever the data hold, and clips.
	Goalposts Scale = "goalposts"
	// ZScore has mean From and standard deviation To.
	ZScore Scale = "z"
	// RankScale gives the worst 1 and the best n; equal values share the lower number.
	RankScale Scale = "rank"
	// PercentRank is (rank - 1)/(n - 1) between From and To.
	PercentRank Scale = "percent_rank"
	// Target is the way gone from the worst value to Target, as a share of To.
	Target Scale = "target"
	// Reference is the way gone from the worst value to that of the row RefUnit and
	// RefYear (0: of the same year), as a share of To.
	Reference Scale = "reference"
	// FractionOfBest is the value over the largest; for less-is-better the smallest
	// over the value.
	FractionOfBest Scale = "fraction_of_best"
	// BaseYear is the value over the unit's own in RefYear, times To: 100 for the
	// Guangzhou index (2020 = 100), 60 for the Capital index (2005 = 60).
	// For less-is-better the base over the value.
	BaseYear Scale = "base_year"
)

// Normalisation is a scale with its parameters.
type Normalisation struct {
	Scale   Scale   `json:"scale" yaml:"scale"`
	From    float64 `json:"from,omitempty" yaml:"from"`
	To      float64 `json:"to,omitempty" yaml:"to"` // 0: 100, and 1 for z
	Low     float64 `json:"low,omitempty" yaml:"low"`
	High    float64 `json:"high,omitempty" yaml:"high"`
	Target  float64 `json:"target,omitempty" yaml:"target"`
	RefUnit string  `json:"ref_unit,omitempty" yaml:"ref_unit"`
	RefYear int     `json:"ref_year,omitempty" yaml:"ref_year"`
	Uncap   bool    `json:"uncap,omitempty" yaml:"uncap"` // target and reference: let what is better than them exceed To
}

func (n Normalisation) to() float64 {
	switch {
	case n.To != 0:
		return n.To
	case n.Scale == ZScore:
		return 1
	}
	return 100
}

// Normalise brings a treated column onto a scale. Unknown stays unknown; so
// does everything where the scale has no length (all values equal, no base
// year, a base of zero): such a column tells units not apart.
func Normalise(rows []Row, t Treated, n Normalisation, negative bool) []float64 {
	out := make([]float64, len(t.Values))
	f := n.function(rows, t, negative)
	for i, v := range t.Values {
		out[i] = Unknown
		if Known(v) {
			if y := f(i, v); Known(y) {
				out[i] = y
			}
		}
	}
	return out
}

func (n Normalisation) function(rows []Row, t Treated, negative bool) func(i int, v float64) float64 {
	worst, best := t.Low, t.High
	if negative {
		worst, best = best, worst
	}
	unit := func(a, b float64) func(int, float64) float64 { // a to 0, b to 1
		return func(_ int, v float64) float64 { return (v - a) / (b - a) }
	}
	stretch := func(f func(int, float64) float64, low, high float64) func(int, float64) float64 {
		return func(i int, v float64) float64 {
			y := f(i, v)
			return n.From + (n.to()-n.From)*max(min(y, high), low)
		}
	}
	switch n.Scale {
	case MinMax:
		return stretch(unit(worst, best), 0, 1) // what was left out of the extent is clipped
	case Goalposts:
		if negative {
			return stretch(unit(n.High, n.Low), 0, 1)
		}
		return stretch(unit(n.Low, n.High), 0, 1)
	case ZScore:
		return n.z(t, negative)
	case RankScale, PercentRank:
		return n.rank(t, negative)
	case Target:
		return n.way(func(int) float64 { return n.Target }, worst)
	case Reference:
		return n.way(func(i int) float64 { return n.reference(rows, t, rows[i].Year) }, worst)
	case FractionOfBest:
		return func(_ int, v float64) float64 { return ratio(v, best, negative) * n.to() }
	case BaseYear:
		return func(i int, v float64) float64 {
			return ratio(v, value(rows, t, rows[i].Unit, n.RefYear), negative) * n.to()
		}
	}
	return func(int, float64) float64 { return Unknown }
}

func (n Normalisation) z(t Treated, negative bool) func(int, float64) float64 {
	mean, sd := Moments(t.Values)
	if negative {
		sd = -sd
	}
	return func(_ int, v float64) float64 { return n.From + n.to()*(v-mean)/sd }
}

func (n Normalisation) rank(t Treated, negative bool) func(int, float64) float64 {
	sorted := known(t.Values)
	slices.Sort(sorted)
	return func(_ int, v float64) float64 {
		below, found := slices.BinarySearch(sorted, v)
		if negative { // those above v are worse
			for below < len(sorted) && found && sorted[below] == v {
				below++
			}
			below = len(sorted) - below
		}
		if n.Scale == RankScale {
			return float64(below + 1)
		}
		return n.From + (n.to()-n.From)*float64(below)/float64(len(sorted)-1)
	}
}

// way is the share of the way from the worst value to a goal.
func (n Normalisation) way(goal func(int) float64, worst float64) func(int, float64) float64 {
	return func(i int, v float64) float64 {
		y := (v - worst) / (goal(i) - worst)
		if y > 1 && !n.Uncap {
			y = 1
		}
		return y * n.to()
	}
}

func (n Normalisation) reference(rows []Row, t Treated, year int) float64 {
	if n.RefYear != 0 {
		year = n.RefYear
	}
	return value(rows, t, n.RefUnit, year)
}

// value of a unit in a year.
func value(rows []Row, t Treated, unit string, year int) float64 {
	i := slices.Index(rows, Row{unit, year})
	if i < 0 {
		return Unknown
	}
	return t.Values[i]
}

func ratio(v, base float64, negative bool) float64 {
	if negative {
		v, base = base, v
	}
	return v / base
}
