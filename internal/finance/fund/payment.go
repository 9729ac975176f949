package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/money"
)

// Payment 实缴: an investor pays, on a call or, where none is known, without.
type Payment struct {
	Head
	CommitmentID string    `json:"commitment_id"`
	CallID       string    `json:"call_id,omitempty"`
	Amount       money.Fen `json:"amount"`
}

func (p *Payment) kind() string { return "payment" }

func (p *Payment) check() errs.List {
	list := positive("amount", &p.Amount, false)
	if p.CommitmentID == "" || !legible(p.CommitmentID) || !legible(p.CallID) {
		list = append(list, errs.New(errs.Invalid, "fund.required", errs.A{"field": "commitment_id"}).At("/commitment_id"))
	}
	return list
}

func (p *Payment) apply(ctx context.Context, r *recording) error {
	all, err := r.roll(ctx)
	if err != nil {
		return err
	}
	m, err := all.find(p.CommitmentID)
	if err != nil {
		return err
	}
	if err := p.within(ctx, r.tx, m); err != nil {
		return err
	}
	var evidence any
	if r.fund.PaysLast && m.Nature == lookthrough.Public {
		order, err := inTurn(all.list, m, p.Amount)
		if err != nil {
			return err
		}
		evidence = map[string]any{"pays_last": order}
	}
	_, err = r.tx.Exec(ctx, "INSERT INTO fund_payment(id, fund_id, commitment_id, call_id, amount) VALUES ($1, $2, $3, $4, $5)",
		r.id, p.FundID, p.CommitmentID, null(p.CallID), int64(p.Amount))
	if err != nil {
		return err
	}
	return p.post(r, m, evidence)
}

// post puts the payment into the book of the fund, and into that of the
// investor where he is a fund.
func (p *Payment) post(r *recording, m *member, evidence any) error {
	moves := []move{{accCash, p.Amount}, {accPaid, -p.Amount}}
	if p.CallID == "" { // asked for and paid at once
		counter := accUncalled
		if m.Amount == nil {
			counter = accUnstated
		}
		moves = append(moves, move{accCalled, p.Amount}, move{counter, -p.Amount})
	}
	if err := r.post(p.FundID, p.Day, evidence, moves...); err != nil || m.Investor.FundID == "" {
		return err
	}
	return r.post(m.Investor.FundID, p.Day, nil, move{accInvested, p.Amount}, move{accCash, -p.Amount})
}

// within holds a payment to what the call has left, or without a call to what
// the commitment has.
func (p *Payment) within(ctx context.Context, q db.Querier, m *member) error {
	if p.CallID == "" {
		if left, known := m.room(); known && p.Amount > left {
			return overcalled(m, p.Amount, left)
		}
		return nil
	}
	left, found, err := db.Value[int64](ctx, q, `SELECT t.amount - CAST(COALESCE((SELECT SUM(p.amount) FROM fund_payment p JOIN fund_event x ON x.id = p.id
			WHERE p.call_id = t.call_id AND p.commitment_id = t.commitment_id AND x.cancelled_by = ''), 0) AS BIGINT)
		FROM fund_due t JOIN fund_event e ON e.id = t.call_id WHERE t.call_id = $1 AND t.commitment_id = $2 AND e.cancelled_by = ''`, p.CallID, p.CommitmentID)
	switch {
	case err != nil:
		return err
	case !found:
		return notFound(p.CallID)
	case int64(p.Amount) > left:
		return errs.New(errs.Conflict, "fund.overpaid", errs.A{"investor": m.name(), "amount": p.Amount.String(), "left": money.Fen(left).String()})
	}
	return nil
}

// inTurn holds that a public investor pays last. Where a commitment of the
// others is not known their ratio is not either, and he waits.
func inTurn(list []member, own *member, amount money.Fen) (lookthrough.Order, error) {
	payers := make([]lookthrough.Payer, len(list))
	for i, m := range list {
		if m.Amount == nil && (m.Nature != lookthrough.Public || m.ID == own.ID) {
			return lookthrough.Order{}, errs.New(errs.Conflict, "fund.order_unknown", errs.A{"investor": m.name()})
		}
		payers[i] = lookthrough.Payer{ID: m.ID, Public: m.Nature == lookthrough.Public, Paid: m.Paid}
		if m.Amount != nil {
			payers[i].Committed = *m.Amount
		}
	}
	o, err := lookthrough.PaysLast(payers, own.ID, amount)
	if err == nil && !o.Allowed {
		err = errs.New(errs.Conflict, "fund.pays_last", errs.A{"investor": own.name(), "amount": amount.String(), "most": o.Most.String(),
			"others_paid": o.OthersPaid.String(), "others_committed": o.OthersCommitted.String()})
	}
	return o, err
}
