package cluster

import (
	"math"
	"sync/atomic"
)

// forest is a union-find over cells that several goroutines may use at once.
// The root of a set is its lowest member.
type forest []atomic.Int32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i].Store(int32(i))
	}
	return f
}

func (f forest) find(i int32) int32 {
	for {
		up := f[i].Load()
		if up == i {
			return i
		}
		if top := f[up].Load(); top != up {
			f[i].CompareAndSwap(up, top)
		}
		i = up
	}
}

func (f forest) union(a, b int32) {
	for {
		a, b = f.find(a), f.find(b)
		if a == b {
			return
		}
		if a > b {
			a, b = b, a
		}
		if f[b].CompareAndSwap(b, a) {
			return
		}
	}
}

// components gives each core spot of t, a tree whose leaves are no wider than
// the radius, its component: the number of the first spot in it. It also marks
// the nodes of t.
//
// The largest balls no wider than the radius are cells: their core spots are
// near each other and need no comparison. Two cells are joined when any of
// their spots are near each other, which a descent of both finds; cells that
// are joined already are not compared.
func components(t *tree, sp *space, workers int) []int32 {
	comp := make([]int32, len(t.spots))
	if len(comp) == 0 {
		return comp
	}
	j := joiner{tree: t, space: sp}
	cells := j.mark(0)
	j.sets = newForest(int(cells))
	j.most = max(8*workers, 16)
	j.join(0, 0)
	plan := j.later
	tasks(workers, len(plan), func(i int) {
		one := joiner{tree: t, space: sp, sets: j.sets}
		one.join(plan[i][0], plan[i][1])
	})
	first := make([]int32, cells)
	for i := range first {
		first[i] = math.MaxInt32
	}
	j.spread(0, first, comp)
	return comp
}

// joiner joins cells that are near each other.
type joiner struct {
	*tree
	*space
	sets  forest
	depth int
	most  int // pairs deeper than so many are left for later; 0: none is
	later [][2]int32
}

// mark numbers the cells and returns how many there are. It leaves mixed in the
// nodes above them.
func (j *joiner) mark(i int32) int32 {
	next := int32(0)
	var down func(i int32)
	down = func(i int32) {
		n := &j.nodes[i]
		if n.lo+1 == n.hi || 2*n.r <= j.wide {
			j.label(i, next)
			next++
			return
		}
		n.comp = mixed
		down(n.left)
		down(n.right)
	}
	down(i)
	return next
}

func (j *joiner) label(i, cell int32) {
	n := &j.nodes[i]
	n.comp = cell
	if !n.leaf() {
		j.label(n.left, cell)
		j.label(n.right, cell)
	}
}

// join joins the cells below a with those below b.
func (j *joiner) join(a, b int32) {
	x, y := &j.nodes[a], &j.nodes[b]
	if a == b {
		if x.comp == mixed {
			j.pair(x.left, x.left)
			j.pair(x.right, x.right)
			j.pair(x.left, x.right)
		}
		return
	}
	if j.relate(x.c.dist2(y.c), x.r+y.r) == apart {
		return
	}
	switch {
	case x.comp != mixed && y.comp != mixed:
		if j.sets.find(x.comp) != j.sets.find(y.comp) && j.touch(x, y) {
			j.sets.union(x.comp, y.comp)
		}
	case y.comp != mixed || x.comp == mixed && x.r >= y.r:
		j.pair(x.left, b)
		j.pair(x.right, b)
	default:
		j.pair(a, y.left)
		j.pair(a, y.right)
	}
}

// pair joins two nodes, now or later.
func (j *joiner) pair(a, b int32) {
	if j.most > 0 && j.depth >= j.most {
		j.later = append(j.later, [2]int32{a, b})
		return
	}
	j.depth++
	j.join(a, b)
	j.depth--
}

// touch reports whether any spots of x and y are near each other.
func (j *joiner) touch(x, y *node) bool {
	switch j.relate(x.c.dist2(y.c), x.r+y.r) {
	case apart:
		return false
	case within:
		return true
	}
	if x.leaf() && y.leaf() {
		for _, s := range j.spots[x.lo:x.hi] {
			for _, o := range j.spots[y.lo:y.hi] {
				if s.dist2(o.vec) <= j.far2 {
					return true
				}
			}
		}
		return false
	}
	if x.leaf() || !y.leaf() && y.r > x.r {
		x, y = y, x
	}
	near, far := &j.nodes[x.left], &j.nodes[x.right]
	if far.c.dist2(y.c) < near.c.dist2(y.c) {
		near, far = far, near
	}
	return j.touch(near, y) || j.touch(far, y)
}

// spread replaces cells by components in the nodes below i and fills comp.
// first holds the lowest spot of each set that was met.
func (j *joiner) spread(i int32, first, comp []int32) {
	n := &j.nodes[i]
	if n.comp != mixed {
		root := j.sets.find(n.comp)
		first[root] = min(first[root], n.lo)
		j.label(i, first[root])
		for k := n.lo; k < n.hi; k++ {
			comp[k] = first[root]
		}
		return
	}
	j.spread(n.left, first, comp)
	j.spread(n.right, first, comp)
	if l, r := &j.nodes[n.left], &j.nodes[n.right]; l.comp == r.comp {
		n.comp = l.comp
	}
}
