package web

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/e2e"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// kitPage shows every component. It is compiled into tests only.
type kitPage struct {
	Page
	Lead    string
	Cards   []FigureCard
	Charts  []ChartFigure
	Tabs    []Tab
	Filter  FilterBar
	Head    TableHead
	Rows    []kitRow
	Pager   Pager
	Facts   []Fact
	Events  []Event
	Diff    []DiffRow
	Text    []Verdict
	Errors  []FieldError
	Fields  []Field
	Answers []Answer
	States  []State
	Sources []SourceNote
}

type kitRow struct{ Name, Kind, District, Platforms, Paid string }

func kitSite(t testing.TB, o Options) *Site {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	sub, err := fs.Sub(templateFS, "templates")
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSite(o, sub, os.DirFS("testdata"))
	if err != nil {
		t.Fatal(err)
	}
	s.Route("GET /kit", func(w http.ResponseWriter, r *http.Request) error {
		return s.Render(w, r, "kit", newKitPage(s.Page(r, "广州国家实验室（生物医药与健康方向）")))
	})
	s.Route("GET /denied", func(http.ResponseWriter, *http.Request) error {
		return errs.New(errs.Forbidden, "errs.forbidden", errs.A{"role": "viewer", "needs": "editor"})
	})
	return s
}

var kitRooms = []Room{{Key: "overview", Path: "/kit"}, {Key: "figures", Path: "/figures"}, {Key: "platforms", Path: "/platforms"}, {Key: "organisations", Path: "/organisations"},
	{Key: "results", Path: "/results", Staff: true}, {Key: "needs", Path: "/needs", Staff: true}, {Key: "finance", Path: "/finance", Staff: true}, {Key: "sources", Path: "/sources"}, {Key: "audit", Path: "/audit"}}

func kitCards(l i18n.Lang) []FigureCard {
	v := func(b quantity.Bound, x float64, u quantity.Unit) Value { return ValueOf(l, quantity.With(b, x, u)) }
	spark := func(id string, vs ...float64) *chart.Spec {
		s := &chart.Spec{Kind: chart.Spark, ID: id, Title: id, Series: []chart.Series{{}}}
		for i, x := range vs {
			s.Series[0].Points = append(s.Series[0].Points, chart.Point{X: float64(i), Known: true, Value: x})
		}
		return s
	}
	return []FigureCard{
		{Href: "#a", Label: "创投母基金实缴规模", Value: v(quantity.Above, 26e9, quantity.CNY), Change: Change{"+12.4%", "比2023年", "up"}, Spark: spark("s1", 11, 13, 18, 23, 26), Source: "市科技局公报", Period: "截至2024年末", Records: "32 条记录"},
		{Href: "#a", Label: "科技信贷风险补偿资金池累计授信", Value: v(quantity.Above, 150e9, quantity.CNY), Change: Change{"+3.1%", "比2023年", "up"}, Spark: spark("s2", 60, 81, 97, 123, 150), Source: "市科技局公报", Period: "2015年至2024年累计"},
		{Href: "#a", Label: "全球科研城市榜（自然指数）名次", Value: v(quantity.Exact, 8, quantity.Rank), Change: Change{"持平", "比上一版", "same"}, Spark: spark("s3", 25, 19, 15, 10, 8, 8), Source: "自然指数—科研城市2024", Period: "数据年2023"},
		{Href: "#a", Label: "国家科学技术奖获奖占全省", Lines: []FigureLine{{"报告", v(quantity.Nearly, 80, quantity.Percent)}, {"计算", v(quantity.Exact, 49.06, quantity.Percent)}}, Difference: "相差 −30.9 个百分点", Source: "奖励目录", Period: "2023年度", Records: "53 条记录"},
		{Href: "#a", Label: "技术合同认定登记成交额", Value: v(quantity.About, 260e9, quantity.CNY), Change: Change{"−1.8%", "比2023年", "down"}, Spark: spark("s4", 240, 251, 265, 264, 260), Source: "技术市场年报", Period: "2024年", Simulated: true},
		{Href: "#a", Label: "低空经济规模以上企业", Value: UnknownValue("来源只给出全省数，没有分市数"), Source: "无来源", Period: "2024年"},
		{Href: "#a", Label: "新培育技术经理人", Value: v(quantity.Nearly, 2000, quantity.CountOf("名")), Source: "市科技局公报", Period: "2024年"},
		{Href: "#a", Label: "入池科技企业", Value: v(quantity.AtLeast, 12000, quantity.CountOf("家")), Source: "资金池台账", Period: "截至2024-12-31", Records: "12,549 条记录", Spark: spark("s5", 3, 5, 8, 10, 12.5)},
	}
}

