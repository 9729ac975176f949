package search

import (
	"bytes"
	"slices"
)

// gone stands in a renumbering for a document that is deleted.
const gone = ^uint32(0)

// merge makes one segment of several of one level, without what was deleted
// from them.
func merge(parts []*part) (*segment, error) {
	s := &segment{rank: parts[0].rank, version: parts[0].version}
	size := 0
	for _, p := range parts {
		size += len(p.texts)
	}
	texts := make([]byte, 0, size)
	renumber := make([][]uint32, len(parts))
	var length [streams][]byte
	for i, p := range parts {
		if p.version != s.version {
			s.version = "" // of several versions: none
		}
		renumber[i] = make([]uint32, p.n)
		for n := range uint32(p.n) {
			if renumber[i][n] = gone; p.isDead(n) {
				continue
			}
			renumber[i][n] = uint32(s.n)
			s.n++
			s.starts = append(s.starts, uint32(len(texts)))
			texts = append(texts, p.record(n)...)
			for k := range length {
				length[k] = append(length[k], p.streams[k].length[n])
			}
		}
	}
	s.starts = slices.Clip(append(s.starts, uint32(len(texts))))
	s.texts = string(texts)
	s.raws = mergeRaws(parts)
	for k := range s.streams {
		s.streams[k] = mergeStreams(parts, k, renumber, slices.Clip(length[k]))
	}
	return s, s.derive()
}

// least returns the places of the cursors that stand at the lowest term, and
// that term; none when all are through.
func least(cursors []*dictCursor, at []int) (term []byte, first []int) {
	first = at[:0]
	for i, c := range cursors {
		if c == nil {
			continue
		}
		order := -1
		if term != nil {
			order = bytes.Compare(c.term, term)
		}
		if order < 0 {
			term, first = c.term, first[:0]
		}
		if order <= 0 {
			first = append(first, i)
		}
	}
	return term, first
}

func advance(cursors []*dictCursor, i int) {
	if !cursors[i].more() {
		cursors[i] = nil
	}
}

func cursorsOf(parts []*part, dictOf func(p *part) *dict) []*dictCursor {
	out := make([]*dictCursor, len(parts))
	for i, p := range parts {
		out[i] = dictOf(p).cursor()
		advance(out, i)
	}
	return out
}

// mergeRaws keeps words that only deleted documents held: they find nothing.
func mergeRaws(parts []*part) dict {
	cursors := cursorsOf(parts, func(p *part) *dict { return &p.raws })
	var w dictWriter
	at := make([]int, 0, len(parts))
	for {
		term, first := least(cursors, at)
		if term == nil {
			return w.dict
		}
		w.add(term, 0, 0)
		for _, i := range first {
			advance(cursors, i)
		}
	}
}

func mergeStreams(parts []*part, kind int, renumber [][]uint32, length []byte) stream {
	cursors := cursorsOf(parts, func(p *part) *dict { return &p.streams[kind].dict })
	w := newStreamWriter(kind, length)
	at := make([]int, 0, len(parts))
	var docs []uint32
	var codes []byte
	var l list
	var b block
	for {
		term, first := least(cursors, at)
		if term == nil {
			return w.stream(length)
		}
		docs, codes = docs[:0], codes[:0]
		for _, i := range first {
			e := cursors[i].entry
			l.open(parts[i].streams[kind].postings[e.at:], e.docs, codecs[kind].usual)
			l.each(&b, func(doc uint32, code byte) {
				if n := renumber[i][doc]; n != gone {
					docs, codes = append(docs, n), append(codes, code)
				}
			})
		}
		if len(docs) > 0 {
			w.add(term, docs, codes)
		}
		for _, i := range first {
			advance(cursors, i)
		}
	}
}
