package claims

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
)

// A town of three readings, two editions and a bound, to see each verdict for
// its reason.
func town() records {
	count := func(v float64, y int) Value {
		return Value{Quantity: quantity.Of(v, quantity.Count), Period: quantity.YearOf(y), Basis: Reported, SourceTitle: i18n.Text{ZH: "奖励公报", EN: "Gazette"}}
	}
	rank := func(v float64, edition string, year int) Value {
		return Value{Quantity: quantity.Of(v, quantity.Rank), Edition: edition, DataYear: year, Period: quantity.YearOf(year), Basis: Reported}
	}
	bound := Value{Quantity: quantity.With(quantity.Above, 110e8, quantity.CNY), Basis: Reported}
	title := func(zh, en string) i18n.Text { return i18n.Text{ZH: zh, EN: en} }
	return records{
		{ID: "a.all", Title: title("市获奖项目数", "awards of the city"), Terms: []string{"奖项", "获奖"}, Unit: quantity.Count, Variants: []string{"a.led"}, Values: []Value{count(26, 2023)}},
		{ID: "a.led", Title: title("市牵头获奖项目数", "led awards of the city"), Terms: []string{"牵头项目"}, Unit: quantity.Count, Variants: []string{"a.all"}, Qualifiers: []string{"牵头", "led"}, Values: []Value{count(11, 2023)}},
		{ID: "p.all", Title: title("省获奖项目数", "awards of the province"), Unit: quantity.Count, Values: []Value{count(53, 2023)}},
		{ID: "p.led", Title: title("省牵头获奖项目数", "led awards of the province"), Unit: quantity.Count, Values: []Value{count(14, 2023)}},
		{ID: "s.all", Title: title("占全省获奖项目的比重", "share of the province's awards"), Terms: []string{"占全省获奖项目"}, Unit: quantity.Percent, Numerator: "a.all", Denominator: "p.all", Variants: []string{"s.led"}, Reading: title("全部获奖项目", "all awards")},
		{ID: "s.led", Title: title("占全省牵头项目的比重", "share of the province's led awards"), Terms: []string{"占全省牵头项目"}, Unit: quantity.Percent, Numerator: "a.led", Denominator: "p.led", Variants: []string{"s.all"}, Reading: title("牵头项目", "led awards"), Qualifiers: []string{"牵头", "led"}},
		{ID: "r.city", Title: title("科研城市排名", "research city rank"), Terms: []string{"科研城市"}, Scope: "全球", Unit: quantity.Rank, Values: []Value{rank(10, "2022", 2021), rank(8, "2023", 2022), rank(8, "2024", 2023), rank(6, "2025", 2024)}},
		{ID: "f.paid", Title: title("子基金实缴规模", "paid-in capital of sub-funds"), Unit: quantity.CNY, Values: []Value{bound}},
		{ID: "f.staff", Title: title("技术经理人数", "technology managers"), Unit: "count:人", Values: []Value{{Quantity: quantity.Of(1832, "count:人"), Period: quantity.YearOf(2020), Basis: Reported}}},
		{ID: "g.pub", Title: title("论文数量", "papers"), Terms: []string{"论文"}, Unit: quantity.Count, Values: []Value{count(1000, 2023), count(1400, 2024)}},
		{ID: "l.all", Title: title("科技创新平台数量", "platforms"), Unit: quantity.Count, Values: []Value{{Quantity: quantity.Of(17, quantity.Count), Basis: Computed}}},
		{ID: "x.first", Kind: Superlative, Extreme: First, Scope: "全球", Title: title("会飞的自行车工厂", "factory of flying bicycles"), Values: []Value{{SourceTitle: title("认证书", "certificate")}}},
	}
}

