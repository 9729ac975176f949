// Package chart draws Kapok's small set of charts as SVG text.
//
// A chart is a [Spec]: what it is about, its series of points, and how a number
// is written. Draw returns one SVG for one width, Table the same data as rows
// for the table that stands under every chart. The caller has already chosen
// the language: all strings in a Spec are ready to be shown.
//
// Ten kinds exist and no more: Line and Step for a history, Bar for a
// comparison from zero, Spark for a figure card, Tiles for a map of districts
// on equal tiles; Dots for values with their intervals, Bump for ranks over
// editions, Bins for how values are spread; Globe and Area for places on the
// sphere, on a graticule. No map claims a border. Values that are bounds are
// drawn as bounds (an arrow for at least and at most, a thin bar for a range or
// an interval), unknown values as a gap with hatching and never as zero.
//
// The package knows no colours. Every mark carries a class; the style sheet
// gives ink, series colours and dark mode. Text is placed by estimated widths
// so that no two labels overlap; a label that finds no free place is left to
// the table. It has no tables of its own and does no I/O.
package chart
