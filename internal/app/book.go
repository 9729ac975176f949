package app

import (
	"context"
	"sync"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/source"
)

// book remembers the licence tag of each source: what a source for private use
// holds is found by the staff alone, whatever kind of record it is.
type book struct {
	mu   sync.Mutex
	tags map[string]source.Tag
}

// close narrows the level of a document whose source is for private use.
func (b *book) close(ctx context.Context, q db.Querier, d *document) error {
	if d.source == "" || d.Level.Rank() >= level.Internal.Rank() && d.Level != "" {
		return nil
	}
	tag, err := b.tag(ctx, q, d.source)
	if err == nil && tag == source.Red {
		d.Level = level.Internal
	}
	return err
}

func (b *book) tag(ctx context.Context, q db.Querier, id string) (source.Tag, error) {
	b.mu.Lock()
	tag, known := b.tags[id]
	b.mu.Unlock()
	if known {
		return tag, nil
	}
	s, err := source.Get(ctx, q, id)
	if errs.KindOf(err) == errs.NotFound {
		return "", nil
	}
	if err == nil {
		b.note(s)
	}
	return s.LicenceTag, err
}

// note remembers a source and reports whether its tag is another one than
// before: what it holds must then be indexed anew.
func (b *book) note(s source.Source) (changed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tags == nil {
		b.tags = map[string]source.Tag{}
	}
	old, known := b.tags[s.ID]
	b.tags[s.ID] = s.LicenceTag
	return known && old != s.LicenceTag
}
