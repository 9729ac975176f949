package returns

import (
	"math"
)

// Status says what came of the search for a rate.
type Status string

// The statuses. Only OK and ShortPeriod have a headline.
const (
	OK          Status = "ok"           // one rate a year
	NoSolution  Status = "no_solution"  // no rate in the range searched; Reason says why
	Multiple    Status = "multiple"     // several rates: none is the rate
	ShortPeriod Status = "short_period" // less than a year: one return of the whole period
)

// Reasons why there is no solution.
const (
	NoSignChange = "no_sign_change" // only payments, or only receipts
	OutOfRange   = "out_of_range"   // no rate above −99.99 % and up to 10,000 %
	Imprecise    = "imprecise"      // a root that does not hold to the fen
)

// The range searched, as in the contract: a rate above −0.9999 and up to 100.
const (
	Lowest  = -0.9999
	Highest = 100.0
)

// Rates is what XIRR found.
type Rates struct {
	Status Status `json:"status"`
	Reason string `json:"reason,omitempty"`
	// Rate is the one to show: a year's, or with ShortPeriod the period's. Nil
	// unless the status is OK or ShortPeriod.
	Rate *float64 `json:"rate"`
	// Roots are all rates found, ascending, on the basis of Days.
	Roots []float64 `json:"roots"`
	// Span is the number of days from the first flow to the last.
	Span int `json:"span_days"`
	// Days is what a rate is for: 365, or Span when that is shorter. A return of
	// three months is not made into that of a year (as the GIPS standards ask).
	Days int `json:"basis_days"`
}

// year is what rates are for: actual days over 365, as spreadsheets have it.
const year = 365

// XIRR finds all r with Σ amount/(1+r)^(days/365) = 0, days counted from the
// first flow.
//
// Flows are sorted and netted by day. With one change of sign there is exactly
// one root (Descartes' rule holds for sums of exponentials), which bisection
// finds. With more, the range is cut by a fixed grid, and each cell further,
// until bounds on the sum or on its slope prove that it holds no root or one.
// A root is kept only when the flows balance to within one fen for each; for
// rates below zero they are valued at the last day instead of the first, since
// valued at the first they would be multiplied beyond what a float can hold.
//
// An unreadable day is errs.Invalid, a series beyond MaxTurnover errs.TooLarge.
func XIRR(flows []Flow) (Rates, error) {
	points, err := net(flows)
	if err != nil {
		return Rates{}, err
	}
	r := Rates{Status: NoSolution, Reason: NoSignChange, Roots: []float64{}, Days: year}
	if len(points) > 0 {
		r.Span = points[len(points)-1].day
	}
	changes := signChanges(points)
	if changes == 0 {
		return r, nil
	}
	r.Days = min(year, r.Span)
	s := newSeries(points, r.Days)
	found := s.roots(changes)
	r.Reason = OutOfRange
	for _, x := range found {
		if !s.balances(x) {
			r.Reason, r.Roots = Imprecise, []float64{}
			return r, nil
		}
		r.Roots = append(r.Roots, math.Expm1(x))
	}
	r.settle()
	return r, nil
}

// settle sets the status of what was found.
func (r *Rates) settle() {
	switch n := len(r.Roots); {
	case n == 0:
		return
	case n > 1:
		r.Status = Multiple
	case r.Days < year:
		r.Status = ShortPeriod
	default:
		r.Status = OK
	}
	r.Reason = ""
	if r.Status != Multiple {
		r.Rate = &r.Roots[0]
	}
}

func signChanges(points []point) int {
	n := 0
	for i := 1; i < len(points); i++ {
		if (points[i].amount > 0) != (points[i-1].amount > 0) {
			n++
		}
	}
	return n
}
