package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// Platform returns a platform with the names of its hosts.
func (s *Service) Platform(ctx context.Context, id string) (Platform, error) {
	return one(ctx, s.d, id, viewPlatforms)
}

// Platforms lists platforms.
func (s *Service) Platforms(ctx context.Context, f PlatformFilter) (List[Platform], error) {
	l := listing[Platform]{table: "platform", where: f.where(), orders: namedOrders, sort: f.Sort, page: f.Page, load: viewPlatforms}
	return l.read(ctx, s.d)
}

func (f PlatformFilter) where() where {
	var w where
	w.query("folded", f.Query, false)
	w.equal("class", f.Class)
	w.equal("grouping", f.Group)
	w.equal("level", f.Level)
	w.equal("status", f.Status)
	w.equal("source_id", f.Source)
	w.below("division", f.Division)
	if f.OrgID != "" {
		w.add(`(org_id IN (SELECT id FROM org WHERE root = ?)
			OR id IN (SELECT h.platform_id FROM platform_host h JOIN org o ON o.id = h.org_id WHERE o.root = ?))`, f.OrgID, f.OrgID)
	}
	return w
}

// PlatformFacets counts the platforms that a filter selects by "class",
// "group", "level", "division" and "status". Unlike OrgFacets it applies the
// whole filter to each field.
func (s *Service) PlatformFacets(ctx context.Context, f PlatformFilter) (Facets, error) {
	return facets(ctx, s.d, "platform", f.where(), map[string]string{"class": "class", "group": "grouping", "level": "level", "division": "division", "status": "status"})
}

func facets(ctx context.Context, q db.Querier, table string, w where, columns map[string]string) (Facets, error) {
	out := Facets{}
	for name, column := range columns {
		var err error
		if out[name], err = count(ctx, q, table, column, w); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func viewPlatforms(ctx context.Context, q db.Querier, ids []string) (map[string]Platform, error) {
	out, err := loadPlatforms(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var ends []string
	for _, p := range out {
		ends = append(append(ends, p.OrgID), p.HostIDs...)
	}
	named, err := refs(ctx, q, ends)
	for id, p := range out {
		p.Org = refTo(named, p.OrgID)
		for _, host := range p.HostIDs {
			if r := refTo(named, host); r != nil {
				p.Hosts = append(p.Hosts, *r)
			}
		}
		out[id] = p
	}
	return out, err
}

func refTo(named map[string]Ref, id string) *Ref {
	if r, ok := named[id]; ok {
		return &r
	}
	return nil
}

// PutPlatforms writes platforms from an import.
func (s *Service) PutPlatforms(ctx context.Context, tx *db.Tx, by change.Author, rows []Platform) ([]Outcome, error) {
	return put(ctx, tx, by, platforms, rows)
}

// SavePlatform creates a platform (Version 0) or replaces the one that still
// has that Version.
func (s *Service) SavePlatform(ctx context.Context, by change.Author, p Platform) (Platform, error) {
	return save(ctx, s.d, by, platforms, p)
}

// Park returns a park with the name of who runs it.
func (s *Service) Park(ctx context.Context, id string) (Park, error) {
	return one(ctx, s.d, id, viewParks)
}

// Parks lists parks.
func (s *Service) Parks(ctx context.Context, f ParkFilter) (List[Park], error) {
	l := listing[Park]{table: "park", where: f.where(), orders: namedOrders, sort: f.Sort, page: f.Page, load: viewParks}
	return l.read(ctx, s.d)
}

func (f ParkFilter) where() where {
	var w where
	w.query("folded", f.Query, false)
	w.equal("class", f.Class)
	w.equal("level", f.Level)
	w.equal("status", f.Status)
	w.equal("source_id", f.Source)
	w.below("division", f.Division)
	if f.OrgID != "" {
		w.add("org_id IN (SELECT id FROM org WHERE root = ?)", f.OrgID)
	}
	return w
}

// ParkFacets counts the parks that a filter selects by "class", "level",
// "division" and "status".
func (s *Service) ParkFacets(ctx context.Context, f ParkFilter) (Facets, error) {
	return facets(ctx, s.d, "park", f.where(), map[string]string{"class": "class", "level": "level", "division": "division", "status": "status"})
}

func viewParks(ctx context.Context, q db.Querier, ids []string) (map[string]Park, error) {
	out, err := loadParks(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var ends []string
	for _, p := range out {
		ends = append(ends, p.OrgID)
	}
	named, err := refs(ctx, q, ends)
	for id, p := range out {
		p.Org = refTo(named, p.OrgID)
		out[id] = p
	}
	return out, err
}

// PutParks writes parks from an import.
func (s *Service) PutParks(ctx context.Context, tx *db.Tx, by change.Author, rows []Park) ([]Outcome, error) {
	return put(ctx, tx, by, parks, rows)
}

// SavePark creates a park (Version 0) or replaces the one that still has that
// Version.
func (s *Service) SavePark(ctx context.Context, by change.Author, p Park) (Park, error) {
	return save(ctx, s.d, by, parks, p)
}
