package fund

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Received is what one commitment got of a distribution. Recallable, of the
// amount, may be called again.
type Received struct {
	CommitmentID string    `json:"commitment_id"`
	Amount       money.Fen `json:"amount"`
	Recallable   money.Fen `json:"recallable,omitempty"`
}

// Distribution 分配: the fund pays money back. Either Shares say to whom, or
// Total is split in the proportion of what was paid in, none of it recallable.
type Distribution struct {
	Head
	Purpose string     `json:"purpose,omitempty"`
	Shares  []Received `json:"shares,omitempty"`
	Total   *money.Fen `json:"total,omitempty"`
}

func (d *Distribution) kind() string { return "distribution" }

func (d *Distribution) check() errs.List {
	list := positive("total", d.Total, len(d.Shares) > 0)
	if d.Total != nil && len(d.Shares) > 0 {
		list = append(list, errs.New(errs.Invalid, "fund.either", errs.A{"one": "shares", "other": "total"}).At("/total"))
	}
	if !legible(d.Purpose) {
		list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": "purpose", "limit": maxName}).At("/purpose"))
	}
	seen := map[string]bool{}
	for i, x := range d.Shares {
		field := "shares/" + strconv.Itoa(i)
		list = append(list, positive(field+"/amount", &x.Amount, false)...)
		if x.Recallable < 0 || x.Recallable > x.Amount {
			list = append(list, errs.New(errs.Invalid, "fund.part", errs.A{"part": x.Recallable.String(), "amount": x.Amount.String()}).At("/"+field+"/recallable"))
		}
		if seen[x.CommitmentID] || !legible(x.CommitmentID) {
			list = append(list, errs.New(errs.Invalid, "fund.twice", errs.A{"what": x.CommitmentID}).At("/"+field))
		}
		seen[x.CommitmentID] = true
	}
	return list
}

func (d *Distribution) apply(ctx context.Context, r *recording) error {
	all, err := r.roll(ctx)
	if err != nil {
		return err
	}
	out := d.Shares
	if len(out) == 0 {
		if out, err = paidOut(all.list, *d.Total); err != nil {
			return err
		}
	}
	number, err := next(ctx, r.tx, "fund_distribution", d.FundID)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, "INSERT INTO fund_distribution(id, fund_id, number, purpose) VALUES ($1, $2, $3, $4)", r.id, d.FundID, number, d.Purpose); err != nil {
		return err
	}
	rows := make([][]any, len(out))
	for i, x := range out {
		if _, err := all.find(x.CommitmentID); err != nil {
			return err
		}
		rows[i] = []any{r.id, x.CommitmentID, int64(x.Amount), int64(x.Recallable)}
	}
	if err := db.InsertMany(ctx, r.tx, "fund_received(distribution_id, commitment_id, amount, recallable)", "", rows); err != nil {
		return err
	}
	return d.post(r, out, all.byID)
}

// post puts the distribution into the book of the fund and into those of the
// funds that receive of it.
func (d *Distribution) post(r *recording, out []Received, byID map[string]*member) (err error) {
	var total, again, unstated money.Fen
	funds := map[string]money.Fen{}
	for _, x := range out {
		m := byID[x.CommitmentID]
		if total, err = money.Add(total, x.Amount); err != nil {
			return err
		}
		again += x.Recallable // less than the total
		if m.Amount == nil {
			unstated += x.Recallable
		}
		if m.Investor.FundID != "" {
			funds[m.Investor.FundID] += x.Amount
		}
	}
	err = r.post(d.FundID, d.Day, nil, move{accDistributed, total}, move{accCash, -total}, move{accUncalled, again - unstated}, move{accUnstated, unstated}, move{accRecallable, -again})
	for _, id := range slices.Sorted(maps.Keys(funds)) {
		if err == nil {
			err = r.post(id, d.Day, nil, move{accCash, funds[id]}, move{accReturned, -funds[id]})
		}
	}
	return err
}

// paidOut divides a distribution by what was paid in.
func paidOut(list []member, total money.Fen) ([]Received, error) {
	weights, sum := make([]int64, len(list)), int64(0)
	for i, m := range list {
		weights[i] = int64(m.Paid)
		sum |= weights[i]
	}
	if sum == 0 {
		return nil, errs.New(errs.Conflict, "fund.nobody_paid")
	}
	parts, err := shares(list, weights, total)
	if err != nil {
		return nil, err
	}
	out := make([]Received, len(parts))
	for i, p := range parts {
		out[i] = Received{CommitmentID: p.CommitmentID, Amount: p.Amount}
	}
	return out, nil
}
