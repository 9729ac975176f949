package corpus

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// limits sets the limits of reading for one test.
func limits(t *testing.T, segment int64, line int) {
	t.Helper()
	a, b, c := segmentSize, lineMost, bombFloor
	segmentSize, lineMost, bombFloor = segment, line, 1<<20
	t.Cleanup(func() { segmentSize, lineMost, bombFloor = a, b, c })
}

func put(t *testing.T, path string, data []byte) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plainWork is a short record.
func plainWork(id, year int, more string) string {
	return fmt.Sprintf(`{"id":"https://openalex.org/W%d","title":"Work %d","publication_year":%d,"type":"article","cited_by_count":%d,"authorships":[{"author":{"id":"https://openalex.org/A%d"},"institutions":[{"id":"https://openalex.org/I%d","display_name":"Inst %d","country_code":"CN","lineage":["https://openalex.org/I%d","https://openalex.org/I1"]}],"affiliations":[{"raw_affiliation_string":"x","institution_ids":["https://openalex.org/I%d"]}]}]%s}`,
		id, id, year, id%7, id%50+1, id%9+2, id%9+2, id%9+2, id%9+2, more)
}

func run1(t *testing.T, im Import) (Manifest, string) {
	t.Helper()
	if im.Root == "" {
		im.Root = t.TempDir()
	}
	im.Name, im.Now = "trial", noon
	m, err := ImportOpenAlex(context.Background(), im)
	if err != nil {
		t.Fatal(err)
	}
	return m, filepath.Join(im.Root, im.Name)
}

// rowsOf returns the rows of a query, each as one text.
func rowsOf(t *testing.T, dir, query string) []string {
	t.Helper()
	s, err := Open(context.Background(), dir, stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := db.Collect(context.Background(), s, func(s db.Scan) (out string, err error) { return out, s(&out) }, query)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// balanced holds a report to its promise: what was read is kept or dropped.
func balanced(t *testing.T, r Report) {
	t.Helper()
	sum := r.Kept
	for kind, f := range r.Faults {
		if dropped[kind] {
			sum += f.Count
		}
		if f.Count > 0 && len(f.Samples) == 0 {
			t.Errorf("%s has no sample", kind)
		}
	}
	if sum != r.Read {
		t.Errorf("%d read, but kept and dropped are %d: %+v", r.Read, sum, r)
	}
}

// TestSnapshot imports a small snapshot in the present layout: two partitions,
// the newer of which changes, moves and repeats works, and a list of deletions.
func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	old := plainWork(1, 2020, "") + "\n" + plainWork(2, 2020, "") + "\n" + plainWork(3, 2021, "") + "\n" + plainWork(4, 2021, "") + "\n"
	fresh := plainWork(2, 2022, `,"title":"Moved"`) + "\n" + plainWork(3, 2021, `,"title":"New"`) + "\n" + plainWork(3, 2021, `,"title":"Twice"`) + "\n" + plainWork(5, 2023, `,"is_retracted":true`) + "\n"
	put(t, filepath.Join(dir, "data/jsonl/works/updated_date=2026-01-01/part_0000.gz"), packed(t, old))
	put(t, filepath.Join(dir, "data/jsonl/works/updated_date=2026-06-01/part_0000.gz"), packed(t, fresh))
	put(t, filepath.Join(dir, "data/jsonl/works/updated_date=2026-06-01/_SUCCESS"), nil)
	put(t, filepath.Join(dir, "data/jsonl/works/deleted_ids.csv"), []byte("id\nhttps://openalex.org/W4\nW99\n"))
	put(t, filepath.Join(dir, "data/jsonl/authors/updated_date=2026-01-01/part_0000.gz"), packed(t, "{}"))
	put(t, filepath.Join(dir, "data/jsonl/institutions/updated_date=2026-01-01/part_0000.gz"), packed(t,
		`{"id":"https://openalex.org/I4","display_name":"Four","country_code":"CN","geo":{"city":"Guangzhou","geonames_city_id":"1809858","latitude":23.1,"longitude":113.2},"lineage":["https://openalex.org/I4","https://openalex.org/I1"]}`+"\n"+
			`{"id":"https://openalex.org/I3","display_name":"Bad place","country_code":"US","geo":{"geonames_city_id":"7","latitude":123.1,"longitude":113.2},"lineage":[]}`+"\n{broken\n"))
	m, at := run1(t, Import{Paths: []string{dir}})
	balanced(t, m.Report)
	want := []string{"1 2020 Work 1", "2 2022 Moved", "3 2021 Twice", "5 2023 Work 5"}
	if d := cmp.Diff(want, rowsOf(t, at, "SELECT work_id || ' ' || year || ' ' || title FROM work ORDER BY work_id")); d != "" {
		t.Error(d)
	}
	for kind, n := range map[string]int64{faultOlder: 2, faultDuplicate: 1, faultDeleted: 1, "entity_" + faultBadCoordinates: 1, "entity_" + faultBrokenLine: 1} {
		if got := m.Report.Faults[kind].Count; got != n {
			t.Errorf("%s: %d, want %d", kind, got, n)
		}
	}
	if m.Parameters["ignored"] != "authors" || m.From != 2020 || m.To != 2023 {
		t.Errorf("%+v", m)
	}
	if d := cmp.Diff([]string{"W2 113.2 23.1 1.0"}, rowsOf(t, at, "SELECT document || ' ' || lon || ' ' || lat || ' ' || weight FROM point")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"3>1 component", "4>1 component", "5>1 component", "7>1 component"}, rowsOf(t, at, "SELECT child || '>' || parent || ' ' || kind FROM institution_link ORDER BY ALL")); d != "" {
		t.Error(d)
	}
	if s := m.Report.Faults[faultDuplicate].Samples[0]; s.Line != 2 || s.Text != "W3" || !strings.HasSuffix(s.File, "updated_date=2026-06-01/part_0000.gz") {
		t.Errorf("sample %+v", s)
	}
	if _, err := os.Stat(filepath.Join(at, stageName)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what was staged is still there")
	}
}

