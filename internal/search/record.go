package search

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/level"
)

// errDamaged says that bytes are not what they should be.
var errDamaged = errors.New("search: damaged")

// A record is a document as a segment keeps it: strings with their lengths
// before them, in the order of appendRecord.

func appendRecord(out []byte, d *Doc) []byte {
	for _, s := range []string{d.Kind, d.ID, d.Title.ZH, d.Title.EN} {
		out = appendString(out, s)
	}
	out = appendStrings(out, d.Names)
	out = appendString(out, d.Body)
	out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(d.Boost)))
	out = append(out, byte(d.Level.Rank()))
	out = appendStrings(out, d.Readers)
	out = binary.AppendUvarint(out, uint64(len(d.Facets)))
	for _, f := range slices.Sorted(maps.Keys(d.Facets)) {
		out = appendStrings(appendString(out, f), d.Facets[f])
	}
	out = binary.AppendUvarint(out, uint64(len(d.Numbers)))
	for _, f := range slices.Sorted(maps.Keys(d.Numbers)) {
		out = binary.LittleEndian.AppendUint64(appendString(out, f), math.Float64bits(d.Numbers[f]))
	}
	return out
}

func appendString(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

func appendStrings(out []byte, list []string) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, s := range list {
		out = appendString(out, s)
	}
	return out
}

// recordReader reads a record without copying its strings. After a mistake it
// returns nothing more, and bad says so.
type recordReader struct {
	s   string
	bad bool
}

func (r *recordReader) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		v |= uint64(r.s[i]&0x7F) << (7 * i)
		if r.s[i] < 0x80 {
			r.s = r.s[i+1:]
			return v
		}
	}
	r.bad, r.s = true, ""
	return 0
}

func (r *recordReader) bytes(n uint64) string {
	if n > uint64(len(r.s)) {
		r.bad, r.s = true, ""
		return ""
	}
	out := r.s[:n]
	r.s = r.s[n:]
	return out
}

func (r *recordReader) string() string { return r.bytes(r.uvarint()) }

// each calls fn for every string of a list.
func (r *recordReader) each(fn func(s string)) {
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		fn(r.string())
	}
}

func (r *recordReader) strings() []string {
	var out []string
	r.each(func(s string) { out = append(out, s) })
	return out
}

func (r *recordReader) fixed(n uint64) uint64 {
	var v uint64
	for i, b := range []byte(r.bytes(n)) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

// readRecord returns a document whose strings are parts of s.
func readRecord(s string) (Doc, error) {
	r := recordReader{s: s}
	d := Doc{Kind: r.string(), ID: r.string()}
	d.Title.ZH, d.Title.EN = r.string(), r.string()
	d.Names = r.strings()
	d.Body = r.string()
	d.Boost = float64(math.Float32frombits(uint32(r.fixed(4))))
	if rank := r.fixed(1); rank < uint64(len(level.Levels)) {
		d.Level = level.Levels[rank]
	} else {
		r.bad = true
	}
	d.Readers = r.strings()
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		if d.Facets == nil {
			d.Facets = map[string][]string{}
		}
		f := r.string()
		d.Facets[f] = r.strings()
	}
	for n := r.uvarint(); n > 0 && !r.bad; n-- {
		if d.Numbers == nil {
			d.Numbers = map[string]float64{}
		}
		f := r.string()
		d.Numbers[f] = math.Float64frombits(r.fixed(8))
	}
	if r.bad || r.s != "" || d.Kind == "" || d.ID == "" {
		return Doc{}, errDamaged
	}
	return d, nil
}
