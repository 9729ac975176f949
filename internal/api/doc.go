// Package api serves Kapok as JSON under /api: reading for everybody or for
// those who signed in, writing for editors, described by OpenAPI 3.1.
//
// # A tour
//
//   - New (api.go) takes the services of the rooms and returns one handler. The
//     frame around every answer (request id, headers, panics, size of bodies,
//     requests from other sites) is in frame.go.
//   - An operation is a function from an input struct to an answer. It is
//     registered with add or addList (route.go, list.go) together with a route,
//     which says who may call it; the table of routes is what the role test
//     walks through. One file per area holds its operations and their types:
//     organisations.go, platforms.go, figures.go, …
//   - gate.go stands before each operation: who calls (session token as bearer
//     or cookie), may they, is If-Match there, has the same Idempotency-Key
//     been answered before.
//   - answer.go writes what an operation returns, with a strong ETag made of
//     the row version and the content. list.go turns lists into pages with a
//     cursor, or into CSV and XLSX files of any length. download.go sends files
//     that lie ready.
//   - corpora.go, rankings.go, clusters.go, editions.go and releases.go speak for
//     rooms that a Kapok may go without. query.go runs one SELECT of an analyst
//     in a process of its own, method.go tells how a figure was computed.
//   - market.go is what results.go, needs.go and offerings.go share; matches.go
//     asks what fits, introductions.go, disclosures.go, notices.go and saved.go
//     keep what happens between people, terms.go edits the termbase. All of it is
//     read as the caller's level allows, by the rooms' own rule.
//   - problem.go turns errors into RFC 9457 problems in the reader's language,
//     without repeating what the reader sent.
//   - private.go keeps records of sources tagged R from those who may not see
//     them, and from every file.
//   - spec.go holds the OpenAPI document, which testdata compares with
//     openapi.golden.yaml; page.go shows it as a page without scripts.
//
// The framework (huma) is known to this package only. It checks shapes; what a
// value means is checked by the rooms. The package holds no rule of the domain
// and writes to no table of its own: it has none.
package api
