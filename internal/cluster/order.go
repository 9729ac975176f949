package cluster

import (
	"sync"
	"sync/atomic"
)

// item is a point on the way to its position along the curve.
type item struct {
	key uint64
	id  int32 // position in the input
}

// tasks calls fn(0) … fn(n-1), each once, on so many goroutines.
func tasks(workers, n int, fn func(i int)) {
	if workers = min(workers, n); workers <= 1 {
		for i := range n {
			fn(i)
		}
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				fn(i)
			}
		})
	}
	group.Wait()
}

// spans cuts n into so many nearly equal parts and calls fn for each.
func spans(workers, n int, fn func(part, lo, hi int)) {
	parts := min(max(workers, 1), max(n, 1))
	tasks(workers, parts, func(i int) { fn(i, n*i/parts, n*(i+1)/parts) })
}

const (
	topDigit  = 11 // bits of the first cut, which all workers make together
	digit     = 8
	smallSort = 40 // below it insertion is faster than counting
)

// sortItems sorts by key: most significant digit first, the first digit by all
// workers together, then each bucket by one. spare has the length of items.
func sortItems(items, spare []item, workers int) {
	shift, differs := topShift(items, workers)
	if !differs {
		return
	}
	const buckets = 1 << topDigit
	counts := make([][buckets + 1]int32, workers)
	spans(workers, len(items), func(part, lo, hi int) {
		c := &counts[part]
		for _, it := range items[lo:hi] {
			c[it.key>>shift&(buckets-1)]++
		}
	})
	var starts [buckets + 1]int32
	at := int32(0)
	for b := range buckets {
		starts[b] = at
		for part := range counts {
			counts[part][b], at = at, at+counts[part][b]
		}
	}
	starts[buckets] = at
	spans(workers, len(items), func(part, lo, hi int) {
		c := &counts[part]
		for _, it := range items[lo:hi] {
			b := it.key >> shift & (buckets - 1)
			spare[c[b]] = it
			c[b]++
		}
	})
	tasks(workers, buckets, func(b int) {
		lo, hi := starts[b], starts[b+1]
		copy(items[lo:hi], spare[lo:hi])
		sortBucket(items[lo:hi], spare[lo:hi])
	})
}

// topShift returns the shift of the first digit, which begins at the highest
// bit in which any two keys differ.
func topShift(items []item, workers int) (shift uint, differs bool) {
	varying := make([]uint64, max(workers, 1))
	spans(workers, len(items), func(part, lo, hi int) { varying[part] = variation(items[lo:hi], items[0].key) })
	var all uint64
	for _, v := range varying {
		all |= v
	}
	return uint(max(highBit(all, 0)+1-topDigit, 0)), all != 0
}

// variation has the bits in which any key differs from first.
func variation(items []item, first uint64) uint64 {
	var v uint64
	for _, it := range items {
		v |= it.key ^ first
	}
	return v
}

func sortBucket(items, spare []item) {
	if len(items) <= smallSort {
		insertionSort(items)
		return
	}
	v := variation(items, items[0].key)
	if v == 0 {
		return
	}
	shift := uint(max(highBit(v, 0)+1-digit, 0))
	var counts, starts [1<<digit + 1]int32
	for _, it := range items {
		counts[it.key>>shift&(1<<digit-1)+1]++
	}
	for b := range 1 << digit {
		counts[b+1] += counts[b]
	}
	starts = counts
	for _, it := range items {
		b := it.key >> shift & (1<<digit - 1)
		spare[counts[b]] = it
		counts[b]++
	}
	copy(items, spare)
	if shift == 0 {
		return
	}
	for b := range 1 << digit {
		if lo, hi := starts[b], starts[b+1]; hi-lo > 1 {
			sortBucket(items[lo:hi], spare[lo:hi])
		}
	}
}

func insertionSort(items []item) {
	for i := 1; i < len(items); i++ {
		it := items[i]
		j := i
		for ; j > 0 && items[j-1].key > it.key; j-- {
			items[j] = items[j-1]
		}
		items[j] = it
	}
}
