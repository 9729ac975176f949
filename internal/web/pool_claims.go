package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
)

func (v *poolReading) claimFilter() (pool.ClaimFilter, error) {
	f := pool.ClaimFilter{PoolID: v.pool.ID, MemberID: v.q.Get("member"), LoanID: v.q.Get("loan"), OrgID: v.q.Get("org"), State: v.q.Get("state"), Year: v.q.Get("year"), Budget: v.q.Get("budget"),
		Borrower: v.q.Get("borrower"), Limit: pageSize + 1}
	for name, y := range map[string]string{"year": f.Year, "budget": f.Budget} {
		if y != "" && !isYear(y) {
			return f, errs.New(errs.Invalid, "pools.bad_year", errs.A{"year": clipped(y)}).At("/" + name)
		}
	}
	return f, nil
}

func (s *Site) poolClaims(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	f, err := v.claimFilter()
	if err != nil {
		return err
	}
	sum, err := v.pools.SumClaims(v.ctx, s.svc.DB, f)
	if err != nil {
		return err
	}
	v.choose(sum.Loss / max(1, money.Fen(min(sum.Claims, pageSize))))
	p := PoolListPage{Page: v.page(r, v.say("pools.tab.claims")), Tabs: v.tabs("claims")}
	p.Units = v.unitTabs(p.Page)
	p.claimFields(v, &f, sum)
	before, after := cursorOf(v.q)
	f.After = after
	list, err := v.pools.ListClaims(v.ctx, s.svc.DB, f)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageSize {
		list = list[:pageSize]
		next = list[pageSize-1].ID
	}
	p.Table = v.claimTable(list)
	if v.left > 0 {
		p.Note = v.say("reg.left_out", errs.A{"n": v.left})
	}
	p.Pager = pager(p.Page, before, int64(len(list)), sum.Claims, next)
	p.Sums = []Fact{v.given("pools.col.loss", v.exact(sum.Loss)), v.given("pools.col.amount", v.exact(sum.Amount)), v.given("pools.col.paid", v.exact(sum.Paid)), v.given("pools.col.returned", v.exact(sum.Returned))}
	if sum.Undecided > 0 {
		p.Sums[1].Values[0].Note = v.say("pools.undecided", errs.A{"n": sum.Undecided})
	}
	p.Empty = State{Kind: "empty", Heading: v.say("pools.no_claims"), Text: v.say("pools.no_claims_text"), Action: Link{v.say("pools.claimable"), v.loansLink("status", "late")}}
	if len(p.Filter.Chips) > 0 {
		p.Empty = State{Kind: "empty", Heading: v.say("reg.no_match"), Text: v.say("reg.no_match_text"), Action: Link{v.say("reg.no_match_act"), p.Path}}
	}
	return s.Render(w, r, "pool_list", p)
}

func (p *PoolListPage) claimFields(v *poolReading, f *pool.ClaimFilter, sum pool.ClaimSum) {
	p.Filter = FilterBar{Action: p.Path, Reset: p.Path, Count: v.say("pools.n_claims", errs.A{"n": sum.Claims})}
	state := Field{Name: "state", Label: v.say("pools.col.state"), Kind: "select", Options: []Option{{Label: v.say("reg.all")}}}
	for _, g := range []string{"open", "active", "paid"} {
		state.Options = append(state.Options, Option{Value: g, Label: v.poolWord("claims", g), Selected: f.State == g})
	}
	if k, err := v.s.svc.Cases.Registry().Kind(pool.ClaimKind, 0); err == nil {
		for _, st := range k.States {
			if st.ID != "paid" { // what was paid, whatever came afterwards, is asked for more often
				state.Options = append(state.Options, Option{Value: st.ID, Label: st.Name.In(v.l), Selected: f.State == st.ID})
			}
		}
	}
	p.Filter.Fields = []Field{{Name: "borrower", Label: v.say("pools.col.borrower"), Kind: "search", Value: f.Borrower}, v.memberField("member", "", f.MemberID), state,
		{Name: "year", Label: v.say("pools.col.claimed_year"), Kind: "text", Value: f.Year}}
	p.chips()
	p.hidden(v, "budget", v.say("pools.col.budget_year"), f.Budget)
	p.hidden(v, "loan", v.say("pools.col.loan"), f.LoanID)
	p.hidden(v, "org", v.say("pools.col.borrower"), f.OrgID)
	p.files(v, "claims", sum.Claims)
}

