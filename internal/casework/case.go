package casework

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Case is one matter on its way through the states of its kind.
type Case struct {
	ID          string          `json:"id"`
	Kind        string          `json:"kind"`
	KindVersion int             `json:"kind_version"`
	KindHash    string          `json:"kind_hash"`
	Ref         string          `json:"ref"` // the record that it is about, "loan/loan-3kq9…"
	State       string          `json:"state"`
	Final       bool            `json:"final"`
	Data        json.RawMessage `json:"data"`
	Source      string          `json:"source,omitempty"` // "" when opened here by hand
	Batch       string          `json:"batch,omitempty"`
	OpenedBy    string          `json:"opened_by"`
	OpenedAt    db.Time         `json:"opened_at"`
	ChangedAt   db.Time         `json:"changed_at"`
	EnteredAt   db.Time         `json:"entered_at"` // since when it stands in State
	Version     int64           `json:"version"`    // number of its last event
	Head        string          `json:"head"`       // hash of its last event

	recused int64
}

// Decode reads the data of the case into v.
func (c Case) Decode(v any) error { return json.Unmarshal(c.Data, v) }

// Actor is who acts, and in which roles. A role is one word in the whole house,
// "pool.checker": the same word in two kinds is the same role.
type Actor struct {
	User   string
	Behalf string // on whose behalf, "" when his own
	Roles  []string
	Batch  string // "" outside an import
}

func (a Actor) author(reason string) change.Author {
	return change.Author{Actor: a.User, Behalf: a.Behalf, Reason: reason, BatchID: a.Batch}
}

// people are those behind what the actor does.
func (a Actor) people() []string {
	if a.Behalf == "" || a.Behalf == a.User {
		return []string{a.User}
	}
	return []string{a.User, a.Behalf}
}

// clock is the engine as an actor.
var clock = Actor{User: Clock, Roles: []string{Clock}}

// Input is what an actor says to an action. The second half is filled in for
// guards and effects.
type Input struct {
	Key    string          `json:"key,omitempty"` // of this request: the same one again is done once
	Reason string          `json:"reason,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`

	Action  string    `json:"-"`
	To      string    `json:"-"`
	Actor   Actor     `json:"-"`
	At      time.Time `json:"-"`
	Preview bool      `json:"-"` // only asked whether it would be allowed, without a body
}

// Decode reads the body into v. A body that does not fit is errs.Invalid.
func (in Input) Decode(v any) error {
	if err := json.Unmarshal(in.Body, v); err != nil {
		return errs.Wrap(err, errs.Invalid, "casework.input").At("body")
	}
	return nil
}

const (
	maxBody   = 256 << 10
	maxReason = 4000 // bytes
	maxKey    = 200
)

// check refuses what no kind could take.
func (in *Input) check(by Actor) error {
	if by.User == "" {
		return errs.New(errs.Unauthenticated, "errs.sign_in")
	}
	if slices.Contains(by.Roles, Clock) || slices.Contains(by.people(), Clock) {
		return errs.New(errs.Forbidden, "casework.not_clock")
	}
	if len(in.Body) > maxBody || len(in.Reason) > maxReason || len(in.Key) > maxKey {
		return errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "256 KiB"})
	}
	return checkJSON("body", in.Body)
}

func checkJSON(field string, raw json.RawMessage) error {
	if len(raw) > 0 && !json.Valid(raw) {
		return errs.New(errs.Invalid, "casework.input").At(field)
	}
	return nil
}

// Event is one line of the history of a case.
type Event struct {
	CaseID      string          `json:"case_id"`
	Seq         int64           `json:"seq"`
	KindVersion int             `json:"kind_version"`
	Action      string          `json:"action"`
	From        string          `json:"from"`
	To          string          `json:"to"`
	Actor       string          `json:"actor"`
	Behalf      string          `json:"behalf,omitempty"`
	Role        string          `json:"role"` // the one that allowed it
	Reason      string          `json:"reason,omitempty"`
	Input       json.RawMessage `json:"input,omitempty"`
	Verdicts    json.RawMessage `json:"verdicts,omitempty"` // of its guards
	Effects     json.RawMessage `json:"effects,omitempty"`  // what they logged
	Data        json.RawMessage `json:"data,omitempty"`     // of the case after it, nil where unchanged
	Key         string          `json:"key,omitempty"`
	Request     string          `json:"-"`
	At          db.Time         `json:"at"`
	Hash        string          `json:"hash"`
}

// Outcome is what a guard finds.
type Outcome string

// The outcomes. What is not known is not allowed either, and is told apart.
const (
	Allowed Outcome = "allowed"
	Refused Outcome = "refused"
	Unknown Outcome = "unknown"
)

// Verdict is an outcome with its reason: a message key with its arguments.
type Verdict struct {
	Guard   string  `json:"guard,omitempty"` // filled in by the engine
	Outcome Outcome `json:"outcome"`
	Key     string  `json:"key,omitempty"`
	Args    errs.A  `json:"args,omitempty"`

	kind errs.Kind // of the refusal, Conflict when ""
}

// Allow is the verdict that lets an action pass.
func Allow() Verdict { return Verdict{Outcome: Allowed} }

// Refuse is the verdict that stops an action, with the message that says why.
func Refuse(key string, args ...errs.A) Verdict {
	return Verdict{Outcome: Refused, Key: key, Args: errs.New("", key, args...).Args}
}

// NotKnown is Refuse for want of something that the guard would have to know.
func NotKnown(key string, args ...errs.A) Verdict {
	v := Refuse(key, args...)
	v.Outcome = Unknown
	return v
}

// err is the verdict as an error, nil when it allows.
func (v Verdict) err() *errs.Error {
	if v.Outcome == Allowed {
		return nil
	}
	kind := v.kind
	if kind == "" {
		kind = errs.Conflict
	}
	if v.Key == "" {
		return errs.New(kind, "casework.guard_"+string(v.Outcome), errs.A{"guard": v.Guard})
	}
	return errs.New(kind, v.Key, v.Args)
}
