// Package edition is the ledger of published rankings: which body ranked what,
// in which edition, by which metrics over which years, and where each unit
// stood. A published rank is a claim with a source, not a figure of Kapok's own.
//
// # The tour
//
//   - [Edition] (edition.go) is one issue of a ranking: its metrics with their
//     data windows, and what changed in its method since the one before, as
//     [Difference] (parameter, before, after, whether the series breaks).
//     [ParseEditions] (yaml.go) reads a file of them.
//   - [Entry] (entry.go) is one line of the published table, with its bounds.
//     [ParseEntry] reads it from a table's row.
//   - [Put], [PutEntries] and [Undo] (put.go) write in the caller's
//     transaction, with their change entries.
//   - [Service] (service.go, compare.go) lists, compares two editions and
//     follows one unit through all of them. A move across a break of method is
//     shown and marked as not comparable.
//   - The arithmetic is pure: [Totals] (totals.go) finds the world totals that
//     a printed table of shares leaves possible, [AdjustedChange] and [FitK]
//     (adjusted.go) are Nature Index's adjusted Share, [ClassOf] and
//     [Potential] (class.go) the classes read off an ESI-like list.
//
// # What it does not do
//
// It computes no ranking of its own and never mixes a published rank with a
// computed one: [Style] only says what Kapok's own figure beside it is called.
// It checks no permission (the caller has) and knows no page.
//
// Its tables are edition and edition_entry.
package edition
