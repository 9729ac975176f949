package transfer

import (
	"context"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
)

// moves says which states may follow each.
var moves = map[Status][]Status{
	Draft:     {Listed, Withdrawn},
	Listed:    {Paused, Withdrawn, Expired, Closed},
	Paused:    {Listed, Withdrawn, Expired, Closed},
	Withdrawn: {Draft, Listed},
	Expired:   {Listed, Withdrawn, Closed},
	Closed:    {Listed, Withdrawn},
}

// Next lists the states that may follow one.
func (s Status) Next() []Status { return slices.Clone(moves[s]) }

func mayMove(from, to Status) error {
	if from == to || slices.Contains(moves[from], to) {
		return nil
	}
	return errs.New(errs.Conflict, "transfer.status_move", errs.A{"from": string(from), "to": string(to), "allowed": strings.Join(texts(moves[from]), ", ")}).At("/status")
}

// SetStatus moves a record of a kind that the viewer reads and that still has
// the version given to another state. Listing one whose last day is over asks
// for Renew instead and is errs.Conflict.
func (s *Service) SetStatus(ctx context.Context, v level.Viewer, by change.Author, word, id string, version int64, to Status) error {
	return s.amend(ctx, v, by, word, id, version, func(c *Common, _ *string, day string) error {
		if err := mayMove(c.Status, to); err != nil {
			return err
		}
		if to == Listed && c.ExpiresOn != "" && c.ExpiresOn < day {
			return errs.New(errs.Conflict, "transfer.renew_first", errs.A{"day": c.ExpiresOn}).At("/status")
		}
		c.Status = to
		return nil
	})
}

// amend changes the common part of one record under its version. fn gets the
// deadline of a need, else nil.
func (s *Service) amend(ctx context.Context, v level.Viewer, by change.Author, word, id string, version int64, fn func(c *Common, deadline *string, day string) error) error {
	switch word {
	case KindResult:
		return amend(ctx, s, results, v, by, id, version, fn)
	case KindNeed:
		return amend(ctx, s, needs, v, by, id, version, fn)
	case KindService:
		return amend(ctx, s, services, v, by, id, version, fn)
	}
	return notFound(word)
}

func amend[T any, P record[T]](ctx context.Context, s *Service, t *shelf[T], v level.Viewer, by change.Author, id string, version int64,
	fn func(c *Common, deadline *string, day string) error) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		found, err := t.load(ctx, tx, []string{id})
		if err != nil {
			return err
		}
		row, exists := found[id]
		if exists {
			if exists, err = readable(ctx, tx, t.word, v, id); err != nil {
				return err
			}
		}
		if !exists {
			return notFound(id)
		}
		before := row
		c := P(&row).common()
		if err := fresh(c, version); err != nil {
			return err
		}
		var deadline *string
		if n, ok := any(&row).(*Need); ok {
			deadline = &n.Deadline
		}
		day := today(tx.Now())
		if err := fn(c, deadline, day); err != nil {
			return err
		}
		if list := P(&row).settle(&before, day); len(list) > 0 {
			return list
		}
		if same[T, P](before, row) {
			return nil
		}
		return commit[T, P](ctx, tx, by, t, "", []pair[T]{{&before, &row}})
	})
}