// claimTable lists claims. What is not decided yet is said so.
func (v *poolReading) claimTable(list []pool.Claim) *GridTable {
	t := v.grid("claims", "borrower", "contract", "member", "claimed_on", "state", "loss:money", "amount:money", "paid:money", "returned:money")
	for i := range list {
		c := &list[i]
		if v.closed(c.SourceID) {
			v.left++
			continue
		}
		amount := GridCell{Text: v.say("pools.not_decided"), Numeric: true}
		if c.Amount != nil {
			amount = moneyCell(v.fen(*c.Amount, 0), "")
		} else if !c.Active {
			amount.Text = "–" // it was refused or withdrawn: there will be none
		}
		t.Rows = append(t.Rows, []GridCell{textCell(c.Borrower, v.kept(poolClaimPath(c.ID))), textCell(c.Contract, v.kept(loanPath(c.LoanID))), textCell(v.memberName(c.MemberID), ""), textCell(c.ClaimedOn, ""),
			textCell(v.claimState(c.State), casePath(c.CaseID)), moneyCell(v.fen(c.Loss, 0), ""), amount, moneyCell(v.fen(c.Paid, 0), ""), moneyCell(v.fen(c.Returned, 0), "")})
	}
	return t.labelled()
}

func (s *Site) poolClaimFile(w http.ResponseWriter, r *http.Request, format sheet.Format) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	f, err := v.claimFilter()
	if err != nil {
		return err
	}
	f.Limit = loansAtOne
	e := export{name: "claims", head: []string{"id", "case_id", "loan_id", "member", "mode", "contract", "borrower", "borrower_id", "principal_yuan", "claimed_on", "state", "active", "loss_yuan", "amount_yuan", "budget_year",
		"paid_yuan", "paid_on", "returned_yuan", "kept_yuan", "regime_hash", "source_id", "simulated"}}
	e.rows = poolRows(v, func(after string) ([]pool.Claim, error) {
		f.After = after
		return v.pools.ListClaims(v.ctx, s.svc.DB, f)
	}, func(c pool.Claim) (string, string, sheet.Row) {
		return c.ID, c.SourceID, sheet.Row{c.ID, c.CaseID, c.LoanID, v.memberName(c.MemberID), string(c.Mode), c.Contract, c.Borrower, c.BorrowerID, c.Principal.String(), c.ClaimedOn, c.State, c.Active, c.Loss.String(), poolFen(c.Amount), c.Year,
			c.Paid.String(), c.PaidOn, c.Returned.String(), c.Kept.String(), c.RegimeHash, c.SourceID, c.Simulated}
	})
	return writeExport(w, format, e)
}

// PoolClaimPage is one claim: what is asked for, what is owed and by which
// rules, and what the ledger did about it.
type PoolClaimPage struct {
	Page
	State   string
	Case    string
	Amount  Value
	About   string // what the amount is: asked, approved or paid
	Facts   []Fact
	Replay  BenchVerdict
	Trace   *TraceView
	Allowed *GridTable // why the year can bear it, as it stood at the hold
	Doubles *GridTable
	Hold    []Fact
	Came    *GridTable
	Acts    []ActRow
	Units   []Tab
	Events  []Event
	Sources []SourceNote
}

