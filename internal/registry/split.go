package registry

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Part is what Split takes out of an organisation whose record stood for two.
type Part struct {
	Kind        OrgKind      // of the new organisation; "" keeps the kind
	Names       []Name       // as they stand in the record, at least one and not all
	Identifiers []Identifier // as they stand in the record
	Relations   []string     // ids of relations that have the record as an end
	Papers      []PaperPart  // affiliations that mean the new organisation
	SourceID    string       // what tells the two apart; "" keeps the source
	Evidence    string
}

// PaperPart names one affiliation of a paper, counted from 0.
type PaperPart struct {
	PaperID     string
	Affiliation int
}

// Split makes two organisations of one: the part becomes a new record, the rest
// stays. Merging the new one into the old one is the way back. What does not
// belong to the record is errs.Conflict.
func (s *Service) Split(ctx context.Context, by change.Author, id string, version int64, part Part) (Org, error) {
	newID := db.NewID(KindOrg)
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		both, err := unmerged(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := fresh(both[id].Version, version); err != nil {
			return err
		}
		old, err := one(ctx, tx, id, loadOrgs)
		if err != nil {
			return err
		}
		rest, taken, err := part.from(old)
		if err != nil {
			return err
		}
		taken.ID = newID
		if err := splitOrgs(ctx, tx, by, old, rest, taken); err != nil {
			return err
		}
		if err := splitRelations(ctx, tx, by, part.Relations, id, newID); err != nil {
			return err
		}
		return splitPapers(ctx, tx, by, part.Papers, id, newID)
	})
	if err != nil {
		return Org{}, err
	}
	return s.Org(ctx, newID)
}

// from divides an organisation.
func (p Part) from(old Org) (rest, taken Org, err error) {
	rest = old
	taken = Org{Kind: p.Kind, Names: p.Names, Identifiers: p.Identifiers, Status: old.Status, Place: old.Place, SourceID: p.SourceID, Evidence: p.Evidence}
	if taken.Kind == "" {
		taken.Kind = old.Kind
	}
	if taken.SourceID == "" {
		taken.SourceID = old.SourceID
	}
	rest.Names, err = without(old.ID, old.Names, p.Names, func(n Name) string { return n.Text })
	if err != nil {
		return rest, taken, err
	}
	rest.Identifiers, err = without(old.ID, old.Identifiers, p.Identifiers, func(v Identifier) string { return string(v.Scheme) + " " + v.Value })
	switch {
	case err != nil:
	case len(p.Names) == 0:
		err = errs.New(errs.Invalid, "registry.split_empty").At("/names")
	case len(rest.Names) == 0:
		err = errs.New(errs.Invalid, "registry.split_all", errs.A{"id": old.ID}).At("/names")
	}
	return rest, taken, err
}

// without removes the chosen from all; each must be there.
func without[K comparable](id string, all, chosen []K, called func(K) string) ([]K, error) {
	out := slices.Clone(all)
	for _, c := range chosen {
		i := slices.Index(out, c)
		if i < 0 {
			return nil, notPart(id, called(c))
		}
		out = slices.Delete(out, i, i+1)
	}
	return out, nil
}

func notPart(id, what string) error {
	return errs.New(errs.Conflict, "registry.split_unknown", errs.A{"id": id, "what": what})
}

// splitOrgs writes the rest before the new record, which takes over exclusive
// identifiers.
func splitOrgs(ctx context.Context, tx *db.Tx, by change.Author, old, rest, taken Org) error {
	for _, o := range []*Org{&rest, &taken} {
		if faults := prepare(o); len(faults) > 0 {
			return faults.Err()
		}
	}
	if err := commit(ctx, tx, by, orgs, change.Split, []pair[Org]{{before: &old, after: &rest}}); err != nil {
		return err
	}
	if err := refuse(ctx, tx, orgs, taken); err != nil {
		return err
	}
	return commit(ctx, tx, by, orgs, "", []pair[Org]{{after: &taken}})
}

func splitRelations(ctx context.Context, tx *db.Tx, by change.Author, ids []string, from, to string) error {
	rows, err := loadRelations(ctx, tx, ids)
	if err != nil {
		return err
	}
	var pairs []pair[Relation]
	for _, id := range tidyList(ids) {
		old, ok := rows[id]
		now := old
		switch {
		case ok && old.From == from:
			now.From = to
		case ok && old.To == from:
			now.To = to
		default:
			return notPart(from, id)
		}
		if now.From == now.To {
			return notPart(from, id)
		}
		pairs = append(pairs, pair[Relation]{&old, &now})
	}
	return commit(ctx, tx, by, relations, "", pairs)
}

func splitPapers(ctx context.Context, tx *db.Tx, by change.Author, parts []PaperPart, from, to string) error {
	chosen := map[string][]int{}
	for _, p := range parts {
		chosen[p.PaperID] = append(chosen[p.PaperID], p.Affiliation)
	}
	var pairs []pair[Paper]
	for ids := range chunks(chosen) {
		list := make([]string, len(ids))
		for i, id := range ids {
			list[i] = id.(string)
		}
		rows, err := loadPapers(ctx, tx, list)
		if err != nil {
			return err
		}
		for _, id := range list {
			old := rows[id]
			now, ok := reassigned(old, chosen[id], from, to)
			if !ok {
				return notPart(from, id)
			}
			pairs = append(pairs, pair[Paper]{&old, &now})
		}
	}
	return commit(ctx, tx, by, papers, "", pairs)
}

// reassigned gives the chosen affiliations of a paper to another organisation;
// false when one of them does not name the first.
func reassigned(p Paper, chosen []int, from, to string) (Paper, bool) {
	p.Affiliations = slices.Clone(p.Affiliations)
	for _, at := range chosen {
		if at < 0 || at >= len(p.Affiliations) {
			return p, false
		}
		a := &p.Affiliations[at]
		a.Orgs = slices.Clone(a.Orgs)
		i := slices.IndexFunc(a.Orgs, func(o AffiliationOrg) bool { return o.OrgID == from })
		if i < 0 {
			return p, false
		}
		a.Orgs[i].OrgID, a.Method = to, ByHand
	}
	return p, true
}
