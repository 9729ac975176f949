// Package conform shows that an engine computes what the embedded DuckDB
// computes: it runs the statements of package indicator on both, over the same
// corpus, and compares every row and every value.
//
// # The tour
//
//   - [Engine] (engine.go) is what runs statements; [Run] takes it through a
//     whole set, in order, and keeps what each result says.
//   - [DuckDB] (duckdb.go) is the reference. [Postgres] (postgres.go) copies a
//     corpus into a schema of its own. Clusters are engines too: their clients
//     live with the measurements in bench/scale, so that the program carries
//     none of them. [External] (external.go) shows them the corpus's own files.
//   - [Check] (check.go) reads what both engines kept and [Compare] (compare.go) lists the differences. Rows are matched by what
//     they say in texts and whole numbers, which must agree exactly; real
//     numbers may differ by [Tolerance], since workers add in any order.
//
// # What it does not do
//
// It computes no indicator and reads no figure: a difference is a fault of an
// engine or of the dialect layer, never corrected here.
//
// Tables: none of its own. On an engine it makes the tables of a corpus and
// those that statements store, in a schema given to it alone.
package conform