func kitCharts() []ChartFigure {
	history := chart.Spec{Kind: chart.Step, ID: "fund", Title: "创投母基金实缴规模", Desc: "2019年至2024年由一百一十亿元增至二百六十亿元以上，2021年未知。", Unit: "亿元", First: "年份", Unknown: "未知",
		Series: []chart.Series{{Points: []chart.Point{
			{Label: "2019", X: 2019, Known: true, Value: 110, Text: "110"}, {Label: "2020", X: 2020, Known: true, Value: 132, Bound: chart.About, Text: "≈ 132"}, {Label: "2021", X: 2021},
			{Label: "2022", X: 2022, Known: true, Value: 200, Bound: chart.Range, Low: 180, High: 220, Text: "180–220"}, {Label: "2023", X: 2023, Known: true, Value: 231, Text: "231"}, {Label: "2024", X: 2024, Known: true, Value: 260, Bound: chart.Least, Text: "> 260", Href: "#a"}}}}}
	rank := chart.Spec{Kind: chart.Line, ID: "rank", Title: "自然指数—科研城市名次", Desc: "由2016年第42位升至2024年第8位。", Unit: "名次", First: "版次", Unknown: "未知", Rank: true,
		Series: []chart.Series{{Name: "广州", Points: kitPoints(2016, 2, 42, 35, 15, 10, 8)}, {Name: "南京", Points: kitPoints(2016, 2, 14, 11, 8, 6, 5)}, {Name: "武汉", Points: kitPoints(2016, 2, 19, 16, 13, 9, 9)}}}
	bars := chart.Spec{Kind: chart.Bar, ID: "bars", Title: "主要平台在研经费", Desc: "最多的是广州国家实验室，三亿一千万元。", Unit: "万元", First: "平台", Unknown: "未知", Series: []chart.Series{{Points: []chart.Point{
		{Label: "广州国家实验室（生物医药与健康方向）", Known: true, Value: 31000, Text: "31,000", Href: "#a"},
		{Label: "粤港澳大湾区国家技术创新中心", Known: true, Value: 26000, Bound: chart.Least, Text: "≥ 26,000", Href: "#a"},
		{Label: "人类细胞谱系大科学研究设施", Known: true, Value: 12000, Bound: chart.Range, Low: 10000, High: 14000, Text: "10,000–14,000"},
		{Label: "冷泉生态系统研究装置", Known: true, Value: 9000, Bound: chart.Most, Text: "≤ 9,000"},
		{Label: "航空轮胎大科学中心"}}}}}
	names := []string{"花都区", "白云区", "增城区", "荔湾区", "越秀区", "天河区", "黄埔区", "海珠区", "番禺区", "南沙区"}
	counts := []float64{12, 18, 9, 7, 21, 64, 152, 23, 31, 28}
	var tiles []chart.Point
	for i, n := range names {
		tiles = append(tiles, chart.Point{Label: n, Known: true, Value: counts[i], Href: "/organisations?district=" + n})
	}
	districts := chart.Spec{Kind: chart.Tiles, ID: "tiles", Title: "各区省级以上科研平台", Desc: "黄埔区最多，一百五十二个；从化区未知。", Unit: "个", First: "区", Unknown: "未知",
		Grid: [][]string{{"", "花都区", "从化区", ""}, {"", "白云区", "", "增城区"}, {"荔湾区", "越秀区", "天河区", "黄埔区"}, {"", "海珠区", "", ""}, {"", "番禺区", "", ""}, {"", "", "南沙区", ""}}, Series: []chart.Series{{Points: tiles}}}
	var out []ChartFigure
	for i, s := range []chart.Spec{history, rank, bars, districts} {
		out = append(out, ChartFigure{Spec: s, Number: i + 1, CSV: "/x.csv", Source: "市科技局公报", Period: "2019年至2024年", Simulated: i == 2})
	}
	return out
}

