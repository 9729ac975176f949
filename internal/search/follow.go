package search

import (
	"context"
	"iter"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// Loader returns the document of a record, and false when the record is gone or
// is not to be found by search.
type Loader func(ctx context.Context, kind, id string) (Doc, bool, error)

// step is how many entries of the log are read at a time.
const step = 500

// CatchUp brings the index to the state of the change log. A call that finds
// another one running waits for it. After an error the entries at fault are
// tried again by the next call.
func (x *Index) CatchUp(ctx context.Context, q db.Querier, load Loader) error {
	x.follow.Lock()
	defer x.follow.Unlock()
	for {
		part, err := change.After(ctx, q, x.seq, step)
		if err != nil || len(part) == 0 {
			return err
		}
		seen := map[[2]string]bool{}
		for _, e := range part {
			if key := [2]string{e.Kind, e.ID}; !seen[key] {
				seen[key] = true
				if err := x.refresh(ctx, load, e.Kind, e.ID); err != nil {
					return err
				}
			}
		}
		x.seq = part[len(part)-1].Seq
	}
}

func (x *Index) refresh(ctx context.Context, load Loader, kind, id string) error {
	d, ok, err := load(ctx, kind, id)
	if err != nil {
		return err
	}
	if !ok {
		x.Delete(kind, id)
		return nil
	}
	d.Kind, d.ID = kind, id
	return x.Put(d)
}

// Rebuild empties the index and fills it with all documents, which the caller
// reads from the rooms; it is quicker than the whole log. The head of the log
// is noted first, so that CatchUp adds what changed meanwhile. After an error
// the index holds a part and CatchUp starts at the beginning of the log.
func (x *Index) Rebuild(ctx context.Context, q db.Querier, all iter.Seq2[Doc, error]) error {
	x.follow.Lock()
	defer x.follow.Unlock()
	head, err := change.Head(ctx, q)
	if err != nil {
		return err
	}
	x.mu.Lock()
	x.clear()
	x.mu.Unlock()
	x.seq = 0
	for d, err := range all {
		if err == nil {
			err = x.Put(d)
		}
		if err != nil {
			return err
		}
	}
	x.seq = head
	return nil
}

// Seq returns the number of the last change entry that the index has handled.
func (x *Index) Seq() int64 {
	x.follow.Lock()
	defer x.follow.Unlock()
	return x.seq
}
