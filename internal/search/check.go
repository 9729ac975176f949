package search

import (
	"encoding/binary"
	"math/bits"
)

// checkPostings reads a list that nothing is known of: whether its bytes are as many
// as they should be, and its documents ascend below n.
func checkPostings(data []byte, docs, n int) bool {
	if docs < postBlock {
		return checkShort(data, docs, n)
	}
	at, last, total := 0, uint64(0), uint64(0)
	var sizes []uint64
	var lasts []uint64
	for range (docs + postBlock - 1) / postBlock {
		step, k := binary.Uvarint(data[min(at, len(data)):])
		size, j := binary.Uvarint(data[min(at+max(k, 0), len(data)):])
		if k <= 0 || j <= 0 || at+k+j >= len(data) || size > uint64(len(data)) || step > uint64(n) {
			return false
		}
		at += k + j + 1
		last += step
		total += size
		sizes, lasts = append(sizes, size), append(lasts, last)
	}
	if uint64(len(data)-at) != total || last >= uint64(n) {
		return false
	}
	return checkBlocks(data[at:], docs, sizes, lasts)
}

func checkShort(data []byte, docs, n int) bool {
	at, doc := 0, uint64(0)
	for i := range docs {
		step, k := binary.Uvarint(data[min(at, len(data)):])
		if k <= 0 || i > 0 && step>>1 == 0 || step>>1 > uint64(n) {
			return false
		}
		at += k + int(step&1)
		if doc += step >> 1; doc >= uint64(n) {
			return false
		}
	}
	return at == len(data)
}

func checkBlocks(data []byte, docs int, sizes, lasts []uint64) bool {
	var b block
	prev := int64(-1)
	buf := make([]byte, 0, 1<<10)
	for i, size := range sizes {
		n := min(postBlock, docs-i*postBlock)
		raw := data[:size]
		data = data[size:]
		if !checkWidths(raw, n, int64(lasts[i])-prev) {
			return false
		}
		buf = append(append(buf[:0], raw...), make([]byte, 2*slack)...)
		b.unpackDocs(buf, n, prev)
		for _, d := range b.docs[:n] {
			if int64(d) <= prev || uint64(d) > lasts[i] {
				return false
			}
			prev = int64(d)
		}
		if uint64(prev) != lasts[i] {
			return false
		}
	}
	return true
}

// checkWidths holds the length of a block against its widths, and counts the
// bits of one that is bits.
func checkWidths(raw []byte, n int, span int64) bool {
	if len(raw) < 2 || raw[1] > 8 || span < int64(n) {
		return false
	}
	if raw[0] != asBits {
		return raw[0] <= 32 && len(raw) == 2+packed(n, int(raw[0]))+packed(n, int(raw[1]))
	}
	if span > 64*postBlock || len(raw) != 2+packed(int(span), 1)+packed(n, int(raw[1])) {
		return false
	}
	set := 0
	for _, c := range raw[2 : 2+packed(int(span), 1)] {
		set += bits.OnesCount8(c)
	}
	return set == n
}
