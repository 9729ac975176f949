package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"html"
	"io/fs"
	"log/slog"
	"math"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/stats"
)

// observatoryTown is the bundled city with a simulated corpus, the ledger of
// rankings, two releases, accounts of each role, and a log that can be read.
type observatoryTown struct {
	*town
	log   *bytes.Buffer
	users map[string]account.User
}

func newObservatoryTown(t testing.TB) *observatoryTown {
	t.Helper()
	log := &bytes.Buffer{}
	s := kitSite(t, Options{Log: slog.New(slog.NewTextHandler(log, nil)), Rooms: kitRooms})
	d := dbtest.SQLite(t)
	ctx := context.Background()
	x := &observatoryTown{town: &town{Services: cityServices(t, d)}, log: log, users: map[string]account.User{}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	x.Accounts = account.New(d, account.Options{Cost: account.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}})
	for name, role := range map[string]account.Role{"viewer": account.Viewer, "editor": account.Editor, "second": account.Editor, "admin": account.Admin} {
		u, err := x.Accounts.Create(ctx, change.Author{Actor: "test"}, name, testPassword, role)
		must(err)
		x.users[name] = u
	}
	in := ingest.New(d, x.Registry)
	for _, f := range []struct {
		importer string
		file     data.File
	}{{"editions", data.Editions}, {"rankings", data.Entries}} {
		raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(f.file))
		must(err)
		_, err = in.Run(ctx, ingest.Request{Importer: f.importer, Reader: bytes.NewReader(raw), Name: string(f.file), By: change.Author{Actor: "test"}})
		must(err)
	}
	x.Editions = edition.New(d)
	x.Corpora = t.TempDir()
	_, err := world.Make(ctx, filepath.Join(x.Corpora, "world"), world.Options{Works: 1500, Seed: 7, From: 2019, To: 2022}, nil)
	must(err)
	x.Ranking = ranking.New(ranking.Config{Corpora: x.Corpora, Prepared: t.TempDir(), City: "440100"})
	must(x.Ranking.Prepare(ctx, "world", stats.Config{}))
	x.Releases = release.New(d, x.Observatory, t.TempDir())
	key, err := release.NewKey()
	must(err)
	for _, name := range []string{"first", "later"} {
		_, err = x.Releases.Build(ctx, x.users["editor"].Author(""), release.Options{Name: name, Day: "2024-12-31", Key: key, Draw: ReleaseChart, WithoutRestricted: true})
		must(err)
		if name == "first" {
			_, err := in.Run(ctx, ingest.Request{Importer: "platforms", Name: "platforms.csv", By: change.Author{Actor: "test"},
				Reader: strings.NewReader(newPlatform)})
			must(err)
			_, err = x.Observatory.Compute(ctx)
			must(err)
		}
	}
	s.AddRegisters(x.Services)
	s.AddFigures(x.Services)
	s.AddObservatory(x.Services)
	x.h = s.Handler()
	return x
}

// newPlatform is what is new between the two releases.
const newPlatform = "key,name_zh,name_en,class,group,level,division,source_id\nnew-lab,新设实验室,New Laboratory,national_laboratory,2a,national,440112,ycwb-2025-review-2024\n"

