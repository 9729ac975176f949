// Package db is Kapok's one door to its operational database: SQLite (embedded
// default) or PostgreSQL (teams), from one schema text and one query text.
//
// # What a caller may rely on
//
//   - DB and Tx both are a Querier; a room's store functions take a Querier, so
//     that a room above can put them in its own transaction.
//   - InTx runs a write as one transaction with one instant (Tx.Now). On SQLite
//     there is one writer and a pool of readers that cannot write; on
//     PostgreSQL one pool serves both, and InTx repeats a transaction that the
//     server refused for reasons of concurrency.
//   - Every error of a constraint is classified: a duplicate and a broken
//     reference are errs.Conflict, a broken CHECK is errs.Invalid, a busy
//     database is errs.Unavailable.
//   - Migrate brings a schema forward and refuses one newer than the program.
//
// # The portable subset
//
// $1 placeholders; TEXT, BIGINT, BOOLEAN, DOUBLE PRECISION; ON CONFLICT;
// RETURNING inside a Tx; window functions; recursive CTEs; keyset paging by
// row values. Instants are fixed-width UTC text (Time), days are ISO text, ids
// are made in Go (NewID, DerivedID). No LIKE for matching names, no JSON
// operators, no ORDER BY on names: store a folded key and order by that.
//
// Its table is schema_version. The other tables belong to the rooms that the
// files in migrations/ name.
package db
