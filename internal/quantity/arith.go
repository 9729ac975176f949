package quantity

import (
	"math"

	"github.com/kapok-city/kapok/internal/errs"
)

// The failures of arithmetic; compare with errors.Is.
var (
	// ErrUnits says that two quantities do not measure the same thing.
	ErrUnits = errs.New(errs.Invalid, "quantity.units")
	// ErrUnbounded says that nothing is left known: a lower and an upper bound
	// added together can be any number.
	ErrUnbounded = errs.New(errs.Invalid, "quantity.unbounded")
	// ErrZero says that a divisor is zero or may be.
	ErrZero = errs.New(errs.Invalid, "quantity.zero")
)

func unitsDiffer(a, b Unit) error {
	return errs.New(errs.Invalid, ErrUnits.Key, errs.A{"a": string(a), "b": string(b)})
}

// Add sums two quantities that agree in unit; the result is in the unit of q.
// It encloses every sum of members: a bound plus anything is a bound. Errors:
// [ErrUnits], [ErrUnbounded].
func (q Quantity) Add(p Quantity) (Quantity, error) {
	f, ok := p.Unit.Convert(q.Unit)
	if !ok {
		return Quantity{}, unitsDiffer(q.Unit, p.Unit)
	}
	p = p.Mul(f)
	out := enclose(q.Interval().plus(p.Interval()), tidy(q.Value+p.Value), joint(q.Bound, p.Bound))
	out.Unit, out.Step = q.Unit.join(p.Unit), jointStep(q.Step, p.Step)
	return out.settled()
}

// Sub is q minus p, with the errors of [Quantity.Add].
func (q Quantity) Sub(p Quantity) (Quantity, error) { return q.Add(p.negate()) }

// Mul scales by k. A negative k turns lower bounds into upper ones.
func (q Quantity) Mul(k float64) Quantity {
	if k < 0 {
		return q.negate().Mul(-k)
	}
	q.Value, q.High, q.Step = tidy(q.Value*k), tidy(q.High*k), tidy(q.Step*k)
	if k == 0 {
		return Of(0, q.Unit)
	}
	return q
}

// Div is q divided by k; [ErrZero] when k is 0.
func (q Quantity) Div(k float64) (Quantity, error) {
	if k == 0 {
		return Quantity{}, ErrZero
	}
	return q.Mul(1 / k), nil
}

// Ratio is a divided by b in percent. Both must agree in unit, and b must be
// above zero for certain. Errors: [ErrUnits], [ErrZero], [ErrUnbounded].
func Ratio(a, b Quantity) (Quantity, error) {
	f, ok := a.Unit.Convert(b.Unit)
	if !ok {
		return Quantity{}, unitsDiffer(a.Unit, b.Unit)
	}
	a = a.Mul(f)
	den := b.Interval()
	if den.Lo < 0 || den.Lo == 0 && !den.LoOpen {
		return Quantity{}, ErrZero
	}
	out := enclose(quotient(a.Interval(), den), tidy(100*a.Value/b.Value), joint(a.Bound, inverse(b.Bound)))
	out.Unit = Percent
	return out.settled()
}

// quotient is 100·i/j for an interval j above zero.
func quotient(i, j Interval) Interval {
	lo, loOpen := i.Lo/j.Hi, i.LoOpen || j.HiOpen
	if i.Lo < 0 {
		lo, loOpen = i.Lo/j.Lo, i.LoOpen || j.LoOpen
	}
	if i.Lo >= 0 && math.IsInf(j.Hi, 1) {
		lo, loOpen = 0, true
	}
	hi, hiOpen := i.Hi/j.Lo, i.HiOpen || j.LoOpen
	if i.Hi < 0 {
		hi, hiOpen = i.Hi/j.Hi, i.HiOpen || j.HiOpen
	}
	return Interval{100 * lo, 100 * hi, loOpen, hiOpen}
}

func (q Quantity) negate() Quantity {
	q.Value, q.High = -q.Value, -q.High
	switch q.Bound {
	case Above:
		q.Bound = Below
	case AtLeast:
		q.Bound = AtMost
	case Below:
		q.Bound = Above
	case AtMost:
		q.Bound = AtLeast
	case Between:
		q.Value, q.High = q.High, q.Value
	}
	if q.Bound != Between {
		q.High = 0
	}
	return q
}

// inverse is the bound on 1/x of a bound on x above zero.
func inverse(b Bound) Bound {
	switch b {
	case Above:
		return Below
	case AtLeast:
		return AtMost
	case Below:
		return Above
	case AtMost:
		return AtLeast
	case Nearly:
		return Between
	}
	return b
}

// joint is the word that would be said of a result of two bounds; enclose
// checks that the word is true.
func joint(a, b Bound) Bound {
	switch {
	case a == b && a != Between:
		return a
	case a == Exact:
		return b
	case b == Exact:
		return a
	case a == About && b == Nearly, a == Nearly && b == About:
		return About
	}
	return Between
}

func jointStep(a, b float64) float64 {
	if a == 0 || b == 0 {
		return 0
	}
	return math.Max(a, b)
}

// enclose names the smallest quantity around the interval: the wished bound at
// the wished value if that is true, else a one-sided bound, else a range.
func enclose(i Interval, value float64, wish Bound) Quantity {
	wished := Quantity{Bound: wish, Value: value}
	if wish != Between && (wish == Exact || covers(wished.Interval(), i)) {
		return wished
	}
	switch {
	case i.bounded():
		return Quantity{Bound: Between, Value: tidy(i.Lo), High: tidy(i.Hi)}
	case !math.IsInf(i.Lo, -1) && i.LoOpen:
		return Quantity{Bound: Above, Value: tidy(i.Lo)}
	case !math.IsInf(i.Lo, -1):
		return Quantity{Bound: AtLeast, Value: tidy(i.Lo)}
	case !math.IsInf(i.Hi, 1) && i.HiOpen:
		return Quantity{Bound: Below, Value: tidy(i.Hi)}
	case !math.IsInf(i.Hi, 1):
		return Quantity{Bound: AtMost, Value: tidy(i.Hi)}
	}
	return Quantity{Bound: Between, Value: math.Inf(-1), High: math.Inf(1)}
}

// covers is Encloses with the tolerance of the arithmetic.
func covers(i, j Interval) bool {
	w := i.widen()
	return w.Lo <= j.Lo && j.Hi <= w.Hi
}

func (q Quantity) settled() (Quantity, error) {
	if !finite(q.Value) || !finite(q.High) {
		return Quantity{}, ErrUnbounded
	}
	return q, nil
}