func kitPoints(x0, dx float64, vs ...float64) []chart.Point {
	var ps []chart.Point
	for i, v := range vs {
		x := x0 + float64(i)*dx
		ps = append(ps, chart.Point{Label: chart.Number(x), X: x, Known: true, Value: v})
		ps[i].Label = strings.ReplaceAll(ps[i].Label, ",", "")
	}
	return ps
}

func newKitPage(p Page) kitPage {
	p.Crumbs = []Link{{"总览", "/"}, {"平台", "/platforms"}}
	p.Flash = "草稿已于 10:24 自动保存。"
	k := kitPage{Page: p, Lead: "面向重大呼吸系统疾病和生物安全的国家实验室。本页把每一种部件按真实内容排出来，供修改样式时对照。", Cards: kitCards(p.Lang), Charts: kitCharts()}
	k.kitList()
	k.kitRecord()
	k.kitForm()
	return k
}

func (k *kitPage) kitList() {
	k.Tabs = []Tab{{"机构", "#k3", "1,284", true}, {"平台", "#k3", "377", false}, {"论文", "#k3", "12,030", false}, {"改动", "#k3", "9", false}}
	k.Filter = FilterBar{Action: "/kit", Reset: "/kit", Count: "共 1,284 个机构", Exports: []Link{{"CSV", "/x.csv"}, {"XLSX", "/x.xlsx"}},
		Fields: []Field{{Name: "q2", Label: "名称、别名或编号", Kind: "search", Value: "实验室"},
			{Name: "kind", Label: "类型", Kind: "select", Options: []Option{{Value: "", Label: "全部"}, {Value: "lab", Label: "国家实验室", Selected: true}}},
			{Name: "district", Label: "所在区", Kind: "select", Options: []Option{{Value: "", Label: "全部 11 个区"}}}, {Name: "since", Label: "成立不早于", Kind: "date"}},
		Chips: []Chip{{"类型", "国家实验室", "#x"}, {"名称", "实验室", "#y"}}}
	k.Head = TableHead{Caption: "机构", Hidden: true, Columns: []Column{{Label: "名称", Sort: "#n", Order: "ascending"}, {Label: "类型"}, {Label: "所在区"}, {Label: "平台", Unit: "个", Numeric: true, Sort: "#p"}, {Label: "实缴", Unit: "亿元", Numeric: true}}}
	k.Rows = []kitRow{{"广州国家实验室", "国家实验室", "黄埔区", "12", "310.00"},
		{"中国科学院广州生物医药与健康研究院（广东省干细胞与再生医学重点实验室依托单位）", "研究机构", "黄埔区", "7", "≥ 26.50"},
		{"南方海洋科学与工程广东省实验室（广州）", "省实验室", "南沙区", "4", ""},
		{"Guangdong–Hong Kong–Macao Greater Bay Area Quantum Science Center", "研究机构", "未知", "1", "≈ 3.20"},
		{"华南理工大学", "高等学校", "天河区", "41", "8.75"}}
	k.Pager = Pager{First: "/kit", Next: "/kit?cursor=x", Shown: "第 26–50 个"}
}

