package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/money"
)

// Basis says how far a valuation can be relied on.
type Basis string

// The bases.
const (
	Audited   Basis = "audited"
	Reported  Basis = "reported"
	Estimated Basis = "estimated"
)

// Valuation is the net asset value 净值 of the fund at the end of a day. Of
// several for one day the one recorded last stands.
type Valuation struct {
	Head
	Amount *money.Fen `json:"amount"` // zero is a value: nothing is left
	Basis  Basis      `json:"basis"`
}

func (v *Valuation) kind() string { return "valuation" }

func (v *Valuation) check() errs.List {
	var list errs.List
	if v.Amount == nil || *v.Amount != 0 {
		list = positive("amount", v.Amount, false)
	}
	if v.Basis != Audited && v.Basis != Reported && v.Basis != Estimated {
		list = append(list, errs.New(errs.Invalid, "fund.word", errs.A{"field": "basis", "value": string(v.Basis), "allowed": "audited, reported, estimated"}).At("/basis"))
	}
	return list
}

func (v *Valuation) apply(ctx context.Context, r *recording) error {
	before, _, err := valueOn(ctx, r.tx, v.FundID, v.Day)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, "INSERT INTO fund_valuation(id, fund_id, amount, basis) VALUES ($1, $2, $3, $4)", r.id, v.FundID, int64(*v.Amount), string(v.Basis)); err != nil {
		return err
	}
	return r.revalue(ctx, v.Day, *v.Amount-before.Amount)
}

// revalue moves the memo of the net asset value by a difference from a day on,
// and back on the next day that has a value of its own, which is not touched.
func (r *recording) revalue(ctx context.Context, day string, by money.Fen) error {
	if err := r.post(r.fund.ID, day, nil, move{accNAV, by}, move{accNAVContra, -by}); err != nil {
		return err
	}
	next, found, err := db.Value[string](ctx, r.tx, `SELECT e.day FROM fund_valuation t JOIN fund_event e ON e.id = t.id
		WHERE t.fund_id = $1 AND e.day > $2 AND e.cancelled_by = '' ORDER BY e.day LIMIT 1`, r.fund.ID, day)
	if err != nil || !found {
		return err
	}
	return r.post(r.fund.ID, next, nil, move{accNAV, -by}, move{accNAVContra, by})
}

// valueOn is the newest valuation up to a day, false when there is none.
func valueOn(ctx context.Context, q db.Querier, fundID, on string) (returns.Valuation, bool, error) {
	return db.One(ctx, q, func(s db.Scan) (returns.Valuation, error) {
		var v returns.Valuation
		err := s(&v.Day, &v.Amount)
		return v, err
	}, `SELECT e.day, t.amount FROM fund_valuation t JOIN fund_event e ON e.id = t.id WHERE t.fund_id = $1`+standing+
		" ORDER BY e.day DESC, e.position DESC LIMIT 1", fundID, on)
}

// FeeKind is what a fee is for.
type FeeKind string

// The kinds of fee.
const (
	Management  FeeKind = "management"
	Performance FeeKind = "performance"
	Custody     FeeKind = "custody"
	OtherFee    FeeKind = "other"
)

// Fee is money that the fund paid for being run.
type Fee struct {
	Head
	For    FeeKind   `json:"for"`
	Amount money.Fen `json:"amount"`
}

func (f *Fee) kind() string { return "fee" }

func (f *Fee) check() errs.List {
	list := positive("amount", &f.Amount, false)
	switch f.For {
	case Management, Performance, Custody, OtherFee:
	default:
		list = append(list, errs.New(errs.Invalid, "fund.word", errs.A{"field": "for", "value": string(f.For), "allowed": "management, performance, custody, other"}).At("/for"))
	}
	return list
}

func (f *Fee) apply(ctx context.Context, r *recording) error {
	if _, err := r.tx.Exec(ctx, "INSERT INTO fund_fee(id, fund_id, kind, amount) VALUES ($1, $2, $3, $4)", r.id, f.FundID, string(f.For), int64(f.Amount)); err != nil {
		return err
	}
	return r.post(f.FundID, f.Day, nil, move{accFee, f.Amount}, move{accCash, -f.Amount})
}
