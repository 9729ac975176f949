package transfer

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// ResultFacets counts the results that a filter selects and the viewer reads,
// by "type", "stage", "form", "right", "trl" (of the filter's scale; else not
// counted), "status", "level", "division", "source", "owner", and "ipc",
// "section", "industry" and "sector" (subclass and section of IPC, two digits
// and section of GB/T 4754). The most frequent value comes first; "" stands for
// unknown. A record with several values of a field counts under each.
func (s *Service) ResultFacets(ctx context.Context, v level.Viewer, f ResultFilter) (registry.Facets, error) {
	f.today = today(s.d.Now())
	own := map[string]string{"type": "t.type", "stage": "t.stage"}
	if f.TRLScale != "" {
		own["trl"] = "COALESCE(CAST(t.trl AS TEXT), '')"
	}
	return s.count(ctx, KindResult, f.where(v), own, "form", "right")
}

// NeedFacets is ResultFacets for needs, with "kind", "form" and "region".
func (s *Service) NeedFacets(ctx context.Context, v level.Viewer, f NeedFilter) (registry.Facets, error) {
	f.today = today(s.d.Now())
	return s.count(ctx, KindNeed, f.where(v), map[string]string{"kind": "t.kind"}, "form", "region")
}

// ServiceFacets is ResultFacets for services and equipment, with "kind" and
// "platform".
func (s *Service) ServiceFacets(ctx context.Context, v level.Viewer, f ServiceFilter) (registry.Facets, error) {
	f.today = today(s.d.Now())
	return s.count(ctx, KindService, f.where(v), map[string]string{"kind": "t.kind", "platform": "COALESCE(t.platform_id, '')"})
}

// several are the facets of fields that may have more than one value, with
// their field in record_facet.
var several = map[string]string{"subclass": "ipc", "section": "section", "major": "industry", "sector": "sector", "form": "form", "right": "right", "region": "region"}

// count reads the records once for the fields that have one value each, and
// their values once for the others.
func (s *Service) count(ctx context.Context, word string, w where, own map[string]string, lists ...string) (registry.Facets, error) {
	columns := map[string]string{"status": "t.status", "level": "t.level", "division": "t.division", "source": "t.source_id", "owner": "COALESCE(o.root, '')"}
	for name, column := range own {
		columns[name] = column
	}
	names := sorted(columns)
	total, tally, err := countOne(ctx, s.d, word, w, names, columns)
	if err != nil {
		return nil, err
	}
	out := registry.Facets{}
	for _, name := range names {
		out[name] = ranked(tally[name])
	}
	for _, name := range append(lists, "ipc", "section", "industry", "sector") {
		out[name] = nil
	}
	return out, countSeveral(ctx, s.d, word, w, total, out)
}

// countOne counts the fields that have one value each.
func countOne(ctx context.Context, q db.Querier, word string, w where, names []string, columns map[string]string) (total int64, tally map[string]map[string]int64, err error) {
	var list []string
	tally = map[string]map[string]int64{}
	for _, name := range names {
		list = append(list, columns[name])
		tally[name] = map[string]int64{}
	}
	cells := make([]string, len(names))
	to := make([]any, len(names)+1)
	for i := range cells {
		to[i] = &cells[i]
	}
	var n int64
	to[len(names)] = &n
	group := strings.Join(list, ", ")
	err = db.Each(ctx, q, func(s db.Scan) error {
		err := s(to...)
		for i, name := range names {
			tally[name][cells[i]] += n
		}
		total += n
		return err
	}, "SELECT "+group+", COUNT(*) FROM "+word+" t LEFT JOIN org o ON o.id = t.owner_id"+w.String()+" GROUP BY "+group, w.args...)
	return total, tally, err
}

// countSeveral counts the fields that may have several values; a record counts
// once under each, and under "" when it has none.
func countSeveral(ctx context.Context, q db.Querier, word string, w where, total int64, out registry.Facets) error {
	from := " FROM record_facet f WHERE f.kind = '" + word + "' AND f.field NOT IN ('ipc', 'industry') AND f.record_id IN (SELECT t.id FROM " + word + " t" + w.String() + ")"
	tally := map[string]map[string]int64{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		var field, value string
		var n int64
		err := s(&field, &value, &n)
		if tally[field] == nil {
			tally[field] = map[string]int64{}
		}
		tally[field][value] = n
		return err
	}, "SELECT f.field, f.value, COUNT(*)"+from+" GROUP BY f.field, f.value", w.args...)
	if err != nil {
		return err
	}
	stated := map[string]int64{}
	err = db.Each(ctx, q, func(s db.Scan) error {
		var field string
		var n int64
		err := s(&field, &n)
		stated[field] = n
		return err
	}, "SELECT f.field, COUNT(DISTINCT f.record_id)"+from+" GROUP BY f.field", w.args...)
	for field, name := range several {
		if _, asked := out[name]; !asked {
			continue
		}
		out[name] = ranked(tally[field])
		if none := total - stated[field]; none > 0 {
			out[name] = append(out[name], registry.Facet{Count: none})
		}
	}
	return err
}

// ranked orders counts, the most frequent first.
func ranked(tally map[string]int64) []registry.Facet {
	var out []registry.Facet
	for value, n := range tally {
		out = append(out, registry.Facet{Value: value, Count: n})
	}
	slices.SortFunc(out, func(a, b registry.Facet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return out
}

func scanFacet(s db.Scan) (registry.Facet, error) {
	var f registry.Facet
	err := s(&f.Value, &f.Count)
	return f, err
}
