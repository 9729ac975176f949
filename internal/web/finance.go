package web

import (
	"net/http"
	"slices"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
)

// FinancePage is what the city has in money: what sources report and records
// tell beside each other, and the ways into the registers.
type FinancePage struct {
	Page
	Doors []FinanceDoor
	Rows  [][]Theme
	AsOf  string
	Empty State
}

// FinanceDoor leads to a register of money.
type FinanceDoor struct {
	Title, Text, Href string
	Count             string // "" where it is not counted
}

// financeGroups are the groups of figures that speak of money.
var financeGroups = []string{"funds", "pool", "listings"}

func (s *Site) finance(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	p := FinancePage{Page: s.Page(r, v.say("funds.finance"))}
	if city := s.cityName(v.ctx, v.l); city != "" {
		p.Title = v.say("funds.finance_of", map[string]any{"city": city})
	}
	if p.Doors, err = s.financeDoors(v); err != nil {
		return err
	}
	if s.svc.Observatory != nil {
		book, err := s.figureBook(v.ctx, v)
		if err != nil {
			return err
		}
		sheets := book.sheets(func(f *observatory.Figure) bool { return slices.Contains(financeGroups, f.Group) })
		p.Rows, p.AsOf = inRows(themes(v, sheets), themesPerRow), asOf(sheets)
	}
	if len(p.Rows) == 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("funds.no_figures"), Text: v.say("funds.no_figures_text")}
	}
	return s.Render(w, r, "finance", p)
}

// financeDoors are the registers that the reader may enter, with how much is in
// them for him.
func (s *Site) financeDoors(v *reading) ([]FinanceDoor, error) {
	var out []FinanceDoor
	viewer := account.ViewerOf(v.user)
	add := func(key, href, count string) {
		out = append(out, FinanceDoor{v.say("funds.door." + key), v.say("funds.door_text." + key), href, count})
	}
	if s.svc.Funds != nil {
		list, err := s.svc.Funds.Tallies(v.ctx, viewer, fund.Filter{})
		if err != nil {
			return nil, err
		}
		n := int64(0)
		for _, t := range list {
			n += t.Funds
		}
		add("funds", "/funds", i18n.Integer(n))
	}
	if s.svc.Pools != nil && v.can(account.Read) {
		add("pools", "/pools", "")
	}
	if s.svc.Capital != nil {
		f := capital.Filter{Page: registry.Page{Limit: 1}}
		rounds, err := s.svc.Capital.Rounds.List(v.ctx, viewer, f)
		if err != nil {
			return nil, err
		}
		listings, err := s.svc.Capital.Listings.List(v.ctx, viewer, f)
		if err != nil {
			return nil, err
		}
		add("rounds", "/rounds", i18n.Integer(rounds.Total))
		add("listings", "/listings", i18n.Integer(listings.Total))
	}
	if s.svc.Ledger != nil && v.can(account.Read) {
		add("ledger", "/ledger", "")
	}
	return out, nil
}
