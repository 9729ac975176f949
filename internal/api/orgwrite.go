package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// NameIn is one name of a record, as it is written.
type NameIn struct {
	Text string `json:"text" minLength:"1" maxLength:"1000"`
	Lang string `json:"lang,omitempty" maxLength:"35" doc:"BCP 47"`
	Kind string `json:"kind,omitempty" enum:"official,label,alias,short,former,acronym" default:"official"`
	From string `json:"from,omitempty" maxLength:"10" doc:"First day of use"`
	To   string `json:"to,omitempty" maxLength:"10" doc:"First day without use"`
}

// IdentifierIn is one outside id, in any usual spelling.
type IdentifierIn struct {
	Scheme string `json:"scheme" minLength:"1" maxLength:"40"`
	Value  string `json:"value" minLength:"1" maxLength:"200"`
}

// OrgIn is what a person says of a new organisation.
type OrgIn struct {
	Kind        string         `json:"kind" enum:"enterprise,university,institute,national_laboratory,innovation_centre,major_facility,transfer_body,fund_manager,bank,park,government,hospital,nonprofit,archive,other"`
	Names       []NameIn       `json:"names" minItems:"1" maxItems:"200" nullable:"false"`
	Identifiers []IdentifierIn `json:"identifiers,omitempty" maxItems:"100"`
	Status      string         `json:"status,omitempty" enum:"active,inactive,withdrawn" default:"active"`
	Established string         `json:"established,omitempty" maxLength:"10"`
	Closed      string         `json:"closed,omitempty" maxLength:"10"`
	Place       registry.Place `json:"place,omitzero"`
	Website     string         `json:"website,omitempty" maxLength:"500"`
	Evidence    string         `json:"evidence,omitempty" maxLength:"2000" doc:"Where in the source, or how sure"`
	SourceID    string         `json:"source_id" minLength:"1" maxLength:"200"`
	Reason      string         `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

// OrgChangeIn changes an organisation: what is absent stays. Lists replace the
// record's own.
type OrgChangeIn struct {
	Kind        *string         `json:"kind,omitempty" enum:"enterprise,university,institute,national_laboratory,innovation_centre,major_facility,transfer_body,fund_manager,bank,park,government,hospital,nonprofit,archive,other"`
	Names       *[]NameIn       `json:"names,omitempty" minItems:"1" maxItems:"200"`
	Identifiers *[]IdentifierIn `json:"identifiers,omitempty" maxItems:"100"`
	Status      *string         `json:"status,omitempty" enum:"active,inactive,withdrawn"`
	Established *string         `json:"established,omitempty" maxLength:"10"`
	Closed      *string         `json:"closed,omitempty" maxLength:"10"`
	Place       *registry.Place `json:"place,omitempty"`
	Website     *string         `json:"website,omitempty" maxLength:"500"`
	Evidence    *string         `json:"evidence,omitempty" maxLength:"2000"`
	SourceID    *string         `json:"source_id,omitempty" minLength:"1" maxLength:"200"`
	Reason      string          `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

// MergeIn says which record takes over.
type MergeIn struct {
	Into        string `json:"into" minLength:"1" maxLength:"200" doc:"Id of the record that answers from now on"`
	IntoVersion int64  `json:"into_version" minimum:"1" doc:"Its version as it was read"`
	Reason      string `json:"reason,omitempty" maxLength:"500"`
}

// ReasonIn says why.
type ReasonIn struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (s *server) organisationWrites() {
	const tag = "organisations"
	add(s, route{id: "create_organisation", method: http.MethodPost, path: "/organisations", tag: tag, needs: account.Edit, once: true, status: http.StatusCreated}, s.createOrg)
	add(s, route{id: "change_organisation", method: http.MethodPatch, path: "/organisations/{id}", tag: tag, needs: account.Edit, versioned: true}, s.changeOrg)
	add(s, route{id: "merge_organisation", method: http.MethodPost, path: "/organisations/{id}/merge", tag: tag, needs: account.MergeRecord, versioned: true, once: true}, s.mergeOrg)
	add(s, route{id: "unmerge_organisation", method: http.MethodPost, path: "/organisations/{id}/unmerge", tag: tag, needs: account.MergeRecord, versioned: true, once: true}, s.unmergeOrg)
}

// author is the caller as the author of changes. The gate has let in a user.
func author(ctx context.Context, reason string) change.Author { return callOf(ctx).user.Author(reason) }

func (s *server) createOrg(ctx context.Context, in *struct{ Body OrgIn }) (*answer[registry.Org], error) {
	b := &in.Body
	o, err := s.Registry.CreateOrg(ctx, author(ctx, b.Reason), registry.Org{Kind: registry.OrgKind(b.Kind), Names: namesOf(b.Names), Identifiers: identifiersOf(b.Identifiers),
		Status: registry.Status(b.Status), Established: b.Established, Closed: b.Closed, Place: b.Place, Website: b.Website, Evidence: b.Evidence, SourceID: b.SourceID})
	if err != nil {
		return nil, err
	}
	return row(o, o.Version).with("Location", base+"/organisations/"+o.ID), nil
}

func (s *server) changeOrg(ctx context.Context, in *struct {
	ID
	Body OrgChangeIn
}) (*answer[registry.Org], error) {
	b := &in.Body
	ch := registry.OrgChange{Established: b.Established, Closed: b.Closed, Place: b.Place, Website: b.Website, Evidence: b.Evidence, SourceID: b.SourceID,
		Kind: as[registry.OrgKind](b.Kind), Status: as[registry.Status](b.Status)}
	if b.Names != nil {
		names := namesOf(*b.Names)
		ch.Names = &names
	}
	if b.Identifiers != nil {
		ids := identifiersOf(*b.Identifiers)
		ch.Identifiers = &ids
	}
	o, err := s.Registry.UpdateOrg(ctx, author(ctx, b.Reason), in.ID.ID, callOf(ctx).match, ch)
	if err != nil {
		return nil, err
	}
	return row(o, o.Version), nil
}

func (s *server) mergeOrg(ctx context.Context, in *struct {
	ID
	Body MergeIn
}) (*answer[registry.MergeRecord], error) {
	m, err := s.Registry.Merge(ctx, author(ctx, in.Body.Reason), in.ID.ID, in.Body.Into, callOf(ctx).match, in.Body.IntoVersion)
	if err != nil {
		return nil, err
	}
	return of(m), nil
}

func (s *server) unmergeOrg(ctx context.Context, in *struct {
	ID
	Body *ReasonIn
}) (*answer[registry.Org], error) {
	o, err := s.Registry.Unmerge(ctx, author(ctx, reasonOf(in.Body)), in.ID.ID, callOf(ctx).match)
	if err != nil {
		return nil, err
	}
	return row(o, o.Version), nil
}

func reasonOf(b *ReasonIn) string {
	if b == nil {
		return ""
	}
	return b.Reason
}

// as turns an optional word into one of a room's types.
func as[T ~string](v *string) *T {
	if v == nil {
		return nil
	}
	t := T(*v)
	return &t
}

func namesOf(in []NameIn) []registry.Name {
	out := make([]registry.Name, len(in))
	for i, n := range in {
		if n.Kind == "" {
			n.Kind = string(registry.Official)
		}
		out[i] = registry.Name{Text: n.Text, Lang: n.Lang, Kind: registry.NameKind(n.Kind), From: n.From, To: n.To}
	}
	return out
}

func identifiersOf(in []IdentifierIn) []registry.Identifier {
	out := make([]registry.Identifier, len(in))
	for i, v := range in {
		out[i] = registry.Identifier{Scheme: identifier.Scheme(v.Scheme), Value: v.Value}
	}
	return out
}
