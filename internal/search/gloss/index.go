package gloss

import "slices"

// pairIndex finds the phrases that begin with two symbols: open addressing, the
// phrases of a pair side by side in the table's order.
type pairIndex struct {
	slots []pairSlot
	mask  uint64
}

type pairSlot struct {
	key  uint64
	from uint32
	n    uint32 // 0: the slot is free
}

func pairKey(a, b symbol) uint64 { return uint64(a)<<32 | uint64(b) }

// mix spreads keys over the slots (the finaliser of SplitMix64).
func mix(k uint64) uint64 {
	k ^= k >> 30
	k *= 0xbf58476d1ce4e5b9
	k ^= k >> 27
	k *= 0x94d049bb133111eb
	return k ^ k>>31
}

func (x *pairIndex) find(key uint64) (from, n uint32) {
	if x.mask == 0 {
		return 0, 0
	}
	for at := mix(key) & x.mask; ; at = (at + 1) & x.mask {
		s := &x.slots[at]
		if s.n == 0 || s.key == key {
			return s.from, s.n
		}
	}
}

func (x *pairIndex) put(key uint64, from, n uint32) {
	at := mix(key) & x.mask
	for x.slots[at].n != 0 {
		at = (at + 1) & x.mask
	}
	x.slots[at] = pairSlot{key, from, n}
}

// finish sorts the phrases and indexes them.
func (b *builder) finish() {
	t := b.t
	slices.SortFunc(t.phrases, func(p, q phrase) int {
		return slices.Compare(t.symbols[p.at:p.at+p.n], t.symbols[q.at:q.at+q.n])
	})
	type group struct {
		key     uint64
		from, n uint32
	}
	var groups []group
	for i, p := range t.phrases {
		if p.n == 1 {
			if c := t.symbols[p.at]; c >= firstHan && c <= lastHan {
				t.chars[c-firstHan] = uint32(i) + 1
			} else {
				t.singles[c] = uint32(i)
			}
			continue
		}
		key := pairKey(t.symbols[p.at], t.symbols[p.at+1])
		if last := len(groups) - 1; last >= 0 && groups[last].key == key {
			groups[last].n++
			continue
		}
		groups = append(groups, group{key, uint32(i), 1})
	}
	if len(groups) > 0 {
		size := 1
		for size < 2*len(groups) {
			size *= 2
		}
		t.pairs = pairIndex{slots: make([]pairSlot, size), mask: uint64(size - 1)}
	}
	for _, g := range groups {
		t.pairs.put(g.key, g.from, g.n)
	}
	t.phrases, t.symbols = slices.Clip(t.phrases), slices.Clip(t.symbols)
}
