package observatory

import (
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Difference sets a reported value beside a computed one. It says how they
// stand to each other and never mixes them.
type Difference struct {
	Reported Reported          `json:"reported"`
	Computed Computed          `json:"computed"`
	Relation quantity.Relation `json:"relation"`
	Reason   string            `json:"reason"` // message key: why the relation, or why there is none
	// Delta is computed minus reported where both are of one unit; it keeps the
	// bounds of both and is nil when nothing is left known.
	Delta *quantity.Quantity `json:"delta,omitempty"`
	// Caveats are message keys of what a reader must know before trusting the
	// comparison: the reported value has no date, the dates differ.
	Caveats []string `json:"caveats,omitempty"`
}

// The reasons and caveats of this package; the others are quantity.Reason.
const (
	WhyUnknown    = "observatory.why.unknown" // nothing computed
	WhyPeriod     = "observatory.why.period"  // they speak of different times
	CaveatUndated = "observatory.caveat.undated"
	CaveatDates   = "observatory.caveat.dates"
	CaveatPartial = "observatory.caveat.partial" // computed over what is registered here
)

// Text says the reason in the language.
func (d *Difference) Text(l i18n.Lang) string { return i18n.T(l, d.Reason) }

// differ compares one pair.
func differ(r Reported, c Computed) Difference {
	d := Difference{Reported: r, Computed: c, Relation: quantity.NotComparable}
	switch {
	case !c.Known:
		d.Reason = WhyUnknown
		return d
	case yearly(r.Period) && yearly(c.Period) && !r.Period.Meets(c.Period):
		d.Reason = WhyPeriod
		return d
	}
	relation, reason := quantity.Compare(r.Quantity, c.Quantity)
	d.Relation, d.Reason = relation, string(reason)
	if delta, err := c.Quantity.Sub(r.Quantity); err == nil && relation != quantity.NotComparable {
		d.Delta = &delta
	}
	switch {
	case r.Period.Start+r.Period.End == "":
		d.Caveats = append(d.Caveats, CaveatUndated)
	case r.Period.End != c.Period.End:
		d.Caveats = append(d.Caveats, CaveatDates)
	}
	return d
}

func yearly(p quantity.Period) bool {
	return p.Kind == quantity.InYear || p.Kind == quantity.InRange
}

// differences pairs each reported value with the computed one of its time: of
// the same year for a flow, the present one for a state.
func differences(reported []Reported, computed []Computed) []Difference {
	var out []Difference
	for _, r := range reported {
		for _, c := range computed {
			if c.Item != "" || yearly(r.Period) != yearly(c.Period) {
				continue
			}
			if d := differ(r, c); d.Reason != WhyPeriod {
				out = append(out, d)
			}
		}
	}
	return out
}
