package match

import (
	"encoding/json"
	"math"

	"github.com/kapok-city/kapok/internal/errs"
)

// Weights are one version of the linear ranker.
type Weights struct {
	Version string // "default", or the id of a stored version
	Bias    float64
	Of      [featureCount]float64 // in the order of Features

	Threshold Threshold // below it there is no list
}

// Default returns the weights that Kapok starts with: those fitted on the
// development needs of the judged set with the model encoder, rounded, and the
// evidence that parts its needs without an answer, and those of twenty long
// real demands, from the others. Codes and age, of which the set says too
// little to learn from, were given a small weight by hand. kapok match --eval
// measures them.
func Default() Weights {
	return Weights{Version: "default", Of: [featureCount]float64{
		atWords: .12, atGloss: .32, atMeaning: .34, atCoverage: .15, atCodes: .05, atFresh: .02, atOpen: -.05,
	}, Threshold: Threshold{Coverage: enough, Evidence: 1.44}}
}

// enough is the coverage that makes a list worth giving by itself: no need
// without an answer in the development set comes near it.
const enough = .5

// weightsJSON is the stored form: by name, so that a later feature does not
// shift the others.
type weightsJSON struct {
	Version   string              `json:"version"`
	Bias      float64             `json:"bias"`
	Features  map[Feature]float64 `json:"features"`
	Threshold Threshold           `json:"threshold"`
}

// MarshalJSON writes the weights by the names of their features.
func (w Weights) MarshalJSON() ([]byte, error) {
	out := weightsJSON{Version: w.Version, Bias: w.Bias, Features: map[Feature]float64{}, Threshold: w.Threshold}
	for i, f := range Features {
		out.Features[f] = w.Of[i]
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote; a feature that is not named
// weighs nothing.
func (w *Weights) UnmarshalJSON(raw []byte) error {
	var in weightsJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		return errs.Wrap(err, errs.Invalid, "match.bad_weights")
	}
	*w = Weights{Version: in.Version, Bias: in.Bias, Threshold: in.Threshold}
	for i, f := range Features {
		w.Of[i] = in.Features[f]
	}
	return w.check()
}

// maxEvidence bounds the threshold of evidence: no text shares so much.
const maxEvidence = 100

// maxWeight bounds a weight: past it a score is no longer read against others.
const maxWeight = 10

// check refuses weights that turn an explanation round: what speaks for a pair
// may not lower its score, and what is unknown may not raise it.
func (w Weights) check() error {
	for i, x := range w.Of {
		low, high := 0.0, float64(maxWeight)
		if i == atOpen {
			low, high = -maxWeight, 0
		}
		if !(x >= low && x <= high) {
			return errs.New(errs.Invalid, "match.weight_out_of_range", errs.A{"feature": string(Features[i]), "low": low, "high": high})
		}
	}
	if !(w.Threshold.Evidence >= 0 && w.Threshold.Evidence <= maxEvidence) {
		return errs.New(errs.Invalid, "match.weight_out_of_range", errs.A{"feature": "evidence", "low": 0, "high": maxEvidence})
	}
	if !(w.Threshold.Coverage >= 0 && w.Threshold.Coverage <= 1) {
		return errs.New(errs.Invalid, "match.weight_out_of_range", errs.A{"feature": "threshold", "low": 0, "high": 1})
	}
	if math.IsNaN(w.Bias) || math.Abs(w.Bias) > maxWeight {
		return errs.New(errs.Invalid, "match.weight_out_of_range", errs.A{"feature": "bias", "low": -maxWeight, "high": maxWeight})
	}
	return nil
}

// clamp brings each weight back to its side of zero.
func (w *Weights) clamp() {
	for i := range w.Of {
		if i == atOpen {
			w.Of[i] = max(-maxWeight, min(0, w.Of[i]))
		} else {
			w.Of[i] = max(0, min(maxWeight, w.Of[i]))
		}
	}
}
