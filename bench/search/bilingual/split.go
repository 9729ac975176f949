package main

import (
	"math"
	"strings"
)

// lexicon is how many records hold a word, and how many of those typed by
// people.
type lexicon struct{ times, typed map[string]int }

// Bounds of the words that are taken apart, in letters: shorter ones are names
// and abbreviations more often than glue, longer ones are noise.
const (
	gluedFrom = 5
	gluedTo   = 80
	longest   = 20 // of a part
)

// repair takes apart the words that the reading glued together.
func (l lexicon) repair(text string) string {
	return word.ReplaceAllStringFunc(text, func(w string) string {
		if l.times[strings.ToLower(w)] > 0 || len(w) > gluedTo {
			return w
		}
		return l.split(w)
	})
}

// split returns the likeliest chain of known words, under the chance of each
// by itself, or w as it is when there is none.
func (l lexicon) split(w string) string {
	if len(w) < gluedFrom {
		return w
	}
	low := strings.ToLower(w)
	best, from := make([]float64, len(w)+1), make([]int, len(w)+1)
	for end := 1; end <= len(w); end++ {
		best[end] = math.Inf(1)
		for begin := max(0, end-longest); begin < end; begin++ {
			if cost := best[begin] + l.cost(low[begin:end]); cost < best[end] {
				best[end], from[end] = cost, begin
			}
		}
	}
	if math.IsInf(best[len(w)], 1) {
		return w
	}
	var parts []string
	for end := len(w); end > 0; end = from[end] {
		parts = append([]string{w[from[end]:end]}, parts...)
	}
	return strings.Join(parts, " ")
}

// short are the words of up to three letters that may be parts: the others are
// symbols and endings.
var short = set(strings.Fields(`a an as at be by in is it of on or to we us no so do if the and for are was has its can not two
	new low may use our all one had but low air sea age gas oil ice sun ray net raw set key day per due`))

// How many records must hold a part: of those typed by people, or of all if
// the part is long enough to be no ending.
const (
	oftenTyped = 3
	oftenAll   = 40
	long       = 5
)

func (l lexicon) cost(part string) float64 {
	n, all := l.typed[part], l.times[part]
	if part == "a" || len(part) > 3 && n >= oftenTyped || len(part) >= long && all >= oftenAll || short[part] {
		return math.Log(10_000) - math.Log(float64(max(n, all/10, oftenTyped)))
	}
	return math.Inf(1)
}
