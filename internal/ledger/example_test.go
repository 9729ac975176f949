package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// A pool sets a compensation aside when it is approved and pays it later; what
// is set aside cannot be promised twice.
func Example() {
	ctx, by := context.Background(), change.Author{Actor: "officer"}
	d, done := openExample(ctx)
	defer done()
	l, zero := ledger.New(), money.Fen(0)
	show := func(what string) {
		b, _ := l.Balance(ctx, d, "pool:cash", ledger.At{})
		fmt.Println(what, b.Posted, b.Available)
	}

	_ = d.InTx(ctx, func(tx *db.Tx) error {
		err := l.Open(ctx, tx, by,
			ledger.Account{ID: "pool:cash", Book: "pool", Normal: ledger.Debit, Unit: ledger.CNY, Floor: &zero},
			ledger.Account{ID: "pool:paid", Book: "pool", Normal: ledger.Debit, Unit: ledger.CNY},
			ledger.Account{ID: "pool:budget", Book: "pool", Normal: ledger.Credit, Unit: ledger.CNY})
		if err != nil {
			return err
		}
		_, err = l.Post(ctx, tx, by, ledger.Transaction{Key: "budget-2026", On: "2026-01-01", Kind: "budget",
			Postings: []ledger.Posting{{Account: "pool:cash", Amount: 100 * money.Yuan}, {Account: "pool:budget", Amount: -100 * money.Yuan}}})
		return err
	})
	show("funded  ")

	_ = d.InTx(ctx, func(tx *db.Tx) error {
		_, err := l.Reserve(ctx, tx, by, ledger.Hold{Key: "claim-1", Debit: "pool:paid", Credit: "pool:cash", Amount: 70 * money.Yuan, Ref: "claim/1"})
		return err
	})
	show("reserved")

	err := d.InTx(ctx, func(tx *db.Tx) error {
		_, err := l.Reserve(ctx, tx, by, ledger.Hold{Key: "claim-2", Debit: "pool:paid", Credit: "pool:cash", Amount: 31 * money.Yuan, Ref: "claim/2"})
		return err
	})
	fmt.Println(i18n.Error(i18n.EN, errs.Of(err)))

	_ = d.InTx(ctx, func(tx *db.Tx) error {
		_, err := l.Settle(ctx, tx, by, ledger.Settlement{Key: "claim-1-paid", Hold: "claim-1", Amount: 65 * money.Yuan, Ref: "claim/1"})
		return err
	})
	show("paid    ")
	report, _ := l.Verify(ctx, d)
	fmt.Println(report.Books[0].Acts, "acts,", len(report.Faults), "faults")
	// Output:
	// funded   100.00 100.00
	// reserved 100.00 30.00
	// Account pool:cash has 30.00 available and would have -1.00, below its floor of 0.00. Nothing was posted.
	// paid     35.00 35.00
	// 6 acts, 0 faults
}

func openExample(ctx context.Context) (*db.DB, func()) {
	dir, _ := os.MkdirTemp("", "ledger")
	d, err := db.Open(ctx, filepath.Join(dir, "kapok.db"))
	if err != nil {
		panic(err)
	}
	d.SetClock(func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) })
	if _, err := d.Migrate(ctx); err != nil {
		panic(err)
	}
	return d, func() { _ = d.Close(); _ = os.RemoveAll(dir) }
}
