package registry

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// Resolver returns an index of the organisations as they stand. It is built on
// first use and again after an organisation or a relation has changed.
func (s *Service) Resolver(ctx context.Context) (*resolve.Index, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	head, err := change.Head(ctx, s.d)
	if err != nil {
		return nil, err
	}
	if s.index != nil {
		moved, err := touched(ctx, s.d, s.seq, head)
		if err != nil {
			return nil, err
		}
		if !moved {
			s.seq = head
			return s.index, nil
		}
	}
	orgs, err := ResolverOrgs(ctx, s.d)
	if err != nil {
		return nil, err
	}
	s.index, s.seq = resolve.Build(orgs), head
	return s.index, nil
}

// touched reports whether organisations or relations changed after entry seq.
func touched(ctx context.Context, q db.Querier, seq, head int64) (bool, error) {
	if seq == head {
		return false, nil
	}
	_, found, err := db.Value[int64](ctx, q, "SELECT seq FROM change WHERE seq > $1 AND seq <= $2 AND kind IN ('org', 'relation') LIMIT 1", seq, head)
	return found, err
}

// ResolverOrgs returns the organisations as resolve.Build wants them: those that
// answer for themselves, with the names of those merged into them, their
// parents of any time, successors and ROR ids, in the order of their ids. Inside a transaction it sees
// what the transaction has written.
func ResolverOrgs(ctx context.Context, q db.Querier) (iter.Seq[resolve.Org], error) {
	f := feed{at: map[string]int{}}
	if err := db.Each(ctx, q, f.org, "SELECT id, root, kind, country, city, division, status, names FROM org ORDER BY id"); err != nil {
		return nil, err
	}
	for _, m := range f.merged {
		if err := addNames(&f.list[f.at[m.org.MergedInto]], m.names); err != nil {
			return nil, err
		}
	}
	err := db.Each(ctx, q, f.relation, `SELECT f.root, t.root, r.kind FROM relation r JOIN org f ON f.id = r.from_id JOIN org t ON t.id = r.to_id
		WHERE r.kind IN ('parent', 'successor') ORDER BY r.id`)
	if err != nil {
		return nil, err
	}
	err = db.Each(ctx, q, f.ror, "SELECT o.root, i.value FROM org_identifier i JOIN org o ON o.id = i.org_id WHERE i.scheme = 'ror' ORDER BY i.value")
	return slices.Values(f.list), err
}

// feed collects organisations for the resolver.
type feed struct {
	list   []resolve.Org
	at     map[string]int // index in list by id
	merged []storedOrg    // their names come when all roots are known
}

func (f *feed) org(s db.Scan) error {
	var r storedOrg
	var root string
	o := &r.org
	if err := s(&o.ID, &root, &o.Kind, &o.Place.Country, &o.Place.City, &o.Place.Division, &o.Status, &r.names); err != nil {
		return err
	}
	if o.ID != root {
		o.MergedInto = root
		f.merged = append(f.merged, r)
		return nil
	}
	f.at[root] = len(f.list)
	f.list = append(f.list, resolve.Org{ID: o.ID, Country: o.Place.Country, City: o.Place.City, Division: o.Place.Division,
		Status: string(o.Status), Types: []string{string(o.Kind)}})
	return addNames(&f.list[f.at[root]], r.names)
}

func (f *feed) relation(s db.Scan) error {
	var id, other string
	var kind RelationKind
	err := s(&id, &other, &kind)
	o := &f.list[f.at[id]]
	ends := &o.Parents
	if kind == Successor {
		ends = &o.Successors
	}
	if id != other && !slices.Contains(*ends, other) {
		*ends = append(*ends, other)
	}
	return err
}

func (f *feed) ror(s db.Scan) error {
	var id, value string
	err := s(&id, &value)
	if o := &f.list[f.at[id]]; o.ROR == "" {
		o.ROR = value
	}
	return err
}

func addNames(o *resolve.Org, raw []byte) error {
	var names []Name
	err := json.Unmarshal(raw, &names)
	for _, n := range names {
		o.Names = append(o.Names, resolve.Name{Text: n.Text, Lang: n.Lang, Kind: resolverKind(n.Kind)})
	}
	return err
}

func resolverKind(k NameKind) string {
	switch k {
	case Official, Label:
		return resolve.Label
	case Acronym:
		return resolve.Acronym
	}
	return resolve.Alias
}

// ResolvePapers looks again at every affiliation that names no known
// organisation and was not settled by hand, in the caller's transaction. It
// returns how many papers changed.
func (s *Service) ResolvePapers(ctx context.Context, tx *db.Tx, by change.Author, index *resolve.Index) (int64, error) {
	var changed int64
	last := ""
	for {
		ids, err := db.Collect(ctx, tx, db.Column[string], "SELECT DISTINCT a.paper_id FROM paper_affiliation a WHERE a.paper_id > $1 AND a.method <> 'manual' AND "+
			nowhere+" ORDER BY a.paper_id LIMIT $2", last, putStep)
		if err != nil || len(ids) == 0 {
			return changed, err
		}
		last = ids[len(ids)-1]
		n, err := resolvePart(ctx, tx, by, index, ids)
		if err != nil {
			return changed, err
		}
		changed += n
	}
}

func resolvePart(ctx context.Context, tx *db.Tx, by change.Author, index *resolve.Index, ids []string) (int64, error) {
	stored, err := loadPapers(ctx, tx, ids)
	if err != nil {
		return 0, err
	}
	pairs := make([]pair[Paper], len(ids))
	spread(len(ids), func(i int) {
		before := stored[ids[i]]
		after := before
		after.Affiliations = slices.Clone(before.Affiliations)
		for n := range after.Affiliations {
			after.Affiliations[n].Resolve(index)
		}
		if !same(before, after) {
			pairs[i] = pair[Paper]{&before, &after}
		}
	})
	pairs = slices.DeleteFunc(pairs, func(p pair[Paper]) bool { return p.after == nil })
	for _, p := range pairs {
		if by.BatchID != "" {
			p.after.BatchID = by.BatchID
		}
	}
	return int64(len(pairs)), commit(ctx, tx, by, papers, "", pairs)
}

// Resolve finds the organisations that the affiliation names, unless it has
// some or was settled by hand.
func (a *Affiliation) Resolve(index *resolve.Index) {
	if a.Method == ByHand || len(a.Orgs) > 0 {
		return
	}
	answer := index.Resolve(a.Raw, resolve.Hint{City: a.City, Country: a.Country})
	a.Method, a.Orgs, a.None = ByResolver, nil, nil
	if answer.None != nil {
		none := Reason(*answer.None)
		a.None = &none
	}
	for _, m := range answer.Matches {
		a.Orgs = append(a.Orgs, AffiliationOrg{OrgID: m.OrgID, Name: m.Name, Score: m.Score, Reason: Reason(m.Reason)})
	}
}
