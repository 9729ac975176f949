package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// Person is what the registry keeps of a person: names and the ORCID iD. There
// is no place for an address, a number or a card, on purpose (Personal
// Information Protection Law of the PRC, art. 6: the least that the purpose
// needs). Where somebody works is a relation.
type Person struct {
	ID        string  `json:"id"`
	Names     []Name  `json:"names"`
	ORCID     string  `json:"orcid,omitempty"`
	Evidence  string  `json:"evidence,omitempty"`
	SourceID  string  `json:"source_id"`
	BatchID   string  `json:"batch_id,omitempty"`
	Version   int64   `json:"version"`
	CreatedAt db.Time `json:"created_at"`
	UpdatedAt db.Time `json:"updated_at"`
}

// Title returns the names to show.
func (p *Person) Title() i18n.Text { return display(p.Names) }

func (p *Person) meta() meta {
	return meta{&p.ID, &p.SourceID, &p.BatchID, &p.Version, &p.CreatedAt, &p.UpdatedAt}
}

func (p *Person) prepare() errs.List {
	var f faults
	p.Names = tidyNames(p.Names)
	f.names(p.Names)
	if p.ORCID != "" {
		value, err := identifier.Parse(identifier.ORCID, p.ORCID)
		if err != nil {
			f.add(errs.Of(err).At("/orcid"))
		}
		p.ORCID = value
	}
	if p.ID == "" && p.ORCID != "" {
		p.ID = db.DerivedID(KindPerson, "orcid", p.ORCID)
	}
	f.required("source_id", p.SourceID)
	return f.list
}
