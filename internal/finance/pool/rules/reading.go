package rules

import (
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
)

// Reading is a decision of the operator on what a regime does not say. It is
// part of the regime's hash and of every trace.
type Reading struct {
	Parameter string `json:"parameter" yaml:"parameter"`
	Value     string `json:"value" yaml:"value"`
	By        string `json:"by" yaml:"by"`
	On        string `json:"on" yaml:"on"`
	Reason    string `json:"reason" yaml:"reason"`
}

// parameters are what may be read, each with the words it may take. set returns
// false where the regime speaks already, or has no such rule.
var parameters = map[string]struct {
	words []string
	set   func(r *Regime, value string) bool
}{
	"tier_mode": {[]string{string(Whole), string(Marginal)}, func(r *Regime, value string) bool {
		if r.Tiers == nil || r.Tiers.Mode != nil {
			return false
		}
		t, m := *r.Tiers, TierMode(value)
		t.Mode, r.Tiers = &m, &t
		return true
	}},
	"edge": {[]string{string(Inclusive), string(Exclusive)}, func(r *Regime, value string) bool {
		if r.Tiers == nil || r.Tiers.Edge != nil {
			return false
		}
		t, e := *r.Tiers, Edge(value)
		t.Edge, r.Tiers = &e, &t
		return true
	}},
	"recovery": {[]string{string(ProRata), string(PoolFirst), string(BankFirst)}, func(r *Regime, value string) bool {
		if r.Recovery == nil || r.Recovery.Order != nil {
			return false
		}
		c, o := *r.Recovery, Order(value)
		c.Order, r.Recovery = &o, &c
		return true
	}},
	"costs_first": {[]string{"yes", "no"}, func(r *Regime, value string) bool {
		if r.Recovery == nil || r.Recovery.CostsFirst != nil {
			return false
		}
		c, b := *r.Recovery, value == "yes"
		c.CostsFirst, r.Recovery = &b, &c
		return true
	}},
	"governing": {[]string{string(Registration), string(Claiming)}, func(r *Regime, value string) bool {
		if r.Governing != nil {
			return false
		}
		e := Event(value)
		r.Governing = &e
		return true
	}},
}

// With returns the regime as read by the operator. A reading fills what the
// regime leaves open; it never changes what the regime says.
func (r Regime) With(readings ...Reading) (Regime, error) {
	r.Readings = slices.Clone(r.Readings)
	for _, read := range readings {
		p, known := parameters[read.Parameter]
		switch {
		case !known || !slices.Contains(p.words, read.Value):
			return r, errs.New(errs.Invalid, "pool.reading_word", errs.A{"parameter": read.Parameter, "value": read.Value})
		case read.By == "" || read.Reason == "" || !isDay(read.On, false):
			return r, errs.New(errs.Invalid, "pool.reading_bare", errs.A{"parameter": read.Parameter})
		case !p.set(&r, read.Value):
			return r, errs.New(errs.Conflict, "pool.reading_said", errs.A{"parameter": read.Parameter, "regime": r.ID})
		}
		r.Readings = append(r.Readings, read)
	}
	return r, nil
}
