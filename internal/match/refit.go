package match

import (
	"cmp"
	"math"
	"slices"
)

// Example is one introduction that has been answered.
type Example struct {
	Ask    string // the need or result that was asked for; lists are told apart by it
	Day    int    // when it was answered, in days since 1970
	Values Values
	Good   float64 // 1 accepted or a deal, 0 declined; a grade in between for judged pairs
}

// Fit is a proposal of weights with what it does to examples that it has not
// seen. It changes nothing by itself.
type Fit struct {
	Weights  Weights
	Examples int // learned from
	Held     int // held out: the newest
	Before   Loss
	After    Loss
}

// Loss is how well weights foretell the answers held out.
type Loss struct {
	LogLoss float64 `json:"log_loss"`
	NDCG    float64 `json:"ndcg"` // NaN without a list that has both answers
}

// The settings of Refit.
const (
	heldShare   = 0.3  // the newest part is held out
	ridge       = 0.05 // pull towards the weights before, per example
	rate        = 0.5  // step of the link's descent
	steps       = 2000
	minExamples = 20 // fewer say nothing
)

// Refit learns weights from examples by logistic regression with a ridge
// towards the weights in use (a prior mean, as in Hoerl and Kennard 1970), on
// the older examples, and measures both on the newest ones. It returns false
// when there are too few examples or all have one answer. Plain gradient
// descent from a fixed start: the same examples give the same weights.
func Refit(from Weights, examples []Example) (Fit, bool) {
	examples = slices.Clone(examples)
	slices.SortStableFunc(examples, func(a, b Example) int { return a.Day - b.Day })
	cut := len(examples) - int(math.Ceil(heldShare*float64(len(examples))))
	learn, held := examples[:cut], examples[cut:]
	if len(learn) < minExamples || !mixed(learn) || !mixed(held) {
		return Fit{}, false
	}
	out := Fit{Examples: len(learn), Held: len(held)}
	link := calibrate(from, learn)
	out.Before = loss(from, link, held)
	out.Weights, link = descend(from, link, learn, ridge)
	out.After = loss(out.Weights, link, held)
	return out, true
}

func mixed(examples []Example) bool {
	return slices.ContainsFunc(examples, func(e Example) bool { return e.Good >= .5 }) &&
		slices.ContainsFunc(examples, func(e Example) bool { return e.Good < .5 })
}

// link turns a score into a probability: 1 / (1 + exp(−(slope × score + shift))).
// It is Platt's scaling: the ranker's own scale is left as people know it.
type link struct{ slope, shift float64 }

func (l link) p(score float64) float64 { return 1 / (1 + math.Exp(-(l.slope*score + l.shift))) }

// calibrate fits the link of weights as they are.
func calibrate(w Weights, examples []Example) link {
	l := link{slope: 4, shift: -2}
	for range steps {
		var slope, shift float64
		for _, e := range examples {
			s := w.exact(e.Values)
			d := l.p(s) - e.Good
			slope += d * s
			shift += d
		}
		n := float64(len(examples))
		l.slope = max(.1, l.slope-4*rate*(slope/n+1e-4*l.slope))
		l.shift -= 4 * rate * shift / n
	}
	return l
}

// exact is the score before it is rounded to grains: a descent needs slopes.
func (w Weights) exact(v Values) float64 {
	s := w.Bias
	for i, x := range v {
		if !math.IsNaN(x) {
			s += w.Of[i] * x
		}
	}
	return s
}

// descend moves the weights against the slope of the log-loss, pulled back to
// where they came from. The shift follows, the slope stays: with both free the
// scale of the scores would run away.
func descend(from Weights, l link, examples []Example, pull float64) (Weights, link) {
	w := from
	w.Version = ""
	n := float64(len(examples))
	step := 1 / (l.slope*l.slope*featureCount/4 + pull) // below 2 over the steepest curvature that there can be: it cannot overshoot
	for range steps {
		var slope [featureCount]float64
		shift := 0.0
		for _, e := range examples {
			d := (l.p(w.exact(e.Values)) - e.Good) * l.slope
			shift += d / l.slope
			for i, x := range e.Values {
				if !math.IsNaN(x) {
					slope[i] += d * x
				}
			}
		}
		for i := range w.Of {
			w.Of[i] -= step * (slope[i]/n + pull*(w.Of[i]-from.Of[i]))
		}
		w.clamp()
		l.shift -= rate * shift / n
	}
	for i := range w.Of {
		w.Of[i] = toPoints(w.Of[i]).float() // what is stored is what is shown
	}
	return w, l
}

func loss(w Weights, l link, examples []Example) Loss {
	sum := 0.0
	for _, e := range examples {
		p := min(max(l.p(w.exact(e.Values)), 1e-9), 1-1e-9)
		sum -= e.Good*math.Log(p) + (1-e.Good)*math.Log(1-p)
	}
	return Loss{LogLoss: sum / float64(len(examples)), NDCG: listed(w, examples)}
}

// listed is the mean nDCG@10 of the examples as lists, one for each ask.
func listed(w Weights, examples []Example) float64 {
	lists := map[string][]Example{}
	var asks []string
	for _, e := range examples {
		if lists[e.Ask] == nil {
			asks = append(asks, e.Ask)
		}
		lists[e.Ask] = append(lists[e.Ask], e)
	}
	var values []float64
	for _, a := range asks {
		list := lists[a]
		if !mixed(list) {
			continue
		}
		slices.SortStableFunc(list, func(a, b Example) int { return cmp.Compare(w.exact(b.Values), w.exact(a.Values)) })
		grades := make([]int, len(list))
		for i, e := range list {
			grades[i] = int(math.Round(3 * e.Good))
		}
		values = append(values, NDCG(grades, grades, 10))
	}
	if len(values) == 0 {
		return math.NaN()
	}
	return mean(values)
}
