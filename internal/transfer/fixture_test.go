package transfer_test

import (
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

var (
	lin    = change.Author{Actor: "lin", Reason: "test"}
	loader = change.Author{Actor: "import", BatchID: "batch-1"}

	public  = level.Viewer{}
	partner = level.Viewer{User: "pan", Clearance: level.Partner}
	staff   = level.Viewer{User: "lin", Clearance: level.Internal}
	other   = level.Viewer{User: "mei", Clearance: level.Internal}
)

// eachEngine runs a test on both engines with a room, two sources and two
// organisations.
func eachEngine(t *testing.T, fn func(t *testing.T, d *db.DB, s *transfer.Service)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		inTx(t, d, func(tx *db.Tx) error {
			for id, tag := range map[string]source.Tag{"market": source.Own, "closed-set": source.Red} {
				if _, err := source.Put(t.Context(), tx, lin, source.Source{ID: id, Title: i18n.Text{EN: id}, LicenceTag: tag}); err != nil {
					return err
				}
			}
			_, err := registry.New(d).PutOrgs(t.Context(), tx, lin, []registry.Org{org("org-1", "示例大学"), org("org-2", "示例公司")})
			return err
		})
		fn(t, d, transfer.New(d))
	})
}

func org(id, name string) registry.Org {
	return registry.Org{ID: id, Kind: registry.University, Names: []registry.Name{{Text: name, Kind: registry.Official}}, SourceID: "market"}
}

func inTx(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// counts writes outcomes as created/updated/unchanged/rejected.
func counts(out []transfer.Outcome) string {
	n := map[registry.Result]int{}
	for _, o := range out {
		n[o.Result]++
	}
	return fmt.Sprintf("%d/%d/%d/%d", n[registry.Created], n[registry.Updated], n[registry.Unchanged], n[registry.Rejected])
}

func fen(yuan int64) *money.Fen {
	f := money.Fen(yuan) * money.Yuan
	return &f
}

func common(key, title string, l level.Level) transfer.Common {
	return transfer.Common{Key: key, Title: i18n.Text{ZH: title}, Summary: i18n.Text{ZH: "简介"}, Level: l, SourceID: "market"}
}

func result(key, title string, l level.Level) transfer.Result {
	return transfer.Result{Common: common(key, title, l), Type: transfer.Process}
}

func need(key, title string, l level.Level) transfer.Need {
	return transfer.Need{Common: common(key, title, l), Kind: transfer.Technical, Text: "要解决的问题"}
}

// rich is a result that states all there is to state.
func rich() transfer.Result {
	r := result("rich", "高韧性立方氮化硼单晶", level.Public)
	r.OwnerID, r.OwnerText, r.Division, r.Readers = "org-1", "示例大学", "440106", []string{"pan"}
	r.Fields = transfer.Fields{IPC: []string{"c30b29/38", "C30B"}, IPCEdition: "2024.01", Industry: []string{"3099", "C39"}, Keywords: []string{"立方氮化硼"}}
	r.Maturity = []transfer.TRL{
		{Level: 5, Scale: transfer.GBT22900, Edition: "2009", On: "2025-03", Assessor: "self", Evidence: "试验报告"},
		{Level: 3, Scale: transfer.GBT22900, Edition: "2009", On: "2023", Assessor: "self", Evidence: "论文"},
		{Level: 8, Scale: transfer.GBT22900, Edition: "2009", On: "2028", Assessor: "self", Evidence: "计划书", Planned: true},
	}
	r.Rights = []transfer.Right{{Kind: transfer.Invention, Number: "201710601862.3", Status: transfer.Granted}, {Kind: transfer.KnowHow}}
	r.Stage, r.Forms = transfer.Middle, []transfer.Form{transfer.Licence, transfer.Equity}
	r.Price = transfer.Price{Min: fen(100000), Max: fen(500000), Negotiable: true}
	r.Team = []transfer.Member{{Name: "张示例", Role: "负责人"}}
	return r
}
