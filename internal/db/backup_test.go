package db_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func TestBackupCanBeOpened(t *testing.T) {
	d := dbtest.SQLite(t)
	mustExec(t, d, "INSERT INTO change_cursor(name, seq, at) VALUES ('x', 7, '')")
	path := filepath.Join(t.TempDir(), "copy.db")
	sha, err := d.Backup(t.Context(), path)
	if err != nil || len(sha) != 64 {
		t.Fatalf("Backup = %q, %v", sha, err)
	}
	copied, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if seq, _, err := db.Value[int64](t.Context(), copied, "SELECT seq FROM change_cursor WHERE name = 'x'"); err != nil || seq != 7 {
		t.Errorf("the copy has %d, %v", seq, err)
	}
	if _, err := d.Backup(t.Context(), path); errs.KindOf(err) != errs.Conflict {
		t.Errorf("a second backup onto the same file: %v", err)
	}
}

func TestDamagedFileIsFound(t *testing.T) {
	d := dbtest.SQLite(t)
	path := filepath.Join(t.TempDir(), "copy.db")
	if _, err := d.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(raw[len(raw)/2:], make([]byte, len(raw)/4))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.CheckFile(t.Context(), path); err == nil {
		t.Error("a damaged file passed the check")
	}
	if err := db.CheckFile(t.Context(), path+".none"); errs.KindOf(err) != errs.NotFound {
		t.Errorf("missing file: %v", err)
	}
}

func TestBackupOfPostgresIsRefused(t *testing.T) {
	d := dbtest.Postgres(t)
	if _, err := d.Backup(t.Context(), filepath.Join(t.TempDir(), "x")); errs.KindOf(err) != errs.Invalid {
		t.Errorf("err = %v", err)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
