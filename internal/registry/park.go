package registry

import (
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
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

func (p *Park) meta() meta {
	return meta{&p.ID, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt}
}

func (p *Park) prepare() errs.List {
	var f faults
	p.Names = tidyNames(p.Names)
	p.Org = nil
	p.Website = strings.TrimSpace(p.Website)
	if p.Status == "" {
		p.Status = Unverified
	}
	if p.ID == "" && p.Key != "" {
		p.ID = db.DerivedID(KindPark, p.Key)
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
