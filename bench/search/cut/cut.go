// Package cut makes the terms that peers without a Chinese analyzer of their
// own are given: folded words under Porter's second stemmer without the
// commonest English ones, and for Chinese every character and every pair.
package cut

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

	"github.com/kapok-city/kapok/internal/fold"
)

// common is the stop list of Lucene's English analyzer.
var common = map[string]bool{}

func init() {
	for _, w := range []string{
		"a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on",
		"or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
	} {
		common[w] = true
	}
}

// Terms returns the terms of s in reading order.
func Terms(s string) []string {
	all := fold.Tokens(s)
	out := all[:0]
	for _, t := range all {
		if common[t] {
			continue
		}
		if latin(t) {
			env := snowballstem.NewEnv(t)
			english.Stem(env)
			t = env.Current()
		}
		out = append(out, t)
	}
	return out
}

func latin(t string) bool {
	for i := range len(t) {
		if t[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Counted returns the different terms of s in the order of their first
// occurrence, and how often each occurs.
func Counted(s string) (terms []string, times map[string]int) {
	times = map[string]int{}
	for _, t := range Terms(s) {
		if times[t]++; times[t] == 1 {
			terms = append(terms, t)
		}
	}
	return terms, times
}
