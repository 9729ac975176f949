package simulate_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

func run(t testing.TB, d *db.DB, opt simulate.Options) simulate.Report {
	t.Helper()
	rep, err := simulate.Run(t.Context(), d, opt)
	if err != nil {
		t.Fatal(i18n.Error(i18n.EN, err), err)
	}
	return rep
}

func number(t testing.TB, d *db.DB, query string, args ...any) int64 {
	t.Helper()
	n, _, err := db.Value[int64](t.Context(), d, query, args...)
	if err != nil {
		t.Fatal(query, err)
	}
	return n
}

// postings hashes every movement of money in its order, without what the rooms
// draw by chance: ids of claims and batches.
func postings(t testing.TB, d *db.DB) string {
	t.Helper()
	h := sha256.New()
	err := db.Each(t.Context(), d, func(s db.Scan) error {
		var book, account, on string
		var amount, balance int64
		err := s(&book, &account, &on, &amount, &balance)
		fmt.Fprintln(h, book, account, on, amount, balance)
		return err
	}, "SELECT book, account, effective_on, amount, balance FROM ledger_entry ORDER BY book, seq, line")
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// TestSmallCity holds the invariants on both engines.
func TestSmallCity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		before := d.Now()
		rep := run(t, d, simulate.Options{Seed: 1, Scale: 0.01})
		if rep.SubFunds != 3 || rep.Loans < 600 || rep.Listed != 6 || rep.Claims.Submitted == 0 || rep.Claims.Paid == 0 || rep.Claims.Doubles != 1 {
			t.Errorf("%+v", rep)
		}
		conserved(t, d)
		sound(t, d)
		if d.Now().Before(before) {
			t.Error("the clock of the database was turned back")
		}
		again := run(t, d, simulate.Options{Seed: 1, Scale: 0.01})
		if !again.Stands {
			t.Error("the city was made twice")
		}
	})
}

// conserved: the ledger verifies, and every fund's rows agree with its book.
func conserved(t testing.TB, d *db.DB) {
	t.Helper()
	rep, err := ledger.New().Verify(t.Context(), d)
	if err != nil || rep.Err() != nil || len(rep.Books) < 4 {
		t.Fatal(err, rep.Err(), len(rep.Books))
	}
	s := fund.New(d)
	ids, err := db.Collect(t.Context(), d, db.Column[string], "SELECT id FROM fund ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		lines, err := s.Reconcile(t.Context(), level.Staff, id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if !l.Agrees() {
				t.Errorf("%s: book %s, rows %s", l.Account, l.Book, l.Rows)
			}
			if l.Book < 0 && !strings.HasSuffix(l.Account, ":gain") {
				t.Errorf("%s is below zero: %s", l.Account, l.Book)
			}
		}
	}
}

