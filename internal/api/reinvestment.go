package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// ReinvestmentRule is what local reinvestment 返投 is asked for from one day on
// and before another, with where it is written. What is absent is not known.
type ReinvestmentRule struct {
	ID        string           `json:"id"`
	From      string           `json:"from" doc:"First day"`
	To        string           `json:"to,omitempty" doc:"The first day on which it no longer holds"`
	Multiple  *int64           `json:"multiple_ppm,omitempty" doc:"Parts per million of the contribution; 0 asks for nothing"`
	Base      string           `json:"base,omitempty" doc:"paid or committed"`
	Routes    map[string]int64 `json:"routes_ppm,omitempty" doc:"Weight of each route that is recognised, in parts per million"`
	Shared    bool             `json:"shared,omitempty" doc:"One deal may count for several public funds"`
	Status    string           `json:"status,omitempty" doc:"verified or unverified"`
	Authority string           `json:"authority,omitempty"`
	Document  string           `json:"document,omitempty"`
	Article   string           `json:"article,omitempty"`
	Name      i18n.Text        `json:"name,omitzero"`
	Note      i18n.Text        `json:"note,omitzero"`
}

func (r *ReinvestmentRule) rule() lookthrough.Rule {
	return lookthrough.Rule{ID: r.ID, FromDay: r.From, ToDay: r.To, Multiple: r.Multiple, Base: lookthrough.Base(r.Base), Routes: r.Routes, Shared: r.Shared,
		Status: r.Status, Authority: r.Authority, Document: r.Document, Article: r.Article}
}

func ruleOut(r fund.Rule) ReinvestmentRule {
	return ReinvestmentRule{r.ID, r.FromDay, r.ToDay, r.Multiple, string(r.Base), r.Routes, r.Shared, r.Status, r.Authority, r.Document, r.Article, r.Name, r.Note}
}

// TestIn tests a fund against rules; without any, against those that come with
// Kapok.
type TestIn struct {
	On    string             `json:"on,omitempty" doc:"ISO date; absent is today"`
	Rules []ReinvestmentRule `json:"rules,omitempty" maxItems:"50"`
}

// ReinvestmentTest is the result of a test. passed is absent when it is not
// known.
type ReinvestmentTest struct {
	Rule       string             `json:"rule"`
	Status     string             `json:"status,omitempty" doc:"Of the rule: verified or unverified"`
	Fund       string             `json:"fund"`
	On         string             `json:"on"`
	Base       string             `json:"base,omitempty"`
	Against    *money.Fen         `json:"against,omitempty" doc:"Public contribution, fen"`
	Required   *int64             `json:"required_ppm,omitempty"`
	Recognised money.Fen          `json:"recognised"`
	Ratio      *float64           `json:"ratio,omitempty"`
	Passed     *bool              `json:"passed,omitempty"`
	Missing    *money.Fen         `json:"missing,omitempty" doc:"What has still to be recognised, fen"`
	Claims     []ReinvestmentDeal `json:"claims" nullable:"false"`
}

// ReinvestmentDeal is a deal with what was made of it.
type ReinvestmentDeal struct {
	Deal       string    `json:"deal"`
	Company    string    `json:"company,omitempty"`
	Route      string    `json:"route"`
	Evidence   string    `json:"evidence,omitempty"`
	Day        string    `json:"day"`
	Amount     money.Fen `json:"amount"`
	Weight     int64     `json:"weight_ppm"`
	Recognised money.Fen `json:"recognised"`
	Refused    string    `json:"refused,omitempty" doc:"route, evidence, claimed, twice or later: why it does not count"`
}

func testOut(t lookthrough.Test) ReinvestmentTest {
	out := ReinvestmentTest{t.Rule, t.Status, t.Fund, t.On, string(t.Base), t.Against, t.Required, t.Recognised, t.Ratio, t.Passed, t.Missing, []ReinvestmentDeal{}}
	for _, c := range t.Claims {
		out.Claims = append(out.Claims, ReinvestmentDeal{c.Deal, c.Company, c.Route, c.Evidence, c.Day, c.Amount, c.Weight, c.Recognised, c.Refused})
	}
	return out
}

func (s *server) reinvestment(tag string) {
	addList(s, route{id: "list_reinvestment_rules", path: "/funds/reinvestment-rules", tag: tag, needs: account.Read}, table[ReinvestmentRule]{name: "rules", columns: []column[ReinvestmentRule]{
		{"id", func(r *ReinvestmentRule) any { return r.ID }}, {"from", func(r *ReinvestmentRule) any { return r.From }}, {"to", func(r *ReinvestmentRule) any { return r.To }},
		{"base", func(r *ReinvestmentRule) any { return r.Base }}, {"status", func(r *ReinvestmentRule) any { return r.Status }}, {"document", func(r *ReinvestmentRule) any { return r.Document }}, {"article", func(r *ReinvestmentRule) any { return r.Article }}}}, s.listRules)
	add(s, route{id: "test_reinvestment", method: http.MethodPost, path: "/funds/{id}/reinvestment-test", tag: tag, needs: account.Edit, once: true}, s.testReinvestment)
}

func (s *server) listRules(_ context.Context, in *ListIn) (part[ReinvestmentRule], error) {
	if _, err := s.fundRoom(); err != nil {
		return part[ReinvestmentRule]{}, err
	}
	var all []ReinvestmentRule
	for _, r := range fund.Rules() {
		all = append(all, ruleOut(r))
	}
	return cutPage(all, &in.Paging, func(r *ReinvestmentRule) string { return r.ID })
}

// testReinvestment computes and writes nothing.
func (s *server) testReinvestment(ctx context.Context, in *struct {
	ID
	Body TestIn
}) (*answer[ReinvestmentTest], error) {
	room, err := s.fundRoom()
	if err != nil {
		return nil, err
	}
	var list []lookthrough.Rule
	for i := range in.Body.Rules {
		list = append(list, in.Body.Rules[i].rule())
	}
	if len(list) == 0 {
		for _, r := range fund.Rules() {
			list = append(list, r.Rule)
		}
	}
	t, err := room.LocalReinvestment(ctx, callOf(ctx).viewer(), in.ID.ID, list, strings.TrimSpace(in.Body.On))
	return of(testOut(t)), err
}
