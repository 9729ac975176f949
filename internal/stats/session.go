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
	engine   *Engine
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
	session, err := s.session(ctx)
	if err != nil {
		return nil, err
	}
	session.Manifest = m
	for _, f := range m.Facts {
		if err := session.engine.View(ctx, View{Name: f.Name, Files: []string{filepath.Join(s.dir, f.Path)}}); err != nil {
			return nil, errors.Join(fmt.Errorf("open fact %s: %w", f.Name, err), session.Close())
		}
	}
	return session, nil
}

// session opens a DuckDB that may touch the folder and nothing else.
func (s *Store) session(ctx context.Context) (*Session, error) {
	select {
	case s.engines <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	e, err := NewEngine(ctx, EngineConfig{Dir: s.dir, MemoryMB: s.cfg.MemoryMB, Threads: s.cfg.Threads})
	if err != nil {
		<-s.engines
		return nil, err
	}
	return &Session{engine: e, done: func() { <-s.engines }}, nil
}

// Close releases the session's memory. It is called once.
func (s *Session) Close() error {
	defer s.done()
	return s.engine.Close()
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
	rows, err := s.engine.conn.QueryContext(ctx, query, args...)
	return rows, refused(err)
}

// onlySelect prepares the query without running it. PrepareContext of the
// driver would run all statements but the last; Prepare refuses two.
func (s *Session) onlySelect(query string) error {
	return s.engine.conn.Raw(func(dc any) error {
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
