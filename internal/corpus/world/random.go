package world

import (
	"math"
	"math/rand/v2"
)

// purpose keeps the streams of one row apart.
type purpose uint64

const (
	ofWorld purpose = iota
	ofInstitution
	ofSource
	ofWork
	ofAuthors
	ofCitations
	ofReferences
	ofPatent
	ofRecord
	ofPerson
)

// stream is a source of random numbers that depends on the seed, a purpose and
// a number alone.
type stream struct{ pcg rand.PCG }

func newStream(seed uint64, p purpose, n int64) stream {
	var s stream
	s.pcg.Seed(mix(seed^mix(uint64(p)+1)), mix(uint64(n)))
	return s
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): numbers that
// follow each other give seeds that do not.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// float is in [0, 1).
func (s *stream) float() float64 { return float64(s.pcg.Uint64()>>11) / (1 << 53) }

// below is in [0, n); the bias of the multiplication is below n/2^32.
func (s *stream) below(n int) int { return int((s.pcg.Uint64() >> 32) * uint64(n) >> 32) }

func (s *stream) chance(p float64) bool { return s.float() < p }

// normal is by Box and Muller's method, one of the two numbers thrown away so
// that the stream has no state but its place.
func (s *stream) normal() float64 {
	u := 1 - s.float()
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*s.float())
}

// lognormal has the given mean; sigma is that of the logarithm.
func (s *stream) lognormal(mean, sigma float64) float64 {
	return mean * math.Exp(sigma*s.normal()-sigma*sigma/2)
}

// poisson is Knuth's method, and the rounded normal where the mean is large.
func (s *stream) poisson(mean float64) int {
	if mean > 30 {
		return max(0, int(math.Round(mean+math.Sqrt(mean)*s.normal())))
	}
	limit := math.Exp(-mean)
	n := 0
	for p := s.float(); p > limit; p *= s.float() {
		n++
	}
	return n
}

// alias draws an index by weight in constant time (Walker 1977, in Vose's form
// of 1991).
type alias struct {
	keep  []float32
	other []uint32
}

func newAlias(weights []float64) alias {
	n, sum := len(weights), 0.0
	for _, w := range weights {
		sum += w
	}
	a := alias{make([]float32, n), make([]uint32, n)}
	scaled := make([]float64, n)
	var small, large []uint32
	for i, w := range weights {
		scaled[i] = w * float64(n) / sum
		if scaled[i] < 1 {
			small = append(small, uint32(i))
		} else {
			large = append(large, uint32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.keep[s], a.other[s] = float32(scaled[s]), l
		if scaled[l] -= 1 - scaled[s]; scaled[l] < 1 {
			large, small = large[:len(large)-1], append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		a.keep[i], a.other[i] = 1, i
	}
	return a
}

func (a *alias) empty() bool { return len(a.keep) == 0 }

func (a *alias) draw(s *stream) int {
	i := s.below(len(a.keep))
	if s.float() < float64(a.keep[i]) {
		return i
	}
	return int(a.other[i])
}

// pick is an alias over indices of something else.
type pick struct {
	alias
	of []int32
}

// add gives an index a weight; seal makes the pick ready.
type picker struct {
	of      []int32
	weights []float64
}

func (p *picker) add(i int, weight float64) {
	p.of, p.weights = append(p.of, int32(i)), append(p.weights, weight)
}

func (p *picker) seal() pick { return pick{newAlias(p.weights), p.of} }

func (p *pick) draw(s *stream) int { return int(p.of[p.alias.draw(s)]) }
