package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Turn is a call or a distribution with what it comes to.
type Turn struct {
	ID         string    `json:"id"`
	Number     int64     `json:"number"`
	Day        string    `json:"day"`
	DueOn      string    `json:"due_on,omitempty"` // of a call
	Purpose    string    `json:"purpose,omitempty"`
	Total      money.Fen `json:"total"`
	Paid       money.Fen `json:"paid"`       // on a call
	Recallable money.Fen `json:"recallable"` // of a distribution
	SourceID   string    `json:"source_id"`
}

// Calls lists the calls of a fund that stand on a day ("" for today), with what
// was paid on each by then, the newest first. They are for the staff alone.
func (s *Service) Calls(ctx context.Context, v level.Viewer, id, on string) ([]Turn, error) {
	return s.turns(ctx, v, id, on, `SELECT t.id, t.number, e.day, t.due_on, t.purpose,
		CAST(COALESCE((SELECT SUM(u.amount) FROM fund_due u WHERE u.call_id = t.id), 0) AS BIGINT),
		CAST(COALESCE((SELECT SUM(p.amount) FROM fund_payment p JOIN fund_event y ON y.id = p.id WHERE p.call_id = t.id AND y.cancelled_by = '' AND y.day <= $2), 0) AS BIGINT),
		0, e.source_id FROM fund_call t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1`)
}

// Distributions lists the distributions of a fund, as Calls does.
func (s *Service) Distributions(ctx context.Context, v level.Viewer, id, on string) ([]Turn, error) {
	return s.turns(ctx, v, id, on, `SELECT t.id, t.number, e.day, '', t.purpose,
		CAST(COALESCE((SELECT SUM(r.amount) FROM fund_received r WHERE r.distribution_id = t.id), 0) AS BIGINT), 0,
		CAST(COALESCE((SELECT SUM(r.recallable) FROM fund_received r WHERE r.distribution_id = t.id), 0) AS BIGINT), e.source_id
		FROM fund_distribution t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1`)
}

func (s *Service) turns(ctx context.Context, v level.Viewer, id, on, query string) ([]Turn, error) {
	on, err := s.day(on)
	if err != nil {
		return nil, err
	}
	if _, err := one(ctx, s.d, v, id); err != nil {
		return nil, err
	}
	if !staff(v) {
		return nil, notFound(id)
	}
	return db.Collect(ctx, s.d, func(sc db.Scan) (Turn, error) {
		var t Turn
		err := sc(&t.ID, &t.Number, &t.Day, &t.DueOn, &t.Purpose, &t.Total, &t.Paid, &t.Recallable, &t.SourceID)
		return t, err
	}, query+standing+" ORDER BY t.number DESC", id, on)
}

// Placed is what a fund put into a company, and what came of it by a day.
type Placed struct {
	ID       string     `json:"id"`
	Of       Party      `json:"of"` // the company
	From     string     `json:"from"`
	To       string     `json:"to,omitempty"` // the day of the exit, "" while it is held
	SharePPM *int64     `json:"share_ppm"`
	Amount   *money.Fen `json:"amount"`
	Proceeds *money.Fen `json:"proceeds"`
	Round    string     `json:"round,omitempty"`
	Evidence string     `json:"evidence,omitempty"`
	SourceID string     `json:"source_id"`
}

// Holdings lists the holdings of a fund that the viewer sees, past ones too, as
// of a day ("" for today), in the order of their days.
func (s *Service) Holdings(ctx context.Context, v level.Viewer, id, on string) ([]Placed, error) {
	on, err := s.day(on)
	if err != nil {
		return nil, err
	}
	if _, err := one(ctx, s.d, v, id); err != nil {
		return nil, err
	}
	return db.Collect(ctx, s.d, func(sc db.Scan) (Placed, error) {
		var h Placed
		err := sc(&h.ID, &h.Of.OrgID, &h.Of.Name, &h.From, &h.SharePPM, &h.Amount, &h.Round, &h.Evidence, &h.SourceID, &h.To, &h.Proceeds)
		return h, err
	}, `SELECT t.id, COALESCE(t.org_id, ''), t.company, e.day, t.share_ppm, t.amount, t.round, t.evidence, e.source_id, COALESCE(o.day, ''), o.proceeds
		FROM fund_holding t JOIN fund_event e ON e.id = t.id
		LEFT JOIN (SELECT q.holding_id, q.proceeds, y.day FROM fund_exit q JOIN fund_event y ON y.id = q.id WHERE y.cancelled_by = '' AND y.day <= $2) o ON o.holding_id = t.id
		WHERE e.fund_id = $1`+standing+" ORDER BY e.day, t.id", id, on)
}

// Worth is a valuation with how far it can be relied on.
type Worth struct {
	returns.Valuation
	ID       string `json:"id"`
	Basis    Basis  `json:"basis"`
	SourceID string `json:"source_id"`
}

// Valuations lists the valuations of a fund that the viewer sees up to a day
// ("" for today), the oldest first. Of several for one day the last stands.
func (s *Service) Valuations(ctx context.Context, v level.Viewer, id, on string) ([]Worth, error) {
	on, err := s.day(on)
	if err != nil {
		return nil, err
	}
	if _, err := one(ctx, s.d, v, id); err != nil {
		return nil, err
	}
	return db.Collect(ctx, s.d, func(sc db.Scan) (Worth, error) {
		var w Worth
		err := sc(&w.ID, &w.Day, &w.Amount, &w.Basis, &w.SourceID)
		return w, err
	}, "SELECT t.id, e.day, t.amount, t.basis, e.source_id FROM fund_valuation t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1"+standing+" ORDER BY e.day, e.position", id, on)
}

// Tickets are what the funds that the viewer sees put into the companies in
// which a fund put something, by a day ("" for today): the evidence of what its
// money drew along, as far as funds of Kapok tell of it.
func (s *Service) Tickets(ctx context.Context, v level.Viewer, id, on string) ([]lookthrough.Ticket, error) {
	on, err := s.day(on)
	if err != nil {
		return nil, err
	}
	if _, err := one(ctx, s.d, v, id); err != nil {
		return nil, err
	}
	w := where{args: []any{id, on}}
	guard(&w, v)
	return db.Collect(ctx, s.d, func(sc db.Scan) (lookthrough.Ticket, error) {
		var t lookthrough.Ticket
		err := sc(&t.Investor, &t.Company, &t.Round, &t.Day, &t.Amount, &t.Evidence)
		return t, err
	}, `SELECT t.id, COALESCE(h.org_id, 'name:' || h.company), h.round, e.day, h.amount, h.evidence`+fundFrom+`
		JOIN fund_holding h ON h.fund_id = t.id JOIN fund_event e ON e.id = h.id AND e.cancelled_by = '' AND e.day <= $2`+w.String()+`
		AND COALESCE(h.org_id, 'name:' || h.company) IN (SELECT COALESCE(o.org_id, 'name:' || o.company) FROM fund_holding o JOIN fund_event y ON y.id = o.id WHERE o.fund_id = $1 AND y.cancelled_by = '')
		ORDER BY e.day, h.id`, w.args...)
}
