package fund_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

func TestStandings(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		_, err := s.Save(t.Context(), staff, lin, fund.Fund{ID: "inner", Name: nameOf("inner"), Kind: fund.Direct, Level: level.Internal, SourceID: "office"})
		must(t, err)
		all, err := s.Standings(t.Context(), staff, fund.Filter{}, "")
		if err != nil || len(all) != 3 {
			t.Fatalf("%d, %v", len(all), err)
		}
		for _, x := range all {
			sheet, err := s.Sheet(t.Context(), staff, x.ID, "")
			must(t, err)
			m := sheet.Multiples
			if x.Committed != sheet.Committed || x.Unstated != int64(sheet.Unstated) || x.Paid != m.Paid || x.Distributed != m.Distributed || (x.NAV == nil) != (m.NAV == nil) || x.NAV != nil && *x.NAV != *m.NAV {
				t.Errorf("%s: %+v, the sheet says %+v", x.ID, x, sheet)
			}
		}
		var walked []string
		for after := ""; ; {
			part, err := s.Standings(t.Context(), staff, fund.Filter{After: after, AtMost: 1}, "2021-03-22")
			must(t, err)
			if len(part) == 0 {
				break
			}
			if part[0].ID == "sub" && (part[0].Paid != 350*money.Wan || part[0].NAV != nil || part[0].Commitments != 2) {
				t.Errorf("as of a day: %+v", part[0])
			}
			after = part[0].ID
			walked = append(walked, after)
		}
		if len(walked) != 3 || walked[0] != all[0].ID || walked[2] != all[2].ID {
			t.Errorf("page by page: %v", walked)
		}
		record(t, s, &fund.Commitment{Head: head("sub", "u", "2024-01-01"), Investor: fund.Party{Name: "someone"}})
		seen, err := s.Standings(t.Context(), public, fund.Filter{Kind: fund.SubFund}, "")
		if err != nil || len(seen) != 1 || seen[0].ID != c.sub || seen[0].Unstated != 1 || seen[0].Commitments != 3 {
			t.Errorf("%+v, %v", seen, err)
		}
		if _, err = s.Standings(t.Context(), public, fund.Filter{}, "soon"); errs.KindOf(err) != errs.Invalid {
			t.Error(err)
		}
		n, err := s.Tallies(t.Context(), public, fund.Filter{OrgID: ""})
		if err != nil || len(n) != 2 || n[0].Funds != 1 {
			t.Errorf("%+v, %v", n, err)
		}
		if n, err = s.Tallies(t.Context(), staff, fund.Filter{Status: fund.Closed}); err != nil || len(n) != 0 {
			t.Errorf("%+v, %v", n, err)
		}
	})
}

