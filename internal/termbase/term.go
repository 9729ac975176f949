package termbase

import (
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

// Kind is the word of this room in the change log.
const Kind = "term"

// State says whether a term is used.
type State string

// The states.
const (
	Active    State = "active"
	Withdrawn State = "withdrawn"
)

// Origin says whose a term is.
type Origin string

// The origins. A bundled term that a person edits or withdraws is the city's
// from then on.
const (
	Bundled Origin = "bundled"
	City    Origin = "city"
)

// Areas lists the areas that a term can belong to. The catalogue has their names
// under termbase.area.
var Areas = []string{
	"policy", "transfer", "finance", "programme", "platform", "ai", "semiconductor", "communications", "quantum", "materials", "chemistry",
	"measurement", "energy", "biomedicine", "agriculture", "environment", "manufacturing", "aerospace", "marine", "transport", "science", "management",
}

// Term is a Chinese term with its English.
type Term struct {
	ID        string   `json:"id"`
	ZH        string   `json:"zh"`
	EN        string   `json:"en"`
	AlsoZH    []string `json:"also_zh,omitempty"` // other Chinese forms of the same
	AlsoEN    []string `json:"also_en,omitempty"` // other English forms and senses, the commonest first
	Area      string   `json:"area"`
	Note      string   `json:"note,omitempty"`   // tells senses apart
	Anchor    string   `json:"anchor,omitempty"` // the standard or law in which the sense is anchored; "own" is none
	State     State    `json:"state"`
	Origin    Origin   `json:"origin"`
	SourceID  string   `json:"source_id"`
	BatchID   string   `json:"batch_id,omitempty"`
	Version   int64    `json:"version"`
	CreatedAt db.Time  `json:"created_at"`
	UpdatedAt db.Time  `json:"updated_at"`
}

// row is the term as gloss.New takes it.
func (t *Term) row() gloss.Term {
	return gloss.Term{ZH: t.ZH, EN: t.EN, AlsoZH: t.AlsoZH, AlsoEN: t.AlsoEN, Area: t.Area, Note: t.Note, Source: t.Anchor}
}

// forms are the Chinese forms of a term, folded: what no other may claim.
func (t *Term) forms() []string {
	out := []string{fold.Name(t.ZH)}
	for _, f := range t.AlsoZH {
		out = append(out, fold.Name(f))
	}
	return out
}

// folded is the text that a query is looked for in.
func (t *Term) folded() string {
	all := t.forms()
	for _, f := range append([]string{t.EN}, t.AlsoEN...) {
		all = append(all, fold.Name(f))
	}
	return strings.Join(all, "\n")
}

// trim brings a term into the form in which it is stored, without touching what
// it shares with the caller.
func (t *Term) trim() {
	for _, s := range []*string{&t.ZH, &t.EN, &t.Area, &t.Note, &t.Anchor} {
		*s = strings.TrimSpace(*s)
	}
	t.ZH = fold.Simplified(t.ZH)
	t.AlsoZH, t.AlsoEN = trimmed(t.AlsoZH), trimmed(t.AlsoEN)
	for i, f := range t.AlsoZH {
		t.AlsoZH[i] = fold.Simplified(f)
	}
	if t.Anchor == "" {
		t.Anchor = "own"
	}
	if t.State == "" {
		t.State = Active
	}
	if t.Origin == "" {
		t.Origin = City
	}
}

func trimmed(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
