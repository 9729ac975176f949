package web

import (
	"net/url"
	"sync"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/registry"
)

// tallies keeps the counts of lists, so that leafing through one counts only
// once. They hold as long as the change log stands still and the day lasts:
// whatever may change a count, or who may see a record, is in the log.
type tallies struct {
	mu   sync.Mutex
	seq  int64
	day  string
	kept map[string]registry.Facets
}

// mostTallies bounds what is kept.
const mostTallies = 256

// find returns what is kept under a key for a state of the log.
func (t *tallies) find(seq int64, day, key string) (registry.Facets, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seq != seq || t.day != day || len(t.kept) >= mostTallies {
		t.seq, t.day, t.kept = seq, day, map[string]registry.Facets{}
	}
	got, ok := t.kept[key]
	return got, ok
}

func (t *tallies) keep(seq int64, day, key string, f registry.Facets) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.seq == seq && t.day == day {
		t.kept[key] = f
	}
}

// tally counts a list by its fields, for the reader. The counts are shared:
// nobody may change them.
func (m *fair) tally(b stall, q url.Values) (registry.Facets, error) {
	seq, err := change.Head(m.ctx, m.s.svc.DB)
	if err != nil {
		return nil, err
	}
	narrow := url.Values{}
	for _, name := range narrowing {
		if v := q.Get(name); v != "" {
			narrow.Set(name, v)
		}
	}
	key := b.kind() + "\x00" + m.viewer.User + "\x00" + string(m.viewer.Clearance) + "\x00" + narrow.Encode()
	if got, ok := m.s.tallies.find(seq, m.today, key); ok {
		return got, nil
	}
	got, err := b.facets(m, q)
	if err == nil {
		m.s.tallies.keep(seq, m.today, key, got)
	}
	return got, err
}
