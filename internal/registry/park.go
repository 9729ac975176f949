package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Park is a park, base or incubator. Class and Level are words of the bundle,
// as in Platform.
type Park struct {
	ID          string    `json:"id"`
	Key         string    `json:"key"`
	Names       []Name    `json:"names"`
	Class       string    `json:"class"`
	Level       string    `json:"level,omitempty"`
	Field       i18n.Text `json:"field,omitzero"`
	Division    string    `json:"division,omitempty"`
	OrgID       string    `json:"org_id,omitempty"` // who runs it
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

	Org *Ref `json:"org,omitempty"` // OrgID after merges, with its name; output only
}

// Title returns the names to show.
func (p *Park) Title() i18n.Text { return display(p.Names) }
