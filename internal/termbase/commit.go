package termbase

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// pair is a term before and after a change; one of them may be nil.
type pair struct{ before, after *Term }

// commit writes changes with their entries in the log; action "" is create,
// update or delete as the pair says.
func commit(ctx context.Context, tx *db.Tx, by change.Author, action change.Action, pairs []pair) error {
	var entries []change.Entry
	var written []Term
	for _, p := range pairs {
		e, err := p.entry(tx, by, action)
		if err != nil {
			return err
		}
		entries = append(entries, e)
		if p.after == nil {
			if err := remove(ctx, tx, p.before.ID); err != nil {
				return err
			}
			continue
		}
		written = append(written, *p.after)
	}
	if len(written) > 0 {
		if err := store(ctx, tx, written); err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return nil
	}
	return change.Append(ctx, tx, entries...)
}

// entry stamps the term and makes the entry of its change.
func (p pair) entry(tx *db.Tx, by change.Author, action change.Action) (change.Entry, error) {
	now := db.At(tx.Now())
	switch {
	case p.before == nil:
		p.after.Version, p.after.CreatedAt, p.after.UpdatedAt = 1, now, now
		return change.New(by, Kind, p.after.ID, cmp.Or(action, change.Create), nil, p.after)
	case p.after == nil:
		return change.New(by, Kind, p.before.ID, cmp.Or(action, change.Delete), p.before, nil)
	}
	p.after.Version, p.after.CreatedAt, p.after.UpdatedAt = p.before.Version+1, p.before.CreatedAt, now
	return change.New(by, Kind, p.after.ID, cmp.Or(action, change.Update), p.before, p.after)
}

// Undo puts back what one entry of the change log had changed. A term that has
// changed since, or whose earlier forms another one holds by now, is
// errs.Conflict.
func Undo(ctx context.Context, tx *db.Tx, by change.Author, e change.Entry) error {
	found, err := load(ctx, tx, "id", []string{e.ID})
	if err != nil {
		return err
	}
	before, after, err := states(e)
	if err != nil {
		return fmt.Errorf("undo change %d: %w", e.Seq, err)
	}
	if (len(found) == 1) != (after != nil) || after != nil && !found[0].same(after) {
		return errs.New(errs.Conflict, "termbase.changed_since", errs.A{"id": e.ID})
	}
	p := pair{after: before}
	if after != nil {
		p.before = &found[0]
	}
	if before != nil {
		if err := refuseHeld(ctx, tx, before); err != nil {
			return err
		}
	}
	return commit(ctx, tx, by, change.Undo, []pair{p})
}

func states(e change.Entry) (before, after *Term, err error) {
	if e.Kind != Kind {
		return nil, nil, errs.New(errs.Invalid, "termbase.undo_kind", errs.A{"kind": e.Kind})
	}
	for _, s := range []struct {
		raw json.RawMessage
		to  **Term
	}{{e.Before, &before}, {e.After, &after}} {
		if len(s.raw) > 0 {
			*s.to = new(Term)
			if err := json.Unmarshal(s.raw, *s.to); err != nil {
				return nil, nil, err
			}
		}
	}
	return before, after, nil
}

// refuseHeld refuses an active term of which another one holds a form.
func refuseHeld(ctx context.Context, q db.Querier, t *Term) error {
	if t.State != Active {
		return nil
	}
	held, err := holders(ctx, q, t.forms())
	if err != nil {
		return err
	}
	for n, form := range t.forms() {
		id := held[form]
		if id == "" || id == t.ID {
			continue
		}
		others, err := load(ctx, q, "id", []string{id})
		if err != nil || len(others) == 0 {
			return err
		}
		return taken(t, n, others[0].ZH, mutual(t, &others[0]))
	}
	return nil
}

// mutual reports that each of two terms stands among the other's forms.
func mutual(t, other *Term) bool {
	return contains(t.forms(), other.ZH) && contains(other.forms(), t.ZH)
}
