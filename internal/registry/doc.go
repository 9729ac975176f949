// Package registry is the room of organisations and of what hangs on them:
// platforms, people, parks, papers, the relations between them, and the
// administrative divisions they lie in.
//
// # Reading order
//
//	org.go name.go relation.go …   the records, and what makes each valid
//	service.go filter.go           the Service, the words of its lists
//	org_read.go links.go rollup.go paper_service.go …   what pages ask
//	org_write.go save.go           one record by hand, with the version seen
//	put.go vet.go commit.go        many records from an import
//	merge.go split.go              one answers for another, and the way back
//	undo.go                        taking back entries of the change log
//	resolution.go                  raw affiliations to organisations
//	store*.go                      SQL only
//
// # What a caller may rely on
//
//   - Every write appends to the change log, with before and after, in the
//     transaction of the write.
//   - Every record names its source. Unknown is empty, never zero.
//   - A record that is changed by hand needs the version that the writer saw;
//     another is errs.Precondition.
//   - Bulk writes (Put…) run in the caller's transaction and are idempotent:
//     the same input again is unchanged. A row at fault is rejected with its
//     reason and does not keep the others out. Give them parts of one or two
//     thousand rows.
//   - Faults of a record are told together, each with its field.
//   - Lists are paged by opaque cursors in a total order.
//   - A relation reads: To is the KIND of From. "A parent B" says that B is the
//     parent of A.
//
// # Merging
//
// A merged organisation keeps its row, its names, its identifiers and every
// reference to it; org.root says who answers for it now. Reading an
// organisation reads all records of its root. SQL of other rooms that follows a
// reference to an organisation joins org and groups by root:
//
//	SELECT o.root, COUNT(DISTINCT p.paper_id) FROM paper_org p JOIN org o ON o.id = p.org_id GROUP BY o.root
//
// # What it does not do
//
// It does not know who may write (package account and the edges do), read files
// (package ingest), compute figures (package observatory) or look anything up
// outside. It has no field for a person's e-mail, telephone or card number.
// Check rules of identifiers are in registry/identifier, the pure resolution
// engine is registry/resolve.
//
// Its tables are division, org, org_name, org_identifier, merge, relation,
// person, platform, platform_host, park, paper, paper_affiliation and
// paper_org.
package registry
