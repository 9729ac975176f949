package rules

import (
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
)

// InForce reports whether the regime is in force on an ISO day. Unknown where
// only the year or month of its first day is known and the day lies in it.
func (r *Regime) InForce(day string) Tri {
	if len(r.From) < len(day) && day[:len(r.From)] == r.From {
		return Unknown
	}
	return Is(r.From <= day && (r.To == "" || day <= r.To))
}

// Governing returns the regime that governs a loan by the day of an event:
// registration or claim, which the operator sets where the regimes do not say.
// No regime of that day is errs.NotFound. Where the ends of regimes are not
// known, the one that began last is meant; two that begin on the same day are
// errs.Conflict.
func Governing(regimes []Regime, by Event, registered, claimed string) (Regime, error) {
	day := registered
	if by == Claiming {
		day = claimed
	}
	if !isDay(day, false) {
		return Regime{}, errs.New(errs.Precondition, "pool.governing_day", errs.A{"event": string(by)})
	}
	var found []Regime
	for _, r := range regimes {
		switch r.InForce(day) {
		case Yes:
			found = append(found, r)
		case Unknown:
			return Regime{}, errs.New(errs.Precondition, "pool.governing_unsure", errs.A{"regime": r.ID, "from": r.From, "day": day})
		}
	}
	if len(found) == 0 {
		return Regime{}, errs.New(errs.NotFound, "pool.governing_none", errs.A{"day": day})
	}
	slices.SortFunc(found, func(a, b Regime) int {
		if a.From > b.From {
			return -1
		}
		return 1
	})
	if len(found) > 1 && found[0].From == found[1].From {
		return Regime{}, errs.New(errs.Conflict, "pool.governing_two", errs.A{"day": day, "a": found[0].ID, "b": found[1].ID})
	}
	return found[0], nil
}
