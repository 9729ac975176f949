package fund

import (
	"context"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Due is what a call asks of one commitment. Fee, of the amount, is for fees.
type Due struct {
	CommitmentID string    `json:"commitment_id"`
	Amount       money.Fen `json:"amount"`
	Fee          money.Fen `json:"fee,omitempty"`
}

// Call 缴款通知: the fund asks its investors to pay. Either Dues say who pays
// what, or Total is split over the commitments in the proportion of their
// amounts, to the fen.
type Call struct {
	Head
	DueOn   string     `json:"due_on"`
	Purpose string     `json:"purpose,omitempty"`
	Dues    []Due      `json:"dues,omitempty"`
	Total   *money.Fen `json:"total,omitempty"`
}

func (c *Call) kind() string { return "call" }

func (c *Call) check() errs.List {
	list := positive("total", c.Total, len(c.Dues) > 0)
	if c.Total != nil && len(c.Dues) > 0 {
		list = append(list, errs.New(errs.Invalid, "fund.either", errs.A{"one": "dues", "other": "total"}).At("/total"))
	}
	if !isDay(c.DueOn) || c.DueOn < c.Day {
		list = append(list, errs.New(errs.Invalid, "fund.due", errs.A{"day": c.Day, "due": c.DueOn}).At("/due_on"))
	}
	if !legible(c.Purpose) {
		list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": "purpose", "limit": maxName}).At("/purpose"))
	}
	seen := map[string]bool{}
	for i, d := range c.Dues {
		field := "dues/" + strconv.Itoa(i)
		list = append(list, positive(field+"/amount", &d.Amount, false)...)
		if d.Fee < 0 || d.Fee > d.Amount {
			list = append(list, errs.New(errs.Invalid, "fund.part", errs.A{"part": d.Fee.String(), "amount": d.Amount.String()}).At("/"+field+"/fee"))
		}
		if seen[d.CommitmentID] || !legible(d.CommitmentID) {
			list = append(list, errs.New(errs.Invalid, "fund.twice", errs.A{"what": d.CommitmentID}).At("/"+field))
		}
		seen[d.CommitmentID] = true
	}
	return list
}

func (c *Call) apply(ctx context.Context, r *recording) error {
	all, err := r.roll(ctx)
	if err != nil {
		return err
	}
	dues := c.Dues
	if len(dues) == 0 {
		if dues, err = split(all.list, *c.Total); err != nil {
			return err
		}
	}
	number, err := next(ctx, r.tx, "fund_call", c.FundID)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, "INSERT INTO fund_call(id, fund_id, number, due_on, purpose) VALUES ($1, $2, $3, $4, $5)", r.id, c.FundID, number, c.DueOn, c.Purpose); err != nil {
		return err
	}
	var stated, unstated money.Fen
	rows := make([][]any, len(dues))
	for i, d := range dues {
		m, err := all.find(d.CommitmentID)
		if err != nil {
			return err
		}
		to := &stated
		if left, known := m.room(); !known {
			to = &unstated
		} else if d.Amount > left {
			return overcalled(m, d.Amount, left)
		}
		if *to, err = money.Add(*to, d.Amount); err != nil {
			return err
		}
		rows[i] = []any{r.id, d.CommitmentID, int64(d.Amount), int64(d.Fee)}
	}
	if err := db.InsertMany(ctx, r.tx, "fund_due(call_id, commitment_id, amount, fee)", "", rows); err != nil {
		return err
	}
	total, err := money.Add(stated, unstated)
	if err != nil {
		return err
	}
	return r.post(c.FundID, c.Day, nil, move{accCalled, total}, move{accUncalled, -stated}, move{accUnstated, -unstated})
}

func overcalled(m *member, amount, left money.Fen) error {
	return errs.New(errs.Conflict, "fund.overcalled_member", errs.A{"investor": m.name(), "amount": amount.String(), "left": left.String()})
}

// split divides a call over the commitments by their amounts.
func split(list []member, total money.Fen) ([]Due, error) {
	weights := make([]int64, len(list))
	for i, m := range list {
		if m.Amount == nil {
			return nil, errs.New(errs.Conflict, "fund.unstated", errs.A{"investor": m.name()})
		}
		weights[i] = int64(*m.Amount)
	}
	if len(list) == 0 {
		return nil, errs.New(errs.Conflict, "fund.nobody")
	}
	return shares(list, weights, total)
}

func shares(list []member, weights []int64, total money.Fen) ([]Due, error) {
	parts, err := money.Split(total, weights)
	if err != nil {
		return nil, err
	}
	var out []Due
	for i, p := range parts {
		if p > 0 {
			out = append(out, Due{CommitmentID: list[i].ID, Amount: p})
		}
	}
	return out, nil
}

// next is the number of the next row of a fund, from 1. The log is held, so no
// other can take it.
func next(ctx context.Context, q db.Querier, table, fundID string) (int64, error) {
	n, _, err := db.Value[int64](ctx, q, "SELECT COALESCE(MAX(number), 0) + 1 FROM "+table+" WHERE fund_id = $1", fundID)
	return n, err
}
