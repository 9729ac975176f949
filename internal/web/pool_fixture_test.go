package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	regimes "github.com/kapok-city/kapok/data/pool"
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	alike "github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/source"
)

func init() {
	for name, page := range map[string]any{"pools": PoolsPage{}, "pool": PoolPage{}, "pool_regimes": PoolRegimesPage{}, "pool_list": PoolListPage{}, "pool_loan": PoolLoanPage{}, "pool_claim": PoolClaimPage{},
		"pool_submit": PoolSubmitPage{}, "pool_trial": PoolTrialPage{}, "pool_try": PoolTryPage{}} {
		pageTypes[name] = page
	}
}

// poolTown is the town with a pool: loans of every fate, claims on their way.
type poolTown struct {
	*bookTown
	pool            pool.Pool
	bank, guarantor pool.Member
	loans           map[string]string // by contract
	paid, checked   pool.Claim
	fresh           pool.Claim // submitted, and like a claim of another scheme
	t               testing.TB
}

const poolHead = "合同编号,借款人,借款人类别,本地,贷款金额(万元),期限(月),放款日,入库日,模式,担保机构,重点支持名录,知识产权质押,货币政策工具\n"

// poolRow is a loan of a small local firm with no marks.
func poolRow(contract, borrower string, wan int) string {
	return fmt.Sprintf("%s,%s,小微企业,是,%d,12,2026-01-10,2026-01-15,政银,,否,否,否\n", contract, borrower, wan)
}

func newPoolTown(t testing.TB) *poolTown {
	t.Helper()
	x := &poolTown{bookTown: &bookTown{town: newTown(t), now: time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)}, loans: map[string]string{}, t: t}
	x.DB.SetClock(func() time.Time { return x.now })
	x.Ledger = ledger.New()
	reg := casework.NewRegistry()
	var err error
	x.Pools, err = pool.New(x.DB, x.Ledger, reg)
	x.must(t, err)
	x.Cases = casework.New(x.DB, reg)
	for _, name := range []string{"checker", "cashier"} {
		_, err = x.Accounts.Create(t.Context(), change.Author{Actor: "demo"}, name, testPassword, account.Editor)
		x.must(t, err)
	}
	x.found()
	x.lend()
	x.claims()
	s := kitSite(t, Options{Rooms: []Room{{Key: "overview", Path: "/kit"}, {Key: "pools", Path: "/pools", Staff: true}, {Key: "ledger", Path: "/ledger", Staff: true}, {Key: "cases", Path: "/cases", Staff: true}, {Key: "sources", Path: "/sources"}}, Version: "2026-11"})
	s.AddRegisters(x.Services)
	s.AddLedger(x.Services)
	s.AddCases(x.Services)
	s.AddPools(x.Services)
	x.h = s.Handler()
	return x
}

var poolBy = change.Author{Actor: "demo", Reason: "test"}

func (x *poolTown) in(fn func(ctx context.Context, tx *db.Tx) error) {
	x.t.Helper()
	x.must(x.t, x.DB.InTx(x.t.Context(), func(tx *db.Tx) error { return fn(x.t.Context(), tx) }))
}

// found makes the pool, its members, its regimes as read, and its budget.
func (x *poolTown) found() {
	list, err := rules.Parse(regimes.Regimes)
	x.must(x.t, err)
	read := func(parameter, value string) rules.Reading {
		return rules.Reading{Parameter: parameter, Value: value, By: "demo", On: "2026-01-05", Reason: "领导小组会议纪要〔2026〕1号"}
	}
	readings := map[string][]rules.Reading{"gz-2025": {read("tier_mode", "whole"), read("edge", "inclusive"), read("recovery", "pro_rata"), read("costs_first", "yes")}}
	x.in(func(ctx context.Context, tx *db.Tx) error {
		if _, err := source.Put(ctx, tx, poolBy, source.Source{ID: "sim", Kind: "dataset", Title: i18n.Text{ZH: "模拟资金池", EN: "Simulated pool"}, LicenceTag: source.Own, Simulated: true}); err != nil {
			return err
		}
		if x.pool, err = x.Pools.Create(ctx, tx, poolBy, pool.Pool{Key: "gz", Name: i18n.Text{ZH: "广州市科技信贷风险补偿资金池", EN: "Guangzhou science credit risk pool"}, Place: "440100", Governing: rules.Registration, SourceID: "sim"}); err != nil {
			return err
		}
		members, err := x.Pools.PutMembers(ctx, tx, poolBy,
			pool.Member{PoolID: x.pool.ID, Party: rules.Bank, Key: "b1", Name: i18n.Text{ZH: "珠江示例银行股份有限公司广州分行", EN: "Pearl Example Bank"}, OrgID: x.uni.ID, SourceID: "sim"},
			pool.Member{PoolID: x.pool.ID, Party: rules.Bank, Key: "b2", Name: i18n.Text{ZH: "云山示例银行", EN: "Yunshan Example Bank"}, SourceID: "sim"},
			pool.Member{PoolID: x.pool.ID, Party: rules.Guarantor, Key: "g1", Name: i18n.Text{ZH: "示例担保有限公司", EN: "Example Guarantee"}, SourceID: "sim"})
		if err != nil {
			return err
		}
		x.bank, x.guarantor = members[0], members[2]
		if err := x.Pools.SetRegimes(ctx, tx, poolBy, x.pool.ID, "sim", list, readings); err != nil {
			return err
		}
		cap := 500 * money.Wan
		return x.Pools.FundYear(ctx, tx, poolBy, x.pool.ID, "2026", 100*100*money.Wan, &cap)
	})
}

