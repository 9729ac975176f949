package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// CreateOrg registers an organisation. Faults of its fields are errs.Invalid,
// all of them at once; an exclusive identifier that another organisation holds
// is errs.Conflict.
func (s *Service) CreateOrg(ctx context.Context, by change.Author, o Org) (Org, error) {
	o.Version = 0
	return save(ctx, s.d, by, orgs, o)
}

// UpdateOrg changes an organisation that still has the version that the caller
// has seen; else it is errs.Precondition. A merged organisation cannot be
// changed.
func (s *Service) UpdateOrg(ctx context.Context, by change.Author, id string, version int64, c OrgChange) (Org, error) {
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		old, err := one(ctx, tx, id, loadOrgs)
		if err != nil {
			return err
		}
		if old.MergedInto != "" {
			return errs.New(errs.Conflict, "registry.merged_already", errs.A{"id": id, "into": old.MergedInto})
		}
		if err := fresh(old.Version, version); err != nil {
			return err
		}
		now := old
		c.apply(&now)
		return replace(ctx, tx, by, orgs, old, now)
	})
	if err != nil {
		return Org{}, err
	}
	return s.Org(ctx, id)
}

// replace checks and writes one changed record; nothing when it says the same.
func replace[T any, P record[T]](ctx context.Context, tx *db.Tx, by change.Author, t *table[T], old, now T) error {
	if faults := prepare[T, P](&now); len(faults) > 0 {
		return faults.Err()
	}
	if same[T, P](old, now) {
		return nil
	}
	if err := refuse[T, P](ctx, tx, t, now); err != nil {
		return err
	}
	return commit[T, P](ctx, tx, by, t, "", []pair[T]{{before: &old, after: &now}})
}

// PutOrgs writes organisations from an import; see the package tour for what
// all bulk writes promise. A record that was merged meanwhile is brought up to
// date where it is and stays merged.
func (s *Service) PutOrgs(ctx context.Context, tx *db.Tx, by change.Author, rows []Org) ([]Outcome, error) {
	return put(ctx, tx, by, orgs, rows)
}

// PutRelations writes relations from an import.
func (s *Service) PutRelations(ctx context.Context, tx *db.Tx, by change.Author, rows []Relation) ([]Outcome, error) {
	return put(ctx, tx, by, relations, rows)
}

// SaveRelation creates a relation (Version 0) or replaces the one that still
// has that Version.
func (s *Service) SaveRelation(ctx context.Context, by change.Author, r Relation) (Relation, error) {
	return save(ctx, s.d, by, relations, r)
}

// RemoveRelation deletes a relation that was a mistake and still has the
// version that the caller has seen. One that has ended gets a ValidTo instead.
func (s *Service) RemoveRelation(ctx context.Context, by change.Author, id string, version int64) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		old, err := one(ctx, tx, id, loadRelations)
		if err != nil {
			return err
		}
		if err := fresh(old.Version, version); err != nil {
			return err
		}
		return commit(ctx, tx, by, relations, "", []pair[Relation]{{before: &old}})
	})
}
