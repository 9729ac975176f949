package fund_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

func TestLists(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		must(t, s.Cancel(t.Context(), staff, lin, c.distribution))
		list, err := s.Events(t.Context(), staff, "sub", 0, 3)
		if err != nil || len(list) != 3 || list[0].Kind != "valuation" || list[1].CancelledBy != "lin" {
			t.Errorf("%+v, %v", list, err)
		}
		rest, err := s.Events(t.Context(), staff, "sub", list[2].Position, 100)
		if err != nil || len(rest) != int(list[2].Position)-1 {
			t.Errorf("%d more, %v", len(rest), err)
		}
		_, err = s.Events(t.Context(), public, "sub", 0, 3)
		wantKind(t, "the public", err, errs.NotFound)
		held, err := s.Holders(t.Context(), public, "org-x")
		if err != nil || len(held) != 1 || held[0].Fund.ID != "sub" || *held[0].Amount != 400*money.Wan || held[0].To != "" || held[0].Proceeds != nil {
			t.Errorf("%+v, %v", held, err)
		}
		record(t, s, &fund.Exit{Head: head("sub", "e", "2025-01-01"), HoldingID: c.holding, Proceeds: fen(500)})
		held, err = s.Holders(t.Context(), public, "org-x")
		if err != nil || held[0].To != "2025-01-01" || *held[0].Proceeds != 500 {
			t.Errorf("%+v, %v", held, err)
		}
		seen, err := s.Visible(t.Context(), public, "fund", []string{"sub", "none", "\x00"})
		if err != nil || len(seen) != 1 || !seen["sub"] {
			t.Errorf("%v, %v", seen, err)
		}
		seen, err = s.Visible(t.Context(), other, "fund_call", []string{c.call, c.holding})
		if err != nil || len(seen) != 1 || !seen[c.call] {
			t.Errorf("%v, %v", seen, err)
		}
		seen, err = s.Visible(t.Context(), public, "fund_call", []string{c.call})
		if err != nil || len(seen) != 0 {
			t.Errorf("%v, %v", seen, err)
		}
	})
}

// TestLocalReinvestment holds that one deal counts for the fund that claimed it
// first.
func TestLocalReinvestment(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		build(t, s)
		rules := []lookthrough.Rule{{ID: "r", FromDay: "2020-01-01", Multiple: ppm(1_500_000), Base: lookthrough.OnPaid, Routes: map[string]int64{"direct": 1_000_000, "newcomer": 1_500_000}, Status: "unverified"}}
		claim := func(fundID, key, route, evidence string, amount money.Fen) {
			record(t, s, &fund.Claim{Head: head(fundID, key, "2022-01-01"), Deal: key, Company: "company", Route: route, Evidence: evidence, Amount: amount})
		}
		claim("sub", "1", "direct", "register", 75*money.Wan)
		claim("mother", "2", "direct", "register", 900*money.Wan)
		claim("sub", "2", "direct", "register", 900*money.Wan)
		claim("sub", "3", "newcomer", "", 900*money.Wan)
		got, err := s.LocalReinvestment(t.Context(), public, "sub", rules, "")
		if err != nil || *got.Passed || got.Recognised != 75*money.Wan || *got.Against != 150*money.Wan || *got.Missing != 150*money.Wan || len(got.Claims) != 3 {
			t.Errorf("%+v, %v", got, err)
		}
		claim("sub", "4", "newcomer", "register", 100*money.Wan)
		if got, err = s.LocalReinvestment(t.Context(), public, "sub", rules, ""); err != nil || !*got.Passed {
			t.Errorf("%+v, %v", got, err)
		}
		rules[0].Base = lookthrough.OnCommitted
		if got, err = s.LocalReinvestment(t.Context(), public, "sub", rules, ""); err != nil || *got.Passed || *got.Against != 300*money.Wan {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = s.LocalReinvestment(t.Context(), public, "sub", nil, "")
		wantKind(t, "no rule", err, errs.NotFound)
		_, err = s.Record(t.Context(), staff, lin, &fund.Claim{Head: head("sub", "5", "2022-01-01"), Company: "x", Amount: 1})
		if list := errs.ListOf(err); len(list) != 2 {
			t.Errorf("%v", err)
		}
		record(t, s, &fund.Commitment{Head: head("sub", "u", "2024-01-01"), Investor: fund.Party{Name: "someone"}, Amount: fen(1)})
		if got, err = s.LocalReinvestment(t.Context(), public, "sub", rules, ""); err != nil || got.Passed != nil || got.Against != nil {
			t.Errorf("whose money a part is, is not known: %+v, %v", got, err)
		}
	})
}

// TestTwoAtOnce lets eight pay the same due, and the same payment, at once.
func TestTwoAtOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		call := record(t, s, &fund.Call{Head: head("sub", "2", "2025-03-01"), DueOn: "2025-03-31", Dues: []fund.Due{{CommitmentID: c.vc, Amount: 100}}})
		var wg sync.WaitGroup
		var paid, repeated atomic.Int32
		for i := range 8 {
			wg.Go(func() {
				if _, err := s.Record(t.Context(), staff, lin, pay("sub", fmt.Sprint("each ", i), "2025-03-02", c.vc, call, 60)); err == nil {
					paid.Add(1)
				} else {
					wantKind(t, "the others", err, errs.Conflict)
				}
				r, err := s.Record(t.Context(), staff, lin, pay("sub", "one", "2025-03-02", c.vc, call, 40))
				if err != nil {
					t.Error(err)
				}
				if r.Repeated {
					repeated.Add(1)
				}
			})
		}
		wg.Wait()
		if paid.Load() != 1 || repeated.Load() != 7 {
			t.Errorf("%d payments were taken, %d repeated", paid.Load(), repeated.Load())
		}
		agree(t, s, "sub", "")
	})
}

// TestPutEvents holds that a row at fault leaves nothing behind, not even in
// the ledger, and keeps no other from being written.
func TestPutEvents(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		nowhere := head("sub", "i2", "2025-01-01")
		nowhere.SourceID = "nowhere"
		events := []fund.Event{
			pay("sub", "i1", "2025-01-01", c.vc, "", 100),
			&fund.Fee{Head: nowhere, For: fund.Custody, Amount: 1},
			pay("sub", "i3", "2025-01-01", c.vc, "", 9000*money.Wan),
			&fund.Call{Head: head("sub", "i4", "2025-01-01"), DueOn: "2025-02-01", Dues: []fund.Due{{CommitmentID: c.vc, Amount: 1}, {CommitmentID: "none", Amount: 1}}},
			&fund.Fee{Head: head("sub", "i5", "2025-01-01"), For: fund.Custody, Amount: 7},
			pay("sub", "i1", "2025-01-01", c.vc, "", 100),
		}
		want := []registry.Result{registry.Created, registry.Rejected, registry.Rejected, registry.Rejected, registry.Created, registry.Unchanged}
		inTx(t, d, func(tx *db.Tx) error {
			out, err := s.PutEvents(t.Context(), tx, lin, events)
			for i := range out {
				if out[i].Result != want[i] || (out[i].Err != nil) != (want[i] == registry.Rejected) {
					t.Errorf("row %d: %+v, want %s", i, out[i], want[i])
				}
			}
			return err
		})
		x, err := s.Sheet(t.Context(), staff, "sub", "")
		if err != nil || x.Multiples.Paid != 500*money.Wan+100 || x.Multiples.Called != 500*money.Wan+100 || x.Fees != 10*money.Wan+7 {
			t.Errorf("%+v, %v", x, err)
		}
		agree(t, s, "sub", "")
	})
}
