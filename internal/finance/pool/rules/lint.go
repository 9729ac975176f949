package rules

import (
	"cmp"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Severity says how much a finding matters.
type Severity string

// The severities.
const (
	Warning Severity = "warning" // somebody should decide
	Notice  Severity = "notice"  // somebody should know
)

// Finding is something about a regime that a person should read. Its text is
// the message Key with Args.
type Finding struct {
	Severity Severity `json:"severity"`
	Regime   string   `json:"regime"`
	Rule     string   `json:"rule,omitempty"`
	Key      string   `json:"key"`
	Args     errs.A   `json:"args,omitempty"`
}

// Lint reads regimes of one place for what is legal to write and unwise to rely
// on: gaps and overlaps in time, bands where a larger loss pays less, rules
// without citation or not verified, and parameters left open.
func Lint(regimes []Regime) []Finding {
	sorted := slices.Clone(regimes)
	slices.SortStableFunc(sorted, func(a, b Regime) int { return cmp.Compare(a.From, b.From) })
	var out []Finding
	for i := range sorted {
		r := &sorted[i]
		if i > 0 {
			out = append(out, joint(&sorted[i-1], r)...)
		}
		out = append(out, r.lint()...)
	}
	return out
}

// joint looks at where one regime ends and the next begins.
func joint(a, b *Regime) []Finding {
	args := errs.A{"before": a.ID, "after": b.ID, "to": a.To, "from": b.From}
	switch {
	case a.Place != b.Place:
		return nil
	case a.To == "":
		return []Finding{{Warning, b.ID, "", "pool.lint.end_unknown", args}}
	case b.From <= a.To:
		return []Finding{{Warning, b.ID, "", "pool.lint.overlap", args}}
	}
	if n, known := days(a.To, b.From); known && n > 1 {
		return []Finding{{Warning, b.ID, "", "pool.lint.gap", args}}
	}
	return nil
}

func (r *Regime) lint() []Finding {
	var out []Finding
	add := func(s Severity, rule, key string, args errs.A) {
		out = append(out, Finding{s, r.ID, rule, key, args})
	}
	if r.Status != Verified {
		add(Warning, "", "pool.lint.unverified", errs.A{"rule": r.ID})
	}
	for _, c := range r.cites() {
		if c.Status != Verified {
			add(Warning, c.ID, "pool.lint.unverified", errs.A{"rule": c.ID})
		}
		if c.Article == "" {
			add(Warning, c.ID, "pool.lint.no_article", errs.A{"rule": c.ID})
		}
		if c.Source == "" {
			add(Warning, c.ID, "pool.lint.no_source", errs.A{"rule": c.ID})
		}
	}
	for _, p := range r.silent() {
		add(Notice, p.Rule, "pool.lint.open", errs.A{"rule": p.Rule, "parameter": p.Parameter})
	}
	return append(out, r.falls()...)
}

// silent lists what the regime does not say.
func (r *Regime) silent() []Open {
	var out []Open
	add := func(missing bool, rule, parameter string) {
		if missing {
			out = append(out, Open{rule, parameter})
		}
	}
	add(r.Governing == nil, r.ID, "governing")
	add(r.Tiers == nil && slices.Contains(r.Modes, ByBank), r.ID, "tiers")
	add(r.Guarantee == nil && slices.Contains(r.Modes, ByGuarantor), r.ID, "guarantee")
	if b := r.Budget; b != nil {
		add(b.Year == nil, b.ID, "year")
		add(b.Guarantee == nil && slices.Contains(r.Modes, ByGuarantor), b.ID, "guarantee")
	}
	if t := r.Tiers; t != nil {
		add(t.Mode == nil, t.ID, "tier_mode")
		add(t.Edge == nil, t.ID, "edge")
	}
	if c := r.Claims; c != nil {
		add(c.MinClass == nil, c.ID, "min_class")
		add(c.Register == nil, c.ID, "register_days")
		add(c.Window == nil, c.ID, "window_days")
		add(c.Lawsuit == nil, c.ID, "lawsuit")
	}
	if c := r.Recovery; c != nil {
		add(c.Order == nil, c.ID, "order")
		add(c.CostsFirst == nil, c.ID, "costs_first")
	}
	return out
}

// falls finds the edges just above which the total loss of a larger loan pays
// less than at the edge, when shares are meant for whole loans.
func (r *Regime) falls() []Finding {
	t := r.Tiers
	if t == nil || t.Mode != nil && *t.Mode == Marginal {
		return nil
	}
	w := world{mode: Whole, edge: Inclusive, uplifts: make([]bool, len(r.Uplifts))}
	var out []Finding
	for _, b := range t.Bands[:len(t.Bands)-1] {
		at := money.Fen(b.UpTo)
		above := at + money.Wan
		here, there := w.amount(r, at, at), w.amount(r, above, above)
		if there < here {
			out = append(out, Finding{Warning, r.ID, t.ID, "pool.lint.falls", errs.A{"edge": at.String(), "pays": here.String(), "above": above.String(), "less": there.String()}})
		}
	}
	return out
}
