package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// PlatformIn is a platform as a person writes it. Class, Group and Level are
// words of the bundle.
type PlatformIn struct {
	Key         string    `json:"key" minLength:"1" maxLength:"200" doc:"Stable word of the platform, unique"`
	Names       []NameIn  `json:"names" minItems:"1" maxItems:"200" nullable:"false"`
	Class       string    `json:"class" minLength:"1" maxLength:"80"`
	Group       string    `json:"group,omitempty" maxLength:"80"`
	Level       string    `json:"level,omitempty" maxLength:"80"`
	Field       i18n.Text `json:"field,omitzero"`
	Division    string    `json:"division,omitempty" maxLength:"6" doc:"GB/T 2260 code"`
	OrgID       string    `json:"org_id,omitempty" maxLength:"200" doc:"The organisation that the platform itself is"`
	HostIDs     []string  `json:"host_ids,omitempty" maxItems:"100" doc:"Organisations, the lead first"`
	HostText    string    `json:"host_text,omitempty" maxLength:"2000" doc:"Hosts as printed"`
	Status      string    `json:"status,omitempty" enum:"verified,unverified"`
	Established string    `json:"established,omitempty" maxLength:"10"`
	Closed      string    `json:"closed,omitempty" maxLength:"10"`
	Website     string    `json:"website,omitempty" maxLength:"500"`
	Note        i18n.Text `json:"note,omitzero"`
	Evidence    string    `json:"evidence,omitempty" maxLength:"2000"`
	SourceID    string    `json:"source_id" minLength:"1" maxLength:"200"`
	Reason      string    `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *PlatformIn) platform(id string, version int64) registry.Platform {
	return registry.Platform{ID: id, Version: version, Key: b.Key, Names: namesOf(b.Names), Class: b.Class, Group: b.Group, Level: b.Level, Field: b.Field,
		Division: b.Division, OrgID: b.OrgID, HostIDs: b.HostIDs, HostText: b.HostText, Status: b.Status, Established: b.Established, Closed: b.Closed,
		Website: b.Website, Note: b.Note, Evidence: b.Evidence, SourceID: b.SourceID}
}

// ParkIn is a park as a person writes it.
type ParkIn struct {
	Key         string    `json:"key" minLength:"1" maxLength:"200" doc:"Stable word of the park, unique"`
	Names       []NameIn  `json:"names" minItems:"1" maxItems:"200" nullable:"false"`
	Class       string    `json:"class" minLength:"1" maxLength:"80"`
	Level       string    `json:"level,omitempty" maxLength:"80"`
	Field       i18n.Text `json:"field,omitzero"`
	Division    string    `json:"division,omitempty" maxLength:"6" doc:"GB/T 2260 code"`
	OrgID       string    `json:"org_id,omitempty" maxLength:"200" doc:"Who runs it"`
	Status      string    `json:"status,omitempty" enum:"verified,unverified"`
	Established string    `json:"established,omitempty" maxLength:"10"`
	Closed      string    `json:"closed,omitempty" maxLength:"10"`
	Website     string    `json:"website,omitempty" maxLength:"500"`
	Note        i18n.Text `json:"note,omitzero"`
	Evidence    string    `json:"evidence,omitempty" maxLength:"2000"`
	SourceID    string    `json:"source_id" minLength:"1" maxLength:"200"`
	Reason      string    `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *ParkIn) park(id string, version int64) registry.Park {
	return registry.Park{ID: id, Version: version, Key: b.Key, Names: namesOf(b.Names), Class: b.Class, Level: b.Level, Field: b.Field, Division: b.Division,
		OrgID: b.OrgID, Status: b.Status, Established: b.Established, Closed: b.Closed, Website: b.Website, Note: b.Note, Evidence: b.Evidence, SourceID: b.SourceID}
}

// PersonIn is a person: names and the ORCID iD, and no more.
type PersonIn struct {
	Names    []NameIn `json:"names" minItems:"1" maxItems:"200" nullable:"false"`
	ORCID    string   `json:"orcid,omitempty" maxLength:"60"`
	Evidence string   `json:"evidence,omitempty" maxLength:"2000"`
	SourceID string   `json:"source_id" minLength:"1" maxLength:"200"`
	Reason   string   `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *PersonIn) person(id string, version int64) registry.Person {
	return registry.Person{ID: id, Version: version, Names: namesOf(b.Names), ORCID: b.ORCID, Evidence: b.Evidence, SourceID: b.SourceID}
}

func (s *server) recordWrites() {
	addSave(s, "platform", "platforms", func(ctx context.Context, b *PlatformIn, id string, version int64) (registry.Platform, string, int64, error) {
		p, err := s.Registry.SavePlatform(ctx, author(ctx, b.Reason), b.platform(id, version))
		return p, p.ID, p.Version, err
	})
	addSave(s, "park", "parks", func(ctx context.Context, b *ParkIn, id string, version int64) (registry.Park, string, int64, error) {
		p, err := s.Registry.SavePark(ctx, author(ctx, b.Reason), b.park(id, version))
		return p, p.ID, p.Version, err
	})
	addSave(s, "person", "people", func(ctx context.Context, b *PersonIn, id string, version int64) (registry.Person, string, int64, error) {
		p, err := s.Registry.SavePerson(ctx, author(ctx, b.Reason), b.person(id, version))
		return p, p.ID, p.Version, err
	})
}

// addSave registers the two operations that write a record of a small register:
// create it, and replace it as a whole. save gets no id and version 0 for a new
// one, and returns the record with both.
func addSave[B, T any](s *server, word, area string, save func(ctx context.Context, b *B, id string, version int64) (T, string, int64, error)) {
	add(s, route{id: "create_" + word, method: http.MethodPost, path: "/" + area, tag: area, needs: account.Edit, once: true, status: http.StatusCreated},
		func(ctx context.Context, in *struct{ Body B }) (*answer[T], error) {
			v, id, version, err := save(ctx, &in.Body, "", 0)
			if err != nil {
				return nil, err
			}
			return row(v, version).with("Location", base+"/"+area+"/"+id), nil
		})
	add(s, route{id: "replace_" + word, method: http.MethodPut, path: "/" + area + "/{id}", tag: area, needs: account.Edit, versioned: true},
		func(ctx context.Context, in *struct {
			ID
			Body B
		}) (*answer[T], error) {
			v, _, version, err := save(ctx, &in.Body, in.ID.ID, callOf(ctx).match)
			if err != nil {
				return nil, err
			}
			return row(v, version), nil
		})
}
