package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/termbase"
)

// newTermTown is the bench town with a handful of terms of its own.
func newTermTown(t testing.TB) (*benchTown, termbase.Term) {
	t.Helper()
	x := newBench(t)
	by := change.Author{Actor: "demo"}
	var first termbase.Term
	for i, tm := range []termbase.Term{
		{ZH: "钙钛矿", EN: "perovskite", AlsoZH: []string{"钙钛矿材料"}, Area: "materials", Anchor: "GB/T 0000—2020"},
		{ZH: "揭榜挂帅", EN: "open challenge", AlsoEN: []string{"open competition"}, Area: "policy"},
		{ZH: "机器学习", EN: "machine learning", AlsoEN: []string{"ML"}, Area: "ai"},
	} {
		made, err := x.Terms.Save(t.Context(), by, tm)
		x.must(t, err)
		if i == 0 {
			first = made
		}
	}
	return x, first
}

func TestTermsPages(t *testing.T) {
	x, term := newTermTown(t)
	for _, tc := range []struct {
		as, path string
		status   int
		want     []string
		not      []string
	}{
		{"", "/terms", 200, []string{"钙钛矿", "machine learning", "/terms.csv", `action="/terms/cover"`}, []string{"/terms/new"}},
		{"editor", "/terms", 200, []string{"/terms/new"}, nil},
		{"", "/terms?q=learn", 200, []string{"机器学习"}, []string{"揭榜挂帅"}},
		{"", "/terms?q=揭榜", 200, []string{"open challenge"}, []string{"机器学习"}},
		{"", "/terms?area=policy", 200, []string{"揭榜挂帅", `<option value="ai">`}, []string{"/terms/" + term.ID + `"`}},
		{"", "/terms?state=withdrawn", 200, []string{`class="state`}, []string{"机器学习"}},
		{"", "/terms?sort=newest", 200, []string{`aria-sort="descending"`}, nil},
		{"", "/terms?sort=colour", 422, nil, nil}, {"", "/terms?cursor=25~x", 422, nil, nil}, {"", "/terms.csv?sort=colour", 422, nil, nil},
		{"", "/terms/" + term.ID, 200, []string{"钙钛矿材料", "perovskite", "GB/T 0000—2020", "/search?kind=result"}, []string{"/edit"}},
		{"editor", "/terms/" + term.ID, 200, []string{"/edit", "/withdraw"}, []string{"/restore"}},
		{"", "/terms/none", 404, nil, nil}, {"", "/terms/new", 401, nil, nil}, {"viewer", "/terms/new", 403, nil, nil}, {"viewer", "/terms/" + term.ID + "/withdraw", 403, nil, nil},
		{"editor", "/terms/new", 200, []string{`name="also_en"`}, nil}, {"editor", "/terms/" + term.ID + "/edit", 200, []string{"钙钛矿材料", `name="version" value="1"`}, nil},
		{"editor", "/terms/" + term.ID + "/withdraw", 200, []string{`name="reason"`}, nil},
		{"", "/search?q=perovskite&kind=term", 200, []string{"/terms/" + term.ID}, nil},
	} {
		for _, lang := range []string{"zh", "en"} {
			b := x.reader(t, tc.as)
			b.lang = lang
			status, page := b.get(tc.path)
			if status != tc.status {
				t.Errorf("%q opens %s in %s: %d, want %d\n%s", tc.as, tc.path, lang, status, tc.status, page)
			}
			for _, w := range tc.want {
				if !strings.Contains(page, w) {
					t.Errorf("%s in %s lacks %q:\n%s", tc.path, lang, w, page)
				}
			}
			for _, w := range tc.not {
				if strings.Contains(page, w) {
					t.Errorf("%s in %s shows %q", tc.path, lang, w)
				}
			}
			noGaps(t, tc.path+" in "+lang, page)
		}
	}
	b := x.reader(t, "")
	if status, csv := b.get("/terms.csv?area=materials"); status != 200 || strings.Count(csv, "\r\n") != 2 || !strings.Contains(csv, "钙钛矿,perovskite,钙钛矿材料,") {
		t.Errorf("csv %d %q", status, csv)
	}
	if status, xlsx := b.get("/terms.xlsx"); status != 200 || !strings.HasPrefix(xlsx, "PK") {
		t.Errorf("xlsx %d", status)
	}
}

