package api

import (
	"bytes"
	"cmp"
	"context"
	"strings"
	"time"

	data "github.com/kapok-city/kapok/data/pool"
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// withFinance gives a city its rooms of finance, and two people for its cases:
// the editor is the bank, the administrator all the others.
func withFinance(sv *Services) {
	sv.Ledger, sv.Funds, sv.Capital = ledger.New(), fund.New(sv.DB), capital.New(sv.DB)
	reg := casework.NewRegistry()
	var err error
	if sv.Pools, err = pool.New(sv.DB, sv.Ledger, reg); err != nil {
		panic(err)
	}
	sv.Cases = casework.New(sv.DB, reg)
	sv.CaseRoles = func(_ context.Context, u account.User) ([]string, error) {
		if u.Role == account.Admin {
			return []string{"pool.maker", "pool.checker", "pool.cashier"}, nil
		}
		return []string{"pool.bank"}, nil
	}
}

// inJune is d on 1 June 2026, when all that invest makes has happened.
func inJune(d *db.DB) *db.DB {
	d.SetClock(func() time.Time { return time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC) })
	return d
}

func fenOf(f money.Fen) *money.Fen { return &f }

// moneyed is what a test of finance knows of the city.
type moneyed struct {
	mother, sub, secret      string // funds
	city, firm               string // commitments of the sub-fund
	call, payment, received  string
	pool, bank, guarantor    string
	loan, bad, claim, caseID string
	round, listing           string
}

// invest fills the rooms of finance: a fund of funds with a sub-fund that public
// money pays into last, a pool with a bad loan that is claimed, and a record of
// each kind of capital.
func (w *world) invest() moneyed {
	w.t.Helper()
	var m moneyed
	ctx, f := w.t.Context(), w.sv.Funds
	open := func(key string, kind fund.Kind, last bool, from string) string {
		x, err := f.Save(ctx, level.Staff, tester, fund.Fund{ID: "fund-" + key, Key: key, Name: i18n.Text{ZH: "示例" + key, EN: key}, Kind: kind, PaysLast: last, Level: level.Public, SourceID: from})
		w.must(err)
		return x.ID
	}
	m.mother, m.sub, m.secret = open("mother", fund.FundOfFunds, false, "ror"), open("sub", fund.SubFund, true, "ror"), open("secret", fund.Direct, false, "private")
	record := func(e fund.Event) string {
		r, err := f.Record(ctx, level.Staff, tester, e)
		w.must(err)
		return r.ID
	}
	head := func(of, key, day string) fund.Head {
		return fund.Head{FundID: of, Key: key, Day: day, SourceID: "ror"}
	}
	treasury := record(&fund.Commitment{Head: head(m.mother, "t", "2021-01-01"), Investor: fund.Party{Name: "市财政"}, Nature: lookthrough.Public, Amount: fenOf(1000 * money.Wan)})
	record(&fund.Payment{Head: head(m.mother, "p", "2021-02-01"), CommitmentID: treasury, Amount: 1000 * money.Wan})
	m.city = record(&fund.Commitment{Head: head(m.sub, "m", "2021-01-02"), Investor: fund.Party{FundID: m.mother}, Nature: lookthrough.Public, Amount: fenOf(300 * money.Wan)})
	m.firm = record(&fund.Commitment{Head: head(m.sub, "v", "2021-01-02"), Investor: fund.Party{Name: "示例创投"}, Nature: lookthrough.Social, Amount: fenOf(700 * money.Wan)})
	m.call = record(&fund.Call{Head: head(m.sub, "1", "2021-03-01"), DueOn: "2021-03-31", Total: fenOf(500 * money.Wan), Purpose: "首期"})
	m.payment = record(&fund.Payment{Head: head(m.sub, "v1", "2021-03-20"), CommitmentID: m.firm, CallID: m.call, Amount: 350 * money.Wan})
	record(&fund.Payment{Head: head(m.sub, "m1", "2021-03-25"), CommitmentID: m.city, CallID: m.call, Amount: 150 * money.Wan})
	record(&fund.Holding{Head: head(m.sub, "x", "2021-05-01"), OrgID: scut, SharePPM: new(int64(100_000)), Amount: fenOf(400 * money.Wan), Round: "A", Evidence: "登记"})
	m.received = record(&fund.Distribution{Head: head(m.sub, "d", "2023-03-25"), Total: fenOf(100 * money.Wan)})
	record(&fund.Valuation{Head: head(m.sub, "n", "2024-12-31"), Amount: fenOf(600 * money.Wan), Basis: fund.Audited})
	w.risk(&m)
	w.records(&m)
	for tag, id := range map[string]string{"funds": m.sub, "pools": m.pool, "loans": m.loan, "compensation": m.claim, "cases": m.caseID, "rounds": m.round, "listings": m.listing} {
		w.ids[tag] = id
	}
	return m
}

