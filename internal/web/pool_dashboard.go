package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// PoolPage is how a pool stands.
type PoolPage struct {
	Page
	Tabs          []Tab
	Facts         []Fact
	Units         []Tab
	Filter        FilterBar
	Year          string
	Cards         []FigureCard
	Breakers      *GridTable
	Calm          *GridTable // breakers far from their bound
	Budget        []BudgetLine
	Unfunded      string
	Exposure      *GridTable
	Years         *GridTable
	Chart         *ChartFigure
	Ageing        *GridTable
	Claims        *GridTable
	Borrowers     *GridTable
	Banks         *GridTable
	Concentration []string
	Regimes       *GridTable
	Doubles       *GridTable
	Sources       []SourceNote
}

// BudgetLine is one part of a year's money and the account that holds it.
type BudgetLine struct {
	Label string
	Value Value
	Href  string
}

// poolFigures are what a dashboard is made of.
type poolFigures struct {
	year      string
	exposure  []pool.Exposure
	ageing    []pool.Age
	claims    []pool.MemberClaims
	breakers  []pool.BreakerState
	budget    pool.BudgetUse
	funded    bool
	borrowers pool.Concentration
	banks     pool.Concentration
	open      pool.LoanSum
}

func (v *poolReading) figures() (f poolFigures, err error) {
	f.year = v.q.Get("year")
	if f.year != "" && !isYear(f.year) {
		return f, errs.New(errs.Invalid, "pools.bad_year", errs.A{"year": clipped(f.year)}).At("/year")
	}
	q, id := v.s.svc.DB, v.pool.ID
	var faults [6]error
	var standing pool.Standing
	standing, faults[0] = v.pools.Standing(v.ctx, q, id)
	f.exposure, f.ageing, f.open = standing.Exposed(), standing.Aged(), standing.Open()
	if f.year == "" {
		f.year = f.latest(cityDay(v.s.svc.DB.Now())[:4])
	}
	f.banks, faults[1] = standing.OfBanks()
	f.claims, faults[2] = v.pools.ClaimsByMember(v.ctx, q, id)
	f.breakers, faults[3] = v.pools.Breakers(v.ctx, q, id, f.year)
	f.budget, f.funded, faults[4] = v.pools.Budget(v.ctx, q, id, f.year)
	f.borrowers, faults[5] = v.pools.Borrowers(v.ctx, q, id)
	return f, errors.Join(faults[:]...)
}

// latest is the last year in which loans were registered, this year where none
// were.
func (f *poolFigures) latest(now string) string {
	year := ""
	for i := range f.exposure {
		year = max(year, f.exposure[i].Year)
	}
	return cmp.Or(year, now)
}

