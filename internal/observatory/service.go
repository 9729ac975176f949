package observatory

import (
	"context"
	"sync"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Config says whose figures these are.
type Config struct {
	City string // GB/T 2260 code of the city: $city in computations
}

// Service computes and reads figures. It is safe for concurrent use.
type Service struct {
	d     *db.DB
	facts *stats.Store
	cfg   Config

	computing sync.Mutex // one computation at a time
}

// New returns the observatory over a database and a store of [Facts].
func New(d *db.DB, facts *stats.Store, cfg Config) *Service {
	return &Service{d: d, facts: facts, cfg: cfg}
}

// Filter selects figures; an empty field selects all.
type Filter struct {
	Group    string
	Subject  string
	Basis    Basis
	Overview bool // those of the overview only
	IDs      []string
}

func (f *Filter) holds(v *Figure) bool {
	for _, id := range f.IDs {
		if id == v.ID {
			return true
		}
	}
	return len(f.IDs) == 0 && (f.Group == "" || f.Group == v.Group) && (f.Subject == "" || f.Subject == v.Subject) &&
		(f.Basis == "" || f.Basis == v.Basis) && (!f.Overview || v.Overview)
}

// Figures returns the definitions that pass the filter, by group and order.
func (s *Service) Figures(ctx context.Context, f Filter) ([]Figure, error) {
	all, err := db.Collect(ctx, s.d, scanFigure, "SELECT "+figureColumns+" FROM figure ORDER BY grp_order, sort_order, id")
	if err != nil {
		return nil, err
	}
	var out []Figure
	for i := range all {
		if f.holds(&all[i]) {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// Definition returns one definition, or errs.NotFound.
func (s *Service) Definition(ctx context.Context, id string) (Figure, error) {
	v, ok, err := db.One(ctx, s.d, scanFigure, "SELECT "+figureColumns+" FROM figure WHERE id = $1", id)
	if err == nil && !ok {
		err = errs.New(errs.NotFound, "errs.not_found", errs.A{"what": id})
	}
	return v, err
}

// Superlatives returns the superlatives of a subject, or all ("").
func (s *Service) Superlatives(ctx context.Context, subject string) ([]Superlative, error) {
	return db.Collect(ctx, s.d, scanSuperlative, "SELECT "+superlativeColumns+" FROM superlative WHERE $1 = '' OR subject = $1 ORDER BY id", subject)
}

// Book is all that is presently known, for whoever looks through all of it:
// the overview, and the check of a text.
type Book struct {
	Figures      []Figure
	Reported     map[string][]Reported // by figure id, oldest period first
	Computed     map[string][]Computed // by figure id; present versions, by item and period
	Superlatives []Superlative
	Sources      map[string]source.Source // those that a value or superlative names
	Failed       map[string]i18n.Text     // figures whose last computation failed, and why
}

// Book reads everything in a few statements.
func (s *Service) Book(ctx context.Context) (Book, error) {
	b := Book{Reported: map[string][]Reported{}, Computed: map[string][]Computed{}, Sources: map[string]source.Source{}}
	var err error
	if b.Figures, err = s.Figures(ctx, Filter{}); err != nil {
		return b, err
	}
	if b.Superlatives, err = s.Superlatives(ctx, ""); err != nil {
		return b, err
	}
	reported, err := reportedOf(ctx, s.d, "")
	if err != nil {
		return b, err
	}
	for _, r := range reported {
		b.Reported[r.FigureID] = append(b.Reported[r.FigureID], r)
	}
	present, err := presentOf(ctx, s.d, "")
	if err != nil {
		return b, err
	}
	for _, v := range present {
		b.Computed[v.FigureID] = append(b.Computed[v.FigureID], v.Computed)
	}
	run, err := lastRun(ctx, s.d)
	if err != nil {
		return b, err
	}
	b.Failed = run.Failed
	b.Sources, err = sourcesOf(ctx, s.d, "")
	return b, err
}

// reportedOf returns the reported values of one figure, or of all ("").
func reportedOf(ctx context.Context, q db.Querier, figure string) ([]Reported, error) {
	return db.Collect(ctx, q, scanReported, "SELECT "+reportedColumns+` FROM reported_value WHERE $1 = '' OR figure_id = $1
		ORDER BY figure_id, period_end, period_start, edition, source_id, id`, figure)
}

// presentOf returns the present computed values of one figure, or of all ("").
func presentOf(ctx context.Context, q db.Querier, figure string) ([]stored, error) {
	return db.Collect(ctx, q, scanValue, "SELECT "+valueColumns+` FROM figure_value WHERE superseded_at IS NULL AND ($1 = '' OR figure_id = $1)
		ORDER BY figure_id, item, period_end, slot`, figure)
}

// sourcesOf returns the sources that the values of one figure name, or those
// that any value or superlative names ("").
func sourcesOf(ctx context.Context, q db.Querier, figure string) (map[string]source.Source, error) {
	ids, err := db.Collect(ctx, q, db.Column[string], `SELECT DISTINCT source_id FROM reported_value WHERE $1 = '' OR figure_id = $1
		UNION SELECT DISTINCT source_id FROM superlative WHERE $1 = ''`, figure)
	if err != nil {
		return nil, err
	}
	out := map[string]source.Source{}
	for _, id := range ids {
		v, found, err := source.Find(ctx, q, id)
		if err != nil {
			return nil, err
		}
		if found {
			out[id] = v
		}
	}
	return out, nil
}
