package web

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
)

func init() {
	for name, page := range map[string]any{"capital": CapitalPage{}, "capital_list": CapitalListPage{}, "capital_form": CapitalFormPage{}, "money": MoneyPage{}} {
		pageTypes[name] = page
	}
}

// moneyTown is the town with two companies and what is known of their money.
type moneyTown struct {
	*town
	co, buyer registry.Org
	ids       map[string]string // of records, by their keys
}

// otherRooms tells of a loan and of the holding of a fund.
type otherRooms struct{ org string }

func (o otherRooms) Entries(_ context.Context, _ db.Querier, org string) ([]capital.Entry, error) {
	if org != o.org {
		return nil, nil
	}
	return []capital.Entry{
		{Kind: "loan", Strand: capital.Lent, ID: "loan-7", Day: "2021-04-09", Word: "open", Text: "穗科贷2021-7", Money: true, Amount: capital.Yuan(800_000_000), Level: level.Internal, SourceID: "own"},
		{Kind: "holding", Strand: capital.Invested, ID: "holding-1", Day: "2022", Text: "云山一号基金", Money: true, Level: level.Public, SourceID: "own", Parties: []capital.Party{{Key: "fund-1", Name: "云山一号基金"}}},
	}, nil
}

func newMoney(t testing.TB) *moneyTown {
	t.Helper()
	x := &moneyTown{town: newTown(t), ids: map[string]string{}}
	by := change.Author{Actor: "demo"}
	org := func(zh, en string) registry.Org {
		o, err := x.Registry.CreateOrg(t.Context(), by, registry.Org{Kind: registry.Enterprise, SourceID: "own", Place: registry.Place{Country: "CN", Division: "440106"},
			Names: []registry.Name{{Text: zh, Lang: "zh", Kind: registry.Official}, {Text: en, Lang: "en", Kind: registry.Label}}})
		x.must(t, err)
		return o
	}
	x.co, x.buyer = org("木棉智能装备（广州）有限公司", "Kapok Machines"), org("云山创业投资有限公司", "Yunshan Ventures")
	x.Capital = capital.New(x.DB, otherRooms{x.co.ID})
	x.must(t, x.DB.InTx(t.Context(), func(tx *db.Tx) error {
		_, err := source.Put(t.Context(), tx, by, source.Source{ID: "made-up", Kind: "own", Title: i18n.Text{ZH: "模拟来源", EN: "Invented"}, LicenceTag: source.Own, Simulated: true})
		return err
	}))
	c := func(key, on string) capital.Common {
		return capital.Common{Key: key, Company: capital.Party{OrgID: x.co.ID, Name: "木棉智能"}, On: on, Level: level.Public, SourceID: "own", Evidence: "第 3 页"}
	}
	a := capital.Round{Common: c("a", "2019-06-24"), Stage: capital.RoundA, StageText: "A+轮", Amount: capital.Yuan(3_000_000_000), Pre: &capital.Valuation{Amount: *capital.Yuan(20_000_000_000), Basis: capital.Reported},
		Investors: []capital.Investor{{Party: capital.Party{OrgID: x.buyer.ID, Name: "云山创投"}, Lead: true, Amount: capital.Yuan(2_000_000_000)}, {Party: capital.Party{Name: "某基金 <b>"}}}}
	b := capital.Round{Common: c("b", "2021"), Stage: capital.RoundB, Amount: &capital.Amount{Quantity: quantity.With(quantity.AtLeast, 20e6, "USD")}}
	unknown := capital.Round{Common: c("u", ""), Stage: capital.Angel}
	unknown.SourceID, unknown.Company = "made-up", capital.Party{Name: "无名企业", Key: "/company/nameless"}
	closed := capital.Round{Common: c("closed", "2020-02"), Stage: capital.Seed, Amount: capital.Yuan(99_900)}
	closed.Level = level.Internal
	red := capital.Round{Common: c("red", "2020-03-01"), Stage: capital.Seed, Amount: capital.Yuan(77_700)}
	red.SourceID = "red"
	hidden := capital.Round{Common: c("hidden", "2020-04-01"), Stage: capital.Seed, Amount: capital.Yuan(55_500)}
	hidden.Level = level.Confidential
	putMoney(t, x, x.Capital.Rounds, a, b, unknown, closed, red, hidden)
	putMoney(t, x, x.Capital.Acquisitions, capital.Acquisition{Common: c("q", "2024-03"), Acquirer: capital.Party{OrgID: x.buyer.ID, Name: "云山创投"}, Price: capital.Yuan(50_000_000_000)})
	putMoney(t, x, x.Capital.Listings, capital.Listing{Common: c("l", ""), Market: capital.SSE, Board: capital.STAR, Steps: []capital.Step{{State: capital.Tutoring, On: "2022-01-10"}, {State: capital.Approved, On: "2023-05-01"}}},
		capital.Listing{Common: c("l2", ""), Market: capital.HKEX, Steps: []capital.Step{{State: capital.Filed, On: "2020-01-10"}, {State: capital.Withdrawn, On: "2020-09"}}})
	putMoney(t, x, x.Capital.Contests, capital.Contest{Common: c("c", "2018-11-02"), Contest: "中国创新创业大赛", Edition: "第七届", Award: "一等奖", Place: 1, Prize: capital.Yuan(50_000_000)})
	putMoney(t, x, x.Capital.Guarantees, capital.Guarantee{Common: c("g", "2021-04-09"), Guarantor: capital.Party{Name: "穗担保"}, Contract: "保字7号", LoanID: "loan-7", Amount: capital.Yuan(640_000_000), Until: "2022-04-08", State: capital.Ended})
	putMoney(t, x, x.Capital.Premiums, capital.Premium{Common: c("p", "2022-07-01"), Insurer: capital.Party{Name: "某财险"}, Policy: "专利保险", Year: "2022", Premium: capital.Yuan(10_000_000), Subsidy: capital.Yuan(6_000_000)})
	s := kitSite(t, Options{Rooms: []Room{{Key: "overview", Path: "/kit"}, {Key: "capital", Path: "/capital", Staff: true}, {Key: "sources", Path: "/sources"}}, Version: "2026-11"})
	s.AddRegisters(x.Services)
	s.AddCapital(x.Services)
	x.h = s.Handler()
	return x
}