func one(t *testing.T, text string) Checked {
	t.Helper()
	r := audit(t, text, town())
	if len(r.Claims) != 1 {
		t.Fatalf("%q gives %d claims", text, len(r.Claims))
	}
	return r.Claims[0]
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text   string
		want   VerdictKind
		figure string
		reason string
	}{
		{"2023年,本市获奖项目为26项。", BorneOut, "a.all", "claims.reason.compared"},
		{"2023年,本市牵头项目为11项。", BorneOut, "a.led", "claims.reason.compared"},
		{"2023年,本市获奖项目为27项。", Contradicted, "a.all", "claims.reason.compared"},
		{"2023年,占全省获奖项目近五成。", BorneOut, "s.all", "claims.reason.share"},
		{"2023年,占全省获奖项目近八成。", Contradicted, "s.all", "claims.reason.share"},
		{"2023年,占全省牵头项目近八成。", BorneOut, "s.led", "claims.reason.share"},
		{"2024年,本市在全球科研城市排名第8位。", BorneOut, "r.city", "claims.reason.compared"},
		{"2024年,本市在全球科研城市排名第3位。", Contradicted, "r.city", "claims.reason.compared"},
		{"2024年,本市在全省科研城市排名第8位。", Unknown, "", "claims.reason.no_figure"},
		{"子基金实缴规模超110亿元。", BorneOut, "f.paid", "claims.reason.compared"},
		{"子基金实缴规模超100亿元。", BoundCompatible, "f.paid", "claims.reason.compared"},
		{"子基金实缴规模120亿元。", Unknown, "f.paid", "claims.reason.compared"},
		{"子基金实缴规模不足100亿元。", Contradicted, "f.paid", "claims.reason.compared"},
		{"2024年,全市技术经理人2000人。", NotComparable, "f.staff", "claims.reason.other_time"},
		{"2024年,论文数量比2023年增长40%。", BorneOut, "g.pub", "claims.reason.compared"},
		{"2024年,论文数量比2023年增长60%。", Contradicted, "g.pub", "claims.reason.compared"},
		{"这是全球首个会飞的自行车工厂。", BorneOut, "x.first", "claims.reason.superlative"},
		{"这是全球首个会唱歌的茶壶。", Unknown, "", "claims.reason.no_superlative"},
		{"全市公园有38座。", Unknown, "", "claims.reason.no_figure"},
		{"科技创新平台数量近30个。", Unknown, "l.all", "claims.reason.register"},
		{"科技创新平台数量不足10个。", Contradicted, "l.all", "claims.reason.compared"},
		{"2023年,学生作文比赛的获奖奖项有9项。", Unknown, "a.all", "claims.reason.weak_match"},
		{"子基金实缴规模为第8位。", NotComparable, "f.paid", "claims.reason.other_unit"},
	} {
		v := one(t, c.text).Verdict
		if v.Verdict != c.want || v.FigureID != c.figure || v.Reason.Key != c.reason {
			t.Errorf("%s: %s by %q (%s: %s), want %s by %q (%s)", c.text, v.Verdict, v.FigureID, v.Reason.Key, v.Reason.Text.ZH, c.want, c.figure, c.reason)
		}
	}
}

func TestShareShowsBothReadings(t *testing.T) {
	t.Parallel()
	text := "2024年,我市获26个奖项,其中牵头项目为11项,占全省获奖项目近八成。"
	c := find(t, audit(t, text, town()), "近八成")
	v := c.Verdict
	if v.Verdict != Contradicted || len(v.Readings) != 2 {
		t.Fatalf("%s with %d readings", v.Verdict, len(v.Readings))
	}
	all, led := v.Readings[0], v.Readings[1]
	if !all.Stated || all.Value.Exact() != "49.0566037735849" || all.Relation != quantity.Incompatible {
		t.Errorf("all: %+v", all)
	}
	if led.Stated || led.Relation != quantity.Compatible || led.Numerator.Value != 11 || led.Denominator.Value != 14 {
		t.Errorf("led: %+v", led)
	}
	details := strings.Join(c.Details(i18n.EN), "\n")
	for _, want := range []string{"26/53 = 49.1%", "11/14 = 78.6%", "20.8%"} {
		if !strings.Contains(details, want) {
			t.Errorf("the explanation lacks %s:\n%s", want, details)
		}
	}
}

