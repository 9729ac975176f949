package stats

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// parquet writes three rows to a folder of its own and returns the file.
func parquet(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	e, err := NewEngine(ctx, EngineConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if _, err := e.Exec(ctx, "CREATE TABLE point (id BIGINT, weight DOUBLE)"); err != nil {
		t.Fatal(err)
	}
	err = e.Append(ctx, "point", func(a *duckdb.Appender) error {
		for i := range int64(3) {
			if err := a.AppendRow(i, float64(i)/2); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "it's.parquet")
	n, err := e.Copy(ctx, "SELECT * FROM point ORDER BY id", path)
	if err != nil || n != 3 {
		t.Fatalf("Copy wrote %d rows, %v; want 3", n, err)
	}
	return path
}

func TestOpenViews(t *testing.T) {
	ctx := context.Background()
	path := parquet(t)
	s, err := OpenViews(ctx, Config{}, []View{{Name: "point", Files: []string{path, path}}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sum, _, err := db.Value[float64](ctx, s, "SELECT SUM(weight) FROM point WHERE id > $1", 0)
	if err != nil || sum != 3 {
		t.Errorf("sum over two files is %v, %v; want 3", sum, err)
	}
	for name, query := range map[string]string{
		"another file":   "SELECT * FROM read_parquet('" + parquet(t) + "')",
		"a whole folder": "SELECT * FROM glob('/etc/*')",
		"text":           "SELECT * FROM read_text('/etc/passwd')",
		"two statements": "SELECT 1; SELECT 2",
		"writing":        "COPY (SELECT 1) TO '" + filepath.Join(t.TempDir(), "x") + "'",
		"settings":       "SET memory_limit = '8GB'",
	} {
		if n, err := count(ctx, s, query); err == nil && n > 0 {
			t.Errorf("%s: %s gave %d rows; want a refusal", name, query, n)
		}
	}
}

func TestOpenViewsRefusesANameThatIsNone(t *testing.T) {
	_, err := OpenViews(context.Background(), Config{}, []View{{Name: `p" AS SELECT 1; --`, Files: []string{parquet(t)}}})
	if err == nil || errs.KindOf(err) == errs.NotFound {
		t.Errorf("a view under a hostile name: %v", err)
	}
}

func count(ctx context.Context, s *Session, query string) (int, error) {
	rows, err := s.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}