func (x *moneyTown) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func putMoney[T any](t testing.TB, x *moneyTown, r *capital.Register[T], rows ...T) {
	t.Helper()
	x.must(t, x.DB.InTx(t.Context(), func(tx *db.Tx) error {
		out, err := r.Put(t.Context(), tx, change.Author{Actor: "demo"}, rows)
		for i := range out {
			if out[i].Err != nil {
				return out[i].Err
			}
			for _, h := range shelves {
				if h, ok := h.(*shelfOf[T]); ok {
					x.ids[h.word+"/"+h.common(&rows[i]).Key] = out[i].ID
				}
			}
		}
		return err
	}))
}

var capitalGap = regexp.MustCompile(`[^/\w"](capital|reg|market|books|web)\.[a-z_]+(\.[a-z_]+)*`)

// look opens pages in both languages and returns those in Chinese.
func (x *moneyTown) look(t *testing.T, as, path string, status int, want ...string) string {
	t.Helper()
	first := ""
	for _, lang := range []string{"zh", "en"} {
		b := x.reader(t, as)
		b.lang = lang
		got, page := b.get(path)
		if got != status {
			t.Errorf("%q opens %s in %s: %d, want %d\n%s", as, path, lang, got, status, page)
			return ""
		}
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s in %s lacks %q:\n%s", path, lang, w, page)
			}
		}
		if g := capitalGap.FindAllString(page, -1); len(g) > 0 && !strings.Contains(path, ".csv") {
			t.Errorf("%s in %s: no message for %q", path, lang, g)
		}
		if first == "" {
			first = page
		}
	}
	return first
}

