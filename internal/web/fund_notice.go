package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// FundNoticePage is the notice of a call or a distribution, set for A4: to all
// investors, or the letter to one.
type FundNoticePage struct {
	Page
	Fund    string
	Marked  string
	Letter  string // to whom, "" for the table of all
	Facts   []Fact
	Effect  []FundNumber // of the letter
	Table   FundTable
	Letters []Link
	Text    []string
	Units   []Tab
	Exports []Link
}

// notice reads the notice of an event, by its kind.
func (v *fundReading) notice(id string) (fund.Notice, error) {
	e, _, err := v.funds.Event(v.ctx, v.viewer, id)
	if err != nil {
		return fund.Notice{}, err
	}
	switch e.Kind {
	case "call":
		return v.funds.CallNotice(v.ctx, v.viewer, id)
	case "distribution":
		return v.funds.DistributionNotice(v.ctx, v.viewer, id)
	}
	return fund.Notice{}, errs.New(errs.NotFound, "funds.no_notice")
}

func (s *Site) fundNotice(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	n, err := v.notice(r.PathValue("event"))
	if err != nil {
		return err
	}
	v.choose(n.Total)
	p := FundNoticePage{Page: s.Page(r, v.say("funds.notice."+n.Kind, errs.A{"n": n.Number})), Fund: n.Fund.Name.In(v.l)}
	p.Path = fundEventPath(n.EventID) + "/notice"
	p.Crumbs = []Link{{v.say("funds.finance"), "/finance"}, {v.say("funds.title"), "/funds"}, {p.Fund, fundPath(n.Fund.ID)}, {v.say("funds.event." + n.Kind), fundEventPath(n.EventID)}}
	if n.Simulated {
		p.Marked = v.say("funds.simulated")
	}
	who := []fund.Party{{OrgID: n.Fund.ManagerID}}
	for i := range n.Lines {
		who = append(who, n.Lines[i].Investor)
	}
	if err := v.name(who...); err != nil {
		return err
	}
	if of := v.q.Get("of"); of != "" {
		i := slices.IndexFunc(n.Lines, func(l fund.NoticeLine) bool { return l.CommitmentID == of })
		if i < 0 {
			return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": clipped(of)})
		}
		p.letter(v, &n, &n.Lines[i])
	}
	p.all(v, &n)
	p.Units = v.units(p.Page)
	return s.Render(w, r, "fund_notice", p)
}

// all sets what every investor is told, and the table of the whole notice.
func (p *FundNoticePage) all(v *fundReading, n *fund.Notice) {
	fact := func(key, text string) {
		f := Fact{Label: v.say("funds.notice." + key), Why: v.say("reg.not_given")}
		if text != "" {
			f.Values = []FactValue{{Text: text}}
		}
		p.Facts = append(p.Facts, f)
	}
	fact("fund", p.Fund)
	fact("manager", v.party(fund.Party{OrgID: n.Fund.ManagerID}).Text)
	fact("number", i18n.Integer(n.Number))
	fact("day", i18n.Day(v.l, n.Day))
	if n.Kind == "call" {
		fact("due_on", i18n.Day(v.l, n.DueOn)+v.workdays(n))
	}
	fact("purpose", n.Purpose)
	fact("total", v.exact(n.Total))
	p.Text = []string{v.say("funds.notice.text." + n.Kind), v.say("funds.notice.effect")}
	if n.Kind == "call" {
		p.Text = append(p.Text, v.say("funds.notice.account"))
	}
	if p.Letter != "" {
		return
	}
	p.Table = v.fundTable("lines", p.Title, "investor", "committed¥", "this¥", "inside¥", "outside¥", "fee¥", "before¥", "after¥", "paid¥", "distributed¥")
	p.Table.Class = "notice-lines"
	var inside, fee money.Fen
	for i := range n.Lines {
		l := &n.Lines[i]
		out := l.Amount - l.Inside
		inside += l.Inside
		fee += l.Fee
		name := v.party(l.Investor).Text
		p.Table.row(FundCell{Text: name, Href: p.With("of", l.CommitmentID)}, v.moneyCell(l.Committed), v.moneyCell(&l.Amount), v.moneyCell(&l.Inside), v.moneyCell(&out), v.moneyCell(&l.Fee),
			v.moneyCell(l.Before), v.moneyCell(l.After), v.moneyCell(&l.Paid), v.moneyCell(&l.Distributed))
		p.Letters = append(p.Letters, Link{name, p.With("of", l.CommitmentID)})
	}
	out := n.Total - inside
	none := FundCell{Blank: true}
	p.Table.Foot = &FundRow{Cells: p.Table.labelled([]FundCell{fundText(v.say("funds.total")), none, v.moneyCell(&n.Total), v.moneyCell(&inside), v.moneyCell(&out), v.moneyCell(&fee), none, none, none, none})}
	for _, x := range []string{"csv", "xlsx"} {
		p.Exports = append(p.Exports, Link{strings.ToUpper(x), p.Path + "." + x})
	}
}

