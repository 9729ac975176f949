// Package dbtest gives each test a database of its own on both engines: Each
// runs a test twice, on SQLite in a temporary folder and on PostgreSQL in a
// schema made for it, migrated and with the clock standing at Epoch.
//
// It fakes nothing: there is no third, in-memory engine. It is for tests only
// and has no tables.
package dbtest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// Each runs fn as a subtest on SQLite and as one on PostgreSQL, each time with
// a fresh migrated database. PostgreSQL is the server that
// KAPOK_TEST_POSTGRES names; without it that half skips, and fails in CI.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		fn(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		fn(t, Postgres(t))
	})
}

// SQLite returns a fresh migrated SQLite database.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "kapok.db"))
}

// Postgres returns a fresh migrated schema on the test server.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	base := os.Getenv("KAPOK_TEST_POSTGRES")
	if base == "" {
		shareddata.Skip(t, "KAPOK_TEST_POSTGRES names no PostgreSQL server")
	}
	admin, err := db.Open(context.Background(), base)
	if err != nil {
		t.Fatalf("open the PostgreSQL test server: %v", err)
	}
	schema := db.NewID("kapok")
	exec(t, admin, `CREATE SCHEMA "`+schema+`"`)
	t.Cleanup(func() {
		exec(t, admin, `DROP SCHEMA "`+schema+`" CASCADE`)
		_ = admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("KAPOK_TEST_POSTGRES: %v", err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return open(t, u.String())
}

// Epoch is the instant at which the clock of a test database stands.
var Epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func open(t testing.TB, dsn string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), dsn)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = d.Close() })
	d.SetClock(func() time.Time { return Epoch })
	if _, err := d.Migrate(context.Background()); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return d
}

func exec(t testing.TB, d *db.DB, query string) {
	t.Helper()
	if _, err := d.Exec(context.Background(), query); err != nil {
		t.Errorf("%s: %v", query, err)
	}
}
