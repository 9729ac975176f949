package transfer

import (
	"math"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// Introduction (推介) brings a need and an offer together. It keeps why it was
// made: the reason in words, and the score with its features as they stood, so
// that what came of it can teach the weights. Deals hang on it.
type Introduction struct {
	ID        string             `json:"id"`
	NeedKind  string             `json:"need_kind"` // of one end: KindNeed, or another kind that stands in its place
	NeedID    string             `json:"need_id"`
	OfferKind string             `json:"offer_kind"` // of the other: a result, a service, a person, a paper, an organisation
	OfferID   string             `json:"offer_id"`
	Author    string             `json:"author"` // user id of who introduces
	Day       string             `json:"day"`
	Reason    string             `json:"reason,omitempty"`
	Score     *float64           `json:"score,omitempty"` // of the match, nil when none was computed
	Features  map[string]float64 `json:"features,omitempty"`
	Weights   string             `json:"weights,omitempty"` // version of the weights behind the score
	Events    []Event            `json:"events,omitempty"`  // the first first
	State     EventKind          `json:"state"`             // the kind of the last event
	CreatedAt db.Time            `json:"created_at"`

	Need  *End `json:"need,omitempty"` // output only
	Offer *End `json:"offer,omitempty"`
}

// End is one end of an introduction as it is shown.
type End struct {
	Kind  string    `json:"kind"`
	ID    string    `json:"id"`
	Title i18n.Text `json:"title"`
}

// Event is something that came of an introduction.
type Event struct {
	Kind   EventKind     `json:"kind"`
	Reason DeclineReason `json:"reason,omitempty"` // of a decline
	Note   string        `json:"note,omitempty"`
	Day    string        `json:"day"`
	Actor  string        `json:"actor"`
	At     db.Time       `json:"at"`
}

// EventKind says what came.
type EventKind string

// The kinds of event.
const (
	Introduced     EventKind = "introduced"
	Contacted      EventKind = "contacted"
	EventDeclined  EventKind = "declined"
	Deal           EventKind = "deal"
	EventReopened  EventKind = "reopened"
	maxFeatures              = 64
	maxIntroEvents           = 200
)

// EventKinds lists every kind.
var EventKinds = []EventKind{Introduced, Contacted, EventDeclined, Deal, EventReopened}

// DeclineReason says why an introduction was declined.
type DeclineReason string

// The reasons.
const (
	NotNeeded    DeclineReason = "not_needed"
	TooEarly     DeclineReason = "too_early"
	TooExpensive DeclineReason = "too_expensive"
	WrongField   DeclineReason = "wrong_field"
	RightsReason DeclineReason = "rights"
	Timing       DeclineReason = "timing"
	OtherReason  DeclineReason = "other"
)

// DeclineReasons lists every reason.
var DeclineReasons = []DeclineReason{NotNeeded, TooEarly, TooExpensive, WrongField, RightsReason, Timing, OtherReason}

// follows says which events may follow each.
var follows = map[EventKind][]EventKind{
	Introduced:    {Contacted, EventDeclined, Deal},
	Contacted:     {EventDeclined, Deal},
	EventDeclined: {EventReopened},
	Deal:          {EventReopened},
	EventReopened: {Contacted, EventDeclined, Deal},
}

// Next lists the kinds that may follow one.
func (k EventKind) Next() []EventKind { return slices.Clone(follows[k]) }

// endKinds are the kinds that may stand at an end.
var endKinds = []string{KindNeed, KindResult, KindService, registry.KindPerson, registry.KindPaper, registry.KindOrg, registry.KindPlatform, registry.KindPark}

func (in *Introduction) check() errs.List {
	var f faults
	in.Reason, in.Weights = strings.TrimSpace(in.Reason), strings.TrimSpace(in.Weights)
	oneOf(&f, "need_kind", in.NeedKind, endKinds)
	oneOf(&f, "offer_kind", in.OfferKind, endKinds)
	f.required("need_id", in.NeedID)
	f.required("offer_id", in.OfferID)
	if in.NeedKind == in.OfferKind && in.NeedID == in.OfferID && in.NeedID != "" {
		f.add(errs.New(errs.Invalid, "transfer.same_ends").At("/offer_id"))
	}
	for field, v := range map[string]string{"reason": in.Reason, "weights": in.Weights, "need_id": in.NeedID, "offer_id": in.OfferID} {
		f.add(legibleText(field, v))
	}
	f.day("day", in.Day)
	f.most("features", len(in.Features), maxFeatures)
	bad := in.Score != nil && !finite(*in.Score)
	for name, v := range in.Features {
		bad = bad || !finite(v) || len(name) > 100 || !storable(name)
	}
	if bad {
		f.add(errs.New(errs.Invalid, "transfer.features").At("/features"))
	}
	return f.list
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// check faults an event as it follows those before it.
func (e *Event) check(before []Event, today string) errs.List {
	var f faults
	last := before[len(before)-1]
	e.Note = strings.TrimSpace(e.Note)
	f.add(legibleText("note", e.Note))
	if !slices.Contains(follows[last.Kind], e.Kind) {
		f.add(errs.New(errs.Conflict, "transfer.event_move", errs.A{"from": string(last.Kind), "to": clip(string(e.Kind)), "allowed": strings.Join(texts(follows[last.Kind]), ", ")}).At("/kind"))
	}
	if e.Kind == EventDeclined {
		oneOf(&f, "decline_reason", e.Reason, DeclineReasons)
		if e.Reason == OtherReason && e.Note == "" {
			f.add(errs.New(errs.Invalid, "transfer.decline_other").At("/note"))
		}
	} else if e.Reason != "" {
		f.add(errs.New(errs.Invalid, "transfer.decline_only").At("/reason"))
	}
	f.day("day", e.Day)
	if isDay(e.Day) && (e.Day > today || e.Day < last.Day) {
		f.add(errs.New(errs.Invalid, "transfer.event_day", errs.A{"day": e.Day, "from": last.Day, "to": today}).At("/day"))
	}
	f.most("events", len(before)+1, maxIntroEvents)
	return f.list
}

// IntroductionFilter selects introductions.
type IntroductionFilter struct {
	Kind, ID string // of either end
	State    EventKind
	Author   string
	From, To string // days of the introduction, inclusive
	registry.Page
}
