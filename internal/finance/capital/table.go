package capital

import "github.com/kapok-city/kapok/internal/quantity"

// The heads of the tables that Row fills, one for each kind. A bound has a
// column of its own, so that no reader takes "at least" for a plain number.
var (
	RoundHead       = append(head(), "stage", "stage_text", "amount", "high", "bound", "currency", "pre_money", "pre_basis", "post_money", "post_basis", "investors")
	AcquisitionHead = append(head(), "acquirer", "price", "high", "bound", "currency")
	ListingHead     = append(head(), "state", "market", "board", "code", "raised", "high", "bound", "currency")
	ContestHead     = append(head(), "contest", "edition", "track", "project", "place", "award", "prize", "high", "bound", "currency")
	GuaranteeHead   = append(head(), "guarantor", "contract", "until", "state", "amount", "high", "bound", "currency", "fee")
	PremiumHead     = append(head(), "insurer", "policy", "number", "year", "subsidy", "high", "bound", "currency", "premium")
)

func head() []string {
	return []string{"id", "key", "org_id", "company", "company_key", "on", "level", "source_id", "simulated", "evidence", "note"}
}

func (c *Common) row() []any {
	return []any{c.ID, c.Key, c.Company.OrgID, c.Company.title(), c.Company.Key, c.On, string(c.Level), c.SourceID, c.Simulated, c.Evidence, c.Note}
}

// title is what the source calls the party, or else the registry.
func (p *Party) title() string {
	if p.Name != "" || p.Org == nil {
		return p.Name
	}
	if p.Org.Name.ZH != "" {
		return p.Org.Name.ZH
	}
	return p.Org.Name.EN
}

// cellsOf are an amount's four cells: value, high, bound, currency; all nil when
// it is not known.
func cellsOf(a *Amount) []any {
	if a == nil {
		return []any{nil, nil, nil, nil}
	}
	out := []any{a.Value, nil, string(a.Bound), string(a.Unit)}
	if a.Bound == quantity.Between {
		out[1] = a.High
	}
	return out
}

// plain is an amount in one cell: nil unless it is exact.
func plain(a *Amount) any {
	if a == nil || a.Bound != quantity.Exact {
		return nil
	}
	return a.Value
}

// Row is the record as a row of a table, nil for what is not known.
func (r *Round) Row() []any {
	out := append(r.row(), string(r.Stage), r.StageText)
	out = append(out, cellsOf(r.Amount)...)
	for _, v := range []*Valuation{r.PreMoney(), r.PostMoney()} {
		if v == nil {
			out = append(out, nil, nil)
			continue
		}
		out = append(out, plain(&v.Amount), string(v.Basis))
	}
	names := ""
	for i := range r.Investors {
		if i > 0 {
			names += "; "
		}
		names += r.Investors[i].title()
		if r.Investors[i].Lead {
			names += " *"
		}
	}
	return append(out, names)
}

// Row is the record as a row of a table, nil for what is not known.
func (a *Acquisition) Row() []any {
	return append(append(a.row(), a.Acquirer.title()), cellsOf(a.Price)...)
}

// Row is the record as a row of a table, nil for what is not known.
func (l *Listing) Row() []any {
	return append(append(l.row(), string(l.State), string(l.Market), string(l.Board), l.Code), cellsOf(l.Raised)...)
}

// Row is the record as a row of a table, nil for what is not known.
func (c *Contest) Row() []any {
	var place any
	if c.Place > 0 {
		place = c.Place
	}
	return append(append(c.row(), c.Contest, c.Edition, c.Track, c.Project, place, c.Award), cellsOf(c.Prize)...)
}

// Row is the record as a row of a table, nil for what is not known.
func (g *Guarantee) Row() []any {
	out := append(g.row(), g.Guarantor.title(), g.Contract, g.Until, string(g.State))
	return append(append(out, cellsOf(g.Amount)...), plain(g.Fee))
}

// Row is the record as a row of a table, nil for what is not known.
func (p *Premium) Row() []any {
	out := append(p.row(), p.Insurer.title(), p.Policy, p.Number, p.Year)
	return append(append(out, cellsOf(p.Subsidy)...), plain(p.Premium))
}
