package rules

import (
	"maps"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Amount is what is owed: one amount when Known, otherwise bounds. High is nil
// when nothing bounds it.
type Amount struct {
	Known bool       `json:"known"`
	Low   money.Fen  `json:"low"`
	High  *money.Fen `json:"high"`
}

func exactly(f money.Fen) Amount { return Amount{Known: true, Low: f, High: &f} }

// Step is one rule applied. Its text is the message Key filled with Args.
type Step struct {
	Rule    string     `json:"rule"`
	Article string     `json:"article,omitempty"`
	Status  Status     `json:"status,omitempty"`
	Key     string     `json:"key"`
	Args    errs.A     `json:"args,omitempty"`   // the inputs, as text or numbers
	Verdict Tri        `json:"verdict"`          // of a condition; Yes for a computation
	Result  *money.Fen `json:"result,omitempty"` // of a computation
	Share   string     `json:"share,omitempty"`  // of a computation, an exact fraction
}

// Trace is how an answer came about, whole enough to be computed again.
type Trace struct {
	Regime  string    `json:"regime"`
	Hash    string    `json:"hash"` // of the regime with its readings
	Read    []Reading `json:"readings,omitempty"`
	Facts   Facts     `json:"facts"`
	Steps   []Step    `json:"steps"`
	Asks    []string  `json:"asks,omitempty"` // facts and parameters whose value would move the amount
	Open    []Open    `json:"open,omitempty"` // what the regime does not say and was therefore not checked
	Amount  Amount    `json:"amount"`
	Refused []Refusal `json:"refused,omitempty"`
}

// Open names a parameter that a rule leaves open.
type Open struct {
	Rule      string `json:"rule"`
	Parameter string `json:"parameter"`
}

// Refusal says which rule a loan fails. Its text is the message Key with Args.
type Refusal struct {
	Rule    string `json:"rule"`
	Article string `json:"article,omitempty"`
	Key     string `json:"key"`
	Args    errs.A `json:"args,omitempty"`
}

// Compensate returns what a loan is owed under a regime. A refusal makes the
// amount nothing; what is unknown makes it a pair of bounds. What the year's
// budget and the breakers allow of it is for Allocate.
func Compensate(r Regime, f Facts) (Amount, Trace, []Refusal) {
	f.Marks = maps.Clone(f.Marks)
	c := &computing{r: &r, f: f, asks: map[string]bool{}}
	c.scope()
	amount := c.amount()
	if len(c.refused) > 0 {
		amount = exactly(0)
		c.asks = nil
	} else if c.doubt {
		amount.Known, amount.Low = amount.High != nil && *amount.High == 0, 0
	}
	t := Trace{Regime: r.ID, Hash: r.Hash(), Read: r.Readings, Facts: f, Steps: c.steps, Asks: slices.Sorted(maps.Keys(c.asks)), Open: c.opens, Amount: amount, Refused: c.refused}
	return amount, t, c.refused
}

// computing is one evaluation.
type computing struct {
	r       *Regime
	f       Facts
	steps   []Step
	refused []Refusal
	asks    map[string]bool
	opens   []Open
	doubt   bool // a condition is unknown
}

// judge records a condition: No refuses, Unknown asks for fact.
func (c *computing) judge(cite Cite, key string, verdict Tri, fact string, args errs.A) {
	c.steps = append(c.steps, Step{Rule: cite.ID, Article: cite.Article, Status: cite.Status, Key: key, Args: args, Verdict: verdict})
	switch verdict {
	case No:
		c.refused = append(c.refused, Refusal{Rule: cite.ID, Article: cite.Article, Key: key + "_no", Args: args})
	case Unknown:
		c.doubt = true
		c.asks[fact] = true
	}
}

func (c *computing) open(cite Cite, parameter string) {
	c.opens = append(c.opens, Open{Rule: cite.ID, Parameter: parameter})
}

func (c *computing) computed(cite Cite, key string, args errs.A, result money.Fen, share string) {
	c.steps = append(c.steps, Step{Rule: cite.ID, Article: cite.Article, Status: cite.Status, Key: key, Args: args, Verdict: Yes, Result: &result, Share: share})
}

// amount computes what the conditions, if met, give.
func (c *computing) amount() Amount {
	switch c.f.Mode {
	case ByGuarantor:
		return c.capped(c.guarantee())
	case ByBank:
		return c.capped(c.loss())
	}
	return Amount{}
}

// guarantee is the share of what the debtor still owes to the guarantor.
func (c *computing) guarantee() Amount {
	g := c.r.Guarantee
	if g == nil {
		c.asks["regime.guarantee"] = true
		return Amount{High: c.f.Unpaid}
	}
	c.judge(g.Cite, "pool.step.guarantor_paid", c.f.Guaranteed, "guarantor_paid", errs.A{"paid": c.f.Guaranteed.String()})
	unpaid := c.f.Unpaid
	if unpaid == nil {
		c.asks["unpaid"] = true
		return Amount{High: c.bound(c.f.Principal, g.Share, g.Rounding)}
	}
	c.judge(g.Cite, "pool.step.unpaid", Is(*unpaid > 0 && (c.f.Principal == nil || *unpaid <= *c.f.Principal)), "unpaid", errs.A{"unpaid": unpaid.String(), "principal": amountText(c.f.Principal)})
	paid := shareOf(max(*unpaid, 0), ppm(g.Share), g.Rounding)
	c.computed(g.Cite, "pool.step.guarantee", errs.A{"unpaid": unpaid.String(), "rounding": string(g.Rounding)}, paid, ppm(g.Share).RatString())
	return exactly(paid)
}

// bound is the most that a share of an amount can be, nil when it is not known.
func (c *computing) bound(of *money.Fen, share int64, rounding Rounding) *money.Fen {
	if of == nil || *of < 0 {
		return nil
	}
	f := shareOf(*of, ppm(share), rounding)
	return &f
}

// capped applies the bound on all that one borrower may cause.
func (c *computing) capped(a Amount) Amount {
	rule := c.r.BorrowerCap
	if rule == nil {
		return a
	}
	if c.f.BadLoans == nil || c.f.PaidBefore == nil {
		c.askIf(c.f.BadLoans == nil, "bad_loans")
		c.askIf(c.f.PaidBefore == nil, "paid_before")
		c.doubt = true
		return a
	}
	limit := shareOf(max(*c.f.BadLoans, 0), ppm(rule.Share), rule.Rounding)
	left := max(limit-max(*c.f.PaidBefore, 0), 0)
	a.Low = min(a.Low, left)
	if a.High == nil || *a.High > left {
		a.High = &left
	}
	a.Known = a.Low == *a.High
	c.computed(rule.Cite, "pool.step.borrower_cap", errs.A{"bad_loans": c.f.BadLoans.String(), "paid_before": c.f.PaidBefore.String(), "rounding": string(rule.Rounding)}, left, ppm(rule.Share).RatString())
	return a
}

func (c *computing) askIf(missing bool, fact string) {
	if missing {
		c.asks[fact] = true
	}
}
