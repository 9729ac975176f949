package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Cancel takes an event back: it no longer counts, and its postings are
// reversed on its own day. by.Reason says why and is required. What other
// standing events rest on, such as a call that was paid, is errs.Conflict; so
// is what the limits of the book forbid. A cancelled event stays cancelled, and
// its key taken.
func (s *Service) Cancel(ctx context.Context, v level.Viewer, by change.Author, eventID string) error {
	if by.Reason == "" {
		return errs.New(errs.Invalid, "fund.required", errs.A{"field": "reason"}).At("/reason")
	}
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := change.Hold(ctx, tx); err != nil {
			return err
		}
		return s.cancelIn(ctx, tx, v, by, eventID)
	})
}

// stood is an event to be cancelled.
type stood struct {
	FundID string `json:"fund_id"`
	Kind   string `json:"kind"`
	Day    string `json:"day"`
	gone   string
}

func (s *Service) cancelIn(ctx context.Context, tx *db.Tx, v level.Viewer, by change.Author, id string) error {
	e, found, err := db.One(ctx, tx, func(sc db.Scan) (stood, error) {
		var e stood
		err := sc(&e.FundID, &e.Kind, &e.Day, &e.gone)
		return e, err
	}, "SELECT fund_id, kind, day, cancelled_by FROM fund_event WHERE id = $1", id)
	switch {
	case err != nil:
		return err
	case !found || !legible(id):
		return notFound(id)
	}
	f, err := one(ctx, tx, v, e.FundID)
	if err != nil {
		return notFound(id)
	}
	if e.gone != "" {
		return errs.New(errs.Conflict, "fund.cancelled", errs.A{"what": id})
	}
	if err := rested(ctx, tx, id); err != nil {
		return err
	}
	r := &recording{s: s, tx: tx, by: by, fund: f, id: id + ":cancel", kind: "cancel", day: e.Day}
	if err := r.turn(ctx, id, e); err != nil {
		return err
	}
	entry, err := change.New(by, "fund_"+e.Kind, id, change.Delete, e, nil)
	if err != nil {
		return err
	}
	return change.Append(ctx, tx, entry)
}

// turn marks the event and posts in the other direction.
func (r *recording) turn(ctx context.Context, id string, e stood) error {
	before, _, err := valueOn(ctx, r.tx, e.FundID, e.Day)
	if err != nil {
		return err
	}
	if _, err := r.tx.Exec(ctx, "UPDATE fund_event SET cancelled_by = $2, cancelled_at = $3 WHERE id = $1", id, r.by.Actor, db.At(r.tx.Now())); err != nil {
		return err
	}
	if e.Kind == "valuation" { // later valuations rest on the difference to this one
		var after money.Fen
		value, _, err := valueOn(ctx, r.tx, e.FundID, e.Day)
		if err == nil {
			after = value.Amount
			err = r.revalue(ctx, e.Day, after-before.Amount)
		}
		if err != nil {
			return err
		}
	} else if err := r.reverse(ctx, id); err != nil {
		return err
	}
	for i := range r.group {
		r.group[i].Correcting = true // a closed period takes it: the reason is given
	}
	if len(r.group) == 0 {
		return nil
	}
	_, err = r.s.l.Post(ctx, r.tx, r.by, r.group...)
	return explain(err, &r.fund)
}

// mostActs is more than the transactions of one event can be: one for each fund
// that it touches.
const mostActs = 10_000

func (r *recording) reverse(ctx context.Context, id string) error {
	acts, err := r.s.l.ActsOf(ctx, r.tx, ref(id), mostActs)
	for _, a := range acts {
		r.group = append(r.group, ledger.Transaction{Key: a.Key + ":cancel", On: a.On, Kind: "cancel", Reason: r.by.Reason, Ref: ref(r.id), Reverses: a.Key})
	}
	return err
}

// rested refuses to take away what other standing events rest on.
func rested(ctx context.Context, q db.Querier, id string) error {
	n, _, err := db.Value[int64](ctx, q, `SELECT COUNT(*) FROM fund_event e WHERE e.cancelled_by = '' AND e.id IN (
		SELECT call_id FROM fund_due WHERE commitment_id = $1
		UNION ALL SELECT id FROM fund_payment WHERE commitment_id = $1
		UNION ALL SELECT id FROM fund_payment WHERE call_id = $1
		UNION ALL SELECT distribution_id FROM fund_received WHERE commitment_id = $1
		UNION ALL SELECT id FROM fund_exit WHERE holding_id = $1)`, id)
	if err == nil && n > 0 {
		err = errs.New(errs.Conflict, "fund.rested", errs.A{"count": n})
	}
	return err
}
