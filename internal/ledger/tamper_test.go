package ledger

import (
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
)

// tampered is a book over several days with every kind of act.
func tampered(t *testing.T, d *db.DB) *Ledger {
	c := tick(d, dbtest.Epoch)
	l := openChart(t, d, "b")
	for i := range 6 {
		mustPost(t, d, l, txn(name("p", i), "", "b:cash", 100+i, "b:equity", -100-i))
		c.at = c.at.Add(20 * time.Hour)
	}
	for _, k := range []string{"h1", "h2", "h3"} {
		if _, err := reserve(t, d, l, Hold{Key: k, Debit: "b:loan", Credit: "b:cash", Amount: 9, Expires: db.At(c.at.Add(30 * time.Hour))}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := settle(t, d, l, Settlement{Key: "s", Hold: "h1", Amount: 7}); err != nil {
		t.Fatal(err)
	}
	if err := void(t, d, l, Release{Key: "v", Hold: "h2"}); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(48 * time.Hour)
	write(t, d, func(tx *db.Tx) error {
		if err := l.ClosePeriod(t.Context(), tx, tester, "b", "2026-01-04", "month end"); err != nil {
			return err
		}
		if _, err := l.Post(t.Context(), tx, tester, Transaction{Key: "r", Reverses: "p3"}); err != nil {
			return err
		}
		_, err := l.Anchor(t.Context(), tx)
		return err
	})
	return l
}

// TestTamper alters, removes, adds and swaps rows of every table and holds that
// Verify names the row each time.
func TestTamper(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := tampered(t, d)
		r := verify(t, d, l)
		if len(r.Books) != 1 || r.Books[0].Anchors < 5 || r.Books[0].Entries != 16 || r.Books[0].Acts != 20 {
			t.Fatalf("report %+v", r)
		}
		for _, c := range []struct{ sql, names string }{
			{"UPDATE ledger_entry SET amount = amount + 1 WHERE book = 'b' AND seq = 8 AND line = 1", "number 8, line 1 (account b:cash)"},
			{"UPDATE ledger_entry SET account = 'b:fee' WHERE seq = 8 AND line = 1", "number 8, line 1 (account b:fee)"},
			{"UPDATE ledger_entry SET balance = balance + 1 WHERE seq = 9 AND line = 2", "number 9, line 2 (account b:equity)"},
			{"UPDATE ledger_entry SET effective_on = '2025-01-01' WHERE seq = 9 AND line = 2", "number 9, line 2 (account b:equity)"},
			{"UPDATE ledger_entry SET hash = 'x' WHERE seq = 9 AND line = 2", "number 9, line 2 (account b:equity)"},
			{"DELETE FROM ledger_entry WHERE seq = 10 AND line = 2", "number 10 (p3) should have 2 entries and has 1"},
			{"UPDATE ledger_entry SET line = 3 - line + 10 WHERE seq = 10", "number 10, line 11"},
			{"DELETE FROM ledger_act WHERE seq = 10", "numbers 10 to 10 are missing"},
			{"DELETE FROM ledger_act WHERE seq = 20", "number 20: there is an entry on line 1"},
			{"UPDATE ledger_act SET reason = 'nothing to see' WHERE seq = 11", "number 11 (p4)"},
			{"UPDATE ledger_act SET ref = 'claim/2' WHERE seq = 11", "number 11 (p4)"},
			{"UPDATE ledger_act SET actor = 'somebody' WHERE seq = 11", "number 11 (p4)"},
			{"UPDATE ledger_act SET recorded_at = '2026-01-01T00:00:00.000000Z' WHERE seq = 11", "number 11 (p4)"},
			{"UPDATE ledger_act SET correcting = TRUE WHERE seq = 20", "number 20 (r)"},
			{"UPDATE ledger_act SET seq = CASE seq WHEN 7 THEN 1007 ELSE seq END", "numbers 7 to 7 are missing"},
			{"UPDATE ledger_act SET body = REPLACE(body, '\"amount\":9', '\"amount\":8') WHERE key = 'h3'", "(h3)"},
			{"UPDATE ledger_balance SET debits = debits + 5 WHERE account = 'b:cash'", "the balance of account b:cash"},
			{"UPDATE ledger_balance SET pending_credit = pending_credit + 5 WHERE account = 'b:cash'", "the balance of account b:cash"},
			{"DELETE FROM ledger_balance WHERE account = 'b:fee'", "the balance of account b:fee"},
			{"UPDATE ledger_account SET floor_at = -1000 WHERE id = 'b:cash'", "the definition of account b:cash"},
			{"UPDATE ledger_account SET normal = 'credit' WHERE id = 'b:cash'", "the definition of account b:cash"},
			{"UPDATE ledger_hold SET state = 'pending', ended_at = NULL WHERE key = 'h2'", "hold h2"},
			{"UPDATE ledger_hold SET amount = 10 WHERE key = 'h1'", "hold h1"},
			{"DELETE FROM ledger_hold WHERE key = 'h3'", "ledger_hold should have 3 rows"},
			{"UPDATE ledger_snapshot SET net = net + 1 WHERE account = 'b:cash'", "the snapshot of account b:cash for 2026-01"},
			{"DELETE FROM ledger_snapshot WHERE account = 'b:cash'", "ledger_snapshot should have"},
			{"UPDATE ledger_book SET hash = 'x'", "its newest act is number 20"},
			{"UPDATE ledger_book SET closed_on = ''", "its newest act is number 20"},
			{"UPDATE ledger_anchor SET hash = 'x' WHERE day = '2026-01-03'", "the anchor of 2026-01-03"},
			{"UPDATE change SET after = REPLACE(after, '\"hash\":\"', '\"hash\":\"f') WHERE kind = 'ledger'", "hash in the change log"},
			{"INSERT INTO ledger_entry SELECT 'b', 99, 1, account, 99, amount, previous, balance, effective_on, recorded_at, hash FROM ledger_entry WHERE seq = 9 AND line = 1", "number 99: there is an entry on line 1"},
		} {
			if got := tamper(t, d, l, c.sql); !strings.Contains(got, c.names) {
				t.Errorf("%s\n found: %s\n which does not say %q", c.sql, got, c.names)
			}
		}
		swap := []string{"UPDATE ledger_act SET seq = 1009 WHERE seq = 9", "UPDATE ledger_act SET seq = 9 WHERE seq = 10", "UPDATE ledger_act SET seq = 10 WHERE seq = 1009"}
		if got := tamper(t, d, l, swap...); !strings.Contains(got, "number 9 (p3)") || !strings.Contains(got, "number 10 (p2)") {
			t.Errorf("two acts swapped: %s", got)
		}
		verify(t, d, l)
	})
}

