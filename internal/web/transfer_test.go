package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/transfer"
)

// TestEveryPageOfTheMarket opens each page in both languages and looks for
// messages that no catalogue has.
func TestEveryPageOfTheMarket(t *testing.T) {
	x := newFair(t)
	link := x.disclose(t, submitResult...)
	gap := regexp.MustCompile(`\b(market|transfer)\.[a-z_.]+`)
	at := func(kind, key string) string { return kind + "/" + x.ids[key] }
	for _, tc := range []struct{ as, path, want string }{
		{"", "/market", "/needs/" + x.ids["challenge"]}, {"", "/results", at("/results", "sampler")}, {"", "/results?q=涂层", at("/results", "corrosion")}, {"", "/results?q=zzz", `href="/results"`},
		{"", "/results?ipc=G&form=licence&trl_min=5&scale=gbt22900&price_max=200", at("/results", "sampler")}, {"", "/results?status=all&sort=expires", ""}, {"", at("/results", "sampler"), "201710601862.3"},
		{"", at("/results", "sim"), `class="notice care"`}, {"", "/needs?kind=open_challenge", at("/needs", "challenge")}, {"", at("/needs", "challenge"), "99%"}, {"", "/services?kind=equipment", at("/services", "scope")},
		{"", at("/services", "scope"), "/platforms/" + x.platform.ID}, {"", "/submit", "/submit/need"}, {"", "/submit/result", `name="summary_zh"`}, {"", "/submit/need?about=" + x.ids["sampler"], `<textarea id="f-text"`}, {"", link, "2026-000001"},
		{"viewer", "/saved", ""}, {"editor", "/market", "/triage"}, {"editor", "/results/new", `name="draft_save"`}, {"editor", at("/results", "sampler") + "/edit", "120"}, {"editor", at("/needs", "challenge") + "/edit", "500"},
		{"editor", at("/services", "scope") + "/edit", "1,200 元/小时"}, {"editor", at("/results", "soon") + "/renew", `name="expires_on"`}, {"editor", at("/results", "sampler") + "/level", `value="confidential"`},
		{"editor", at("/results", "sampler") + "/withdraw", `name="reason"`}, {"editor", at("/results", "sampler"), "/match?id=" + x.ids["sampler"] + "&amp;kind=result"}, {"editor", "/triage", "水凝胶"}, {"editor", "/triage?status=all&side=need", ""}, {"editor", "/drafts", ""},
	} {
		for _, lang := range []string{"zh", "en"} {
			b := x.reader(t, tc.as)
			b.lang = lang
			status, page := b.get(strings.ReplaceAll(tc.path, "2026-", x.in(0)[:5]))
			if status != http.StatusOK || !strings.Contains(page, strings.ReplaceAll(tc.want, "2026-", x.in(0)[:5])) {
				t.Errorf("%s in %s: %d, want %q in:\n%s", tc.path, lang, status, tc.want, page)
			}
			if g := gap.FindAllString(page, -1); len(g) > 0 {
				t.Errorf("%s in %s: no message for %v", tc.path, lang, g)
			}
		}
	}
}

