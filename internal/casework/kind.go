package casework

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Clock is the role of the engine itself: an action that has it is done when a
// deadline has passed. No person can hold it.
const Clock = "clock"

// Stay, as the state that an action leads to, leaves the case where it is.
const Stay = "."

// Events that the engine writes by itself; no kind may name an action so.
const (
	ActionOpen    = "open"
	ActionMigrate = "migrate"
	ActionRecuse  = "recuse"
)

// Kind is the table of one sort of case: its states and what leads from one to
// another. A kind that is changed gets a new version; cases keep theirs until
// they are migrated.
type Kind struct {
	ID          string       `yaml:"kind" json:"kind"`
	Version     int          `yaml:"version" json:"version"`
	Name        i18n.Text    `yaml:"name" json:"name"`
	Start       string       `yaml:"start" json:"start"` // the state of a new case
	Roles       []Word       `yaml:"roles" json:"roles"`
	Recusers    []string     `yaml:"recusers" json:"recusers,omitempty"` // roles that may recuse somebody else
	States      []State      `yaml:"states" json:"states"`
	Transitions []Transition `yaml:"transitions" json:"transitions"`

	hash string // of the rules, without names
}

// Word is an id with its name.
type Word struct {
	ID   string    `yaml:"id" json:"id"`
	Name i18n.Text `yaml:"name" json:"name"`
}

// State is where a case may stand. Nothing leads out of a final one.
type State struct {
	ID    string    `yaml:"id" json:"id"`
	Name  i18n.Text `yaml:"name" json:"name"`
	Final bool      `yaml:"final" json:"final,omitempty"`
}

// Transition is one action and where it leads.
type Transition struct {
	Action   string    `yaml:"action" json:"action"`
	Name     i18n.Text `yaml:"name" json:"name"`
	From     []string  `yaml:"from" json:"from"`
	To       string    `yaml:"to" json:"to"`       // a state, or Stay
	Roles    []string  `yaml:"roles" json:"roles"` // any of them will do
	Guards   []string  `yaml:"guards" json:"guards,omitempty"`
	Effects  []string  `yaml:"effects" json:"effects,omitempty"` // in this order
	Reason   bool      `yaml:"reason" json:"reason,omitempty"`   // a reason must be given
	NotBy    []string  `yaml:"not_by" json:"not_by,omitempty"`   // who did one of these may not do this: four eyes
	Deadline *Deadline `yaml:"deadline" json:"deadline,omitempty"`
}

// Deadline says by when its action is due, counted from the day on which the
// case came into the state. Staying there does not start it anew.
type Deadline struct {
	Days   int      `yaml:"days" json:"days"`
	Unit   Unit     `yaml:"unit" json:"unit"`
	Roll   bool     `yaml:"roll" json:"roll,omitempty"`     // calendar days that end on a holiday end on the next working day
	Then   string   `yaml:"then" json:"then,omitempty"`     // what the clock does when it has passed
	Notify []string `yaml:"notify" json:"notify,omitempty"` // the roles that are told
}

// Unit is what a deadline counts.
type Unit string

// The units.
const (
	WorkingDays  Unit = "working"
	CalendarDays Unit = "calendar"
)

// State returns the state called id.
func (k *Kind) State(id string) (State, bool) {
	i := slices.IndexFunc(k.States, func(s State) bool { return s.ID == id })
	if i < 0 {
		return State{}, false
	}
	return k.States[i], true
}

// From returns what leads out of a state, in the order of the table.
func (k *Kind) From(state string) []*Transition {
	var out []*Transition
	for i := range k.Transitions {
		if t := &k.Transitions[i]; slices.Contains(t.From, state) {
			out = append(out, t)
		}
	}
	return out
}

// Transition returns what an action does in a state, nil where it does nothing.
func (k *Kind) Transition(state, action string) *Transition {
	for _, t := range k.From(state) {
		if t.Action == action {
			return t
		}
	}
	return nil
}

// target is the state that t leads to from a state.
func (t *Transition) target(from string) string {
	if t.To == Stay {
		return from
	}
	return t.To
}

// RoleName returns the name of a role, its id where the kind has none.
func (k *Kind) RoleName(id string) i18n.Text {
	if id == Clock {
		return i18n.Text{ZH: "系统时钟", EN: "the clock"}
	}
	for _, r := range k.Roles {
		if r.ID == id {
			return r.Name
		}
	}
	return i18n.Text{ZH: id, EN: id}
}

// ActionName returns the name of an action as it is in a state, or the first one
// that it has anywhere.
func (k *Kind) ActionName(state, action string) i18n.Text {
	if t := k.Transition(state, action); t != nil {
		return t.Name
	}
	for _, t := range k.Transitions {
		if t.Action == action {
			return t.Name
		}
	}
	return i18n.Text{ZH: action, EN: action}
}

// Hash is the SHA-256 of the rules. Names are not part of it: a misprint may be
// mended without a new version.
func (k *Kind) Hash() string { return k.hash }

// seal computes the hash. Marshalling a struct of strings cannot fail.
func (k *Kind) seal() {
	bare := *k
	bare.Name = i18n.Text{}
	bare.Roles = slices.Clone(k.Roles)
	for i := range bare.Roles {
		bare.Roles[i].Name = i18n.Text{}
	}
	bare.States = slices.Clone(k.States)
	for i := range bare.States {
		bare.States[i].Name = i18n.Text{}
	}
	bare.Transitions = slices.Clone(k.Transitions)
	for i := range bare.Transitions {
		bare.Transitions[i].Name = i18n.Text{}
	}
	raw, _ := json.Marshal(bare)
	sum := sha256.Sum256(raw)
	k.hash = hex.EncodeToString(sum[:])
}

func sortKinds(kinds []*Kind) {
	slices.SortFunc(kinds, func(a, b *Kind) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Version, b.Version))
	})
}
