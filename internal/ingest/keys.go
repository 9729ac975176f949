package ingest

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// KeyID is the id of the record that a reference of a bundle stands for, such
// as "org:gibh": the one that an import noted for the key, or the one that the
// key gives. That the record exists is not said.
func KeyID(ctx context.Context, q db.Querier, kind, key string) (string, error) {
	id, ok, err := findKey(ctx, q, kind+":"+key)
	if err != nil || ok {
		return id, err
	}
	return keyedID(kind, key), nil
}
