package registry

import (
	"cmp"
	"context"
	"reflect"
	"runtime"
	"sync"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// pair is a record before and after a change; one of them may be nil.
type pair[T any] struct{ before, after *T }

// commit writes pairs and their change entries. It gives versions and instants;
// action "" is create, update or delete as the pair says.
func commit[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *table[T], action change.Action, pairs []pair[T]) error {
	if len(pairs) == 0 {
		return nil
	}
	var created, replaced, updated, removed []T
	for _, p := range pairs {
		stamp[T, P](p, db.At(tx.Now()))
		switch {
		case p.before == nil:
			created = append(created, *p.after)
		case p.after == nil:
			removed = append(removed, *p.before)
		default:
			replaced, updated = append(replaced, *p.before), append(updated, *p.after)
		}
	}
	var fault error
	entries := aside(func() (made []change.Entry) { // beside the database's work
		made, fault = entriesOf[T, P](by, t.word, action, pairs)
		return made
	})
	err := store(ctx, tx, t, created, replaced, updated, removed)
	made := <-entries
	if err = cmp.Or(err, fault); err != nil {
		return err
	}
	return change.Append(ctx, tx, made...)
}

func store[T any](ctx context.Context, tx *db.Tx, t *table[T], created, replaced, updated, removed []T) error {
	if len(created) > 0 {
		if err := t.insert(ctx, tx, created); err != nil {
			return err
		}
	}
	if len(updated) > 0 {
		if err := t.update(ctx, tx, replaced, updated); err != nil {
			return err
		}
	}
	if len(removed) > 0 {
		return t.remove(ctx, tx, removed)
	}
	return nil
}

func stamp[T any, P record[T]](p pair[T], now db.Time) {
	if p.after == nil {
		return
	}
	m := P(p.after).meta()
	*m.updated = now
	if p.before == nil {
		if m.created.IsZero() { // else it is restored
			*m.created = now
		}
		*m.version++
		return
	}
	old := P(p.before).meta()
	*m.created, *m.version = *old.created, *old.version+1
}

func entriesOf[T any, P record[T]](by change.Author, word string, action change.Action, pairs []pair[T]) ([]change.Entry, error) {
	entries := make([]change.Entry, len(pairs))
	faults := make([]error, len(pairs))
	spread(len(pairs), func(i int) {
		entries[i], faults[i] = entryOf[T, P](by, word, action, pairs[i])
	})
	for _, err := range faults {
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func entryOf[T any, P record[T]](by change.Author, word string, action change.Action, p pair[T]) (change.Entry, error) {
	kind, one := change.Update, p.after
	var before, after any
	if p.before == nil {
		kind = change.Create
	} else {
		before = p.before
	}
	if p.after == nil {
		kind, one = change.Delete, p.before
	} else {
		after = p.after
	}
	if action != "" {
		kind = action
	}
	return change.New(by, word, *P(one).meta().id, kind, before, after)
}

// same reports whether two records say the same, whoever wrote them when.
func same[T any, P record[T]](a, b T) bool {
	bare[T, P](&a)
	bare[T, P](&b)
	return reflect.DeepEqual(a, b)
}

func bare[T any, P record[T]](row *T) {
	m := P(row).meta()
	*m.batch, *m.version, *m.created, *m.updated = "", 0, db.Time{}, db.Time{}
}

// aside calls fn on a goroutine of its own. Its result need not be fetched.
func aside[V any](fn func() V) <-chan V {
	done := make(chan V, 1)
	go func() { done <- fn() }()
	return done
}

// spread calls fn(0) … fn(n-1) on all processors.
func spread(n int, fn func(i int)) {
	const step = 64
	if n <= step {
		for i := range n {
			fn(i)
		}
		return
	}
	var wg sync.WaitGroup
	next := make(chan int, n/step+1)
	for i := 0; i < n; i += step {
		next <- i
	}
	close(next)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for from := range next {
				for i := from; i < min(from+step, n); i++ {
					fn(i)
				}
			}
		})
	}
	wg.Wait()
}
