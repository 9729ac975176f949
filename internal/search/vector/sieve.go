package vector

import "math"

// A sieve holds a chunk's vectors once more, in eight bits, with how far each
// is from the real one. Its dot products are read in a quarter of the memory,
// and with their bounds of error they say for nearly every vector that it
// cannot be in the answer. The others are computed in full, so the answer is
// that of the full computation.
type sieve struct {
	codes []int8    // rows × width
	scale []float32 // a row is about scale · codes
	off   []float32 // the length of what is missing
}

// step is the number of codes of one step of the kernel.
const step = 32

func newSieve(width int) sieve {
	return sieve{make([]int8, chunkRows*width), make([]float32, chunkRows), make([]float32, chunkRows)}
}

// put encodes row i.
func (s *sieve) put(i, width int, row []float32) {
	s.scale[i], s.off[i] = encode(s.codes[i*width:(i+1)*width], row)
}

func (s *sieve) copy(i int, from *sieve, j, width int) {
	copy(s.codes[i*width:(i+1)*width], from.codes[j*width:(j+1)*width])
	s.scale[i], s.off[i] = from.scale[j], from.off[j]
}

// encode writes v as codes from −127 to 127 and returns their scale and the
// length of the difference.
func encode(codes []int8, v []float32) (scale, off float32) {
	var most float32
	for _, x := range v {
		most = max(most, float32(math.Abs(float64(x))))
	}
	clear(codes)
	if most == 0 {
		return 0, 0
	}
	scale = most / 127
	var missing float64
	for i, x := range v {
		n := math.RoundToEven(float64(x / scale))
		codes[i] = int8(n)
		d := float64(x) - n*float64(scale)
		missing += d * d
	}
	return scale, float32(math.Sqrt(missing))
}

// question is a query as the sieve takes it.
type question struct {
	signs      []int8 // its codes
	sizes      []int8 // their absolute values
	scale, off float32
}

func newQuestion(q []float32, width int) question {
	k := question{signs: make([]int8, width), sizes: make([]int8, width)}
	k.scale, k.off = encode(k.signs, q)
	for i, c := range k.signs {
		k.sizes[i] = max(c, -c)
	}
	return k
}

// rounding is more than what the sums of float32 are off by.
const rounding = 1e-4

// most returns the greatest cosine that row i can have with the query, given
// the product of their codes: for unit vectors v and q with codes v̂ and q̂,
// |v·q − v̂·q̂| ≤ |q − q̂| + |q̂|·|v − v̂|.
func (s *sieve) most(i int, product int32, q *question) float32 {
	return float32(product)*s.scale[i]*q.scale + q.off + (1+q.off)*s.off[i] + rounding
}
