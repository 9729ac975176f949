package capital

import (
	"context"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// What records of every kind can be added up by, beside their own columns.
const (
	ByCompany  = "company"  // organisation after merges; without one, its key or name at the source
	ByYear     = "year"     // of the day, "" when not known
	ByDivision = "division" // of the company in the registry, "" when not known
)

// Total is the money of the records that share a value.
type Total struct {
	Value   string `json:"value"`
	Entries int    `json:"entries"`
	Unknown int    `json:"unknown"`
	Sums    []Sum  `json:"sums"`
}

var groups = map[string]string{
	"":         "''",
	ByCompany:  "COALESCE(o.root, CASE WHEN t.company_key <> '' THEN t.company_key ELSE t.company END)",
	ByYear:     "substr(t.day, 1, 4)",
	ByDivision: "COALESCE(o.division, '')",
}

// Totals adds up the records of a filter that the viewer sees, by one column
// ("" for all of them together), in the order of its values. The order and page
// of the filter do not count.
func (r *Register[T]) Totals(ctx context.Context, v level.Viewer, f Filter, by string) ([]Total, error) {
	all, err := r.TotalsBy(ctx, v, f, by)
	return all[by], err
}

// TotalsBy is Totals by several columns at once, for about the price of one.
func (r *Register[T]) TotalsBy(ctx context.Context, v level.Viewer, f Filter, by ...string) (map[string][]Total, error) {
	columns := make([]string, len(by))
	for i, name := range by {
		group, ok := groups[name]
		if slices.Contains(r.columns, name) {
			group, ok = "t."+name, true
		}
		if !ok {
			return nil, errs.New(errs.Invalid, "capital.column", errs.A{"column": clip(name), "allowed": strings.Join(append([]string{ByCompany, ByYear, ByDivision}, r.columns...), ", ")})
		}
		columns[i] = group
	}
	w, err := r.where(v, f)
	if err != nil {
		return nil, err
	}
	tallies, values := make([]map[string]*Tally, len(by)), make([]string, len(by))
	var dest []any
	for i := range values {
		tallies[i] = map[string]*Tally{}
		dest = append(dest, &values[i])
	}
	err = db.Each(ctx, r.d, func(s db.Scan) error {
		a, err := scanMoney(s, dest)
		for i := 0; i < len(by) && err == nil; i++ {
			t := tallies[i][values[i]]
			if t == nil {
				t = &Tally{}
				tallies[i][values[i]] = t
			}
			err = t.Add(a)
		}
		return err
	}, "SELECT "+strings.Join(columns, ", ")+", t.unit, t.bound, t.amount, t.high, t.fen FROM "+r.from()+" LEFT JOIN org o ON o.id = t.org_id"+w.String(), w.args...)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]Total, len(by))
	for i, name := range by {
		list := make([]Total, 0, len(tallies[i]))
		for _, value := range sorted(tallies[i]) {
			t := tallies[i][value]
			list = append(list, Total{value, t.Entries, t.Unknown, t.Sums()})
		}
		out[name] = list
	}
	return out, nil
}

// scanMoney reads what stands before the money into dest, then the money, nil
// where it is not known.
func scanMoney(s db.Scan, dest []any) (*Amount, error) {
	var m Amount
	var amount, high *float64
	var fen *int64
	if err := s(append(slices.Clip(dest), &m.Unit, &m.Bound, &amount, &high, &fen)...); err != nil || amount == nil {
		return nil, err
	}
	m.Value = *amount
	if high != nil {
		m.High = *high
	}
	if fen != nil {
		f := money.Fen(*fen)
		m.Fen = &f
	}
	return &m, nil
}
