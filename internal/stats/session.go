package stats

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kapok-city/kapok/internal/errs"
)

// Session is an open DuckDB with one view per fact of one state. It implements
// db.Querier for reading; it is for one goroutine.
type Session struct {
	Manifest Manifest // the state that the views show
	db       *sql.DB
	conn     *sql.Conn
	done     func() // gives back the place among the open engines
}

// Open opens a session on the present state. Close it soon: it holds memory,
// and where two are open already, Open waits for one of them or for ctx.
func (s *Store) Open(ctx context.Context) (*Session, error) {
	m, err := s.Manifest()
	if err != nil {
		return nil, err
	}
	if m.Format == 0 {
		return nil, errs.New(errs.Unavailable, "stats.no_facts")
	}
	session, err := s.engine(ctx)
	if err != nil {
		return nil, err
	}
	session.Manifest = m
	for _, f := range m.Facts {
		view := fmt.Sprintf(`CREATE VIEW "%s" AS SELECT * FROM read_parquet('%s')`, f.Name, quote(filepath.Join(s.dir, f.Path)))
		if _, err := session.conn.ExecContext(ctx, view); err != nil {
			return nil, errors.Join(fmt.Errorf("open fact %s: %w", f.Name, err), session.Close())
		}
	}
	return session, nil
}

// engine opens a DuckDB in memory that may touch the folder and nothing else.
func (s *Store) engine(ctx context.Context) (*Session, error) {
	connector, err := duckdb.NewConnector(fmt.Sprintf("?memory_limit=%dMB&threads=%d", s.cfg.MemoryMB, s.cfg.Threads), nil)
	if err != nil {
		return nil, fmt.Errorf("open duckdb: %w", err)
	}
	select {
	case s.engines <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	session := &Session{db: sql.OpenDB(connector), done: func() { <-s.engines }}
	session.db.SetMaxOpenConns(1)
	if session.conn, err = session.db.Conn(ctx); err != nil {
		session.done()
		return nil, errors.Join(fmt.Errorf("open duckdb: %w", err), session.db.Close())
	}
	for _, set := range []string{
		"autoinstall_known_extensions = false", "autoload_known_extensions = false", "allow_community_extensions = false",
		"temp_directory = '" + quote(filepath.Join(s.dir, tempPrefix+"spill")) + "'",
		"allowed_directories = ['" + quote(s.dir) + "']",
		"enable_external_access = false", "lock_configuration = true",
	} {
		if _, err := session.conn.ExecContext(ctx, "SET "+set); err != nil {
			return nil, errors.Join(fmt.Errorf("set %s: %w", set, err), session.Close())
		}
	}
	return session, nil
}

// Close releases the session's memory. It is called once.
func (s *Session) Close() error {
	defer s.done()
	return errors.Join(s.conn.Close(), s.db.Close())
}

// Exec refuses: facts change through CatchUp alone.
func (s *Session) Exec(context.Context, string, ...any) (sql.Result, error) {
	return nil, errs.New(errs.Forbidden, "stats.not_a_select")
}

// Query runs one SELECT. Anything else, or more than one statement, is
// errs.Forbidden; SQL that DuckDB cannot run is errs.Invalid.
func (s *Session) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := s.onlySelect(query); err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, query, args...)
	return rows, refused(err)
}

// onlySelect prepares the query without running it. PrepareContext of the
// driver would run all statements but the last; Prepare refuses two.
func (s *Session) onlySelect(query string) error {
	return s.conn.Raw(func(dc any) error {
		prepared, err := dc.(driver.Conn).Prepare(query)
		if err != nil {
			return errs.Wrap(err, errs.Invalid, "stats.refused", errs.A{"what": err.Error()})
		}
		defer prepared.Close()
		kind, err := prepared.(*duckdb.Stmt).StatementType()
		if err == nil && kind != duckdb.STATEMENT_TYPE_SELECT {
			err = errs.New(errs.Forbidden, "stats.not_a_select")
		}
		return err
	})
}

func refused(err error) error {
	var failed *duckdb.Error
	if !errors.As(err, &failed) {
		return err
	}
	return errs.Wrap(err, errs.Invalid, "stats.refused", errs.A{"what": failed.Msg})
}

func quote(text string) string { return strings.ReplaceAll(text, "'", "''") }