func TestParts(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c, ctx := build(t, s), t.Context()
		calls, err := s.Calls(ctx, staff, "sub", "2021-03-22")
		if err != nil || len(calls) != 1 || calls[0].Total != 500*money.Wan || calls[0].Paid != 350*money.Wan || calls[0].DueOn != "2021-03-31" || calls[0].Number != 1 {
			t.Errorf("%+v, %v", calls, err)
		}
		back, err := s.Distributions(ctx, staff, "sub", "")
		if err != nil || len(back) != 1 || back[0].Total != 100*money.Wan || back[0].Recallable != 50*money.Wan {
			t.Errorf("%+v, %v", back, err)
		}
		_, err = s.Calls(ctx, public, "sub", "")
		wantKind(t, "calls, to the public", err, errs.NotFound)
		held, err := s.Holdings(ctx, public, "sub", "")
		if err != nil || len(held) != 1 || held[0].Of.OrgID != "org-x" || held[0].To != "" || *held[0].SharePPM != 100_000 {
			t.Errorf("%+v, %v", held, err)
		}
		record(t, s, &fund.Exit{Head: head("sub", "e", "2025-01-01"), HoldingID: c.holding, Proceeds: fen(0)})
		held, err = s.Holdings(ctx, public, "sub", "2025-01-01")
		if err != nil || held[0].To != "2025-01-01" || *held[0].Proceeds != 0 {
			t.Errorf("%+v, %v", held, err)
		}
		if held, err = s.Holdings(ctx, public, "sub", "2024-12-31"); err != nil || held[0].To != "" {
			t.Errorf("before the exit: %+v, %v", held, err)
		}
		worth, err := s.Valuations(ctx, public, "sub", "")
		if err != nil || len(worth) != 1 || worth[0].Basis != fund.Audited || worth[0].Amount != 600*money.Wan {
			t.Errorf("%+v, %v", worth, err)
		}
		record(t, s, &fund.Holding{Head: head("mother", "x", "2021-05-02"), OrgID: "org-x", Amount: fen(100 * money.Wan), Round: "A", Evidence: "register 2"})
		record(t, s, &fund.Holding{Head: head("mother", "y", "2021-05-02"), Company: "elsewhere", Amount: fen(1)})
		tickets, err := s.Tickets(ctx, public, "sub", "")
		if err != nil || len(tickets) != 2 {
			t.Fatalf("%+v, %v", tickets, err)
		}
		lever, err := lookthrough.ProjectLeverage("sub", tickets)
		if err != nil || lever.Own != 400*money.Wan || lever.Others != 100*money.Wan || len(lever.Rounds[0].Evidence) != 1 {
			t.Errorf("%+v, %v", lever, err)
		}
		e, f, err := s.Event(ctx, staff, c.call)
		if err != nil || f.ID != "sub" || e.Kind != "call" || *e.Amount != 500*money.Wan || e.Of != nil {
			t.Errorf("%+v, %v", e, err)
		}
		if e, _, err = s.Event(ctx, staff, c.public); err != nil || e.Of == nil || e.Of.FundID != "mother" || *e.Amount != 300*money.Wan {
			t.Errorf("%+v, %v", e, err)
		}
		_, _, err = s.Event(ctx, public, c.call)
		wantKind(t, "an event, to the public", err, errs.NotFound)
		_, _, err = s.Event(ctx, staff, "none\x00")
		wantKind(t, "no event", err, errs.NotFound)
	})
}

func TestRules(t *testing.T) {
	rules := fund.Rules()
	if len(rules) < 2 {
		t.Fatal("no rules")
	}
	for i, r := range rules {
		if r.ID == "" || r.Name.IsZero() || r.Status != "verified" && r.Status != "unverified" || r.Source == "" || len(r.Routes) == 0 {
			t.Errorf("%+v", r)
		}
		if i > 0 && rules[i-1].ToDay != r.FromDay {
			t.Errorf("%s does not follow %s", r.ID, rules[i-1].ID)
		}
	}
	if rules[len(rules)-1].Multiple != nil {
		t.Error("the multiple now in force was not found; it is not to be invented")
	}
}

// TestTreeShowsOwnFirst holds that a fund that is held directly stands there in
// full, though one before it holds it too.
func TestTreeShowsOwnFirst(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		for _, id := range []string{"top", "a", "b"} {
			open(t, s, id, fund.SubFund, false)
		}
		commit(t, s, "a", "1", fund.Party{FundID: "top"}, lookthrough.Public, 100)
		commit(t, s, "b", "1", fund.Party{FundID: "top"}, lookthrough.Public, 50)
		commit(t, s, "b", "2", fund.Party{FundID: "a"}, lookthrough.Social, 50)
		record(t, s, &fund.Holding{Head: head("b", "x", "2021-05-01"), OrgID: "org-x", SharePPM: ppm(500_000)})
		tree, err := s.Tree(t.Context(), staff, "top", "")
		must(t, err)
		for _, b := range tree.Root.Branches {
			switch {
			case b.ID == "a" && (len(b.Branches) != 1 || !b.Branches[0].Again || b.Branches[0].Branches != nil):
				t.Errorf("a draws what top holds itself: %+v", b)
			case b.ID == "b" && (b.Again || len(b.Branches) != 1):
				t.Errorf("b is not drawn where top holds it: %+v", b)
			}
		}
	})
}