func (k *kitPage) kitRecord() {
	k.Facts = []Fact{
		{Label: "正式名称", Values: []FactValue{{Text: "广州国家实验室", Mark: &SourceMark{1, "国务院批复"}}}},
		{Label: "其他名称", Values: []FactValue{{Text: "Guangzhou National Laboratory", Lang: "en", Mark: &SourceMark{2, "ROR v2.0"}}, {Text: "广州实验室", Note: "曾用名，2021年以前"}}},
		{Label: "统一社会信用代码", Values: []FactValue{{Text: "12100000MB1K21234X", Mark: &SourceMark{1, "国务院批复"}}}},
		{Label: "上级机构", Values: []FactValue{{Text: "中华人民共和国科学技术部", Href: "#x"}}},
		{Label: "在编人数", Why: "没有来源给出"}}
	k.Events = []Event{{"2021-05-18", "批准设立", "#x", "国务院批复同意", "科学技术部", "done"}, {"2023-11-02", "中期评估", "", "", "专家组", "failed"}, {"2024-04-22", "整改验收", "#x", "补交两项材料", "市科技局", "now"}, {"2026-05-18", "五年评估", "", "", "", "next"}}
	k.Diff = []DiffRow{{"所在区", "萝岗区", "黄埔区", "changed"}, {"英文名", "", "Guangzhou National Laboratory", "added"}}
	k.Text = []Verdict{{Claim: "去年，广州在自然指数科研城市榜升至"}, {"borne_out", 1, "全球第8位", "与2024年版一致，数据年2023。", Link{"自然指数—科研城市名次", "#k2"}}, {Claim: "；牵头和参与的国家科技奖"},
		{"contradicted", 2, "占全省近八成", "全部获奖为26项比53项，49%；只算牵头为11项比14项，79%。", Link{"国家科学技术奖获奖占全省", "#k1"}}, {Claim: "；母基金实缴"}, {"compatible", 3, "超260亿元", "记录合计262.4亿元。", Link{"创投母基金实缴规模", "#k1"}},
		{Claim: "，规模"}, {"not_comparable", 4, "居全国前列", "没有给出范围和指标。", Link{}}, {Claim: "，服务企业"}, {"unknown", 5, "1.2万家次", "没有按家次记录的数据。", Link{}}, {Claim: "。"}}
	k.Sources = []SourceNote{{1, "关于同意设立广州国家实验室的批复", "#d", "国务院", "2021-05-18", "公开文件"}, {2, "ROR v2.0", "https://ror.org", "Research Organization Registry", "2026-03-12", "CC0"}}
}

func (k *kitPage) kitForm() {
	k.Fields = []Field{{Name: "name", Label: "成果名称", Kind: "text", Value: "高通量", Hint: "与登记证书一致，不超过 60 字"},
		{Name: "amount", Label: "合同金额（万元）", Kind: "text", Value: "一百", Error: "“合同金额”要填数字，例如 120.5"},
		{Name: "kind", Label: "转化方式", Kind: "radio", Options: []Option{{Value: "sale", Label: "转让", Hint: "所有权全部转移"}, {Value: "licence", Label: "许可", Selected: true}}},
		{Name: "about", Label: "说明", Kind: "area", Optional: true}}
	k.Errors = Errors(k.Fields)
	k.Answers = []Answer{{"成果名称", "高通量单细胞测序样本前处理装置", "#c"}, {"合同金额", "120.5 万元", "#c"}, {"收益分配", "完成人 70%\n学校 25%\n转化机构 5%", "#c"}}
	k.States = []State{{"empty", "还没有需求", "需求由企业或园区提出，登记后可以与成果匹配。", Link{"登记需求", "#n"}}, {"failed", "导入没有完成", "第 12 行“名称”为空，没有写入任何内容。\n请补齐后重新导入。", Link{"重新导入", "#i"}}, {"forbidden", "没有权限", "您的角色是“读者”，登记合同需要“技术经理人”。", Link{}}}
}

