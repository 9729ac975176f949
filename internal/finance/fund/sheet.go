package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Sheet is a fund as it stood at the end of a day, from where all its investors
// together stand.
type Sheet struct {
	Fund      Fund              `json:"fund"`
	On        string            `json:"on"`
	Simulated bool              `json:"simulated"` // the fund, or anything counted here
	Investors int               `json:"investors"`
	Committed money.Fen         `json:"committed"` // what is known of it
	Unstated  int               `json:"unstated"`  // commitments of unknown amount
	Multiples returns.Multiples `json:"multiples"`
	Invested  money.Fen         `json:"invested"` // cost of what is held, in companies and funds
	Fees      money.Fen         `json:"fees"`
	Flows     []Flow            `json:"flows"`
	Members   []Member          `json:"members,omitempty"` // for the staff alone
	Overdue   []Overdue         `json:"overdue,omitempty"` // for the staff alone
}

// Flow is one movement of money of the fund, from where its investors stand.
type Flow struct {
	EventID string    `json:"event_id"`
	Kind    string    `json:"kind"` // payment or distribution
	Day     string    `json:"day"`
	Amount  money.Fen `json:"amount"` // negative: paid in
}

// Member is one commitment with what has come of it.
type Member struct {
	CommitmentID string             `json:"commitment_id"`
	Investor     Party              `json:"investor"`
	Nature       lookthrough.Nature `json:"nature,omitempty"`
	Committed    *money.Fen         `json:"committed"`
	Called       money.Fen          `json:"called"`
	Paid         money.Fen          `json:"paid"`
	Distributed  money.Fen          `json:"distributed"`
	Recallable   money.Fen          `json:"recallable"`
	Unfunded     *money.Fen         `json:"unfunded"` // nil when the commitment is not known
}

func (m *member) open() Member {
	out := Member{CommitmentID: m.ID, Investor: m.Investor, Nature: m.Nature, Committed: m.Amount, Called: m.Called, Paid: m.Paid, Distributed: m.Received, Recallable: m.Recallable}
	if left, known := m.room(); known {
		out.Unfunded = &left
	}
	return out
}

// Overdue is what was called and is not paid when its day has passed.
type Overdue struct {
	CallID       string    `json:"call_id"`
	CommitmentID string    `json:"commitment_id"`
	DueOn        string    `json:"due_on"`
	Left         money.Fen `json:"left"`
}

func staff(v level.Viewer) bool { return v.Rank() >= level.Internal.Rank() }

// Sheet returns the sheet of a fund that the viewer sees, as of a day ("" for
// today).
func (s *Service) Sheet(ctx context.Context, v level.Viewer, id, on string) (Sheet, error) {
	on, err := s.day(on)
	if err != nil {
		return Sheet{}, err
	}
	f, err := one(ctx, s.d, v, id)
	if err != nil {
		return Sheet{}, err
	}
	out := Sheet{Fund: f, On: on, Simulated: f.Simulated}
	list, err := members(ctx, s.d, id, on)
	if err != nil {
		return out, err
	}
	rec, err := s.record(ctx, id, on)
	if err != nil {
		return out, err
	}
	if out.Flows, err = flows(ctx, s.d, id, on); err != nil {
		return out, err
	}
	if err := out.count(list, &rec); err != nil {
		return out, err
	}
	if out.Multiples, err = returns.Measure(rec, on); err != nil {
		return out, err
	}
	if err := s.placed(ctx, &out); err != nil || !staff(v) {
		return out, err
	}
	for i := range list {
		out.Members = append(out.Members, list[i].open())
	}
	out.Overdue, err = s.overdue(ctx, id, on)
	return out, err
}

// day checks a day that was asked for.
func (s *Service) day(on string) (string, error) {
	if on == "" {
		return today(s.d.Now()), nil
	}
	if !isDay(on) {
		return "", errs.New(errs.Invalid, "fund.day", errs.A{"field": "on", "value": on}).At("/on")
	}
	return on, nil
}

// count sums the commitments. One of unknown amount makes their sum unknown.
func (x *Sheet) count(list []member, rec *returns.Record) (err error) {
	seen := map[string]bool{}
	for i := range list {
		m := &list[i]
		seen[m.Investor.node()] = true
		if m.Amount == nil {
			x.Unstated++
			continue
		}
		if x.Committed, err = money.Add(x.Committed, *m.Amount); err != nil {
			return err
		}
	}
	x.Investors = len(seen)
	if len(list) > 0 && x.Unstated == 0 {
		rec.Committed = &x.Committed
	}
	return nil
}

