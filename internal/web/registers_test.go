package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/source"
)

const testPassword = "correct horse battery"

// town is a small register of its own with everything the pages show.
type town struct {
	Services
	h                         http.Handler
	uni, college, lab, secret registry.Org
	platform                  registry.Platform
	park                      registry.Park
	person                    registry.Person
	paper                     registry.Paper
	relation                  registry.Relation
	batch                     string
}

func newTown(t testing.TB) *town {
	t.Helper()
	d := dbtest.SQLite(t)
	x := &town{Services: Services{DB: d, Registry: registry.New(d), Search: search.New(),
		Accounts: account.New(d, account.Options{Cost: account.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})}}
	x.Import = ingest.New(d, x.Registry)
	ctx, by := context.Background(), change.Author{Actor: "demo"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(d.InTx(ctx, func(tx *db.Tx) error {
		for _, s := range []source.Source{
			{ID: "own", Kind: "own", Title: i18n.Text{ZH: "城市登记", EN: "City register"}, LicenceTag: source.Own},
			{ID: "red", Kind: "dataset", Title: i18n.Text{ZH: "内部名单", EN: "Internal list"}, LicenceTag: source.Red, URL: "https://example.org/list"},
		} {
			if _, err := source.Put(ctx, tx, by, s); err != nil {
				return err
			}
		}
		return nil
	}))
	org := func(kind registry.OrgKind, zh, en, src string, ids ...registry.Identifier) registry.Org {
		o, err := x.Registry.CreateOrg(ctx, by, registry.Org{Kind: kind, SourceID: src, Identifiers: ids, Place: registry.Place{Country: "CN", City: "广州"},
			Names: []registry.Name{{Text: zh, Lang: "zh", Kind: registry.Official}, {Text: en, Lang: "en", Kind: registry.Label}}})
		must(err)
		must(x.Search.Put(search.Doc{Kind: registry.KindOrg, ID: o.ID, Title: o.Title()}))
		return o
	}
	x.uni = org(registry.University, "岭南大学（广州）", "Lingnan University of Guangzhou", "own", registry.Identifier{Scheme: "ror", Value: "0064kty71"})
	x.college = org(registry.Institute, "岭南大学附属生物医药与健康研究院", "Lingnan Institute of Biomedicine", "own")
	x.lab = org(registry.NationalLaboratory, "珠江实验室", "Pearl River Laboratory", "own")
	x.secret = org(registry.Enterprise, "内部名单企业", "Unlisted Enterprise", "red")
	var err error
	x.relation, err = x.Registry.SaveRelation(ctx, by, registry.Relation{From: x.college.ID, Kind: "parent", To: x.uni.ID, ValidFrom: "2019-05", SourceID: "own"})
	must(err)
	x.platform, err = x.Registry.SavePlatform(ctx, by, registry.Platform{Key: "pearl", Class: "national_laboratory", Group: "2a", Level: "national", HostIDs: []string{x.uni.ID}, SourceID: "own",
		Names: []registry.Name{{Text: "珠江实验室平台", Lang: "zh", Kind: registry.Official}}, Field: i18n.Text{ZH: "生物医药", EN: "biomedicine"}, Evidence: "common knowledge, unverified"})
	must(err)
	x.park, err = x.Registry.SavePark(ctx, by, registry.Park{Key: "bay", Class: "science_park", SourceID: "own", Names: []registry.Name{{Text: "湾区科技园", Lang: "zh", Kind: registry.Official}}})
	must(err)
	x.person, err = x.Registry.SavePerson(ctx, by, registry.Person{Names: []registry.Name{{Text: "陈静", Lang: "zh", Kind: registry.Official}}, ORCID: "0000-0002-1825-0097", SourceID: "own"})
	must(err)
	for year := 2019; year < 2022; year++ {
		x.paper, err = x.Registry.SavePaper(ctx, by, registry.Paper{Key: fmt.Sprintf("town:%d", year), Title: fmt.Sprintf("珠江口生态系统的长期观测 %d", year), Lang: "zh", Year: year, Month: 3, SourceID: "own",
			Affiliations: []registry.Affiliation{{Raw: "岭南大学附属生物医药与健康研究院, 广州 510000", City: "广州", Method: registry.ByHand,
				Orgs: []registry.AffiliationOrg{{OrgID: x.college.ID, Score: 0.97, Reason: registry.Reason{Code: "exact", Name: "岭南大学附属生物医药与健康研究院"}}}},
				{Raw: "不存在的研究所"}}})
		must(err)
	}
	for name, role := range map[string]account.Role{"viewer": account.Viewer, "editor": account.Editor, "admin": account.Admin} {
		_, err := x.Accounts.Create(ctx, by, name, testPassword, role)
		must(err)
	}
	rep, err := x.Import.Run(ctx, ingest.Request{Importer: "table", Name: "机构.csv", Reader: strings.NewReader("name_zh,kind\n云山研究所,institute\n"), SourceID: "own",
		Mapping: &ingest.Mapping{Target: "organisation", Columns: map[string]string{"name_zh": "name_zh", "kind": "kind"}}, By: change.Author{Actor: "import"}})
	must(err)
	x.batch = rep.Batch.ID
	x.Observatory = observatory.New(d, nil, observatory.Config{})
	must(d.InTx(ctx, func(tx *db.Tx) error {
		_, err := observatory.PutSuperlatives(ctx, tx, by, []observatory.Superlative{{ID: "town-first", Subject: "ror:0064kty71", Kind: "first", Scope: "world", SourceID: "own",
			ScopeText: i18n.Text{ZH: "全球", EN: "world"}, Object: i18n.Text{ZH: "热带海洋观测网", EN: "observatory of tropical seas"}, Status: "reported"}})
		return err
	}))
	s := kitSite(t, Options{Rooms: kitRooms, Version: "2026-11"})
	s.AddRegisters(x.Services)
	x.h = s.Handler()
	return x
}

// browse is a reader with cookies and a language.
type browse struct {
	t       testing.TB
	h       http.Handler
	cookies map[string]string
	lang    string
}

func (x *town) reader(t testing.TB, name string) *browse {
	b := &browse{t: t, h: x.h, cookies: map[string]string{}, lang: "zh"}
	if name != "" {
		if r := b.post("/sign-in", "name", name, "password", testPassword, "next", "/account"); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/account" {
			t.Fatalf("sign-in of %s: %d to %q", name, r.StatusCode, r.Header.Get("Location"))
		}
	}
	return b
}