// TestLevels holds lists, counts, facets, files, records and hints to what each
// reader may see.
func TestLevels(t *testing.T) {
	x := newFair(t)
	titles := map[string]string{"sampler": "高通量单细胞", "partner": "氢燃料电堆", "inside": "量子磁强计", "hidden": "测试向量压缩", "red": "细胞冻存液"}
	for _, tc := range []struct {
		as    string
		sees  string
		n     int
		files int // without the source for private use
	}{
		{"", "sampler", 4, 4}, {"viewer", "sampler partner", 5, 5}, {"editor", "sampler partner inside red", 7, 6}, {"reader", "sampler partner hidden", 6, 6},
	} {
		b := x.reader(t, tc.as)
		_, list := b.get("/results")
		_, csv := b.get("/results.csv")
		_, raw := b.get("/results.json")
		var rows []transfer.Result
		if err := json.Unmarshal([]byte(raw), &rows); err != nil {
			t.Fatalf("%q: JSON: %v\n%s", tc.as, err, raw)
		}
		if !strings.Contains(list, fmt.Sprintf("共 %d 项成果", tc.n)) || len(rows) != tc.files || strings.Count(csv, "\r\n") != tc.files+1 {
			t.Errorf("%q: want %d in the list and %d in files, got %d in JSON, %d lines of CSV; count in:\n%s", tc.as, tc.n, tc.files, len(rows), strings.Count(csv, "\r\n"), regexp.MustCompile(`共 \d+ 项成果`).FindString(list))
		}
		for key, title := range titles {
			sees := strings.Contains(tc.sees, key)
			for what, text := range map[string]string{"list": list, "csv": csv, "json": raw} {
				if want := sees && (key != "red" || what == "list"); strings.Contains(text, title) != want {
					t.Errorf("%q: %s in the %s: %v", tc.as, key, what, !want)
				}
			}
			if status, page := b.get("/results/" + x.ids[key]); (status == http.StatusOK) != sees || !sees && (status != http.StatusNotFound || strings.Contains(page, title)) {
				t.Errorf("%q opens %s: %d", tc.as, key, status)
			}
			if status, _ := b.get("/results?" + url.Values{"q": {title}}.Encode()); status != http.StatusOK {
				t.Errorf("%q looks for %s: %d", tc.as, key, status)
			}
		}
		district := regexp.MustCompile(`黄埔区 \((\d+)\)`).FindStringSubmatch(list)
		if want := map[string]string{"": "2", "viewer": "2", "editor": "3", "reader": "3"}[tc.as]; len(district) != 2 || district[1] != want {
			t.Errorf("%q: %v in Huangpu, want %s", tc.as, district, want)
		}
		if got := strings.Contains(list, `id="facet-level"`); got != (tc.as != "") {
			t.Errorf("%q: the levels are counted: %v", tc.as, got)
		}
		if who := strings.Contains(raw, `"readers"`) || strings.Contains(raw, `"created_by"`); who != (tc.as == "editor") {
			t.Errorf("%q learns from the file who reads and writes: %v", tc.as, who)
		}
	}
	b := x.reader(t, "editor")
	r := b.post("/results", "check", "1", "title_zh", "保密的芯片测试向量压缩算法")
	if page := body(t, r); strings.Contains(page, x.ids["hidden"]) {
		t.Error("a hint shows a record that the editor may not see")
	}
	r = b.post("/results", "check", "1", "title_zh", "内部登记的量子磁强计标定方法研究")
	if page := body(t, r); !strings.Contains(page, x.ids["inside"]) {
		t.Errorf("no hint at a near-equal title:\n%s", page)
	}
}

// TestTheLogKeepsLevels reads the change log of the whole city.
func TestTheLogKeepsLevels(t *testing.T) {
	x := newFair(t)
	x.disclose(t, submitResult...)
	x.reader(t, "viewer").follow("/saved", "kind", "result", "query", "ipc=G", "name", "别人的检索")
	for as, want := range map[string][3]bool{"editor": {true, false, false}, "admin": {true, false, false}} {
		b, page := x.reader(t, as), ""
		for next, n := "/changes", 0; next != "" && n < 20; n++ {
			_, part := b.get(next)
			page += part
			next = ""
			if m := regexp.MustCompile(`href="(/changes\?history=\d+)"`).FindStringSubmatch(part); m != nil {
				next = unescape(m[1])
			}
		}
		for i, title := range []string{"量子磁强计标定方法", "芯片测试向量压缩算法", "别人的检索"} {
			if got := strings.Contains(page, title); got != want[i] {
				t.Errorf("%q reads of %s in the log: %v", as, title, got)
			}
		}
		if !strings.Contains(page, "水凝胶伤口敷料") || strings.Contains(page, "wang@example.com") {
			t.Errorf("%q: the disclosure in the log", as)
		}
	}
}

func TestMarketRefusesBadInput(t *testing.T) {
	x := newFair(t)
	b := x.reader(t, "editor")
	for path, want := range map[string]int{"/results?sort=colour": 422, "/results?cursor=1~zz": 422, "/results.csv?sort=colour": 422, "/results.json?sort=colour": 422, "/results?ipc=%E4%B8%AD": 200, "/results?trl_min=99": 200,
		"/results/none": 404, "/needs/" + x.ids["sampler"]: 404, "/results/" + x.ids["sampler"] + "/explode": 404, "/submit/other": 404, "/submitted/none": 404, "/triage/none": 404, "/results/new?draft=none": 404,
		"/results?q=%00%ff": 200, "/market?q=x&kind=zzz": 303, "/results?industry=Z9": 200, "/results?district=x": 200, "/results?owner=x&level=x&status=x": 200} {
		if got, page := b.get(path); got != want {
			t.Errorf("%s: %d, want %d\n%.400s", path, got, want, page)
		}
	}
	for as, want := range map[string]int{"": 401, "viewer": 403} {
		b := x.reader(t, as)
		for _, path := range []string{"/results/new", "/results/" + x.ids["sampler"] + "/edit", "/results/" + x.ids["sampler"] + "/level", "/triage", "/drafts"} {
			if got, _ := b.get(path); got != want {
				t.Errorf("%q opens %s: %d, want %d", as, path, got, want)
			}
		}
		for _, path := range []string{"/results", "/results/" + x.ids["sampler"] + "/edit", "/results/" + x.ids["sampler"] + "/withdraw"} {
			if r := b.post(path, "title_zh", "甲", "reason", "x", "version", "1"); r.StatusCode != want {
				t.Errorf("%q writes %s: %d, want %d", as, path, r.StatusCode, want)
			}
		}
	}
	if r := x.reader(t, "").post("/saved"); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a search of nobody: %d", r.StatusCode)
	}
	for _, path := range []string{"/submit/result", "/results", "/saved", "/results/" + x.ids["sampler"] + "/withdraw"} {
		r := httptest.NewRequest("POST", path, strings.NewReader("reason=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if got := b.do(r); got.StatusCode != http.StatusForbidden {
			t.Errorf("a form from another site on %s: %d", path, got.StatusCode)
		}
	}
	long := strings.Repeat("长", 400_000)
	r := b.post("/needs", "title_zh", "甲", "kind", "technical", "text", long, "level", "internal", "source_id", "own", "status", "listed")
	if page := body(t, r); r.StatusCode != 422 || !strings.Contains(page, "最多 20,000 个") || !strings.Contains(page, long) {
		t.Errorf("a need of over 1 MB: %d, %.300s", r.StatusCode, page)
	}
}

