package fund_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

// TestCity asks one city of everything that reads it; a database for each
// question would take longer than the questions.
func TestCity(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		t.Run("sheet", func(t *testing.T) { sheet(t, d, s, c) })
		t.Run("notices", func(t *testing.T) { notices(t, s, c) })
		t.Run("tree", func(t *testing.T) { tree(t, s, c) })
	})
}

func sheet(t *testing.T, d *db.DB, s *fund.Service, c city) {
	x, err := s.Sheet(t.Context(), staff, c.sub, "2025-06-30")
	must(t, err)
	m := x.Multiples
	if x.Committed != 1000*money.Wan || m.Called != 500*money.Wan || m.Paid != 500*money.Wan || *m.Unfunded != 550*money.Wan || x.Investors != 2 {
		t.Errorf("%+v", x)
	}
	if m.TVPI.Over != 700*money.Wan || m.TVPI.Under != 500*money.Wan || m.Age != 181 || m.IRR.Status != returns.OK || *m.IRR.Rate <= 0.09 || *m.IRR.Rate >= 0.11 {
		t.Errorf("%+v %+v", m, m.IRR)
	}
	if x.Invested != 400*money.Wan || x.Fees != 10*money.Wan || len(x.Flows) != 3 || x.Flows[0].Amount != -350*money.Wan || x.Flows[2].Amount != 100*money.Wan || x.Simulated {
		t.Errorf("%+v", x)
	}
	if len(x.Members) != 2 || *x.Members[1].Unfunded+*x.Members[0].Unfunded != 550*money.Wan || len(x.Overdue) != 0 {
		t.Errorf("%+v", x.Members)
	}
	early, err := s.Sheet(t.Context(), staff, c.sub, "2021-03-22")
	must(t, err)
	if early.Multiples.Paid != 350*money.Wan || early.Multiples.RVPI != nil || early.Multiples.IRR != nil || early.Invested != 0 {
		t.Errorf("%+v", early)
	}
	seen, err := s.Sheet(t.Context(), public, c.sub, "")
	if err != nil || seen.Members != nil || seen.Multiples.Paid != x.Multiples.Paid {
		t.Errorf("the public sees the fund and not its investors: %+v, %v", seen, err)
	}
	mother, err := s.Sheet(t.Context(), staff, c.mother, "")
	must(t, err)
	if mother.Invested != 150*money.Wan || mother.Multiples.TVPI != nil {
		t.Errorf("%+v", mother)
	}
	for _, id := range []string{c.sub, c.mother} {
		for _, on := range []string{"", "2021-03-22", "2023-03-25", "2024-12-30"} {
			agree(t, s, id, on)
		}
	}
	report, err := ledger.New().Verify(t.Context(), d)
	if err != nil {
		t.Errorf("the ledger: %+v, %v", report, err)
	}
}

func TestPublicMoneyPaysLast(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		open(t, s, "sub", fund.SubFund, true)
		city := commit(t, s, "sub", "c", fund.Party{OrgID: "org-city"}, lookthrough.Public, 300)
		vc := commit(t, s, "sub", "v", fund.Party{OrgID: "org-vc"}, lookthrough.Social, 600)
		call := record(t, s, &fund.Call{Head: head("sub", "1", "2021-03-01"), DueOn: "2021-03-31", Total: fen(450)})
		before, _ := change.Head(t.Context(), d)
		_, err := s.Record(t.Context(), staff, lin, pay("sub", "c1", "2021-03-10", city, call, 150))
		wantKey(t, "before the others", err, "fund.pays_last")
		if text := i18n.Error(i18n.ZH, err); !strings.Contains(text, "现在最多缴 0.00 元") {
			t.Errorf("%s", text)
		}
		record(t, s, pay("sub", "v1", "2021-03-12", vc, call, 200))
		_, err = s.Record(t.Context(), staff, lin, pay("sub", "c1", "2021-03-13", city, call, 101))
		wantKey(t, "more than the others", err, "fund.pays_last")
		id := record(t, s, pay("sub", "c2", "2021-03-13", city, call, 100))
		after, _ := change.Head(t.Context(), d)
		if after-before < 2 {
			t.Errorf("%d changes", after-before)
		}
		acts, err := ledger.New().ActsOf(t.Context(), d, "fund_event/"+id, 9)
		if err != nil || len(acts) != 1 || !strings.Contains(string(acts[0].Body), "pays_last") {
			t.Errorf("the comparison is not in the posting: %+v, %v", acts, err)
		}
		x, err := s.Sheet(t.Context(), staff, "sub", "")
		must(t, err)
		if x.Multiples.Paid != 300 || len(x.Overdue) != 2 {
			t.Errorf("what was refused left a trace: %+v", x)
		}
		agree(t, s, "sub", "")
		record(t, s, &fund.Commitment{Head: head("sub", "u", "2021-04-01"), Investor: fund.Party{Name: "someone"}})
		_, err = s.Record(t.Context(), staff, lin, pay("sub", "c3", "2021-04-02", city, call, 1))
		wantKey(t, "a ratio that is not known", err, "fund.order_unknown")
	})
}

