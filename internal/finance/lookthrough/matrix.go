package lookthrough

import "math"

// matrix is a sparse square matrix of weights ≥ 0, row by row, cut into its
// strongly connected parts, each with what is needed to solve it.
type matrix struct {
	start []int32 // of row i in to and weight; one more than there are rows
	to    []int32
	w     []float64
	part  []int32 // of each node
	parts []part  // sinks first
}

// part is a set of nodes each of which leads to each.
type part struct {
	nodes []int32
	lu    []float64 // of I − W within the part, when it has a cycle and is small
	large bool      // it has a cycle and is solved by iteration
	stuck bool      // its spectral radius is not below one (below nearest, in a large one)
}

// dense is up to how many nodes a part is factored whole.
const dense = 256

// edge is one weight before the matrix is made.
type edge struct {
	from, to int32
	w        float64
}

func newMatrix(n int, edges []edge) *matrix {
	m := arrange(n, edges)
	m.factor()
	return m
}

// arrange sorts edges into rows and finds the parts.
func arrange(n int, edges []edge) *matrix {
	m := &matrix{start: make([]int32, n+1), to: make([]int32, len(edges)), w: make([]float64, len(edges))}
	for _, e := range edges {
		m.start[e.from+1]++
	}
	for i := range n {
		m.start[i+1] += m.start[i]
	}
	next := make([]int32, n)
	copy(next, m.start)
	for _, e := range edges {
		m.to[next[e.from]], m.w[next[e.from]] = e.to, e.w
		next[e.from]++
	}
	m.connect()
	return m
}

// factor prepares each part that has a cycle.
func (m *matrix) factor() {
	local := make([]int32, len(m.part)) // place of a node within its part
	for k := range m.parts {
		p := &m.parts[k]
		if !m.cyclic(p) {
			continue
		}
		for i, v := range p.nodes {
			local[v] = int32(i)
		}
		if p.large = len(p.nodes) > dense; p.large {
			p.stuck = !m.shrinks(p, local)
			continue
		}
		p.lu = m.dense(p, local)
		p.stuck = !eliminate(p.lu, len(p.nodes))
	}
}

func (m *matrix) cyclic(p *part) bool {
	if len(p.nodes) > 1 {
		return true
	}
	v := p.nodes[0]
	for e := m.start[v]; e < m.start[v+1]; e++ {
		if m.to[e] == v {
			return true
		}
	}
	return false
}

// inside calls fn with each weight within a part, by place.
func (m *matrix) inside(p *part, local []int32, fn func(i, j int32, w float64)) {
	for i, v := range p.nodes {
		for e := m.start[v]; e < m.start[v+1]; e++ {
			if u := m.to[e]; m.part[u] == m.part[v] {
				fn(int32(i), local[u], m.w[e])
			}
		}
	}
}

// dense returns (I − W)ᵀ within a part: its system is solved for a row.
func (m *matrix) dense(p *part, local []int32) []float64 {
	n := len(p.nodes)
	a := make([]float64, n*n)
	for i := range n {
		a[i*n+i] = 1
	}
	m.inside(p, local, func(i, j int32, w float64) { a[int(j)*n+int(i)] -= w })
	return a
}

// smallest is the pivot below which a part counts as one that nothing leaves.
const smallest = 1e-12

// eliminate factors a in place without exchanging rows and reports whether all
// pivots are positive. For I − W with W ≥ 0 that is so exactly when the
// spectral radius of W is below one: I − W is then a nonsingular M-matrix
// (Berman and Plemmons, Nonnegative Matrices in the Mathematical Sciences,
// chapter 6, conditions A and E).
func eliminate(a []float64, n int) bool {
	for k := range n {
		pivot := a[k*n+k]
		if pivot <= smallest {
			return false
		}
		for i := k + 1; i < n; i++ {
			f := a[i*n+k] / pivot
			if f == 0 {
				continue
			}
			a[i*n+k] = f
			for j := k + 1; j < n; j++ {
				a[i*n+j] -= f * a[k*n+j]
			}
		}
	}
	return true
}

// substitute solves with a factored matrix, in place.
func substitute(a []float64, b []float64) {
	n := len(b)
	for i := range n {
		for j := range i {
			b[i] -= a[i*n+j] * b[j]
		}
	}
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			b[i] -= a[i*n+j] * b[j]
		}
		b[i] /= a[i*n+i]
	}
}

// rounds bounds the iterations over a large part.
const rounds = 5000

// nearest is how near to one the spectral radius of a large part may come: up
// to it the sum over its cycles ends within rounds.
const nearest = 0.99

// shrinks reports whether the spectral radius of a large part is below nearest,
// by the bounds of Collatz and Wielandt on (I + W)/2, which is primitive. One
// that cannot be told counts as one that is not.
func (m *matrix) shrinks(p *part, local []int32) bool {
	n := len(p.nodes)
	y, z := make([]float64, n), make([]float64, n)
	for i := range y {
		y[i] = 1
	}
	for range rounds {
		for i := range z {
			z[i] = y[i] / 2
		}
		m.inside(p, local, func(i, j int32, w float64) { z[j] += w * y[i] / 2 })
		low, high, top := math.Inf(1), 0.0, 0.0
		for i := range z {
			q := z[i] / y[i]
			low, high, top = min(low, q), max(high, q), max(top, z[i])
		}
		if high < (1+nearest)/2 || low >= (1+nearest)/2 {
			return high < (1+nearest)/2
		}
		for i := range z {
			y[i] = max(z[i]/top, math.SmallestNonzeroFloat64)
		}
	}
	return false
}

// spread solves x = b + xW in b, in place, part by part from the sources down.
// trap is told each part that mass reaches and never leaves; what it returns
// ends the walk unless it is nil, and the mass stays where it entered.
func (m *matrix) spread(b []float64, trap func(p *part) error) error {
	var local []int32
	for k := len(m.parts) - 1; k >= 0; k-- {
		p := &m.parts[k]
		if !reached(b, p) {
			continue
		}
		if p.stuck {
			if err := trap(p); err != nil {
				return err
			}
			continue
		}
		if p.large && local == nil {
			local = make([]int32, len(m.part))
		}
		m.within(p, b, local)
		for _, v := range p.nodes {
			for e := m.start[v]; e < m.start[v+1]; e++ {
				if u := m.to[e]; m.part[u] != m.part[v] {
					b[u] += b[v] * m.w[e]
				}
			}
		}
	}
	return nil
}

func reached(b []float64, p *part) bool {
	for _, v := range p.nodes {
		if b[v] != 0 {
			return true
		}
	}
	return false
}

// within solves one part.
func (m *matrix) within(p *part, b []float64, local []int32) {
	if p.lu == nil && !p.large {
		return
	}
	x := make([]float64, len(p.nodes))
	for i, v := range p.nodes {
		x[i] = b[v]
	}
	if p.lu != nil {
		substitute(p.lu, x)
	} else {
		m.iterate(p, x, local)
	}
	for i, v := range p.nodes {
		b[v] = x[i]
	}
}

// iterate sums x + xW + xW² + … until nothing is added that a float shows.
func (m *matrix) iterate(p *part, x []float64, local []int32) {
	for i, v := range p.nodes {
		local[v] = int32(i)
	}
	term, next := append([]float64(nil), x...), make([]float64, len(x))
	for range rounds * 10 {
		clear(next)
		m.inside(p, local, func(i, j int32, w float64) { next[j] += term[i] * w })
		moved := false
		for i := range x {
			sum := x[i] + next[i]
			moved = moved || sum != x[i]
			x[i] = sum
		}
		if !moved {
			return
		}
		term, next = next, term
	}
}