// resultForm is the form of a result with some answers changed.
func resultForm(pairs ...string) []string {
	f := map[string]string{"title_zh": "低温等离子体育种装置", "type": "device", "level": "public", "status": "listed", "source_id": "own", "price_min": "12.5", "negotiable": "yes", "keywords": "育种、等离子体",
		"maturity-0-level": "5", "maturity-0-scale": "gbt22900", "maturity-0-edition": "2009", "maturity-0-on": "2025-06", "maturity-0-assessor": "自评", "maturity-0-evidence": "田间试验", "rights-0-kind": "invention", "rights-0-number": "ZL201710601862.3",
		"team-0-name": "陈静", "industry": "C3963", "division": "440106"}
	for i := 0; i+1 < len(pairs); i += 2 {
		f[pairs[i]] = pairs[i+1]
	}
	var out []string
	for k, v := range f {
		out = append(out, k, v)
	}
	return append(out, "forms", "licence", "forms", "equity")
}

func TestResultFromFormToRecord(t *testing.T) {
	x := newFair(t)
	b := x.reader(t, "editor")
	r := b.post("/results", resultForm("price_min", "一百", "price_max", "3", "maturity-0-evidence", "", "rights-0-number", "201710601862.4", "type", "", "readers", "nobody", "industry", "Z9")...)
	page := body(t, r)
	for _, want := range []string{"“价格下限（万元）”的“一百”不是金额", `value="一百"`, `href="#f-price_min"`, "没有名叫“nobody”的用户"} {
		if r.StatusCode != 422 || !strings.Contains(page, want) {
			t.Errorf("%d, no %q in:\n%s", r.StatusCode, want, page)
		}
	}
	r = b.post("/results", resultForm("price_min", "8", "price_max", "3", "maturity-0-evidence", "", "rights-0-number", "201710601862.4", "type", "", "industry", "Z9")...)
	page = body(t, r)
	for _, want := range []string{`href="#f-maturity"`, `href="#f-rights"`, `href="#f-type"`, `href="#f-industry"`, `href="#f-price_min"`, `value="田间试验"`} {
		if found := strings.Contains(page, want); r.StatusCode != 422 || found == (want == `value="田间试验"`) {
			t.Errorf("%d, %q: %v in:\n%s", r.StatusCode, want, found, page)
		}
	}
	if _, list := b.get("/results"); !strings.Contains(list, "天河区 (2)") {
		t.Error("not two results in Tianhe before")
	}
	page = b.follow("/results", resultForm()...)
	if _, list := b.get("/results"); !strings.Contains(list, "天河区 (3)") {
		t.Error("the new result is not counted")
	}
	for _, want := range []string{"已登记", "201710601862.3", "5 级 · GB/T 22900—2009", "≥ 12.5 万元，可面议", "许可、作价入股", "持有人自评", "田间试验", "天河区"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the record:\n%s", want, page)
		}
	}
	r = b.post("/results", resultForm("title_zh", "低温等离子体育种装置（二）")...)
	page = body(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, `name="sure" value="yes"`) || !strings.Contains(page, "低温等离子体育种装置</a>") {
		t.Fatalf("a title that nearly equals another: %d\n%s", r.StatusCode, page)
	}
	if page := b.follow("/results", append(resultForm("title_zh", "低温等离子体育种装置（二）"), "sure", "yes")...); !strings.Contains(page, "（二）") {
		t.Error("it cannot be recorded all the same")
	}
	if r := b.post("/results", append(resultForm(), "find_owner", "1", "owner_text", "珠江")...); !strings.Contains(body(t, r), `value="`+x.lab.ID+`"`) {
		t.Error("the owner is not found in the register")
	}
	if r := b.post("/services", "find_platform", "1", "platform_text", "珠江"); !strings.Contains(body(t, r), `value="`+x.platform.ID+`"`) {
		t.Error("the platform is not found in the register")
	}
	if r := b.post("/results", append(resultForm(), "more", "1")...); !strings.Contains(body(t, r), `name="maturity-3-level"`) {
		t.Error("the button gives no more rows")
	}
}

