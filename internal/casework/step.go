package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// step performs one action on a case that was read in this transaction, after
// the log was held.
func (s *Service) step(ctx context.Context, w *batch, c Case, by Actor, action, request string, in Input) (Case, error) {
	k, err := s.kindOf(c)
	if err != nil {
		return Case{}, err
	}
	t := k.Transition(c.State, action)
	if t == nil {
		return Case{}, &refused{noAction(k, c, action)}
	}
	in.Action, in.To, in.Actor, in.At = action, t.target(c.State), by, w.tx.Now()
	verdicts, err := s.weigh(ctx, w.tx, k, c, t, in)
	if err != nil {
		return Case{}, err
	}
	if err := against(t, in, verdicts); err != nil {
		return Case{}, &refused{err}
	}
	return s.apply(ctx, w, k, c, t, request, in, verdicts)
}

func noAction(k *Kind, c Case, action string) error {
	state, _ := k.State(c.State)
	return errs.New(errs.Conflict, "casework.no_action", errs.A{"action": k.ActionName(c.State, action), "state": state.Name})
}

// against collects what stands against the action.
func against(t *Transition, in Input, verdicts []Verdict) error {
	var faults errs.List
	for _, v := range verdicts {
		if e := v.err(); e != nil {
			faults = append(faults, e)
		}
	}
	if t.Reason && in.Reason == "" && in.Actor.User != Clock {
		faults = append(faults, errs.New(errs.Invalid, "casework.reason", errs.A{"action": t.Name}).At("reason"))
	}
	return faults.Err()
}

// weigh returns the verdicts of role, recusal, four eyes and guards. Guards are
// asked only of somebody who may act.
func (s *Service) weigh(ctx context.Context, q db.Querier, k *Kind, c Case, t *Transition, in Input) ([]Verdict, error) {
	persons, err := personal(ctx, q, k, c, t, in.Actor)
	if err != nil || len(persons) > 0 {
		return persons, err
	}
	out := make([]Verdict, 0, len(t.Guards))
	for _, name := range t.Guards {
		v, err := s.reg.guards[name](ctx, q, c, in)
		if err != nil {
			return nil, fmt.Errorf("guard %s of case %s: %w", name, c.ID, err)
		}
		if v.Outcome != Allowed && v.Outcome != Refused {
			v.Outcome = Unknown // a guard that says nothing has not allowed anything
		}
		v.Guard = name
		out = append(out, v)
	}
	return out, nil
}

// personal returns what stands against the actor himself.
func personal(ctx context.Context, q db.Querier, k *Kind, c Case, t *Transition, by Actor) ([]Verdict, error) {
	if roleOf(t, by) == "" {
		return []Verdict{forbid("casework.role", errs.A{"action": t.Name, "roles": roleNames(k, t)})}, nil
	}
	if by.User == Clock {
		return nil, nil
	}
	var out []Verdict
	for _, user := range by.people() {
		if is, err := recused(ctx, q, c, user); err != nil {
			return nil, err
		} else if is {
			out = append(out, forbid("casework.recused", errs.A{"user": user}))
		}
		did, err := actedIn(ctx, q, c.ID, user, t.NotBy)
		if err != nil {
			return nil, err
		}
		if did != "" {
			out = append(out, forbid("casework.four_eyes", errs.A{"user": user, "did": k.ActionName(c.State, did), "action": t.Name}))
		}
	}
	return out, nil
}

func forbid(key string, args errs.A) Verdict {
	return Verdict{Outcome: Refused, Key: key, Args: args, kind: errs.Forbidden}
}

// roleOf returns the role by which the actor may act, "" when he has none.
func roleOf(t *Transition, by Actor) string { return roleIn(t.Roles, by) }

// actionLog is what one effect says in the event.
type actionLog struct {
	Effect string `json:"effect"`
	Log    any    `json:"log,omitempty"`
}

