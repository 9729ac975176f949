// Package stats keeps facts as Parquet files beside the operational database
// and runs our own SQL over them with an embedded DuckDB.
//
// # The tour
//
//   - [Fact] (fact.go) is a table of facts: its columns, the operational SQL
//     that makes its rows, and the kinds of change that touch it.
//   - [Store] (store.go) is a folder of facts. [Store.CatchUp] (catchup.go)
//     follows the change log: it rewrites the facts that entries of their kinds
//     have touched since their cursor and leaves the others alone.
//     [Store.Rebuild] starts from zero.
//   - [Manifest] (manifest.go) lists the files of one consistent state. It is
//     written last; whatever it does not name does not exist.
//   - [Session] (session.go) is an open DuckDB with one view per fact.
//   - [Ask] (ask.go, answer.go) answers a SELECT that a reader has written, in
//     a process of its own that is ended when it takes too long or too much.
//
// # What a caller may rely on
//
// All facts of a manifest show the operational database at one moment, the
// change with its number: they are read while the head of the change log is
// held, so that nothing commits in between. The rows of a file are sorted by
// all their columns, so the same records give the same bytes on every engine.
// A crash at any point leaves the state before. NULL stays NULL.
//
// DuckDB is opened for a piece of work and closed after it, with bounded
// memory, two threads, no network, no extensions, no file outside the folder,
// and its settings locked. A statement that is not one SELECT is refused.
//
// # What it does not do
//
// It knows no room and no figure, runs no SQL of a reader beside ours, and keeps
// nothing that cannot be rebuilt.
//
// Tables: none; its cursors are in the manifest, beside the files they speak of.
package stats