func (s *Site) poolClaim(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolReading(r)
	if err != nil {
		return err
	}
	c, err := v.pools.Claim(v.ctx, s.svc.DB, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := v.open(c.SourceID); err != nil {
		return err
	}
	if err := v.load(c.PoolID); err != nil {
		return err
	}
	if v.q.Get("unit") == "" { // a claim is read to the fen unless asked otherwise
		v.unit = unitNamed(v.l, "yuan")
	}
	v.choose(c.Principal)
	p := PoolClaimPage{Page: v.page(r, v.say("pools.claim_of", errs.A{"borrower": c.Borrower})), State: v.claimState(c.State), Case: casePath(c.CaseID)}
	p.Simulated = p.Simulated || c.Simulated
	p.Crumbs = append(p.Crumbs, Link{v.say("pools.tab.claims"), v.claimsLink()})
	p.Units = v.unitTabs(p.Page)
	if v.q.Get("done") == "submitted" {
		p.Flash = v.say("pools.submitted")
	}
	p.Facts = v.claimFacts(&c)
	if err := p.reckoning(v, &c); err != nil {
		return err
	}
	if err := p.books(v, &c); err != nil {
		return err
	}
	if err := p.history(v, &c); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "pool_claim", p)
}

func (v *poolReading) claimFacts(c *pool.Claim) []Fact {
	m := v.mark(c.SourceID)
	text := func(key, value, href string) Fact {
		f := v.fact("pools.col."+key, value, m)
		if len(f.Values) > 0 {
			f.Values[0].Href = href
		}
		return f
	}
	borrower := ""
	if c.BorrowerID != "" {
		borrower = "/organisations/" + c.BorrowerID
	}
	out := []Fact{text("borrower", c.Borrower, borrower), text("loan", c.Contract, v.kept(loanPath(c.LoanID))), text("principal", v.exact(c.Principal), ""), text("member", v.memberName(c.MemberID), v.claimsLink("member", c.MemberID)),
		text("mode", v.poolWord("mode", string(c.Mode)), ""), text("lent_on", c.LentOn, ""), text("claimed_on", c.ClaimedOn, ""), text("loss", v.exact(c.Loss), "")}
	if c.Year != "" {
		out = append(out, text("budget_year", c.Year, accountPath(pool.AccountsOf(c.PoolID, c.Year).Budget)))
	}
	if c.PaidOn != "" {
		out = append(out, text("paid", v.exact(c.Paid), ""), text("paid_on", c.PaidOn, ""), text("returned", v.exact(c.Returned), ""), text("kept", v.exact(c.Kept), ""))
	}
	return append(out, text("case", c.CaseID, casePath(c.CaseID)))
}

// reckoning sets the amount, how it comes about, whether it can be computed
// again, and which other claims it may repeat.
func (p *PoolClaimPage) reckoning(v *poolReading, c *pool.Claim) error {
	t, err := v.traceOf(c.Trace)
	if err != nil {
		return err
	}
	p.Trace = t
	p.About = v.say("pools.about.asked")
	p.Amount = t.Amount
	if c.Amount != nil {
		p.About, p.Amount = v.say("pools.about.approved"), v.fen(*c.Amount, 0)
	}
	if c.Paid > 0 {
		p.About = v.say("pools.about.paid")
	}
	p.Amount.After, p.Amount.Gap = v.say("books.unit_after."+v.unit.name), true
	again, err := v.pools.Replay(v.ctx, v.s.svc.DB, *c)
	switch {
	case err == nil && again.Known:
		p.Replay = BenchVerdict{"ok", "check", v.say("pools.replay.same"), v.say("pools.replay.same_text", errs.A{"amount": v.exact(again.Low), "hash": c.RegimeHash})}
	case err == nil:
		p.Replay = BenchVerdict{"apart", "question", v.say("pools.replay.open"), v.say("pools.replay.open_text")}
	case errs.KindOf(err) == errs.Conflict:
		p.Replay = BenchVerdict{"care", "warning", v.say("pools.replay.differs"), v.say("pools.replay.differs_text")}
	default:
		return err
	}
	hits, err := v.pools.Doubles(v.ctx, v.s.svc.DB, *c)
	if err != nil {
		return err
	}
	p.Doubles = v.grid("claim_doubles", "other", "scheme", "score:n", "alike")
	p.Doubles.Empty = v.say("pools.no_doubles")
	for _, h := range hits {
		other := textCell(h.B, "")
		if h.Scheme == "pool" {
			other.Href = poolClaimPath(h.B)
		}
		p.Doubles.Rows = append(p.Doubles.Rows, []GridCell{other, textCell(v.poolWord("scheme", h.Scheme), ""), countCell(int64(h.Score), ""), textCell(v.alike(h.Reasons), "")})
	}
	p.Doubles.labelled()
	return nil
}

