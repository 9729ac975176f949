package casework

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Verify recomputes the chain of one case and replays its events. A case whose
// events were altered, removed or added to, or whose state, data or version are
// not what its events make, is errs.Conflict with the first number at fault.
func Verify(ctx context.Context, q db.Querier, id string) error {
	c, err := Get(ctx, q, id)
	if err != nil {
		return err
	}
	r := Case{ID: id}
	for {
		events, err := Events(ctx, q, id, r.Version, maxLimit)
		if err != nil {
			return err
		}
		for i := range events {
			e := &events[i]
			if e.Seq != r.Version+1 || e.From != r.State || e.Hash != e.hash(r.Head) {
				return broken(id, r.Version+1)
			}
			r.replay(e)
		}
		if len(events) == 0 {
			break
		}
	}
	if c.Version != r.Version || c.State != r.State || c.Head != r.Head || string(c.Data) != string(r.Data) || c.KindVersion != r.KindVersion || c.EnteredAt != r.EnteredAt {
		return broken(id, r.Version+1)
	}
	return nil
}

// replay makes of a case what an event did to it.
func (c *Case) replay(e *Event) {
	if e.To != c.State && e.Action != ActionMigrate {
		c.EnteredAt = e.At
	}
	c.State, c.Version, c.Head, c.KindVersion = e.To, e.Seq, e.Hash, e.KindVersion
	if e.Data != nil {
		c.Data = e.Data
	}
}

func broken(id string, seq int64) error {
	return errs.New(errs.Conflict, "casework.broken_chain", errs.A{"case": id, "seq": seq})
}

// VerifyAll verifies every case and returns how many there are. It stops at the
// first that is broken.
func VerifyAll(ctx context.Context, q db.Querier) (int64, error) {
	var n int64
	for after := ""; ; {
		ids, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM casework_case WHERE id > $1 ORDER BY id LIMIT $2", after, maxLimit)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			if err := Verify(ctx, q, id); err != nil {
				return n, err
			}
			n, after = n+1, id
		}
	}
}
