package corpus_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/shareddata"
	"github.com/kapok-city/kapok/internal/stats"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func importAll(t *testing.T, im corpus.Import) (corpus.Manifest, string) {
	t.Helper()
	if im.Root == "" {
		im.Root = t.TempDir()
	}
	if im.Name == "" {
		im.Name = "trial"
	}
	im.Now = noon
	m, err := corpus.ImportOpenAlex(context.Background(), im)
	if err != nil {
		t.Fatal(err)
	}
	return m, filepath.Join(im.Root, im.Name)
}

func ask[T any](t *testing.T, dir, query string) T {
	t.Helper()
	s, err := corpus.Open(context.Background(), dir, stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, ok, err := db.Value[T](context.Background(), s, query)
	if err != nil || !ok {
		t.Fatalf("%s: %v, row %v", query, err, ok)
	}
	return v
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %v, want %v within %v", what, got, want, within)
	}
}

// TestCoastalSample imports a real sample of 1,496 works and compares with the
// aggregates that its makers publish.
func TestCoastalSample(t *testing.T) {
	m, dir := importAll(t, corpus.Import{Paths: []string{shareddata.Path(t, "openalex_works_sample/openalex_works_coastal.csv.gz")}})
	// Seven works of the sample have no year; the published n counts them.
	if r := m.Report; r.Read != 1496 || r.Kept != 1489 || r.Faults["no_year"].Count != 7 {
		t.Errorf("read %d, kept %d, without a year %d; want 1496, 1489, 7", r.Read, r.Kept, r.Faults["no_year"].Count)
	}
	for query, want := range map[string]int64{
		"SELECT count(*) FROM work":                         1489,
		"SELECT count(fwci) FROM work":                      1207,
		"SELECT CAST(sum(cited) AS BIGINT) FROM work":       58579,
		"SELECT count(DISTINCT work_id) FROM authorship":    1484,
		"SELECT count(*) FROM work WHERE field IS NOT NULL": 1365,
	} {
		if got := ask[int64](t, dir, query); got != want {
			t.Errorf("%s = %d, want %d", query, got, want)
		}
	}
	near(t, "mean FWCI", ask[float64](t, dir, "SELECT avg(fwci) FROM work"), 6.94, 0.005)
	near(t, "median FWCI", ask[float64](t, dir, "SELECT median(fwci) FROM work"), 1.69, 0.005)
	near(t, "weights", ask[float64](t, dir, "SELECT max(abs(w - 1)) FROM (SELECT sum(weight) AS w FROM authorship GROUP BY work_id)"), 0, 1e-9)
	one, ten := flagged(t, shareddata.Path(t, "openalex_works_sample/openalex_works_coastal.csv.gz"))
	for _, c := range []struct {
		ids  []string
		want int64
	}{{one, 92}, {ten, 526}} {
		if got := ask[int64](t, dir, "SELECT count(*) FROM work WHERE work_id IN ("+strings.Join(c.ids, ",")+")"); got != c.want || int64(len(c.ids)) != c.want {
			t.Errorf("%d of %d flagged works are in the corpus, want %d", got, len(c.ids), c.want)
		}
	}
}

// flagged returns the ids of the works that OpenAlex flags as the top 1 % and
// the top 10 % of their cells.
func flagged(t *testing.T, path string) (one, ten []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:] {
		id := strings.TrimPrefix(row[at["work_id"]], "W")
		if row[at["is_top_1pct"]] == "True" {
			one = append(one, id)
		}
		if row[at["is_top_10pct"]] == "True" {
			ten = append(ten, id)
		}
	}
	return one, ten
}

// TestExportSample imports the table that OpenAlex's web page exports.
func TestExportSample(t *testing.T) {
	m, dir := importAll(t, corpus.Import{Paths: []string{shareddata.Path(t, "openalex_works_sample/openalex_export_format_sample.csv")}})
	if m.Report.Kept != 8 || len(m.Report.Unknown) != 0 {
		t.Errorf("%+v", m.Report)
	}
	if n := ask[int64](t, dir, "SELECT cited FROM work WHERE work_id = 2755950973 AND year = 2017 AND doi = '10.1016/j.joi.2017.08.007' AND source_id = 205292342"); n != 13235 {
		t.Errorf("cited %d", n)
	}
	near(t, "weights", ask[float64](t, dir, "SELECT max(abs(w - 1)) FROM (SELECT sum(weight) AS w FROM authorship GROUP BY work_id)"), 0, 1e-9)
}
