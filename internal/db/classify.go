package db

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/kapok-city/kapok/internal/errs"
)

// SQLite extended result codes and PostgreSQL SQLSTATEs of the failures that a
// caller may act on. See sqlite.org/rescode.html and the PostgreSQL manual,
// appendix A.
const (
	sqliteUnique     = 2067
	sqlitePrimaryKey = 1555
	sqliteForeignKey = 787
	sqliteCheck      = 275
	sqliteNotNull    = 1299
	sqliteBusy       = 5

	pgUnique        = "23505"
	pgForeignKey    = "23503"
	pgCheck         = "23514"
	pgNotNull       = "23502"
	pgSerialization = "40001"
	pgDeadlock      = "40P01"
)

// classify turns a driver's error of a constraint or of a lock into an
// *errs.Error. Other errors pass unchanged.
func classify(err error) error {
	switch constraintOf(err) {
	case pgUnique:
		return errs.Wrap(err, errs.Conflict, "errs.duplicate", errs.A{"what": constraintName(err)})
	case pgForeignKey:
		return errs.Wrap(err, errs.Conflict, "errs.reference", errs.A{"what": constraintName(err)})
	case pgCheck, pgNotNull:
		return errs.Wrap(err, errs.Invalid, "errs.check", errs.A{"what": constraintName(err)})
	case pgSerialization, pgDeadlock:
		return errs.Wrap(err, errs.Unavailable, "errs.busy")
	}
	return err
}

// constraintOf returns the SQLSTATE of err, translating SQLite's codes.
func constraintOf(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return pg.Code
	}
	lite := (*sqlite.Error)(nil)
	if !errors.As(err, &lite) {
		return ""
	}
	switch code := lite.Code(); code {
	case sqliteUnique, sqlitePrimaryKey:
		return pgUnique
	case sqliteForeignKey:
		return pgForeignKey
	case sqliteCheck:
		return pgCheck
	case sqliteNotNull:
		return pgNotNull
	default:
		if code&0xff == sqliteBusy {
			return pgSerialization
		}
	}
	return ""
}

func constraintName(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		if pg.ConstraintName != "" {
			return pg.ConstraintName
		}
		return pg.ColumnName
	}
	return "constraint"
}

func isRetryable(err error) bool {
	pg := (*pgconn.PgError)(nil)
	return errors.As(err, &pg) && (pg.Code == pgSerialization || pg.Code == pgDeadlock)
}

// IsDuplicate reports whether err is a row that breaks a unique key.
func IsDuplicate(err error) bool { return constraintOf(err) == pgUnique }
