package transfer

import (
	"context"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// counted is a field that facets count: a column of the records' own table, or
// the first letters of a field that may have several values.
type counted struct {
	column string
	field  string
	chars  int // of the value; 0 is all of it
}

var commonCounted = map[string]counted{
	"status":   {column: "status"},
	"level":    {column: "level"},
	"division": {column: "division"},
	"source":   {column: "source_id"},
	"ipc":      {field: "ipc", chars: 4},
	"section":  {field: "ipc", chars: 1},
	"industry": {field: "industry", chars: 3},
	"sector":   {field: "industry", chars: 1},
}

// ResultFacets counts the results that a filter selects and the viewer reads,
// by "type", "stage", "form", "right", "trl" (of the filter's scale, else none),
// "status", "level", "division", "source", "owner", and "ipc", "section",
// "industry" and "sector" (codes cut short). The value "" stands for unknown. A
// record with several values of a field counts under each.
func (s *Service) ResultFacets(ctx context.Context, v level.Viewer, f ResultFilter) (registry.Facets, error) {
	f.today = today(s.d.Now())
	own := map[string]counted{"type": {column: "type"}, "stage": {column: "stage"}, "form": {field: "form"}, "right": {field: "right"}}
	if f.TRLScale != "" {
		own["trl"] = counted{column: "trl"}
	}
	return s.count(ctx, KindResult, f.where(v), own)
}

// NeedFacets is ResultFacets for needs, with "kind", "form" and "region".
func (s *Service) NeedFacets(ctx context.Context, v level.Viewer, f NeedFilter) (registry.Facets, error) {
	f.today = today(s.d.Now())
	return s.count(ctx, KindNeed, f.where(v), map[string]counted{"kind": {column: "kind"}, "form": {field: "form"}, "region": {field: "region"}})
}

// ServiceFacets is ResultFacets for services and equipment, with "kind" and
// "platform".
func (s *Service) ServiceFacets(ctx context.Context, v level.Viewer, f ServiceFilter) (registry.Facets, error) {
	f.today = today(s.d.Now())
	return s.count(ctx, KindService, f.where(v), map[string]counted{"kind": {column: "kind"}, "platform": {column: "platform_id"}})
}

func (s *Service) count(ctx context.Context, word string, w where, own map[string]counted) (registry.Facets, error) {
	out := registry.Facets{}
	for _, fields := range []map[string]counted{commonCounted, own} {
		for name, c := range fields {
			var err error
			if out[name], err = countField(ctx, s.d, word, w, c); err != nil {
				return nil, err
			}
		}
	}
	owners, err := countOwners(ctx, s.d, word, w)
	out["owner"] = owners
	return out, err
}

func scanFacet(s db.Scan) (registry.Facet, error) {
	var f registry.Facet
	err := s(&f.Value, &f.Count)
	return f, err
}

func countField(ctx context.Context, q db.Querier, word string, w where, c counted) ([]registry.Facet, error) {
	if c.column != "" {
		value := "COALESCE(CAST(t." + c.column + " AS TEXT), '')"
		return db.Collect(ctx, q, scanFacet, "SELECT "+value+", COUNT(*) FROM "+word+" t"+w.String()+" GROUP BY t."+c.column+" ORDER BY COUNT(*) DESC, t."+c.column, w.args...)
	}
	value := "f.value"
	if c.chars > 0 {
		value = "substr(f.value, 1, " + strconv.Itoa(c.chars) + ")"
	}
	join := word + " t JOIN record_facet f ON f.kind = '" + word + "' AND f.record_id = t.id AND f.field = '" + c.field + "'"
	out, err := db.Collect(ctx, q, scanFacet, "SELECT "+value+", COUNT(DISTINCT t.id) FROM "+join+w.String()+" GROUP BY "+value+" ORDER BY COUNT(DISTINCT t.id) DESC, "+value, w.args...)
	if err != nil {
		return nil, err
	}
	w = where{parts: append([]string(nil), w.parts...), args: w.args}
	w.add("NOT EXISTS (SELECT 1 FROM record_facet f WHERE f.kind = '" + word + "' AND f.record_id = t.id AND f.field = '" + c.field + "')")
	none, _, err := db.Value[int64](ctx, q, "SELECT COUNT(*) FROM "+word+" t"+w.String(), w.args...)
	if none > 0 {
		out = append(out, registry.Facet{Count: none})
	}
	return out, err
}

// countOwners counts by the organisation that answers for the owner now, the
// hundred with most records.
func countOwners(ctx context.Context, q db.Querier, word string, w where) ([]registry.Facet, error) {
	return db.Collect(ctx, q, scanFacet, "SELECT COALESCE(o.root, ''), COUNT(*) FROM "+word+" t LEFT JOIN org o ON o.id = t.owner_id"+w.String()+
		" GROUP BY o.root ORDER BY COUNT(*) DESC, o.root LIMIT 100", w.args...)
}
