// Package search is a text index in memory over whatever the rooms hold:
// results, needs, organisations, papers, figures. It knows none of them; a Doc
// is a kind, an id, text, fields and a level.
//
// # A tour
//
//   - Put and Delete change the index, Search reads it, all at once from any
//     number of goroutines. What is put is collected and becomes an immutable
//     segment before the next search; small segments are merged. A search reads
//     the segments published at its start and waits for no writer (index.go,
//     state.go, builder.go, merge.go).
//   - Text is cut into folded words under Porter's second stemmer, numbers with
//     their units, and for Chinese single characters and pairs of neighbours
//     (analyze.go, stem.go, stop.go).
//   - A box query (the default) is what somebody typed: a document must hold all
//     of one or two units and three quarters of more, the last word may be cut
//     short, and a name equal to the query comes first (box.go). A whole text (a
//     need, an abstract) is ranked by BM25 over all of its terms, with bounds
//     that leave out most of the work and nothing of the result (score.go,
//     cursor.go). Filters, facets, kinds and totals are sets of bits (filter.go,
//     column.go).
//   - Beside the words stands a second stream of terms, their glosses, which are
//     English for every language: documents and queries are brought into it by a
//     Glosser (glossary.go). Candidates gives the best of both streams, Explain
//     the parts that sum to a score, term by term (explain.go).
//   - Sharded asks several indexes as one (shard.go): the counts of all shards
//     are gathered first. Parts of scores are whole numbers of 1/32768, so that
//     sums do not depend on their order, and the ranking is that of one index.
//   - CatchUp follows the change log through a Loader that the app gives; Rebuild
//     fills the index from zero (follow.go). Save, Load and Verify keep it on
//     disk under checksums (snapshot.go).
//
// # Levels
//
// Each document has a level and named readers. A viewer gets nothing of a
// document that he does not see: it is in no hit, count, facet, suggestion or
// hint of a duplicate. Nor does it move a score: how rare a word is, and how
// long a text is on average, is counted over the documents of the levels that
// are open to the viewer without being named (each segment holds one level
// only). So two viewers of different clearance may see different scores, and a
// named reader's documents are scored by what is open to all of his clearance.
// What all of a clearance share is no secret among them.
//
// # What it costs
//
// Postings are packed into one to two bytes each, texts are kept once, terms
// share their beginnings. A document's weight of a term is one byte: words are
// counted exactly up to 256, glosses in steps of 4.4 %; its length is one byte,
// off by 2 % at most.
//
// It does not translate, embed, or know why a document has its level. It has no
// tables.
package search
