// Package ingest brings files into the city: open registers, tables that a
// bureau keeps, and the bundled demo data.
//
// # A tour, along the way of a row
//
//   - input.go opens a file: plain, gzip or zip, every size and ratio bounded
//     (limits.go), its format told by its first bytes.
//   - encoding.go, csv.go, xlsx.go, jsonl.go read it record by record. They are
//     pure, and hostile-safe: a bad row is a fault of that row, a bad file one
//     clear sentence.
//   - ror.go (schemas v1 and v2), chinaxiv.go, files.go (sources, figures,
//     GB/T 2260) know one format each. tabular.go reads any table through a
//     Mapping (mapping.go) onto the fields of a Target (target.go, build.go);
//     Propose finds the mapping by the headings, in Chinese and English.
//   - run.go is the one way in: reading and folding on one goroutine, writing
//     on another, chunk by chunk, all in one transaction. A dry run is the same
//     transaction rolled back. write.go puts the records into their rooms.
//   - reject.go hands rejected rows back as a file with the reasons.
//   - undo.go takes a batch back as a whole.
//
// # What a caller may rely on
//
// A file is imported as a whole or not at all; a bad row is rejected and does
// not keep the others out. The same file again changes nothing. A dry run's
// report is the real run's. Every row has a source and a batch, and the change
// log carries the batch. What another source has added to an organisation of
// ROR stays when ROR is read again. No names of authors are kept of papers.
//
// It does not fetch anything from a network, and it does not check who may
// import: the caller does.
//
// Its tables are import_mapping and import_key.
package ingest
