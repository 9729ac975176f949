package gloss

import (
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/search"
)

// maxSenses is how many senses of a word count.
const maxSenses = 6

// weigh turns senses, the commonest first, into English words with weights: a
// word takes 1/rank of each sense that holds it, and all together are brought to
// a sum of 1.
func weigh(senses []string) []search.WeightedTerm {
	var out []search.WeightedTerm
	at := map[string]int{}
	rank, sum := 0.0, 0.0
	for _, s := range senses {
		words := content(s)
		if len(words) == 0 {
			continue
		}
		if rank++; rank > maxSenses {
			break
		}
		for _, w := range words {
			n, known := at[w]
			if !known {
				n = len(out)
				at[w] = n
				out = append(out, search.WeightedTerm{Term: w})
			}
			out[n].Weight += 1 / rank
			out[n].Senses |= 1 << (int(rank) - 1)
			sum += 1 / rank
		}
	}
	for i := range out {
		out[i].Weight /= sum
	}
	return out
}

// content returns the words of a sense that say something, each once.
func content(sense string) []string {
	var out []string
	for _, w := range strings.Fields(fold.Name(unbracketed(sense))) {
		if len(w) > 1 && !empty[w] && !repeated(out, w) && ascii(w) {
			out = append(out, w)
		}
	}
	return out
}

func repeated(words []string, w string) bool {
	for _, o := range words {
		if o == w {
			return true
		}
	}
	return false
}

// unbracketed drops what stands in brackets.
func unbracketed(s string) string {
	if !strings.ContainsAny(s, "([") {
		return s
	}
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch r {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(0, depth-1)
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// empty holds English words that say nothing in a sense.
var empty = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`a about above after all also am an and any are as at be been being by can cannot could did do does doing
		done for from had has have having he her hers him his how if in into is it its itself lit esp etc eg ie may me might more most my no nor
		not of off on one ones oneself only or other others our ours out over own sb she should so some somebody someone something somewhere
		sth such than that the their them then there these they this those through to too under up upon us very was we were what when where
		which while who whom whose why will with within without would you your fig variant surname classifier cl abbr pr`) {
		out[w] = true
	}
	return out
}()
