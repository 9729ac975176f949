package match

import (
	"time"

	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/transfer"
)

// cardOf is the card of what results, needs and services share. A record is
// open at c.Open, which may be narrower than its level.
func cardOf(kind string, c *transfer.Common) Card {
	out := Card{
		Key: Key{Kind: kind, ID: c.ID}, Title: c.Title, Level: c.Open, Readers: c.Allowed(), Owner: c.OwnerID, Division: c.Division,
		Codes: CodeSet{IPC: c.Fields.IPC, Industry: c.Fields.Industry}, Status: string(c.Status), Author: c.CreatedBy, Expires: isoDay(c.ExpiresOn),
		Since: max(isoDay(c.ListedOn), isoDay(c.RenewedOn)),
	}
	if c.Open == "" {
		out.Level = c.Level
	}
	if c.Owner != nil {
		out.Owner = c.Owner.ID // after merges
	} else if out.Owner == "" {
		out.Owner = c.OwnerText
	}
	return out
}

// OfResult is the card of a result as a read by its room returns it.
func OfResult(r *transfer.Result) Card {
	c := cardOf(KindResult, &r.Common)
	if t := transfer.Current(r.Maturity); t != nil {
		c.TRL = TRL{Level: t.Level, Scale: string(t.Scale), Edition: t.Edition}
	}
	c.Price = Span{Min: r.Price.Min, Max: r.Price.Max, Negotiable: r.Price.Negotiable}
	for _, x := range r.Rights {
		if x.Status != "" {
			c.Rights = append(c.Rights, string(x.Status))
		}
	}
	for _, f := range r.Forms {
		c.Forms = append(c.Forms, string(f))
	}
	for _, m := range r.Team {
		if m.PersonID != "" {
			c.People = append(c.People, m.PersonID)
		}
	}
	return c
}

// OfNeed is the card of a need with its conditions.
func OfNeed(n *transfer.Need) Card {
	c := cardOf(KindNeed, &n.Common)
	if d := isoDay(n.Deadline); d != 0 && (c.Expires == 0 || d < c.Expires) {
		c.Expires = d
	}
	w := n.Constraints
	c.Wants = Constraints{
		TRLMin: w.TRLMin, TRLScale: string(w.TRLScale), IPC: w.IPC, Industry: w.Industry, Regions: w.Regions,
		Budget: Span{Min: w.BudgetMin, Max: w.BudgetMax}, Rights: string(w.Rights),
	}
	for _, f := range w.Forms {
		c.Wants.Forms = append(c.Wants.Forms, string(f))
	}
	return c
}

// OfService is the card of a service or a piece of equipment.
func OfService(o *transfer.Offering) Card { return cardOf(KindService, &o.Common) }

// OfPaper is the card of a paper. Papers are public and have no authors; the
// organisations of their affiliations answer for them, the first one here.
func OfPaper(p *registry.Paper) Card {
	c := Card{Key: Key{Kind: KindPaper, ID: p.ID}}
	if p.Year > 0 {
		c.Since = dayOf(time.Date(p.Year, time.Month(max(1, p.Month)), 1, 0, 0, 0, 0, time.UTC))
	}
	for _, a := range p.Affiliations {
		for _, o := range a.Orgs {
			if c.Owner == "" {
				c.Owner = o.OrgID
			}
		}
	}
	return c
}

// isoDay is the number of days from 1970 to an ISO date, 0 for none.
func isoDay(s string) int {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0
	}
	return dayOf(t)
}