func TestRankNamesEditions(t *testing.T) {
	t.Parallel()
	v := one(t, "2024年,本市在全球科研城市排名第8位。").Verdict
	if len(v.Editions) != 4 || v.Record.Edition != "2024" || v.Record.DataYear != 2023 {
		t.Fatalf("editions %+v, decided by %+v", v.Editions, v.Record)
	}
	for i, agrees := range []bool{false, true, true, false} {
		if v.Editions[i].Agrees != agrees {
			t.Errorf("edition %s agrees %v", v.Editions[i].Edition, v.Editions[i].Agrees)
		}
	}
}

// A text does not bear itself out, whole or with a paragraph cut.
func TestOwnSourceProvesNothing(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("本市在新材料与海洋装备两个方向上布局,形成研究、试制、检测与应用相衔接的链条。", 1) +
		"\n子基金实缴规模超110亿元,带动上下游企业参与,覆盖种子期到成熟期的全部阶段。\n全年举办供需对接活动,把实验室里的样品送到车间里去验证,再回到实验室里去改。"
	known := town()
	for i, f := range known {
		if f.ID == "f.paid" {
			known[i].Values[0].Fingerprint = Fingerprint(text)
		}
	}
	for _, t2 := range []string{text, text[:strings.LastIndex(text, "\n")]} {
		v := find(t, audit(t, t2, known), "超110亿元").Verdict
		if v.Verdict != Unknown || v.Reason.Key != "claims.reason.only_itself" {
			t.Errorf("%s: %s", v.Verdict, v.Reason.Key)
		}
	}
	if v := one(t, "子基金实缴规模超110亿元。").Verdict; v.Verdict != BorneOut {
		t.Errorf("another text: %s", v.Verdict)
	}
}

func TestPlacesGate(t *testing.T) {
	t.Parallel()
	known := town()
	for i := range known {
		known[i].Places = []string{"北沅", "Beiyuan"}
	}
	if r := audit(t, "南陵市子基金实缴规模超110亿元。", known); r.Claims[0].Verdict.Verdict != Unknown {
		t.Errorf("another city: %+v", r.Claims[0].Verdict)
	}
	if r := audit(t, "北沅市子基金实缴规模超110亿元。", known); r.Claims[0].Verdict.Verdict != BorneOut {
		t.Errorf("this city: %+v", r.Claims[0].Verdict)
	}
}