// TestBadInput imports every kind of bad input that a file of works can hold.
func TestBadInput(t *testing.T) {
	limits(t, 1<<20, 4096)
	authors := strings.TrimSuffix(strings.Repeat(`{"author":{"id":"A1"}},`, 100), ",")
	lines := []string{
		plainWork(1, 2020, `,"brand_new":{"a":[1,2]},"authors_count":3`),
		`{"id":"https://openalex.org/W2","publication_year":2020,"cited_by_count":-5,"title":7,"publication_date":"2020-02-30"}`,
		`{"id":"W3","publication_year":2020`,
		`not json`,
		`{"id":12,"publication_year":2020}`,
		`{"id":"W4"}`,
		`{"id":"W5","publication_year":"2020"}`,
		`{"id":"W6","publication_year":99999}`,
		`{"id":"W7","publication_year":2020,"title":"` + strings.Repeat("x", 5000) + `"}`,
		"{\"id\":\"W8\",\"publication_year\":2020,\"title\":\"bad \xff text\",\"authorships\":\"none\"}",
		`{"id":"W9","publication_year":2020,"is_authors_truncated":true,"authorships":[{"author":{"id":"A1"},"institutions":[{"id":"https://openalex.org/I-1"}]}]}`,
		`{"id":"W10","publication_year":2020,"authors_count":250,"is_authors_truncated":true,"authorships":[` + authors + `]}`,
		plainWork(1, 2020, ""),
		"",
		`[1,2,3]`,
	}
	file := put(t, filepath.Join(t.TempDir(), "works.jsonl"), []byte(strings.Join(lines, "\n")+"\n"))
	dry, _ := run1(t, Import{Paths: []string{file}, DryRun: true})
	m, at := run1(t, Import{Paths: []string{file}})
	balanced(t, m.Report)
	if d := cmp.Diff(m.Report, dry.Report); d != "" {
		t.Errorf("the dry run said something else: %s", d)
	}
	if m.Report.Read != 14 || m.Report.Kept != 5 || m.Report.Unknown["brand_new"] != 1 {
		t.Errorf("%+v", m.Report)
	}
	for kind, n := range map[string]int64{faultBrokenLine: 3, faultBadID: 1, faultNoYear: 3, faultBadYear: 1, faultWrongType: 4, faultNegativeCitations: 1, faultBadDate: 1, faultOversize: 1,
		faultBadText: 1, faultNoAuthors: 2, faultCutList: 1, faultSentinel: 1, faultDuplicate: 1} {
		if got := m.Report.Faults[kind]; got.Count != n {
			t.Errorf("%s: %+v, want %d", kind, got, n)
		}
	}
	if s := m.Report.Faults[faultBrokenLine].Samples[1]; s.Line != 4 || s.Text != "not json" {
		t.Errorf("sample %+v", s)
	}
	want := []string{"100 0.400", "NULL 0.600"}
	if d := cmp.Diff(want, rowsOf(t, at, "SELECT CASE WHEN author_seq IS NULL THEN 'NULL' ELSE '100' END || ' ' || printf('%.3f', sum(weight)) FROM authorship WHERE work_id = 10 GROUP BY author_seq IS NULL ORDER BY 1")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"1 1.000", "9 1.000", "10 1.000"}, rowsOf(t, at, "SELECT work_id || ' ' || printf('%.3f', sum(weight)) FROM authorship GROUP BY work_id ORDER BY work_id")); d != "" {
		t.Error(d)
	}
}

