package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// FundTreePage looks through a fund: what stands behind it, how much of its
// money can be followed, and what public money has drawn along.
type FundTreePage struct {
	Page
	Top     fundTop
	Refused string // why there is no sound result
	Numbers []FundNumber
	Switch  []Link // open all, close all
	Tree    FundTable
	Cut     string
	Gaps    FundTable
	Excess  FundTable
	Lever   *FundLever
	Project *FundLever
	Exports []Link
	Sources []SourceNote
}

// FundLever is a leverage with what it was made of.
type FundLever struct {
	Value   string
	Lead    string
	Lines   []string
	Numbers []FundNumber
	Table   FundTable
}

// mostBranches bounds the rows of a tree on a page.
const mostBranches = 1500

func (s *Site) fundTree(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	f, err := v.funds.Fund(v.ctx, v.viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := FundTreePage{Page: s.Page(r, v.say("funds.tree_of", errs.A{"name": f.Name.In(v.l)}))}
	t, err := v.funds.Tree(v.ctx, v.viewer, f.ID, v.on)
	e := errs.Of(err)
	switch {
	case err == nil:
		v.choose(fenOf(t.Visibility.Money))
		p.Top = v.top(&p.Page, &f, "tree", t.Simulated)
		if err := p.fill(v, &t); err != nil {
			return err
		}
		for _, x := range []string{"csv", "xlsx"} {
			p.Exports = append(p.Exports, Link{strings.ToUpper(x), exportPath(p.Path, x, p.Path+keepOf(v.q))})
		}
	case e != nil && e.Kind == errs.Conflict: // they hold one another, and no share of it leaves
		v.choose(0)
		p.Top = v.top(&p.Page, &f, "tree", f.Simulated)
		p.Refused = i18n.Error(v.l, err)
	default:
		return err
	}
	if err := p.levers(v, &f, &t); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "fund_tree", p)
}

func fenOf(f *money.Fen) money.Fen {
	if f == nil {
		return 0
	}
	return *f
}

func (p *FundTreePage) fill(v *fundReading, t *fund.Tree) error {
	var who []fund.Party
	walkTree(&t.Root, func(b *fund.Branch) {
		if b.Kind == lookthrough.Company && !strings.HasPrefix(b.ID, "name:") {
			who = append(who, fund.Party{OrgID: b.ID})
		}
		if b.Fund != nil {
			v.held[b.ID] = Link{b.Fund.Name.In(v.l), fundPath(b.ID)}
		}
	})
	if err := v.name(who...); err != nil {
		return err
	}
	p.Tree = v.fundTable("tree", v.say("funds.tree"), "held", "share#", "put_in¥", "effective#", "round", "evidence")
	p.Tree.Class = "tree"
	open := map[string]bool{}
	for _, id := range strings.Split(v.q.Get("open"), ",") {
		open[id] = true
	}
	p.branches(v, &t.Root, 0, open)
	p.Switch = []Link{{v.say("funds.open_all"), p.With("open", "all") + "#tree"}, {v.say("funds.close_all"), p.With("open", "") + "#tree"}}
	p.sight(v, t)
	return nil
}

func walkTree(b *fund.Branch, do func(*fund.Branch)) {
	for i := range b.Branches {
		do(&b.Branches[i])
		walkTree(&b.Branches[i], do)
	}
}

// branches adds what stands below a node, the largest amount first. A fund
// shows what it holds only when the reader has opened it.
func (p *FundTreePage) branches(v *fundReading, at *fund.Branch, depth int, open map[string]bool) {
	list := slices.Clone(at.Branches)
	slices.SortStableFunc(list, func(a, b fund.Branch) int {
		if c := cmp.Compare(string(b.Kind), string(a.Kind)); c != 0 {
			return c // funds before companies
		}
		return cmp.Compare(fenOf(b.Amount), fenOf(a.Amount))
	})
	for i := range list {
		if len(p.Tree.Rows) >= mostBranches {
			p.Cut = v.say("funds.tree_cut", errs.A{"n": mostBranches})
			return
		}
		b := &list[i]
		row := p.Tree.row(v.branchName(b), FundCell{Text: sharePPM(b.SharePPM)}, v.moneyCell(b.Amount), FundCell{Text: stakeText(b.Effective)}, fundText(b.Round), fundText(b.Evidence))
		row.Depth = strconv.Itoa(min(depth, 6))
		if len(b.Branches) == 0 {
			continue
		}
		row.ID = "b-" + b.ID
		shown := open["all"] || open[b.ID]
		row.Cells[0].Act = p.toggle(v, b, open, shown)
		if shown {
			p.branches(v, b, depth+1, open)
		}
	}
}

// toggle is the way to the tree with a fund opened, or closed.
func (p *FundTreePage) toggle(v *fundReading, b *fund.Branch, open map[string]bool, shown bool) Link {
	n := 0
	walkTree(b, func(*fund.Branch) { n++ })
	var ids []string
	for _, id := range strings.Split(v.q.Get("open"), ",") {
		if id != "" && id != "all" && id != b.ID {
			ids = append(ids, id)
		}
	}
	if shown {
		if open["all"] {
			ids = nil
		}
		return Link{v.say("funds.close"), p.With("open", strings.Join(ids, ",")) + "#b-" + b.ID}
	}
	return Link{v.say("funds.open", errs.A{"n": n}), p.With("open", strings.Join(append(ids, b.ID), ",")) + "#b-" + b.ID}
}

