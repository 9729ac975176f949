package corpus

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// Writer makes one corpus. Its engine holds what is being made; nothing of it
// can be seen until [Writer.Publish].
type Writer struct {
	Engine *stats.Engine
	dir    string
	files  []File
}

// NewWriter opens a writer on the folder of a corpus, which is made when
// absent. The engine may read the folders of read too.
func NewWriter(ctx context.Context, dir string, cfg stats.Config, read ...string) (*Writer, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := CheckName(filepath.Base(dir)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make corpus: %w", err)
	}
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir, Read: read, MemoryMB: cfg.MemoryMB, Threads: cfg.Threads})
	if err != nil {
		return nil, err
	}
	return &Writer{Engine: e, dir: dir}, nil
}

// Dir is the folder of the corpus.
func (w *Writer) Dir() string { return w.dir }

// Close releases the memory.
func (w *Writer) Close() error { return w.Engine.Close() }

// Write writes the rows of a query as a whole table: one file per year where
// the table is kept by year. from must return the columns of the table by name;
// it is read once per year and once before, so it should be a table or a view of
// the engine. A row without a year is an error: the caller leaves it out and
// counts it.
func (w *Writer) Write(ctx context.Context, table, from string) error {
	t, known := TableOf(table)
	if !known {
		return fmt.Errorf("corpus has no table %s", table)
	}
	years, err := w.years(ctx, t, from)
	if err != nil {
		return err
	}
	for _, year := range years {
		where := ""
		if t.Year != "" && year != 0 {
			where = fmt.Sprintf(" WHERE %s = %d", t.Year, year)
		}
		if err := w.file(ctx, t, year, "SELECT "+t.list()+" FROM ("+from+")"+where+" ORDER BY "+t.Order); err != nil {
			return err
		}
	}
	return nil
}

// years returns the years of the rows, 0 alone for a table that is not kept by
// year or has no row.
func (w *Writer) years(ctx context.Context, t Table, from string) ([]int, error) {
	if t.Year == "" {
		return []int{0}, nil
	}
	without, _, err := db.Value[int64](ctx, w.Engine, fmt.Sprintf("SELECT count(*) FROM (%s) WHERE %s IS NULL", from, t.Year))
	if err != nil {
		return nil, err
	}
	if without > 0 {
		return nil, fmt.Errorf("%d rows of %s have no %s: leave them out and count them", without, t.Name, t.Year)
	}
	years, err := db.Collect(ctx, w.Engine, func(s db.Scan) (y int, err error) { return y, s(&y) },
		fmt.Sprintf("SELECT DISTINCT %s FROM (%s) ORDER BY 1", t.Year, from))
	if len(years) == 0 {
		years = []int{0}
	}
	return years, err
}

func (w *Writer) file(ctx context.Context, t Table, year int, query string) error {
	tmp := filepath.Join(w.dir, fmt.Sprintf(".tmp-%s-%d-%d.parquet", t.Name, year, os.Getpid()))
	rows, err := w.Engine.Copy(ctx, query, tmp)
	if err != nil {
		return err
	}
	return w.Adopt(t.Name, year, rows, tmp)
}

// Adopt takes a finished Parquet file into the corpus: it is moved to a name
// that tells its content.
func (w *Writer) Adopt(table string, year int, rows int64, path string) error {
	sum, size, err := stats.HashFile(path)
	if err != nil {
		return err
	}
	rel := table
	if year != 0 {
		rel += fmt.Sprintf("/year=%d", year)
	}
	if err := os.MkdirAll(filepath.Join(w.dir, filepath.FromSlash(rel)), 0o700); err != nil {
		return err
	}
	rel += "/" + sum[:12] + ".parquet"
	if err := os.Rename(path, filepath.Join(w.dir, filepath.FromSlash(rel))); err != nil {
		return err
	}
	w.files = append(w.files, File{Table: table, Year: year, Path: rel, Rows: rows, Bytes: size, SHA256: sum})
	return nil
}

// Publish makes what was written the content of the corpus, in one step.
// Tables that were not written are empty. Files of an earlier content are
// removed.
func (w *Writer) Publish(ctx context.Context, m Manifest) (Manifest, error) {
	for _, t := range Tables {
		if slices.ContainsFunc(w.files, func(f File) bool { return f.Table == t.Name }) {
			continue
		}
		if err := w.file(ctx, t, 0, "SELECT "+t.nulls()+" WHERE FALSE"); err != nil {
			return Manifest{}, err
		}
	}
	m.Name, m.Files = filepath.Base(w.dir), w.files
	for _, f := range m.Files {
		if f.Table != "work" && f.Table != "patent" || f.Year == 0 {
			continue
		}
		if m.From == 0 || f.Year < m.From {
			m.From = f.Year
		}
		m.To = max(m.To, f.Year)
	}
	if err := m.write(w.dir); err != nil {
		return Manifest{}, err
	}
	return m, w.sweep(&m)
}

// sweep removes the files that the manifest does not name.
func (w *Writer) sweep(m *Manifest) error {
	named := map[string]bool{}
	for _, f := range m.Files {
		named[f.Path] = true
	}
	return filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".parquet") {
			return err
		}
		rel, err := filepath.Rel(w.dir, path)
		if err == nil && !named[filepath.ToSlash(rel)] {
			err = os.Remove(path)
		}
		return err
	})
}

func (t *Table) list() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = fmt.Sprintf("CAST(%s AS %s) AS %[1]s", c.Name, c.Type)
	}
	return strings.Join(names, ", ")
}

func (t *Table) nulls() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = fmt.Sprintf("CAST(NULL AS %s) AS %s", c.Type, c.Name)
	}
	return strings.Join(names, ", ")
}
