package stats_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/stats"
)

var things = stats.Fact{
	Name: "fact_thing", Kinds: []string{"thing", "cousin"},
	Columns: []stats.Column{{Name: "id", Type: stats.Text}, {Name: "n", Type: stats.Int}, {Name: "x", Type: stats.Real}, {Name: "good", Type: stats.Bool}, {Name: "day", Type: stats.Date}},
	Query:   "SELECT id, n, x, good, day FROM thing",
}

var others = stats.Fact{
	Name: "fact_other", Kinds: []string{"other"},
	Columns: []stats.Column{{Name: "id", Type: stats.Text}}, Query: "SELECT id FROM other",
}

func newStore(t testing.TB, dir string, facts ...stats.Fact) *stats.Store {
	t.Helper()
	s, err := stats.New(dir, facts, stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func setup(t testing.TB, d *db.DB) {
	t.Helper()
	for _, q := range []string{
		"CREATE TABLE thing (id TEXT PRIMARY KEY, n BIGINT, x DOUBLE PRECISION, good BOOLEAN, day TEXT)",
		"CREATE TABLE other (id TEXT PRIMARY KEY)",
	} {
		if _, err := d.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// write runs a statement with a change entry of a kind.
func write(t testing.TB, d *db.DB, kind, query string, args ...any) {
	t.Helper()
	err := d.InTx(t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), query, args...); err != nil {
			return err
		}
		e, err := change.New(change.Author{Actor: "test"}, kind, fmt.Sprint(args...), change.Create, nil, nil)
		if err != nil {
			return err
		}
		return change.Append(t.Context(), tx, e)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func catchUp(t testing.TB, s *stats.Store, d *db.DB) stats.Report {
	t.Helper()
	r, err := s.CatchUp(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rows returns a query's rows as text, one a line, NULL as ∅.
func rows(t testing.TB, s *stats.Store, query string, args ...any) string {
	t.Helper()
	session, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	r, err := session.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	columns, _ := r.Columns()
	var lines []string
	for r.Next() {
		cells, dest := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			dest[i] = &cells[i]
		}
		if err := r.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		parts := make([]string, len(cells))
		for i, c := range cells {
			parts[i] = "∅"
			if c != nil {
				parts[i] = fmt.Sprint(c)
			}
		}
		lines = append(lines, strings.Join(parts, " "))
	}
	return strings.Join(lines, "\n")
}

func TestTypesAndNull(t *testing.T) {
	sums := map[string]bool{}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		setup(t, d)
		write(t, d, "thing", "INSERT INTO thing VALUES ('b', 9007199254740993, 0.1, TRUE, '2024-02-29'), ('a', 0, 0, FALSE, ''), ('乙', NULL, NULL, NULL, NULL)")
		s := newStore(t, t.TempDir(), things)
		catchUp(t, s, d)
		want := "a 0 0 false ∅\nb 9007199254740993 0.1 true 2024-02-29 00:00:00 +0000 UTC\n乙 ∅ ∅ ∅ ∅"
		if diff := cmp.Diff(want, rows(t, s, "SELECT * FROM fact_thing")); diff != "" {
			t.Error(diff)
		}
		want = "VARCHAR BIGINT DOUBLE BOOLEAN DATE"
		if got := rows(t, s, "SELECT typeof(id), typeof(n), typeof(x), typeof(good), typeof(day) FROM fact_thing LIMIT 1"); got != want {
			t.Errorf("types %s, want %s", got, want)
		}
		m, err := s.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if f, _ := m.Fact("fact_thing"); f.Rows != 3 || len(f.Columns) != 5 {
			t.Errorf("manifest: %+v", f)
		}
		sums[m.Facts[0].SHA256] = true
	})
	if len(sums) != 1 {
		t.Errorf("the two engines give different bytes: %v", sums)
	}
}

func TestCursor(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		setup(t, d)
		write(t, d, "thing", "INSERT INTO thing(id) VALUES ('a')")
		dir := t.TempDir()
		s := newStore(t, dir, things, others)
		step := func(name string, written ...string) {
			t.Helper()
			r := catchUp(t, s, d)
			if diff := cmp.Diff(written, r.Written); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if head, _ := change.Head(t.Context(), d); r.ChangeSeq != head {
				t.Errorf("%s: at change %d, head %d", name, r.ChangeSeq, head)
			}
			if err := s.Verify(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		step("first", "fact_thing", "fact_other")
		step("nothing new")
		write(t, d, "unrelated", "UPDATE thing SET n = 1")
		step("another room's change")
		if got := rows(t, s, "SELECT n FROM fact_thing"); got != "∅" {
			t.Errorf("a fact left alone changed: %s", got)
		}
		write(t, d, "cousin", "UPDATE thing SET n = 2")
		step("second kind", "fact_thing")
		if got := rows(t, s, "SELECT n FROM fact_thing"); got != "2" {
			t.Errorf("n = %s", got)
		}
		write(t, d, "other", "INSERT INTO other VALUES ('o')")
		step("other fact", "fact_other")

		m, _ := s.Manifest()
		f, _ := m.Fact("fact_thing")
		if err := os.Remove(filepath.Join(dir, f.Path)); err != nil {
			t.Fatal(err)
		}
		step("lost file", "fact_thing")
		changed := things
		changed.Query += " WHERE id <> 'a'"
		s = newStore(t, dir, changed, others)
		step("new definition", "fact_thing")
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{torn"), 0o600); err != nil {
			t.Fatal(err)
		}
		step("torn manifest", "fact_thing", "fact_other")
	})
}

// Two tables always have as many rows as each other; so must their facts,
// whoever writes meanwhile.
func TestFactsShowOneMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		setup(t, d)
		s := newStore(t, t.TempDir(), things, others)
		stop, stopped := make(chan struct{}), make(chan error, 1)
		go func() {
			stopped <- func() error {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return nil
					default:
					}
					if err := pair(d, fmt.Sprint(i)); err != nil {
						return err
					}
				}
			}()
		}()
		moved, last := 0, ""
		for range 12 {
			catchUp(t, s, d)
			counts := rows(t, s, "SELECT (SELECT COUNT(*) FROM fact_thing) - (SELECT COUNT(*) FROM fact_other), (SELECT COUNT(*) FROM fact_thing)")
			if !strings.HasPrefix(counts, "0 ") {
				t.Errorf("facts of two moments: %s", counts)
			}
			if counts != last {
				moved++
			}
			last = counts
		}
		close(stop)
		must(t, <-stopped)
		if moved < 3 {
			t.Errorf("the writer was too slow: %d states seen", moved)
		}
	})
}

