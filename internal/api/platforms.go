package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
)

// PlatformQuery are the filters of the platform system.
type PlatformQuery struct {
	Query    string `query:"q" maxLength:"200" doc:"Part of any name"`
	Class    string `query:"class" maxLength:"80"`
	Group    string `query:"group" maxLength:"80" doc:"Group of the 2+2+N system"`
	Level    string `query:"level" maxLength:"80"`
	Division string `query:"division" pattern:"^[0-9]{6}$" doc:"GB/T 2260 code; covers what lies below it"`
	Status   string `query:"status" enum:"verified,unverified"`
	Org      string `query:"organisation" maxLength:"200" doc:"Hosted by, or itself, this organisation"`
	Source   string `query:"source" maxLength:"200" doc:"Source id"`
}

func (q *PlatformQuery) filter() registry.PlatformFilter {
	return registry.PlatformFilter{Query: q.Query, Class: q.Class, Group: q.Group, Level: q.Level, Division: q.Division, Status: q.Status, OrgID: q.Org, Source: q.Source}
}

// PlatformsIn asks for a page of platforms.
type PlatformsIn struct {
	PlatformQuery
	Order
	Paging
}

// FacetMap are the counts of each field of a register.
type FacetMap map[string][]registry.Facet

func (s *server) platforms() {
	const tag = "platforms"
	addList(s, route{id: "list_platforms", path: "/platforms", tag: tag, needs: account.Read}, platformTable(), s.listPlatforms)
	add(s, route{id: "facets_of_platforms", path: "/platforms/facets", tag: tag, needs: account.Read}, s.platformFacets)
	add(s, route{id: "get_platform", path: "/platforms/{id}", tag: tag, needs: account.Read}, s.getPlatform)
}

func (s *server) listPlatforms(ctx context.Context, in *PlatformsIn) (part[registry.Platform], error) {
	f := in.filter()
	f.Sort, f.Page = registry.Sort(in.Sort), in.page()
	return fromList(s.Registry.Platforms(ctx, f))
}

func (s *server) platformFacets(ctx context.Context, in *PlatformQuery) (*answer[FacetMap], error) {
	facets, err := s.Registry.PlatformFacets(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	return of(facetMap(facets)), nil
}

func facetMap(facets registry.Facets) FacetMap {
	out := FacetMap{}
	for field, counts := range facets {
		out[field] = append([]registry.Facet{}, counts...)
	}
	return out
}

func (s *server) getPlatform(ctx context.Context, in *ID) (*answer[registry.Platform], error) {
	p, err := s.Registry.Platform(ctx, in.ID)
	if p, err = readableRow(ctx, s, p, err, func(p registry.Platform) string { return p.SourceID }, in.ID); err != nil {
		return nil, err
	}
	return row(p, p.Version), nil
}

func platformTable() table[registry.Platform] {
	type p = registry.Platform
	return table[p]{name: "platforms", source: func(v *p) string { return v.SourceID }, columns: []column[p]{
		{"id", func(v *p) any { return v.ID }}, {"key", func(v *p) any { return v.Key }},
		{"name_zh", func(v *p) any { return v.Title().ZH }}, {"name_en", func(v *p) any { return v.Title().EN }},
		{"class", func(v *p) any { return v.Class }}, {"group", func(v *p) any { return v.Group }}, {"level", func(v *p) any { return v.Level }},
		{"field_zh", func(v *p) any { return v.Field.ZH }}, {"field_en", func(v *p) any { return v.Field.EN }},
		{"division", func(v *p) any { return v.Division }}, {"organisation_id", func(v *p) any { return v.OrgID }},
		{"hosts", func(v *p) any { return refNames(v.Hosts, v.HostText) }},
		{"status", func(v *p) any { return v.Status }}, {"established", func(v *p) any { return v.Established }}, {"closed", func(v *p) any { return v.Closed }},
		{"website", func(v *p) any { return v.Website }}, {"note_zh", func(v *p) any { return v.Note.ZH }}, {"note_en", func(v *p) any { return v.Note.EN }},
		{"evidence", func(v *p) any { return v.Evidence }}, {"batch_id", func(v *p) any { return v.BatchID }}, {"version", func(v *p) any { return v.Version }},
	}}
}

// refNames lists records by their names, or says what the source says.
func refNames(refs []registry.Ref, text string) string {
	out := ""
	for _, r := range refs {
		name := r.Name.ZH
		if name == "" {
			name = r.Name.EN
		}
		if name == "" {
			name = r.ID
		}
		out = join(out, name)
	}
	if out == "" {
		return text
	}
	return out
}
