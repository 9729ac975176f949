package capital_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
)

// TestUndoTakesABatchBack holds that a batch leaves nothing behind, and what it
// changed as it was; a record that was changed since keeps all of it.
func TestUndoTakesABatchBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *capital.Service) {
		first, err := s.Listings.Save(t.Context(), staff, lin, listing())
		must(t, err)
		more := listing()
		more.Steps = append(more.Steps, capital.Step{State: capital.Listed, On: "2023"})
		put(t, d, s.Listings, []capital.Listing{more})
		put(t, d, s.Rounds, []capital.Round{rich(), round("b", "2020", nil)})
		entries, err := change.OfBatch(t.Context(), d, "batch-1", 0, 10)
		must(t, err)
		undo := func() error {
			return d.InTx(t.Context(), func(tx *db.Tx) error { return s.UndoAll(t.Context(), tx, lin, entries) })
		}
		edited, err := s.Rounds.List(t.Context(), staff, capital.Filter{PartyID: "org-2"})
		must(t, err)
		r := edited.Items[0]
		r.Note = "核对过"
		r, err = s.Rounds.Save(t.Context(), staff, lin, r)
		must(t, err)
		if err := undo(); errs.Of(err).Key != "capital.undo_changed" {
			t.Fatal(err)
		}
		r.Note = ""
		_, err = s.Rounds.Save(t.Context(), staff, lin, r)
		must(t, err)
		must(t, undo())
		now, err := s.Listings.One(t.Context(), staff, first.ID)
		must(t, err)
		if now.State != capital.Filed || len(now.Steps) != 2 || now.Version != 3 {
			t.Errorf("%+v", now)
		}
		for table, want := range map[string]int{"capital_round": 0, "capital_party": 0, "capital_step": 2, "capital_listing": 1} {
			n, _, err := db.Value[int](t.Context(), d, "SELECT COUNT(*) FROM "+table)
			must(t, err)
			if n != want {
				t.Errorf("%s: %d rows, want %d", table, n, want)
			}
		}
		entries[0].Kind = "org"
		if err := undo(); errs.Of(err).Key != "capital.undo_kind" {
			t.Error(err)
		}
	})
}
