package registry

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Evidence states of platforms and parks.
const (
	Verified   = "verified"
	Unverified = "unverified"
)

// Platform is one platform of the city's "2+2+N" system. Class, Group and Level
// are words of the bundle that describes the system ("national_laboratory",
// "2a", "national" …); the registry only keeps and counts them.
type Platform struct {
	ID          string    `json:"id"`
	Key         string    `json:"key"` // stable word of the bundle, unique
	Names       []Name    `json:"names"`
	Class       string    `json:"class"`
	Group       string    `json:"group,omitempty"`
	Level       string    `json:"level,omitempty"`
	Field       i18n.Text `json:"field,omitzero"`
	Division    string    `json:"division,omitempty"` // GB/T 2260
	OrgID       string    `json:"org_id,omitempty"`   // the body the platform itself is, "" when it has none
	HostIDs     []string  `json:"host_ids,omitempty"` // organisations, the lead first
	HostText    string    `json:"host_text,omitempty"`
	Status      string    `json:"status,omitempty"` // Verified or Unverified
	Established string    `json:"established,omitempty"`
	Closed      string    `json:"closed,omitempty"`
	Website     string    `json:"website,omitempty"`
	Note        i18n.Text `json:"note,omitzero"`
	Evidence    string    `json:"evidence,omitempty"`
	SourceID    string    `json:"source_id"`
	BatchID     string    `json:"batch_id,omitempty"`
	Version     int64     `json:"version"`
	CreatedAt   db.Time   `json:"created_at"`
	UpdatedAt   db.Time   `json:"updated_at"`

	Hosts []Ref `json:"hosts,omitempty"` // HostIDs after merges, with names; output only
	Org   *Ref  `json:"org,omitempty"`   // OrgID likewise; output only
}

// Title returns the names to show.
func (p *Platform) Title() i18n.Text { return display(p.Names) }

func (p *Platform) meta() meta {
	return meta{&p.ID, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt}
}

func (p *Platform) prepare() errs.List {
	var f faults
	p.Names = tidyNames(p.Names)
	p.Hosts, p.Org = nil, nil
	p.HostIDs = tidyList(p.HostIDs)
	p.Website = strings.TrimSpace(p.Website)
	if p.Status == "" {
		p.Status = Unverified
	}
	if p.ID == "" && p.Key != "" {
		p.ID = db.DerivedID(KindPlatform, p.Key)
	}
	f.required("key", p.Key)
	f.names(p.Names)
	f.required("class", p.Class)
	oneOf(&f, "status", p.Status, []string{Verified, Unverified})
	f.form("division", p.Division, divisionForm, "440106")
	f.span("established", p.Established, "closed", p.Closed)
	f.website(p.Website)
	f.required("source_id", p.SourceID)
	return f.list
}

// tidyList returns the values that are not empty, each once, nil for none.
func tidyList(in []string) []string {
	var out []string
	for _, s := range in {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
