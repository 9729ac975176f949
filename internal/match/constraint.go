package match

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// State is what is known of a condition.
type State string

// The three values: a record that does not say is not a record that fails.
const (
	Met     State = "met"
	Failed  State = "failed"
	Unknown State = "unknown"
)

// Condition names one kind of condition; the message "match.condition.<name>"
// says it to people.
type Condition string

// The conditions.
const (
	ByTRL      Condition = "trl"
	ByIPC      Condition = "ipc"
	ByIndustry Condition = "industry"
	ByRegion   Condition = "region"
	ByBudget   Condition = "budget"
	ByRights   Condition = "rights"
	ByForm     Condition = "form"
	ByDate     Condition = "date"
	ByLevel    Condition = "level"
)

// Conditions lists every condition in the order in which they are shown.
var Conditions = []Condition{ByTRL, ByIPC, ByIndustry, ByRegion, ByBudget, ByRights, ByForm, ByDate, ByLevel}

// Constraints are the hard conditions of a need. The zero value has none.
type Constraints struct {
	TRLMin     int         `json:"trl_min,omitempty"` // 1..9, 0 for none
	TRLScale   string      `json:"trl_scale,omitempty"`
	TRLEdition string      `json:"trl_edition,omitempty"`
	IPC        []string    `json:"ipc,omitempty"`      // prefixes, any of which will do
	Industry   []string    `json:"industry,omitempty"` // prefixes of GB/T 4754 codes
	Regions    []string    `json:"regions,omitempty"`  // divisions of GB/T 2260, with all below them
	Budget     Span        `json:"budget,omitzero"`
	Rights     string      `json:"rights,omitempty"` // "granted": a right that has been granted
	Forms      []string    `json:"forms,omitempty"`  // any of which will do
	Level      level.Level `json:"level,omitempty"`  // only records published at least this widely
}

// Span is a range of money in fen; an end that is not known is nil.
type Span struct {
	Min        *money.Fen `json:"min,omitempty"`
	Max        *money.Fen `json:"max,omitempty"`
	Negotiable bool       `json:"negotiable,omitempty"`
}

// IsZero reports a span of which neither end is known.
func (s Span) IsZero() bool { return s.Min == nil && s.Max == nil }

// Check is one condition with what was wanted and what was found. Why is the
// key of a message for an unknown one, "" when the record says nothing at all.
type Check struct {
	Name   Condition `json:"name"`
	Wanted string    `json:"wanted"`
	Found  string    `json:"found,omitempty"`
	State  State     `json:"state"`
	Why    string    `json:"why,omitempty"`
}

// Check compares what a need wants with what a record offers. A condition that
// the need does not set is not in the answer.
func (c Constraints) Check(o *Card) []Check {
	var out []Check
	add := func(name Condition, set bool, check func() Check) {
		if set {
			got := check()
			got.Name = name
			out = append(out, got)
		}
	}
	add(ByTRL, c.TRLMin > 0, func() Check { return c.trl(o.TRL) })
	add(ByIPC, len(c.IPC) > 0, func() Check { return prefixes(c.IPC, o.Codes.IPC, plainCode) })
	add(ByIndustry, len(c.Industry) > 0, func() Check { return prefixes(c.Industry, o.Codes.Industry, plainCode) })
	add(ByRegion, len(c.Regions) > 0, func() Check { return prefixes(c.Regions, one(o.Division), Region) })
	add(ByBudget, c.Budget.Max != nil, func() Check { return c.budget(o.Price) })
	add(ByRights, c.Rights != "", func() Check { return anyOf(one(c.Rights), o.Rights) })
	add(ByForm, len(c.Forms) > 0, func() Check { return anyOf(c.Forms, o.Forms) })
	add(ByLevel, c.Level != "", func() Check { return levelOf(c.Level, o.Level) })
	return out
}

// trl compares readiness levels of one scale and edition only: levels of two
// scales, or of two editions of one, do not say the same (GB/T 22900, ISO 16290
// and NASA each cut the road in their own way). A need that names no edition
// takes any of its scale.
func (c Constraints) trl(found TRL) Check {
	wanted := TRL{c.TRLMin, c.TRLScale, c.TRLEdition}
	out := Check{Wanted: "≥ " + wanted.String(), Found: found.String(), State: Unknown}
	switch {
	case found.Level == 0:
		out.Found = ""
	case found.Scale != wanted.Scale:
		out.Why = "match.unknown.scale"
	case wanted.Edition != "" && found.Edition != wanted.Edition:
		out.Why = "match.unknown.edition"
	default:
		out.State = state(found.Level >= wanted.Level)
	}
	return out
}

