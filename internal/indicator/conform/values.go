package conform

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

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
var counted = []string{"p", "count", "p_collab", "p_int_collab", "p_industry", "p_short_dist", "p_long_dist"}

// table writes values as rows, one per indicator that is known.
func table(values []indicator.Value) Result {
	r := Result{Columns: []string{"unit", "name", "country", "city", "field", "year", "indicator", "count", "value"}}
	for _, v := range values {
		numbers := v.Numbers()
		for _, name := range sortedNames(numbers) {
			row := []any{v.Unit, v.Name.ZH + "/" + v.Name.EN + "/" + v.OrgID, v.Country, v.City, v.Field, int64(v.Year), name, nil, numbers[name]}
			if x := numbers[name]; slices.Contains(counted, name) && x == math.Trunc(x) {
				row[7], row[8] = int64(x), nil
			}
			r.Rows = append(r.Rows, row)
		}
	}
	return r
}

func sortedNames(numbers map[string]float64) []string {
	names := make([]string, 0, len(numbers))
	for n := range numbers {
		names = append(names, n)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