func (v *fundReading) branchName(b *fund.Branch) FundCell {
	c := FundCell{}
	switch {
	case b.Fund != nil:
		c = fundLink(v.held[b.ID])
		c.Note = v.fundWord("kind", string(b.Fund.Kind))
		if b.Fund.Simulated {
			c.Note += " · " + v.say("web.simulated_short")
		}
	case strings.HasPrefix(b.ID, "name:"):
		c = fundText(strings.TrimPrefix(b.ID, "name:"))
	default:
		c = fundLink(v.orgs[b.ID])
	}
	if b.Again {
		c.Tag, c.Icon, c.Note = "apart", "differ", v.say("funds.again")
	}
	return c
}

// stakeText is what the root holds of a node in all; a lower bound says so.
func stakeText(x *lookthrough.Stake) string {
	switch {
	case x == nil:
		return ""
	case x.AtLeast && x.Effective() == 0:
		return "" // nothing of it is known
	case x.AtLeast:
		return "≥ " + fundPercent(x.Effective()*100)
	}
	return fundPercent(x.Effective() * 100)
}

// sight says how much of the money can be followed, and where the rest is lost.
func (p *FundTreePage) sight(v *fundReading, t *fund.Tree) {
	funds, companies := map[string]bool{}, map[string]bool{}
	walkTree(&t.Root, func(b *fund.Branch) {
		if b.Kind == lookthrough.Fund {
			funds[b.ID] = true
		} else {
			companies[b.ID] = true
		}
	})
	x := &t.Visibility
	part := Value{}
	if x.Share != nil {
		part = Value{Before: "≥", Number: fundPercent(*x.Share * 100)}
		if len(x.Gaps) == 0 {
			part.Before = ""
		}
	}
	p.Numbers = []FundNumber{{v.say("funds.n.paid"), v.money(x.Money), ""}, {v.say("funds.n.visible"), v.money(&x.Visible), v.say("funds.visible_is")}, {v.say("funds.n.visible_share"), part, ""},
		{v.say("funds.n.funds"), Value{Number: i18n.Integer(int64(len(funds)))}, ""}, {v.say("funds.n.companies"), Value{Number: i18n.Integer(int64(len(companies)))}, ""}}
	p.Gaps = v.fundTable("gaps", v.say("funds.gaps"), "fund", "reason", "amount¥")
	for _, g := range x.Gaps {
		l, ok := v.held[g.ID]
		if !ok {
			l = Link{t.Root.Fund.Name.In(v.l), fundPath(g.ID)}
		}
		p.Gaps.row(fundLink(l), fundText(v.fundWord("gap", g.Reason)), v.moneyCell(&g.Amount))
	}
	p.Excess = v.fundTable("excess", v.say("funds.excess"), "held", "share#")
	for _, e := range t.Excesses {
		name := v.party(fund.Party{OrgID: e.ID})
		if l, ok := v.held[e.ID]; ok {
			name = l
		}
		if name.Text == "" {
			name.Text = strings.TrimPrefix(e.ID, "name:")
		}
		p.Excess.row(fundLink(name), FundCell{Text: fundPercent(e.Share * 100)})
	}
}

// levers set what public money has drawn along: over all funds of the tree by
// what was paid in, and in the rounds of the companies.
func (p *FundTreePage) levers(v *fundReading, f *fund.Fund, t *fund.Tree) error {
	set := []string{f.ID}
	walkTree(&t.Root, func(b *fund.Branch) {
		if b.Kind == lookthrough.Fund && !slices.Contains(set, b.ID) {
			set = append(set, b.ID)
		}
	})
	x, err := v.funds.Leverage(v.ctx, v.viewer, set, v.on)
	if err != nil {
		return err
	}
	if x.Total > 0 {
		p.Lever = v.lever(&x, len(set))
	}
	tickets, err := v.funds.Tickets(v.ctx, v.viewer, f.ID, v.on)
	if err != nil || len(tickets) == 0 {
		return err
	}
	own, err := lookthrough.ProjectLeverage(f.ID, tickets)
	if err != nil {
		return err
	}
	p.Project, err = v.projectLever(&own)
	return err
}

