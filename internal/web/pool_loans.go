package web

import (
	"iter"
	"net/http"
	"net/url"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// PoolListPage is a list of loans or claims.
type PoolListPage struct {
	Page
	Tabs   []Tab
	Units  []Tab
	Acts   []Link
	Filter FilterBar
	Sums   []Fact
	Table  *GridTable
	Pager  Pager
	Empty  State
	Note   string
}

// loanFilter reads what a list of loans asks for.
func (v *poolReading) loanFilter() (pool.LoanFilter, error) {
	f := pool.LoanFilter{PoolID: v.pool.ID, BankID: v.q.Get("bank"), GuarantorID: v.q.Get("guarantor"), Status: v.q.Get("status"), Risk: rules.Risk(v.q.Get("risk")), Year: v.q.Get("year"),
		Borrower: v.q.Get("borrower"), OrgID: v.q.Get("org"), BatchID: v.q.Get("batch"), Unknown: v.q.Get("balance") == "unknown", Limit: pageSize + 1}
	if f.Year != "" && !isYear(f.Year) {
		return f, errs.New(errs.Invalid, "pools.bad_year", errs.A{"year": clipped(f.Year)}).At("/year")
	}
	return f, nil
}

func (s *Site) poolLoans(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	f, err := v.loanFilter()
	if err != nil {
		return err
	}
	sum, err := v.pools.SumLoans(v.ctx, s.svc.DB, f)
	if err != nil {
		return err
	}
	v.choose(sum.Principal / max(1, money.Fen(min(sum.Loans, pageSize))))
	p := PoolListPage{Page: v.page(r, v.say("pools.tab.loans")), Tabs: v.tabs("loans")}
	p.Units = v.unitTabs(p.Page)
	if v.can(account.Import) {
		p.Acts = []Link{{v.say("pools.file_loans"), poolPath(v.pool.ID) + "/file"}, {v.say("pools.file_progress"), poolPath(v.pool.ID) + "/file?what=progress"}}
	}
	if n := v.q.Get("done"); n == "filed" {
		p.Flash = v.say("pools.filed", errs.A{"n": sum.Loans})
	}
	if err := p.loanFields(v, &f, sum); err != nil {
		return err
	}
	before, after := cursorOf(v.q)
	f.After = after
	list, err := v.pools.Loans(v.ctx, s.svc.DB, f)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageSize {
		list = list[:pageSize]
		next = list[pageSize-1].ID
	}
	p.loanRows(v, list)
	p.Pager = pager(p.Page, before, int64(len(list)), sum.Loans, next)
	p.Sums = v.loanSums(&sum)
	p.Empty = State{Kind: "empty", Heading: v.say("pools.no_loans"), Text: v.say("pools.no_loans_text")}
	if len(p.Filter.Chips) > 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text"), Action: Link{v.say("reg.no_match_act"), p.Path}}
	}
	return s.Render(w, r, "pool_list", p)
}

func (v *poolReading) loanSums(sum *pool.LoanSum) []Fact {
	outstanding := v.exact(sum.Outstanding)
	if sum.Unknown > 0 {
		outstanding = "≥ " + outstanding
	}
	out := []Fact{v.given("pools.col.borrowers", v.say("pools.n_firms", errs.A{"n": sum.Borrowers})), v.given("pools.col.principal", v.exact(sum.Principal)), v.given("pools.col.outstanding", outstanding)}
	if sum.Unknown > 0 {
		out[2].Values[0].Note = v.say("pools.lower_bound", errs.A{"n": sum.Unknown})
	}
	return out
}

