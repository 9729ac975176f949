package app

import (
	"context"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/source"
)

// buildFinance opens the books, the rooms that keep money in them, and the
// cases by which it is decided on.
func (a *App) buildFinance() error {
	a.Ledger = ledger.New()
	a.Funds = fund.New(a.DB)
	kinds := casework.NewRegistry()
	var err error
	if a.Pools, err = pool.New(a.DB, a.Ledger, kinds); err != nil {
		return err
	}
	a.Cases = casework.New(a.DB, kinds)
	a.Capital = capital.New(a.DB, fundMoney{a.Funds}, poolMoney{a.Pools})
	return nil
}

// CaseRoles are the roles that a user holds in cases.
func (a *App) CaseRoles(ctx context.Context, u account.User) ([]string, error) {
	return a.Accounts.Duties(ctx, u, a.duties())
}

// duties are the roles of every kind of case, each once.
func (a *App) duties() []account.Duty {
	var out []account.Duty
	for _, k := range a.Cases.Registry().Kinds() {
		for _, role := range k.Roles {
			d := account.Duty{ID: role.ID, Reserved: slices.Contains(k.Recusers, role.ID)}
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// KnownDuties returns errs.Invalid for a duty that no kind of case has.
func (a *App) KnownDuties(duties []string) error {
	for _, d := range duties {
		if !slices.ContainsFunc(a.duties(), func(known account.Duty) bool { return known.ID == d }) {
			return errs.New(errs.Invalid, "account.bad_duty", errs.A{"duty": d}).At("duties")
		}
	}
	return nil
}

// fundMoney tells what funds hold of a company, and what came of it.
type fundMoney struct{ funds *fund.Service }

// Entries returns the holdings and exits. What a viewer may see of them is held
// against their levels afterwards.
func (m fundMoney) Entries(ctx context.Context, _ db.Querier, org string) ([]capital.Entry, error) {
	held, err := m.funds.Holders(ctx, level.Staff, org)
	var out []capital.Entry
	for i := range held {
		h := &held[i]
		e := capital.Entry{
			Kind: "holding", Strand: capital.Invested, ID: h.HoldingID, Day: h.From, Word: h.Round, Text: h.Fund.Name.In(i18n.ZH), Money: true,
			Parties: []capital.Party{{OrgID: h.Fund.OrgID, Name: h.Fund.Name.In(i18n.ZH), Key: h.Fund.ID}}, Level: h.Fund.Level, SourceID: h.SourceID,
			Simulated: h.Fund.Simulated, Evidence: h.Evidence,
		}
		if h.Amount != nil {
			e.Amount = capital.Yuan(*h.Amount)
		}
		out = append(out, e)
		if h.To == "" {
			continue
		}
		e.Kind, e.Day, e.Amount = "exit", h.To, nil
		if h.Proceeds != nil {
			e.Amount = capital.Yuan(*h.Proceeds)
		}
		out = append(out, e)
	}
	return out, err
}

// poolMoney tells the loans of a company that stand in a risk pool. They are
// open to the staff alone.
type poolMoney struct{ pools *pool.Service }

// loansOfOne is how many loans of one company are told.
const loansOfOne = 1000

// Entries returns the loans of a company.
func (m poolMoney) Entries(ctx context.Context, q db.Querier, org string) ([]capital.Entry, error) {
	loans, err := m.pools.Loans(ctx, q, pool.LoanFilter{OrgID: org, Limit: loansOfOne})
	if err != nil || len(loans) == 0 {
		return nil, err
	}
	banks := map[string]pool.Member{}
	sources := map[string]bool{}
	var out []capital.Entry
	for i := range loans {
		l := &loans[i]
		if _, known := banks[l.BankID]; !known {
			members, err := m.pools.Members(ctx, q, l.PoolID)
			if err != nil {
				return nil, err
			}
			for _, b := range members {
				banks[b.ID] = b
			}
		}
		if _, known := sources[l.SourceID]; !known {
			src, err := source.Get(ctx, q, l.SourceID)
			if err != nil {
				return nil, err
			}
			sources[l.SourceID] = src.Simulated
		}
		bank := banks[l.BankID]
		out = append(out, capital.Entry{
			Kind: "loan", Strand: capital.Lent, ID: l.ID, Day: l.LentOn, Word: l.Status, Text: l.Contract, Money: true, Amount: capital.Yuan(l.Principal),
			Parties: []capital.Party{{OrgID: bank.OrgID, Name: bank.Name.In(i18n.ZH), Key: bank.ID}}, Level: level.Internal, SourceID: l.SourceID,
			Simulated: sources[l.SourceID],
		})
	}
	return out, nil
}

// How often deadlines are looked for, and how many are handled at a time.
const (
	deadlinesEvery = time.Minute
	deadlinesAtOne = 200
)

// meetDeadlines handles the deadlines of cases that have passed until ctx ends.
// Any number of processes may do so over one database.
func (a *App) meetDeadlines(ctx context.Context) {
	tick := time.NewTicker(deadlinesEvery)
	defer tick.Stop()
	for {
		if !a.making.Load() { // the cases of a city that is being made up live in other years
			if _, err := a.Cases.Fire(ctx, deadlinesAtOne); err != nil && ctx.Err() == nil {
				a.Log.Error("handling deadlines failed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tidyBooks ends the holds that have run out. Balances leave them out anyway;
// this writes it down.
func (a *App) tidyBooks(ctx context.Context, by change.Author) error {
	books, err := a.Ledger.Books(ctx, a.DB)
	if err != nil {
		return err
	}
	for _, book := range books {
		err := a.DB.InTx(ctx, func(tx *db.Tx) error {
			_, err := a.Ledger.Expire(ctx, tx, by, book.ID)
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err = a.Pools.Lapse(ctx)
	return err
}
