package ledger

import (
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func reserve(t testing.TB, d *db.DB, l *Ledger, h Hold) (Hold, error) {
	t.Helper()
	var out Hold
	err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		out, err = l.Reserve(t.Context(), tx, tester, h)
		return err
	})
	return out, err
}

func settle(t testing.TB, d *db.DB, l *Ledger, s Settlement) ([]Entry, error) {
	t.Helper()
	var out []Entry
	err := d.InTx(t.Context(), func(tx *db.Tx) (err error) {
		out, err = l.Settle(t.Context(), tx, tester, s)
		return err
	})
	return out, err
}

func void(t testing.TB, d *db.DB, l *Ledger, r Release) error {
	t.Helper()
	return d.InTx(t.Context(), func(tx *db.Tx) error { return l.Void(t.Context(), tx, tester, r) })
}

// TestPendingDebitsCount is Blnk's #181: what is on hold is not available.
func TestPendingDebitsCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		mustPost(t, d, l, txn("seed", "", "b:cash", 100, "b:equity", -100))
		h, err := reserve(t, d, l, Hold{Key: "h", Debit: "b:loan", Credit: "b:cash", Amount: 70, Ref: "claim/1"})
		if err != nil || h.State != Pending {
			t.Fatal(h, err)
		}
		if got, want := balance(t, d, l, "b:cash", At{}), (Balance{Posted: 100, Pending: 70, Available: 30, Entries: 1}); got != want {
			t.Errorf("cash %+v, want %+v", got, want)
		}
		if got, want := balance(t, d, l, "b:loan", At{}), (Balance{Incoming: 70}); got != want {
			t.Errorf("loan %+v, want %+v", got, want)
		}
		_, err = reserve(t, d, l, Hold{Key: "h2", Debit: "b:loan", Credit: "b:cash", Amount: 31})
		wantKey(t, err, "ledger.below_floor")
		_, err = post(t, d, l, txn("p", "", "b:equity", 31, "b:cash", -31))
		wantKey(t, err, "ledger.below_floor")
		mustPost(t, d, l, txn("p", "", "b:equity", 30, "b:cash", -30))
		again, err := reserve(t, d, l, Hold{Key: "h", Debit: "b:loan", Credit: "b:cash", Amount: 70, Ref: "claim/1"})
		if err != nil || again.State != Pending {
			t.Errorf("retry: %+v, %v", again, err)
		}
		if got, err := l.Holds(t.Context(), d, "b", "", 10); err != nil || len(got) != 1 {
			t.Errorf("holds %v, %v", got, err)
		}
		verify(t, d, l)
	})
}

// TestVoidedHoldCannotBeSettled is Blnk's #182; a hold ends once.
func TestVoidedHoldCannotBeSettled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := tick(d, dbtest.Epoch)
		l := openChart(t, d, "b")
		mustPost(t, d, l, txn("seed", "", "b:cash", 100, "b:equity", -100))
		for _, k := range []string{"voided", "posted", "expired"} {
			h := Hold{Key: k, Debit: "b:loan", Credit: "b:cash", Amount: 30}
			if k == "expired" {
				h.Expires = db.At(c.at.Add(time.Hour))
			}
			if _, err := reserve(t, d, l, h); err != nil {
				t.Fatal(err)
			}
		}
		if err := void(t, d, l, Release{Key: "v", Hold: "voided"}); err != nil {
			t.Fatal(err)
		}
		if err := void(t, d, l, Release{Key: "v", Hold: "voided"}); err != nil {
			t.Errorf("retry of a void: %v", err)
		}
		for _, amount := range []int64{0, -1, 31} {
			_, err := settle(t, d, l, Settlement{Key: "s", Hold: "posted", Amount: *fen(amount)})
			wantKey(t, err, "ledger.settle_amount")
		}
		if got, err := settle(t, d, l, Settlement{Key: "s", Hold: "posted", Amount: 20}); err != nil || got[1].Balance != 80 {
			t.Fatal(got, err)
		}
		c.at = c.at.Add(time.Hour) // to the instant: a hold that expires at one no longer stands at it
		if got := balance(t, d, l, "b:cash", At{}); got.Available != 80 || got.Pending != 0 {
			t.Errorf("a hold that has run out still counts: %+v", got)
		}
		for _, k := range []string{"voided", "posted", "expired"} {
			_, err := settle(t, d, l, Settlement{Key: "late " + k, Hold: k, Amount: 10})
			wantKey(t, err, "ledger.hold_"+k)
			wantKey(t, void(t, d, l, Release{Key: "late v " + k, Hold: k}), "ledger.hold_"+k)
			if h, err := l.Hold(t.Context(), d, k); err != nil || string(h.State) != k {
				t.Errorf("%s: %+v, %v", k, h, err)
			}
		}
		if got, err := settle(t, d, l, Settlement{Key: "s", Hold: "posted", Amount: 20}); err != nil || len(got) != 2 {
			t.Errorf("retry of a settlement: %v, %v", got, err)
		}
		write(t, d, func(tx *db.Tx) error {
			if n, err := l.Expire(t.Context(), tx, tester, "b"); n != 1 || err != nil {
				t.Errorf("%d holds expired, %v", n, err)
			}
			return nil
		})
		before := At{Recorded: dbtest.Epoch.Add(59 * time.Minute)}
		if got := balance(t, d, l, "b:cash", before); got.Pending != 30 || got.Available != 50 {
			t.Errorf("as of before it ran out: %+v", got)
		}
		verify(t, d, l)
	})
}

