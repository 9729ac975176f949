package observatory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/stats"
)

// Store returns the facts that the figures are computed from.
func (s *Service) Store() *stats.Store { return s.facts }

// City returns the code of the city that is measured.
func (s *Service) City() string { return s.cfg.City }

// Recompute computes every figure of the book over q, which shows the facts as
// views, for a city and a day. It needs nothing but its arguments, so that a
// stranger with a book and the facts gets the same values. The book's computed
// values are replaced; failed says, by figure id, why there is no value. Only
// the end of ctx is an error.
func (b *Book) Recompute(ctx context.Context, q db.Querier, city, day string) (failed map[string]i18n.Text, err error) {
	b.Computed = map[string][]Computed{}
	run := Run{Day: day, City: city, Failed: map[string]i18n.Text{}}
	c := computation{
		engine: engine{q: q, p: params{city: city, asOf: day}},
		book:   b, deriver: newDeriver(b), run: &run, values: map[string][]stored{},
	}
	for i := range b.Figures {
		if err := c.figure(ctx, &b.Figures[i]); err != nil {
			return nil, err
		}
	}
	for _, values := range b.Computed {
		slices.SortFunc(values, func(x, y Computed) int {
			return cmp.Or(strings.Compare(x.Item, y.Item), strings.Compare(x.Slot, y.Slot))
		})
	}
	return run.Failed, nil
}

// EachRecord hands each record behind the computed values of f to fn, by item,
// slot, kind and id, read from the same q as Recompute. The operands of a
// derived figure are those of the book. A query that takes longer than one
// figure may is ended with an error.
func (b *Book) EachRecord(ctx context.Context, q db.Querier, f *Figure, city, day string, fn func(item, slot string, r *Record) error) error {
	switch f.Operation() {
	case "":
		return nil
	case BySQL:
		limited, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		e := engine{q: q, p: params{city: city, asOf: day}}
		return e.records(limited, f, fn)
	}
	for _, d := range newDeriver(b).derive(f) {
		for i := range d.records {
			if err := fn(d.Item, d.Slot, &d.records[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Differences sets the reported values of a figure beside its computed ones.
func (b *Book) Differences(id string) []Difference {
	return differences(b.Reported[id], b.Computed[id])
}

// Method names the computation of the figure, "" for one that is only
// reported: it changes with the SQL, the operands or the unit.
func (f *Figure) Method() string {
	if !f.Computes() {
		return ""
	}
	return f.method()
}
