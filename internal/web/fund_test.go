package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/finance/returns"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/source"
)

func init() {
	for name, page := range map[string]any{"finance": FinancePage{}, "funds": FundsPage{}, "fund": FundPage{}, "fund_tree": FundTreePage{}, "fund_report": FundReportPage{}, "fund_book": FundBookPage{},
		"fund_event": FundEventPage{}, "fund_notice": FundNoticePage{}, "fund_record": FundRecordPage{}} {
		pageTypes[name] = page
	}
}

// fundTown is the town with a fund of funds, a sub-fund under it that pays
// public money last, a fund that nobody knows anything of, one for the staff
// alone, and two that hold each other wholly.
type fundTown struct {
	*town
	public, vc, call, holding, back string
}

var fundStaff = level.Viewer{User: "demo", Clearance: level.Internal}

func newFunds(t testing.TB) *fundTown {
	t.Helper()
	x := &fundTown{town: newTown(t)}
	now := time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC)
	x.DB.SetClock(func() time.Time { return now })
	x.Ledger, x.Funds = ledger.New(), fund.New(x.DB)
	err := x.DB.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := source.Put(t.Context(), tx, change.Author{Actor: "demo"}, source.Source{ID: "play", Title: i18n.Text{ZH: "模拟", EN: "play"}, LicenceTag: source.Own, Simulated: true})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	x.open(t, "mother", "广州科技创新母基金（示例）", fund.FundOfFunds, level.Public, "own")
	x.open(t, "sub", "珠江天使创业投资合伙企业（有限合伙）", fund.SubFund, level.Public, "own")
	x.open(t, "blank", "没有数据的基金", fund.Direct, level.Public, "play")
	x.open(t, "inner", "内部基金", fund.Other, level.Internal, "own")
	x.open(t, "ring-a", "互持甲", fund.Other, level.Internal, "own")
	x.open(t, "ring-b", "互持乙", fund.Other, level.Internal, "own")
	treasury := x.commit(t, "mother", "t", fund.Party{OrgID: x.uni.ID}, lookthrough.Public, 1000)
	x.record(t, x.pay("mother", "p", "2021-02-01", treasury, "", 1000))
	x.public = x.commit(t, "sub", "m", fund.Party{FundID: "mother"}, lookthrough.Public, 300)
	x.vc = x.commit(t, "sub", "v", fund.Party{Name: "示例创投"}, lookthrough.Social, 700)
	half := 500 * money.Wan
	x.call = x.record(t, &fund.Call{Head: x.head("sub", "1", "2021-03-01"), DueOn: "2021-03-31", Total: &half, Purpose: "首期"})
	x.record(t, x.pay("sub", "v1", "2021-03-20", x.vc, x.call, 350))
	x.record(t, x.pay("sub", "m1", "2021-03-25", x.public, x.call, 150))
	stake, cost := int64(100_000), 400*money.Wan
	x.holding = x.record(t, &fund.Holding{Head: x.head("sub", "x", "2021-05-01"), OrgID: x.lab.ID, SharePPM: &stake, Amount: &cost, Round: "A", Evidence: "工商登记"})
	x.record(t, &fund.Fee{Head: x.head("sub", "f", "2021-12-31"), For: fund.Management, Amount: 10 * money.Wan})
	x.back = x.record(t, &fund.Distribution{Head: x.head("sub", "d", "2023-03-25"), Shares: []fund.Received{{CommitmentID: x.vc, Amount: 70 * money.Wan, Recallable: 35 * money.Wan}, {CommitmentID: x.public, Amount: 30 * money.Wan, Recallable: 15 * money.Wan}}})
	worth := 600 * money.Wan
	x.record(t, &fund.Valuation{Head: x.head("sub", "n", "2024-12-31"), Amount: &worth, Basis: fund.Audited})
	x.record(t, &fund.Claim{Head: x.head("sub", "c1", "2022-01-01"), Deal: "GZ-2022-001", OrgID: x.lab.ID, Route: "direct", Evidence: "工商登记", Amount: 75 * money.Wan})
	x.record(t, &fund.Claim{Head: x.head("sub", "c2", "2022-01-02"), Deal: "GZ-2022-002", Company: "未登记企业", Route: "moon", Amount: 75 * money.Wan})
	second := 100 * money.Wan
	x.record(t, &fund.Call{Head: x.head("sub", "2", "2025-03-01"), DueOn: "2025-03-31", Total: &second})
	x.commit(t, "ring-a", "b", fund.Party{FundID: "ring-b"}, "", 5)
	x.commit(t, "ring-b", "a", fund.Party{FundID: "ring-a"}, "", 5)
	s := kitSite(t, Options{Rooms: []Room{{Key: "overview", Path: "/kit"}, {Key: "finance", Path: "/finance"}, {Key: "funds", Path: "/funds", Staff: true}, {Key: "sources", Path: "/sources"}}, Version: "2026-11"})
	s.AddRegisters(x.Services)
	s.AddLedger(x.Services)
	s.AddFunds(x.Services)
	x.h = s.Handler()
	return x
}

