package pool

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
)

// Try computes what a loan would be owed under a regime of the pool: the named
// one, or the one that governs by the days of the facts where id is "". Nothing
// is read of real loans and nothing is written.
func (s *Service) Try(ctx context.Context, q db.Querier, poolID, regimeID string, f rules.Facts) (rules.Amount, rules.Trace, error) {
	p, err := s.Get(ctx, q, poolID)
	if err != nil {
		return rules.Amount{}, rules.Trace{}, err
	}
	if regimeID == "" {
		r, err := s.regimeOf(ctx, q, p, f.Registered, f.Claimed)
		if err != nil {
			return rules.Amount{}, rules.Trace{}, err
		}
		a, t, _ := rules.Compensate(r, f)
		return a, t, nil
	}
	list, err := s.Regimes(ctx, q, poolID)
	if err != nil {
		return rules.Amount{}, rules.Trace{}, err
	}
	for _, r := range list {
		if r.ID == regimeID {
			a, t, _ := rules.Compensate(r, f)
			return a, t, nil
		}
	}
	return rules.Amount{}, rules.Trace{}, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": regimeID})
}

// Accounts names the accounts of a pool in the ledger, for readers.
type Accounts struct {
	Book, Treasury, Budget, PaidBanks, PaidGuarantors, Recovered, Clawed string
}

// AccountsOf returns the accounts of a year. They stand in the ledger once the
// year is funded.
func AccountsOf(poolID, year string) Accounts {
	return Accounts{
		Book: book(poolID), Treasury: treasury(poolID), Budget: budget(poolID, year), PaidBanks: paidTo(poolID, year, rules.ByBank),
		PaidGuarantors: paidTo(poolID, year, rules.ByGuarantor), Recovered: recovered(poolID, year), Clawed: clawedBack(poolID, year),
	}
}

// WatchedBy returns the memo accounts that a breaker reads of a member in a
// year: what was lost and what was registered.
func WatchedBy(poolID, year, memberID string) (losses, principal string) {
	return lost(poolID, year, memberID), registered(poolID, year, memberID)
}
