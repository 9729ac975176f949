package corpus

import (
	"encoding/binary"
	"errors"
	"math"
)

// A work is staged as one string of varints and texts: what is unknown has no
// place in it, which the bits in front say.

const (
	hasDay = 1 << iota
	hasSource
	hasField
	hasSubfield
	hasTopic
	hasRefs
	hasCited
	hasWindow
	hasRetracted
	isRetracted
	hasFWCI
	isFlat
)

var errStage = errors.New("a staged part of the import is damaged")

// appendWork appends a work without its id, year and day of update, which its
// entry in the part holds.
func appendWork(b []byte, w *work) []byte {
	var flags uint64
	set := func(ok bool, bit uint64) {
		if ok {
			flags |= bit
		}
	}
	set(w.day != unknownDay, hasDay)
	set(w.source != 0, hasSource)
	set(w.field != 0, hasField)
	set(w.subfield != 0, hasSubfield)
	set(w.topic != 0, hasTopic)
	set(w.refs >= 0, hasRefs)
	set(w.cited >= 0, hasCited)
	set(w.window >= 0, hasWindow)
	set(w.retracted >= 0, hasRetracted)
	set(w.retracted == 1, isRetracted)
	set(!math.IsNaN(w.fwci), hasFWCI)
	set(w.flat, isFlat)
	b = binary.AppendUvarint(b, flags)
	for _, t := range [][]byte{w.title, w.doi, w.kind, w.language, w.record} {
		b = binary.AppendUvarint(b, uint64(len(t)))
		b = append(b, t...)
	}
	for i, v := range []int64{w.day, w.source, w.field, w.subfield, w.topic, w.refs, w.cited, w.window} {
		if flags&(1<<i) != 0 {
			b = binary.AppendVarint(b, v)
		}
	}
	if flags&hasFWCI != 0 {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(w.fwci))
	}
	b = binary.AppendUvarint(b, uint64(w.authors))
	b = binary.AppendUvarint(b, uint64(len(w.rows)))
	for i := range w.rows {
		b = appendRow(b, &w.rows[i])
	}
	b = binary.AppendUvarint(b, uint64(len(w.references)))
	last := int64(0)
	for _, id := range w.references {
		b = binary.AppendVarint(b, id-last)
		last = id
	}
	return b
}

func appendRow(b []byte, r *authorRow) []byte {
	b = binary.AppendUvarint(b, uint64(r.seq))
	b = binary.AppendUvarint(b, uint64(r.author))
	b = binary.AppendUvarint(b, uint64(r.affiliation))
	b = binary.AppendVarint(b, r.institution)
	b = append(b, r.country[0], r.country[1], byte(r.how))
	b = binary.AppendUvarint(b, uint64(r.parts))
	return binary.AppendUvarint(b, uint64(r.shared))
}

// unpacker reads staged bytes. After the first fault it returns zeros.
type unpacker struct {
	b   []byte
	bad bool
}

func (u *unpacker) uint() uint64 {
	v, n := binary.Uvarint(u.b)
	if n <= 0 {
		u.b, u.bad = nil, true
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *unpacker) int() int64 {
	v, n := binary.Varint(u.b)
	if n <= 0 {
		u.b, u.bad = nil, true
		return 0
	}
	u.b = u.b[n:]
	return v
}

func (u *unpacker) bytes(n uint64) []byte {
	if n > uint64(len(u.b)) {
		u.b, u.bad = nil, true
		return nil
	}
	out := u.b[:n:n]
	u.b = u.b[n:]
	return out
}

// count reads how many elements of at least size bytes follow.
func (u *unpacker) count(size uint64) int {
	n := u.uint()
	if n > uint64(len(u.b))/size {
		u.b, u.bad = nil, true
		return 0
	}
	return int(n)
}

// unpackWork reads a staged work. Its texts point into b.
func unpackWork(b []byte, w *work) error {
	w.reset()
	u := unpacker{b: b}
	flags := u.uint()
	for _, t := range []*[]byte{&w.title, &w.doi, &w.kind, &w.language, &w.record} {
		*t = u.bytes(u.uint())
	}
	for i, v := range []*int64{&w.day, &w.source, &w.field, &w.subfield, &w.topic, &w.refs, &w.cited, &w.window} {
		if flags&(1<<i) != 0 {
			*v = u.int()
		}
	}
	if flags&hasRetracted != 0 {
		w.retracted = 0
		if flags&isRetracted != 0 {
			w.retracted = 1
		}
	}
	if flags&hasFWCI != 0 {
		if f := u.bytes(8); f != nil {
			w.fwci = math.Float64frombits(binary.LittleEndian.Uint64(f))
		}
	}
	w.flat = flags&isFlat != 0
	w.authors = int64(u.uint())
	for range u.count(9) {
		w.rows = append(w.rows, u.row())
	}
	last := int64(0)
	for range u.count(1) {
		last += u.int()
		w.references = append(w.references, last)
	}
	if u.bad || len(u.b) > 0 {
		return errStage
	}
	return nil
}

func (u *unpacker) row() authorRow {
	r := authorRow{seq: int64(u.uint()), author: int64(u.uint()), affiliation: int64(u.uint()), institution: u.int()}
	if c := u.bytes(3); c != nil {
		r.country, r.how = [2]byte{c[0], c[1]}, rowOrigin(c[2])
	}
	r.parts, r.shared = int64(u.uint()), int64(u.uint())
	return r
}
