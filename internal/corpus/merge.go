package corpus

import (
	"errors"
	"io"
)

// merger walks the entries of all parts in the order of works, the version that
// counts before the others of its id.
type merger struct {
	heap []*partReader
}

// mergeMemory is what all the blocks of one merger may take.
const mergeMemory = 96 << 20

func newMerger(parts []*part) (*merger, error) {
	m := &merger{}
	block := min(max(mergeMemory/max(1, len(parts)), 32<<10), 1<<20)
	for i, p := range parts {
		r := &partReader{part: p, order: i, block: block}
		if err := r.next(); errors.Is(err, io.EOF) {
			continue
		} else if err != nil {
			return nil, err
		}
		m.heap = append(m.heap, r)
	}
	for i := len(m.heap)/2 - 1; i >= 0; i-- {
		m.down(i)
	}
	return m, nil
}

// top is the present entry, nil after the last.
func (m *merger) top() *partReader {
	if len(m.heap) == 0 {
		return nil
	}
	return m.heap[0]
}

// next moves on.
func (m *merger) next() error {
	err := m.heap[0].next()
	if errors.Is(err, io.EOF) {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
		err = nil
	}
	m.down(0)
	return err
}

func (m *merger) less(a, b *partReader) bool {
	if c := newerFirst(&a.entry, &b.entry); c != 0 {
		return c < 0
	}
	return a.order > b.order
}

func (m *merger) down(i int) {
	h := m.heap
	for {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && m.less(h[c+1], h[c]) {
			c++
		}
		if !m.less(h[c], h[i]) {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}

// walk calls keep with each work that is to be in the corpus, and drop with
// every other entry and the fault that keeps it out. deleted is in order. A
// slice given to keep is good until keep returns.
func walk(parts []*part, deleted []int64, keep func(e *entry, data []byte) error, drop func(fault string, r *partReader)) error {
	m, err := newMerger(parts)
	if err != nil {
		return err
	}
	last, updated, first := int64(0), int32(0), true
	for r := m.top(); r != nil; r = m.top() {
		e := &r.entry
		switch {
		case !first && e.id == last && e.updated == updated:
			drop(faultDuplicate, r)
		case !first && e.id == last:
			drop(faultOlder, r)
		default:
			first, last, updated = false, e.id, e.updated
			for len(deleted) > 0 && deleted[0] < e.id {
				deleted = deleted[1:]
			}
			if len(deleted) > 0 && deleted[0] == e.id {
				drop(faultDeleted, r)
			} else if err := keep(e, r.data); err != nil {
				return err
			}
		}
		if err := m.next(); err != nil {
			return err
		}
	}
	return nil
}