// lend files loans and lets some go overdue, bad, be repaid, or be of unknown
// balance.
func (x *poolTown) lend() {
	text := poolHead
	for i, name := range []string{"甲材", "乙光", "丙芯", "丁药"} {
		text += poolRow(fmt.Sprintf("BIG-000%d", i+1), "广州"+name+"科技有限公司", 3000)
	}
	for i, name := range []string{"示例云图科技有限公司", "示例海风装备有限公司", "示例木棉生物有限公司", "示例荔湾软件有限公司", "示例南沙新材有限公司"} {
		text += poolRow(fmt.Sprintf("GZ-2026-000%d", i+1), "广州"+name, 100*(i+1))
	}
	table, err := pool.ReadTable("loans.csv", bytes.NewBufferString(text))
	x.must(x.t, err)
	rep, err := x.Pools.File(x.t.Context(), poolBy, pool.Filing{PoolID: x.pool.ID, BankID: x.bank.ID, SourceID: "sim", Table: table})
	x.must(x.t, err)
	for i, v := range rep.Rows {
		x.must(x.t, v.Err)
		x.loans[table.Rows[i][0]] = v.LoanID
	}
	zero, some := money.Fen(0), 50*money.Wan
	x.in(func(ctx context.Context, tx *db.Tx) error {
		bad := func(contract string) pool.Progress {
			return pool.Progress{LoanID: x.loans[contract], Day: "2026-05-31", OverdueSince: "2026-02-01"}
		}
		verdicts, err := x.Pools.Advance(ctx, tx, poolBy, x.pool.ID, "sim", []pool.Progress{bad("GZ-2026-0001"), bad("GZ-2026-0002"), bad("GZ-2026-0003"),
			{LoanID: x.loans["GZ-2026-0004"], Day: "2026-05-31", OverdueSince: "2026-05-01", Outstanding: &some}, {LoanID: x.loans["BIG-0004"], Day: "2026-05-31", Outstanding: &zero}})
		for _, v := range verdicts {
			if v.Err != nil {
				return v.Err
			}
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE pool_loan SET outstanding = NULL WHERE id = $1", x.loans["BIG-0003"])
		return err
	})
}

// claims takes one claim to its payment and a recovery, leaves one checked, and
// one that is like a claim of another scheme.
func (x *poolTown) claims() {
	x.in(func(ctx context.Context, tx *db.Tx) error {
		return x.Pools.PutForeign(ctx, tx, poolBy, "sim", []alike.Claim{{ID: "TH-77", Scheme: "district", Name: "广州示例木棉生物有限公司", Contract: "TH-2026-77", Amount: 300 * money.Wan, Day: "2026-01-10"}})
	})
	x.paid = x.submit("GZ-2026-0001", 100*money.Wan)
	x.do(&x.paid, "ma", "check", "", nil)
	x.do(&x.paid, "che", "approve", "", nil)
	x.do(&x.paid, "cai", "pay", "", nil)
	x.do(&x.paid, "ma", "recover", "", pool.Recovery{Gross: 11 * money.Wan, Costs: money.Wan})
	x.checked = x.submit("GZ-2026-0002", 200*money.Wan)
	x.do(&x.checked, "ma", "check", "", nil)
	x.fresh = x.submit("GZ-2026-0003", 300*money.Wan)
}

func (x *poolTown) submit(contract string, loss money.Fen) pool.Claim {
	x.t.Helper()
	c, err := x.Pools.Submit(x.t.Context(), casework.Actor{User: "bo", Roles: []string{"pool.bank"}}, pool.Statement{LoanID: x.loans[contract], MemberID: x.bank.ID, Loss: &loss, SourceID: "sim"})
	x.must(x.t, err)
	return c
}

func (x *poolTown) do(c *pool.Claim, who, action, reason string, body any) {
	x.t.Helper()
	file, err := casework.Get(x.t.Context(), x.DB, c.CaseID)
	x.must(x.t, err)
	in := casework.Input{Reason: reason}
	if body != nil {
		in.Body, err = json.Marshal(body)
		x.must(x.t, err)
	}
	_, err = x.Cases.Do(x.t.Context(), casework.Actor{User: who, Roles: []string{"pool.maker", "pool.checker", "pool.cashier"}}, c.CaseID, file.Version, action, in)
	x.must(x.t, err)
	*c, err = x.Pools.Claim(x.t.Context(), x.DB, c.ID)
	x.must(x.t, err)
}
