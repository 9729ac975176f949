package e5

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

// pieces is the vocabulary of the tokenizer: every piece with the logarithm of
// its probability, and what characters are rewritten as before.
type pieces struct {
	first, last, unknown int32 // ids of the marks of both ends, and of what is in no piece
	unknownScore         float32
	longest              int      // bytes of the longest piece
	at                   []uint32 // piece i is text[at[i]:at[i+1]]
	text                 []byte
	scores               []float32
	table                []int32 // open addressing by hash: id + 1, or 0
	rewrite              map[rune][]rune
}

// unknownPenalty is how much less likely than the rarest piece a character is
// that no piece holds; the value is SentencePiece's.
const unknownPenalty = 10

// maxRewritten is the most characters that one character may become. The real
// table has 18 at most (U+FDFA).
const maxRewritten = 32

func readPieces(in *reader, vocabulary int) *pieces {
	n := in.int32()
	ids := in.uint32s(4) // of the two ends, padding, unknown
	size := in.uint64()
	if in.err != nil {
		return nil
	}
	if n < 4 || n > vocabulary {
		in.fail("encoder.bad_shape", errs.A{"field": "pieces", "value": n})
		return nil
	}
	for _, id := range ids {
		if id >= uint32(n) {
			in.fail("encoder.bad_shape", errs.A{"field": "marks", "value": id})
			return nil
		}
	}
	p := &pieces{first: int32(ids[0]), last: int32(ids[1]), unknown: int32(ids[3])}
	p.at = in.uint32s(n + 1)
	p.scores = in.float32s(n)
	p.text = in.bytes(int(min(size, uint64(in.size)+1)))
	p.readRewrites(in)
	if in.err == nil {
		p.index(in)
	}
	return p
}

// index checks the offsets and builds the table.
func (p *pieces) index(in *reader) {
	n := len(p.scores)
	slots := 2
	for slots < 2*n {
		slots *= 2
	}
	p.table = make([]int32, slots)
	lowest := p.scores[0]
	for i := range n {
		from, to := p.at[i], p.at[i+1]
		if from > to || uint64(to) > uint64(len(p.text)) {
			in.fail("encoder.bad_shape", errs.A{"field": "pieces", "value": i})
			return
		}
		p.longest = max(p.longest, int(to-from))
		lowest = min(lowest, p.scores[i])
		if from < to {
			p.insert(int32(i), p.text[from:to])
		}
	}
	if p.longest > maxPiece {
		in.fail("encoder.bad_shape", errs.A{"field": "pieces", "value": p.longest})
	}
	p.unknownScore = lowest - unknownPenalty
}

// maxPiece is the most bytes of a piece; the real vocabulary has 48. It bounds
// the work for a text.
const maxPiece = 256

// insert keeps the first of equal pieces.
func (p *pieces) insert(id int32, piece []byte) {
	h := uint64(hashStart)
	for _, b := range piece {
		h = hashStep(h, b)
	}
	mask := uint64(len(p.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		if p.table[i] == 0 {
			p.table[i] = id + 1
			return
		}
		if bytes.Equal(p.piece(p.table[i]-1), piece) {
			return
		}
	}
}

// find returns the id of the piece s, whose hash is h, or -1.
func (p *pieces) find(h uint64, s []byte) int32 {
	mask := uint64(len(p.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		id := p.table[i] - 1
		if id < 0 || bytes.Equal(p.piece(id), s) {
			return id
		}
	}
}

func (p *pieces) piece(id int32) []byte { return p.text[p.at[id]:p.at[id+1]] }

// The hash is FNV-1a of 64 bits, taken byte by byte so that it grows with the
// piece that is tried.
const hashStart = 14695981039346656037

func hashStep(h uint64, b byte) uint64 { return (h ^ uint64(b)) * 1099511628211 }

// readRewrites reads the table of characters that are written as others, or as
// nothing: SentencePiece's nmt_nfkc, one character at a time.
func (p *pieces) readRewrites(in *reader) {
	n := in.int32()
	raw := in.bytes(int(in.uint32()))
	if in.err != nil {
		return
	}
	if n < 0 || n > len(raw)/5 {
		in.fail("encoder.bad_shape", errs.A{"field": "rewrites", "value": n})
		return
	}
	p.rewrite = make(map[rune][]rune, n)
	for range n {
		if len(raw) < 5 || len(raw) < 5+4*int(raw[4]) || raw[4] > maxRewritten {
			in.fail("encoder.bad_shape", errs.A{"field": "rewrites", "value": n})
			return
		}
		from, count := rune(binary.LittleEndian.Uint32(raw)), int(raw[4])
		into := make([]rune, count)
		for i := range into {
			into[i] = rune(binary.LittleEndian.Uint32(raw[5+4*i:]))
			if !utf8.ValidRune(into[i]) {
				in.fail("encoder.bad_shape", errs.A{"field": "rewrites", "value": int(into[i])})
				return
			}
		}
		p.rewrite[from] = into
		raw = raw[5+4*count:]
	}
}
