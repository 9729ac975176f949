package world_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// TestImportedSame writes a world as records of OpenAlex, imports them and
// compares each table with that of the world itself.
func TestImportedSame(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := world.Options{Works: 2000, Seed: 5, From: 2017, To: 2021, References: true}
	snapshot := filepath.Join(root, "snapshot")
	if _, err := world.Make(t.Context(), filepath.Join(root, "made"), o, nil); err != nil {
		t.Fatal(err)
	}
	if err := world.WriteJSONL(t.Context(), snapshot, o, world.Snapshot{Part: 300, Stale: 0.05, Deleted: 7}, nil); err != nil {
		t.Fatal(err)
	}
	m, err := corpus.ImportOpenAlex(t.Context(), corpus.Import{Root: root, Name: "read", Paths: []string{snapshot}, References: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Report.Unknown) > 0 {
		t.Errorf("fields that OpenAlex does not have: %v", m.Report.Unknown)
	}
	e := both(t, root)
	const linked = `SELECT child, parent, kind FROM %s_institution_link WHERE kind <> 'joint'`
	for what, query := range map[string]string{
		"work":        `SELECT * FROM %s_work`,
		"authorship":  `SELECT * FROM %s_authorship`,
		"point":       `SELECT * FROM %s_point WHERE kind = 'paper'`,
		"citation":    `SELECT citing, citing_year, cited, coalesce(self, FALSE) AS self FROM %s_citation WHERE cited IN (SELECT work_id FROM made_work)`,
		"institution": `SELECT institution, openalex, name_en, name_zh, kind, country, lat, lon FROM %s_institution WHERE institution IN (SELECT institution FROM read_institution)`,
		"city":        `SELECT institution, city, city_en FROM %s_institution WHERE country <> 'CN' AND institution IN (SELECT institution FROM read_institution)`,
		"link":        linked + ` AND child IN (SELECT institution FROM read_institution)`,
		"source":      `SELECT * FROM %s_source WHERE source_id IN (SELECT source_id FROM made_work)`,
		"topic":       `SELECT * FROM %s_field WHERE level = 'topic' AND field IN (SELECT topic FROM made_work)`,
		"field":       `SELECT * FROM %s_field WHERE level IN ('field', 'domain')`,
	} {
		a, b := fmt.Sprintf(query, "made"), fmt.Sprintf(query, "read")
		if n := count(t, e, a); n == 0 {
			t.Errorf("%s: no row to compare", what)
		}
		for _, pair := range [][2]string{{a, b}, {b, a}} {
			if n := count(t, e, pair[0]+" EXCEPT ALL "+pair[1]); n != 0 {
				t.Errorf("%s: %d rows of %q are not in the other", what, n, pair[0])
			}
		}
	}
}

// both shows the tables of the two corpora to one DuckDB.
func both(t *testing.T, root string) *stats.Engine {
	t.Helper()
	e, err := stats.NewEngine(t.Context(), stats.EngineConfig{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	for _, name := range []string{"made", "read"} {
		dir := filepath.Join(root, name)
		m, err := corpus.ReadManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range m.Views(dir) {
			v.Name = name + "_" + v.Name
			if err := e.View(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	return e
}

func count(t *testing.T, e *stats.Engine, query string) int64 {
	t.Helper()
	n, err := db.Collect(t.Context(), e, func(scan db.Scan) (n int64, err error) { return n, scan(&n) }, "SELECT count(*) FROM ("+query+")")
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n[0]
}

// TestRecords reads each line as JSON, and looks at the size: real records are
// of 6 to 10 kB.
func TestRecords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := world.Options{Works: 1000, Seed: 4}
	if err := world.WriteJSONL(t.Context(), dir, o, world.Snapshot{Part: 400}, nil); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "data", "jsonl", "*", "*", "part_*.gz"))
	if err != nil || len(files) != 3+3 {
		t.Fatalf("files %v, %v", files, err)
	}
	works, size := 0, 0
	for _, path := range files {
		text := unzip(t, path)
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var record struct {
				ID, Title   string
				Authorships []struct{ Author struct{ ID string } }
			}
			if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
				t.Fatalf("%s: %v\n%s", path, err, lines.Text())
			}
			if record.Title != "" {
				works, size = works+1, size+len(lines.Bytes())
			}
		}
	}
	if works != 1000 || size/works < 6000 || size/works > 10000 {
		t.Errorf("%d works of %d bytes each", works, size/max(works, 1))
	}
}

func unzip(t *testing.T, path string) []byte {
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
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
