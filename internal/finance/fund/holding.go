package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Holding is what the fund put into a company: an organisation, or a name
// alone. What it puts into a fund is a Commitment there.
type Holding struct {
	Head
	OrgID    string     `json:"org_id,omitempty"`
	Company  string     `json:"company,omitempty"`
	SharePPM *int64     `json:"share_ppm"` // nil when not known
	Amount   *money.Fen `json:"amount"`    // nil when not known
	Round    string     `json:"round,omitempty"`
	Evidence string     `json:"evidence,omitempty"` // what shows it
}

func (h *Holding) kind() string { return "holding" }

func (h *Holding) check() errs.List {
	list := positive("amount", h.Amount, true)
	if (h.OrgID == "") == (h.Company == "") {
		list = append(list, errs.New(errs.Invalid, "fund.company").At("/org_id"))
	}
	if h.SharePPM != nil && (*h.SharePPM < 0 || *h.SharePPM > 1_000_000) {
		list = append(list, errs.New(errs.Invalid, "fund.share", errs.A{"value": *h.SharePPM}).At("/share_ppm"))
	}
	for field, s := range map[string]string{"org_id": h.OrgID, "company": h.Company, "round": h.Round, "evidence": h.Evidence} {
		if !legible(s) {
			list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": field, "limit": maxName}).At("/"+field))
		}
	}
	return list
}

func (h *Holding) apply(ctx context.Context, r *recording) error {
	var share any
	if h.SharePPM != nil {
		share = *h.SharePPM
	}
	_, err := r.tx.Exec(ctx, "INSERT INTO fund_holding(id, fund_id, org_id, company, share_ppm, amount, round, evidence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		r.id, h.FundID, null(h.OrgID), h.Company, share, amountOf(h.Amount), h.Round, h.Evidence)
	if err != nil || h.Amount == nil {
		return err
	}
	return r.post(h.FundID, h.Day, nil, move{accInvested, *h.Amount}, move{accCash, -*h.Amount})
}

// Exit ends a holding: from its day on the company is no longer held.
type Exit struct {
	Head
	HoldingID string     `json:"holding_id"`
	Proceeds  *money.Fen `json:"proceeds"` // zero when it is written off
}

func (x *Exit) kind() string { return "exit" }

func (x *Exit) check() errs.List {
	if x.HoldingID == "" || !legible(x.HoldingID) {
		return errs.List{errs.New(errs.Invalid, "fund.required", errs.A{"field": "holding_id"}).At("/holding_id")}
	}
	if x.Proceeds != nil && *x.Proceeds == 0 {
		return nil
	}
	return positive("proceeds", x.Proceeds, false)
}

func (x *Exit) apply(ctx context.Context, r *recording) error {
	type held struct {
		day    string
		amount *money.Fen
		ended  int64
	}
	h, found, err := db.One(ctx, r.tx, func(s db.Scan) (held, error) {
		var h held
		err := s(&h.day, &h.amount, &h.ended)
		return h, err
	}, `SELECT e.day, t.amount, (SELECT COUNT(*) FROM fund_exit o JOIN fund_event y ON y.id = o.id WHERE o.holding_id = t.id AND y.cancelled_by = '')
		FROM fund_holding t JOIN fund_event e ON e.id = t.id WHERE t.id = $1 AND t.fund_id = $2 AND e.cancelled_by = ''`, x.HoldingID, x.FundID)
	switch {
	case err != nil:
		return err
	case !found:
		return notFound(x.HoldingID)
	case h.ended > 0:
		return errs.New(errs.Conflict, "fund.exited", errs.A{"what": x.HoldingID})
	case x.Day <= h.day:
		return errs.New(errs.Invalid, "fund.span", errs.A{"from": h.day, "to": x.Day}).At("/day")
	}
	if _, err := r.tx.Exec(ctx, "INSERT INTO fund_exit(id, fund_id, holding_id, proceeds) VALUES ($1, $2, $3, $4)", r.id, x.FundID, x.HoldingID, int64(*x.Proceeds)); err != nil {
		return err
	}
	cost := money.Fen(0)
	if h.amount != nil {
		cost = *h.amount
	}
	return r.post(x.FundID, x.Day, nil, move{accCash, *x.Proceeds}, move{accInvested, -cost}, move{accGain, cost - *x.Proceeds})
}
