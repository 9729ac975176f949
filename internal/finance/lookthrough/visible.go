package lookthrough

import (
	"cmp"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Reasons why money is out of sight.
const (
	NoTotal  = "no_total"  // the fund does not say how much it was paid in
	NoAmount = "no_amount" // a holding of the fund does not say what was put in
	Unplaced = "unplaced"  // the fund's holdings do not account for it: cash, fees, or not told
	Circling = "circling"  // funds hold one another and nobody else
)

// Gap is money out of sight, at the fund where it is lost.
type Gap struct {
	ID     string    `json:"id"`
	Reason string    `json:"reason"`
	Amount money.Fen `json:"amount"`
}

// Visibility is how much of a fund's money can be followed into companies.
// Money and Share are nil when it is not known how much there is.
type Visibility struct {
	Money   *money.Fen `json:"money"`
	Visible money.Fen  `json:"visible"`
	Share   *float64   `json:"share"` // of Money, a lower bound
	Gaps    []Gap      `json:"gaps"`
}

// placed is what is known of where a fund's money went.
type placed struct {
	rest   float64 // the part that no holding accounts for
	reason string
}

// place makes the matrix by which money moves on: the amount of a holding over
// what the fund was paid in, or over all its holdings when they are more
// (gains put to work again).
func (g *Graph) place() {
	g.placed = make([]placed, len(g.nodes))
	var edges []edge
	for i := range g.nodes {
		v := int32(i)
		if g.nodes[i].Kind != Fund {
			continue
		}
		if g.nodes[i].Money == nil || *g.nodes[i].Money <= 0 {
			g.placed[i] = placed{1, NoTotal}
			continue
		}
		sum, reason := 0.0, Unplaced
		for _, l := range g.linksOf(v) {
			if l.h.Amount == nil {
				reason = NoAmount
				continue
			}
			sum += float64(*l.h.Amount)
		}
		of := max(sum, float64(*g.nodes[i].Money))
		g.placed[i] = placed{1 - sum/of, reason}
		for _, l := range g.linksOf(v) {
			if l.h.Amount != nil && *l.h.Amount > 0 {
				edges = append(edges, edge{v, l.to, float64(*l.h.Amount) / of})
			}
		}
	}
	g.amounts = newMatrix(len(g.nodes), edges)
}

// Visible follows a fund's money. A node that is not there, or is not a fund,
// is errs.NotFound.
func (g *Graph) Visible(fund string) (Visibility, error) {
	root, ok := g.index[fund]
	if !ok || g.nodes[root].Kind != Fund {
		return Visibility{}, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": fund})
	}
	g.once.Do(g.place)
	v := Visibility{Money: g.nodes[root].Money, Gaps: []Gap{}}
	if v.Money == nil || *v.Money <= 0 {
		v.Gaps = append(v.Gaps, Gap{fund, NoTotal, 0})
		return v, nil
	}
	mass := make([]float64, len(g.nodes))
	mass[root] = float64(*v.Money)
	circling := map[int32]bool{}
	err := g.amounts.spread(mass, func(p *part) error {
		for _, u := range p.nodes {
			circling[u] = true
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	v.sort(g, mass, circling)
	return v, nil
}

// sort tells what arrived at companies from what was lost on the way.
func (v *Visibility) sort(g *Graph, mass []float64, circling map[int32]bool) {
	seen := 0.0
	for i, m := range mass {
		if m == 0 {
			continue
		}
		if g.nodes[i].Kind == Company {
			seen += m
			continue
		}
		gap := Gap{g.nodes[i].ID, g.placed[i].reason, money.Fen(math.Round(m * g.placed[i].rest))}
		if circling[int32(i)] {
			gap.Reason, gap.Amount = Circling, money.Fen(math.Round(m))
		}
		if gap.Amount > 0 {
			v.Gaps = append(v.Gaps, gap)
		}
	}
	slices.SortStableFunc(v.Gaps, func(a, b Gap) int { return cmp.Compare(b.Amount, a.Amount) })
	v.Visible = min(money.Fen(math.Floor(seen+1e-6*float64(len(mass)))), *v.Money)
	share := float64(v.Visible) / float64(*v.Money)
	v.Share = &share
}
