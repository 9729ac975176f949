package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/sheet"
)

func orgFilter(q url.Values) registry.OrgFilter {
	f := registry.OrgFilter{Query: q.Get("q"), Country: q.Get("country"), Division: q.Get("division"), Status: registry.Status(q.Get("status")),
		Source: q.Get("source"), Batch: q.Get("batch"), HasIdentifier: q.Get("identifier"), Sort: registry.Sort(q.Get("sort"))}
	for _, k := range q["kind"] {
		if k != "" {
			f.Kinds = append(f.Kinds, registry.OrgKind(k))
		}
	}
	return f
}

// sortFor makes the standing order that of the reader's language.
func sortFor(l i18n.Lang, s registry.Sort) registry.Sort {
	if s == "" && l == i18n.EN {
		return registry.SortNameEN
	}
	return s
}

func (s *Site) organisations(w http.ResponseWriter, r *http.Request) error {
	x, err := s.newList(r, "organisations")
	if err != nil {
		return err
	}
	f := orgFilter(x.q)
	facets, err := s.svc.Registry.OrgFacets(x.ctx, f)
	if err != nil {
		return err
	}
	f.Sort = sortFor(x.l, f.Sort)
	_, f.After = cursorOf(x.q)
	f.Limit = pageSize
	got, err := s.svc.Registry.Orgs(x.ctx, f)
	if err != nil {
		return err
	}
	x.text("q", "reg.find_org")
	x.choice("kind", "reg.kind", facets.Kind, func(v string) string { return x.word("kind", v) })
	x.choice("country", "reg.country", facets.Country, func(v string) string { return i18n.Country(x.l, v) })
	x.choice("division", "reg.division", withBelow(facets.Division), x.division)
	x.choice("status", "reg.status", append(facets.Status, registry.Facet{}), func(v string) string { return x.word("status", v) })
	x.choice("source", "reg.source", facets.Source, x.sourceTitle)
	x.schemes(f.HasIdentifier)
	x.chip("batch", x.say("reg.batch"), f.Batch, f.Batch)
	x.nameColumn("reg.name")
	x.column("reg.kind", false, "", "", false)
	x.column("reg.seat", false, "", "", false)
	x.column("reg.identifier", false, "", "", false)
	x.column("reg.updated", false, registry.SortNewest, "descending", false)
	for _, o := range got.Items {
		x.row(o.SourceID, x.orgRow(o))
	}
	if x.can(account.Edit) {
		x.p.Acts = []Link{{x.say("reg.new_org"), "/organisations/new"}}
	}
	return s.Render(w, r, "register", x.finish(got.Total, len(got.Items), got.Next))
}

func (x *list) orgRow(o registry.Org) RegisterRow {
	row := x.named("/organisations/"+o.ID, o.Title())
	if o.Status != registry.Active {
		row.Mark = x.word("status", string(o.Status))
	}
	id := Cell{}
	if best, ok := bestIdentifier(o.Identifiers); ok {
		id = Cell{Text: x.say("reg.id_of", map[string]any{"scheme": x.word("scheme_short", string(best.Scheme)), "value": best.Value}), Href: identifier.URL(best.Scheme, best.Value)}
	}
	row.Cells = []Cell{{Text: x.word("kind", string(o.Kind))}, {Text: x.place(o.Place)}, id, {Text: day(o.UpdatedAt.Time)}}
	return row
}

// bestIdentifier is the one that says most: the Chinese credit code, ROR, then
// whichever comes first.
func bestIdentifier(ids []registry.Identifier) (registry.Identifier, bool) {
	for _, scheme := range []identifier.Scheme{identifier.USCC, identifier.ROR} {
		if i := slices.IndexFunc(ids, func(id registry.Identifier) bool { return id.Scheme == scheme }); i >= 0 {
			return ids[i], true
		}
	}
	if len(ids) == 0 {
		return registry.Identifier{}, false
	}
	return ids[0], true
}

// nameColumn is the first column, which orders by the name shown.
func (x *list) nameColumn(key string) {
	sort := sortFor(x.l, registry.SortName)
	if x.l == i18n.EN {
		sort = registry.SortNameEN
	}
	x.column(key, false, sort, "ascending", true)
}

// withBelow counts for each division what lies below it too, as a filter by it
// does.
func withBelow(counts []registry.Facet) []registry.Facet {
	out := slices.Clone(counts)
	for i, c := range counts {
		area := strings.TrimSuffix(strings.TrimSuffix(c.Value, "00"), "00")
		if area == c.Value || area == "" {
			continue
		}
		out[i].Count = 0
		for _, d := range counts {
			if strings.HasPrefix(d.Value, area) {
				out[i].Count += d.Count
			}
		}
	}
	slices.SortStableFunc(out, func(a, b registry.Facet) int { return cmp.Compare(b.Count, a.Count) })
	return out
}

func (x *list) sourceTitle(id string) string {
	if src, ok := x.sources[id]; ok {
		return src.Title.In(x.l)
	}
	return id
}

// schemes lets readers ask for records that have an identifier.
func (x *list) schemes(now string) {
	f := Field{Name: "identifier", Label: x.say("reg.has_identifier"), Kind: "select", Options: []Option{{Value: "", Label: x.say("reg.all")}}}
	for _, sc := range []identifier.Scheme{identifier.USCC, identifier.ROR, identifier.ISNI, identifier.LEI, identifier.GRID, identifier.Wikidata} {
		f.Options = append(f.Options, Option{Value: string(sc), Label: x.word("scheme", string(sc)), Selected: now == string(sc)})
	}
	x.p.Filter.Fields = append(x.p.Filter.Fields, f)
	x.chip("identifier", x.say("reg.has_identifier"), x.word("scheme", now), now)
}

// orgExport is the list as rows of a file.
func (s *Site) orgExport(v *reading, q url.Values) (export, error) {
	f := orgFilter(q)
	f.Sort, f.Limit = sortFor(v.l, f.Sort), exportStep
	e := export{name: "organisations", head: []string{"id", "name_zh", "name_en", "other_names", "kind", "status", "country", "division", "city", "lat", "lon",
		"website", "uscc", "ror", "isni", "wikidata", "established", "closed", "source_id", "batch_id", "evidence"}}
	e.rows = follow(v, f.Page, func(ctx context.Context, p registry.Page) (registry.List[registry.Org], error) {
		f.Page = p
		return s.svc.Registry.Orgs(ctx, f)
	}, func(o registry.Org) (string, sheet.Row) {
		t := o.Title()
		return o.SourceID, sheet.Row{o.ID, t.ZH, t.EN, otherNames(o.Names, t), string(o.Kind), string(o.Status), o.Place.Country, o.Place.Division, o.Place.City,
			degree(o.Place.Lat), degree(o.Place.Lon), o.Website, identifiers(o.Identifiers, identifier.USCC), identifiers(o.Identifiers, identifier.ROR),
			identifiers(o.Identifiers, identifier.ISNI), identifiers(o.Identifiers, identifier.Wikidata), o.Established, o.Closed, o.SourceID, o.BatchID, o.Evidence}
	})
	return e, nil
}