func TestTermsPaging(t *testing.T) {
	x, _ := newTermTown(t)
	for i := range pageSize {
		_, err := x.Terms.Save(t.Context(), change.Author{Actor: "demo"}, termbase.Term{ZH: "测试词" + string(rune('一'+i)), EN: "sample " + string(rune('a'+i)), Area: "science"})
		x.must(t, err)
	}
	b := x.reader(t, "")
	_, page := b.get("/terms")
	next := between(page, `<a class="button quiet" href="`, `" rel="next"`)
	if next == "" || strings.Count(page, `<th scope="row">`) != pageSize {
		t.Fatalf("%d rows, next %q", strings.Count(page, `<th scope="row">`), next)
	}
	if _, second := b.get(strings.ReplaceAll(next, "&amp;", "&")); strings.Count(second, `<th scope="row">`) != 3 || !strings.Contains(second, "26–28") {
		t.Errorf("second page:\n%s", second)
	}
}

// between is what stands between the last start before end, and end.
func between(page, start, end string) string {
	head, _, ok := strings.Cut(page, end)
	i := strings.LastIndex(head, start)
	if !ok || i < 0 {
		return ""
	}
	return head[i+len(start):]
}

func TestTermsEdit(t *testing.T) {
	x, term := newTermTown(t)
	b := x.reader(t, "editor")
	page := b.follow("/terms", "zh", "类脑芯片", "en", "neuromorphic chip", "also_en", "brain-inspired chip\r\n\r\n  NMC ", "area", "semiconductor", "reason", "新增")
	if !strings.Contains(page, "brain-inspired chip") || !strings.Contains(page, "NMC") || !strings.Contains(page, "新增") {
		t.Errorf("the new term:\n%s", page)
	}
	for _, tc := range []struct {
		name, key string
		form      []string
	}{
		{"nothing written", "termbase.empty", []string{"area", "ai"}},
		{"Chinese in the English", "termbase.not_english", []string{"zh", "光刻胶", "en", "光刻", "area", "ai"}},
		{"a form of another term", "termbase.taken", []string{"zh", "光刻胶", "en", "photoresist", "also_zh", "钙钛矿", "area", "ai"}},
		{"no area", "termbase.area", []string{"zh", "光刻胶", "en", "photoresist"}},
		{"leads back to itself", "termbase.loop_self", []string{"zh", "光刻胶", "en", "光刻胶 resist", "area", "ai"}},
	} {
		for _, lang := range []i18n.Lang{i18n.ZH, i18n.EN} {
			b.lang = string(lang)
			r := b.post("/terms", tc.form...)
			page := body(t, r)
			head, _, _ := strings.Cut(i18n.T(lang, tc.key), "{")
			if r.StatusCode != 422 || !strings.Contains(page, strings.TrimSpace(head)) || !strings.Contains(page, `role="alert"`) {
				t.Errorf("%s in %s: %d, want %q\n%s", tc.name, lang, r.StatusCode, head, page)
			}
			noGaps(t, tc.name, page)
		}
	}
	b.lang = "zh"
	at := "/terms/" + term.ID
	edit := func(version, en string) []string {
		return []string{"zh", "钙钛矿", "en", en, "area", "materials", "version", version}
	}
	b.follow(at+"/edit", edit("1", "perovskite crystal")...)
	for _, version := range []string{"1", "", "x", "99"} {
		r := b.post(at+"/edit", edit(version, "perovskite mineral")...)
		page := body(t, r)
		if r.StatusCode != http.StatusConflict || !strings.Contains(page, "perovskite mineral") || !strings.Contains(page, `name="version" value="2"`) {
			t.Errorf("version %q: %d\n%s", version, r.StatusCode, page)
		}
	}
	if now, err := x.Terms.Term(t.Context(), term.ID); err != nil || now.EN != "perovskite crystal" || now.Version != 2 {
		t.Errorf("after stale edits: %+v, %v", now, err)
	}
	if r := x.reader(t, "viewer").post(at+"/edit", edit("2", "nothing")...); r.StatusCode != 403 {
		t.Errorf("a viewer edits: %d", r.StatusCode)
	}
}

