package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Line is one account of a fund's book beside what the rows come to.
type Line struct {
	Account string    `json:"account"`
	Book    money.Fen `json:"book"`
	Rows    money.Fen `json:"rows"`
}

// Agrees reports whether the two are one.
func (l Line) Agrees() bool { return l.Book == l.Rows }

// Reconcile compares every account of a fund's book with the rows, as of a day
// ("" for all that is recorded). All lines have to agree; the ledger's own
// Verify says whether the book was altered.
func (s *Service) Reconcile(ctx context.Context, v level.Viewer, id, on string) ([]Line, error) {
	if on == "" {
		on = always
	}
	if _, err := one(ctx, s.d, v, id); err != nil {
		return nil, err
	}
	rows, err := s.totals(ctx, id, on)
	if err != nil {
		return nil, err
	}
	out := make([]Line, len(chart))
	for i, c := range chart {
		b, err := s.l.Balance(ctx, s.d, account(id, c.code), ledger.At{Effective: on})
		if err != nil {
			return nil, err
		}
		out[i] = Line{account(id, c.code), b.Posted, rows[c.code]}
	}
	return out, nil
}

// totals sums the rows by account, from the rows alone.
func (s *Service) totals(ctx context.Context, id, on string) (map[string]money.Fen, error) {
	list, err := members(ctx, s.d, id, on)
	if err != nil {
		return nil, err
	}
	t := map[string]money.Fen{}
	for _, m := range list {
		left := accUnstated
		if m.Amount != nil {
			left = accUncalled
			t[accCommitment] += *m.Amount
			t[left] += *m.Amount - m.Called + m.Recallable
		} else {
			t[left] += m.Called - m.Recallable
		}
		t[accCalled] += m.Called
		t[accPaid] += m.Paid
		t[accDistributed] += m.Received
		t[accRecallable] += m.Recallable
	}
	for code, query := range map[string]string{
		accFee:      "SELECT t.amount FROM fund_fee t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1",
		"placed":    "SELECT t.amount FROM fund_holding t JOIN fund_event e ON e.id = t.id WHERE t.amount IS NOT NULL AND e.fund_id = $1",
		"given":     "SELECT t.amount FROM fund_payment t JOIN fund_event e ON e.id = t.id JOIN fund_commitment c ON c.id = t.commitment_id WHERE c.investor_fund = $1",
		accReturned: "SELECT t.amount FROM fund_received t JOIN fund_event e ON e.id = t.distribution_id JOIN fund_commitment c ON c.id = t.commitment_id WHERE c.investor_fund = $1",
		"proceeds":  "SELECT t.proceeds FROM fund_exit t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1",
		"cost":      "SELECT h.amount FROM fund_exit t JOIN fund_event e ON e.id = t.id JOIN fund_holding h ON h.id = t.holding_id WHERE h.amount IS NOT NULL AND e.fund_id = $1",
	} {
		err := db.Each(ctx, s.d, func(sc db.Scan) error {
			var a money.Fen
			err := sc(&a)
			t[code] += a
			return err
		}, query+standing, id, on)
		if err != nil {
			return nil, err
		}
	}
	t[accInvested] = t["placed"] + t["given"] - t["cost"]
	t[accGain] = t["proceeds"] - t["cost"]
	t[accCash] = t[accPaid] + t[accReturned] + t["proceeds"] - t[accDistributed] - t[accFee] - t["placed"] - t["given"]
	nav, _, err := valueOn(ctx, s.d, id, on)
	t[accNAV], t[accNAVContra] = nav.Amount, nav.Amount
	return t, err
}
