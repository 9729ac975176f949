package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

const mergeColumns = "id, from_id, into_id, reason, actor, at, undone_at, undone_by"

func scanMerge(s db.Scan) (MergeRecord, error) {
	var m MergeRecord
	err := s(&m.ID, &m.From, &m.Into, &m.Reason, &m.Actor, &m.At, &m.UndoneAt, &m.UndoneBy)
	return m, err
}

// putMerge writes a merge and makes m.Into the root of all that m.From answered
// for.
func putMerge(ctx context.Context, tx *db.Tx, m MergeRecord) error {
	_, err := tx.Exec(ctx, "INSERT INTO merge("+mergeColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		m.ID, m.From, m.Into, m.Reason, m.Actor, m.At, m.UndoneAt, m.UndoneBy)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE org SET merged_into = $1 WHERE id = $2", m.Into, m.From); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE org SET root = $1 WHERE root = $2", m.Into, m.From)
	return err
}

// takeBack ends the merge of id and makes it the root of itself and of all that
// was merged into it.
func takeBack(ctx context.Context, tx *db.Tx, by change.Author, id string) error {
	if _, err := tx.Exec(ctx, "UPDATE merge SET undone_at = $1, undone_by = $2 WHERE from_id = $3 AND undone_at IS NULL", db.At(tx.Now()), by.Actor, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE org SET merged_into = NULL WHERE id = $1", id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `WITH RECURSIVE tree(id) AS (SELECT CAST($1 AS TEXT) UNION SELECT o.id FROM tree t JOIN org o ON o.merged_into = t.id)
		UPDATE org SET root = $1 WHERE id IN (SELECT id FROM tree)`, id)
	return err
}

// touch gives organisations a new version without any other change.
func touch(ctx context.Context, tx *db.Tx, ids []string) error {
	for _, id := range ids {
		if _, err := tx.Exec(ctx, "UPDATE org SET version = version + 1, updated_at = $1 WHERE id = $2", db.At(tx.Now()), id); err != nil {
			return err
		}
	}
	return nil
}
