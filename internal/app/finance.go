package app

import (
	"context"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/ledger"
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
	return nil
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
		if _, err := a.Cases.Fire(ctx, deadlinesAtOne); err != nil && ctx.Err() == nil {
			a.Log.Error("handling deadlines failed", "error", err)
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
	return nil
}
