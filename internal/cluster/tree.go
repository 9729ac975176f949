package cluster

import (
	"math"
	"sort"
)

// node is a ball around the spots lo to hi of its tree.
type node struct {
	c           vec
	r           float64 // from c to the farthest spot, rounded up
	w           int64   // weight of all its spots, in units
	lo, hi      int32
	left, right int32 // 0: a leaf
	comp        int32 // in a tree of core spots: the component of all of them, or mixed
}

func (n *node) leaf() bool { return n.right == 0 }

// mixed marks a node whose spots are of more than one component.
const mixed = -1

// tree is a binary tree of balls over spots in curve order. Node 0 is its root.
type tree struct {
	spots []spot
	key   func(i int32) uint64 // curve position of a spot
	nodes []node
	wide  float64 // widest leaf of more than one spot
}

const (
	leafSpots  = 12
	exactSpots = 200 // up to so many spots a ball is measured by each, above by its children
)

// box is the smallest box with sides along the axes around some spots.
type box struct{ lo, hi vec }

func (b box) add(v vec) box {
	return box{vec{min(b.lo.x, v.x), min(b.lo.y, v.y), min(b.lo.z, v.z)}, vec{max(b.hi.x, v.x), max(b.hi.y, v.y), max(b.hi.z, v.z)}}
}

func (b box) join(c box) box { return b.add(c.lo).add(c.hi) }

func (b box) centre() vec {
	return vec{(b.lo.x + b.hi.x) / 2, (b.lo.y + b.hi.y) / 2, (b.lo.z + b.hi.z) / 2}
}

// grow builds a tree whose leaves are at most wide across, but for leaves of
// one spot.
func grow(at []spot, key func(int32) uint64, wide float64, workers int) *tree {
	t := &tree{spots: at, key: key, wide: wide}
	if len(at) == 0 {
		return t
	}
	var lots []lot
	lots = t.divide(0, int32(len(at)), int32(max(len(at)/(64*workers), 2048)), lots)
	tasks(workers, len(lots), func(i int) {
		g := grower{tree: t}
		lots[i].box = g.build(lots[i].lo, lots[i].hi)
		lots[i].nodes = g.nodes
	})
	total := len(lots)
	for _, l := range lots {
		total += len(l.nodes)
	}
	top := grower{tree: t, nodes: make([]node, 0, total), lots: lots}
	top.build(0, int32(len(at)))
	t.nodes = top.nodes
	return t
}

// lot is a part of a tree that one worker builds.
type lot struct {
	lo, hi int32
	nodes  []node
	box    box
}

// divide lists the highest parts of the tree that have at most most spots.
func (t *tree) divide(lo, hi, most int32, lots []lot) []lot {
	if hi-lo <= most {
		return append(lots, lot{lo: lo, hi: hi})
	}
	mid := t.split(lo, hi)
	return t.divide(mid, hi, most, t.divide(lo, mid, most, lots))
}

// split returns where the highest bit that differs among the keys of lo to hi
// turns; in the middle when all keys are equal.
func (t *tree) split(lo, hi int32) int32 {
	bit := highBit(t.key(lo), t.key(hi-1))
	if bit < 0 {
		return lo + (hi-lo)/2
	}
	return lo + int32(sort.Search(int(hi-lo), func(i int) bool { return t.key(lo+int32(i))>>uint(bit)&1 == 1 }))
}

// grower appends the nodes of a part of the tree, parents first.
type grower struct {
	*tree
	nodes []node
	lots  []lot // parts that are built already, in order
}

func (g *grower) build(lo, hi int32) box {
	if len(g.lots) > 0 && g.lots[0].lo == lo && g.lots[0].hi == hi {
		return g.graft()
	}
	if hi-lo <= leafSpots {
		b, w := g.bound(lo, hi)
		n := node{w: w, lo: lo, hi: hi}
		n.c, n.r = b.centre(), g.reach(b.centre(), lo, hi)
		if hi-lo == 1 || 2*n.r <= g.wide {
			g.nodes = append(g.nodes, n)
			return b
		}
	}
	self := len(g.nodes)
	g.nodes = append(g.nodes, node{lo: lo, hi: hi})
	mid := g.split(lo, hi)
	left := len(g.nodes)
	b := g.build(lo, mid)
	right := len(g.nodes)
	b = b.join(g.build(mid, hi))
	n := &g.nodes[self]
	n.left, n.right = int32(left), int32(right)
	g.wrap(n, b)
	return b
}

// wrap puts the ball of n around its children.
func (g *grower) wrap(n *node, b box) {
	l, r := &g.nodes[n.left], &g.nodes[n.right]
	n.c, n.w = b.centre(), l.w+r.w
	if n.hi-n.lo <= exactSpots {
		n.r = g.reach(n.c, n.lo, n.hi)
		return
	}
	around := math.Max(math.Sqrt(n.c.dist2(l.c))+l.r, math.Sqrt(n.c.dist2(r.c))+r.r)
	n.r = up(math.Min(around, math.Sqrt(n.c.dist2(b.hi))))
}

// graft puts a part that was built by itself at the end.
func (g *grower) graft() box {
	l := g.lots[0]
	g.lots = g.lots[1:]
	base := int32(len(g.nodes))
	for _, n := range l.nodes {
		if !n.leaf() {
			n.left, n.right = n.left+base, n.right+base
		}
		g.nodes = append(g.nodes, n)
	}
	return l.box
}

func (g *grower) bound(lo, hi int32) (box, int64) {
	b := box{g.spots[lo].vec, g.spots[lo].vec}
	w := int64(0)
	for _, s := range g.spots[lo:hi] {
		b, w = b.add(s.vec), w+s.w
	}
	return b, w
}

// reach returns the distance from c to the farthest of the spots lo to hi.
func (g *grower) reach(c vec, lo, hi int32) float64 {
	far2 := 0.0
	for i := lo; i < hi; i++ {
		far2 = max(far2, c.dist2(g.spots[i].vec))
	}
	return up(math.Sqrt(far2))
}

// up rounds a radius up by more than its own rounding errors.
func up(r float64) float64 { return r * (1 + 1.0/(1<<48)) }

// relation of two balls to the radius of the clustering.
type relation int8

const (
	apart  relation = iota // no spot of one is within the radius of any of the other
	within                 // all are
	unsure
)

// relate compares the spots of two balls, whose centres are sqrt(d2) apart and
// whose radii add up to r, with the radius. It leaves a margin to rounding, so
// that it never contradicts a comparison of the spots themselves.
func (s *space) relate(d2, r float64) relation {
	if out := s.radius + r + s.margin; d2 > out*out {
		return apart
	}
	if in := s.radius - r - s.margin; in > 0 && d2 <= in*in {
		return within
	}
	return unsure
}
