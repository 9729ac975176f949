// Package gloss brings Chinese words, and English phrases and abbreviations,
// into one space of English words, so that a text in either language can be
// found by one in the other without a model.
//
// # A tour
//
//   - A Term is a row of a termbase: a Chinese term, its English, and their other
//     forms. A Word is an entry of a dictionary. ReadTerms and ReadDictionary
//     read them; BundledTerms and BundledDictionary take those that come with the
//     program. The dictionary is a file with a licence of its own and may be
//     absent: everything works without it, with fewer words.
//   - A Table is made of both by New and never changes. Gloss segments a text
//     and gives each word its English words with weights; Cover says how much of
//     a text the table knows.
//
// # The method
//
// A text is cut so that it falls into as few words as possible, the termbase
// before the dictionary, and among equal cuts into the more even one (mmseg, Tsai
// 1996). A word takes at most six of its senses: each English word of a sense
// takes 1/rank, of all senses that hold it, and a word's weights are brought to a
// sum of 1. That is a probabilistic structured query (Darwish and Oard, SIGIR
// 2003) with ranks in the place of probabilities.
//
// Chinese numerals, units after them and particles are left alone. An English
// phrase or abbreviation of the termbase ("BCI") gives the words that it does
// not hold itself ("brain", "computer", "interface").
//
// It does not stem, weigh by frequency or rank: that is the index's. It keeps no
// state and has no tables.
package gloss
