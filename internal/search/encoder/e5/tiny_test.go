package e5

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// tiny is a model made for a test, as the parts of its file.
type tiny struct {
	Config
	pieces  []string
	scores  []float32
	rewrite map[rune]string
	floats  map[string][]float32
	blocks  map[string][]byte
	order   []string
}

// newTiny makes a model with random weights and a vocabulary of a few pieces
// beside every letter of “query: a–z 木棉”.
func newTiny(seed uint64) *tiny {
	return newTinyOf(seed, Config{Hidden: 64, Layers: 2, Heads: 2, Inner: 96, Vocabulary: 64, Positions: 16, Types: 2, Epsilon: 1e-12})
}

// newTiniest makes the one that testdata/tiny.bin holds for other packages.
func newTiniest() *tiny {
	return newTinyOf(1, Config{Hidden: 32, Layers: 2, Heads: 2, Inner: 32, Vocabulary: 48, Positions: 8, Types: 1, Epsilon: 1e-12})
}

func newTinyOf(seed uint64, c Config) *tiny {
	r := rand.New(rand.NewPCG(seed, 1))
	m := &tiny{
		Config:  c,
		pieces:  []string{"<s>", "<pad>", "</s>", "<unk>", "▁", "▁query", "▁passage", ":", "木", "棉", "木棉", "▁a", "ab", "abc", "bc", "b"},
		rewrite: map[rune]string{'\t': " ", '\u200b': "", 'ｑ': "q", '\u00a0': " ", '㎏': "kg"},
		floats:  map[string][]float32{}, blocks: map[string][]byte{},
	}
	for c := 'a'; c <= 'z'; c++ {
		m.pieces = append(m.pieces, string(c))
	}
	for i := range m.pieces {
		m.scores = append(m.scores, -float32(i%7)-2)
	}
	clear(m.scores[:4])
	h := m.Hidden
	m.addBlocks(r, "emb.word", m.Vocabulary*h)
	m.addFloats(r, "emb.pos", m.Positions*h)
	m.addFloats(r, "emb.type", m.Types*h)
	m.addNorm(r, "emb.ln")
	for _, l := range []string{"l0.", "l1."} {
		for _, name := range []string{"q", "k", "v", "ao"} {
			m.addMatrix(r, l+name, h, h)
		}
		m.addNorm(r, l+"aln")
		m.addMatrix(r, l+"fi", m.Inner, h)
		m.addMatrix(r, l+"fo", h, m.Inner)
		m.addNorm(r, l+"oln")
	}
	return m
}

func (m *tiny) addFloats(r *rand.Rand, name string, n int) {
	m.floats[name] = random(r, n)
	m.order = append(m.order, name)
}

func (m *tiny) addNorm(r *rand.Rand, name string) {
	m.addFloats(r, name+".w", m.Hidden)
	m.addFloats(r, name+".b", m.Hidden)
}

func (m *tiny) addMatrix(r *rand.Rand, name string, rows, columns int) {
	m.addBlocks(r, name+".w", rows*columns)
	m.addFloats(r, name+".b", rows)
}

// addBlocks makes random weights with scales about 1/32.
func (m *tiny) addBlocks(r *rand.Rand, name string, n int) {
	raw := make([]byte, n/block*blockBytes)
	for i := range raw {
		raw[i] = byte(r.Uint32())
	}
	for i := 0; i < len(raw); i += blockBytes {
		raw[i+1] = 0x28
	}
	m.blocks[name] = raw
	m.order = append(m.order, name)
}

// file returns the model in the layout E5S1.
func (m *tiny) file() []byte {
	b := []byte(Magic)
	number := func(n int) { b = binary.LittleEndian.AppendUint32(b, uint32(n)) }
	for _, n := range []int{1, m.Hidden, m.Layers, m.Heads, m.Inner, m.Vocabulary, m.Positions, m.Types, int(math.Float32bits(m.Epsilon)), block} {
		number(n)
	}
	for _, n := range []int{len(m.pieces), 0, 2, 1, 3} {
		number(n)
	}
	var text []byte
	at := []int{0}
	for _, p := range m.pieces {
		text = append(text, p...)
		at = append(at, len(text))
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(len(text)))
	for _, n := range at {
		number(n)
	}
	for _, s := range m.scores {
		number(int(math.Float32bits(s)))
	}
	b = append(b, text...)
	b = m.appendRewrites(b)
	return m.appendTensors(b)
}

