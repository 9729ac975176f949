package transfer

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// vet returns, by index, the rows that do not agree with what is stored: a
// source, owner, platform or person that is not there, or a key that another
// record has.
func vet[T any, P record[T]](ctx context.Context, q db.Querier, t *shelf[T], rows []T) (map[int]error, error) {
	bad := map[int]error{}
	if len(rows) == 0 {
		return bad, nil
	}
	refs := map[string][][]string{}
	for i := range rows {
		c := P(&rows[i]).common()
		for table, ids := range map[string][]string{"source": {c.SourceID}, "org": {c.OwnerID}, "platform": platformOf(&rows[i]), "person": peopleOf(&rows[i])} {
			if refs[table] == nil {
				refs[table] = make([][]string, len(rows))
			}
			refs[table][i] = ids
		}
	}
	for table, fault := range map[string]struct{ key, field string }{
		"source": {"transfer.unknown_source", "/source_id"}, "org": {"transfer.unknown_org", "/owner_id"},
		"platform": {"transfer.unknown_platform", "/platform_id"}, "person": {"transfer.unknown_person", "/team"},
	} {
		missing, err := unknown(ctx, q, table, refs[table])
		if err != nil {
			return nil, err
		}
		for i, id := range missing {
			bad[i] = errs.New(errs.Invalid, fault.key, errs.A{"id": clip(id)}).At(fault.field)
		}
	}
	return bad, vetKeys[T, P](ctx, q, t, rows, bad)
}

func platformOf(row any) []string {
	if o, ok := row.(*Offering); ok {
		return []string{o.PlatformID}
	}
	return nil
}

func peopleOf(row any) []string {
	r, ok := row.(*Result)
	if !ok {
		return nil
	}
	out := make([]string, len(r.Team))
	for i, m := range r.Team {
		out[i] = m.PersonID
	}
	return out
}

// vetKeys finds keys that another record has, stored or among the rows.
func vetKeys[T any, P record[T]](ctx context.Context, q db.Querier, t *shelf[T], rows []T, bad map[int]error) error {
	held := map[string]string{}
	keys := make([]string, len(rows))
	for i := range rows {
		keys[i] = P(&rows[i]).common().Key
	}
	for part := range parts(keys) {
		err := db.Each(ctx, q, func(s db.Scan) error {
			var key, id string
			err := s(&key, &id)
			held[key] = id
			return err
		}, "SELECT key, id FROM "+t.word+" WHERE key IN ("+db.In(1, len(part))+")", part...)
		if err != nil {
			return err
		}
	}
	for i := range rows {
		c := P(&rows[i]).common()
		if id, taken := held[c.Key]; taken && id != c.ID {
			bad[i] = errs.New(errs.Conflict, "transfer.key_taken", errs.A{"value": clip(c.Key)}).At("/key")
			continue
		}
		held[c.Key] = c.ID
	}
	return nil
}

// unknown returns, by index, an id that a table does not have; empty ids are
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
	for part := range parts(sorted(ids)) {
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
