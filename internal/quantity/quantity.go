package quantity

import (
	"math"

	"github.com/kapok-city/kapok/internal/errs"
)

// Bound says how a stated value limits the true one.
type Bound string

// The bounds. The words that make them are in affix.go.
const (
	Exact   Bound = "eq"      // 26项
	Above   Bound = "gt"      // 超, 逾, 余, 多, more than
	AtLeast Bound = "ge"      // 不低于, 以上, 至少, at least
	Below   Bound = "lt"      // 不足, 不到, less than
	AtMost  Bound = "le"      // 不超过, 以内, up to
	Nearly  Bound = "lt_near" // 近, 接近, nearly: just below
	About   Bound = "approx"  // 约, 左右, about
	Between Bound = "range"   // 10至20, from Value to High
)

// Valid reports whether b is one of the bounds above.
func (b Bound) Valid() bool {
	switch b {
	case Exact, Above, AtLeast, Below, AtMost, Nearly, About, Between:
		return true
	}
	return false
}

// Quantity is a value, or a bound on one. Value is in Unit itself, never in
// thousands, 万 or 亿 of it; High is set only for a range. Step is the size of
// the last stated digit ("1.1亿" has a step of ten million), 0 when unknown; it
// decides what the value is a rounding of.
//
// The JSON names are stable.
type Quantity struct {
	Bound Bound   `json:"bound"`
	Value float64 `json:"value"`
	High  float64 `json:"high,omitempty"`
	Unit  Unit    `json:"unit"`
	Step  float64 `json:"step,omitempty"`
}

// Of is an exact quantity.
func Of(value float64, unit Unit) Quantity {
	return Quantity{Bound: Exact, Value: value, Unit: unit}
}

// With is a quantity under a bound other than a range.
func With(bound Bound, value float64, unit Unit) Quantity {
	return Quantity{Bound: bound, Value: value, Unit: unit}
}

// Span is a range from low to high, put in order.
func Span(low, high float64, unit Unit) Quantity {
	return Quantity{Bound: Between, Value: math.Min(low, high), High: math.Max(low, high), Unit: unit}
}

// ErrInvalid marks a quantity that cannot be one: an unknown bound, a value
// that is not a finite number, a range upside down, a negative step.
var ErrInvalid = errs.New(errs.Invalid, "quantity.invalid")

// Validate returns [ErrInvalid], naming the field, for a quantity that came
// from outside and cannot be used.
func (q Quantity) Validate() error {
	field := ""
	switch {
	case !q.Bound.Valid():
		field = "bound"
	case !finite(q.Value):
		field = "value"
	case !finite(q.High) || q.Bound == Between && q.High < q.Value:
		field = "high"
	case !finite(q.Step) || q.Step < 0:
		field = "step"
	default:
		return nil
	}
	return errs.New(errs.Invalid, ErrInvalid.Key, errs.A{"field": field}).At(field)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// In is the same quantity in another unit of its dimension.
func (q Quantity) In(u Unit) (Quantity, error) {
	f, ok := q.Unit.Convert(u)
	if !ok {
		return Quantity{}, unitsDiffer(q.Unit, u)
	}
	q.Value, q.High, q.Step, q.Unit = tidy(q.Value*f), tidy(q.High*f), tidy(q.Step*f), u
	return q, nil
}

// tidy takes off the last binary digits that a decimal product leaves behind
// (0.1+0.2): 15 significant decimal digits are kept, which every float64 has.
func tidy(x float64) float64 {
	if x == 0 || !finite(x) || x == math.Trunc(x) {
		return x
	}
	scale := math.Pow(10, 14-math.Floor(math.Log10(math.Abs(x))))
	if y := math.Round(x*scale) / scale; finite(y) {
		return y
	}
	return x
}
