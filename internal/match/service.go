package match

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/transfer"
)

// Config is what a Service works with. DB, Index, Load and All are needed.
type Config struct {
	DB    *db.DB
	Index *search.Index
	// Load returns the document of one record, All every one: the same as the
	// index is filled from, described by Card.Describe.
	Load search.Loader
	All  func(ctx context.Context) iter.Seq2[search.Doc, error]
	// Transfer keeps the introductions that Refit learns from; nil: there are none.
	Transfer *transfer.Service
	// Encoder turns texts into vectors; nil: match does without meaning.
	Encoder encoder.Encoder
	// Viewer is what a user may see; nil: everybody is the public with a name.
	Viewer func(ctx context.Context, user string) (level.Viewer, error)
	Log    *slog.Logger
}

// Service answers asks. It is safe for concurrent use.
type Service struct {
	cfg     Config
	log     *slog.Logger
	cards   *cards
	meaning *meaning
	now     func() time.Time

	following sync.Mutex // held while CatchUp runs
	seq       int64      // last change entry that the cards have seen; guarded by following

	mu      sync.RWMutex
	weights Weights // in use
}

// New returns a Service that holds no cards yet: CatchUp fills it.
func New(cfg Config) *Service {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Service{cfg: cfg, log: log, cards: newCards(), meaning: newMeaning(cfg.Encoder, log), now: cfg.DB.Now, weights: Default()}
}

func (s *Service) today() int { return dayOf(s.now().Add(cityAhead)) }

// Len returns how many records match knows.
func (s *Service) Len() int { return s.cards.len() }

// Options narrow an ask.
type Options struct {
	Kinds []string     // none given: needs for an offer, results and services for a need or a text
	Limit int          // 0: 10; at most 100
	Wants *Constraints // instead of the record's own conditions
}

// Answer is what an ask found.
type Answer struct {
	Matches   []Match        `json:"matches"`
	Abstained bool           `json:"abstained"`
	Why       Why            `json:"why,omitempty"`
	Best      Best           `json:"best"`               // what the decision rests on
	Threshold Threshold      `json:"threshold"`          // what it was held against
	Nearest   []Match        `json:"nearest,omitempty"`  // when abstained: the nearest, not recommended
	Excluded  []Match        `json:"excluded,omitempty"` // near ones that fail a hard condition
	More      map[string]int `json:"more,omitempty"`     // how many more near ones an owner has
	Weights   string         `json:"weights"`            // version
	Meaning   MeaningState   `json:"meaning"`
}

// Best says how near the best match came.
type Best struct {
	Coverage float64 `json:"coverage"`
	Evidence float64 `json:"evidence"`
	Score    float64 `json:"score"`
}

// Sentence says in l why there is no list, "" when there is one.
func (a Answer) Sentence(l i18n.Lang) string {
	if !a.Abstained {
		return ""
	}
	return i18n.T(l, "match.why."+string(a.Why), errs.A{
		"percent": percent(a.Best.Coverage), "score": i18n.Decimal(a.Best.Score, 4),
		"least": map[Why]string{WhyCoverage: percent(a.Threshold.Coverage), WhyScore: i18n.Decimal(a.Threshold.Score, 4)}[a.Why],
	})
}

func percent(share float64) string { return i18n.Decimal(100*share, 1) + "%" }

// The bounds of a list.
const (
	defaultLimit = 10
	MaxLimit     = 100
)

// For answers for a record that the viewer sees: a need asks for offers, any
// other record for needs, unless kinds are given.
func (s *Service) For(ctx context.Context, v level.Viewer, key Key, o Options) (Answer, error) {
	a, err := s.record(ctx, v, key)
	if err != nil {
		return Answer{}, err
	}
	return s.answer(ctx, a, o)
}

// ForText answers for a free text with conditions.
func (s *Service) ForText(ctx context.Context, v level.Viewer, ask Ask, o Options) (Answer, error) {
	a, err := s.text(v, ask)
	if err != nil {
		return Answer{}, err
	}
	return s.answer(ctx, a, o)
}

func (s *Service) answer(ctx context.Context, a asking, o Options) (Answer, error) {
	if o.Wants != nil {
		if err := o.Wants.valid(); err != nil {
			return Answer{}, err
		}
		c := *a.card
		c.Wants = *o.Wants
		a.card = &c
	}
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	o.Limit = min(o.Limit, MaxLimit)
	kinds, voted := split(o.Kinds, a.card.Kind)
	found, err := s.find(ctx, a, kinds, s.Weights())
	if err != nil {
		return Answer{}, err
	}
	if len(voted) > 0 {
		return s.vote(a, found, voted, o.Limit), nil
	}
	return found.answer(o.Limit), nil
}

// split tells kinds that are found by their text from those that are found by
// votes, for which the records to vote with are taken instead.
func split(asked []string, from string) (kinds, voted []string) {
	for _, k := range asked {
		if k == KindPerson || k == KindOrg {
			voted = append(voted, k)
		} else {
			kinds = append(kinds, k)
		}
	}
	switch {
	case len(voted) > 0 && len(kinds) == 0:
		kinds = []string{KindResult, KindPaper, KindService}
	case len(kinds) > 0:
	case from == "" || from == KindNeed:
		kinds = []string{KindResult, KindService}
	default:
		kinds = []string{KindNeed}
	}
	return kinds, voted
}

// Weights returns the weights in use.
func (s *Service) Weights() Weights {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.weights
}
