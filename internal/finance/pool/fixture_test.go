package pool_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"testing"
	"time"

	data "github.com/kapok-city/kapok/data/pool"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

var (
	lin     = change.Author{Actor: "lin", Reason: "test"}
	bank    = casework.Actor{User: "bo", Roles: []string{"pool.bank"}}
	maker   = casework.Actor{User: "ma", Roles: []string{"pool.maker"}}
	checker = casework.Actor{User: "che", Roles: []string{"pool.checker"}}
	cashier = casework.Actor{User: "cai", Roles: []string{"pool.cashier"}}
)

// world is a pool with a funded year, a bank and a guarantor.
type world struct {
	t         testing.TB
	d         *db.DB
	s         *pool.Service
	cases     *casework.Service
	books     *ledger.Ledger
	pool      pool.Pool
	bank      pool.Member
	other     pool.Member
	guarantor pool.Member
	now       time.Time
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { fn(newWorld(t, d, 100*money.Wan*10)) })
}

func newWorld(t testing.TB, d *db.DB, budget money.Fen) *world {
	t.Helper()
	w := &world{t: t, d: d, books: ledger.New(), now: time.Date(2026, 6, 1, 4, 0, 0, 0, time.UTC)}
	d.SetClock(func() time.Time { return w.now })
	reg := casework.NewRegistry()
	var err error
	if w.s, err = pool.New(d, w.books, reg); err != nil {
		t.Fatal(err)
	}
	w.cases = casework.New(d, reg)
	regimes, err := rules.Parse(data.Regimes)
	w.must(err)
	regimes[4].Recovery.CostsFirst = nil
	reading := func(parameter, value string) rules.Reading {
		return rules.Reading{Parameter: parameter, Value: value, By: "lin", On: "2026-01-05", Reason: "for the test"}
	}
	readings := map[string][]rules.Reading{"gz-2025": {reading("tier_mode", "whole"), reading("edge", "inclusive"), reading("recovery", "pro_rata"), reading("costs_first", "yes")}}
	w.in(func(ctx context.Context, tx *db.Tx) error {
		if _, err := source.Put(ctx, tx, lin, source.Source{ID: "made", Title: i18n.Text{EN: "made for a test"}, LicenceTag: source.Own, Simulated: true}); err != nil {
			return err
		}
		if w.pool, err = w.s.Create(ctx, tx, lin, pool.Pool{Key: "gz", Name: i18n.Text{ZH: "示例资金池"}, Place: "440100", Governing: rules.Registration, SourceID: "made"}); err != nil {
			return err
		}
		members, err := w.s.PutMembers(ctx, tx, lin,
			pool.Member{PoolID: w.pool.ID, Party: rules.Bank, Key: "b1", Name: i18n.Text{ZH: "示例银行"}, SourceID: "made"},
			pool.Member{PoolID: w.pool.ID, Party: rules.Bank, Key: "b2", Name: i18n.Text{ZH: "另一银行"}, SourceID: "made"},
			pool.Member{PoolID: w.pool.ID, Party: rules.Guarantor, Key: "g1", Name: i18n.Text{ZH: "示例担保有限公司"}, SourceID: "made"})
		if err != nil {
			return err
		}
		w.bank, w.other, w.guarantor = members[0], members[1], members[2]
		if err := w.s.SetRegimes(ctx, tx, lin, w.pool.ID, "made", regimes, readings); err != nil {
			return err
		}
		return w.s.FundYear(ctx, tx, lin, w.pool.ID, "2026", budget, fen(50*money.Wan))
	})
	return w
}

func fen(f money.Fen) *money.Fen { return &f }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(i18n.Error(i18n.EN, err), err)
	}
}

func (w *world) in(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	w.must(w.d.InTx(w.t.Context(), func(tx *db.Tx) error { return fn(w.t.Context(), tx) }))
}

var head = []string{"合同编号", "借款人", "借款人类别", "本地", "贷款金额（万元）", "期限(月)", "放款日", "入库日", "模式", "担保机构", "重点支持名录", "知识产权质押", "货币政策工具", "备注"}

