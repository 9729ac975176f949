package registry

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
)

// Refs names records of any kind, after merges, keyed by the ids asked for. Ids
// that the registry does not have are missing.
func (s *Service) Refs(ctx context.Context, ids []string) (map[string]Ref, error) {
	return refs(ctx, s.d, ids)
}

// refQueries name records by id, the kind most pointed to first.
var refQueries = []struct{ kind, query string }{
	{KindOrg, "SELECT o.id, r.id, r.name_zh, r.name_en FROM org o JOIN org r ON r.id = o.root WHERE o.id IN"},
	{KindPlatform, "SELECT id, id, name_zh, name_en FROM platform WHERE id IN"},
	{KindPark, "SELECT id, id, name_zh, name_en FROM park WHERE id IN"},
	{KindPerson, "SELECT id, id, name_zh, name_en FROM person WHERE id IN"},
}

func refs(ctx context.Context, q db.Querier, ids []string) (map[string]Ref, error) {
	out := map[string]Ref{}
	left := tidyList(ids)
	for _, rq := range refQueries {
		err := eachIn(ctx, q, rq.query, "", left, func(s db.Scan) error {
			var id string
			r := Ref{Kind: rq.kind}
			err := s(&id, &r.ID, &r.Name.ZH, &r.Name.EN)
			out[id] = r
			return err
		})
		if err != nil {
			return nil, err
		}
		if left = slices.DeleteFunc(left, func(id string) bool { _, ok := out[id]; return ok }); len(left) == 0 {
			break
		}
	}
	return out, nil
}

// Relations returns the relations of a record, those of the organisations
// merged into it included, by kind and direction in the order of RelationKinds.
// What a merge turned into a relation with itself, or into a repetition, is
// left out.
func (s *Service) Relations(ctx context.Context, id string) ([]LinkGroup, error) {
	out, err := relationsOf(ctx, s.d, id, true)
	if err != nil {
		return nil, err
	}
	in, err := relationsOf(ctx, s.d, id, false)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range slices.Concat(out, in) {
		ids = append(ids, r.From, r.To)
	}
	named, err := refs(ctx, s.d, ids)
	if err != nil {
		return nil, err
	}
	g := grouping{id: id, named: named, seen: map[linkKey]bool{}}
	for _, r := range out {
		g.add(r, r.To, true)
	}
	for _, r := range in {
		g.add(r, r.From, undirected(r.Kind))
	}
	return g.groups(), nil
}

type linkKey struct {
	kind     RelationKind
	outward  bool
	other    string
	from, to string
}

type grouping struct {
	id    string
	named map[string]Ref
	seen  map[linkKey]bool
	links map[RelationKind][2][]Link
}

func (g *grouping) add(r Relation, end string, outward bool) {
	other, ok := g.named[end]
	if !ok {
		other = Ref{ID: end}
	}
	key := linkKey{r.Kind, outward, other.ID, r.ValidFrom, r.ValidTo}
	if other.ID == g.id || g.seen[key] {
		return
	}
	g.seen[key] = true
	if g.links == nil {
		g.links = map[RelationKind][2][]Link{}
	}
	side := 0
	if !outward {
		side = 1
	}
	both := g.links[r.Kind]
	both[side] = append(both[side], Link{Relation: r, Other: other})
	g.links[r.Kind] = both
}

func (g *grouping) groups() []LinkGroup {
	var out []LinkGroup
	for _, kind := range RelationKinds {
		for side, links := range g.links[kind] {
			if len(links) > 0 {
				out = append(out, LinkGroup{Kind: kind, Outward: side == 0, Links: links})
			}
		}
	}
	return out
}
