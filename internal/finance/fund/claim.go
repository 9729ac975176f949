package fund

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// Claim is a deal that is claimed as local reinvestment 返投 of the fund, by a route
// that its rule names. Deal names the deal itself, such as the number of its
// registration: by it one deal is known again when another fund claims it.
type Claim struct {
	Head
	Deal     string    `json:"deal"`
	OrgID    string    `json:"org_id,omitempty"`
	Company  string    `json:"company,omitempty"`
	Route    string    `json:"route"`
	Evidence string    `json:"evidence,omitempty"` // a claim without any is kept, and not counted
	Amount   money.Fen `json:"amount"`
}

func (c *Claim) kind() string { return "claim" }

func (c *Claim) check() errs.List {
	list := positive("amount", &c.Amount, false)
	if (c.OrgID == "") == (c.Company == "") {
		list = append(list, errs.New(errs.Invalid, "fund.company").At("/org_id"))
	}
	for _, f := range []struct {
		field, value string
		required     bool
	}{{"deal", c.Deal, true}, {"route", c.Route, true}, {"org_id", c.OrgID, false}, {"company", c.Company, false}, {"evidence", c.Evidence, false}} {
		switch {
		case f.required && f.value == "":
			list = append(list, errs.New(errs.Invalid, "fund.required", errs.A{"field": f.field}).At("/"+f.field))
		case !legible(f.value):
			list = append(list, errs.New(errs.Invalid, "fund.text", errs.A{"field": f.field, "limit": maxName}).At("/"+f.field))
		}
	}
	return list
}

func (c *Claim) apply(ctx context.Context, r *recording) error {
	_, err := r.tx.Exec(ctx, "INSERT INTO fund_claim(id, fund_id, deal, org_id, company, route, evidence, amount) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		r.id, c.FundID, c.Deal, null(c.OrgID), c.Company, c.Route, c.Evidence, int64(c.Amount))
	return err // nothing is paid by a claim: no posting
}

// LocalReinvestment tests a fund against the rule that is in force on a day ("" for
// today). The contribution is what all public investors of the fund committed,
// or paid in. A deal counts for the fund that claimed it first, whoever sees
// that fund.
func (s *Service) LocalReinvestment(ctx context.Context, v level.Viewer, id string, rules []lookthrough.Rule, on string) (lookthrough.Test, error) {
	on, err := s.day(on)
	if err != nil {
		return lookthrough.Test{}, err
	}
	if _, err := one(ctx, s.d, v, id); err != nil {
		return lookthrough.Test{}, err
	}
	list, err := members(ctx, s.d, id, on)
	if err != nil {
		return lookthrough.Test{}, err
	}
	of, err := publicShare(id, list)
	if err != nil {
		return lookthrough.Test{}, err
	}
	claims, err := db.Collect(ctx, s.d, func(sc db.Scan) (lookthrough.Claim, error) {
		var c lookthrough.Claim
		err := sc(&c.Deal, &c.Fund, &c.Company, &c.Route, &c.Evidence, &c.Day, &c.Amount)
		return c, err
	}, `SELECT t.deal, t.fund_id, COALESCE(t.org_id, t.company), t.route, t.evidence, e.day, t.amount FROM fund_claim t JOIN fund_event e ON e.id = t.id
		WHERE e.cancelled_by = '' AND e.day <= $2 AND t.deal IN (SELECT x.deal FROM fund_claim x WHERE x.fund_id = $1) ORDER BY e.at, e.position, t.id`, id, on)
	if err != nil {
		return lookthrough.Test{}, err
	}
	return lookthrough.LocalReinvestment(rules, of, claims, on)
}

// publicShare sums what public investors put in. A commitment of unknown amount
// makes their sum unknown, and so does an investor of unknown nature.
func publicShare(id string, list []member) (lookthrough.PublicShare, error) {
	var paid, committed money.Fen
	known, stated := true, true
	for _, m := range list {
		if m.Nature == "" {
			known = false
		}
		if m.Nature != lookthrough.Public {
			continue
		}
		var err error
		if paid, err = money.Add(paid, m.Paid); err != nil {
			return lookthrough.PublicShare{}, err
		}
		if m.Amount == nil {
			stated = false
		} else if committed, err = money.Add(committed, *m.Amount); err != nil {
			return lookthrough.PublicShare{}, err
		}
	}
	of := lookthrough.PublicShare{Fund: id}
	if known {
		of.Paid = &paid
	}
	if known && stated {
		of.Committed = &committed
	}
	return of, nil
}
