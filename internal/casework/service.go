package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Service runs cases. It is safe for concurrent use. Who may open a case, read
// one or migrate one is the caller's business; who may act is the kind's.
type Service struct {
	d   *db.DB
	reg *Registry
}

// New returns the engine over d for the kinds of reg.
func New(d *db.DB, reg *Registry) *Service { return &Service{d: d, reg: reg} }

// Registry returns the kinds that the service runs.
func (s *Service) Registry() *Registry { return s.reg }

// Opening says what a new case is about.
type Opening struct {
	ID      string // "" makes one
	Kind    string
	Version int    // of the kind, 0 for the newest
	Ref     string // the record that it is about
	Data    any    // marshalled as JSON; nil is {}
	Source  string // "" when opened by hand
	Reason  string
}

// Open opens one case in the caller's transaction. An id that is taken is
// errs.Conflict.
func (s *Service) Open(ctx context.Context, tx *db.Tx, by Actor, o Opening) (Case, error) {
	cases, err := s.OpenMany(ctx, tx, by, []Opening{o})
	if err != nil {
		return Case{}, err
	}
	return cases[0], nil
}

// OpenMany opens cases in the caller's transaction, by few statements: what an
// import of many records needs. After an error the transaction has to be rolled
// back.
func (s *Service) OpenMany(ctx context.Context, tx *db.Tx, by Actor, openings []Opening) ([]Case, error) {
	if err := (&Input{}).check(by); err != nil {
		return nil, err
	}
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	w := s.batch(tx)
	cases := make([]Case, len(openings))
	for i, o := range openings {
		c, err := s.open(ctx, w, by, o)
		if err != nil {
			return nil, err
		}
		cases[i] = c
	}
	return cases, w.insert(ctx)
}

func (s *Service) open(ctx context.Context, w *batch, by Actor, o Opening) (Case, error) {
	k, err := s.reg.Kind(o.Kind, o.Version)
	if err != nil {
		return Case{}, err
	}
	data, err := object(o.Data)
	if err != nil {
		return Case{}, err
	}
	if o.ID == "" {
		o.ID = db.NewID("case")
	}
	now := db.At(w.tx.Now())
	start, _ := k.State(k.Start) // a checked kind has it
	c := Case{
		ID: o.ID, Kind: k.ID, KindVersion: k.Version, KindHash: k.Hash(), Ref: o.Ref, State: k.Start, Final: start.Final, Data: data,
		Source: o.Source, Batch: by.Batch, OpenedBy: by.User, OpenedAt: now, ChangedAt: now, EnteredAt: now,
	}
	e := Event{Action: ActionOpen, To: k.Start, Actor: by.User, Behalf: by.Behalf, Reason: o.Reason, Data: data}
	c.record(&e, now)
	if err := w.pin(ctx, k); err != nil {
		return Case{}, err
	}
	return c, w.open(ctx, k, c, e, by.author(o.Reason))
}

// record numbers, dates and chains an event, and moves the case to it.
func (c *Case) record(e *Event, now db.Time) {
	c.Version++
	e.CaseID, e.Seq, e.KindVersion, e.At = c.ID, c.Version, c.KindVersion, now
	e.Hash = e.hash(c.Head)
	c.Head, c.ChangedAt = e.Hash, now
}

// object marshals the data of a case, which is an object or nothing.
func object(v any) (json.RawMessage, error) {
	if v == nil {
		return json.RawMessage("{}"), nil
	}
	raw, err := json.Marshal(v)
	if err != nil || len(raw) > maxBody {
		return nil, errs.Wrap(err, errs.Invalid, "casework.data").At("data")
	}
	return raw, nil
}

// Do performs an action on a case that still has the version that the actor saw;
// another is errs.Precondition. It checks role, recusal and four eyes
// (errs.Forbidden), the reason (errs.Invalid) and the guards (errs.Conflict, in
// their own words), and tells all that is against it together. Then effects,
// event, clocks, notices and the entry of the change log are written as one.
//
// The same key with the same input again is done once: it returns the case as
// it is now. The same key with another input is errs.Conflict.
func (s *Service) Do(ctx context.Context, by Actor, id string, version int64, action string, in Input) (Case, error) {
	var out Case
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		out, err = s.DoIn(ctx, tx, by, id, version, action, in)
		return err
	})
	if err != nil {
		return Case{}, err
	}
	return out, nil
}

