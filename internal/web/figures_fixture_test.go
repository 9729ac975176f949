package web

import (
	"bytes"
	"context"
	"io/fs"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/stats"
)

// cityFiles are the small files of the bundled city: without ROR and ChinaXiv,
// so that some hosts stay unnamed and some figures stay without records.
var cityFiles = []struct {
	importer string
	file     data.File
	source   string
}{
	{"sources", data.Sources, ""}, {"gb2260", data.Divisions, "gb2260-npm-8.5.8"}, {"organisations", data.Organisations, ""},
	{"platforms", data.Platforms, ""}, {"figures", data.Figures, ""}, {"reported", data.Reported, ""},
	{"awards", data.Awards, ""}, {"superlatives", data.Superlatives, ""},
}

// cityServices are the real rooms over the small files of the bundled city,
// with figures computed.
func cityServices(t testing.TB, d *db.DB) Services {
	t.Helper()
	ctx := context.Background()
	v := Services{DB: d, Registry: registry.New(d)}
	in := ingest.New(d, v.Registry)
	for _, f := range cityFiles {
		raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f.file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Run(ctx, ingest.Request{Importer: f.importer, Reader: bytes.NewReader(raw), Name: string(f.file), SourceID: f.source, By: change.Author{Actor: "test"}}); err != nil {
			t.Fatalf("%s: %v", f.file, err)
		}
	}
	facts, err := stats.New(t.TempDir(), observatory.Facts(), stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	v.Observatory = observatory.New(d, facts, observatory.Config{City: "440100"})
	run, err := v.Observatory.Compute(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for id, why := range run.Failed {
		t.Logf("not computed: %s: %s", id, why.EN)
	}
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.TileMap))
	if err != nil {
		t.Fatal(err)
	}
	if v.TileMap, err = ReadTileMap(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	v.Audit = func(ctx context.Context, doc claims.Document) (claims.Report, error) {
		return claims.Check(ctx, doc, bookOf{v.Observatory}, claims.CheckOptions{})
	}
	return v
}

// bookOf shows the observatory to package claims, as plainly as a test needs.
type bookOf struct{ o *observatory.Service }

func (b bookOf) Figures(ctx context.Context) ([]claims.Figure, error) {
	book, err := b.o.Book(ctx)
	var out []claims.Figure
	for _, f := range book.Figures {
		x := claims.Figure{ID: f.ID, Title: f.Title, Terms: append(f.Terms.ZH, f.Terms.EN...), Unit: f.Unit, Numerator: f.Numerator, Denominator: f.Denominator, Variants: f.Variants}
		if f.Reading == "led" {
			x.Reading, x.Qualifiers = i18n.Text{ZH: "仅牵头", EN: "led only"}, []string{"牵头", "led"}
		}
		for _, r := range book.Reported[f.ID] {
			x.Values = append(x.Values, claims.Value{Quantity: r.Quantity, Period: r.Period, Edition: r.Edition, DataYear: r.DataYear, Basis: claims.Reported, SourceID: r.SourceID, SourceTitle: book.Sources[r.SourceID].Title, Note: r.Note})
		}
		for _, c := range book.Computed[f.ID] {
			if c.Known && c.Item == "" {
				x.Values = append(x.Values, claims.Value{Quantity: c.Quantity, Period: c.Period, Basis: claims.Computed, SourceTitle: i18n.Text{ZH: "由记录计算", EN: "computed"}})
			}
		}
		out = append(out, x)
	}
	return out, err
}

// citySite serves the pages of figures and of registers over the small city.
func citySite(t testing.TB, o Options) *Site {
	t.Helper()
	s := kitSite(t, o)
	v := cityServices(t, dbtest.SQLite(t))
	s.AddRegisters(v)
	s.AddFigures(v)
	return s
}