func TestKitInABrowser(t *testing.T) {
	browser := e2e.Browser(t)
	for _, tc := range []struct {
		name, path string
		view       e2e.View
		user       bool
		always     bool // the others only where pictures are wanted, and in CI
	}{
		{"kit-zh-1280", "/kit", e2e.View{}, false, true},
		{"kit-zh-360", "/kit", e2e.View{Width: 360}, false, true},
		{"kit-zh-768", "/kit", e2e.View{Width: 768}, false, false},
		{"kit-en-1280-dark", "/kit", e2e.View{Accept: "en", Dark: true}, false, false},
		{"kit-en-360-dark", "/kit", e2e.View{Width: 360, Accept: "en", Dark: true}, false, true},
		{"kit-staff-1280", "/kit", e2e.View{}, true, false},
		{"kit-staff-360", "/kit", e2e.View{Width: 360}, true, false},
		{"denied-zh", "/denied", e2e.View{}, false, false},
		{"missing-en", "/nowhere?x=1", e2e.View{Width: 360, Accept: "en"}, false, false},
	} {
		if !tc.always && os.Getenv("KAPOK_ARTIFACTS") == "" && os.Getenv("KAPOK_CI") == "" {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			o := Options{Rooms: kitRooms, Simulated: !tc.user, Version: "2026-11"}
			if tc.user {
				o.User = func(*http.Request) *User { return &User{Name: "陈明", Role: "技术经理人"} }
			}
			srv := httptest.NewServer(kitSite(t, o).Handler())
			t.Cleanup(srv.Close)
			tab := browser.Open(t, srv.URL+tc.path, tc.view)
			tab.Shot(tc.name)
			if tc.path == "/kit" {
				tab.Check()
			} else if vs := tab.Axe(); len(vs) > 0 {
				t.Errorf("axe: %v", vs)
			}
			if tc.name == "kit-zh-1280" && len(tab.PDF(tc.name)) < 10_000 {
				t.Error("the printed page is empty")
			}
		})
	}
}

// TestSwitches presses the buttons at the foot and the language link, without
// any script on the page.
func TestSwitches(t *testing.T) {
	browser := e2e.Browser(t)
	srv := httptest.NewServer(kitSite(t, Options{Rooms: kitRooms}).Handler())
	t.Cleanup(srv.Close)
	tab := browser.Open(t, srv.URL+"/kit?q=x", e2e.View{})
	root := func(attr string) string {
		return e2e.Eval[string](tab, `document.documentElement.getAttribute("`+attr+`") || ""`)
	}
	tab.Click(`button[name=theme][value=dark]`)
	if got := root("data-theme"); got != "dark" {
		t.Errorf("theme %q after pressing dark", got)
	}
	if got := tab.Location(); got != srv.URL+"/kit?q=x" {
		t.Errorf("the switch leads away to %s", got)
	}
	if got := e2e.Eval[string](tab, `getComputedStyle(document.body).backgroundColor`); got != "rgb(21, 23, 26)" {
		t.Errorf("dark paper is %s", got)
	}
	tab.Shot("kit-zh-1280-dark-switched")
	tab.Click(`button[name=text][value=large]`)
	tab.Click(`button[name=rows][value=compact]`)
	tab.Click(`.tools a[hreflang=en]`)
	if root("lang") != "en" || root("data-text") != "large" || root("data-rows") != "compact" || root("data-theme") != "dark" {
		t.Errorf("lang %q, text %q, rows %q, theme %q", root("lang"), root("data-text"), root("data-rows"), root("data-theme"))
	}
	tab.Go(srv.URL + "/kit")
	if root("lang") != "en" {
		t.Error("the language is forgotten on the next page")
	}
	tab.Check()
	tab.Shot("kit-en-1280-large-compact")
}
