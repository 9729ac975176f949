package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
)

// invested is a city with rooms of finance that invest has filled.
func invested(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := newWorld(t, inJune(d), withFinance)
	w.money = w.invest()
	return w
}

// TestBadInputOfFinance holds that what cannot be is refused in one sentence of
// either language, with nothing posted.
func TestBadInputOfFinance(t *testing.T) {
	w := invested(t, dbtest.SQLite(t))
	m, ctx := &w.money, t.Context()
	whole := 100 * money.Wan
	for _, pair := range [][2]string{{"ring-a", "ring-b"}, {"ring-b", "ring-a"}} {
		if _, err := w.sv.Funds.Fund(ctx, level.Staff, "fund-ring-b"); err != nil {
			for _, key := range []string{"ring-a", "ring-b"} {
				_, err := w.sv.Funds.Save(ctx, level.Staff, tester, fund.Fund{ID: "fund-" + key, Key: key, Name: i18n.Text{ZH: key}, Kind: fund.SubFund, Level: level.Public, SourceID: "ror"})
				w.must(err)
			}
		}
		_, err := w.sv.Funds.Record(ctx, level.Staff, tester, &fund.Commitment{Head: fund.Head{FundID: "fund-" + pair[0], Key: pair[1], Day: "2024-01-01", SourceID: "ror"}, Investor: fund.Party{FundID: "fund-" + pair[1]}, Nature: lookthrough.Social, Amount: &whole})
		w.must(err)
	}
	w.must(w.d.InTx(ctx, func(tx *db.Tx) error {
		return w.sv.Ledger.ClosePeriod(ctx, tx, tester, "fund:"+m.sub, "2022-12-31", "year end")
	}))
	before := w.acts()
	pay := func(day string, amount int64) map[string]any {
		return map[string]any{"key": "late", "day": day, "source_id": "ror", "commitment_id": m.firm, "amount": amount}
	}
	for name, c := range map[string]struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		"unknown account": {"GET", "/ledger/accounts/none", nil, 404, "ledger.unknown_account"},
		"overflow":        {"POST", "/funds/" + m.sub + "/payments", pay("2024-05-01", 1<<62), 422, "fund.amount"},
		"closed period":   {"POST", "/funds/" + m.sub + "/payments", pay("2022-05-01", 100), 409, "ledger.closed_period"},
		"second claim": {"POST", "/compensation-claims", ClaimIn{LoanID: m.loan, MemberID: m.bank, Loss: fenOf(money.Wan), SourceID: "made-up"},
			409, "pool.claim_second"},
		"claim by the wrong party": {"POST", "/compensation-claims", ClaimIn{LoanID: m.bad, MemberID: m.guarantor, Loss: fenOf(money.Wan), SourceID: "made-up"}, 409, "pool.claim_party"},
		"ownership cycle":          {"GET", "/funds/fund-ring-a/tree", nil, 409, "lookthrough.cycle"},
		"no day":                   {"GET", "/ledger/accounts/fund:" + m.sub + ":cash?effective=2026-02-30", nil, 422, "finance.day"},
		"no column":                {"GET", "/rounds?is=colour:red", nil, 422, "capital.column"},
	} {
		for _, l := range []string{"zh", "en"} {
			p := w.ask(account.Editor, c.method, base+c.path, c.body, "Accept-Language", l)
			var got Problem
			if p.status != c.status || json.Unmarshal(p.body, &got) != nil || got.Code != c.code {
				t.Errorf("%s: %d %s", name, p.status, p.body)
				continue
			}
			sentence(t, name, l, got.Detail)
		}
	}
	if after := w.acts(); after != before {
		t.Errorf("%d acts in the books, not %d: something was posted", after, before)
	}
}

