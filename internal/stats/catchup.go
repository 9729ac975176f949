package stats

import (
	"context"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// tempPrefix starts the name of everything that is not finished.
const tempPrefix = ".tmp-"

// grace is how long a file outlives the state that named it, for the sake of a
// session in another process.
const grace = time.Hour

// Report says what a CatchUp did.
type Report struct {
	ChangeSeq int64    `json:"change_seq"`
	Written   []string `json:"written"` // facts, by name
	Kept      []string `json:"kept"`
	Rows      int64    `json:"rows"` // of the written ones
}

// CatchUp brings the facts to the head of the change log. A fact is rewritten
// when an entry of its kinds came since its cursor, when its definition has
// changed, when its file is gone, or when the log is not the one it followed;
// the others stay as they are. While it reads, others can read but not write.
func (s *Store) CatchUp(ctx context.Context, d *db.DB) (Report, error) {
	m, err := s.Manifest()
	if err != nil {
		return Report{}, err
	}
	head, err := change.Head(ctx, d)
	if err != nil {
		return Report{}, err
	}
	if head == m.ChangeSeq && m.Format == format {
		if report, fresh := s.fresh(ctx, d, m); fresh {
			return report, nil
		}
	}
	return s.write(ctx, d, m)
}

// fresh reports whether the present state is that of the head of the log,
// without taking the writer's place.
func (s *Store) fresh(ctx context.Context, q db.Querier, m Manifest) (Report, bool) {
	w := writer{store: s, report: Report{ChangeSeq: m.ChangeSeq}}
	for i := range s.facts {
		file, _ := m.Fact(s.facts[i].Name)
		if stale, err := w.stale(ctx, q, &s.facts[i], file); err != nil || stale {
			return Report{}, false
		}
		w.report.Kept = append(w.report.Kept, s.facts[i].Name)
	}
	return w.report, len(m.Facts) == len(s.facts)
}

// Rebuild writes every fact anew.
func (s *Store) Rebuild(ctx context.Context, d *db.DB) (Report, error) {
	return s.write(ctx, d, Manifest{})
}

func (s *Store) write(ctx context.Context, d *db.DB, old Manifest) (Report, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := writer{store: s, files: map[string]File{}}
	defer w.close()
	if err := d.InTx(ctx, func(tx *db.Tx) error { return w.load(ctx, tx, old) }); err != nil {
		return Report{}, fmt.Errorf("read facts: %w", err)
	}
	if len(w.report.Written) == 0 && old.ChangeSeq == w.report.ChangeSeq && len(old.Facts) == len(s.facts) && old.Format == format {
		return w.report, nil
	}
	m := Manifest{Format: format, ChangeSeq: w.report.ChangeSeq}
	for i := range s.facts {
		file, err := w.finish(ctx, &s.facts[i])
		if err != nil {
			return Report{}, err
		}
		m.Facts = append(m.Facts, file)
	}
	slices.SortFunc(m.Facts, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	if err := writeManifest(s.dir, m); err != nil {
		return Report{}, err
	}
	s.sweep(m, old)
	return w.report, nil
}

// writer carries one CatchUp. A session is opened at the first stale fact.
type writer struct {
	store  *Store
	held   *Session
	files  map[string]File // kept ones; the others are tables of its engine
	report Report
	hash   string // of the entry at report.ChangeSeq
}

func (w *writer) close() {
	if w.held != nil {
		_ = w.held.Close() // everything worth keeping is on disk by now
	}
}

// load copies the stale facts from the operational database into DuckDB. The
// head of the change log is held meanwhile: whoever changes a record must take
// it to commit, so all facts show one moment, on PostgreSQL too.
func (w *writer) load(ctx context.Context, tx *db.Tx, old Manifest) error {
	w.close()
	*w = writer{store: w.store, files: map[string]File{}} // a repeated transaction starts anew
	seq, _, err := db.Value[int64](ctx, tx, "UPDATE change_head SET seq = seq WHERE id = 1 RETURNING seq")
	if err != nil {
		return err
	}
	w.report.ChangeSeq = seq
	if w.hash, err = entryHash(ctx, tx, seq); err != nil {
		return err
	}
	for i := range w.store.facts {
		f := &w.store.facts[i]
		file, _ := old.Fact(f.Name)
		stale, err := w.stale(ctx, tx, f, file)
		if err != nil {
			return err
		}
		if !stale {
			file.ChangeSeq, file.ChangeHash = seq, w.hash
			w.files[f.Name] = file
			w.report.Kept = append(w.report.Kept, f.Name)
			continue
		}
		if err := w.copy(ctx, tx, f); err != nil {
			return fmt.Errorf("fact %s: %w", f.Name, err)
		}
		w.report.Written = append(w.report.Written, f.Name)
	}
	return nil
}

func entryHash(ctx context.Context, q db.Querier, seq int64) (string, error) {
	hash, _, err := db.Value[string](ctx, q, "SELECT hash FROM change WHERE seq = $1", seq)
	return hash, err
}

func (w *writer) stale(ctx context.Context, q db.Querier, f *Fact, file File) (bool, error) {
	if file.Path == "" || file.Definition != f.definition() || file.ChangeSeq > w.report.ChangeSeq {
		return true, nil
	}
	if info, err := os.Stat(filepath.Join(w.store.dir, file.Path)); err != nil || info.Size() != file.Bytes {
		return true, nil
	}
	if hash, err := entryHash(ctx, q, file.ChangeSeq); err != nil || hash != file.ChangeHash {
		return true, err
	}
	args := []any{file.ChangeSeq}
	for _, k := range f.Kinds {
		args = append(args, k)
	}
	_, touched, err := db.Value[int64](ctx, q, "SELECT seq FROM change WHERE seq > $1 AND kind IN ("+db.In(2, len(f.Kinds))+") LIMIT 1", args...)
	return touched, err
}

// copy streams the rows of a fact into a table of DuckDB.
func (w *writer) copy(ctx context.Context, tx *db.Tx, f *Fact) (err error) {
	if w.held == nil {
		if w.held, err = w.store.session(ctx); err != nil {
			return err
		}
	}
	if _, err := w.held.engine.Exec(ctx, `CREATE TABLE "`+f.Name+`" (`+f.list(true)+`)`); err != nil {
		return err
	}
	return w.held.engine.Append(ctx, f.Name, func(appender *duckdb.Appender) error {
		n, err := appendRows(ctx, tx, f, appender)
		w.report.Rows += n
		return err
	})
}

func appendRows(ctx context.Context, q db.Querier, f *Fact, appender *duckdb.Appender) (n int64, err error) {
	hold, dest := make([]holder, len(f.Columns)), make([]any, len(f.Columns))
	for i, c := range f.Columns {
		hold[i] = holders[c.Type]()
		dest[i] = hold[i]
	}
	row := make([]driver.Value, len(hold))
	err = db.Each(ctx, q, func(scan db.Scan) error {
		if err := scan(dest...); err != nil {
			return err
		}
		for i := range hold {
			if row[i], err = hold[i].value(); err != nil {
				return fmt.Errorf("column %s: %w", f.Columns[i].Name, err)
			}
		}
		n++
		return appender.AppendRow(row...)
	}, f.Query)
	return n, err
}

// finish writes the table of a stale fact to Parquet under a name that says
// its content, or returns the file that is kept.
func (w *writer) finish(ctx context.Context, f *Fact) (File, error) {
	if file, kept := w.files[f.Name]; kept {
		return file, nil
	}
	dir := w.store.dir
	tmp := filepath.Join(dir, fmt.Sprintf("%s%s-%d.parquet", tempPrefix, f.Name, os.Getpid()))
	rows, err := w.held.engine.Copy(ctx, fmt.Sprintf(`SELECT %s FROM "%s" ORDER BY ALL`, f.list(false), f.Name), tmp)
	if err != nil {
		return File{}, fmt.Errorf("fact %s: %w", f.Name, err)
	}
	sum, size, err := HashFile(tmp)
	if err != nil {
		return File{}, err
	}
	file := File{Name: f.Name, Path: f.Name + "." + sum[:12] + ".parquet", Rows: rows, Bytes: size, SHA256: sum,
		Columns: f.Columns, Definition: f.definition(), ChangeSeq: w.report.ChangeSeq, ChangeHash: w.hash}
	if err := os.Rename(tmp, filepath.Join(dir, file.Path)); err != nil {
		return File{}, fmt.Errorf("write fact %s: %w", f.Name, err)
	}
	_, err = w.held.engine.Exec(ctx, `DROP TABLE "`+f.Name+`"`)
	return file, err
}

// sweep removes files that neither state names and that are older than grace.
// What it cannot remove it leaves to the next one.
func (s *Store) sweep(states ...Manifest) {
	named := map[string]bool{manifestName: true}
	for _, m := range states {
		for _, f := range m.Facts {
			named[f.Path] = true
		}
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), tempPrefix) || strings.HasSuffix(e.Name(), ".parquet")
		info, err := e.Info()
		if err == nil && ours && !named[e.Name()] && time.Since(info.ModTime()) > grace {
			_ = os.RemoveAll(filepath.Join(s.dir, e.Name()))
		}
	}
}
