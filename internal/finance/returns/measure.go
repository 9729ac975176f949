package returns

import (
	"math"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Distribution is money that came back from a fund. Recallable, of it, the fund
// may call again.
type Distribution struct {
	Day        string
	Amount     money.Fen
	Recallable money.Fen
}

// Valuation is a net asset value and the day for which it was stated.
type Valuation struct {
	Day    string    `json:"day"`
	Amount money.Fen `json:"amount"`
}

// Record is what is known of money put into a fund. All amounts are positive.
type Record struct {
	Committed     *money.Fen // nil when it is not known
	Called        []Flow
	Paid          []Flow
	Distributions []Distribution
	NAV           *Valuation // the newest; nil when none was stated
}

// Ratio is an exact fraction of two amounts.
type Ratio struct {
	Over  money.Fen `json:"numerator"`
	Under money.Fen `json:"denominator"` // above zero
}

// Float is the ratio as a number.
func (r Ratio) Float() float64 { return float64(r.Over) / float64(r.Under) }

func ratio(over, under money.Fen) *Ratio {
	if under <= 0 {
		return nil
	}
	return &Ratio{over, under}
}

// Multiples are the measures of a Record on a day. A nil one is not known, or
// has nothing to be divided by.
type Multiples struct {
	On          string     `json:"on"`
	Called      money.Fen  `json:"called"`
	Paid        money.Fen  `json:"paid"`
	Distributed money.Fen  `json:"distributed"`
	Recallable  money.Fen  `json:"recallable"`
	Unfunded    *money.Fen `json:"unfunded"` // committed − called + recallable

	PIC  *Ratio `json:"pic"`  // paid-in / committed
	DPI  *Ratio `json:"dpi"`  // distributed / paid-in
	RVPI *Ratio `json:"rvpi"` // net asset value, rolled forward / paid-in
	TVPI *Ratio `json:"tvpi"` // DPI + RVPI

	NAV    *Valuation `json:"nav"`          // as stated
	Age    int        `json:"nav_age_days"` // from its day to On
	Rolled *money.Fen `json:"nav_rolled"`   // NAV + paid − distributed since; nil when that is below zero

	// IRR is that of the flows up to the day of the valuation, with the value as
	// the last one; nil without a valuation.
	IRR *Rates `json:"irr"`
}

// Measure computes the multiples of r as they stood at the end of a day; what
// is dated later is left out. The definitions are those of the ILPA reporting
// templates. A fund that is wound up is stated as one: a valuation of zero.
func Measure(r Record, on string) (Multiples, error) {
	m := Multiples{On: on}
	end, err := number(on)
	if err != nil {
		return m, err
	}
	if err := r.check(); err != nil {
		return m, err
	}
	if m.Called, err = sum(r.Called, end); err != nil {
		return m, err
	}
	if m.Paid, err = sum(r.Paid, end); err != nil {
		return m, err
	}
	back, again := split(r.Distributions)
	if m.Distributed, err = sum(back, end); err != nil {
		return m, err
	}
	if m.Recallable, err = sum(again, end); err != nil {
		return m, err
	}
	if m.Recallable > m.Distributed {
		return m, errs.New(errs.Invalid, "returns.recallable")
	}
	if r.Committed != nil {
		left := *r.Committed - m.Called + m.Recallable // each is bounded by MaxTurnover
		m.Unfunded, m.PIC = &left, ratio(m.Paid, *r.Committed)
	}
	m.DPI = ratio(m.Distributed, m.Paid)
	return m, m.value(r, back, end)
}

// check holds the amounts that are not flows to the bounds of those.
func (r Record) check() error {
	var amounts []Flow
	if r.Committed != nil {
		amounts = append(amounts, Flow{"1970-01-01", *r.Committed})
	}
	if r.NAV != nil {
		amounts = append(amounts, Flow{r.NAV.Day, r.NAV.Amount})
	}
	_, err := sum(amounts, math.MaxInt)
	return err
}

// split takes distributions apart into what came back and what of it may be
// called again.
func split(list []Distribution) (back, again []Flow) {
	for _, d := range list {
		back = append(back, Flow{d.Day, d.Amount})
		again = append(again, Flow{d.Day, d.Recallable})
	}
	return back, again
}

// sum adds the flows up to a day. A negative one is a fault of the input.
func sum(flows []Flow, end int) (money.Fen, error) {
	total := money.Fen(0)
	for _, f := range flows {
		day, err := number(f.Day)
		if err != nil {
			return 0, err
		}
		if f.Amount < 0 {
			return 0, errs.New(errs.Invalid, "returns.negative", errs.A{"amount": f.Amount.String(), "day": f.Day})
		}
		if f.Amount > MaxTurnover || day <= end && total+f.Amount > MaxTurnover {
			return 0, errs.New(errs.TooLarge, "returns.turnover", errs.A{"limit": MaxTurnover.String()})
		}
		if day <= end {
			total += f.Amount
		}
	}
	return total, nil
}

// value sets what depends on the net asset value.
func (m *Multiples) value(r Record, back []Flow, end int) error {
	if r.NAV == nil {
		return nil
	}
	day, err := number(r.NAV.Day)
	if err != nil {
		return err
	}
	if day > end {
		return nil // not known yet on that day
	}
	paid, err := sum(r.Paid, day)
	if err != nil {
		return err
	}
	received, err := sum(back, day)
	if err != nil {
		return err
	}
	m.NAV, m.Age = r.NAV, end-day
	rolled := r.NAV.Amount + (m.Paid - paid) - (m.Distributed - received)
	if rolled >= 0 {
		m.Rolled, m.RVPI = &rolled, ratio(rolled, m.Paid)
		m.TVPI = ratio(m.Distributed+rolled, m.Paid)
	}
	rates, err := XIRR(terminal(r, back, day))
	if err == nil {
		m.IRR = &rates
	}
	return err
}

// terminal is the series of an investor up to the day of the valuation.
func terminal(r Record, back []Flow, day int) []Flow {
	out := []Flow{{r.NAV.Day, r.NAV.Amount}}
	for _, f := range r.Paid {
		if d, err := number(f.Day); err == nil && d <= day {
			out = append(out, Flow{f.Day, -f.Amount})
		}
	}
	for _, f := range back {
		if d, err := number(f.Day); err == nil && d <= day {
			out = append(out, f)
		}
	}
	return out
}

// PeriodOf turns a rate for a year into the return of a number of days.
func PeriodOf(rate float64, days int) float64 {
	return math.Expm1(math.Log1p(rate) * float64(days) / year)
}
