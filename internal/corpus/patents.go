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

	"github.com/duckdb/duckdb-go/v2"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
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
	if err != nil && err != io.EOF {
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

// patentKind is a kind of table: the columns it must have, and where its rows go.
type patentKind struct {
	name  string
	needs []string
	into  string
	read  func(p *patentTables, row patentRow) ([]any, bool)
}

// patentKinds are the kinds of tables, told by the columns that they must have.
var patentKinds = []patentKind{
	{"location", []string{"location_id", "latitude", "longitude"}, "staged_place", (*patentTables).placeRow},
	{"inventor", []string{"patent_id", "inventor_sequence", "location_id"}, "staged_inventor", (*patentTables).inventorRow},
	{"patent", []string{"patent_id", "patent_date"}, "staged_patent", (*patentTables).patentRow},
	{"count", []string{"from", "lon", "lat", "patents"}, "staged_count", (*patentTables).countRow},
	{"plain", []string{"patent_id", "year", "lon", "lat"}, "staged_inventor", (*patentTables).plainRow},
}

// patentNames are other names of the columns of a plain table.
var patentNames = map[string]string{"longitude_deg": "lon", "lng": "lon", "long": "lon", "publication_number": "patent_id", "patent": "patent_id", "inventor_seq": "inventor", "inventor_id": "inventor"}

type patentRow struct {
	at    map[string]int
	width int
	cells []string
}

func (r *patentRow) get(name string) string {
	if i, ok := r.at[name]; ok {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// patentColumns are the columns that are read or known to be of no use here.
var patentColumns = map[string]bool{"patent_id": true, "patent_date": true, "patent_type": true, "patent_title": true, "wipo_kind": true, "num_claims": true, "withdrawn": true, "filename": true,
	"inventor_sequence": true, "inventor_id": true, "disambig_inventor_name_first": true, "disambig_inventor_name_last": true, "gender_code": true, "location_id": true,
	"disambig_city": true, "disambig_state": true, "disambig_country": true, "latitude": true, "longitude": true, "county": true, "state_fips": true, "county_fips": true,
	"year": true, "inventor": true, "lon": true, "lat": true, "country": true, "city": true, "weight": true, "title": true, "kind": true, "field": true, "from": true, "to": true, "patents": true}

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
	return p.writer.Engine.Append(ctx, kind.into, func(a *duckdb.Appender) error {
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

func appendRowTo(a *duckdb.Appender, n int64, values []any) error {
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
		case err == io.EOF:
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
	case err == io.EOF:
		return nil
	case errors.Is(err, errOversizeCell):
		p.notes.Read++
		p.notes.add(faultOversize, p.notes.File)
		return nil
	}
	b := builder{notes: p.notes}
	return b.damaged(&input{name: p.notes.File}, err)
}

// nullable is a cell as UTF-8, NULL when empty.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return strings.ToValidUTF8(s, "\ufffd")
}

func (p *patentTables) patentRow(row patentRow) ([]any, bool) {
	id := row.get("patent_id")
	if id == "" {
		p.notes.add(faultBadID, clip([]byte(strings.Join(row.cells, " ")), sampleLength))
		return nil, false
	}
	day, ok := parseDay([]byte(row.get("patent_date")))
	if !ok {
		p.notes.add(faultNoYear, id)
		return nil, false
	}
	return []any{id, yearOfDay(day), nullable(row.get("patent_title")), nullable(cmp.Or(row.get("wipo_kind"), row.get("patent_type"))), p.notes.File, p.notes.line}, true
}

func (p *patentTables) inventorRow(row patentRow) ([]any, bool) {
	id := row.get("patent_id")
	seq, ok := whole64([]byte(row.get("inventor_sequence")))
	if id == "" || !ok {
		p.notes.add(faultBadID, clip([]byte(strings.Join(row.cells, " ")), sampleLength))
		return nil, false
	}
	return []any{id, nil, seq + 1, nullable(row.get("location_id")), nil, nil, nil, nil, nil, p.notes.File, p.notes.line}, true
}

func (p *patentTables) placeRow(row patentRow) ([]any, bool) {
	p.notes.Read-- // a place is no record of its own
	lon, lat := p.degrees(row.get("longitude"), row.get("latitude"), row.get("location_id"))
	return []any{row.get("location_id"), nullable(row.get("disambig_country")), nullable(row.get("disambig_city")), lon, lat}, true
}

// degrees reads coordinates; what lies outside the world, or at 0, 0 where no
// inventor lives, is noted and unknown.
func (p *patentTables) degrees(east, north, what string) (lon, lat float64) {
	if east == "" || north == "" {
		return math.NaN(), math.NaN()
	}
	lon, err1 := strconv.ParseFloat(east, 64)
	lat, err2 := strconv.ParseFloat(north, 64)
	switch {
	case err1 != nil || err2 != nil:
		p.notes.add(faultWrongType, clip([]byte(east+", "+north+" · "+what), 80))
	case !(math.Abs(lon) <= 180) || !(math.Abs(lat) <= 90) || lon == 0 && lat == 0:
		p.notes.add(faultBadCoordinates, clip([]byte(east+", "+north+" · "+what), 80))
	default:
		return lon, lat
	}
	return math.NaN(), math.NaN()
}

func (p *patentTables) year(text, what string) (int64, bool) {
	if day, ok := parseDay([]byte(text)); ok {
		return yearOfDay(day), true
	}
	year, ok := whole64([]byte(text))
	if !ok || year < firstYear || year > lastYear {
		p.notes.add(faultNoYear, what)
		return 0, false
	}
	return year, true
}

func (p *patentTables) plainRow(row patentRow) ([]any, bool) {
	id := row.get("patent_id")
	if id == "" {
		p.notes.add(faultBadID, clip([]byte(strings.Join(row.cells, " ")), sampleLength))
		return nil, false
	}
	year, ok := p.year(row.get("year"), id)
	if !ok {
		return nil, false
	}
	weight := math.NaN()
	if text := row.get("weight"); text != "" {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v <= 1) {
			p.notes.add(faultWrongType, "weight = "+clip([]byte(text), 40)+" · "+id)
		} else {
			weight = v
		}
	}
	lon, lat := p.degrees(row.get("lon"), row.get("lat"), id)
	return []any{id, year, nil, nil, nullable(strings.ToUpper(row.get("country"))), nullable(row.get("city")), lon, lat, weight, p.notes.File, p.notes.line}, true
}

func (p *patentTables) countRow(row patentRow) ([]any, bool) {
	what := strings.TrimSpace(row.get("field") + " " + row.get("from") + " " + row.get("city"))
	year, ok := p.year(row.get("from"), what)
	if !ok {
		return nil, false
	}
	count, err := strconv.ParseFloat(row.get("patents"), 64)
	return p.countOf(what, year, row.get("lon"), row.get("lat"), count, err == nil)
}

func (p *patentTables) countOf(what string, year int64, east, north string, count float64, ok bool) ([]any, bool) {
	if !ok || !(count >= 0) || math.IsInf(count, 0) {
		p.notes.add(faultBadID, "patents · "+what)
		return nil, false
	}
	lon, lat := p.degrees(east, north, what)
	if math.IsNaN(lon) {
		p.notes.add(faultNoPlace, what)
		return nil, false
	}
	return []any{what, year, lon, lat, count}, true
}

// diffusion reads PatentWorld's table: one array of places, fields and periods.
func (p *patentTables) diffusion(ctx context.Context, in io.Reader) error {
	d := json.NewDecoder(in)
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		p.notes.add(faultFileUnreadable, "JSON")
		return nil
	}
	p.kinds++
	return p.writer.Engine.Append(ctx, "staged_count", func(a *duckdb.Appender) error {
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

// finish joins the tables and publishes.
func (p *patentTables) finish(ctx context.Context) (Manifest, error) {
	e := p.writer.Engine
	if err := p.cities(ctx); err != nil {
		return Manifest{}, err
	}
	if _, err := e.Exec(ctx, patentJoin); err != nil {
		return Manifest{}, err
	}
	for _, f := range []struct{ kind, query string }{
		{faultDuplicate, "SELECT file, line, patent_id FROM ranked_patent WHERE version > 1 ORDER BY n"},
		{faultDuplicate, "SELECT file, line, patent_id || ' · ' || seq FROM ranked_inventor WHERE version > 1 ORDER BY n"},
		{faultNoPatent, "SELECT file, line, patent_id FROM ranked_inventor WHERE version = 1 AND year IS NULL ORDER BY n"},
		{faultNoInventors, "SELECT file, line, patent_id FROM ranked_patent p WHERE version = 1 AND NOT EXISTS (SELECT 1 FROM good_inventor i WHERE i.patent_id = p.patent_id) ORDER BY n"},
		{faultNoCoordinates, "SELECT file, line, patent_id FROM good_inventor WHERE lon IS NULL ORDER BY n"},
	} {
		if err := p.count(ctx, f.kind, f.query); err != nil {
			return Manifest{}, err
		}
	}
	kept, _, err := db.Value[int64](ctx, e, "SELECT (SELECT count(*) FROM ranked_patent WHERE version = 1) + (SELECT count(*) FROM good_inventor) + (SELECT count(*) FROM staged_count)")
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Name: p.Name, Title: p.Title, Kind: Patents, Source: p.Source, CreatedAt: p.Now, Report: p.all.report(kept),
		Parameters: map[string]string{"weight": "1 / number of inventors, unless the table has weights"}}
	if counts, _, err := db.Value[int64](ctx, e, "SELECT count(*) FROM staged_count"); err != nil {
		return m, err
	} else if counts > 0 {
		m.Parameters["counts"] = "points are counts of patents of a place, a field and a period; their year is the first of the period"
	}
	if m.Title.IsZero() {
		m.Title = i18n.Text{ZH: p.Name, EN: p.Name}
	}
	if m.Source.ID == "" {
		m.Source = source.Source{ID: "patents", Kind: "dataset", Title: i18n.Text{ZH: "专利数据", EN: "Patents"}, LicenceTag: source.Own}
	}
	if p.DryRun {
		return m, nil
	}
	for _, w := range [][2]string{
		{"patent", "SELECT patent_id, year, title, kind FROM all_patent"},
		{"inventor", "SELECT patent_id, year, seq AS inventor_seq, country, code AS city, city AS city_en, lon, lat, weight FROM good_inventor"},
		{"point", `SELECT 'patent' AS kind, patent_id AS document, year, lon, lat, sum(weight) AS weight FROM good_inventor WHERE lon IS NOT NULL GROUP BY patent_id, year, lon, lat
			UNION ALL SELECT 'patent', document, year, lon, lat, weight FROM staged_count`},
	} {
		if err := p.writer.Write(ctx, w[0], w[1]); err != nil {
			return m, err
		}
	}
	return p.writer.Publish(ctx, m)
}

// patentJoin gives each inventor the place and the year; a plain table has both
// in its rows, and its patents are those that its rows name. Of rows with one id
// the first stays. Inventors of a plain table are numbered as they come.
const patentJoin = `
	CREATE TABLE ranked_patent AS SELECT *, row_number() OVER (PARTITION BY patent_id ORDER BY n) AS version FROM staged_patent;
	CREATE TABLE ranked_inventor AS SELECT i.n, i.patent_id, coalesce(i.year, p.year) AS year, i.seq, coalesce(i.country, l.country) AS country, coalesce(i.city, l.city) AS city,
		coalesce(i.lon, l.lon) AS lon, coalesce(i.lat, l.lat) AS lat, i.weight, i.file, i.line,
		row_number() OVER (PARTITION BY i.patent_id, i.seq ORDER BY i.n) AS version
		FROM (SELECT * REPLACE (coalesce(seq, row_number() OVER (PARTITION BY patent_id ORDER BY n)) AS seq) FROM staged_inventor) i
		LEFT JOIN (SELECT * FROM ranked_patent WHERE version = 1) p ON p.patent_id = i.patent_id
		LEFT JOIN (SELECT place, arg_min(country, n) AS country, arg_min(city, n) AS city, arg_min(lon, n) AS lon, arg_min(lat, n) AS lat FROM staged_place GROUP BY place) l ON l.place = i.place;
	CREATE TABLE good_inventor AS SELECT g.n, g.patent_id, g.year, g.seq, g.country, g.city, c.code, g.lon, g.lat, g.file, g.line,
		coalesce(g.weight, 1.0 / count(*) OVER (PARTITION BY g.patent_id)) AS weight
		FROM ranked_inventor g LEFT JOIN city_code c ON c.country = g.country AND c.city = g.city WHERE g.version = 1 AND g.year IS NOT NULL;
	CREATE TABLE all_patent AS SELECT patent_id, year, title, kind FROM ranked_patent WHERE version = 1
		UNION ALL SELECT patent_id, min(year), NULL, NULL FROM good_inventor WHERE patent_id NOT IN (SELECT patent_id FROM ranked_patent) GROUP BY patent_id`

// count notes every row of a query as a fault, in its order.
func (p *patentTables) count(ctx context.Context, kind, query string) error {
	n, _, err := db.Value[int64](ctx, p.writer.Engine, "SELECT count(*) FROM ("+query+")")
	if err != nil || n == 0 {
		return err
	}
	f := p.all.Faults[kind]
	f.Count += n
	f.Kept = !dropped[kind]
	err = db.Each(ctx, p.writer.Engine, func(s db.Scan) error {
		var x Sample
		err := s(&x.File, &x.Line, &x.Text)
		if len(f.Samples) < samplesShown {
			f.Samples = append(f.Samples, x)
		}
		return err
	}, query+" LIMIT "+strconv.Itoa(samplesShown))
	p.all.Faults[kind] = f
	return err
}

// cities finds the GB/T 2260 codes of the cities of China that are named.
func (p *patentTables) cities(ctx context.Context) error {
	if p.Organisations == nil {
		return nil
	}
	names, err := db.Collect(ctx, p.writer.Engine, func(s db.Scan) (pair [2]string, err error) { return pair, s(&pair[0], &pair[1]) },
		`SELECT DISTINCT country, city FROM (SELECT country, city FROM staged_inventor UNION ALL SELECT country, city FROM staged_place) WHERE city IS NOT NULL AND country IN ('CN', 'HK', 'MO') ORDER BY ALL`)
	if err != nil {
		return err
	}
	c := cityNames{service: p.Organisations.Service, known: map[string]registry.Division{}}
	for _, n := range names {
		in := newInstitution(0)
		in.country, in.cityEN = countryCode([]byte(n[0])), n[1]
		if err := c.settle(ctx, in); err != nil {
			return err
		}
		if in.city == "" {
			continue
		}
		if _, err := p.writer.Engine.Exec(ctx, "INSERT INTO city_code VALUES ($1, $2, $3)", n[0], n[1], in.city); err != nil {
			return err
		}
	}
	return nil
}
