// Package corpus keeps bodies of works and patents as Parquet files: what the
// indicators, rankings and clusters are computed from.
//
// # The tour
//
//   - [Tables] (schema.go) are the tables of every corpus and their columns:
//     works, their authorships with weights, citations, institutions, patents,
//     inventors and points on the map. Every corpus has every table, maybe empty.
//   - [Manifest] (manifest.go) is corpus.json: what the corpus is, whether it is
//     simulated, where it comes from, its files with their hashes, and the
//     report of its import. It is written last: what it does not name does not
//     exist, so a half-written import never shows in a figure.
//   - [Writer] (writer.go) makes a corpus, table by table, and publishes it as a
//     whole. [Open] (open.go) shows a corpus to SQL as one view per table.
//   - Package world makes a simulated world in the same layout.
//
// # What it does not do
//
// It computes no indicator (package indicator does), follows no change log, and
// writes no operational row.
//
// Tables: none; a corpus is a folder of files under the data folder.
package corpus
