package search

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The postings of a term list the documents that hold it, in order, each with
// a code for its weight. A list of fewer than postBlock documents is varints:
// the distance to the document before, shifted left by one, and when the low
// bit is set a byte that is the code's difference (xor) from the usual one. A
// longer list is a directory of its blocks (the distance of the last document
// to that of the block before, the bytes of the block, the bound of the
// weight's part in the score, see boundOf), and then the blocks: two bytes of
// widths, the distances packed in so many bits, the codes in so many. Where
// documents stand close, a set of bits from the document after the block before
// takes the place of the distances, and asBits that of their width: it is about
// as small, and a document is found in it without unpacking.
const (
	postBlock = 128
	asBits    = 0xFF
)

// slack is what stands behind the postings of a segment, so that eight bytes
// may be read at any place.
const slack = 8

// codec turns weights into codes of one byte and back. Words count whole
// occurrences, exactly up to 256, where the score has long stopped to move.
// Glosses have fractional weights, in steps of a sixteenth of an octave from
// 1/16 to 2^11: an error of at most 2.2 %.
type codec struct {
	usual  byte // the code met most often
	weight [256]float32
}

var (
	wordCodec  = newCodec(0, func(code int) float64 { return float64(code + 1) })
	glossCodec = newCodec(64, func(code int) float64 { return math.Exp2(float64(code-64) / 16) })
	codecs     = [streams]*codec{wordCodec, glossCodec}
)

func newCodec(usual byte, weight func(int) float64) *codec {
	c := &codec{usual: usual}
	for i := range c.weight {
		c.weight[i] = float32(weight(i))
	}
	return c
}

func wordCode(n int) byte { return byte(min(n, 256) - 1) }

func glossCode(w float64) byte {
	return byte(max(0, min(255, math.Round(16*math.Log2(w))+64)))
}

// appendPostings writes a list; bound gives the most that a posting adds to a
// score, in 255ths of its idf, rounded up.
func appendPostings(out []byte, docs []uint32, codes []byte, usual byte, bound func(doc uint32, code byte) byte) []byte {
	if len(docs) < postBlock {
		return appendShort(out, docs, codes, usual)
	}
	var blocks []byte
	last := uint32(0)
	for from := 0; from < len(docs); from += postBlock {
		to := min(from+postBlock, len(docs))
		start, top := len(blocks), byte(0)
		for i := from; i < to; i++ {
			top = max(top, bound(docs[i], codes[i]))
		}
		prev := int64(-1)
		if from > 0 {
			prev = int64(docs[from-1])
		}
		blocks = appendBlock(blocks, docs[from:to], codes[from:to], usual, prev)
		out = binary.AppendUvarint(out, uint64(docs[to-1]-last))
		out = binary.AppendUvarint(out, uint64(len(blocks)-start))
		out = append(out, top)
		last = docs[to-1]
	}
	return append(out, blocks...)
}

func appendShort(out []byte, docs []uint32, codes []byte, usual byte) []byte {
	last := uint32(0)
	for i, d := range docs {
		step := uint64(d-last) << 1
		if codes[i] != usual {
			out = append(binary.AppendUvarint(out, step|1), codes[i]^usual)
		} else {
			out = binary.AppendUvarint(out, step)
		}
		last = d
	}
	return out
}

func appendBlock(out []byte, docs []uint32, codes []byte, usual byte, prev int64) []byte {
	var steps, marks uint32
	p := prev
	for i, d := range docs {
		steps |= uint32(int64(d) - p - 1)
		marks |= uint32(codes[i] ^ usual)
		p = int64(d)
	}
	w, v := bits.Len32(steps), bits.Len32(marks)
	var pack packer
	if span := int(p - prev); span <= 2*len(docs)*w {
		out = append(out, asBits, byte(v))
		out = appendBits(out, docs, prev, span)
	} else {
		out = append(out, byte(w), byte(v))
		p = prev
		for _, d := range docs {
			pack.put(&out, uint64(int64(d)-p-1), w)
			p = int64(d)
		}
		pack.flush(&out)
	}
	for _, c := range codes {
		pack.put(&out, uint64(c^usual), v)
	}
	pack.flush(&out)
	return out
}

func appendBits(out []byte, docs []uint32, prev int64, span int) []byte {
	at := len(out)
	out = append(out, make([]byte, packed(span, 1))...)
	for _, d := range docs {
		i := int64(d) - prev - 1
		out[at+int(i>>3)] |= 1 << (i & 7)
	}
	return out
}

type packer struct {
	bits uint64
	n    int
}

func (p *packer) put(out *[]byte, v uint64, width int) {
	p.bits |= v << p.n
	for p.n += width; p.n >= 8; p.n -= 8 {
		*out = append(*out, byte(p.bits))
		p.bits >>= 8
	}
}

func (p *packer) flush(out *[]byte) {
	if p.n > 0 {
		*out = append(*out, byte(p.bits))
	}
	p.bits, p.n = 0, 0
}

// packed is how many bytes n values of a width take.
func packed(n, width int) int { return (n*width + 7) / 8 }

// block is a block of postings, unpacked.
type block struct {
	n     int
	docs  [postBlock]uint32
	codes [postBlock]byte
}

// short reads a list of fewer than postBlock documents.
func (b *block) short(data []byte, n int, usual byte) {
	at, doc := 0, uint32(0)
	for i := range n {
		var step uint64
		if c := data[at]; c < 0x80 {
			step = uint64(c)
			at++
		} else {
			var k int
			step, k = binary.Uvarint(data[at:])
			at += k
		}
		doc += uint32(step >> 1)
		code := usual
		if step&1 != 0 {
			code ^= data[at]
			at++
		}
		b.docs[i], b.codes[i] = doc, code
	}
	b.n = n
}

