package ingest

import (
	"context"
	"hash/maphash"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

// item is one row on its way from the reader to the writer.
type item struct {
	number int64
	id     string              // what the row's record is known by within the run
	cells  []string            // as read, for the file of rejected rows
	fault  error               // an *errs.Error or errs.List: the row is rejected
	record any                 // registry.Org, observatory.Reported, source.Source, …
	also   []registry.Relation // that the row states besides
	key    string              // the row's own key, to be noted with the record's id
	same   bool                // changes nothing: it repeats an earlier row word for word, or was left open
}

// chunkRows is how many rows are written together.
const chunkRows = 2000

// feed collects items into chunks for the writer.
type feed struct {
	ctx   context.Context
	out   chan<- []*item
	chunk []*item
	seen  map[uint64]seenRow
}

type seenRow struct {
	number int64
	text   uint64 // hash of the row as read
}

// feedSeed makes the hashes of a process unforeseeable: a file cannot be made
// to collide.
var feedSeed = maphash.MakeSeed()

// emit hands an item on. The second of two rows for one record is dropped when
// it says the same, and rejected otherwise: which of them is right is for the
// sender to say.
func (f *feed) emit(it *item, id string) error {
	it.id = id
	if id != "" && it.fault == nil {
		key, text := maphash.String(feedSeed, id), maphash.String(feedSeed, strings.Join(it.cells, "\x00"))
		if first, twice := f.seen[key]; !twice {
			f.seen[key] = seenRow{it.number, text}
		} else if first.text == text {
			it.same = true
		} else {
			it.fault = fault("ingest.twice", "", errs.A{"row": it.number, "first": first.number})
		}
	}
	f.chunk = append(f.chunk, it)
	if len(f.chunk) < chunkRows {
		return nil
	}
	return f.flush()
}

func (f *feed) flush() error {
	if len(f.chunk) == 0 {
		return nil
	}
	select {
	case f.out <- f.chunk:
		f.chunk = make([]*item, 0, chunkRows)
		return nil
	case <-f.ctx.Done():
		return f.ctx.Err()
	}
}