// sentence holds that a text is a sentence of a language, without a key or an
// open place.
func sentence(t *testing.T, name, lang, text string) {
	t.Helper()
	han := strings.ContainsFunc(text, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
	full := strings.HasSuffix(text, "。") || strings.HasSuffix(text, ".")
	if !full || strings.ContainsAny(text, "{}!！") || lang == "zh" && !han {
		t.Errorf("%s in %s is no sentence: %q", name, lang, text)
	}
}

// acts counts what stands in all books.
func (w *world) acts() int64 {
	w.t.Helper()
	books, err := w.sv.Ledger.Books(w.t.Context(), w.d)
	w.must(err)
	n := int64(0)
	for _, b := range books {
		n += b.Acts
	}
	return n
}

// TestUnbalancedPosting has no way in through the API, which only rooms post
// behind; its sentences are the same.
func TestUnbalancedPosting(t *testing.T) {
	w := invested(t, dbtest.SQLite(t))
	for name, postings := range map[string][]ledger.Posting{
		"unbalanced": {{Account: "fund:" + w.money.sub + ":cash", Amount: 5}, {Account: "fund:" + w.money.sub + ":paid", Amount: -4}},
		"overflow":   {{Account: "fund:" + w.money.sub + ":cash", Amount: 1<<63 - 1}, {Account: "fund:" + w.money.sub + ":paid", Amount: -1 << 62}},
		"unknown":    {{Account: "none", Amount: 5}, {Account: "fund:" + w.money.sub + ":paid", Amount: -5}},
	} {
		err := w.d.InTx(t.Context(), func(tx *db.Tx) error {
			_, err := w.sv.Ledger.Post(t.Context(), tx, tester, ledger.Transaction{Key: name, Postings: postings})
			return err
		})
		if err == nil {
			t.Errorf("%s was posted", name)
		}
		for _, l := range i18n.Langs {
			sentence(t, name, string(l), i18n.Error(l, err))
		}
	}
}

// TestRateIsNeverBare: a fund that only took money in has no rate, and a
// sentence says so.
func TestRateIsNeverBare(t *testing.T) {
	w := invested(t, dbtest.SQLite(t))
	_, err := w.sv.Funds.Record(t.Context(), level.Staff, tester, &fund.Valuation{Head: fund.Head{FundID: w.money.mother, Key: "n", Day: "2024-12-31", SourceID: "ror"}, Amount: fenOf(0), Basis: fund.Audited})
	w.must(err)
	for _, l := range []string{"zh", "en"} {
		var out FundSheet
		w.get(base+"/funds/"+w.money.mother+"/sheet?on=2025-01-01", "Accept-Language", l).want(200).in(&out)
		if irr := out.Multiples.IRR; irr == nil || irr.Rate != nil || irr.Status != "no_solution" || irr.Reason != "no_sign_change" {
			t.Fatalf("rate %+v", irr)
		}
		sentence(t, "no sign change", l, out.Multiples.IRR.Sentence)
		if len(out.Members) > 0 {
			t.Error("members are told to everybody")
		}
	}
}

// TestFiling: rows and a file go the same way, a dry run writes nothing, and a
// guarantor that is not a member is rejected with the reason.
func TestFiling(t *testing.T) {
	w := invested(t, dbtest.SQLite(t))
	m := &w.money
	query := "?bank=" + m.bank + "&source=made-up&dry_run="
	rows := map[string]any{"rows": []LoanRow{
		{Contract: "N-1", Borrower: "广州新甲有限公司", Principal: 100 * money.Wan, LentOn: "2026-02-01", Local: "yes", Mode: "bank"},
		{Contract: "N-2", Borrower: "广州新乙有限公司", Principal: 100 * money.Wan, LentOn: "2026-02-01", Local: "yes", Mode: "guarantee", Guarantor: "没有登记的担保公司"}}}
	count := func() int {
		list, err := w.sv.Pools.Loans(t.Context(), w.d, pool.LoanFilter{PoolID: m.pool, Limit: 100})
		w.must(err)
		return len(list)
	}
	before := count()
	for _, l := range []string{"zh", "en"} {
		var out Filed
		w.ask(account.Editor, "POST", base+"/pools/"+m.pool+"/loans"+query+"true", rows, "Accept-Language", l).want(200).in(&out)
		if !out.DryRun || out.Rows[0].Result != "created" || out.Rows[1].Result != "rejected" || count() != before {
			t.Fatalf("dry run %+v, %d loans", out, count()-before)
		}
		sentence(t, "unknown guarantor", l, out.Rows[1].Reason)
	}
	text := "contract,borrower,principal,lent on,local\nN-3,广州新丙有限公司,1000000,2026-02-01,yes\nN-4,,x,2026-02-01,yes\n"
	var out Filed
	w.ask(account.Editor, "POST", base+"/pools/"+m.pool+"/loans/file"+query+"false", text, "Content-Type", "text/csv").want(200).in(&out)
	if count() != before+1 || out.Rows[1].Result != "rejected" || out.Rows[1].Row != 3 {
		t.Errorf("filed %+v", out)
	}
	w.ask(account.Editor, "POST", base+"/pools/"+m.pool+"/progress"+query+"false", map[string]any{"rows": []ProgressRow{{Contract: "N-3", Day: "2026-06-01", OverdueSince: "2026-05-01"}}}).want(200).in(&out)
	if out.Rows[0].Result != "updated" {
		t.Errorf("progress %+v", out)
	}
	w.ask(account.Viewer, "POST", base+"/pools/"+m.pool+"/loans"+query+"true", rows).problem(403, "errs.forbidden")
}

// TestACaseByTheAPI does a claim's first steps by two people, and holds that
// one of them alone cannot.
func TestACaseByTheAPI(t *testing.T) {
	w := invested(t, dbtest.SQLite(t))
	one := base + "/cases/" + w.money.caseID
	var actions CaseActions
	r := w.ask(account.Admin, "GET", one+"/actions", nil).want(200).in(&actions)
	if len(actions.Actions) == 0 || actions.State != "claim_submitted" {
		t.Fatalf("actions %+v", actions)
	}
	tag := r.header.Get("ETag")
	w.ask(account.Editor, "POST", one+"/actions/check", DoIn{}, "If-Match", tag).want(403)
	w.ask(account.Admin, "POST", one+"/actions/check", DoIn{}).problem(428, "api.if_match_missing")
	w.ask(account.Admin, "POST", one+"/actions/reject", DoIn{}, "If-Match", tag).want(422)
	var sheet CaseSheet
	w.ask(account.Admin, "POST", one+"/actions/reject", DoIn{Reason: "不在范围"}, "If-Match", tag, "Idempotency-Key", "r1").want(200).in(&sheet)
	if sheet.State != "rejected" || !sheet.Intact || len(sheet.Events) != 2 {
		t.Errorf("case %+v", sheet)
	}
	w.ask(account.Admin, "POST", one+"/actions/reject", DoIn{Reason: "不在范围"}, "If-Match", tag).want(412)
	svg := w.ask(account.Admin, "GET", base+"/case-kinds/"+pool.ClaimKind+"/diagram", nil).want(200)
	if !strings.HasPrefix(string(svg.body), "<svg") || svg.header.Get("Content-Type") != svgType {
		t.Errorf("diagram %s %.80s", svg.header.Get("Content-Type"), svg.body)
	}
	w.must(casework.Verify(context.WithoutCancel(t.Context()), w.d, w.money.caseID))
}

// TestMoneyHidesWhatIsHidden: what comes from a source tagged R is shown to
// nobody but the staff, and leaves in no file.
func TestMoneyHidesWhatIsHidden(t *testing.T) {
	w := invested(t, dbtest.SQLite(t))
	for path, hidden := range map[string]string{"/funds": "fund-secret", "/rounds": "r2"} {
		if r := w.get(base + path).want(200); strings.Contains(string(r.body), hidden) {
			t.Errorf("%s shows %s to everybody", path, hidden)
		}
		if r := w.ask(account.Editor, "GET", base+path, nil).want(200); !strings.Contains(string(r.body), hidden) {
			t.Errorf("%s hides %s from the staff", path, hidden)
		}
		if r := w.ask(account.Editor, "GET", base+path+"?format=csv", nil).want(200); strings.Contains(string(r.body), hidden) {
			t.Errorf("%s lets %s leave", path, hidden)
		}
	}
	w.get(base + "/funds/fund-secret").want(404)
	w.ask(account.Editor, "GET", base+"/funds/fund-secret/report?from=2024-01-01&to=2024-12-31&format=csv", nil).problem(403, "finance.private_file")
	w.ask(account.Viewer, "GET", base+"/loans", nil).problem(403, "errs.forbidden")
	w.get(base+"/ledger/books").problem(401, "errs.sign_in")
	file := string(w.ask(account.Editor, "GET", base+"/funds/"+w.money.sub+"/calls/"+w.money.call+"/notice?format=csv", nil).want(200).body)
	if !strings.Contains(file, "示例创投") {
		t.Errorf("notice %s", file)
	}
}

// TestFinanceWithoutRooms holds that a Kapok without them says so.
func TestFinanceWithoutRooms(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	for _, path := range []string{"/funds", "/pools", "/loans", "/compensation-claims", "/rounds", "/organisations/" + sysu + "/money", "/ledger/books", "/ledger/verify", "/cases", "/case-kinds"} {
		w.ask(account.Admin, "GET", base+path, nil).problem(503, "api.not_offered")
	}
}
