package transfer

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// UndoAll takes back entries of results, needs and services in the caller's
// transaction, in the order given, which must be newest first (as
// change.OfBatch returns them). A record that has changed since is
// errs.Conflict, as is a new one that an introduction or a disclosure names.
func (s *Service) UndoAll(ctx context.Context, tx *db.Tx, by change.Author, entries []change.Entry) error {
	if err := change.Hold(ctx, tx); err != nil {
		return err
	}
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
	case KindResult:
		return undo(ctx, tx, by, results, entries)
	case KindNeed:
		return undo(ctx, tx, by, needs, entries)
	case KindService:
		return undo(ctx, tx, by, services, entries)
	default:
		return errs.New(errs.Invalid, "transfer.undo_kind", errs.A{"kind": kind})
	}
}

func undo[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *shelf[T], entries []change.Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	stored, err := t.load(ctx, tx, ids)
	if err != nil {
		return err
	}
	pairs := make([]pair[T], len(entries))
	var gone []string
	for i, e := range entries {
		if pairs[i], err = reversal[T, P](stored, e); err != nil {
			return err
		}
		if pairs[i].after == nil {
			gone = append(gone, e.ID)
		}
	}
	if err := refuseUsed(ctx, tx, t.word, gone); err != nil {
		return err
	}
	return commit[T, P](ctx, tx, by, t, change.Undo, pairs)
}

// reversal returns the change that takes an entry back, provided that the
// record stands as the entry left it.
func reversal[T any, P record[T]](stored map[string]T, e change.Entry) (pair[T], error) {
	var p pair[T]
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
		return p, errs.New(errs.Conflict, "transfer.undo_changed", errs.A{"id": e.ID})
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

// refuseUsed refuses to remove what others name.
func refuseUsed(ctx context.Context, q db.Querier, word string, ids []string) error {
	for part := range parts(ids) {
		var w where
		marks := blanks(len(part))
		args := append([]any{word}, part...)
		w.add("need_kind = ? AND need_id IN ("+marks+")", args...)
		w.add("offer_kind = ? AND offer_id IN ("+marks+")", args...)
		used, found, err := db.Value[string](ctx, q, "SELECT CASE WHEN need_kind = '"+word+"' THEN need_id ELSE offer_id END FROM introduction WHERE "+w.or()+" LIMIT 1", w.args...)
		if err == nil && !found {
			used, found, err = db.Value[string](ctx, q, "SELECT record_id FROM disclosure WHERE record_id IN ("+db.In(1, len(part))+") LIMIT 1", part...)
		}
		if err != nil {
			return err
		}
		if found {
			return errs.New(errs.Conflict, "transfer.undo_used", errs.A{"id": used})
		}
	}
	return nil
}
