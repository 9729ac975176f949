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
//   - [ImportOpenAlex], [ImportPatents] and [ImportRegistry] (openalex.go,
//     patents.go with patentrow.go and patentjoin.go, papers.go) fill a corpus. [Report] tells what they met.
//   - Package world makes a simulated world in the same layout.
//
// # How works are imported
//
// discover.go finds the files. stage.go cuts them into stretches, and two
// goroutines read these line by line (lines.go: within bounded memory, packed or
// not) with a scanner of our own (json.go) into works (work.go, author.go) and
// stage each stretch as one part (part.go, staged.go), sorted by id. directory.go
// asks the registry for the organisations that a text names. A part is never
// written twice: an import that was killed goes on from the parts that are there.
// merge.go walks all parts at once in the order of works, the newest version of
// each first; emit.go writes them to Parquet (parquet.go, column.go), some of the
// years in each of two goroutines; institution.go and fields.go add the small
// tables. notes.go counts every fault with samples: the records read are those
// kept and those dropped.
//
// # What it does not do
//
// It computes no indicator (package indicator does), follows no change log, and
// writes no operational row.
//
// Tables: none; a corpus is a folder of files under the data folder.
package corpus
