package api

import (
	"context"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// ID is the part of the path that names a record.
type ID struct {
	ID string `path:"id" maxLength:"200" doc:"Id of the record"`
}

// OrgQuery are the filters of the register of organisations.
type OrgQuery struct {
	Query      string   `query:"q" maxLength:"200" doc:"Part of any name; case, width and traditional characters make no difference"`
	Prefix     bool     `query:"prefix" doc:"q must begin the name"`
	Kind       []string `query:"kind" enum:"enterprise,university,institute,national_laboratory,innovation_centre,major_facility,transfer_body,fund_manager,bank,park,government,hospital,nonprofit,archive,other" doc:"Kinds, parted by commas"`
	Country    string   `query:"country" pattern:"^[A-Za-z]{2}$" doc:"ISO 3166-1 alpha-2"`
	Division   string   `query:"division" pattern:"^[0-9]{6}$" doc:"GB/T 2260 code; a province or city covers what lies below it"`
	Status     string   `query:"status" enum:"active,inactive,withdrawn,merged" doc:"Merged records are left out unless asked for"`
	Source     string   `query:"source" maxLength:"200" doc:"Source id"`
	Batch      string   `query:"batch" maxLength:"200" doc:"Import batch id"`
	Identifier string   `query:"identifier" maxLength:"40" doc:"Has an identifier of this scheme, such as ror or uscc"`
}

func (q *OrgQuery) filter() registry.OrgFilter {
	f := registry.OrgFilter{Query: q.Query, Prefix: q.Prefix, Country: q.Country, Division: q.Division,
		Status: registry.Status(q.Status), Source: q.Source, Batch: q.Batch, HasIdentifier: q.Identifier}
	for _, k := range q.Kind {
		f.Kinds = append(f.Kinds, registry.OrgKind(k))
	}
	return f
}

// Order is the sort of a register.
type Order struct {
	Sort string `query:"sort" enum:"name,name_en,newest" default:"name" doc:"name: by Chinese name (pinyin); name_en; newest: last changed first"`
}

// OrgsIn asks for a page of organisations.
type OrgsIn struct {
	OrgQuery
	Order
	Paging
}

func (s *server) organisations() {
	const tag = "organisations"
	addList(s, route{id: "list_organisations", path: "/organisations", tag: tag, needs: account.Read}, orgTable(), s.listOrgs)
	add(s, route{id: "facets_of_organisations", path: "/organisations/facets", tag: tag, needs: account.Read}, s.orgFacets)
	add(s, route{id: "find_organisation", path: "/organisations/find", tag: tag, needs: account.Read}, s.findOrg)
	add(s, route{id: "get_organisation", path: "/organisations/{id}", tag: tag, needs: account.Read}, s.getOrg)
	addList(s, route{id: "papers_of_organisation", path: "/organisations/{id}/papers", tag: tag, needs: account.Read}, paperTable(), s.orgPapers)
	addList(s, route{id: "changes_of_organisation", path: "/organisations/{id}/changes", tag: tag, needs: account.Read}, changeTable(), s.orgChanges)
	addList(s, route{id: "merges_of_organisation", path: "/organisations/{id}/merges", tag: tag, needs: account.ReadPrivate}, mergeTable(), s.orgMerges)
}

func (s *server) listOrgs(ctx context.Context, in *OrgsIn) (part[registry.Org], error) {
	f := in.filter()
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	return fromList(s.Registry.Orgs(ctx, f))
}

// page is what the registry wants to know of the page.
func (p *Paging) page() registry.Page { return registry.Page{After: p.Cursor, Limit: p.Limit} }

func fromList[T any](l registry.List[T], err error) (part[T], error) {
	return part[T]{items: l.Items, next: l.Next, total: l.Total}, err
}

func (s *server) orgFacets(ctx context.Context, in *OrgQuery) (*answer[registry.OrgFacets], error) {
	facets, err := s.Registry.OrgFacets(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	for _, f := range []*[]registry.Facet{&facets.Kind, &facets.Country, &facets.Division, &facets.Status, &facets.Source} {
		if *f == nil {
			*f = []registry.Facet{}
		}
	}
	return of(facets), nil
}

func (s *server) getOrg(ctx context.Context, in *ID) (*answer[registry.Org], error) {
	o, err := s.org(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return row(o, o.Version), nil
}

// org returns an organisation that the caller may see.
func (s *server) org(ctx context.Context, id string) (registry.Org, error) {
	o, err := s.Registry.Org(ctx, id)
	return readableRow(ctx, s, o, err, func(o registry.Org) string { return o.SourceID }, id)
}

// FindIn names an organisation by an outside identifier.
type FindIn struct {
	Scheme string `query:"scheme" required:"true" maxLength:"40" doc:"ror, uscc, isni, lei …"`
	Value  string `query:"value" required:"true" maxLength:"200" doc:"In any usual spelling"`
}

func (s *server) findOrg(ctx context.Context, in *FindIn) (*answer[registry.Org], error) {
	o, err := s.Registry.ByIdentifier(ctx, identifier.Scheme(in.Scheme), in.Value)
	if o, err = readableRow(ctx, s, o, err, func(o registry.Org) string { return o.SourceID }, in.Scheme); err != nil {
		return nil, err
	}
	return row(o, o.Version).with("Content-Location", base+"/organisations/"+o.ID), nil
}

// OrgPapersIn asks for the papers of an organisation.
type OrgPapersIn struct {
	ID
	Children bool   `query:"include_children" doc:"Also those of all organisations below"`
	At       string `query:"at" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Day whose hierarchy include_children follows; today"`
	Year     int    `query:"year" minimum:"1000" maximum:"9999"`
	Paging
}

func (s *server) orgPapers(ctx context.Context, in *OrgPapersIn) (part[registry.Paper], error) {
	if _, err := s.org(ctx, in.ID.ID); err != nil {
		return part[registry.Paper]{}, err
	}
	return fromList(s.Registry.Papers(ctx, registry.PaperFilter{OrgID: in.ID.ID, IncludeChildren: in.Children, At: in.At, Year: in.Year,
		Sort: registry.SortNewest, Page: in.page()}))
}

// OfOneIn asks for a list that belongs to one record.
type OfOneIn struct {
	ID
	Paging
}

func (s *server) orgChanges(ctx context.Context, in *OfOneIn) (part[Change], error) {
	if _, err := s.org(ctx, in.ID.ID); err != nil {
		return part[Change]{}, err
	}
	before, err := decodeSeq(in.Cursor)
	if err != nil {
		return part[Change]{}, err
	}
	entries, err := s.Registry.History(ctx, registry.KindOrg, in.ID.ID, before, in.Limit)
	if err != nil {
		return part[Change]{}, err
	}
	return s.historyPage(ctx, entries, in.Limit)
}

func (s *server) orgMerges(ctx context.Context, in *OfOneIn) (part[registry.MergeRecord], error) {
	all, err := s.Registry.Merges(ctx, in.ID.ID)
	if err != nil {
		return part[registry.MergeRecord]{}, err
	}
	return cutPage(all, &in.Paging, func(m *registry.MergeRecord) string { return m.ID })
}

func mergeTable() table[registry.MergeRecord] {
	type m = registry.MergeRecord
	return table[m]{name: "merges", columns: []column[m]{
		{"id", func(v *m) any { return v.ID }}, {"from", func(v *m) any { return v.From }}, {"into", func(v *m) any { return v.Into }},
		{"reason", func(v *m) any { return v.Reason }}, {"actor", func(v *m) any { return v.Actor }},
		{"at", func(v *m) any { return instant(v.At) }}, {"undone_at", func(v *m) any { return instant(v.UndoneAt) }},
	}}
}

func orgTable() table[registry.Org] {
	type o = registry.Org
	return table[o]{name: "organisations", source: func(v *o) string { return v.SourceID }, columns: []column[o]{
		{"id", func(v *o) any { return v.ID }},
		{"name_zh", func(v *o) any { return v.Title().ZH }}, {"name_en", func(v *o) any { return v.Title().EN }},
		{"other_names", func(v *o) any { return otherNames(v.Names, v.Title()) }},
		{"kind", func(v *o) any { return string(v.Kind) }}, {"status", func(v *o) any { return string(v.Status) }},
		{"identifiers", func(v *o) any { return identifiers(v.Identifiers) }},
		{"country", func(v *o) any { return v.Place.Country }}, {"division", func(v *o) any { return v.Place.Division }}, {"city", func(v *o) any { return v.Place.City }},
		{"lat", func(v *o) any { return number(v.Place.Lat) }}, {"lon", func(v *o) any { return number(v.Place.Lon) }},
		{"established", func(v *o) any { return v.Established }}, {"closed", func(v *o) any { return v.Closed }},
		{"website", func(v *o) any { return v.Website }}, {"evidence", func(v *o) any { return v.Evidence }},
		{"batch_id", func(v *o) any { return v.BatchID }}, {"version", func(v *o) any { return v.Version }},
		{"updated_at", func(v *o) any { return instant(v.UpdatedAt) }},
	}}
}

// otherNames lists the names that the two title columns do not show.
func otherNames(names []registry.Name, title i18n.Text) string {
	out := ""
	for _, n := range names {
		if n.Text != title.ZH && n.Text != title.EN {
			out = join(out, n.Text)
		}
	}
	return out
}

func identifiers(ids []registry.Identifier) string {
	out := ""
	for _, v := range ids {
		out = join(out, string(v.Scheme)+":"+v.Value)
	}
	return out
}

// join puts several values into one cell.
func join(list, value string) string {
	if list == "" {
		return value
	}
	return list + " | " + value
}

// number is a cell that stays empty for what is not known.
func number(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}

// year is a cell that stays empty for an unknown year.
func year(v int) any {
	if v == 0 {
		return nil
	}
	return strconv.Itoa(v)
}
