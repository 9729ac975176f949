package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/kapok-city/kapok/internal/money"
)

// draw is a stream of random numbers of one area, so that a change of one area
// leaves the others as they were.
type draw struct{ *rand.Rand }

func newDraw(seed uint64, area string) draw {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(area) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return draw{rand.New(rand.NewPCG(seed, h))}
}

// lognormal is an amount about median, whose logarithm spreads by sigma, in
// whole steps and within bounds.
func (r draw) lognormal(median money.Fen, sigma float64, step, least, most money.Fen) money.Fen {
	v := float64(median) * math.Exp(sigma*r.NormFloat64())
	f := money.Fen(math.Round(v/float64(step))) * step
	return min(max(f, least), most)
}

// between is a whole number from a to b.
func (r draw) between(a, b int) int { return a + r.IntN(b-a+1) }

// chance is true with probability p.
func (r draw) chance(p float64) bool { return r.Float64() < p }

// day is a day from first to last.
func (r draw) day(first, last string) string {
	n := daysBetween(first, last)
	if n <= 0 {
		return first
	}
	return plus(first, r.IntN(n+1))
}

// weighted is an index of weights, as likely as its weight.
func (r draw) weighted(weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	at := r.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func date(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic("simulate: bad day " + day) // days are the package's own
	}
	return t
}

// plus is the day so many days later.
func plus(day string, days int) string { return date(day).AddDate(0, 0, days).Format(time.DateOnly) }

func daysBetween(a, b string) int { return int(date(b).Sub(date(a)) / (24 * time.Hour)) }

// monthEnd is the last day of the month of a day.
func monthEnd(day string) string {
	t := date(day)
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
