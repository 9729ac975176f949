package cluster

// findCore reports for each spot of t whether the weight within the radius
// reaches need.
//
// It compares balls of spots with balls of spots, from the largest down. For a
// ball of askers it keeps the weight that lies within the radius of all of them
// and a list of balls of which that is not sure. When the first alone reaches
// need, all askers are core; when both together do not, none is. Only in
// between are both sides cut into smaller balls. A cell heavier than need
// inside the radius is thus core at once, and an empty ocean is settled as a
// whole.
func findCore(t *tree, sp *space, need int64, workers int) []bool {
	core := make([]bool, len(t.spots))
	if len(core) == 0 {
		return core
	}
	plan := counter{tree: t, space: sp, need: need, core: core, most: int32(max(len(core)/(256*workers), 256))}
	plan.visit(0, []int32{0}, 0)
	tasks(workers, len(plan.later), func(i int) {
		q := plan.later[i]
		c := counter{tree: t, space: sp, need: need, core: core}
		c.descend(q.node, q.unsure, q.base)
	})
	return core
}

// counter settles which spots are core.
type counter struct {
	*tree
	*space
	need  int64
	core  []bool
	stack []int32 // lists of unsure balls, one for each level of the descent
	work  []int32

	most  int32 // askers up to so many are left for later; 0: none is
	later []question
}

// question is a ball of askers that is not settled yet.
type question struct {
	node   int32
	unsure []int32
	base   int64
}

// visit settles the askers of node q, given the balls that may be near and the
// weight that is near all of them.
func (c *counter) visit(q int32, near []int32, base int64) {
	asker := &c.nodes[q]
	mark := len(c.stack)
	defer func() { c.stack = c.stack[:mark] }()
	most := base
	c.work = append(c.work[:0], near...)
	for len(c.work) > 0 {
		i := c.work[len(c.work)-1]
		c.work = c.work[:len(c.work)-1]
		other := &c.nodes[i]
		switch c.relate(asker.c.dist2(other.c), asker.r+other.r) {
		case within:
			base, most = base+other.w, most+other.w
			if base >= c.need {
				c.settle(asker)
				return
			}
		case unsure:
			if other.r > asker.r && !other.leaf() {
				c.work = append(c.work, other.left, other.right)
				continue
			}
			most += other.w
			c.stack = append(c.stack, i)
		}
	}
	switch unsure := c.stack[mark:]; {
	case most < c.need:
	case asker.hi-asker.lo <= c.most:
		c.later = append(c.later, question{q, append([]int32(nil), unsure...), base})
	default:
		c.descend(q, unsure, base)
	}
}

// descend asks for the children of q, or for each spot of a leaf.
func (c *counter) descend(q int32, unsure []int32, base int64) {
	asker := &c.nodes[q]
	if !asker.leaf() {
		c.visit(asker.left, unsure, base)
		c.visit(asker.right, unsure, base)
		return
	}
	for i := asker.lo; i < asker.hi; i++ {
		c.core[i] = c.reaches(c.spots[i].vec, unsure, base)
	}
}

func (c *counter) settle(n *node) {
	for i := n.lo; i < n.hi; i++ {
		c.core[i] = true
	}
}

// reaches counts around one spot and stops as soon as the answer is known.
func (c *counter) reaches(at vec, unsure []int32, base int64) bool {
	open := int64(0)
	for _, i := range unsure {
		open += c.nodes[i].w
	}
	for _, i := range unsure {
		if base >= c.need || base+open < c.need {
			break
		}
		open -= c.nodes[i].w
		base += c.count(at, i)
	}
	return base >= c.need
}

// count returns the weight of the spots of node i within the radius of at.
func (c *counter) count(at vec, i int32) int64 {
	n := &c.nodes[i]
	switch c.relate(at.dist2(n.c), n.r) {
	case apart:
		return 0
	case within:
		return n.w
	}
	if !n.leaf() {
		return c.count(at, n.left) + c.count(at, n.right)
	}
	w := int64(0)
	for i := n.lo; i < n.hi; i++ {
		if s := &c.spots[i]; at.dist2(s.vec) <= c.far2 {
			w += s.w
		}
	}
	return w
}
