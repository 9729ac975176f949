package casework

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// timersOf returns the rows of the clocks that run in the state of a case.
func (w *batch) timersOf(ctx context.Context, k *Kind, c Case) ([][]any, error) {
	var rows [][]any
	for _, t := range k.From(c.State) {
		if t.Deadline == nil {
			continue
		}
		if w.calendar == nil {
			cal, err := w.s.Calendar(ctx, w.tx)
			if err != nil {
				return nil, err
			}
			w.calendar = &cal
		}
		due, err := w.calendar.Due(dayOf(c.EnteredAt.Time), *t.Deadline)
		if err != nil {
			return nil, err
		}
		at, err := endOf(due)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []any{db.NewID("timer"), c.ID, t.Action, c.State, due, db.At(at), "open", "", 0, ""})
	}
	return rows, nil
}

// stop has the clocks end of the state that a case has left.
func (w *batch) stop(k *Kind, before, after Case) {
	had := slices.ContainsFunc(k.From(before.State), func(t *Transition) bool { return t.Deadline != nil })
	if had || before.KindVersion != after.KindVersion {
		w.stopped = append(w.stopped, after.ID)
	}
}

func (w *batch) stopClocks(ctx context.Context) error {
	for part := range slices.Chunk(w.stopped, maxLimit) {
		_, err := w.tx.Exec(ctx, "UPDATE casework_timer SET status = 'cancelled', ended_at = $1 WHERE status = 'open' AND case_id IN ("+db.In(2, len(part))+")",
			append([]any{db.At(w.tx.Now())}, part...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// dueDays maps the actions of a case that have a running clock to their last day.
func dueDays(ctx context.Context, q db.Querier, id string) (map[string]string, error) {
	out := map[string]string{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		var action, day string
		err := s(&action, &day)
		out[action] = day
		return err
	}, "SELECT action, due_on FROM casework_timer WHERE case_id = $1 AND status = 'open'", id)
	return out, err
}

// Timer is one clock of a case.
type Timer struct {
	ID       string  `json:"id"`
	CaseID   string  `json:"case_id"`
	Action   string  `json:"action"` // what was due
	State    string  `json:"state"`
	DueOn    string  `json:"due_on"` // the last day on which it is in time
	DueAt    db.Time `json:"due_at"`
	Status   string  `json:"status"` // open, fired, cancelled
	Attempts int     `json:"attempts"`
	Fault    string  `json:"fault,omitempty"` // why the last attempt came to nothing; for the operator
}

func scanTimer(s db.Scan) (Timer, error) {
	var t Timer
	err := s(&t.ID, &t.CaseID, &t.Action, &t.State, &t.DueOn, &t.DueAt, &t.Status, &t.Attempts, &t.Fault)
	return t, err
}

const timerColumns = "id, case_id, action, state, due_on, due_at, status, attempts, fault"

// Timers returns the clocks of a case, the first due first.
func Timers(ctx context.Context, q db.Querier, id string) ([]Timer, error) {
	return db.Collect(ctx, q, scanTimer, "SELECT "+timerColumns+" FROM casework_timer WHERE case_id = $1 ORDER BY due_at, id", id)
}

// Stuck returns the first running clocks whose handling was refused, for the
// operator.
func Stuck(ctx context.Context, q db.Querier, limit int) ([]Timer, error) {
	return db.Collect(ctx, q, scanTimer, "SELECT "+timerColumns+" FROM casework_timer WHERE status = 'open' AND attempts > 0 ORDER BY due_at, id LIMIT $1", limit)
}

const (
	lease   = 5 * time.Minute // after which a worker that holds a timer is taken for dead
	retry   = time.Hour       // after which a refused one is tried again
	claimed = 16              // timers of one claim
)

// Fired counts what a call of Fire did.
type Fired struct {
	Acted   int // the clock did what the deadline asks
	Told    int // somebody was told, and nothing else is asked
	Refused int // a guard or an effect stood against it; tried again later
}

// Fire handles up to limit deadlines that have passed. Any number of workers may
// call it at once, in one process or in many: each deadline is handled once. A
// worker claims some timers for a while, which spreads the work; that a timer
// fires once is held by the transaction in which it fires, so one that dies
// loses nothing and doubles nothing.
func (s *Service) Fire(ctx context.Context, limit int) (Fired, error) {
	var out Fired
	for limit > 0 {
		ids, err := s.claim(ctx, min(limit, claimed))
		if err != nil || len(ids) == 0 {
			return out, err
		}
		limit -= len(ids)
		for _, id := range ids {
			if err := s.handle(ctx, id, &out); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

// skipLocked is the one place where the two engines get different text: on
// PostgreSQL a worker passes over what another is claiming; on SQLite there is
// one writer, and nothing to pass over.
func skipLocked(e db.Engine) string {
	if e == db.Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// claim leases due timers. It locks nothing but them, and waits for nothing.
func (s *Service) claim(ctx context.Context, n int) ([]string, error) {
	var ids []string
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		var err error
		now := db.At(tx.Now())
		ids, err = db.Collect(ctx, tx, db.Column[string], "SELECT id FROM casework_timer WHERE status = 'open' AND due_at <= $1 AND leased_until <= $2 "+
			"ORDER BY due_at, id LIMIT $3"+skipLocked(tx.Engine()), now, now, n)
		if err != nil || len(ids) == 0 {
			return err
		}
		args := []any{db.At(tx.Now().Add(lease))}
		for _, id := range ids {
			args = append(args, id)
		}
		_, err = tx.Exec(ctx, "UPDATE casework_timer SET leased_until = $1 WHERE id IN ("+db.In(2, len(ids))+")", args...)
		return err
	})
	return ids, err
}

// handle fires one timer. A refusal is written down beside it and tried again.
func (s *Service) handle(ctx context.Context, id string, out *Fired) error {
	var done Fired
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		done, err = s.fire(ctx, tx, id)
		return err
	})
	if err == nil {
		out.Acted += done.Acted
		out.Told += done.Told
		return nil
	}
	if ctx.Err() != nil || errs.KindOf(err) == errs.Unavailable {
		return err // the lease runs out by itself
	}
	out.Refused++
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE casework_timer SET attempts = attempts + 1, fault = $1, leased_until = $2 WHERE id = $3 AND status = 'open'",
			cut(err.Error()), db.At(tx.Now().Add(retry)), id)
		return err
	})
}

