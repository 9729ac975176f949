package rules

import (
	"maps"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Admit says whether a loan may be registered: whether its borrower, size and
// mode are in scope. Asks lists the facts without which it cannot be said.
func Admit(r Regime, f Facts) (verdict Tri, refused []Refusal, asks []string) {
	c := &computing{r: &r, f: f, asks: map[string]bool{}}
	c.admission()
	switch {
	case len(c.refused) > 0:
		return No, c.refused, nil
	case c.doubt:
		return Unknown, nil, slices.Sorted(maps.Keys(c.asks))
	}
	return Yes, nil, nil
}

// scope judges every condition that does not depend on an amount to come.
// Every condition is judged, even after a refusal, so that the trace is whole.
func (c *computing) scope() {
	c.admission()
	if c.r.Claims != nil {
		c.claims(c.r.Claims)
	}
}

func (c *computing) admission() {
	r, f := c.r, c.f
	c.judge(Cite{ID: "mode"}, "pool.step.mode", Is(slices.Contains(r.Modes, f.Mode)).whenKnown(f.Mode != ""), "mode", errs.A{"mode": string(f.Mode)})
	if s := r.Scope; s != nil && (len(s.Modes) == 0 || slices.Contains(s.Modes, f.Mode)) {
		if s.Local {
			c.judge(s.Cite, "pool.step.local", f.Local, "local", errs.A{"local": f.Local.String()})
		}
		c.judge(s.Cite, "pool.step.class", s.admits(f), "class", errs.A{"class": string(f.Class)})
	}
	if l := r.Limits; l != nil {
		c.atMost(l.Cite, "pool.step.year_loans", "year_loans", f.YearLoans, l.Borrower)
		c.term(l)
	}
	if r.OneMode != nil {
		c.judge(*r.OneMode, "pool.step.one_mode", f.OtherMode.Not(), "other_mode", errs.A{"other": f.OtherMode.String()})
	}
}

// whenKnown is a, or Unknown when what it rests on is not known.
func (a Tri) whenKnown(known bool) Tri {
	if !known {
		return Unknown
	}
	return a
}

// admits reports whether the borrower's class is in scope.
func (s *Scope) admits(f Facts) Tri {
	if len(s.Classes)+len(s.Conditional) == 0 {
		return Yes
	}
	if f.Class == "" {
		return Unknown
	}
	if slices.Contains(s.Classes, f.Class) {
		return Yes
	}
	return Is(slices.Contains(s.Conditional, f.Class)).And(anyMark(f, s.Marks))
}

func anyMark(f Facts, marks []string) Tri {
	out := No
	for _, m := range marks {
		out = out.Or(f.Marks[m])
	}
	return out
}

func (c *computing) term(l *Limits) {
	if l.Months == nil {
		c.open(l.Cite, "months")
		return
	}
	verdict, text := Unknown, "unknown"
	if m := c.f.Months; m != nil {
		verdict, text = Is(*m <= *l.Months), strconv.FormatInt(*m, 10)
	}
	c.judge(l.Cite, "pool.step.months", verdict, "months", errs.A{"months": text, "limit": *l.Months})
}

func (c *computing) atMost(cite Cite, key, fact string, have *money.Fen, limit *Yuan) {
	if limit == nil {
		c.open(cite, fact)
		return
	}
	verdict := Unknown
	if have != nil {
		verdict = Is(*have <= limit.Fen())
	}
	c.judge(cite, key, verdict, fact, errs.A{"amount": amountText(have), "limit": limit.Fen().String()})
}

func amountText(f *money.Fen) string {
	if f == nil {
		return "unknown"
	}
	return f.String()
}

// claims judges when a claim may be made. What the regime does not say is noted
// as open, not checked.
func (c *computing) claims(rule *Claims) {
	f := c.f
	if rule.MinClass == nil {
		c.open(rule.Cite, "min_class")
	} else {
		c.judge(rule.Cite, "pool.step.min_class", Is(f.Risk.AtLeast(*rule.MinClass)).whenKnown(f.Risk != ""), "risk", errs.A{"risk": string(f.Risk), "limit": string(*rule.MinClass)})
	}
	c.within(rule.Cite, "pool.step.register", "register_days", f.Lent, f.Registered, rule.Register)
	c.within(rule.Cite, "pool.step.window", "window_days", f.NPL, f.Claimed, rule.Window)
	switch {
	case rule.Lawsuit == nil:
		c.open(rule.Cite, "lawsuit")
	case *rule.Lawsuit:
		c.judge(rule.Cite, "pool.step.lawsuit", f.Lawsuit, "lawsuit", errs.A{"lawsuit": f.Lawsuit.String()})
	}
}

func (c *computing) within(cite Cite, key, parameter, from, to string, limit *int64) {
	if limit == nil {
		c.open(cite, parameter)
		return
	}
	n, known := days(from, to)
	c.judge(cite, key, Is(n >= 0 && n <= *limit).whenKnown(known), parameter, errs.A{"from": from, "to": to, "limit": *limit})
}
