package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// AddFunds adds what the city has in money, the register of funds, and of each
// fund its sheet on a day, what stands behind it, its notices and reports, and
// the forms by which editors record what happens to it. Pages read as
// account.ViewerOf their reader; who the investors are, the staff alone sees.
func (s *Site) AddFunds(v Services) {
	s.svc = v
	s.Route("GET /finance", s.finance)
	s.Route("GET /funds", s.fundList)
	s.exports("/funds", s.fundExport)
	s.Route("GET /funds/{id}", s.fundPage)
	s.Route("GET /funds/{id}/tree", s.fundTree)
	s.Route("GET /funds/{id}/report", s.fundReport)
	s.fundFiles("/funds/{id}/tree", s.treeFile)
	s.fundFiles("/funds/{id}/report", s.reportFile)
	s.guarded("GET /funds/{id}/book", account.Read, s.fundBook)
	s.guarded("GET /fund-events/{event}", account.Read, s.fundEvent)
	s.guarded("GET /fund-events/{event}/notice", account.Read, s.fundNotice)
	s.fundFiles("/fund-events/{event}/notice", s.noticeFile)
	s.guarded("GET /funds/new", account.Edit, s.newFund)
	s.guarded("POST /funds", account.Edit, s.saveFund)
	s.guarded("GET /funds/{id}/edit", account.Edit, s.editFund)
	s.guarded("POST /funds/{id}/edit", account.Edit, s.saveFund)
	s.guarded("GET /funds/{id}/record/{kind}", account.Edit, s.askFundEvent)
	s.guarded("POST /funds/{id}/record/{kind}", account.Edit, s.doFundEvent)
	s.guarded("GET /fund-events/{event}/cancel", account.Edit, s.askCancel)
	s.guarded("POST /fund-events/{event}/cancel", account.Edit, s.doCancel)
}

func fundPath(id string) string      { return "/funds/" + url.PathEscape(id) }
func fundEventPath(id string) string { return "/fund-events/" + url.PathEscape(id) }

// fundReading is one request for a page of funds.
type fundReading struct {
	*reading
	q      url.Values
	viewer level.Viewer
	funds  *fund.Service
	unit   moneyUnit
	on     string // the day asked for, today when none was
	today  string
	orgs   map[string]Link
	held   map[string]Link // funds by id
}

func (s *Site) fundReading(r *http.Request) (*fundReading, error) {
	if s.svc.Funds == nil {
		return nil, errs.New(errs.Unavailable, "funds.off")
	}
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	x := &fundReading{reading: v, q: q, viewer: account.ViewerOf(v.user), funds: s.svc.Funds, unit: unitNamed(v.l, q.Get("unit")), today: cityDay(s.svc.DB.Now()),
		orgs: map[string]Link{}, held: map[string]Link{}}
	if x.on = q.Get("on"); x.on == "" {
		x.on = x.today
	}
	if _, err := time.Parse(time.DateOnly, x.on); err != nil {
		return nil, errs.New(errs.Invalid, "fund.day", errs.A{"field": v.say("funds.as_of"), "value": clipped(x.on)}).At("/on")
	}
	return x, nil
}

// staff reports whether the reader may see who the investors are.
func (v *fundReading) staff() bool { return v.viewer.Rank() >= level.Internal.Rank() }

// choose takes the unit in which the largest amount is short, unless the reader
// has chosen one.
func (v *fundReading) choose(amounts ...money.Fen) {
	var most money.Fen
	for _, a := range amounts {
		most = max(most, a, -a)
	}
	switch {
	case v.unit.scale != 0:
	case most >= 100*money.Yi || most < 0:
		v.unit = unitNamed(v.l, "yi")
	case most >= 1000*money.Wan:
		v.unit = unitNamed(v.l, "wan")
	default:
		v.unit = unitNamed(v.l, "yuan")
	}
}

