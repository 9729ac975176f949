// Package cluster finds where points on the Earth lie close together, and
// ranks the clusters by what they hold: exact weighted DBSCAN on the sphere and
// a ranking of science and technology clusters in the style of the Global
// Innovation Index. It is pure: it takes slices and returns slices.
//
// # The tour
//
//   - [Points] and [Options] (points.go) say what is clustered and how.
//   - [Run] (run.go) gives each point a label. Its steps have a file each:
//     unit vectors and the chord of a radius (sphere.go), a parallel sort along
//     a space-filling curve (order.go) that also collapses equal coordinates
//     into one weighted point (collapse.go), a tree of balls over the order
//     (tree.go), core points (core.go), their components (join.go), border
//     points (border.go).
//   - [Describe] (shape.go) gives each cluster a centre, a radius and the names
//     of its heaviest places. [Merge] (merge.go) is the separate, logged step
//     that joins neighbours whose links go mostly to each other.
//   - [Tally] and [Rank] (rank.go) count documents by fractions and rank by the
//     sum of unrounded shares of the world.
//   - [Gatherer] (gather.go) makes points of rows that strangers wrote and counts
//     those that are none; [ReadCSV] (read.go) feeds it. [Simulate] (simulate.go)
//     makes points for measuring.
//
// # The method
//
// DBSCAN is that of Ester, Kriegel, Sander and Xu (KDD 1996), with weights: a
// point is core when the total weight within its closed ball, itself included,
// reaches the density. Core points within the radius of each other share a
// cluster. A point that is not core but within the radius of one is border: it
// goes to its nearest core point, and of equally near ones to the cluster with
// the lower number. The rest is noise. How many border points could have gone
// to another cluster is counted ([Result.Ambiguous]), since right programs may
// differ there and nowhere else.
//
// Distance is the great circle on a sphere of 6,371.0088 km (the mean radius
// R1 of IUGG 1980). It is compared as the chord between unit vectors, so there
// is no seam at the dateline and no narrowing at the poles.
//
// # What a caller may rely on
//
// The same points in another order get the same clusters with the same numbers:
// weights are added as whole units, so a sum has no order, and numbers follow
// from weights and places alone. The number of workers changes nothing.
//
// # What it does not do
//
// It does not geocode, does not name clusters (names are editorial), reads no
// Parquet and keeps nothing. It has no tables.
package cluster
