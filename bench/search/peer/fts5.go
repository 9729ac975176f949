package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the engine

	"github.com/kapok-city/kapok/bench/search/collection"
	"github.com/kapok-city/kapok/bench/search/cut"
)

// fts5 is SQLite's own index, without the texts, over the bench's terms.
type fts5 struct {
	db  *sql.DB
	tx  *sql.Tx
	put *sql.Stmt
	ids []string
}

func newFTS5(dir string) (engine, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "fts5.db")+"?_pragma=journal_mode(off)&_pragma=synchronous(off)&_pragma=cache_size(-200000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(context.Background(), `CREATE VIRTUAL TABLE t USING fts5(body, content='', tokenize='unicode61 remove_diacritics 0')`); err != nil {
		return nil, err
	}
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	put, err := tx.PrepareContext(context.Background(), `INSERT INTO t(rowid, body) VALUES (?, ?)`)
	return &fts5{db: db, tx: tx, put: put}, err
}

func (f *fts5) Put(id, text string) error {
	f.ids = append(f.ids, id)
	_, err := f.put.ExecContext(context.Background(), len(f.ids), strings.Join(cut.Terms(text), " "))
	return err
}

func (f *fts5) Ready() error {
	if _, err := f.tx.ExecContext(context.Background(), `INSERT INTO t(t) VALUES ('optimize')`); err != nil {
		return err
	}
	return f.tx.Commit()
}

func (f *fts5) Close() error { return f.db.Close() }

func (f *fts5) Find(text string, n int) ([]collection.Hit, error) {
	var any []string
	for _, t := range cut.Terms(text) {
		any = append(any, `"`+t+`"`)
	}
	rows, err := f.db.QueryContext(context.Background(), `SELECT rowid, -rank FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?`, strings.Join(any, " OR "), n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []collection.Hit
	for rows.Next() {
		var row int
		var h collection.Hit
		if err := rows.Scan(&row, &h.Score); err != nil {
			return nil, err
		}
		h.Doc = f.ids[row-1]
		out = append(out, h)
	}
	return out, rows.Err()
}
