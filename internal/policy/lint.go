package policy

import (
	"cmp"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Weight is how much a finding matters.
type Weight string

// The weights.
const (
	Wrong   Weight = "wrong"  // the rule cannot be meant so
	Doubt   Weight = "doubt"  // to be looked at
	Remark  Weight = "remark" // true of the rule, and to be known
	anyDays        = 1 << 62  // longer than any policy is in force
	noFloor        = -math.MaxInt64
)

// Finding is something about a rule that a careful reader would ask about.
type Finding struct {
	Weight Weight `json:"weight"`
	Key    string `json:"key"` // message
	Policy string `json:"policy"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Args   errs.A `json:"args,omitempty"`
}

// Text says the finding in the language.
func (f *Finding) Text(l i18n.Lang) string { return i18n.T(l, f.Key, f.Args) }

// Lint reads the rules of a set as a careful colleague would: versions with days
// between them, conditions that can never or always hold, atoms that decide
// nothing, amounts that fall where what they are of rises, sources that
// contradict themselves, and what was never verified.
func (s *Set) Lint() []Finding {
	l := &linter{set: s}
	for i := range s.policies {
		l.policy(&s.policies[i])
	}
	l.gaps()
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	return l.found
}

type linter struct {
	set   *Set
	p     *Policy
	found []Finding
}

func (l *linter) say(w Weight, line int, key string, args errs.A) {
	l.found = append(l.found, Finding{w, key, l.p.ID, l.p.File, line, args})
}

func (l *linter) policy(p *compiled) {
	l.p = p.Policy
	if p.Status == Unverified {
		l.say(Remark, p.Line, "policy.lint.unverified", nil)
	}
	if p.Document.Number == "" && p.Document.Law == "" {
		l.say(Doubt, p.Line, "policy.lint.no_number", nil)
	}
	if p.Kind == "grant" && p.To == open {
		l.say(Doubt, p.Line, "policy.lint.no_end", nil)
	}
	if p.Kind == "grant" && p.Review == "" {
		l.say(Remark, p.Line, "policy.lint.no_review", nil)
	}
	l.stated()
	l.condition(p.When)
	for _, at := range p.atoms {
		l.outOfReach(&l.set.atoms[at])
	}
	if p.Benefit != nil && p.Benefit.Amount != nil {
		l.amount(p.Benefit.Amount)
	}
}

// stated finds numbers that the document gives differently in two places.
func (l *linter) stated() {
	first := map[string]Stated{}
	for _, s := range l.p.Stated {
		was, known := first[s.What]
		if !known {
			first[s.What] = s
			continue
		}
		if was.Value != s.Value {
			l.say(Wrong, l.p.Line, "policy.lint.contradiction", errs.A{"what": s.What, "one": was.Value, "where": was.Where, "other": s.Value, "there": s.Where})
		}
	}
}

// condition looks at the atoms of one group that ask for the same fact.
func (l *linter) condition(c *Condition) {
	for _, kid := range c.Of {
		l.condition(kid)
	}
	if c.Op != "all" && c.Op != "any" {
		return
	}
	groups := map[string][]*Atom{}
	for _, kid := range c.Of {
		if a := kid.Atom; a != nil && a.Bands == nil && a.Words == nil && a.Over == "" && a.Fact+a.Since != "" && a.Compare != "equals" {
			groups[a.Fact+"|"+a.Since] = append(groups[a.Fact+"|"+a.Since], a)
		}
	}
	for _, atoms := range groups {
		l.together(c.Op, atoms)
	}
}

// interval is what an atom allows, both ends included.
func interval(a *Atom) (lo, hi int64, ok bool) {
	switch a.Compare {
	case "at_least":
		return a.Value, anyDays, true
	case "above":
		return a.Value + 1, anyDays, true
	case "at_most":
		return noFloor, a.Value, true
	case "below":
		return noFloor, a.Value - 1, true
	}
	return 0, 0, false
}

// together finds atoms of one fact that exclude each other under "all", leave
// nothing out under "any", or of which one says no more than another.
func (l *linter) together(op string, atoms []*Atom) {
	for i, a := range atoms {
		lo, hi, ok := interval(a)
		if !ok {
			continue
		}
		for _, b := range atoms[i+1:] {
			from, to, ok := interval(b)
			args := errs.A{"fact": a.Fact + a.Since, "one": a.raw, "other": b.raw}
			switch {
			case !ok:
			case op == "all" && (lo > to || from > hi):
				l.say(Wrong, b.Line, "policy.lint.never", args)
			case op == "any" && (lo == noFloor && to == anyDays && from <= hi+1 || from == noFloor && hi == anyDays && lo <= to+1):
				l.say(Wrong, b.Line, "policy.lint.always", args)
			case lo >= from && hi <= to || from >= lo && to <= hi:
				l.say(Doubt, b.Line, "policy.lint.idle", args)
			}
		}
	}
}

// outOfReach finds atoms that no firm can meet, or that none can miss.
func (l *linter) outOfReach(a *atom) {
	if a.asks == asksScore {
		most := int64(0)
		for _, steps := range l.set.scores[a.score].parts {
			best := int64(0)
			for _, st := range steps {
				best = max(best, st.points)
			}
			most += best
		}
		if a.compare == cmpAtLeast && a.Value > most {
			l.say(Wrong, a.Line, "policy.lint.score", errs.A{"most": most, "wants": a.Value})
		}
	}
	if a.Bands == nil {
		return
	}
	up, down := false, false
	for i := 1; i < len(a.Bands.List); i++ {
		up = up || a.Bands.List[i].Value > a.Bands.List[i-1].Value
		down = down || a.Bands.List[i].Value < a.Bands.List[i-1].Value
	}
	if up && down {
		l.say(Doubt, a.Line, "policy.lint.zigzag", errs.A{"fact": a.Bands.By})
	}
}

// amount finds edges at which more gives less.
func (l *linter) amount(a *Amount) {
	for _, p := range a.Parts {
		l.amount(p)
	}
	if a.Mode != "whole" {
		return
	}
	for i := 1; i < len(a.Bands); i++ {
		edge := a.Bands[i-1].UpTo
		at, past := part(edge, a.Bands[i-1].Value), part(edge+100, a.Bands[i].Value)
		if a.Cap > 0 {
			at, past = min(at, a.Cap), min(past, a.Cap)
		}
		if past < at {
			l.say(Doubt, a.Line, "policy.lint.falls", errs.A{"edge": Money.Text(edge), "at": Money.Text(at), "past": Money.Text(past)})
		}
	}
}

// gaps finds days between two versions of a policy on which none is in force.
func (l *linter) gaps() {
	for _, id := range l.set.order {
		list := l.set.versions[id]
		for i := 1; i < len(list); i++ {
			before, p := l.set.policies[list[i-1]], l.set.policies[list[i]]
			if l.p = p.Policy; before.To < p.From {
				l.say(Doubt, p.Line, "policy.lint.gap", errs.A{"from": Day.Text(before.To), "to": Day.Text(p.From)})
			}
		}
	}
}