// workdays warns of a call that gives less time than the ILPA principles ask.
func (v *fundReading) workdays(n *fund.Notice) string {
	from, err := time.Parse(time.DateOnly, n.Day)
	to, err2 := time.Parse(time.DateOnly, n.DueOn)
	if err != nil || err2 != nil {
		return ""
	}
	return v.say("funds.notice.days", errs.A{"n": int(to.Sub(from).Hours() / 24)})
}

func (p *FundNoticePage) letter(v *fundReading, n *fund.Notice, l *fund.NoticeLine) {
	p.Letter = v.party(l.Investor).Text
	p.Crumbs = append(p.Crumbs, Link{v.say("funds.notice."+n.Kind, errs.A{"n": n.Number}), p.Path})
	out := l.Amount - l.Inside
	exact := func(f *money.Fen) Value {
		if f == nil {
			return Value{}
		}
		return Value{Number: scaled(*f, money.Yuan), Exact: v.exact(*f)}
	}
	for _, x := range []struct {
		key string
		f   *money.Fen
	}{{"this", &l.Amount}, {"inside", &l.Inside}, {"outside", &out}, {"fee", &l.Fee}, {"committed", l.Committed}, {"before", l.Before}, {"after", l.After}, {"called", &l.Called}, {"paid", &l.Paid}, {"distributed", &l.Distributed}} {
		if n.Kind == "distribution" && x.key == "fee" {
			continue
		}
		p.Effect = append(p.Effect, FundNumber{Label: v.say("funds.col." + x.key), Value: exact(x.f)})
	}
}

func (s *Site) noticeFile(v *fundReading, r *http.Request) (export, error) {
	n, err := v.notice(r.PathValue("event"))
	if err != nil {
		return export{}, err
	}
	var who []fund.Party
	for i := range n.Lines {
		who = append(who, n.Lines[i].Investor)
	}
	if err := v.name(who...); err != nil {
		return export{}, err
	}
	for i := range n.Lines { // a reader knows names, not ids
		n.Lines[i].Investor = fund.Party{Name: v.party(n.Lines[i].Investor).Text}
	}
	return v.tableFile("fund-notice", n.Fund.SourceID, n.Table(v.l))
}

// tableFile is a table of the room as a file.
func (v *fundReading) tableFile(name, from string, t fund.Table) (export, error) {
	if v.sources[from].LicenceTag == source.Red {
		return export{}, errs.New(errs.Forbidden, "funds.private")
	}
	return export{name: name, head: t.Head, rows: func(yield func(sheet.Row, error) bool) {
		for _, cells := range t.Rows {
			row := make(sheet.Row, len(cells))
			for i, c := range cells {
				row[i] = c
			}
			if !yield(row, nil) {
				return
			}
		}
	}}, nil
}

// FundReportPage is the report of a fund for a period.
type FundReportPage struct {
	Page
	Top     fundTop
	From    Field
	To      Field
	Table   FundTable
	Ratios  []FundNumber
	Rate    FundRate
	Exports []Link
	Note    string
}

// period is the one asked for, or the last calendar year that is over.
func (v *fundReading) period() (from, to string) {
	from, to = v.q.Get("from"), v.q.Get("to")
	if from != "" || to != "" {
		return from, to
	}
	t, _ := time.Parse(time.DateOnly, v.today) // made by the program
	year := t.AddDate(-1, 0, 0).Format("2006")
	return year + "-01-01", year + "-12-31"
}

