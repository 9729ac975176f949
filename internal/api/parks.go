package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
)

// ParkQuery are the filters of parks, bases and incubators.
type ParkQuery struct {
	Query    string `query:"q" maxLength:"200" doc:"Part of any name"`
	Class    string `query:"class" maxLength:"80"`
	Level    string `query:"level" maxLength:"80"`
	Division string `query:"division" pattern:"^[0-9]{6}$" doc:"GB/T 2260 code; covers what lies below it"`
	Status   string `query:"status" enum:"verified,unverified"`
	Org      string `query:"organisation" maxLength:"200" doc:"Run by this organisation"`
	Source   string `query:"source" maxLength:"200" doc:"Source id"`
}

func (q *ParkQuery) filter() registry.ParkFilter {
	return registry.ParkFilter{Query: q.Query, Class: q.Class, Level: q.Level, Division: q.Division, Status: q.Status, OrgID: q.Org, Source: q.Source}
}

// ParksIn asks for a page of parks.
type ParksIn struct {
	ParkQuery
	Order
	Paging
}

func (s *server) parks() {
	const tag = "parks"
	addList(s, route{id: "list_parks", path: "/parks", tag: tag, needs: account.Read}, parkTable(), s.listParks)
	add(s, route{id: "facets_of_parks", path: "/parks/facets", tag: tag, needs: account.Read}, s.parkFacets)
	add(s, route{id: "get_park", path: "/parks/{id}", tag: tag, needs: account.Read}, s.getPark)
}

func (s *server) listParks(ctx context.Context, in *ParksIn) (part[registry.Park], error) {
	f := in.filter()
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	return fromList(s.Registry.Parks(ctx, f))
}

func (s *server) parkFacets(ctx context.Context, in *ParkQuery) (*answer[FacetMap], error) {
	facets, err := s.Registry.ParkFacets(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	return of(facetMap(facets)), nil
}

func (s *server) getPark(ctx context.Context, in *ID) (*answer[registry.Park], error) {
	p, err := s.Registry.Park(ctx, in.ID)
	if p, err = readableRow(ctx, s, p, err, func(p registry.Park) string { return p.SourceID }, in.ID); err != nil {
		return nil, err
	}
	return row(p, p.Version), nil
}

func parkTable() table[registry.Park] {
	type p = registry.Park
	return table[p]{name: "parks", source: func(v *p) string { return v.SourceID }, columns: []column[p]{
		{"id", func(v *p) any { return v.ID }}, {"key", func(v *p) any { return v.Key }},
		{"name_zh", func(v *p) any { return v.Title().ZH }}, {"name_en", func(v *p) any { return v.Title().EN }},
		{"class", func(v *p) any { return v.Class }}, {"level", func(v *p) any { return v.Level }},
		{"field_zh", func(v *p) any { return v.Field.ZH }}, {"field_en", func(v *p) any { return v.Field.EN }},
		{"division", func(v *p) any { return v.Division }}, {"organisation_id", func(v *p) any { return v.OrgID }},
		{"status", func(v *p) any { return v.Status }}, {"established", func(v *p) any { return v.Established }}, {"closed", func(v *p) any { return v.Closed }},
		{"website", func(v *p) any { return v.Website }}, {"note_zh", func(v *p) any { return v.Note.ZH }}, {"note_en", func(v *p) any { return v.Note.EN }},
		{"evidence", func(v *p) any { return v.Evidence }}, {"batch_id", func(v *p) any { return v.BatchID }}, {"version", func(v *p) any { return v.Version }},
	}}
}
