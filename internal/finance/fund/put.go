package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// PutEvents writes events from an import in the caller's transaction, in their
// order. One that is at fault, or that the state of its fund forbids, is
// rejected with the reason and leaves nothing behind; the others are written.
func (s *Service) PutEvents(ctx context.Context, tx *db.Tx, by change.Author, events []Event) ([]registry.Outcome, error) {
	out := make([]registry.Outcome, len(events))
	for i, e := range events {
		if _, err := tx.Exec(ctx, "SAVEPOINT fund_put"); err != nil {
			return nil, err
		}
		r, err := s.RecordIn(ctx, tx, level.Program, by, e)
		out[i] = registry.Outcome{ID: r.ID, Result: registry.Created}
		switch {
		case err == nil && r.Repeated:
			out[i].Result = registry.Unchanged
		case err != nil && (errs.KindOf(err) == errs.Internal || errs.KindOf(err) == errs.Unavailable):
			return nil, err
		case err != nil:
			out[i] = registry.Outcome{Result: registry.Rejected, Err: err}
			if _, err := tx.Exec(ctx, "ROLLBACK TO SAVEPOINT fund_put"); err != nil {
				return nil, err
			}
		}
		if _, err := tx.Exec(ctx, "RELEASE SAVEPOINT fund_put"); err != nil {
			return nil, err
		}
	}
	return out, nil
}
