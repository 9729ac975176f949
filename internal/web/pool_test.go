package web

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/money"
)

var poolGap = regexp.MustCompile(`[^/\w.](pools|pool|books|cases|reg|casework|ledger|web)\.[a-z_]+(\.[a-z_]+)*`)

// poolPages opens each page in both languages and looks for what it must show.
func (x *poolTown) poolPages(t *testing.T, list []bookCase) {
	t.Helper()
	for _, lang := range []string{"zh", "en"} {
		readers := map[string]*browse{}
		for _, tc := range list {
			b := readers[tc.as]
			if b == nil {
				b = x.reader(t, tc.as)
				b.lang = lang
				readers[tc.as] = b
			}
			status, page := b.get(tc.path)
			if status != tc.status {
				t.Errorf("%q opens %s in %s: %d, want %d\n%s", tc.as, tc.path, lang, status, tc.status, page)
				continue
			}
			for _, w := range tc.want {
				if !strings.Contains(page, w) {
					t.Errorf("%s in %s lacks %q:\n%s", tc.path, lang, w, page)
				}
			}
			if g := poolGap.FindAllString(strings.ReplaceAll(page, pool.ClaimKind, ""), -1); len(g) > 0 && !strings.Contains(tc.path, ".csv") {
				t.Errorf("%s in %s: no message for %q", tc.path, lang, g)
			}
		}
	}
}

func TestPoolPages(t *testing.T) {
	x := newPoolTown(t)
	at, loan, claim := poolPath(x.pool.ID), loanPath(x.loans["GZ-2026-0001"]), poolClaimPath(x.paid.ID)
	x.poolPages(t, []bookCase{
		{"", "/pools", 401, nil}, {"", at, 401, nil}, {"", at + "/loans", 401, nil}, {"", at + "/loans.csv", 401, nil}, {"", loan, 401, nil}, {"", claim, 401, nil}, {"", at + "/try", 401, nil}, {"", at + "/file", 401, nil},
		{"viewer", "/pools", 403, nil}, {"viewer", loan, 403, nil}, {"viewer", "/cases", 403, nil}, {"viewer", "/ledger", 403, nil},
		{"editor", "/pools", 200, []string{at, "≥"}},
		{"editor", at, 200, []string{"≥", "<svg", "status=late", "/ledger/accounts/", poolClaimPath(x.fresh.ID), "HHI", "3.00%"}},
		{"editor", at + "?year=2024&unit=yi", 200, nil}, {"editor", at + "?year=20x4", 422, nil}, {"editor", "/pools/none", 404, nil},
		{"editor", at + "/regimes", 200, []string{`id="gz-2015"`, "穗科规字〔2021〕2号", "CR25-<wbr>tier"}},
		{"editor", at + "/loans", 200, []string{loan, "≥"}}, {"editor", at + "/loans?status=bad&unit=yuan", 200, []string{"GZ-<wbr>2026-<wbr>0002", "/loans.csv?status=bad"}},
		{"editor", at + "/loans?balance=unknown", 200, []string{"BIG-<wbr>0003", `class="chips"`}}, {"editor", at + "/loans?borrower=nobody", 200, []string{"s-empty"}}, {"editor", at + "/loans?year=1", 422, nil},
		{"editor", at + "/loans.csv?status=repaid", 200, []string{"BIG-0004", "30000000.00,0.00"}},
		{"editor", at + "/loans.csv?balance=unknown", 200, []string{"30000000.00,,12"}},
		{"editor", loan, 200, []string{"<svg", claim, "aria-current", "1,000,000.00"}}, {"editor", "/loans/none", 404, nil},
		{"editor", loanPath(x.loans["GZ-2026-0004"]), 200, []string{loanPath(x.loans["GZ-2026-0004"]) + "/claim"}},
		{"viewer", loan + "/claim", 403, nil}, {"editor", loanPath(x.loans["GZ-2026-0004"]) + "/claim", 200, []string{`name="loss"`, "500000.00"}},
		{"editor", at + "/claims", 200, []string{claim, poolClaimPath(x.checked.ID), casePath(x.checked.CaseID)}}, {"editor", at + "/claims?state=paid&budget=2026", 200, []string{claim}},
		{"editor", at + "/claims.csv", 200, []string{x.paid.ID, "400000.00"}}, {"editor", at + "/claims?year=x", 422, nil}, {"editor", "/claims/none", 404, nil},
		{"editor", claim, 200, []string{"400,000.00", casePath(x.paid.CaseID), "CR25-<wbr>tier", "40%", "/ledger/acts/", x.paid.RegimeHash}},
		{"editor", poolClaimPath(x.fresh.ID), 200, []string{"TH-<wbr>77"}},
		{"editor", casePath(x.paid.CaseID), 200, []string{claim}}, {"editor", "/cases", 200, nil},
		{"viewer", at + "/file", 403, nil}, {"editor", at + "/file", 200, []string{`type="file"`, x.bank.ID}}, {"editor", at + "/file?what=progress", 200, nil},
		{"editor", "/pool-templates/loans.csv", 200, []string{"合同编号"}}, {"editor", "/pool-templates/progress.csv", 200, []string{"报告日"}}, {"editor", "/pool-templates/none.csv", 404, nil}, {"editor", "/pool-templates/loans.exe", 404, nil},
	})
}

