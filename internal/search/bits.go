package search

import "math/bits"

// bitset is a set of document numbers of one segment. A segment holds few
// enough documents that a flat set is smaller than what a compressed one
// would save, and a window of it is read without a search.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func fullBitset(n int) bitset {
	b := newBitset(n)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

func (b bitset) has(n uint32) bool { return b[n>>6]>>(n&63)&1 != 0 }
func (b bitset) set(n uint32)      { b[n>>6] |= 1 << (n & 63) }

func (b bitset) clone() bitset { return append(bitset(nil), b...) }

func (b bitset) and(o bitset) {
	for i := range b {
		b[i] &= o[i]
	}
}

func (b bitset) andNot(o bitset) {
	for i := range b {
		b[i] &^= o[i]
	}
}

func (b bitset) or(o bitset) {
	for i := range b {
		b[i] |= o[i]
	}
}

// flip turns a set over n documents into its opposite.
func (b bitset) flip(n int) {
	for i, w := range fullBitset(n) {
		b[i] = w &^ b[i]
	}
}

func (b bitset) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// each calls fn with the members in order.
func (b bitset) each(fn func(n uint32)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(uint32(i<<6 + bits.TrailingZeros64(w)))
		}
	}
}

// none reports whether no member lies in [from, to); both are multiples of 64
// or the end.
func (b bitset) none(from, to uint32) bool {
	for _, w := range b[from>>6 : min(int(to+63)>>6, len(b))] {
		if w != 0 {
			return false
		}
	}
	return true
}
