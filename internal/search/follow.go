package search

import (
	"context"
	"iter"
	"sync"

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
		if err != nil {
			return err
		}
		if len(part) == 0 {
			return x.publish()
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

// publish makes what was collected a segment, so that every search from now on
// finds it, whoever writes meanwhile.
func (x *Index) publish() error {
	if !x.dirty.Load() {
		return nil
	}
	x.write.Lock()
	defer x.write.Unlock()
	return x.flush(true)
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

// Rebuild fills the index anew with all documents, which the caller reads from
// the rooms; it is quicker than the whole log, and brings every document
// through the present glosser. The head of the log is noted first, so that
// CatchUp adds what changed meanwhile. Until it is done searches are answered
// from what the index held before, and after an error that stays.
func (x *Index) Rebuild(ctx context.Context, q db.Querier, all iter.Seq2[Doc, error]) error {
	x.follow.Lock()
	defer x.follow.Unlock()
	head, err := change.Head(ctx, q)
	if err != nil {
		return err
	}
	next := New(FlushAt(x.flushAt))
	next.SetGlosser(x.gloss())
	if err := next.fill(all); err != nil {
		return err
	}
	x.take(next)
	x.seq = head
	return nil
}

// take gives x what another index holds.
func (x *Index) take(next *Index) {
	x.write.Lock()
	defer x.write.Unlock()
	x.pending, x.kinds = next.pending, next.kinds
	clear(x.deletes)
	x.live.Store(next.live.Load())
	x.state.Store(next.state.Load())
	x.dirty.Store(false)
}

const (
	fillers   = 2  // documents are cut and sorted by so many at once
	fillBatch = 64 // documents handed over at a time
)

// fill puts documents into an empty index, with several at work; documents of
// one key go to the same one, so that the last of them wins.
func (x *Index) fill(all iter.Seq2[Doc, error]) error {
	parts := NewSharded(fillers, FlushAt(x.flushAt/fillers))
	parts.SetGlosser(x.gloss())
	var work errgroup
	feeds := make([]feed, fillers)
	for i, s := range parts.shards {
		feeds[i].out = make(chan []Doc, 4)
		work.run(func() error { return s.drain(feeds[i].out) })
	}
	err := distribute(all, func(d Doc) bool { return feeds[parts.at(d.Kind, d.ID)].put(d) && !work.failed() })
	for i := range feeds {
		feeds[i].close()
	}
	if err2 := work.wait(); err == nil {
		err = err2
	}
	if err != nil {
		return err
	}
	next := &state{}
	for _, s := range parts.shards {
		next.parts = append(next.parts, s.state.Load().parts...)
		for k := range s.kinds {
			x.kinds[k] = true
		}
	}
	x.live.Store(int64(parts.Len()))
	x.state.Store(next)
	return x.Compact()
}

func distribute(all iter.Seq2[Doc, error], put func(Doc) bool) error {
	for d, err := range all {
		if err != nil {
			return err
		}
		if !put(d) {
			return nil // a filler failed and says why
		}
	}
	return nil
}

// feed hands documents over in batches.
type feed struct {
	out   chan []Doc
	batch []Doc
}

func (f *feed) put(d Doc) bool {
	if f.batch = append(f.batch, d); len(f.batch) == fillBatch {
		f.out <- f.batch
		f.batch = make([]Doc, 0, fillBatch)
	}
	return true
}

func (f *feed) close() {
	f.out <- f.batch
	close(f.out)
}

// drain puts what comes. After an error it goes on reading, so that nobody
// waits for it.
func (x *Index) drain(in <-chan []Doc) error {
	var failed error
	for batch := range in {
		for _, d := range batch {
			if failed == nil {
				failed = x.Put(d)
			}
		}
	}
	x.write.Lock()
	defer x.write.Unlock()
	if failed == nil {
		failed = x.flush(false)
	}
	return failed
}

// errgroup waits for several functions and keeps the first error.
type errgroup struct {
	wg  sync.WaitGroup
	mu  sync.Mutex
	err error
}

func (g *errgroup) run(fn func() error) {
	g.wg.Go(func() {
		if err := fn(); err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.err == nil {
				g.err = err
			}
		}
	})
}

func (g *errgroup) failed() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err != nil
}

func (g *errgroup) wait() error {
	g.wg.Wait()
	return g.err
}

// Seq returns the number of the last change entry that the index has handled.
func (x *Index) Seq() int64 {
	x.follow.Lock()
	defer x.follow.Unlock()
	return x.seq
}