// pair writes one row to each table in one transaction, with its changes.
func pair(d *db.DB, id string) error {
	ctx := context.Background()
	return d.InTx(ctx, func(tx *db.Tx) error {
		var entries []change.Entry
		for _, kind := range []string{"thing", "other"} {
			if _, err := tx.Exec(ctx, "INSERT INTO "+kind+"(id) VALUES ($1)", id); err != nil {
				return err
			}
			e, err := change.New(change.Author{Actor: "test"}, kind, id, change.Create, nil, nil)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		return change.Append(ctx, tx, entries...)
	})
}

func TestAnotherDatabaseIsNoticed(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, dir, others)
	for _, id := range []string{"one", "two"} {
		d := dbtest.SQLite(t)
		setup(t, d)
		write(t, d, "other", "INSERT INTO other VALUES ($1)", id)

		catchUp(t, s, d)
		if got := rows(t, s, "SELECT id FROM fact_other"); got != id {
			t.Errorf("facts of %s, want %s", got, id)
		}
	}
}

func TestRebuildGivesTheSameBytes(t *testing.T) {
	d := dbtest.SQLite(t)
	setup(t, d)
	for i := range 3000 {
		write(t, d, "other", "INSERT INTO other VALUES ($1)", fmt.Sprint(i*7919%3000))
	}
	s := newStore(t, t.TempDir(), others)
	catchUp(t, s, d)
	before, _ := s.Manifest()
	if _, err := s.Rebuild(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	after, _ := s.Manifest()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

// TestCrashLeavesTheOldState kills a CatchUp between its temporary files and
// its last rename, by making the place of the manifest unwritable.
func TestCrashLeavesTheOldState(t *testing.T) {
	d := dbtest.SQLite(t)
	setup(t, d)
	write(t, d, "other", "INSERT INTO other VALUES ('old')")
	dir := t.TempDir()
	s := newStore(t, dir, others)
	catchUp(t, s, d)
	write(t, d, "other", "UPDATE other SET id = 'new'")

	manifest := filepath.Join(dir, "manifest.json")
	raw, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.CatchUp(ctx, d); err == nil {
		t.Fatal("a cancelled CatchUp succeeded")
	}
	if got := rows(t, s, "SELECT id FROM fact_other"); got != "old" {
		t.Errorf("after a cancelled run: %s", got)
	}
	// The new Parquet file is in place, its manifest is not: a folder stands where the manifest goes.
	must(t, os.Remove(manifest), os.MkdirAll(filepath.Join(manifest, "x"), 0o700))
	if _, err := s.CatchUp(t.Context(), d); err == nil {
		t.Fatal("the manifest was written over a folder")
	}
	must(t, os.RemoveAll(manifest), os.WriteFile(manifest, raw, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, ".tmp-fact_other-1.parquet"), []byte("half"), 0o600))
	if got := rows(t, s, "SELECT id FROM fact_other"); got != "old" {
		t.Errorf("after a crash before the manifest: %s", got)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	catchUp(t, s, d)
	if got := rows(t, s, "SELECT id FROM fact_other"); got != "new" {
		t.Errorf("after the next run: %s", got)
	}
}

func TestOnlyOneSelect(t *testing.T) {
	d := dbtest.SQLite(t)
	setup(t, d)
	dir := t.TempDir()
	s := newStore(t, dir, others)
	if _, err := s.Open(t.Context()); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("no facts yet: %v", err)
	}
	catchUp(t, s, d)
	session, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	outside := filepath.Join(t.TempDir(), "secret.csv")
	must(t, os.WriteFile(outside, []byte("a\n1\n"), 0o600))
	for query, want := range map[string]errs.Kind{
		"DROP VIEW fact_other":                        errs.Forbidden,
		"CREATE TABLE t (a INT)":                      errs.Forbidden,
		"COPY fact_other TO '" + dir + "/out.csv'":    errs.Forbidden,
		"SET memory_limit = '64GB'":                   errs.Forbidden,
		"ATTACH '" + dir + "/x.db'":                   errs.Forbidden,
		"INSTALL httpfs":                              errs.Forbidden,
		"SELECT 1; DROP VIEW fact_other":              errs.Invalid,
		"SELECT * FROM read_csv('" + outside + "')":   errs.Invalid,
		"SELECT * FROM '" + outside + "'":             errs.Invalid,
		"SELECT * FROM read_text('/etc/passwd')":      errs.Invalid,
		"SELECT * FROM 'https://example.org/a.csv'":   errs.Invalid,
		"SELECT * FROM read_text('" + dir + "/../*')": errs.Invalid,
		"DROP VIEW fact_other; SELECT 1":              errs.Invalid,
		"SELECT nothing FROM fact_other":              errs.Invalid,
		"SELEC":                                       errs.Invalid,
		"":                                            errs.Invalid,
	} {
		r, err := session.Query(t.Context(), query)
		if err == nil {
			for r.Next() {
			}
			err = r.Err()
			_ = r.Close()
		}
		if got := errs.KindOf(err); got != want {
			t.Errorf("%s: %v, want %s", query, err, want)
		}
	}
	if _, _, err := db.Value[string](t.Context(), session, "SELECT id FROM fact_other"); err != nil {
		t.Errorf("the view did not outlive the attempts: %v", err)
	}
	if _, err := session.Exec(t.Context(), "SELECT 1"); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("Exec: %v", err)
	}
}

