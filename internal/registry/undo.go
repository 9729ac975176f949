package registry

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Undo restores what one entry of the change log changed, in the caller's
// transaction. A record that has changed again since is errs.Conflict, as is a
// new one that others refer to by now.
func (s *Service) Undo(ctx context.Context, tx *db.Tx, by change.Author, e change.Entry) error {
	return s.UndoAll(ctx, tx, by, []change.Entry{e})
}

// UndoAll undoes entries in the order given, which must be newest first (as
// change.OfBatch returns them). Neighbours of one kind share their statements.
func (s *Service) UndoAll(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error {
	for len(entries) > 0 {
		n := run(entries)
		if err := undoKind(ctx, tx, by, entries[:n]); err != nil {
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

func undoKind(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error {
	switch kind := entries[0].Kind; kind {
	case KindOrg:
		return undo(ctx, tx, by, orgs, entries)
	case KindRelation:
		return undo(ctx, tx, by, relations, entries)
	case KindPerson:
		return undo(ctx, tx, by, people, entries)
	case KindPlatform:
		return undo(ctx, tx, by, platforms, entries)
	case KindPark:
		return undo(ctx, tx, by, parks, entries)
	case KindPaper:
		return undo(ctx, tx, by, papers, entries)
	case KindDivision:
		return undo(ctx, tx, by, divisions, entries)
	default:
		return errs.New(errs.Invalid, "registry.undo_kind", errs.A{"kind": kind})
	}
}

func undo[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *table[T], entries []change.Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	stored, err := t.load(ctx, tx, ids)
	if err != nil {
		return err
	}
	pairs := make([]pair[T], len(entries))
	for i, e := range entries {
		if pairs[i], err = reversal[T, P](stored, e); err != nil {
			return err
		}
	}
	return commit[T, P](ctx, tx, by, t, change.Undo, pairs)
}

// reversal returns the change that takes an entry back, provided that the
// record stands as the entry left it.
func reversal[T any, P record[T]](stored map[string]T, e change.Entry) (pair[T], error) {
	var p pair[T]
	switch e.Action {
	case change.Create, change.Update, change.Delete, change.Undo:
	default:
		return p, errs.New(errs.Conflict, "registry.undo_action", errs.A{"action": string(e.Action)})
	}
	before, err := decode[T](e.Before)
	if err != nil {
		return p, fmt.Errorf("undo change %d: %w", e.Seq, err)
	}
	after, err := decode[T](e.After)
	if err != nil {
		return p, fmt.Errorf("undo change %d: %w", e.Seq, err)
	}
	now, exists := stored[e.ID]
	if exists != (after != nil) || exists && !same[T, P](now, *after) {
		return p, errs.New(errs.Conflict, "registry.undo_changed", errs.A{"id": e.ID})
	}
	if exists {
		p.before = &now
	}
	p.after = before
	return p, nil
}

func decode[T any](raw json.RawMessage) (*T, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	v := new(T)
	return v, json.Unmarshal(raw, v)
}