// loanFields sets the filters that can be asked for, and those that are on.
func (p *PoolListPage) loanFields(v *poolReading, f *pool.LoanFilter, sum pool.LoanSum) error {
	p.Filter = FilterBar{Action: p.Path, Reset: p.Path, Count: v.say("pools.n_loans", errs.A{"n": sum.Loans})}
	bank := v.memberField("bank", rules.Bank, f.BankID)
	status := Field{Name: "status", Label: v.say("pools.col.status"), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	for _, g := range []string{"open", "late", "bad", "counted"} {
		status.Options = append(status.Options, Option{Value: g, Label: v.poolWord("group", g), Selected: f.Status == g})
	}
	for _, st := range v.pools.LoanLife().States {
		status.Options = append(status.Options, Option{Value: st.ID, Label: st.Name.In(v.l), Selected: f.Status == st.ID})
	}
	risk := Field{Name: "risk", Label: v.say("pools.col.risk"), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	for _, x := range rules.Risks {
		risk.Options = append(risk.Options, Option{Value: string(x), Label: v.poolWord("risk", string(x)), Selected: f.Risk == x})
	}
	year := Field{Name: "year", Label: v.say("pools.col.registered_year"), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	years, err := v.pools.LoanYears(v.ctx, v.s.svc.DB, v.pool.ID)
	for _, y := range years {
		year.Options = append(year.Options, Option{Value: y, Label: y, Selected: y == f.Year})
	}
	borrower := Field{Name: "borrower", Label: v.say("pools.col.borrower"), Kind: "search", Value: f.Borrower}
	p.Filter.Fields = []Field{borrower, bank, status, risk, year}
	p.chips()
	for _, x := range []struct{ name, key, value string }{{"guarantor", "pools.col.guarantor", v.memberName(f.GuarantorID)}, {"org", "pools.col.borrower", f.OrgID}, {"batch", "reg.batch", f.BatchID}, {"balance", "pools.col.outstanding", v.say("web.unknown")}} {
		p.hidden(v, x.name, v.say(x.key), x.value)
	}
	p.files(v, "loans", sum.Loans)
	return err
}

// chips shows the filters that are on.
func (p *PoolListPage) chips() {
	for _, f := range p.Filter.Fields {
		value := f.Value
		for _, o := range f.Options {
			if o.Selected && o.Value != "" {
				value = o.Label
			}
		}
		if value != "" {
			p.Filter.Chips = append(p.Filter.Chips, Chip{f.Label, value, p.With(f.Name, "")})
		}
	}
}

// hidden carries a filter that comes with a link and has no field of its own.
func (p *PoolListPage) hidden(v *poolReading, name, label, value string) {
	if v.q.Get(name) != "" {
		p.Filter.Keep = append(p.Filter.Keep, Hidden{name, v.q.Get(name)})
		p.Filter.Chips = append(p.Filter.Chips, Chip{label, value, p.With(name, "")})
	}
}

func (p *PoolListPage) files(v *poolReading, list string, n int64) {
	p.Filter.Keep = append(p.Filter.Keep, Hidden{"unit", v.q.Get("unit")})
	if n == 0 {
		return
	}
	at := poolPath(v.pool.ID) + "/" + list
	p.Filter.Exports = []Link{{"CSV", exportPath(at, "csv", p.With("unit", ""))}, {"XLSX", exportPath(at, "xlsx", p.With("unit", ""))}}
}

func (v *poolReading) memberField(name string, party rules.Party, now string) Field {
	f := Field{Name: name, Label: v.say("pools.col." + name), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	for _, m := range v.inOrder {
		if party == "" || m.Party == party {
			f.Options = append(f.Options, Option{Value: m.ID, Label: m.Name.In(v.l), Selected: m.ID == now})
		}
	}
	return f
}

func (p *PoolListPage) loanRows(v *poolReading, list []pool.Loan) {
	p.Table = v.grid("loans", "contract", "borrower", "bank", "principal:money", "outstanding:money", "status", "risk", "registered_on")
	for i := range list {
		l := &list[i]
		if v.closed(l.SourceID) {
			v.left++
			continue
		}
		borrower := textCell(l.Borrower, v.loansLink("borrower", poolWordOr(l.CreditCode, l.Borrower)))
		bank := textCell(v.memberName(l.BankID), "")
		if l.GuarantorID != "" {
			bank.Sub = v.memberName(l.GuarantorID)
		}
		p.Table.Rows = append(p.Table.Rows, []GridCell{textCell(l.Contract, v.kept(loanPath(l.ID))), borrower, bank, moneyCell(v.fen(l.Principal, 0), ""),
			moneyCell(v.maybe(l.Outstanding, v.say("reg.not_given")), ""), v.statusCell(l), textCell(v.poolWord("risk", string(l.Risk)), ""), textCell(l.RegisteredOn, "")})
	}
	p.Table.labelled()
	if v.left > 0 {
		p.Note = v.say("reg.left_out", errs.A{"n": v.left})
	}
}

func (v *poolReading) statusCell(l *pool.Loan) GridCell {
	c := GridCell{Text: v.statusName(l.Status)}
	switch l.Status {
	case pool.Overdue:
		c.Tone, c.Icon = "care", "clock"
	case pool.NPL, pool.Claimed:
		c.Tone, c.Icon = "care", "warning"
	case pool.Repaid:
		c.Tone, c.Icon = "ok", "check"
	}
	return c
}

// loansAtOne is how many rows of a file are read at a time.
const loansAtOne = 1000

func (s *Site) poolLoanFile(w http.ResponseWriter, r *http.Request, format sheet.Format) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	f, err := v.loanFilter()
	if err != nil {
		return err
	}
	f.Limit = loansAtOne
	e := export{name: "loans", head: []string{"id", "bank", "guarantor", "mode", "contract", "borrower", "credit_code", "borrower_id", "class", "local", "principal_yuan", "outstanding_yuan", "months", "lent_on", "due_on", "registered_on",
		"status", "status_on", "overdue_since", "risk", "risk_on", "npl_on", "source_id", "batch_id", "simulated"}}
	e.rows = poolRows(v, func(after string) ([]pool.Loan, error) {
		f.After = after
		return v.pools.Loans(v.ctx, s.svc.DB, f)
	}, func(l pool.Loan) (string, string, sheet.Row) {
		return l.ID, l.SourceID, sheet.Row{l.ID, v.memberName(l.BankID), v.memberName(l.GuarantorID), string(l.Mode), l.Contract, l.Borrower, l.CreditCode, l.BorrowerID, string(l.Class), l.Local.String(), l.Principal.String(),
			poolFen(l.Outstanding), countOrNil(l.Months), l.LentOn, l.DueOn, l.RegisteredOn, l.Status, l.StatusOn, l.OverdueSince, string(l.Risk), l.RiskOn, l.NPLOn, l.SourceID, l.BatchID, l.Simulated}
	})
	return writeExport(w, format, e)
}

func poolFen(f *money.Fen) any {
	if f == nil {
		return nil
	}
	return f.String()
}

func countOrNil(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

// poolRows yields a whole list by its cursors. What comes from a source for
// private use never leaves.
func poolRows[T any](v *poolReading, list func(after string) ([]T, error), row func(T) (id, from string, cells sheet.Row)) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for after := ""; ; {
			got, err := list(after)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, x := range got {
				id, from, cells := row(x)
				after = id
				if v.sources[from].LicenceTag != source.Red && !yield(cells, nil) {
					return
				}
			}
			if len(got) < loansAtOne {
				return
			}
		}
	}
}

// PoolLoanPage is one loan: what is known of it, and how it came here.
type PoolLoanPage struct {
	Page
	Also    []string
	Tag     GridCell
	Act     Link
	Why     string // why no claim can be made now
	Facts   []Fact
	Ladder  []LadderStep
	Events  []Event
	Diagram CaseDrawing
	Claims  *GridTable
	Units   []Tab
	Sources []SourceNote
}

// LadderStep is one of the five classes, and when the loan came into it.
type LadderStep struct {
	Name, Day string
	State     string // now, done or next
}

func (s *Site) poolLoan(w http.ResponseWriter, r *http.Request) error {
	v, l, err := s.loanOf(r)
	if err != nil {
		return err
	}
	v.choose(l.Principal)
	p := PoolLoanPage{Page: v.page(r, v.say("pools.loan", errs.A{"contract": l.Contract})), Also: []string{l.Borrower, v.memberName(l.BankID)}, Tag: v.statusCell(&l)}
	p.Simulated = p.Simulated || l.Simulated
	p.Crumbs = append(p.Crumbs, Link{v.say("pools.tab.loans"), v.loansLink()})
	p.Units = v.unitTabs(p.Page)
	steps, err := v.pools.Steps(v.ctx, s.svc.DB, l.ID)
	if err != nil {
		return err
	}
	p.Facts = v.loanFacts(&l)
	p.Ladder = v.ladder(&l, steps)
	p.Events = v.loanEvents(steps)
	var passed []string
	for _, x := range steps {
		if x.Status != l.Status {
			passed = append(passed, x.Status)
		}
	}
	p.Diagram = drawCase(v.pools.LoanLife(), casework.Look{Lang: v.l, Current: l.Status, Passed: passed})
	claims, err := v.pools.ListClaims(v.ctx, s.svc.DB, pool.ClaimFilter{LoanID: l.ID, Limit: pageSize})
	if err != nil {
		return err
	}
	p.Claims = v.claimTable(claims)
	p.Claims.Empty = v.say("pools.loan_no_claims")
	switch {
	case !v.can(account.Edit):
	case v.pools.LoanLife().Transition(l.Status, "claim") != nil:
		p.Act = Link{v.say("pools.make_claim"), loanPath(l.ID) + "/claim"}
	default:
		p.Why = v.say("pools.not_claimable", errs.A{"status": v.statusName(l.Status)})
	}
	p.Sources = v.notes
	return s.Render(w, r, "pool_loan", p)
}

// loanOf reads a loan that the reader may see, and its pool.
func (s *Site) loanOf(r *http.Request) (*poolReading, pool.Loan, error) {
	v, err := s.poolReading(r)
	if err != nil {
		return nil, pool.Loan{}, err
	}
	l, err := v.pools.Loan(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return nil, l, err
	}
	if err := v.open(l.SourceID); err != nil {
		return nil, l, err
	}
	return v, l, v.load(l.PoolID)
}

func (v *poolReading) loanFacts(l *pool.Loan) []Fact {
	m := v.mark(l.SourceID)
	text := func(key, value string) Fact { return v.fact("pools.col."+key, value, m) }
	borrower := text("borrower", l.Borrower)
	if l.BorrowerID != "" {
		borrower.Values[0].Href = "/organisations/" + url.PathEscape(l.BorrowerID)
	} else {
		borrower.Values[0].Note = v.say("pools.not_in_register")
	}
	others := FactValue{Text: v.say("pools.other_loans"), Href: v.loansLink("borrower", poolWordOr(l.CreditCode, l.Borrower))}
	borrower.Values = append(borrower.Values, others)
	bank := text("bank", v.memberName(l.BankID))
	if org := v.members[l.BankID].OrgID; org != "" {
		bank.Values[0].Href = "/organisations/" + url.PathEscape(org)
	}
	out := []Fact{borrower, text("credit_code", l.CreditCode), text("class", v.known("class", string(l.Class))), text("local", v.known("tri", known3(l.Local))), bank, text("mode", v.poolWord("mode", string(l.Mode)))}
	if l.Mode == rules.ByGuarantor || l.GuarantorID != "" {
		out = append(out, text("guarantor", v.memberName(l.GuarantorID)))
	}
	outstanding := text("outstanding", "")
	if l.Outstanding != nil {
		outstanding = text("outstanding", v.exact(*l.Outstanding))
	}
	months := ""
	if l.Months != nil {
		months = v.say("pools.n_months", errs.A{"n": *l.Months})
	}
	out = append(out, text("principal", v.exact(l.Principal)), outstanding, text("months", months), text("lent_on", l.LentOn), text("due_on", l.DueOn), text("registered_on", l.RegisteredOn),
		text("risk", v.poolWord("risk", string(l.Risk))+v.say("pools.since", errs.A{"day": l.RiskOn})))
	if l.OverdueSince != "" {
		out = append(out, text("overdue_since", l.OverdueSince))
	}
	if l.NPLOn != "" {
		out = append(out, text("npl_on", l.NPLOn))
	}
	out = append(out, v.marks(l.Marks, m)...)
	batch := Fact{Label: v.say("reg.batch"), Why: v.say("pools.by_hand")}
	if l.BatchID != "" {
		batch.Values = []FactValue{{Text: l.BatchID, Href: "/batches/" + url.PathEscape(l.BatchID)}}
	}
	return append(out, Fact{Label: v.say("reg.source"), Values: []FactValue{{Text: v.sources[l.SourceID].Title.In(v.l), Href: "/sources/" + l.SourceID}}}, batch)
}

// known is a word of the room, "" where it is not known.
func (v *poolReading) known(group, value string) string {
	if value == "" {
		return ""
	}
	return v.poolWord(group, value)
}

func known3(t rules.Tri) string {
	if t == rules.Unknown {
		return ""
	}
	return t.String()
}

// marks are the qualities that rules ask for; those that nobody stated are
// unknown and not absent.
func (v *poolReading) marks(marks map[string]rules.Tri, m *SourceMark) []Fact {
	out := make([]Fact, 0, len(rules.Marks))
	for _, name := range rules.Marks {
		f := Fact{Label: v.poolWord("mark", name), Why: v.say("reg.not_given")}
		if x := marks[name]; x != rules.Unknown {
			f.Values = []FactValue{{Text: v.poolWord("tri", x.String()), Mark: m}}
		}
		out = append(out, f)
	}
	return out
}

// ladder is the way through the five classes as the steps of a loan tell it.
func (v *poolReading) ladder(l *pool.Loan, steps []pool.Step) []LadderStep {
	first := map[rules.Risk]string{}
	for _, s := range steps {
		if first[s.Risk] == "" {
			first[s.Risk] = s.Day
		}
	}
	out := make([]LadderStep, 0, len(rules.Risks))
	for _, r := range rules.Risks {
		st := LadderStep{Name: v.poolWord("risk", string(r)), Day: first[r], State: "next"}
		switch {
		case r == l.Risk:
			st.State, st.Day = "now", l.RiskOn
		case first[r] != "":
			st.State = "done"
		}
		out = append(out, st)
	}
	return out
}

func (v *poolReading) loanEvents(steps []pool.Step) []Event {
	out := make([]Event, 0, len(steps))
	for i, s := range steps {
		name := v.pools.LoanLife().ActionName("", s.Action).In(v.l)
		if s.Action == "report" {
			name = v.say("pools.reported")
		}
		balance := v.say("pools.balance_unknown")
		if s.Outstanding != nil {
			balance = v.say("pools.balance_is", errs.A{"amount": v.exact(*s.Outstanding)})
		}
		e := Event{Day: s.Day, Title: name + " · " + v.statusName(s.Status) + " · " + v.poolWord("risk", string(s.Risk)), Text: balance, State: "done", Who: v.reading.actor(s.Actor) + " · " + v.sources[s.SourceID].Title.In(v.l)}
		if s.OverdueSince != "" {
			e.Text += v.say("cases.comma") + v.say("pools.overdue_since", errs.A{"day": s.OverdueSince})
		}
		if s.BatchID != "" {
			e.Href = "/batches/" + url.PathEscape(s.BatchID)
		}
		if i == len(steps)-1 {
			e.State = "now"
		}
		out = append(out, e)
	}
	return out
}
