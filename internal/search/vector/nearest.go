package vector

import (
	"container/heap"
	"runtime"
	"slices"
	"sync"
)

// Hit is one vector that was found.
type Hit struct {
	Key    uint64
	Cosine float32 // −1..1
}

// before orders hits, the best first; equal cosines by key, so that the same
// store always answers the same.
func (h Hit) before(o Hit) bool {
	return h.Cosine > o.Cosine || h.Cosine == o.Cosine && h.Key < o.Key
}

// shareFloats is the number of floats from which on a search is worth a second
// goroutine (about a tenth of a millisecond).
const shareFloats = 1 << 18

// Nearest returns the n vectors with the greatest cosine to q, the best first,
// among those that allow admits (nil admits all). Every admitted vector is
// looked at. allow is called only for vectors that may enter the answer, by
// several goroutines at once, and must not call back into the store. A q of
// another dimension, or with a value that is not finite, finds nothing.
func (f *Flat) Nearest(q []float32, n int, allow func(key uint64) bool) []Hit {
	row, ok := f.query(q)
	if !ok || n <= 0 {
		return nil
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	workers := max(1, min(runtime.GOMAXPROCS(0), len(f.chunks), len(f.keys)*f.stride/shareFloats))
	found := make([]best, workers)
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { f.scan(row, n, allow, w, workers, &found[w]) })
	}
	f.scan(row, n, allow, 0, workers, &found[0])
	wg.Wait()
	return merge(found, n)
}

// scan looks at every stride-th chunk from the first on.
func (f *Flat) scan(q []float32, n int, allow func(uint64) bool, first, stride int, out *best) {
	if !fast {
		f.scanAll(q, n, allow, first, stride, out)
		return
	}
	k := newQuestion(q[:f.dim], f.width)
	var products [chunkRows]int32
	var cosine [1]float32
	for c := first; c < len(f.chunks); c += stride {
		keys := f.keys[c*chunkRows : min((c+1)*chunkRows, len(f.keys))]
		s := &f.sieves[c]
		multiplyCodes(&k, s.codes, products[:len(keys)])
		for i, key := range keys {
			if len(*out) == n && s.most(i, products[i], &k) < (*out)[0].Cosine || allow != nil && !allow(key) {
				continue
			}
			dotRows(q, f.row(c*chunkRows+i), cosine[:])
			out.offer(Hit{key, cosine[0]}, n, nil)
		}
	}
}

// scanAll is scan without the sieve, for machines without its kernel.
func (f *Flat) scanAll(q []float32, n int, allow func(uint64) bool, first, stride int, out *best) {
	var cosines [chunkRows]float32
	for c := first; c < len(f.chunks); c += stride {
		keys := f.keys[c*chunkRows : min((c+1)*chunkRows, len(f.keys))]
		got := cosines[:len(keys)]
		dotRows(q, f.chunks[c], got)
		for i, cosine := range got {
			if len(*out) == n && cosine < (*out)[0].Cosine {
				continue
			}
			out.offer(Hit{keys[i], cosine}, n, allow)
		}
	}
}

func merge(found []best, n int) []Hit {
	all := slices.Concat(found...)
	slices.SortFunc(all, func(a, b Hit) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	return all[:min(n, len(all))]
}

// best is a heap of the best hits so far, the worst of them on top.
type best []Hit

func (b best) Len() int           { return len(b) }
func (b best) Less(i, j int) bool { return b[j].before(b[i]) }
func (b best) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func (b *best) Push(x any)        { *b = append(*b, x.(Hit)) }
func (b *best) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

func (b *best) offer(h Hit, n int, allow func(uint64) bool) {
	full := len(*b) == n
	if full && !h.before((*b)[0]) || allow != nil && !allow(h.Key) {
		return
	}
	if full {
		(*b)[0] = h
		heap.Fix(b, 0)
		return
	}
	heap.Push(b, h)
}
