package corpus_test

import (
	"context"
	"math"
	"path/filepath"
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
}
