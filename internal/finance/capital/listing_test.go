package capital_test

import (
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

func listing() capital.Listing {
	return capital.Listing{Common: common("ipo", "", level.Public), Market: capital.SSE, Board: capital.STAR, Raised: capital.Yuan(9 * money.Yi),
		Steps: []capital.Step{{State: capital.Tutoring, On: "2021-03"}, {State: capital.Filed, On: "2022-01-10", Evidence: "受理通知"}}}
}

func TestListingGoesUpAndIsCorrected(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		l, err := s.Listings.Save(t.Context(), staff, lin, listing())
		must(t, err)
		if l.State != capital.Filed || l.On != "2022-01-10" || l.Steps[1].Actor != "lin" {
			t.Fatalf("%+v", l)
		}
		step := func(st capital.Step, want string) {
			t.Helper()
			next, err := s.AddStep(t.Context(), staff, lin, l.ID, l.Version, st)
			if want != "" {
				if err == nil || errs.Of(err).Key != want {
					t.Errorf("%+v: %v, want %s", st, err, want)
				}
				return
			}
			must(t, err)
			l = next
		}
		step(capital.Step{State: capital.Delisted, On: "2023"}, "capital.step_exit")
		step(capital.Step{State: capital.Filed, On: "2022-02"}, "capital.step_twice")
		step(capital.Step{State: capital.Approved, On: "2021-12"}, "capital.step_order")
		step(capital.Step{State: capital.Listed, On: "2023-05-01"}, "")
		step(capital.Step{State: capital.Registered, On: "2023-02"}, "") // found out later
		if l.State != capital.Listed || len(capital.Unknown(l.Course())) != 1 {
			t.Errorf("%s, unknown %v", l.State, capital.Unknown(l.Course()))
		}
		step(capital.Step{State: capital.Withdrawn, On: "2024"}, "capital.step_exit")
		step(capital.Step{State: capital.Filed, On: "2022-01-11", Corrects: 2}, "capital.step_reason")
		step(capital.Step{State: capital.Filed, On: "2022-01-11", Corrects: 9, Reason: "x"}, "capital.step_missing")
		step(capital.Step{State: capital.Filed, On: "2022-01-11", Corrects: 2, Reason: "受理日写错"}, "")
		step(capital.Step{Corrects: 3, Reason: "是另一家公司"}, "")
		if l.State != capital.Registered || l.Course()[1].On != "2022-01-11" || len(l.Steps) != 6 {
			t.Errorf("%+v", l)
		}
		edited := l
		edited.Steps = append([]capital.Step{}, l.Steps...)
		edited.Steps[0].On = "2020"
		if _, err := s.Listings.Save(t.Context(), staff, lin, edited); errs.Of(err).Key != "capital.step_fixed" {
			t.Errorf("edited in place: %v", err)
		}
		if _, err := s.AddStep(t.Context(), staff, lin, l.ID, 0, capital.Step{State: capital.Listed}); errs.KindOf(err) != errs.Precondition {
			t.Errorf("without a version: %v", err)
		}
		rows, _, err := db.Value[int](t.Context(), d, "SELECT COUNT(*) FROM capital_step WHERE listing_id = $1", l.ID)
		must(t, err)
		if rows != 6 || len(l.Row()) != len(capital.ListingHead) {
			t.Errorf("%d rows", rows)
		}
		page, err := s.Listings.List(t.Context(), public, capital.Filter{Is: map[string]string{"state": "registered", "market": "SSE"}})
		must(t, err)
		if page.Total != 1 {
			t.Errorf("%+v", page)
		}
	})
}

func TestListingRowsAddSteps(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		row := listing()
		for _, c := range []struct {
			want string
			edit func()
		}{
			{"1/0/0/0", func() {}},
			{"0/0/1/0", func() {}},
			{"0/1/0/0", func() { row.Steps = []capital.Step{{State: capital.Listed, On: "2023"}} }},
			{"0/0/1/0", func() { row.Steps = append(listing().Steps, row.Steps...) }},
			{"0/0/0/1", func() { row.Steps[0].On = "2021-04" }}, // wants a correction
			{"0/0/0/1", func() { row.Board = capital.ChiNext }},
			{"0/0/0/1", func() { row = listing(); row.Key, row.Steps = "empty", nil }},
		} {
			c.edit()
			if got := put(t, d, s.Listings, []capital.Listing{row}); got != c.want {
				t.Errorf("%+v: %s, want %s", row.Steps, got, c.want)
			}
		}
		h, err := s.History(t.Context(), public, "org-1")
		must(t, err)
		var words []string
		for _, e := range h.Entries {
			words = append(words, e.Word)
		}
		if strings.Join(words, " ") != "tutoring filed listed" || len(h.Totals) != 1 || h.Totals[0].Entries != 1 || *h.Totals[0].Sums[0].Fen != 9*money.Yi {
			t.Errorf("%v %+v", words, h.Totals)
		}
	})
}
