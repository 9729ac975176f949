package web

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
)

// AddPools adds the pages of the credit risk pools, for the staff: how a pool
// stands, its loans and claims, the filing of a bank's tables, and what a regime
// would pay for a loan that is only imagined.
func (s *Site) AddPools(v Services) {
	s.svc = v
	if s.uploads == nil {
		s.uploads = newUploads(v.DB.Now)
	}
	s.guarded("GET /pools", account.ReadPrivate, s.poolList)
	s.guarded("GET /pools/{id}", account.ReadPrivate, s.poolPage)
	s.guarded("GET /pools/{id}/regimes", account.ReadPrivate, s.poolRegimes)
	s.guarded("GET /pools/{id}/try", account.ReadPrivate, s.poolTry)
	s.guarded("GET /pools/{id}/loans", account.ReadPrivate, s.poolLoans)
	s.guarded("GET /pools/{id}/claims", account.ReadPrivate, s.poolClaims)
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		s.guarded("GET /pools/{id}/loans."+string(f), account.ReadPrivate, func(w http.ResponseWriter, r *http.Request) error { return s.poolLoanFile(w, r, f) })
		s.guarded("GET /pools/{id}/claims."+string(f), account.ReadPrivate, func(w http.ResponseWriter, r *http.Request) error { return s.poolClaimFile(w, r, f) })
	}
	s.guarded("GET /loans/{id}", account.ReadPrivate, s.poolLoan)
	s.guarded("GET /loans/{id}/claim", account.Edit, s.poolClaimForm)
	s.guarded("POST /loans/{id}/claim", account.Edit, s.poolSubmit)
	s.guarded("GET /claims/{id}", account.ReadPrivate, s.poolClaim)
	s.guarded("GET /pools/{id}/file", account.Import, s.poolFileForm)
	s.guarded("POST /pools/{id}/file", account.Import, s.poolReceive)
	s.guarded("GET /pools/{id}/file/{token}", account.Import, s.poolTrial)
	s.guarded("GET /pools/{id}/file/{token}/rejected", account.Import, s.poolRejected)
	s.guarded("POST /pools/{id}/file/{token}/run", account.Import, s.poolRun)
	s.guarded("GET /pool-templates/{file}", account.ReadPrivate, s.poolTemplate)
}

func poolPath(id string) string      { return "/pools/" + url.PathEscape(id) }
func loanPath(id string) string      { return "/loans/" + url.PathEscape(id) }
func poolClaimPath(id string) string { return "/claims/" + url.PathEscape(id) }

// poolReading is one request for a page of a pool.
type poolReading struct {
	*ledgerReading
	pools   *pool.Service
	pool    pool.Pool
	members map[string]pool.Member
	inOrder []pool.Member
}

func (s *Site) poolReading(r *http.Request) (*poolReading, error) {
	if s.svc.Pools == nil || s.svc.Cases == nil {
		return nil, errs.New(errs.Unavailable, "pools.off")
	}
	v, err := s.ledgerReading(r)
	if err != nil {
		return nil, err
	}
	return &poolReading{ledgerReading: v, pools: s.svc.Pools, members: map[string]pool.Member{}}, nil
}

// poolNamed is poolReading with the pool that the address names.
func (s *Site) poolNamed(r *http.Request) (*poolReading, error) {
	v, err := s.poolReading(r)
	if err != nil {
		return nil, err
	}
	return v, v.load(r.PathValue("id"))
}

// load reads a pool that the reader may see, and its members.
func (v *poolReading) load(id string) (err error) {
	if v.pool, err = v.pools.Get(v.ctx, v.s.svc.DB, id); err != nil {
		return err
	}
	if err := v.open(v.pool.SourceID); err != nil {
		return err
	}
	v.inOrder, err = v.pools.Members(v.ctx, v.s.svc.DB, id)
	for _, m := range v.inOrder {
		v.members[m.ID] = m
	}
	return err
}

// page is the base of a page of the pool, with the way to it.
func (v *poolReading) page(r *http.Request, title string) Page {
	p := v.s.Page(r, title)
	p.Path = r.URL.EscapedPath()
	p.Simulated = p.Simulated || v.pool.Simulated
	p.Crumbs = []Link{{v.say("pools.title"), "/pools"}}
	if p.Path != poolPath(v.pool.ID) {
		p.Crumbs = append(p.Crumbs, Link{v.poolName(), poolPath(v.pool.ID)})
	}
	return p
}

