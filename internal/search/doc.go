// Package search is a text index in memory over whatever the rooms hold:
// organisations, papers, platforms, figures. It knows none of them; a Doc is a
// kind, an id and text.
//
// # A tour
//
//   - Put and Delete change the index, Search reads it, all at once from any
//     number of goroutines.
//   - Text is cut by fold.Tokens: folded Latin words, and for Chinese single
//     characters (names only) and pairs of neighbours.
//   - A query is cut at blanks and then the same way into units: words, and
//     pairs of neighbours. A document must hold all of one or two units, and
//     three quarters of more. The last word may be a prefix.
//   - The score is BM25 (Robertson and Zaragoza, 2009) with names weighing more
//     than the body, lengths measured against fixed pivots instead of a moving
//     average, so that a document's score does not depend on the order of Puts;
//     a name equal to the query comes first.
//   - CatchUp follows the change log through a Load func that the app gives;
//     Rebuild fills the index from zero. The index lives in memory only, and so
//     does its cursor.
//
// It does not stem, translate, or check who may see what. It has no tables.
package search
