package release

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Part is further content of a release, such as the rankings over a corpus or
// the ledger of editions: tables, SQL over them, and files. The tables are
// copied, the statements are run over the copies, and what they give is frozen;
// [Verify] runs them again.
type Part struct {
	Name      string // [a-z0-9_-], unique in the release
	Title     i18n.Text
	Note      i18n.Text // the method in words
	Method    string    // its version: a change of it is told as one
	Simulated bool
	Tables    []stats.View // names and absolute paths of Parquet files
	// Statements run in their order, each one SELECT.
	Statements []Statement
	Files      []Attachment // frozen and hashed, not recomputed
	Sources    []Source
}

// Statement is a SELECT of a part.
type Statement struct {
	Name  string    `json:"name"`
	Title i18n.Text `json:"title,omitzero"`
	SQL   string    `json:"sql"`
	// Key are the columns that name a row of the result, for comparing two of
	// them. Empty for a step: its result is not kept, and later statements see
	// it under its name.
	Key []string `json:"key,omitempty"`
	// Shown is how many rows the report prints; all stand in the file.
	Shown int `json:"shown,omitempty"`
}

// Attachment is a file that goes along.
type Attachment struct {
	Name string // of the file in the release
	Path string // where it is now
}

// PartResult is a part as a release holds it.
type PartResult struct {
	Name       string      `json:"name"`
	Title      i18n.Text   `json:"title"`
	Note       i18n.Text   `json:"note,omitzero"`
	Method     string      `json:"method,omitempty"`
	Simulated  bool        `json:"simulated,omitempty"`
	Tables     []PartTable `json:"tables"`
	Statements []Statement `json:"statements"`
	Files      []string    `json:"files,omitempty"` // paths in the release
}

// PartTable is a frozen table: a name and the paths of its files in the release.
type PartTable struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
}

func partDir(name string) string               { return "parts/" + name }
func partPath(name string) string              { return partDir(name) + "/part.json" }
func resultPath(part, statement string) string { return partDir(part) + "/" + statement + ".csv" }
func tablePath(part, table string, i int) string {
	return fmt.Sprintf("%s/tables/%s-%d.parquet", partDir(part), table, i)
}

var sqlName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Bounds on what a statement of a part may take and give.
const (
	partPatience = 10 * time.Minute
	partRows     = 5_000_000
)

func (p *PartResult) check() error {
	bad := func(what string) error {
		return errs.New(errs.Invalid, "release.bad_part", errs.A{"part": cut(p.Name, 64), "what": cut(what, 80)})
	}
	if CheckName(p.Name) != nil || p.Title.IsZero() {
		return bad("name")
	}
	seen := map[string]bool{}
	for _, t := range p.Tables {
		if !sqlName.MatchString(t.Name) || seen[t.Name] || len(t.Files) == 0 {
			return bad(t.Name)
		}
		seen[t.Name] = true
		for i, path := range t.Files {
			if path != tablePath(p.Name, t.Name, i) {
				return bad(path)
			}
		}
	}
	for _, s := range p.Statements {
		if !sqlName.MatchString(s.Name) || seen[s.Name] || strings.TrimSpace(s.SQL) == "" || s.Name == "part" {
			return bad(s.Name)
		}
		seen[s.Name] = true
	}
	for _, path := range p.Files {
		if !safePath(path) || !strings.HasPrefix(path, partDir(p.Name)+"/files/") {
			return bad(path)
		}
	}
	return nil
}

func (f *folder) loadPart(name string) (*PartResult, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	var p PartResult
	if err := f.decode(partPath(name), &p); err != nil {
		return nil, err
	}
	if p.Name != name {
		return nil, errs.New(errs.Invalid, "release.bad_part", errs.A{"part": name, "what": cut(p.Name, 64)})
	}
	return &p, p.check()
}

// text is the statement with the steps before it, still one SELECT.
func (p *PartResult) text(at int) string {
	var b strings.Builder
	for i, s := range p.Statements[:at] {
		if len(s.Key) > 0 {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("WITH ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s AS (\n%s\n)", s.Name, strings.TrimRight(p.Statements[i].SQL, "; \n\t"))
	}
	return b.String() + "\nSELECT * FROM (\n" + strings.TrimRight(p.Statements[at].SQL, "; \n\t") + "\n) AS statement"
}

// grid is a result: columns and rows of text, "" for NULL.
type grid struct {
	head []string
	rows [][]string
}

// run returns what a statement gives over q.
func (p *PartResult) run(ctx context.Context, q db.Querier, at int) (*grid, error) {
	ctx, cancel := context.WithTimeout(ctx, partPatience)
	defer cancel()
	rows, err := q.Query(ctx, p.text(at))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	g := &grid{}
	if g.head, err = rows.Columns(); err != nil {
		return nil, err
	}
	cells, dest := make([]any, len(g.head)), make([]any, len(g.head))
	for i := range cells {
		dest[i] = &cells[i]
	}
	for rows.Next() {
		if len(g.rows) == partRows {
			return nil, errs.New(errs.TooLarge, "release.too_many_rows", errs.A{"part": p.Name, "statement": p.Statements[at].Name, "limit": partRows})
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = cellText(c)
		}
		g.rows = append(g.rows, row)
	}
	return g, rows.Err()
}

// cellText writes a value so that the same value gives the same text, as a
// spreadsheet may safely open it.
func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ""
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339Nano)
	case string:
		return sheet.Inert(v)
	case []byte:
		return sheet.Inert(string(v))
	}
	return sheet.Inert(fmt.Sprint(v))
}

