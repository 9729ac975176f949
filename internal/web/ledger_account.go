package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// LedgerAccountPage is one account: what it is, what it holds as of two times,
// and how it came to hold it.
type LedgerAccountPage struct {
	Page
	Lang    string
	ID      string
	Facts   []Fact
	Filter  FilterBar
	AsOf    string
	Balance []FigureLine
	Entries string
	Chart   *ChartFigure
	Units   []Tab
	Unit    string
	Money   bool
	Rows    []StatementRow
	Pager   Pager
	Empty   State
}

// StatementRow is one entry of an account.
type StatementRow struct {
	Href, Version string
	Day, When     string
	What, Reason  string
	Ref           Link
	Debit, Credit *Value
	Balance       Value
	Evidence      *Trace
}

func (s *Site) ledgerAccount(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ledgerReading(r)
	if err != nil {
		return err
	}
	a, err := v.books.Account(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return err
	}
	at, err := twoTimes(v.q)
	if err != nil {
		return err
	}
	name := a.Name.In(v.l)
	if name == "" {
		name = a.ID
	}
	p := LedgerAccountPage{Page: s.Page(r, name), Lang: otherLang(v.l, a.Name), ID: a.ID, Facts: v.accountFacts(&a), AsOf: v.asOfText(v.q), Money: a.Unit == ledger.CNY}
	p.Path = r.URL.EscapedPath()
	p.Crumbs = []Link{{v.say("books.title"), "/ledger"}, {v.say("books.book", errs.A{"book": a.Book}), bookPath(a.Book)}}
	b, err := v.books.Balance(v.ctx, s.svc.DB, a.ID, at)
	if err != nil {
		return err
	}
	entries, err := v.books.Statement(v.ctx, s.svc.DB, a.ID, number64(v.q.Get("cursor")), pageSize+1)
	if err != nil {
		return err
	}
	most := max(b.Posted, -b.Posted)
	for i := range entries {
		most = max(most, entries[i].Balance, -entries[i].Balance)
	}
	v.choose(most)
	if p.Money {
		p.Units = v.unitTabs(p.Page)
	}
	p.Unit = v.unitLabel(a.Unit)
	p.balance(v, &a, b)
	if err := p.statement(v, &a, entries); err != nil {
		return err
	}
	if p.Chart, err = v.balanceChart(&a); err != nil {
		return err
	}
	p.Filter = FilterBar{Action: p.Path, Reset: p.Path, Fields: v.asOfFields(v.q), Count: p.AsOf, Keep: []Hidden{{"unit", v.q.Get("unit")}}}
	for _, f := range []string{"csv", "xlsx"} {
		p.Filter.Exports = append(p.Filter.Exports, Link{map[string]string{"csv": "CSV", "xlsx": "XLSX"}[f], p.Path + "/statement." + f})
	}
	p.Empty = State{Kind: "empty", Heading: v.say("books.no_entries"), Text: v.say("books.no_entries_text")}
	return s.Render(w, r, "ledger_account", p)
}

func (v *ledgerReading) unitLabel(unit string) string {
	if unit == ledger.CNY {
		return v.say("books.unit." + v.unit.name)
	}
	return unit
}

func (v *ledgerReading) accountFacts(a *ledger.Account) []Fact {
	text := func(key, value string) Fact {
		return Fact{Label: v.say(key), Values: []FactValue{{Text: value}}}
	}
	out := []Fact{text("books.account_id", a.ID), {Label: v.say("books.book_name"), Values: []FactValue{{Text: a.Book, Href: bookPath(a.Book)}}}}
	if a.Code != "" {
		out = append(out, text("books.code", a.Code))
	}
	out = append(out, text("books.normal", v.say("books.side."+string(a.Normal))), text("books.unit_of", v.unitName(a.Unit)),
		text("books.floor", v.limit(a.Unit, a.Floor)), text("books.ceiling", v.limit(a.Unit, a.Ceiling)))
	owner := Fact{Label: v.say("books.owner"), Why: v.say("reg.not_given")}
	if a.Owner != "" {
		at := v.recordLink(a.Owner)
		owner.Values = []FactValue{{Text: at.Text, Href: at.Href}}
	}
	state := "books.open"
	if a.Closed {
		state = "books.closed"
	}
	return append(out, owner, text("books.state", v.say(state)))
}

