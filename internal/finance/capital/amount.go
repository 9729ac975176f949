package capital

import (
	"cmp"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/quantity"
)

// Amount is money in the currency in which it was stated, as it was stated: it
// may be a bound. The unit is an ISO 4217 code. A nil *Amount is not known.
type Amount struct {
	quantity.Quantity
	Fen *money.Fen `json:"fen,omitempty"` // of Value, where the unit is CNY and the bound no range
}

// Of is an exact amount in a currency.
func Of(value float64, currency quantity.Unit) *Amount {
	a := Amount{Quantity: quantity.Of(value, currency)}
	a.Fen = a.fen()
	return &a
}

// Yuan is an exact amount in fen.
func Yuan(f money.Fen) *Amount {
	return &Amount{Quantity: quantity.Of(float64(f)/float64(money.Yuan), quantity.CNY), Fen: &f}
}

// largest is the amount up to which float64 tells every fen from the next.
const largest = (1 << 53) / float64(money.Yuan)

func (a *Amount) fen() *money.Fen {
	if a.Unit != quantity.CNY || a.Bound == quantity.Between {
		return nil
	}
	f := money.Fen(math.Round(a.Value * float64(money.Yuan)))
	return &f
}

// amount returns the stored form of an amount and faults it. A row may state
// fen alone.
func (f *faults) amount(field string, in *Amount) *Amount {
	if in == nil {
		return nil
	}
	a := *in
	if a.Quantity == (quantity.Quantity{}) && a.Fen != nil {
		a.Quantity = quantity.Of(float64(*a.Fen)/float64(money.Yuan), quantity.CNY)
	}
	stated := a.Fen
	a.Fen = a.fen()
	switch {
	case a.Validate() != nil:
		f.add(errs.New(errs.Invalid, "capital.amount", errs.A{"field": called(field)}).At("/" + field))
	case !isCurrency(a.Unit):
		f.add(errs.New(errs.Invalid, "capital.currency", errs.A{"field": called(field), "unit": clip(string(a.Unit))}).At("/" + field))
	case a.Value < 0:
		f.add(errs.New(errs.Invalid, "capital.negative", errs.A{"field": called(field)}).At("/" + field))
	case math.Max(a.Value, a.High) > largest:
		f.add(errs.New(errs.TooLarge, "capital.large", errs.A{"field": called(field)}).At("/" + field))
	case stated != nil && (a.Fen == nil || *stated != *a.Fen):
		f.add(errs.New(errs.Invalid, "capital.fen", errs.A{"field": called(field)}).At("/" + field))
	}
	return &a
}

func isCurrency(u quantity.Unit) bool {
	return len(u) == 3 && !slices.ContainsFunc([]byte(u), func(c byte) bool { return c < 'A' || c > 'Z' })
}

// floor is what is known of an amount of money that it is not below zero: "at
// most 5" lies between 0 and 5.
func (a *Amount) floor() quantity.Quantity {
	if a.Bound == quantity.AtMost || a.Bound == quantity.Below {
		return quantity.Span(0, a.Value, a.Unit)
	}
	return a.Quantity
}

// Sum is money of one currency added up. Where one of the amounts is not known
// it is a lower bound.
type Sum struct {
	quantity.Quantity
	Fen *money.Fen `json:"fen,omitempty"` // where the sum is exact and in CNY
}

// Tally adds amounts up, each currency by itself. The zero Tally is ready.
type Tally struct {
	Entries int // amounts added, the unknown ones too
	Unknown int // of these, how many are not known

	sums map[quantity.Unit]Sum
}

// Add adds an amount, nil for one that is not known. A sum beyond what int64
// fen hold is errs.Invalid.
func (t *Tally) Add(a *Amount) error {
	t.Entries++
	if a == nil {
		t.Unknown++
		return nil
	}
	if t.sums == nil {
		t.sums = map[quantity.Unit]Sum{}
	}
	old, ok := t.sums[a.Unit]
	if !ok {
		old = Sum{Quantity: quantity.Of(0, a.Unit)}
		if a.Unit == quantity.CNY {
			old.Fen = new(money.Fen)
		}
	}
	sum, err := old.Add(a.floor())
	if err != nil {
		return err
	}
	next := Sum{Quantity: sum}
	if old.Fen != nil && a.Bound == quantity.Exact && a.Fen != nil {
		fen, err := money.Add(*old.Fen, *a.Fen)
		if err != nil {
			return err
		}
		next.Fen = &fen
		next.Value = float64(fen) / float64(money.Yuan)
	}
	t.sums[a.Unit] = next
	return nil
}

// Sums returns the sum of each currency, in the order of their codes. It is
// empty when no amount is known: that is unknown, not zero.
func (t *Tally) Sums() []Sum {
	var out []Sum
	for _, s := range t.sums {
		if t.Unknown > 0 {
			if q, err := s.Add(quantity.With(quantity.AtLeast, 0, s.Unit)); err == nil { // of one unit, and bounded below: it cannot fail
				s = Sum{Quantity: q}
			}
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Sum) int { return cmp.Compare(a.Unit, b.Unit) })
	return out
}
