package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

var relations = &table[Relation]{
	word: KindRelation,
	load: loadRelations,
	insert: func(ctx context.Context, tx *db.Tx, rows []Relation) error {
		return db.InsertMany(ctx, tx, "relation("+relationColumns+")", "", relationRows(rows))
	},
	update: func(ctx context.Context, tx *db.Tx, _, rows []Relation) error {
		return upsert(ctx, tx, "relation", relationColumns, relationRows(rows))
	},
	remove: func(ctx context.Context, tx *db.Tx, old []Relation) error {
		return execIn(ctx, tx, "DELETE FROM relation WHERE id IN", idsOf(old))
	},
}

const relationColumns = "id, from_id, kind, to_id, valid_from, valid_to, share, evidence, source_id, batch_id, version, created_at, updated_at"

func scanRelation(s db.Scan) (Relation, error) {
	var r Relation
	err := s(&r.ID, &r.From, &r.Kind, &r.To, &r.ValidFrom, &r.ValidTo, &r.Share, &r.Evidence, &r.SourceID, &r.BatchID, &r.Version, &r.CreatedAt, &r.UpdatedAt)
	return r, err
}

func loadRelations(ctx context.Context, q db.Querier, ids []string) (map[string]Relation, error) {
	return loadIn(ctx, q, "SELECT "+relationColumns+" FROM relation WHERE id IN", ids, func(s db.Scan) (string, Relation, error) {
		r, err := scanRelation(s)
		return r.ID, r, err
	})
}

func relationRows(rows []Relation) [][]any {
	out := make([][]any, len(rows))
	for i, r := range rows {
		out[i] = []any{r.ID, r.From, string(r.Kind), r.To, r.ValidFrom, r.ValidTo, r.Share, r.Evidence, r.SourceID, r.BatchID, r.Version, r.CreatedAt, r.UpdatedAt}
	}
	return out
}

// records lists an id with those of the organisations merged into it.
const records = "(SELECT id FROM org WHERE root = $1 UNION SELECT CAST($1 AS TEXT))"

// relationsOf reads the relations of a record: those in which it is From, or
// those in which it is To.
func relationsOf(ctx context.Context, q db.Querier, id string, outward bool) ([]Relation, error) {
	end := "to_id"
	if outward {
		end = "from_id"
	}
	return db.Collect(ctx, q, scanRelation, "SELECT "+relationColumns+" FROM relation WHERE "+end+" IN "+records+" ORDER BY kind, valid_from, id", id)
}
