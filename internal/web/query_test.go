package web

import (
	"encoding/csv"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/stats"
)

// TestObservatory shares one city, which takes longest to make.
func TestObservatory(t *testing.T) {
	x := newObservatoryTown(t)
	for name, test := range map[string]func(*testing.T, *observatoryTown){
		"roles": queryIsForAnalysts, "answers": queryAnswers, "style": styleAddsUp, "editions": editionPages, "clusters": clusterPages, "releases": releasePages, "observatory in a browser": observatoryInABrowser, "file": queryAsFile, "figure": queryOfAFigure, "browser": queryInABrowser,
	} {
		t.Run(name, func(t *testing.T) { test(t, x) })
	}
}

func queryIsForAnalysts(t *testing.T, x *observatoryTown) {
	for who, want := range map[string]int{"": 401, "viewer": 403, "editor": 200, "admin": 200} {
		if status, _ := x.reader(t, who).get("/query"); status != want {
			t.Errorf("%q sees the query page with %d, want %d", who, status, want)
		}
		if got := x.reader(t, who).post("/query", "sql", "SELECT 1").StatusCode; got != want {
			t.Errorf("%q asks with %d, want %d", who, got, want)
		}
	}
}

func queryAnswers(t *testing.T, x *observatoryTown) {
	b := x.reader(t, "editor")
	ask := func(sql string) string { return body(t, b.post("/query", "set", "facts", "sql", sql)) }
	for _, tc := range []struct{ sql, want string }{
		{"SELECT kind, count(*) AS n FROM fact_org GROUP BY kind ORDER BY n DESC -- end", "university"},
		{"SELECT $city AS c, $province AS p;", "440100"},
		{"SELECT NULL AS nothing", `<span class="none">NULL</span>`},
		{"SELECT 1.5::DECIMAL(4,2), 170141183460469231731687303715884105727::HUGEINT, [1,2], DATE '2024-04-22'", "2024-04-22"},
		{"SELECT * FROM range(500)", "只显示前 200 行"},
		{"SELECT '<script>alert(1)</script>' AS x", "&lt;script&gt;"},
		{"", "请先写一条 SELECT"},
		{"SELEC 1", "查询无法执行：Parser Error"},
		{"SELECT nothing FROM fact_org", "查询无法执行：Binder Error"},
		{"SELECT 1; DROP VIEW fact_org", "查询无法执行"},
		{"DROP VIEW fact_org", "只执行一条 SELECT"},
		{"SELECT * FROM read_text('/etc/passwd')", "查询无法执行"},
		{"COPY (SELECT 1) TO '/tmp/x'", "查询无法执行"},
		{"SELECT 1) AS q; ATTACH '/tmp/x.db' AS y; SELECT * FROM (SELECT 1", "查询无法执行"},
		{"SET memory_limit='9GB'", "只执行一条 SELECT"},
	} {
		if got := ask(tc.sql); !strings.Contains(got, tc.want) {
			t.Errorf("%s: the page lacks %q:\n%s", tc.sql, tc.want, textOf(got))
		}
	}
	sorted := ask("SELECT i FROM range(100000) t(i) ORDER BY i DESC")
	if !strings.Contains(sorted, `<td class="n">99999</td></tr>`) || strings.Index(sorted, ">99999<") > strings.Index(sorted, ">99801<") {
		t.Error("a sorted query has lost its order under the limit")
	}
	for _, want := range []string{"msg=query", "set=facts", "DROP VIEW fact_org", "sql_sha256=", "outcome=answered", "rows="} {
		if !strings.Contains(x.log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

func queryAsFile(t *testing.T, x *observatoryTown) {
	r := x.reader(t, "editor").post("/query", "sql", "SELECT range AS i, '=1+1' AS f, NULL AS n FROM range(1500) ORDER BY 1", "as", "csv")
	if got := r.Header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body(t, r), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 1501 || rows[0][0] != "i" || rows[1500][0] != "1499" || rows[1][1] != "'=1+1" || rows[1][2] != "" {
		t.Errorf("%d rows, first %v, %v", len(rows), rows[:2], err)
	}
}

func queryOfAFigure(t *testing.T, x *observatoryTown) {
	b := x.reader(t, "editor")
	_, page := b.get("/figures/platforms.district")
	for _, want := range []string{"/query?figure=platforms.district&amp;part=value&amp;set=facts", "fact_platform", "SHA-256", "$city"} {
		if !strings.Contains(page, want) {
			t.Errorf("the figure page lacks %q", want)
		}
	}
	if _, asGuest := x.reader(t, "").get("/figures/platforms.district"); strings.Contains(asGuest, "/query?") || !strings.Contains(asGuest, "fact_platform") {
		t.Error("a guest is offered the query, or not shown the facts")
	}
	_, form := b.get("/query?set=facts&figure=platforms.district&part=value")
	if !strings.Contains(form, "FROM fact_platform") {
		t.Errorf("the form does not hold the figure's query: %s", textOf(form))
	}
}

func queryInABrowser(t *testing.T, x *observatoryTown) {
	browser := e2e.Browser(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	for _, v := range []e2e.View{{}, {Width: 360, Accept: "en"}} {
		tab := browser.Open(t, srv.URL+"/sign-in?next=/query", v)
		tab.Fill("#f-name", "editor")
		tab.Fill("#f-password", testPassword)
		tab.Click("main button[type=submit]")
		e2e.Eval[bool](tab, `document.querySelector("#f-sql").value = "SELECT o.id, o.kind, o.name_zh, o.name_en, o.lat, range AS n FROM fact_org o, range(10) ORDER BY 1, n", true`)
		tab.Check()
		tab.Click("main .query-form button")
		tab.Check()
		if got := tab.Text("#result h2"); !strings.Contains(got, "200") {
			t.Errorf("the result says %q", got)
		}
		tab.Shot("query-" + v.Accept)
	}
}

func textOf(page string) string {
	i := strings.Index(page, `<form class="query-form"`)
	return page[max(0, i):min(len(page), max(0, i)+900)]
}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == stats.AnswerCommand {
		os.Exit(stats.AnswerOne(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}
