package casework

import (
	"cmp"
	"math"
	"slices"
)

// The layout is that of Sugiyama, Tagawa and Toda (1981), IEEE Trans. SMC 11(2):
// turn the arrows that run back, give each state a layer, order the layers
// against crossings, then place. States stand on even layers; every arrow has a
// place of its own for its label on an odd one, so no two labels can meet.

// node is a state, the label of an arrow, or a bend of one.
type node struct {
	layer, order int
	w, h         float64
	x            float64 // its middle
	up, down     []int   // neighbours on the layers above and below
	state        int     // of the kind, -1 for the others
}

// arrow is the way of all actions from one state to another.
type arrow struct {
	from, to int   // states
	back     bool  // runs against the layers
	path     []int // nodes from the upper to the lower end, both states with it
	label    int   // the node of the label, within path
}

type graph struct {
	nodes  []node
	layers [][]int
	arrows []arrow
}

const (
	gapX = 26.0 // between neighbours of a layer
	gapY = 22.0 // between layers
)

// arrange lays out n states with the given sizes, the first to be drawn at the
// top being start. Arrows come with the size of their label.
func arrange(n, start int, sizes [][2]float64, arrows []arrow, labels [][2]float64) *graph {
	g := &graph{arrows: arrows}
	for i := range n {
		g.nodes = append(g.nodes, node{state: i, w: sizes[i][0], h: sizes[i][1]})
	}
	g.turn(n, start)
	g.rank(n)
	for i := range g.arrows {
		g.thread(&g.arrows[i], labels[i])
	}
	g.stack()
	g.untangle()
	g.place()
	return g
}

// turn marks the arrows that close a circle, as a walk from the start meets them.
func (g *graph) turn(n, start int) {
	const fresh, open, done = 0, 1, 2
	mark := make([]int, n)
	var walk func(int)
	walk = func(at int) {
		mark[at] = open
		for i := range g.arrows {
			a := &g.arrows[i]
			if a.from != at {
				continue
			}
			switch mark[a.to] {
			case open:
				a.back = true
			case fresh:
				walk(a.to)
			}
		}
		mark[at] = done
	}
	walk(start)
}

// rank gives each state the layer of its longest way from the start.
func (g *graph) rank(n int) {
	for range n { // as many rounds as a way can be long
		for _, a := range g.arrows {
			upper, lower := a.ends()
			g.nodes[lower].layer = max(g.nodes[lower].layer, g.nodes[upper].layer+2)
		}
	}
}

func (a *arrow) ends() (upper, lower int) {
	if a.back {
		return a.to, a.from
	}
	return a.from, a.to
}

// thread makes the nodes of an arrow between its ends. The label stands next to
// the state that the arrow leaves.
func (g *graph) thread(a *arrow, label [2]float64) {
	upper, lower := a.ends()
	at := g.nodes[a.from].layer + 1
	if a.back {
		at = g.nodes[a.from].layer - 1
	}
	a.path = []int{upper}
	for layer := g.nodes[upper].layer + 1; layer < g.nodes[lower].layer; layer++ {
		nd := node{layer: layer, state: -1, w: 4}
		if layer == at {
			nd.w, nd.h = label[0], label[1]
			a.label = len(g.nodes)
		}
		a.path = append(a.path, len(g.nodes))
		g.nodes = append(g.nodes, nd)
	}
	a.path = append(a.path, lower)
	for i := 1; i < len(a.path); i++ {
		u, l := a.path[i-1], a.path[i]
		g.nodes[u].down = append(g.nodes[u].down, l)
		g.nodes[l].up = append(g.nodes[l].up, u)
	}
}

func (g *graph) stack() {
	for i := range g.nodes {
		for len(g.layers) <= g.nodes[i].layer {
			g.layers = append(g.layers, nil)
		}
		g.layers[g.nodes[i].layer] = append(g.layers[g.nodes[i].layer], i)
	}
	g.number()
}

func (g *graph) number() {
	for _, layer := range g.layers {
		for order, i := range layer {
			g.nodes[i].order = order
		}
	}
}

// untangle orders each layer by the middle of its neighbours, down and up in
// turn, and keeps the order with the fewest crossings.
func (g *graph) untangle() {
	best, fewest := g.snapshot(), g.crossings()
	for round := 0; round < 24 && fewest > 0; round++ {
		for i := range g.layers {
			layer := i
			if round%2 == 1 {
				layer = len(g.layers) - 1 - i
			}
			g.sortLayer(layer, round%2 == 0)
		}
		if n := g.crossings(); n < fewest {
			best, fewest = g.snapshot(), n
		}
	}
	g.layers = best
	g.number()
}

