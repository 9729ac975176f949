package transfer

import (
	"context"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Service reads and writes the room. It is safe for concurrent use. Who may
// write is the caller's business; who did is the change.Author handed in.
type Service struct {
	d   *db.DB
	reg *registry.Service
}

// New returns the room kept in d.
func New(d *db.DB) *Service { return &Service{d: d, reg: registry.New(d)} }

// Outcome is what a bulk write did with one row.
type Outcome = registry.Outcome

// today is the day of an instant in the city's time (UTC+8, which has no
// summer time), the one in which deadlines are meant.
func today(now time.Time) string {
	return now.In(cityTime).Format(time.DateOnly)
}

var cityTime = time.FixedZone("UTC+8", 8*3600)

// later is the day some months on; one that a month does not have becomes the
// last of that month.
func later(day string, months int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Result returns a result that the viewer reads, or errs.NotFound.
func (s *Service) Result(ctx context.Context, v level.Viewer, id string) (Result, error) {
	return one(ctx, s, results, v, id)
}

// Need returns a need that the viewer reads, or errs.NotFound.
func (s *Service) Need(ctx context.Context, v level.Viewer, id string) (Need, error) {
	return one(ctx, s, needs, v, id)
}

// Service returns a service or a piece of equipment that the viewer reads, or
// errs.NotFound.
func (s *Service) Service(ctx context.Context, v level.Viewer, id string) (Offering, error) {
	return one(ctx, s, services, v, id)
}

// Results lists results, the newest listing first.
func (s *Service) Results(ctx context.Context, v level.Viewer, f ResultFilter) (registry.List[Result], error) {
	f.today = today(s.d.Now())
	return list(ctx, s, results, v, f.where(v), f.Sort, f.Page)
}

// Needs lists needs, the newest listing first.
func (s *Service) Needs(ctx context.Context, v level.Viewer, f NeedFilter) (registry.List[Need], error) {
	f.today = today(s.d.Now())
	return list(ctx, s, needs, v, f.where(v), f.Sort, f.Page)
}

// Services lists services and equipment, the newest listing first.
func (s *Service) Services(ctx context.Context, v level.Viewer, f ServiceFilter) (registry.List[Offering], error) {
	f.today = today(s.d.Now())
	return list(ctx, s, services, v, f.where(v), f.Sort, f.Page)
}

// SaveResult creates a result (Version 0) or replaces the one that still has
// that Version and that the viewer reads.
func (s *Service) SaveResult(ctx context.Context, v level.Viewer, by change.Author, r Result) (Result, error) {
	return save(ctx, s, results, v, by, r)
}

// SaveNeed is SaveResult for needs.
func (s *Service) SaveNeed(ctx context.Context, v level.Viewer, by change.Author, n Need) (Need, error) {
	return save(ctx, s, needs, v, by, n)
}

// SaveService is SaveResult for services and equipment.
func (s *Service) SaveService(ctx context.Context, v level.Viewer, by change.Author, o Offering) (Offering, error) {
	return save(ctx, s, services, v, by, o)
}

// PutResults writes results from an import, in the caller's transaction.
func (s *Service) PutResults(ctx context.Context, tx *db.Tx, by change.Author, rows []Result) ([]Outcome, error) {
	return put(ctx, tx, by, results, rows)
}

// PutNeeds is PutResults for needs.
func (s *Service) PutNeeds(ctx context.Context, tx *db.Tx, by change.Author, rows []Need) ([]Outcome, error) {
	return put(ctx, tx, by, needs, rows)
}

// PutServices is PutResults for services and equipment.
func (s *Service) PutServices(ctx context.Context, tx *db.Tx, by change.Author, rows []Offering) ([]Outcome, error) {
	return put(ctx, tx, by, services, rows)
}

func notFound(what string) error {
	return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": what})
}
