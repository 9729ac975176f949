package match

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
)

// Set is a judged set: records, needs, and what each is worth to each.
type Set struct {
	Today time.Time // the day on which it was judged
	Docs  []search.Doc
	Needs []JudgedNeed
}

// JudgedNeed is one need of a set.
type JudgedNeed struct {
	ID     string
	Class  string // ClassOrdinary, ClassCross or ClassNone
	Dev    bool   // for choosing weights and thresholds; never measured on
	Ask    Ask
	Kinds  []string    // what it seeks; none: every kind of the set
	Grades map[Key]int // 0..3; a pair that was not judged counts as 0
}

// The classes of needs.
const (
	ClassOrdinary = "ordinary"
	ClassCross    = "cross_language"
	ClassNone     = "no_answer"

	ClassAll = "all" // of reports: those that have an answer
)

// Classes lists the classes in the order of reports.
var Classes = []string{ClassOrdinary, ClassCross, ClassNone}

// Good is the grade from which a record answers a need.
const Good = 2

// EvalOptions say what is measured.
type EvalOptions struct {
	Glosser search.Glosser                // nil: without glosses
	Table   encoder.Encoder               // nil: without it
	Model   encoder.Encoder               // nil: without it
	Notify  func(stage string, n, of int) // progress; may be nil
}

// Evaluation is what Eval measured on the test needs.
type Evaluation struct {
	Records int            `json:"records"`
	Dev     map[string]int `json:"dev"` // needs by class
	Test    map[string]int `json:"test"`
	Systems []Figures      `json:"systems"`
}

// Figures are those of one system.
type Figures struct {
	System     string              `json:"system"`
	Weights    Weights             `json:"weights"` // fitted on the development needs
	NDCG       map[string]Interval `json:"ndcg_10"` // by class, and "all" for those that have an answer
	Recall     map[string]Interval `json:"recall_50"`
	Gain       *Interval           `json:"gain,omitempty"` // of nDCG over the system Than, need by need
	Than       string              `json:"than,omitempty"`
	Abstention *Abstention         `json:"abstention,omitempty"` // nil where nothing is decided

	perNeed []float64
}

// Abstention measures the decision that nothing fits. A need of the class
// no_answer ought to get no list, every other ought to get one.
type Abstention struct {
	Precision Interval `json:"precision"` // of the needs without a list, those that ought to have none
	Recall    Interval `json:"recall"`    // of the needs that ought to have none, those without a list
	Given     Interval `json:"given"`     // of the needs with an answer, those with a list
}

// system is one row of the report: the features that take part, and what the
// meaning comes from.
type system struct {
	name  string
	use   []int
	enc   encoder.Encoder
	plain bool // hard conditions do not exclude
	fixed bool // the weights in use by default, not fitted
	owner bool // at most perOwner records of one owner
}

// bare reports a system of words alone, in which nothing stands in for them.
func (sys system) bare() bool { return slices.Equal(sys.use, []int{atWords}) }

func systems(o EvalOptions) []system {
	text := []int{atWords, atGloss}
	out := []system{{name: "words, no conditions", use: []int{atWords}, plain: true}, {name: "words", use: []int{atWords}}}
	if o.Glosser != nil {
		out = append(out, system{name: "+ gloss", use: text})
	}
	if o.Table != nil {
		out = append(out, system{name: "+ gloss + table", use: append(slices.Clone(text), atMeaning), enc: o.Table})
	}
	best := o.Table
	if o.Model != nil {
		best = o.Model
		out = append(out, system{name: "+ gloss + model", use: append(slices.Clone(text), atMeaning), enc: o.Model})
	}
	all := []int{atWords, atGloss, atMeaning, atCoverage, atCodes, atFresh, atOpen}
	return append(out, system{name: "full", use: all, enc: best}, system{name: "default weights", use: all, enc: best, fixed: true},
		system{name: "default weights, two of an owner", use: all, enc: best, fixed: true, owner: true})
}