func TestRepeatedAndCancelled(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		again, err := s.Record(t.Context(), staff, lin, pay("sub", "v1", "2021-03-20", c.vc, c.call, 350*money.Wan))
		if err != nil || !again.Repeated {
			t.Errorf("the same again: %+v, %v", again, err)
		}
		_, err = s.Record(t.Context(), staff, lin, pay("sub", "v1", "2021-03-20", c.vc, c.call, 1))
		wantKey(t, "another under the key", err, "fund.key_taken")
		wantKey(t, "a call that was paid", s.Cancel(t.Context(), staff, lin, c.call), "fund.rested")
		wantKey(t, "without a reason", s.Cancel(t.Context(), staff, change.Author{Actor: "lin"}, again.ID), "fund.required")
		must(t, s.Cancel(t.Context(), staff, lin, again.ID))
		wantKey(t, "twice", s.Cancel(t.Context(), staff, lin, again.ID), "fund.cancelled")
		x, err := s.Sheet(t.Context(), staff, "sub", "")
		if err != nil || x.Multiples.Paid != 150*money.Wan || len(x.Overdue) != 1 {
			t.Errorf("%+v, %v", x, err)
		}
		exit := record(t, s, &fund.Exit{Head: head("sub", "e", "2025-01-01"), HoldingID: c.holding, Proceeds: fen(0)})
		_, err = s.Record(t.Context(), staff, lin, &fund.Exit{Head: head("sub", "e2", "2025-02-01"), HoldingID: c.holding, Proceeds: fen(0)})
		wantKey(t, "exited twice", err, "fund.exited")
		agree(t, s, "sub", "")
		must(t, s.Cancel(t.Context(), staff, lin, exit))
		must(t, s.Cancel(t.Context(), staff, lin, c.distribution))
		agree(t, s, "sub", "")
		agree(t, s, "mother", "")
		wantKind(t, "nothing", s.Cancel(t.Context(), staff, lin, "payment-none"), errs.NotFound)
	})
}

// TestValuationsInAnyOrder records valuations out of order, twice for a day,
// and takes one back: on each day the book has the one that stands.
func TestValuationsInAnyOrder(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		open(t, s, "a", fund.Direct, false)
		value := func(key, day string, amount money.Fen) string {
			return record(t, s, &fund.Valuation{Head: head("a", key, day), Amount: &amount, Basis: fund.Reported})
		}
		value("1", "2022-12-31", 200)
		first := value("2", "2021-12-31", 100)
		value("3", "2021-12-31", 120)
		value("4", "2020-12-31", 50)
		zero := value("5", "2023-12-31", 0)
		check := func(want map[string]money.Fen) {
			t.Helper()
			for day, v := range want {
				b, err := ledger.New().Balance(t.Context(), d, "fund:a:nav_memo", ledger.At{Effective: day})
				if err != nil || b.Posted != v {
					t.Errorf("%s: %s, %v, want %s", day, b.Posted, err, v)
				}
				agree(t, s, "a", day)
			}
		}
		check(map[string]money.Fen{"2020-12-30": 0, "2021-06-01": 50, "2022-06-01": 120, "2023-06-01": 200, "2024-01-01": 0})
		must(t, s.Cancel(t.Context(), staff, lin, first))
		check(map[string]money.Fen{"2022-06-01": 120})
		must(t, s.Cancel(t.Context(), staff, lin, zero))
		check(map[string]money.Fen{"2024-01-01": 200})
	})
}

