package search

import (
	"runtime"
	"sync"
)

// worthSharing is how many documents are worth a processor of their own; tests
// lower it.
var worthSharing = 6 * windowSize

// maxSharing is how many processors one query may take.
const maxSharing = 4

// stretch is a run of documents of a part: whole windows.
type stretch struct {
	*part
	from, to int
}

// spread divides the documents of all parts among the processors that a query
// is worth, each getting about as many, and calls fn for each of these shares
// at once. A result must not depend on how documents are divided.
func spread(states []*state, fn func(of []stretch)) {
	all := 0
	for _, s := range states {
		for _, p := range s.parts {
			all += p.n
		}
	}
	shares := divide(states, all, min(runtime.GOMAXPROCS(0), maxSharing, 1+all/worthSharing))
	var wg sync.WaitGroup
	for _, of := range shares[1:] {
		wg.Go(func() { fn(of) })
	}
	fn(shares[0])
	wg.Wait()
}

// inRuns divides n things into runs of at least least and calls fn for each run
// at once.
func inRuns(n, least int, fn func(from, to int)) {
	runs := max(1, min(runtime.GOMAXPROCS(0), maxSharing, n/least))
	var wg sync.WaitGroup
	for i := 1; i < runs; i++ {
		wg.Go(func() { fn(i*n/runs, (i+1)*n/runs) })
	}
	fn(0, n/runs)
	wg.Wait()
}

// divide cuts the parts into n shares.
func divide(states []*state, all, n int) [][]stretch {
	out := make([][]stretch, 1, n)
	each, room := all/n+1, all/n+1
	for _, s := range states {
		for _, p := range s.parts {
			for from := 0; from < p.n; {
				if room <= 0 && len(out) < n {
					out, room = append(out, nil), each
				}
				to := p.n
				if len(out) < n {
					to = min(p.n, from+(room+windowSize-1)/windowSize*windowSize)
				}
				last := &out[len(out)-1]
				*last = append(*last, stretch{p, from, to})
				room -= to - from
				from = to
			}
		}
	}
	return out
}
