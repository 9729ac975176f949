package observatory_test

import (
	"bytes"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
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

// The bundled city: every computation runs, every value opens to records that
// make it up, and the run stays within two seconds.
func TestDemoCity(t *testing.T) {
	d := dbtest.SQLite(t)
	loadDemo(t, d)
	s := newService(t, d)
	run := compute(t, s)
	t.Logf("%d figures, %d values in %s", run.Computed, run.Written, run.Took)
	if run.Computed < 25 || run.Written < 100 {
		t.Errorf("%d figures and %d values", run.Computed, run.Written)
	}
	if n := recordsMakeTheValues(t, s); n < 50 {
		t.Errorf("only %d values opened", n)
	}
	for figure, want := range map[string]map[string]float64{
		"awards.share.all":          {" 2023": 2600.0 / 53},
		"awards.share.led":          {" 2023": 1100.0 / 14},
		"awards.guangdong.growth":   {" 2023": 1700.0 / 36},
		"consortium.average":        {" 2024": 1.45e6},
		"platforms.provincial_labs": {" now": 4},
	} {
		got, _ := values(t, s, figure)
		if diff := cmp.Diff(want, got, close9); diff != "" {
			t.Errorf("%s: %s", figure, diff)
		}
	}
	years, _ := values(t, s, "papers.year")
	fractions, _ := values(t, s, "papers.fractional")
	if years[" 2017"] < 400 || len(years) != len(fractions) {
		t.Errorf("papers by year %v, fractional %v", years, fractions)
	}
	for year, n := range years {
		if f := fractions[year]; f <= 0 || f > n {
			t.Errorf("%s: %v papers, %v fractional", year, n, f)
		}
	}
	cards, err := s.Overview(t.Context())
	if err != nil || len(cards) < 12 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	for _, c := range cards {
		if !c.Known || c.Basis == observatory.BasisReported && (c.SourceID == "" || c.Source.IsZero()) {
			t.Errorf("card %s: known %v, source %q", c.Figure.ID, c.Known, c.SourceID)
		}
	}
}

func BenchmarkCompute(b *testing.B) {
	d := dbtest.SQLite(b)
	loadDemo(b, d)
	for b.Loop() {
		b.StopTimer()
		if _, err := d.Exec(b.Context(), "DELETE FROM figure_run"); err != nil {
			b.Fatal(err)
		}
		if _, err := d.Exec(b.Context(), "DELETE FROM figure_value"); err != nil {
			b.Fatal(err)
		}
		s := observatory.New(d, newFacts(b), observatory.Config{City: guangzhou})
		b.StartTimer()
		if run, err := s.Compute(b.Context()); err != nil || len(run.Facts.Written) != len(observatory.Facts()) {
			b.Fatal(run, err)
		}
	}
}

func BenchmarkRecords(b *testing.B) {
	d := dbtest.SQLite(b)
	loadDemo(b, d)
	s := newService(b, d)
	compute(b, s)
	for b.Loop() {
		if _, err := s.Records(b.Context(), observatory.RecordsQuery{FigureID: "papers.all"}); err != nil {
			b.Fatal(err)
		}
	}
}
