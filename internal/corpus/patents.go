package corpus

import (
	"archive/zip"
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/stats"
)

// ImportPatents makes a corpus of patents with the places of their inventors.
// It reads
//
//   - the tables of PatentsView: g_patent, g_inventor_disambiguated and
//     g_location_disambiguated, as .tsv, .tsv.gz or .tsv.zip;
//   - a plain table with one row per inventor: patent_id, year, inventor, lon,
//     lat, and if there are country, city, weight, title, kind;
//   - counts of patents by place: a table with from, lon, lat and patents, or
//     PatentWorld's diffusion table in JSON. They give points and no patents; the
//     weight of a point is the count, its year the first of the period.
//
// What comes in several files is joined, whatever their order.
func ImportPatents(ctx context.Context, im Import) (Manifest, error) {
	if err := CheckName(im.Name); err != nil {
		return Manifest{}, err
	}
	r, err := im.begin(ctx)
	if err != nil {
		return Manifest{}, err
	}
	m, err := r.patents(ctx)
	return m, errors.Join(err, r.end(err == nil))
}

func (r *run) patents(ctx context.Context) (Manifest, error) {
	if err := r.open(ctx, found{}); err != nil {
		return Manifest{}, err
	}
	p := &patentTables{run: r, all: newNotes("")}
	if _, err := r.writer.Engine.Exec(ctx, patentStage); err != nil {
		return Manifest{}, err
	}
	paths, err := patentFiles(r.Paths)
	if err != nil {
		return Manifest{}, err
	}
	for _, path := range paths {
		if err := p.file(ctx, path); err != nil {
			return Manifest{}, err
		}
	}
	if p.kinds == 0 {
		return Manifest{}, errs.New(errs.Invalid, "corpus.no_patents", errs.A{"path": strings.Join(r.Paths, " ")})
	}
	return p.finish(ctx)
}

// patentStage holds the rows as they were read. n counts them through, so that
// the first of two with one id is the one that stays.
const patentStage = `
	CREATE TABLE staged_patent (n BIGINT, patent_id VARCHAR, year BIGINT, title VARCHAR, kind VARCHAR, file VARCHAR, line BIGINT);
	CREATE TABLE staged_inventor (n BIGINT, patent_id VARCHAR, year BIGINT, seq BIGINT, place VARCHAR, country VARCHAR, city VARCHAR, lon DOUBLE, lat DOUBLE, weight DOUBLE, file VARCHAR, line BIGINT);
	CREATE TABLE staged_place (n BIGINT, place VARCHAR, country VARCHAR, city VARCHAR, lon DOUBLE, lat DOUBLE);
	CREATE TABLE staged_count (n BIGINT, document VARCHAR, year BIGINT, lon DOUBLE, lat DOUBLE, weight DOUBLE);
	CREATE TABLE city_code (country VARCHAR, city VARCHAR, code VARCHAR)`

// patentFiles lists the tables below the paths.
func patentFiles(paths []string) ([]string, error) {
	var out []string
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			return nil, errs.Wrap(err, errs.NotFound, "corpus.no_input", errs.A{"path": root})
		}
		if !info.IsDir() {
			out = append(out, root)
			continue
		}
		for _, ending := range []string{"*.tsv", "*.tsv.gz", "*.tsv.zip", "*.csv", "*.csv.gz", "*.zip"} {
			names, err := filepath.Glob(filepath.Join(root, ending))
			if err != nil {
				return nil, err
			}
			out = append(out, names...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// patentTables reads patents into the engine.
type patentTables struct {
	*run
	all   *notes
	notes *notes // of the file being read
	n     int64
	kinds int
}

// file reads one file, or each table in a zip.
func (p *patentTables) file(ctx context.Context, path string) error {
	if !strings.HasSuffix(path, ".zip") {
		t, err := openText(path)
		if err != nil {
			return err
		}
		defer t.Close()
		return p.table(ctx, filepath.Base(path), t)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		p.all.File = filepath.Base(path)
		p.all.at(faultFileUnreadable, 0, err.Error())
		return nil
	}
	defer z.Close()
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		in, err := f.Open()
		if err != nil {
			p.all.File = filepath.Base(path) + "/" + filepath.Base(f.Name)
			p.all.at(faultFileUnreadable, 0, err.Error())
			continue
		}
		err = p.table(ctx, filepath.Base(path)+"/"+filepath.Base(f.Name), &bounded{r: in, packed: int64(f.CompressedSize64)})
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
	}
	return nil
}

// bounded stops a file that grows beyond measure from what it was packed in.
type bounded struct {
	r           io.Reader
	out, packed int64
}

func (b *bounded) Read(buf []byte) (int, error) {
	n, err := b.r.Read(buf)
	if b.out += int64(n); b.out > bombFloor && b.out/bombRatio > b.packed {
		return n, errBomb
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errTruncated, err)
	}
	return n, err
}

// table reads one table of any of the known kinds.
func (p *patentTables) table(ctx context.Context, name string, in io.Reader) error {
	p.notes = newNotes(name)
	var err error
	if strings.Contains(name, ".json") {
		err = p.diffusion(ctx, in)
	} else {
		err = p.rows(ctx, name, in)
	}
	p.all.join(p.notes, 0)
	return err
}