// link returns the first address on a page that begins so.
func link(t *testing.T, page, prefix string) string {
	t.Helper()
	m := regexp.MustCompile(`href="(` + regexp.QuoteMeta(prefix) + `[^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no link to %s", prefix)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// wants checks the words of a page.
func wants(t *testing.T, b *browse, path string, words ...string) string {
	t.Helper()
	status, page := b.get(path)
	if status != 200 {
		t.Errorf("%s: %d", path, status)
	}
	for _, w := range words {
		if !strings.Contains(page, w) {
			t.Errorf("%s lacks %q", path, w)
		}
	}
	if key := regexp.MustCompile(`>\s*(web|ranking|edition|release|errs)\.[a-z_.]+\s*<`).FindString(page); key != "" {
		t.Errorf("%s shows the message key %s", path, key)
	}
	return page
}

// styleAddsUp opens a ranking down to the works behind a value, and sums them.
func styleAddsUp(t *testing.T, x *observatoryTown) {
	b := x.reader(t, "")
	for i, kind := range styleKinds {
		b.lang = []string{"zh", "en"}[i%2]
		wants(t, b, "/rankings/style/"+kind.path, "SHA-256", "AS ")
	}
	b.lang = "zh"
	for _, by := range []string{"share", "mncs", "pp_top10"} {
		page := wants(t, b, "/rankings/style/cities?indicator="+by, "模拟数据", "chart-dots", "计数")
		works := link(t, page, "/rankings/style/cities/records")
		wants(t, b, works, "与数值一致")
		rows := csvOf(t, b, strings.Replace(works, "/records?", "/records.csv?", 1))
		weight, base := 0.0, 0.0
		for _, r := range rows[1:] {
			weight, base = weight+float(t, r[8]), base+float(t, r[9])
		}
		if base > 0 {
			weight /= base
		}
		if by == "pp_top10" {
			weight *= 100
		}
		table := csvOf(t, b, "/rankings/style/cities.csv?indicator="+by)
		column := slices.Index(table[0], by)
		if got := float(t, table[1][column]); math.Abs(got-weight) > 1e-9*math.Max(1, got) || table[1][7] != "1" || table[1][1] != "true" {
			t.Errorf("%s of %s is %v, its works give %v", by, table[1][9], got, weight)
		}
	}
	for path, want := range map[string]int{"/rankings/style/towns": 404, "/rankings/style/cities?corpus=none": 200, "/rankings/style/cities?indicator=h": 422, "/rankings/style/cities?from=x": 422,
		"/rankings/style/cities?from=2022&to=2019": 422, "/rankings/style/cities.pdf": 404, "/rankings/style/cities/records?of=nowhere&corpus=world": 404} {
		if status, _ := b.get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	// What the page shows as its method can be run as it stands.
	e := x.reader(t, "editor")
	page := wants(t, e, "/rankings/style/cities?indicator=share", `name="sql" value="WITH `)
	sql := html.UnescapeString(regexp.MustCompile(`name="sql" value="([^"]*)"`).FindStringSubmatch(page)[1])
	if got := body(t, e.post("/query", "set", "world", "sql", sql)); !strings.Contains(got, `id="result"`) {
		t.Errorf("the method cannot be run: %s", textOf(got))
	}
}

func csvOf(t *testing.T, b *browse, path string) [][]string {
	t.Helper()
	_, text := b.get(path)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", path, len(rows), err)
	}
	return rows
}