func (v *poolReading) poolName() string { return v.pool.Name.In(v.l) }

// tabs are the views of a pool.
func (v *poolReading) tabs(now string) []Tab {
	var out []Tab
	for _, x := range []string{"", "loans", "claims", "regimes", "try", "file"} {
		if x == "file" && !v.can(account.Import) {
			continue
		}
		href := poolPath(v.pool.ID)
		if x != "" {
			href += "/" + x
		}
		out = append(out, Tab{Label: v.say("pools.tab." + poolWordOr(x, "overview")), Href: v.kept(href), Current: x == now})
	}
	return out
}

func poolWordOr(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// kept carries the chosen unit along a link.
func (v *poolReading) kept(href string) string {
	if u := v.q.Get("unit"); u != "" && unitNamed(v.l, u).scale != 0 {
		if strings.Contains(href, "?") {
			return href + "&unit=" + u
		}
		return href + "?unit=" + u
	}
	return href
}

// loansLink leads to the loans behind a number: name, value, name, value.
func (v *poolReading) loansLink(pairs ...string) string { return v.listLink("loans", pairs) }

func (v *poolReading) claimsLink(pairs ...string) string { return v.listLink("claims", pairs) }

func (v *poolReading) listLink(list string, pairs []string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if u := v.q.Get("unit"); unitNamed(v.l, u).scale != 0 {
		q.Set("unit", u)
	}
	href := poolPath(v.pool.ID) + "/" + list
	if len(q) > 0 {
		href += "?" + q.Encode()
	}
	return href
}

// poolWord is the reader's word for a value of the room, or the value itself.
func (v *reading) poolWord(group, value string) string {
	if value == "" {
		return v.say("web.unknown")
	}
	if key := "pools." + group + "." + value; i18n.Has(key) {
		return v.say(key)
	}
	return value
}

func (v *poolReading) memberName(id string) string {
	if m, ok := v.members[id]; ok {
		return m.Name.In(v.l)
	}
	return id
}

// fen sets an amount; where loans of unknown balance are left out of it, it is a
// lower bound.
func (v *poolReading) fen(f money.Fen, unknown int64) Value {
	x := v.amount(ledger.CNY, f)
	if unknown > 0 {
		x.Before = "≥"
	}
	return x
}

// maybe sets an amount that may not be known.
func (v *poolReading) maybe(f *money.Fen, why string) Value {
	if f == nil {
		return UnknownValue(why)
	}
	return v.fen(*f, 0)
}

// poolPercent writes parts per million as a percentage.
func poolPercent(ppm int64) string { return scaled(money.Fen(ppm), 10_000) + "%" }

func (v *poolReading) statusName(status string) string {
	if st, ok := v.pools.LoanLife().State(status); ok {
		return st.Name.In(v.l)
	}
	return v.poolWord("group", status)
}

func (v *poolReading) claimState(state string) string {
	if k, err := v.s.svc.Cases.Registry().Kind(pool.ClaimKind, 0); err == nil {
		if st, ok := k.State(state); ok {
			return st.Name.In(v.l)
		}
	}
	return v.poolWord("claims", state)
}

// GridTable is a table of numbers whose rows lead to what is behind them.
type GridTable struct {
	ID, Heading string
	Lead        string
	Head        TableHead
	Rows        [][]GridCell // the first of a row heads it
	Foot        []GridCell
	Notes       []string
	Empty       string // said where there are no rows
}

// GridCell is one cell: a value, a tag or a text, with a link.
type GridCell struct {
	Text    string
	Value   *Value
	Href    string
	Sub     string // small, below
	Tone    string // of a tag, "" for none
	Icon    string
	Numeric bool
	Whole   bool // a day: not to be broken
	Label   string
}

func textCell(text, href string) GridCell { return GridCell{Text: text, Href: href} }

func countCell(n int64, href string) GridCell {
	if n == 0 {
		href = ""
	}
	return GridCell{Text: i18n.Integer(n), Href: href, Numeric: true}
}

func moneyCell(x Value, href string) GridCell { return GridCell{Value: &x, Href: href, Numeric: true} }

// labelled gives each cell the head of its column, for narrow screens.
func (t *GridTable) labelled() *GridTable {
	for _, row := range append(slices.Clone(t.Rows), t.Foot) {
		for i := range row {
			if i < len(t.Head.Columns) {
				row[i].Label, row[i].Whole = t.Head.Columns[i].Label, isDay(row[i].Text)
			}
		}
	}
	return t
}

func (v *poolReading) grid(id string, columns ...string) *GridTable {
	t := &GridTable{ID: id, Heading: v.say("pools." + id), Empty: v.say("pools.nothing")}
	t.Head = TableHead{Caption: t.Heading, Hidden: true}
	for _, c := range columns {
		name, kind, _ := strings.Cut(c, ":")
		col := Column{Label: v.say("pools.col." + name), Numeric: kind != ""}
		if kind == "money" {
			col.Unit = v.say("books.unit." + v.unit.name)
		}
		t.Head.Columns = append(t.Head.Columns, col)
	}
	return t
}

// PoolsPage lists the pools.
type PoolsPage struct {
	Page
	Units []Tab
	Table *GridTable
	Empty State
}

func (s *Site) poolList(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolReading(r)
	if err != nil {
		return err
	}
	list, err := v.pools.Pools(v.ctx, s.svc.DB)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(p pool.Pool) bool { return v.closed(p.SourceID) })
	p := PoolsPage{Page: s.Page(r, v.say("pools.title")), Empty: State{Kind: "empty", Heading: v.say("pools.none"), Text: v.say("pools.none_text")}}
	sums := make([]pool.LoanSum, len(list))
	var most money.Fen
	for i := range list {
		if sums[i], err = v.pools.SumLoans(v.ctx, s.svc.DB, pool.LoanFilter{PoolID: list[i].ID, Status: "open"}); err != nil {
			return err
		}
		most = max(most, sums[i].Principal)
		p.Simulated = p.Simulated || list[i].Simulated
	}
	v.choose(most)
	p.Units = v.unitTabs(p.Page)
	p.Table = v.grid("list", "pool", "place", "loans:n", "borrowers:n", "principal:money", "outstanding:money")
	for i := range list {
		v.pool = list[i]
		open := v.loansLink("status", "open")
		p.Table.Rows = append(p.Table.Rows, []GridCell{
			textCell(v.poolName(), v.kept(poolPath(list[i].ID))), textCell(v.division(list[i].Place), ""), countCell(sums[i].Loans, open), countCell(sums[i].Borrowers, open),
			moneyCell(v.fen(sums[i].Principal, 0), open), moneyCell(v.fen(sums[i].Outstanding, sums[i].Unknown), open),
		})
	}
	p.Table.labelled()
	return s.Render(w, r, "pools", p)
}