const loanTableText = `合同编号,借款人,借款人类别,本地,贷款金额（万元）,期限(月),放款日,入库日,模式,担保机构,重点支持名录,知识产权质押,货币政策工具
HT-1,广州木棉一号有限公司,小微企业,是,500,12,2026-01-10,2026-01-15,政银,,否,否,否
HT-2,广州木棉二号有限公司,小微企业,是,300,12,2026-01-10,2026-01-15,政银,,否,否,否
HT-3,广州木棉三号有限公司,小微企业,是,3000,12,2026-01-10,2026-01-15,政银,,否,否,否
HT-4,广州木棉四号有限公司,小微企业,是,3000,12,2026-01-10,2026-01-15,政银,,否,否,否
`

// risk fills the pool; two of its loans are bad, and the first of them is
// claimed.
func (w *world) risk(m *moneyed) {
	w.t.Helper()
	ctx, p := w.t.Context(), w.sv.Pools
	regimes, err := rules.Parse(data.Regimes)
	w.must(err)
	reading := func(parameter, value string) rules.Reading {
		return rules.Reading{Parameter: parameter, Value: value, By: "lin", On: "2026-01-05", Reason: "for the test"}
	}
	w.must(w.d.InTx(ctx, func(tx *db.Tx) error {
		made, err := p.Create(ctx, tx, tester, pool.Pool{Key: "gz", Name: i18n.Text{ZH: "示例资金池", EN: "Example pool"}, Place: "440100", Governing: rules.Registration, SourceID: "made-up"})
		if err != nil {
			return err
		}
		m.pool = made.ID
		members, err := p.PutMembers(ctx, tx, tester, pool.Member{PoolID: m.pool, Party: rules.Bank, Key: "b1", Name: i18n.Text{ZH: "示例银行"}, SourceID: "made-up"},
			pool.Member{PoolID: m.pool, Party: rules.Guarantor, Key: "g1", Name: i18n.Text{ZH: "示例担保有限公司"}, SourceID: "made-up"})
		if err != nil {
			return err
		}
		m.bank, m.guarantor = members[0].ID, members[1].ID
		if err := p.SetRegimes(ctx, tx, tester, m.pool, "made-up", regimes, map[string][]rules.Reading{"gz-2025": {reading("tier_mode", "whole"), reading("edge", "inclusive")}}); err != nil {
			return err
		}
		return p.FundYear(ctx, tx, tester, m.pool, "2026", 1000*money.Wan, fenOf(50*money.Wan))
	}))
	t, err := pool.ReadTable("loans.csv", bytes.NewReader([]byte(loanTableText)))
	w.must(err)
	rep, err := p.File(ctx, tester, pool.Filing{PoolID: m.pool, BankID: m.bank, SourceID: "made-up", Table: t})
	w.must(err)
	for _, v := range rep.Rows {
		w.must(v.Err)
	}
	m.loan, m.bad = rep.Rows[0].LoanID, rep.Rows[1].LoanID
	w.must(w.d.InTx(ctx, func(tx *db.Tx) error {
		list, err := p.Advance(ctx, tx, tester, m.pool, "made-up", []pool.Progress{{LoanID: m.loan, Day: "2026-05-31", OverdueSince: "2026-02-01"}, {LoanID: m.bad, Day: "2026-05-31", OverdueSince: "2026-02-01"}})
		for _, v := range list {
			if err == nil {
				err = v.Err
			}
		}
		if err != nil {
			return err
		}
		return p.PutForeign(ctx, tx, tester, "made-up", []twice.Claim{{ID: "d-1", Scheme: "district", Name: "广州木棉一号有限公司", Contract: "QX-9", Amount: 500 * money.Wan, Day: "2026-01-10"}})
	}))
	c, err := p.Submit(ctx, casework.Actor{User: w.users[account.Editor].ID, Roles: []string{"pool.bank"}}, pool.Statement{LoanID: m.loan, MemberID: m.bank, Loss: fenOf(100 * money.Wan), SourceID: "made-up"})
	w.must(err)
	m.claim, m.caseID = c.ID, c.CaseID
}