// tamper runs statements, verifies, and takes them back.
func tamper(t *testing.T, d *db.DB, l *Ledger, statements ...string) string {
	t.Helper()
	found := ""
	_ = d.InTx(t.Context(), func(tx *db.Tx) error {
		for _, s := range statements {
			res, err := tx.Exec(t.Context(), s)
			if err != nil {
				t.Errorf("%s: %v", s, err)
				return err
			}
			if n, _ := res.RowsAffected(); n == 0 {
				t.Errorf("%s touches no row", s)
			}
		}
		r, err := l.Verify(t.Context(), tx)
		if err != nil {
			t.Error(err)
		}
		if len(r.Faults) > 0 {
			found = i18n.Error(i18n.EN, r.Err())
		}
		return undone("take it back")
	})
	return found
}

type undone string

func (c undone) Error() string { return string(c) }

// TestRewrittenChain holds that a book whose chain was made anew, hashes and
// all, still differs from its anchors and from the change log.
func TestRewrittenChain(t *testing.T) {
	d := dbtest.SQLite(t)
	l := tampered(t, d)
	acts, err := l.Acts(t.Context(), d, "b", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	_ = d.InTx(t.Context(), func(tx *db.Tx) error {
		var g digest
		before := ""
		for _, a := range acts {
			if a.Seq == 8 {
				a.Reason = "rewritten"
			}
			for i := range a.Entries {
				e := &a.Entries[i]
				e.Hash = g.hashEntry(before, e)
				tx.Exec(t.Context(), "UPDATE ledger_entry SET hash = $1 WHERE book = 'b' AND seq = $2 AND line = $3", e.Hash, e.Seq, e.Line)
			}
			a.Hash = g.hashAct(before, a)
			before = a.Hash
			tx.Exec(t.Context(), "UPDATE ledger_act SET hash = $1, reason = $2 WHERE book = 'b' AND seq = $3", a.Hash, a.Reason, a.Seq)
		}
		tx.Exec(t.Context(), "UPDATE ledger_book SET hash = $1", before)
		r, err := l.Verify(t.Context(), tx)
		if err != nil {
			t.Error(err)
		}
		got = i18n.Error(i18n.EN, r.Err())
		return undone("take it back")
	})
	if !strings.Contains(got, "the anchor of 2026-01-03") || !strings.Contains(got, "hash in the change log") {
		t.Errorf("a rewritten chain passes: %s", got)
	}
	if strings.Contains(got, "breaks the chain") {
		t.Errorf("the rewriting was not whole: %s", got)
	}
}
