package indicator

import (
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/stats"
)

// Dialect is an engine that runs the indicator statements. They are written
// once, in the part of SQL that all four engines read alike; [Dialect.Rewrite]
// changes the few words that differ.
//
// What was run on DuckDB 1.5, PostgreSQL 15, Trino 476 and Spark 4.0 (ANSI
// mode, its default), and so what a statement may use:
//
//   - WITH, JOIN … ON/USING, LEFT JOIN, EXISTS, IN, UNION ALL, EXCEPT,
//     GROUP BY columns, GROUPING SETS, HAVING, CASE, count(*) FILTER (WHERE …),
//     count(DISTINCT x) of one column, window functions with PARTITION BY,
//     ORDER BY and ROWS frames, WINDOW w AS (…), sum(count(*)) OVER (…),
//     (VALUES (1), (2)) AS t(a), IS [NOT] DISTINCT FROM, ||.
//   - coalesce, nullif, abs, floor, ceil, sqrt, power, ln, exp, radians, sin,
//     cos, asin, atan2, mod and %, substr, lower, min, max, sum, avg, count,
//     row_number, rank, dense_rank, ntile, percent_rank, cume_dist, lag, lead,
//     greatest and least of values that are never NULL (Trino gives NULL where
//     one of them is NULL, the others leave it out).
//
// What a statement must do, because the engines part ways:
//
//   - Divide only after CAST(x AS DOUBLE): 7/2 is 3 on PostgreSQL and Trino,
//     3.5 on DuckDB and Spark. There is no //.
//   - Divide only by what cannot be 0, or NULLIF(x, 0): PostgreSQL and Spark
//     fail, DuckDB and Trino give infinity.
//   - Write fractions as CAST(0.9 AS DOUBLE): a bare 0.9 is a decimal and
//     brings decimal arithmetic with it (1.0/3 is 0.3 on Trino).
//   - CAST(sum(x) AS BIGINT) for whole numbers: DuckDB and PostgreSQL widen.
//   - CAST(floor(x) AS BIGINT), never CAST(x AS BIGINT) of a DOUBLE: 2.5
//     becomes 2 on DuckDB and Spark, 3 on Trino.
//   - CASE WHEN b THEN 1 ELSE 0 END for a number from a BOOLEAN: PostgreSQL
//     has no cast to BIGINT.
//   - NULLS LAST in every ORDER BY over a column that may be NULL (Spark puts
//     them first).
//   - A tie broken by a key, and no equality between sums of DOUBLE: workers
//     add in the order in which they finish. Cells and ties by whole numbers.
//   - asin(sqrt(least(…, 1))) for distances, never acos, which fails just
//     above 1.
//   - AS before every alias, no quoted identifiers ("x" is a text on Spark), no
//     closing semicolon, no $1: values are written by the code, whole numbers
//     and words from fixed lists only.
//
// What no statement may use: QUALIFY, DISTINCT ON, SELECT * EXCLUDE, GROUP BY
// ALL, AS MATERIALIZED, RECURSIVE (Trino stops after 10 rounds, Spark 4.0 has
// none), SEMI and ASOF joins, arg_max, max_by, median, quantiles, string_agg,
// list, struct, range, unnest, hash, random, log of one argument, bit
// operations, dates, an ORDER BY that the result depends on without LIMIT.
//
// Trino and Spark compute a WITH part once per use. What is used twice and is
// large is a statement of its own, stored by [Dialect.Store].
type Dialect string

// The dialects.
const (
	DuckDB     Dialect = "duckdb"
	PostgreSQL Dialect = "postgresql"
	Trino      Dialect = "trino"
	Spark      Dialect = "spark"
)

// Dialects are all of them, the reference first.
var Dialects = []Dialect{DuckDB, PostgreSQL, Trino, Spark}

// words are what an engine calls a type.
var words = map[Dialect]map[string]string{
	DuckDB:     {},
	PostgreSQL: {"DOUBLE": "DOUBLE PRECISION"},
	Trino:      {},
	Spark:      {"VARCHAR": "STRING"},
}

// ParseDialect reads the name of a dialect.
func ParseDialect(name string) (Dialect, error) {
	if _, ok := words[Dialect(name)]; !ok {
		return "", fmt.Errorf("%q is no dialect", name)
	}
	return Dialect(name), nil
}

// Rewrite returns a statement of the common part in the words of the engine.
// Texts and comments stay as they are, and so does what is in the words of the
// engine already: to rewrite twice is to rewrite once.
func (d Dialect) Rewrite(sql string) string {
	var out strings.Builder
	for len(sql) > 0 {
		n := tokenLength(sql)
		out.WriteString(d.word(sql[:n], sql[n:]))
		sql = sql[n:]
	}
	return out.String()
}

// word returns the engine's word for a token before the rest of a statement.
func (d Dialect) word(token, rest string) string {
	to, differs := words[d][strings.ToUpper(token)]
	next := strings.ToUpper(strings.TrimLeft(rest, " \t\n"))
	if !differs || strings.HasPrefix(next, "PRECISION") || strings.HasPrefix(next, "(") {
		return token
	}
	return to
}

// tokenLength is the length of the first token: a text, a quoted name, a
// comment, a word, or one character.
func tokenLength(sql string) int {
	switch {
	case sql[0] == '\'' || sql[0] == '"':
		return until(sql, sql[:1], 1) // a doubled quote makes two tokens, both left alone
	case strings.HasPrefix(sql, "--"):
		return until(sql, "\n", 2)
	case strings.HasPrefix(sql, "/*"):
		return until(sql, "*/", 2)
	}
	n := 0
	for n < len(sql) && inWord(sql[n]) {
		n++
	}
	return max(n, 1)
}

// until is the length up to and with an end looked for after the first bytes,
// or all of it.
func until(sql, end string, after int) int {
	if i := strings.Index(sql[after:], end); i >= 0 {
		return after + i + len(end)
	}
	return len(sql)
}

func inWord(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Store returns the statement that keeps the rows of a SELECT as a table.
func (d Dialect) Store(table, query string) string {
	options := map[Dialect]string{Trino: " WITH (format = 'PARQUET')", Spark: " USING parquet"}
	return "CREATE TABLE " + table + options[d] + " AS\n" + d.Rewrite(query)
}

// Type is what the engine calls a type of column.
func (d Dialect) Type(t stats.Type) string {
	return d.Rewrite(string(t))
}
