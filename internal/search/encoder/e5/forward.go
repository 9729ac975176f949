package e5

import (
	"math"
	"sync"

	"github.com/kapok-city/kapok/internal/errs"
)

// scratch is the memory of one pass through the layers.
type scratch struct {
	x, attend, context, out, inner []float32
	small                          quantised
	spread                         []byte
	weights                        []float32
	row                            []byte
}

type scratchPool struct{ sync.Pool }

// get returns memory for a number of tokens, in whole tiles. All of it is
// overwritten where it is read, but for the surplus rows of the last tile,
// whose results nobody reads.
func (p *scratchPool) get(c Config, tokens int) *scratch {
	padded := (tokens + tile - 1) &^ (tile - 1)
	s, _ := p.Get().(*scratch)
	if s == nil || cap(s.x) < padded*c.Hidden {
		s = newScratch(c, max(padded, chunkTokens))
	}
	return s
}

func newScratch(c Config, tokens int) *scratch {
	widest := max(c.Hidden, c.Inner)
	return &scratch{
		x: make([]float32, tokens*c.Hidden), attend: make([]float32, 3*(tokens+tile)*c.Hidden),
		context: make([]float32, tokens*c.Hidden), out: make([]float32, tokens*c.Hidden),
		inner:   make([]float32, tokens*c.Inner),
		small:   quantised{make([]int8, tokens*widest), make([]float32, tokens*widest/block), make([]int32, tokens*widest/block)},
		spread:  make([]byte, panelRows*widest),
		weights: make([]float32, c.Positions+lane),
		row:     make([]byte, c.Hidden/block*blockBytes),
	}
}

// forward runs windows through the layers and gives each the mean of its
// tokens.
func (m *Model) forward(windows []window, means [][]float32) error {
	tokens := 0
	for _, w := range windows {
		tokens += len(w.pieces) + 2
	}
	s := m.pool.get(m.Config, tokens)
	defer m.pool.Put(s)
	if err := m.embed(s, windows); err != nil {
		return errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
	}
	for i := range m.layers {
		m.runLayer(s, &m.layers[i], windows, tokens)
	}
	at := 0
	for i, w := range windows {
		n := len(w.pieces) + 2
		means[i] = mean(s.x[at*m.Hidden:(at+n)*m.Hidden], m.Hidden)
		at += n
	}
	return nil
}

// embed writes the first x of every token: word, position and type, normed.
func (m *Model) embed(s *scratch, windows []window) error {
	at := 0
	put := func(position int, id int32) error {
		x := s.x[at*m.Hidden : (at+1)*m.Hidden]
		at++
		if err := m.word(x, s.row, id); err != nil {
			return err
		}
		addNorm(x, m.start[position*m.Hidden:(position+1)*m.Hidden], m.norm.factor, m.norm.term, m.Epsilon)
		return nil
	}
	for _, w := range windows {
		if err := put(0, m.pieces.first); err != nil {
			return err
		}
		for i, id := range w.pieces {
			if err := put(i+1, id); err != nil {
				return err
			}
		}
		if err := put(len(w.pieces)+1, m.pieces.last); err != nil {
			return err
		}
	}
	return nil
}

func (m *Model) runLayer(s *scratch, l *layer, windows []window, tokens int) {
	h := m.Hidden
	s.multiply(&l.attend, s.x, s.attend, tokens)
	at := 0
	for _, w := range windows {
		n := len(w.pieces) + 2
		m.attention(s, at, n)
		at += n
	}
	s.multiply(&l.project, s.context, s.out, tokens)
	for t := range tokens {
		addNorm(s.x[t*h:(t+1)*h], s.out[t*h:], l.projected.factor, l.projected.term, m.Epsilon)
	}
	s.multiply(&l.widen, s.x, s.inner, tokens)
	gelu(s.inner[:tokens*m.Inner])
	s.multiply(&l.narrow, s.inner, s.out, tokens)
	for t := range tokens {
		addNorm(s.x[t*h:(t+1)*h], s.out[t*h:], l.narrowed.factor, l.narrowed.term, m.Epsilon)
	}
}

// multiply writes w · x + bias for each token.
func (s *scratch) multiply(w *matrix, x, y []float32, tokens int) {
	blocks := w.columns / block
	for t := range tokens {
		at := t/tile*blocks*tile + t%tile
		quantise(x[t*w.columns:(t+1)*w.columns], s.small.q[t*w.columns:], s.small.scale[at:], s.small.minus[at:])
	}
	tiles := (tokens + tile - 1) / tile
	bytes := s.spread[:panelRows*w.columns]
	for p := range w.rows / panelRows {
		spread(bytes, w.packed[p*len(bytes)/2:(p+1)*len(bytes)/2])
		scale := w.scale[p*blocks*panelRows : (p+1)*blocks*panelRows]
		panel(bytes, scale, s.small.q, s.small.scale, s.small.minus, w.bias[p*panelRows:], y[p*panelRows:], tiles, w.rows)
	}
}

// attention lets n tokens of one window, from token at on, look at each other.
func (m *Model) attention(s *scratch, at, n int) {
	h, head := m.Hidden, m.Hidden/m.Heads
	stride := 3 * h
	factor := float32(1 / math.Sqrt(float64(head)))
	for i := range m.Heads {
		keys := s.attend[at*stride+h+i*head:]
		values := s.attend[at*stride+2*h+i*head:]
		for t := range n {
			query := s.attend[(at+t)*stride+i*head:][:head]
			scores(query, keys, s.weights, n, stride, factor)
			sum := softmax(s.weights[:n])
			mix(s.weights, values, s.context[(at+t)*h+i*head:][:head], n, stride, 1/sum)
		}
	}
}

func mean(x []float32, h int) []float32 {
	out := make([]float32, h)
	n := len(x) / h
	for t := range n {
		for i := range out {
			out[i] += x[t*h+i]
		}
	}
	for i := range out {
		out[i] /= float32(n)
	}
	return out
}
