package indicator

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/shareddata"
	"github.com/kapok-city/kapok/internal/stats"
)

// TestPublishedAggregates computes from 1,496 real works what was published of
// them: citations, mean and median FWCI, works in the top 1 % and 10 % of the
// world, and sets the engine's sums beside them.
func TestPublishedAggregates(t *testing.T) {
	path := shareddata.Path(t, "openalex_works_sample/openalex_works_coastal.csv.gz")
	ctx := context.Background()
	dir := t.TempDir()
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir, Read: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run1(t, e, "CREATE TABLE sample AS SELECT * FROM read_csv('"+path+"')")
	type row struct {
		works, scored, citations, mean, median, one, ten float64
	}
	got, _, err := db.One(ctx, e, func(s db.Scan) (r row, err error) {
		return r, s(&r.works, &r.scored, &r.citations, &r.mean, &r.median, &r.one, &r.ten)
	}, "SELECT count(*), count(fwci), sum(cited_by_count), avg(fwci), median(fwci), count(*) FILTER (WHERE is_top_1pct), count(*) FILTER (WHERE is_top_10pct) FROM sample")
	if err != nil {
		t.Fatal(err)
	}
	want := row{1496, 1207, 58579, 6.94, 1.69, 92, 526}
	if math.Abs(got.mean-want.mean) > 0.005 || math.Abs(got.median-want.median) > 0.005 || got.works != want.works || got.scored != want.scored || got.citations != want.citations || got.one != want.one || got.ten != want.ten {
		t.Errorf("the sample has %+v, published is %+v", got, want)
	}
	sampleCorpus(t, e)
	spec := Spec{Unit: World, From: 1900, To: 2026, Citations: "all", Field: "field", Types: []string{"article", "preprint", "dataset", "peer-review", "review", "dissertation", "other", "book-chapter", "report", "erratum", "letter", "paratext", "editorial", "book"}}
	p, err := Prepare(ctx, e, filepath.Join(dir, "prepared"), spec, Organisation, Country)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Views(filepath.Join(dir, "prepared")) {
		run1(t, e, "DROP TABLE IF EXISTS "+v.Name)
		if err := e.View(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	values, err := Values(ctx, e, spec)
	if err != nil || len(values) != 1 {
		t.Fatal(len(values), err)
	}
	// 7 works have no year: of them the engine cannot know whether they count
	if v := values[0]; v.P != 1496-7 || v.TCS != 58579 || !same(v.MNCS, 1) || !same(v.PPTop10, 0.1) {
		t.Errorf("the engine has %v works, %v citations, MNCS %v and %v in the top 10 %%", v.P, v.TCS, v.MNCS, v.PPTop10)
	}
	spec.Unit = Organisation
	rest, err := Unassigned(ctx, e, spec)
	if err != nil || rest.Share < 0 || rest.Share > 1496 {
		t.Errorf("unassigned %+v, %v", rest, err)
	}
}

// sampleCorpus shows the sample as the tables of a corpus. It names institutions
// by work, not by author, so each has an equal part.
func sampleCorpus(t *testing.T, e *stats.Engine) {
	t.Helper()
	run1(t, e, `CREATE TABLE work AS SELECT CAST(substr(work_id, 2) AS BIGINT) AS work_id, title, doi, CAST(year AS BIGINT) AS year, type, language, CAST(NULL AS BIGINT) AS source_id,
		CAST(abs(hash(primary_field)::HUGEINT % 1000) AS BIGINT) AS field, CAST(NULL AS BIGINT) AS subfield, CAST(NULL AS BIGINT) AS topic, CAST(n_authors AS BIGINT) AS authors, CAST(referenced_works_count AS BIGINT) AS refs,
		CAST(cited_by_count AS BIGINT) AS cited, CAST(NULL AS BIGINT) AS cited_window, FALSE AS retracted, CAST(fwci AS DOUBLE) AS fwci, CAST(NULL AS VARCHAR) AS record FROM sample`)
	run1(t, e, `CREATE TABLE authorship AS SELECT work_id, year, CAST(NULL AS BIGINT) AS author_seq, CAST(NULL AS BIGINT) AS affiliation_seq, CAST(substr(i, 2) AS BIGINT) AS institution, CAST(NULL AS VARCHAR) AS country, 1.0::DOUBLE / n AS weight
		FROM (SELECT CAST(substr(work_id, 2) AS BIGINT) AS work_id, CAST(year AS BIGINT) AS year, unnest(string_split(institution_ids, '|')) AS i, len(string_split(institution_ids, '|')) AS n FROM sample WHERE institution_ids IS NOT NULL)`)
	run1(t, e, "CREATE TABLE institution AS SELECT DISTINCT institution, CAST(NULL AS VARCHAR) AS org_id, CAST(NULL AS VARCHAR) AS name_en, CAST(NULL AS VARCHAR) AS name_zh, CAST(NULL AS VARCHAR) AS kind, CAST(NULL AS VARCHAR) AS country, CAST(NULL AS VARCHAR) AS city, CAST(NULL AS VARCHAR) AS district, CAST(NULL AS DOUBLE) AS lat, CAST(NULL AS DOUBLE) AS lon FROM authorship")
	run1(t, e, "CREATE TABLE institution_link (child BIGINT, parent BIGINT, kind VARCHAR, weight DOUBLE)")
}
