package web

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

// figureSheet is a figure with what is on record of it, the latest value first.
type figureSheet struct {
	observatory.Figure
	Card     observatory.Card
	Reported []observatory.Reported
	Computed []observatory.Computed // present values
	Earlier  []observatory.Computed // values that a later computation replaced
	Failed   string                 // why the last computation of it failed
}

// short is the publisher of a source in the reader's script, or the head of its
// title.
func (v *reading) short(id string) string {
	x, ok := v.sources[id]
	switch {
	case !ok:
		return id
	case x.Publisher != "" && (v.l == i18n.ZH || !strings.ContainsFunc(x.Publisher, han)):
		return x.Publisher
	}
	head, _, _ := strings.Cut(x.Title.In(v.l), ":") // "Xinhua: Nature Index 2025"
	return head
}

// newestFirst orders reported values: the latest edition or period first, then
// as they were stored. Values that no source dates come last.
func newestFirst(reported []observatory.Reported) []observatory.Reported {
	out := slices.Clone(reported)
	slices.SortStableFunc(out, func(a, b observatory.Reported) int {
		x, okX := yearsOf(a.Period, a.Edition)
		y, okY := yearsOf(b.Period, b.Edition)
		switch {
		case okX != okY && okX:
			return -1
		case okX != okY:
			return 1
		}
		return cmp.Compare(y, x)
	})
	return out
}

// computed is the computed value of the figure itself that stands beside the
// reported one, else the last; nil where there is none.
func (f *figureSheet) computed() *observatory.Computed {
	if f.split() {
		return nil // one value for each item, none for all
	}
	if d := f.Card.Beside; d != nil {
		for i := range f.Computed {
			if f.Computed[i].ID == d.Computed.ID {
				return &f.Computed[i]
			}
		}
	}
	var best *observatory.Computed
	for i := range f.Computed {
		if c := &f.Computed[i]; best == nil || c.Period.End > best.Period.End {
			best = c
		}
	}
	return best
}

// reported is whether the card shows what a source says.
func (f *figureSheet) reported() bool {
	return f.Card.Known && f.Card.Basis == observatory.BasisReported
}

// split reports whether the figure has a value for each item of a dimension
// other than time.
func (f *figureSheet) split() bool { return f.Dimension != "" && f.Dimension != "year" }

// itemName is the item of a value of a split figure. What has no item is not
// known to belong to any.
func (f *figureSheet) itemName(l i18n.Lang, c *observatory.Computed) string {
	switch {
	case !f.split():
		return ""
	case unplaced(c):
		return i18n.T(l, "web.unknown")
	case c.ItemTitle.IsZero() || c.ItemTitle.In(l) == c.Item:
		return word(l, f.Dimension, c.Item)
	}
	return c.ItemTitle.In(l)
}

// unplaced reports a value of the records whose item is not known.
func unplaced(c *observatory.Computed) bool { return c.Item == "" || c.Item == "unknown" }

// ranked reports whether 1 is best.
func (f *figureSheet) ranked() bool { return f.Unit.Base() == quantity.Rank }

// chartID makes an id of a figure fit for a chart.
func chartID(id string) string { return strings.NewReplacer(".", "-", "_", "-").Replace(id) }

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// madeUp reports whether records behind a present value are simulated.
func (f *figureSheet) madeUp() bool {
	return slices.ContainsFunc(f.Computed, func(c observatory.Computed) bool { return c.Simulated > 0 })
}