func TestSessionsWaitForAPlace(t *testing.T) {
	d := dbtest.SQLite(t)
	setup(t, d)
	s := newStore(t, t.TempDir(), others)
	catchUp(t, s, d)
	var open [2]*stats.Session
	for i := range open {
		var err error
		if open[i], err = s.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Open(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third session: %v", err)
	}
	must(t, open[0].Close())
	third, err := s.Open(t.Context())
	must(t, err, open[1].Close())
	must(t, third.Close())
}

func TestBadFactsAreRefused(t *testing.T) {
	for name, f := range map[string]stats.Fact{
		"name":    {Name: `a"b`, Columns: others.Columns, Query: "SELECT 1"},
		"columns": {Name: "a", Query: "SELECT 1"},
		"twice":   {Name: "a", Columns: append(others.Columns[:1:1], others.Columns...), Query: "SELECT 1"},
		"type":    {Name: "a", Columns: []stats.Column{{Name: "a", Type: "JSON"}}, Query: "SELECT 1"},
	} {
		if _, err := stats.New(t.TempDir(), []stats.Fact{f}, stats.Config{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	d := dbtest.SQLite(t)
	setup(t, d)
	write(t, d, "thing", "INSERT INTO thing(id, day) VALUES ('a', '2024-13-01')")
	if _, err := newStore(t, t.TempDir(), things).CatchUp(t.Context(), d); err == nil || !strings.Contains(err.Error(), "day") {
		t.Errorf("a day that is none: %v", err)
	}
}

func must(t *testing.T, failures ...error) {
	t.Helper()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkRebuild(b *testing.B) {
	d := dbtest.SQLite(b)
	setup(b, d)
	err := d.InTx(b.Context(), func(tx *db.Tx) error {
		rows := make([][]any, 50_000)
		for i := range rows {
			rows[i] = []any{fmt.Sprintf("id-%07d", i*7919%50_000), i, float64(i) / 7, i%2 == 0, "2024-02-29"}
		}
		return db.InsertMany(b.Context(), tx, "thing(id, n, x, good, day)", "", rows)
	})
	if err != nil {
		b.Fatal(err)
	}
	s := newStore(b, b.TempDir(), things, others)
	for b.Loop() {
		if _, err := s.Rebuild(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
