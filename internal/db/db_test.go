package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func mustExec(t *testing.T, q db.Querier, query string, args ...any) {
	t.Helper()
	if _, err := q.Exec(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func TestConstraintsAreClassified(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE a (id BIGINT PRIMARY KEY, n BIGINT NOT NULL CHECK (n > 0))")
		mustExec(t, d, "CREATE TABLE b (a BIGINT NOT NULL REFERENCES a (id), u TEXT UNIQUE)")
		mustExec(t, d, "INSERT INTO a VALUES (1, 1)")
		mustExec(t, d, "INSERT INTO b VALUES (1, 'x')")
		for query, want := range map[string]errs.Kind{
			"INSERT INTO a VALUES (1, 1)":    errs.Conflict,
			"INSERT INTO b VALUES (1, 'x')":  errs.Conflict,
			"INSERT INTO b VALUES (9, 'y')":  errs.Conflict,
			"INSERT INTO a VALUES (2, 0)":    errs.Invalid,
			"INSERT INTO a VALUES (2, NULL)": errs.Invalid,
		} {
			_, err := d.Exec(t.Context(), query)
			if got := errs.KindOf(err); got != want {
				t.Errorf("%s: %v, want %s", query, err, want)
			}
		}
		_, err := d.Exec(t.Context(), "INSERT INTO a VALUES (1, 1)")
		if !db.IsDuplicate(err) {
			t.Errorf("IsDuplicate(%v) = false", err)
		}
	})
}

func TestPlaceholdersInAnyOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE p (a TEXT, b TEXT, c TEXT)")
		mustExec(t, d, "INSERT INTO p (a, b, c) VALUES ($2, $1, $2)", "one", "two")
		got, ok, err := db.One(t.Context(), d, func(s db.Scan) (string, error) {
			var a, b, c string
			err := s(&a, &b, &c)
			return a + b + c, err
		}, "SELECT a, b, c FROM p WHERE b = $1 AND a = $2", "one", "two")
		if err != nil || !ok || got != "twoonetwo" {
			t.Errorf("got %q, %v, %v", got, ok, err)
		}
	})
}

func TestInTxIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE k (id BIGINT PRIMARY KEY)")
		boom := errors.New("boom")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			mustExec(t, tx, "INSERT INTO k VALUES (1)")
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("err = %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = d.InTx(t.Context(), func(tx *db.Tx) error {
				mustExec(t, tx, "INSERT INTO k VALUES (2)")
				panic("boom")
			})
		}()
		n, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM k")
		if err != nil || n != 0 {
			t.Errorf("%d rows left, %v", n, err)
		}
	})
}

func TestInsertManyCrossesStatementLimits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE m (id BIGINT PRIMARY KEY, name TEXT, ok BOOLEAN)")
		rows := make([][]any, 1203)
		for i := range rows {
			rows[i] = []any{i, fmt.Sprint("n", i), i%2 == 0}
		}
		insert := func() error {
			return d.InTx(t.Context(), func(tx *db.Tx) error {
				return db.InsertMany(t.Context(), tx, "m(id, name, ok)", "ON CONFLICT (id) DO NOTHING", rows)
			})
		}
		if err := errors.Join(insert(), insert()); err != nil {
			t.Fatal(err)
		}
		n, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM m WHERE ok")
		if err != nil || n != 602 {
			t.Errorf("%d rows, %v", n, err)
		}
		for _, bad := range [][][]any{{{3000, "x", true}, {3001, "y"}}, {{3000, "new", true}, {1, "taken", true}}} {
			err := d.InTx(t.Context(), func(tx *db.Tx) error { return db.InsertMany(t.Context(), tx, "m(id, name, ok)", "", bad) })
			if err == nil {
				t.Errorf("%v must be refused", bad)
			}
		}
		if n, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM m"); err != nil || n != 1203 {
			t.Errorf("%d rows after what was refused, %v", n, err)
		}
	})
}

