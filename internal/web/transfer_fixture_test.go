package web

import (
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

func init() {
	for name, page := range map[string]any{"market": MarketPage{}, "market_list": StallPage{}, "market_record": ListingPage{}, "market_form": ListingFormPage{}, "drafts": DraftsPage{}, "saved": SavedPage{},
		"disclosure_start": SubmitPage{}, "disclosure_form": DisclosurePage{}, "disclosure_state": SubmittedPage{}, "triage": TriagePage{}, "triage_case": TriageCase{}} {
		pageTypes[name] = page
	}
}

// fairTown is the town with a market: records of every level, kind and state.
type fairTown struct {
	*town
	ids   map[string]string // by key
	named string            // id of the user "reader", who is named by a confidential result
}

func newFair(t testing.TB) *fairTown {
	t.Helper()
	x := &fairTown{town: newTown(t), ids: map[string]string{}}
	x.Transfer = transfer.New(x.DB)
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.TileMap))
	x.must(t, err)
	x.TileMap, err = ReadTileMap(bytes.NewReader(raw))
	x.must(t, err)
	ctx, by := context.Background(), change.Author{Actor: "demo"}
	u, err := x.Accounts.Create(ctx, by, "reader", testPassword, account.Viewer)
	x.must(t, err)
	x.named = u.ID
	x.must(t, x.DB.InTx(ctx, func(tx *db.Tx) error {
		var rows []registry.Division
		for code, name := range x.TileMap.Tiles {
			rows = append(rows, registry.Division{Code: code, Name: i18n.Text{ZH: name.ZH + "区", EN: name.EN}, Level: registry.District, Parent: "440100", ValidFrom: "2014-02", SourceID: "own"})
		}
		rows = append(rows, registry.Division{Code: "440100", Name: i18n.Text{ZH: "广州市", EN: "Guangzhou"}, Level: registry.City, Parent: "440000", ValidFrom: "1949-10", SourceID: "own"})
		rows = append(rows, registry.Division{Code: "440000", Name: i18n.Text{ZH: "广东省", EN: "Guangdong"}, Level: registry.Province, ValidFrom: "1949-10", SourceID: "own"})
		if err := put(x.Registry.PutDivisions(ctx, tx, by, rows)); err != nil {
			return err
		}
		if _, err := source.Put(ctx, tx, by, source.Source{ID: "sim", Kind: "dataset", Title: i18n.Text{ZH: "模拟市场", EN: "Simulated market"}, LicenceTag: source.Own, Simulated: true}); err != nil {
			return err
		}
		return x.stockUp(t, ctx, tx, by)
	}))
	for _, b := range stalls {
		m := &fair{reading: &reading{s: &Site{svc: x.Services}, ctx: ctx, l: i18n.ZH}, viewer: level.Viewer{User: x.named, Clearance: level.Internal}}
		got, err := b.list(m, map[string][]string{"status": {allStatuses}}, registry.Page{Limit: 200})
		x.must(t, err)
		for _, of := range got.Items {
			x.ids[commonOf(of).Key] = commonOf(of).ID
		}
	}
	s := kitSite(t, Options{Rooms: marketRooms, Version: "2026-11"})
	s.AddRegisters(x.Services)
	s.AddTransfer(x.Services)
	x.h = s.Handler()
	return x
}

var marketRooms = []Room{{Key: "overview", Path: "/"}, {Key: "organisations", Path: "/organisations"}, {Key: "results", Path: "/results"}, {Key: "needs", Path: "/needs"}, {Key: "sources", Path: "/sources"}, {Key: "platforms", Path: "/platforms", Staff: true}}

func (x *fairTown) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// in is a day some days from now.
func (x *fairTown) in(days int) string {
	return cityDay(x.DB.Now().Add(time.Duration(days) * 24 * time.Hour))
}

func (x *fairTown) common(key, zh, en, summary, division string, l level.Level) transfer.Common {
	return transfer.Common{Key: key, Title: i18n.Text{ZH: zh, EN: en}, Summary: i18n.Text{ZH: summary}, Division: division, Level: l, SourceID: "own", OwnerID: x.uni.ID,
		Fields: transfer.Fields{IPC: []string{"G06F 17/30"}, IPCEdition: "2024.01", Industry: []string{"C3963"}, Keywords: []string{"示范"}}}
}

