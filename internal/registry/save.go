package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// save writes one record by hand: a new one (Version 0), or one whose stored
// version is still the one given.
func save[T any, P record[T]](ctx context.Context, d *db.DB, by change.Author, t *table[T], row T) (T, error) {
	var saved T
	faults := prepare[T, P](&row)
	m := P(&row).meta()
	if len(faults) > 0 {
		return saved, faults.Err()
	}
	if *m.id == "" {
		*m.id = db.NewID(t.word)
	}
	err := d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		now := row // a repeated transaction starts from the same row
		p, err := revise[T, P](ctx, tx, t, &now)
		if err != nil {
			return err
		}
		if p.before != nil && same[T, P](*p.before, *p.after) {
			saved = *p.before
			return nil
		}
		if err := refuse[T, P](ctx, tx, t, now); err != nil {
			return err
		}
		err = commit[T, P](ctx, tx, by, t, "", []pair[T]{p})
		saved = now
		return err
	})
	return saved, err
}

func refuse[T any, P record[T]](ctx context.Context, q db.Querier, t *table[T], row T) error {
	bad, err := vet[T, P](ctx, q, t, []T{row})
	if err != nil {
		return err
	}
	return bad[0]
}

// revise finds what row replaces and checks its version.
func revise[T any, P record[T]](ctx context.Context, q db.Querier, t *table[T], row *T) (pair[T], error) {
	m := P(row).meta()
	found, err := t.load(ctx, q, []string{*m.id})
	if err != nil {
		return pair[T]{}, err
	}
	old, exists := found[*m.id]
	switch {
	case !exists && *m.version == 0:
		*m.batch, *m.created = "", db.Time{}
		return pair[T]{after: row}, nil
	case !exists:
		return pair[T]{}, notFound(*m.id)
	case *m.version == 0:
		return pair[T]{}, errs.New(errs.Conflict, "errs.duplicate", errs.A{"what": *m.id})
	}
	if err := fresh(*P(&old).meta().version, *m.version); err != nil {
		return pair[T]{}, err
	}
	if t.inherit != nil {
		t.inherit(row, old)
	}
	*m.batch = *P(&old).meta().batch
	return pair[T]{before: &old, after: row}, nil
}

// fresh checks the version that a writer has seen.
func fresh(stored, seen int64) error {
	if stored != seen {
		return errs.New(errs.Precondition, "errs.stale", errs.A{"version": stored})
	}
	return nil
}

func notFound(what string) error {
	return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": what})
}