func (b *browse) do(r *http.Request) *http.Response {
	r.Header.Set("Accept-Language", b.lang)
	for k, v := range b.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w.Result()
}

func (b *browse) get(path string) (int, string) {
	b.t.Helper()
	r := b.do(httptest.NewRequest("GET", path, nil))
	return r.StatusCode, body(b.t.(*testing.T), r)
}

func (b *browse) post(path string, pairs ...string) *http.Response {
	b.t.Helper()
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// follow posts and returns the page that the answer leads to.
func (b *browse) follow(path string, pairs ...string) string {
	b.t.Helper()
	r := b.post(path, pairs...)
	if r.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("POST %s: %d:\n%s", path, r.StatusCode, body(b.t.(*testing.T), r))
	}
	to, _, _ := strings.Cut(r.Header.Get("Location"), "#")
	status, page := b.get(to)
	if status != http.StatusOK {
		b.t.Fatalf("%s leads to %s: %d", path, to, status)
	}
	return page
}

// TestEveryPageOfTheRegisters opens each page in both languages and looks for
// messages that no catalogue has.
func TestEveryPageOfTheRegisters(t *testing.T) {
	x := newTown(t)
	gap := regexp.MustCompile(`\breg\.[a-z_.]+`)
	for _, tc := range []struct {
		as, path string
		want     string
	}{
		{"", "/organisations", "岭南大学"}, {"", "/organisations?q=珠江", "珠江实验室"}, {"", "/organisations?kind=institute&q=zzz", ""}, {"", "/platforms", "珠江实验室平台"},
		{"", "/parks", "湾区科技园"}, {"", "/people", "陈静"}, {"", "/papers", "珠江口"}, {"", "/papers?year=2020", "2020"}, {"", "/sources", ""}, {"", "/sources/red", "https://example.org/list"},
		{"", "/batches", "机构.csv"}, {"", "/batches/" + x.batch, "云山研究所"}, {"", "/divisions", ""}, {"", "/search", ""}, {"", "/search?q=岭南", "<mark>岭南</mark>"}, {"", "/search?q=zzz", ""},
		{"", "/organisations/" + x.uni.ID, "https://ror.org/0064kty71"}, {"", "/organisations/" + x.uni.ID + "?below=1", "2019"}, {"", "/organisations/" + x.uni.ID, "/superlatives?q=%E7%83%AD%E5%B8%A6"}, {"", "/organisations/" + x.college.ID, x.uni.ID},
		{"", "/platforms/" + x.platform.ID, x.uni.ID}, {"", "/parks/" + x.park.ID, ""}, {"", "/people/" + x.person.ID, "https://orcid.org/0000-0002-1825-0097"}, {"", "/papers/" + x.paper.ID, "0.97"},
		{"", "/sign-in", ""}, {"editor", "/changes", "demo"}, {"editor", "/changes?kind=park", "湾区科技园"}, {"editor", "/account", ""}, {"admin", "/users", "viewer"}, {"admin", "/users/new", ""},
		{"editor", "/organisations/new", ""}, {"editor", "/organisations/" + x.uni.ID + "/edit", "Lingnan"}, {"editor", "/organisations/" + x.uni.ID + "/relate?q=珠江", x.lab.ID},
		{"editor", "/organisations/" + x.lab.ID + "/merge?q=岭南", x.uni.ID}, {"editor", "/organisations/" + x.lab.ID + "/merge?into=" + x.uni.ID, "Pearl River"},
		{"editor", "/relations/" + x.relation.ID + "/remove?of=" + x.uni.ID, ""}, {"editor", "/import", ""}, {"admin", "/batches/" + x.batch + "/undo", ""},
	} {
		for _, lang := range []string{"zh", "en"} {
			b := x.reader(t, tc.as)
			b.lang = lang
			status, page := b.get(tc.path)
			if status != http.StatusOK || !strings.Contains(page, tc.want) {
				t.Errorf("%s in %s: %d, want %q in:\n%s", tc.path, lang, status, tc.want, page)
			}
			if g := gap.FindAllString(page, -1); len(g) > 0 {
				t.Errorf("%s in %s: no message for %v", tc.path, lang, g)
			}
		}
	}
}

