package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
)

func TestCasePages(t *testing.T) {
	x := newBooks(t)
	at := casePath(x.open.ID)
	x.pages(t, []bookCase{
		{"", "/cases", 401, nil}, {"", at, 401, nil}, {"", "/cases.csv", 401, nil}, {"", at + "/actions/refuse", 401, nil}, {"viewer", at + "/actions/refuse", 403, nil},
		{"editor", "/cases", 200, []string{at, "/cases/case-big"}}, {"editor", "/cases", 200, []string{`id="tasks"`, "/cases/case-red"}},
		{"editor", "/cases?state=approved", 200, []string{`class="chips"`, "/cases"}}, {"editor", "/cases?open=closed&kind=town.grant", 200, nil}, {"editor", "/cases?overdue=1&age=30", 200, []string{at}},
		{"editor", "/cases?age=old", 422, nil}, {"editor", "/cases?cursor=1~zzz", 422, nil}, {"editor", "/cases?ref=claim%2Fbig", 200, []string{"case-big"}},
		{"editor", at, 200, []string{"<svg", "aria-current", "500,000", "/ledger/books/pool:tianhe/acts/9"}}, {"editor", at, 200, []string{at + "/actions/refuse", at + "/actions/recuse"}},
		{"editor", "/cases/none", 404, nil}, {"viewer", "/cases/case-red", 403, nil}, {"editor", "/cases/case-red", 200, nil},
		{"editor", at + "/actions/none", 404, nil}, {"editor", "/cases/none/actions/refuse", 404, nil}, {"editor", at + "/actions/refuse", 200, []string{`name="reason"`, `name="version" value="1"`, `name="key"`}},
		{"editor", at + "/actions/pay", 412, []string{`role="alert"`}},
		{"editor", "/cases.csv", 200, []string{"case-old,town.grant,1,claim/claim-1,submitted"}},
	})
	for as, want := range map[string]bool{"viewer": false, "editor": true} {
		if _, page := x.reader(t, as).get("/cases"); strings.Contains(page, "case-red") != want {
			t.Errorf("%s sees the case of a private source: %v", as, !want)
		}
	}
	if _, csv := x.reader(t, "editor").get("/cases.csv"); strings.Contains(csv, "case-red") {
		t.Error("a case of a private source leaves in a file")
	}
}

var hiddenKey = regexp.MustCompile(`name="key" value="([^"]+)"`)