func isYear(s string) bool {
	if len(s) != 4 {
		return false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func (s *Site) poolPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	f, err := v.figures()
	if err != nil {
		return err
	}
	var most money.Fen
	for i := range f.exposure {
		most = max(most, f.exposure[i].Registered)
	}
	v.choose(most)
	p := PoolPage{Page: v.page(r, v.poolName()), Tabs: v.tabs(""), Year: f.year}
	p.Units = v.unitTabs(p.Page)
	p.Facts = []Fact{v.given("pools.place", v.division(v.pool.Place)), v.given("pools.governed_by", v.poolWord("event", string(v.pool.Governing))),
		{Label: v.say("pools.book"), Values: []FactValue{{Text: pool.AccountsOf(v.pool.ID, f.year).Book, Href: bookPath(pool.AccountsOf(v.pool.ID, f.year).Book)}}},
		v.fact("reg.source", v.sources[v.pool.SourceID].Title.In(v.l), v.mark(v.pool.SourceID))}
	p.years(v, &f)
	p.cards(v, &f)
	p.breakers(v, &f)
	p.budget(v, &f)
	p.exposure(v, &f)
	p.ageing(v, &f)
	p.claims(v, &f)
	p.concentration(v, &f)
	if err := p.regimes(v); err != nil {
		return err
	}
	if err := p.doubles(v); err != nil {
		return err
	}
	p.Sources = v.notes
	return s.Render(w, r, "pool", p)
}

// years sets the choice of the year of breakers and budget.
func (p *PoolPage) years(v *poolReading, f *poolFigures) {
	years := []string{f.year, cityDay(v.s.svc.DB.Now())[:4]}
	for i := range f.exposure {
		years = append(years, f.exposure[i].Year)
	}
	slices.SortFunc(years, func(a, b string) int { return cmp.Compare(b, a) })
	years = slices.Compact(years)
	field := Field{Name: "year", Label: v.say("pools.year"), Kind: "select"}
	for _, y := range years {
		field.Options = append(field.Options, Option{Value: y, Label: y, Selected: y == f.year})
	}
	p.Filter = FilterBar{Action: p.Path, Reset: p.Path, Fields: []Field{field}, Keep: []Hidden{{"unit", v.q.Get("unit")}}, Count: v.say("pools.year_about", errs.A{"year": f.year})}
}

// cards are the four numbers that are asked for first.
func (p *PoolPage) cards(v *poolReading, f *poolFigures) {
	src := v.sources[v.pool.SourceID].Title.In(v.l)
	day := v.say("pools.as_of", errs.A{"day": cityDay(v.s.svc.DB.Now())})
	records := v.say("pools.n_loans", errs.A{"n": f.open.Loans})
	var late, bad money.Fen
	for i := range f.exposure {
		late, bad = late+f.exposure[i].Overdue, bad+f.exposure[i].Bad
	}
	of := func(key string, amount money.Fen, status string) {
		x := v.fen(amount, f.open.Unknown)
		x.After, x.Gap = v.say("books.unit_after."+v.unit.name), true
		p.Cards = append(p.Cards, FigureCard{Href: v.loansLink("status", status), Label: v.say("pools.card." + key), Value: x, Source: src, Period: day, Records: records, Simulated: v.pool.Simulated})
	}
	of("open", f.open.Outstanding, "open")
	of("late", late, "late")
	of("bad", bad, "bad")
	p.Cards = append(p.Cards, FigureCard{Href: v.loansLink("status", "open"), Label: v.say("pools.card.borrowers"), Value: Value{Number: i18n.Integer(f.borrowers.Borrowing), After: v.say("pools.firms"), Gap: true, Exact: i18n.Integer(f.borrowers.Borrowing)},
		Source: src, Period: day, Records: records, Simulated: v.pool.Simulated})
}

// breakers sets how near each member is to its bound, and by what it was moved.
func (p *PoolPage) breakers(v *poolReading, f *poolFigures) {
	p.Breakers = v.grid("breakers", "member", "state", "lost:money", "registered:money", "rate:n", "limit:n", "why")
	p.Breakers.Lead = v.say("pools.breakers_lead", errs.A{"year": f.year})
	p.Calm = v.grid("breakers_calm", "member", "state", "lost:money", "registered:money", "rate:n", "limit:n", "why")
	slices.SortStableFunc(f.breakers, func(a, b pool.BreakerState) int { return cmp.Compare(ratio(&b), ratio(&a)) })
	for i := range f.breakers {
		b := &f.breakers[i]
		losses, principal := pool.WatchedBy(v.pool.ID, f.year, b.Member.ID)
		row := []GridCell{
			{Text: b.Member.Name.In(v.l), Sub: v.poolWord("party", string(b.Member.Party))}, v.breakerCell(b), moneyCell(v.fen(b.Lost, 0), accountPath(losses)),
			moneyCell(v.fen(b.Registered, 0), accountPath(principal)), {Text: v.rate(b), Numeric: true}, {Text: v.say("pools.no_limit"), Numeric: true}, {Text: v.moved(b, f)},
		}
		if b.Lost == 0 {
			row[2].Href = ""
		}
		if b.Registered == 0 {
			row[3].Href = ""
		}
		if b.Limit != nil {
			row[5].Text = poolPercent(*b.Limit)
			row[5].Sub = b.Rule
		}
		if b.Over == rules.No && (b.Limit == nil || ratio(b) < float64(*b.Limit)/2e6) { // less than half way to the bound
			p.Calm.Rows = append(p.Calm.Rows, row)
		} else {
			p.Breakers.Rows = append(p.Breakers.Rows, row)
		}
	}
	p.Breakers.Empty = v.say("pools.breakers_calm_all")
	p.Breakers.labelled()
	p.Calm.labelled()
}

// ratio orders breakers: the largest part lost first.
func ratio(b *pool.BreakerState) float64 {
	if b.Registered <= 0 {
		return float64(b.Lost)
	}
	return float64(b.Lost) / float64(b.Registered)
}

func (v *poolReading) breakerCell(b *pool.BreakerState) GridCell {
	switch {
	case b.Limit == nil:
		return GridCell{Text: v.say("pools.breaker.none"), Tone: "apart", Icon: "question"}
	case b.Over == rules.Yes:
		return GridCell{Text: v.say("pools.breaker.over"), Tone: "care", Icon: "warning"}
	case b.Over == rules.No:
		return GridCell{Text: v.say("pools.breaker.whole"), Tone: "ok", Icon: "check"}
	}
	return GridCell{Text: v.say("pools.breaker.unknown"), Tone: "apart", Icon: "question"}
}

// rate is what was lost over what was registered, as far as it can be told.
func (v *poolReading) rate(b *pool.BreakerState) string {
	switch {
	case b.Lost == 0:
		return "0.00%"
	case b.Registered <= 0 || b.Lost < 0:
		return v.say("web.unknown")
	}
	return scaled(money.Fen(float64(b.Lost)/float64(b.Registered)*1e6+0.5), 10_000) + "%" // shown; what is decided compares exactly
}

// moved says in a sentence what brought a breaker where it stands.
func (v *poolReading) moved(b *pool.BreakerState, f *poolFigures) string {
	args := errs.A{"lost": v.exact(b.Lost), "registered": v.exact(b.Registered), "rate": v.rate(b), "year": f.year}
	if b.Limit != nil {
		args["limit"] = poolPercent(*b.Limit)
		args["left"] = v.exact(max(0, money.Fen(float64(b.Registered)/1e6*float64(*b.Limit))-b.Lost))
	}
	switch {
	case b.Limit == nil:
		return v.say("pools.moved.no_rule", args)
	case b.Over == rules.Yes:
		return v.say("pools.moved.over", args)
	case b.Over == rules.Unknown:
		return v.say("pools.moved.unknown", args)
	case b.Lost == 0:
		return v.say("pools.moved.nothing", args)
	}
	return v.say("pools.moved.whole", args)
}

func (p *PoolPage) budget(v *poolReading, f *poolFigures) {
	if !f.funded {
		p.Unfunded = v.say("pools.unfunded", errs.A{"year": f.year})
		return
	}
	a, u := pool.AccountsOf(v.pool.ID, f.year), &f.budget
	line := func(key string, amount money.Fen, href string) {
		x := v.fen(amount, 0)
		x.After, x.Gap = v.say("books.unit_after."+v.unit.name), true
		p.Budget = append(p.Budget, BudgetLine{v.say("pools.budget." + key), x, href})
	}
	line("free", u.Free, accountPath(a.Budget))
	line("reserved", u.Reserved, bookPath(a.Book)+"/holds")
	line("paid", u.Paid, v.claimsLink("budget", f.year, "state", "paid"))
	line("guarantee", u.Guarantee, accountPath(a.PaidGuarantors))
	line("recovered", u.Recovered, accountPath(a.Recovered))
	line("clawed", u.Clawed, accountPath(a.Clawed))
}

// exposure sets the open balances by bank, by year, and as bars.
func (p *PoolPage) exposure(v *poolReading, f *poolFigures) {
	banks, years := map[string]*pool.Exposure{}, map[string]*pool.Exposure{}
	var bankIDs, yearIDs []string
	var all pool.Exposure
	for i := range f.exposure {
		e := &f.exposure[i]
		for key, of := range map[string]map[string]*pool.Exposure{e.BankID: banks, e.Year: years} {
			if of[key] == nil {
				of[key] = &pool.Exposure{BankID: e.BankID, Year: e.Year}
			}
			addExposure(of[key], e)
		}
		addExposure(&all, e)
	}
	for id := range banks {
		bankIDs = append(bankIDs, id)
	}
	for y := range years {
		yearIDs = append(yearIDs, y)
	}
	slices.SortFunc(bankIDs, func(a, b string) int {
		return cmp.Or(cmp.Compare(banks[b].Outstanding, banks[a].Outstanding), cmp.Compare(a, b))
	})
	slices.Sort(yearIDs)
	columns := []string{"loans:n", "principal:money", "outstanding:money", "late:money", "bad:money", "unknown:n"}
	p.Exposure, p.Years = v.grid("by_bank", append([]string{"bank"}, columns...)...), v.grid("by_year", append([]string{"year"}, columns...)...)
	for _, id := range bankIDs {
		p.Exposure.Rows = append(p.Exposure.Rows, v.exposureRow(banks[id], textCell(v.memberName(id), v.loansLink("bank", id)), "bank", id))
	}
	for _, y := range yearIDs {
		p.Years.Rows = append(p.Years.Rows, v.exposureRow(years[y], textCell(y, v.loansLink("year", y)), "year", y))
	}
	if len(f.exposure) > 0 {
		p.Exposure.Foot = v.exposureRow(&all, textCell(v.say("pools.all"), v.loansLink()), "", "")
		p.Years.Foot = v.exposureRow(&all, textCell(v.say("pools.all"), v.loansLink()), "", "")
	}
	if all.Unknown > 0 {
		p.Exposure.Notes = append(p.Exposure.Notes, v.say("pools.lower_bound", errs.A{"n": all.Unknown}))
	}
	p.Exposure.labelled()
	p.Years.labelled()
	p.bars(v, bankIDs, banks)
}

func addExposure(to, e *pool.Exposure) {
	to.Loans, to.Unknown = to.Loans+e.Loans, to.Unknown+e.Unknown
	to.Registered, to.Outstanding = to.Registered+e.Registered, to.Outstanding+e.Outstanding
	to.Overdue, to.Bad = to.Overdue+e.Overdue, to.Bad+e.Bad
}

func (v *poolReading) exposureRow(e *pool.Exposure, head GridCell, name, value string) []GridCell {
	link := func(status string) string { return v.loansLink(name, value, "status", status) }
	return []GridCell{head, countCell(e.Loans, link("counted")), moneyCell(v.fen(e.Registered, 0), link("counted")), moneyCell(v.fen(e.Outstanding, e.Unknown), link("open")),
		moneyCell(v.fen(e.Overdue, e.Unknown), link("late")), moneyCell(v.fen(e.Bad, e.Unknown), link("bad")), countCell(e.Unknown, v.loansLink(name, value, "balance", "unknown"))}
}

// barsShown is how many banks a chart draws; the table beside it has all.
const barsShown = 12

func (p *PoolPage) bars(v *poolReading, ids []string, banks map[string]*pool.Exposure) {
	if len(ids) == 0 {
		return
	}
	spec := chart.Spec{Kind: chart.Bar, ID: "exposure", Title: v.say("pools.chart"), Desc: v.say("pools.chart_desc", errs.A{"n": len(ids)}), Unit: v.say("books.unit." + v.unit.name), First: v.say("pools.col.bank"), Unknown: v.say("web.unknown"), Series: []chart.Series{{}}}
	for _, id := range ids[:min(len(ids), barsShown)] {
		x := v.fen(banks[id].Outstanding, banks[id].Unknown)
		pt := chart.Point{Label: v.memberName(id), Known: true, Value: float64(banks[id].Outstanding) / float64(v.unit.scale), Text: x.Number, Href: v.loansLink("bank", id, "status", "open")}
		if banks[id].Unknown > 0 {
			pt.Bound, pt.Text = chart.Least, "≥ "+x.Number
		}
		spec.Series[0].Points = append(spec.Series[0].Points, pt)
	}
	p.Chart = &ChartFigure{Spec: spec, Source: v.sources[v.pool.SourceID].Title.In(v.l), Period: v.say("pools.as_of", errs.A{"day": cityDay(v.s.svc.DB.Now())}), Simulated: v.pool.Simulated,
		CSV: exportPath(poolPath(v.pool.ID)+"/loans", "csv", v.loansLink("status", "open"))}
}

// ageing sets statuses against the five classes: how many loans, and below it
// what they owe.
func (p *PoolPage) ageing(v *poolReading, f *poolFigures) {
	columns := []string{"status"}
	for _, r := range rules.Risks {
		columns = append(columns, string(r)+":money")
	}
	p.Ageing = v.grid("ageing", append(columns, "total:money")...)
	p.Ageing.Lead = v.say("pools.ageing_lead")
	by := map[string]map[rules.Risk]pool.Age{}
	for _, a := range f.ageing {
		if by[a.Status] == nil {
			by[a.Status] = map[rules.Risk]pool.Age{}
		}
		by[a.Status][a.Risk] = a
	}
	unknown := int64(0)
	for _, st := range v.pools.LoanLife().States {
		if by[st.ID] == nil {
			continue
		}
		row := []GridCell{textCell(st.Name.In(v.l), v.loansLink("status", st.ID))}
		var all pool.Age
		for _, r := range rules.Risks {
			a := by[st.ID][r]
			all.Loans, all.Outstanding, all.Unknown = all.Loans+a.Loans, all.Outstanding+a.Outstanding, all.Unknown+a.Unknown
			row = append(row, v.ageCell(a, v.loansLink("status", st.ID, "risk", string(r))))
		}
		unknown += all.Unknown
		p.Ageing.Rows = append(p.Ageing.Rows, append(row, v.ageCell(all, v.loansLink("status", st.ID))))
	}
	if unknown > 0 {
		p.Ageing.Notes = append(p.Ageing.Notes, v.say("pools.lower_bound", errs.A{"n": unknown}))
	}
	p.Ageing.labelled()
}

func (v *poolReading) ageCell(a pool.Age, href string) GridCell {
	if a.Loans == 0 {
		return GridCell{Text: "–", Numeric: true}
	}
	x := v.fen(a.Outstanding, a.Unknown)
	return GridCell{Value: &x, Href: href, Sub: v.say("pools.n_loans", errs.A{"n": a.Loans}), Numeric: true}
}

func (p *PoolPage) claims(v *poolReading, f *poolFigures) {
	p.Claims = v.grid("claims_by_member", "member", "year", "claims:n", "active:n", "loss:money", "reserved:money", "paid:money", "returned:money")
	for i := range f.claims {
		c := &f.claims[i]
		if c.Year != f.year {
			continue
		}
		link := func(state string) string { return v.claimsLink("member", c.MemberID, "year", c.Year, "state", state) }
		p.Claims.Rows = append(p.Claims.Rows, []GridCell{textCell(v.memberName(c.MemberID), link("")), textCell(c.Year, ""), countCell(c.Claims, link("")), countCell(c.Active, link("active")),
			moneyCell(v.fen(c.Loss, 0), link("active")), moneyCell(v.fen(c.Reserved, 0), link("approved")), moneyCell(v.fen(c.Paid, 0), link("paid")), moneyCell(v.fen(c.Returned, 0), link("paid"))})
	}
	p.Claims.Empty = v.say("pools.no_claims_of", errs.A{"year": f.year})
	p.Claims.labelled()
}

// concentration sets the largest borrowers and banks.
func (p *PoolPage) concentration(v *poolReading, f *poolFigures) {
	p.Borrowers, p.Banks = v.grid("largest_borrowers", "borrower", "loans:n", "outstanding:money", "share:n"), v.grid("largest_banks", "bank", "loans:n", "outstanding:money", "share:n")
	for _, w := range f.borrowers.Top {
		href := v.loansLink("borrower", w.Name, "status", "open")
		if w.ID != "" {
			href = v.loansLink("org", w.ID, "status", "open")
		}
		p.Borrowers.Rows = append(p.Borrowers.Rows, []GridCell{textCell(w.Name, href), countCell(w.Loans, href), moneyCell(v.fen(w.Outstanding, 0), href), {Text: poolPercent(w.Share), Numeric: true}})
	}
	for _, w := range f.banks.Top {
		href := v.loansLink("bank", w.ID, "status", "open")
		p.Banks.Rows = append(p.Banks.Rows, []GridCell{textCell(v.memberName(w.ID), href), countCell(w.Loans, href), moneyCell(v.fen(w.Outstanding, 0), href), {Text: poolPercent(w.Share), Numeric: true}})
	}
	if f.borrowers.Known {
		for _, x := range []struct {
			key string
			c   *pool.Concentration
		}{{"pools.top_borrowers", &f.borrowers}, {"pools.top_banks", &f.banks}} {
			p.Concentration = append(p.Concentration, v.say(x.key, errs.A{"n": len(x.c.Top), "of": x.c.Holders, "share": poolPercent(x.c.TopShare), "hhi": x.c.HHI}))
		}
		p.Concentration = append(p.Concentration, v.say("pools.hhi_means"))
		if f.borrowers.Unknown > 0 {
			p.Concentration = append(p.Concentration, v.say("pools.shares_of_known", errs.A{"n": f.borrowers.Unknown}))
		}
	}
	p.Borrowers.labelled()
	p.Banks.labelled()
}

func (p *PoolPage) regimes(v *poolReading) error {
	list, err := v.pools.Regimes(v.ctx, v.s.svc.DB, v.pool.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b rules.Regime) int { return cmp.Compare(b.From, a.From) })
	p.Regimes = v.grid("regimes", "regime", "period", "authority", "document", "status", "in_force")
	p.Regimes.Lead = v.say("pools.regimes_lead")
	today := cityDay(v.s.svc.DB.Now())
	for i := range list {
		r := &list[i]
		tone, icon, word := v.statusLook(r.Status)
		document := GridCell{Text: r.Document}
		if r.Document == "" {
			document = GridCell{Text: v.say("web.unknown"), Tone: "apart", Icon: "question"}
		}
		p.Regimes.Rows = append(p.Regimes.Rows, []GridCell{textCell(r.Name.In(v.l), poolPath(v.pool.ID)+"/regimes#"+r.ID), textCell(v.period(r), ""), textCell(r.Authority.In(v.l), ""), document,
			{Text: word, Tone: tone, Icon: icon}, v.inForce(list, r, today)})
	}
	p.Regimes.labelled()
	return nil
}