func (g *grid) write(w io.Writer) error {
	return sheet.Write(w, sheet.CSV, g.head, func(yield func(sheet.Row, error) bool) {
		for _, r := range g.rows {
			row := make(sheet.Row, len(r))
			for i, c := range r {
				row[i] = c
			}
			if !yield(row, nil) {
				return
			}
		}
	})
}

// grid reads a result of the folder.
func (f *folder) grid(part, statement string) (*grid, error) {
	file, _, err := f.open(resultPath(part, statement))
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": resultPath(part, statement), "what": err.Error()})
	}
	defer file.Close()
	g := &grid{}
	in := csv.NewReader(file)
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return g, nil
		}
		if err != nil || len(g.rows) > partRows {
			return nil, errs.Wrap(err, errs.Invalid, "release.unreadable", errs.A{"file": resultPath(part, statement), "what": fmt.Sprint(err)})
		}
		if g.head == nil {
			row[0] = strings.TrimPrefix(row[0], "\ufeff")
			g.head = row
			continue
		}
		g.rows = append(g.rows, row)
	}
}

// byKey maps the key of each row to it; a key that is missing or stands twice
// is an error.
func (g *grid) byKey(key []string) (map[string][]string, error) {
	at := make([]int, len(key))
	for i, k := range key {
		if at[i] = slices.Index(g.head, k); at[i] < 0 {
			return nil, fmt.Errorf("no column %s", k)
		}
	}
	out := make(map[string][]string, len(g.rows))
	for _, row := range g.rows {
		parts := make([]string, len(at))
		for i, j := range at {
			parts[i] = row[j]
		}
		k := strings.Join(parts, " · ")
		if out[k] != nil {
			return nil, fmt.Errorf("two rows of key %s", k)
		}
		out[k] = row
	}
	return out, nil
}

// sameCell reports whether two cells say the same, numbers up to the order of a
// sum.
func sameCell(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && near(x, y)
}

// near allows what the order of a sum in binary may explain.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// freezePart copies the tables of a part, runs its statements over the copies
// and writes what they give.
func (w *writer) freezePart(ctx context.Context, p *Part) error {
	spec := PartResult{Name: p.Name, Title: p.Title, Note: p.Note, Method: p.Method, Simulated: p.Simulated, Statements: p.Statements}
	for _, t := range p.Tables {
		table := PartTable{Name: t.Name}
		for i := range t.Files {
			table.Files = append(table.Files, tablePath(p.Name, t.Name, i))
		}
		spec.Tables = append(spec.Tables, table)
	}
	for _, a := range p.Files {
		spec.Files = append(spec.Files, partDir(p.Name)+"/files/"+a.Name)
	}
	if err := spec.check(); err != nil {
		return err
	}
	for _, o := range p.Sources {
		if o.LicenceTag == source.Red {
			return errs.New(errs.Forbidden, "release.restricted_part", errs.A{"part": p.Title, "source": o.Title})
		}
	}
	for i, t := range p.Tables {
		for j, path := range t.Files {
			if err := w.copy(path, spec.Tables[i].Files[j], File{Role: RolePart, Name: p.Name}); err != nil {
				return err
			}
		}
	}
	for i, a := range p.Files {
		if err := w.copy(a.Path, spec.Files[i], File{Role: RolePart, Name: p.Name}); err != nil {
			return err
		}
	}
	if err := w.json(partPath(p.Name), RolePart, p.Name, spec); err != nil {
		return err
	}
	return w.results(ctx, &spec)
}

func (w *writer) results(ctx context.Context, p *PartResult) error {
	session, err := p.open(ctx, w.dir)
	if err != nil {
		return err
	}
	defer session.Close()
	for i, s := range p.Statements {
		if len(s.Key) == 0 {
			continue
		}
		g, err := p.run(ctx, session, i)
		if err == nil {
			_, err = g.byKey(s.Key)
		}
		if err != nil {
			return errs.Wrap(err, errs.Invalid, "release.statement_failed", errs.A{"part": p.Name, "statement": s.Name, "what": reason(err)})
		}
		if err := w.file(resultPath(p.Name, s.Name), File{Role: RolePart, Name: p.Name, Rows: int64(len(g.rows))}, g.write); err != nil {
			return err
		}
	}
	return nil
}

// open opens a session over the frozen tables.
func (p *PartResult) open(ctx context.Context, dir string) (*stats.Session, error) {
	var views []stats.View
	for _, t := range p.Tables {
		v := stats.View{Name: t.Name}
		for _, path := range t.Files {
			v.Files = append(v.Files, filepath.Join(dir, filepath.FromSlash(path)))
		}
		views = append(views, v)
	}
	return openViews(ctx, dir, views)
}

// sessionConfig is one thread, so that the same facts give the same bits.
var sessionConfig = stats.Config{Threads: 1}

// reason is what an error says to the one who reads a report of it.
func reason(err error) string { return cut(i18n.Error(i18n.EN, err), 300) }