// edited is the form of a record as a browser would send it, with some answers
// changed.
func edited(page string, pairs ...string) []string {
	form := page[strings.Index(page, `class="form wide market-form"`):]
	f := url.Values{}
	for _, m := range regexp.MustCompile(`<input id="f-([a-z0-9_-]+)" name="[^"]*" type="[a-z]+" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		f.Set(m[1], unescape(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea id="f-([a-z0-9_-]+)"[^>]*>([^<]*)</textarea>`).FindAllStringSubmatch(form, -1) {
		f.Set(m[1], unescape(m[2]))
	}
	for _, m := range regexp.MustCompile(`<select id="f-([a-z0-9_-]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(form, -1) {
		if o := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2]); o != nil {
			f.Set(m[1], o[1])
		}
	}
	for _, m := range regexp.MustCompile(`name="([a-z0-9_-]+)" value="([^"]*)" checked`).FindAllStringSubmatch(form, -1) {
		f.Add(m[1], m[2])
	}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		f.Set(m[1], m[2])
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	var out []string
	for k, vs := range f {
		for _, v := range vs {
			out = append(out, k, v)
		}
	}
	return out
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#39;", "'").Replace(s)
}

// TestTwoWritersLoseNothing has two editors save the same result from the same
// version: what each changed alone is kept, and what both changed is laid side
// by side.
func TestTwoWritersLoseNothing(t *testing.T) {
	x := newFair(t)
	a, b := x.reader(t, "editor"), x.reader(t, "admin")
	at := "/results/" + x.ids["sampler"]
	_, form := a.get(at + "/edit")
	if page := a.follow(at+"/edit", edited(form, "price_max", "350", "keywords", "单细胞", "rights-2-title", "流程控制软件 V3")...); !strings.Contains(page, "350") {
		t.Fatalf("the first writer:\n%s", page)
	}
	r := b.post(at+"/edit", edited(form, "price_max", "280", "stage", "mature")...)
	page := body(t, r)
	if r.StatusCode != http.StatusConflict {
		t.Fatalf("the second writer: %d", r.StatusCode)
	}
	for _, want := range []string{"<span class=\"line\">350</span>", "<span class=\"line\">280</span>", "两人都改过", "对方的（您没有改）", `value="280"`, `value="mature" selected`, `value="单细胞"`, `value="流程控制软件 V3"`, `name="version" value="2"`, "editor 于 "} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in:\n%s", want, page)
		}
	}
	if !strings.Contains(b.follow(at+"/edit", edited(page, "price_max", "300")...), "已保存") {
		t.Error("the second writer cannot save")
	}
	got, err := x.Transfer.Result(t.Context(), accountViewer(t, x, "editor"), x.ids["sampler"])
	x.must(t, err)
	if got.Stage != transfer.Mature || *got.Price.Max != *wanYuan(300) || got.Fields.Keywords[0] != "单细胞" || got.Rights[2].Title != "流程控制软件 V3" || got.Team[0].PersonID != x.person.ID || len(got.Maturity) != 3 || got.Title.EN == "" {
		t.Errorf("something was lost: %+v", got)
	}
	_, page = a.get(at)
	for _, want := range []string{"<del><span class=\"hide\">改动前: </span>中期</del>", "流程控制软件 V3", "editor"} {
		if !strings.Contains(page, want) {
			t.Errorf("the history has no %q:\n%s", want, page)
		}
	}
	owned := "/results/" + x.ids["corrosion"]
	_, form = a.get(owned + "/edit")
	a.follow(owned+"/edit", edited(form, "owner_id", x.lab.ID)...)
	r = b.post(owned+"/edit", edited(form, "stage", "early")...)
	if page := body(t, r); r.StatusCode != http.StatusConflict || !strings.Contains(page, `value="`+x.lab.ID+`" checked`) {
		t.Errorf("an owner that the first writer found is lost: %d", r.StatusCode)
	}
	if _, page := x.reader(t, "").get(at); strings.Contains(page, `id="history"`) {
		t.Error("the public reads the history")
	}
}

