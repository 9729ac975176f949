package web

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

func init() {
	for name, page := range map[string]any{"ledger": BooksPage{}, "ledger_book": BookPage{}, "ledger_account": LedgerAccountPage{}, "ledger_act": LedgerActPage{}, "ledger_report": LedgerReportPage{}} {
		pageTypes[name] = page
	}
}

// bookTown is the town with one book of a pool, an empty one beside it, and
// cases.
type bookTown struct {
	*town
	now  time.Time
	open casework.Case // waits for a checker
}

const (
	cash  = "pool:tianhe:2025:cash"
	spent = "pool:tianhe:2025:spent"
)

func newBooks(t testing.TB) *bookTown {
	t.Helper()
	x := &bookTown{town: newTown(t), now: time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)}
	x.DB.SetClock(func() time.Time { return x.now })
	x.Ledger = ledger.New()
	by := change.Author{Actor: "demo"}
	zero := money.Fen(0)
	account := func(id, zh, en string, normal ledger.Side, unit string) ledger.Account {
		return ledger.Account{ID: id, Book: "pool:tianhe", Code: "1002", Name: i18n.Text{ZH: zh, EN: en}, Normal: normal, Unit: unit, Owner: "pool/tianhe"}
	}
	c := account(cash, "天河区科技型中小企业信贷风险补偿资金池二〇二五年度托管银行专户存款", "Cash of the Tianhe pool for 2025 in the custodian's account", ledger.Debit, ledger.CNY)
	c.Floor = &zero
	x.write(t, func(tx *db.Tx) error {
		return x.Ledger.Open(t.Context(), tx, by, c, account(spent, "补偿支出", "Compensation paid", ledger.Debit, ledger.CNY),
			account("pool:tianhe:2025:capital", "财政拨款", "Public capital", ledger.Credit, ledger.CNY),
			account("pool:tianhe:quota", "额度", "Quota", ledger.Debit, "quota"), account("pool:tianhe:granted", "已授额度", "", ledger.Credit, "quota"),
			ledger.Account{ID: "fund/ab:cash", Book: "fund/ab", Normal: ledger.Debit, Unit: ledger.CNY})
	})
	day := func(on string, key string, evidence string, legs ...ledger.Posting) ledger.Transaction {
		return ledger.Transaction{Key: key, On: on, Kind: "compensation", Reason: "按办法第八条补偿", Ref: "claim/claim-1", Postings: legs, Evidence: json.RawMessage(evidence)}
	}
	trace := `{"rule":{"zh":"首次不良按五成补偿","en":"half of a first loss"},"article":"第八条","rate_ppm":500000,"rounding":"floor","steps":[{"name":"principal","amount":300000000},{"name":"share","amount":150000000}],"settled":null}`
	x.write(t, func(tx *db.Tx) error {
		_, err := x.Ledger.Post(t.Context(), tx, by, day("2025-01-10", "fund/2025", "{}", ledger.Posting{Account: cash, Amount: 5_000_000_000}, ledger.Posting{Account: "pool:tianhe:2025:capital", Amount: -5_000_000_000}),
			day("2025-06-30", "pay/1", trace, ledger.Posting{Account: spent, Amount: 150_000_000}, ledger.Posting{Account: cash, Amount: -150_000_000}))
		return err
	})
	x.now = x.now.AddDate(0, 0, 3)
	x.write(t, func(tx *db.Tx) error {
		if _, err := x.Ledger.Post(t.Context(), tx, by, ledger.Transaction{Key: "pay/1/back", Reverses: "pay/1", On: "2025-08-15", Reason: "重复支付"},
			day("2025-09-30", "pay/2", trace, ledger.Posting{Account: spent, Amount: 12_345_678}, ledger.Posting{Account: cash, Amount: -12_345_678})); err != nil {
			return err
		}
		_, err := x.Ledger.Reserve(t.Context(), tx, by, ledger.Hold{Key: "claim/claim-2", Debit: spent, Credit: cash, Amount: 80_000_000, Kind: "compensation", Reason: "已批准待支付", Ref: "claim/claim-2", Expires: db.At(x.now.AddDate(0, 1, 0))})
		return err
	})
	x.cases(t)
	s := kitSite(t, Options{Rooms: []Room{{Key: "overview", Path: "/kit"}, {Key: "ledger", Path: "/ledger", Staff: true}, {Key: "cases", Path: "/cases", Staff: true}, {Key: "sources", Path: "/sources"}}, Version: "2026-11"})
	s.AddRegisters(x.Services)
	s.AddLedger(x.Services)
	s.AddCases(x.Services)
	x.h = s.Handler()
	return x
}

