package change

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// followStep is how many entries a follower is handed at a time.
const followStep = 1000

// Cursor returns the number of the last entry that the follower name has
// handled, 0 when it has handled none.
func Cursor(ctx context.Context, q db.Querier, name string) (int64, error) {
	seq, _, err := db.Value[int64](ctx, q, "SELECT seq FROM change_cursor WHERE name = $1", name)
	return seq, err
}

// SetCursor records that the follower name has handled all entries up to seq.
// Setting it to 0 makes the follower start from the beginning.
func SetCursor(ctx context.Context, tx *db.Tx, name string, seq int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO change_cursor(name, seq, at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, at = excluded.at`, name, seq, db.At(tx.Now()))
	return err
}

// Follow hands the entries after the cursor of the follower name to fn, part by
// part and oldest first, moving the cursor after each part that fn handled. fn
// may see a part again after a crash and must be idempotent.
func Follow(ctx context.Context, d *db.DB, name string, fn func(part []Entry) error) error {
	seq, err := Cursor(ctx, d, name)
	if err != nil {
		return err
	}
	for {
		part, err := After(ctx, d, seq, followStep)
		if err != nil || len(part) == 0 {
			return err
		}
		if err := fn(part); err != nil {
			return err
		}
		seq = part[len(part)-1].Seq
		if err := d.InTx(ctx, func(tx *db.Tx) error { return SetCursor(ctx, tx, name, seq) }); err != nil {
			return err
		}
	}
}