func (m *tiny) appendRewrites(b []byte) []byte {
	var raw []byte
	for _, from := range slices.Sorted(maps.Keys(m.rewrite)) {
		into := m.rewrite[from]
		raw = binary.LittleEndian.AppendUint32(raw, uint32(from))
		raw = append(raw, byte(len([]rune(into))))
		for _, c := range into {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(c))
		}
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.rewrite)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(raw)))
	return append(b, raw...)
}

func (m *tiny) appendTensors(b []byte) []byte {
	size := 4
	for _, name := range m.order {
		size += 2 + len(name) + 1 + 4 + 8 + 8
	}
	data := len(b) + size
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.order)))
	var body []byte
	for _, name := range m.order {
		kind, count, raw := byte(fourBits), len(m.blocks[name])/blockBytes*block, m.blocks[name]
		if f, ok := m.floats[name]; ok {
			kind, count, raw = floats, len(f), nil
			for _, v := range f {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
			}
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
		b = append(b, name...)
		b = append(b, kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(count))
		b = binary.LittleEndian.AppendUint64(b, uint64(data+len(body)))
		b = binary.LittleEndian.AppendUint64(b, uint64(len(raw)))
		body = append(body, raw...)
	}
	return append(b, body...)
}

func (m *tiny) read(t testing.TB) *Model {
	t.Helper()
	raw := m.file()
	got, err := Read(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// encode runs one window through the layers, one token at a time in float64,
// from the file's own layout.
func (m *tiny) encode(ids []int32) []float32 {
	h := m.Hidden
	x := make([][]float64, len(ids))
	for t, id := range ids {
		x[t] = make([]float64, h)
		for i := range h {
			k := int(id)*h + i
			x[t][i] = weight(m.blocks["emb.word"], k) + float64(m.floats["emb.pos"][t*h+i]) + float64(m.floats["emb.type"][i])
		}
		m.norm(x[t], "emb.ln")
	}
	for _, l := range []string{"l0.", "l1."} {
		q, k, v := m.product(x, l+"q"), m.product(x, l+"k"), m.product(x, l+"v")
		m.addNormed(x, m.product(m.attend(q, k, v), l+"ao"), l+"aln")
		inner := m.product(x, l+"fi")
		for _, row := range inner {
			for i, v := range row {
				row[i] = v / 2 * (1 + math.Erf(v/math.Sqrt2))
			}
		}
		m.addNormed(x, m.product(inner, l+"fo"), l+"oln")
	}
	out := make([]float32, h)
	for _, row := range x {
		for i, v := range row {
			out[i] += float32(v / float64(len(ids)))
		}
	}
	normalise(out)
	return out
}

// weight returns the k-th weight of a matrix.
func weight(raw []byte, k int) float64 {
	b := raw[k/block*blockBytes:]
	i := k % block
	return float64(half(binary.LittleEndian.Uint16(b))) * (float64(b[2+i%16]>>(4*(i/16))&15) - 8)
}

func (m *tiny) product(x [][]float64, name string) [][]float64 {
	bias := m.floats[name+".b"]
	out := make([][]float64, len(x))
	for t, row := range x {
		narrow := make([]float32, len(row))
		for i, v := range row {
			narrow[i] = float32(v)
		}
		for _, v := range plainProduct(m.blocks[name+".w"], bias, narrow, len(bias), len(row)) {
			out[t] = append(out[t], float64(v))
		}
	}
	return out
}

func (m *tiny) attend(q, k, v [][]float64) [][]float64 {
	head := m.Hidden / m.Heads
	out := make([][]float64, len(q))
	for t := range q {
		out[t] = make([]float64, m.Hidden)
		for from := 0; from < m.Hidden; from += head {
			var parts []float64
			var sum float64
			for s := range k {
				var dot float64
				for i := from; i < from+head; i++ {
					dot += q[t][i] * k[s][i]
				}
				parts = append(parts, math.Exp(dot/math.Sqrt(float64(head))))
				sum += parts[s]
			}
			for s := range v {
				for i := from; i < from+head; i++ {
					out[t][i] += parts[s] / sum * v[s][i]
				}
			}
		}
	}
	return out
}

func (m *tiny) addNormed(x, y [][]float64, name string) {
	for t := range x {
		for i := range x[t] {
			x[t][i] += y[t][i]
		}
		m.norm(x[t], name)
	}
}

func (m *tiny) norm(x []float64, name string) {
	var mean, variance float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	for i, v := range x {
		x[i] = (v-mean)/math.Sqrt(variance+float64(m.Epsilon))*float64(m.floats[name+".w"][i]) + float64(m.floats[name+".b"][i])
	}
}