// PoolRegimesPage sets out every regime of a pool: what it says, and what it
// does not say.
type PoolRegimesPage struct {
	Page
	Tabs    []Tab
	Regimes []RegimeView
	Empty   State
}

// RegimeView is one regime.
type RegimeView struct {
	ID, Name string
	Tone     string
	Icon     string
	Word     string // verified or not
	Facts    []Fact
	Rules    *GridTable
	Silent   []string // what it does not say, or was not found
	Note     string
}

func (s *Site) poolRegimes(w http.ResponseWriter, r *http.Request) error {
	v, err := s.poolNamed(r)
	if err != nil {
		return err
	}
	v.choose(0)
	p := PoolRegimesPage{Page: v.page(r, v.say("pools.tab.regimes")), Tabs: v.tabs("regimes"), Empty: State{Kind: "empty", Heading: v.say("pools.no_regimes"), Text: v.say("pools.no_regimes_text")}}
	list, err := v.pools.Regimes(v.ctx, s.svc.DB, v.pool.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b rules.Regime) int { return strings.Compare(b.From, a.From) })
	for i := range list {
		p.Regimes = append(p.Regimes, v.regimeView(&list[i]))
	}
	return s.Render(w, r, "pool_regimes", p)
}

// CaseDrawing is a kind drawn as SVG.
type CaseDrawing = template.HTML

func drawCase(k *casework.Kind, look casework.Look) CaseDrawing {
	return template.HTML(casework.Diagram(k, look)) //nolint:gosec // casework escapes all text
}
