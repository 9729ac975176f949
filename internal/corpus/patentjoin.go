package corpus

import (
	"context"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

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
