package composite

import (
	"math/rand/v2"
	"slices"
)

// Perturbation says how far weights are moved.
type Perturbation struct {
	Draws  int     // 1,000 when 0
	Spread float64 // each weight is multiplied by a number between 1 - Spread and 1 + Spread; 0.25 when 0
	Seed   uint64
}

// Spread is what moving the weights does to the rank of a row: the interval
// that holds 90 % of the draws, the median, and the outermost ranks. All 0 for
// a row without a rank.
type Spread struct {
	Low    int `json:"low"`
	Median int `json:"median"`
	High   int `json:"high"`
	Best   int `json:"best"`
	Worst  int `json:"worst"`
}

// Sensitivity draws weights around those of the index, on every level alike,
// and ranks again. The same seed gives the same answer everywhere. Treatment
// and scale stay as they are.
func (r *Result) Sensitivity(p Perturbation) []Spread {
	if p.Draws <= 0 {
		p.Draws = 1000
	}
	if p.Spread <= 0 || p.Spread > 1 {
		p.Spread = 0.25
	}
	rng := rand.New(rand.NewPCG(p.Seed, 0x6b61706f6b)) //nolint:gosec // repeatable on purpose
	ranks := make([][]int, len(r.Rows))
	scores := map[string][]float64{}
	weights := map[string]float64{}
	for range p.Draws {
		r.Spec.Root.Each(func(n *Node, _ int) { weights[n.Key] = n.weight() * (1 + p.Spread*(2*rng.Float64()-1)) })
		root := make([]float64, len(r.Rows))
		for i := range r.Rows {
			root[i], _ = r.join(&r.Spec.Root, i, weights, scores)
		}
		for i, rank := range Rank(r.Rows, root) {
			if rank > 0 {
				ranks[i] = append(ranks[i], rank)
			}
		}
	}
	out := make([]Spread, len(r.Rows))
	for i, x := range ranks {
		if len(x) > 0 {
			slices.Sort(x)
			at := func(share float64) int { return x[int(share*float64(len(x)-1)+0.5)] }
			out[i] = Spread{at(0.05), at(0.5), at(0.95), x[0], x[len(x)-1]}
		}
	}
	return out
}
