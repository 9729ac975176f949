package pool_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// TestReads: sums, filters and concentration agree with each other.
func TestReads(t *testing.T) {
	each(t, func(w *world) {
		t, ctx := w.t, w.t.Context()
		w.big(2)
		bad := w.npl("GZ-2026-0001", "广州示例云图科技有限公司", 100)
		w.in(func(ctx context.Context, tx *db.Tx) error { // a balance that nobody knows
			_, err := tx.Exec(ctx, "UPDATE pool_loan SET outstanding = NULL WHERE contract = 'BIG-0001'")
			return err
		})
		c, err := w.submit(bad, 50*money.Wan)
		w.must(err)
		all := pool.LoanFilter{PoolID: w.pool.ID}
		sum, err := w.s.SumLoans(ctx, w.d, all)
		w.must(err)
		if sum.Loans != 3 || sum.Borrowers != 3 || sum.Principal != 6100*money.Wan || sum.Outstanding != 3100*money.Wan || sum.Unknown != 1 || sum.Simulated != 3 {
			t.Errorf("sum %+v", sum)
		}
		for status, want := range map[string]int64{"open": 3, "late": 1, "bad": 1, "counted": 3, "registered": 2, "claimed": 1, "repaid": 0} {
			f := pool.LoanFilter{PoolID: w.pool.ID, Status: status, Limit: 10}
			list, err := w.s.Loans(ctx, w.d, f)
			w.must(err)
			if sum, err := w.s.SumLoans(ctx, w.d, f); err != nil || sum.Loans != want || int64(len(list)) != want {
				t.Errorf("%s: %d listed, %d counted, %v", status, len(list), sum.Loans, err)
			}
		}
		if list, err := w.s.Loans(ctx, w.d, pool.LoanFilter{PoolID: w.pool.ID, Unknown: true, Limit: 9}); err != nil || len(list) != 1 || !list[0].Simulated {
			t.Errorf("unknown %+v %v", list, err)
		}
		first, err := w.s.Loans(ctx, w.d, pool.LoanFilter{PoolID: w.pool.ID, Limit: 2})
		w.must(err)
		rest, err := w.s.Loans(ctx, w.d, pool.LoanFilter{PoolID: w.pool.ID, Limit: 2, After: first[1].ID})
		w.must(err)
		if len(rest) != 1 || rest[0].ID <= first[1].ID {
			t.Errorf("pages %d, %+v", len(first), rest)
		}
		if years, err := w.s.LoanYears(ctx, w.d, w.pool.ID); err != nil || fmt.Sprint(years) != "[2026]" {
			t.Errorf("years %v %v", years, err)
		}
		b, err := w.s.Borrowers(ctx, w.d, w.pool.ID)
		w.must(err)
		if b.Holders != 2 || b.Outstanding != 3100*money.Wan || b.Unknown != 1 || b.Top[0].Share != 967741 || b.TopShare != 1_000_000 || b.HHI != 9376 {
			t.Errorf("borrowers %+v", b) // 96.77² + 3.23²
		}
		if b, err := w.s.Banks(ctx, w.d, w.pool.ID); err != nil || b.Holders != 1 || b.HHI != 10_000 || b.Top[0].ID != w.bank.ID {
			t.Errorf("banks %+v %v", b, err)
		}
		if none, err := w.s.Banks(ctx, w.d, "none"); err != nil || none.Known {
			t.Errorf("no pool %+v %v", none, err)
		}
		standing, err := w.s.Standing(ctx, w.d, w.pool.ID)
		w.must(err)
		exposures, err := w.s.Exposures(ctx, w.d, w.pool.ID)
		w.must(err)
		ages, err := w.s.Ageing(ctx, w.d, w.pool.ID)
		w.must(err)
		banks, err := w.s.Banks(ctx, w.d, w.pool.ID)
		w.must(err)
		ofBanks, err := standing.OfBanks()
		w.must(err)
		open, err := w.s.SumLoans(ctx, w.d, pool.LoanFilter{PoolID: w.pool.ID, Status: "open"})
		w.must(err)
		open.Borrowers, open.Simulated = 0, 0
		if diff := cmp.Diff(exposures, standing.Exposed()) + cmp.Diff(ages, standing.Aged()) + cmp.Diff(banks, ofBanks) + cmp.Diff(open, standing.Open()); diff != "" {
			t.Errorf("read once and read each:\n%s", diff)
		}
		for _, f := range []pool.ClaimFilter{{PoolID: w.pool.ID}, {LoanID: bad}, {MemberID: w.bank.ID, State: "open"}, {State: "claim_submitted", Year: "2026"}, {Borrower: "广州示例云图科技有限公司"}} {
			f.Limit = 5
			list, err := w.s.ListClaims(ctx, w.d, f)
			w.must(err)
			if sum, err := w.s.SumClaims(ctx, w.d, f); err != nil || len(list) != 1 || list[0].ID != c.ID || !list[0].Simulated || sum.Claims != 1 || sum.Loss != 50*money.Wan || sum.Undecided != 1 {
				t.Errorf("%+v: %+v, %+v, %v", f, list, sum, err)
			}
		}
		if p, err := w.s.Get(ctx, w.d, w.pool.ID); err != nil || !p.Simulated {
			t.Errorf("pool %+v %v", p, err)
		}
	})
}

