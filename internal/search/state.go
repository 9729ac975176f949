package search

import (
	"maps"
	"slices"
)

// state is what is published: it never changes.
type state struct {
	parts []*part
}

// part is a segment and what was deleted from it.
type part struct {
	*segment
	dead  bitset // nil when nothing is
	live  int
	gone  [streams]map[uint32]uint32 // by term: how many of its documents are deleted
	total [streams]int64             // lengths of the documents that are left
}

func newPart(s *segment) *part {
	p := &part{segment: s, live: s.n}
	for k := range s.streams {
		p.total[k] = s.streams[k].total
	}
	return p
}

func (p *part) isDead(n uint32) bool { return p.dead != nil && p.dead.has(n) }

// holding is how many documents that are left hold a term.
func (p *part) holding(kind int, e entry) int { return e.docs - int(p.gone[kind][e.number]) }

// without returns the part after further deletions. The terms of a deleted
// document are found by cutting its text again, so that counts stay exact.
func (p *part) without(docs []uint32, g Glosser) *part {
	out := &part{segment: p.segment, live: p.live - len(docs), total: p.total, dead: newBitset(p.n)}
	if p.dead != nil {
		copy(out.dead, p.dead)
	}
	for k := range out.gone {
		out.gone[k] = map[uint32]uint32{}
		maps.Copy(out.gone[k], p.gone[k])
	}
	for _, n := range docs {
		out.dead.set(n)
		d := p.doc(n)
		b := newBuilder(p.rank)
		b.add(&d, g)
		for k := range b.logs {
			out.total[k] -= int64(classLength[p.streams[k].length[n]])
			out.forget(k, b, n, versionOf(g) != p.version)
		}
	}
	return out
}

// forget counts a document's terms as gone. When the glosser has changed since
// the document was put, its terms may be others now: only those whose postings
// name it are counted.
func (p *part) forget(kind int, b *builder, n uint32, doubtful bool) {
	for _, key := range b.logs[kind].keys {
		e, ok := p.streams[kind].find(string(b.term(key)))
		if ok && (!doubtful || kind == words || p.holds(kind, e, n)) {
			p.gone[kind][e.number]++
		}
	}
}

func (p *part) holds(kind int, e entry, n uint32) bool {
	var l list
	var b block
	l.open(p.streams[kind].postings[e.at:], e.docs, codecs[kind].usual)
	for i := range l.blocks() {
		if !l.isShort() && l.last[i] < n {
			continue
		}
		l.readDocs(i, &b)
		return slices.Contains(b.docs[:b.n], n)
	}
	return false
}

// view returns what is published, after publishing what was collected unless a
// writer is at work: a reader never waits for one.
func (x *Index) view() *state {
	if x.dirty.Load() && x.write.TryLock() {
		_ = x.flush(false) // an error leaves the old state, which is sound
		x.write.Unlock()
	}
	return x.state.Load()
}

// flush publishes what was collected, and merges small segments if asked.
func (x *Index) flush(merging bool) error {
	g := x.gloss()
	next := &state{parts: slices.Clone(x.state.Load().parts)}
	for i, p := range next.parts {
		if d := x.deletes[p]; d != nil && len(d.docs) > 0 {
			next.parts[i] = p.without(d.docs, g)
		}
	}
	clear(x.deletes)
	for rank, b := range x.pending {
		if b == nil {
			continue
		}
		x.pending[rank] = nil
		s, err := b.segment(versionOf(g))
		if err != nil {
			return err
		}
		next.parts = append(next.parts, newPart(s))
	}
	next.parts = slices.DeleteFunc(next.parts, func(p *part) bool { return p.live == 0 })
	x.state.Store(next)
	x.dirty.Store(false)
	if merging || len(next.parts) > tooMany {
		return x.mergeSmall()
	}
	return nil
}

const (
	mergeAt  = 8       // segments of one size that become one
	tooMany  = 24      // segments at which a reader merges too
	maxBytes = 1 << 30 // of texts in a merged segment
)

// mergeSmall merges segments until no level has eight of one size, and
// rewrites those that are more than a quarter deleted.
func (x *Index) mergeSmall() error {
	for {
		group := due(x.state.Load().parts)
		if group == nil {
			return nil
		}
		if err := x.replace(group); err != nil {
			return err
		}
	}
}

// replace publishes one segment in place of a group.
func (x *Index) replace(group []*part) error {
	s, err := merge(group)
	if err != nil {
		return err
	}
	parts := slices.DeleteFunc(slices.Clone(x.state.Load().parts), func(p *part) bool { return slices.Contains(group, p) })
	if s.n > 0 {
		parts = append(parts, newPart(s))
	}
	x.state.Store(&state{parts})
	return nil
}

// due returns the segments that should be merged next, nil for none.
func due(parts []*part) []*part {
	sizes := map[[2]int][]*part{}
	for _, p := range parts {
		if p.live*4 < p.n*3 {
			return []*part{p}
		}
		if len(p.texts) > maxBytes/mergeAt {
			continue
		}
		key := [2]int{p.rank, tier(p.live)}
		sizes[key] = append(sizes[key], p)
		if len(sizes[key]) == mergeAt {
			return sizes[key]
		}
	}
	return nil
}

// tier is the size class of a segment: the power of eight.
func tier(n int) int {
	t := 0
	for n >= 64 {
		n /= 8
		t++
	}
	return t
}

// Compact merges all segments of a level into one, as far as its texts fit
// into one, and drops what was deleted. Searches go on meanwhile.
func (x *Index) Compact() error {
	x.write.Lock()
	defer x.write.Unlock()
	if err := x.flush(false); err != nil {
		return err
	}
	for rank := range levels {
		var group []*part
		size := 0
		for _, p := range x.state.Load().parts {
			if p.rank == rank && size+len(p.texts) <= maxBytes {
				group, size = append(group, p), size+len(p.texts)
			}
		}
		if len(group) > 1 || len(group) == 1 && group[0].dead != nil {
			if err := x.replace(group); err != nil {
				return err
			}
		}
	}
	return nil
}
