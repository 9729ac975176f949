package returns

import (
	"cmp"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Flow is one payment, from where the investor stands: negative paid, positive
// received.
type Flow struct {
	Day    string    `json:"day"` // ISO date
	Amount money.Fen `json:"amount"`
}

// MaxTurnover bounds the sum of the sizes of a series: up to it a float64 holds
// every fen (2^53 is about nine times as much), so that a rate can be checked
// to the fen. It is ten trillion yuan.
const MaxTurnover money.Fen = 1_000_000_000_000_000

// point is a flow with its distance from the first one in days.
type point struct {
	day    int
	amount money.Fen
}

// net sorts flows, adds up those of one day and leaves out days that come to
// nothing. Distances count from the first day left.
func net(flows []Flow) ([]point, error) {
	sorted, err := dated(flows)
	if err != nil {
		return nil, err
	}
	var out []point
	for _, p := range sorted {
		if n := len(out); n > 0 && out[n-1].day == p.day {
			out[n-1].amount += p.amount // the turnover is bounded
			continue
		}
		out = append(out, p)
	}
	out = slices.DeleteFunc(out, func(p point) bool { return p.amount == 0 })
	for i := len(out) - 1; i >= 0; i-- {
		out[i].day -= out[0].day
	}
	return out, nil
}

func dated(flows []Flow) ([]point, error) {
	out, turnover := make([]point, len(flows)), money.Fen(0)
	for i, f := range flows {
		day, err := number(f.Day)
		if err != nil {
			return nil, err
		}
		if size := max(f.Amount, -f.Amount); size < 0 || size > MaxTurnover || turnover+size > MaxTurnover {
			return nil, errs.New(errs.TooLarge, "returns.turnover", errs.A{"limit": MaxTurnover.String()})
		}
		turnover += max(f.Amount, -f.Amount)
		out[i] = point{day, f.Amount}
	}
	slices.SortFunc(out, func(a, b point) int { return cmp.Compare(a.day, b.day) })
	return out, nil
}

// number counts days from the epoch.
func number(day string) (int, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0, errs.Wrap(err, errs.Invalid, "returns.day", errs.A{"value": day})
	}
	return int(t.Unix() / 86400), nil
}