func TestAnotherPlaceIsNotThisOne(t *testing.T) {
	t.Parallel()
	spending := func(id, place string, v float64) Figure {
		return Figure{ID: id, Title: i18n.Text{ZH: place + "研发经费"}, Terms: []string{"研发投入", "研发经费"}, Places: []string{place}, SubjectNames: []string{place + "市"},
			Unit: quantity.CNY, Values: []Value{{Quantity: quantity.Of(v, quantity.CNY)}}}
	}
	known := records{spending("here", "北沅", 677e8), spending("there", "南陵", 1328e8)}
	doc := Extract("北沅与邻市相比：南陵市研发投入1328亿元，北沅市研发投入677亿元，东岭市研发投入90亿元。", Options{})
	r, err := Check(context.Background(), doc, known, CheckOptions{Places: []string{"东岭市"}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []VerdictKind{BorneOut, BorneOut, Unknown} {
		if got := r.Claims[i].Verdict; got.Verdict != want {
			t.Errorf("%s: %s by %s, want %s", r.Claims[i].Text, got.Verdict, got.FigureID, want)
		}
	}
}

func TestShortNameOpensAnotherPlace(t *testing.T) {
	t.Parallel()
	known := records{{ID: "rank", Title: i18n.Text{ZH: "自然指数科研城市排名"}, Terms: []string{"自然指数", "科研城市"}, Unit: quantity.Rank, Places: []string{"北沅"},
		Values: []Value{{Quantity: quantity.Of(8, quantity.Rank)}}}}
	for text, want := range map[string]VerdictKind{
		"北沅科研城市自然指数排名第8位。":             BorneOut,
		"北沅很好。东岭自然指数科研城市排名第8位。":        Unknown,
		"北沅很好。东岭市自然指数科研城市排名第8位。":       Unknown,
		"北沅很好。壬辰自然指数科研城市排名第8位。":        Unknown,
		"东岭—北沅科研城市自然指数排名第8位。":          BorneOut,
		"北沅很好。东岭大学所在城市，自然指数科研城市排名第8位。": BorneOut,
	} {
		r, err := Check(context.Background(), Extract(text, Options{}), known, CheckOptions{Places: []string{"东岭市", "壬辰壮族自治区"}})
		if err != nil || len(r.Claims) != 1 {
			t.Fatalf("%s: %d claims, %v", text, len(r.Claims), err)
		}
		if got := r.Claims[0].Verdict; got.Verdict != want {
			t.Errorf("%s (%s): %s, want %s", text, r.Claims[0].Subject.Text, got.Verdict, want)
		}
	}
}

func TestResolvedNameOfAnotherPlace(t *testing.T) {
	t.Parallel()
	known := records{{ID: "funds", Title: i18n.Text{ZH: "科技创新母基金落地子基金数"}, Terms: []string{"科技创新母基金", "子基金"}, Unit: quantity.Count, Places: []string{"北沅"},
		SubjectOrgIDs: []string{"org-1"}, SubjectNames: []string{"科技创新母基金"}, Values: []Value{{Quantity: quantity.Of(42, quantity.Count)}}}}
	for text, want := range map[string]VerdictKind{"北沅很好。东岭科技创新母基金落地子基金42只。": Unknown, "北沅很好。科技创新母基金落地子基金42只。": BorneOut} {
		r, err := Check(context.Background(), Extract(text, Options{}), known, CheckOptions{Places: []string{"东岭市"}, Resolver: names{"科技创新母基金": "org-1"}})
		if err != nil || len(r.Claims) != 1 {
			t.Fatalf("%s: %d claims, %v", text, len(r.Claims), err)
		}
		if got := r.Claims[0].Verdict.Verdict; got != want {
			t.Errorf("%s (%+v): %s, want %s", text, r.Claims[0].Subject, got, want)
		}
	}
}

type names map[string]string

func (n names) ResolveOrg(name string) (string, string, float64, string) {
	for k, id := range n {
		if strings.Contains(name, k) {
			return id, k, 0.9, "name"
		}
	}
	return "", "", 0, "none"
}

func TestSubjectsAreResolved(t *testing.T) {
	t.Parallel()
	fund := Figure{ID: "y", Title: i18n.Text{ZH: "实缴规模"}, Unit: quantity.CNY, Values: []Value{{Quantity: quantity.Of(5e8, quantity.CNY)}}}
	other := fund
	fund.ID, fund.SubjectOrgIDs = "x", []string{"org-2"}
	other.SubjectOrgIDs = []string{"org-9"}
	doc := Extract("青禾母基金实缴规模为5亿元。", Options{})
	r, err := Check(context.Background(), doc, records{other, fund}, CheckOptions{Resolver: names{"青禾母基金": "org-2"}})
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Claims[0]; c.Subject.OrgID != "org-2" || c.Verdict.FigureID != "x" {
		t.Errorf("subject %+v, figure %s", c.Subject, c.Verdict.FigureID)
	}
}

type broken struct{}

func (broken) Figures(context.Context) ([]Figure, error) { return nil, errors.New("no disk") }

func TestCheckReportsReadFailure(t *testing.T) {
	t.Parallel()
	if _, err := Check(context.Background(), Extract("26项", Options{}), broken{}, CheckOptions{}); err == nil {
		t.Error("a failure to read the figures must be reported")
	}
}

// The first newspaper against the bundled figures of its own city.
func TestArticleAgainstBundledFigures(t *testing.T) {
	text := article(t)
	r := audit(t, text, bundled(t, text))
	share := find(t, r, "近八成").Verdict
	if share.Verdict != Contradicted || share.FigureID != "awards.share.all" || len(share.Readings) != 2 || !share.Readings[1].Relation.Agrees() {
		t.Errorf("share: %s by %s, readings %+v", share.Verdict, share.FigureID, share.Readings)
	}
	rank := find(t, r, "第8位").Verdict
	if rank.Verdict != BorneOut || rank.Record.Edition != "2024" || rank.Record.DataYear != 2023 || len(rank.Editions) < 4 {
		t.Errorf("rank: %s by %+v, editions %+v", rank.Verdict, rank.Record, rank.Editions)
	}
	for _, c := range []string{"26个", "11项", "第2位"} {
		if v := find(t, r, c).Verdict; v.Verdict != BorneOut {
			t.Errorf("%s: %s (%s)", c, v.Verdict, v.Reason.Text.ZH)
		}
	}
	if v := find(t, r, "超260亿元").Verdict; v.Verdict != Unknown || v.Reason.Key != "claims.reason.only_itself" {
		t.Errorf("a value from this very text: %s (%s)", v.Verdict, v.Reason.Key)
	}
	if len(r.Duplicates) != 1 || !r.Duplicates[0].Truncated {
		t.Errorf("duplicates: %+v", r.Duplicates)
	}

	// Taken as an independent source, the newspaper's own figures are met by the
	// claims they came from: none but the share is contradicted.
	r = audit(t, text, bundled(t, ""))
	if r.Counts[Contradicted] != 1 || r.Counts[BorneOut]+r.Counts[BoundCompatible] < 55 {
		t.Errorf("against its own figures: %v", r.Counts)
	}
}

// Another city's text meets none of this city's figures.
func TestOtherCityIsNotJudgedByThisOne(t *testing.T) {
	for _, name := range []string{"yunting", "bulletin", "english", "beiyuan"} {
		r := audit(t, readText(t, name), bundled(t, ""))
		for _, c := range r.Claims {
			if c.Verdict.Verdict != Unknown {
				t.Errorf("%s: %s %s by %s", name, c.Text, c.Verdict.Verdict, c.Verdict.FigureID)
			}
		}
	}
}

func TestReportForms(t *testing.T) {
	t.Parallel()
	text := "甲<b>局</b>获26个奖项,其中牵头项目为11项,占全省获奖项目近八成。\n子基金实缴规模超100亿元。\n" + strings.Repeat("这一段话原样印了两次,只该计一次,共有38座。\n", 2)
	r := audit(t, text, town())
	var joined strings.Builder
	for _, s := range r.Segments {
		joined.WriteString(s.Text)
	}
	if joined.String() != text {
		t.Error("the segments do not add up to the text")
	}
	for _, lang := range i18n.Langs {
		var out, html bytes.Buffer
		if err := WriteText(&out, r, lang); err != nil {
			t.Fatal(err)
		}
		if err := WriteHTML(&html, r, lang); err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Claims {
			if !strings.Contains(out.String(), c.Text) || strings.Count(html.String(), `id="`+c.ID+`"`) != 1 || strings.Count(html.String(), `href="#`+c.ID+`"`) != 1 || strings.Count(html.String(), `id="t-`+c.ID+`"`) != 1 {
				t.Errorf("%s: claim %s is not shown once in each form", lang, c.ID)
			}
		}
		if strings.Contains(html.String(), "<b>") || strings.Contains(out.String()+html.String(), "claims.") {
			t.Errorf("%s: markup let through or a message missing", lang)
		}
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{`"claims"`, `"segments"`, `"rune_start"`, `"verdict":"contradicted"`, `"readings"`} {
		if !bytes.Contains(raw, []byte(name)) {
			t.Errorf("the JSON lacks %s", name)
		}
	}
}