// row is a loan of a small local firm with no marks.
func row(contract, borrower, wan string) sheet.Row {
	return sheet.Row{contract, borrower, "小微企业", "是", wan, "12", "2026-01-10", "2026-01-15", "政银", "", "否", "否", "否", ""}
}

func table(t testing.TB, f sheet.Format, rows ...sheet.Row) *pool.Table {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.Write(&b, f, head, seq(rows)); err != nil {
		t.Fatal(err)
	}
	out, err := pool.ReadTable("loans."+string(f), &b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func seq(rows []sheet.Row) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (w *world) file(rows ...sheet.Row) pool.Report {
	w.t.Helper()
	rep, err := w.s.File(w.t.Context(), lin, pool.Filing{PoolID: w.pool.ID, BankID: w.bank.ID, SourceID: "made", Table: table(w.t, sheet.CSV, rows...)})
	w.must(err)
	return rep
}

// npl files a loan of so many 万元 and lets it go bad.
func (w *world) npl(contract, borrower string, wan int) string {
	w.t.Helper()
	id := w.filed(row(contract, borrower, fmt.Sprint(wan)))
	w.bad(id)
	return id
}

func (w *world) filed(r sheet.Row) string {
	w.t.Helper()
	rep := w.file(r)
	w.must(rep.Rows[0].Err)
	return rep.Rows[0].LoanID
}

func (w *world) bad(id string) {
	w.t.Helper()
	w.in(func(ctx context.Context, tx *db.Tx) error {
		v, err := w.s.Advance(ctx, tx, lin, w.pool.ID, "made", []pool.Progress{{LoanID: id, Day: "2026-05-31", OverdueSince: "2026-02-01"}})
		if err == nil {
			err = v[0].Err
		}
		return err
	})
}

// big files one large loan of another firm, so that a loss stays under the
// breaker.
func (w *world) big(n int) {
	w.t.Helper()
	for i := range n {
		w.filed(row(fmt.Sprintf("BIG-%04d", i), fmt.Sprintf("广州大额%s有限公司", string(rune('甲'+i))), "3000"))
	}
}

func (w *world) submit(loan string, loss money.Fen) (pool.Claim, error) {
	return w.s.Submit(w.t.Context(), bank, pool.Statement{LoanID: loan, MemberID: w.bank.ID, Loss: fen(loss), SourceID: "made"})
}

func (w *world) act(c pool.Claim, by casework.Actor, action, reason string, body any) error {
	w.t.Helper()
	file, err := casework.Get(w.t.Context(), w.d, c.CaseID)
	w.must(err)
	in := casework.Input{Reason: reason}
	if body != nil {
		in.Body, err = json.Marshal(body)
		w.must(err)
	}
	_, err = w.cases.Do(w.t.Context(), by, c.CaseID, file.Version, action, in)
	return err
}

func (w *world) claim(id string) pool.Claim {
	w.t.Helper()
	c, err := w.s.Claim(w.t.Context(), w.d, id)
	w.must(err)
	return c
}

func (w *world) budget() pool.BudgetUse {
	w.t.Helper()
	u, ok, err := w.s.Budget(w.t.Context(), w.d, w.pool.ID, "2026")
	w.must(err)
	if !ok {
		w.t.Fatal("not funded")
	}
	return u
}

func (w *world) foreign(id, name, contract string, amount money.Fen) {
	w.t.Helper()
	w.in(func(ctx context.Context, tx *db.Tx) error {
		return w.s.PutForeign(ctx, tx, lin, "made", []twice.Claim{{ID: id, Scheme: "district", Name: name, Contract: contract, Amount: amount, Day: "2026-01-10"}})
	})
}

// bigGuaranteed registers enough under the guarantor to keep its breaker shut.
func (w *world) bigGuaranteed() {
	w.t.Helper()
	for i := range 4 {
		r := row(fmt.Sprintf("BG-%04d", i), fmt.Sprintf("广州大额%s担保贷款有限公司", string(rune('甲'+i))), "3000")
		r[8], r[9] = "政担", "示例担保有限公司"
		w.filed(r)
	}
}