func TestDraftsKeepWhatStands(t *testing.T) {
	x := newFair(t)
	b := x.reader(t, "editor")
	page := b.follow("/needs", "draft_save", "1", "title_zh", "未写完的需求", "prize", "一百万", "forms", "pilot")
	if !strings.Contains(page, "草稿已保存") || !strings.Contains(page, `value="一百万"`) || !strings.Contains(page, `value="pilot" checked`) {
		t.Fatalf("the draft:\n%s", page)
	}
	if _, list := b.get("/drafts"); !strings.Contains(list, "未写完的需求") {
		t.Error("the draft is not listed")
	}
	if _, list := x.reader(t, "admin").get("/drafts"); strings.Contains(list, "未写完的需求") {
		t.Error("somebody else sees the draft")
	}
	_, page = b.get(regexp.MustCompile(`/needs/new\?draft=[a-z0-9_-]+`).FindString(body(t, b.do(httptest.NewRequest("GET", "/drafts", nil)))))
	f := edited(page, "prize", "", "kind", "technical", "text", "现状与目标", "source_id", "own")
	if page := b.follow("/needs", f...); !strings.Contains(page, "未写完的需求") {
		t.Errorf("recorded from the draft:\n%s", page)
	}
	if _, list := b.get("/drafts"); strings.Contains(list, "未写完的需求") {
		t.Error("the draft outlives its record")
	}
	page = b.follow("/results", "draft_save", "1", "title_zh", "氢能无人机续航技术")
	id := regexp.MustCompile(`name="draft" value="([^"]+)"`).FindStringSubmatch(page)[1]
	r := b.post("/results", "check", "1", "title_zh", "氢能无人机续航技术方案")
	if !strings.Contains(body(t, r), id) {
		t.Error("the writer's own draft is no hint")
	}
	if r := x.reader(t, "admin").post("/results", "check", "1", "title_zh", "氢能无人机续航技术方案"); strings.Contains(body(t, r), id) {
		t.Error("somebody else's draft is a hint")
	}
	if page := b.follow("/drafts/" + id + "/delete"); strings.Contains(page, "氢能") {
		t.Error("the draft was not deleted")
	}
}

func TestActsOnARecord(t *testing.T) {
	x := newFair(t)
	b := x.reader(t, "editor")
	at := "/results/" + x.ids["soon"]
	for _, act := range []string{"pause", "withdraw", "close", "level"} {
		if r := b.post(at+"/"+act, "version", "1", "level", "internal"); r.StatusCode != 422 || !strings.Contains(body(t, r), `href="#f-reason"`) {
			t.Errorf("%s without a reason: %d", act, r.StatusCode)
		}
	}
	if r := b.post(at+"/pause", "version", "7", "reason", "x"); r.StatusCode != http.StatusConflict || !strings.Contains(body(t, r), `name="version" value="1"`) {
		t.Errorf("a stale act: %d", r.StatusCode)
	}
	if r := b.post(at+"/renew", "version", "1", "expires_on", x.in(2000)); r.StatusCode != 422 || !strings.Contains(body(t, r), "三年") {
		t.Errorf("renewed for too long: %d", r.StatusCode)
	}
	if page := b.follow(at+"/renew", "version", "1", "expires_on", x.in(100)); !strings.Contains(page, "已续期") || !strings.Contains(page, x.in(100)) {
		t.Errorf("renewed:\n%s", page)
	}
	if page := b.follow(at+"/pause", "version", "2", "reason", "核对权属"); !strings.Contains(page, "核对权属") || !strings.Contains(page, at+"/list") {
		t.Errorf("paused:\n%s", page)
	}
	if status, _ := x.reader(t, "").get(at); status != 404 {
		t.Errorf("a paused result opens for the public: %d", status)
	}
	b.follow(at+"/list", "version", "3")
	page := b.follow(at+"/level", "version", "4", "level", "confidential", "readers", "reader, editor", "reason", "谈判期间")
	if !strings.Contains(page, "保密") || !strings.Contains(page, "谈判期间") {
		t.Errorf("the level:\n%s", page)
	}
	for as, want := range map[string]int{"": 404, "viewer": 404, "admin": 404, "reader": 200, "editor": 200} {
		if got, _ := x.reader(t, as).get(at); got != want {
			t.Errorf("%q opens a confidential result: %d, want %d", as, got, want)
		}
	}
}