func tree(t *testing.T, s *fund.Service, c city) {
	tree, err := s.Tree(t.Context(), public, c.mother, "2025-01-01")
	must(t, err)
	if len(tree.Root.Branches) != 1 || tree.Root.Branches[0].ID != "sub" || *tree.Root.Branches[0].SharePPM != 300_000 || len(tree.Root.Branches[0].Branches) != 1 {
		t.Fatalf("%+v", tree.Root)
	}
	if x := tree.Root.Branches[0].Branches[0]; x.ID != "org-x" || x.Effective == nil || cmp.Diff(x.Effective.Effective(), 0.03) != "" || x.Evidence != "register 1" {
		t.Errorf("%+v", x)
	}
	if v := tree.Visibility; v.Visible != 120*money.Wan || len(v.Gaps) != 2 { // 150 of 1,000 went on; of those 400/500 are seen
		t.Errorf("%+v", v)
	}
	before, err := s.Tree(t.Context(), public, c.mother, "2020-01-01")
	if err != nil || len(before.Root.Branches) != 0 {
		t.Errorf("%+v, %v", before, err)
	}
	l, err := s.Leverage(t.Context(), staff, []string{"sub"}, "")
	if err != nil || l.Public != 150*money.Wan || l.Social != 350*money.Wan || l.Ratio == nil {
		t.Errorf("%+v, %v", l, err)
	}
	_, err = s.Leverage(t.Context(), public, []string{"nowhere"}, "")
	wantKind(t, "no fund", err, errs.NotFound)
	_, err = s.Leverage(t.Context(), public, nil, "")
	wantKind(t, "no funds", err, errs.Invalid)
	record(t, s, &fund.Commitment{Head: head("mother", "back", "2024-01-01"), Investor: fund.Party{FundID: "sub"}, Amount: fen(1)})
	circle, err := s.Tree(t.Context(), staff, c.mother, "")
	if err != nil || !circle.Root.Branches[0].Branches[0].Again && !circle.Root.Branches[0].Branches[1].Again {
		t.Errorf("a circle: %+v, %v", circle.Root, err)
	}
}

func notices(t *testing.T, s *fund.Service, c city) {
	n, err := s.CallNotice(t.Context(), staff, c.call)
	must(t, err)
	if n.Total != 500*money.Wan || len(n.Lines) != 2 || n.DueOn != "2021-03-31" || n.Number != 1 {
		t.Errorf("%+v", n)
	}
	for _, l := range n.Lines {
		if *l.Before != *l.Committed || *l.After != *l.Committed/2 || l.Inside != l.Amount {
			t.Errorf("%+v", l)
		}
	}
	n, err = s.DistributionNotice(t.Context(), staff, c.distribution)
	must(t, err)
	for _, l := range n.Lines {
		if *l.After-*l.Before != l.Inside || l.Inside != l.Amount/2 {
			t.Errorf("%+v", l)
		}
	}
	var b strings.Builder
	must(t, n.Table(i18n.EN).CSV(&b))
	if lines := strings.Split(strings.TrimSpace(b.String()), "\n"); len(lines) != 3 || !strings.Contains(b.String(), "700000.00") {
		t.Errorf("%s", b.String())
	}
	_, err = s.CallNotice(t.Context(), public, c.call)
	wantKind(t, "the public", err, errs.NotFound)
	r, err := s.Report(t.Context(), staff, "sub", "2023-01-01", "2024-12-31")
	if err != nil || r.Period.Distributed != 100*money.Wan || r.Period.Paid != 0 || r.Inception.Paid != 500*money.Wan || r.Period.NAVBefore != nil || r.Period.NAVAfter.Amount != 600*money.Wan {
		t.Errorf("%+v, %v", r, err)
	}
	b.Reset()
	must(t, r.Table(i18n.ZH).CSV(&b))
	if !strings.Contains(b.String(), "总倍数 TVPI,,1.4000") {
		t.Errorf("%s", b.String())
	}
	_, err = s.Report(t.Context(), staff, "sub", "2024-01-01", "2023-01-01")
	wantKind(t, "backwards", err, errs.Invalid)
}

func TestCSVHoldsNoFormula(t *testing.T) {
	var b strings.Builder
	must(t, fund.Table{Head: []string{"a"}, Rows: [][]string{{"=1+1"}, {"-5.00"}, {"-x"}, {"@y"}}}.CSV(&b))
	if b.String() != "a\n'=1+1\n-5.00\n'-x\n'@y\n" {
		t.Errorf("%q", b.String())
	}
}

