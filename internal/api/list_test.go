package api

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

// more adds n organisations to the world.
func (w *world) more(n int) {
	w.t.Helper()
	rows := make([]registry.Org, n)
	for i := range rows {
		rows[i] = registry.Org{ID: fmt.Sprintf("org-%04d", i), Kind: registry.Bank, Status: registry.Active, SourceID: "ror",
			Names: []registry.Name{{Text: fmt.Sprintf("Bank %04d", i), Lang: "en", Kind: registry.Official}}}
	}
	w.must(w.d.InTx(w.t.Context(), func(tx *db.Tx) error {
		out, err := w.sv.Registry.PutOrgs(w.t.Context(), tx, tester, rows)
		return outcome(out, err)
	}))
}

// walk follows rel="next" from path and returns the ids that it meets.
func (w *world) walk(role account.Role, path string) []string {
	w.t.Helper()
	var ids []string
	for steps := 0; path != ""; steps++ {
		if steps > 200 {
			w.t.Fatal("the pages have no end")
		}
		r := w.ask(role, "GET", path, nil).want(200)
		var page Page[struct {
			ID string `json:"id"`
		}]
		r.in(&page)
		for _, v := range page.Items {
			ids = append(ids, v.ID)
		}
		link := r.header.Get("Link")
		if (link != "") != (page.Next != "") {
			w.t.Fatalf("Link %q, next %q", link, page.Next)
		}
		path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
	}
	return ids
}

func TestPagesMeetEveryItemOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.more(23)
		for _, path := range []string{"/api/v1/organisations?kind=bank&limit=5", "/api/v1/organisations?kind=bank&limit=7&sort=newest", "/api/v1/organisations?q=bank&limit=23&sort=name_en"} {
			ids := w.walk("", path)
			slices.Sort(ids)
			if len(ids) != 23 || len(slices.Compact(ids)) != 23 {
				t.Errorf("%s: %d items", path, len(ids))
			}
		}
		if ids := w.walk("", "/api/v1/sources?limit=1"); len(ids) != 3 {
			t.Errorf("sources %v", ids)
		}
		if ids := w.walk(account.Editor, "/api/v1/changes?limit=3&kind=org"); len(ids) != 26 {
			t.Errorf("%d changes of organisations", len(ids))
		}
		w.get("/api/v1/sources?limit=1&cursor=" + encodeCursor("ror")).want(200)
		for _, bad := range []string{"ror", "a", encodeCursor("ror") + "x", "%00"} {
			w.get("/api/v1/sources?cursor="+bad).problem(422, "api.bad_cursor")
		}
		w.get("/api/v1/divisions?cursor="+encodeCursor("gone")).problem(422, "api.bad_cursor")
		w.ask(account.Editor, "GET", "/api/v1/changes?cursor="+encodeCursor("-1"), nil).problem(422, "api.bad_cursor")
	})
}

func csvOf(t *testing.T, r reply) []map[string]string {
	t.Helper()
	text, ok := strings.CutPrefix(string(r.want(200).body), "\ufeff")
	if !ok || r.header.Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("no byte order mark or wrong type %s", r.header.Get("Content-Type"))
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := []map[string]string{}
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

func TestListsAsFiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.more(exportStep + 7)
		all := csvOf(t, w.get("/api/v1/organisations?kind=bank&limit=3", "Accept", "text/csv"))
		if len(all) != exportStep+7 {
			t.Errorf("a file holds all items, got %d", len(all))
		}
		// Even an editor gets no file with rows of a source tagged R.
		r := w.ask(account.Editor, "GET", "/api/v1/organisations?format=csv&country=CN", nil)
		rows := csvOf(t, r)
		if len(rows) != 2 || strings.Contains(string(r.body), "不公开") {
			t.Errorf("rows %v", rows)
		}
		if d := r.header.Get("Content-Disposition"); d != `attachment; filename="kapok-organisations.csv"` {
			t.Errorf("Content-Disposition %s", d)
		}
		at := slices.IndexFunc(rows, func(m map[string]string) bool { return m["id"] == sysu })
		got := rows[at]
		for name, want := range map[string]string{"name_zh": "中山大学", "name_en": "Sun Yat-sen University", "other_names": "'=cmd()", "identifiers": "ror:0064kty71", "lat": "23.096", "closed": "",
			"source_id": "ror", "source_title": "研究机构登记", "source_publisher": "ROR", "source_licence": "CC0-1.0", "simulated": "false"} {
			if got[name] != want {
				t.Errorf("%s = %q, want %q", name, got[name], want)
			}
		}
		if m := rows[1-at]; m["simulated"] != "true" || m["lat"] != "" {
			t.Errorf("made-up rows say so, unknown is empty: %v", m)
		}
		x := w.get("/api/v1/organisations?country=CN", "Accept", "application/json;q=0.5, "+sheet.XLSX.ContentType(), "Accept-Language", "en").want(200)
		book, err := excelize.OpenReader(bytes.NewReader(x.body))
		if err != nil {
			t.Fatal(err)
		}
		table, err := book.GetRows("Sheet1")
		if err != nil || len(table) != 3 || !slices.Contains(table[0], "source_title") || !slices.Contains(slices.Concat(table...), "Research Organization Registry") {
			t.Errorf("%v, %v", table, err)
		}
	})
}