func (x *bookTown) write(t testing.TB, fn func(tx *db.Tx) error) {
	t.Helper()
	x.must(t, x.DB.InTx(t.Context(), fn))
}

var bookGap = regexp.MustCompile(`[^/\w](books|cases|reg|casework|ledger)\.[a-z_]+(\.[a-z_]+)*`)

// pages opens each page in both languages and looks for what it must show.
func (x *bookTown) pages(t *testing.T, list []bookCase) {
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
			if g := bookGap.FindAllString(page, -1); len(g) > 0 && !strings.Contains(tc.path, ".csv") {
				t.Errorf("%s in %s: no message for %q", tc.path, lang, g)
			}
		}
	}
}

type bookCase struct {
	as, path string
	status   int
	want     []string
}

func TestLedgerPages(t *testing.T) {
	x := newBooks(t)
	book, at := "/ledger/books/pool:tianhe", "/ledger/accounts/"+cash
	odd := "/ledger/books/" + url.PathEscape("fund/ab")
	x.pages(t, []bookCase{
		{"", "/ledger", 401, nil}, {"", book, 401, nil}, {"", at, 401, nil}, {"", at + "/statement.csv", 401, nil}, {"", book + "/journal", 401, nil},
		{"editor", "/ledger", 200, []string{book, odd, `title="50,000,000.00`}}, {"editor", "/ledger?unit=wan", 200, []string{"0.00</span>", ">5"}},
		{"editor", "/ledger?unit=yi", 200, []string{"0."}},
		{"editor", book, 200, []string{at, `title="49,876,543.22`, `title="800,000.00`, `title="49,076,543.22`}},
		{"editor", book + "?on=2025-07-31&known=2026-03-03&unit=yuan", 200, []string{"48,500,000.00", "on=2025-07-31"}},
		{"editor", book + "?on=2025-07-31&unit=yuan", 200, []string{"48,500,000.00"}},
		{"editor", book + "?on=2025-13-31", 422, nil}, {"editor", book + "?known=soon", 422, nil},
		{"editor", "/ledger/books/none", 404, nil}, {"editor", "/ledger/books/none/journal", 404, nil}, {"editor", "/ledger/books/none/holds", 404, nil},
		{"editor", odd, 200, []string{"/ledger/accounts/fund%2Fab:cash"}}, {"editor", "/ledger/accounts/fund%2Fab:cash", 200, []string{"fund/<wbr>ab:cash"}},
		{"editor", book + "/acts", 200, []string{"pool:tianhe/acts/9", "badge"}}, {"editor", book + "/acts?cursor=3", 200, []string{"/acts/3"}},
		{"editor", book + "/holds", 200, []string{"/ledger/acts/claim%2Fclaim-2", "800,000.00", "2026-04-05 02:00 UTC", "已批准待支付", "claim-2"}},
		{"editor", odd + "/holds", 200, nil}, {"editor", book + "/anchors", 200, nil},
		{"editor", at, 200, []string{"pool:tianhe:2025:cash", "<svg", "<details", "500,000", book + "/acts/7"}},
		{"editor", at + "?on=2025-07-31&unit=yuan", 200, []string{"48,500,000.00"}},
		{"editor", "/ledger/accounts/none", 404, nil},
		{"editor", book + "/acts/7", 200, []string{"500,000", "pay/<wbr>1/<wbr>back", book + "/acts/6", "/cases/case-old", `<code>`}},
		{"editor", "/ledger/acts/pay%2F1%2Fback", 200, []string{"/ledger/acts/pay%2F1"}},
		{"editor", book + "/acts/1", 200, nil}, {"editor", book + "/acts/0", 404, nil}, {"editor", book + "/acts/99", 404, nil}, {"editor", book + "/acts/x", 404, nil}, {"editor", "/ledger/acts/none", 404, nil},
		{"editor", book + "/accounts.csv?on=2025-07-31", 200, []string{cash, "48500000.00"}},
		{"editor", at + "/statement.csv", 200, []string{"123456.78"}},
		{"editor", book + "/journal", 200, []string{"2025-09-30", cash}},
	})
}

