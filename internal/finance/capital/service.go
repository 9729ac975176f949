package capital

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
)

// Service reads and writes the room. It is safe for concurrent use.
type Service struct {
	Rounds       *Register[Round]
	Acquisitions *Register[Acquisition]
	Listings     *Register[Listing]
	Contests     *Register[Contest]
	Guarantees   *Register[Guarantee]
	Premiums     *Register[Premium]

	d       *db.DB
	reg     *registry.Service
	sources []Source
}

// New returns the room kept in d. Histories tell of what the sources know too.
func New(d *db.DB, sources ...Source) *Service {
	reg := registry.New(d)
	return &Service{
		Rounds:       &Register[Round]{d: d, reg: reg, word: KindRound, columns: []string{"stage"}},
		Acquisitions: &Register[Acquisition]{d: d, reg: reg, word: KindAcquisition},
		Listings:     &Register[Listing]{d: d, reg: reg, word: KindListing, columns: []string{"state", "market", "board", "code"}},
		Contests:     &Register[Contest]{d: d, reg: reg, word: KindContest, columns: []string{"contest", "edition", "track", "award"}},
		Guarantees:   &Register[Guarantee]{d: d, reg: reg, word: KindGuarantee, columns: []string{"state", "until"}},
		Premiums:     &Register[Premium]{d: d, reg: reg, word: KindPremium, columns: []string{"policy", "year"}},
		d:            d, reg: reg, sources: slices.Clone(sources),
	}
}

// AddStep records a step of a listing that still has this version, or the
// correction of one (Corrects, with a reason; State "" takes it back).
func (s *Service) AddStep(ctx context.Context, v level.Viewer, by change.Author, id string, version int64, step Step) (Listing, error) {
	l, err := s.Listings.One(ctx, v, id)
	if err != nil {
		return Listing{}, err
	}
	if version == 0 { // Save would take it for a new listing
		return Listing{}, errs.New(errs.Precondition, "errs.stale", errs.A{"version": l.Version})
	}
	step.Position = 0
	l.Version, l.Steps = version, append(slices.Clone(l.Steps), step)
	return s.Listings.Save(ctx, v, by, l)
}
