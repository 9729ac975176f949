package api

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db/dbtest"
)

func TestQuery(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, dbtest.SQLite(t), withRankings(t), func(sv *Services) { sv.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	w.ask(account.Editor, "POST", base+"/query", QueryIn{SQL: "SELECT 1"}).problem(503, "stats.no_facts")
	w.compute()
	ask := func(in QueryIn) reply { return w.ask(account.Editor, "POST", base+"/query", in) }
	w.ask("", "POST", base+"/query", QueryIn{SQL: "SELECT 1"}).problem(401, "errs.sign_in")
	w.ask(account.Viewer, "POST", base+"/query", QueryIn{SQL: "SELECT 1"}).problem(403, "errs.forbidden")
	var out QueryOut
	ask(QueryIn{SQL: "SELECT kind, count(*) AS n, $city AS c, NULL AS nothing, 9007199254740993 AS big FROM fact_org GROUP BY kind ORDER BY n DESC -- end"}).want(200).in(&out)
	if out.Set != "facts" || out.Simulated || out.ChangeSeq == 0 || len(out.Columns) != 5 || out.Columns[1].Name != "n" || fmt.Sprint(out.Rows[0][:4]) != "[university 2 440100 <nil>]" || out.More {
		t.Errorf("answer %+v", out)
	}
	if r := ask(QueryIn{SQL: "SELECT 9007199254740993 AS big;"}); !strings.Contains(string(r.body), "[[9007199254740993]]") {
		t.Errorf("a long number is cut: %s", r.body)
	}
	if ask(QueryIn{SQL: "SELECT count(*) AS n FROM work", Set: "world"}).want(200).in(&out); !out.Simulated || fmt.Sprint(out.Rows) != "[[600]]" {
		t.Errorf("answer %+v", out)
	}
	if ask(QueryIn{SQL: "SELECT i FROM range(50) t(i) ORDER BY i DESC", Limit: 3}).want(200).in(&out); !out.More || fmt.Sprint(out.Rows) != "[[49] [48] [47]]" {
		t.Errorf("answer %+v", out)
	}
	for _, x := range []struct {
		in   QueryIn
		want string
	}{
		{QueryIn{SQL: "SELEC 1"}, "422 stats.refused"}, {QueryIn{SQL: "SELECT * FROM read_text('/etc/passwd')"}, "422 stats.refused"}, {QueryIn{SQL: "DROP VIEW fact_org"}, "403 stats.not_a_select"},
		{QueryIn{SQL: "SELECT 1; DROP VIEW fact_org"}, "422 stats.refused"}, {QueryIn{SQL: "SELECT 1", Set: "none"}, "404 corpus.none"}, {QueryIn{SQL: "SELECT 1", Set: "../x"}, "422 corpus.bad_name"},
		{QueryIn{SQL: "SELECT 1", Limit: 10_001}, "422 api.at_most"}, {QueryIn{SQL: strings.Repeat(" ", 60_001)}, "422 api.too_long"},
	} {
		var p Problem
		if r := ask(x.in).in(&p); fmt.Sprint(r.status, " ", p.Code) != x.want {
			t.Errorf("%.40s: %s, want %s", x.in.SQL, r.body, x.want)
		}
	}
	for _, want := range []string{"msg=query", "set=facts", "user=" + w.users[account.Editor].ID, "DROP VIEW fact_org", "sql_sha256=", "outcome=answered", "rows=1", "took_ms="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}

func TestQueryIsBounded(t *testing.T) {
	rows, err := within([][]any{{"abc"}, {"def"}, {"ghi"}}, 14)
	if err != nil || len(rows) != 2 {
		t.Errorf("%v, %v", rows, err)
	}
	w := newWorld(t, dbtest.SQLite(t))
	w.compute()
	var out QueryOut
	w.ask(account.Editor, "POST", base+"/query", QueryIn{SQL: "SELECT repeat('x', 30000) AS x FROM range(2000)", Limit: 2000}).want(200).in(&out)
	if !out.More || len(out.Rows) > queryBytes/30000 || len(out.Rows) < 100 {
		t.Errorf("%d rows, more %v", len(out.Rows), out.More)
	}
}

func TestTablesOfQuery(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), withRankings(t))
	tables := func(path string) map[string]QueryTable {
		var page Page[QueryTable]
		w.ask(account.Editor, "GET", base+path, nil).want(200).in(&page)
		out := map[string]QueryTable{}
		for _, x := range page.Items {
			out[x.Set+"."+x.Name] = x
		}
		return out
	}
	if got := tables("/query/tables"); len(got["world.work"].Columns) == 0 || got["world.work"].Rows != 600 || !got["world.work"].Simulated {
		t.Errorf("tables %+v", got)
	}
	w.ask(account.Editor, "GET", base+"/query/tables?set=facts", nil).problem(503, "stats.no_facts")
	w.compute()
	if got := tables("/query/tables?limit=500"); got["facts.fact_org"].Rows != 3 || got["world.point"].Rows == 0 {
		t.Errorf("tables %+v", got)
	}
	if got := tables("/query/tables?set=world"); len(got) != 10 {
		t.Errorf("tables %+v", got)
	}
	if rows := csvOf(t, w.ask(account.Editor, "GET", base+"/query/tables?set=facts&format=csv", nil)); len(rows) == 0 || !strings.Contains(rows[0]["columns"], "VARCHAR") {
		t.Errorf("file %v", rows)
	}
}

func TestHowAFigureWasComputed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.compute()
		var sheet FigureSheet
		w.get(base + "/figures/" + exampleFigure).want(200).in(&sheet)
		how := sheet.How
		if how == nil || len(how.Statements) != 2 || how.Statements[0].SQL != sheet.Figure.Compute.SQL || how.Words.EN != "Counted." || len(how.Facts) != 1 || how.Facts[0].Name != "fact_org" || how.Facts[0].Rows != 3 || len(how.Facts[0].SHA256) != 64 || how.ChangeSeq == 0 {
			t.Errorf("how %+v", how)
		}
		// The statement gives the value again.
		var out QueryOut
		w.ask(account.Editor, "POST", base+"/query", QueryIn{SQL: how.Statements[0].SQL}).want(200).in(&out)
		if fmt.Sprint(out.Rows[0][0]) != fmt.Sprint(sheet.Computed[0].Quantity.Value) {
			t.Errorf("the statement gives %v, the value is %v", out.Rows, sheet.Computed[0].Quantity.Value)
		}
		if w.ask(account.Editor, "GET", base+"/figures/orgs.private", nil).want(200).in(&sheet); len(sheet.Computed) > 0 {
			t.Errorf("sheet %+v", sheet)
		}
	})
}
