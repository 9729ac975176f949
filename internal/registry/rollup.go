package registry

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

// inForce is the condition that a dated row r holds on day $2. A date cut to a
// month or a year stands for its first day.
const inForce = "(r.valid_from = '' OR r.valid_from <= $2) AND (r.valid_to = '' OR r.valid_to > $2)"

// RollUp returns an organisation and all below it on a day ("" for today):
// those that name it as parent, those that name these, and so on, each once and
// after merges, the organisation first. Cycles and parents that the registry
// does not have do no harm.
func (s *Service) RollUp(ctx context.Context, id, at string) ([]string, error) {
	return s.climb(ctx, id, at, `SELECT c.root FROM tree t JOIN org m ON m.root = t.id
		JOIN relation r ON r.to_id = m.id AND r.kind = 'parent' JOIN org c ON c.id = r.from_id WHERE `+inForce)
}

// Ancestors returns an organisation and all above it on a day; see RollUp.
func (s *Service) Ancestors(ctx context.Context, id, at string) ([]string, error) {
	return s.climb(ctx, id, at, `SELECT c.root FROM tree t JOIN org m ON m.root = t.id
		JOIN relation r ON r.from_id = m.id AND r.kind = 'parent' JOIN org c ON c.id = r.to_id WHERE `+inForce)
}

// climb follows a step from an organisation until nothing new is found. UNION
// keeps each id once, so a cycle ends.
func (s *Service) climb(ctx context.Context, id, at, step string) ([]string, error) {
	ids, err := db.Collect(ctx, s.d, db.Column[string],
		"WITH RECURSIVE tree(id) AS (SELECT root FROM org WHERE id = $1 UNION "+step+`)
		SELECT id FROM tree ORDER BY CASE WHEN id = (SELECT root FROM org WHERE id = $1) THEN 0 ELSE 1 END, id`, id, s.day(at))
	if err == nil && len(ids) == 0 {
		err = notFound(id)
	}
	return ids, err
}

// day is at, or today.
func (s *Service) day(at string) string {
	if at == "" {
		return s.d.Now().Format("2006-01-02")
	}
	return at
}