func TestDisclosureFromFormToRecord(t *testing.T) {
	x := newFair(t)
	stranger, desk := x.reader(t, ""), x.reader(t, "editor")
	r := stranger.post("/submit/result", "step", "check", "title_zh", "只有名称")
	page := body(t, r)
	for _, want := range []string{`href="#f-summary_zh"`, `href="#f-type"`, `href="#f-submitter_name"`, `href="#f-email"`, `value="只有名称"`} {
		if r.StatusCode != 422 || !strings.Contains(page, want) {
			t.Errorf("an unfinished form: %d, no %q", r.StatusCode, want)
		}
	}
	if r := stranger.post("/submit/result", append(submitResult, "homepage", "http://spam.example")...); r.StatusCode != 422 {
		t.Errorf("a robot's form: %d", r.StatusCode)
	}
	check := append([]string(nil), submitResult...)
	check[1] = "check"
	page = body(t, stranger.post("/submit/result", check...))
	if !strings.Contains(page, `value="send"`) || !strings.Contains(page, "换药间隔由 1 天延长到 5 天") || !strings.Contains(page, `name="email" value="wang@example.com"`) {
		t.Fatalf("answers to check:\n%s", page)
	}
	link := x.disclose(t, submitResult...)
	_, page = stranger.get(link)
	number := x.in(0)[:4] + "-000001"
	if !strings.Contains(page, number) || strings.Contains(page, "wang@example.com") || strings.Contains(page, "王样例") || !strings.Contains(page, "王**") {
		t.Errorf("the state, masked:\n%s", page)
	}
	res := stranger.do(httptest.NewRequest("GET", link, nil))
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("a personal link may be kept: %v", res.Header)
	}
	if status, _ := stranger.get(link + "/edit"); status != http.StatusConflict {
		t.Errorf("changing what was not given back: %d", status)
	}
	_, list := desk.get("/triage")
	at := regexp.MustCompile(`/triage/[a-z0-9_-]+`).FindString(list[strings.Index(list, number):])
	_, page = desk.get(at)
	if strings.Contains(page, "wang@example.com") || !strings.Contains(page, "水凝胶伤口敷料") {
		t.Errorf("on the desk:\n%s", page)
	}
	x.triageAndBack(t, stranger, desk, link, at)
	page = desk.follow(at+"/accept", edited(body(t, desk.do(httptest.NewRequest("GET", at+"/accept", nil))), "level", "partner", "ipc", "A61L 15/60", "reason", "受理")...)
	if !strings.Contains(page, "A61L 15/60") || !strings.Contains(page, "合作方") {
		t.Errorf("the record:\n%s", page)
	}
	_, page = stranger.get(link)
	if !strings.Contains(page, "已受理") || strings.Contains(page, "/results/result") {
		t.Errorf("the public link leads to a record for partners:\n%s", page)
	}
	x.widerThanAsked(t, desk)
	if r := desk.post(at+"/decline", "version", "4", "decline_why", "twice"); r.StatusCode != http.StatusConflict {
		t.Errorf("declining what was accepted: %d", r.StatusCode)
	}
}

// widerThanAsked accepts a disclosure at a wider level than its submitter chose.
func (x *fairTown) widerThanAsked(t *testing.T, desk *browse) {
	t.Helper()
	inside := append([]string(nil), submitResult...)
	inside[13] = "internal"
	x.disclose(t, inside...)
	_, list := desk.get("/triage")
	at := regexp.MustCompile(`/triage/[a-z0-9_-]+`).FindString(list[strings.Index(list, "-000002"):])
	r := desk.post(at+"/accept", edited(body(t, desk.do(httptest.NewRequest("GET", at+"/accept", nil))), "level", "public")...)
	if page := body(t, r); r.StatusCode != 422 || !strings.Contains(page, `href="#f-level"`) {
		t.Errorf("wider than the submitter agreed to: %d\n%s", r.StatusCode, page)
	}
}

// triageAndBack reveals, gives back, and sends again.
func (x *fairTown) triageAndBack(t *testing.T, stranger, desk *browse, link, at string) {
	t.Helper()
	if r := desk.post(at+"/reveal", "reveal_reason", ""); r.StatusCode != 422 || strings.Contains(body(t, r), "wang@example.com") {
		t.Errorf("revealed without a reason: %d", r.StatusCode)
	}
	r := desk.post(at+"/reveal", "reveal_reason", "电话核对权属")
	if page := body(t, r); r.StatusCode != 200 || !strings.Contains(page, "wang@example.com") || !strings.Contains(page, "王样例") {
		t.Errorf("revealed: %d\n%s", r.StatusCode, page)
	}
	entries, err := change.List(t.Context(), x.DB, change.Filter{Kind: transfer.KindDisclosure}, 0, 1)
	x.must(t, err)
	if len(entries) != 1 || !strings.Contains(entries[0].Reason, "电话核对权属") || strings.Contains(string(entries[0].After), "wang") {
		t.Errorf("the look is not in the log: %+v", entries)
	}
	if r := desk.post(at+"/return", "version", "1"); r.StatusCode != 422 {
		t.Errorf("given back without a reason: %d", r.StatusCode)
	}
	if page := desk.follow(at+"/return", "version", "1", "return_why", "maturity", "return_reason", "另请补充动物试验数据"); !strings.Contains(page, "动物试验") {
		t.Errorf("given back:\n%s", page)
	}
	_, page := stranger.get(link)
	if !strings.Contains(page, "请写明做到了哪一步") || !strings.Contains(page, "动物试验") || strings.Contains(page, "editor") {
		t.Errorf("the submitter reads:\n%s", page)
	}
	_, page = stranger.get(link + "/edit")
	if !strings.Contains(page, `value="水凝胶伤口敷料"`) || strings.Contains(page, "wang@") {
		t.Errorf("the form again:\n%s", page)
	}
	again := append([]string(nil), submitResult...)
	again = append(again, "version", "2")
	again[5] = "换药间隔由 1 天延长到 5 天；12 只兔的试验报告。"
	if page := stranger.follow(link+"/edit", again...); !strings.Contains(page, "12 只兔") {
		t.Errorf("sent again:\n%s", page)
	}
	if r := stranger.post(link+"/edit", again...); r.StatusCode != http.StatusConflict {
		t.Errorf("sent twice: %d", r.StatusCode)
	}
	if _, page := desk.get(at); !strings.Contains(page, "<del>") || !strings.Contains(page, "12 只兔") {
		t.Errorf("both versions:\n%s", page)
	}
}