func TestLedgerVerify(t *testing.T) {
	x := newBooks(t)
	b := x.reader(t, "editor")
	r := b.post("/ledger/books/pool:tianhe/verify")
	page := body(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, "没有不符之处") {
		t.Errorf("%d:\n%s", r.StatusCode, page)
	}
	if r := x.reader(t, "").post("/ledger/books/pool:tianhe/verify"); r.StatusCode != 401 {
		t.Errorf("a stranger checks a book: %d", r.StatusCode)
	}
	if r := b.post("/ledger/books/none/verify"); r.StatusCode != 404 {
		t.Errorf("a book that is not there: %d", r.StatusCode)
	}
	for _, sql := range []string{"DROP TRIGGER IF EXISTS ledger_entry_no_update", "UPDATE ledger_entry SET amount = amount + 1 WHERE account = '" + cash + "' AND version = 2"} {
		if _, err := x.DB.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	page = body(t, b.post("/ledger/books/pool:tianhe/verify"))
	for _, want := range []string{"处不符", cash, `href="/ledger/books/pool:tianhe/acts/7"`} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %q:\n%s", want, page)
		}
	}
	page = body(t, b.post("/ledger/books/"+url.PathEscape("fund/ab")+"/verify"))
	if !strings.Contains(page, "在其他账簿") {
		t.Errorf("the faults of the other book are not counted:\n%s", page)
	}
}

func TestScaled(t *testing.T) {
	for _, tc := range []struct {
		f, scale money.Fen
		want     string
	}{
		{0, money.Yuan, "0.00"}, {-1, money.Yuan, "−0.01"}, {123456789, money.Yuan, "1,234,567.89"}, {123456789, money.Wan, "123.46"}, {-49, money.Wan, "0.00"}, {5000, money.Wan, "0.01"},
		{-1 << 63, money.Yuan, "−92,233,720,368,547,758.08"}, {1<<63 - 1, money.Yi, "922,337,203.69"},
	} {
		if got := scaled(tc.f, tc.scale); got != tc.want {
			t.Errorf("%d in %d: %s, want %s", tc.f, tc.scale, got, tc.want)
		}
	}
}

func TestTraceIsBounded(t *testing.T) {
	v := &reading{l: i18n.ZH}
	deep := v.trace(json.RawMessage(strings.Repeat("[", 200) + strings.Repeat("]", 200)))
	if deep == nil || deep.Raw == "" {
		t.Errorf("deep evidence is gone: %+v", deep)
	}
	long := v.trace(json.RawMessage("[" + strings.Repeat("1,", 3000) + "1]"))
	if !long.Cut || len(long.Nodes) >= traceLines {
		t.Errorf("long evidence: cut %v, %d lines", long.Cut, len(long.Nodes))
	}
	if v.trace(nil) != nil || v.trace(json.RawMessage("{}")) != nil {
		t.Error("no evidence is shown as some")
	}
	if got := v.trace(json.RawMessage("7")); len(got.Nodes) != 1 || got.Nodes[0].Text != "7" {
		t.Errorf("a bare number: %+v", got)
	}
}

func TestLedgerInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	x := newBooks(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	x.look(t, browser, srv.URL, []bookShot{
		{"ledger", "editor", "/ledger"}, {"ledger-book", "editor", "/ledger/books/pool:tianhe"}, {"ledger-account", "editor", "/ledger/accounts/" + cash}, {"ledger-act", "editor", "/ledger/books/pool:tianhe/acts/7"}, {"ledger-holds", "editor", "/ledger/books/pool:tianhe/holds"},
		{"cases", "editor", "/cases"}, {"case", "editor", casePath(x.open.ID)}, {"case-action", "editor", casePath(x.open.ID) + "/actions/refuse"},
	})
}

type bookShot struct{ name, as, path string }

func (x *bookTown) look(t *testing.T, browser *e2e.Rig, base string, list []bookShot) {
	t.Helper()
	views := []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}}
	for i, v := range views {
		t.Run([]string{"wide", "narrow"}[i], func(t *testing.T) {
			tab := browser.Open(t, base+"/sign-in?next=/account", v)
			tab.Fill("#f-name", "editor")
			tab.Fill("#f-password", testPassword)
			tab.Click("form.form button[type=submit]")
			for k, p := range list {
				if !full() && k%2 != i {
					continue // each page in one view; in CI each in both
				}
				tab.Go(base + p.path)
				t.Log(p.path)
				tab.Check()
				tab.Shot("b-" + p.name + []string{"-wide", "-narrow"}[i])
			}
			tab.Go(base + "/ledger/books/pool:tianhe")
			tab.Click(".title form button")
			tab.Check()
			tab.Shot("b-report" + []string{"-wide", "-narrow"}[i])
			tab.Go(base + casePath(x.open.ID) + "/actions/refuse")
			tab.Fill("#f-reason", "材料不全，且未在补正期限内补齐")
			tab.Click("form.form button[value=check]")
			tab.Check()
			tab.Shot("b-check" + []string{"-wide", "-narrow"}[i])
		})
	}
}
