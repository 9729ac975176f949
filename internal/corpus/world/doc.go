// Package world makes a simulated world of research: works, authors,
// institutions in cities, citations, patents and points on the map, in the
// layout of a corpus. It serves tests, the demo and measurements of scale, for
// which nothing need be downloaded.
//
// # The tour
//
//   - [Options] (options.go): how many works, which years, which seed.
//   - [World] (world.go) holds what all works share: places.go and places.csv
//     (real cities with their coordinates), institution.go (invented
//     institutions, marked as simulated, and the links between them), fields.go
//     and fields.csv (the fields of OpenAlex), sources.go (journals, some of them
//     national).
//   - work.go makes one work from its number alone, authors.go its authorships,
//     references.go the citation links, patents.go the patents. Each draws from a
//     stream of random numbers of its own (random.go), so that a row does not
//     depend on which worker made it, or when.
//   - [Make] (make.go, tables.go) writes a corpus; [WriteJSONL] (jsonl.go) writes
//     the same works in the layout of an OpenAlex snapshot.
//
// The same options give the same bytes in every Parquet file, on any number of
// workers. Another architecture or version of Go or DuckDB may differ in the
// last digit of a logarithm, and so in a row here and there.
//
// # How true to life it is
//
// The shapes are right, the figures are not: authors per work, citations
// (lognormal intensity by field and age, so a heavy tail with many zeros and
// ties), collaboration by distance, cut lists of authors, affiliations that
// resolve to none or to two institutions. The weights of the cities give a
// familiar order and stand for no statistics. No institution, author, work or
// patent here exists; every name says so.
//
// # What it does not do
//
// It takes no real record and computes no indicator.
//
// Tables: none; it writes the tables of package corpus.
package world
