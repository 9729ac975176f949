package change

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// Filter selects entries. Empty fields select nothing away.
type Filter struct {
	Kind  string // of the record
	Actor string
}

// List returns up to limit entries that a filter selects and that precede
// number before (0 for the newest), newest first.
func List(ctx context.Context, q db.Querier, f Filter, before int64, limit int) ([]Entry, error) {
	if before == 0 {
		before = 1 << 62
	}
	return db.Collect(ctx, q, scanEntry, "SELECT "+columns+` FROM change WHERE seq < $1 AND ($2 = '' OR kind = $2) AND ($3 = '' OR actor = $3)
		ORDER BY seq DESC LIMIT $4`, before, f.Kind, f.Actor, limit)
}
