package lookthrough

import (
	"slices"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/errs"
)

// Graph is the holdings in force on one day. It does not change and is safe for
// concurrent use.
type Graph struct {
	day    string
	nodes  []Node
	index  map[string]int32
	held   []link  // all in force, by holder
	first  []int32 // of each holder in held; one more than there are nodes
	shares *matrix

	once    sync.Once // makes what Visible alone needs
	amounts *matrix
	placed  []placed
}

// link is a holding by the numbers of its ends.
type link struct {
	from, to int32
	h        *Holding
}

// Build makes the graph of the holdings in force on a day. A holding at fault,
// one that names a node that is not there, and a node that comes twice are
// errs.Invalid. Several holdings between the same two add up.
func Build(nodes []Node, holdings []Holding, day string) (*Graph, error) {
	if !isDay(day) {
		return nil, errs.New(errs.Invalid, "lookthrough.day", errs.A{"value": day})
	}
	g := &Graph{day: day, nodes: nodes, index: make(map[string]int32, len(nodes)), held: make([]link, 0, len(holdings))}
	for i := range nodes {
		g.index[nodes[i].ID] = int32(i)
	}
	if len(g.index) != len(nodes) {
		return nil, errs.New(errs.Invalid, "lookthrough.twice")
	}
	if err := g.link(holdings); err != nil {
		return nil, err
	}
	edges := make([]edge, 0, len(g.held))
	for _, l := range g.held {
		if share, known := l.h.Share(); known && share > 0 {
			edges = append(edges, edge{l.from, l.to, share})
		}
	}
	g.shares = newMatrix(len(nodes), edges)
	return g, nil
}

func (g *Graph) link(holdings []Holding) error {
	for i := range holdings {
		h := &holdings[i]
		if err := h.Validate(); err != nil {
			return err
		}
		if !h.In(g.day) {
			continue
		}
		from, ok := g.index[h.From]
		to, too := g.index[h.To]
		if !ok || !too {
			return errs.New(errs.Invalid, "lookthrough.node", errs.A{"from": h.From, "to": h.To})
		}
		g.held = append(g.held, link{from, to, h})
	}
	g.order()
	return nil
}

// order sorts the links by holder, by counting; those of one keep their order.
func (g *Graph) order() {
	g.first = make([]int32, len(g.nodes)+1)
	for _, l := range g.held {
		g.first[l.from+1]++
	}
	for i := range g.nodes {
		g.first[i+1] += g.first[i]
	}
	next, sorted := slices.Clone(g.first), make([]link, len(g.held))
	for _, l := range g.held {
		sorted[next[l.from]] = l
		next[l.from]++
	}
	g.held = sorted
}

func (g *Graph) linksOf(v int32) []link { return g.held[g.first[v]:g.first[v+1]] }

// Stake is what a holder effectively holds of a node.
type Stake struct {
	ID       string  `json:"id"`
	Direct   float64 `json:"direct"`
	Indirect float64 `json:"indirect"`
	// AtLeast says that an unknown share stands somewhere between: the stake is
	// a lower bound.
	AtLeast bool `json:"at_least,omitempty"`
}

// Effective is the whole stake.
func (s Stake) Effective() float64 { return s.Direct + s.Indirect }

// Stakes returns what a holder effectively holds of every node that it reaches,
// in the order of the nodes: x = a(I − W)^−1, a the holder's own shares and W
// those of all. A holder that is not there is errs.NotFound. A cycle whose
// spectral radius is not below one, so that it would belong to nobody outside,
// is errs.Conflict and named; so is one of more than 256 nodes whose radius is
// not below 0.99.
func (g *Graph) Stakes(holder string) ([]Stake, error) {
	root, ok := g.index[holder]
	if !ok {
		return nil, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": holder})
	}
	direct := make([]float64, len(g.nodes))
	for _, l := range g.linksOf(root) {
		share, _ := l.h.Share()
		direct[l.to] += share
	}
	x := slices.Clone(direct)
	err := g.shares.spread(x, func(p *part) error {
		return errs.New(errs.Conflict, "lookthrough.cycle", errs.A{"cycle": strings.Join(g.cycle(p), " → ")})
	})
	if err != nil {
		return nil, err
	}
	below := g.unknown(root)
	var out []Stake
	for i := range g.nodes {
		if x[i] != 0 || below[i] {
			out = append(out, Stake{g.nodes[i].ID, direct[i], x[i] - direct[i], below[i]})
		}
	}
	return out, nil
}

// unknown marks the nodes that root reaches over a share that is not known.
func (g *Graph) unknown(root int32) []bool {
	reach, below := make([]bool, len(g.nodes)), make([]bool, len(g.nodes))
	reach[root] = true
	todo := []int32{root}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, l := range g.linksOf(v) {
			share, known := l.h.Share()
			if known && share == 0 {
				continue
			}
			mark := !known || below[v]
			if reach[l.to] && (!mark || below[l.to]) {
				continue
			}
			reach[l.to], below[l.to] = true, below[l.to] || mark
			todo = append(todo, l.to)
		}
	}
	return below
}

// cycle names one cycle of a part, along the largest shares, and closes it.
func (g *Graph) cycle(p *part) []string {
	seen := map[int32]int{}
	var path []int32
	for v := p.nodes[0]; ; v = g.largest(v) {
		if at, again := seen[v]; again {
			path = append(path[at:], v)
			break
		}
		seen[v] = len(path)
		path = append(path, v)
	}
	out := make([]string, len(path))
	for i, v := range path {
		out[i] = g.nodes[v].ID
	}
	return out
}

func (g *Graph) largest(v int32) int32 {
	m, best, size := g.shares, v, -1.0
	for e := m.start[v]; e < m.start[v+1]; e++ {
		if u := m.to[e]; m.part[u] == m.part[v] && m.w[e] > size {
			best, size = u, m.w[e]
		}
	}
	return best
}

// Excess is a node of which more is held than there is: shares that were
// registered on different days, or a mistake.
type Excess struct {
	ID    string  `json:"id"`
	Share float64 `json:"share"`
}

// Excesses lists the nodes whose known shares come to more than the whole,
// by more than rounding to ppm explains.
func (g *Graph) Excesses() []Excess {
	sum, n := make([]float64, len(g.nodes)), make([]int, len(g.nodes))
	for _, l := range g.held {
		share, _ := l.h.Share()
		sum[l.to] += share
		n[l.to]++
	}
	var out []Excess
	for i, s := range sum {
		if s > 1+float64(n[i])/whole {
			out = append(out, Excess{g.nodes[i].ID, s})
		}
	}
	return out
}
