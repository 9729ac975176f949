package match

import (
	"sync"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
)

// cards holds what match knows of every record, in memory. A card is never
// changed once it is in: a reader may keep its pointer.
type cards struct {
	mu    sync.RWMutex
	slots []*Card // by slot, which is also the key of its vector; nil when free
	at    map[Key]int
	free  []int
}

func newCards() *cards { return &cards{at: map[Key]int{}} }

// put stores a card and returns its slot.
func (s *cards) put(c *Card) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot, known := s.at[c.Key]
	if !known {
		if n := len(s.free); n > 0 {
			slot, s.free = s.free[n-1], s.free[:n-1]
		} else {
			slot = len(s.slots)
			s.slots = append(s.slots, nil)
		}
		s.at[c.Key] = slot
	}
	s.slots[slot] = c
	return slot
}

// remove forgets a card and returns the slot that it had.
func (s *cards) remove(key Key) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot, known := s.at[key]
	if known {
		delete(s.at, key)
		s.slots[slot] = nil
		s.free = append(s.free, slot)
	}
	return slot, known
}

func (s *cards) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slots, s.free, s.at = nil, nil, map[Key]int{}
}

// get returns the card of a record that the viewer sees.
func (s *cards) get(v level.Viewer, key Key) (*Card, int, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	slot, ok := s.at[key]
	if !ok || !sees(v, s.slots[slot]) {
		return nil, 0, false
	}
	return s.slots[slot], slot, true
}

// each calls fn with those candidates that the viewer sees.
func (s *cards) each(v level.Viewer, list []search.Candidate, fn func(c search.Candidate, card *Card, slot int)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range list {
		if slot, ok := s.at[Key{Kind: c.Kind, ID: c.ID}]; ok && sees(v, s.slots[slot]) {
			fn(c, s.slots[slot], slot)
		}
	}
}

// anyone returns the card of a record, whoever may see it: for what is told to
// nobody before somebody's own view has been asked.
func (s *cards) anyone(key Key) (*Card, int, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	slot, ok := s.at[key]
	if !ok {
		return nil, 0, false
	}
	return s.slots[slot], slot, true
}

// bySlot returns the card in a slot, nil when the viewer does not see it.
func (s *cards) bySlot(v level.Viewer, slot int) *Card {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if slot >= len(s.slots) || s.slots[slot] == nil || !sees(v, s.slots[slot]) {
		return nil
	}
	return s.slots[slot]
}

// of lists all cards of one kind.
func (s *cards) of(kind string) []*Card {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*Card
	for _, c := range s.slots {
		if c != nil && c.Kind == kind {
			out = append(out, c)
		}
	}
	return out
}

func (s *cards) len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.at)
}

// sees has the one rule of visibility, with search: no level is public.
func sees(v level.Viewer, c *Card) bool {
	return c.Level == "" || v.Sees(c.Level, c.Readers)
}

// textOf is the whole text of a document, as it is asked with and encoded.
func textOf(d search.Doc) string {
	out := d.Title.ZH
	for _, s := range []string{d.Title.EN, d.Body} {
		if s != "" && out != "" {
			out += "\n"
		}
		out += s
	}
	return out
}
