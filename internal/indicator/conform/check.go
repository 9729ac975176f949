package conform

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/internal/indicator"
)

// Checked is what the comparison of one kept table found.
type Checked struct {
	Table string
	Comparison
}

// Check compares the kept tables of a spec and units, which [Run] has made on
// both engines, row by row and value by value. skip names tables that are not
// worth carrying through a client: those with a row per work. It is nil to
// compare all.
func Check(ctx context.Context, want, got Engine, spec indicator.Spec, units []indicator.Unit, skip func(table string) bool) ([]Checked, error) {
	set, err := Statements(spec, units, want.Dialect())
	if err != nil {
		return nil, err
	}
	var out []Checked
	for _, s := range set {
		if !s.Keep || skip != nil && skip(s.Name) {
			continue
		}
		left, err := want.Query(ctx, "SELECT * FROM "+s.Name)
		if err != nil {
			return out, fmt.Errorf("%s: read %s: %w", want.Dialect(), s.Name, err)
		}
		right, err := got.Query(ctx, "SELECT * FROM "+s.Name)
		if err != nil {
			return out, fmt.Errorf("%s: read %s: %w", got.Dialect(), s.Name, err)
		}
		out = append(out, Checked{s.Name, Compare(left, right)})
	}
	return out, nil
}
