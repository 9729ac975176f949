package search

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// dict is a sorted list of terms in one array of bytes, sixteen to a block.
// Each term is written as the length it shares with the one before, the length
// of the rest, the rest, and, in a dict of postings, as two varints how many
// documents hold it and how many bytes its postings take.
type dict struct {
	data  []byte
	stats bool // whether the two varints stand behind each term
	terms int

	// Derived from data: of each block its start, where its postings start,
	// and its first eight bytes as a number, to search by.
	starts []uint32
	bases  []uint64
	heads  []uint64
}

const dictBlock = 16

// entry is a term of a dict.
type entry struct {
	number uint32 // place in the order
	docs   int
	at     uint64 // start of its postings
	size   int    // bytes of its postings
}

func head(term []byte) uint64 {
	var b [8]byte
	copy(b[:], term)
	return binary.BigEndian.Uint64(b[:])
}

// dictWriter builds a dict from terms in ascending order.
type dictWriter struct {
	dict
	last []byte
	at   uint64
}

func (w *dictWriter) add(term []byte, docs, size int) {
	shared := 0
	if w.terms%dictBlock == 0 {
		w.starts = append(w.starts, uint32(len(w.data)))
		w.bases = append(w.bases, w.at)
		w.heads = append(w.heads, head(term))
	} else {
		for shared < len(term) && shared < len(w.last) && term[shared] == w.last[shared] {
			shared++
		}
	}
	w.data = append(w.data, byte(shared), byte(len(term)-shared))
	w.data = append(w.data, term[shared:]...)
	if w.stats {
		w.data = binary.AppendUvarint(w.data, uint64(docs))
		w.data = binary.AppendUvarint(w.data, uint64(size))
	}
	w.last = append(w.last[:0], term...)
	w.at += uint64(size)
	w.terms++
}

// dictCursor walks over the terms of a dict.
type dictCursor struct {
	d    *dict
	at   int
	term []byte // of the entry read last; overwritten by the next
	entry
	next uint64 // start of the postings after this entry's
	read int
}

func (d *dict) cursor() *dictCursor { return &dictCursor{d: d} }

// block returns a cursor before the first term of block i.
func (d *dict) block(i int) dictCursor {
	return dictCursor{d: d, at: int(d.starts[i]), next: d.bases[i], read: i * dictBlock}
}

func (c *dictCursor) more() bool {
	if c.read >= c.d.terms {
		return false
	}
	data := c.d.data[c.at:]
	shared, rest := int(data[0]), int(data[1])
	c.term = append(c.term[:shared], data[2:2+rest]...)
	n := 2 + rest
	c.entry = entry{number: uint32(c.read), at: c.next}
	if c.d.stats {
		docs, k := binary.Uvarint(data[n:])
		n += k
		size, k := binary.Uvarint(data[n:])
		n += k
		c.docs, c.size = int(docs), int(size)
		c.next += size
	}
	c.at += n
	c.read++
	return true
}

// find returns the entry of a term.
func (d *dict) find(term string) (entry, bool) {
	c, ok := d.seek(term)
	if !ok || string(c.term) != term {
		return entry{}, false
	}
	return c.entry, true
}

// seek returns a cursor at the first term that is not below the given one.
func (d *dict) seek(term string) (dictCursor, bool) {
	if len(d.starts) == 0 {
		return dictCursor{}, false
	}
	key := []byte(term)
	h := head(key)
	i, _ := slices.BinarySearchFunc(d.heads, h, func(a, b uint64) int {
		if a <= b { // the first block whose head is above
			return -1
		}
		return 1
	})
	for i--; i > 0 && d.heads[i] == h && bytes.Compare(d.first(i), key) > 0; i-- {
	}
	c := d.block(max(i, 0))
	for c.more() {
		if cmp.Compare(string(c.term), term) >= 0 {
			return c, true
		}
	}
	return c, false
}

// first is the first term of block i, which shares nothing.
func (d *dict) first(i int) []byte {
	at := d.starts[i]
	return d.data[at+2 : int(at)+2+int(d.data[at+1])]
}

// withPrefix calls fn with each term that begins so, in order.
func (d *dict) withPrefix(prefix string, fn func(term string, e entry)) {
	c, ok := d.seek(prefix)
	for ok && strings.HasPrefix(string(c.term), prefix) {
		fn(string(c.term), c.entry)
		ok = c.more()
	}
}

// openDict derives what is not stored, and checks the bytes: every length in
// bounds, the terms in ascending order, the postings within size.
func openDict(data []byte, terms int, stats bool, size uint64) (dict, error) {
	d := dict{data: data, stats: stats, terms: terms}
	if terms < 0 || terms > len(data)/2 || len(data) > 1<<32-1 {
		return d, errDamaged
	}
	var last, term []byte
	at, next := 0, uint64(0)
	for i := range terms {
		n, docs, bytesOf, ok := readEntry(data[at:], &term, i%dictBlock == 0, stats)
		if !ok || i > 0 && bytes.Compare(last, term) >= 0 {
			return d, errDamaged
		}
		if i%dictBlock == 0 {
			d.starts, d.bases, d.heads = append(d.starts, uint32(at)), append(d.bases, next), append(d.heads, head(term))
		}
		if next += bytesOf; stats && (docs == 0 || bytesOf == 0 || next > size) {
			return d, errDamaged
		}
		at += n
		last = append(last[:0], term...)
	}
	if at != len(data) || next != size {
		return d, errDamaged
	}
	d.starts, d.bases, d.heads = slices.Clip(d.starts), slices.Clip(d.bases), slices.Clip(d.heads)
	return d, nil
}

// readEntry reads one entry of bytes that nothing is known of.
func readEntry(data []byte, term *[]byte, first, stats bool) (n int, docs, size uint64, ok bool) {
	if len(data) < 2 {
		return 0, 0, 0, false
	}
	shared, rest := int(data[0]), int(data[1])
	if shared > len(*term) || first && shared > 0 || 2+rest > len(data) || shared+rest == 0 || shared+rest > 255 {
		return 0, 0, 0, false
	}
	*term = append((*term)[:shared], data[2:2+rest]...)
	n = 2 + rest
	if !stats {
		return n, 0, 0, true
	}
	docs, k := binary.Uvarint(data[n:])
	size, j := binary.Uvarint(data[n+max(k, 0):])
	if k <= 0 || j <= 0 || docs > 1<<31 || size > 1<<40 {
		return 0, 0, 0, false
	}
	return n + k + j, docs, size, true
}