func (x *fundTown) head(id, key, day string) fund.Head {
	return fund.Head{FundID: id, Key: key, Day: day, SourceID: "own"}
}

func (x *fundTown) open(t testing.TB, id, name string, kind fund.Kind, l level.Level, from string) {
	t.Helper()
	if _, err := x.Funds.Save(t.Context(), fundStaff, change.Author{Actor: "demo"}, fund.Fund{ID: id, Key: id, Name: i18n.Text{ZH: name, EN: "Fund " + id}, Kind: kind, PaysLast: id == "sub", Level: l, SourceID: from, ManagerID: x.college.ID}); err != nil {
		t.Fatal(err)
	}
}

func (x *fundTown) record(t testing.TB, e fund.Event) string {
	t.Helper()
	r, err := x.Funds.Record(t.Context(), fundStaff, change.Author{Actor: "demo"}, e)
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func (x *fundTown) commit(t testing.TB, id, key string, who fund.Party, nature lookthrough.Nature, wan money.Fen) string {
	t.Helper()
	amount := wan * money.Wan
	return x.record(t, &fund.Commitment{Head: x.head(id, key, "2021-01-01"), Investor: who, Nature: nature, Amount: &amount})
}

func (x *fundTown) pay(id, key, day, commitment, call string, wan money.Fen) *fund.Payment {
	return &fund.Payment{Head: x.head(id, key, day), CommitmentID: commitment, CallID: call, Amount: wan * money.Wan}
}

// mainOf is what a page says, for the report of a failure.
func mainOf(page string) string {
	_, after, _ := strings.Cut(page, "<main")
	before, _, _ := strings.Cut(after, "</main>")
	if before == "" {
		before = page
	}
	return before[:min(len(before), 4000)]
}

var fundGap = regexp.MustCompile(`[^/\w.](funds|fund|books|cases|reg|market|lookthrough|returns)\.[a-z_]+(\.[a-z_]+)*`)

// TestFunds shares one town among what only reads.
func TestFunds(t *testing.T) {
	x := newFunds(t)
	t.Run("pages", x.testPages)
	t.Run("links", x.testLinks)
	t.Run("files", x.testFiles)
}

// TestFundsWritten shares one among what writes.
func TestFundsWritten(t *testing.T) {
	x := newFunds(t)
	t.Run("pays last", x.testPaysLast)
	t.Run("forms", x.testForms)
	t.Run("cancel", x.testCancel)
}

func (x *fundTown) testPages(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		readers := map[string]*browse{}
		for _, tc := range []struct {
			as, path string
			status   int
			want     []string
			not      []string
		}{
			{"", "/finance", 200, []string{`href="/funds"`, ">3<"}, []string{"/pools", "/ledger"}},
			{"editor", "/finance", 200, []string{"/ledger", ">6<"}, nil},
			{"", "/funds", 200, []string{"/funds/sub", "/funds/blank", `title="10,000,000.00`, `title="6,000,000.00`, "2024-12-31", "/funds.csv"}, []string{"/funds/inner", "/funds/new"}},
			{"", "/funds?kind=sub_fund&unit=wan&on=2021-03-22", 200, []string{"/funds/sub?on=2021-03-22&amp;unit=wan", `title="3,500,000.00`}, []string{"/funds/mother"}},
			{"", "/funds?status=closed", 200, []string{`class="state`}, nil},
			{"", "/funds?on=soon", 422, nil, nil},
			{"editor", "/funds", 200, []string{"/funds/inner", "/funds/new"}, nil},
			{"", "/funds/sub", 200, []string{`title="10,000,000.00`, `title="1,000,000.00`, "2024-12-31", ">1.40<", ">0.20<", "/funds/sub/tree", "GZ-<wbr>2022-<wbr>001", "工商登记", `class="chart`}, []string{"示例创投", "/book", "/fund-events/", "/record/"}},
			{"viewer", "/funds/sub", 200, nil, []string{"/record/payment", "示例创投"}},
			{"editor", "/funds/sub", 200, []string{"示例创投", "/funds/mother", "/fund-events/" + x.call + "/notice", "/funds/sub/book", `title="1,000,000.00`, "2025-03-31"}, nil},
			{"editor", "/funds/sub", 200, []string{"/funds/sub/record/payment", "/funds/sub/edit"}, nil},
			{"editor", "/funds/sub?on=2021-03-22&unit=yi&multiple=1.5&base=paid", 200, nil, nil},
			{"", "/funds/sub?multiple=0.1&base=committed", 200, nil, nil},
			{"", "/funds/sub?on=1999-01-01", 200, nil, []string{"GZ-<wbr>2022"}},
			{"", "/funds/blank", 200, []string{`class="notice care"`}, nil},
			{"", "/funds/inner", 404, nil, nil}, {"", "/funds/none", 404, nil, nil}, {"", "/funds/sub/book", 401, nil, nil},
			{"", "/funds/mother/tree", 200, []string{"/funds/sub", "open=sub", ">30%", `title="1,500,000.00`}, []string{"珠江实验室"}},
			{"", "/funds/mother/tree?open=sub", 200, []string{"/organisations/" + x.lab.ID, ">3%", "工商登记"}, nil},
			{"", "/funds/mother/tree?open=all", 200, []string{"/organisations/" + x.lab.ID, "0.35×"}, nil},
			{"editor", "/funds/ring-a/tree", 200, []string{"verdict-box care"}, nil},
			{"", "/funds/inner/tree", 404, nil, nil},
			{"", "/funds/sub/report?from=2021-01-01&to=2021-12-31", 200, []string{`title="5,000,000.00`, `title="100,000.00`, "/funds/sub/report.csv?from=2021-01-01&amp;to=2021-12-31"}, nil},
			{"", "/funds/sub/report?from=2022-01-01&to=2021-12-31", 422, []string{`role="alert"`}, nil},
			{"viewer", "/funds/sub/book", 403, nil, nil}, {"editor", "/funds/sub/book", 200, []string{"/ledger/accounts/fund:sub:paid", "verdict-box ok"}, []string{"tag care"}},
			{"viewer", "/fund-events/" + x.call, 404, nil, nil},
			{"editor", "/fund-events/" + x.call, 200, []string{"/ledger/books/fund:sub/acts/", "5,000,000.00", "/notice", "/cancel"}, nil},
			{"", "/fund-events/" + x.call, 401, nil, nil}, {"viewer", "/fund-events/none", 404, nil, nil},
			{"editor", "/fund-events/" + x.call + "/notice", 200, []string{"示例创投", "of=" + x.vc, `title="1,500,000.00`}, nil},
			{"editor", "/fund-events/" + x.call + "/notice?of=" + x.vc, 200, []string{"示例创投", "3,500,000.00"}, []string{"of=" + x.public}},
			{"editor", "/fund-events/" + x.call + "/notice?of=none", 404, nil, nil},
			{"editor", "/fund-events/" + x.back + "/notice", 200, []string{`title="500,000.00`}, nil},
			{"editor", "/fund-events/" + x.holding + "/notice", 404, nil, nil}, {"", "/fund-events/" + x.call + "/notice", 401, nil, nil},
			{"viewer", "/funds/new", 403, nil, nil}, {"editor", "/funds/new", 200, nil, nil}, {"editor", "/funds/sub/edit", 200, []string{"珠江天使"}, nil},
			{"editor", "/funds/sub/record/nothing", 404, nil, nil}, {"viewer", "/funds/sub/record/payment", 403, nil, nil},
			{"editor", "/fund-events/" + x.call + "/cancel", 200, []string{`name="reason"`}, nil},
		} {
			b := readers[tc.as]
			if b == nil {
				b = x.reader(t, tc.as)
				b.lang = lang
				readers[tc.as] = b
			}
			status, page := b.get(tc.path)
			if status != tc.status {
				t.Errorf("%q opens %s in %s: %d, want %d\n%s", tc.as, tc.path, lang, status, tc.status, mainOf(page))
				continue
			}
			for _, w := range tc.want {
				if !strings.Contains(page, w) {
					t.Errorf("%s as %q in %s lacks %q:\n%s", tc.path, tc.as, lang, w, mainOf(page))
				}
			}
			for _, w := range tc.not {
				if strings.Contains(page, w) {
					t.Errorf("%s as %q in %s shows %q", tc.path, tc.as, lang, w)
				}
			}
			if g := fundGap.FindAllString(page, -1); len(g) > 0 {
				t.Errorf("%s in %s: no message for %q", tc.path, lang, g)
			}
		}
		for _, kind := range fundEventKinds {
			if status, page := readers["editor"].get("/funds/sub/record/" + kind); status != 200 || fundGap.MatchString(page) {
				t.Errorf("the form of %s: %d %q", kind, status, fundGap.FindAllString(page, -1))
			}
		}
	}
}

