package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// How merging works. A merged record keeps its row, its names, its identifiers
// and every reference to it; only org.root, "who answers for this id", changes,
// for it and for all that had been merged into it. Whatever is read of an
// organisation is read of all records with that root. So nothing moves, nothing
// can be lost, and taking a merge back restores what was there, whatever else
// was merged or added meanwhile.

// MergeRecord is one merge of two organisations.
type MergeRecord struct {
	ID       string  `json:"id"`
	From     string  `json:"from"` // the record that leads on to Into
	Into     string  `json:"into"`
	Reason   string  `json:"reason,omitempty"`
	Actor    string  `json:"actor"`
	At       db.Time `json:"at"`
	UndoneAt db.Time `json:"undone_at,omitzero"`
	UndoneBy string  `json:"undone_by,omitempty"`
}

// Merge makes into answer for from. fromVersion and intoVersion are the
// versions that the caller has seen. A record that was merged already, on
// either side, is errs.Conflict.
func (s *Service) Merge(ctx context.Context, by change.Author, from, into string, fromVersion, intoVersion int64) (MergeRecord, error) {
	var rec MergeRecord
	if from == into {
		return rec, errs.New(errs.Invalid, "registry.merge_self", errs.A{"id": from})
	}
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		both, err := unmerged(ctx, tx, from, into)
		if err != nil {
			return err
		}
		if err := fresh(both[from].Version, fromVersion); err != nil {
			return err
		}
		if err := fresh(both[into].Version, intoVersion); err != nil {
			return err
		}
		rec = MergeRecord{ID: db.NewID("merge"), From: from, Into: into, Reason: by.Reason, Actor: by.Actor, At: db.At(tx.Now())}
		if err := putMerge(ctx, tx, rec); err != nil {
			return err
		}
		return logMove(ctx, tx, by, change.Merge, both, []string{from, into})
	})
	return rec, err
}

// unmerged reads organisations that must answer for themselves.
func unmerged(ctx context.Context, q db.Querier, ids ...string) (map[string]Org, error) {
	rows, err := viewOrgs(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		o, ok := rows[id]
		if !ok {
			return nil, notFound(id)
		}
		if o.MergedInto != "" {
			return nil, errs.New(errs.Conflict, "registry.merged_already", errs.A{"id": id, "into": o.MergedInto})
		}
	}
	return rows, nil
}

// logMove logs what organisations look like after their roots have changed.
func logMove(ctx context.Context, tx *db.Tx, by change.Author, action change.Action, before map[string]Org, ids []string) error {
	if err := touch(ctx, tx, ids); err != nil {
		return err
	}
	after, err := viewOrgs(ctx, tx, ids)
	if err != nil {
		return err
	}
	entries := make([]change.Entry, len(ids))
	for i, id := range ids {
		if entries[i], err = change.New(by, KindOrg, id, action, before[id], after[id]); err != nil {
			return err
		}
	}
	return change.Append(ctx, tx, entries...)
}

// Unmerge makes a merged organisation, and what had been merged into it before,
// answer for itself again. While the record that it was merged into is itself
// merged into another, that merge must be taken back first.
func (s *Service) Unmerge(ctx context.Context, by change.Author, id string, version int64) (Org, error) {
	var out Org
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		var err error
		out, err = unmerge(ctx, tx, by, id, version)
		return err
	})
	return out, err
}

func unmerge(ctx context.Context, tx *db.Tx, by change.Author, id string, version int64) (Org, error) {
	rows, err := viewOrgs(ctx, tx, []string{id})
	if err != nil {
		return Org{}, err
	}
	o, ok := rows[id]
	switch {
	case !ok:
		return Org{}, notFound(id)
	case o.MergedInto == "":
		return Org{}, errs.New(errs.Conflict, "registry.not_merged", errs.A{"id": id})
	}
	if err := fresh(o.Version, version); err != nil {
		return Org{}, err
	}
	ids := []string{id, o.MergedInto}
	before, err := viewOrgs(ctx, tx, ids)
	if err != nil {
		return Org{}, err
	}
	if next := before[o.MergedInto].MergedInto; next != "" {
		return Org{}, errs.New(errs.Conflict, "registry.unmerge_order", errs.A{"into": o.MergedInto, "root": next})
	}
	if err := takeBack(ctx, tx, by, id); err != nil {
		return Org{}, err
	}
	if err := logMove(ctx, tx, by, change.Split, before, ids); err != nil {
		return Org{}, err
	}
	return one(ctx, tx, id, viewOrgs)
}

// Merges returns the merges in which an organisation took part, newest first,
// those taken back included.
func (s *Service) Merges(ctx context.Context, id string) ([]MergeRecord, error) {
	return db.Collect(ctx, s.d, scanMerge, "SELECT "+mergeColumns+" FROM merge WHERE from_id = $1 OR into_id = $1 ORDER BY at DESC, id", id)
}
