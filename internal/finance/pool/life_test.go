package pool_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

func wantKey(t testing.TB, err error, key string) {
	t.Helper()
	for _, e := range errs.ListOf(err) {
		if e.Key == key {
			if text := i18n.Error(i18n.ZH, e); text == key {
				t.Errorf("no sentence for %s", key)
			}
			return
		}
	}
	t.Helper()
	t.Errorf("got %v, want %s", err, key)
}

// TestLifeOfAClaim walks from filing to what came back.
func TestLifeOfAClaim(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.big(2)
		loan := w.npl("GZ-2026-0001", "广州示例云图科技有限公司", 100)
		_, err := w.s.Submit(t.Context(), bank, pool.Statement{LoanID: loan, MemberID: w.guarantor.ID, Loss: fen(1), SourceID: "made"})
		wantKey(t, err, "pool.claim_party")
		c, err := w.submit(loan, 100*money.Wan)
		w.must(err)
		_, err = w.submit(loan, 100*money.Wan)
		wantKey(t, err, "pool.claim_second")

		if err := w.act(c, bank, "check", "", nil); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a bank checks its own claim: %v", err)
		}
		w.must(w.act(c, maker, "check", "", nil))
		both := casework.Actor{User: "ma", Roles: []string{"pool.maker", "pool.checker"}}
		if err := w.act(c, both, "approve", "", nil); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("who checked approves: %v", err)
		}
		w.must(w.act(c, checker, "approve", "", nil))
		if u := w.budget(); u.Reserved != 40*money.Wan || u.Paid != 0 || u.Free != 960*money.Wan {
			t.Errorf("after approval %+v", u)
		}
		if err := w.act(c, checker, "pay", "", nil); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("who approved pays: %v", err)
		}
		w.must(w.act(c, cashier, "pay", "", nil))
		if u := w.budget(); u.Reserved != 0 || u.Paid != 40*money.Wan {
			t.Errorf("after payment %+v", u)
		}
		c = w.claim(c.ID)
		if a, err := w.s.Replay(t.Context(), w.d, c); err != nil || a.Low != c.Paid {
			t.Errorf("replay %v %v", a, err)
		}
		acts, err := w.books.ActsOf(t.Context(), w.d, "claim/"+c.ID, 10)
		w.must(err)
		evidence := 0
		for _, a := range acts {
			var trace rules.Trace
			var held struct{ Evidence pool.Evidence }
			switch a.Do {
			case ledger.DoReserve:
				w.must(json.Unmarshal(a.Body, &held))
				if e := held.Evidence; e.Trace.Amount.Low == 40*money.Wan && len(e.Allocation) == 2 && e.Drawn.Committed == 0 {
					evidence++
				}
			case ledger.DoSettle:
				w.must(json.Unmarshal(a.Body, &trace))
				if trace.Amount.Low == 40*money.Wan && len(trace.Steps) > 4 {
					evidence++
				}
			}
		}
		if evidence != 2 {
			t.Errorf("hold and payment carry the trace: %d of %d acts do", evidence, len(acts))
			for _, a := range acts {
				t.Logf("%s %.300s", a.Do, a.Body)
			}
		}

		w.must(w.act(c, maker, "recover", "", pool.Recovery{Gross: 11 * money.Wan, Costs: 1 * money.Wan}))
		c = w.claim(c.ID)
		if c.Returned != 4*money.Wan || c.Kept != 6*money.Wan || w.budget().Recovered != 4*money.Wan || w.budget().Free != 960*money.Wan {
			t.Errorf("recovery: %+v, %+v", c, w.budget())
		}
		w.must(w.act(c, checker, "claw_back", "用途不符", nil))
		if c = w.claim(c.ID); c.Returned != 40*money.Wan || c.Active || w.budget().Clawed != 36*money.Wan {
			t.Errorf("claw-back: %+v, %+v", c, w.budget())
		}
		l, err := w.s.Loan(t.Context(), w.d, loan)
		w.must(err)
		steps, err := w.s.Steps(t.Context(), w.d, loan)
		w.must(err)
		if l.Status != pool.Closed || len(steps) != 4 || steps[1].Risk != rules.Substandard {
			t.Errorf("loan %+v, steps %+v", l, steps)
		}
		if _, err := w.books.Verify(t.Context(), w.d); err != nil {
			t.Error(err)
		}
		if _, err := change.Verify(t.Context(), w.d); err != nil {
			t.Error(err)
		}
		w.must(casework.Verify(t.Context(), w.d, c.CaseID))
	})
}

