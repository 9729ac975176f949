// Package data carries the demo city in the binary: Guangzhou, cut from open
// data and from cited facts, small enough to live in the repository.
//
// It embeds files and names them; it parses nothing, and it knows no other
// package. The readers of each format live with their owners: organisations and
// papers with the importers, figures with the observatory, divisions with the
// registry. What each file holds, where it comes from and under which licence is
// written beside it in guangzhou/README.md and LICENSES.md; how the three large
// files were cut is a program, data/trim, so that it can be done again.
//
// Beside the city stand what every city shares: terms, the termbase that comes
// with the program, and dictionary, a dictionary under its own licence that may
// be taken out (cut by data/dictionary/cut).
//
// Every row names its source, and every source is listed in sources.yaml. A fact
// of which only common knowledge is at hand says so. Another city brings a folder
// of the same shape.
//
// Tables: none.
package data