func TestSavedSearches(t *testing.T) {
	x := newFair(t)
	b := x.reader(t, "viewer")
	_, page := b.get("/results?ipc=G&sort=expires")
	if !strings.Contains(page, `name="query" value="ipc=G&amp;sort=expires"`) {
		t.Fatalf("the filter cannot be kept:\n%s", page)
	}
	if _, page := b.get("/results"); strings.Contains(page, `action="/saved"`) {
		t.Error("a list without a filter can be kept")
	}
	page = b.follow("/saved", "kind", "result", "query", "ipc=G&sort=expires&cursor=9~x&evil=1", "name", "物理领域", "notify", "yes")
	if !strings.Contains(page, "物理领域") || !strings.Contains(page, "共 3 项成果") || strings.Contains(page, "evil") || strings.Contains(page, "条新的") {
		t.Errorf("kept:\n%s", page)
	}
	if r := b.post("/saved", "kind", "result", "query", "ipc=H", "name", "物理领域"); r.StatusCode != 422 || !strings.Contains(body(t, r), `value="ipc=H"`) {
		t.Errorf("a name that is taken: %d", r.StatusCode)
	}
	x.reader(t, "editor").follow("/results", resultForm("ipc", "G01N")...)
	x.reader(t, "editor").follow("/results", resultForm("title_zh", "内部的另一件成果", "ipc", "G01N", "level", "internal")...)
	_, page = b.get("/saved")
	if !strings.Contains(page, "1 条新的") || !strings.Contains(page, "共 4 项成果") {
		t.Errorf("what is new to a partner:\n%s", page)
	}
	open := regexp.MustCompile(`/saved/[a-z0-9_-]+/open`).FindString(page)
	if page := b.follow(open); !strings.Contains(page, "育种") {
		t.Errorf("opened:\n%s", page)
	}
	if _, page = b.get("/saved"); strings.Contains(page, "条新的") {
		t.Error("what was seen is still new")
	}
	if _, other := x.reader(t, "editor").get("/saved"); strings.Contains(other, "物理领域") {
		t.Error("somebody else reads the search")
	}
	if r := x.reader(t, "editor").post(open); r.StatusCode != 404 {
		t.Errorf("somebody else opens the search: %d", r.StatusCode)
	}
	if page := b.follow(strings.Replace(open, "/open", "/delete", 1)); strings.Contains(page, "物理领域") {
		t.Error("the search was not deleted")
	}
}

func TestWan(t *testing.T) {
	for in, want := range map[string]string{"120.5": "120.5", "1,200": "1200", " 3 万元 ": "3", "0": "0", "0.000001": "0.000001", "-2": "-2"} {
		f, err := parseWan(in)
		if err != nil || wanText(&f) != want {
			t.Errorf("parseWan(%q) = %q, %v; want %q", in, wanText(&f), err, want)
		}
	}
	for _, in := range []string{"", "一百", "1e9", "1.2345678", "99999999999999999", ".", "1.2.3", "+1"} {
		if f, err := parseWan(in); err == nil {
			t.Errorf("parseWan(%q) = %v", in, f)
		}
	}
}

func FuzzWan(f *testing.F) {
	f.Add("120.5")
	f.Add("-0.000001万元")
	f.Fuzz(func(t *testing.T, in string) {
		a, err := parseWan(in)
		if err != nil {
			return
		}
		if b, err := parseWan(wanText(&a)); err != nil || a != b {
			t.Errorf("%q: %v, written %q, read %v (%v)", in, a, wanText(&a), b, err)
		}
	})
}