func wanYuan(n int64) *money.Fen {
	f := money.Fen(n) * money.Wan
	return &f
}

func trl(n int, on, assessor, evidence string, planned bool) transfer.TRL {
	return transfer.TRL{Level: n, Scale: transfer.GBT22900, Edition: "2009", On: on, Assessor: assessor, Evidence: evidence, Planned: planned}
}

func (x *fairTown) stockUp(t testing.TB, ctx context.Context, tx *db.Tx, by change.Author) error {
	sampler := transfer.Result{Common: x.common("sampler", "高通量单细胞测序样本前处理装置", "High-throughput sample preparation for single-cell sequencing",
		"一次处理 96 个样本，比手工流程快 8 倍，细胞损失由 35% 降到 9%。采用负压微流控芯片，芯片成本 12 元，可与三种常用测序平台直接衔接，已在两家医院连续运行 14 个月。", "440112", level.Public),
		Type: transfer.Device, Stage: transfer.Middle, Team: []transfer.Member{{Name: "陈静", PersonID: x.person.ID, Role: "负责人"}, {Name: "李样例", Role: "微流控设计"}},
		Maturity: []transfer.TRL{trl(4, "2023-05", "self", "实验室样机测试报告", false), trl(6, "2025-03-18", "省医疗器械检验所", "检验报告 2025-0318", false), trl(8, "2027", "self", "产品化计划书", true)},
		Rights:   []transfer.Right{{Kind: transfer.Invention, Number: "201710601862.3", Status: transfer.Granted, Title: "一种负压微流控芯片"}, {Kind: transfer.Invention, Status: transfer.Applied, Title: "细胞回收方法"}, {Kind: transfer.Copyright, Status: transfer.Granted, Title: "流程控制软件 V2"}},
		Forms:    []transfer.Form{transfer.Licence, transfer.Equity}, Price: transfer.Price{Min: wanYuan(120), Max: wanYuan(300), Negotiable: true}}
	sampler.Summary.EN = "Prepares 96 samples at a time, eight times faster than by hand; cell loss falls from 35% to 9%."
	corrosion := transfer.Result{Common: x.common("corrosion", "深海装备用石墨烯改性防腐涂层", "Graphene-modified coating against deep-sea corrosion", "3,000 米海水中两年无起泡，盐雾试验 6,000 小时。", "440115", level.Public),
		Type: transfer.Material, Stage: transfer.Mature, Forms: []transfer.Form{transfer.Transfer}, Price: transfer.Price{Min: wanYuan(800)}, Rights: []transfer.Right{{Kind: transfer.Invention, Status: transfer.Granted}},
		Maturity: []transfer.TRL{{Level: 9, Scale: transfer.ISO16290, On: "2024-11", Assessor: "船级社", Evidence: "实海试验报告"}}}
	corrosion.OwnerID, corrosion.OwnerText, corrosion.Fields.IPC, corrosion.Fields.Industry = "", "南方海洋装备研究院（广州）", []string{"C09D"}, []string{"C26"}
	soon := transfer.Result{Common: x.common("soon", "农机导航低成本差分定位模块", "Low-cost differential positioning for farm machines", "定位误差 2.5 厘米，单件成本低于 400 元。", "440117", level.Public), Type: transfer.Software, Forms: []transfer.Form{transfer.Pilot}}
	soon.ListedOn, soon.ExpiresOn = x.in(-300), x.in(9)
	sim := transfer.Result{Common: x.common("sim", "模拟：钙钛矿叠层电池封装工艺", "Simulated: encapsulation of perovskite tandem cells", "湿热老化 1,000 小时，效率保持 95%。", "440112", level.Public), Type: transfer.Process, Stage: transfer.Early}
	sim.SourceID, sim.Fields.IPC = "sim", []string{"H01L 31/04"}
	partner := transfer.Result{Common: x.common("partner", "合作方可见的氢燃料电堆密封技术", "Sealing of hydrogen stacks, for partners", "泄漏率降低一个数量级。", "440106", level.Partner), Type: transfer.Method}
	inside := transfer.Result{Common: x.common("inside", "内部登记的量子磁强计标定方法", "Calibration of quantum magnetometers, internal", "标定时间由 3 天减到 2 小时。", "440106", level.Internal), Type: transfer.Method}
	hidden := transfer.Result{Common: x.common("hidden", "保密的芯片测试向量压缩算法", "Confidential compression of chip test vectors", "压缩比 40。", "440112", level.Confidential), Type: transfer.Software}
	hidden.Readers = []string{x.named}
	red := transfer.Result{Common: x.common("red", "内部名单中的细胞冻存液配方", "", "来源仅限内部使用。", "440112", level.Public), Type: transfer.Material}
	red.SourceID = "red"
	if err := put(x.Transfer.PutResults(ctx, tx, by, []transfer.Result{sampler, corrosion, soon, sim, partner, inside, hidden, red})); err != nil {
		return err
	}
	challenge := transfer.Need{Common: x.common("challenge", "大飞机复合材料机翼无损检测机器人揭榜挂帅", "Robot for non-destructive testing of composite wings", "", "440114", level.Public), Kind: transfer.OpenChallenge,
		Text:  "现状：人工超声检测一副机翼需要 11 天。\n目标：检测时间不超过 36 小时，缺陷检出率不低于 99%，最小缺陷 3 毫米。\n限制：机翼不得拆卸，机器人总重不超过 60 千克。",
		Prize: wanYuan(500), Deadline: x.in(42), Constraints: transfer.Constraints{TRLMin: 5, TRLScale: transfer.GBT22900, BudgetMax: wanYuan(1500), Forms: []transfer.Form{transfer.JointDevelopment, transfer.ByService}, Rights: transfer.Granted, DeliverBy: x.in(400), Regions: []string{"440000"}}}
	challenge.OwnerID, challenge.OwnerText = x.lab.ID, "珠江实验室"
	cold := transfer.Need{Common: x.common("cold", "预制菜冷链温度异常预警", "Warning of breaks in the cold chain", "", "440113", level.Public), Kind: transfer.Technical, Text: "需要低于 5 元的一次性温度记录标签，误差不超过 0.5 摄氏度，能在 -25 摄氏度下工作 30 天。", Constraints: transfer.Constraints{BudgetMin: wanYuan(30), BudgetMax: wanYuan(80), Forms: []transfer.Form{transfer.Licence}}}
	expert := transfer.Need{Common: x.common("expert", "寻找熟悉食品辐照标准的专家", "Expert on standards of food irradiation", "", "440113", level.Partner), Kind: transfer.Expert, Text: "为出口企业解读标准。"}
	if err := put(x.Transfer.PutNeeds(ctx, tx, by, []transfer.Need{challenge, cold, expert})); err != nil {
		return err
	}
	scope := transfer.Offering{Common: x.common("scope", "冷冻电镜机时", "Time on a cryo electron microscope", "", "440112", level.Public), Kind: transfer.EquipmentOffered, PlatformID: x.platform.ID, Text: "300 千伏，分辨率 2.1 埃，每周三、周四对外开放。", PriceText: "1,200 元/小时", Contact: "仪器共享中心"}
	return put(x.Transfer.PutServices(ctx, tx, by, []transfer.Offering{scope}))
}

