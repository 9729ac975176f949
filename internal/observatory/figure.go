package observatory

import (
	"regexp"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Basis says where the values of a figure come from.
type Basis string

// The bases. A figure of both has a reported and a computed series, which
// stand side by side and are never mixed.
const (
	BasisReported Basis = "reported"
	BasisComputed Basis = "computed"
	BasisBoth     Basis = "both"
)

// Figure is the definition of a number: what it means, before any value.
type Figure struct {
	ID          string              `json:"id"`
	Group       string              `json:"group"`
	GroupTitle  i18n.Text           `json:"group_title"`
	GroupOrder  int                 `json:"group_order"`
	Title       i18n.Text           `json:"title"`
	Definition  i18n.Text           `json:"definition"`
	Unit        quantity.Unit       `json:"unit"`
	Counter     i18n.Text           `json:"counter"` // 项, projects: what a count counts
	Scope       i18n.Text           `json:"scope"`
	Subject     string              `json:"subject"` // "division:440100", "ror:…", "org:…", "cluster:…"
	Flow        quantity.Flow       `json:"flow"`
	Period      quantity.PeriodKind `json:"period"`
	Basis       Basis               `json:"basis"`
	Body        string              `json:"body,omitempty"`        // who ranks or assesses
	Dimension   string              `json:"dimension,omitempty"`   // what the computed values are split by: "kind", "district", "year", …
	Numerator   string              `json:"numerator,omitempty"`   // figure id
	Denominator string              `json:"denominator,omitempty"` // figure id
	Reading     string              `json:"reading,omitempty"`     // which of several definitions: "all", "led"
	Variants    []string            `json:"variants,omitempty"`    // figures of another reading of the same words
	Terms       Terms               `json:"terms"`
	Overview    bool                `json:"overview,omitempty"`
	Order       int                 `json:"order,omitempty"`
	Note        i18n.Text           `json:"note,omitzero"`
	Compute     Compute             `json:"compute,omitzero"`
	SourceID    string              `json:"source_id,omitempty"`
	BatchID     string              `json:"batch_id,omitempty"`
	Version     int64               `json:"version"`
	CreatedAt   db.Time             `json:"created_at"`
	UpdatedAt   db.Time             `json:"updated_at"`
}

// Terms are the words by which texts speak of a figure.
type Terms struct {
	ZH []string `json:"zh,omitempty" yaml:"zh"`
	EN []string `json:"en,omitempty" yaml:"en"`
}

var figureID = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$`)

// Validate reports every fault of f as an errs.List.
func (f *Figure) Validate() error {
	var faults errs.List
	fault := func(bad bool, field, key string, args ...errs.A) {
		if bad {
			faults = append(faults, errs.New(errs.Invalid, key, append(args, errs.A{"field": field, "figure": f.ID})...).At("/"+field))
		}
	}
	fault(!figureID.MatchString(f.ID), "id", "observatory.bad_id")
	fault(f.Title.ZH == "" || f.Title.EN == "", "title", "observatory.two_languages")
	fault(f.Definition.ZH == "" || f.Definition.EN == "", "definition", "observatory.two_languages")
	fault(!f.Unit.Known(), "unit", "observatory.unknown_word", errs.A{"value": string(f.Unit)})
	fault(!slices.Contains([]quantity.Flow{quantity.Stock, quantity.FlowOf, quantity.FlowUnknown}, f.Flow), "flow", "observatory.unknown_word", errs.A{"value": string(f.Flow)})
	fault(!knownPeriod(f.Period), "period", "observatory.unknown_word", errs.A{"value": string(f.Period)})
	fault(!slices.Contains([]Basis{BasisReported, BasisComputed, BasisBoth}, f.Basis), "basis", "observatory.unknown_word", errs.A{"value": string(f.Basis)})
	fault((f.Numerator == "") != (f.Denominator == ""), "denominator", "observatory.half_ratio")
	return append(faults, f.Compute.faults(f)...).Err()
}

func knownPeriod(k quantity.PeriodKind) bool {
	return slices.Contains([]quantity.PeriodKind{quantity.AsOf, quantity.Cumulative, quantity.InYear, quantity.InRange, quantity.NoPeriod}, k)
}

// Computes reports whether Kapok computes values of the figure.
func (f *Figure) Computes() bool { return f.Operation() != "" }
