package app_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/ranking"
)

// papers returns some lines of the bundled papers.
func papers(t *testing.T, from, to int) io.Reader {
	t.Helper()
	packed, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.ChinaXiv))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReader(strings.Join(strings.SplitAfter(string(raw), "\n")[from:to], ""))
}

// TestTheCorpusOfPapersFollowsTheRegistry imports papers after the corpus was
// made: it is made again, and its rankings with it.
func TestTheCorpusOfPapersFollowsTheRegistry(t *testing.T) {
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir()}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	load := func(importer, source string, r io.Reader) {
		t.Helper()
		report, err := a.Ingest.Run(t.Context(), ingest.Request{Importer: importer, Reader: r, Name: importer, SourceID: source, By: change.Author{Actor: "test"}})
		if err != nil || report.Counts.Rejected > 0 {
			t.Fatalf("%s: %+v, %v", importer, report.Counts, err)
		}
	}
	sources, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Sources))
	if err != nil {
		t.Fatal(err)
	}
	load("sources", "", bytes.NewReader(sources))
	load("chinaxiv", "chinaxiv-2016-2022", papers(t, 0, 3))
	if err := a.LoadCorpora(t.Context(), data.Guangzhou, func(corpus.Manifest) {}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []float64{3, 8} {
		if err := a.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		table, err := a.Rankings.Table(t.Context(), ranking.Query{Corpus: app.PapersCorpus, Unit: "year"})
		if err != nil || table.World.Values["p"] != want {
			t.Fatalf("%v works, %v; want %v", table.World.Values["p"], err, want)
		}
		if want == 3 {
			load("chinaxiv", "chinaxiv-2016-2022", papers(t, 3, 8))
		}
	}
}

// TestTheCityIsRankedFromItsPapers holds the real ranking against what the
// papers are: shares of organisations add up to no more than the papers.
func TestTheCityIsRankedFromItsPapers(t *testing.T) {
	a := city(t)
	table, err := a.Rankings.Table(t.Context(), ranking.Query{Corpus: app.PapersCorpus, Unit: "organisation", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	home := 0
	for _, row := range table.Rows {
		sum += row.Values["share"]
		if row.OrgID == "" || row.Name.IsZero() {
			t.Errorf("organisation %s opens to no record: %+v", row.Unit, row)
		}
		if row.Home {
			home++
		}
		if _, known := row.Values["mncs"]; known {
			t.Errorf("%s has a citation score, and no citations are known", row.Unit)
		}
	}
	if world := table.World.Values["share"]; sum > world || sum < world/3 || home < 20 {
		t.Errorf("%d organisations at home; all hold %v of %v papers", home, sum, world)
	}
	if math.Abs(sum-table.Placed) > 1e-9 {
		t.Errorf("the table says that %v papers are placed, its rows hold %v", table.Placed, sum)
	}
}

// TestRankingsGoIntoARelease freezes figures and both rankings, and recomputes
// them from the folder alone.
func TestRankingsGoIntoARelease(t *testing.T) {
	a := city(t)
	parts, err := a.ReleaseParts(t.Context(), []string{app.PapersCorpus, app.WorldCorpus})
	if err != nil {
		t.Fatal(err)
	}
	key, err := release.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	built, err := a.Releases.Build(t.Context(), change.Author{Actor: "test"}, release.Options{Name: "with-rankings", Parts: parts, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	report, err := release.Verify(t.Context(), a.Releases.Dir(built.Name), release.VerifyOptions{})
	if err != nil || !report.OK || report.Results != 8 {
		t.Errorf("%d results recomputed, %v, faults %+v", report.Results, err, report.Faults)
	}
	_, snapshot, err := a.Releases.Snapshot(t.Context(), built.Name)
	if err != nil || !snapshot.Manifest.Simulated {
		t.Errorf("a release with a simulated world does not say so: %v", err)
	}
}
