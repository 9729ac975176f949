package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/kapok-city/kapok/internal/errs"
)

// Backup writes a consistent copy of an SQLite database to a new file while
// others go on writing, checks the copy, and returns its SHA-256. An existing
// file is never overwritten. PostgreSQL has tools of its own (pg_dump) and is
// refused with errs.Invalid.
func (d *DB) Backup(ctx context.Context, path string) (sha string, err error) {
	if d.engine != SQLite {
		return "", errs.New(errs.Invalid, "db.backup_postgres")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return "", errs.Wrap(err, errs.Conflict, "db.backup_exists", errs.A{"path": path})
	}
	// The reader pool may not write, not even another file.
	if _, err := d.Exec(ctx, "VACUUM INTO $1", path); err != nil {
		return "", fmt.Errorf("copy database: %w", err)
	}
	if err := CheckFile(ctx, path); err != nil {
		return "", err
	}
	return fileSHA256(path)
}

// CheckFile opens an SQLite file and runs the engine's own integrity and
// foreign key checks. Any fault is errs.Conflict.
func CheckFile(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return errs.Wrap(err, errs.NotFound, "errs.not_found", errs.A{"what": path})
	}
	d, err := Open(ctx, path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Check(ctx)
}

// Check runs the engine's own checks of the stored data. PostgreSQL has none
// that a client may run; there only the connection is tried.
func (d *DB) Check(ctx context.Context) error {
	if d.engine != SQLite {
		_, _, err := Value[int64](ctx, d, "SELECT 1")
		return err
	}
	verdict, _, err := Value[string](ctx, d, "PRAGMA integrity_check(1)")
	if err != nil {
		return err
	}
	if verdict != "ok" {
		return errs.New(errs.Conflict, "db.damaged", errs.A{"what": verdict})
	}
	table, broken, err := One(ctx, d, func(s Scan) (string, error) {
		var table string
		var row, parent, key any
		err := s(&table, &row, &parent, &key)
		return table, err
	}, "PRAGMA foreign_key_check")
	if err == nil && broken {
		err = errs.New(errs.Conflict, "db.damaged", errs.A{"what": table})
	}
	return err
}

func fileSHA256(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
