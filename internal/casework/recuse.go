package casework

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Recusal says that a user keeps out of a case, and why.
type Recusal struct {
	User   string  `json:"user"`
	Reason string  `json:"reason"`
	By     string  `json:"by"` // himself, or who saw to it
	At     db.Time `json:"at"`
}

// Recuse takes a user off a case for good: every action of his in it is refused
// from then on, and it leaves his tasks and notices. Anybody may recuse himself;
// to recuse another asks for one of the roles that the kind names as recusers. A
// reason must be given. Somebody who is recused already stays so, unchanged.
func (s *Service) Recuse(ctx context.Context, by Actor, id, user, reason string) (Case, error) {
	var out Case
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		out, err = s.recuse(ctx, tx, by, id, user, reason)
		return err
	})
	return out, err
}

func (s *Service) recuse(ctx context.Context, tx *db.Tx, by Actor, id, user, reason string) (Case, error) {
	in := Input{Reason: reason}
	if err := in.check(by); err != nil {
		return Case{}, err
	}
	if user == "" || reason == "" {
		return Case{}, errs.New(errs.Invalid, "casework.recuse_reason").At("reason")
	}
	if err := change.Hold(ctx, tx); err != nil {
		return Case{}, err
	}
	c, err := Get(ctx, tx, id)
	if err != nil {
		return Case{}, err
	}
	k, err := s.kindOf(c)
	if err != nil {
		return Case{}, err
	}
	role := roleIn(k.Recusers, by)
	if by.User != user && role == "" {
		return Case{}, errs.New(errs.Forbidden, "casework.recuse_role", errs.A{"user": user})
	}
	if is, err := recused(ctx, tx, c, user); is || err != nil {
		return c, err
	}
	return s.writeRecusal(ctx, tx, k, c, by, role, user, reason)
}

func roleIn(roles []string, by Actor) string {
	for _, r := range roles {
		if slices.Contains(by.Roles, r) {
			return r
		}
	}
	return ""
}

func (s *Service) writeRecusal(ctx context.Context, tx *db.Tx, k *Kind, c Case, by Actor, role, user, reason string) (Case, error) {
	_, err := tx.Exec(ctx, "INSERT INTO casework_recusal(case_id, user_id, reason, by_user, at) VALUES ($1, $2, $3, $4, $5)", c.ID, user, reason, by.User, db.At(tx.Now()))
	if err != nil {
		return Case{}, err
	}
	body, err := json.Marshal(map[string]string{"user": user})
	if err != nil {
		return Case{}, err
	}
	before := c
	c.recused++
	e := Event{Action: ActionRecuse, From: c.State, To: c.State, Actor: by.User, Behalf: by.Behalf, Role: role, Reason: reason, Input: body}
	w := s.batch(tx)
	if err := w.step(ctx, k, before, &c, &e, by.author(reason)); err != nil {
		return Case{}, err
	}
	return c, w.insert(ctx)
}

// Recusals lists who keeps out of a case, in the order in which they left it.
func Recusals(ctx context.Context, q db.Querier, id string) ([]Recusal, error) {
	return db.Collect(ctx, q, func(s db.Scan) (Recusal, error) {
		var r Recusal
		err := s(&r.User, &r.Reason, &r.By, &r.At)
		return r, err
	}, "SELECT user_id, reason, by_user, at FROM casework_recusal WHERE case_id = $1 ORDER BY at, user_id", id)
}