// Eval measures systems on the test needs of a set. Weights and thresholds are
// chosen on the development needs alone.
func Eval(ctx context.Context, set Set, o EvalOptions) (Evaluation, error) {
	out := Evaluation{Records: len(set.Docs), Dev: map[string]int{}, Test: map[string]int{}}
	for _, n := range set.Needs {
		if n.Dev {
			out.Dev[n.Class]++
		} else {
			out.Test[n.Class]++
		}
	}
	lists := map[string][]ranked{}
	for _, sys := range systems(o) {
		name := "none"
		if sys.enc != nil {
			name = sys.enc.Name()
		}
		if lists[name] == nil {
			got, err := gather(ctx, set, o, sys.enc)
			if err != nil {
				return out, err
			}
			lists[name] = got
		}
		f := figures(sys, lists[name])
		if n := len(out.Systems); n > 0 {
			gain := Paired(out.Systems[n-1].perNeed, f.perNeed)
			f.Gain, f.Than = &gain, out.Systems[n-1].System
		}
		out.Systems = append(out.Systems, f)
	}
	return out, nil
}

// ranked is one need with its candidates, whose features are known.
type ranked struct {
	need  JudgedNeed
	pairs []pair
	all   []int // every grade of the need

	records int // of the set
}

// gather runs every need through candidates, conditions and features once.
func gather(ctx context.Context, set Set, o EvalOptions, e encoder.Encoder) ([]ranked, error) {
	s, err := roomOf(ctx, set, o.Glosser, e)
	if err != nil {
		return nil, err
	}
	var out []ranked
	for i, n := range set.Needs {
		if o.Notify != nil {
			o.Notify("needs", i, len(set.Needs))
		}
		a, err := s.text(level.Viewer{}, n.Ask)
		if err != nil {
			return nil, err
		}
		of := n.Kinds
		if len(of) == 0 {
			of = kindsOf(set)
		}
		v, _, err := s.meaning.of(ctx, a)
		if err != nil {
			return nil, err
		}
		pass, fail := s.check(a, s.candidates(a, a.query(of), v))
		pairs := append(pass, fail...)
		pairs = s.score(a, pairs, len(pairs), of, v, scale(pairs), Default())
		out = append(out, ranked{n, pairs, slices.Collect(maps.Values(n.Grades)), len(set.Docs)})
	}
	return out, nil
}

func kindsOf(set Set) []string {
	var out []string
	for _, d := range set.Docs {
		if !slices.Contains(out, d.Kind) {
			out = append(out, d.Kind)
		}
	}
	return out
}

// roomOf builds a Service over the records of a set, in memory alone.
func roomOf(ctx context.Context, set Set, g search.Glosser, e encoder.Encoder) (*Service, error) {
	by := map[Key]search.Doc{}
	x := search.New()
	if g != nil {
		x.SetGlosser(g)
	}
	load := func(_ context.Context, kind, id string) (search.Doc, bool, error) {
		d, ok := by[Key{Kind: kind, ID: id}]
		return d, ok, nil
	}
	s := New(Config{Index: x, Load: load, Encoder: e})
	s.now = func() time.Time { return set.Today }
	s.meaning.patience = time.Hour
	s.meaning.kinds = kindsOf(set)
	for _, d := range set.Docs {
		by[Key{Kind: d.Kind, ID: d.ID}] = d
		if err := x.Put(d); err != nil {
			return nil, err
		}
		s.document(d)
	}
	_, err := s.EncodePending(ctx)
	return s, err
}

// figures fits a system on the development needs and measures it on the others.
func figures(sys system, lists []ranked) Figures {
	w := start(sys)
	var dev, test []ranked
	for _, l := range lists {
		if l.need.Dev {
			dev = append(dev, l)
		} else {
			test = append(test, l)
		}
	}
	if !sys.fixed {
		w = climb(sys, w, dev)
		w.Threshold = sys.threshold(w, dev)
	}
	out := Figures{System: sys.name, Weights: w, NDCG: map[string]Interval{}, Recall: map[string]Interval{}}
	by, recall := map[string][]float64{}, map[string][]float64{}
	for _, l := range test {
		grades := grades(l, sys.order(w, l))
		ndcg, r := NDCG(grades, l.all, 10), Recall(grades, l.all, 50, Good)
		out.perNeed = append(out.perNeed, ndcg)
		for _, class := range []string{l.need.Class, ClassAll} {
			if class != ClassAll || l.need.Class != ClassNone {
				by[class], recall[class] = append(by[class], ndcg), append(recall[class], r)
			}
		}
	}
	for class := range by {
		if class != ClassNone {
			out.NDCG[class], out.Recall[class] = Bootstrap(by[class]), Bootstrap(recall[class])
		}
	}
	if !sys.plain {
		out.Abstention = sys.abstention(w, test)
	}
	return out
}

// start gives the features of a system their default weights, from which the
// fit begins.
func start(sys system) Weights {
	w, from := Weights{Version: sys.name}, Default()
	if sys.fixed {
		return from
	}
	for _, i := range sys.use {
		w.Of[i] = from.Of[i]
	}
	return w
}