func (s *Site) fundReport(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	from, to := v.period()
	f, err := v.funds.Fund(v.ctx, v.viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := FundReportPage{Page: s.Page(r, v.say("funds.report_of", errs.A{"name": f.Name.In(v.l)})), Note: v.say("funds.report_is"),
		From: Field{Name: "from", Label: v.say("funds.from"), Kind: "date", Value: clipped(from)}, To: Field{Name: "to", Label: v.say("funds.to"), Kind: "date", Value: clipped(to)}}
	x, err := v.funds.Report(v.ctx, v.viewer, f.ID, from, to)
	if errs.KindOf(err) == errs.Invalid {
		v.choose(0)
		p.Top = v.top(&p.Page, &f, "report", f.Simulated)
		p.From.Error = i18n.Error(v.l, err)
		return s.RenderStatus(w, r, statusOf[errs.Invalid], "fund_report", p)
	}
	if err != nil {
		return err
	}
	v.choose(x.Inception.Paid, x.Inception.Called)
	p.Top = v.top(&p.Page, &f, "report", x.Simulated)
	p.Top.AsOf = to
	p.fill(v, &x)
	for _, k := range []string{"csv", "xlsx"} {
		p.Exports = append(p.Exports, Link{strings.ToUpper(k), exportPath(p.Path, k, p.With())})
	}
	return s.Render(w, r, "fund_report", p)
}

func (p *FundReportPage) fill(v *fundReading, x *fund.Report) {
	p.Table = v.fundTable("report", p.Title, "item", "period¥", "inception¥")
	worth := func(w *returns.Valuation) FundCell {
		if w == nil {
			return FundCell{}
		}
		c := v.moneyCell(&w.Amount)
		c.Note = w.Day
		return c
	}
	row := func(key string, a, b FundCell) { p.Table.row(fundText(v.say("funds.item."+key)), a, b) }
	row("nav_before", worth(x.Period.NAVBefore), FundCell{Text: "—"})
	row("called", v.moneyCell(&x.Period.Called), v.moneyCell(&x.Inception.Called))
	row("paid", v.moneyCell(&x.Period.Paid), v.moneyCell(&x.Inception.Paid))
	row("distributed", v.moneyCell(&x.Period.Distributed), v.moneyCell(&x.Inception.Distributed))
	row("fees", v.moneyCell(&x.Period.Fees), v.moneyCell(&x.Inception.Fees))
	row("nav_after", worth(x.Period.NAVAfter), worth(x.Inception.NAVAfter))
	var f FundPage
	f.ratios(v, &x.Multiples)
	p.Ratios, p.Rate = f.Ratios, v.rate(&x.Multiples)
}

func (s *Site) reportFile(v *fundReading, r *http.Request) (export, error) {
	from, to := v.period()
	x, err := v.funds.Report(v.ctx, v.viewer, r.PathValue("id"), from, to)
	if err != nil {
		return export{}, err
	}
	return v.tableFile("fund-report", x.Fund.SourceID, x.Table(v.l))
}

// FundBookPage sets the rows of a fund beside its book.
type FundBookPage struct {
	Page
	Top   fundTop
	Tone  string
	Icon  string
	Head  string
	Text  string
	Table FundTable
	Book  Link
}

func (s *Site) fundBook(w http.ResponseWriter, r *http.Request) error {
	v, err := s.fundReading(r)
	if err != nil {
		return err
	}
	f, err := v.funds.Fund(v.ctx, v.viewer, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !v.staff() {
		return errs.New(errs.Forbidden, "funds.not_staff")
	}
	lines, err := v.funds.Reconcile(v.ctx, v.viewer, f.ID, v.q.Get("on"))
	if err != nil {
		return err
	}
	var all []money.Fen
	for _, l := range lines {
		all = append(all, l.Book, l.Rows)
	}
	v.choose(all...)
	p := FundBookPage{Page: s.Page(r, v.say("funds.book_of", errs.A{"name": f.Name.In(v.l)})), Tone: "ok", Icon: "check", Head: v.say("funds.book.agree"), Text: v.say("funds.book.agree_text", errs.A{"n": len(lines)}),
		Book: Link{v.say("funds.book.open"), bookPath("fund:" + f.ID)}}
	p.Top = v.top(&p.Page, &f, "book", f.Simulated)
	p.Table = v.fundTable("lines", v.say("funds.view.book"), "account", "book¥", "rows¥", "difference¥", "verdict")
	differ := 0
	for _, l := range lines {
		d := l.Book - l.Rows
		verdict := FundCell{Text: v.say("books.agree"), Tag: "ok", Icon: "check"}
		if !l.Agrees() {
			differ++
			verdict = FundCell{Text: v.say("books.differ"), Tag: "care", Icon: "warning"}
		}
		code := l.Account[strings.LastIndex(l.Account, ":")+1:]
		p.Table.row(FundCell{Text: v.fundWord("account", code), Href: accountPath(l.Account), Note: l.Account}, v.moneyCell(&l.Book), v.moneyCell(&l.Rows), v.moneyCell(&d), verdict)
	}
	if differ > 0 {
		p.Tone, p.Icon, p.Head, p.Text = "care", "warning", v.say("funds.book.differ", errs.A{"n": differ}), v.say("funds.book.differ_text")
	}
	return s.Render(w, r, "fund_book", p)
}
