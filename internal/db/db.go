package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL driver "pgx"
	_ "modernc.org/sqlite"             // SQLite driver "sqlite", no cgo
)

// Engine names a database engine.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Querier runs statements: a DB outside a transaction, a Tx inside one.
type Querier interface {
	Exec(ctx context.Context, query string, args ...any) (sql.Result, error)
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	writer *sql.DB
	reader *sql.DB // the same pool as writer on PostgreSQL
	clock  func() time.Time
}

// Open opens the database that dsn names: "postgres://…" or the path of an
// SQLite file, which is made when absent. It does not migrate.
func Open(ctx context.Context, dsn string) (*DB, error) {
	d := &DB{clock: time.Now}
	var err error
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		err = d.openPostgres(dsn)
	} else {
		err = d.openSQLite(strings.TrimPrefix(dsn, "sqlite:"))
	}
	if err != nil {
		return nil, err
	}
	if err := d.writer.PingContext(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return d, nil
}

func (d *DB) openPostgres(dsn string) (err error) {
	d.engine = Postgres
	if d.writer, err = sql.Open("pgx", dsn); err != nil {
		return fmt.Errorf("open postgres: %w", err)
	}
	d.writer.SetMaxOpenConns(16)
	d.writer.SetMaxIdleConns(8)
	d.reader = d.writer
	return nil
}

func (d *DB) openSQLite(path string) (err error) {
	d.engine = SQLite
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make database folder: %w", err)
		}
	}
	if d.writer, err = sql.Open("sqlite", sqliteDSN(path, writerCache, "_txlock", "immediate")); err != nil {
		return fmt.Errorf("open sqlite: %w", err)
	}
	// One connection: SQLite has one writer, and a queue in Go is fairer than
	// busy retries.
	d.writer.SetMaxOpenConns(1)
	if d.reader, err = sql.Open("sqlite", sqliteDSN(path, readerCache, "_pragma", "query_only(1)")); err != nil {
		return fmt.Errorf("open sqlite reader: %w", err)
	}
	d.reader.SetMaxOpenConns(8)
	d.reader.SetConnMaxIdleTime(time.Minute) // each holds a cache of its own
	return nil
}

// Page caches of one connection, in KiB. The writer's holds the indexes that a
// large import touches at random; Shrink gives it back.
const (
	writerCache = 256000
	readerCache = 4000
)

// Shrink gives back the memory that a large write has filled. PostgreSQL keeps
// its own.
func (d *DB) Shrink(ctx context.Context) error {
	if d.engine != SQLite {
		return nil
	}
	_, err := d.Exec(ctx, "PRAGMA shrink_memory")
	return err
}

func sqliteDSN(path string, cache int, key, value string) string {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)", "temp_store(memory)",
		"cache_size(-" + strconv.Itoa(cache) + ")",
	}}
	q.Add(key, value)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Close closes the database.
func (d *DB) Close() error {
	err := d.writer.Close()
	if d.reader != nil && d.reader != d.writer {
		err = errors.Join(d.reader.Close(), err)
	}
	return err
}

// Engine returns the engine behind d.
func (d *DB) Engine() Engine { return d.engine }

// SetClock replaces the clock; for tests and for a replayed city. It must be
// called before d is used by a second goroutine.
func (d *DB) SetClock(clock func() time.Time) { d.clock = clock }

// WithClock returns d under another clock, over the same connections: what is
// written through it is written as of that clock, and d keeps its own. A
// replayed city is.
func (d *DB) WithClock(clock func() time.Time) *DB {
	other := *d
	other.clock = clock
	return &other
}

// Now returns the present instant of the one clock, in UTC, cut to
// microseconds.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Microsecond) }

// Exec runs one writing statement outside a transaction.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, args = forEngine(d.engine, query, args)
	res, err := d.writer.ExecContext(ctx, query, args...)
	return res, classify(err)
}

// Query runs one reading statement. On SQLite it goes to a reader, which
// refuses to write: INSERT … RETURNING belongs in a Tx.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, args = forEngine(d.engine, query, args)
	rows, err := d.reader.QueryContext(ctx, query, args...)
	return rows, classify(err)
}

// Tx is one writing transaction with one instant.
type Tx struct {
	tx     *sql.Tx
	engine Engine
	now    time.Time
	stmts  map[string]*sql.Stmt // prepared by execPrepared; closed with the transaction
}

// Engine returns the engine behind the transaction.
func (t *Tx) Engine() Engine { return t.engine }

// Now returns the instant of the transaction: the same for all its rows.
func (t *Tx) Now() time.Time { return t.now }

// Exec runs one writing statement in the transaction.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, args = forEngine(t.engine, query, args)
	res, err := t.tx.ExecContext(ctx, query, args...)
	return res, classify(err)
}

// Query runs one statement that returns rows in the transaction.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, args = forEngine(t.engine, query, args)
	rows, err := t.tx.QueryContext(ctx, query, args...)
	return rows, classify(err)
}

// execPrepared runs a statement that is prepared once in the transaction.
func (t *Tx) execPrepared(ctx context.Context, query string, args []any) error {
	stmt := t.stmts[query]
	if stmt == nil {
		var err error
		if stmt, err = t.tx.PrepareContext(ctx, query); err != nil {
			return classify(err)
		}
		if t.stmts == nil {
			t.stmts = map[string]*sql.Stmt{}
		}
		t.stmts[query] = stmt
	}
	_, err := stmt.ExecContext(ctx, args...)
	return classify(err)
}

// attempts bounds how often InTx repeats a transaction that PostgreSQL refused
// as a serialization failure or a deadlock.
const attempts = 4

// InTx runs fn in one transaction: all of it is kept when fn returns nil, none
// of it otherwise. fn may run more than once and must not touch anything but
// the transaction.
func (d *DB) InTx(ctx context.Context, fn func(tx *Tx) error) error {
	for i := 1; ; i++ {
		err := d.once(ctx, fn)
		if err == nil || i == attempts || !isRetryable(err) {
			return err
		}
	}
}

func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) (err error) {
	sqlTx, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return classify(err)
	}
	committed := false
	defer func() {
		if !committed {
			_ = sqlTx.Rollback() // fn's error or panic is the one to report
		}
	}()
	if err := fn(&Tx{tx: sqlTx, engine: d.engine, now: d.Now()}); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		return classify(err)
	}
	committed = true
	return nil
}
