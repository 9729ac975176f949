package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// OnDay asks for a state as of the end of a day.
type OnDay struct {
	On string `query:"on" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"As of the end of this day; absent is today"`
}

// FundsIn asks for a page of funds.
type FundsIn struct {
	Kind   string `query:"kind" enum:"fund_of_funds,sub_fund,direct,other"`
	Status string `query:"status" enum:"raising,investing,exiting,closed"`
	Org    string `query:"org" maxLength:"200" doc:"Organisation that manages it, or that it is"`
	OnDay
	Paging
}

// FundStanding is a fund with what has come of it by a day. Amounts are fen.
type FundStanding struct {
	fund.Standing
	NAV *returns.Valuation `json:"nav,omitempty" doc:"The newest; absent when none was stated"`
}

// FundIn is a fund as a person writes it.
type FundIn struct {
	Key       string    `json:"key,omitempty" maxLength:"300" doc:"Stable word of whoever brings it; absent keeps it, or is the id"`
	Name      i18n.Text `json:"name"`
	Kind      string    `json:"kind" doc:"fund_of_funds, sub_fund, direct or other"`
	Status    string    `json:"status,omitempty" doc:"raising, investing, exiting or closed; absent keeps it, or is investing"`
	OrgID     string    `json:"org_id,omitempty" doc:"The fund as an organisation"`
	ManagerID string    `json:"manager_id,omitempty"`
	Vintage   int       `json:"vintage,omitempty" doc:"Year"`
	PaysLast  bool      `json:"pays_last,omitempty" doc:"Public investors pay after the others"`
	Level     string    `json:"level,omitempty" doc:"public, partner, internal or confidential; absent keeps it, or is internal"`
	Note      string    `json:"note,omitempty"`
	SourceID  string    `json:"source_id"`
	Reason    string    `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *FundIn) onto(f *fund.Fund) {
	f.Name, f.Kind, f.OrgID, f.ManagerID = b.Name, fund.Kind(b.Kind), b.OrgID, b.ManagerID
	f.Vintage, f.PaysLast, f.Note, f.SourceID = b.Vintage, b.PaysLast, b.Note, b.SourceID
	if b.Key != "" {
		f.Key = b.Key
	}
	if b.Status != "" {
		f.Status = fund.Status(b.Status)
	}
	if b.Level != "" {
		f.Level = level.Level(b.Level)
	}
}

// Rate is the internal rate of return with what may be said of it. There is no
// rate unless the status is ok or short_period.
type Rate struct {
	returns.Rates
	Sentence string `json:"sentence" doc:"What the status means, in the reader's language"`
}

// RatioOut is an exact fraction and its value.
type RatioOut struct {
	returns.Ratio
	Value float64 `json:"value"`
}

// FundMeasures are the multiples of a fund; what is absent is not known, or has
// nothing to be divided by.
type FundMeasures struct {
	returns.Multiples
	PIC  *RatioOut          `json:"pic,omitempty" doc:"Paid in / committed"`
	DPI  *RatioOut          `json:"dpi,omitempty" doc:"Distributed / paid in"`
	RVPI *RatioOut          `json:"rvpi,omitempty" doc:"Net asset value, rolled forward / paid in"`
	TVPI *RatioOut          `json:"tvpi,omitempty" doc:"DPI + RVPI"`
	NAV  *returns.Valuation `json:"nav,omitempty" doc:"As stated"`
	IRR  *Rate              `json:"irr,omitempty" doc:"Absent without a valuation"`
}

func ratioOut(r *returns.Ratio) *RatioOut {
	if r == nil {
		return nil
	}
	return &RatioOut{*r, r.Float()}
}

func measuresOf(m returns.Multiples, l i18n.Lang) FundMeasures {
	out := FundMeasures{Multiples: m, PIC: ratioOut(m.PIC), DPI: ratioOut(m.DPI), RVPI: ratioOut(m.RVPI), TVPI: ratioOut(m.TVPI), NAV: m.NAV}
	if m.IRR != nil {
		out.IRR = &Rate{*m.IRR, rateSentence(m.IRR, l)}
	}
	return out
}

// rateSentence says what a rate means, or why there is none.
func rateSentence(r *returns.Rates, l i18n.Lang) string {
	key := "finance.irr." + string(r.Status)
	if r.Status == returns.NoSolution && i18n.Has("finance.irr."+r.Reason) {
		key = "finance.irr." + r.Reason
	}
	return i18n.T(l, key, errs.A{"roots": len(r.Roots), "days": r.Days})
}

// FundSheet is a fund on a day. Members and payments overdue are told to the
// staff alone.
type FundSheet struct {
	fund.Sheet
	Multiples FundMeasures `json:"multiples"`
}

// LeverageIn names the funds that are measured together.
type LeverageIn struct {
	Funds []string `query:"fund" required:"true" minItems:"1" maxItems:"1000" doc:"Fund ids, parted by commas"`
	OnDay
}

// LeverageOut is what public money has drawn along, each yuan counted once.
type LeverageOut struct {
	Funds []string `json:"funds" nullable:"false"`
	lookthrough.Lever
}

// ReportIn asks for the report of a fund over a period.
type ReportIn struct {
	ID
	From   string `query:"from" required:"true" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"First day"`
	To     string `query:"to" required:"true" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"Last day"`
	Format string `query:"format" enum:"json,csv,xlsx" doc:"A file has the rows of the ILPA template, amounts in yuan"`
}

// FundSection is one column of a report; a valuation that is absent is not
// known.
type FundSection struct {
	fund.Section
	NAVBefore *returns.Valuation `json:"nav_before,omitempty"`
	NAVAfter  *returns.Valuation `json:"nav_after,omitempty"`
}

func sectionOf(s fund.Section) FundSection { return FundSection{s, s.NAVBefore, s.NAVAfter} }

// FundReportOut is a fund over a period, in the sections of the ILPA template.
type FundReportOut struct {
	fund.Report
	Period    FundSection  `json:"period"`
	Inception FundSection  `json:"inception"`
	Multiples FundMeasures `json:"multiples"`
}

// NoticeIn names the call or the distribution of a notice.
type NoticeIn struct {
	ID
	Event  string `path:"event" maxLength:"200" doc:"Id of the call or distribution"`
	Format string `query:"format" enum:"json,csv,xlsx" doc:"A file has one row for each investor, amounts in yuan"`
}

// FundEventsIn asks for the events of a fund.
type FundEventsIn struct {
	ID
	Paging
}

// FundPlaced is what a fund put into companies, as a list.
type FundPlaced struct {
	ID
	OnDay
	Paging
}

// ReconciledLine is an account of a fund's book beside what its rows come to.
type ReconciledLine struct {
	fund.Line
	Agrees bool `json:"agrees"`
}

func (s *server) funds() {
	const tag = "funds"
	addList(s, route{id: "list_funds", path: "/funds", tag: tag, needs: account.Read}, fundTable(), s.listFunds)
	add(s, route{id: "leverage_of_funds", path: "/funds/leverage", tag: tag, needs: account.Read}, s.leverage)
	add(s, route{id: "get_fund", path: "/funds/{id}", tag: tag, needs: account.Read}, s.getFund)
	add(s, route{id: "create_fund", method: http.MethodPost, path: "/funds", tag: tag, needs: account.Edit, once: true, status: http.StatusCreated}, s.createFund)
	add(s, route{id: "replace_fund", method: http.MethodPut, path: "/funds/{id}", tag: tag, needs: account.Edit, versioned: true}, s.replaceFund)
	add(s, route{id: "sheet_of_fund", path: "/funds/{id}/sheet", tag: tag, needs: account.Read}, s.fundSheet)
	add(s, route{id: "tree_of_fund", path: "/funds/{id}/tree", tag: tag, needs: account.Read}, s.fundTree)
	addList(s, route{id: "holdings_of_fund", path: "/funds/{id}/holdings", tag: tag, needs: account.Read}, placedTable(), s.fundHoldings)
	addTabled(s, route{id: "report_of_fund", path: "/funds/{id}/report", tag: tag, needs: account.Read}, "report", func(in *ReportIn) string { return in.Format }, s.fundReport)
	addList(s, route{id: "reconcile_fund", path: "/funds/{id}/reconciliation", tag: tag, needs: account.ReadPrivate}, lineTable(), s.reconcile)
	s.fundEvents(tag)
	s.reinvestment(tag)
}

func (s *server) fundRoom() (*fund.Service, error) {
	if s.Funds == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Funds, nil
}

func (s *server) listFunds(ctx context.Context, in *FundsIn) (part[FundStanding], error) {
	out := part[FundStanding]{total: -1}
	room, err := s.fundRoom()
	if err != nil {
		return out, err
	}
	f := fund.Filter{Kind: fund.Kind(in.Kind), Status: fund.Status(in.Status), OrgID: in.Org, AtMost: in.Limit}
	if f.After, err = decodeCursor(in.Cursor); err != nil {
		return out, err
	}
	list, err := room.Standings(ctx, callOf(ctx).viewer(), f, in.On)
	for _, x := range list {
		out.items = append(out.items, FundStanding{x, x.NAV})
	}
	if len(list) == in.Limit {
		out.next = encodeCursor(list[len(list)-1].ID)
	}
	return out, err
}

func (s *server) getFund(ctx context.Context, in *ID) (*answer[fund.Fund], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	f, err := room.Fund(ctx, callOf(ctx).viewer(), in.ID)
	return row(f, f.Version), err
}

func (s *server) createFund(ctx context.Context, in *struct{ Body FundIn }) (*answer[fund.Fund], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	var f fund.Fund
	in.Body.onto(&f)
	if f, err = room.Save(ctx, callOf(ctx).viewer(), author(ctx, in.Body.Reason), f); err != nil {
		return nil, err
	}
	return row(f, f.Version).with("Location", base+"/funds/"+f.ID), nil
}

func (s *server) replaceFund(ctx context.Context, in *struct {
	ID
	Body FundIn
}) (*answer[fund.Fund], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	f, err := room.Fund(ctx, c.viewer(), in.ID.ID)
	if err != nil {
		return nil, err
	}
	in.Body.onto(&f)
	f.Version = c.match
	f, err = room.Save(ctx, c.viewer(), author(ctx, in.Body.Reason), f)
	return row(f, f.Version), err
}

func (s *server) fundSheet(ctx context.Context, in *struct {
	ID
	OnDay
}) (*answer[FundSheet], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	sheet, err := room.Sheet(ctx, callOf(ctx).viewer(), in.ID.ID, in.On)
	if err != nil {
		return nil, err
	}
	return of(FundSheet{sheet, measuresOf(sheet.Multiples, callOf(ctx).lang)}), nil
}

func (s *server) fundTree(ctx context.Context, in *struct {
	ID
	OnDay
}) (*answer[fund.Tree], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	tree, err := room.Tree(ctx, callOf(ctx).viewer(), in.ID.ID, in.On)
	return of(tree), err
}

func (s *server) leverage(ctx context.Context, in *LeverageIn) (*answer[LeverageOut], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	lever, err := room.Leverage(ctx, callOf(ctx).viewer(), in.Funds, in.On)
	return of(LeverageOut{in.Funds, lever}), err
}

func (s *server) fundHoldings(ctx context.Context, in *FundPlaced) (part[fund.Placed], error) {
	room, err := s.fundRoom()
	if err != nil {
		return part[fund.Placed]{}, err
	}
	all, err := room.Holdings(ctx, callOf(ctx).viewer(), in.ID.ID, in.On)
	if err != nil {
		return part[fund.Placed]{}, err
	}
	return cutPage(all, &in.Paging, func(p *fund.Placed) string { return p.ID })
}

func (s *server) fundReport(ctx context.Context, in *ReportIn) (*tabled[FundReportOut], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	r, err := room.Report(ctx, c.viewer(), in.ID.ID, in.From, in.To)
	if err != nil {
		return nil, err
	}
	return &tabled[FundReportOut]{body: FundReportOut{r, sectionOf(r.Period), sectionOf(r.Inception), measuresOf(r.Multiples, c.lang)}, rows: r.Table(c.lang), source: r.Fund.SourceID}, nil
}

func (s *server) reconcile(ctx context.Context, in *FundPlaced) (part[ReconciledLine], error) {
	room, err := s.fundRoom()
	if err != nil {
		return part[ReconciledLine]{}, err
	}
	lines, err := room.Reconcile(ctx, callOf(ctx).viewer(), in.ID.ID, in.On)
	if err != nil {
		return part[ReconciledLine]{}, err
	}
	all := make([]ReconciledLine, len(lines))
	for i, l := range lines {
		all[i] = ReconciledLine{l, l.Agrees()}
	}
	return cutPage(all, &in.Paging, func(l *ReconciledLine) string { return l.Account })
}

func fundTable() table[FundStanding] {
	type v = FundStanding
	fens := func(of func(f *v) money.Fen) func(*v) any { return func(f *v) any { return int64(of(f)) } }
	return table[v]{name: "funds", guarded: true, source: func(f *v) string { return f.SourceID }, columns: []column[v]{
		{"id", func(f *v) any { return f.ID }}, {"key", func(f *v) any { return f.Key }}, {"name_zh", func(f *v) any { return f.Name.ZH }}, {"name_en", func(f *v) any { return f.Name.EN }},
		{"kind", func(f *v) any { return string(f.Kind) }}, {"status", func(f *v) any { return string(f.Status) }}, {"manager_id", func(f *v) any { return f.ManagerID }},
		{"vintage", func(f *v) any {
			if f.Vintage == 0 {
				return nil
			}
			return f.Vintage
		}},
		{"pays_last", func(f *v) any { return f.PaysLast }}, {"level", func(f *v) any { return string(f.Level) }},
		{"committed_fen", fens(func(f *v) money.Fen { return f.Committed })}, {"commitments", func(f *v) any { return f.Commitments }}, {"unstated", func(f *v) any { return f.Unstated }},
		{"paid_fen", fens(func(f *v) money.Fen { return f.Paid })}, {"distributed_fen", fens(func(f *v) money.Fen { return f.Distributed })},
		{"nav_fen", func(f *v) any {
			if f.NAV == nil {
				return nil
			}
			return int64(f.NAV.Amount)
		}},
		{"nav_day", func(f *v) any {
			if f.NAV == nil {
				return nil
			}
			return f.NAV.Day
		}},
		{"version", func(f *v) any { return f.Version }}, {"updated_at", func(f *v) any { return instant(f.UpdatedAt) }},
	}}
}

func placedTable() table[fund.Placed] {
	type v = fund.Placed
	return table[v]{name: "holdings", guarded: true, source: func(p *v) string { return p.SourceID }, columns: []column[v]{
		{"id", func(p *v) any { return p.ID }}, {"org_id", func(p *v) any { return p.Of.OrgID }}, {"name", func(p *v) any { return p.Of.Name }}, {"from", func(p *v) any { return p.From }}, {"to", func(p *v) any { return p.To }},
		{"share_ppm", func(p *v) any {
			if p.SharePPM == nil {
				return nil
			}
			return *p.SharePPM
		}},
		{"amount_fen", func(p *v) any { return fen(p.Amount) }}, {"proceeds_fen", func(p *v) any { return fen(p.Proceeds) }}, {"round", func(p *v) any { return p.Round }}, {"evidence", func(p *v) any { return p.Evidence }},
	}}
}

func lineTable() table[ReconciledLine] {
	type v = ReconciledLine
	return table[v]{name: "reconciliation", columns: []column[v]{
		{"account", func(l *v) any { return l.Account }}, {"book_fen", func(l *v) any { return int64(l.Book) }}, {"rows_fen", func(l *v) any { return int64(l.Rows) }}, {"agrees", func(l *v) any { return l.Agrees }},
	}}
}
