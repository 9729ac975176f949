package search

import (
	"bufio"
	"bytes"
	"encoding/binary"
)

// segmentMagic begins a segment file. What follows is a row of numbers, of
// eight bytes each (see header), and then the sections that they measure.
const segmentMagic = "KPKSEG1\n"

// header are the sizes of a segment's sections.
type header struct {
	Rank, Docs, Version, Texts, Raws, RawBytes uint64
	Streams                                    [streams]struct{ Terms, Dict, Postings uint64 }
}

// encode writes a segment; a failure shows when out is flushed.
func (s *segment) encode(out *bufio.Writer) {
	h := header{Rank: uint64(s.rank), Docs: uint64(s.n), Version: uint64(len(s.version)), Texts: uint64(len(s.texts)),
		Raws: uint64(s.raws.terms), RawBytes: uint64(len(s.raws.data))}
	for k := range s.streams {
		st := &s.streams[k]
		h.Streams[k].Terms, h.Streams[k].Dict, h.Streams[k].Postings = uint64(st.terms), uint64(len(st.data)), uint64(len(st.postings))
	}
	_, _ = out.WriteString(segmentMagic)
	_ = binary.Write(out, binary.LittleEndian, h)
	_, _ = out.WriteString(s.version)
	_ = binary.Write(out, binary.LittleEndian, s.starts)
	_, _ = out.WriteString(s.texts)
	_, _ = out.Write(s.raws.data)
	for k := range s.streams {
		st := &s.streams[k]
		_, _ = out.Write(st.length)
		_, _ = out.Write(st.data)
		_, _ = out.Write(st.postings)
	}
}

// section takes n bytes off the front of raw; nil and false when there are
// fewer.
func section(raw *[]byte, n uint64) ([]byte, bool) {
	if n > uint64(len(*raw)) {
		return nil, false
	}
	out := (*raw)[:n:n]
	*raw = (*raw)[n:]
	return out, true
}

// decode reads a segment and checks all of it: a file whose checksum is right
// may still have been made by somebody else.
func decode(raw []byte) (*segment, error) {
	size := uint64(binary.Size(header{}))
	magic, ok := section(&raw, uint64(len(segmentMagic)))
	if !ok || string(magic) != segmentMagic {
		return nil, errDamaged
	}
	head, ok := section(&raw, size)
	var h header
	if !ok || binary.Read(bytes.NewReader(head), binary.LittleEndian, &h) != nil {
		return nil, errDamaged
	}
	if h.Rank >= levels || h.Docs > uint64(len(raw)/4) {
		return nil, errDamaged
	}
	s := &segment{rank: int(h.Rank), n: int(h.Docs)}
	if err := s.decodeTexts(&raw, h); err != nil {
		return nil, err
	}
	for k := range s.streams {
		if err := s.decodeStream(&raw, k, h); err != nil {
			return nil, err
		}
	}
	if len(raw) > 0 {
		return nil, errDamaged
	}
	return s, s.derive()
}

func (s *segment) decodeTexts(raw *[]byte, h header) error {
	version, ok1 := section(raw, h.Version)
	starts, ok2 := section(raw, 4*(h.Docs+1))
	texts, ok3 := section(raw, h.Texts)
	raws, ok4 := section(raw, h.RawBytes)
	if !ok1 || !ok2 || !ok3 || !ok4 || h.Texts > 1<<32-1 {
		return errDamaged
	}
	s.version, s.texts = string(version), string(texts)
	s.starts = make([]uint32, s.n+1)
	for i := range s.starts {
		s.starts[i] = binary.LittleEndian.Uint32(starts[4*i:])
		if i > 0 && s.starts[i] < s.starts[i-1] {
			return errDamaged
		}
	}
	if s.starts[0] != 0 || uint64(s.starts[s.n]) != h.Texts || h.Raws > h.RawBytes {
		return errDamaged
	}
	var err error
	s.raws, err = openDict(bytes.Clone(raws), int(h.Raws), false, 0)
	return err
}

func (s *segment) decodeStream(raw *[]byte, kind int, h header) error {
	hs := h.Streams[kind]
	lengths, ok1 := section(raw, h.Docs)
	terms, ok2 := section(raw, hs.Dict)
	postings, ok3 := section(raw, hs.Postings)
	if !ok1 || !ok2 || !ok3 || hs.Postings < slack || hs.Terms > hs.Dict {
		return errDamaged
	}
	d, err := openDict(bytes.Clone(terms), int(hs.Terms), true, hs.Postings-slack)
	if err != nil {
		return err
	}
	st := stream{dict: d, postings: bytes.Clone(postings), length: bytes.Clone(lengths), total: totalLength(lengths)}
	for c := st.cursor(); c.more(); {
		if c.docs > s.n || !checkPostings(st.postings[c.entry.at:c.entry.at+uint64(c.size)], c.docs, s.n) {
			return errDamaged
		}
	}
	s.streams[kind] = st
	return nil
}
