package search

import "strings"

// stopWords are English words that say nothing about a text: Lucene's classic
// list, and the pronouns and auxiliaries that abstracts are full of. In titles
// and names they are indexed all the same, so that "IT" or "WHO" can be found.
var stopWords = setOf(strings.Fields(`a an and are as at be but by for from had has have if in into is it its no not of on or
	such than that the their then there these they this those to was we were which will with`))

// stopChars are Chinese particles and function characters. Only the single
// character is left out; the pairs that it belongs to are kept.
var stopChars = func() map[rune]bool {
	out := map[rune]bool{}
	for _, r := range "的了和是在与及其之而或并且也就都等对为以于中" {
		out[r] = true
	}
	return out
}()

func setOf(words []string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}
