package e5

import (
	"encoding/binary"
	"fmt"
	"math"
)

// layer is one transformer layer. The three matrices that read the same input
// stand in one: rows of the queries, then keys, then values.
type layer struct {
	attend    matrix // 3·hidden × hidden
	project   matrix // hidden × hidden
	projected norm
	widen     matrix // inner × hidden
	narrow    matrix // hidden × inner
	narrowed  norm
}

// norm is a layer norm's factors and terms.
type norm struct{ factor, term []float32 }

// matrix holds weights of four bits, rearranged for the kernel in panels of
// panelRows rows. A panel has for each block of 32 columns 128 bytes: byte
// 32·g + 4·r + j holds of row r column 4g+j in its low half and column
// 16+4g+j in its high half (g < 4, j < 4). Weights are 0 to 15 and stand for
// −8 to 7 times the block's scale.
type matrix struct {
	rows, columns int
	packed        []byte
	scale         []float32 // for each panel and block, panelRows scales
	bias          []float32
}

// panelRows is the number of rows that one step of the kernel computes: the
// lanes of a vector register.
const panelRows = lane

// lane is the number of floats of a vector register.
const lane = 8

func (m *Model) readTensors(in *reader, dir map[string]tensor) {
	h := m.Hidden
	if t, ok := in.tensor(dir, "emb.word", fourBits, m.Vocabulary*h); ok {
		m.wordAt = int64(t.at)
	}
	position := in.floats(dir, "emb.pos", m.Positions*h)
	kind := in.floats(dir, "emb.type", m.Types*h)
	for i := range position {
		position[i] += kind[i%h]
	}
	m.start = position
	m.norm = in.norm(dir, "emb.ln", h)
	for i := range m.Layers {
		if in.err != nil {
			return
		}
		m.layers = append(m.layers, m.readLayer(in, dir, fmt.Sprintf("l%d.", i)))
	}
}

func (m *Model) readLayer(in *reader, dir map[string]tensor, name string) layer {
	h, inner := m.Hidden, m.Inner
	return layer{
		attend:    in.matrix(dir, h, h, name+"q", name+"k", name+"v"),
		project:   in.matrix(dir, h, h, name+"ao"),
		projected: in.norm(dir, name+"aln", h),
		widen:     in.matrix(dir, inner, h, name+"fi"),
		narrow:    in.matrix(dir, h, inner, name+"fo"),
		narrowed:  in.norm(dir, name+"oln", h),
	}
}

func (in *reader) norm(dir map[string]tensor, name string, n int) norm {
	return norm{in.floats(dir, name+".w", n), in.floats(dir, name+".b", n)}
}

// matrix reads matrices of rows × columns and puts one below the other.
func (in *reader) matrix(dir map[string]tensor, rows, columns int, names ...string) matrix {
	m := matrix{rows: rows * len(names), columns: columns}
	for _, name := range names {
		raw := in.blocks(dir, name+".w", rows, columns)
		m.bias = append(m.bias, in.floats(dir, name+".b", rows)...)
		if in.err != nil {
			return matrix{}
		}
		if !m.pack(raw, rows) {
			in.fail("encoder.not_finite", nil)
		}
	}
	return m
}

// pack appends rows from the file's layout to the panels. It reports false
// when a scale is not finite.
func (m *matrix) pack(raw []byte, rows int) bool {
	blocks := m.columns / block
	fine := true
	for top := 0; top < rows; top += panelRows {
		for b := range blocks {
			var bytes [panelRows * block / 2]byte
			for r := range panelRows {
				from := raw[((top+r)*blocks+b)*blockBytes:]
				scale := half(binary.LittleEndian.Uint16(from))
				fine = fine && !math.IsInf(float64(scale), 0) && scale == scale
				m.scale = append(m.scale, scale)
				for k := range block / 2 { // columns k and 16+k
					bytes[k/4*32+4*r+k%4] = from[2+k]
				}
			}
			m.packed = append(m.packed, bytes[:]...)
		}
	}
	return fine
}

// half returns the value of a float16 (IEEE 754 binary16).
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0: // subnormal: fraction · 2⁻²⁴
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)*0x1p-24))
	case 31:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// word writes the row of the word table for a piece, read from the file, to x.
func (m *Model) word(x []float32, raw []byte, id int32) error {
	if _, err := m.words.ReadAt(raw, m.wordAt+int64(id)*int64(len(raw))); err != nil {
		return err
	}
	for b := 0; b < len(x)/block; b++ {
		from, to := raw[b*blockBytes:], x[b*block:]
		scale := half(binary.LittleEndian.Uint16(from))
		for k := range block / 2 {
			to[k] = float32(int(from[2+k]&15)-8) * scale
			to[k+block/2] = float32(int(from[2+k]>>4)-8) * scale
		}
	}
	return nil
}
