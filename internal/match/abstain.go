package match

import "math"

// Threshold is what the best of the first three matches must reach for a list to
// be given: a share of the ask that nobody would call little, or, for a long
// ask of which every record covers little, enough evidence.
type Threshold struct {
	Coverage float64 `json:"coverage"` // share of the ask's terms, by idf, that is enough by itself
	Evidence float64 `json:"evidence"` // see evidence; 0 decides nothing
	Score    float64 `json:"score"`    // least score in any case; 0 decides nothing
}

// evidence is how much a record shares with an ask, counted in words that one
// record alone would hold: the BM25 of the stream in which both languages meet
// (of the words, where there are no glosses), by the greatest idf that there
// can be. Unlike coverage it does not fall with the length of a short ask, and
// unlike a bare BM25 it hardly depends on how many records there are. A text of
// a page shares some words with any record: past pageful it takes so many times
// more to say as much.
func evidence(p pair, records int) float64 {
	raw := p.gloss
	if raw == 0 && p.native {
		raw = p.words
	}
	one := math.Log(1 + max(1, float64(records)))
	return raw / one / max(1, p.asked/one/pageful)
}

// pageful is the length of an ask, counted as evidence is, up to which length
// does not matter: some hundred characters of Chinese.
const pageful = 40

// Why says why a list was not given; "match.why.<name>" says it to people.
type Why string

// The reasons to abstain.
const (
	WhyEmpty    Why = "empty"    // no record holds anything of the text
	WhyExcluded Why = "excluded" // every near record fails a hard condition
	WhyCoverage Why = "coverage" // the best one covers too little of the ask
	WhyScore    Why = "score"    // the best one scores too low
	WhyNobody   Why = "nobody"   // records fit, but nobody is named behind them
	whyNone     Why = ""         // a list is given
)

// nearestShown is how many are shown as not recommended.
const nearestShown = 3

// judge decides on the best of a list.
func (t Threshold) judge(b Best) Why {
	switch {
	case b.Coverage < t.Coverage && b.Evidence < t.Evidence:
		return WhyCoverage
	case b.Score < t.Score:
		return WhyScore
	}
	return whyNone
}
