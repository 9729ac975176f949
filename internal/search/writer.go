package search

import (
	"math"
	"slices"
)

// The parameters of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance
// Framework: BM25 and Beyond", 2009). A whole text is ranked with the usual b;
// for a query typed into a box the length of a document matters less, since
// records of different kinds have bodies of very different length. A title or
// name counts as several occurrences.
const (
	k1          = 1.4
	wholeB      = 0.8
	boxB        = 0.3
	labelWeight = 2
)

// streamWriter writes the terms of a stream, which come in ascending order.
type streamWriter struct {
	dict     dictWriter
	postings []byte
	usual    byte
	bound    func(doc uint32, code byte) byte
}

func newStreamWriter(kind int, length []byte) *streamWriter {
	sat := newSaturations(kind, wholeB, average(totalLength(length), len(length)))
	return &streamWriter{dict: dictWriter{dict: dict{stats: true}}, usual: codecs[kind].usual, bound: func(doc uint32, code byte) byte {
		return boundOf(float64(sat.of(code, length[doc])))
	}}
}

func (w *streamWriter) add(term []byte, docs []uint32, codes []byte) {
	start := len(w.postings)
	w.postings = appendPostings(w.postings, docs, codes, w.usual, w.bound)
	w.dict.add(term, len(docs), len(w.postings)-start)
}

func (w *streamWriter) stream(length []byte) stream {
	s := stream{dict: w.dict.dict, length: length, total: totalLength(length), postings: append(make([]byte, 0, len(w.postings)+slack), w.postings...)}
	s.postings = append(s.postings, make([]byte, slack)...)
	s.data = append([]byte(nil), s.data...)
	return s
}

// A length is kept as a class of one byte: exact below 60 terms, then in steps
// of 3.3 %, so that it is off by 2 % at most and a score by about one.
var classLength = func() (out [256]uint32) {
	for c := range out {
		out[c] = uint32(c)
		if c > 60 {
			out[c] = uint32(math.Round(60 * math.Pow(1.033, float64(c-60))))
		}
	}
	return out
}()

// lengthClass returns the class whose length is nearest.
func lengthClass(n int) byte {
	c, _ := slices.BinarySearch(classLength[:], uint32(max(n, 0)))
	switch {
	case c > 255:
		c = 255
	case c > 0 && classLength[c]-uint32(n) > uint32(n)-classLength[c-1]:
		c--
	}
	return byte(c)
}

func totalLength(classes []byte) (total int64) {
	for _, c := range classes {
		total += int64(classLength[c])
	}
	return total
}

// norms is, for each class of length, the part of BM25 that depends on it.
type norms [256]float32

func newNorms(b, avg float64) *norms {
	var out norms
	for c, n := range classLength {
		out[c] = float32(k1 * (1 - b + b*float64(n)/avg))
	}
	return &out
}

// saturate is what a weight earns of its term's idf, below 1.
func saturate(weight, norm float32) float32 { return weight / (weight + norm) }

// tabled is how many codes are computed beforehand: hardly any document holds
// a term more often.
const tabled = 16

// saturations holds what the lowest codes earn at each length.
type saturations struct {
	codec *codec
	norms *norms
	first byte // code of row 0
	rows  [tabled][256]float32
}

func newSaturations(kind int, b, avg float64) *saturations {
	s := &saturations{codec: codecs[kind], norms: newNorms(b, avg), first: codecs[kind].usual}
	for i := range s.rows {
		w := s.codec.weight[int(s.first)+i]
		for c := range s.rows[i] {
			s.rows[i][c] = saturate(w, s.norms[c])
		}
	}
	return s
}

func (s *saturations) of(code, class byte) float32 {
	if i := code - s.first; i < tabled {
		return s.rows[i][class]
	}
	return saturate(s.codec.weight[code], s.norms[class])
}

// boundOf writes a saturation in 255ths, rounded up.
func boundOf(sat float64) byte { return byte(min(255, math.Ceil(sat*255*(1+1e-5)))) }
