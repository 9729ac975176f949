package api

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
)

// PeopleIn asks for a page of people.
type PeopleIn struct {
	Query string `query:"q" maxLength:"200" doc:"Part of a name"`
	ORCID string `query:"orcid" maxLength:"60"`
	Org   string `query:"organisation" maxLength:"200" doc:"With any relation to this organisation"`
	Order
	Paging
}

func (s *server) people() {
	const tag = "people"
	addList(s, route{id: "list_people", path: "/people", tag: tag, needs: account.Read}, personTable(), s.listPeople)
	add(s, route{id: "get_person", path: "/people/{id}", tag: tag, needs: account.Read}, s.getPerson)
}

func (s *server) listPeople(ctx context.Context, in *PeopleIn) (part[registry.Person], error) {
	return fromList(s.Registry.People(ctx, registry.PersonFilter{Query: in.Query, ORCID: in.ORCID, OrgID: in.Org, Sort: registry.Sort(in.Sort), Page: in.page()}))
}

func (s *server) getPerson(ctx context.Context, in *ID) (*answer[registry.Person], error) {
	p, err := s.Registry.Person(ctx, in.ID)
	if p, err = readableRow(ctx, s, p, err, func(p registry.Person) string { return p.SourceID }, in.ID); err != nil {
		return nil, err
	}
	return row(p, p.Version), nil
}

func personTable() table[registry.Person] {
	type p = registry.Person
	return table[p]{name: "people", source: func(v *p) string { return v.SourceID }, columns: []column[p]{
		{"id", func(v *p) any { return v.ID }}, {"name_zh", func(v *p) any { return v.Title().ZH }}, {"name_en", func(v *p) any { return v.Title().EN }},
		{"orcid", func(v *p) any { return v.ORCID }}, {"evidence", func(v *p) any { return v.Evidence }},
		{"batch_id", func(v *p) any { return v.BatchID }}, {"version", func(v *p) any { return v.Version }},
	}}
}