func (v *fundReading) lever(x *lookthrough.Lever, n int) *FundLever {
	out := &FundLever{Lead: v.say("funds.lever.lead", errs.A{"n": n})}
	times := func(f *float64) string { return twoPlaces(*f) + "×" }
	switch {
	case x.Ratio != nil:
		out.Value = times(x.Ratio)
	case x.Low != nil && x.High != nil:
		out.Value = times(x.Low) + "–" + times(x.High)
		out.Lines = append(out.Lines, v.say("funds.lever.range"))
	case x.Low != nil && x.Public > 0:
		out.Value = "≥ " + times(x.Low)
		out.Lines = append(out.Lines, v.say("funds.lever.range"))
	case x.Public == 0 && x.Unknown == 0:
		out.Lines = append(out.Lines, v.say("funds.lever.no_public"))
	default:
		out.Lines = append(out.Lines, v.say("funds.lever.unknown"))
	}
	for _, part := range []struct {
		key string
		f   money.Fen
	}{{"total", x.Total}, {"public", x.Public}, {"social", x.Social}, {"unknown", x.Unknown}} {
		out.Numbers = append(out.Numbers, FundNumber{v.say("funds.lever." + part.key), v.money(&part.f), ""})
	}
	return out
}

func (v *fundReading) projectLever(x *lookthrough.ProjectLever) (*FundLever, error) {
	out := &FundLever{Lead: v.say("funds.project.lead"), Lines: []string{v.say("funds.project.only")}}
	if x.Ratio != nil {
		out.Value = twoPlaces(*x.Ratio) + "×"
		for _, r := range x.Rounds {
			if r.Left > 0 {
				out.Value = "≥ " + twoPlaces(*x.Ratio) + "×"
			}
		}
	}
	out.Numbers = []FundNumber{{v.say("funds.project.own"), v.money(&x.Own), ""}, {v.say("funds.project.others"), v.money(&x.Others), ""}}
	var who []fund.Party
	for i := range x.Rounds {
		if c := x.Rounds[i].Company; !strings.HasPrefix(c, "name:") {
			who = append(who, fund.Party{OrgID: c})
		}
	}
	if err := v.name(who...); err != nil {
		return nil, err
	}
	out.Table = v.fundTable("project", v.say("funds.project"), "company", "round", "own¥", "others¥", "evidence", "left_out#")
	for i := range x.Rounds {
		r := &x.Rounds[i]
		if len(out.Table.Rows) >= mostRounds {
			out.Lines = append(out.Lines, v.say("funds.project.cut", errs.A{"n": mostRounds, "total": len(x.Rounds)}))
			break
		}
		name := fundText(strings.TrimPrefix(r.Company, "name:"))
		if l, ok := v.orgs[r.Company]; ok {
			name = fundLink(l)
		}
		out.Table.row(name, fundText(r.Round), v.moneyCell(&r.Own), v.moneyCell(&r.Others), fundText(strings.Join(r.Evidence, v.say("market.comma"))), FundCell{Text: strconv.Itoa(r.Left)})
	}
	return out, nil
}

// mostRounds bounds the rounds on a page.
const mostRounds = 200

// treeFile is every branch with its path, amounts in yuan.
func (s *Site) treeFile(v *fundReading, r *http.Request) (export, error) {
	t, err := v.funds.Tree(v.ctx, v.viewer, r.PathValue("id"), v.on)
	if err != nil {
		return export{}, err
	}
	if v.sources[t.Root.Fund.SourceID].LicenceTag == source.Red {
		return export{}, errs.New(errs.Forbidden, "funds.private")
	}
	return export{name: "fund-tree", head: []string{"depth", "held_by", "id", "kind", "name_zh", "name_en", "share_ppm", "put_in_yuan", "effective", "effective_is_lower_bound", "round", "evidence", "again", "as_of", "simulated"}, rows: func(yield func(sheet.Row, error) bool) {
		v.treeRows(&t.Root, 1, t.On, t.Simulated, yield)
	}}, nil
}

func (v *fundReading) treeRows(at *fund.Branch, depth int, on string, simulated bool, yield func(sheet.Row, error) bool) bool {
	for i := range at.Branches {
		b := &at.Branches[i]
		row := sheet.Row{depth, at.ID, b.ID, string(b.Kind), nil, nil, nil, nil, nil, nil, b.Round, b.Evidence, b.Again, on, simulated}
		if b.Fund != nil {
			row[4], row[5] = b.Fund.Name.ZH, b.Fund.Name.EN
			if v.sources[b.Fund.SourceID].LicenceTag == source.Red {
				continue
			}
		}
		if b.SharePPM != nil {
			row[6] = *b.SharePPM
		}
		if b.Amount != nil {
			row[7] = b.Amount.String()
		}
		if b.Effective != nil {
			row[8], row[9] = b.Effective.Effective(), b.Effective.AtLeast
		}
		if !yield(row, nil) || !v.treeRows(b, depth+1, on, simulated, yield) {
			return false
		}
	}
	return true
}

// fundFiles adds the files of a page of funds, as CSV and XLSX.
func (s *Site) fundFiles(path string, make func(v *fundReading, r *http.Request) (export, error)) {
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		action := account.Read
		h := func(w http.ResponseWriter, r *http.Request) error {
			v, err := s.fundReading(r)
			if err != nil {
				return err
			}
			e, err := make(v, r)
			if err != nil {
				return err
			}
			return writeExport(w, f, e)
		}
		if strings.HasPrefix(path, "/fund-events/") {
			s.guarded("GET "+path+"."+string(f), action, h)
			continue
		}
		s.Route("GET "+path+"."+string(f), h)
	}
}