func TestCapitalRegisters(t *testing.T) {
	x := newMoney(t)
	x.look(t, "", "/capital", 200, "/rounds", "/premiums", "/listings?state=approved")
	public := x.look(t, "", "/rounds", 200, x.ids["round/a"], x.ids["round/b"], x.ids["round/u"], "30,000,000 CNY", "≥ USD", "/organisations/"+x.buyer.ID, "某基金 &lt;b&gt;", `id="totals"`, "day=none", "from=2019&amp;to=2019")
	staff := x.look(t, "editor", "/rounds?unit=yuan", 200, x.ids["round/closed"], x.ids["round/red"], "999.00", "/rounds/new")
	for name, page := range map[string]string{"public": public, "editor": staff} {
		if strings.Contains(page, x.ids["round/hidden"]) || strings.Contains(page, "555.00") {
			t.Errorf("the %s sees a confidential round", name)
		}
	}
	if strings.Contains(public, x.ids["round/closed"]) || strings.Contains(public, x.ids["round/red"]) {
		t.Error("the public sees internal rounds")
	}
	for path, want := range map[string][]string{
		"/rounds?stage=a": {x.ids["round/a"], `class="chips"`},
		"/rounds?party=" + url.QueryEscape("云山"):         {x.ids["round/a"]},
		"/rounds?with=" + x.buyer.ID:                     {x.ids["round/a"], "云山"},
		"/rounds?day=none&by=stage":                      {x.ids["round/u"]},
		"/rounds?from=2021&to=2021":                      {x.ids["round/b"]},
		"/rounds?division=440106&by=division":            {x.ids["round/a"]},
		"/rounds?division=none":                          {x.ids["round/u"]},
		"/rounds?q=" + url.QueryEscape("没有的企业"):          {`href="/rounds"`},
		"/acquisitions":                                  {"500,000,000 CNY", "/organisations/" + x.buyer.ID},
		"/listings":                                      {`class="pipeline"`, "/listings?state=withdrawn", x.ids["listing/l"]},
		"/listings?state=approved&market=SSE&board=star": {x.ids["listing/l"], `aria-current="true"`},
		"/contests?contest=" + url.QueryEscape("中国创新创业大赛") + "&by=award": {"中国创新创业大赛"},
		"/guarantees?state=ended":                 {"穗担保", "2022-04-08"},
		"/premiums?year=2022&by=policy":           {"专利保险"},
		"/rounds/" + x.ids["round/a"]:             {"/organisations/" + x.co.ID + "/money", `id="source-1"`, "云山创投"},
		"/rounds/" + x.ids["round/u"]:             {`class="notice care"`, "/company/nameless"},
		"/listings/" + x.ids["listing/l"]:         {"2022-01-10", `id="steps"`},
		"/guarantees/" + x.ids["guarantee/g"]:     {"2022"},
		"/contests/" + x.ids["contest/c"]:         {"500,000 CNY"},
		"/premiums/" + x.ids["premium/p"]:         {"60,000 CNY"},
		"/acquisitions/" + x.ids["acquisition/q"]: {"500,000,000 CNY"},
		"/rounds.csv":                             {"a,"},
		"/listings.csv?state=approved":            {"approved,SSE,star"},
		"/organisations/" + x.co.ID:               {"/organisations/" + x.co.ID + "/money"},
		"/premiums.csv":                           {"6"}, "/guarantees.csv": {"穗担保"}, "/contests.csv": {"一等奖"}, "/acquisitions.csv": {"云山创投"},
	} {
		x.look(t, "", path, 200, want...)
	}
	for path, status := range map[string]int{"/rounds/none": 404, "/rounds/" + x.ids["round/closed"]: 404, "/rounds?by=body": 422, "/rounds?from=soon": 422, "/rounds?cursor=1~zz": 422, "/rounds/new": 401, "/listings/" + x.ids["listing/l"] + "/step": 401,
		"/rounds?q=%ff%00": 200, "/rounds?org=%ff": 200} {
		x.look(t, "", path, status)
	}
	x.look(t, "viewer", "/rounds/new", 403)
	if _, csv := x.reader(t, "editor").get("/rounds.csv"); strings.Contains(csv, "777") || !strings.Contains(csv, "999") {
		t.Errorf("the file is of the wrong rounds:\n%s", csv)
	}
	x.look(t, "editor", "/rounds/"+x.ids["round/red"], 200, `id="history"`)
	x.look(t, "editor", "/changes?kind=round", 200, "/rounds/"+x.ids["round/a"])
	if _, page := x.reader(t, "admin").get("/changes?kind=round"); strings.Contains(page, x.ids["round/hidden"]) {
		t.Error("the log tells of a confidential round")
	}
}