// cut keeps the head of an operator's text, whole runes of it.
func cut(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	r := []rune(s)
	return string(r[:min(len(r), most/4)])
}

// fire does in one transaction what a deadline asks for.
func (s *Service) fire(ctx context.Context, tx *db.Tx, id string) (Fired, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return Fired{}, err
	}
	t, ok, err := db.One(ctx, tx, scanTimer, "SELECT "+timerColumns+" FROM casework_timer WHERE id = $1 AND status = 'open'", id)
	if err != nil || !ok {
		return Fired{}, err // another worker was first, or the case has moved on
	}
	c, err := Get(ctx, tx, t.CaseID)
	if err != nil {
		return Fired{}, err
	}
	k, err := s.kindOf(c)
	if err != nil {
		return Fired{}, err
	}
	_, err = tx.Exec(ctx, "UPDATE casework_timer SET status = 'fired', ended_at = $1, fault = '' WHERE id = $2", db.At(tx.Now()), id)
	if err != nil {
		return Fired{}, err
	}
	return s.due(ctx, tx, k, c, t)
}

func (s *Service) due(ctx context.Context, tx *db.Tx, k *Kind, c Case, t Timer) (Fired, error) {
	tr := k.Transition(c.State, t.Action)
	if tr == nil || tr.Deadline == nil {
		return Fired{}, nil // cannot be: a timer is stopped when its state is left
	}
	if err := putNotices(ctx, tx, c.ID, overdue(k, c, tr, t)); err != nil {
		return Fired{}, err
	}
	if tr.Deadline.Then == "" {
		return Fired{Told: 1}, nil
	}
	body, err := json.Marshal(map[string]string{"timer": t.ID, "due": t.Action, "due_on": t.DueOn})
	if err != nil {
		return Fired{}, err
	}
	w := s.batch(tx)
	if _, err = s.step(ctx, w, c, clock, tr.Deadline.Then, "", Input{Body: body}); err != nil {
		return Fired{}, err
	}
	return Fired{Acted: 1}, w.insert(ctx)
}

// overdue is what the roles that a deadline names are told.
func overdue(k *Kind, c Case, tr *Transition, t Timer) []Notice {
	state, _ := k.State(c.State)
	var out []Notice
	for _, r := range tr.Deadline.Notify {
		out = append(out, Notice{Role: r, Key: "casework.overdue", Args: errs.A{
			"kind": k.Name, "ref": c.Ref, "action": tr.Name, "state": state.Name, "day": t.DueOn,
		}})
	}
	return out
}
