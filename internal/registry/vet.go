package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

func vet[T any, P record[T]](ctx context.Context, q db.Querier, t *table[T], rows []T) (map[int]error, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	bad := map[int]error{}
	if t.vet != nil {
		var err error
		if bad, err = t.vet(ctx, q, rows); err != nil {
			return nil, err
		}
	}
	refs := make([][]string, len(rows))
	for i := range rows {
		refs[i] = []string{*P(&rows[i]).meta().source}
	}
	missing, err := unknown(ctx, q, "source", refs)
	for i, id := range missing {
		bad[i] = errs.New(errs.Invalid, "registry.unknown_source", errs.A{"id": id}).At("/source_id")
	}
	return bad, err
}

// unknown returns, by index, an id that the table does not have; empty ids are
// not looked for.
func unknown(ctx context.Context, q db.Querier, table string, refs [][]string) (map[int]string, error) {
	ids := map[string]bool{}
	for _, list := range refs {
		for _, id := range list {
			if id != "" {
				ids[id] = false
			}
		}
	}
	for part := range chunks(ids) {
		found, err := db.Collect(ctx, q, db.Column[string], "SELECT id FROM "+table+" WHERE id IN ("+db.In(1, len(part))+")", part...)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			ids[id] = true
		}
	}
	bad := map[int]string{}
	for i, list := range refs {
		for _, id := range list {
			if id != "" && !ids[id] {
				bad[i] = id
			}
		}
	}
	return bad, nil
}
