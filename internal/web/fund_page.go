package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// FundPage is one fund as it stood on a day.
type FundPage struct {
	Page
	Top      fundTop
	Acts     []Link
	Records  []Link // forms of what happens to it
	Numbers  []FundNumber
	Ratios   []FundNumber
	Rate     FundRate
	Facts    []Fact
	Chart    *ChartFigure
	Worth    FundTable
	Members  FundTable
	Hidden   string // what this reader is not shown, and why
	Overdue  string
	Calls    FundTable
	Returns  FundTable
	Holdings FundTable
	Local    *FundLocal
	Events   FundTable
	Older    string
	History  []HistoryEntry
	Earlier  string
	Sources  []SourceNote
}

// FundNumber is one number of the sheet with what belongs to it.
type FundNumber struct {
	Label string
	Value Value
	Note  string
}

// FundRate says what is known of the internal rate of return. Value is set only
// where there is one rate to be shown.
type FundRate struct {
	Tone, Icon string
	Value      string
	Text       string
	Roots      []string
}

func (s *Site) fundPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	x, err := v.funds.Sheet(v.ctx, v.viewer, r.PathValue("id"), v.on)
	if err != nil {
		return err
	}
	v.choose(x.Committed, x.Multiples.Called, x.Multiples.Paid, x.Multiples.Distributed)
	p := FundPage{Page: s.Page(r, x.Fund.Name.In(v.l))}
	p.Top = v.top(&p.Page, &x.Fund, "", x.Simulated)
	if done := v.q.Get("done"); i18n.Has("funds.done." + done) {
		p.Flash = v.say("funds.done." + done)
	}
	if err := p.sheet(v, &x); err != nil {
		return err
	}
	if err := p.parts(v, &x); err != nil {
		return err
	}
	if p.Local, err = v.local(p.Page, &x.Fund); err != nil {
		return err
	}
	if v.can(account.Edit) {
		p.Acts = []Link{{v.say("funds.edit"), fundPath(x.Fund.ID) + "/edit"}}
		for _, k := range fundEventKinds {
			p.Records = append(p.Records, Link{v.say("funds.event." + k), fundPath(x.Fund.ID) + "/record/" + k})
		}
	}
	if p.History, p.Earlier, err = v.history(p.Page, fund.KindFund, x.Fund.ID); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "fund", p)
}

// sheet sets the numbers, the multiples and the rate.
func (p *FundPage) sheet(v *fundReading, x *fund.Sheet) error {
	m := &x.Multiples
	add := func(key string, value Value, note string) {
		p.Numbers = append(p.Numbers, FundNumber{v.say("funds.n." + key), value, note})
	}
	some := len(x.Flows) > 0 || x.Investors > 0 // anything is known of its money
	known := func(f money.Fen) Value {
		if !some {
			return Value{}
		}
		return v.money(&f)
	}
	committed, note := Value{}, ""
	if x.Unstated > 0 {
		note = v.say("funds.unstated", errs.A{"n": x.Unstated})
	}
	if x.Committed > 0 {
		committed = v.atLeast(x.Committed, x.Unstated > 0)
	}
	add("committed", committed, note)
	add("called", known(m.Called), "")
	add("paid", known(m.Paid), "")
	add("unfunded", v.money(m.Unfunded), v.say("funds.unfunded_is"))
	add("distributed", known(m.Distributed), "")
	add("recallable", known(m.Recallable), v.say("funds.recallable_is"))
	add("invested", known(x.Invested), v.say("funds.at_cost"))
	add("fees", known(x.Fees), "")
	worth, err := v.funds.Valuations(v.ctx, v.viewer, x.Fund.ID, v.on)
	if err != nil {
		return err
	}
	p.nav(v, m, worth)
	p.ratios(v, m)
	p.Rate = v.rate(m)
	p.Chart = v.flowChart(x)
	return nil
}

// nav sets the newest net asset value with its age and basis, and those before.
func (p *FundPage) nav(v *fundReading, m *returns.Multiples, worth []fund.Worth) {
	n := FundNumber{Label: v.say("funds.n.nav"), Note: v.say("funds.no_nav")}
	if m.NAV != nil {
		n.Value = v.money(&m.NAV.Amount)
		basis := ""
		for _, w := range worth {
			if w.Day == m.NAV.Day {
				basis = v.fundWord("basis", string(w.Basis))
			}
		}
		n.Note = v.say("funds.nav_of", errs.A{"day": m.NAV.Day, "basis": basis, "n": m.Age})
	}
	p.Numbers = append(p.Numbers, n)
	if m.NAV != nil && m.Rolled != nil && *m.Rolled != m.NAV.Amount {
		p.Numbers = append(p.Numbers, FundNumber{v.say("funds.n.rolled"), v.money(m.Rolled), v.say("funds.rolled_is")})
	}
	p.Worth = v.fundTable("worth", v.say("funds.valuations"), "day", "nav¥", "basis", "source")
	for _, w := range slices.Backward(worth) {
		p.Worth.row(fundDay(w.Day), v.moneyCell(&w.Amount), fundText(v.fundWord("basis", string(w.Basis))), FundCell{Text: v.short(w.SourceID), Mark: v.mark(w.SourceID)})
	}
}

