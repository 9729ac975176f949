// Package observatory holds the figures of a city: what each number means,
// what sources report of it, what Kapok computes for it from its own records,
// and every earlier value.
//
// # The tour
//
//   - [Figure] (figure.go) is a definition as data; [Compute] (formula.go) is
//     its computation as data. [ParseFigures] (yaml.go) reads a file of them.
//   - [Reported] (value.go) is what one source says, with its bound, period,
//     edition and place in the source. [Computed] is one version of a value
//     that Kapok computed, with the hash of the records behind it.
//   - [Superlative] (superlative.go) is "the first", "the only" as reported.
//   - [PutFigures], [PutReported], [PutSuperlatives] and [Undo] (put.go) write
//     in the caller's transaction, with their change entries.
//   - [Facts] (facts.go) are the Parquet files that the computations read.
//   - [Service.Compute] (compute.go) brings the facts up to date, computes every
//     figure and keeps a new version where a value or its records moved.
//   - [Service.Figure], [Service.Records] and [Service.Overview] (sheet.go,
//     records.go, overview.go) are what pages and the API read.
//
// # Two rules
//
// Reported and computed values stand side by side and are never mixed: a
// [Difference] says how far they are apart, or why they cannot be compared.
// What is not known is unknown, never zero: a share of nothing has no value.
//
// # What it does not do
//
// It checks no permission (the caller has), reads no text (package claims
// does), freezes no release and knows no page.
//
// Its tables are figure, reported_value, figure_value, figure_run and
// superlative.
package observatory
