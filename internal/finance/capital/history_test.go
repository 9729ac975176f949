package capital_test

import (
	"context"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
)

// loans stands for a room that capital does not know.
type loans []capital.Entry

func (l loans) Entries(_ context.Context, _ db.Querier, org string) ([]capital.Entry, error) {
	if org != "org-1" {
		return nil, nil
	}
	return l, nil
}

func loan(id, on string, a *capital.Amount, l level.Level, source string) capital.Entry {
	return capital.Entry{Kind: "loan", Strand: capital.Lent, ID: id, Day: on, Money: true, Amount: a, Level: l, SourceID: source}
}

func TestHistoryTellsOfOtherRooms(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, _ *capital.Service) {
		s := capital.New(d, loans{
			loan("l1", "2022-06-01", capital.Yuan(300*money.Wan), level.Public, "register"),
			loan("l2", "", nil, level.Public, "register"),
			loan("l3", "2023", capital.Yuan(1), level.Public, "closed"),
			loan("l4", "2023", capital.Yuan(1), "", "register"),
		})
		made := round("made", "2021", nil)
		made.SourceID = "made-up"
		put(t, d, s.Rounds, []capital.Round{round("a", "2020-05-01", capital.Yuan(100*money.Wan)), made})
		h, err := s.History(t.Context(), partner, "org-1")
		must(t, err)
		if len(h.Entries) != 4 || h.Entries[3].ID != "l2" || !h.Simulated || !h.Entries[1].Simulated {
			t.Errorf("%+v", h)
		}
		want := []capital.KindTotal{{Kind: "round", Strand: capital.Invested, Entries: 2, Unknown: 1}, {Kind: "loan", Strand: capital.Lent, Entries: 2, Unknown: 1}}
		for i, total := range h.Totals {
			if total.Kind != want[i].Kind || total.Entries != 2 || total.Unknown != 1 || total.Sums[0].Bound != quantity.AtLeast || total.Sums[0].Fen != nil {
				t.Errorf("%+v", total)
			}
		}
		if _, err := s.History(t.Context(), staff, "org-9"); errs.KindOf(err) != errs.NotFound {
			t.Error(err)
		}
	})
}

// TestHistoryFollowsMerges holds that what was written of an organisation before
// it was merged, here and elsewhere, stands in the history of the one that
// answers for it.
func TestHistoryFollowsMerges(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, _ *capital.Service) {
		s := capital.New(d, loans{loan("l1", "2022", nil, level.Public, "register")})
		put(t, d, s.Rounds, []capital.Round{round("a", "2020", capital.Yuan(1))})
		_, err := registry.New(d).Merge(t.Context(), lin, "org-1", "org-3", 1, 1)
		must(t, err)
		for _, id := range []string{"org-1", "org-3"} {
			h, err := s.History(t.Context(), public, id)
			must(t, err)
			if h.OrgID != "org-3" || len(h.Entries) != 2 {
				t.Errorf("%s: %+v", id, h)
			}
		}
		totals, err := s.Rounds.Totals(t.Context(), public, capital.Filter{OrgID: "org-3"}, capital.ByCompany)
		must(t, err)
		if len(totals) != 1 || totals[0].Value != "org-3" {
			t.Errorf("%+v", totals)
		}
	})
}
