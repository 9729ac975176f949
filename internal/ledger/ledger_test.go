package ledger

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func TestPostMovesBalances(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		got := mustPost(t, d, l,
			Transaction{Key: "t1", Kind: "capital", Evidence: json.RawMessage(`{ "rule": 1 }`), Ref: "fund/1",
				Postings: []Posting{{"b:cash", 1000}, {"b:equity", -1000}}},
			txn("t2", "2025-12-30", "b:loan", 300, "b:cash", -300, "b:quota", 2, "b:granted", -2))
		if len(got) != 6 {
			t.Fatalf("%d entries, want 6", len(got))
		}
		want := Entry{Book: "b", Seq: 8, Line: 2, Account: "b:cash", Version: 2, Amount: -300, Previous: 1000, Balance: 700, On: "2025-12-30", At: db.At(dbtest.Epoch), Hash: got[3].Hash}
		if diff := cmp.Diff(want, got[3]); diff != "" {
			t.Errorf("entry (-want +got):\n%s", diff)
		}
		for account, want := range map[string]Balance{
			"b:cash":    {Posted: 700, Available: 700, Entries: 2},
			"b:equity":  {Posted: 1000, Available: 1000, Entries: 1},
			"b:granted": {Posted: 2, Available: 2, Entries: 1},
			"b:fee":     {},
		} {
			if diff := cmp.Diff(want, balance(t, d, l, account, At{})); diff != "" {
				t.Errorf("%s (-want +got):\n%s", account, diff)
			}
		}
		statement, err := l.Statement(t.Context(), d, "b:cash", 0, 10)
		if err != nil || len(statement) != 2 || statement[0].Version != 2 {
			t.Errorf("statement: %v, %v", statement, err)
		}
		act, err := l.Act(t.Context(), d, "t1")
		if err != nil || string(act.Body) != `{"rule":1}` || act.Actor != "tester" || len(act.Entries) != 2 {
			t.Errorf("act: %+v, %v", act, err)
		}
		if of, err := l.ActsOf(t.Context(), d, "fund/1", 10); err != nil || len(of) != 1 || of[0].Key != "t1" {
			t.Errorf("acts of fund/1: %v, %v", of, err)
		}
		if n, err := change.Verify(t.Context(), d); err != nil || n != 2 {
			t.Errorf("the change log has %d entries, %v", n, err)
		}
	})
}

func TestRetryReturnsTheFirstAnswer(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := tick(d, dbtest.Epoch)
		l := openChart(t, d, "b")
		group := []Transaction{txn("k1", "", "b:cash", 10, "b:equity", -10), txn("k2", "", "b:cash", 5, "b:equity", -5)}
		first := mustPost(t, d, l, group...)
		c.at = c.at.Add(48 * time.Hour)
		again := mustPost(t, d, l, group...)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("a retry answers otherwise:\n%s", diff)
		}
		if b := balance(t, d, l, "b:cash", At{}); b.Posted != 15 {
			t.Errorf("the retry posted again: %+v", b)
		}
		_, err := post(t, d, l, txn("k1", "", "b:cash", 11, "b:equity", -11))
		wantKey(t, err, "ledger.key_conflict")
		_, err = post(t, d, l, group[0]) // alone it is another request
		wantKey(t, err, "ledger.key_conflict")
		_, err = post(t, d, l, group[0], group[1], txn("k3", "", "b:cash", 1, "b:equity", -1))
		wantKey(t, err, "ledger.key_conflict")
		if b := balance(t, d, l, "b:cash", At{}); b.Posted != 15 {
			t.Errorf("a conflict posted: %+v", b)
		}
	})
}

func TestGroupIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "a", "b")
		_, err := post(t, d, l, txn("g1", "", "a:cash", 10, "a:equity", -10), txn("g2", "", "b:equity", 10, "b:cash", -10))
		wantKey(t, err, "ledger.below_floor")
		if b := balance(t, d, l, "a:cash", At{}); b.Posted != 0 {
			t.Errorf("half a group was posted: %+v", b)
		}
		if _, err := l.Act(t.Context(), d, "g1"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("g1 stands: %v", err)
		}
		mustPost(t, d, l, txn("g1", "", "a:cash", 10, "a:equity", -10), txn("g3", "", "b:cash", 10, "b:equity", -10))
	})
}