func TestTermsWithdrawAndRestore(t *testing.T) {
	x, term := newTermTown(t)
	b := x.reader(t, "editor")
	at := "/terms/" + term.ID
	if r := b.post(at+"/withdraw", "version", "1"); r.StatusCode != 422 {
		t.Errorf("without a reason: %d", r.StatusCode)
	}
	if r := b.post(at+"/withdraw", "version", "7", "reason", "重复"); r.StatusCode != 412 {
		t.Errorf("a version nobody has seen: %d", r.StatusCode)
	}
	page := b.follow(at+"/withdraw", "version", "1", "reason", "重复")
	if !strings.Contains(page, "/restore") || strings.Contains(page, "/withdraw\"") || !strings.Contains(page, "重复") || !strings.Contains(page, "停用") {
		t.Errorf("withdrawn:\n%s", page)
	}
	if r := b.do(mustGet(at + "/edit")); r.StatusCode != 409 {
		t.Errorf("a withdrawn term is edited: %d", r.StatusCode)
	}
	if page := b.follow(at+"/restore", "version", "2", "reason", "仍在用"); !strings.Contains(page, "/withdraw") {
		t.Errorf("restored:\n%s", page)
	}
}

func mustGet(path string) *http.Request {
	r, err := http.NewRequest("GET", path, nil)
	if err != nil {
		panic(err)
	}
	return r
}

func TestTermsCover(t *testing.T) {
	x, _ := newTermTown(t)
	b := x.reader(t, "")
	r := b.post("/terms/cover", "text", "钙钛矿太阳能电池的稳定封装，采用机器学习筛选。")
	page := body(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, "/terms?q=%E6%9C%BA%E5%99%A8%E5%AD%A6%E4%B9%A0") || !strings.Contains(page, "class=\"shares\"") || !strings.Contains(page, "钙钛矿太阳能电池的稳定封装") {
		t.Errorf("%d\n%s", r.StatusCode, page)
	}
	noGaps(t, "cover", page)
	for text, want := range map[string]int{"": 422, " \n": 422, "no Chinese here": 200, strings.Repeat("锗", maxCover/3+1): 413} {
		if r := b.post("/terms/cover", "text", text); r.StatusCode != want {
			t.Errorf("a text of %d bytes: %d, want %d", len(text), r.StatusCode, want)
		}
	}
	if r := b.do(mustGet("/terms/cover")); r.StatusCode != 303 || r.Header.Get("Location") != "/terms#cover" {
		t.Errorf("GET: %d", r.StatusCode)
	}
}

func TestSearchCrossesLanguages(t *testing.T) {
	x, _ := newTermTown(t)
	b := x.reader(t, "")
	_, page := b.get("/search?q=" + url.QueryEscape("钙钛矿"))
	if !strings.Contains(page, "<mark>perovskite</mark>") || !strings.Contains(page, "钙钛矿 → perovskite") || !strings.Contains(page, x.solar) {
		t.Errorf("a Chinese word does not find the English title:\n%s", page)
	}
	if !strings.Contains(page, "<mark>钙钛矿</mark>叠层电池") {
		t.Errorf("the Chinese title is not marked:\n%s", page)
	}
	b.lang = "en"
	_, page = b.get("/search?q=perovskite")
	if !strings.Contains(page, x.solar) || !strings.Contains(page, x.ids["sim"]) {
		t.Errorf("an English word does not find the Chinese title:\n%s", page)
	}
}