func TestTimeOrdersAsText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE e (at TEXT)")
		base := time.Date(2026, 1, 1, 0, 0, 2, 500_000_000, time.FixedZone("CST", 8*3600))
		for _, add := range []time.Duration{time.Second, 0, time.Microsecond} {
			mustExec(t, d, "INSERT INTO e VALUES ($1)", db.At(base.Add(add)))
		}
		mustExec(t, d, "INSERT INTO e VALUES ($1)", db.Time{})
		last, _, err := db.Value[db.Time](t.Context(), d, "SELECT MAX(at) FROM e")
		if err != nil || !last.Equal(base.Add(time.Second)) {
			t.Errorf("max = %v, %v", last, err)
		}
		null, _, err := db.Value[db.Time](t.Context(), d, "SELECT at FROM e WHERE at IS NULL")
		if err != nil || !null.IsZero() {
			t.Errorf("null = %v, %v", null, err)
		}
	})
}

func TestReadersDoNotWaitForTheWriter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE r (id BIGINT PRIMARY KEY)")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			mustExec(t, tx, "INSERT INTO r VALUES (1)")
			n, _, err := db.Value[int64](t.Context(), d, "SELECT COUNT(*) FROM r")
			if n != 0 {
				t.Error("an uncommitted row was seen")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestManyWritersAndReaders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "CREATE TABLE w (id TEXT PRIMARY KEY)")
		var wg sync.WaitGroup
		for w := range 6 {
			wg.Go(func() {
				for i := range 20 {
					if _, err := d.Exec(context.Background(), "INSERT INTO w VALUES ($1)", fmt.Sprint(w, "-", i)); err != nil {
						t.Error(err)
					}
					if _, _, err := db.Value[int64](context.Background(), d, "SELECT COUNT(*) FROM w"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestSQLiteReaderCannotWrite(t *testing.T) {
	d := dbtest.SQLite(t)
	rows, err := d.Query(t.Context(), "INSERT INTO change_cursor(name, seq, at) VALUES ('x', 1, '') RETURNING seq")
	if err == nil {
		_ = rows.Close()
		t.Error("a reader must refuse to write")
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if again, err := d.Migrate(t.Context()); err != nil || len(again) != 0 {
			t.Fatalf("a second Migrate did %v, %v", again, err)
		}
		mustExec(t, d, "INSERT INTO schema_version(version, name, at) VALUES (9999, 'future', '')")
		_, err := d.Migrate(t.Context())
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("err = %v, want a refusal", err)
		}
	})
}

func TestShrinkKeepsEverything(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustExec(t, d, "INSERT INTO change_cursor(name, seq, at) VALUES ('x', 7, '')")
		if err := d.Shrink(t.Context()); err != nil {
			t.Fatal(err)
		}
		if seq, _, err := db.Value[int64](t.Context(), d, "SELECT seq FROM change_cursor WHERE name = 'x'"); err != nil || seq != 7 {
			t.Errorf("got %d, %v", seq, err)
		}
	})
}

func TestSchemaVersionOfEmptyDatabase(t *testing.T) {
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "new", "kapok.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	found, known, err := d.SchemaVersion(t.Context())
	if err != nil || found != 0 || known < 1 {
		t.Errorf("SchemaVersion = %d, %d, %v", found, known, err)
	}
}

// TestEnginesShareOneSchema holds that both engines end with the same tables
// and columns.
func TestEnginesShareOneSchema(t *testing.T) {
	lite, pg := dbtest.SQLite(t), dbtest.Postgres(t)
	fromLite, err := db.Collect(t.Context(), lite, db.Column[string], `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	fromPG, err := db.Collect(t.Context(), pg, db.Column[string], `SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = current_schema() ORDER BY (table_name || '.' || column_name) COLLATE "C"`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromLite, fromPG); diff != "" {
		t.Errorf("schemas differ (-sqlite +postgres):\n%s", diff)
	}
}

func TestIDs(t *testing.T) {
	a, b := db.DerivedID("org", "ror", "0064kty71"), db.DerivedID("org", "ror", "0064kty71")
	if a != b || !strings.HasPrefix(a, "org-") || len(a) != len("org-")+16 {
		t.Errorf("DerivedID = %q, %q", a, b)
	}
	if db.DerivedID("org", "ab", "c") == db.DerivedID("org", "a", "bc") {
		t.Error("parts must not run together")
	}
	if one, other := db.NewID("org"), db.NewID("org"); one == other {
		t.Error("NewID repeats itself")
	}
	if got := db.In(3, 2); got != "$3,$4" {
		t.Errorf("In = %q", got)
	}
}