// TestRecordAndBalanceAreOne is Blnk's #240: a transaction that is rolled back
// leaves neither its record nor its balance.
func TestRecordAndBalanceAreOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		boom := errs.New(errs.Conflict, "errs.stale")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			if _, err := l.Post(t.Context(), tx, tester, txn("p", "", "b:cash", 5, "b:equity", -5)); err != nil {
				return err
			}
			return boom // what the caller writes next is refused
		})
		if errs.Of(err) != boom {
			t.Fatal(err)
		}
		if got := balance(t, d, l, "b:cash", At{}); got != (Balance{}) {
			t.Errorf("cash %+v", got)
		}
		if _, err := l.Act(t.Context(), d, "p"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("the act stands: %v", err)
		}
		mustPost(t, d, l, txn("p", "", "b:cash", 5, "b:equity", -5))
		verify(t, d, l)
	})
}

func TestHoldFaults(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		good := Hold{Key: "h", Debit: "b:loan", Credit: "b:equity", Amount: 5}
		for key, spoil := range map[string]func(*Hold){
			"ledger.bad_hold_amount":  func(h *Hold) { h.Amount = -5 },
			"ledger.hold_one_account": func(h *Hold) { h.Credit = h.Debit },
			"ledger.hold_in_the_past": func(h *Hold) { h.Expires = db.At(dbtest.Epoch) },
			"ledger.unknown_account":  func(h *Hold) { h.Credit = "b:none" },
			"ledger.unbalanced":       func(h *Hold) { h.Credit = "b:granted" },
			"ledger.above_ceiling":    func(h *Hold) { h.Amount = 500_001 },
			"ledger.overflow":         func(h *Hold) { h.Amount = 1<<62 + 1 },
			"ledger.bad_key":          func(h *Hold) { h.Key = "" },
		} {
			h := good
			spoil(&h)
			_, err := reserve(t, d, l, h)
			wantKey(t, err, key)
		}
		_, err := settle(t, d, l, Settlement{Key: "s", Hold: "none", Amount: 1})
		wantKey(t, err, "ledger.unknown_hold")
		wantKey(t, void(t, d, l, Release{Key: "v", Hold: "no\x00ne"}), "ledger.unknown_hold")
		_, err = l.Hold(t.Context(), d, "none")
		wantKey(t, err, "ledger.unknown_hold")
	})
}

func TestPeriods(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		shut := func(book, day string) error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return l.ClosePeriod(t.Context(), tx, tester, book, day, "") })
		}
		wantKey(t, shut("b", "2026-01-02"), "ledger.close_too_late")
		wantKey(t, shut("b", ""), "ledger.close_too_late")
		wantKey(t, shut("b", "2025-13-01"), "ledger.bad_day")
		wantKey(t, shut("none", "2025-12-01"), "ledger.unknown_book")
		for range 2 {
			if err := shut("b", "2025-12-31"); err != nil {
				t.Error(err)
			}
		}
		wantKey(t, shut("b", "2025-11-30"), "ledger.close_back")
		verify(t, d, l)
	})
}