// TestBrokenFiles reads what comes before the damage of a packed file, and
// counts the damage.
func TestBrokenFiles(t *testing.T) {
	limits(t, 1<<20, 1<<20)
	dir := t.TempDir()
	var text strings.Builder
	for i := range 3000 {
		text.WriteString(plainWork(i+1, 2000+i%20, "") + "\n")
	}
	z := packed(t, text.String())
	put(t, filepath.Join(dir, "works/updated_date=2026-01-01/part_000.gz"), z[:len(z)*2/3])
	put(t, filepath.Join(dir, "works/updated_date=2026-01-02/part_000.gz"), packed(t, strings.Repeat("\x00", 40<<20)))
	put(t, filepath.Join(dir, "works/updated_date=2026-01-03/part_000.gz"), packed(t, plainWork(9999, 2020, "")))
	m, _ := run1(t, Import{Paths: []string{dir}})
	balanced(t, m.Report)
	if f := m.Report.Faults; f[faultFileTruncated].Count != 1 || f[faultFileBomb].Count != 1 || m.Report.Kept < 1000 || m.Report.Kept > 2500 {
		t.Errorf("%+v", m.Report)
	}
}

// TestParquetInput reads the same works as JSON lines and as Parquet.
func TestParquetInput(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 50 {
		text.WriteString(strings.ReplaceAll(strings.Replace(fullRecord, "W4400000001", fmt.Sprint("W", i+1), 1), "\n", "") + "\n")
	}
	lines := put(t, filepath.Join(dir, "a/works/part_000.jsonl"), []byte(text.String()))
	e, err := stats.NewEngine(context.Background(), stats.EngineConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	rows := filepath.Join(dir, "b/data/parquet/works/updated_date=2026-01-01")
	if err := os.MkdirAll(rows, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Copy(context.Background(), "SELECT * FROM read_json('"+lines+"')", filepath.Join(rows, "part_0000.parquet")); err != nil {
		t.Fatal(err)
	}
	a, one := run1(t, Import{Paths: []string{filepath.Join(dir, "a")}, References: true})
	b, two := run1(t, Import{Paths: []string{filepath.Join(dir, "b")}, References: true})
	balanced(t, b.Report)
	if a.Report.Kept != 50 || b.Report.Kept != 50 {
		t.Fatalf("kept %d and %d", a.Report.Kept, b.Report.Kept)
	}
	for _, table := range Tables {
		query := "SELECT CAST(t AS VARCHAR) FROM " + table.Name + " t ORDER BY 1"
		if d := cmp.Diff(rowsOf(t, one, query), rowsOf(t, two, query)); d != "" {
			t.Errorf("%s: %s", table.Name, d)
		}
	}
	if got := rowsOf(t, one, "SELECT concat_ws(' ', citing, cited, self) FROM citation WHERE citing < 3 ORDER BY ALL"); len(got) != 4 || got[0] != "1 1 true" {
		t.Errorf("citations %v", got)
	}
}

// TestResume kills an import with signal 9 in the middle, again and again, and
// compares what the last run leaves with what an unbroken one does.
func TestResume(t *testing.T) {
	if dir := os.Getenv("KAPOK_TEST_IMPORT"); dir != "" {
		limits(t, 64<<10, 1<<20)
		_, err := ImportOpenAlex(context.Background(), resumed(dir))
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	limits(t, 64<<10, 1<<20)
	dir := t.TempDir()
	var text, more strings.Builder
	for i := range 4000 {
		text.WriteString(plainWork(i+1, 1990+i%30, "") + "\n")
		more.WriteString(plainWork(i*2+1, 1990+i%31, "") + "\nbroken\n")
	}
	put(t, filepath.Join(dir, "in/works/updated_date=2026-01-01/part_000.jsonl"), []byte(text.String()))
	put(t, filepath.Join(dir, "in/works/updated_date=2026-02-01/part_000.gz"), packed(t, more.String()))
	whole := resumed(dir)
	whole.Root = filepath.Join(dir, "whole")
	if _, err := ImportOpenAlex(context.Background(), whole); err != nil {
		t.Fatal(err)
	}
	kills := 0
	for wait := 100 * time.Millisecond; ; wait += wait / 2 {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestResume$")
		cmd.Env = append(os.Environ(), "KAPOK_TEST_IMPORT="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(wait):
			_ = cmd.Process.Kill()
			<-ended
			list, err := List(filepath.Join(dir, "broken"))
			if err != nil || len(list) == 1 && list[0].Rows("work") != 6000 || len(list) > 1 {
				t.Fatalf("a half-written corpus shows: %v %v", list, err)
			}
			kills++
			continue
		}
		break
	}
	t.Logf("killed %d times", kills)
	if kills == 0 {
		t.Error("the import was never killed")
	}
	if d := cmp.Diff(tree(t, filepath.Join(dir, "whole", "trial")), tree(t, filepath.Join(dir, "broken", "trial"))); d != "" {
		t.Error(d)
	}
}

func resumed(dir string) Import {
	return Import{Root: filepath.Join(dir, "broken"), Name: "trial", Paths: []string{filepath.Join(dir, "in")}, Now: noon}
}

// tree returns the hash of each file below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = hex.EncodeToString(sum[:6])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