// TestCapitalWithoutRoom holds that a city without these registers is told so.
func TestCapitalWithoutRoom(t *testing.T) {
	x := newTown(t)
	s := kitSite(t, Options{})
	s.AddRegisters(x.Services)
	s.AddCapital(x.Services)
	x.h = s.Handler()
	for _, path := range []string{"/capital", "/rounds", "/rounds/x", "/rounds.csv", "/organisations/" + x.uni.ID + "/money"} {
		if status, _ := x.reader(t, "").get(path); status != http.StatusServiceUnavailable {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestMoneyPage(t *testing.T) {
	x := newMoney(t)
	at := "/organisations/" + x.co.ID + "/money"
	public := x.look(t, "", at, 200, "<svg", "/rounds/"+x.ids["round/a"], "/funds/fund-1", "/premiums/"+x.ids["premium/p"], "/listings/"+x.ids["listing/l"], "strand=lent", `id="source-1"`, "2021")
	for _, closed := range []string{"loan-7", x.ids["round/closed"], x.ids["round/hidden"], "穗科贷"} {
		if strings.Contains(public, closed) {
			t.Errorf("the public sees %s", closed)
		}
	}
	staff := x.look(t, "editor", at, 200, "/loans/loan-7", x.ids["round/closed"], "/rounds/new?org="+x.co.ID)
	_, drawing, _ := strings.Cut(staff, `<figure class="lanes"`)
	drawing, _, _ = strings.Cut(drawing, "</figure>")
	if n := strings.Count(drawing, `<a href="/`); n != 15 {
		t.Errorf("the timeline links %d entries", n)
	}
	lent := x.look(t, "editor", at+"?strand=lent", 200, "loan-7")
	if strings.Contains(lent, "/rounds/"+x.ids["round/a"]) {
		t.Error("a strand shows another one's entries")
	}
	x.look(t, "", at+"?strand=lent", 200, `class="state`)
	x.look(t, "", at+"?strand=gold", 422)
	x.look(t, "", "/organisations/none/money", 404)
	x.look(t, "", "/organisations/"+x.secret.ID+"/money", 401)
	x.look(t, "", at+".csv", 200, "2019-06-24,invested,round,"+x.ids["round/a"], ",ge,USD,")
	if _, csv := x.reader(t, "").get(at + ".csv"); strings.Contains(csv, "loan-7") {
		t.Error("the file tells the public of a loan")
	}
	if _, csv := x.reader(t, "editor").get(at + ".csv"); !strings.Contains(csv, "loan-7") || strings.Contains(csv, "777") {
		t.Error("the staff's file lacks the loan, or has what is for private use")
	}
	// Sums keep their bounds and currencies.
	for _, want := range []string{"≥</span> <span class=\"num\">2,000</span>", "3,000"} {
		if !strings.Contains(public, want) {
			t.Errorf("the sums lack %q:\n%s", want, public)
		}
	}
	_, err := x.Registry.Merge(t.Context(), change.Author{Actor: "demo", Reason: "同一家"}, x.co.ID, x.buyer.ID, x.co.Version, x.buyer.Version)
	x.must(t, err)
	if r := x.reader(t, "").do(httptest.NewRequest("GET", at, nil)); r.StatusCode != http.StatusSeeOther || !strings.HasSuffix(r.Header.Get("Location"), x.buyer.ID+"/money") {
		t.Errorf("a merged company: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
}

var linkTo = regexp.MustCompile(`href="(/[^"#]*)`)

// TestCapitalLinks follows every link from every page of the registers.
func TestCapitalLinks(t *testing.T) {
	x := newMoney(t)
	b := x.reader(t, "editor")
	seen, queue := map[string]bool{"/capital": true}, []string{"/capital", "/organisations/" + x.co.ID + "/money"}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		status, page := b.get(path)
		if status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		if !regexp.MustCompile(`^/(capital|rounds|acquisitions|listings|contests|guarantees|premiums|organisations/[^/]+/money)`).MatchString(path) {
			continue
		}
		for _, m := range linkTo.FindAllStringSubmatch(page, -1) {
			to := strings.ReplaceAll(m[1], "&amp;", "&")
			if seen[to] || regexp.MustCompile(`^/$|^/(static|funds|loans|sign-|account|import|search|kit|organisations/(new|.*/(edit|merge|relate)))|[?&](lang|unit|by|history)=`).MatchString(to) || len(seen) > 220 {
				continue
			}
			seen[to] = true
			queue = append(queue, to)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d pages", len(seen))
	}
}

// TestAmountsSurviveTheForm holds that what a form shows is read as it was.
func TestAmountsSurviveTheForm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		units := []quantity.Unit{"CNY", "USD", "HKD", "EUR", "JPY", "GBP"}
		bounds := []quantity.Bound{quantity.Exact, quantity.Above, quantity.AtLeast, quantity.Below, quantity.AtMost, quantity.Nearly, quantity.About, quantity.Between}
		a := &capital.Amount{Quantity: quantity.With(bounds[r.IntN(len(bounds))], float64(r.Int64N(1e14))/100, units[r.IntN(len(units))])}
		if r.IntN(2) == 0 {
			a.Value = float64(r.Int64N(1e6)) * 1e4
		}
		if a.Bound == quantity.Between {
			a.Quantity = quantity.Span(a.Value, a.Value+float64(1+r.Int64N(1e6)), a.Unit)
		}
		text := amountText(a)
		got, ok := readAmount(text)
		if !ok || got.Bound != a.Bound || got.Value != a.Value || got.High != a.High || got.Unit != a.Unit {
			t.Fatalf("%+v is written as %q and read as %+v", a.Quantity, text, got)
		}
	}
}

// FuzzReadAmount holds that whatever is typed is an amount or a fault.
func FuzzReadAmount(f *testing.F) {
	for _, s := range []string{"3000万元", "超过1.5亿元", "about 20 million USD", "5000 SEK", "1亿-1.2亿元", "8成", "2024年", "3 4", "\x00", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := readAmount(strings.TrimSpace(s))
		if ok && a != nil && (a.Unit == "" || a.Validate() != nil) {
			t.Errorf("%q is %+v", s, a)
		}
	})
}

// TestReferencesLead holds that what an act of the books refers to opens.
func TestReferencesLead(t *testing.T) {
	v := &reading{l: "zh"}
	for ref, want := range map[string]string{"fund/f-1": "/funds/f-1", "fund_event/e-1": "/fund-events/e-1", "pool/p": "/pools/p", "loan/l": "/loans/l", "claim/c": "/claims/c", "case/k": "/cases/k",
		"round/r": "/rounds/r", "listing/l": "/listings/l", "nothing/x": "", "plain": ""} {
		if got := v.recordLink(ref); got.Href != want || got.Text == "" {
			t.Errorf("%s leads to %q under %q, want %q", ref, got.Href, got.Text, want)
		}
	}
}
