package web

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func init() {
	for name, page := range map[string]any{"cases": CasesPage{}, "case": CasePage{}, "case_action": CaseActionPage{}} {
		pageTypes[name] = page
	}
}

func (x *bookTown) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// grantKind is a small kind with four eyes, a guard, an effect and a deadline.
const grantKind = `
kind: town.grant
version: 1
name: {zh: 广州市科技型中小企业小额资助（二〇二六年度第一批）, en: Small grant}
start: submitted
roles:
  - {id: town.maker, name: {zh: 经办, en: Maker}}
  - {id: town.checker, name: {zh: 复核, en: Checker}}
  - {id: town.head, name: {zh: 负责人, en: Head}}
recusers: [town.head]
states:
  - {id: submitted, name: {zh: 待复核, en: Submitted}}
  - {id: approved, name: {zh: 已批准, en: Approved}}
  - {id: refused, name: {zh: 不予支持, en: Refused}, final: true}
  - {id: paid, name: {zh: 已支付, en: Paid}, final: true}
transitions:
  - {action: approve, name: {zh: 批准, en: Approve}, from: [submitted], to: approved, roles: [town.checker], guards: [town.budget], effects: [town.note], not_by: [open], deadline: {days: 10, unit: working, notify: [town.checker]}}
  - {action: refuse, name: {zh: 不予支持, en: Refuse}, from: [submitted], to: refused, roles: [town.checker], reason: true}
  - {action: sign, name: {zh: 签发, en: Sign}, from: [submitted], to: ".", roles: [town.head]}
  - {action: pay, name: {zh: 支付, en: Pay}, from: [approved], to: paid, roles: [town.maker], not_by: [approve]}
`

func (x *bookTown) cases(t testing.TB) {
	t.Helper()
	reg := casework.NewRegistry()
	reg.RegisterGuard("town.budget", func(_ context.Context, _ db.Querier, c casework.Case, _ casework.Input) (casework.Verdict, error) {
		if strings.HasSuffix(c.Ref, "big") {
			return casework.Refuse("errs.too_large", errs.A{"limit": "100 万元"}), nil
		}
		return casework.Allow(), nil
	})
	reg.RegisterEffect("town.note", func(context.Context, *db.Tx, casework.Case, casework.Input) (casework.Done, error) {
		return casework.Done{Log: map[string]any{"posted": []string{"pay/1"}}, Data: map[string]any{"amount": 500_000}, Notices: []casework.Notice{{Role: "town.maker", Key: "errs.busy"}}}, nil
	})
	k, err := casework.ParseKind([]byte(grantKind))
	x.must(t, err)
	x.must(t, reg.Add(k))
	x.Cases = casework.New(x.DB, reg)
	_, err = x.Accounts.Create(t.Context(), change.Author{Actor: "demo"}, "checker", testPassword, account.Editor)
	x.must(t, err)
	u, err := x.Accounts.ByName(t.Context(), "editor")
	x.must(t, err)
	by := casework.Actor{User: u.ID, Roles: []string{"town.maker"}}
	at := x.now
	x.now = at.AddDate(0, 0, -40)
	x.write(t, func(tx *db.Tx) error {
		list, err := x.Cases.OpenMany(t.Context(), tx, by, []casework.Opening{
			{ID: "case-old", Kind: "town.grant", Ref: "claim/claim-1", Data: map[string]any{"amount": 500_000, "title": i18n.Text{ZH: "样机", EN: "prototype"}}}, {ID: "case-big", Kind: "town.grant", Ref: "claim/big"},
			{ID: "case-red", Kind: "town.grant", Ref: "claim/hidden", Source: "red"}})
		if err == nil {
			x.open = list[0]
		}
		return err
	})
	x.now = at.Add(time.Hour)
}
