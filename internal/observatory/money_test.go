package observatory_test

import (
	"bytes"
	"io/fs"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

// TestMoneyFigures sets the figures of funds, pool and listings over a small
// simulated city against what its maker counted, and opens each down to its
// records.
func TestMoneyFigures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		in := ingest.New(d, registry.New(d))
		for _, f := range []struct {
			importer string
			file     data.File
			source   string
		}{{"sources", data.Sources, ""}, {"organisations", data.Organisations, ""}, {"figures", data.Figures, ""}} {
			raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f.file))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := in.Run(t.Context(), ingest.Request{Importer: f.importer, Reader: bytes.NewReader(raw), Name: string(f.file), By: change.Author{Actor: "test"}}); err != nil {
				t.Fatal(err)
			}
		}
		fof, _, err := db.Value[string](t.Context(), d, "SELECT entity_id FROM import_key WHERE key = 'org:gz-sti-fof'")
		if err != nil || fof == "" {
			t.Fatal(err)
		}
		made, err := simulate.Run(t.Context(), d, simulate.Options{Seed: 1, Scale: 0.01, FundOfFunds: fof})
		if err != nil {
			t.Fatal(err)
		}
		s := newService(t, d)
		compute(t, s)
		yuan := func(f money.Fen) float64 { return float64(f) / 100 }
		for figure, want := range map[string]map[string]float64{
			"funds.fof.subfunds": {" now": float64(made.SubFunds)}, "funds.fof.paid_in": {" now": yuan(made.PaidIn)}, "funds.fof.projects": {" now": float64(made.Projects)},
			"pool.loans": {" now": yuan(made.Lent)}, "pool.firms": {" now": float64(made.Firms)}, "pool.banks": {" now": float64(made.Banks)},
			"pool.compensation": {" 2024": yuan(made.Claims.Amount)}, "listings.new": {" 2024": float64(made.Listed)},
		} {
			got, _ := values(t, s, figure)
			maps.DeleteFunc(got, func(slot string, _ float64) bool { return slot != " now" && slot != " 2024" }) // other years are not counted by the maker
			if diff := cmp.Diff(want, got, close9); diff != "" {
				t.Errorf("%s: %s", figure, diff)
			}
			sheet, err := s.Figure(t.Context(), figure)
			if err != nil || len(sheet.Computed) == 0 || sheet.Computed[0].Simulated != sheet.Computed[0].Records {
				t.Errorf("%s: not all records are marked as simulated: %v %+v", figure, err, sheet.Computed)
			}
		}
		recordsMakeTheValues(t, s)
	})
}