func TestSearchNarrows(t *testing.T) {
	x, _ := newTermTown(t)
	b := x.reader(t, "")
	q := "/search?q=" + url.QueryEscape("钙钛矿")
	_, page := b.get(q)
	for _, want := range []string{"section=H", "stage=early", "district=440112", "kind=result"} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %q:\n%s", want, page)
		}
	}
	if _, page := b.get(q + "&stage=early"); strings.Contains(page, "/results/"+x.solar) || !strings.Contains(page, "/results/"+x.ids["sim"]) || !strings.Contains(page, `class="chips"`) {
		t.Errorf("narrowed by stage:\n%s", page)
	}
	if _, page := b.get(q + "&section=A"); !strings.Contains(page, `class="state`) {
		t.Errorf("nothing within a section, and no word about it:\n%s", page)
	}
	if status, page := b.get(q + "&kind=nonsense&from=-4"); status != 200 || !strings.Contains(page, `class="state`) {
		t.Errorf("a kind that is not: %d", status)
	}
	_, page = b.get("/search?q=" + url.QueryEscape("深海机器人焊接工艺xyz"))
	if !strings.Contains(page, `id="hits-near"`) {
		t.Errorf("nothing found, and no near record:\n%s", page)
	}
}

func TestSearchPages(t *testing.T) {
	x, _ := newTermTown(t)
	for i := range 2*pageSize + 1 {
		x.must(t, x.Search.Put(search.Doc{Kind: "result", ID: "r" + string(rune('a'+i%26)) + string(rune('a'+i/26)), Title: i18n.Text{ZH: "批量记录"}, Level: level.Public}))
	}
	b := x.reader(t, "")
	q := "/search?q=" + url.QueryEscape("批量记录")
	for path, want := range map[string]int{q: hitsEach, q + "&kind=result": pageSize, q + "&kind=result&from=50": 1} {
		if _, page := b.get(path); strings.Count(page, "<mark>批量记录</mark>") != want {
			t.Errorf("%s shows %d hits, want %d", path, strings.Count(page, "<mark>批量记录</mark>"), want)
		}
	}
	if _, page := b.get(q + "&kind=result"); !strings.Contains(page, "from=25") {
		t.Errorf("no next page:\n%s", page)
	}
}

func TestMatchExperts(t *testing.T) {
	x := newBench(t)
	for _, lang := range []string{"zh", "en"} {
		b := x.reader(t, "")
		b.lang = lang
		for path, want := range map[string]string{"/experts": "/experts?need=" + x.cells, "/experts?need=" + x.cells: "/people/" + x.person.ID, "/experts?q=perovskite+modules": "/people/" + x.person.ID,
			"/experts?need=" + x.cells + "&for=org": "/organisations/" + x.uni.ID, "/people/" + x.person.ID: "/results/" + x.solar} {
			status, page := b.get(path)
			if status != 200 || !strings.Contains(page, want) || strings.Contains(page, "href=\"/match") {
				t.Errorf("%s in %s: %d, want %q\n%s", path, lang, status, want, page)
			}
			noGaps(t, path, page)
		}
		if status, _ := b.get("/experts?need=none"); status != 404 {
			t.Errorf("a need that is not there: %d", status)
		}
		if status, page := b.get("/experts?q=%EF%BC%9F"); status != 422 || !strings.Contains(page, `role="alert"`) {
			t.Errorf("a question without words: %d", status)
		}
	}
	if _, page := x.reader(t, "editor").get("/people/" + x.person.ID); !strings.Contains(page, "/match?id="+x.solar) {
		t.Errorf("no way to the workbench:\n%s", page)
	}
}
