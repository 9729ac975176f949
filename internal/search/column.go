package search

import (
	"cmp"
	"slices"
)

// keywords is a column of values: pairs of a document and a value of it, in
// the order of the documents.
type keywords struct {
	docs   []uint32
	values []uint32 // numbers into names
	names  []string
	number map[string]uint32
}

// numbers is a column of numbers, for the documents that have one.
type numbers struct {
	docs   []uint32
	values []float64
}

func column[C any](m map[string]*C, field string) *C {
	c := m[field]
	if c == nil {
		c = new(C)
		m[field] = c
	}
	return c
}

func (c *keywords) add(n uint32, values []string) {
	start := len(c.docs)
	for _, v := range values {
		at, ok := c.number[v]
		if !ok {
			if c.number == nil {
				c.number = map[string]uint32{}
			}
			at = uint32(len(c.names))
			c.number[v] = at
			c.names = append(c.names, v)
		}
		if !slices.Contains(c.values[start:], at) {
			c.docs, c.values = append(c.docs, n), append(c.values, at)
		}
	}
}

func (c *numbers) add(n uint32, v float64) {
	c.docs, c.values = append(c.docs, n), append(c.values, v)
}

// any marks the documents that have one of the values.
func (c *keywords) any(values []string, out bitset) {
	wanted := make([]bool, len(c.names))
	for _, v := range values {
		if at, ok := c.number[v]; ok {
			wanted[at] = true
		}
	}
	for i, n := range c.docs {
		if wanted[c.values[i]] {
			out.set(n)
		}
	}
}

func (c *numbers) between(lo, hi *float64, out bitset) {
	for i, n := range c.docs {
		if v := c.values[i]; (lo == nil || v >= *lo) && (hi == nil || v <= *hi) {
			out.set(n)
		}
	}
}

// counts adds, for each value, how many documents of the set have it.
func (c *keywords) counts(in bitset, out map[string]int) {
	n := make([]int, len(c.names))
	for i, d := range c.docs {
		if in.has(d) {
			n[c.values[i]]++
		}
	}
	for i, k := range n {
		if k > 0 {
			out[c.names[i]] += k
		}
	}
}

// sorted lists counts, the highest first.
func sorted(counts map[string]int) []Count {
	out := make([]Count, 0, len(counts))
	for v, n := range counts {
		out = append(out, Count{v, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
	return out
}