func state(met bool) State {
	if met {
		return Met
	}
	return Failed
}

// prefixes is met when a found code lies within a wanted one. A found code that
// is wider than the wanted one leaves it open.
func prefixes(wanted, found []string, plain func(string) string) Check {
	out := Check{Wanted: strings.Join(wanted, ", "), Found: strings.Join(found, ", "), State: Unknown}
	if len(found) == 0 {
		return out
	}
	out.State = Failed
	for _, w := range wanted {
		for _, f := range found {
			w, f := plain(w), plain(f)
			switch {
			case strings.HasPrefix(f, w):
				out.State, out.Why = Met, ""
				return out
			case strings.HasPrefix(w, f):
				out.State, out.Why = Unknown, "match.unknown.wider"
			}
		}
	}
	return out
}

// Region is the prefix that a division of GB/T 2260 shares with all below it:
// 440100 is 4401.
func Region(division string) string {
	if len(division) != 6 {
		return division
	}
	for len(division) > 2 && strings.HasSuffix(division, "00") {
		division = division[:len(division)-2]
	}
	return division
}

// budget is met when the least price lies within the budget: the rest is for
// the two to settle. Above it, a price that is open to talk leaves it open.
func (c Constraints) budget(price Span) Check {
	most := *c.Budget.Max
	out := Check{Wanted: "≤ " + yuan(most), State: Unknown}
	switch {
	case price.Min == nil && price.Max == nil:
	case price.Min == nil:
		out.Found, out.State = "≤ "+yuan(*price.Max), Met
		if *price.Max > most {
			out.State, out.Why = Unknown, "match.unknown.price"
		}
	default:
		out.Found, out.State = price.String(), state(*price.Min <= most)
		if out.State == Failed && price.Negotiable {
			out.State, out.Why = Unknown, "match.unknown.negotiable"
		}
	}
	return out
}

// String writes a span in yuan: "¥ 1000–2000".
func (s Span) String() string {
	switch {
	case s.IsZero():
		return ""
	case s.Min == nil:
		return "≤ " + yuan(*s.Max)
	case s.Max == nil:
		return "≥ " + yuan(*s.Min)
	case *s.Min == *s.Max:
		return yuan(*s.Min)
	}
	return yuan(*s.Min) + "–" + strings.TrimPrefix(yuan(*s.Max), "¥ ")
}

func yuan(f money.Fen) string {
	whole, rest := f/money.Yuan, f%money.Yuan
	if rest == 0 {
		return "¥ " + strconv.FormatInt(int64(whole), 10)
	}
	return "¥ " + strconv.FormatFloat(float64(f)/float64(money.Yuan), 'f', 2, 64)
}

func anyOf(wanted, found []string) Check {
	out := Check{Wanted: strings.Join(wanted, ", "), Found: strings.Join(found, ", "), State: Unknown}
	if len(found) > 0 {
		out.State = state(slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(found, w) }))
	}
	return out
}

// date asks that a record has not run out.
func date(expires, today int) Check {
	return Check{Name: ByDate, Wanted: "≥ " + day(today), Found: day(expires), State: state(expires >= today)}
}

func levelOf(wanted, found level.Level) Check {
	if found == "" {
		found = level.Public
	}
	return Check{Wanted: string(wanted), Found: string(found), State: state(found.Rank() <= wanted.Rank())}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// checks are the conditions between an ask and a candidate on day today: those
// of whichever of the two is a need, and the candidate's date.
func checks(ask, candidate *Card, today int) []Check {
	var out []Check
	if candidate.Kind == KindNeed {
		out = candidate.Wants.Check(ask)
	} else {
		out = ask.Wants.Check(candidate)
	}
	if candidate.Expires != 0 {
		out = append(out, date(candidate.Expires, today))
	}
	return out
}

// verdict counts the states of checks and returns the share that is unknown,
// which is unknown itself when nothing was asked.
func verdict(checks []Check) (failed []Condition, open float64) {
	if len(checks) == 0 {
		return nil, unknown
	}
	n := 0
	for _, c := range checks {
		switch c.State {
		case Failed:
			failed = append(failed, c.Name)
		case Unknown:
			n++
		}
	}
	return failed, float64(n) / float64(len(checks))
}