// sound: nothing is below zero, days are in order, everything says that it is
// made up, and the public has paid last.
func sound(t testing.TB, d *db.DB) {
	t.Helper()
	for what, query := range map[string]string{
		"cash below zero on some day": `SELECT COUNT(*) FROM (SELECT SUM(amount) OVER (PARTITION BY account ORDER BY effective_on) AS b FROM ledger_entry WHERE account LIKE '%:cash') x WHERE b < 0`,
		"loans without sense":         "SELECT COUNT(*) FROM pool_loan WHERE principal <= 0 OR outstanding < 0 OR outstanding > principal OR registered_on < lent_on OR status_on < registered_on",
		"steps out of order":          "SELECT COUNT(*) FROM pool_loan_step a JOIN pool_loan_step b ON b.loan_id = a.loan_id AND b.position = a.position + 1 WHERE b.day < a.day",
		"claims beyond their loss":    "SELECT COUNT(*) FROM pool_claim WHERE paid > loss OR returned > paid OR claimed_on < lent_on OR (paid_on <> '' AND paid_on < claimed_on)",
		"rows of another source":      "SELECT COUNT(*) FROM (SELECT source_id FROM fund UNION ALL SELECT source_id FROM fund_event UNION ALL SELECT source_id FROM pool_loan UNION ALL SELECT source_id FROM capital_round UNION ALL SELECT source_id FROM capital_listing UNION ALL SELECT source_id FROM org) x WHERE source_id <> 'kapok-simulated-finance'",
		"a source that is not marked": "SELECT COUNT(*) FROM source WHERE NOT simulated",
		"names like real ones":        "SELECT COUNT(*) FROM pool_loan WHERE borrower NOT LIKE '木棉模拟%' OR substr(credit_code, 3, 6) <> '000000'",
		"banks like real ones":        "SELECT COUNT(*) FROM pool_member WHERE name_zh NOT LIKE '模拟%'",
		"exits before their holding":  "SELECT COUNT(*) FROM fund_exit x JOIN fund_event e ON e.id = x.id JOIN fund_event h ON h.id = x.holding_id WHERE e.day <= h.day",
	} {
		if n := number(t, d, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

func TestSameSeedSameCity(t *testing.T) {
	hash := func(seed uint64) string {
		d := dbtest.SQLite(t)
		run(t, d, simulate.Options{Seed: seed, Scale: 0.005})
		return postings(t, d)
	}
	first := hash(7)
	if hash(7) != first {
		t.Error("the same seed gave another city")
	}
	if hash(8) == first {
		t.Error("another seed gave the same city")
	}
}

func TestScaleIsBounded(t *testing.T) {
	d := dbtest.SQLite(t)
	for _, scale := range []float64{0, -1, 1.01} {
		if _, err := simulate.Run(t.Context(), d, simulate.Options{Scale: scale}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("scale %g: %v", scale, err)
		}
	}
}

// TestUnfinished: a run that was cut off is told, not taken for a city.
func TestUnfinished(t *testing.T) {
	d := dbtest.SQLite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := simulate.Run(ctx, d, simulate.Options{Seed: 1, Scale: 1}); err == nil {
		t.Fatal("a whole city in so short a time")
	}
	_, err := simulate.Run(t.Context(), d, simulate.Options{Seed: 1, Scale: 0.01})
	if e := errs.Of(err); e == nil || e.Key != "simulate.unfinished" {
		t.Errorf("%v", err)
	}
}

// TestWholeCity holds the totals to what is reported. It is long, and runs when
// asked for.
func TestWholeCity(t *testing.T) {
	if os.Getenv("KAPOK_WHOLE_CITY") == "" {
		t.Skip("KAPOK_WHOLE_CITY is not set")
	}
	d := dbtest.SQLite(t)
	start := time.Now()
	rep := run(t, d, simulate.Options{Seed: 1, Scale: 1})
	t.Logf("%+v in %v", rep, time.Since(start))
	totals(t, d, rep)
	conserved(t, d)
	sound(t, d)
}

// totals compares with data/guangzhou/reported.csv.
func totals(t testing.TB, d *db.DB, rep simulate.Report) {
	t.Helper()
	if rep.SubFunds != 42 || rep.PaidIn <= 260*money.Yi || rep.PaidIn >= 275*money.Yi {
		t.Errorf("%d sub-funds with %s", rep.SubFunds, rep.PaidIn)
	}
	local := number(t, d, `SELECT COUNT(DISTINCT h.org_id) FROM fund_holding h JOIN fund f ON f.id = h.fund_id JOIN org o ON o.id = h.org_id
		WHERE f.kind IN ('sub_fund', 'direct') AND o.division LIKE '4401%'`)
	if local != 177 {
		t.Errorf("%d projects of the city", local)
	}
	if rep.Banks != 31 || rep.Firms >= 12_000 || rep.Firms < 11_500 || rep.Lent <= 1500*money.Yi || rep.Lent > 1600*money.Yi || rep.Loans < 60_000 {
		t.Errorf("pool %+v", rep)
	}
	if n := number(t, d, "SELECT COUNT(DISTINCT borrower_key) FROM pool_loan"); n != int64(rep.Firms) {
		t.Errorf("%d borrowers, %d firms", n, rep.Firms)
	}
	if n := number(t, d, "SELECT COUNT(*) FROM capital_step WHERE state = 'listed' AND day LIKE '2024%'"); n != 6 {
		t.Errorf("%d listings in 2024", n)
	}
	c := rep.Claims
	if c.Paid < 50 || c.Rejected == 0 || c.Suspended == 0 || c.Recovered == 0 || c.Doubles != 1 || c.Amount > 2*money.Yi {
		t.Errorf("claims %+v", c)
	}
	bad := number(t, d, "SELECT SUM(CASE WHEN status IN ('npl', 'claimed') THEN outstanding ELSE 0 END) * 10000 / SUM(outstanding) FROM pool_loan WHERE status NOT IN ('repaid', 'closed')")
	if bad < 50 || bad > 500 {
		t.Errorf("non-performing %d of 10,000", bad)
	}
}

func BenchmarkSmallCity(b *testing.B) {
	for b.Loop() {
		run(b, dbtest.SQLite(b), simulate.Options{Seed: 1, Scale: 0.01})
	}
}
