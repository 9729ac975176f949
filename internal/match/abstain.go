package match

// Threshold is what the best match must reach for a list to be given at all.
// Coverage speaks of the ask alone and is comparable from ask to ask, which a
// BM25 score is not.
type Threshold struct {
	Coverage float64 `json:"coverage"`
	Score    float64 `json:"score"`
}

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

// judge decides on the best match of a list.
func (t Threshold) judge(coverage, score float64) Why {
	switch {
	case coverage < t.Coverage:
		return WhyCoverage
	case score < t.Score:
		return WhyScore
	}
	return whyNone
}