// books sets what the ledger knows of the claim: its hold, its postings, and
// what came back.
func (p *PoolClaimPage) books(v *poolReading, c *pool.Claim) error {
	acts, err := v.ledgerReading.books.ActsOf(v.ctx, v.s.svc.DB, "claim/"+c.ID, pageSize)
	if err != nil {
		return err
	}
	if p.Acts, err = v.actRows(acts); err != nil {
		return err
	}
	file, err := casework.Get(v.ctx, v.s.svc.DB, c.CaseID)
	if err != nil {
		return err
	}
	var st pool.Statement
	if err := file.Decode(&st); err != nil {
		return err
	}
	p.Facts = append(p.Facts, v.given("pools.col.lawsuit", v.known("tri", known3(st.Lawsuit))))
	if st.Hold != "" {
		if err := p.hold(v, st.Hold); err != nil {
			return err
		}
	}
	came, err := v.pools.Recoveries(v.ctx, v.s.svc.DB, c.ID)
	if err != nil {
		return err
	}
	p.Came = v.grid("came_back", "day", "kind", "gross:money", "costs:money", "to_pool:money", "to_claimant:money", "ground")
	for _, x := range came {
		p.Came.Rows = append(p.Came.Rows, []GridCell{textCell(x.Day, ""), textCell(v.poolWord("came", x.Kind), ""), moneyCell(v.fen(x.Gross, 0), ""), moneyCell(v.fen(x.Costs, 0), ""), moneyCell(v.fen(x.Pool, 0), ""), moneyCell(v.fen(x.Rest, 0), ""), textCell(x.Ground, "")})
	}
	p.Came.labelled()
	return nil
}

// hold tells the amount set aside, and why the year could bear it when it was.
func (p *PoolClaimPage) hold(v *poolReading, key string) error {
	h, err := v.ledgerReading.books.Hold(v.ctx, v.s.svc.DB, key)
	if err != nil {
		return err
	}
	until := v.say("pools.no_end")
	if !h.Expires.IsZero() {
		until = cityDay(h.Expires.Time)
	}
	p.Hold = []Fact{{Label: v.say("books.hold"), Values: []FactValue{{Text: key, Href: keyPath(key)}}}, v.given("books.hold_state", v.say("books.hold."+string(h.State))), v.given("pools.held", v.exact(h.Amount)),
		v.given("pools.held_on", cityDay(h.At.Time)), v.given("pools.held_until", until)}
	act, err := v.ledgerReading.books.Act(v.ctx, v.s.svc.DB, key)
	if err != nil {
		return err
	}
	p.Allowed = v.allowedBy(act.Body)
	return nil
}

// history is the way of the claim in short; its case has all of it.
func (p *PoolClaimPage) history(v *poolReading, c *pool.Claim) error {
	events, err := casework.Events(v.ctx, v.s.svc.DB, c.CaseID, 0, eventsShown)
	if err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		k, err := v.s.svc.Cases.Registry().Kind(pool.ClaimKind, e.KindVersion)
		if err != nil {
			return err
		}
		cases := &caseReading{reading: v.reading}
		row := Event{Day: cityDay(e.At.Time), Title: cases.eventTitle(k, e) + " · " + cases.stateName(k, e.To), Text: e.Reason, Who: v.reading.actor(e.Actor), State: "done"}
		if i == len(events)-1 {
			row.State = "now"
		}
		p.Events = append(p.Events, row)
	}
	return nil
}
