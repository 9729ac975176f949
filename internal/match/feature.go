package match

import (
	"math"
	"strings"
)

// Feature names one number that speaks for a pair.
type Feature string

// The features, in the order in which they are shown and added. All but Open
// lie in 0..1; a higher one speaks for the pair.
const (
	Words    Feature = "words"    // BM25 of the words, as a share of the best in the list; for a record in another language, Gloss
	Gloss    Feature = "gloss"    // the same in the gloss stream, where Chinese and English meet
	Meaning  Feature = "meaning"  // how far the cosine of the two vectors lies above what is usual between their languages
	Coverage Feature = "coverage" // idf-weighted share of the ask's terms that the record holds
	Codes    Feature = "codes"    // how deep IPC or industry codes agree
	Fresh    Feature = "fresh"    // age of the record, halved every two years
	Open     Feature = "open"     // share of the conditions that could not be checked; its weight is negative
)

// Features lists every feature in its order.
var Features = []Feature{Words, Gloss, Meaning, Coverage, Codes, Fresh, Open}

// featureCount is the length of Features.
const featureCount = 7

// at is the place of a feature in Features.
const (
	atWords = iota
	atGloss
	atMeaning
	atCoverage
	atCodes
	atFresh
	atOpen
)

// Values are the values of one pair in the order of Features. An unknown value
// is NaN: it adds nothing to the score and is shown as unknown, never as zero.
type Values [featureCount]float64

// unknown is the value of a feature of which nothing is known.
var unknown = math.NaN()

// Map returns the known values by name, as an introduction keeps them.
func (v Values) Map() map[string]float64 {
	out := map[string]float64{}
	for i, f := range Features {
		if !math.IsNaN(v[i]) {
			out[string(f)] = v[i]
		}
	}
	return out
}

// ValuesOf is the inverse of Map. A name that it does not know is passed over:
// it belongs to an older set of features.
func ValuesOf(m map[string]float64) Values {
	var v Values
	for i, f := range Features {
		if x, ok := m[string(f)]; ok && !math.IsInf(x, 0) {
			v[i] = x
		} else {
			v[i] = unknown
		}
	}
	return v
}

// share brings a raw score of 0 or more into 0..1 by what it could be at most.
func share(raw, most float64) float64 {
	if !(most > 0) || !(raw > 0) { // also for NaN
		return 0
	}
	return min(raw/most, 1)
}

// above brings a cosine into 0..1: 0 at the mean of its ground, 1 at full
// standard deviations above it.
func above(cosine float64, g ground, full float64) float64 {
	if math.IsNaN(cosine) {
		return unknown
	}
	return max(0, min(1, (cosine-g.mean)/g.deviation/full))
}

// codeDepths gives what agreement to a number of leading characters is worth.
var (
	ipcDepths      = []depth{{1, .25}, {3, .5}, {4, .75}, {7, 1}} // section, class, subclass, main group
	industryDepths = []depth{{1, .25}, {3, .5}, {4, .75}, {5, 1}} // section letter, division, group, class of GB/T 4754
)

type depth struct {
	chars int
	worth float64
}

// codeOverlap is the worth of the deepest agreement of two lists of codes, in
// either scheme. It is unknown when no scheme has codes on both sides.
func codeOverlap(a, b CodeSet) float64 {
	return larger(deepest(a.IPC, b.IPC, ipcDepths), deepest(a.Industry, b.Industry, industryDepths))
}

func larger(a, b float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return max(a, b)
}

func deepest(a, b []string, depths []depth) float64 {
	if len(a) == 0 || len(b) == 0 {
		return unknown
	}
	best := 0.0
	for _, x := range a {
		for _, y := range b {
			best = max(best, worth(common(plainCode(x), plainCode(y)), depths))
		}
	}
	return best
}

// worth returns what n equal leading characters are worth. Codes shorter than a
// depth cannot reach it: agreeing on "H01" says no more than the class.
func worth(n int, depths []depth) float64 {
	best := 0.0
	for _, d := range depths {
		if n >= d.chars {
			best = d.worth
		}
	}
	return best
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// plainCode writes a code without blanks and in capitals, its main group in
// three digits, so that H01M 4/13 and H01M 10/05 do not agree by chance.
func plainCode(code string) string {
	code = strings.ToUpper(strings.Join(strings.Fields(code), ""))
	if len(code) < 5 || code[3] < 'A' { // no subclass of the IPC: industries have digits there
		return code
	}
	group, _, _ := strings.Cut(code[4:], "/")
	return code[:4] + strings.Repeat("0", max(0, 3-len(group))) + code[4:]
}

// halfLife is the age in days at which a record has lost half of its freshness.
const halfLife = 2 * 365.25

// freshness falls from 1 by half every halfLife days. A record without a date
// has none.
func freshness(since, today int) float64 {
	if since == 0 {
		return unknown
	}
	return math.Exp2(-float64(max(0, today-since)) / halfLife)
}
