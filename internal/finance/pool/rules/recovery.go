package rules

import (
	"math/big"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Recovered is money that came back after a payment.
type Recovered struct {
	Gross    money.Fen `json:"gross"`
	Costs    money.Fen `json:"costs"`
	Loss     money.Fen `json:"loss"`     // that the payment was computed from
	Paid     money.Fen `json:"paid"`     // by the pool
	Returned money.Fen `json:"returned"` // to the pool, by earlier recoveries and claw-backs
	Kept     money.Fen `json:"kept"`     // by the bank or guarantor, of earlier recoveries
}

// Shares is how a recovery is divided: all of the net goes to one or the other.
type Shares struct {
	Net  money.Fen `json:"net"`
	Pool money.Fen `json:"pool"`
	Rest money.Fen `json:"rest"` // bank or guarantor
}

// Share divides a recovery as the regime says. Where it does not say, the
// answer is errs.Precondition, naming the parameter to be read. The pool never
// gets back more than it paid.
func (r *Regime) Share(in Recovered) (Shares, error) {
	rule := r.Recovery
	switch {
	case rule == nil || rule.Order == nil:
		return Shares{}, errs.New(errs.Precondition, "pool.unread", errs.A{"parameter": "recovery", "regime": r.ID})
	case rule.CostsFirst == nil && in.Costs > 0:
		return Shares{}, errs.New(errs.Precondition, "pool.unread", errs.A{"parameter": "costs_first", "regime": r.ID})
	case in.Gross <= 0 || in.Costs < 0 || in.Costs > in.Gross || in.Loss <= 0 || in.Paid < 0 || in.Paid > in.Loss || in.Returned < 0 || in.Kept < 0:
		return Shares{}, errs.New(errs.Invalid, "pool.recovery_amounts")
	}
	s := Shares{Net: in.Gross}
	if rule.CostsFirst != nil && *rule.CostsFirst {
		s.Net -= in.Costs
	}
	owed := max(in.Paid-in.Returned, 0)
	switch *rule.Order {
	case PoolFirst:
		s.Pool = min(s.Net, owed)
	case BankFirst:
		s.Pool = min(max(s.Net-max(in.Loss-in.Paid-in.Kept, 0), 0), owed)
	default:
		s.Pool = min(shareOf(s.Net, big.NewRat(int64(in.Paid), int64(in.Loss)), rule.Rounding), owed)
	}
	s.Rest = s.Net - s.Pool
	return s, nil
}

// ClawBackAmount is what is taken back on a ground: what was paid and has not
// come back.
func ClawBackAmount(paid, returned money.Fen) money.Fen { return max(paid-returned, 0) }
