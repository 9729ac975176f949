package web

import (
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// FundsPage lists funds.
type FundsPage struct {
	Page
	Lead   string
	Acts   []Link
	Filter FilterBar
	Units  []Tab
	Table  FundTable
	Pager  Pager
	Empty  State
	Note   string
}

var (
	fundKinds    = []fund.Kind{fund.FundOfFunds, fund.SubFund, fund.Direct, fund.Other}
	fundStatuses = []fund.Status{fund.Raising, fund.Investing, fund.Exiting, fund.Closed}
)

// fundFilter reads what a list asks for.
func fundFilter(q url.Values) fund.Filter {
	return fund.Filter{Kind: fund.Kind(q.Get("kind")), Status: fund.Status(q.Get("status")), OrgID: q.Get("org")}
}

func (s *Site) fundList(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	p := FundsPage{Page: s.Page(r, v.say("funds.title")), Lead: v.say("funds.lead"), Note: v.say("funds.not_summed")}
	p.Crumbs = []Link{{v.say("funds.finance"), "/finance"}}
	f := fundFilter(v.q)
	before, after := cursorOf(v.q)
	f.After, f.AtMost = after, pageSize+1
	list, err := v.funds.Standings(v.ctx, v.viewer, f, v.on)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageSize {
		list = list[:pageSize]
		next = list[pageSize-1].ID
	}
	total, err := p.filters(v, f)
	if err != nil {
		return err
	}
	if err := p.fill(v, list); err != nil {
		return err
	}
	p.Units = v.units(p.Page)
	p.Pager = pager(p.Page, before, int64(len(list)), total, next)
	p.Empty = State{Kind: "empty", Heading: v.say("funds.none"), Text: v.say("funds.none_text")}
	if len(p.Filter.Chips) > 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text"), Action: Link{v.say("reg.no_match_act"), "/funds"}}
	}
	if v.can(account.Edit) {
		p.Acts = []Link{{v.say("funds.new"), "/funds/new"}}
	}
	return s.Render(w, r, "funds", p)
}

// fill sets the rows, in one unit.
func (p *FundsPage) fill(v *fundReading, list []fund.Standing) error {
	var amounts []money.Fen
	var managers []fund.Party
	for i := range list {
		amounts = append(amounts, list[i].Committed, list[i].Paid)
		managers = append(managers, fund.Party{OrgID: list[i].ManagerID})
	}
	v.choose(amounts...)
	if err := v.name(managers...); err != nil {
		return err
	}
	p.Table = v.fundTable("funds", v.say("funds.title"), "fund", "kind", "status", "manager", "committed¥", "paid¥", "distributed¥", "nav¥")
	for i := range list {
		x := &list[i]
		known := x.Commitments > 0
		committed, paid, back, nav := Value{}, Value{}, Value{}, Value{}
		if known && x.Committed > 0 {
			committed = v.atLeast(x.Committed, x.Unstated > 0)
		}
		if known || x.Paid > 0 {
			paid, back = v.money(&x.Paid), v.money(&x.Distributed)
		}
		note := ""
		if x.NAV != nil {
			nav, note = v.money(&x.NAV.Amount), x.NAV.Day
		}
		name := FundCell{Text: x.Name.In(v.l), Href: fundPath(x.ID) + keepOf(v.q), Lang: otherLang(v.l, x.Name)}
		if x.Simulated {
			name.Note = v.say("web.simulated_short")
		}
		p.Table.row(name, fundText(v.fundWord("kind", string(x.Kind))), fundText(v.fundWord("status", string(x.Status))), fundLink(v.party(fund.Party{OrgID: x.ManagerID})),
			FundCell{Value: &committed}, FundCell{Value: &paid}, FundCell{Value: &back}, FundCell{Value: &nav, Note: note})
	}
	return nil
}

