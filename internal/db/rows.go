package db

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
)

// Scan reads the columns of one row into dest, as sql.Rows.Scan does.
type Scan func(dest ...any) error

// Collect runs a query and returns what scan makes of each row.
func Collect[T any](ctx context.Context, q Querier, scan func(Scan) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := Each(ctx, q, func(s Scan) error {
		v, err := scan(s)
		if err == nil {
			out = append(out, v)
		}
		return err
	}, query, args...)
	return out, err
}

// Each runs a query and calls fn for each row, without holding them all.
func Each(ctx context.Context, q Querier, fn func(Scan) error, query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer closeRows(rows)
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return classify(rows.Err())
}

// One runs a query and returns what scan makes of its first row; false when
// there is none.
func One[T any](ctx context.Context, q Querier, scan func(Scan) (T, error), query string, args ...any) (T, bool, error) {
	var zero T
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return zero, false, err
	}
	defer closeRows(rows)
	if !rows.Next() {
		return zero, false, classify(rows.Err())
	}
	v, err := scan(rows.Scan)
	return v, err == nil, err
}

// Value is One for a single column.
func Value[T any](ctx context.Context, q Querier, query string, args ...any) (T, bool, error) {
	return One(ctx, q, Column[T], query, args...)
}

// Column scans a row of one column.
func Column[T any](s Scan) (T, error) {
	var v T
	err := s(&v)
	return v, err
}

func closeRows(rows *sql.Rows) { _ = rows.Close() } // errors show in rows.Err

// maxParams is the lower of the two engines' limits on parameters of one
// statement: SQLite 32,766, PostgreSQL 65,535.
const maxParams = 32766

// rowsOf bounds the rows of one INSERT. PostgreSQL gains by few round trips;
// SQLite has none, and there the text is prepared once for many small parts.
func rowsOf(e Engine) int {
	if e == SQLite {
		return 64
	}
	return 500
}

// InsertMany inserts rows by statements of many rows each. into is the table
// with its columns, "org_name(org_id, name)"; conflict is the text after the
// values, such as "ON CONFLICT DO NOTHING", or "". After an error some of the
// rows may stand: the transaction has to be rolled back, at least to a savepoint
// (on PostgreSQL there is no other way on).
func InsertMany(ctx context.Context, tx *Tx, into, conflict string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	engine := tx.engine
	cols := len(rows[0])
	step := min(maxParams/cols, rowsOf(engine))
	full := ""
	if len(rows) >= step {
		full = insertText(engine, into, conflict, step, cols)
	}
	args := make([]any, 0, min(step, len(rows))*cols)
	for start := 0; start < len(rows); start += step {
		part := rows[start:min(start+step, len(rows))]
		args = args[:0]
		for i, row := range part {
			if len(row) != cols {
				return fmt.Errorf("insert into %s: row %d has %d values, not %d", into, start+i, len(row), cols)
			}
			args = append(args, row...)
		}
		if err := insertPart(ctx, tx, full, into, conflict, len(part), step, args); err != nil {
			return fmt.Errorf("insert into %s: %w", into, err)
		}
	}
	return nil
}

// insertPart runs one INSERT. Those of full length share a prepared statement.
func insertPart(ctx context.Context, tx *Tx, full, into, conflict string, rows, step int, args []any) error {
	if rows == step {
		return tx.execPrepared(ctx, full, args)
	}
	_, err := tx.Exec(ctx, insertText(tx.engine, into, conflict, rows, len(args)/rows), args...)
	return err
}

// insertVerb lets SQLite leave the rows before the one at fault where they are:
// to be able to take them back, it copies each page that the statement touches.
func insertVerb(engine Engine, conflict string) string {
	if engine == SQLite && conflict == "" {
		return "INSERT OR FAIL INTO "
	}
	return "INSERT INTO "
}

func insertText(engine Engine, into, conflict string, rows, cols int) string {
	var b strings.Builder
	b.WriteString(insertVerb(engine, conflict) + into + " VALUES ")
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range cols {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			if engine == SQLite { // see positional
				b.WriteByte('?')
				continue
			}
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteByte(')')
	}
	b.WriteString(" " + conflict)
	return b.String()
}

// In writes the placeholders of a list: In(3, 2) is "$3,$4".
func In(first, n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(parts, ",")
}