func TestPrivateSourcesStayInside(t *testing.T) {
	x := newTown(t)
	for _, tc := range []struct {
		as, path string
		status   int
		shown    bool
	}{
		{"", "/organisations", 200, false}, {"viewer", "/organisations", 200, false}, {"editor", "/organisations", 200, true},
		{"", "/organisations/" + x.secret.ID, 401, false}, {"viewer", "/organisations/" + x.secret.ID, 403, false}, {"editor", "/organisations/" + x.secret.ID, 200, true},
		{"", "/organisations.csv", 200, false}, {"editor", "/organisations.csv", 200, false}, {"admin", "/organisations.csv?source=red", 200, false},
		{"", "/changes", 401, false}, {"viewer", "/changes", 403, false},
	} {
		status, page := x.reader(t, tc.as).get(tc.path)
		if status != tc.status || strings.Contains(page, "内部名单企业") != tc.shown {
			t.Errorf("%q opens %s: %d, shown %v; want %d, %v", tc.as, tc.path, status, strings.Contains(page, "内部名单企业"), tc.status, tc.shown)
		}
	}
}

func TestExports(t *testing.T) {
	x := newTown(t)
	b := x.reader(t, "")
	for _, room := range []string{"organisations", "platforms", "parks", "people", "papers", "sources"} {
		status, csv := b.get("/" + room + ".csv")
		if lines := strings.Count(csv, "\r\n"); status != 200 || !strings.HasPrefix(csv, "\ufeff") || lines < 2 {
			t.Errorf("%s.csv: %d, %d lines", room, status, lines)
		}
		if status, xlsx := b.get("/" + room + ".xlsx"); status != 200 || !strings.HasPrefix(xlsx, "PK") {
			t.Errorf("%s.xlsx: %d", room, status)
		}
	}
	if status, _ := b.get("/organisations.csv?sort=colour"); status != http.StatusUnprocessableEntity {
		t.Errorf("a bad order answers %d: half a file would look whole", status)
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	x := newTown(t)
	edit, users, undo := "/organisations/"+x.uni.ID+"/edit", "/users", "/batches/"+x.batch+"/undo"
	for _, tc := range []struct {
		as   string
		want map[string]int
	}{
		{"", map[string]int{edit: 401, users: 401, undo: 401, "/import": 401, "/account": 401}},
		{"viewer", map[string]int{edit: 403, users: 403, undo: 403, "/import": 403, "/account": 200}},
		{"editor", map[string]int{edit: 200, users: 403, undo: 403, "/import": 200, "/account": 200}},
		{"admin", map[string]int{edit: 200, users: 200, undo: 200, "/import": 200, "/account": 200}},
	} {
		b := x.reader(t, tc.as)
		for path, want := range tc.want {
			if got, _ := b.get(path); got != want {
				t.Errorf("%q opens %s: %d, want %d", tc.as, path, got, want)
			}
		}
		if r := b.post(edit, "version", "1"); tc.want[edit] != 200 && r.StatusCode != tc.want[edit] {
			t.Errorf("%q writes: %d, want %d", tc.as, r.StatusCode, tc.want[edit])
		}
	}
}

func TestSignInStaysOnTheSite(t *testing.T) {
	x := newTown(t)
	for next, want := range map[string]string{"/papers?q=a": "/papers?q=a", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "": "/"} {
		b := x.reader(t, "")
		r := b.post("/sign-in", "name", "editor", "password", testPassword, "next", next)
		if got := r.Header.Get("Location"); got != want {
			t.Errorf("next=%q leads to %q, want %q", next, got, want)
		}
		c := r.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Name != sessionCookie {
			t.Errorf("cookie %+v", c)
		}
	}
	b := x.reader(t, "")
	if r := b.post("/sign-in", "name", "editor", "password", "wrong password"); r.StatusCode != http.StatusUnauthorized || len(r.Cookies()) > 0 {
		t.Errorf("a wrong password: %d, cookies %v", r.StatusCode, r.Cookies())
	}
	b = x.reader(t, "editor")
	b.post("/sign-out")
	if status, _ := b.get("/account"); status != http.StatusUnauthorized {
		t.Errorf("after signing out the account opens: %d", status)
	}
}

func TestEditingAndConflict(t *testing.T) {
	x := newTown(t)
	b := x.reader(t, "editor")
	form := func(version, name, reason string) []string {
		return []string{"version", version, "name-text-0", name, "name-kind-0", "official", "name-lang-0", "zh", "kind", "university", "status", "active", "country", "cn", "source_id", "own", "reason", reason}
	}
	at := "/organisations/" + x.uni.ID
	if page := b.follow(at+"/edit", form("1", "岭南大学", "更名")...); !strings.Contains(page, "岭南大学") || !strings.Contains(page, "更名") {
		t.Errorf("after saving:\n%s", page)
	}
	r := b.post(at+"/edit", form("1", "岭南综合大学", "")...)
	page := body(t, r)
	if r.StatusCode != http.StatusConflict || !strings.Contains(page, "岭南综合大学") || !strings.Contains(page, `name="version" value="2"`) {
		t.Fatalf("a stale form: %d\n%s", r.StatusCode, page)
	}
	if page := b.follow(at+"/edit", form("2", "岭南综合大学", "")...); !strings.Contains(page, "岭南综合大学") {
		t.Errorf("saving all the same:\n%s", page)
	}
	r = b.post("/organisations", "name-text-0", "新机构", "name-kind-0", "official", "id-scheme-0", "uscc", "id-value-0", "12100000455860544X", "established", "去年", "website", "x", "status", "active")
	page = body(t, r)
	for _, want := range []string{"“去年”不是日期", `href="#f-identifiers"`, `href="#f-kind"`, "“类型”没有填写", `href="#f-source_id"`, `href="#f-established"`, `value="新机构"`} {
		if r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
			t.Errorf("faults: %d, no %q in:\n%s", r.StatusCode, want, page)
		}
	}
	if page := b.follow("/organisations", "name-text-0", "新机构", "name-kind-0", "official", "kind", "enterprise", "status", "active", "source_id", "own"); !strings.Contains(page, "新机构") {
		t.Errorf("created:\n%s", page)
	}
	if r := b.post("/organisations", "name-text-0", "甲", "more", "1"); !strings.Contains(body(t, r), "name-text-4") {
		t.Error("the button gives no more rows")
	}
}