// TestFaults holds that each fault is told by its own sentence and that nothing
// was posted.
func TestFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "a", "b")
		mustPost(t, d, l, txn("seed", "2025-11-30", "b:cash", 1000, "b:equity", -1000))
		write(t, d, func(tx *db.Tx) error { return l.ClosePeriod(t.Context(), tx, tester, "b", "2025-12-31", "year end") })
		before, _ := l.Acts(t.Context(), d, "b", 0, 100)
		huge := math.MaxInt64/2 - 500
		for _, c := range []struct {
			key string
			t   Transaction
		}{
			{"ledger.unbalanced", txn("x", "", "b:cash", 10, "b:equity", -9)},
			{"ledger.unbalanced", txn("x", "", "b:cash", 10, "b:granted", -10)},
			{"ledger.too_few_postings", txn("x", "", "b:cash", 10)},
			{"ledger.too_few_postings", txn("x", "")},
			{"ledger.bad_amount", txn("x", "", "b:cash", 0, "b:equity", 0)},
			{"ledger.bad_amount", txn("x", "", "b:cash", math.MinInt64, "b:equity", math.MinInt64)},
			{"ledger.overflow", txn("x", "", "b:cash", huge, "b:equity", -huge)},
			{"ledger.overflow", txn("x", "", "b:cash", math.MaxInt64, "b:equity", -math.MaxInt64)},
			{"ledger.overflow", txn("x", "", "b:cash", math.MaxInt64, "b:loan", 1, "b:equity", math.MinInt64+1)},
			{"ledger.unknown_account", txn("x", "", "b:cash", 10, "b:none", -10)},
			{"ledger.two_books", txn("x", "", "b:cash", 10, "a:equity", -10)},
			{"ledger.below_floor", txn("x", "", "b:equity", 1001, "b:cash", -1001)},
			{"ledger.above_ceiling", txn("x", "", "b:loan", 500_001, "b:equity", -500_001)},
			{"ledger.closed_period", txn("x", "2025-12-31", "b:cash", 10, "b:equity", -10)},
			{"ledger.future_day", txn("x", "2026-01-03", "b:cash", 10, "b:equity", -10)},
			{"ledger.bad_day", txn("x", "2026-02-30", "b:cash", 10, "b:equity", -10)},
			{"ledger.bad_day", txn("x", "last week", "b:cash", 10, "b:equity", -10)},
			{"ledger.bad_key", txn("", "", "b:cash", 10, "b:equity", -10)},
			{"ledger.bad_key", txn("~x", "", "b:cash", 10, "b:equity", -10)},
			{"ledger.bad_key", txn("a\x00b", "", "b:cash", 10, "b:equity", -10)},
			{"ledger.bad_text", Transaction{Key: "x", Reason: "a\x00b", Postings: txn("", "", "b:cash", 10, "b:equity", -10).Postings}},
			{"ledger.bad_evidence", Transaction{Key: "x", Evidence: json.RawMessage("{"), Postings: txn("", "", "b:cash", 10, "b:equity", -10).Postings}},
			{"ledger.unknown_target", Transaction{Key: "x", Reverses: "nothing"}},
			{"ledger.correcting_reason", Transaction{Key: "x", Correcting: true, Postings: txn("", "", "b:cash", 10, "b:equity", -10).Postings}},
		} {
			_, err := post(t, d, l, c.t)
			wantKey(t, err, c.key)
		}
		_, err := post(t, d, l, txn("x", "", "b:cash", 10, "b:equity", -10), txn("x", "", "b:cash", 10, "b:equity", -10))
		wantKey(t, err, "ledger.key_twice")
		if after, _ := l.Acts(t.Context(), d, "b", 0, 100); len(after) != len(before) {
			t.Errorf("%d acts, %d before", len(after), len(before))
		}
		_, err = l.Balance(t.Context(), d, "nope", At{})
		wantKey(t, err, "ledger.unknown_account")
		_, err = l.Balance(t.Context(), d, "b:cash", At{Effective: "x"})
		wantKey(t, err, "ledger.bad_as_of")
		fix := txn("fix", "2025-12-31", "b:cash", 10, "b:equity", -10)
		fix.Correcting, fix.Reason = true, "booked late"
		mustPost(t, d, l, fix)
	})
}

func TestAccountFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		open := func(a Account) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return l.Open(t.Context(), tx, tester, a) })
		}
		good := Account{ID: "b:x", Book: "b", Normal: Debit, Unit: CNY}
		for key, spoil := range map[string]func(*Account){
			"ledger.bad_account_id": func(a *Account) { a.ID = "b:  x" },
			"ledger.bad_book":       func(a *Account) { a.Book = "" },
			"ledger.bad_side":       func(a *Account) { a.Normal = "left" },
			"ledger.bad_unit":       func(a *Account) { a.Unit = "9" },
			"ledger.bad_limits":     func(a *Account) { a.Floor, a.Ceiling = fen(2), fen(1) },
			"ledger.opened_closed":  func(a *Account) { a.Closed = true },
		} {
			a := good
			spoil(&a)
			wantKey(t, open(a), key)
		}
		if err := open(good); err != nil {
			t.Fatal(err)
		}
		if err := open(good); err != nil {
			t.Errorf("opened again the same: %v", err)
		}
		other := good
		other.Normal = Credit
		wantKey(t, open(other), "ledger.account_differs")
		mustPost(t, d, l, txn("p", "", "b:x", 5, "b:equity", -5))
		shut := func() error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return l.CloseAccount(t.Context(), tx, tester, "b:x", "no longer used") })
		}
		wantKey(t, shut(), "ledger.not_empty")
		mustPost(t, d, l, txn("q", "", "b:x", -5, "b:equity", 5))
		if err := shut(); err != nil {
			t.Fatal(err)
		}
		_, err := post(t, d, l, txn("r", "", "b:x", 5, "b:equity", -5))
		wantKey(t, err, "ledger.account_closed")
		write(t, d, func(tx *db.Tx) error {
			if err := l.Rename(t.Context(), tx, tester, "b:fee", i18n.Text{ZH: "手续费"}, "plain name"); err != nil {
				return err
			}
			return l.Limit(t.Context(), tx, tester, "b:fee", nil, fen(7), "smaller")
		})
		a, err := l.Account(t.Context(), d, "b:fee")
		if err != nil || a.Name.ZH != "手续费" || a.Floor != nil || *a.Ceiling != 7 {
			t.Errorf("amended account: %+v, %v", a, err)
		}
		if all, err := l.Accounts(t.Context(), d, "b", "", 100); err != nil || len(all) != 7 {
			t.Errorf("%d accounts, %v", len(all), err)
		}
		if of, err := l.AccountsOf(t.Context(), d, ""); err != nil || len(of) != 7 {
			t.Errorf("%d accounts without an owner, %v", len(of), err)
		}
		if at, err := l.Books(t.Context(), d); err != nil || len(at) != 1 || at[0].Acts != 12 || at[0].ClosedOn != "" {
			t.Errorf("books %+v, %v", at, err)
		}
	})
}

// TestHostileNames holds that a name that no column can hold finds nothing, on
// both engines.
func TestHostileNames(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l, ctx := openChart(t, d, "b"), t.Context()
		for _, bad := range []string{"a\x00b", "\xff", "'; DROP TABLE ledger_act; --"} {
			statement, err1 := l.Statement(ctx, d, bad, 0, 5)
			acts, err2 := l.Acts(ctx, d, bad, 0, 5)
			of, err3 := l.ActsOf(ctx, d, bad, 5)
			holds, err4 := l.Holds(ctx, d, bad, bad, 5)
			accounts, err5 := l.Accounts(ctx, d, bad, bad, 5)
			owned, err6 := l.AccountsOf(ctx, d, bad)
			anchors, err7 := l.Anchors(ctx, d, bad, 5)
			if n := len(statement) + len(acts) + len(of) + len(holds) + len(accounts) + len(owned) + len(anchors); n > 0 {
				t.Errorf("%q finds %d rows", bad, n)
			}
			if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
				t.Errorf("%q: %v", bad, err)
			}
			_, err := l.Account(ctx, d, bad)
			wantKey(t, err, "ledger.unknown_account")
			_, err = l.Balance(ctx, d, bad, At{})
			wantKey(t, err, "ledger.unknown_account")
			_, err = l.Hold(ctx, d, bad)
			wantKey(t, err, "ledger.unknown_hold")
			wantKey(t, l.Export(ctx, d, io.Discard, bad), "ledger.unknown_book")
		}
	})
}

// TestRefusalWritesNothing holds that a transaction goes on after a refusal.
func TestRefusalWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		write(t, d, func(tx *db.Tx) error {
			if _, err := l.Post(t.Context(), tx, tester, txn("p", "", "b:cash", 5, "b:equity", -5)); err != nil {
				return err
			}
			_, err := l.Post(t.Context(), tx, tester, txn("q", "", "b:cash", 1, "b:equity", -1), txn("r", "", "b:equity", 7, "b:cash", -7))
			wantKey(t, err, "ledger.below_floor")
			_, err = l.Post(t.Context(), tx, tester, txn("q", "", "b:cash", 2, "b:equity", -2))
			return err
		})
		if b := balance(t, d, l, "b:cash", At{}); b.Posted != 7 {
			t.Errorf("cash %+v", b)
		}
		verify(t, d, l)
	})
}

func TestReversal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		mustPost(t, d, l, txn("p", "2025-12-01", "b:cash", 50, "b:equity", -50))
		_, err := post(t, d, l, Transaction{Key: "r", Reverses: "p", Postings: []Posting{{"b:cash", -49}, {"b:equity", 49}}})
		wantKey(t, err, "ledger.not_the_reverse")
		got := mustPost(t, d, l, Transaction{Key: "r", Reverses: "p", Reason: "twice entered"})
		if len(got) != 2 || got[0].Balance != 0 {
			t.Errorf("reversal: %+v", got)
		}
		_, err = post(t, d, l, Transaction{Key: "r2", Reverses: "p"})
		wantKey(t, err, "ledger.reversed_before")
		mustPost(t, d, l, Transaction{Key: "r3", Reverses: "r"}) // a mistaken reversal can be taken back
		if b := balance(t, d, l, "b:cash", At{}); b.Posted != 50 {
			t.Errorf("cash %+v", b)
		}
	})
}
