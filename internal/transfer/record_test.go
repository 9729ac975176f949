package transfer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

func TestPutReadsBack(t *testing.T) {
	eachEngine(t, func(t *testing.T, d *db.DB, s *transfer.Service) {
		for _, want := range []string{"2/0/0/1", "0/0/2/1"} {
			inTx(t, d, func(tx *db.Tx) error {
				out, err := s.PutResults(t.Context(), tx, loader, []transfer.Result{rich(), result("plain", "普通成果", level.Public), {}})
				if counts(out) != want {
					t.Errorf("%+v, want %s", out, want)
				}
				return err
			})
		}
		id := db.DerivedID(transfer.KindResult, "rich")
		got, err := s.Result(t.Context(), public, id)
		must(t, err)
		want := rich()
		want.ID, want.Status, want.ListedOn, want.ExpiresOn, want.BatchID, want.Version = id, transfer.Listed, "2026-01-02", "2027-01-02", "batch-1", 1
		want.CreatedBy, want.UpdatedBy, want.Open = "import", "import", level.Public
		want.Fields.IPC, want.Fields.Industry = []string{"C30B 29/38", "C30B"}, []string{"C3099", "C39"}
		want.Maturity[0], want.Maturity[1] = want.Maturity[1], want.Maturity[0]
		want.Owner = &registry.Ref{Kind: "org", ID: "org-1", Name: got.Owner.Name}
		want.Rights[0].Number = got.Rights[0].Number
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(transfer.Common{}, "CreatedAt", "UpdatedAt")); diff != "" {
			t.Error(diff)
		}
		if c := transfer.Current(got.Maturity); c == nil || c.Level != 5 || got.Owner.Name.ZH != "示例大学" {
			t.Errorf("%+v, %+v", c, got.Owner)
		}
		log, err := change.Of(t.Context(), d, transfer.KindResult, id, 0, 10)
		if err != nil || len(log) != 1 || log[0].Action != change.Create {
			t.Errorf("%v, %v", log, err)
		}
		for name, f := range map[string]transfer.ResultFilter{
			"all":    {Type: transfer.Process, Stage: transfer.Middle, Form: transfer.Equity, Right: transfer.KnowHow, TRLMin: 5, TRLMax: 5, TRLScale: transfer.GBT22900, PriceMax: fen(100000)},
			"common": {Filter: transfer.Filter{Query: "氮化硼", Status: []transfer.Status{transfer.Listed}, Live: true, Level: level.Public, OwnerID: "org-1", Division: "440100", IPC: "C30B", Industry: "C30", Source: "market", Batch: "batch-1", Author: "import"}},
		} {
			l, err := s.Results(t.Context(), public, f)
			if err != nil || l.Total != 1 || len(l.Items) != 1 || l.Items[0].ID != id {
				t.Errorf("%s: %+v, %v", name, l, err)
			}
		}
		facets, err := s.ResultFacets(t.Context(), public, transfer.ResultFilter{Filter: transfer.Filter{Live: true}})
		must(t, err)
		for field, want := range map[string][]registry.Facet{
			"form": {{Value: "equity", Count: 1}, {Value: "licence", Count: 1}, {Count: 1}}, "section": {{Value: "C", Count: 1}, {Count: 1}},
			"owner": {{Value: "org-1", Count: 1}, {Count: 1}}, "status": {{Value: "listed", Count: 2}},
		} {
			if diff := cmp.Diff(want, facets[field], cmpopts.SortSlices(func(a, b registry.Facet) bool { return a.Value < b.Value })); diff != "" {
				t.Errorf("%s: %s", field, diff)
			}
		}
	})
}