// testLinks follows every link of the pages of funds to a page that answers.
func (x *fundTown) testLinks(t *testing.T) {
	link := regexp.MustCompile(`href="(/(?:funds|fund-events|finance|ledger)[^"#]*)`)
	b := x.reader(t, "editor")
	seen, todo := map[string]bool{}, []string{"/finance", "/funds", "/funds/sub", "/funds/mother/tree?open=all", "/funds/sub/record/payment"}
	for len(todo) > 0 && len(seen) < 260 {
		at := todo[0]
		todo = todo[1:]
		if seen[at] {
			continue
		}
		seen[at] = true
		r := b.do(httptest.NewRequest("GET", at, nil))
		text := body(t, r)
		if r.StatusCode != 200 {
			t.Errorf("%s: %d", at, r.StatusCode)
		}
		if strings.HasPrefix(at, "/ledger") || !strings.Contains(r.Header.Get("Content-Type"), "html") {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			todo = append(todo, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d pages were found", len(seen))
	}
}

func (x *fundTown) testFiles(t *testing.T) {
	for _, tc := range []struct {
		as, path string
		status   int
		want     []string
		not      string
	}{
		{"", "/funds.csv", 200, []string{"sub_fund", "10000000.00", "6000000.00", "2024-12-31", "true"}, "inner"},
		{"viewer", "/funds.csv?kind=sub_fund", 200, []string{"珠江天使"}, "mother"},
		{"", "/funds.xlsx", 200, []string{"PK"}, ""},
		{"", "/funds/mother/tree.csv", 200, []string{"depth,held_by", x.lab.ID, "1500000.00", "工商登记"}, ""},
		{"", "/funds/inner/tree.csv", 404, nil, ""},
		{"", "/funds/sub/report.csv?from=2021-01-01&to=2021-12-31", 200, []string{"5000000.00"}, ""},
		{"", "/funds/sub/report.xlsx", 200, []string{"PK"}, ""},
		{"viewer", "/fund-events/" + x.call + "/notice.csv", 404, nil, ""},
		{"editor", "/fund-events/" + x.call + "/notice.csv", 200, []string{"示例创投", "Fund mother|广州科技创新母基金", "3500000.00"}, ""},
		{"", "/fund-events/" + x.call + "/notice.csv", 401, nil, ""},
	} {
		b := x.reader(t, tc.as)
		status, text := b.get(tc.path)
		if status != tc.status {
			t.Errorf("%s: %d\n%.300s", tc.path, status, mainOf(text))
			continue
		}
		for _, w := range tc.want {
			if !slices.ContainsFunc(strings.Split(w, "|"), func(s string) bool { return strings.Contains(text, s) }) {
				t.Errorf("%s lacks %q:\n%.2000s", tc.path, w, mainOf(text))
			}
		}
		if tc.not != "" && strings.Contains(text, tc.not) {
			t.Errorf("%s holds %q", tc.path, tc.not)
		}
	}
}

// field finds the value of an input of a page.
func fieldOf(page, name string) string {
	m := regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `"[^>]*value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return m[1]
}

// step posts a form of an event and returns the answer.
func (x *fundTown) step(t *testing.T, b *browse, path, step string, pairs ...string) (int, string, string) {
	t.Helper()
	f := url.Values{"step": {step}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := b.do(r)
	text, _ := io.ReadAll(w.Body)
	return w.StatusCode, string(text), w.Header.Get("Location")
}

// testPaysLast holds that the payment of public money before the others
// is refused in a sentence with the numbers, with who has paid what and the way
// to the ledger, and loses nothing that was written.
func (x *fundTown) testPaysLast(t *testing.T) {
	b := x.reader(t, "editor")
	b.lang = "zh"
	form := []string{"commitment_id", x.public, "amount", "60万", "day", "2025-06-01", "source_id", "own", "key", "early", "note", "提前缴款"}
	path := "/funds/sub/record/payment"
	status, page, _ := x.step(t, b, path, "check", form...)
	if status != 200 || !strings.Contains(page, "600,000.00") || !strings.Contains(page, `value="do"`) {
		t.Fatalf("the check: %d\n%s", status, mainOf(page))
	}
	status, page, _ = x.step(t, b, path, "do", form...)
	if status != 409 {
		t.Fatalf("%d\n%s", status, mainOf(page))
	}
	for _, w := range []string{"公方后出资", "7,000,000.00", "3,500,000.00", "600,000.00", `/ledger/accounts/fund:sub:paid`, "50%", `value="60万"`, `value="提前缴款"`} {
		if !strings.Contains(page, w) {
			t.Errorf("the refusal lacks %q:\n%s", w, mainOf(page))
		}
	}
	if status, page, _ = x.step(t, b, path, "do", "commitment_id", x.vc, "amount", "70万", "day", "2025-06-01", "source_id", "own", "key", "vc"); status != 303 {
		t.Fatalf("the other pays: %d\n%s", status, mainOf(page))
	}
	form[3] = "20万"
	status, page, at := x.step(t, b, path, "do", form...)
	if status != 303 || !strings.HasSuffix(at, "?done=recorded") {
		t.Fatalf("in its turn: %d\n%s", status, mainOf(page))
	}
	if _, page = b.get(at); !strings.Contains(page, "公方后出资，已核对") || !strings.Contains(page, "60%") {
		t.Errorf("the record does not show the order:\n%s", mainOf(page))
	}
	if status, _, at = x.step(t, b, path, "do", form...); status != 303 || !strings.HasSuffix(at, "?done=repeated") {
		t.Errorf("the same form again: %d %s", status, at)
	}
}

func (x *fundTown) testForms(t *testing.T) {
	b := x.reader(t, "editor")
	_, page := b.get("/funds/new")
	token := fieldOf(page, "token")
	if token == "" {
		t.Fatalf("no token:\n%s", mainOf(page))
	}
	good := []string{"name_zh", "新基金", "kind", "direct", "status", "raising", "vintage", "2025", "level", "public", "source_id", "own", "manager_id", "岭南大学（广州）", "token", token}
	bad := slices.Clone(good)
	bad[1], bad[7], bad[13] = "", "soon", "没有这家"
	r := b.post("/funds", bad...)
	if text := body(t, r); r.StatusCode != 422 || strings.Count(text, `aria-invalid="true"`) != 3 || !strings.Contains(text, "没有这家") || !strings.Contains(text, `value="soon"`) {
		t.Errorf("%d\n%s", r.StatusCode, mainOf(text))
	}
	r = b.post("/funds", good...)
	at, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	if r.StatusCode != 303 {
		t.Fatalf("%d\n%s", r.StatusCode, body(t, r))
	}
	if again := b.post("/funds", good...); again.StatusCode != 303 || !strings.HasPrefix(again.Header.Get("Location"), at) {
		t.Errorf("the same form twice: %d %s", again.StatusCode, again.Header.Get("Location"))
	}
	_, page = b.get(at)
	if !strings.Contains(page, "新基金") || !strings.Contains(page, "/organisations/"+x.uni.ID) {
		t.Errorf("%s", mainOf(page))
	}
	edit := append(slices.Clone(good), "version", "1")
	edit[1] = "改名的基金"
	if r = b.post(at+"/edit", edit...); r.StatusCode != 303 {
		t.Errorf("%d\n%s", r.StatusCode, body(t, r))
	}
	edit[1] = "又一个名字"
	r = b.post(at+"/edit", edit...)
	if text := body(t, r); r.StatusCode != http.StatusConflict || !strings.Contains(text, "改名的基金") || fieldOf(text, "version") != "2" {
		t.Errorf("somebody else has saved: %d\n%s", r.StatusCode, mainOf(text))
	}

	for _, tc := range []struct {
		kind  string
		pairs []string
	}{
		{"commitment", []string{"investor", "某某创投", "nature", "social", "amount", "1.2亿"}},
		{"commitment", []string{"investor_fund", "mother", "nature", "public", "amount", ""}},
		{"commitment", []string{"investor", x.lab.ID, "amount", "1,000,000.50"}},
		{"valuation", []string{"amount", "0", "basis", "reported"}},
		{"fee", []string{"amount", "3.5万", "for", "custody"}},
		{"holding", []string{"company", "珠江实验室", "share_ppm", "12.5%", "amount", "30万元", "round", "A"}},
		{"claim", []string{"deal", "D-1", "company", "某企业", "route", "direct", "amount", "5万"}},
	} {
		form := append([]string{"day", "2025-06-01", "source_id", "own", "key", tc.kind + strings.Join(tc.pairs, "")}, tc.pairs...)
		path := at + "/record/" + tc.kind
		if status, page, _ := x.step(t, b, path, "check", form...); status != 200 || !strings.Contains(page, `value="do"`) {
			t.Errorf("%s: check %d\n%s", tc.kind, status, mainOf(page))
		}
		status, page, to := x.step(t, b, path, "do", form...)
		if status != 303 {
			t.Errorf("%s: %d\n%s", tc.kind, status, mainOf(page))
			continue
		}
		if status, page = b.get(to); status != 200 {
			t.Errorf("%s leads to %s: %d\n%s", tc.kind, to, status, mainOf(page))
		}
	}
	for _, tc := range []struct {
		kind  string
		pairs []string
		want  int
		says  string
	}{
		{"commitment", nil, 422, `href="#f-investor"`},
		{"commitment", []string{"investor", "x", "investor_fund", "mother"}, 422, `href="#f-investor"`},
		{"payment", []string{"amount", "twelve"}, 422, `href="#f-amount"`},
		{"payment", []string{"amount", "1.2345"}, 422, `href="#f-amount"`},
		{"payment", []string{"amount", "1", "commitment_id", x.vc, "day", "2030-01-01"}, 422, `href="#f-day"`},
		{"call", []string{"due_on", "2025-07-01"}, 422, `href="#f-total"`},
		{"call", []string{"due_on", "2025-07-01", "total", "1", "due-0", "1"}, 422, `href="#f-total"`},
		{"call", []string{"due_on", "2025-07-01", "due-0", "9亿"}, 409, "“广州科技创新母基金（示例）”的未缴额度是 1,150,000.00 元"},
		{"call", []string{"due_on", "2024-07-01", "total", "1"}, 422, `href="#f-due_on"`},
		{"distribution", []string{"share-0", "1", "again-0", "2"}, 422, `href="#f-share-0"`},
		{"distribution", []string{"again-0", "2"}, 422, `href="#f-share-0"`},
		{"holding", []string{"company", "x", "share_ppm", "101"}, 422, `href="#f-share_ppm"`},
		{"exit", []string{"proceeds", "0", "holding_id", "none"}, 404, "none"},
		{"valuation", []string{"amount", "5"}, 422, `href="#f-basis"`},
		{"fee", []string{"amount", "-5", "for", "custody"}, 422, `href="#f-amount"`},
		{"claim", []string{"amount", "5", "key", ""}, 422, `href="#f-key"`},
	} {
		form := append([]string{"day", "2025-06-01", "source_id", "own", "key", "bad"}, tc.pairs...)
		status, page, _ := x.step(t, b, "/funds/sub/record/"+tc.kind, "do", form...)
		if status != tc.want || !strings.Contains(page, tc.says) || !strings.Contains(page, `id="errors"`) {
			t.Errorf("%s %q: %d, want %d and %q\n%s", tc.kind, tc.pairs, status, tc.want, tc.says, mainOf(page))
		}
	}
	parts := []string{"day", "2025-06-01", "source_id", "own", "key", "parts", "due_on", "2025-07-01"}
	for i, m := range []string{x.public, x.vc} {
		_ = m
		parts = append(parts, "due-"+i64(int64(i)), "10万")
	}
	if status, page, _ := x.step(t, b, "/funds/sub/record/call", "do", parts...); status != 303 {
		t.Errorf("a call by parts: %d\n%s", status, mainOf(page))
	}
}

func (x *fundTown) testCancel(t *testing.T) {
	b := x.reader(t, "editor")
	at := "/fund-events/" + x.back + "/cancel"
	if r := b.post(at, "reason", ""); r.StatusCode != 422 || !strings.Contains(body(t, r), `id="f-reason"`) {
		t.Errorf("without a reason: %d", r.StatusCode)
	}
	if r := b.post("/fund-events/"+x.call+"/cancel", "reason", "wrong"); r.StatusCode != 409 {
		t.Errorf("a call that was paid: %d", r.StatusCode)
	}
	page := b.follow(at, "reason", "重复登记")
	if !strings.Contains(page, "重复登记") || strings.Contains(page, at) || strings.Count(page, "/ledger/books/fund:sub/acts/") < 2 {
		t.Errorf("%s", mainOf(page))
	}
	if _, page = b.get("/funds/sub"); !strings.Contains(page, `class="weak"`) {
		t.Errorf("the list of events does not show what was cancelled")
	}
	if r := b.post(at, "reason", "again"); r.StatusCode != 409 {
		t.Errorf("twice: %d", r.StatusCode)
	}
	if _, page = b.get("/funds/sub/book"); !strings.Contains(page, "verdict-box ok") {
		t.Error("rows and book differ")
	}
}

// FuzzParseFen holds that what is understood as money is written back to the
// same, and nothing below zero comes out.
func FuzzParseFen(f *testing.F) {
	for _, s := range []string{"1200000", "1,200,000.50", "120万", "1.2亿元", "0.01", "0.0000000001亿", "-5", "1.2.3", "万", "99999999999999999999", "１２"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := parseFen(s)
		if err != nil {
			return
		}
		again, err := parseFen(got.String())
		if err != nil || again != got || got < 0 {
			t.Errorf("%q: %s, again %s, %v", s, got, again, err)
		}
	})
}

// TestRateInWords holds that a number stands only where there is one rate, and
// that every status is told in a sentence.
func TestRateInWords(t *testing.T) {
	nav := &returns.Valuation{Day: "2024-12-31", Amount: 1}
	for _, l := range i18n.Langs {
		v := &fundReading{reading: &reading{l: l}}
		for _, tc := range []struct {
			name  string
			flows []returns.Flow
			value bool
			roots int
		}{
			{"one", []returns.Flow{{Day: "2020-01-01", Amount: -100_00}, {Day: "2024-12-31", Amount: 150_00}}, true, 0},
			{"short", []returns.Flow{{Day: "2024-06-01", Amount: -100_00}, {Day: "2024-12-31", Amount: 150_00}}, true, 0},
			{"two", []returns.Flow{{Day: "2020-01-01", Amount: -100_00}, {Day: "2021-01-01", Amount: 230_00}, {Day: "2022-01-01", Amount: -132_00}}, false, 2},
			{"none", []returns.Flow{{Day: "2020-01-01", Amount: -100_00}, {Day: "2021-01-01", Amount: -1_00}}, false, 0},
			{"lost", []returns.Flow{{Day: "2020-01-01", Amount: -100_00}, {Day: "2020-01-02", Amount: 150_00_00}}, false, 0},
		} {
			r, err := returns.XIRR(tc.flows)
			if err != nil {
				t.Fatal(err)
			}
			got := v.rate(&returns.Multiples{NAV: nav, IRR: &r})
			if (got.Value != "") != tc.value || len(got.Roots) != tc.roots || strings.Contains(got.Text, "funds.") || strings.Contains(got.Text, "{") || got.Text == "" {
				t.Errorf("%s in %s: %+v of %+v", tc.name, l, got, r)
			}
		}
		if got := v.rate(&returns.Multiples{}); got.Value != "" || got.Text == "" {
			t.Errorf("without a value: %+v", got)
		}
	}
}
