package conform

import (
	"context"
	"fmt"
	"math"

	"github.com/kapok-city/kapok/internal/indicator"
)

// Values answers a spec from the tables that [Run] made on an engine. It is
// indicator.Values through a client that need not speak database/sql.
func Values(ctx context.Context, e Engine, spec indicator.Spec) ([]indicator.Value, error) {
	s, err := indicator.ValuesStatement(spec, e.Dialect())
	if err != nil {
		return nil, err
	}
	result, err := e.Query(ctx, s.SQL)
	if err != nil {
		return nil, fmt.Errorf("%s: values of %s: %w", e.Dialect(), spec.Unit, err)
	}
	values := make([]indicator.Value, len(result.Rows))
	for i, row := range result.Rows {
		if values[i], err = indicator.ValueOf(row); err != nil {
			return nil, fmt.Errorf("%s: values of %s: %w", e.Dialect(), spec.Unit, err)
		}
	}
	return values, nil
}

// CheckValues compares every indicator of a spec's unit on two engines: who is
// listed, what is known of each, and each number, which must be equal where it
// counts works and may differ by [Tolerance] where it is a sum of fractions.
func CheckValues(ctx context.Context, want, got Engine, spec indicator.Spec) (Comparison, error) {
	left, err := Values(ctx, want, spec)
	if err != nil {
		return Comparison{}, err
	}
	right, err := Values(ctx, got, spec)
	if err != nil {
		return Comparison{}, err
	}
	return Compare(table(left), table(right)), nil
}

// counted are the indicators that count whole works.
var counted = map[string]bool{"p": true, "count": true, "p_collab": true, "p_int_collab": true, "p_industry": true, "p_short_dist": true, "p_long_dist": true}

// table writes values as rows of a result, one column per indicator, NULL where
// it is not known.
func table(values []indicator.Value) Result {
	names := indicator.Names()
	r := Result{Columns: append([]string{"unit", "zh", "en", "org_id", "country", "city", "field", "year"}, names...)}
	for i := range values {
		v := &values[i]
		row := []any{v.Unit, v.Name.ZH, v.Name.EN, v.OrgID, v.Country, v.City, v.Field, int64(v.Year)}
		for _, name := range names {
			row = append(row, number(v, name))
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

func number(v *indicator.Value, name string) any {
	x, known := v.Get(name)
	switch {
	case !known:
		return nil
	case counted[name] && x == math.Trunc(x):
		return int64(x)
	}
	return x
}
