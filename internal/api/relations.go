package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/registry"
)

// RelationOf is one relation seen from a record.
type RelationOf struct {
	Kind     registry.RelationKind `json:"kind"`
	Outward  bool                  `json:"outward" doc:"True: the record is the KIND of other. False: other is the KIND of the record"`
	Other    registry.Ref          `json:"other"`
	Relation registry.Relation     `json:"relation"`
}

// RelationIn is a new relation: from is the KIND of to.
type RelationIn struct {
	From      string   `json:"from" minLength:"1" maxLength:"200"`
	Kind      string   `json:"kind" enum:"parent,host,member,joint,successor,associated,related"`
	To        string   `json:"to" minLength:"1" maxLength:"200"`
	ValidFrom string   `json:"valid_from,omitempty" maxLength:"10" doc:"First day; empty for unknown"`
	ValidTo   string   `json:"valid_to,omitempty" maxLength:"10" doc:"First day after; empty for open"`
	Share     *float64 `json:"share,omitempty" minimum:"0" maximum:"1"`
	Evidence  string   `json:"evidence,omitempty" maxLength:"2000"`
	SourceID  string   `json:"source_id" minLength:"1" maxLength:"200"`
	Reason    string   `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (s *server) relations() {
	addList(s, route{id: "relations_of_organisation", path: "/organisations/{id}/relations", tag: "organisations", needs: account.Read}, relationTable(), s.orgRelations)
	addList(s, route{id: "relations_of_record", path: "/relations", tag: "relations", needs: account.Read}, relationTable(), s.recordRelations)
	add(s, route{id: "create_relation", method: http.MethodPost, path: "/relations", tag: "relations", needs: account.Edit, once: true, status: http.StatusCreated}, s.createRelation)
	add(s, route{id: "remove_relation", method: http.MethodDelete, path: "/relations/{id}", tag: "relations", needs: account.Edit, versioned: true, status: http.StatusNoContent}, s.removeRelation)
}

func (s *server) orgRelations(ctx context.Context, in *OfOneIn) (part[RelationOf], error) {
	if _, err := s.org(ctx, in.ID.ID); err != nil {
		return part[RelationOf]{}, err
	}
	return s.relationPage(ctx, in.ID.ID, &in.Paging)
}

// RelationsIn names the record whose relations are asked for.
type RelationsIn struct {
	Of string `query:"of" required:"true" maxLength:"200" doc:"Id of an organisation, platform, park or person"`
	Paging
}

func (s *server) recordRelations(ctx context.Context, in *RelationsIn) (part[RelationOf], error) {
	return s.relationPage(ctx, in.Of, &in.Paging)
}

func (s *server) relationPage(ctx context.Context, id string, p *Paging) (part[RelationOf], error) {
	groups, err := s.Registry.Relations(ctx, id)
	if err != nil {
		return part[RelationOf]{}, err
	}
	var all []RelationOf
	for _, g := range groups {
		for _, l := range g.Links {
			all = append(all, RelationOf{g.Kind, g.Outward, l.Other, l.Relation})
		}
	}
	return cutPage(all, p, func(v *RelationOf) string { return v.Relation.ID })
}

func (s *server) createRelation(ctx context.Context, in *struct{ Body RelationIn }) (*answer[registry.Relation], error) {
	b := &in.Body
	r, err := s.Registry.SaveRelation(ctx, author(ctx, b.Reason), registry.Relation{From: b.From, Kind: registry.RelationKind(b.Kind), To: b.To,
		ValidFrom: b.ValidFrom, ValidTo: b.ValidTo, Share: b.Share, Evidence: b.Evidence, SourceID: b.SourceID})
	if err != nil {
		return nil, err
	}
	return row(r, r.Version), nil
}

func (s *server) removeRelation(ctx context.Context, in *ID) (*answer[struct{}], error) {
	return of(struct{}{}), s.Registry.RemoveRelation(ctx, author(ctx, ""), in.ID, callOf(ctx).match)
}

func relationTable() table[RelationOf] {
	type r = RelationOf
	return table[r]{name: "relations", source: func(v *r) string { return v.Relation.SourceID }, columns: []column[r]{
		{"id", func(v *r) any { return v.Relation.ID }}, {"from", func(v *r) any { return v.Relation.From }},
		{"kind", func(v *r) any { return string(v.Kind) }}, {"to", func(v *r) any { return v.Relation.To }},
		{"other_id", func(v *r) any { return v.Other.ID }}, {"other_zh", func(v *r) any { return v.Other.Name.ZH }}, {"other_en", func(v *r) any { return v.Other.Name.EN }},
		{"valid_from", func(v *r) any { return v.Relation.ValidFrom }}, {"valid_to", func(v *r) any { return v.Relation.ValidTo }},
		{"share", func(v *r) any { return number(v.Relation.Share) }}, {"evidence", func(v *r) any { return v.Relation.Evidence }},
		{"version", func(v *r) any { return v.Relation.Version }},
	}}
}
