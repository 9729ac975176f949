// Package termbase keeps the Chinese terms of a city with their English: the
// ones that come with the program and what the city makes of them.
//
// # A tour
//
//   - A Term is one row (term.go): a Chinese term, its English, other forms of
//     both, an area, a note, and the standard or law that anchors its sense. It is
//     active or withdrawn, and it is the program's (Bundled) or the city's (City).
//   - check.go says what a term may be; a row that leads back to itself, or two
//     rows that lead to each other, are refused. A Chinese form belongs to one
//     active term.
//   - Service (service.go) lists, saves, withdraws and restores; who edits names
//     the version that they saw, so that no edit is lost. A term that a person has
//     touched is the city's, and a newer bundle leaves it alone.
//   - Put (put.go) writes terms in bulk for imports, row by row accepted or
//     rejected; LoadBundled loads what comes with the program; Undo takes back an
//     entry of an import.
//   - Glosses gives the active terms as rows for gloss.New, and Version tells
//     whether they have changed since. Write exports a table that can be imported
//     again.
//
// Every change is in the change log under the kind "term"; History reads it.
//
// It does not segment or translate text: package search/gloss does, and says how
// much of a text the terms cover. Permissions are the caller's.
//
// Its tables are term, term_form and term_count.
package termbase