func (v *fundReading) units(p Page) []Tab {
	var out []Tab
	for _, u := range []string{"yuan", "wan", "yi"} {
		out = append(out, Tab{Label: v.say("books.unit." + u), Href: p.build(func(q url.Values) { q.Set("unit", u) }), Current: v.unit.name == u})
	}
	return out
}

func (v *fundReading) unitWord() string { return v.say("books.unit." + v.unit.name) }

// money sets an amount in the unit of the page, the exact one behind it; nil is
// not known.
func (v *fundReading) money(f *money.Fen) Value {
	if f == nil {
		return Value{}
	}
	out := Value{Number: scaled(*f, v.unit.scale), Exact: v.exact(*f)}
	if *f != 0 && out.Number == scaled(0, v.unit.scale) {
		out.Before = "≈" // small is not nothing
	}
	return out
}

// atLeast is an amount of which a part is not known.
func (v *fundReading) atLeast(f money.Fen, part bool) Value {
	out := v.money(&f)
	if part {
		out.Before = "≥"
	}
	return out
}

// in writes an amount in a sentence: 1,500.00 万元.
func (v *fundReading) in(f money.Fen) string { return scaled(f, v.unit.scale) + " " + v.unitWord() }

// name the parties that a page speaks of, organisations in one question.
func (v *fundReading) name(parties ...fund.Party) error {
	var ids []string
	for _, p := range parties {
		if _, ok := v.orgs[p.OrgID]; p.OrgID != "" && !ok {
			ids = append(ids, p.OrgID)
		}
		if _, ok := v.held[p.FundID]; p.FundID != "" && !ok {
			v.held[p.FundID] = Link{Text: p.FundID}
			f, err := v.funds.Fund(v.ctx, v.viewer, p.FundID)
			if err == nil {
				v.held[p.FundID] = Link{f.Name.In(v.l), fundPath(f.ID)}
			} else if errs.KindOf(err) != errs.NotFound {
				return err
			}
		}
	}
	for part := range slices.Chunk(ids, 500) {
		refs, err := v.s.svc.Registry.Refs(v.ctx, part)
		if err != nil {
			return err
		}
		for _, id := range part {
			v.orgs[id] = Link{Text: id}
			if r, ok := refs[id]; ok {
				c := v.ref(r)
				v.orgs[id] = Link{c.Text, c.Href}
			}
		}
	}
	return nil
}

// party is an investor or a company that name has read.
func (v *fundReading) party(p fund.Party) Link {
	switch {
	case p.FundID != "":
		return v.held[p.FundID]
	case p.OrgID != "":
		return v.orgs[p.OrgID]
	}
	return Link{Text: p.Name}
}

// fundWord is the reader's word for a value of the funds.
func (v *fundReading) fundWord(group, value string) string {
	if value == "" {
		return v.say("web.unknown")
	}
	if key := "funds." + group + "." + value; i18n.Has(key) {
		return v.say(key)
	}
	return value
}

// sharePPM writes parts per million as a percentage; nil is not known.
func sharePPM(ppm *int64) string {
	if ppm == nil {
		return ""
	}
	return fundPercent(float64(*ppm) / 10_000)
}

func fundPercent(v float64) string { return i18n.Decimal(v, 2) + "%" }

// FundTable is a small table whose cells may be amounts.
type FundTable struct {
	ID    string
	Class string
	Head  TableHead
	Rows  []FundRow
	Foot  *FundRow
}

// FundRow is one row; the first cell heads it.
type FundRow struct {
	ID    string
	Depth string // of a tree: "0" to "9"
	Weak  bool   // it no longer counts
	Cells []FundCell
}

// FundCell is one field of a row: an amount, or a text that may lead somewhere.
// Neither is unknown.
type FundCell struct {
	Label   string // of the column
	Value   *Value
	Text    string
	Href    string
	Lang    string
	Note    string // small, below
	Mark    *SourceMark
	Tag     string // ok, care, apart: a mark with a word
	Icon    string
	Act     Link // what can be done with the row
	Numeric bool
	Whole   bool
	Blank   bool // nothing is meant, rather than unknown
}

