package lookthrough

import (
	"math/bits"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Payer is an investor of a fund and how much of his commitment he has paid.
type Payer struct {
	ID        string
	Public    bool
	Committed money.Fen
	Paid      money.Fen
}

// Order is whether a public investor may pay yet (公方后出资).
type Order struct {
	Allowed bool
	// The two ratios that were compared: his own after the payment, and that of
	// all who are not public.
	OwnPaid, OwnCommitted       money.Fen
	OthersPaid, OthersCommitted money.Fen
	// Most is how much he may pay now.
	Most money.Fen
}

// PaysLast says whether payer may pay amount: a public investor pays only while
// what the others have paid, as a part of what they have committed, is at least
// his own part after the payment. Other public investors are not waited for,
// since they would wait for him. Where nobody else has committed there is
// nobody to wait for. Who is not public may always pay.
//
// An investor who is not there is errs.NotFound, amounts below zero are
// errs.Invalid.
func PaysLast(payers []Payer, payer string, amount money.Fen) (Order, error) {
	var own *Payer
	var o Order
	var err error
	for i := range payers {
		p := &payers[i]
		if p.Committed < 0 || p.Paid < 0 || amount < 0 {
			return o, errs.New(errs.Invalid, "lookthrough.amount", errs.A{"from": p.ID, "to": ""})
		}
		if p.ID == payer {
			own = p
		}
		if p.ID == payer || p.Public {
			continue
		}
		if o.OthersPaid, err = money.Add(o.OthersPaid, p.Paid); err != nil {
			return o, err
		}
		if o.OthersCommitted, err = money.Add(o.OthersCommitted, p.Committed); err != nil {
			return o, err
		}
	}
	if own == nil {
		return o, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": payer})
	}
	o.OwnCommitted = own.Committed
	if o.OwnPaid, err = money.Add(own.Paid, amount); err != nil {
		return o, err
	}
	o.judge(own)
	return o, nil
}

func (o *Order) judge(own *Payer) {
	if !own.Public || o.OthersCommitted == 0 {
		o.Allowed, o.Most = true, max(own.Committed-own.Paid, 0)
		return
	}
	// own paid × others committed ≤ others paid × own committed, in 128 bits
	lh, ll := bits.Mul64(uint64(o.OwnPaid), uint64(o.OthersCommitted))
	rh, rl := bits.Mul64(uint64(o.OthersPaid), uint64(own.Committed))
	o.Allowed = lh < rh || lh == rh && ll <= rl
	limit := own.Committed
	if rh < uint64(o.OthersCommitted) {
		q, _ := bits.Div64(rh, rl, uint64(o.OthersCommitted))
		limit = money.Fen(min(q, uint64(own.Committed)))
	}
	o.Most = max(limit-own.Paid, 0)
}
