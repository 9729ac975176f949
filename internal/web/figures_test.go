package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/i18n"
)

func TestFigurePages(t *testing.T) {
	h := citySite(t, Options{}).Handler()
	for _, tc := range []struct {
		path, lang string
		status     int
		want       []string
		not        []string
	}{
		{"/", "zh", 200, []string{"广州市科技创新总览", "科技创新平台数", "比2024 版（第 2 位），口径有变", "不一致，计算少", `href="/figures/funds.fof.paid_in"`, "截至日不详", "第 "}, []string{"{city}", "web.", "%!"}},
		{"/", "en", 200, []string{"Guangzhou", "nearly", "CNY", "differ, computed is"}, []string{"web."}},
		{"/figures", "zh", 200, []string{"125 个数字，共 125 个", "广州占全省国家奖的比重（全部）", "/figures.xlsx"}, nil},
		{"/figures?group=rankings&unit=rank&q=自然指数", "zh", 200, []string{"1 个数字，共 125 个", "/figures.csv?group=rankings", `去掉条件：计量 名次`}, []string{"/figures/funds."}},
		{"/figures?q=zzzz", "en", 200, []string{"No figure fits"}, []string{"<tbody"}},
		{"/figures/awards.share.all", "zh", 200, []string{"49.06", ">近</span>", "26 ÷ 53", "同一说法的几种口径", "78.57", "/figures/awards.guangzhou.all", "与数字一致", "记录指纹"}, nil},
		{"/figures/platforms.district", "en", 200, []string{"Huangpu", "one for each", "slot=now"}, []string{"There is no value"}},
		{"/figures/platforms.district?slot=now&item=440112", "zh", 200, []string{"黄埔区，截至", "/figures/platforms.district/records.csv?item=440112"}, nil},
		{"/figures/nothing.here", "zh", 404, []string{"没有找到"}, nil},
		{"/figures/awards.share.all/values.pdf", "zh", 404, nil, nil},
		{"/platforms/system", "zh", 200, []string{"国家级科研力量", "待核实", "无登记", "依托", "/platforms?division=440112"}, nil},
		{"/rankings", "zh", 200, []string{"口径有变", "数据年", "深圳—香港—广州集群", "只有一版的名次"}, nil},
		{"/superlatives?kind=only&scope=china", "zh", 200, []string{"3 条，共 31 条", "列在这里不表示已经证实", `id="s03"`}, []string{`id="s02"`}},
		{"/audit?example=1", "en", 200, []string{"nearly 80%", "not stored"}, nil},
	} {
		r := get(t, h, "GET", tc.path, "Accept-Language", tc.lang)
		b := body(t, r)
		if r.StatusCode != tc.status {
			t.Errorf("%s: %d, want %d", tc.path, r.StatusCode, tc.status)
		}
		for _, w := range tc.want {
			if !strings.Contains(b, w) {
				t.Errorf("%s in %s lacks %q", tc.path, tc.lang, w)
			}
		}
		for _, w := range tc.not {
			if strings.Contains(b, w) && w != "web." || w == "web." && strings.Contains(b, ">web.") {
				t.Errorf("%s in %s has %q", tc.path, tc.lang, w)
			}
		}
	}
	filesOfFigures(t, h)
	audits(t, h)
}

