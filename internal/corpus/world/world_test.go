package world_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// simulate makes a world and returns its folder.
func simulate(t *testing.T, o world.Options) (string, corpus.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sim")
	m, err := world.Make(t.Context(), dir, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// open shows a world to SQL. Only two may be open at once.
func open(t *testing.T, dir string) *stats.Session {
	t.Helper()
	s, err := corpus.Open(t.Context(), dir, stats.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// number returns the one number that a query gives.
func number(t *testing.T, s *stats.Session, query string) float64 {
	t.Helper()
	v, err := db.Collect(t.Context(), s, func(scan db.Scan) (x float64, err error) { return x, scan(&x) }, query)
	if err != nil || len(v) != 1 {
		t.Fatalf("%s: %v, %v", query, v, err)
	}
	return v[0]
}

// TestSameBytes makes the same world with one worker and with three.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	o := world.Options{Works: 1500, Seed: 7, From: 2020, To: 2022, Workers: 1}
	_, one := simulate(t, o)
	o.Workers = 3
	_, three := simulate(t, o)
	if d := cmp.Diff(one.Files, three.Files); d != "" {
		t.Errorf("files differ between one worker and three:\n%s", d)
	}
	o.Seed = 8
	_, other := simulate(t, o)
	if cmp.Equal(one.Files, other.Files) {
		t.Error("another seed gives the same files")
	}
}

// none are conditions that no row meets: each query counts the rows that do.
var none = map[string]string{
	"weights of a work do not sum to 1":     `SELECT count(*) FROM (SELECT work_id, abs(sum(weight) - 1) AS off FROM authorship GROUP BY work_id) WHERE off > 1e-9`,
	"a work with authors has no authorship": `SELECT count(*) FROM work w WHERE authors > 0 AND NOT EXISTS (SELECT 1 FROM authorship a WHERE a.work_id = w.work_id)`,
	"a work without authors has one":        `SELECT count(*) FROM authorship JOIN work USING (work_id) WHERE authors = 0`,
	"a weight is not in (0, 1]":             `SELECT count(*) FROM authorship WHERE weight <= 0 OR weight > 1`,
	"a weight is not 1/authors × 1/affiliations × 1/institutions": `SELECT count(*) FROM (
		SELECT weight, authors, count(*) OVER (PARTITION BY work_id, author_seq, affiliation_seq) AS institutions, author_seq,
			max(affiliation_seq) OVER (PARTITION BY work_id, author_seq) AS affiliations FROM authorship JOIN work USING (work_id))
		WHERE author_seq IS NOT NULL AND abs(weight - 1.0 / authors / coalesce(affiliations, 1) / institutions) > 1e-12`,
	"an institution is not listed":             `SELECT count(*) FROM authorship WHERE institution NOT IN (SELECT institution FROM institution)`,
	"a country is not that of the institution": `SELECT count(*) FROM authorship a JOIN institution i USING (institution) WHERE a.country IS DISTINCT FROM i.country`,
	"a row is there twice":                     `SELECT count(*) FROM (SELECT 1 FROM authorship GROUP BY work_id, author_seq, affiliation_seq, institution HAVING count(*) > 1)`,
	"an author is in a list twice":             `SELECT count(*) FROM (SELECT 1 FROM authorship WHERE author_seq IS NOT NULL GROUP BY work_id, author_id HAVING count(DISTINCT author_seq) > 1)`,
	"a list is longer than 100":                `SELECT count(*) FROM authorship WHERE author_seq > 100`,
	"a year is not that of the work":           `SELECT count(*) FROM authorship a JOIN work w USING (work_id) WHERE a.year <> w.year OR year(w.published) <> w.year`,
	"a year is out of range":                   `SELECT count(*) FROM work WHERE year NOT BETWEEN 2014 AND 2023`,
	"a number of citations is wrong":           `SELECT count(*) FROM work WHERE cited_window > cited OR cited < 0 OR cited_window < 0`,
	"a topic is not of the subfield, or that not of the field": `SELECT count(*) FROM work w WHERE NOT EXISTS (
		SELECT 1 FROM field t JOIN field s ON s.level = 'subfield' AND s.field = t.parent WHERE t.level = 'topic' AND t.field = w.topic AND s.field = w.subfield AND s.parent = w.field)`,
	"a source is not listed":                             `SELECT count(*) FROM work WHERE source_id NOT IN (SELECT source_id FROM source)`,
	"a link leads nowhere":                               `SELECT count(*) FROM institution_link WHERE child = parent OR parent NOT IN (SELECT institution FROM institution WHERE kind = 'education')`,
	"the weights of a joint institution do not sum to 1": `SELECT count(*) FROM (SELECT sum(weight) AS s FROM institution_link WHERE kind <> 'associated' GROUP BY child) WHERE abs(s - 1) > 1e-9`,
	"an institution is not marked as simulated":          `SELECT count(*) FROM institution WHERE name_en NOT LIKE 'Simulated %' OR name_zh NOT LIKE '模拟%' OR ror IS NOT NULL`,
	"a coordinate is out of range": `SELECT count(*) FROM (SELECT lat, lon FROM institution UNION ALL SELECT lat, lon FROM point UNION ALL SELECT lat, lon FROM inventor)
		WHERE lat NOT BETWEEN -90 AND 90 OR lon NOT BETWEEN -180 AND 180`,
	"the weights of an inventor list do not sum to 1": `SELECT count(*) FROM (SELECT sum(weight) AS s, count(*) AS n, max(inventor_seq) AS m FROM inventor GROUP BY patent_id) WHERE abs(s - 1) > 1e-9 OR n <> m`,
	"the weights of a document sum to more than 1":    `SELECT count(*) FROM (SELECT sum(weight) AS s FROM point GROUP BY kind, document) WHERE s > 1 + 1e-9`,
	"an address is there twice":                       `SELECT count(*) FROM (SELECT 1 FROM point GROUP BY kind, document, lon, lat HAVING count(*) > 1)`,
	"the world's mean impact is not 1":                `SELECT count(*) FROM (SELECT avg(fwci) AS m FROM work GROUP BY year, subfield, type) WHERE abs(m - 1) > 1e-3`,
}

// some are conditions that some row meets, or the world would be too tidy to
// test anything.
var some = map[string]string{
	"two affiliations":               `SELECT count(*) FROM authorship WHERE affiliation_seq = 2`,
	"two institutions in one line":   `SELECT count(*) FROM (SELECT 1 FROM authorship GROUP BY work_id, author_seq, affiliation_seq HAVING count(institution) > 1)`,
	"an open affiliation":            `SELECT count(*) FROM authorship WHERE institution IS NULL AND affiliation_seq IS NOT NULL AND country IS NULL`,
	"an open one in a known country": `SELECT count(*) FROM authorship WHERE institution IS NULL AND country IS NOT NULL`,
	"an author without affiliation":  `SELECT count(*) FROM authorship WHERE author_seq IS NOT NULL AND affiliation_seq IS NULL`,
	"a cut list":                     `SELECT count(*) FROM authorship WHERE author_seq IS NULL`,
	"a work without authors":         `SELECT count(*) FROM work WHERE authors = 0`,
	"a retracted work":               `SELECT count(*) FROM work WHERE retracted`,
	"a Chinese work":                 `SELECT count(*) FROM work WHERE language = 'zh'`,
	"a component":                    `SELECT count(*) FROM institution_link WHERE kind = 'component'`,
	"a joint organisation":           `SELECT count(*) FROM institution_link WHERE kind = 'joint'`,
	"an associated hospital":         `SELECT count(*) FROM institution_link WHERE kind = 'associated'`,
	"a district of Guangzhou":        `SELECT count(*) FROM institution WHERE city = '440100' AND district = '440106'`,
	"Hong Kong":                      `SELECT count(*) FROM institution WHERE country = 'HK'`,
	"a national journal":             `SELECT count(*) FROM source WHERE name LIKE '%CN National Journal%'`,
}

func TestRows(t *testing.T) {
	t.Parallel()
	dir, m := simulate(t, world.Options{Works: 12000, Seed: 1})
	s := open(t, dir)
	for what, query := range none {
		if n := number(t, s, query); n != 0 {
			t.Errorf("%s: %g times", what, n)
		}
	}
	for what, query := range some {
		if n := number(t, s, query); n == 0 {
			t.Errorf("%s: never", what)
		}
	}
	if m.Rows("work") != 12000 || m.Rows("patent") != 2000 || !m.Simulated || m.Kind != corpus.Simulated || !m.Source.Simulated {
		t.Errorf("manifest: %+v", m)
	}
	skew(t, s)
}

// TestLinks makes a world whose citations are its links.
func TestLinks(t *testing.T) {
	t.Parallel()
	o := world.Options{Works: 2500, Seed: 3, From: 2018, To: 2022, References: true, Workers: 1}
	dir, one := simulate(t, o)
	o.Workers = 2
	if _, two := simulate(t, o); !cmp.Equal(one.Files, two.Files) {
		t.Error("files differ between one worker and two")
	}
	s := open(t, dir)
	for what, query := range map[string]string{
		"citations are not the links": `SELECT count(*) FROM work w LEFT JOIN (SELECT cited AS work_id, count(*) AS n FROM citation GROUP BY cited) USING (work_id) WHERE w.cited <> coalesce(n, 0)`,
		"citations in the window are not the links": `SELECT count(*) FROM work w LEFT JOIN (SELECT c.cited AS work_id, count(*) AS n FROM citation c JOIN work t ON t.work_id = c.cited
			WHERE c.citing_year <= t.year + 3 GROUP BY c.cited) USING (work_id) WHERE w.cited_window <> coalesce(n, 0)`,
		"a link goes nowhere":            `SELECT count(*) FROM citation WHERE cited NOT IN (SELECT work_id FROM work) OR citing NOT IN (SELECT work_id FROM work)`,
		"a link is there twice":          `SELECT count(*) FROM (SELECT 1 FROM citation GROUP BY citing, cited HAVING count(*) > 1)`,
		"a work cites a later one":       `SELECT count(*) FROM citation WHERE cited >= citing`,
		"a year is wrong":                `SELECT count(*) FROM citation c JOIN work w ON w.work_id = c.citing WHERE c.citing_year <> w.year`,
		"more links than references":     `SELECT count(*) FROM work w JOIN (SELECT citing AS work_id, count(*) AS n FROM citation GROUP BY citing) USING (work_id) WHERE n > refs`,
		"self is not a shared author":    `SELECT count(*) FROM citation c WHERE self <> EXISTS (SELECT 1 FROM authorship a JOIN authorship b USING (author_id) WHERE a.work_id = c.citing AND b.work_id = c.cited)`,
		"a year of the world cites none": `SELECT count(*) FROM (SELECT year FROM work GROUP BY year) WHERE year NOT IN (SELECT citing_year FROM citation)`,
	} {
		if n := number(t, s, query); n != 0 {
			t.Errorf("%s: %g times", what, n)
		}
	}
	if share := number(t, s, `SELECT avg(CAST(self AS INTEGER)) FROM citation`); share < 0.01 || share > 0.3 {
		t.Errorf("share of self-citations: %g", share)
	}
}

// skew looks at the shapes of 12,000 works: far from even, far from constant.
func skew(t *testing.T, s *stats.Session) {
	t.Helper()
	for _, c := range []struct {
		what, query string
		from, to    float64
	}{
		{"never cited", `SELECT avg(CAST(cited = 0 AS DOUBLE)) FROM work`, 0.15, 0.4},
		{"citations that the top tenth has", `SELECT sum(cited) FILTER (WHERE place <= 1200) / sum(cited) FROM (SELECT cited, row_number() OVER (ORDER BY cited DESC) AS place FROM work)`, 0.4, 0.75},
		{"authors per work", `SELECT avg(authors) FROM work`, 3.5, 6},
		{"Guangzhou's share", `SELECT sum(weight) / 12000 FROM authorship JOIN institution USING (institution) WHERE city = '440100'`, 0.005, 0.03},
		{"growth over nine years", `SELECT count(*) FILTER (WHERE year = 2023) / count(*) FILTER (WHERE year = 2014) FROM work`, 1.5, 1.6},
	} {
		if v := number(t, s, c.query); v < c.from || v > c.to {
			t.Errorf("%s: %g, want %g to %g", c.what, v, c.from, c.to)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []world.Options{{}, {Works: -1}, {Works: 10, From: 2020, To: 2019}, {Works: 10, From: 1700, To: 1800}, {Works: 10, From: 2020}} {
		if _, err := world.New(o); err == nil {
			t.Errorf("%+v makes a world", o)
		}
	}
}

// TestSmall makes worlds with less works than years.
func TestSmall(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 10} {
		_, m := simulate(t, world.Options{Works: n})
		if m.Rows("work") != int64(n) {
			t.Errorf("%d works: got %d", n, m.Rows("work"))
		}
	}
}

// TestInterrupted stops in the middle of the writing: nothing is published, and
// the next run succeeds in the same folder.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "sim")
	o := world.Options{Works: 3000, Seed: 1, From: 2020, To: 2023}
	ctx, stop := context.WithCancel(t.Context())
	if _, err := world.Make(ctx, dir, o, func(done, all int64) { stop() }); !errors.Is(err, context.Canceled) {
		t.Fatalf("a run that was stopped returns %v", err)
	}
	if m, err := corpus.ReadManifest(dir); err == nil {
		t.Fatalf("half a world is published: %d works", m.Rows("work"))
	}
	if _, err := world.Make(t.Context(), dir, o, nil); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".tmp-*.parquet")); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}