func TestSeen(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		save := func(id string, l level.Level, src string) {
			_, err := s.Save(t.Context(), staff, lin, fund.Fund{ID: id, Key: id, Name: i18n.Text{ZH: id}, Kind: fund.SubFund, Level: l, SourceID: src})
			must(t, err)
		}
		save("open", level.Public, "office")
		save("inside", level.Internal, "office")
		save("secret", level.Confidential, "office")
		save("red", level.Public, "closed")
		save("play", level.Public, "play")
		for _, c := range []struct {
			v    level.Viewer
			want string
		}{{public, "open play"}, {other, "inside open play red"}, {staff, "inside open play red secret"}} {
			list, err := s.Funds(t.Context(), c.v, fund.Filter{})
			must(t, err)
			var ids []string
			for _, f := range list {
				ids = append(ids, f.ID)
				if f.Simulated != (f.ID == "play") {
					t.Errorf("%s: simulated %v", f.ID, f.Simulated)
				}
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		}
		_, err := s.Record(t.Context(), public, lin, &fund.Fee{Head: head("inside", "f", "2025-01-01"), For: fund.Custody, Amount: 1})
		wantKind(t, "an event of a hidden fund", err, errs.NotFound)
		_, err = s.Sheet(t.Context(), public, "secret", "")
		wantKind(t, "the sheet of one", err, errs.NotFound)
		record(t, s, &fund.Fee{Head: fund.Head{FundID: "open", Key: "f", Day: "2025-01-01", SourceID: "play"}, For: fund.Custody, Amount: 1})
		x, err := s.Sheet(t.Context(), public, "open", "")
		if err != nil || !x.Simulated {
			t.Errorf("a simulated event in a real fund says so: %+v, %v", x, err)
		}
		list, err := s.Funds(t.Context(), staff, fund.Filter{Kind: fund.SubFund, Status: fund.Investing, OrgID: "org-vc", AtMost: 2, After: "a"})
		if err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestSaveAndPut(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		f := open(t, s, "a", fund.SubFund, false)
		_, err := s.Save(t.Context(), staff, lin, fund.Fund{ID: "a", Key: "a", Name: i18n.Text{ZH: "甲"}, Kind: fund.SubFund, SourceID: "office"})
		wantKey(t, "taken", err, "fund.taken")
		f.Status = fund.Exiting
		g, err := s.Save(t.Context(), staff, lin, f)
		if err != nil || g.Version != 2 || g.Status != fund.Exiting {
			t.Errorf("%+v, %v", g, err)
		}
		_, err = s.Save(t.Context(), staff, lin, f)
		wantKind(t, "an old version", err, errs.Precondition)
		_, err = s.Save(t.Context(), staff, lin, fund.Fund{Kind: "x", Vintage: 3, Level: "open", Status: "gone"})
		if list := errs.ListOf(err); len(list) != 6 {
			t.Errorf("all faults together: %v", err)
		}
		_, err = s.Save(t.Context(), staff, lin, fund.Fund{Name: i18n.Text{ZH: "甲"}, Kind: fund.Direct, SourceID: "nowhere"})
		wantKey(t, "a source that is not there", err, "fund.unknown_end")
		rows := []fund.Fund{{Key: "k1", Name: i18n.Text{ZH: "乙"}, Kind: fund.SubFund, SourceID: "office", Vintage: 2021}, {Key: "k2", Name: i18n.Text{ZH: "丙"}, Kind: fund.SubFund, SourceID: "nowhere"}, {Name: i18n.Text{ZH: "丁"}, Kind: fund.SubFund, SourceID: "office"}}
		for _, want := range []registry.Result{registry.Created, registry.Unchanged} {
			inTx(t, d, func(tx *db.Tx) error {
				out, err := s.Put(t.Context(), tx, change.Author{Actor: "import", BatchID: "b"}, rows)
				if err == nil && (out[0].Result != want || out[1].Result != registry.Rejected || out[2].Result != registry.Rejected) {
					t.Errorf("%+v", out)
				}
				return err
			})
		}
		rows[0].Note = "new"
		inTx(t, d, func(tx *db.Tx) error {
			out, err := s.Put(t.Context(), tx, lin, rows[:1])
			if err == nil && out[0].Result != registry.Updated {
				t.Errorf("%+v", out)
			}
			return err
		})
	})
}

