package lookthrough

// connect cuts the matrix into strongly connected parts with Tarjan's method,
// without recursion: a chain of funds may be as long as there are funds. Parts
// come out sinks first.
func (m *matrix) connect() {
	n := len(m.start) - 1
	m.part = make([]int32, n)
	w := walk{m: m, low: make([]int32, n), at: make([]int32, n), next: make([]int32, n), pool: make([]int32, 0, n)}
	for v := range m.part {
		m.part[v] = -1
	}
	copy(w.next, m.start)
	for v := range int32(n) {
		if w.at[v] == 0 {
			w.from(v)
		}
	}
}

// walk is the state of the method. at is the order of discovery, from 1.
type walk struct {
	m             *matrix
	at, low, next []int32
	count         int32
	stack, path   []int32
	pool          []int32 // holds the nodes of all parts, so that they need no memory of their own
}

func (w *walk) enter(v int32) {
	w.count++
	w.at[v], w.low[v] = w.count, w.count
	w.stack, w.path = append(w.stack, v), append(w.path, v)
}

func (w *walk) from(root int32) {
	w.enter(root)
	for len(w.path) > 0 {
		v := w.path[len(w.path)-1]
		if w.next[v] < w.m.start[v+1] {
			u := w.m.to[w.next[v]]
			w.next[v]++
			switch {
			case w.at[u] == 0:
				w.enter(u)
			case w.m.part[u] < 0:
				w.low[v] = min(w.low[v], w.at[u])
			}
			continue
		}
		w.path = w.path[:len(w.path)-1]
		if len(w.path) > 0 {
			up := w.path[len(w.path)-1]
			w.low[up] = min(w.low[up], w.low[v])
		}
		if w.low[v] == w.at[v] {
			w.close(v)
		}
	}
}

// close makes a part of what stands on the stack down to v.
func (w *walk) close(v int32) {
	from := len(w.pool)
	for {
		u := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		w.m.part[u] = int32(len(w.m.parts))
		w.pool = append(w.pool, u)
		if u == v {
			break
		}
	}
	w.m.parts = append(w.m.parts, part{nodes: w.pool[from:len(w.pool):len(w.pool)]})
}
