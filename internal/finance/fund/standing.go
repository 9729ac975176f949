package fund

import (
	"context"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Standing is a fund with what has come of it by a day.
type Standing struct {
	Fund
	Committed   money.Fen          `json:"committed"` // what is known of it
	Unstated    int64              `json:"unstated"`  // commitments of unknown amount
	Commitments int64              `json:"commitments"`
	Paid        money.Fen          `json:"paid"`
	Distributed money.Fen          `json:"distributed"`
	NAV         *returns.Valuation `json:"nav"` // the newest; nil when none was stated
}

// Tally is how many funds there are of a kind and status.
type Tally struct {
	Kind   Kind   `json:"kind"`
	Status Status `json:"status"`
	Funds  int64  `json:"funds"`
}

// Standings lists funds that the viewer sees as of a day ("" for today), in the
// order of their names, with their sums: one question to the database for a
// page. Filter.After is the id of the last fund of the page before.
func (s *Service) Standings(ctx context.Context, v level.Viewer, f Filter, on string) ([]Standing, error) {
	on, err := s.day(on)
	if err != nil {
		return nil, err
	}
	w := where{args: []any{on}}
	guard(&w, v)
	w.narrow(f)
	if f.After != "" {
		w.add("(t.order_zh, t.id) > (SELECT y.order_zh, y.id FROM fund y WHERE y.id = ?)", f.After)
	}
	n := usualPage
	if f.AtMost > 0 {
		n = min(f.AtMost, largestPage)
	}
	w.args = append(w.args, n)
	return db.Collect(ctx, s.d, func(sc db.Scan) (Standing, error) {
		var x Standing
		var nav returns.Valuation
		var known bool
		fund, err := scanFund(func(to ...any) error {
			return sc(append(to, &x.Committed, &x.Unstated, &x.Commitments, &x.Paid, &x.Distributed, &nav.Day, &nav.Amount, &known)...)
		})
		if x.Fund = fund; known {
			x.NAV = &nav
		}
		return x, err
	}, "SELECT "+fundColumns+standingSums+fundFrom+w.String()+" ORDER BY t.order_zh, t.id LIMIT $"+strconv.Itoa(len(w.args)), w.args...)
}

// standingSums are the sums of a fund t on the day $1.
const standingSums = `,
	CAST(COALESCE((SELECT SUM(c.amount) FROM fund_commitment c JOIN fund_event e ON e.id = c.id WHERE c.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1), 0) AS BIGINT),
	(SELECT COUNT(*) FROM fund_commitment c JOIN fund_event e ON e.id = c.id WHERE c.amount IS NULL AND c.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1),
	(SELECT COUNT(*) FROM fund_commitment c JOIN fund_event e ON e.id = c.id WHERE c.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1),
	CAST(COALESCE((SELECT SUM(p.amount) FROM fund_payment p JOIN fund_event e ON e.id = p.id WHERE p.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1), 0) AS BIGINT),
	CAST(COALESCE((SELECT SUM(r.amount) FROM fund_event e JOIN fund_received r ON r.distribution_id = e.id WHERE e.fund_id = t.id AND e.kind = 'distribution' AND e.cancelled_by = '' AND e.day <= $1), 0) AS BIGINT),
	COALESCE((SELECT e.day FROM fund_valuation n JOIN fund_event e ON e.id = n.id WHERE n.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1 ORDER BY e.day DESC, e.position DESC LIMIT 1), ''),
	COALESCE((SELECT n.amount FROM fund_valuation n JOIN fund_event e ON e.id = n.id WHERE n.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1 ORDER BY e.day DESC, e.position DESC LIMIT 1), 0),
	EXISTS (SELECT 1 FROM fund_valuation n JOIN fund_event e ON e.id = n.id WHERE n.fund_id = t.id AND e.cancelled_by = '' AND e.day <= $1)`

// Tallies counts the funds that the viewer sees and a filter selects.
func (s *Service) Tallies(ctx context.Context, v level.Viewer, f Filter) ([]Tally, error) {
	var w where
	guard(&w, v)
	w.narrow(f)
	return db.Collect(ctx, s.d, func(sc db.Scan) (Tally, error) {
		var t Tally
		err := sc(&t.Kind, &t.Status, &t.Funds)
		return t, err
	}, "SELECT t.kind, t.status, COUNT(*)"+fundFrom+w.String()+" GROUP BY t.kind, t.status ORDER BY 1, 2", w.args...)
}

// narrow adds what a filter asks for, but for its place in the list.
func (w *where) narrow(f Filter) {
	if f.Kind != "" {
		w.add("t.kind = ?", string(f.Kind))
	}
	if f.Status != "" {
		w.add("t.status = ?", string(f.Status))
	}
	if f.OrgID != "" {
		w.add("(t.org_id = ? OR t.manager_id = ?)", f.OrgID, f.OrgID)
	}
}