func TestDays(t *testing.T) {
	m := &fair{reading: &reading{l: i18n.ZH}, today: "2026-02-27"}
	for day, want := range map[string]string{"2026-02-27": "今天截止", "2026-03-01": "剩 2 天", "2026-02-20": "已过 7 天", "": "", "2026": ""} {
		if got := m.leftTo(day); got != want {
			t.Errorf("leftTo(%q) = %q, want %q", day, got, want)
		}
	}
}

func TestMarketInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	x := newFair(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	link := x.disclose(t, submitResult...)
	d, err := x.Transfer.Disclosures(t.Context(), accountViewer(t, x, "editor"), transfer.DisclosureFilter{})
	x.must(t, err)
	x.reader(t, "editor").follow("/saved", "kind", "result", "query", "ipc=G&form=licence", "name", "可许可的物理类成果")
	x.reader(t, "editor").follow("/needs", "draft_save", "1", "title_zh", "未写完的需求")
	for _, tc := range []struct {
		as    string
		paths []string
	}{
		{"", []string{"/market", "/results", "/results?q=zzz", "/results/" + x.ids["sampler"], "/needs", "/needs/" + x.ids["challenge"], "/services", "/services/" + x.ids["scope"], "/submit", "/submit/result", "/submit/need", link}},
		{"editor", []string{"/market", "/results?status=all&form=licence", "/results/" + x.ids["sampler"], "/results/new", "/results/" + x.ids["sampler"] + "/edit", "/needs/" + x.ids["challenge"] + "/edit", "/services/new",
			"/results/" + x.ids["sampler"] + "/level", "/results/" + x.ids["soon"] + "/renew", "/triage", "/triage/" + d.Items[0].ID, "/triage/" + d.Items[0].ID + "/accept", "/saved", "/drafts"}},
	} {
		views := []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}, {Width: 360}, {Width: 1280, Accept: "en"}, {Width: 1280, Dark: true}}
		for k, v := range views {
			tab := browser.Open(t, srv.URL+"/sign-in?next=/account", v)
			if tc.as != "" {
				tab.Fill("#f-name", tc.as)
				tab.Fill("#f-password", testPassword)
				tab.Click("form.form button[type=submit]")
			}
			for i, path := range tc.paths {
				if !full() && i%len(views) != k {
					continue // each page in one view; in CI each in all
				}
				tab.Go(srv.URL + path)
				tab.Check()
				tab.Shot(fmt.Sprintf("market-%s%02d-%s-%d%v", tc.as, i, v.Accept, v.Width, v.Dark))
			}
		}
	}
}

// TestHintsWhileTyping types a title in a browser and reads what stands under
// it.
func TestHintsWhileTyping(t *testing.T) {
	x := newFair(t)
	b := x.reader(t, "editor")
	status, part := b.get("/results/alike?title_zh=" + url.QueryEscape("高通量单细胞测序样本前处理设备"))
	if status != 200 || !strings.Contains(part, x.ids["sampler"]) || strings.Contains(part, "<html") {
		t.Errorf("the hint: %d\n%s", status, part)
	}
	if _, part := b.get("/results/alike?title_zh=" + url.QueryEscape("保密的芯片测试向量压缩算法")); strings.TrimSpace(part) != "" {
		t.Errorf("a hint at what the editor may not see:\n%s", part)
	}
	if status, _ := x.reader(t, "").get("/results/alike?title_zh=x"); status != 401 {
		t.Errorf("a hint for the public: %d", status)
	}
	_, page := x.reader(t, "").get("/submit/need?about=" + x.ids["sampler"])
	if !strings.Contains(page, "我们需要这项成果：高通量单细胞") {
		t.Errorf("the need does not name the result:\n%s", page)
	}
	if _, page := x.reader(t, "").get("/submit/need?about=" + x.ids["hidden"]); strings.Contains(page, "测试向量") {
		t.Error("a form names a result that the reader may not see")
	}
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	tab := e2e.Browser(t).Open(t, srv.URL+"/sign-in?next=/results/new", e2e.View{})
	tab.Fill("#f-name", "editor")
	tab.Fill("#f-password", testPassword)
	tab.Click("form.form button[type=submit]")
	tab.Fill("#f-title_zh", "高通量单细胞测序样本前处理设备")
	for range 60 {
		if e2e.Eval[bool](tab, `!!document.querySelector(".alike-live a")`) {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if got := e2e.Eval[string](tab, `document.querySelector(".alike-live a")?.textContent || ""`); !strings.Contains(got, "前处理装置") {
		t.Errorf("while typing the page shows %q", got)
	}
	tab.Check()
	tab.Shot("market-typing")
}
