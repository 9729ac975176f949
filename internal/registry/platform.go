package registry

import (
	"github.com/kapok-city/kapok/internal/db"
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
