// Package indicator computes publication indicators from a corpus: who
// published what, how often it is cited for its field, and with whom.
//
// # The tour
//
//   - [Spec] (spec.go) says what is asked: unit, counting, years, types of
//     document, level of field, core publications or all.
//   - The methods are SQL, one file per step in sql/. [Statements] (statement.go)
//     returns the texts for DuckDB, PostgreSQL, Trino or Spark ([Dialect]), and
//     [Method] a hash of them, so that a value can name what made it.
//   - [Prepare] (prepare.go) runs them on a corpus, year by year, and keeps what
//     all questions share as Parquet: scores of works, parts of units, sums.
//   - [Values] (value.go) answers from the sums, [Records] (records.go) lists the
//     weighted works behind one value, which add up to it, and [Intervals]
//     (interval.go) draws the stability intervals with a fixed seed.
//   - Only what SQL cannot do is Go: the 40 % loop of the core publications
//     (core.go), the draws (draw.go), and small sums over short lists (esi.go,
//     adjusted.go).
//
// # Methods
//
// Weights, cells, the tie rule of top percentages, core publications and
// collaboration follow the Leiden Ranking Open Edition (CWTS, 2025); Count and
// Share the arithmetic of the Nature Index; classes and thresholds that of
// Clarivate's ESI. Their names are not ours: figures are called NI-style and
// ESI-like. Where we part from a source, the statement says so.
//
// # What it does not do
//
// It imports nothing, ranks nothing, and knows neither registry nor pages.
// Sums of fractions depend in their last digits on the order in which workers
// finish; cells, thresholds and ties are computed in whole numbers and do not.
//
// Tables: none; it reads the tables of a corpus and writes Parquet files.
package indicator