// TestBudgetHolds: what is approved is never more than what there is.
func TestBudgetHolds(t *testing.T) {
	each(t, func(w *world) {
		w.big(4)
		var claims []pool.Claim
		for i, name := range []string{"甲光", "乙材", "丙芯"} { // 120 each of 1000
			c, err := w.submit(w.npl("C-000"+string(rune('1'+i)), "广州"+name+"科技有限公司", 300), money.Fen(110+i)*money.Wan)
			w.must(err)
			w.must(w.act(c, maker, "check", "", nil))
			claims = append(claims, c)
		}
		w.must(w.act(claims[0], checker, "approve", "", nil))
		w.must(w.act(claims[1], checker, "approve", "", nil))
		w.must(w.act(claims[0], checker, "revoke", "资料有误", nil))
		if u := w.budget(); u.Reserved != 444_000*money.Yuan {
			w.t.Errorf("reserved %v", u.Reserved)
		}
		w.must(w.act(claims[2], checker, "reject", "不符合", nil))
		l, err := w.s.Loan(w.t.Context(), w.d, claims[2].LoanID)
		w.must(err)
		if l.Status != pool.NPL {
			w.t.Errorf("after a refusal the loan is %s", l.Status)
		}
		if _, err := w.submit(claims[2].LoanID, 100*money.Wan); err != nil {
			w.t.Errorf("a refused claim may be made anew: %v", err)
		}
	})
}

func TestBreakerStops(t *testing.T) {
	each(t, func(w *world) {
		w.big(1) // 3,000万 registered, with 200 more 3% is 96万
		first := w.npl("GZ-2026-0001", "广州甲光科技有限公司", 100)
		second := w.npl("GZ-2026-0002", "广州乙材科技有限公司", 100)
		a, err := w.submit(first, 90*money.Wan)
		w.must(err)
		b, err := w.submit(second, 50*money.Wan)
		w.must(err)
		w.must(w.act(a, maker, "check", "", nil))
		w.must(w.act(a, checker, "approve", "", nil))
		w.must(w.act(b, maker, "check", "", nil))
		wantKey(w.t, w.act(b, checker, "approve", "", nil), "pool.step.breaker_bank_no")
		wantKey(w.t, w.act(a, cashier, "pay", "", nil), "pool.step.breaker_bank_no")
		w.must(w.act(b, checker, "suspend", "", nil))
		states, err := w.s.Breakers(w.t.Context(), w.d, w.pool.ID, "2026")
		w.must(err)
		if states[0].Over != rules.Yes || states[0].Lost != 140*money.Wan {
			w.t.Errorf("breaker %+v", states[0])
		}
		w.must(w.act(b, checker, "reject", "不再支持", nil)) // its loss no longer counts
		w.must(w.act(a, cashier, "pay", "", nil))
	})
}

func TestDoubleIsRefused(t *testing.T) {
	each(t, func(w *world) {
		w.big(2)
		w.foreign("D-77", "广州市示例云图科技有限公司", "gz 2026 1号", 100*money.Wan)
		_, err := w.submit(w.npl("GZ-2026-0001", "示例云图科技(广州)有限公司", 100), 100*money.Wan)
		wantKey(w.t, err, "pool.double")
		w.foreign("D-78", "广州示例光谱科技有限公司", "Q-1234", 100*money.Wan)
		c, err := w.submit(w.npl("GZ-2026-0002", "广州示例光谱科技有限公司", 100), 100*money.Wan)
		w.must(err)
		wantKey(w.t, w.act(c, maker, "check", "", nil), "pool.double_unsaid")
		w.must(w.act(c, maker, "check", "", pool.Check{Cleared: map[string]string{"district/D-78": "两笔不同的贷款，合同已核对"}}))
	})
}

// TestUnknownIsAsked: a claim whose amount depends on a fact is not approved.
func TestUnknownIsAsked(t *testing.T) {
	each(t, func(w *world) {
		r := row("GZ-2026-0009", "广州示例未知科技有限公司", "100")
		r[10] = ""
		id := w.filed(r)
		w.bad(id)
		c, err := w.submit(id, 50*money.Wan)
		w.must(err)
		err = w.act(c, maker, "check", "", nil)
		wantKey(w.t, err, "pool.claim_asks")
		if errors.Is(err, &errs.Error{Kind: errs.Internal}) {
			w.t.Error(err)
		}
		_, err = w.submit(w.filed(row("GZ-2026-0010", "广州另一科技有限公司", "100")), 1)
		wantKey(w.t, err, "pool.claim_status")
	})
}