// order ranks the candidates of a need.
func (sys system) order(w Weights, l ranked) []pair {
	pairs := slices.Clone(l.pairs)
	if !sys.plain {
		pairs = slices.DeleteFunc(pairs, func(p pair) bool { return len(p.fails) > 0 })
	}
	if sys.bare() {
		pairs = slices.DeleteFunc(pairs, func(p pair) bool { return p.words == 0 })
	}
	for i := range pairs {
		pairs[i].score = w.exact(pairs[i].values)
		if sys.bare() {
			pairs[i].score = pairs[i].words
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.card.Kind, b.card.Kind), cmp.Compare(a.card.ID, b.card.ID))
	})
	if sys.owner {
		pairs, _ = diverse(pairs, func(p pair) string { return p.card.Owner }, len(pairs))
	}
	return pairs
}

func grades(l ranked, pairs []pair) []int {
	out := make([]int, len(pairs))
	for i, p := range pairs {
		out[i] = l.need.Grades[p.card.Key]
	}
	return out
}

// least is the gain for which a weight is moved: less is noise.
const least = 2e-3

// climb moves one weight at a time while the mean nDCG@10 of the development
// needs rises: a handful of weights and a measure without slopes ask for no
// more. Steps are factors, so a weight keeps its side of zero.
func climb(sys system, w Weights, dev []ranked) Weights {
	if len(sys.use) == 1 {
		return whole(w)
	}
	best := sys.mean(w, dev)
	for range 4 {
		moved := false
		for _, i := range sys.use {
			for _, factor := range []float64{.5, .7, .85, 1.2, 1.4, 2} {
				try := w
				try.Of[i] = w.Of[i] * factor
				if got := sys.mean(try, dev); got > best+least {
					best, w, moved = got, try, true
				}
			}
		}
		if !moved {
			break
		}
	}
	return whole(w)
}

// whole scales weights so that those that speak for a pair sum to one, in
// grains.
func whole(w Weights) Weights {
	sum := 0.0
	for _, x := range w.Of {
		sum += max(x, 0)
	}
	for i := range w.Of {
		if sum > 0 {
			w.Of[i] = toPoints(w.Of[i] / sum).float()
		}
	}
	return w
}

func (sys system) mean(w Weights, lists []ranked) float64 {
	var values []float64
	for _, l := range lists {
		if v := NDCG(grades(l, sys.order(w, l)), l.all, 10); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		return 0
	}
	return mean(values)
}

// evidence is what the decision to abstain rests on, for one need.
func (sys system) evidence(w Weights, l ranked) Best {
	f := found{passing: sys.order(w, l), weights: w, terms: true, records: l.records}
	best, _ := f.judge()
	return best
}

// threshold is the evidence that parts the development needs best: the greatest
// F1 of abstaining, and of equal ones the least, which abstains less.
func (sys system) threshold(w Weights, dev []ranked) Threshold {
	type point struct {
		evidence float64
		none     bool
	}
	var points []point
	none := 0
	for _, l := range dev {
		b := sys.evidence(w, l)
		if b.Coverage >= enough {
			b.Evidence = math.Inf(1)
		}
		points = append(points, point{b.Evidence, l.need.Class == ClassNone})
		if l.need.Class == ClassNone {
			none++
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Compare(a.evidence, b.evidence) })
	best, at, right := 0.0, 0.0, 0
	for i, p := range points {
		if p.none {
			right++
		}
		if f1 := 2 * float64(right) / float64(i+1+none); f1 > best+1e-9 {
			best, at = f1, p.evidence+.5
			if i+1 < len(points) && !math.IsInf(points[i+1].evidence, 0) {
				at = (p.evidence + points[i+1].evidence) / 2
			}
		}
	}
	return Threshold{Coverage: enough, Evidence: toPoints(min(at, maxEvidence)).float()}
}

func (sys system) abstention(w Weights, lists []ranked) *Abstention {
	var silent, none, given, some []bool
	for _, l := range lists {
		b := sys.evidence(w, l)
		quiet := w.Threshold.judge(b) != whyNone
		silent, none = append(silent, quiet), append(none, l.need.Class == ClassNone)
		given, some = append(given, !quiet), append(some, l.need.Class != ClassNone)
	}
	return &Abstention{Precision: Ratio(silent, none), Recall: Ratio(none, silent), Given: Ratio(some, given)}
}
