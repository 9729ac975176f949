package app

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"syscall"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// OpenDatabase opens the database of cfg as it is, without migrating it. An
// SQLite file that is absent is made.
func OpenDatabase(ctx context.Context, cfg Config) (*db.DB, error) {
	dsn := cfg.withDefaults().DSN
	if scheme, _, ok := strings.Cut(dsn, "://"); ok && scheme != "postgres" && scheme != "postgresql" {
		return nil, errs.New(errs.Invalid, "app.unknown_engine", errs.A{"scheme": scheme})
	}
	d, err := db.Open(ctx, dsn)
	return d, DatabaseError(err, dsn)
}

// OpenExisting is OpenDatabase for commands that only look: an absent SQLite
// file is errs.NotFound, and neither it nor its folder is made.
func OpenExisting(ctx context.Context, cfg Config) (*db.DB, error) {
	dsn := cfg.withDefaults().DSN
	if !strings.Contains(dsn, "://") {
		if _, err := os.Stat(strings.TrimPrefix(dsn, "sqlite:")); errors.Is(err, fs.ErrNotExist) {
			return nil, errs.Wrap(err, errs.NotFound, "app.no_database", errs.A{"database": dsn})
		}
	}
	return OpenDatabase(ctx, cfg)
}

// Primary result codes of SQLite for files that cannot be used, from
// sqlite.org/rescode.html.
const (
	sqlitePerm     = 3
	sqliteReadOnly = 8
	sqliteCorrupt  = 11
	sqliteFull     = 13
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

// DatabaseError tells a person why the database that dsn names cannot be used.
// An error that has a message already, or is of another kind, passes unchanged.
func DatabaseError(err error, dsn string) error {
	if err == nil || errs.KindOf(err) != errs.Internal || errors.Is(err, context.Canceled) {
		return err
	}
	if u, bad := url.Parse(dsn); strings.Contains(dsn, "://") {
		name := "postgres"
		if bad == nil {
			name = u.Host + u.Path // never the password
		}
		return errs.Wrap(err, errs.Unavailable, "app.unreachable_database", errs.A{"database": name})
	}
	var lite interface{ Code() int }
	switch {
	case errors.As(err, &lite):
		return fileError(err, lite.Code()&0xff, dsn)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EROFS):
		return fileError(err, sqliteCantOpen, dsn)
	}
	return err
}

func fileError(err error, code int, path string) error {
	switch code {
	case sqliteNotADB:
		return errs.Wrap(err, errs.Invalid, "app.not_a_database", errs.A{"database": path})
	case sqliteCorrupt:
		return errs.Wrap(err, errs.Conflict, "app.damaged_database", errs.A{"database": path})
	case sqlitePerm, sqliteReadOnly, sqliteCantOpen, sqliteFull:
		return errs.Wrap(err, errs.Unavailable, "app.unwritable_database", errs.A{"database": path})
	}
	return err
}