// inForce says whether a regime applies to what is registered on a day. One of
// unknown end is overtaken by the one that began last.
func (v *poolReading) inForce(list []rules.Regime, r *rules.Regime, day string) GridCell {
	in := r.InForce(day)
	if now, err := rules.Governing(list, rules.Registration, day, ""); in == rules.Yes && err == nil && now.ID != r.ID {
		return GridCell{Text: v.say("pools.in_force.overtaken"), Tone: "apart", Icon: "question"}
	}
	if in == rules.Yes {
		return GridCell{Text: v.poolWord("in_force", "yes"), Tone: "ok", Icon: "check"}
	}
	return GridCell{Text: v.poolWord("in_force", in.String())}
}

// doublesShown bounds the possible doubles on a page.
const doublesShown = 20

func (p *PoolPage) doubles(v *poolReading) error {
	hits, err := v.pools.AllDoubles(v.ctx, v.s.svc.DB, v.pool.ID)
	if err != nil {
		return err
	}
	p.Doubles = v.grid("doubles", "claim", "other", "scheme", "score:n", "alike")
	p.Doubles.Lead, p.Doubles.Empty = v.say("pools.doubles_lead"), v.say("pools.no_doubles")
	for _, h := range hits[:min(len(hits), doublesShown)] {
		other := textCell(h.B, "")
		if h.Scheme == "pool" {
			other.Href = poolClaimPath(h.B)
		}
		p.Doubles.Rows = append(p.Doubles.Rows, []GridCell{textCell(h.A, poolClaimPath(h.A)), other, textCell(v.poolWord("scheme", h.Scheme), ""), {Text: i18n.Integer(int64(h.Score)), Numeric: true}, textCell(v.alike(h.Reasons), "")})
	}
	if len(hits) > doublesShown {
		p.Doubles.Notes = []string{v.say("pools.doubles_more", errs.A{"n": doublesShown, "of": len(hits)})}
	}
	p.Doubles.labelled()
	return nil
}
