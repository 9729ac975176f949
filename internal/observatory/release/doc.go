// Package release freezes the figures of a city so that anyone can check them.
//
// A release is a folder: the facts that the figures read as Parquet, the
// definitions with their SQL, the values, the records behind each value with
// their weights, what sources report, the sources with their licences, a
// report in two languages that opens from the disk, a DCAT entry, the SHA-256
// of every file and an Ed25519 signature over the list of them.
//
// # The tour
//
//   - [Manifest] (manifest.go) names every file with its hash; [Key] (key.go)
//     signs it. folder.go reads a folder that a stranger has made.
//   - [Snapshot] (snapshot.go) is what a release says: figures, values,
//     reported values, sources. records.go writes and reads the records.
//   - [Service.Build] (build.go) makes a folder from the present state.
//     restricted.go keeps out what sources tagged R say.
//   - [Part] (part.go) is further content, such as a ranking: tables, SQL over
//     them and what it gave, frozen and recomputed like a figure.
//   - [Verify] (verify.go, recheck.go) recomputes everything from a folder
//     alone and names each difference.
//   - [Compare] (diff.go, explain.go) explains each difference of two releases.
//   - report.go draws the pages, catalogue.go writes the DCAT entry.
//   - [Service] (service.go, store.go) keeps the states: draft, approved by a
//     second person, published. Nothing of a published release changes.
//
// # What can be relied on
//
// The same records give the same bytes in every file but manifest.json, which
// holds the time, and what follows from it: manifest.sig and SHA256SUMS.
// [Manifest.Content] is thus the same for the same content. A folder from
// elsewhere is read as hostile: no link is followed, no path leaves it, its
// SQL is one SELECT in a DuckDB that sees the named files alone, within bounds
// of memory and time.
//
// The signature says that the holder of a key made the folder, and nothing
// about who that is: compare the key with one had by another way.
//
// # What it does not do
//
// It checks no role (the caller has) and knows no page. A database of records
// goes on changing beside its releases. Nothing of a person is in the facts.
//
// Its tables are release and release_approval.
package release