func TestRelationsAddedAndRemoved(t *testing.T) {
	x := newTown(t)
	b := x.reader(t, "editor")
	at := "/organisations/" + x.lab.ID
	if r := b.post(at+"/relate", "q", "岭南"); r.StatusCode != 422 {
		t.Errorf("an empty relation: %d", r.StatusCode)
	}
	page := b.follow(at+"/relate", "q", "岭南", "other", x.uni.ID, "role", "parent.in", "source_id", "own", "valid_from", "2020")
	link := regexp.MustCompile(`/relations/[a-z0-9-]+/remove\?of=[a-z0-9-]+`).FindString(page)
	if !strings.Contains(page, "下级机构") || link == "" {
		t.Fatalf("no relation in:\n%s", page)
	}
	path, _, _ := strings.Cut(link, "?")
	if r := b.post(path, "of", x.lab.ID, "version", "1"); r.StatusCode != 422 || !strings.Contains(body(t, r), "没有写原因") {
		t.Errorf("removing without a reason: %d", r.StatusCode)
	}
	if page := b.follow(path, "of", x.lab.ID, "version", "1", "reason", "重复"); strings.Contains(page, "下级机构") {
		t.Errorf("the relation is still there:\n%s", page)
	}
}

func TestMergeAndBack(t *testing.T) {
	x := newTown(t)
	b := x.reader(t, "editor")
	at := "/organisations/" + x.lab.ID + "/merge"
	versions := []string{"into", x.uni.ID, "from_version", "1", "into_version", "1"}
	if r := b.post(at, versions...); r.StatusCode != 422 {
		t.Errorf("a merge without a reason: %d", r.StatusCode)
	}
	r := b.post(at, append(versions, "reason", "同一机构")...)
	if page := body(t, r); r.StatusCode != 200 || !strings.Contains(page, `name="sure" value="yes"`) || !strings.Contains(page, "同一机构") {
		t.Fatalf("the last question: %d\n%s", r.StatusCode, page)
	}
	page := b.follow(at, append(versions, "reason", "同一机构", "sure", "yes")...)
	if !strings.Contains(page, "珠江实验室") || !strings.Contains(page, "/organisations/"+x.lab.ID+"/unmerge") {
		t.Fatalf("after the merge:\n%s", page)
	}
	r = b.do(httptest.NewRequest("GET", "/organisations/"+x.lab.ID, nil))
	if to := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/organisations/"+x.uni.ID) {
		t.Errorf("the merged record answers %d to %q", r.StatusCode, to)
	}
	o, err := x.Registry.Org(t.Context(), x.lab.ID)
	if err != nil {
		t.Fatal(err)
	}
	page = b.follow("/organisations/"+x.lab.ID+"/unmerge", "version", fmt.Sprint(o.Version), "reason", "不是同一机构")
	if !strings.Contains(page, "珠江实验室") || !strings.Contains(page, "不是同一机构") {
		t.Errorf("after taking it back:\n%s", page)
	}
}

