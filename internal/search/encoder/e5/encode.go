package e5

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/kapok-city/kapok/internal/errs"
)

// chunkTokens is the number of tokens that go through the layers together. The
// weights are read once for each; more tokens would no longer fit the
// second-level cache beside them.
const chunkTokens = 128

// window is a stretch of a text that the model sees at once.
type window struct {
	text   int
	pieces []int32
}

// Encode returns for each text its vector of length 1: the mean over the
// tokens of the last layer. A text longer than a window (510 pieces) is cut
// into windows side by side, and their means are weighed by their pieces. The
// vector of a text does not depend on the texts beside it. It uses all cores
// and stops early when ctx ends.
func (m *Model) Encode(ctx context.Context, texts []string) ([][]float32, error) {
	var windows []window
	for i, text := range texts {
		pieces := m.Tokens(text)
		for size := m.Positions - 2; len(pieces) > size; pieces = pieces[size:] {
			windows = append(windows, window{i, pieces[:size]})
		}
		windows = append(windows, window{i, pieces})
	}
	means := make([][]float32, len(windows))
	if err := m.run(ctx, windows, means); err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	for i := range out {
		out[i] = make([]float32, m.Hidden)
	}
	for w, mean := range means {
		weight := float32(max(1, len(windows[w].pieces)))
		for i, v := range mean {
			out[windows[w].text][i] += weight * v
		}
	}
	for _, v := range out {
		if !normalise(v) {
			return nil, errs.New(errs.Invalid, "encoder.not_finite")
		}
	}
	return out, nil
}

// normalise brings v to length 1 and reports whether it was finite.
func normalise(v []float32) bool {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	per := 1 / math.Sqrt(max(sum, 1e-12))
	for i, x := range v {
		v[i] = float32(float64(x) * per)
	}
	return !math.IsNaN(sum) && !math.IsInf(sum, 0)
}

// run fills means, chunk by chunk, on all cores.
func (m *Model) run(ctx context.Context, windows []window, means [][]float32) error {
	workers := runtime.GOMAXPROCS(0)
	ends := chunks(windows, workers)
	workers = max(1, min(workers, len(ends)))
	var next atomic.Int64
	failed := make([]error, workers)
	work := func(w int) {
		for failed[w] == nil {
			i := int(next.Add(1)) - 1
			if i >= len(ends) {
				return
			}
			from := 0
			if i > 0 {
				from = ends[i-1]
			}
			if failed[w] = ctx.Err(); failed[w] == nil {
				failed[w] = m.forward(windows[from:ends[i]], means[from:ends[i]])
			}
		}
	}
	var wg sync.WaitGroup
	for w := 1; w < workers; w++ {
		wg.Go(func() { work(w) })
	}
	work(0)
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

// chunks returns where each chunk of windows ends: chunkTokens at most, and few
// enough that every worker has one.
func chunks(windows []window, workers int) []int {
	total := 0
	for _, w := range windows {
		total += len(w.pieces) + 2
	}
	limit := min(chunkTokens, (total+workers-1)/workers)
	var ends []int
	tokens := 0
	for i, w := range windows {
		if n := len(w.pieces) + 2; tokens > 0 && tokens+n > limit {
			ends, tokens = append(ends, i), 0
		}
		tokens += len(w.pieces) + 2
	}
	if len(windows) > 0 {
		return append(ends, len(windows))
	}
	return nil
}