// fundTable begins a table. A column whose name ends in "#" holds numbers, in
// "¥" amounts in the unit of the page.
func (v *fundReading) fundTable(id, caption string, columns ...string) FundTable {
	t := FundTable{ID: id, Head: TableHead{Caption: caption, Hidden: true}}
	for _, c := range columns {
		col := Column{}
		switch r := []rune(c); r[len(r)-1] {
		case '#':
			c, col.Numeric = string(r[:len(r)-1]), true
		case '¥':
			c, col.Numeric, col.Unit = string(r[:len(r)-1]), true, v.unitWord()
		}
		col.Label = v.say("funds.col." + c)
		t.Head.Columns = append(t.Head.Columns, col)
	}
	return t
}

func (t *FundTable) row(cells ...FundCell) *FundRow {
	t.Rows = append(t.Rows, FundRow{Cells: t.labelled(cells)})
	return &t.Rows[len(t.Rows)-1]
}

func (t *FundTable) labelled(cells []FundCell) []FundCell {
	for i := range cells {
		cells[i].Label, cells[i].Numeric = t.Head.Columns[i].Label, t.Head.Columns[i].Numeric
	}
	return cells
}

func fundLink(l Link) FundCell { return FundCell{Text: l.Text, Href: l.Href} }
func fundText(s string) FundCell {
	return FundCell{Text: s, Blank: true}
}
func fundDay(s string) FundCell { return FundCell{Text: s, Whole: true, Blank: true} }
func (v *fundReading) moneyCell(f *money.Fen) FundCell {
	x := v.money(f)
	return FundCell{Value: &x}
}

// fundTop is what the pages of one fund have in common.
type fundTop struct {
	Fund   string
	Lang   string
	Other  string
	Also   []string
	Tabs   []Tab
	Marked string // why its data are called simulated
	AsOf   string // ISO
	Units  []Tab
	Unit   string
	Keep   []Hidden
	Action string // of the form that asks for another day
}

// top begins the page of a fund in one of its views.
func (v *fundReading) top(p *Page, f *fund.Fund, view string, simulated bool) fundTop {
	at := fundPath(f.ID)
	t := fundTop{Fund: f.Name.In(v.l), Lang: otherLang(v.l, f.Name), AsOf: v.on, Also: []string{v.fundWord("kind", string(f.Kind)), v.fundWord("status", string(f.Status))}}
	if f.Vintage != 0 {
		t.Also = append(t.Also, v.say("funds.since", errs.A{"year": strconv.Itoa(f.Vintage)}))
	}
	if other := (i18n.Text{ZH: f.Name.EN, EN: f.Name.ZH}).In(v.l); other != t.Fund {
		t.Other = other
	}
	if simulated {
		t.Marked = v.say("funds.simulated")
	}
	for _, name := range []string{"", "tree", "report", "book"} {
		if name == "book" && !v.staff() {
			continue
		}
		label, href := v.say("funds.view."+orElse(name, "sheet")), at
		if name != "" {
			href += "/" + name
		}
		keep := url.Values{}
		for _, k := range []string{"on", "unit"} {
			if x := v.q.Get(k); x != "" {
				keep.Set(k, x)
			}
		}
		if len(keep) > 0 {
			href += "?" + keep.Encode()
		}
		t.Tabs = append(t.Tabs, Tab{Label: label, Href: href, Current: name == view})
	}
	p.Path = at
	if view != "" {
		p.Path = at + "/" + view
	}
	p.Crumbs = []Link{{v.say("funds.finance"), "/finance"}, {v.say("funds.title"), "/funds"}}
	if view != "" {
		p.Crumbs = append(p.Crumbs, Link{t.Fund, at})
	}
	t.Units, t.Unit, t.Action = v.units(*p), v.unitWord(), p.Path
	if u := v.q.Get("unit"); u != "" {
		t.Keep = []Hidden{{"unit", u}}
	}
	return t
}

func orElse(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// twoPlaces writes a multiple: 1.40.
func twoPlaces(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
