package edition

import (
	"math"
	"math/big"

	"github.com/kapok-city/kapok/internal/errs"
)

var inf = math.Inf(1)

func ratOf(v float64) *big.Rat {
	r := new(big.Rat)
	r.SetFloat64(v) // nil for what is not finite, which no caller passes
	return r
}

// AdjustedChange is the change of a Share in percent after the earlier year is
// rescaled to the article volume of the newer one by k: after/(before·k) - 1.
// Nature Index gives one k for each pair of years. ok is false where nothing
// can be divided.
func AdjustedChange(before, after, k float64) (percent float64, ok bool) {
	base := before * k
	if !(base > 0) || math.IsInf(base, 0) || math.IsNaN(after) {
		return 0, false
	}
	return (after/base - 1) * 100, true
}

// Adjusted is one line of a table of adjusted Shares: the Shares of two years
// and the printed change in percent.
type Adjusted struct {
	Name          string
	Before, After Printed
	Change        Printed
}

// FitK finds every k for which all printed changes are the rounded adjusted
// changes, the Shares being rounded themselves. It is exact. errs.Conflict
// names the first row that no k of the rows before it explains: the changes are
// then not adjusted by one factor.
func FitK(rows []Adjusted) (Interval, error) {
	out := Interval{Low: new(big.Rat)}
	for i, r := range rows {
		one := kOf(r)
		if one.Low.Cmp(out.Low) > 0 {
			out.Low = one.Low
		}
		if out.High == nil || one.High != nil && one.High.Cmp(out.High) < 0 {
			out.High = one.High
		}
		if out.High != nil && out.Low.Cmp(out.High) > 0 {
			return Interval{}, errs.New(errs.Conflict, "edition.no_factor", errs.A{"name": r.Name, "row": i + 1})
		}
	}
	return out, nil
}

// kOf is after/(before·(1+change)) over all values that round to the printed.
func kOf(r Adjusted) Interval {
	factor := func(change *big.Rat) *big.Rat {
		f := new(big.Rat).Quo(change, big.NewRat(100, 1))
		return f.Add(f, big.NewRat(1, 1))
	}
	quotient := func(after, before, change *big.Rat) *big.Rat {
		base := new(big.Rat).Mul(before, factor(change))
		if base.Sign() <= 0 {
			return nil
		}
		return new(big.Rat).Quo(after, base)
	}
	low := quotient(r.After.low(), r.Before.high(), r.Change.high())
	if low == nil || low.Sign() < 0 {
		low = new(big.Rat)
	}
	return Interval{low, quotient(r.After.high(), r.Before.low(), r.Change.low())}
}