func (p *LedgerAccountPage) balance(v *ledgerReading, a *ledger.Account, b ledger.Balance) {
	for _, part := range []struct {
		key string
		fen money.Fen
	}{{"posted", b.Posted}, {"pending", b.Pending}, {"incoming", b.Incoming}, {"available", b.Available}} {
		x := v.amount(a.Unit, part.fen)
		x.After, x.Gap = p.Unit, true
		if p.Money {
			x.After = v.say("books.unit_after." + v.unit.name)
		}
		p.Balance = append(p.Balance, FigureLine{v.say("books." + part.key), x})
	}
	p.Entries = i18n.Integer(b.Entries)
}

func (p *LedgerAccountPage) statement(v *ledgerReading, a *ledger.Account, entries []ledger.Entry) error {
	if len(entries) > pageSize {
		entries = entries[:pageSize]
		p.Pager.Next = p.With("cursor", i64(entries[pageSize-1].Version))
	}
	if v.q.Get("cursor") != "" {
		p.Pager.First = p.With()
	}
	for i := range entries {
		e := &entries[i]
		row := StatementRow{Href: actPath(e.Book, e.Seq), Version: i18n.Integer(e.Version), Day: e.On, When: i18n.Instant(e.At.Time), Balance: v.amount(a.Unit, e.Balance)}
		x := v.amount(a.Unit, max(e.Amount, -e.Amount))
		if e.Amount > 0 {
			row.Debit = &x
		} else {
			row.Credit = &x
		}
		acts, err := v.books.Acts(v.ctx, v.s.svc.DB, e.Book, e.Seq-1, 1)
		if err != nil {
			return err
		}
		if len(acts) == 1 && acts[0].Seq == e.Seq {
			row.What, row.Reason, row.Ref, row.Evidence = v.actWord(acts[0]), acts[0].Reason, v.recordLink(acts[0].Ref), v.trace(acts[0].Body)
		}
		p.Rows = append(p.Rows, row)
	}
	if n := len(entries); n > 0 {
		p.Pager.Shown = v.say("books.acts_shown", errs.A{"from": entries[0].Version, "to": entries[n-1].Version, "total": entries[0].Version})
	}
	return nil
}

// chartedEntries is how many entries a chart sums up by itself; a longer
// account is asked for its balance at the end of months.
const (
	chartedEntries = 500
	chartedMonths  = 36
)

// balanceChart draws the balance of an account by effective days. Fewer than
// two days draw nothing.
func (v *ledgerReading) balanceChart(a *ledger.Account) (*ChartFigure, error) {
	entries, err := v.books.Statement(v.ctx, v.s.svc.DB, a.ID, 0, chartedEntries)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	type reading struct {
		day string
		sum money.Fen
	}
	var days []reading
	if len(entries) < chartedEntries {
		slices.SortStableFunc(entries, func(x, y ledger.Entry) int { return cmp.Compare(x.On, y.On) })
		var sum money.Fen
		for i := range entries {
			change := entries[i].Amount
			if a.Normal == ledger.Credit {
				change = -change
			}
			sum += change // the ledger keeps every sum of entries within reach
			if n := len(days); n > 0 && days[n-1].day == entries[i].On {
				days[n-1].sum = sum
			} else {
				days = append(days, reading{entries[i].On, sum})
			}
		}
	} else {
		last, err := time.Parse(time.DateOnly, entries[0].On)
		if err != nil {
			return nil, err
		}
		for i := chartedMonths; i >= 0; i-- {
			end := time.Date(last.Year(), last.Month()-time.Month(i)+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
			b, err := v.books.Balance(v.ctx, v.s.svc.DB, a.ID, ledger.At{Effective: end})
			if err != nil {
				return nil, err
			}
			days = append(days, reading{end, b.Posted})
		}
	}
	if len(days) < 2 {
		return nil, nil
	}
	spec := chart.Spec{Kind: chart.Step, ID: "balance", Title: v.say("books.chart"), Desc: v.say("books.chart_desc"), Unit: v.unitLabel(a.Unit), First: v.say("books.day"), Unknown: v.say("web.unknown"), Series: []chart.Series{{}}}
	for _, d := range days {
		value, text := float64(d.sum), v.amount(a.Unit, d.sum).Number
		if a.Unit == ledger.CNY {
			value /= float64(v.unit.scale)
		}
		spec.Series[0].Points = append(spec.Series[0].Points, chart.Point{Label: d.day, X: yearPlace(d.day), Known: true, Value: value, Text: text})
	}
	return &ChartFigure{Spec: spec, Source: v.say("books.chart_source", errs.A{"account": a.ID}), Period: days[0].day + " – " + days[len(days)-1].day, CSV: accountPath(a.ID) + "/statement.csv"}, nil
}

// yearPlace is a day as a place on an axis of years.
func yearPlace(day string) float64 {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return 0
	}
	return float64(t.Year()) + float64(t.YearDay()-1)/366
}
