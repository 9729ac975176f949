package transfer

import (
	"context"
	"reflect"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// pair is a record before and after a change; one of them may be nil.
type pair[T any] struct{ before, after *T }

// commit writes pairs and their change entries. It gives versions, instants and
// authors; action "" is create, update or delete as the pair says.
func commit[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *shelf[T], action change.Action, pairs []pair[T]) error {
	if len(pairs) == 0 {
		return nil
	}
	var created, updated, removed []T
	entries := make([]change.Entry, len(pairs))
	for i, p := range pairs {
		stamp[T, P](p, by, db.At(tx.Now()))
		var err error
		if entries[i], err = entryOf[T, P](by, t.word, action, p); err != nil {
			return err
		}
		switch {
		case p.after == nil:
			removed = append(removed, *p.before)
		case p.before == nil:
			created = append(created, *p.after)
		default:
			updated = append(updated, *p.after)
		}
	}
	if err := write[T, P](ctx, tx, t, created, ""); err != nil {
		return err
	}
	if err := write[T, P](ctx, tx, t, updated, "ON CONFLICT (id) DO UPDATE SET "+assignments(commonColumns+", "+t.columns)); err != nil {
		return err
	}
	if err := remove[T, P](ctx, tx, t, removed); err != nil {
		return err
	}
	return change.Append(ctx, tx, entries...)
}

func stamp[T any, P record[T]](p pair[T], by change.Author, now db.Time) {
	if p.after == nil {
		return
	}
	c := P(p.after).common()
	c.UpdatedAt, c.UpdatedBy = now, by.Actor
	if p.before == nil {
		if c.CreatedAt.IsZero() { // else it is restored
			c.CreatedAt, c.CreatedBy = now, by.Actor
		}
		c.Version++
		return
	}
	old := P(p.before).common()
	c.CreatedAt, c.CreatedBy, c.Version = old.CreatedAt, old.CreatedBy, old.Version+1
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
	return change.New(by, word, P(one).common().ID, kind, before, after)
}

// same reports whether two records say the same, whoever wrote them when.
func same[T any, P record[T]](a, b T) bool {
	bare[T, P](&a)
	bare[T, P](&b)
	return reflect.DeepEqual(a, b)
}

// bare clears what every write moves; it stands in columns of its own.
func bare[T any, P record[T]](row *T) {
	c := P(row).common()
	c.BatchID, c.Version, c.CreatedAt, c.CreatedBy, c.UpdatedAt, c.UpdatedBy = "", 0, db.Time{}, "", db.Time{}, ""
}

// commonOf is the common part of a record that may be nil.
func commonOf[T any, P interface {
	*T
	common() *Common
}](row P) *Common {
	if row == nil {
		return nil
	}
	return row.common()
}