// filesOfFigures reads what the pages export with the readers of others.
func filesOfFigures(t *testing.T, h http.Handler) {
	t.Helper()
	rows := func(path string) [][]string {
		text := strings.TrimPrefix(body(t, get(t, h, "GET", path)), "\ufeff")
		out, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return out
	}
	values := rows("/figures/funds.fof.paid_in/values.csv")
	if len(values) < 2 || values[1][4] != "gt" || values[1][5] != "26000000000" || values[1][7] != "CNY" {
		t.Errorf("values of the fund of funds: %v", values)
	}
	if records := rows("/figures/platforms.district/records.csv?slot=now&item=440112"); len(records) < 2 || records[1][3] != "platform" || records[1][7] != "1" {
		t.Errorf("records of Huangpu: %v", records)
	}
	if list := rows("/figures.csv?group=pool"); len(list) < 5 || !strings.HasPrefix(list[1][0], "pool.") {
		t.Errorf("figures of the pool: %v", list)
	}
	book, err := excelize.OpenReader(get(t, h, "GET", "/figures.xlsx").Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := book.GetRows("Sheet1"); err != nil || len(got) < 90 || got[0][0] != "figure_id" {
		t.Errorf("workbook of %d rows: %v", len(got), err)
	}
}

// post sends the form of the audit page, with a file when name is not "".
func post(t *testing.T, h http.Handler, fields map[string]string, name string, file []byte) *http.Response {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(file)
	}
	w.Close()
	r := httptest.NewRequest("POST", "/audit", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Accept-Language", fields["lang"])
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result()
}

func audits(t *testing.T, h http.Handler) {
	t.Helper()
	example := i18n.T(i18n.ZH, "web.audit.example.1.text")
	r := post(t, h, map[string]string{"text": example, "year": "2024"}, "", nil)
	b := body(t, r)
	for _, w := range []string{`id="text-1"`, `href="#claim-1"`, `id="claim-1"`, `href="#text-1"`, "近八成", "与记录不符", "若指“仅牵头”则成立", "第 5 段与第 4 段重复", "/figures/awards.share.all", "不保存"} {
		if !strings.Contains(b, w) {
			t.Errorf("report lacks %q", w)
		}
	}
	if strings.Count(b, `id="text-1"`) != 1 || r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("anchor or caching is wrong: %v", r.Header)
	}
	only := body(t, post(t, h, map[string]string{"text": example, "verdict": "contradicted"}, "", nil))
	if strings.Contains(only, `class="verdict v-unknown`) || !strings.Contains(only, `class="verdict v-contradicted`) {
		t.Error("the filter by verdict does not filter")
	}
	var report struct {
		Claims []json.RawMessage `json:"claims"`
	}
	if err := json.NewDecoder(post(t, h, map[string]string{"text": example, "as": "json"}, "", nil).Body).Decode(&report); err != nil || len(report.Claims) < 8 {
		t.Errorf("JSON report: %d claims, %v", len(report.Claims), err)
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(example)
	if err != nil {
		t.Fatal(err)
	}
	if b := body(t, post(t, h, nil, "综述.txt", []byte(gbk))); !strings.Contains(b, "近八成") {
		t.Error("a file in GB18030 is not read")
	}
	for _, tc := range []struct {
		fields map[string]string
		name   string
		file   string
		status int
		want   string
	}{
		{map[string]string{"text": " \n"}, "", "", 422, "没有文字"},
		{map[string]string{"text": "广州", "year": "去年"}, "", "", 422, "年份要写成四位数字"},
		{map[string]string{"text": strings.Repeat("广", 400_000)}, "", "", 422, "超过 1 MiB"},
		{nil, "报告.docx", "PK", 422, "不是文本文件"},
		{nil, "x.txt", "\xff\x00\x81\x00\x00\xff", 422, "编码读不出来"},
		{nil, "x.txt", strings.Repeat("a", 1<<20+1), 422, "文件超过 1 MiB"},
		{map[string]string{"text": strings.Repeat("广", 1<<21)}, "", "", 413, "4 MiB"},
		{map[string]string{"text": "<script>alert(1)</script>，共有26个项目获奖"}, "", "", 200, "&lt;script&gt;"},
	} {
		r := post(t, h, tc.fields, tc.name, []byte(tc.file))
		if b := body(t, r); r.StatusCode != tc.status || !strings.Contains(b, tc.want) {
			t.Errorf("%.30v %s: %d without %q", tc.fields, tc.name, r.StatusCode, tc.want)
		}
	}
}

func TestThemesKeepTheirOrder(t *testing.T) {
	var list []Theme
	for _, n := range []int{3, 2, 1, 1, 3, 6} {
		list = append(list, Theme{Cards: make([]FigureCard, n)})
	}
	total := 0
	for _, row := range inRows(list, 4) {
		width := 0
		for _, th := range row {
			width += th.Span()
			total += len(th.Cards)
		}
		if width > 4 {
			t.Errorf("a row of %d", width)
		}
	}
	if total != 16 {
		t.Errorf("%d cards are left of 16", total)
	}
}

func TestUnbroken(t *testing.T) {
	for in, want := range map[string]string{"广州\n实验室": "广州实验室", "New\nYork": "New York", "全球 \r\n Nature": "全球 Nature", "": "", "一": "一"} {
		if got := unbroken(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// figurePaths are the pages looked at in a browser.
var figurePaths = []struct{ name, path string }{
	{"overview", "/"}, {"figures", "/figures?group=platforms"}, {"figures-none", "/figures?q=zzz"}, {"figure-share", "/figures/awards.share.all"},
	{"figure-platforms", "/figures/platforms.all"}, {"figure-district", "/figures/platforms.district"}, {"figure-rank", "/figures/rankings.nature_index.city"},
	{"system", "/platforms/system"}, {"rankings", "/rankings"}, {"superlatives", "/superlatives"}, {"audit", "/audit?example=1"},
}

func TestFigurePagesInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	srv := httptest.NewServer(citySite(t, Options{Rooms: kitRooms}).Handler())
	t.Cleanup(srv.Close)
	views := []struct {
		name string
		view e2e.View
	}{{"zh-1280", e2e.View{}}, {"zh-360", e2e.View{Width: 360}}, {"en-1280-dark", e2e.View{Accept: "en", Dark: true}}, {"en-360", e2e.View{Width: 360, Accept: "en"}}}
	for i, p := range figurePaths {
		for k, view := range views {
			if os.Getenv("KAPOK_ARTIFACTS") == "" && os.Getenv("KAPOK_CI") == "" && i%len(views) != k {
				continue // one view of each where nobody waits for all
			}
			t.Run(p.name+"-"+view.name, func(t *testing.T) {
				tab := browser.Open(t, srv.URL+p.path, view.view)
				tab.Shot(p.name + "-" + view.name)
				tab.Check()
				if k == 0 && os.Getenv("KAPOK_ARTIFACTS") != "" {
					tab.PDF(p.name)
				}
			})
		}
	}
	for _, view := range views {
		t.Run("report-"+view.name, func(t *testing.T) {
			tab := browser.Open(t, srv.URL+"/audit?example=1", view.view)
			tab.Click(`form.form button[type=submit]`)
			if n := e2e.Eval[int](tab, `document.querySelectorAll(".verdict").length`); n < 8 {
				t.Errorf("%d verdicts", n)
			}
			tab.Shot("report-" + view.name)
			tab.Check()
			tab.Click(`.count-button[value=borne_out]`)
			if got := e2e.Eval[int](tab, `document.querySelectorAll(".verdict:not(.v-borne_out)").length`); got != 0 {
				t.Errorf("%d other verdicts are listed", got)
			}
		})
	}
}
