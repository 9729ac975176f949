package conform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/stats"
)

// Postgres runs statements on a PostgreSQL server, in a schema of its own.
type Postgres struct {
	db     *sql.DB
	conn   *sql.Conn
	schema string
}

// NewPostgres makes the schema, which must not exist, and copies a corpus into
// it from the reference. Close it to drop the schema.
func NewPostgres(ctx context.Context, dsn, schema string, from *DuckDB) (*Postgres, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	p := &Postgres{db: db, conn: conn, schema: schema}
	if err := p.fill(ctx, from); err != nil {
		return nil, errors.Join(err, p.Close(context.WithoutCancel(ctx)))
	}
	return p, nil
}

func (p *Postgres) fill(ctx context.Context, from *DuckDB) error {
	if err := p.Exec(ctx, "CREATE SCHEMA "+p.schema+"; SET search_path = "+p.schema); err != nil {
		return err
	}
	for _, t := range corpus.Tables {
		if err := p.copy(ctx, t, from); err != nil {
			return fmt.Errorf("copy table %s: %w", t.Name, err)
		}
	}
	return p.Exec(ctx, "ANALYZE")
}

func (p *Postgres) copy(ctx context.Context, t corpus.Table, from *DuckDB) error {
	names, defined := make([]string, len(t.Columns)), make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i], defined[i] = c.Name, c.Name+" "+indicator.PostgreSQL.Type(c.Type)
		if c.Type == stats.Text {
			defined[i] += ` COLLATE "C"` // the order of the bytes, as on the other engines
		}
	}
	if err := p.Exec(ctx, "CREATE TABLE "+t.Name+" ("+strings.Join(defined, ", ")+")"); err != nil {
		return err
	}
	rows, err := from.engine.Query(ctx, "SELECT "+strings.Join(names, ", ")+" FROM "+t.Name)
	if err != nil {
		return err
	}
	defer rows.Close()
	return p.conn.Raw(func(driver any) error {
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{t.Name}, names, &stream{rows: rows, width: len(names)})
		return errors.Join(err, rows.Err())
	})
}

// stream hands the rows of one driver to another, unread.
type stream struct {
	rows  *sql.Rows
	width int
}

func (s *stream) Next() bool { return s.rows.Next() }
func (s *stream) Err() error { return s.rows.Err() }

func (s *stream) Values() ([]any, error) {
	row, into := make([]any, s.width), make([]any, s.width)
	for i := range row {
		into[i] = &row[i]
	}
	err := s.rows.Scan(into...)
	return row, err
}

// Dialect is indicator.PostgreSQL.
func (p *Postgres) Dialect() indicator.Dialect { return indicator.PostgreSQL }

// Exec runs a statement without a result.
func (p *Postgres) Exec(ctx context.Context, query string) error {
	_, err := p.conn.ExecContext(ctx, query)
	return err
}

// Query runs a SELECT.
func (p *Postgres) Query(ctx context.Context, query string) (Result, error) {
	rows, err := p.conn.QueryContext(ctx, query)
	if err != nil {
		return Result{}, err
	}
	return Collect(rows)
}

// Close drops the schema with all that is in it.
func (p *Postgres) Close(ctx context.Context) error {
	err := p.Exec(ctx, "DROP SCHEMA IF EXISTS "+p.schema+" CASCADE")
	return errors.Join(err, p.conn.Close(), p.db.Close())
}
