package change

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// Record names a record of the log.
type Record struct{ Kind, ID string }

// ChangedSince returns the records of a batch that have a newer entry of
// another batch or of none, ordered by kind and id. An entry that was undone
// again counts too: whether the record now says what the batch had written is
// for the caller to compare.
func ChangedSince(ctx context.Context, q db.Querier, batchID string) ([]Record, error) {
	return db.Collect(ctx, q, func(s db.Scan) (Record, error) {
		var r Record
		err := s(&r.Kind, &r.ID)
		return r, err
	}, `SELECT b.kind, b.entity_id FROM change b WHERE b.batch_id = $1 AND EXISTS (
		SELECT 1 FROM change c WHERE c.kind = b.kind AND c.entity_id = b.entity_id AND c.seq > b.seq AND c.batch_id <> $1)
		GROUP BY b.kind, b.entity_id ORDER BY b.kind, b.entity_id`, batchID)
}
