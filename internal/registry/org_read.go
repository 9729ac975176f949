package registry

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// Org returns an organisation with the names and identifiers of those merged
// into it. A merged record itself is returned as it was, with Status Merged and
// MergedInto set: the caller leads on to that one.
func (s *Service) Org(ctx context.Context, id string) (Org, error) {
	return one(ctx, s.d, id, viewOrgs)
}

// one reads a single record or errs.NotFound.
func one[T any](ctx context.Context, q db.Querier, id string, load func(context.Context, db.Querier, []string) (map[string]T, error)) (T, error) {
	rows, err := load(ctx, q, []string{id})
	row, ok := rows[id]
	if err == nil && !ok {
		err = notFound(id)
	}
	return row, err
}

// LoadOrgs returns organisations by id as they were written, inside the
// caller's transaction: for an importer that adds to them. Ids without a record
// are missing from the answer.
func LoadOrgs(ctx context.Context, q db.Querier, ids []string) (map[string]Org, error) {
	return loadOrgs(ctx, q, slices.Compact(slices.Sorted(slices.Values(ids))))
}

// viewOrgs reads organisations as readers see them.
func viewOrgs(ctx context.Context, q db.Querier, ids []string) (map[string]Org, error) {
	out, err := loadOrgs(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	for id, o := range out {
		if o.MergedInto != "" {
			o.Status = Merged
			out[id] = o
		}
	}
	return out, inherit(ctx, q, out)
}

// inherit adds what merged records bring.
func inherit(ctx context.Context, q db.Querier, out map[string]Org) error {
	var merged []string
	roots := map[string]string{}
	err := eachIn(ctx, q, "SELECT id, root FROM org WHERE id <> root AND root IN", "ORDER BY id", slices.Sorted(maps.Keys(out)), func(s db.Scan) error {
		var id, root string
		err := s(&id, &root)
		merged, roots[id] = append(merged, id), root
		return err
	})
	if err != nil || len(merged) == 0 {
		return err
	}
	rows, err := loadOrgs(ctx, q, merged)
	for _, id := range merged {
		o := out[roots[id]]
		for _, n := range rows[id].Names {
			n.Origin = id
			o.Names = append(slices.Clip(o.Names), n)
		}
		for _, v := range rows[id].Identifiers {
			v.Origin = id
			o.Identifiers = append(slices.Clip(o.Identifiers), v)
		}
		out[roots[id]] = o
	}
	return err
}

// Orgs lists organisations.
func (s *Service) Orgs(ctx context.Context, f OrgFilter) (List[Org], error) {
	l := listing[Org]{table: "org", where: f.where(), orders: namedOrders, sort: f.Sort, page: f.Page, load: viewOrgs}
	return l.read(ctx, s.d)
}

func (f OrgFilter) where() where {
	var w where
	switch f.Status {
	case "":
		w.add("root = id")
	case Merged:
		w.add("root <> id")
	default:
		w.add("root = id AND status = ?", string(f.Status))
	}
	if len(f.Kinds) > 0 {
		kinds := make([]string, len(f.Kinds))
		for i, k := range f.Kinds {
			kinds[i] = string(k)
		}
		w.in("kind", kinds)
	}
	w.equal("country", f.Country)
	w.below("division", f.Division)
	w.equal("source_id", f.Source)
	w.equal("batch_id", f.Batch)
	if f.HasIdentifier != "" {
		w.add("id IN (SELECT m.root FROM org_identifier i JOIN org m ON m.id = i.org_id WHERE i.scheme = ?)", f.HasIdentifier)
	}
	f.query(&w)
	return w
}

// query selects by any name, those of merged records included.
func (f OrgFilter) query(w *where) {
	if f.Query == "" {
		return
	}
	if fold.Name(f.Query) == "" {
		w.add("1 = 0")
		return
	}
	owner := "m.root"
	if f.Status == Merged {
		owner = "m.id"
	}
	w.add("id IN (SELECT "+owner+" FROM org_name n JOIN org m ON m.id = n.org_id WHERE n.folded LIKE ? ESCAPE '\\')", pattern(f.Query, f.Prefix))
}

// OrgFacets counts what a filter selects; see the type.
func (s *Service) OrgFacets(ctx context.Context, f OrgFilter) (OrgFacets, error) {
	var out OrgFacets
	f.After = ""
	fields := []struct {
		column string
		to     *[]Facet
		narrow bool
		widen  func(*OrgFilter)
	}{
		{"kind", &out.Kind, len(f.Kinds) > 0, func(g *OrgFilter) { g.Kinds = nil }},
		{"country", &out.Country, f.Country != "", func(g *OrgFilter) { g.Country = "" }},
		{"division", &out.Division, f.Division != "", func(g *OrgFilter) { g.Division = "" }},
		{"status", &out.Status, f.Status != "", func(g *OrgFilter) { g.Status = "" }},
		{"source_id", &out.Source, f.Source != "", func(g *OrgFilter) { g.Source = "" }},
	}
	counts := make([]map[string]int64, len(fields))
	for i := range counts {
		counts[i] = map[string]int64{}
	}
	err := f.cross(ctx, s.d, func(values [5]string, n int64) {
		for i, v := range values {
			counts[i][v] += n
		}
	})
	if err != nil {
		return out, err
	}
	for i, field := range fields {
		if *field.to = sorted(counts[i]); !field.narrow {
			continue
		}
		g := f
		field.widen(&g)
		if *field.to, err = count(ctx, s.d, "org", field.column, g.where()); err != nil {
			return out, err
		}
	}
	return out, nil
}

// cross counts the combinations of all fields in one pass.
func (f OrgFilter) cross(ctx context.Context, q db.Querier, fn func(values [5]string, n int64)) error {
	w := f.where()
	return db.Each(ctx, q, func(s db.Scan) error {
		var v [5]string
		var n int64
		err := s(&v[0], &v[1], &v[2], &v[3], &v[4], &n)
		fn(v, n)
		return err
	}, "SELECT kind, country, division, status, source_id, COUNT(*) FROM org"+w.String()+" GROUP BY kind, country, division, status, source_id", w.args...)
}

func sorted(counts map[string]int64) []Facet {
	var out []Facet
	for v, n := range counts {
		out = append(out, Facet{v, n})
	}
	slices.SortFunc(out, func(a, b Facet) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return out
}

// ByIdentifier returns the organisation that holds an identifier, written in
// any form that identifier.Parse reads. Of several that share one, the one with
// the smallest id.
func (s *Service) ByIdentifier(ctx context.Context, scheme identifier.Scheme, value string) (Org, error) {
	canonical, err := identifier.Parse(scheme, value)
	if err != nil {
		return Org{}, err
	}
	ids, err := IDsByIdentifier(ctx, s.d, scheme, []string{canonical})
	if err != nil {
		return Org{}, err
	}
	id, ok := ids[canonical]
	if !ok {
		return Org{}, notFound(value)
	}
	return s.Org(ctx, id)
}

// IDsByIdentifier returns the organisations, after merges, that hold the
// canonical values of one scheme.
func IDsByIdentifier(ctx context.Context, q db.Querier, scheme identifier.Scheme, values []string) (map[string]string, error) {
	out := map[string]string{}
	var w where
	w.add("i.scheme = ?", string(scheme))
	for part := range slices.Chunk(values, putStep) {
		w := where{parts: slices.Clone(w.parts), args: slices.Clone(w.args)}
		w.in("i.value", part)
		err := db.Each(ctx, q, func(s db.Scan) error {
			var value, id string
			err := s(&value, &id)
			out[value] = id
			return err
		}, "SELECT i.value, o.root FROM org_identifier i JOIN org o ON o.id = i.org_id"+w.String()+" ORDER BY o.root DESC", w.args...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Elaborated returns the organisations that hold an identifier of a scheme and
// say more than the register behind it: they rest on another source than those
// given, or carry evidence of their own. Merged records are left out.
func Elaborated(ctx context.Context, q db.Querier, scheme identifier.Scheme, sources []string) (map[string]Org, error) {
	out := map[string]Org{}
	args := []any{string(scheme)}
	for _, s := range sources {
		args = append(args, s)
	}
	ids, err := db.Collect(ctx, q, db.Column[string], `SELECT DISTINCT o.id FROM org o JOIN org_identifier i ON i.org_id = o.id
		WHERE i.scheme = $1 AND o.merged_into IS NULL AND (o.evidence <> '' OR o.source_id NOT IN (`+db.In(2, len(sources))+`)) ORDER BY o.id`, args...)
	if err != nil {
		return nil, err
	}
	for part := range slices.Chunk(ids, putStep) {
		orgs, err := LoadOrgs(ctx, q, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, orgs)
	}
	return out, nil
}

// IDsByName returns the organisations, after merges, that have one of the names
// in any spelling that folds to the same key. The answer is keyed by
// fold.Name; ids are in order.
func IDsByName(ctx context.Context, q db.Querier, names []string) (map[string][]string, error) {
	out := map[string][]string{}
	err := eachIn(ctx, q, "SELECT DISTINCT n.folded, o.root FROM org_name n JOIN org o ON o.id = n.org_id WHERE n.folded IN", "ORDER BY n.folded, o.root",
		foldedKeys(names), func(s db.Scan) error {
			var key, id string
			err := s(&key, &id)
			out[key] = append(out[key], id)
			return err
		})
	return out, err
}

func foldedKeys(names []string) []string {
	keys := make([]string, len(names))
	for i, n := range names {
		keys[i] = fold.Name(n)
	}
	return tidyList(keys)
}

// History returns the changes of a record, newest first, merges and splits
// included: up to limit entries before number before (0 for the newest).
func (s *Service) History(ctx context.Context, kind, id string, before int64, limit int) ([]change.Entry, error) {
	return change.Of(ctx, s.d, kind, id, before, limit)
}