// TestPoolLinks: what the pages of a pool lead to is there, and what stands
// behind a number is what the number says.
func TestPoolLinks(t *testing.T) {
	x := newPoolTown(t)
	b := x.reader(t, "editor")
	at := poolPath(x.pool.ID)
	seen := map[string]bool{}
	href := regexp.MustCompile(`href="(/[^"]*)"`)
	for _, from := range []string{"/pools", at, at + "/loans", at + "/claims", at + "/regimes", loanPath(x.loans["GZ-2026-0001"]), poolClaimPath(x.paid.ID), at + "/try?principal=501&registered=2026-01-15"} {
		_, page := b.get(from)
		for _, m := range href.FindAllStringSubmatch(page, -1) {
			to, _, _ := strings.Cut(strings.ReplaceAll(m[1], "&amp;", "&"), "#")
			if seen[to] || strings.HasPrefix(to, "/static/") || strings.HasPrefix(to, "/kit") || to == "/" {
				continue
			}
			seen[to] = true
			if status, _ := b.get(to); status != 200 {
				t.Errorf("%s leads to %s: %d", from, to, status)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d links", len(seen))
	}
	for _, status := range []string{"open", "late", "bad"} {
		f := pool.LoanFilter{PoolID: x.pool.ID, Status: status, Limit: 100}
		list, err := x.Pools.Loans(t.Context(), x.DB, f)
		x.must(t, err)
		_, page := b.get(at + "/loans?status=" + status)
		if got := strings.Count(page, `<th scope="row"><a href="/loans/`); got != len(list) {
			t.Errorf("%s: %d rows of %d", status, got, len(list))
		}
	}
}

func TestPoolFiling(t *testing.T) {
	x := newPoolTown(t)
	b, at := x.reader(t, "editor"), poolPath(x.pool.ID)+"/file"
	send := func(what, name, text string, more ...string) string {
		t.Helper()
		r := b.sendFileTo(at, name, text, append([]string{"what", what, "bank", x.bank.ID, "source_id", "own"}, more...)...)
		if r.StatusCode != 303 {
			t.Fatalf("%d:\n%s", r.StatusCode, body(t, r))
		}
		return r.Header.Get("Location")
	}
	for name, form := range map[string][]string{"no bank": {"what", "loans", "source_id", "own"}, "no source": {"what", "loans", "bank", x.bank.ID}, "a bad day": {"what", "loans", "bank", x.bank.ID, "source_id", "own", "day", "soon"}, "a guarantor": {"what", "loans", "bank", x.guarantor.ID, "source_id", "own"}} {
		if r := b.sendFileTo(at, "a.csv", poolHead, form...); r.StatusCode != 422 || !strings.Contains(body(t, r), `role="alert"`) {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	if r := b.sendFileTo(at, "a.xlsx", "PK\x03\x04 broken", "what", "loans", "bank", x.bank.ID, "source_id", "own"); r.StatusCode != 422 {
		t.Errorf("a broken file: %d", r.StatusCode)
	}
	text := poolHead + poolRow("NEW-0001", "广州新来科技有限公司", 80) + poolRow("NEW-0002", "广州又来科技有限公司", -3) + poolRow("GZ-2026-0005", "广州示例南沙新材有限公司", 500)
	token := send("loans", "贷款.csv", text)
	status, page := b.get(token)
	for _, want := range []string{"NEW-<wbr>0001", "退回", "不是大于零的金额", "已有，不变", "rejected?format=xlsx", `name="reason"`} {
		if status != 200 || !strings.Contains(page, want) {
			t.Errorf("%d, the trial lacks %q:\n%s", status, want, page)
		}
	}
	if list, err := x.Pools.Loans(t.Context(), x.DB, pool.LoanFilter{PoolID: x.pool.ID, Borrower: "广州新来科技有限公司", Limit: 2}); err != nil || len(list) != 0 {
		t.Errorf("a trial writes: %v %v", list, err)
	}
	if _, csv := b.get(token + "/rejected?format=csv"); !strings.Contains(csv, "NEW-0002") || !strings.Contains(csv, "退回原因") || strings.Contains(csv, "NEW-0001") {
		t.Errorf("rejected rows:\n%s", csv)
	}
	if status, _ := x.reader(t, "checker").get(token); status != 404 {
		t.Errorf("somebody else's file: %d", status)
	}
	if r := b.post(token + "/run"); r.StatusCode != 422 {
		t.Errorf("filed without a reason: %d", r.StatusCode)
	}
	if page := b.follow(token+"/run", "reason", "一季度报送"); !strings.Contains(page, "NEW-<wbr>0001") || strings.Contains(page, "GZ-<wbr>2026-<wbr>0005") || !strings.Contains(page, `class="flash"`) {
		t.Errorf("what was filed:\n%s", page)
	}
	if status, _ := b.get(token); status != 404 {
		t.Errorf("the upload is still there: %d", status)
	}
	progress := "合同编号,报告日,本金余额(元),逾期起始日,五级分类\nNEW-0001,2026-05-31,700000.00,2026-05-20,关注\nNEW-9999,2026-05-31,1,,\n"
	token = send("progress", "贷后.csv", progress)
	if _, page := b.get(token); !strings.Contains(page, "更新") || !strings.Contains(page, "退回") {
		t.Errorf("progress:\n%s", page)
	}
	b.follow(token+"/run", "reason", "五月贷后")
	if list, err := x.Pools.Loans(t.Context(), x.DB, pool.LoanFilter{PoolID: x.pool.ID, Borrower: "广州新来科技有限公司", Limit: 2}); err != nil || len(list) != 1 || list[0].Status != pool.Overdue {
		t.Errorf("after the report: %+v %v", list, err)
	}
	if r := b.sendFileTo(at, "a.csv", "甲,乙\n1,2\n", "what", "progress", "bank", x.bank.ID, "source_id", "own"); r.StatusCode != 303 {
		t.Errorf("other headings: %d", r.StatusCode)
	} else if status, page := b.get(r.Header.Get("Location")); status != 422 || !strings.Contains(page, "没有“合同编号”") {
		t.Errorf("other headings: %d\n%s", status, page)
	}
	if r := x.reader(t, "viewer").post(token + "/run"); r.StatusCode != 403 {
		t.Errorf("a viewer files: %d", r.StatusCode)
	}
}

func TestPoolSubmit(t *testing.T) {
	x := newPoolTown(t)
	b := x.reader(t, "editor")
	at := loanPath(x.loans["GZ-2026-0004"]) + "/claim"
	good := []string{"loss", "400000", "lawsuit", "no", "day", "2026-06-01", "source_id", "own"}
	for name, tc := range map[string]struct {
		form   []string
		status int
		want   string
	}{
		"nothing":    {nil, 422, "没有填写损失金额"},
		"no amount":  {[]string{"loss", "四十万", "day", "2026-06-01", "source_id", "own"}, 422, "四十万"},
		"too much":   {[]string{"loss", "99999999", "day", "2026-06-01", "source_id", "own"}, 409, "99,999,999.00"},
		"a day":      {[]string{"loss", "1", "day", "2026-6-1x", "source_id", "own"}, 422, "不是日期"},
		"to come":    {[]string{"loss", "1", "day", "2027-06-01", "source_id", "own"}, 422, `role="alert"`},
		"no source":  {[]string{"loss", "1", "day", "2026-06-01"}, 422, `role="alert"`},
		"to check":   {good, 200, "160,000.00"},
		"to correct": {append(good, "step", "edit"), 200, `value="400000"`},
	} {
		r := b.post(at, tc.form...)
		if page := body(t, r); r.StatusCode != tc.status || !strings.Contains(page, tc.want) {
			t.Errorf("%s: %d, want %d and %q\n%s", name, r.StatusCode, tc.status, tc.want, page)
		}
	}
	if l, err := x.Pools.Loan(t.Context(), x.DB, x.loans["GZ-2026-0004"]); err != nil || l.Status != pool.Overdue {
		t.Errorf("looking at a claim made one: %+v %v", l, err)
	}
	page := b.follow(at, append(good, "step", "do")...)
	if !strings.Contains(page, "160,000.00") || !strings.Contains(page, `class="flash"`) {
		t.Errorf("the claim:\n%s", page)
	}
	if r := b.post(at, append(good, "step", "do")...); r.StatusCode != 409 {
		t.Errorf("sent twice: %d", r.StatusCode)
	}
	for as, want := range map[string]int{"": 401, "viewer": 403} {
		if r := x.reader(t, as).post(at, append(good, "step", "do")...); r.StatusCode != want {
			t.Errorf("%q submits: %d", as, r.StatusCode)
		}
	}
}

// TestPoolCase takes a claim on by the forms of its case: what a room asks is
// asked in fields.
func TestPoolCase(t *testing.T) {
	x := newPoolTown(t)
	b := x.reader(t, "editor")
	act := func(c *pool.Claim, action string) string { return casePath(c.CaseID) + "/actions/" + action }
	_, form := b.get(act(&x.fresh, "check"))
	if strings.Contains(form, `name="body"`) || !strings.Contains(form, "district/TH-77") {
		t.Fatalf("the form of a check:\n%s", form)
	}
	_, page := b.get(casePath(x.fresh.CaseID))
	if !strings.Contains(page, act(&x.fresh, "check")) {
		t.Errorf("a likeness that can be cleared shuts the check:\n%s", page)
	}
	name := regexp.MustCompile(`<textarea id="[^"]*" name="(q-?[^"]*|cleared[^"]*)"`).FindStringSubmatch(form)
	if name == nil {
		t.Fatalf("no field for the likeness:\n%s", form)
	}
	base := []string{"version", "1", "key", "k1"}
	if r := b.post(act(&x.fresh, "check"), base...); r.StatusCode != 422 || !strings.Contains(body(t, r), "e-"+name[1]) {
		t.Errorf("unanswered: %d", r.StatusCode)
	}
	said := append(base, name[1], "两份合同原件不同")
	if r := b.post(act(&x.fresh, "check"), said...); r.StatusCode != 200 || !strings.Contains(body(t, r), "两份合同原件不同") {
		t.Errorf("to be checked: %d", r.StatusCode)
	}
	if page := b.follow(act(&x.fresh, "check"), append(said, "step", "do")...); !strings.Contains(page, "两份合同原件不同") || !strings.Contains(page, "已核查") {
		t.Errorf("after the check:\n%s", page)
	}
	_, form = b.get(act(&x.paid, "recover"))
	for _, want := range []string{`name="gross"`, `name="costs"`, `type="date"`} {
		if !strings.Contains(form, want) || strings.Contains(form, `name="body"`) {
			t.Errorf("the form of a recovery lacks %q:\n%s", want, form)
		}
	}
	file, err := casework.Get(t.Context(), x.DB, x.paid.CaseID)
	x.must(t, err)
	base = []string{"version", i64(file.Version), "key", "k2"}
	if r := b.post(act(&x.paid, "recover"), append(base, "gross", "1,000", "costs", "0")...); r.StatusCode != 422 || !strings.Contains(body(t, r), `value="1,000"`) {
		t.Errorf("a bad amount: %d", r.StatusCode)
	}
	good := append(base, "gross", "50000.50", "costs", "0", "day", "2026-06-01")
	if r := b.post(act(&x.paid, "recover"), good...); r.StatusCode != 200 || !strings.Contains(body(t, r), "50,000.50") {
		t.Errorf("to be checked: %d", r.StatusCode)
	}
	b.follow(act(&x.paid, "recover"), append(good, "step", "do")...)
	if came, err := x.Pools.Recoveries(t.Context(), x.DB, x.paid.ID); err != nil || len(came) != 2 || came[1].Gross != 5_000_050 {
		t.Errorf("recoveries %+v %v", came, err)
	}
	if _, form := x.reader(t, "checker").get(act(&x.checked, "approve")); strings.Contains(form, `name="body"`) {
		t.Errorf("an approval asks for JSON:\n%s", form)
	}
}

func TestPoolTry(t *testing.T) {
	x := newPoolTown(t)
	at := poolPath(x.pool.ID) + "/try"
	x.poolPages(t, []bookCase{
		{"editor", at, 200, []string{`name="principal"`}},
		{"editor", at + "?principal=500&class=small_micro&registered=2026-01-15&months=12&local=yes&unit=yuan", 200, []string{"2,000,000.00", "1,503,000.00"}},
		{"editor", at + "?principal=501&class=small_micro&registered=2026-01-15&months=12&local=yes&unit=yuan", 200, []string{"1,503,000.00", "CR25-<wbr>tier"}},
		{"editor", at + "?principal=500&loss=100&class=small_micro&registered=2026-01-15&months=12&local=yes&mark=ip_pledge&unit=yuan", 200, []string{"500,000.00"}},
		{"editor", at + "?principal=500&class=small_micro&registered=2026-01-15&regime=gz-2021", 200, []string{"notice"}},
		{"editor", at + "?principal=500&registered=1999-01-15", 200, []string{"notice care"}},
		{"editor", at + "?principal=lots&registered=2026-01-15", 422, []string{`role="alert"`, "lots"}}, {"editor", at + "?principal=99999999999999999&registered=2026-01-15", 422, nil}, {"editor", at + "?principal=5&registered=soon&months=no", 422, nil},
		{"editor", at + "?principal=100&mode=guarantee&class=small_micro&registered=2026-01-15&unit=yuan", 200, []string{"200,000.00"}},
	})
	if list, err := x.Pools.ListClaims(t.Context(), x.DB, pool.ClaimFilter{PoolID: x.pool.ID, Limit: 10}); err != nil || len(list) != 3 {
		t.Errorf("trying writes: %d claims, %v", len(list), err)
	}
}

func TestShareText(t *testing.T) {
	for share, want := range map[string]string{"2/5": "40%", "": "", "1": "100%", "1/3": "≈ 33.3333% (1/3)", "11/40": "27.5%", "x": ""} {
		if got := shareText(share); got != want {
			t.Errorf("%q: %q, want %q", share, got, want)
		}
	}
	if f, ok := wanAmount("501.25"); !ok || f != 501*money.Wan+2500*money.Yuan {
		t.Errorf("%v %v", f, ok)
	}
}

func TestPoolsAreOff(t *testing.T) {
	x := newBooks(t)
	s := kitSite(t, Options{})
	s.AddRegisters(x.Services)
	s.AddPools(x.Services)
	x.h = s.Handler()
	if status, page := x.reader(t, "editor").get("/pools"); status != 503 || !strings.Contains(page, "没有启用") {
		t.Errorf("%d:\n%s", status, page)
	}
}

func TestPoolsInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	x := newPoolTown(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	at := poolPath(x.pool.ID)
	for i, v := range []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}} {
		suffix := []string{"-wide", "-narrow"}[i]
		t.Run(suffix[1:], func(t *testing.T) {
			tab := browser.Open(t, srv.URL+"/sign-in?next=/account", v)
			tab.Fill("#f-name", "editor")
			tab.Fill("#f-password", testPassword)
			tab.Click("form.form button[type=submit]")
			for k, p := range []bookShot{{"pools", "", "/pools"}, {"pool", "", at}, {"regimes", "", at + "/regimes"}, {"loans", "", at + "/loans"}, {"claims", "", at + "/claims"}, {"loan", "", loanPath(x.loans["GZ-2026-0001"])},
				{"claim", "", poolClaimPath(x.paid.ID)}, {"try", "", at + "/try?principal=501&class=small_micro&registered=2026-01-15&months=12&local=yes"}, {"file", "", at + "/file"}, {"claim-form", "", loanPath(x.loans["GZ-2026-0004"]) + "/claim"}, {"check", "", casePath(x.fresh.CaseID) + "/actions/check"}} {
				if !full() && k%2 != i {
					continue // each page in one view; in CI each in both
				}
				tab.Go(srv.URL + p.path)
				t.Log(p.path)
				tab.Check()
				tab.Shot("p-" + p.name + suffix)
			}
		})
	}
}