// record reads what the multiples are computed from.
func (s *Service) record(ctx context.Context, id, on string) (returns.Record, error) {
	var rec returns.Record
	err := db.Each(ctx, s.d, func(sc db.Scan) error {
		var kind, day string
		var amount, again money.Fen
		if err := sc(&kind, &day, &amount, &again); err != nil {
			return err
		}
		switch kind {
		case "called":
			rec.Called = append(rec.Called, returns.Flow{Day: day, Amount: amount})
		case "paid":
			rec.Paid = append(rec.Paid, returns.Flow{Day: day, Amount: amount})
		default:
			rec.Distributions = append(rec.Distributions, returns.Distribution{Day: day, Amount: amount, Recallable: again})
		}
		return nil
	}, `SELECT 'called', e.day, t.amount, 0 FROM fund_due t JOIN fund_event e ON e.id = t.call_id WHERE e.fund_id = $1`+standing+`
		UNION ALL SELECT 'called', e.day, t.amount, 0 FROM fund_payment t JOIN fund_event e ON e.id = t.id WHERE t.call_id IS NULL AND e.fund_id = $1`+standing+`
		UNION ALL SELECT 'paid', e.day, t.amount, 0 FROM fund_payment t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1`+standing+`
		UNION ALL SELECT 'back', e.day, t.amount, t.recallable FROM fund_received t JOIN fund_event e ON e.id = t.distribution_id WHERE e.fund_id = $1`+standing, id, on)
	if err != nil {
		return rec, err
	}
	if nav, found, err := valueOn(ctx, s.d, id, on); err != nil {
		return rec, err
	} else if found {
		rec.NAV = &nav
	}
	return rec, nil
}

func flows(ctx context.Context, q db.Querier, id, on string) ([]Flow, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Flow, error) {
		var f Flow
		err := sc(&f.EventID, &f.Kind, &f.Day, &f.Amount)
		return f, err
	}, `SELECT e.id, e.kind, e.day, -t.amount FROM fund_payment t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1`+standing+`
		UNION ALL SELECT e.id, e.kind, e.day, CAST((SELECT SUM(t.amount) FROM fund_received t WHERE t.distribution_id = e.id) AS BIGINT)
			FROM fund_event e WHERE e.kind = 'distribution' AND e.fund_id = $1`+standing+" ORDER BY 3, 1", id, on)
}

// placed reads what the fund spent and what it holds, and whether any of its
// events is simulated.
func (s *Service) placed(ctx context.Context, x *Sheet) error {
	for _, part := range []struct {
		to    *money.Fen
		query string
	}{
		{&x.Fees, `SELECT t.amount FROM fund_fee t JOIN fund_event e ON e.id = t.id WHERE e.fund_id = $1` + standing},
		{&x.Invested, `SELECT t.amount FROM fund_holding t JOIN fund_event e ON e.id = t.id WHERE t.amount IS NOT NULL AND e.fund_id = $1` + standing + `
			AND NOT EXISTS (SELECT 1 FROM fund_exit o JOIN fund_event y ON y.id = o.id WHERE o.holding_id = t.id AND y.cancelled_by = '' AND y.day <= $2)`},
		{&x.Invested, `SELECT t.amount FROM fund_payment t JOIN fund_event e ON e.id = t.id JOIN fund_commitment c ON c.id = t.commitment_id WHERE c.investor_fund = $1` + standing},
	} {
		err := db.Each(ctx, s.d, func(sc db.Scan) error {
			var a money.Fen
			if err := sc(&a); err != nil {
				return err
			}
			var err error
			*part.to, err = money.Add(*part.to, a)
			return err
		}, part.query, x.Fund.ID, x.On)
		if err != nil {
			return err
		}
	}
	n, _, err := db.Value[int64](ctx, s.d, `SELECT COUNT(*) FROM fund_event e JOIN source x ON x.id = e.source_id WHERE x.simulated AND e.fund_id = $1`+standing, x.Fund.ID, x.On)
	x.Simulated = x.Simulated || n > 0
	return err
}

func (s *Service) overdue(ctx context.Context, id, on string) ([]Overdue, error) {
	list, err := db.Collect(ctx, s.d, func(sc db.Scan) (Overdue, error) {
		var o Overdue
		err := sc(&o.CallID, &o.CommitmentID, &o.DueOn, &o.Left)
		return o, err
	}, `SELECT t.call_id, t.commitment_id, c.due_on, t.amount - CAST(COALESCE((SELECT SUM(p.amount) FROM fund_payment p JOIN fund_event y ON y.id = p.id
			WHERE p.call_id = t.call_id AND p.commitment_id = t.commitment_id AND y.cancelled_by = '' AND y.day <= $2), 0) AS BIGINT)
		FROM fund_due t JOIN fund_call c ON c.id = t.call_id JOIN fund_event e ON e.id = t.call_id
		WHERE c.due_on < $2 AND e.fund_id = $1`+standing+" ORDER BY c.due_on, t.call_id, t.commitment_id", id, on)
	out := list[:0]
	for _, o := range list {
		if o.Left > 0 {
			out = append(out, o)
		}
	}
	return out, err
}
