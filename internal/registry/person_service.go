package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

// Person returns a person.
func (s *Service) Person(ctx context.Context, id string) (Person, error) {
	return one(ctx, s.d, id, loadPeople)
}

// People lists people.
func (s *Service) People(ctx context.Context, f PersonFilter) (List[Person], error) {
	var w where
	w.query("folded", f.Query, false)
	w.equal("orcid", f.ORCID)
	if f.OrgID != "" {
		w.add(`id IN (SELECT r.from_id FROM relation r JOIN org o ON o.id = r.to_id WHERE o.root = ?
			UNION SELECT r.to_id FROM relation r JOIN org o ON o.id = r.from_id WHERE o.root = ?)`, f.OrgID, f.OrgID)
	}
	l := listing[Person]{table: "person", where: w, orders: namedOrders, sort: f.Sort, page: f.Page, load: loadPeople}
	return l.read(ctx, s.d)
}

// PutPeople writes people from an import.
func (s *Service) PutPeople(ctx context.Context, tx *db.Tx, by change.Author, rows []Person) ([]Outcome, error) {
	return put(ctx, tx, by, people, rows)
}

// SavePerson creates a person (Version 0) or replaces the one that still has
// that Version.
func (s *Service) SavePerson(ctx context.Context, by change.Author, p Person) (Person, error) {
	return save(ctx, s.d, by, people, p)
}
