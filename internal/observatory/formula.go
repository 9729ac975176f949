package observatory

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Operation says how a figure is computed.
type Operation string

// The operations. SQL reads the facts; the others work on the values of other
// figures and keep their bounds.
const (
	BySQL    Operation = "sql"
	BySum    Operation = "sum"    // of the figures Of, period by period
	ByRatio  Operation = "ratio"  // Numerator over Denominator, period by period
	ByGrowth Operation = "growth" // of the one figure Of, on its period before
)

// Compute is a computation as data.
//
// SQL returns one row per value with the column value, and where they apply
// item, item_zh, item_en (one value of the figure's dimension), year,
// numerator and denominator. Records returns one row per record behind the
// values: kind, id, title, weight, the same item and year, and for a share
// base, and simulated where the record may be made up. A count or an amount is the sum of the weights; a share is 100 times
// the sum of the weights over the sum of the bases. Two queries on purpose:
// they are written apart and must agree, or the value is refused.
//
// Both read the facts that Facts describes, in SQL that DuckDB and PostgreSQL
// share, and may use $city (code of the city), $province and $as_of (a day).
type Compute struct {
	SQL     string    `json:"sql,omitempty" yaml:"sql"`
	Records string    `json:"records,omitempty" yaml:"records"`
	Op      Operation `json:"op,omitempty" yaml:"op"` // sum or growth; a figure with Numerator is a ratio
	Of      []string  `json:"of,omitempty" yaml:"of"`
	Per     float64   `json:"per,omitempty" yaml:"per"`      // of a ratio that is no percentage: for so many of the denominator, as 10000 people
	Method  i18n.Text `json:"method,omitzero" yaml:"method"` // in words
}

// UnmarshalYAML reads a mapping, or an empty text for "not computed".
func (c *Compute) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) == "" {
		*c = Compute{}
		return nil
	}
	type plain Compute
	return n.Decode((*plain)(c))
}

// Operation returns how f is computed, "" when it is only reported.
func (f *Figure) Operation() Operation {
	switch {
	case f.Compute.SQL != "":
		return BySQL
	case f.Compute.Op != "":
		return f.Compute.Op
	case f.Numerator != "" && f.Basis != BasisReported:
		return ByRatio
	}
	return ""
}

func (c *Compute) faults(f *Figure) errs.List {
	var faults errs.List
	fault := func(field, key string) {
		faults = append(faults, errs.New(errs.Invalid, key, errs.A{"figure": f.ID, "field": field}).At("/compute/"+field))
	}
	if (c.SQL == "") != (c.Records == "") {
		fault("records", "observatory.no_records_query")
	}
	for field, text := range map[string]string{"sql": c.SQL, "records": c.Records} {
		if text != "" && !onlySelect(text) {
			fault(field, "observatory.not_a_select")
		}
	}
	if c.Per < 0 || c.Per != 0 && (c.Op != ByRatio || f.Unit == quantity.Percent) {
		fault("per", "observatory.bad_operation")
	}
	switch c.Op {
	case "":
	case ByRatio:
		if f.Numerator == "" {
			fault("op", "observatory.half_ratio")
		}
	case BySum:
		if len(c.Of) == 0 {
			fault("of", "observatory.op_needs_figures")
		}
	case ByGrowth:
		if len(c.Of) != 1 {
			fault("of", "observatory.op_needs_figures")
		}
	default:
		fault("op", "observatory.bad_operation")
	}
	return faults
}

// onlySelect is a first check for a reader's sake; stats refuses anything but
// one SELECT whatever its text looks like.
func onlySelect(text string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(strings.ToLower(text))+" ", " ")
	first, _, _ = strings.Cut(first, "\n")
	return (first == "select" || first == "with") && !strings.Contains(strings.TrimRight(text, "; \n\t"), ";")
}