// keepOf carries day and unit along.
func keepOf(q url.Values) string {
	out := url.Values{}
	for _, k := range []string{"on", "unit"} {
		if x := q.Get(k); x != "" {
			out.Set(k, x)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "?" + out.Encode()
}

// filters sets the form above the list and returns how many funds it selects.
func (p *FundsPage) filters(v *fundReading, f fund.Filter) (int64, error) {
	f.After, f.AtMost = "", 0
	total := int64(0)
	counts, err := v.funds.Tallies(v.ctx, v.viewer, f)
	if err != nil {
		return 0, err
	}
	for _, c := range counts {
		total += c.Funds
	}
	kind := Field{Name: "kind", Label: v.say("funds.col.kind"), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	for _, k := range fundKinds {
		kind.Options = append(kind.Options, Option{Value: string(k), Label: v.fundWord("kind", string(k)), Selected: k == f.Kind})
	}
	status := Field{Name: "status", Label: v.say("funds.col.status"), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	for _, k := range fundStatuses {
		status.Options = append(status.Options, Option{Value: string(k), Label: v.fundWord("status", string(k)), Selected: k == f.Status})
	}
	p.Filter = FilterBar{Action: "/funds", Reset: "/funds", Count: v.say("funds.count", errs.A{"n": total}), Fields: []Field{kind, status, {Name: "on", Label: v.say("funds.as_of"), Kind: "date", Value: v.q.Get("on")}}}
	if u := v.q.Get("unit"); u != "" {
		p.Filter.Keep = append(p.Filter.Keep, Hidden{"unit", u})
	}
	chip := func(name, label, shown string) {
		if v.q.Get(name) != "" {
			p.Filter.Chips = append(p.Filter.Chips, Chip{label, shown, p.With(name, "")})
		}
	}
	chip("kind", kind.Label, v.fundWord("kind", string(f.Kind)))
	chip("status", status.Label, v.fundWord("status", string(f.Status)))
	chip("on", v.say("funds.as_of"), v.on)
	if f.OrgID != "" {
		if err := v.name(fund.Party{OrgID: f.OrgID}); err != nil {
			return 0, err
		}
		p.Filter.Keep = append(p.Filter.Keep, Hidden{"org", f.OrgID})
		chip("org", v.say("funds.col.manager"), v.party(fund.Party{OrgID: f.OrgID}).Text)
	}
	if total > 0 {
		p.Filter.Exports = []Link{{"CSV", exportPath("/funds", "csv", p.With())}, {"XLSX", exportPath("/funds", "xlsx", p.With())}}
	}
	return total, nil
}

func (s *Site) fundExport(v *reading, q url.Values) (export, error) {
	if s.svc.Funds == nil {
		return export{}, errs.New(errs.Unavailable, "funds.off")
	}
	f, on := fundFilter(q), q.Get("on")
	if on == "" {
		on = cityDay(s.svc.DB.Now())
	}
	f.AtMost = exportStep
	return export{name: "funds", head: []string{"id", "key", "name_zh", "name_en", "kind", "status", "vintage", "pays_last", "manager_id", "as_of", "committed_yuan", "commitments", "commitments_unstated",
		"paid_yuan", "distributed_yuan", "nav_yuan", "nav_day", "source", "simulated"}, rows: func(yield func(sheet.Row, error) bool) {
		for {
			list, err := s.svc.Funds.Standings(v.ctx, account.ViewerOf(v.user), f, on)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range list {
				x := &list[i]
				if v.sources[x.SourceID].LicenceTag == source.Red {
					continue
				}
				row := sheet.Row{x.ID, x.Key, x.Name.ZH, x.Name.EN, string(x.Kind), string(x.Status), fundYear(x.Vintage), x.PaysLast, x.ManagerID, on, nil, x.Commitments, x.Unstated, nil, nil, nil, nil, x.SourceID, x.Simulated}
				if x.Commitments > 0 {
					row[10], row[13], row[14] = x.Committed.String(), x.Paid.String(), x.Distributed.String()
				}
				if x.NAV != nil {
					row[15], row[16] = x.NAV.Amount.String(), x.NAV.Day
				}
				if !yield(row, nil) {
					return
				}
			}
			if len(list) < exportStep {
				return
			}
			f.After = list[len(list)-1].ID
		}
	}}, nil
}

func fundYear(y int) any {
	if y == 0 {
		return nil
	}
	return y
}
