// Package composite computes composite indices: many indicators brought onto
// one scale, weighted and joined level by level into one score, as the European
// Innovation Scoreboard, the Guangzhou and Beijing innovation indices and most
// rankings of cities do. It is pure: numbers in, numbers out.
//
// # The tour
//
//   - [Table] (table.go) holds the raw numbers, a row a unit and year. What is
//     unknown is NaN inside, empty in a file and null in JSON: never zero.
//   - [Spec] (spec.go) is an index as data: a tree of [Node]s whose leaves name a
//     column, its direction, its denominator, and how it is treated and
//     normalised. [ParseSpec] reads it from YAML.
//   - [Treat] (treat.go) deals with outliers and skew and logs each change.
//   - [Normalise] (normalise.go) brings a column onto a scale: min-max, z-score,
//     rank, distance to a target or a reference, per cent of a base year.
//   - [Mean] (mean.go) joins parts, with a rule for what is missing.
//   - [Compute] (compute.go) runs them in this order and ranks the units.
//   - [Sensitivity] (sensitivity.go) moves the weights with a fixed seed and says
//     within which ranks a unit stays.
//
// The steps and their names follow the OECD/JRC Handbook on Constructing
// Composite Indicators (2008). The rules of single indices are in the comments
// where they are built.
//
// # What it does not do
//
// It guesses nothing: no value is imputed from other units. It does not choose
// weights, and an index over other indicators than an earlier edition had is
// another index: series are recomputed, not chained.
//
// It has no tables.
package composite
