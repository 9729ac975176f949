package encoder

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"

	"github.com/kapok-city/kapok/internal/errs"
)

// WordVector is one line of a table of word vectors.
type WordVector struct {
	Word   string // as words are looked up: lower case, letters and digits
	Rank   int    // 1 for the most frequent word of the text the vectors come from
	Vector []float32
}

// The layout of a table: magic, number of words and dimensions (uint32 each),
// the common component (float32 each), then for each word its length (byte),
// its bytes, its rank (uint32), a scale (float32) and a byte for each dimension.
// All little-endian.
const (
	tableMagic = "KWV1"
	maxWords   = 1 << 20
	maxDim     = 4096
)

// wordTable holds word vectors in eight bits.
type wordTable struct {
	name   string // changes with the contents
	dim    int
	at     map[string]int32
	scale  []float32 // with the weight of the word already in it
	bytes  []int8
	common []float32
}

// sifA is the constant of smooth inverse frequency, a/(a+p): a word counts half
// at probability a. The value is that of the paper.
const sifA = 1e-3

// probability is that of the word of a rank by Zipf's law with Mandelbrot's
// shift, scaled to one over 400,000 words, the vocabulary of the vectors.
func probability(rank int) float64 { return 1 / ((float64(rank) + 2.7) * 12.3) }

func sif(rank int) float64 { return sifA / (sifA + probability(rank)) }

func readTable(in io.Reader) (*wordTable, error) {
	sum := sha256.New()
	r := &tableReader{in: bufio.NewReaderSize(io.TeeReader(in, sum), 1<<16)}
	if string(r.bytes(4)) != tableMagic {
		return nil, errs.Wrap(r.err, errs.Invalid, "encoder.bad_table")
	}
	n, dim := r.uint32(), r.uint32()
	if r.err != nil || n > maxWords || dim < 1 || dim > maxDim {
		return nil, errs.Wrap(r.err, errs.Invalid, "encoder.bad_table")
	}
	t := &wordTable{dim: int(dim), at: map[string]int32{}}
	for range dim {
		t.common = append(t.common, r.float32())
	}
	for i := range n {
		word := string(r.bytes(int(r.byte())))
		rank, scale := r.uint32(), r.float32()
		raw := r.bytes(int(dim))
		if r.err != nil {
			return nil, errs.Wrap(r.err, errs.Invalid, "encoder.bad_table")
		}
		t.at[word] = int32(i)
		t.scale = append(t.scale, scale*float32(sif(int(rank))))
		for _, b := range raw {
			t.bytes = append(t.bytes, int8(b))
		}
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, errs.Wrap(err, errs.Invalid, "encoder.bad_table")
	}
	t.name = "words-" + hex.EncodeToString(sum.Sum(nil))[:12]
	return t, nil
}

// add adds the vector of word, times its own weight and the given one, and
// reports whether the table has it.
func (t *wordTable) add(sum []float32, word string, weight float32) bool {
	i, ok := t.at[word]
	if !ok {
		return false
	}
	scale := t.scale[i] * weight
	for d, b := range t.bytes[int(i)*t.dim : (int(i)+1)*t.dim] {
		sum[d] += scale * float32(b)
	}
	return true
}

// WriteTable writes a table of word vectors, in eight bits, with the component
// that texts have in common.
func WriteTable(out io.Writer, words []WordVector) error {
	if len(words) == 0 || len(words) > maxWords {
		return errs.New(errs.Invalid, "encoder.bad_table")
	}
	dim := len(words[0].Vector)
	w := bufio.NewWriter(out)
	b := append([]byte(tableMagic), 0, 0, 0, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(words)))
	binary.LittleEndian.PutUint32(b[8:], uint32(dim))
	for _, v := range commonComponent(words) {
		b = appendFloat(b, v)
	}
	_, err := w.Write(b)
	for _, word := range words {
		if len(word.Vector) != dim || len(word.Word) > math.MaxUint8 {
			return errs.New(errs.Invalid, "encoder.bad_table")
		}
		_, writeErr := w.Write(wordBytes(word))
		err = errors.Join(err, writeErr)
	}
	return errors.Join(err, w.Flush())
}

func wordBytes(word WordVector) []byte {
	var most float32
	for _, v := range word.Vector {
		most = max(most, float32(math.Abs(float64(v))))
	}
	scale := most / 127
	b := append([]byte{byte(len(word.Word))}, word.Word...)
	b = binary.LittleEndian.AppendUint32(b, uint32(word.Rank))
	b = appendFloat(b, scale)
	for _, v := range word.Vector {
		n := 0.0
		if scale > 0 {
			n = math.RoundToEven(float64(v / scale))
		}
		b = append(b, byte(int8(n)))
	}
	return b
}

func appendFloat(b []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
}

// textWords is the length of the texts whose common component is computed.
const textWords = 10

// commonComponent is the first principal component, about the origin, of texts
// of textWords words drawn by their probability: the greatest eigenvector of
// (1−1/n)·μμᵀ + 1/n·Σ p·sif²·vvᵀ, by power iteration.
func commonComponent(words []WordVector) []float32 {
	dim := len(words[0].Vector)
	mean := make([]float64, dim)
	moment := make([]float64, dim*dim)
	for _, w := range words {
		p, s := probability(w.Rank), sif(w.Rank)
		for i, x := range w.Vector {
			mean[i] += p * s * float64(x)
			row := p * s * s * float64(x)
			for j, y := range w.Vector {
				moment[i*dim+j] += row * float64(y)
			}
		}
	}
	for i, x := range mean {
		for j, y := range mean {
			moment[i*dim+j] = (1-1.0/textWords)*x*y + moment[i*dim+j]/textWords
		}
	}
	return greatest(moment, dim)
}

func greatest(m []float64, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = 1
	}
	for range 200 {
		next := make([]float32, dim)
		for i := range next {
			var sum float64
			for j, x := range v {
				sum += m[i*dim+j] * float64(x)
			}
			next[i] = float32(sum)
		}
		normalise(next)
		v = next
	}
	return v
}

// normalise brings v to length 1; zeros stay.
func normalise(v []float32) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	per := 1 / math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) * per)
	}
}

// tableReader reads front to back and keeps the first fault.
type tableReader struct {
	in  *bufio.Reader
	err error
}

func (r *tableReader) bytes(n int) []byte {
	b := make([]byte, n)
	if r.err == nil {
		_, r.err = io.ReadFull(r.in, b)
	}
	return b
}

func (r *tableReader) byte() byte     { return r.bytes(1)[0] }
func (r *tableReader) uint32() uint32 { return binary.LittleEndian.Uint32(r.bytes(4)) }

// float32 reads a finite number.
func (r *tableReader) float32() float32 {
	v := math.Float32frombits(r.uint32())
	if r.err == nil && !(math.Abs(float64(v)) <= math.MaxFloat32) {
		r.err = errs.New(errs.Invalid, "encoder.not_finite")
	}
	return v
}
