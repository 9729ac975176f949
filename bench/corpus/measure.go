//go:build ignore

// Measure times one way to make a corpus of works: go run measure.go
// kapok|duckdb|duckdb-nested FOLDER OUT. DuckDB reads the same files with its own
// read_json and writes the same columns.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/stats"
)

func main() {
	from, _ := filepath.Abs(os.Args[2])
	out, _ := filepath.Abs(os.Args[3])
	_ = os.RemoveAll(out)
	_ = os.MkdirAll(out, 0o755)
	begun := time.Now()
	var err error
	switch os.Args[1] {
	case "kapok":
		err = kapok(from, out)
	case "duckdb":
		err = duckdb(from, out, tables)
	case "duckdb-nested":
		err = duckdb(from, out, nested)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	fmt.Printf("%.2f %d %.1f\n", time.Since(begun).Seconds(), use.Maxrss/1024, float64(use.Utime.Sec+use.Stime.Sec)+float64(use.Utime.Usec+use.Stime.Usec)/1e6)
}

func kapok(from, out string) error {
	_, err := corpus.ImportOpenAlex(context.Background(), corpus.Import{Root: out, Name: "c", Paths: []string{from}, Now: time.Now()})
	return err
}

// columns is what the import takes of a record, as read_json wants it. Authors
// above 100 and sorted output are left to Kapok alone: DuckDB is asked for less.
const columns = `{id: 'VARCHAR', title: 'VARCHAR', doi: 'VARCHAR', publication_year: 'BIGINT', publication_date: 'DATE', type: 'VARCHAR', language: 'VARCHAR',
	primary_location: 'STRUCT(source STRUCT(id VARCHAR, display_name VARCHAR, issn_l VARCHAR, type VARCHAR))',
	primary_topic: 'STRUCT(id VARCHAR, display_name VARCHAR, subfield STRUCT(id VARCHAR, display_name VARCHAR), field STRUCT(id VARCHAR, display_name VARCHAR), domain STRUCT(id VARCHAR, display_name VARCHAR))',
	referenced_works_count: 'BIGINT', cited_by_count: 'BIGINT', counts_by_year: 'STRUCT(year BIGINT, cited_by_count BIGINT)[]', is_retracted: 'BOOLEAN', fwci: 'DOUBLE', updated_date: 'VARCHAR',
	authorships: 'STRUCT(author STRUCT(id VARCHAR), institutions STRUCT(id VARCHAR, display_name VARCHAR, ror VARCHAR, country_code VARCHAR, type VARCHAR, lineage VARCHAR[])[], countries VARCHAR[], affiliations STRUCT(raw_affiliation_string VARCHAR, institution_ids VARCHAR[])[])[]'}`

func nested(in string) []string {
	return []string{"COPY (SELECT * FROM " + in + ") TO 'OUT/works.parquet' (FORMAT parquet, COMPRESSION zstd)"}
}

// tables makes work and authorship by year, and the small tables, from one
// reading of the files.
func tables(in string) []string {
	number := func(of string) string { return "CAST(regexp_extract(" + of + ", '([0-9]+)$', 1) AS BIGINT)" }
	return []string{
		"CREATE TABLE staged AS SELECT * FROM " + in,
		`COPY (SELECT ` + number("id") + ` AS work_id, title, replace(doi, 'https://doi.org/', '') AS doi, publication_year AS year, publication_date AS published, type, language,
			` + number("primary_location.source.id") + ` AS source_id, ` + number("primary_topic.field.id") + ` AS field, ` + number("primary_topic.subfield.id") + ` AS subfield, ` + number("primary_topic.id") + ` AS topic,
			len(authorships) AS authors, referenced_works_count AS refs, cited_by_count AS cited,
			list_sum(list_transform(list_filter(counts_by_year, x -> x.year BETWEEN publication_year AND publication_year + 3), x -> x.cited_by_count)) AS cited_window,
			is_retracted AS retracted, fwci, CAST(NULL AS VARCHAR) AS record FROM staged) TO 'OUT/work' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (year))`,
		`COPY (WITH a AS (SELECT ` + number("id") + ` AS work_id, publication_year AS year, len(authorships) AS n, unnest(authorships) AS au, generate_subscripts(authorships, 1) AS author_seq FROM staged),
			f AS (SELECT work_id, year, n, author_seq, ` + number("au.author.id") + ` AS author_id, au.institutions AS insts, len(au.affiliations) AS k, unnest(au.affiliations) AS af, generate_subscripts(au.affiliations, 1) AS affiliation_seq FROM a),
			i AS (SELECT *, len(af.institution_ids) AS m, unnest(af.institution_ids) AS inst FROM f)
			SELECT work_id, year, author_seq, author_id, affiliation_seq, ` + number("inst") + ` AS institution, list_filter(insts, x -> x.id = inst)[1].country_code AS country, 1.0 / n / k / m AS weight FROM i)
			TO 'OUT/authorship' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (year))`,
	}
}

func duckdb(from, out string, statements func(string) []string) error {
	ctx := context.Background()
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: out, Read: []string{from}, MemoryMB: 3800, Threads: 2})
	if err != nil {
		return err
	}
	defer e.Close()
	glob := "**/*.jsonl"
	if packed, _ := filepath.Glob(from + "/data/jsonl/works/*/*.gz"); len(packed) > 0 {
		glob = "**/*.gz"
	}
	in := "read_json('" + from + "/" + glob + "', format = 'newline_delimited', maximum_object_size = 67108864, columns = " + columns + ")"
	for _, s := range statements(in) {
		if _, err := e.Exec(ctx, strings.ReplaceAll(s, "OUT", out)); err != nil {
			return err
		}
	}
	return nil
}
