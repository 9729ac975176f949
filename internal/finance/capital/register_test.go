package capital_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
)

// rich is a round that states all there is to state.
func rich() capital.Round {
	r := round("rich", "2024-05", capital.Yuan(120*money.Wan))
	r.StageText = "A+轮"
	r.Pre = &capital.Valuation{Amount: *capital.Yuan(880 * money.Wan), Basis: capital.Reported, SourceID: "register", Evidence: "公告第 3 页"}
	r.Investors = []capital.Investor{
		{Party: capital.Party{OrgID: "org-2"}, Lead: true, Amount: capital.Yuan(100 * money.Wan)},
		{Party: capital.Party{Name: "某天使投资人"}},
	}
	return r
}

func TestRoundIsKeptAsStated(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		saved, err := s.Rounds.Save(t.Context(), staff, lin, rich())
		must(t, err)
		got, err := s.Rounds.One(t.Context(), public, saved.ID)
		must(t, err)
		if diff := cmp.Diff(saved, got); diff != "" {
			t.Error(diff)
		}
		if got.Amount.Fen == nil || *got.Amount.Fen != 120*money.Wan || got.Investors[0].Org.Name.ZH != "示例创投" || got.Investors[1].Amount != nil {
			t.Errorf("%+v", got)
		}
		if post := got.PostMoney(); post.Basis != capital.Computed || *post.Fen != 1000*money.Wan || got.Post != nil {
			t.Errorf("post-money %+v", post)
		}
		if n, head := len(got.Row()), len(capital.RoundHead); n != head {
			t.Errorf("%d cells under %d heads", n, head)
		}
		page, err := s.Rounds.List(t.Context(), public, capital.Filter{PartyID: "org-2", OrgID: "org-1", Query: "智能", From: "2024", To: "2024-05", Is: map[string]string{"stage": "a"}})
		must(t, err)
		if page.Total != 1 || page.Items[0].ID != saved.ID {
			t.Errorf("%+v", page)
		}
		for _, c := range []struct {
			f    capital.Filter
			want int64
		}{
			{capital.Filter{PartyQuery: "天使", OrgID: "org-1"}, 1}, {capital.Filter{PartyQuery: "%"}, 0}, {capital.Filter{Query: "别家"}, 0},
			{capital.Filter{From: "2024-05-20"}, 1}, {capital.Filter{From: "2024-06"}, 0}, {capital.Filter{To: "2024-05-02"}, 1}, {capital.Filter{To: "2024-04"}, 0},
			{capital.Filter{OrgID: "\xff"}, 0}, {capital.Filter{Is: map[string]string{"stage": "b\x00"}}, 0},
		} {
			page, err := s.Rounds.List(t.Context(), public, c.f)
			must(t, err)
			if page.Total != c.want {
				t.Errorf("%+v: %d, want %d", c.f, page.Total, c.want)
			}
		}
		if _, err := s.Rounds.List(t.Context(), public, capital.Filter{From: "May"}); errs.KindOf(err) != errs.Invalid {
			t.Error(err)
		}
	})
}

func TestSaveNeedsTheVersionSeen(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		first, err := s.Rounds.Save(t.Context(), staff, lin, rich())
		must(t, err)
		next := first
		next.Amount = nil
		second, err := s.Rounds.Save(t.Context(), staff, lin, next)
		must(t, err)
		if second.Version != 2 || second.Amount != nil {
			t.Errorf("%+v", second)
		}
		if _, err := s.Rounds.Save(t.Context(), staff, lin, next); errs.KindOf(err) != errs.Precondition {
			t.Errorf("stale: %v", err)
		}
		if _, err := s.Rounds.Save(t.Context(), staff, lin, rich()); errs.KindOf(err) != errs.Conflict {
			t.Errorf("taken: %v", err)
		}
		ghost := rich()
		ghost.Key, ghost.Version = "ghost", 3
		if _, err := s.Rounds.Save(t.Context(), staff, lin, ghost); errs.KindOf(err) != errs.NotFound {
			t.Errorf("ghost: %v", err)
		}
		log, err := change.Of(t.Context(), d, capital.KindRound, first.ID, 0, 10)
		must(t, err)
		if len(log) != 2 || log[0].Action != change.Update || len(log[0].Before) == 0 {
			t.Errorf("%d entries", len(log))
		}
	})
}

