package ledger

import (
	"strconv"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

var tester = change.Author{Actor: "tester", Reason: "test"}

func fen(n int64) *money.Fen { f := money.Fen(n); return &f }

// chart is a small book: cash (debit, never below zero), income (credit) and a
// memo pair of another unit.
func chart(book string) []Account {
	return []Account{
		{ID: book + ":cash", Book: book, Code: "1001", Name: i18n.Text{ZH: "现金", EN: "Cash"}, Normal: Debit, Unit: CNY, Floor: fen(0)},
		{ID: book + ":loan", Book: book, Code: "1301", Normal: Debit, Unit: CNY, Ceiling: fen(500_000)},
		{ID: book + ":equity", Book: book, Code: "4001", Normal: Credit, Unit: CNY},
		{ID: book + ":fee", Book: book, Code: "5001", Normal: Credit, Unit: CNY, Floor: fen(0), Ceiling: fen(1_000_000)},
		{ID: book + ":quota", Book: book, Normal: Debit, Unit: "quota-2025", Floor: fen(0)},
		{ID: book + ":granted", Book: book, Normal: Credit, Unit: "quota-2025"},
	}
}

func txn(key, on string, legs ...any) Transaction {
	t := Transaction{Key: key, On: on, Kind: "test"}
	for i := 0; i < len(legs); i += 2 {
		t.Postings = append(t.Postings, Posting{legs[i].(string), money.Fen(legs[i+1].(int))})
	}
	return t
}

// write runs fn in a transaction and fails the test on an error.
func write(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func openChart(t testing.TB, d *db.DB, books ...string) *Ledger {
	t.Helper()
	l := New()
	write(t, d, func(tx *db.Tx) error {
		for _, b := range books {
			if err := l.Open(t.Context(), tx, tester, chart(b)...); err != nil {
				return err
			}
		}
		return nil
	})
	return l
}

func post(t testing.TB, d *db.DB, l *Ledger, group ...Transaction) ([]Entry, error) {
	t.Helper()
	var out []Entry
	err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		out, err = l.Post(t.Context(), tx, tester, group...)
		return err
	})
	return out, err
}

func mustPost(t testing.TB, d *db.DB, l *Ledger, group ...Transaction) []Entry {
	t.Helper()
	out, err := post(t, d, l, group...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func balance(t testing.TB, q db.Querier, l *Ledger, account string, at At) Balance {
	t.Helper()
	b, err := l.Balance(t.Context(), q, account, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantKey checks that an error is of a key of the catalogue, and that the
// catalogue has its sentence in both languages with every value filled in.
func wantKey(t testing.TB, err error, key string) {
	t.Helper()
	if err == nil || errs.Of(err).Key != key {
		t.Errorf("got %v, want %s", err, key)
		return
	}
	for _, lang := range i18n.Langs {
		if s := i18n.Error(lang, err); s == "" || s == key || hasBrace(s) {
			t.Errorf("%s has no whole sentence: %q", key, s)
		}
	}
}

func hasBrace(s string) bool {
	for _, r := range s {
		if r == '{' {
			return true
		}
	}
	return false
}

// ticking sets a clock that a test moves.
type ticking struct{ at time.Time }

func (c *ticking) now() time.Time { return c.at }

func tick(d *db.DB, at time.Time) *ticking {
	c := &ticking{at}
	d.SetClock(c.now)
	return c
}

func name(prefix string, n int) string { return prefix + strconv.Itoa(n) }

// verify fails the test when the ledger does not agree with itself.
func verify(t testing.TB, q db.Querier, l *Ledger) Report {
	t.Helper()
	r, err := l.Verify(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Err(); err != nil {
		t.Errorf("verify: %v", i18n.Error(i18n.EN, err))
	}
	return r
}
