package simulate

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// How many firms the city has, at scale 1.
const (
	localProjects = 177   // reported: projects in the city that the fund of funds reached
	farProjects   = 244   // projects elsewhere
	borrowers     = 11968 // reported: close to 12,000 firms
)

// parties makes the firms and writes those into the registry that money of
// investors touches, or all of them.
func (c *city) parties(ctx context.Context) error {
	r := newDraw(c.opt.Seed, "parties")
	local, far := c.scaled(localProjects, 14), c.scaled(farProjects, 6)
	firms := c.scaled(borrowers, 20)
	index := 0
	for range local + far {
		f := firmAt(index)
		f.local = index < local
		c.invested = append(c.invested, &f)
		index++
	}
	for _, f := range c.invested[:local] { // many of those that raised money borrow too
		if len(c.borrower) < firms/2 && r.chance(0.7) {
			c.borrower = append(c.borrower, f)
		}
	}
	for len(c.borrower) < firms {
		f := firmAt(index)
		c.borrower = append(c.borrower, &f)
		index++
	}
	c.rep.Projects, c.rep.Elsewhere, c.rep.Firms = local, far, firms
	known := c.invested
	if c.opt.Firms {
		known = append([]*firm(nil), c.invested...)
		for _, f := range c.borrower {
			if f.index >= local+far {
				known = append(known, f)
			}
		}
	}
	return c.in(ctx, "2015-01-02", func(tx *db.Tx) error {
		rows := make([]registry.Org, len(known))
		for i, f := range known {
			rows[i] = orgOf(r, f)
		}
		out, err := c.registry.PutOrgs(ctx, tx, c.by, rows)
		if err != nil {
			return err
		}
		for i, o := range out {
			known[i].orgID = o.ID
		}
		c.rep.Orgs = len(rows)
		return refusal(out)
	})
}

func orgOf(r draw, f *firm) registry.Org {
	place := registry.Place{Country: "CN", Division: districts[r.IntN(len(districts))]}
	if !f.local {
		place.Division = elsewhere[r.IntN(len(elsewhere))]
	}
	return registry.Org{
		ID: db.DerivedID(registry.KindOrg, SourceID, f.code), Kind: registry.Enterprise, Status: registry.Active, SourceID: SourceID, Place: place,
		Names:       []registry.Name{{Text: f.name, Lang: "zh", Kind: registry.Official}, {Text: f.en, Lang: "en", Kind: registry.Label}},
		Identifiers: []registry.Identifier{{Scheme: identifier.USCC, Value: f.code}},
		Established: fmt.Sprint(r.between(2005, 2014)), Evidence: "simulated",
	}
}
