package vector

import (
	"math"
	"sync"

	"github.com/kapok-city/kapok/internal/errs"
)

// chunkRows is the number of vectors that are kept in one piece of memory, so
// that the store grows without copying what it has.
const chunkRows = 1024

// Flat is a store of vectors of one dimension, kept at length 1 and compared
// by cosine. It is safe for concurrent use; reads run beside each other.
type Flat struct {
	mu     sync.RWMutex
	dim    int
	stride int // dim, rounded up to whole lanes
	width  int // dim, rounded up to whole steps of the sieve
	chunks [][]float32
	sieves []sieve
	keys   []uint64 // by row
	at     map[uint64]int
}

// New returns an empty store of vectors of dim floats, dim ≥ 1.
func New(dim int) *Flat {
	return &Flat{dim: dim, stride: (dim + lane - 1) &^ (lane - 1), width: (dim + step - 1) &^ (step - 1), at: map[uint64]int{}}
}

// Dim is the number of floats of every vector.
func (f *Flat) Dim() int { return f.dim }

// Len is the number of vectors.
func (f *Flat) Len() int {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return len(f.keys)
}

// Bytes is the memory that the vectors take, without the keys: five bytes for
// each of their floats.
func (f *Flat) Bytes() int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return int64(len(f.chunks)) * chunkRows * int64(f.stride*4+f.width+8)
}

// Put stores a copy of v under key in the place of what stood there. A vector
// of zeros is kept and has cosine 0 with everything. It refuses a vector of
// another dimension or with a value that is not finite: both are faults of the
// program that made it.
func (f *Flat) Put(key uint64, v []float32) error {
	if len(v) != f.dim {
		return errs.New(errs.Invalid, "encoder.wrong_dimension", errs.A{"want": f.dim, "got": len(v)})
	}
	row := make([]float32, f.stride)
	if !unit(row, v) {
		return errs.New(errs.Invalid, "encoder.not_finite")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i, known := f.at[key]
	if !known {
		i = len(f.keys)
		f.keys = append(f.keys, key)
		f.at[key] = i
		if i/chunkRows == len(f.chunks) {
			f.chunks = append(f.chunks, make([]float32, chunkRows*f.stride))
			f.sieves = append(f.sieves, newSieve(f.width))
		}
	}
	copy(f.row(i), row)
	f.sieves[i/chunkRows].put(i%chunkRows, f.width, row[:f.dim])
	return nil
}

// Delete removes the vector of key, if there is one.
func (f *Flat) Delete(key uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, known := f.at[key]
	if !known {
		return
	}
	last := len(f.keys) - 1
	copy(f.row(i), f.row(last))
	f.sieves[i/chunkRows].copy(i%chunkRows, &f.sieves[last/chunkRows], last%chunkRows, f.width)
	f.keys[i] = f.keys[last]
	f.at[f.keys[i]] = i
	delete(f.at, key)
	f.keys = f.keys[:last]
	if used := (last + chunkRows - 1) / chunkRows; used < len(f.chunks) {
		f.chunks, f.sieves = f.chunks[:used:used], f.sieves[:used:used]
	}
}

// Cosine returns the cosine of q and the vector of key, and false when there
// is none or q is not of the store's dimension.
func (f *Flat) Cosine(q []float32, key uint64) (float32, bool) {
	c := f.Cosines(q, []uint64{key})[0]
	return c, c == c
}

// Cosines returns the cosine of q with the vector of each key, NaN for a key
// that has none. It is Cosine with the work on q done once.
func (f *Flat) Cosines(q []float32, keys []uint64) []float32 {
	out := make([]float32, len(keys))
	row, ok := f.query(q)
	f.mu.RLock()
	defer f.mu.RUnlock()
	for n, key := range keys {
		i, known := f.at[key]
		if !known || !ok {
			out[n] = float32(math.NaN())
			continue
		}
		dotRows(row, f.row(i), out[n:n+1])
	}
	return out
}

// row is the memory of row i; the caller holds the lock.
func (f *Flat) row(i int) []float32 {
	at := i % chunkRows * f.stride
	return f.chunks[i/chunkRows][at : at+f.stride]
}

// query pads q to whole lanes at length 1.
func (f *Flat) query(q []float32) ([]float32, bool) {
	row := make([]float32, f.stride)
	return row, len(q) == f.dim && unit(row, q)
}