// unpackDocs reads the documents of a block of n postings; prev is the last
// document of the block before, -1 at the start of the list.
func (b *block) unpackDocs(data []byte, n int, prev int64) {
	b.n = n
	w, doc, body := uint(data[0]), uint32(prev), data[2:]
	switch w {
	case asBits:
		b.unpackBits(body, n, doc)
		return
	case 0:
		for i := range n {
			doc++
			b.docs[i] = doc
		}
		return
	}
	mask, most := uint64(1)<<w-1, int(57/w) // values that one load gives
	docs := b.docs[:n]
	for bit := uint(0); len(docs) > 0; {
		v := binary.LittleEndian.Uint64(body[bit>>3:]) >> (bit & 7)
		k := min(most, len(docs))
		for i := range docs[:k] {
			doc += uint32(v&mask) + 1
			docs[i] = doc
			v >>= w
		}
		docs = docs[k:]
		bit += uint(k) * w
	}
}

func (b *block) unpackBits(body []byte, n int, doc uint32) {
	docs := b.docs[:n]
	for i, base := 0, doc+1; i < n; base += 64 {
		for w := binary.LittleEndian.Uint64(body); w != 0 && i < n; w &= w - 1 {
			docs[i] = base + uint32(bits.TrailingZeros64(w))
			i++
		}
		body = body[8:]
	}
}

// codesAt is where the codes of a block stand, whose documents span so many
// numbers.
func codesAt(data []byte, n, span int) int {
	if data[0] == asBits {
		return 2 + packed(span, 1)
	}
	return 2 + packed(n, int(data[0]))
}

// unpackCodes reads the codes of a block.
func (b *block) unpackCodes(data []byte, n, span int, usual byte) {
	v, codes := uint(data[1]), b.codes[:n]
	if v == 0 {
		for i := range codes {
			codes[i] = usual
		}
		return
	}
	body := data[codesAt(data, n, span):]
	mask, most := uint64(1)<<v-1, int(57/v)
	for bit := uint(0); len(codes) > 0; {
		w := binary.LittleEndian.Uint64(body[bit>>3:]) >> (bit & 7)
		k := min(most, len(codes))
		for i := range codes[:k] {
			codes[i] = byte(w&mask) ^ usual
			w >>= v
		}
		codes = codes[k:]
		bit += uint(k) * v
	}
}

// codeAt reads one code of a block.
func codeAt(data []byte, i, n, span int, usual byte) byte {
	v := uint(data[1])
	bit := uint(i) * v
	w := binary.LittleEndian.Uint64(data[codesAt(data, n, span)+int(bit>>3):]) >> (bit & 7)
	return byte(w&(1<<v-1)) ^ usual
}

// rankOf looks a number up in the bits of a block: how many are set before it,
// and whether it is.
func rankOf(body []byte, at int) (before int, found bool) {
	for ; at >= 64; at -= 64 {
		before += bits.OnesCount64(binary.LittleEndian.Uint64(body))
		body = body[8:]
	}
	w := binary.LittleEndian.Uint64(body)
	return before + bits.OnesCount64(w&(1<<at-1)), w>>at&1 != 0
}

// list is a term's postings opened for reading: a directory of its blocks, of
// which a short list has one.
type list struct {
	data  []byte // with slack behind
	docs  int
	usual byte
	last  []uint32 // last document of each block
	at    []uint32 // where each block starts; one more than blocks
	top   []byte   // bound of each block
}

// open reads the directory of a list into l, whose slices are used again.
func (l *list) open(data []byte, docs int, usual byte) {
	l.data, l.docs, l.usual = data, docs, usual
	l.last, l.at, l.top = l.last[:0], l.at[:0], l.top[:0]
	if docs < postBlock {
		return
	}
	at, last, start := 0, uint32(0), uint32(0)
	for range (docs + postBlock - 1) / postBlock {
		step, k := binary.Uvarint(data[at:])
		size, j := binary.Uvarint(data[at+k:])
		l.top = append(l.top, data[at+k+j])
		at += k + j + 1
		last += uint32(step)
		l.last, l.at = append(l.last, last), append(l.at, start)
		start += uint32(size)
	}
	l.data = data[at:]
}

func (l *list) isShort() bool { return l.docs < postBlock }

func (l *list) blocks() int { return (l.docs + postBlock - 1) / postBlock }

// size is how many postings block i has.
func (l *list) size(i int) int { return min(postBlock, l.docs-i*postBlock) }

// prev is the last document before block i, -1 for the first.
func (l *list) prev(i int) int64 {
	if i == 0 {
		return -1
	}
	return int64(l.last[i-1])
}

func (l *list) span(i int) int { return int(int64(l.last[i]) - l.prev(i)) }

func (l *list) readDocs(i int, b *block) {
	if l.isShort() {
		b.short(l.data, l.docs, l.usual)
		return
	}
	b.unpackDocs(l.data[l.at[i]:], l.size(i), l.prev(i))
}

// readCodes follows readDocs of the same block.
func (l *list) readCodes(i int, b *block) {
	if !l.isShort() {
		b.unpackCodes(l.data[l.at[i]:], l.size(i), l.span(i), l.usual)
	}
}

// each calls fn with every posting.
func (l *list) each(b *block, fn func(doc uint32, code byte)) {
	for i := range l.blocks() {
		l.readDocs(i, b)
		l.readCodes(i, b)
		for j := range b.n {
			fn(b.docs[j], b.codes[j])
		}
	}
}