func (g *graph) snapshot() [][]int {
	out := make([][]int, len(g.layers))
	for i, l := range g.layers {
		out[i] = slices.Clone(l)
	}
	return out
}

func (g *graph) sortLayer(layer int, fromAbove bool) {
	middle := map[int]float64{}
	for _, i := range g.layers[layer] {
		near := g.nodes[i].down
		if fromAbove {
			near = g.nodes[i].up
		}
		middle[i] = float64(g.nodes[i].order)
		if len(near) > 0 {
			sum := 0.0
			for _, j := range near {
				sum += float64(g.nodes[j].order) / float64(len(g.layers[g.nodes[j].layer]))
			}
			middle[i] = sum / float64(len(near)) * float64(len(g.layers[layer]))
		}
	}
	slices.SortStableFunc(g.layers[layer], func(a, b int) int { return cmp.Compare(middle[a], middle[b]) })
	for order, i := range g.layers[layer] {
		g.nodes[i].order = order
	}
}

// crossings counts the pairs of lines that cross between neighbouring layers.
func (g *graph) crossings() int {
	n := 0
	for _, layer := range g.layers {
		var lines [][2]int
		for _, i := range layer {
			for _, j := range g.nodes[i].down {
				lines = append(lines, [2]int{g.nodes[i].order, g.nodes[j].order})
			}
		}
		for i, a := range lines {
			for _, b := range lines[i+1:] {
				if (a[0]-b[0])*(a[1]-b[1]) < 0 {
					n++
				}
			}
		}
	}
	return n
}

// place gives every node its x: near the middle of its neighbours, in the order
// of its layer, and clear of those beside it.
func (g *graph) place() {
	for _, layer := range g.layers {
		x := 0.0
		for _, i := range layer {
			x += g.nodes[i].w / 2
			g.nodes[i].x = x
			x += g.nodes[i].w/2 + gapX
		}
	}
	for round := range 120 {
		for i := range g.layers {
			layer := i
			if round%2 == 1 {
				layer = len(g.layers) - 1 - i
			}
			g.placeLayer(g.layers[layer])
		}
	}
	left := math.Inf(1)
	for _, n := range g.nodes {
		left = min(left, n.x-n.w/2)
	}
	for i := range g.nodes {
		g.nodes[i].x -= left
	}
}

// placeLayer solves one layer by pooling adjacent violators: the positions with
// the least squared distance from those wished for that keep order and gaps.
func (g *graph) placeLayer(layer []int) {
	type pool struct{ sum, weight float64 }
	var pools []pool
	var sizes []int
	offset := make([]float64, len(layer))
	for k, i := range layer {
		if k > 0 {
			offset[k] = offset[k-1] + g.nodes[layer[k-1]].w/2 + gapX + g.nodes[i].w/2
		}
		wish, weight := g.wish(i)
		pools, sizes = append(pools, pool{(wish - offset[k]) * weight, weight}), append(sizes, 1)
		for n := len(pools); n > 1 && pools[n-2].sum/pools[n-2].weight > pools[n-1].sum/pools[n-1].weight; n = len(pools) {
			pools[n-2].sum += pools[n-1].sum
			pools[n-2].weight += pools[n-1].weight
			sizes[n-2] += sizes[n-1]
			pools, sizes = pools[:n-1], sizes[:n-1]
		}
	}
	k := 0
	for p, n := range sizes {
		for range n {
			g.nodes[layer[k]].x = pools[p].sum/pools[p].weight + offset[k]
			k++
		}
	}
}

// wish is where a node would stand by its neighbours, and how much that counts.
// The pieces of one long arrow hold together more than anything else, so that it
// is straight.
func (g *graph) wish(i int) (x, weight float64) {
	n := g.nodes[i]
	for _, near := range [][]int{n.up, n.down} {
		for _, j := range near {
			w := 1.0
			if n.state < 0 && g.nodes[j].state < 0 {
				w = 8
			}
			x += w * g.nodes[j].x
			weight += w
		}
	}
	if weight == 0 {
		return n.x, 1
	}
	return x / weight, weight
}
