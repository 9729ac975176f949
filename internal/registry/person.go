package registry

import (
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
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