// TestTry: a whole-loan tier pays less just above its edge, and nothing is
// written by asking.
func TestTry(t *testing.T) {
	each(t, func(w *world) {
		months := int64(12)
		ask := func(wan money.Fen) money.Fen {
			p := wan * money.Wan
			zero := money.Fen(0)
			f := rules.Facts{Mode: rules.ByBank, Principal: &p, Loss: &p, OtherMode: rules.No, Local: rules.Yes, Class: rules.SmallMicro, Months: &months, YearLoans: &p, BadLoans: &p, PaidBefore: &zero,
				Risk: rules.Lost, Lent: "2026-01-10", Registered: "2026-01-15", NPL: "2026-05-01", Claimed: "2026-05-20", Lawsuit: rules.Yes,
				Marks: map[string]rules.Tri{rules.KeySupport: rules.No, rules.IPPledge: rules.No, rules.PolicyTool: rules.No, rules.HighTech: rules.No, rules.Listed: rules.No, rules.FirstLoan: rules.No, rules.PureCredit: rules.No}}
			a, trace, err := w.s.Try(w.t.Context(), w.d, w.pool.ID, "", f)
			w.must(err)
			named, _, err := w.s.Try(w.t.Context(), w.d, w.pool.ID, "gz-2025", f)
			w.must(err)
			if !a.Known || named.Low != a.Low {
				w.t.Errorf("%d: %+v, %+v, asks %v refused %v", wan, a, named, trace.Asks, trace.Refused)
			}
			return a.Low
		}
		if at, above := ask(500), ask(501); at != 200*money.Wan || above != 1_503_000*money.Yuan {
			w.t.Errorf("500 → %v, 501 → %v", at, above)
		}
		_, _, err := w.s.Try(w.t.Context(), w.d, w.pool.ID, "none", rules.Facts{})
		wantKey(w.t, err, "errs.not_found")
	})
}

// TestLapse: a hold that this room makes does not run out; a claim whose hold
// was ended by other hands goes back and is approved anew.
func TestLapse(t *testing.T) {
	each(t, func(w *world) {
		t, ctx := w.t, w.t.Context()
		w.big(2)
		c, err := w.submit(w.npl("GZ-2026-0001", "广州示例云图科技有限公司", 100), 100*money.Wan)
		w.must(err)
		w.must(w.act(c, maker, "check", "", nil))
		w.must(w.act(c, checker, "approve", "", nil))
		w.now = w.now.Add(5 * 365 * 24 * time.Hour)
		w.in(func(ctx context.Context, tx *db.Tx) error {
			n, err := w.books.Expire(ctx, tx, lin, pool.AccountsOf(w.pool.ID, "2026").Book)
			if n != 0 {
				t.Errorf("%d holds ran out", n)
			}
			return err
		})
		if n, err := w.s.Lapse(ctx); n != 0 || err != nil || w.claim(c.ID).State != "approved" {
			t.Errorf("%d went back, %v", n, err)
		}
		end := func() {
			file, err := casework.Get(ctx, w.d, c.CaseID)
			w.must(err)
			var st pool.Statement
			w.must(file.Decode(&st))
			w.in(func(ctx context.Context, tx *db.Tx) error {
				return w.books.Void(ctx, tx, lin, ledger.Release{Key: "by hand " + st.Hold, Hold: st.Hold, Reason: "test"})
			})
		}
		end()
		if err := w.act(c, cashier, "pay", "", nil); err == nil {
			t.Error("paid over a hold that has ended")
		}
		if n, err := w.s.Lapse(ctx); n != 1 || err != nil {
			t.Errorf("%d went back, %v", n, err)
		}
		if n, err := w.s.Lapse(ctx); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		got := w.claim(c.ID)
		if got.State != "checked" || got.Amount != nil || got.Year != "" {
			t.Errorf("claim %+v", got)
		}
		notices, err := casework.Notices(ctx, w.d, checker, true, casework.Page{Limit: 10})
		w.must(err)
		if len(notices.Items) != 1 || notices.Items[0].Key != "pool.hold_lapsed" {
			t.Errorf("notices %+v", notices.Items)
		}
		w.now = time.Date(2026, 6, 2, 4, 0, 0, 0, time.UTC)
		w.must(casework.Verify(ctx, w.d, c.CaseID))
	})
}

// TestRevokeAfterTheHold: who revokes an approval whose hold has ended is not
// stopped by it.
func TestRevokeAfterTheHold(t *testing.T) {
	each(t, func(w *world) {
		w.big(2)
		c, err := w.submit(w.npl("GZ-2026-0001", "广州示例云图科技有限公司", 100), 100*money.Wan)
		w.must(err)
		w.must(w.act(c, maker, "check", "", nil))
		w.must(w.act(c, checker, "approve", "", nil))
		w.in(func(ctx context.Context, tx *db.Tx) error {
			acts, err := w.books.ActsOf(ctx, tx, "claim/"+c.ID, 20)
			for _, a := range acts {
				if a.Do == ledger.DoReserve {
					return w.books.Void(ctx, tx, lin, ledger.Release{Key: "by hand", Hold: a.Key, Reason: "test"})
				}
			}
			return err
		})
		w.must(w.act(c, checker, "revoke", "冻结已不在", nil))
		w.must(w.act(c, checker, "approve", "", nil))
		if u := w.budget(); u.Reserved != 40*money.Wan {
			w.t.Errorf("reserved %v", u.Reserved)
		}
	})
}
