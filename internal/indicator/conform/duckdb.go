package conform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/stats"
)

// DuckDB is the reference: the embedded engine, over the files of a corpus.
type DuckDB struct {
	engine *stats.Engine
}

// NewDuckDB opens the corpus in a folder. cfg.Dir holds what spills. Close it
// to release the memory.
func NewDuckDB(ctx context.Context, dir string, cfg stats.EngineConfig) (*DuckDB, error) {
	m, err := corpus.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	cfg.Read = append(cfg.Read, dir)
	engine, err := stats.NewEngine(ctx, cfg)
	if err != nil {
		return nil, err
	}
	for _, v := range m.Views(dir) {
		if err := engine.View(ctx, v); err != nil {
			return nil, errors.Join(fmt.Errorf("show table %s: %w", v.Name, err), engine.Close())
		}
	}
	return &DuckDB{engine}, nil
}

// Close releases the memory.
func (d *DuckDB) Close() error { return d.engine.Close() }

// Dialect is indicator.DuckDB.
func (d *DuckDB) Dialect() indicator.Dialect { return indicator.DuckDB }

// Exec runs a statement without a result.
func (d *DuckDB) Exec(ctx context.Context, query string) error {
	_, err := d.engine.Exec(ctx, query)
	return err
}

// Query runs a SELECT.
func (d *DuckDB) Query(ctx context.Context, query string) (Result, error) {
	rows, err := d.engine.Query(ctx, query)
	if err != nil {
		return Result{}, err
	}
	return Collect(rows)
}

// Collect reads all rows of a driver of database/sql and closes them.
func Collect(rows *sql.Rows) (Result, error) {
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return Result{}, err
	}
	result := Result{Columns: columns}
	for rows.Next() {
		row, err := scan(rows, columns)
		if err != nil {
			return Result{}, err
		}
		result.Rows = append(result.Rows, row)
	}
	return result, rows.Err()
}

func scan(rows *sql.Rows, columns []string) ([]any, error) {
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	for i := range row {
		v, err := Plain(row[i])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", columns[i], err)
		}
		row[i] = v
	}
	return row, nil
}