func put(out []transfer.Outcome, err error) error {
	if err != nil {
		return err
	}
	for _, o := range out {
		if o.Err != nil {
			return o.Err
		}
	}
	return nil
}

// submitResult is a disclosure by the public form, filled in well.
var submitResult = []string{"step", "send", "title_zh", "水凝胶伤口敷料", "summary_zh", "换药间隔由 1 天延长到 5 天。", "type", "material", "owner_text", "岭南大学", "division", "440106", "level", "public",
	"price_max", "60", "submitter_name", "王样例", "email", "wang@example.com", "phone", "020-12345678"}

// disclose submits by the form and returns the personal link.
func (x *fairTown) disclose(t testing.TB, pairs ...string) string {
	t.Helper()
	r := x.reader(t, "").post("/submit/result", pairs...)
	to, _, _ := strings.Cut(r.Header.Get("Location"), "?")
	if r.StatusCode != 303 || !strings.HasPrefix(to, "/submitted/") {
		t.Fatalf("submitting: %d to %q\n%s", r.StatusCode, to, body(t.(*testing.T), r))
	}
	return to
}

func accountViewer(t testing.TB, x *fairTown, name string) level.Viewer {
	t.Helper()
	u, err := x.Accounts.ByName(t.Context(), name)
	x.must(t, err)
	return account.ViewerOf(&u)
}