func TestGuarantors(t *testing.T) {
	each(t, func(w *world) {
		r := row("G-0001", "广州示例担保贷款企业有限公司", "200")
		r[8], r[9] = "政担", "示例担保有限公司"
		id := w.filed(r)
		w.bad(id)
		in := pool.Statement{LoanID: id, MemberID: w.guarantor.ID, Unpaid: fen(100 * money.Wan), Guaranteed: rules.No, SourceID: "made"}
		_, err := w.s.Submit(w.t.Context(), bank, in)
		wantKey(w.t, err, "pool.step.guarantor_paid_no")
		in.MemberID = w.bank.ID
		_, err = w.s.Submit(w.t.Context(), bank, in)
		wantKey(w.t, err, "pool.claim_party")
		in.MemberID, in.Guaranteed, in.Unpaid = w.guarantor.ID, rules.Yes, fen(5*money.Wan)
		c, err := w.s.Submit(w.t.Context(), bank, in)
		w.must(err)
		w.must(w.act(c, maker, "check", "", nil))
		w.must(w.act(c, checker, "approve", "", nil))
		w.must(w.act(c, cashier, "pay", "", nil))
		if u := w.budget(); u.Guarantee != 1*money.Wan || u.Paid != 1*money.Wan {
			w.t.Errorf("%+v", u)
		}
		r[0], r[1], r[4] = "G-0002", "广州另一担保贷款企业有限公司", "1000" // 20% of 260 is over what is left of 50
		id = w.filed(r)
		w.bad(id)
		in.LoanID, in.Unpaid = id, fen(260*money.Wan)
		w.bigGuaranteed()
		if c, err = w.s.Submit(w.t.Context(), bank, in); err != nil {
			w.t.Fatal(err)
		}
		w.must(w.act(c, maker, "check", "", nil))
		wantKey(w.t, w.act(c, checker, "approve", "", nil), "pool.budget_empty")
	})
}

// TestLists reads what pages show.
func TestLists(t *testing.T) {
	each(t, func(w *world) {
		t := w.t
		w.big(3)
		w.foreign("D-90", "广州示例清单科技有限公司", "Q-9999", 100*money.Wan)
		c, err := w.submit(w.npl("L-0001", "广州示例清单科技有限公司", 100), 50*money.Wan)
		w.must(err)
		for want, f := range map[int]pool.LoanFilter{4: {}, 1: {Borrower: "示例清单科技有限公司", Status: pool.Claimed, BankID: w.bank.ID, Year: "2026", Risk: rules.Substandard}, 2: {Limit: 2}, 0: {Year: "2025"}} {
			f.PoolID, f.Limit = w.pool.ID, max(f.Limit, 10*(1-min(f.Limit, 1)))
			if list, err := w.s.Loans(t.Context(), w.d, f); err != nil || len(list) != want {
				t.Errorf("%+v: %d loans, %v", f, len(list), err)
			}
		}
		hits, err := w.s.AllDoubles(t.Context(), w.d, w.pool.ID)
		w.must(err)
		if len(hits) != 1 || hits[0].A != c.ID || hits[0].B != "D-90" {
			t.Errorf("%+v", hits)
		}
		claims, err := w.s.Claims(t.Context(), w.d, w.pool.ID, "", 10)
		w.must(err)
		members, err := w.s.ClaimsByMember(t.Context(), w.d, w.pool.ID)
		w.must(err)
		if len(claims) != 1 || len(members) != 1 || members[0].Loss != 50*money.Wan || members[0].Active != 1 {
			t.Errorf("%+v %+v", claims, members)
		}
		x, err := w.s.Exposures(t.Context(), w.d, w.pool.ID)
		w.must(err)
		if len(x) != 1 || x[0].Registered != 9100*money.Wan || x[0].Bad != 100*money.Wan {
			t.Errorf("%+v", x)
		}
		w.in(func(ctx context.Context, tx *db.Tx) error { // again is nothing new
			before, err := w.s.Members(ctx, tx, w.pool.ID)
			if err != nil {
				return err
			}
			if _, err := w.s.PutMembers(ctx, tx, lin, before...); err != nil {
				return err
			}
			after, err := w.s.Members(ctx, tx, w.pool.ID)
			if len(after) != len(before) {
				t.Errorf("%d members, then %d", len(before), len(after))
			}
			return err
		})
	})
}

// TestTwoAtOnce: of two approvals for the last of the budget one wins.
func TestTwoAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 50*money.Wan)
		w.big(3)
		var claims []pool.Claim
		for i, name := range []string{"甲光谱", "乙材料"} {
			c, err := w.submit(w.npl(fmt.Sprint("TW-000", i), "广州"+name+"有限公司", 100+i*50), 100*money.Wan)
			w.must(err)
			w.must(w.act(c, maker, "check", "", nil))
			claims = append(claims, c)
		}
		var wg sync.WaitGroup
		failed := make([]error, len(claims))
		for i, c := range claims {
			wg.Go(func() {
				file, err := casework.Get(t.Context(), d, c.CaseID)
				if err == nil {
					_, err = w.cases.Do(t.Context(), checker, c.CaseID, file.Version, "approve", casework.Input{})
				}
				failed[i] = err
			})
		}
		wg.Wait()
		if (failed[0] == nil) == (failed[1] == nil) {
			t.Fatalf("%v and %v", failed[0], failed[1])
		}
		wantKey(t, errors.Join(failed...), "pool.budget_empty")
		if u := w.budget(); u.Reserved != 40*money.Wan || u.Free != 10*money.Wan {
			t.Errorf("%+v", u)
		}
	})
}
