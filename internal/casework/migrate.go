package casework

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Migration moves a case to another version of its kind.
type Migration struct {
	To     int               // version of the kind, 0 for the newest
	States map[string]string // state of the old version → of the new; the case's own has to stand here
	Reason string
}

// Migrate puts a case under another version of its kind. It is never done by
// itself: what a rule said when a case was opened goes on to hold until somebody
// decides otherwise, and says why. The new version's clocks count from the day on
// which the case came into its old state. Who may migrate is the caller's
// business; history is kept as it is.
func (s *Service) Migrate(ctx context.Context, by Actor, id string, version int64, m Migration) (Case, error) {
	var out Case
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		out, err = s.migrate(ctx, tx, by, id, version, m)
		return err
	})
	return out, err
}

func (s *Service) migrate(ctx context.Context, tx *db.Tx, by Actor, id string, version int64, m Migration) (Case, error) {
	if err := (&Input{Reason: m.Reason}).check(by); err != nil {
		return Case{}, err
	}
	if m.Reason == "" {
		return Case{}, errs.New(errs.Invalid, "casework.migrate_reason").At("reason")
	}
	if err := change.Hold(ctx, tx); err != nil {
		return Case{}, err
	}
	c, err := Get(ctx, tx, id)
	if err != nil {
		return Case{}, err
	}
	if c.Version != version {
		return Case{}, errs.New(errs.Precondition, "errs.stale", errs.A{"version": c.Version})
	}
	k, state, err := s.destination(c, m)
	if err != nil {
		return Case{}, err
	}
	w := s.batch(tx)
	if err := w.pin(ctx, k); err != nil {
		return Case{}, err
	}
	before := c
	body, err := json.Marshal(map[string]any{"from": c.KindVersion, "to": k.Version, "hash": k.Hash(), "states": m.States})
	if err != nil {
		return Case{}, err
	}
	c.KindVersion, c.KindHash, c.State, c.Final = k.Version, k.Hash(), state.ID, state.Final
	e := Event{Action: ActionMigrate, From: before.State, To: state.ID, Actor: by.User, Behalf: by.Behalf, Reason: m.Reason, Input: body}
	if err := w.step(ctx, k, before, &c, &e, by.author(m.Reason)); err != nil {
		return Case{}, err
	}
	return c, w.insert(ctx)
}

// destination checks a migration against the version that it leads to.
func (s *Service) destination(c Case, m Migration) (*Kind, State, error) {
	k, err := s.reg.Kind(c.Kind, m.To)
	if err != nil {
		return nil, State{}, err
	}
	if k.Version == c.KindVersion {
		return nil, State{}, errs.New(errs.Invalid, "casework.migrate_same", errs.A{"version": k.Version})
	}
	for from, to := range m.States {
		if _, ok := k.State(to); !ok {
			return nil, State{}, errs.New(errs.Invalid, "casework.migrate_unknown", errs.A{"from": from, "to": to, "version": k.Version}).At("states")
		}
	}
	state, ok := k.State(m.States[c.State])
	if !ok {
		return nil, State{}, errs.New(errs.Invalid, "casework.migrate_unmapped", errs.A{"state": c.State}).At("states")
	}
	return k, state, nil
}
