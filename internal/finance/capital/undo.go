package capital

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// UndoAll takes back entries of the room's records in the caller's transaction,
// in the order given, which must be newest first (as change.OfBatch returns
// them). A record that has changed since is errs.Conflict. With a batch of
// listings go the steps that it brought.
func (s *Service) UndoAll(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error {
	if err := change.Hold(ctx, tx); err != nil {
		return err
	}
	registers := map[string]interface {
		undo(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error
	}{KindRound: s.Rounds, KindAcquisition: s.Acquisitions, KindListing: s.Listings, KindContest: s.Contests, KindGuarantee: s.Guarantees, KindPremium: s.Premiums}
	for len(entries) > 0 {
		n := run(entries)
		r, ok := registers[entries[0].Kind]
		if !ok {
			return errs.New(errs.Invalid, "capital.undo_kind", errs.A{"kind": clip(entries[0].Kind)})
		}
		if err := r.undo(ctx, tx, by, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// run returns how many entries from the first on are of one kind and of
// different records.
func run(entries []change.Entry) int {
	seen := map[string]bool{}
	for i, e := range entries {
		if e.Kind != entries[0].Kind || seen[e.ID] || i == putStep {
			return i
		}
		seen[e.ID] = true
	}
	return len(entries)
}

func (r *Register[T]) undo(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	var w where
	w.in("t.id", ids)
	rows, err := r.read(ctx, tx, w.String(), w.args)
	if err != nil {
		return err
	}
	stored := map[string]*T{}
	for i := range rows {
		stored[of(&rows[i]).common().ID] = &rows[i]
	}
	var gone []string
	var back []*T
	log := make([]change.Entry, len(entries))
	for i, e := range entries {
		p, err := reversal(stored[e.ID], e)
		if err != nil {
			return err
		}
		after := any(nil)
		if p.after == nil {
			gone = append(gone, e.ID)
		} else {
			p.stamp(by, db.At(tx.Now()))
			back, after = append(back, p.after), p.after
		}
		if log[i], err = change.New(by, r.word, e.ID, change.Undo, p.before, after); err != nil {
			return err
		}
	}
	if err := r.remove(ctx, tx, ids, gone); err != nil {
		return err
	}
	if err := r.write(ctx, tx, back, "ON CONFLICT (id) DO UPDATE SET "+assignments(r.all())); err != nil {
		return err
	}
	return change.Append(ctx, tx, log...)
}

// reversal returns the change that takes an entry back, provided that the record
// stands as the entry left it.
func reversal[T any](now *T, e change.Entry) (pair[T], error) {
	before, err := decode[T](e.Before)
	if err != nil {
		return pair[T]{}, fmt.Errorf("undo change %d: %w", e.Seq, err)
	}
	after, err := decode[T](e.After)
	if err != nil {
		return pair[T]{}, fmt.Errorf("undo change %d: %w", e.Seq, err)
	}
	if now == nil || after == nil || !same(*now, *after) {
		return pair[T]{}, errs.New(errs.Conflict, "capital.undo_changed", errs.A{"id": e.ID})
	}
	return pair[T]{before: now, after: before}, nil
}

func decode[T any](raw json.RawMessage) (*T, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	v := new(T)
	return v, json.Unmarshal(raw, v)
}

// remove deletes what is derived from the records ids, and the records gone.
func (r *Register[T]) remove(ctx context.Context, tx *db.Tx, ids, gone []string) error {
	if err := removeSides(ctx, tx, r.word, ids); err != nil {
		return err
	}
	if r.word == KindListing {
		if err := removeIn(ctx, tx, "capital_step", "listing_id", ids); err != nil {
			return err
		}
	}
	return removeIn(ctx, tx, r.table(), "id", gone)
}

func removeIn(ctx context.Context, tx *db.Tx, table, column string, ids []string) error {
	for part := range slices.Chunk(ids, putStep) {
		var w where
		w.in(column, part)
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+w.String(), w.args...); err != nil {
			return err
		}
	}
	return nil
}