func float(t *testing.T, text string) float64 {
	t.Helper()
	if text == "" {
		return 0
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func editionPages(t *testing.T, x *observatoryTown) {
	b := x.reader(t, "")
	wants(t, b, "/rankings", "/rankings/published/gii.cluster", "GII式集群排名", "/rankings/style/cities", "口径有变")
	wants(t, b, "/rankings/published/gii.cluster", "chart-bump", "方法变化", "前后不可比", "木棉自算", "CC BY 4.0", "深圳—香港—广州", "已收 15 行，全榜 100 行")
	wants(t, b, "/rankings/published/gii.cluster?edition=2023", "127,418", "11.7", "反推的", "已收 34 行")
	wants(t, b, "/rankings/published/gii.cluster/compare?a=2024&b=2025", "两版不可比", "不可比")
	wants(t, b, "/rankings/published/gii.cluster/compare?a=2023&b=2024", "可比")
	b.lang = "en"
	wants(t, b, "/rankings/published/nature_index.city", "NI-style", "Guangzhou")
	for path, want := range map[string]int{"/rankings/published/none": 404, "/rankings/published/gii.cluster/compare?a=2024&b=1999": 404, "/rankings/published/gii.cluster/compare?a=2024&b=2024": 422} {
		if status, _ := b.get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

func clusterPages(t *testing.T, x *observatoryTown) {
	b := x.reader(t, "")
	page := wants(t, b, "/clusters?radius_km=20", "chart-globe", "chart-area", "两可的边缘地点", "radius_km", "SHA-256")
	one := link(t, page, "/clusters/")
	wants(t, b, one, "与集群的计数一致", "核心")
	rows := csvOf(t, b, strings.Replace(one, "?", ".csv?", 1))
	table := csvOf(t, b, "/clusters.csv?radius_km=20")
	papers := 0.0
	for _, r := range rows[1:] {
		papers += float(t, r[7])
	}
	for _, r := range table[1:] {
		if r[5] == rows[1][2] && math.Abs(float(t, r[14])-papers) > 1e-6 {
			t.Errorf("cluster %s counts %s papers, its places %v", r[5], r[14], papers)
		}
	}
	for path, want := range map[string]int{"/clusters/x": 404, "/clusters/99999": 404, "/clusters?radius_km=far": 422, "/clusters?radius_km=9000": 422, "/clusters?radius_km=NaN": 422, "/clusters?corpus=none": 404, "/clusters?density=1e12": 422} {
		if status, _ := b.get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
}

// releasePages walks a release from draft to public: nobody approves what they
// have built, and a guest sees nothing before it is public.
func releasePages(t *testing.T, x *observatoryTown) {
	guest, maker, second := x.reader(t, ""), x.reader(t, "editor"), x.reader(t, "second")
	wants(t, guest, "/releases", "还没有发布")
	for _, path := range []string{"/releases/first", "/releases/first.zip", "/releases/first/report/index.html", "/releases/diff?a=first&b=later"} {
		if status, _ := guest.get(path); status != 404 {
			t.Errorf("a guest gets %s of a draft with %d", path, status)
		}
	}
	if got := guest.post("/releases/first/approve").StatusCode; got != 401 {
		t.Errorf("a guest approves with %d", got)
	}
	if got := x.reader(t, "viewer").post("/releases/first/approve").StatusCode; got != 403 {
		t.Errorf("a viewer approves with %d", got)
	}
	wants(t, maker, "/releases/first", "还需要另一个人批准", "kapok release verify", "catalog.jsonld")
	if got := maker.post("/releases/first/approve").StatusCode; got != 403 {
		t.Errorf("the builder approves with %d", got)
	}
	if got := second.post("/releases/first/publish").StatusCode; got != 403 {
		t.Errorf("publishing before approval: %d", got)
	}
	if got := second.post("/releases/first/approve", "manifest", "of something else").StatusCode; got == 303 {
		t.Error("an approval of another manifest passed")
	}
	page := wants(t, second, "/releases/first", "批准这份发布")
	manifest := regexp.MustCompile(`name="manifest" value="([0-9a-f]{64})"`).FindStringSubmatch(page)[1]
	for _, act := range []string{"approve", "publish"} {
		if got := second.post("/releases/first/"+act, "manifest", manifest).StatusCode; got != 303 {
			t.Errorf("%s: %d", act, got)
		}
	}
	wants(t, guest, "/releases", "已公开", "/releases/first")
	wants(t, guest, "/releases/first", "已公开")
	wants(t, guest, "/releases/first/report/", "report.css")
	if status, _ := guest.get("/releases/first/report/../../../etc/passwd"); status == 200 {
		t.Error("a path leads out of the release")
	}
	if status, _ := guest.get("/releases/first/report/nothing.html"); status != 404 {
		t.Error("a file that is none is served")
	}
	unpacked(t, guest)
	diff := wants(t, second, "/releases/diff?a=first&b=later", "新增 1 条记录", "新设实验室", "原因足以说明变化")
	if strings.Contains(diff, "原因不足以说明变化") {
		t.Error("a change is not explained")
	}
}

// unpacked downloads a release and verifies the folder by itself.
func unpacked(t *testing.T, b *browse) {
	t.Helper()
	r := b.do(httptest.NewRequest("GET", "/releases/first.zip", nil))
	raw := []byte(body(t, r))
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, z); err != nil {
		t.Fatal(err)
	}
	report, err := release.Verify(t.Context(), filepath.Join(dir, "first"), release.VerifyOptions{Draw: ReleaseChart})
	if err != nil || !report.OK || report.Values == 0 {
		t.Errorf("the downloaded release: ok %v, %d values, %v, %v", report.OK, report.Values, report.Faults, err)
	}
}

// observatoryInABrowser looks at every new page in both languages and widths.
func observatoryInABrowser(t *testing.T, x *observatoryTown) {
	browser := e2e.Browser(t)
	srv := httptest.NewServer(x.h)
	t.Cleanup(srv.Close)
	b := x.reader(t, "")
	_, cities := b.get("/rankings/style/cities?indicator=mncs")
	_, clusters := b.get("/clusters?radius_km=20")
	pages := []string{"/rankings", "/rankings/style/cities?indicator=mncs", "/rankings/style/organisations", "/rankings/style/years?indicator=pp_top10", link(t, cities, "/rankings/style/cities/records"),
		"/clusters?radius_km=20", link(t, clusters, "/clusters/"), "/rankings/published/gii.cluster", "/rankings/published/gii.cluster/compare?a=2024&b=2025", "/releases", "/figures/platforms.district"}
	staff := []string{"/releases/later", "/releases/diff?a=first&b=later", "/query"}
	views := []e2e.View{{Width: 1280, Accept: "zh-CN"}, {Width: 360, Accept: "en"}, {Width: 360, Accept: "zh-CN", Dark: true}, {Width: 1280, Accept: "en", Dark: true}}
	for v, view := range views {
		for i, path := range append(pages, staff...) {
			if !full() && i%len(views) != v {
				continue // at a desk each page is opened in one of the views
			}
			t.Run(strings.ReplaceAll(path, "/", "_"), func(t *testing.T) {
				first := srv.URL + path
				if i >= len(pages) {
					first = srv.URL + "/sign-in?next=" + url.QueryEscape(path)
				}
				tab := browser.Open(t, first, view)
				if i >= len(pages) {
					tab.Fill("#f-name", "second")
					tab.Fill("#f-password", testPassword)
					tab.Click("main button[type=submit]")
				}
				tab.Check()
				name, _, _ := strings.Cut(path[1:], "?")
				tab.Shot(strings.NewReplacer("/", "_", ".", "_").Replace(name) + "-" + view.Accept + "-" + strconv.Itoa(view.Width))
			})
		}
	}
}
