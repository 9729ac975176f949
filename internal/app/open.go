package app

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// OpenDatabase opens the database of cfg as it is, without migrating it.
func OpenDatabase(ctx context.Context, cfg Config) (*db.DB, error) {
	return db.Open(ctx, cfg.withDefaults().DSN)
}
