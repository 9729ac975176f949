// Package level says who may see a record: four levels of publication, and a
// viewer who is held against them.
//
// # A tour
//
//   - A Level is how far a record is published: to everybody, to partners who
//     have signed in, to the staff, or to named readers only.
//   - A Viewer is somebody who asks. Viewer.Sees is the one rule; every list,
//     count, facet, suggestion, duplicate hint, search and export applies it,
//     in Go here or as a condition of the same meaning in SQL.
//
// It does not know accounts or roles: package account says which clearance a
// role has. It has no tables.
package level