// TestEveryListIsAFileWithSources asks each list for a file: it has the columns
// of its source, or is a list of something that has none.
func TestEveryListIsAFileWithSources(t *testing.T) {
	w := furnished(t)
	unsourced := []string{"merges_of_organisation", "list_sessions", "list_sources", "ranking_indicators", "list_releases", "release_files", "diff_releases", "query_tables",
		"list_weights", "list_introductions", "list_notices", "list_disclosures", "list_saved_searches",
		"report_of_fund", "reconcile_fund", "notice_of_call", "notice_of_distribution", "list_reinvestment_rules", "regimes_of_pool", "exposure_of_pool", "ageing_of_pool", "breakers_of_pool",
		"claims_by_member", "doubles_of_pool", "totals_of_rounds", "totals_of_acquisitions", "totals_of_listings", "totals_of_contests", "totals_of_guarantees", "totals_of_premiums",
		"list_books", "list_accounts", "list_acts", "statement_of_account", "events_of_case", "list_case_kinds"} // the last three lines: sums, papers and logs of records that have one
	n := 0
	for _, rt := range w.s.routes {
		op := w.operation(rt)
		if success(op).Content["text/csv"] == nil {
			continue
		}
		n++
		r := w.ask(account.Admin, rt.method, w.example(rt), nil, "Accept", "text/csv").want(200)
		head, _, _ := strings.Cut(strings.TrimPrefix(string(r.body), "\ufeff"), "\r\n")
		if !strings.Contains(head, "source_id") && !slices.Contains(unsourced, rt.id) {
			t.Errorf("%s has no source column: %s", rt.id, head)
		}
		if strings.Contains(string(r.body), "不公开公司") || strings.Contains(string(r.body), "内部文章") {
			t.Errorf("%s: a private row left: %s", rt.id, r.body)
		}
	}
	if n < 12 {
		t.Errorf("only %d lists", n)
	}
}

func TestPrivateRecordsAreKeptFromReaders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, role := range []account.Role{"", account.Viewer} {
			for _, path := range []string{"/organisations/" + secret, "/organisations/" + secret + "/changes", "/organisations/" + secret + "/relations", "/organisations/" + secret + "/papers", "/papers/paper-2"} {
				w.ask(role, "GET", base+path, nil).problem(404, "errs.not_found")
			}
			for _, path := range []string{"/organisations", "/papers?format=csv", "/papers", "/search?q=%E4%B8%8D%E5%85%AC%E5%BC%80%E5%85%AC%E5%8F%B8"} {
				if r := w.ask(role, "GET", base+path, nil).want(200); bytes.Contains(r.body, []byte("不公开公司")) || bytes.Contains(r.body, []byte("内部文章")) {
					t.Errorf("%s shows %s to %q", path, r.body, role)
				}
			}
		}
		for _, path := range []string{"/organisations/" + secret, "/papers/paper-2"} {
			w.ask(account.Editor, "GET", base+path, nil).want(200)
		}
		if r := w.ask(account.Editor, "GET", base+"/search?q=%E4%B8%8D%E5%85%AC%E5%BC%80%E5%85%AC%E5%8F%B8", nil).want(200); !bytes.Contains(r.body, []byte(secret)) {
			t.Errorf("an editor finds it: %s", r.body)
		}
		// A record that was private once keeps that state to itself.
		w.ask(account.Editor, "PATCH", base+"/organisations/"+secret, map[string]any{"source_id": "made-up"}, "If-Match", `"v1"`).want(200)
		var page Page[Change]
		w.get(base + "/organisations/" + secret + "/changes").want(200).in(&page)
		if len(page.Items) != 2 || page.Items[0].Before != nil || page.Items[0].After == nil || page.Items[1].After != nil {
			t.Errorf("history %+v", page.Items)
		}
		// The copy of the sources follows the log.
		w.must(w.d.InTx(t.Context(), func(tx *db.Tx) error {
			v, err := source.Get(t.Context(), tx, "ror")
			if err != nil {
				return err
			}
			v.LicenceTag = source.Red
			_, err = source.Put(t.Context(), tx, tester, v)
			return err
		}))
		w.get(base+"/organisations/"+sysu).problem(404, "errs.not_found")
	})
}