func TestCaseAction(t *testing.T) {
	x := newBooks(t)
	at := casePath(x.open.ID)
	maker, checker := x.reader(t, "editor"), x.reader(t, "checker")
	for _, tc := range []struct {
		name   string
		by     *browse
		action string
		form   []string
		status int
		want   string
	}{
		{"no reason", checker, "refuse", []string{"version", "1", "key", "k1"}, 422, `role="alert"`},
		{"a long reason", checker, "refuse", []string{"version", "1", "key", "k1", "reason", strings.Repeat("长", 1001)}, 422, `role="alert"`},
		{"not JSON", checker, "approve", []string{"version", "1", "key", "k1", "body", "{"}, 422, `role="alert"`},
		{"to be checked", checker, "refuse", []string{"version", "1", "key", "k1", "reason", "材料<不全>"}, 200, "材料&lt;不全&gt;"},
		{"to be changed", checker, "refuse", []string{"version", "1", "key", "k1", "reason", "材料不全", "step", "edit"}, 200, "材料不全</textarea>"},
		{"four eyes", maker, "approve", []string{"version", "1", "key", "k2", "step", "do"}, 403, "办过“开立”"},
		{"no role", maker, "sign", []string{"version", "1", "key", "k2", "step", "do"}, 403, `role="alert"`},
		{"an old version", checker, "approve", []string{"version", "7", "key", "k3", "step", "do"}, 412, "待复核"},
		{"no version", checker, "approve", []string{"key", "k3", "step", "do"}, 412, `role="alert"`},
		{"not in this state", checker, "pay", []string{"version", "1", "key", "k3"}, 412, `role="alert"`},
	} {
		r := tc.by.post(at+"/actions/"+tc.action, tc.form...)
		if page := body(t, r); r.StatusCode != tc.status || !strings.Contains(page, tc.want) {
			t.Errorf("%s: %d, want %d and %q\n%s", tc.name, r.StatusCode, tc.status, tc.want, page)
		}
	}
	if r := checker.post("/cases/case-big/actions/approve", "version", "1", "key", "k9", "step", "do"); r.StatusCode != 409 || !strings.Contains(body(t, r), "100 万元") {
		t.Errorf("a guard that refuses: %d", r.StatusCode)
	}
	_, form := checker.get(at + "/actions/approve")
	key := hiddenKey.FindStringSubmatch(form)[1]
	do := []string{"version", "1", "key", key, "reason", "符合条件", "step", "do"}
	page := checker.follow(at+"/actions/approve", do...)
	for _, want := range []string{"符合条件", "town.budget", "pay/1", "已批准", "记录完好", `class="flash"`} {
		if !strings.Contains(page, want) {
			t.Errorf("after approval the page lacks %q:\n%s", want, page)
		}
	}
	checker.follow(at+"/actions/approve", do...) // sent twice, done once
	c, err := casework.Get(t.Context(), x.DB, x.open.ID)
	x.must(t, err)
	if c.Version != 2 || c.State != "approved" {
		t.Errorf("version %d at %s", c.Version, c.State)
	}
	if r := maker.post(at+"/actions/approve", "version", "1", "key", "other", "step", "do"); r.StatusCode != 412 || !strings.Contains(body(t, r), "已批准") {
		t.Errorf("somebody else approved first: %d", r.StatusCode)
	}
	if _, desk := maker.get("/cases"); !strings.Contains(desk, `id="notices"`) {
		t.Error("the maker is not told")
	}
	maker.follow("/cases/notices", "id", regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(func() string { _, p := maker.get("/cases"); return p }())[1])
	if _, desk := maker.get("/cases"); strings.Contains(desk, `id="notices"`) {
		t.Error("a notice that was read is still there")
	}
	if page := maker.follow(at+"/actions/recuse", "reason", "申请人是亲属", "step", "do"); !strings.Contains(page, "申请人是亲属") {
		t.Errorf("no recusal:\n%s", page)
	}
	if r := maker.post(at+"/actions/pay", "version", "3", "key", "k5", "step", "do"); r.StatusCode != 403 {
		t.Errorf("who is recused pays: %d", r.StatusCode)
	}
}

func TestCaseActionRefusesStrangers(t *testing.T) {
	x := newBooks(t)
	at := casePath(x.open.ID) + "/actions/refuse"
	form := []string{"version", "1", "key", "k", "reason", "x", "step", "do"}
	for as, want := range map[string]int{"": 401, "viewer": 403} {
		if r := x.reader(t, as).post(at, form...); r.StatusCode != want {
			t.Errorf("%q acts: %d, want %d", as, r.StatusCode, want)
		}
	}
	r := httptest.NewRequest("POST", at, strings.NewReader(url.Values{"version": {"1"}, "reason": {"x"}, "step": {"do"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := x.reader(t, "editor").do(r); got.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d", got.StatusCode)
	}
	if c, err := casework.Get(t.Context(), x.DB, x.open.ID); err != nil || c.Version != 1 {
		t.Errorf("version %d, %v", c.Version, err)
	}
}

func TestCaseChainShowsTampering(t *testing.T) {
	x := newBooks(t)
	if _, err := x.DB.Exec(t.Context(), "UPDATE casework_event SET reason = 'other' WHERE case_id = $1", x.open.ID); err != nil {
		t.Fatal(err)
	}
	if _, page := x.reader(t, "editor").get(casePath(x.open.ID)); !strings.Contains(page, "记录与校验链不符") {
		t.Errorf("a changed event is not told:\n%s", page)
	}
}
