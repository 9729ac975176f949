package match

import (
	"context"
	"math"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// KindWeights is the change log's word for versions of the weights.
const KindWeights = "match_weights"

// Version is one version of the weights: a proposal until somebody adopts it.
type Version struct {
	ID        string  `json:"id"`
	Weights   Weights `json:"weights"`
	Fit       *Report `json:"fit,omitempty"` // nil for weights written by hand
	Reason    string  `json:"reason,omitempty"`
	MadeBy    string  `json:"made_by"`
	MadeAt    db.Time `json:"made_at"`
	AdoptedBy string  `json:"adopted_by,omitempty"`
	AdoptedAt db.Time `json:"adopted_at"`
}

// Report says what a fit did to answers that it had not seen.
type Report struct {
	Examples int     `json:"examples"`
	Held     int     `json:"held"`
	From     string  `json:"from"` // version before
	Before   Measure `json:"before"`
	After    Measure `json:"after"`
}

// Measure is a Loss as it is stored: an unknown nDCG is absent.
type Measure struct {
	LogLoss float64  `json:"log_loss"`
	NDCG    *float64 `json:"ndcg,omitempty"`
}

func measured(l Loss) Measure {
	m := Measure{LogLoss: l.LogLoss}
	if !math.IsNaN(l.NDCG) {
		m.NDCG = &l.NDCG
	}
	return m
}

// Propose fits weights to answered introductions and stores them as a proposal.
// Nothing else changes: Adopt puts a version in use. Too few answers, or answers
// of one kind only, are errs.Conflict.
func (s *Service) Propose(ctx context.Context, by change.Author) (Version, error) {
	if err := s.reloadWeights(ctx); err != nil {
		return Version{}, err
	}
	examples, err := s.examples(ctx)
	if err != nil {
		return Version{}, err
	}
	from := s.Weights()
	fit, ok := Refit(from, examples)
	if !ok {
		return Version{}, errs.New(errs.Conflict, "match.few_answers", errs.A{"count": len(examples), "least": int(math.Ceil(minExamples / (1 - heldShare)))})
	}
	report := Report{Examples: fit.Examples, Held: fit.Held, From: from.Version, Before: measured(fit.Before), After: measured(fit.After)}
	return s.keepVersion(ctx, by, fit.Weights, &report)
}

// Write stores weights that somebody wrote by hand as a proposal.
func (s *Service) Write(ctx context.Context, by change.Author, w Weights) (Version, error) {
	if err := w.check(); err != nil {
		return Version{}, err
	}
	return s.keepVersion(ctx, by, w, nil)
}

func (s *Service) keepVersion(ctx context.Context, by change.Author, w Weights, report *Report) (Version, error) {
	v := Version{ID: db.NewID("weights"), Fit: report, Reason: by.Reason, MadeBy: by.Actor}
	w.Version = v.ID
	v.Weights = w
	err := s.cfg.DB.InTx(ctx, func(tx *db.Tx) error {
		v.MadeAt = db.At(tx.Now())
		if err := insertVersion(ctx, tx, v); err != nil {
			return err
		}
		return logVersion(ctx, tx, by, change.Create, nil, v)
	})
	return v, err
}

// Adopt puts a version in use, an older one too. From then on every answer
// names it.
func (s *Service) Adopt(ctx context.Context, by change.Author, id string) (Version, error) {
	var v Version
	err := s.cfg.DB.InTx(ctx, func(tx *db.Tx) error {
		old, ok, err := versionByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if !ok {
			return errs.New(errs.NotFound, "match.no_version", errs.A{"id": id})
		}
		if now, ok, err := currentVersion(ctx, tx); err != nil || ok && now.ID == id {
			if err == nil {
				err = errs.New(errs.Conflict, "match.already_adopted", errs.A{"id": id})
			}
			return err
		}
		if err := markAdopted(ctx, tx, id, by.Actor); err != nil {
			return err
		}
		v = old
		v.AdoptedBy, v.AdoptedAt = by.Actor, db.At(tx.Now())
		return logVersion(ctx, tx, by, change.Update, old, v)
	})
	if err != nil {
		return Version{}, err
	}
	s.use(v.Weights)
	return v, nil
}

func logVersion(ctx context.Context, tx *db.Tx, by change.Author, action change.Action, before, after any) error {
	id := after.(Version).ID
	e, err := change.New(by, KindWeights, id, action, before, after)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, e)
}

// Versions lists every version, the newest first. The built-in weights are not
// among them.
func (s *Service) Versions(ctx context.Context) ([]Version, error) {
	return listVersions(ctx, s.cfg.DB)
}

// reloadWeights takes up what another process has adopted.
func (s *Service) reloadWeights(ctx context.Context) error {
	v, ok, err := currentVersion(ctx, s.cfg.DB)
	if err == nil && ok {
		s.use(v.Weights)
	}
	return err
}

func (s *Service) use(w Weights) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.weights = w
}

// examples are the answered introductions of which the features were kept: one
// that led to contact or a deal is good, a declined one is not, one without an
// answer says nothing. Those with a confidential end are left out.
func (s *Service) examples(ctx context.Context) ([]Example, error) {
	if s.cfg.Transfer == nil {
		return nil, nil
	}
	var out []Example
	for page := (registry.Page{Limit: followStep}); ; {
		part, err := s.cfg.Transfer.Introductions(ctx, level.Staff, transfer.IntroductionFilter{Page: page})
		if err != nil {
			return nil, err
		}
		for _, in := range part.Items {
			good, known := outcome[in.State]
			if known && len(in.Features) > 0 {
				out = append(out, Example{Ask: in.NeedKind + "/" + in.NeedID, Day: isoDay(in.Events[len(in.Events)-1].Day), Values: ValuesOf(in.Features), Good: good})
			}
		}
		if page.After = part.Next; page.After == "" {
			return out, nil
		}
	}
}

// outcome says what the state of an introduction teaches.
var outcome = map[transfer.EventKind]float64{transfer.Contacted: 1, transfer.Deal: 1, transfer.EventDeclined: 0}
