// Package transfer is the room of results, needs and services, and of what
// happens between them: disclosures, introductions, drafts, saved searches.
//
// # Reading order
//
//	common.go result.go need.go offering.go   the records, and what makes each valid
//	code.go maturity.go                       codes of fields; dated maturity
//	guard.go                                  who may read what: the one place
//	service.go filter.go list.go facet.go     the Service, lists and counts
//	save.go status.go expiry.go               one record by hand; its life
//	put.go commit.go undo.go                  many records from an import, and back
//	duplicate.go draft.go                     near-equal titles; what is being written
//	disclosure.go submit.go triage.go         披露: by form, at the desk, revealed
//	introduction.go follow.go                 推介: two sides, what came of it
//	saved.go                                  searches that somebody keeps
//	store*.go                                 SQL only
//
// # What a caller may rely on
//
//   - Every read takes a level.Viewer, and so does every write to a record that
//     is there: what a viewer may not see does not exist for him, in lists,
//     counts, facets, duplicate hints, introductions and refusals alike.
//   - A record is open at its level. A draft is open to its author and its named
//     readers only, one that is paused or withdrawn to the staff at most, and one
//     from a source tagged R (private use only) never to anybody below the staff.
//     The tag is read with the record: a source that is tagged anew needs nothing
//     else.
//   - Every write appends to the change log, with before and after, in its
//     transaction. Drafts are not logged: they are nobody else's yet. The log
//     holds whole records: who shows entries asks Visible first.
//   - A record that is changed by hand needs the version that the writer saw;
//     another is errs.Precondition and says who saved when.
//   - Bulk writes (Put…) run in the caller's transaction and are idempotent. What
//     a row does not state of status, level and dates stays as it is.
//   - Faults of a record are told together, each in one sentence with its field.
//   - Names, e-mail and telephone of who submits a disclosure are masked in every
//     answer but Reveal's, which is logged, and stand in no entry of the log.
//
// # What it does not do
//
// It does not know who may write (package account and the edges do), search
// texts (package search), score a match (package match) or send mail.
//
// Its tables are result, need, service, record_reader, record_facet,
// record_band, draft, disclosure, disclosure_step, disclosure_submitter,
// disclosure_serial, submission_count, introduction, introduction_event and
// saved_search.
package transfer