func TestPutIsIdempotentAndRejectsRowsAlone(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		none, nowhere, twice, ghost := round("", "2024", nil), round("n", "2024-13", nil), round("a", "2023", nil), round("g", "2024", nil)
		ghost.Investors = []capital.Investor{{Party: capital.Party{OrgID: "org-9"}}}
		rows := []capital.Round{round("a", "2024", nil), rich(), none, nowhere, twice, ghost, round("a", "2024", nil)}
		if got := put(t, d, s.Rounds, rows); got != "2/0/1/4" {
			t.Error(got)
		}
		if got := put(t, d, s.Rounds, rows); got != "0/0/3/4" {
			t.Error(got)
		}
		rows[1].Investors = rows[1].Investors[:1]
		if got := put(t, d, s.Rounds, rows[:2]); got != "0/1/1/0" {
			t.Error(got)
		}
		page, err := s.Rounds.List(t.Context(), staff, capital.Filter{PartyID: "org-2"})
		must(t, err)
		if page.Total != 1 || len(page.Items[0].Investors) != 1 || page.Items[0].BatchID != "batch-1" {
			t.Errorf("%+v", page)
		}
	})
}

// TestLevelsHideEverywhere holds that what a viewer may not see is in no list,
// sum, page or history.
func TestLevelsHideEverywhere(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		rows := []capital.Round{round("open", "2020", capital.Yuan(1)), round("partner", "2021", capital.Yuan(10)), round("inside", "2022", capital.Yuan(100)), round("closed", "2023", capital.Yuan(1000)), round("unstated", "2024", capital.Yuan(10000))}
		rows[1].Level, rows[2].Level, rows[3].SourceID, rows[4].Level = level.Partner, level.Internal, "closed", ""
		put(t, d, s.Rounds, rows)
		for _, c := range []struct {
			v    level.Viewer
			want money.Fen
		}{{public, 1}, {partner, 11}, {staff, 11111}} {
			totals, err := s.Rounds.Totals(t.Context(), c.v, capital.Filter{}, "")
			must(t, err)
			h, err := s.History(t.Context(), c.v, "org-1")
			must(t, err)
			page, err := s.Rounds.List(t.Context(), c.v, capital.Filter{})
			must(t, err)
			if *totals[0].Sums[0].Fen != c.want || *h.Totals[0].Sums[0].Fen != c.want || int(page.Total) != totals[0].Entries || len(h.Entries) != totals[0].Entries {
				t.Errorf("%v: %+v %+v", c.v, totals, h.Totals)
			}
		}
		hidden, err := s.Rounds.List(t.Context(), staff, capital.Filter{SourceID: "closed"})
		must(t, err)
		id := hidden.Items[0].ID
		if _, err := s.Rounds.One(t.Context(), partner, id); errs.KindOf(err) != errs.NotFound {
			t.Errorf("one: %v", err)
		}
		if _, err := s.Rounds.Save(t.Context(), partner, lin, hidden.Items[0]); errs.KindOf(err) != errs.NotFound {
			t.Errorf("save: %v", err)
		}
		seen, err := s.Rounds.Visible(t.Context(), partner, []string{id, "x\x00"})
		must(t, err)
		if len(seen) != 0 {
			t.Errorf("visible: %v", seen)
		}
	})
}

func TestPagesHoldEachRecordOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		var rows []capital.Round
		for i := range 23 {
			rows = append(rows, round(string(rune('a'+i)), []string{"", "2020", "2020-03", "2021-01-05"}[i%4], nil))
		}
		put(t, d, s.Rounds, rows)
		for _, oldest := range []bool{false, true} {
			seen, day, after := map[string]bool{}, "", ""
			for {
				page, err := s.Rounds.List(t.Context(), public, capital.Filter{OldestFirst: oldest, Page: registry.Page{Limit: 5, After: after}})
				must(t, err)
				for i, r := range page.Items {
					if seen[r.ID] || (len(seen) > 0 && (r.On < day) != !oldest && r.On != day) {
						t.Errorf("item %d: %s after %s", i, r.On, day)
					}
					seen[r.ID], day = true, r.On
				}
				if after = page.Next; after == "" {
					break
				}
			}
			if len(seen) != 23 {
				t.Errorf("%d of 23", len(seen))
			}
		}
		page, err := s.Rounds.List(t.Context(), public, capital.Filter{Page: registry.Page{Limit: 1}})
		must(t, err)
		for _, f := range []capital.Filter{{Page: registry.Page{After: "?"}}, {OldestFirst: true, Page: registry.Page{After: page.Next}}, {Is: map[string]string{"id; DROP": "x"}}} {
			if _, err := s.Rounds.List(t.Context(), public, f); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", f, err)
			}
		}
	})
}

