package cluster

import "math"

// noise is the label of what belongs to no cluster.
const noise = -1

// borders gives each spot of all that is not core the component of its nearest
// core spot within the radius, and says which spots had a choice. Of equally
// near ones it takes the component that comes first in order.
//
// plain[i] is the number of spots before i that are not core.
func borders(all, cores *tree, sp *space, plain []int32, order []int32, workers int) (comp []int32, choice []bool) {
	comp, choice = make([]int32, len(all.spots)), make([]bool, len(all.spots))
	for i := range comp {
		comp[i] = noise
	}
	if len(cores.nodes) == 0 {
		return comp, choice
	}
	base := border{all: all, cores: cores, space: sp, plain: plain, order: order, comp: comp, choice: choice}
	plan := base
	plan.most = int32(max(len(comp)/(256*workers), 256))
	plan.visit(0, []int32{0})
	tasks(workers, len(plan.later), func(i int) {
		one := base
		one.descend(plan.later[i].node, plan.later[i].unsure)
	})
	return comp, choice
}

// border gives border spots their clusters.
type border struct {
	all, cores *tree
	*space
	plain  []int32
	order  []int32 // rank of the component that begins at a core spot
	comp   []int32
	choice []bool
	stack  []int32
	work   []int32
	most   int32
	later  []question
}

// visit settles the spots of node q that are not core, given the balls of core
// spots that may be near.
func (b *border) visit(q int32, near []int32) {
	asker := &b.all.nodes[q]
	if b.plain[asker.lo] == b.plain[asker.hi] {
		return
	}
	mark := len(b.stack)
	defer func() { b.stack = b.stack[:mark] }()
	b.work = append(b.work[:0], near...)
	sure, only := false, int32(noise)
	for len(b.work) > 0 {
		i := b.work[len(b.work)-1]
		b.work = b.work[:len(b.work)-1]
		other := &b.cores.nodes[i]
		how := b.relate(asker.c.dist2(other.c), asker.r+other.r)
		if how == apart {
			continue
		}
		if other.r > asker.r && !other.leaf() && (how == unsure || other.comp == mixed) {
			b.work = append(b.work, other.left, other.right)
			continue
		}
		sure = sure || how == within
		if len(b.stack) == mark {
			only = other.comp
		} else if only != other.comp {
			only = mixed
		}
		b.stack = append(b.stack, i)
	}
	switch near := b.stack[mark:]; {
	case len(near) == 0:
	case sure && only != mixed:
		b.settle(asker, only)
	case asker.hi-asker.lo <= b.most:
		b.later = append(b.later, question{node: q, unsure: append([]int32(nil), near...)})
	default:
		b.descend(q, near)
	}
}

func (b *border) settle(n *node, comp int32) {
	for i := n.lo; i < n.hi; i++ {
		if b.plain[i] != b.plain[i+1] {
			b.comp[i] = comp
		}
	}
}

func (b *border) descend(q int32, near []int32) {
	asker := &b.all.nodes[q]
	if !asker.leaf() {
		b.visit(asker.left, near)
		b.visit(asker.right, near)
		return
	}
	for i := asker.lo; i < asker.hi; i++ {
		if b.plain[i] == b.plain[i+1] {
			continue
		}
		f := finder{border: b, at: b.all.spots[i].vec, best2: math.Inf(1), comp: noise}
		for _, n := range near {
			f.look(n)
		}
		b.comp[i], b.choice[i] = f.comp, f.choice
	}
}

// finder looks for the nearest core spot of one spot.
type finder struct {
	*border
	at     vec
	best2  float64
	comp   int32
	choice bool // core spots of two components are near
}

// look goes through the core spots of node i. It leaves out those that can
// change neither the nearest nor the choice.
func (f *finder) look(i int32) {
	n := &f.cores.nodes[i]
	d2 := f.at.dist2(n.c)
	if f.relate(d2, n.r) == apart {
		return
	}
	if f.choice || n.comp != mixed && n.comp == f.comp {
		if far := math.Sqrt(f.best2) + n.r + f.margin; d2 > far*far {
			return
		}
	}
	if !n.leaf() {
		l, r := n.left, n.right
		if f.at.dist2(f.cores.nodes[r].c) < f.at.dist2(f.cores.nodes[l].c) {
			l, r = r, l
		}
		f.look(l)
		f.look(r)
		return
	}
	comp := n.comp
	for k := n.lo; k < n.hi; k++ {
		if d2 := f.at.dist2(f.cores.spots[k].vec); d2 <= f.far2 {
			f.take(d2, comp)
		}
	}
}

func (f *finder) take(d2 float64, comp int32) {
	if f.comp != noise && comp != f.comp {
		f.choice = true
	}
	if d2 < f.best2 || d2 == f.best2 && f.order[comp] < f.order[f.comp] {
		f.best2, f.comp = d2, comp
	}
}