func (p *FundPage) ratios(v *fundReading, m *returns.Multiples) {
	for _, x := range []struct {
		key string
		q   *returns.Ratio
	}{{"pic", m.PIC}, {"dpi", m.DPI}, {"rvpi", m.RVPI}, {"tvpi", m.TVPI}} {
		n := FundNumber{Label: v.say("funds.n." + x.key), Note: v.say("funds.ratio." + x.key)}
		if x.q != nil {
			n.Value = Value{Number: twoPlaces(x.q.Float()), After: "×", Exact: v.exact(x.q.Over) + " ÷ " + v.exact(x.q.Under)}
		}
		p.Ratios = append(p.Ratios, n)
	}
}

// rate says in words what came of the search for the rate of return.
func (v *fundReading) rate(m *returns.Multiples) FundRate {
	if m.IRR == nil {
		return FundRate{Tone: "", Icon: "question", Text: v.say("funds.irr.none")}
	}
	x := FundRate{Tone: "care", Icon: "warning"}
	for _, root := range m.IRR.Roots {
		x.Roots = append(x.Roots, fundPercent(root*100))
	}
	args := errs.A{"n": len(x.Roots), "days": m.IRR.Span, "day": m.NAV.Day}
	key := "funds.irr." + string(m.IRR.Status)
	switch m.IRR.Status {
	case returns.OK, returns.ShortPeriod:
		x.Tone, x.Icon, x.Value, x.Roots = "ok", "check", fundPercent(*m.IRR.Rate*100), nil
		if m.IRR.Status == returns.ShortPeriod {
			x.Tone, x.Icon = "care", "clock"
		}
	case returns.NoSolution:
		key += "." + m.IRR.Reason
	}
	x.Text = v.say(key, args)
	return x
}

// parts sets facts, investors, calls, distributions, holdings and events.
func (p *FundPage) parts(v *fundReading, x *fund.Sheet) error {
	f := &x.Fund
	held, err := v.funds.Holdings(v.ctx, v.viewer, f.ID, v.on)
	if err != nil {
		return err
	}
	parties := []fund.Party{{OrgID: f.OrgID}, {OrgID: f.ManagerID}}
	for i := range held {
		parties = append(parties, held[i].Of)
	}
	for i := range x.Members {
		parties = append(parties, x.Members[i].Investor)
	}
	if err := v.name(parties...); err != nil {
		return err
	}
	p.facts(v, x)
	p.holdings(v, held)
	if !v.staff() {
		p.Hidden = v.say("funds.staff_only", errs.A{"n": x.Investors})
		return nil
	}
	p.members(v, x)
	if err := p.turns(v, f.ID); err != nil {
		return err
	}
	return p.events(v, f.ID)
}

func (p *FundPage) facts(v *fundReading, x *fund.Sheet) {
	f := &x.Fund
	mark := v.mark(f.SourceID)
	org := func(id string) Fact {
		out := Fact{Why: v.say("reg.not_given")}
		if id != "" {
			l := v.orgs[id]
			out.Values = []FactValue{{Text: l.Text, Href: l.Href, Mark: mark}}
		}
		return out
	}
	manager, self := org(f.ManagerID), org(f.OrgID)
	manager.Label, self.Label = v.say("funds.col.manager"), v.say("funds.as_org")
	vintage := ""
	if f.Vintage != 0 {
		vintage = strconv.Itoa(f.Vintage)
	}
	last := v.say("funds.pays_last.no")
	if f.PaysLast {
		last = v.say("funds.pays_last.yes")
	}
	p.Facts = []Fact{v.fact("funds.col.kind", v.fundWord("kind", string(f.Kind)), mark), v.fact("funds.col.status", v.fundWord("status", string(f.Status)), mark),
		v.fact("funds.vintage", vintage, mark), manager, self, v.fact("funds.pays_last", last, mark), v.fact("funds.investors", i18n.Integer(int64(x.Investors)), nil)}
	if f.Note != "" {
		p.Facts = append(p.Facts, v.fact("funds.note", f.Note, mark))
	}
	if v.staff() {
		p.Facts = append(p.Facts, v.fact("market.level", marketTerm(v.l, "level", string(f.Level)), nil), v.fact("funds.key", f.Key, mark))
	}
}

func (p *FundPage) members(v *fundReading, x *fund.Sheet) {
	p.Members = v.fundTable("members", v.say("funds.members"), "investor", "nature", "committed¥", "called¥", "paid¥", "distributed¥", "unfunded¥", "overdue¥")
	late, since := map[string]money.Fen{}, map[string]string{}
	var all money.Fen
	for _, o := range x.Overdue {
		late[o.CommitmentID] += o.Left
		all += o.Left
		if since[o.CommitmentID] == "" {
			since[o.CommitmentID] = o.DueOn
		}
	}
	for i := range x.Members {
		m := &x.Members[i]
		due := FundCell{Text: "—"}
		if n := late[m.CommitmentID]; n > 0 {
			due = v.moneyCell(&n)
			due.Note = v.say("funds.due_since", errs.A{"day": since[m.CommitmentID]})
		}
		who := fundLink(v.party(m.Investor))
		who.Act = Link{v.say("funds.entry"), fundEventPath(m.CommitmentID)}
		p.Members.row(who, fundText(v.fundWord("nature", orElse(string(m.Nature), "unknown"))), v.moneyCell(m.Committed), v.moneyCell(&m.Called), v.moneyCell(&m.Paid), v.moneyCell(&m.Distributed), v.moneyCell(m.Unfunded), due)
	}
	if len(x.Overdue) > 0 {
		p.Overdue = v.say("funds.overdue", errs.A{"n": len(x.Overdue), "amount": v.in(all)})
	}
}