func TestOtherRegisters(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		side := capital.Party{OrgID: "org-2"}
		if got := put(t, d, s.Acquisitions, []capital.Acquisition{{Common: common("m", "2025", level.Public), Acquirer: side, Price: capital.Of(5e6, "USD")}}); got != "1/0/0/0" {
			t.Error(got)
		}
		contests := []capital.Contest{{Common: common("c", "2023-09", level.Public), Contest: "中国创新创业大赛", Edition: "第十二届", Track: "新一代信息技术", Place: 3, Award: "三等奖", Prize: capital.Yuan(20 * money.Wan)}}
		if got := put(t, d, s.Contests, contests); got != "1/0/0/0" {
			t.Error(got)
		}
		guarantees := []capital.Guarantee{{Common: common("g", "2024-01-01", level.Public), Guarantor: side, Contract: "2024-001", Amount: capital.Yuan(500 * money.Wan), Until: "2024-12-31", Fee: capital.Yuan(5 * money.Wan), State: capital.Active}}
		if got := put(t, d, s.Guarantees, guarantees); got != "1/0/0/0" {
			t.Error(got)
		}
		premiums := []capital.Premium{{Common: common("p", "", level.Public), Insurer: side, Policy: "专利保险", Year: "2024", Premium: capital.Yuan(10 * money.Wan), Subsidy: capital.Yuan(6 * money.Wan)}}
		if got := put(t, d, s.Premiums, premiums); got != "1/0/0/0" {
			t.Error(got)
		}
		h, err := s.History(t.Context(), public, "org-1")
		must(t, err)
		var lines []string
		for _, e := range h.Entries {
			lines = append(lines, e.Day+" "+e.Kind)
		}
		if got := strings.Join(lines, ", "); got != "2023-09 contest, 2024 premium, 2024 subsidy, 2024-01-01 guarantee, 2025 acquisition" {
			t.Error(got)
		}
		a, _ := s.Acquisitions.List(t.Context(), public, capital.Filter{})
		c, _ := s.Contests.List(t.Context(), public, capital.Filter{Is: map[string]string{"award": "三等奖"}})
		g, _ := s.Guarantees.List(t.Context(), public, capital.Filter{Is: map[string]string{"state": "active"}, PartyID: "org-2"})
		p, _ := s.Premiums.List(t.Context(), public, capital.Filter{Is: map[string]string{"year": "2024"}})
		for i, pair := range [][2]int{{len(a.Items[0].Row()), len(capital.AcquisitionHead)}, {len(c.Items[0].Row()), len(capital.ContestHead)}, {len(g.Items[0].Row()), len(capital.GuaranteeHead)}, {len(p.Items[0].Row()), len(capital.PremiumHead)}} {
			if pair[0] != pair[1] {
				t.Errorf("%d: %d cells under %d heads", i, pair[0], pair[1])
			}
		}
	})
}

// TestFaults holds that what is wrong is said in both languages.
func TestFaults(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		for key, change := range map[string]func(*capital.Round){
			"capital.required":       func(r *capital.Round) { r.Company = capital.Party{Name: "…"} },
			"capital.word":           func(r *capital.Round) { r.Stage = "z" },
			"capital.day":            func(r *capital.Round) { r.On = "2024-02-30" },
			"capital.amount":         func(r *capital.Round) { r.Amount.Bound = "?" },
			"capital.currency":       func(r *capital.Round) { r.Amount = capital.Of(1, "yuan") },
			"capital.negative":       func(r *capital.Round) { r.Amount = capital.Of(-1, "USD") },
			"capital.large":          func(r *capital.Round) { r.Amount = capital.Of(1e15, "USD") },
			"capital.fen":            func(r *capital.Round) { r.Amount.Fen = new(money.Fen) },
			"capital.parts":          func(r *capital.Round) { r.Amount = capital.Yuan(1) },
			"capital.long":           func(r *capital.Round) { r.Key = strings.Repeat("k", 201) },
			"capital.not_text":       func(r *capital.Round) { r.Note = "a\u202eb" },
			"capital.many":           func(r *capital.Round) { r.Investors = make([]capital.Investor, 201) },
			"capital.unknown_source": func(r *capital.Round) { r.SourceID = "nowhere" },
			"capital.private_part":   func(r *capital.Round) { r.Pre.SourceID = "closed" },
			"capital.unknown_org":    func(r *capital.Round) { r.Company.OrgID = "org-9" },
		} {
			r := rich()
			change(&r)
			_, err := s.Rounds.Save(t.Context(), staff, lin, r)
			var e *errs.Error
			if !errors.As(err, &e) || e.Key != key {
				t.Errorf("%s: %v", key, err)
				continue
			}
			for _, l := range i18n.Langs {
				if text := i18n.Error(l, err); text == "" || strings.Contains(text, "{") {
					t.Errorf("%s in %s: %q", key, l, text)
				}
			}
		}
		g := capital.Guarantee{Common: common("g", "2024-05", level.Public), Guarantor: capital.Party{Name: "x"}, Until: "2024-04-30"}
		p := capital.Premium{Common: common("p", "", level.Public), Insurer: capital.Party{Name: "x"}, Policy: "x", Premium: capital.Yuan(1), Subsidy: capital.Yuan(2)}
		_, gErr := s.Guarantees.Save(t.Context(), staff, lin, g)
		_, pErr := s.Premiums.Save(t.Context(), staff, lin, p)
		if errs.Of(gErr).Key != "capital.span" || errs.Of(pErr).Key != "capital.subsidy" {
			t.Errorf("%v, %v", gErr, pErr)
		}
	})
}

