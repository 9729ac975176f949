package change

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// Hold makes the transaction wait for its turn to append, and keeps others from
// appending until it ends. A writer that reads a record, compares its version
// and replaces it holds the log first: on PostgreSQL two could otherwise read
// the same version, and the edit of one would be lost.
func Hold(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE change_head SET hash = hash WHERE id = 1")
	return err
}
