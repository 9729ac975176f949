package composite

import (
	"cmp"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
)

// Result is an index computed over a table. Scores of a leaf are its
// normalised values, of an inner node its mean; Unknown where they are not
// known.
type Result struct {
	Spec     *Spec
	Rows     []Row
	Raw      map[string][]float64 // by leaf key: after division by Per, before treatment
	Treated  map[string]Treated   // by leaf key
	Filled   map[string]map[int]int
	Scores   map[string][]float64 // by node key
	Coverage []float64            // share of the weight that is known, over all levels
	Ranks    []int                // of the root within its year, 1 is best, equal scores share; 0 is unknown
}

// Compute runs an index over a table: divide, fill from the nearest year,
// treat, normalise, join. A column that the table lacks is errs.Invalid.
// Treatment and scale see all rows at once, so that the years of a unit compare
// (the scoreboard scales over all countries and years).
func Compute(s *Spec, t *Table) (*Result, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	r := &Result{Spec: s, Rows: t.Rows, Raw: map[string][]float64{}, Treated: map[string]Treated{}, Filled: map[string]map[int]int{}, Scores: map[string][]float64{}}
	var faults errs.List
	s.Root.Each(func(n *Node, _ int) {
		if n.Leaf() {
			if err := r.leaf(n, t); err != nil {
				faults = append(faults, err)
			}
		}
	})
	if err := faults.Err(); err != nil {
		return nil, err
	}
	weights := r.weights()
	r.Coverage = make([]float64, len(r.Rows))
	for i := range r.Rows {
		_, r.Coverage[i] = r.join(&s.Root, i, weights, r.Scores)
	}
	r.Ranks = Rank(r.Rows, r.Scores[s.Root.Key])
	return r, nil
}

func (r *Result) leaf(n *Node, t *Table) *errs.Error {
	x, found := t.Columns[n.Column]
	if !found {
		return errs.New(errs.Invalid, "composite.no_column", errs.A{"column": n.Column}).At("/" + n.Key)
	}
	raw := slices.Clone(x)
	if n.Per != "" {
		per, found := t.Columns[n.Per]
		if !found {
			return errs.New(errs.Invalid, "composite.no_column", errs.A{"column": n.Per}).At("/" + n.Key)
		}
		for i := range raw {
			if raw[i] /= per[i]; !Known(raw[i]) {
				raw[i] = Unknown // over nothing, or over what is not known
			}
		}
	}
	if n.NearestYear {
		raw, r.Filled[n.Key] = nearestYear(t.Rows, raw)
	}
	treated := Treat(raw, n.Treat)
	r.Raw[n.Key], r.Treated[n.Key] = raw, treated
	r.Scores[n.Key] = Normalise(t.Rows, treated, n.Normalise, n.Negative)
	return nil
}

// weights are the weights of all nodes by key.
func (r *Result) weights() map[string]float64 {
	out := map[string]float64{}
	r.Spec.Root.Each(func(n *Node, _ int) { out[n.Key] = n.weight() })
	return out
}

// join computes the score of a node in a row from the leaves' scores, puts
// those of inner nodes into scores, and returns it with its coverage.
func (r *Result) join(n *Node, row int, weights map[string]float64, scores map[string][]float64) (score, coverage float64) {
	if n.Leaf() {
		if v := r.Scores[n.Key][row]; Known(v) {
			return v, 1
		}
		return Unknown, 0
	}
	parts, w := make([]float64, len(n.Parts)), make([]float64, len(n.Parts))
	all := 0.0
	for i := range n.Parts {
		p := &n.Parts[i]
		var c float64
		parts[i], c = r.join(p, row, weights, scores)
		w[i] = weights[p.Key]
		coverage, all = coverage+w[i]*c, all+w[i]
	}
	score, _ = Mean(n.Mean, parts, w, n.least())
	if scores[n.Key] == nil {
		scores[n.Key] = make([]float64, len(r.Rows))
	}
	scores[n.Key][row] = score
	return score, coverage / all
}

// Rank numbers scores within each year, the highest 1; equal ones share the
// better number and the next is skipped. 0 is for what is unknown.
func Rank(rows []Row, scores []float64) []int {
	out := make([]int, len(scores))
	order := make([]int, 0, len(scores))
	for i, v := range scores {
		if Known(v) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(rows[i].Year, rows[j].Year), cmp.Compare(scores[j], scores[i]))
	})
	for n, start := 0, 0; n < len(order); n++ {
		i := order[n]
		if rows[i].Year != rows[order[start]].Year {
			start = n
		}
		out[i] = n - start + 1
		if n > start && scores[order[n-1]] == scores[i] {
			out[i] = out[order[n-1]]
		}
	}
	return out
}

// Relative are scores in percent of that of a reference row, as the scoreboard
// states performance relative to the EU in a fixed year. Unknown without it.
func (r *Result) Relative(key string, reference Row) []float64 {
	out := make([]float64, len(r.Rows))
	at := slices.Index(r.Rows, reference)
	for i, v := range r.Scores[key] {
		out[i] = Unknown
		if at >= 0 && Known(v) && r.Scores[key][at] > 0 {
			out[i] = 100 * v / r.Scores[key][at]
		}
	}
	return out
}

// Group is a class of relative performance.
type Group string

// The groups of the European Innovation Scoreboard, by performance relative to
// the reference.
const (
	Leader       Group = "leader"   // above 125 %
	Strong       Group = "strong"   // 100 % to 125 %
	Moderate     Group = "moderate" // 70 % to below 100 %
	Emerging     Group = "emerging" // below 70 %
	UnknownGroup Group = ""
)

// GroupOf is the group of a relative performance in percent.
func GroupOf(relative float64) Group {
	switch {
	case !Known(relative):
		return UnknownGroup
	case relative > 125:
		return Leader
	case relative >= 100:
		return Strong
	case relative >= 70:
		return Moderate
	}
	return Emerging
}

// Line is a row of a result for a reader: nil is unknown.
type Line struct {
	Row
	Rank     int                 `json:"rank,omitempty"`
	Score    *float64            `json:"score"`
	Coverage float64             `json:"coverage"`
	Scores   map[string]*float64 `json:"scores"` // of every node
	Raw      map[string]*float64 `json:"raw"`    // of every leaf
	Spread   *Spread             `json:"spread,omitempty"`
}

// Lines are the rows of the result, by year (the newest first) and rank; those
// without a rank come last. spreads may be nil.
func (r *Result) Lines(spreads []Spread) []Line {
	out := make([]Line, len(r.Rows))
	for i := range out {
		l := Line{Row: r.Rows[i], Rank: r.Ranks[i], Score: known1(r.Scores[r.Spec.Root.Key][i]), Coverage: r.Coverage[i], Scores: map[string]*float64{}, Raw: map[string]*float64{}}
		for key, x := range r.Scores {
			l.Scores[key] = known1(x[i])
		}
		for key, x := range r.Raw {
			l.Raw[key] = known1(x[i])
		}
		if i < len(spreads) && l.Rank > 0 {
			l.Spread = &spreads[i]
		}
		out[i] = l
	}
	slices.SortStableFunc(out, func(a, b Line) int {
		if a.Year != b.Year {
			return b.Year - a.Year
		}
		return last(a.Rank) - last(b.Rank)
	})
	return out
}

func last(rank int) int {
	if rank == 0 {
		return maxRows + 1
	}
	return rank
}

func known1(v float64) *float64 {
	if !Known(v) {
		return nil
	}
	return &v
}