func TestRefusals(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *fund.Service) {
		c := build(t, s)
		for _, x := range []struct {
			key string
			e   fund.Event
		}{
			{"fund.future", &fund.Fee{Head: head("sub", "q", "2026-01-03"), For: fund.Custody, Amount: 1}},
			{"fund.day", &fund.Fee{Head: head("sub", "q", "2026"), For: fund.Custody, Amount: 1}},
			{"fund.word", &fund.Fee{Head: head("sub", "q", "2025-01-01"), For: "tips", Amount: 1}},
			{"fund.amount", &fund.Fee{Head: head("sub", "q", "2025-01-01"), For: fund.Custody}},
			{"fund.amount", pay("sub", "q", "2025-01-01", c.vc, "", -5)},
			{"fund.required", &fund.Fee{Head: fund.Head{FundID: "sub", Day: "2025-01-01", SourceID: "office"}, For: fund.Custody, Amount: 1}},
			{"fund.text", &fund.Fee{Head: head("sub", "q\x00", "2025-01-01"), For: fund.Custody, Amount: 1}},
			{"fund.unknown_end", &fund.Fee{Head: fund.Head{FundID: "sub", Key: "q", Day: "2025-01-01", SourceID: "nowhere"}, For: fund.Custody, Amount: 1}},
			{"fund.itself", &fund.Commitment{Head: head("sub", "q", "2025-01-01"), Investor: fund.Party{FundID: "sub"}}},
			{"fund.party", &fund.Commitment{Head: head("sub", "q", "2025-01-01"), Investor: fund.Party{FundID: "mother", Name: "x"}}},
			{"fund.unknown_end", &fund.Commitment{Head: head("sub", "q", "2025-01-01"), Investor: fund.Party{FundID: "nowhere"}}},
			{"fund.either", &fund.Call{Head: head("sub", "q", "2025-01-01"), DueOn: "2025-02-01", Total: fen(1), Dues: []fund.Due{{CommitmentID: c.vc, Amount: 1}}}},
			{"fund.due", &fund.Call{Head: head("sub", "q", "2025-01-01"), DueOn: "2024-02-01", Total: fen(1)}},
			{"fund.overcalled_member", &fund.Call{Head: head("sub", "q", "2025-01-01"), DueOn: "2025-02-01", Total: fen(551 * money.Wan)}},
			{"fund.too_early", pay("sub", "q", "2020-12-31", c.vc, "", 1)},
			{"fund.overpaid", pay("sub", "q", "2025-01-01", c.vc, c.call, 1)},
			{"fund.overcalled_member", pay("sub", "q", "2025-01-01", c.vc, "", 386*money.Wan)},
			{"errs.not_found", pay("sub", "q", "2025-01-01", "commitment-none", "", 1)},
			{"errs.not_found", pay("sub", "q", "2025-01-01", c.vc, "call-none", 1)},
			{"errs.not_found", &fund.Exit{Head: head("mother", "q", "2025-01-01"), HoldingID: c.holding, Proceeds: fen(1)}},
			{"fund.span", &fund.Exit{Head: head("sub", "q", "2021-05-01"), HoldingID: c.holding, Proceeds: fen(1)}},
			{"fund.company", &fund.Holding{Head: head("sub", "q", "2021-05-01")}},
			{"fund.share", &fund.Holding{Head: head("sub", "q", "2021-05-01"), Company: "x", SharePPM: ppm(1_000_001)}},
			{"fund.part", &fund.Distribution{Head: head("sub", "q", "2025-01-01"), Shares: []fund.Received{{CommitmentID: c.vc, Amount: 1, Recallable: 2}}}},
			{"fund.twice", &fund.Distribution{Head: head("sub", "q", "2025-01-01"), Shares: []fund.Received{{CommitmentID: c.vc, Amount: 1}, {CommitmentID: c.vc, Amount: 1}}}},
			{"fund.word", &fund.Valuation{Head: head("sub", "q", "2025-01-01"), Amount: fen(0)}},
			{"fund.required", &fund.Valuation{Head: head("sub", "q", "2025-01-01"), Basis: fund.Audited}},
		} {
			_, err := s.Record(t.Context(), staff, lin, x.e)
			wantKey(t, x.key, err, x.key)
			for _, lang := range i18n.Langs { // the sentence has all that it asks for
				if text := i18n.Error(lang, err); strings.Contains(text, "{") || strings.Contains(text, x.key) {
					t.Errorf("%s: %s", x.key, text)
				}
			}
		}
		agree(t, s, "sub", "")
	})
}
