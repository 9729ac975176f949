package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

//go:embed migrations/*.sql
var migrationFS embed.FS

// Migration is one step of the schema: migrations/NNNN_name.sql, with
// NNNN_name.sqlite.sql or NNNN_name.postgres.sql in its place where the engines
// cannot share a text.
type Migration struct {
	Version int64
	Name    string
	text    string
}

// Migrate brings the schema to the newest version in one transaction and
// returns the steps it took. A schema newer than this program is refused: an
// older program would write rows that the newer one misreads.
func (d *DB) Migrate(ctx context.Context) ([]Migration, error) {
	all, err := migrations(migrationFS, d.engine)
	if err != nil {
		return nil, err
	}
	var done []Migration
	err = d.InTx(ctx, func(tx *Tx) error {
		done = nil
		at, err := prepare(ctx, tx)
		if err != nil {
			return err
		}
		if newest := all[len(all)-1].Version; at > newest {
			return errs.New(errs.Conflict, "db.newer_schema", errs.A{"found": at, "known": newest})
		}
		for _, m := range all {
			if m.Version <= at {
				continue
			}
			if err := apply(ctx, tx, m); err != nil {
				return err
			}
			done = append(done, m)
		}
		return nil
	})
	return done, err
}

// SchemaVersion returns the version of the schema in d, 0 for an empty
// database, and the newest version this program knows.
func (d *DB) SchemaVersion(ctx context.Context) (found, known int64, err error) {
	all, err := migrations(migrationFS, d.engine)
	if err != nil {
		return 0, 0, err
	}
	known = all[len(all)-1].Version
	found, _, err = Value[int64](ctx, d, "SELECT COALESCE(MAX(version), 0) FROM schema_version")
	if err != nil {
		return 0, known, nil // no table yet: an empty database
	}
	return found, known, nil
}

// prepare takes the lock against a second migrating process and returns the
// schema's version. On SQLite the immediate transaction is the lock.
func prepare(ctx context.Context, tx *Tx) (int64, error) {
	if tx.engine == Postgres {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtext('kapok migrate' || current_schema()))"); err != nil {
			return 0, err
		}
	}
	_, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL)")
	if err != nil {
		return 0, err
	}
	at, _, err := Value[int64](ctx, tx, "SELECT COALESCE(MAX(version), 0) FROM schema_version")
	return at, err
}

func apply(ctx context.Context, tx *Tx, m Migration) error {
	if _, err := tx.Exec(ctx, m.text); err != nil {
		return fmt.Errorf("migration %04d_%s: %w", m.Version, m.Name, err)
	}
	_, err := tx.Exec(ctx, "INSERT INTO schema_version(version, name, at) VALUES ($1, $2, $3)", m.Version, m.Name, At(tx.Now()))
	return err
}

func migrations(fsys fs.FS, engine Engine) ([]Migration, error) {
	files, err := fs.Glob(fsys, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var all []Migration
	for _, f := range files {
		base := strings.TrimSuffix(path.Base(f), ".sql")
		base, only, _ := strings.Cut(base, ".")
		if only != "" && Engine(only) != engine {
			continue
		}
		number, name, _ := strings.Cut(base, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s: its name must start with a number", f)
		}
		text, err := fs.ReadFile(fsys, f)
		if err != nil {
			return nil, err
		}
		all = append(all, Migration{Version: version, Name: name, text: string(text)})
	}
	slices.SortFunc(all, func(a, b Migration) int { return int(a.Version - b.Version) })
	for i, m := range all {
		if m.Version != int64(i)+1 {
			return nil, fmt.Errorf("migration %04d_%s: expected number %04d", m.Version, m.Name, i+1)
		}
	}
	return all, nil
}