// sendFile posts a file as a browser does.
func (b *browse) sendFile(name, content string, pairs ...string) *http.Response {
	return b.sendFileTo("/import", name, content, pairs...)
}

func (b *browse) sendFileTo(path, name, content string, pairs ...string) *http.Response {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for i := 0; i+1 < len(pairs); i += 2 {
		w.WriteField(pairs[i], pairs[i+1])
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	part.Write([]byte(content))
	w.Close()
	r := httptest.NewRequest("POST", path, &buf)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

func TestImportFromFileToBatchAndBack(t *testing.T) {
	x := newTown(t)
	b := x.reader(t, "admin")
	if r := b.sendFile("机构.csv", "a\n", "source_id", ""); r.StatusCode != 422 {
		t.Errorf("a file without a source: %d", r.StatusCode)
	}
	r := b.sendFile("机构.csv", "名称,类型,官网\n白云研究所,institute,https://a.example\n坏行,没有这种,\n", "source_id", "own", "target", "organisation")
	at := r.Header.Get("Location")
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/import/") {
		t.Fatalf("sending: %d to %q\n%s", r.StatusCode, at, body(t, r))
	}
	status, page := b.get(at)
	if status != 200 || !strings.Contains(page, "白云研究所") || !strings.Contains(page, `value="名称" selected`) {
		t.Fatalf("mapping: %d\n%s", status, page)
	}
	if status, _ := x.reader(t, "editor").get(at); status != 404 {
		t.Errorf("somebody else opens the file: %d", status)
	}
	r = b.post(at+"/check", "map-name_zh", "名称", "map-kind", "类型")
	page = body(t, r)
	if r.StatusCode != 200 || !strings.Contains(page, "没有这种") || !strings.Contains(page, "写入 1 行") {
		t.Fatalf("trial: %d\n%s", r.StatusCode, page)
	}
	if got, err := x.Registry.Orgs(t.Context(), registry.OrgFilter{Query: "白云研究所"}); err != nil || got.Total != 0 {
		t.Fatalf("the trial wrote: %d, %v", got.Total, err)
	}
	if status, rejected := b.get(at + "/rejected"); status != 200 || !strings.Contains(rejected, "坏行") {
		t.Errorf("rejected rows: %d %q", status, rejected)
	}
	if r := b.post(at + "/run"); r.StatusCode != 422 {
		t.Errorf("writing without a reason: %d", r.StatusCode)
	}
	r = b.post(at+"/run", "reason", "补登")
	batch, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	if _, page = b.get(batch); !strings.Contains(page, "白云研究所") {
		t.Fatalf("the batch %s:\n%s", batch, page)
	}
	if page := b.follow(batch+"/undo", "reason", "弄错了文件"); !strings.Contains(page, "已撤销") {
		t.Errorf("undone:\n%s", page)
	}
	if got, err := x.Registry.Orgs(t.Context(), registry.OrgFilter{Query: "白云研究所"}); err != nil || got.Total != 0 {
		t.Errorf("after undoing: %d, %v", got.Total, err)
	}
}

func TestUsersAndSessions(t *testing.T) {
	x := newTown(t)
	b := x.reader(t, "admin")
	if r := b.post("/users", "name", "new", "password", "short", "role", "editor"); r.StatusCode != 422 || !strings.Contains(body(t, r), `href="#f-password"`) {
		t.Errorf("a short password: %d", r.StatusCode)
	}
	if page := b.follow("/users", "name", "new", "password", testPassword, "role", "editor"); !strings.Contains(page, "new") {
		t.Error("the new user is not listed")
	}
	u, err := x.Accounts.ByName(t.Context(), "editor")
	if err != nil {
		t.Fatal(err)
	}
	other := x.reader(t, "editor")
	if page := b.follow("/users/"+u.ID+"/role", "role", "viewer"); !strings.Contains(page, "查看员") {
		t.Error("the role did not change")
	}
	if status, _ := other.get("/import"); status != 403 {
		t.Errorf("a former editor imports: %d", status)
	}
	if r := b.post("/users/"+u.ID+"/state", "disabled", "yes"); r.StatusCode != 422 {
		t.Errorf("disabling without a reason: %d", r.StatusCode)
	}
	b.follow("/users/"+u.ID+"/state", "disabled", "yes", "reason", "离任")
	if status, _ := other.get("/account"); status != 401 {
		t.Errorf("a disabled user is still signed in: %d", status)
	}
	admin, err := x.Accounts.ByName(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	if r := b.post("/users/"+admin.ID+"/role", "role", "viewer"); r.StatusCode != 409 || !strings.Contains(body(t, r), "唯一在任") {
		t.Errorf("the last admin steps down: %d", r.StatusCode)
	}
	second := x.reader(t, "admin")
	_, page := second.get("/account")
	end := regexp.MustCompile(`/account/sessions/[a-z0-9-]+/end`).FindString(page)
	second.follow(end)
	if status, _ := b.get("/account"); status != 401 {
		t.Errorf("an ended session still opens the account: %d", status)
	}
	if r := second.post("/account/password", "old", "nonsense word", "password", "another fine phrase", "again", "another fine phrase"); r.StatusCode != 422 {
		t.Errorf("a wrong old password: %d", r.StatusCode)
	}
	if r := second.post("/account/password", "old", testPassword, "password", "another fine phrase", "again", "another fine phrase"); r.StatusCode != 303 {
		t.Errorf("changing the password: %d", r.StatusCode)
	}
}

func TestDiffRows(t *testing.T) {
	before := `{"kind":"university","names":[{"text":"甲","lang":"zh","kind":"official"},{"text":"乙","kind":"alias"}],"place":{"city":"广州"},"version":1}`
	after := `{"kind":"institute","names":[{"text":"甲","lang":"zh","kind":"official"},{"text":"丙","kind":"alias"},{"text":"丁","kind":"short"}],"place":{"city":"广州","country":"CN"},"version":2}`
	got := diffRows(i18n.ZH, json.RawMessage(before), json.RawMessage(after))
	want := []DiffRow{{"类型", "高等学校", "科研院所", "changed"}, {"名称", "乙（别名）", "", "removed"}, {"名称", "", "丙（别名）", "added"}, {"名称", "", "丁（简称）", "added"}, {"国家和地区", "", "CN", "added"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := diffRows(i18n.EN, nil, json.RawMessage(`[1]`)); got != nil {
		t.Errorf("no object has no fields: %v", got)
	}
}

func FuzzDiffRows(f *testing.F) {
	f.Add(`{"a":[{"b":1}],"c":{"d":null}}`, `{"a":["x"],"c":3}`)
	f.Add(`{"a":`, "")
	f.Fuzz(func(t *testing.T, a, b string) {
		if rows := diffRows(i18n.ZH, json.RawMessage(a), json.RawMessage(a)); len(rows) > 0 {
			t.Errorf("%q differs from itself: %v", a, rows)
		}
		diffRows(i18n.EN, json.RawMessage(a), json.RawMessage(b))
	})
}

func TestRegistersInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	x := newTown(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	for _, tc := range []struct {
		as    string
		paths []string
	}{
		{"", []string{"/organisations?kind=university", "/organisations?q=zzz", "/organisations/" + x.uni.ID + "?below=1", "/platforms", "/platforms/" + x.platform.ID, "/parks/" + x.park.ID,
			"/people/" + x.person.ID, "/papers", "/papers/" + x.paper.ID, "/sources", "/sources/red", "/batches", "/batches/" + x.batch, "/search?q=岭南", "/search?q=zzz", "/sign-in"}},
		{"admin", []string{"/changes", "/account", "/users", "/users/new", "/organisations/new", "/organisations/" + x.uni.ID + "/edit", "/organisations/" + x.uni.ID + "/relate?q=珠江",
			"/organisations/" + x.lab.ID + "/merge?q=岭南", "/organisations/" + x.lab.ID + "/merge?into=" + x.uni.ID, "/import", "/batches/" + x.batch + "/undo"}},
	} {
		views := []e2e.View{{Width: 1280}, {Width: 360, Accept: "en"}, {Width: 360}, {Width: 1280, Accept: "en"}}
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
				tab.Shot(fmt.Sprintf("registers-%s%02d-%s-%d", tc.as, i, v.Accept, v.Width))
			}
		}
	}
}

// full asks for every page at every width: in CI, and where pictures are wanted.
func full() bool { return os.Getenv("KAPOK_CI") != "" || os.Getenv("KAPOK_ARTIFACTS") != "" }