// TestBrokenFileIsBrokenOff: a reader must not take half a file for a whole one.
func TestBrokenFileIsBrokenOff(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	boom := errors.New("boom at 440106199001011234")
	calls := 0
	addList(w.s, route{id: "broken", path: "/broken", tag: "sources"}, sourceTable(), func(_ contextOf, in *ListIn) (part[source.Source], error) {
		if calls++; calls > 1 || in.Cursor != "" {
			return part[source.Source]{}, boom
		}
		return part[source.Source]{items: slices.Repeat([]source.Source{{ID: "x"}}, 4000), next: "more"}, nil
	})
	srv := httptest.NewServer(w.h)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+base+"/broken?format=csv", nil)
	w.must(err)
	res, err := http.DefaultClient.Do(req)
	w.must(err)
	defer res.Body.Close()
	if _, err := new(bytes.Buffer).ReadFrom(res.Body); err == nil {
		t.Error("the answer ends as if it were whole")
	}
	calls = 1
	w.get(base+"/broken?format=csv").problem(500, "errs.internal")
	if r := w.get(base + "/broken"); strings.Contains(string(r.body), "boom") {
		t.Errorf("the cause is for the log: %s", r.body)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add("")
	f.Add("ror")
	f.Add(encodeCursor("ror"))
	f.Add(encodeCursor("-7"))
	f.Add("\xff\x00")
	f.Fuzz(func(t *testing.T, s string) {
		key, err := decodeCursor(s)
		if err == nil && s != "" && encodeCursor(key) != s {
			t.Errorf("%q is read as %q, which is written %q", s, key, encodeCursor(key))
		}
		if err != nil && errs.KindOf(err) != errs.Invalid {
			t.Errorf("%q: %v", s, err)
		}
		if s != "" {
			if back, err := decodeCursor(encodeCursor(s)); err != nil || back != s {
				t.Errorf("%q comes back as %q, %v", s, back, err)
			}
		}
		if seq, err := decodeSeq(s); err == nil && seq < 0 {
			t.Errorf("%q: %d", s, seq)
		}
		versionOf(s)
		pointer(s)
		pointer("body." + s)
		shown := (&call{}).shown(change.Entry{After: []byte(s)})
		sourceOfChange(&shown)
	})
}

// FuzzQuery throws query strings at lists: whatever they are, the answer is a
// page or a problem that repeats nothing, never a failure.
func FuzzQuery(f *testing.F) {
	w := newWorld(f, dbtest.SQLite(f))
	for _, q := range []string{"q=%E4%B8%AD&kind=bank", "cursor=eyJzIjoibmFtZSJ9", "limit=1e9", "q=%25_%5C&prefix=true", "division=44%00105", "sort=newest&cursor=x", "q=%ff", "a=b;c=d", "kind=,,", "format=csv&q='"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", base+"/organisations", nil)
		r.URL.RawQuery = q
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		if rec.Code != 200 && rec.Code != 422 {
			t.Errorf("%q: %d %s", q, rec.Code, rec.Body)
		}
	})
}

func TestPointer(t *testing.T) {
	for location, want := range map[string]string{"body": "/", "body.names[0].text": "/names/0/text", "body[2].a": "/2/a", "query.limit": "limit", "body.a/b": "/a~1b", "path.id": "id"} {
		if got := pointer(location); got != want {
			t.Errorf("%s: %q, want %q", location, got, want)
		}
	}
	if got := pointer("body." + strings.Repeat("名", 100)); len(got) > longestName+4 {
		t.Errorf("a long name is cut: %d bytes", len(got))
	}
}

func TestColumnsAreNamedOnce(t *testing.T) {
	for name, head := range map[string][]string{"orgs": names(orgTable()), "platforms": names(platformTable()), "papers": names(paperTable()), "relations": names(relationTable())} {
		sorted := slices.Sorted(slices.Values(head))
		if diff := cmp.Diff(slices.Compact(slices.Clone(sorted)), sorted); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func names[T any](t table[T]) []string {
	out := slices.Clone(sourceHead)
	for _, c := range t.columns {
		out = append(out, c.name)
	}
	return out
}