// DoIn is Do in the caller's transaction. A refusal writes nothing; after any
// other error the transaction has to be rolled back.
//
// Steps are serial, on both engines: each takes its turn at the change log
// first, so a guard that adds up a budget sees every step before its own.
func (s *Service) DoIn(ctx context.Context, tx *db.Tx, by Actor, id string, version int64, action string, in Input) (Case, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return Case{}, err
	}
	c, err := Get(ctx, tx, id)
	if err != nil {
		return Case{}, err
	}
	w := s.batch(tx)
	c, err = s.act(ctx, w, by, c, Act{id, version, action, in})
	if refusal := (*refused)(nil); errors.As(err, &refusal) {
		return Case{}, refusal.error
	}
	if err != nil {
		return Case{}, err
	}
	return c, w.insert(ctx)
}

// Act is one action on one case, of many.
type Act struct {
	CaseID  string
	Version int64
	Action  string
	Input   Input
}

// Result is what came of one act: the case after it, or what stood against it.
type Result struct {
	Case Case
	Err  error
}

// DoMany performs actions on different cases in the caller's transaction, by
// fewer statements than DoIn for each: what an import of many rows needs. An act
// that is refused writes nothing and has its reason in its Result; the others
// stand. After an error of DoMany itself the transaction has to be rolled back.
// A case that stands in acts twice is errs.Invalid. The cases are read first: an
// effect that acts on a case of a later act makes that one errs.Precondition.
func (s *Service) DoMany(ctx context.Context, tx *db.Tx, by Actor, acts []Act) ([]Result, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	cases, err := casesOf(ctx, tx, acts)
	if err != nil {
		return nil, err
	}
	w := s.batch(tx)
	out := make([]Result, len(acts))
	for i, a := range acts {
		c, ok := cases[a.CaseID]
		if !ok {
			out[i].Err = notFound(a.CaseID)
			continue
		}
		c, err := s.act(ctx, w, by, c, a)
		refusal := (*refused)(nil)
		switch {
		case errors.As(err, &refusal):
			out[i].Err = refusal.error
		case err != nil:
			return nil, fmt.Errorf("%s of case %s: %w", a.Action, a.CaseID, err)
		default:
			out[i].Case = c
		}
	}
	return out, w.insert(ctx)
}

// refused marks an error that came before anything was written. It does not leave
// DoIn: an effect that acts on another case and hands its refusal on has failed.
type refused struct{ error }

func (r *refused) Unwrap() error { return r.error }

// act performs one action of a transaction that holds the log.
func (s *Service) act(ctx context.Context, w *batch, by Actor, c Case, a Act) (Case, error) {
	if err := a.Input.check(by); err != nil {
		return Case{}, &refused{err}
	}
	request := requestOf(by, a.Action, a.Input)
	if again, err := repeated(ctx, w.tx, c, a.Input.Key, request); again || err != nil {
		return c, err
	}
	if c.Version != a.Version {
		return Case{}, &refused{errs.New(errs.Precondition, "errs.stale", errs.A{"version": c.Version})}
	}
	return s.step(ctx, w, c, by, a.Action, request, a.Input)
}

// repeated reports whether the request has been done already.
func repeated(ctx context.Context, q db.Querier, c Case, key, request string) (bool, error) {
	if key == "" {
		return false, nil
	}
	before, ok, err := db.Value[string](ctx, q, "SELECT request FROM casework_event WHERE case_id = $1 AND key = $2", c.ID, key)
	if err != nil || !ok {
		return false, err
	}
	if before != request {
		return false, &refused{errs.New(errs.Conflict, "casework.key_taken", errs.A{"key": key})}
	}
	return true, nil
}

// kindOf returns the rules that a case is under, and refuses rules that were
// altered since.
func (s *Service) kindOf(c Case) (*Kind, error) {
	k, err := s.reg.Kind(c.Kind, c.KindVersion)
	if err == nil && k.Hash() != c.KindHash {
		err = errs.New(errs.Conflict, "casework.kind_altered", errs.A{"kind": c.Kind, "version": c.KindVersion})
	}
	return k, err
}
