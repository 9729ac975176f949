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
	group, ok := groups[by]
	if slices.Contains(r.columns, by) {
		group, ok = "t."+by, true
	}
	if !ok {
		return nil, errs.New(errs.Invalid, "capital.column", errs.A{"column": clip(by), "allowed": strings.Join(append([]string{ByCompany, ByYear, ByDivision}, r.columns...), ", ")})
	}
	w, err := r.where(v, f)
	if err != nil {
		return nil, err
	}
	tallies := map[string]*Tally{}
	err = db.Each(ctx, r.d, func(s db.Scan) error {
		value, a, err := scanMoney(s)
		if err != nil {
			return err
		}
		t := tallies[value]
		if t == nil {
			t = &Tally{}
			tallies[value] = t
		}
		return t.Add(a)
	}, "SELECT "+group+", t.unit, t.bound, t.amount, t.high, t.fen FROM "+r.from()+" LEFT JOIN org o ON o.id = t.org_id"+w.String(), w.args...)
	if err != nil {
		return nil, err
	}
	out := make([]Total, 0, len(tallies))
	for _, value := range sorted(tallies) {
		t := tallies[value]
		out = append(out, Total{value, t.Entries, t.Unknown, t.Sums()})
	}
	return out, nil
}

func scanMoney(s db.Scan) (value string, a *Amount, err error) {
	var m Amount
	var amount, high *float64
	var fen *int64
	if err = s(&value, &m.Unit, &m.Bound, &amount, &high, &fen); err != nil || amount == nil {
		return value, nil, err
	}
	m.Value = *amount
	if high != nil {
		m.High = *high
	}
	if fen != nil {
		f := money.Fen(*fen)
		m.Fen = &f
	}
	return value, &m, nil
}
