// Package ranking computes rankings of Kapok's own from corpora: who publishes
// what, with intervals, open down to the works behind each value, and where
// innovation stands close together on the map.
//
// # The tour
//
//   - [Query] (query.go) asks for one ranking; [Service.Table] (table.go)
//     answers it: units in order, with all indicators and their intervals.
//   - [Service.Records] (records.go) lists the weighted works behind one value.
//     They add up to it.
//   - [Service.Clusters] (clusters.go) runs the density clustering over the
//     points of a corpus and ranks the clusters as the GII does;
//     [Service.ClusterPoints] lists the points of one.
//   - [Service.Prepare] (prepare.go) computes what all tables of a corpus rest
//     on, once, and keeps it as Parquet beside the corpus until that changes.
//
// # Names
//
// These are Kapok's figures, made by published methods from open records:
// "GII-style", "NI-style", "ESI-like". They never bear the name of a published
// ranking; what bodies publish is in package edition.
//
// # What it does not do
//
// It holds no method (package indicator and package cluster do), imports
// nothing, checks no permission and knows no page.
//
// Tables: none; what it keeps can be computed again from the corpora.
package ranking