// apply writes what an allowed action does.
func (s *Service) apply(ctx context.Context, w *batch, k *Kind, c Case, t *Transition, request string, in Input, verdicts []Verdict) (Case, error) {
	before := c
	logs, notices, err := s.effects(ctx, w.tx, &c, t, in)
	if err != nil {
		return Case{}, err
	}
	e := Event{
		Action: in.Action, From: before.State, To: in.To, Actor: in.Actor.User, Behalf: in.Actor.Behalf, Role: roleOf(t, in.Actor),
		Reason: in.Reason, Input: in.Body, Key: in.Key, Request: request,
	}
	if e.Verdicts, err = listJSON(verdicts); err != nil {
		return Case{}, err
	}
	if e.Effects, err = listJSON(logs); err != nil {
		return Case{}, err
	}
	if string(c.Data) != string(before.Data) {
		e.Data = c.Data
	}
	c.enter(k, in.To, db.At(w.tx.Now()))
	if err := w.step(ctx, k, before, &c, &e, in.Actor.author(in.Reason)); err != nil {
		return Case{}, err
	}
	return c, putNotices(ctx, w.tx, c.ID, notices)
}

// enter moves the case to a state; where it stays, its clocks go on.
func (c *Case) enter(k *Kind, state string, now db.Time) {
	if state == c.State {
		return
	}
	st, _ := k.State(state) // a checked kind has it
	c.State, c.Final, c.EnteredAt = state, st.Final, now
}

// effects runs the effects of t in order. Each sees the data that those before
// it left.
func (s *Service) effects(ctx context.Context, tx *db.Tx, c *Case, t *Transition, in Input) ([]actionLog, []Notice, error) {
	var logs []actionLog
	var notices []Notice
	for _, name := range t.Effects {
		done, err := s.reg.effects[name](ctx, tx, *c, in)
		if err != nil {
			return nil, nil, fmt.Errorf("effect %s of case %s: %w", name, c.ID, err)
		}
		if done.Data != nil {
			if c.Data, err = object(done.Data); err != nil {
				return nil, nil, err
			}
		}
		logs = append(logs, actionLog{name, done.Log})
		notices = append(notices, done.Notices...)
	}
	return logs, notices, nil
}

func listJSON[T any](list []T) (json.RawMessage, error) {
	if len(list) == 0 {
		return nil, nil
	}
	return json.Marshal(list)
}

// Available is an action that leads out of the state of a case, and whether one
// actor may do it now.
type Available struct {
	Action  string
	Name    i18n.Text
	To      string
	Reason  bool      // a reason must be given
	Outcome Outcome   // the worst of Why
	Why     []Verdict // what stands against it, and what is not known
	DueOn   string    // last day on which it is in time, "" without a deadline
}

// Actions lists what a person could do with a case in its state, allowed or not.
// Guards are asked as a preview, without a body: one that needs it answers that
// it does not know.
func (s *Service) Actions(ctx context.Context, q db.Querier, id string, by Actor) ([]Available, error) {
	c, err := Get(ctx, q, id)
	if err != nil {
		return nil, err
	}
	k, err := s.kindOf(c)
	if err != nil {
		return nil, err
	}
	due, err := dueDays(ctx, q, id)
	if err != nil {
		return nil, err
	}
	var out []Available
	for _, t := range k.From(c.State) {
		if slices.Equal(t.Roles, []string{Clock}) {
			continue
		}
		in := Input{Action: t.Action, To: t.target(c.State), Actor: by, At: s.d.Now(), Preview: true}
		verdicts, err := s.weigh(ctx, q, k, c, t, in)
		if err != nil {
			return nil, err
		}
		out = append(out, available(t, in.To, verdicts, due[t.Action]))
	}
	return out, nil
}

func available(t *Transition, to string, verdicts []Verdict, due string) Available {
	a := Available{Action: t.Action, Name: t.Name, To: to, Reason: t.Reason, Outcome: Allowed, DueOn: due}
	for _, v := range verdicts {
		if v.Outcome == Allowed {
			continue
		}
		a.Why = append(a.Why, v)
		if a.Outcome != Refused {
			a.Outcome = v.Outcome
		}
	}
	return a
}