func TestTotalsStayBounds(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		other := round("text", "2021", capital.Of(7, "USD"))
		other.Company = capital.Party{Name: "别家"}
		rows := []capital.Round{round("1", "2020-01-01", capital.Yuan(300)), round("2", "2020", nil), other,
			round("3", "", &capital.Amount{Quantity: quantity.With(quantity.About, 1000, quantity.CNY)}), round("4", "2022", nil)}
		put(t, d, s.Rounds, rows)
		totals, err := s.Rounds.Totals(t.Context(), public, capital.Filter{}, capital.ByYear)
		must(t, err)
		want := []capital.Total{
			{Value: "", Entries: 1, Sums: []capital.Sum{{Quantity: quantity.With(quantity.About, 1000, quantity.CNY)}}},
			{Value: "2020", Entries: 2, Unknown: 1, Sums: []capital.Sum{{Quantity: quantity.With(quantity.AtLeast, 3, quantity.CNY)}}},
			{Value: "2021", Entries: 1, Sums: []capital.Sum{{Quantity: quantity.Of(7, "USD")}}},
			{Value: "2022", Entries: 1, Unknown: 1},
		}
		if diff := cmp.Diff(want, totals); diff != "" {
			t.Error(diff)
		}
		byCompany, err := s.Rounds.Totals(t.Context(), public, capital.Filter{}, capital.ByCompany)
		must(t, err)
		if len(byCompany) != 2 || byCompany[0].Value != "org-1" || byCompany[1].Value != "别家" {
			t.Errorf("%+v", byCompany)
		}
		if _, err := s.Rounds.Totals(t.Context(), public, capital.Filter{}, "body"); errs.KindOf(err) != errs.Invalid {
			t.Error(err)
		}
		if _, err := s.Rounds.Totals(t.Context(), public, capital.Filter{}, capital.ByDivision); err != nil {
			t.Error(err)
		}
	})
}

func TestTotalsByPlace(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		inTx(t, d, func(tx *db.Tx) error {
			o := org("org-4", "示例天河")
			o.Place.Division = "440106"
			_, err := registry.New(d).PutOrgs(t.Context(), tx, lin, []registry.Org{o})
			return err
		})
		placed, undated, nameless := round("placed", "2024-05", capital.Yuan(100*money.Wan)), round("undated", "", capital.Yuan(20*money.Wan)), round("nameless", "2024", nil)
		placed.Company.OrgID, nameless.Company.OrgID = "org-4", ""
		put(t, d, s.Rounds, []capital.Round{placed, undated, nameless})
		for _, c := range []struct {
			f    capital.Filter
			want string
		}{
			{capital.Filter{Division: "440106"}, "placed"}, {capital.Filter{Division: capital.NoDivision}, "nameless undated"}, {capital.Filter{Undated: true}, "undated"},
			{capital.Filter{Division: "440106", Undated: true}, ""}, {capital.Filter{Division: "\xff"}, ""},
		} {
			got, err := s.Rounds.List(t.Context(), public, c.f)
			must(t, err)
			var keys []string
			for _, r := range got.Items {
				keys = append(keys, r.Key)
			}
			if slices.Sort(keys); strings.Join(keys, " ") != c.want {
				t.Errorf("%+v selects %v, want %q", c.f, keys, c.want)
			}
		}
		all, err := s.Rounds.TotalsBy(t.Context(), public, capital.Filter{}, "", capital.ByYear, capital.ByDivision, "stage")
		must(t, err)
		for _, by := range []string{"", capital.ByYear, capital.ByDivision, "stage"} {
			alone, err := s.Rounds.Totals(t.Context(), public, capital.Filter{}, by)
			must(t, err)
			if diff := cmp.Diff(alone, all[by]); diff != "" || len(alone) == 0 {
				t.Errorf("by %q: %s", by, diff)
			}
		}
		if all[capital.ByDivision][1].Value != "440106" || all[capital.ByDivision][1].Entries != 1 || all[capital.ByDivision][0].Unknown != 1 {
			t.Errorf("by place: %+v", all[capital.ByDivision])
		}
	})
}
