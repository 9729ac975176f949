package observatory_test

import (
	"bytes"
	"io/fs"
	"testing"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
)

// loadDemo imports the bundled city.
func loadDemo(t testing.TB, d *db.DB) {
	t.Helper()
	in := ingest.New(d, registry.New(d))
	for _, f := range []struct {
		importer string
		file     data.File
		source   string
	}{
		{"sources", data.Sources, ""}, {"gb2260", data.Divisions, "gb2260-npm-8.5.8"}, {"ror", data.ROR, "ror-2026-06"},
		{"organisations", data.Organisations, ""}, {"platforms", data.Platforms, ""}, {"relations", data.Relations, ""},
		{"chinaxiv", data.ChinaXiv, "chinaxiv-2016-2022"}, {"figures", data.Figures, ""}, {"reported", data.Reported, ""},
		{"superlatives", data.Superlatives, ""},
	} {
		raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f.file))
		if err != nil {
			t.Fatal(err)
		}
		r, err := in.Run(t.Context(), ingest.Request{Importer: f.importer, Reader: bytes.NewReader(raw), Name: string(f.file), SourceID: f.source, By: change.Author{Actor: "demo"}})
		if err != nil {
			t.Fatalf("%s: %v", f.file, err)
		}
		if r.Counts.Rejected > 0 {
			t.Errorf("%s: %d rows rejected, first: %v", f.file, r.Counts.Rejected, r.Rejected[0])
		}
	}
}

func TestDemo(t *testing.T) {
	d := dbtest.SQLite(t)
	began := time.Now()
	loadDemo(t, d)
	t.Log("load", time.Since(began))
	s := observatory.New(d, newFacts(t), observatory.Config{City: "440100"})
	run, err := s.Compute(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", run)
	for id, why := range run.Failed {
		t.Errorf("%s: %s", id, why.EN)
	}
	book, err := s.Book(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range book.Figures {
		for i, v := range book.Computed[f.ID] {
			if i < 12 {
				t.Logf("%-36s %-8s %-26s %v %s n=%d", f.ID, v.Slot, v.Item+v.ItemTitle.ZH, v.Known, v.Quantity.Format(i18n.EN), v.Records)
			}
		}
	}
}
