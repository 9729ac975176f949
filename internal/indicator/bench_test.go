package indicator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/stats"
)

// TestBareSQL sets Prepare beside the bare DuckDB SQL that does the same joins,
// on as many made-up works as KAPOK_BENCH_WORKS says. It is for measuring by
// hand: KAPOK_BENCH_WORKS=1000000 go test -run TestBareSQL -v
func TestBareSQL(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("KAPOK_BENCH_WORKS"))
	if err != nil {
		n = 3000 // to see that it still runs
	}
	ctx := context.Background()
	dir := os.Getenv("KAPOK_BENCH_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	memory, _ := strconv.Atoi(os.Getenv("KAPOK_BENCH_MEMORY_MB"))
	open := func() *stats.Engine {
		e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir, MemoryMB: max(memory, 1000)})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := open()
	made := filepath.Join(dir, fmt.Sprint("made-", n))
	if _, err := os.Stat(made); err != nil {
		makeWorks(t, e, made, n)
	}
	_ = e.Close()
	e = open()
	showWorks(t, e, made)
	start, used := time.Now(), processor()
	if _, err := Prepare(ctx, e, filepath.Join(dir, "prepared"), Spec{From: 2014, To: 2023}); err != nil {
		t.Fatal(err)
	}
	ours, oursUsed := time.Since(start), processor()-used
	_ = e.Close()
	e = open()
	defer e.Close()
	showWorks(t, e, made)
	start, used = time.Now(), processor()
	rows, err := e.Copy(ctx, bare, filepath.Join(dir, "bare.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, theirsUsed := time.Since(start), processor()-used
	t.Logf("%d works: prepared in %v, bare SQL in %v (%d rows), ratio %.2f; processor time %v and %v, ratio %.2f", n, ours.Round(time.Millisecond), theirs.Round(time.Millisecond), rows, float64(ours)/float64(theirs),
		oursUsed.Round(time.Millisecond), theirsUsed.Round(time.Millisecond), float64(oursUsed)/float64(theirsUsed))
}

// processor is the processor time that this process has used.
func processor() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // it cannot fail with these arguments
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// bare is what a person would write who wants only the sums of organisations:
// the same joins, no roll-up, nothing kept.
const bare = `
WITH scope AS (SELECT work_id, year, field, subfield, type, cited_window AS cites FROM work WHERE type IN ('article', 'review') AND NOT retracted AND year BETWEEN 2014 AND 2023),
tally AS (SELECT year, type, subfield, cites, count(*) AS works FROM scope GROUP BY ALL),
level AS (SELECT *, sum(works) OVER c AS size, sum(works * cites) OVER c AS total, sum(works) OVER (PARTITION BY year, type, subfield ORDER BY cites DESC) - works AS above
  FROM tally WINDOW c AS (PARTITION BY year, type, subfield)),
worth AS (SELECT year, type, subfield, cites, CASE WHEN total = 0 THEN 1 ELSE cites * size / total END AS ncs,
  greatest(0, least(1, (size * 0.01 - above) / works))::DOUBLE AS top1, greatest(0, least(1, (size * 0.1 - above) / works))::DOUBLE AS top10, greatest(0, least(1, (size * 0.5 - above) / works))::DOUBLE AS top50 FROM level),
part AS (SELECT a.work_id, a.institution, sum(a.weight) AS weight FROM authorship a JOIN scope USING (work_id) WHERE a.institution IS NOT NULL GROUP BY ALL),
trait AS (SELECT p.work_id, min(institution) <> max(institution) AS several, min(i.country) <> max(i.country) AS abroad, max(i.kind = 'company') AS industry,
  max(i.lat) - min(i.lat) + max(i.lon) - min(i.lon) AS box
  FROM part p JOIN institution i USING (institution) GROUP BY ALL)
SELECT p.institution, s.field, s.year, count(*) AS p, sum(p.weight) AS share, sum(ncs) AS ncs, sum(p.weight * ncs) AS ncs_w, sum(cites) AS tcs, sum(p.weight * cites) AS tcs_w,
  sum(top1) AS top1, sum(p.weight * top1) AS top1_w, sum(top10) AS top10, sum(p.weight * top10) AS top10_w, sum(top50) AS top50, sum(p.weight * top50) AS top50_w,
  count(*) FILTER (WHERE several) AS collab, count(*) FILTER (WHERE abroad) AS abroad, count(*) FILTER (WHERE industry) AS industry,
  count(*) FILTER (WHERE box < 1) AS short, count(*) FILTER (WHERE box > 50) AS long
FROM part p JOIN scope s USING (work_id) JOIN worth USING (year, type, subfield, cites) JOIN trait USING (work_id)
GROUP BY ALL`

func showWorks(t *testing.T, e *stats.Engine, dir string) {
	for _, table := range corpus.Tables {
		files, _ := filepath.Glob(filepath.Join(dir, table.Name+"-*.parquet"))
		if len(files) == 0 {
			files = []string{filepath.Join(dir, table.Name+".parquet")}
		}
		if err := e.View(context.Background(), stats.View{Name: table.Name, Files: files}); err != nil {
			t.Fatal(table.Name, err)
		}
	}
}

// makeWorks writes works with about four authors each, skewed over 20,000
// institutions, and citations skewed within cells.
func makeWorks(t *testing.T, e *stats.Engine, dir string, n int) {
	t.Helper()
	ctx := context.Background()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, sql string) {
		if _, err := e.Copy(ctx, sql, filepath.Join(dir, name+".parquet")); err != nil {
			t.Fatal(err)
		}
	}
	const u = "(hash(%s) %% 1000003) / 1000003.0"
	at := func(what string) string { return fmt.Sprintf(u, what) }
	write("institution", `SELECT i AS institution, NULL::VARCHAR AS org_id, NULL::VARCHAR AS ror, NULL::VARCHAR AS openalex, 'institution ' || i AS name_en, NULL::VARCHAR AS name_zh,
		CASE i % 10 WHEN 0 THEN 'company' ELSE 'education' END AS kind, chr((65 + (sqrt(i)::BIGINT % 9))::INT) || 'N' AS country, 'geonames:' || (i % 3000) AS city, NULL::VARCHAR AS city_en, NULL::VARCHAR AS city_zh, NULL::VARCHAR AS district,
		`+at("i + 11")+` * 120 - 60 AS lat, `+at("i + 12")+` * 360 - 180 AS lon FROM range(1, 20001) r(i)`)
	write("institution_link", "SELECT i AS child, i // 20 + 1 AS parent, CASE i % 3 WHEN 0 THEN 'associated' WHEN 1 THEN 'joint' ELSE 'component' END AS kind, CASE i % 3 WHEN 1 THEN 0.5 END AS weight FROM range(1001, 6001) r(i)")
	for year := int64(2014); year < 2024; year++ {
		run1(t, e, strings.NewReplacer("{year}", fmt.Sprint(year), "{n}", fmt.Sprint(n/10)).Replace(`CREATE OR REPLACE TABLE w AS SELECT {year}::BIGINT * 100000000 + i AS work_id, 'A study of something number ' || i AS title, NULL::VARCHAR AS doi, {year}::BIGINT AS year, NULL::DATE AS published,
			CASE WHEN i % 9 = 0 THEN 'review' WHEN i % 11 = 0 THEN 'letter' ELSE 'article' END AS type, 'en' AS language, (i % 20000)::BIGINT AS source_id,
			(11 + hash(i) % 26)::BIGINT AS field, ((11 + hash(i) % 26) * 100 + hash(i + 3) % 10)::BIGINT AS subfield, 1::BIGINT AS topic, (1 + floor(`+at("i * 7")+` * `+at("i * 7 + 1")+` * 14))::BIGINT AS authors, 5::BIGINT AS refs,
			floor(exp(`+at("i + 5")+` * 4.5) - 1)::BIGINT AS cited, floor(exp(`+at("i + 5")+` * `+at("i + 6")+` * 6) - 1)::BIGINT AS cited_window, i % 997 = 0 AS retracted, NULL::DOUBLE AS fwci, NULL::VARCHAR AS record FROM range({n}) r(i)`))
		write(fmt.Sprint("work-", year), "SELECT * FROM w ORDER BY work_id")
		write(fmt.Sprint("authorship-", year), `SELECT work_id, year, author_seq, NULL::BIGINT AS author_id, s AS affiliation_seq, CASE WHEN hash(work_id + 31 * author_seq + s) % 10 > 1 THEN
			1 + floor(power(CASE WHEN hash(work_id, author_seq) % 5 < 3 THEN `+at("work_id")+` ELSE `+at("work_id * 13 + author_seq * 3 + s")+` END, 3) * 20000)::BIGINT END AS institution,
			CASE WHEN hash(work_id + author_seq) % 3 = 0 THEN 'CN' END AS country, 1.0::DOUBLE / authors / k AS weight
			FROM (SELECT work_id, year, authors, a AS author_seq, CASE WHEN hash(work_id - a) % 5 = 0 THEN 2 ELSE 1 END AS k FROM w, range(14) r(a) WHERE a < authors), range(2) q(s) WHERE s < k ORDER BY work_id, author_seq, s`)
	}
	run1(t, e, "DROP TABLE w")
	for _, table := range corpus.Tables {
		files, _ := filepath.Glob(filepath.Join(dir, table.Name+"-*.parquet"))
		if _, err := os.Stat(filepath.Join(dir, table.Name+".parquet")); err == nil || len(files) > 0 {
			continue
		}
		columns := ""
		for i, c := range table.Columns {
			if i > 0 {
				columns += ", "
			}
			columns += "CAST(NULL AS " + string(c.Type) + ") AS " + c.Name
		}
		write(table.Name, "SELECT "+columns+" WHERE FALSE")
	}
}