func (p *patentTables) rows(ctx context.Context, name string, in io.Reader) error {
	r := csv.NewReader(newLimited(in))
	if strings.Contains(name, ".tsv") {
		r.Comma = '\t'
	}
	r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = -1, true, true
	row, kind, err := p.head(r)
	if err != nil || kind == nil {
		return err
	}
	p.kinds++
	return p.writer.Engine.Append(ctx, kind.into, func(a *stats.Appender) error {
		return p.each(ctx, r, row, func(row patentRow) error {
			values, ok := kind.read(p, row)
			if !ok {
				return nil
			}
			p.n++
			return appendRowTo(a, p.n, values)
		})
	})
}

// head reads the names of the columns and tells the kind of table, nil for none.
func (p *patentTables) head(r *csv.Reader) (patentRow, *patentKind, error) {
	row := patentRow{at: map[string]int{}}
	head, err := r.Read()
	if err != nil {
		return row, nil, p.broke(err)
	}
	for i, column := range head {
		column = strings.ToLower(strings.Trim(strings.TrimPrefix(column, "\ufeff"), `" `))
		column = cmp.Or(patentNames[column], column)
		if !patentColumns[column] {
			p.notes.field("", []byte(column))
			continue
		}
		row.at[column] = i
	}
	row.width = len(head)
	for i := range patentKinds {
		if !slices.ContainsFunc(patentKinds[i].needs, func(n string) bool { _, ok := row.at[n]; return !ok }) {
			return row, &patentKinds[i], nil
		}
	}
	p.notes.add(faultFileUnreadable, strings.Join(head, ", "))
	return row, nil, nil
}

func appendRowTo(a *stats.Appender, n int64, values []any) error {
	args := make([]driver.Value, 1, len(values)+1)
	args[0] = n
	for _, v := range values {
		if f, ok := v.(float64); ok && math.IsNaN(f) {
			v = nil
		}
		args = append(args, v)
	}
	return a.AppendRow(args...)
}

// each reads rows to the end; what breaks the file ends it and is noted.
func (p *patentTables) each(ctx context.Context, r *csv.Reader, row patentRow, fn func(patentRow) error) error {
	for n := 1; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		cells, err := r.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &wrong):
			p.notes.line = int64(wrong.StartLine)
			p.notes.Read++
			p.notes.add(faultBrokenLine, wrong.Err.Error())
			continue
		case err != nil:
			return p.broke(err)
		}
		p.notes.line, _ = csvLine(r, nil)
		p.notes.Read++
		if len(cells) != row.width {
			p.notes.add(faultBrokenLine, strconv.Itoa(len(cells))+" ≠ "+strconv.Itoa(row.width))
			continue
		}
		row.cells = cells
		if err := fn(row); err != nil {
			return err
		}
	}
}

func (p *patentTables) broke(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, errOversizeCell):
		p.notes.Read++
		p.notes.add(faultOversize, p.notes.File)
		return nil
	}
	b := builder{notes: p.notes}
	return b.damaged(&input{name: p.notes.File}, err)
}

// diffusion reads PatentWorld's table: one array of places, fields and periods.
func (p *patentTables) diffusion(ctx context.Context, in io.Reader) error {
	d := json.NewDecoder(in)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		p.notes.add(faultFileUnreadable, "JSON")
		return nil
	}
	p.kinds++
	return p.writer.Engine.Append(ctx, "staged_count", func(a *stats.Appender) error {
		for d.More() {
			if err := ctx.Err(); err != nil {
				return err
			}
			p.notes.line++
			p.notes.Read++
			var raw json.RawMessage
			if err := d.Decode(&raw); err != nil {
				p.notes.add(faultBrokenLine, err.Error())
				var syntax *json.SyntaxError
				if errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) {
					return nil
				}
				return p.broke(err)
			}
			values, ok := p.diffusionRow(raw)
			if !ok {
				continue
			}
			p.n++
			if err := appendRowTo(a, p.n, values); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *patentTables) diffusionRow(raw []byte) ([]any, bool) {
	var row struct {
		Field   string       `json:"tech_area"`
		Start   int64        `json:"period_start"`
		City    string       `json:"city"`
		Lat     *json.Number `json:"lat"`
		Lon     *json.Number `json:"lng"`
		Patents *json.Number `json:"patent_count"`
	}
	if err := json.Unmarshal(raw, &row); err != nil {
		p.notes.add(faultBrokenLine, err.Error())
		return nil, false
	}
	what := strings.TrimSpace(row.Field + " " + strconv.FormatInt(row.Start, 10) + " " + row.City)
	if row.Start < firstYear || row.Start > lastYear {
		p.notes.add(faultNoYear, what)
		return nil, false
	}
	count, err := 0.0, errors.New("none")
	if row.Patents != nil {
		count, err = row.Patents.Float64()
	}
	east, north := "", ""
	if row.Lat != nil && row.Lon != nil {
		east, north = row.Lon.String(), row.Lat.String()
	}
	return p.countOf(what, row.Start, east, north, count, err == nil)
}