// records writes one record of each kind of capital, and one of a source tagged
// R.
func (w *world) records(m *moneyed) {
	w.t.Helper()
	ctx, c := w.t.Context(), w.sv.Capital
	of := func(key, from string) capital.Common {
		return capital.Common{Key: key, Company: capital.Party{OrgID: scut}, On: "2024-05-06", Level: level.Public, SourceID: from}
	}
	r, err := c.Rounds.Save(ctx, level.Staff, tester, capital.Round{Common: of("r1", "ror"), Stage: capital.RoundA, Amount: capital.Yuan(2000 * money.Wan), Investors: []capital.Investor{{Party: capital.Party{Name: "示例创投"}, Lead: true}}})
	w.must(err)
	m.round = r.ID
	_, err = c.Rounds.Save(ctx, level.Staff, tester, capital.Round{Common: of("r2", "private"), Stage: capital.RoundB, Amount: capital.Yuan(9000 * money.Wan)})
	w.must(err)
	a, err := c.Acquisitions.Save(ctx, level.Staff, tester, capital.Acquisition{Common: of("a1", "ror"), Acquirer: capital.Party{Name: "示例集团"}})
	w.must(err)
	l, err := c.Listings.Save(ctx, level.Staff, tester, capital.Listing{Common: of("l1", "ror"), Market: capital.BSE, Steps: []capital.Step{{State: capital.Tutoring, On: "2023-01"}, {State: capital.Filed, On: "2024-02-03"}}})
	w.must(err)
	m.listing = l.ID
	x, err := c.Contests.Save(ctx, level.Staff, tester, capital.Contest{Common: of("c1", "ror"), Contest: "创新创业大赛", Place: 1})
	w.must(err)
	g, err := c.Guarantees.Save(ctx, level.Staff, tester, capital.Guarantee{Common: of("g1", "ror"), Guarantor: capital.Party{Name: "示例担保有限公司"}, Amount: capital.Yuan(300 * money.Wan)})
	w.must(err)
	p, err := c.Premiums.Save(ctx, level.Staff, tester, capital.Premium{Common: of("p1", "ror"), Insurer: capital.Party{Name: "示例保险"}, Policy: "专利保险", Subsidy: capital.Yuan(money.Wan)})
	w.must(err)
	w.ids["acquisitions"], w.ids["contests"], w.ids["guarantees"], w.ids["premiums"] = a.ID, x.ID, g.ID, p.ID
}

// moneyPath fills in the places and the parameters of the operations of
// finance.
func (w *world) moneyPath(id, path string) string {
	path = strings.NewReplacer("{book}", "fund:"+w.money.sub, "{account}", "fund:"+w.money.sub+":cash", "{key}", w.firstKey(), "{kind}", pool.ClaimKind,
		"{action}", "check", "{year}", "2026", "/calls/{event}", "/calls/"+cmp.Or(w.money.call, "none"), "/distributions/{event}", "/distributions/"+cmp.Or(w.money.received, "none"), "{event}", cmp.Or(w.money.payment, "none")).Replace(path)
	switch id {
	case "leverage_of_funds":
		path += "?fund=" + w.money.mother + "," + w.money.sub + "&on=2024-12-31"
	case "report_of_fund":
		path += "?from=2021-01-01&to=2024-12-31"
	case "breakers_of_pool":
		path += "?year=2026"
	}
	return path
}

// firstKey is the key of the first posting of the sub-fund's book.
func (w *world) firstKey() string {
	if w.sv.Ledger == nil {
		return "none"
	}
	acts, err := w.sv.Ledger.Acts(w.t.Context(), w.d, "fund:"+w.money.sub, 0, 500)
	w.must(err)
	for _, a := range acts {
		if a.Do == ledger.DoPost {
			return a.Key
		}
	}
	return "none"
}