func (p *FundPage) turns(v *fundReading, id string) error {
	calls, err := v.funds.Calls(v.ctx, v.viewer, id, v.on)
	if err != nil {
		return err
	}
	p.Calls = v.fundTable("calls", v.say("funds.calls"), "number#", "day", "due_on", "purpose", "amount¥", "paid_on_call¥", "left¥", "notice")
	for _, c := range calls {
		left := c.Total - c.Paid
		open := v.moneyCell(&left)
		if left > 0 && c.DueOn < v.on {
			open.Note, open.Tag, open.Icon = v.say("funds.late"), "care", "clock"
		}
		p.Calls.row(FundCell{Text: i18n.Integer(c.Number), Href: fundEventPath(c.ID)}, fundDay(c.Day), fundDay(c.DueOn), fundText(c.Purpose), v.moneyCell(&c.Total), v.moneyCell(&c.Paid), open, FundCell{Text: v.say("funds.open_notice"), Href: fundEventPath(c.ID) + "/notice"})
	}
	back, err := v.funds.Distributions(v.ctx, v.viewer, id, v.on)
	if err != nil {
		return err
	}
	p.Returns = v.fundTable("returns", v.say("funds.distributions"), "number#", "day", "purpose", "amount¥", "recallable¥", "notice")
	for _, d := range back {
		p.Returns.row(FundCell{Text: i18n.Integer(d.Number), Href: fundEventPath(d.ID)}, fundDay(d.Day), fundText(d.Purpose), v.moneyCell(&d.Total), v.moneyCell(&d.Recallable), FundCell{Text: v.say("funds.open_notice"), Href: fundEventPath(d.ID) + "/notice"})
	}
	return nil
}

func (p *FundPage) holdings(v *fundReading, held []fund.Placed) {
	p.Holdings = v.fundTable("holdings", v.say("funds.holdings"), "company", "from", "share#", "cost¥", "round", "evidence", "exit", "proceeds¥")
	for i := range held {
		h := &held[i]
		who := fundLink(v.party(h.Of))
		who.Mark = v.mark(h.SourceID)
		if v.staff() {
			who.Act = Link{v.say("funds.entry"), fundEventPath(h.ID)}
		}
		exit, proceeds := fundText(v.say("funds.still_held")), FundCell{Text: "—"}
		if h.To != "" {
			exit, proceeds = fundDay(h.To), v.moneyCell(h.Proceeds)
		}
		row := p.Holdings.row(who, fundDay(h.From), FundCell{Text: sharePPM(h.SharePPM)}, v.moneyCell(h.Amount), fundText(h.Round), FundCell{Text: h.Evidence}, exit, proceeds)
		row.Weak = h.To != ""
	}
}

// eventsOfPage is how many events a page of a fund shows.
const eventsOfPage = 20

func (p *FundPage) events(v *fundReading, id string) error {
	list, err := v.funds.Events(v.ctx, v.viewer, id, max(number64(v.q.Get("before")), 0), eventsOfPage+1)
	if err != nil {
		return err
	}
	if len(list) > eventsOfPage {
		list = list[:eventsOfPage]
		p.Older = p.With("before", i64(list[eventsOfPage-1].Position)) + "#events"
	}
	var who []fund.Party
	for _, e := range list {
		if e.Of != nil {
			who = append(who, *e.Of)
		}
	}
	if err := v.name(who...); err != nil {
		return err
	}
	p.Events = v.fundTable("event-list", v.say("funds.events"), "event", "day", "of", "amount¥", "note", "recorded", "by")
	for i := range list {
		e := &list[i]
		name := FundCell{Text: v.say("funds.event." + e.Kind), Href: fundEventPath(e.ID), Mark: v.mark(e.SourceID)}
		if e.CancelledBy != "" {
			name.Note, name.Tag, name.Icon = v.say("funds.cancelled_by", errs.A{"who": v.actor(e.CancelledBy)}), "care", "cross"
		}
		of, amount := fundText(""), FundCell{Blank: true}
		if e.Of != nil {
			of = fundLink(v.party(*e.Of))
		}
		if e.Amount != nil || e.Kind == "commitment" || e.Kind == "holding" {
			amount = v.moneyCell(e.Amount)
		}
		row := p.Events.row(name, fundDay(e.Day), of, amount, fundText(e.Note), fundDay(i18n.Instant(e.At.Time)), fundText(v.actor(e.Actor)))
		row.Weak = e.CancelledBy != ""
	}
	return nil
}
