package transfer

import (
	"context"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
)

// save writes one record by hand: a new one (Version 0), or one that the viewer
// reads and whose stored version is still the one given.
func save[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], v level.Viewer, by change.Author, row T) (T, error) {
	c := P(&row).common()
	if c.ID == "" && c.Key == "" {
		c.ID = db.NewID(t.word)
		c.Key = c.ID
	}
	if list := prepare[T, P](&row); len(list) > 0 {
		var none T
		return none, list
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		now := row // a repeated transaction starts from the same row
		return saveIn[T, P](ctx, tx, t, v, by, now)
	})
	if err != nil {
		var none T
		return none, err
	}
	rows, err := shown[T, P](ctx, s, t, []string{c.ID}) // the writer sees what he has written
	return rows[c.ID], err
}

// saveIn writes a prepared row in a transaction that holds the log.
func saveIn[T any, P record[T]](ctx context.Context, tx *db.Tx, t *shelf[T], v level.Viewer, by change.Author, row T) error {
	p, err := revise[T, P](ctx, tx, t, v, &row)
	if err != nil {
		return err
	}
	if list := P(&row).settle(p.before, today(tx.Now())); len(list) > 0 {
		return list
	}
	if p.before != nil {
		if same[T, P](*p.before, row) {
			return nil
		}
		if err := mayMove(P(p.before).common().Status, P(&row).common().Status); err != nil {
			return err
		}
	}
	bad, err := vet[T, P](ctx, tx, t, []T{row})
	if err != nil {
		return err
	}
	if bad[0] != nil {
		return bad[0]
	}
	return commit[T, P](ctx, tx, by, t, "", []pair[T]{p})
}

// revise finds what row replaces and checks its version. What the viewer does
// not read is not there.
func revise[T any, P record[T]](ctx context.Context, tx *db.Tx, t *shelf[T], v level.Viewer, row *T) (pair[T], error) {
	c := P(row).common()
	found, err := t.load(ctx, tx, []string{c.ID})
	if err != nil {
		return pair[T]{}, err
	}
	old, exists := found[c.ID]
	if exists {
		if exists, err = readable(ctx, tx, t.word, v, c.ID); err != nil {
			return pair[T]{}, err
		}
	}
	switch {
	case !exists && c.Version == 0 && len(found) == 0:
		c.BatchID, c.CreatedAt = "", db.Time{}
		return pair[T]{after: row}, nil
	case c.Version == 0 && len(found) > 0: // of a hidden one too: its key is taken
		return pair[T]{}, errs.New(errs.Conflict, "transfer.key_taken", errs.A{"value": c.Key}).At("/key")
	case !exists:
		return pair[T]{}, notFound(c.ID)
	}
	if err := fresh(P(&old).common(), c.Version); err != nil {
		return pair[T]{}, err
	}
	c.BatchID = P(&old).common().BatchID
	return pair[T]{before: &old, after: row}, nil
}

// readable reports whether the viewer reads a record, inside a transaction.
func readable(ctx context.Context, q db.Querier, word string, v level.Viewer, id string) (bool, error) {
	var w where
	guard(&w, "t", word, v)
	w.add("t.id = ?", id)
	_, ok, err := db.Value[string](ctx, q, "SELECT t.id FROM "+word+" t"+w.String(), w.args...)
	return ok, err
}

// fresh checks the version that a writer has seen. The refusal says who saved
// meanwhile, and when, so that both texts can be laid side by side.
func fresh(c *Common, seen int64) error {
	if c.Version != seen {
		return errs.New(errs.Precondition, "transfer.stale", errs.A{"version": c.Version, "who": c.UpdatedBy, "at": c.UpdatedAt.UTC().Format(time.RFC3339), "id": c.ID})
	}
	return nil
}
