package ledger

import (
	"context"
	"sync"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Poster gathers the calls of many goroutines into one database transaction at
// a time. While one batch is made durable the next gathers: one caller alone
// waits for nobody, a thousand share an fsync. Each call is answered after the
// commit, and decided by itself: one that is refused does not touch the others
// of its batch.
//
// A caller whose context ends first is told so without knowing whether it was
// posted; the same call again, under the same key, tells.
//
// It is for callers with nothing else to write. Who has a record to change with
// the posting uses Ledger.Post in the transaction of that record.
type Poster struct {
	d     *db.DB
	queue chan *wish
	stop  chan struct{}
	done  chan struct{}
	once  sync.Once
}

// wish is one call on its way to a batch.
type wish struct {
	by    change.Author
	c     command
	acts  []*Act
	err   error
	ended chan struct{}
}

// maxBatch bounds the calls of one database transaction.
const maxBatch = 512

// NewPoster starts a poster over a database. Close stops it.
func NewPoster(d *db.DB) *Poster {
	p := &Poster{d: d, queue: make(chan *wish, maxBatch), stop: make(chan struct{}), done: make(chan struct{})}
	go p.work()
	return p
}

// Close posts what has been handed in, and refuses what comes later.
func (p *Poster) Close() {
	p.once.Do(func() { close(p.stop) })
	<-p.done
}

// Post is Ledger.Post in a transaction shared with other callers.
func (p *Poster) Post(ctx context.Context, by change.Author, group ...Transaction) ([]Entry, error) {
	if len(group) > maxGroup {
		return nil, errs.New(errs.TooLarge, "ledger.too_many_transactions", errs.A{"limit": maxGroup})
	}
	return p.ask(ctx, by, postCommand{group})
}

// Reserve is Ledger.Reserve in a shared transaction.
func (p *Poster) Reserve(ctx context.Context, by change.Author, h Hold) error {
	_, err := p.ask(ctx, by, reserveCommand{h})
	return err
}

// Settle is Ledger.Settle in a shared transaction.
func (p *Poster) Settle(ctx context.Context, by change.Author, s Settlement) ([]Entry, error) {
	return p.ask(ctx, by, settleCommand{s})
}

// Void is Ledger.Void in a shared transaction.
func (p *Poster) Void(ctx context.Context, by change.Author, r Release) error {
	_, err := p.ask(ctx, by, voidCommand{r})
	return err
}

func (p *Poster) ask(ctx context.Context, by change.Author, c command) ([]Entry, error) {
	w := &wish{by: by, c: c, ended: make(chan struct{})}
	closed := errs.New(errs.Unavailable, "ledger.poster_closed")
	select {
	case <-p.stop:
		return nil, closed
	default:
	}
	select {
	case p.queue <- w:
	case <-p.stop:
		return nil, closed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-w.ended:
		return entriesOf(w.acts), w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-p.done: // it was handed in too late to be seen
		select {
		case <-w.ended:
			return entriesOf(w.acts), w.err
		default:
			return nil, closed
		}
	}
}

func (p *Poster) work() {
	defer close(p.done)
	for {
		select {
		case w := <-p.queue:
			p.batch(p.gather(w))
		case <-p.stop:
			for {
				select {
				case w := <-p.queue:
					p.batch(p.gather(w))
				default:
					return
				}
			}
		}
	}
}

// gather takes what has come in by now.
func (p *Poster) gather(first *wish) []*wish {
	batch := []*wish{first}
	for len(batch) < maxBatch {
		select {
		case w := <-p.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// batch decides and writes calls in one transaction. Callers that left do not
// end it, so it has no context of theirs.
func (p *Poster) batch(batch []*wish) {
	ctx := context.Background()
	err := p.d.InTx(ctx, func(tx *db.Tx) error {
		commands := make([]command, len(batch))
		for i, w := range batch {
			commands[i] = w.c
		}
		s, err := load(ctx, tx, commands...)
		if err != nil {
			return err
		}
		for _, w := range batch {
			w.acts, w.err = s.apply(w.c, stamp{w.by, tx.Now()})
		}
		return s.save(ctx, tx, authorOf(batch))
	})
	for _, w := range batch {
		if err != nil {
			w.acts, w.err = nil, err
		}
		close(w.ended)
	}
}

// authorOf signs the change log's line for a batch: the one author of all its
// calls, or the poster. Each act names its own.
func authorOf(batch []*wish) change.Author {
	for _, w := range batch[1:] {
		if w.by != batch[0].by {
			return change.Author{Actor: "ledger"}
		}
	}
	return batch[0].by
}
