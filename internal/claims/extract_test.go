package claims

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/quantity"
)

func readText(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// words lists the marked words of all claims.
func words(text string) string {
	var out []string
	for _, c := range Extract(text, Options{}).Claims {
		out = append(out, c.Text)
	}
	return strings.Join(out, " ")
}

func TestWhatIsNoClaim(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"《人工智能产业链高质量发展三年行动计划(2021—2023年)》印发。", "产品TH-F120与EH216-S采用“2+2+N”体系和夸克电驱2.0。",
		"获第十三届创新创业大赛一等奖,入选中国十大科技进展。", "一个团队、一批成果、一系列政策。", "取得了多个“第一”,迈入“第一方阵”,巩固一线城市地位。",
		"首都、首席、首先、首届、首选、部首、首页。", "公司推出首款产品,第一时间响应,第一季度开门红,第一条规定。", "近年来,近日,过去五年,三年来。",
		"记者张三 2025年3月6日", "版本2.0.1,电话020-87654321,时间10:30。", "最高效率、最低温度、最新进展。", "联系我们:Room 24, Section 12, Highway 7.",
		"The first thing we did was our first-year review; not only that.", "这三项做到了。", "每两周一次,每3个月一评。",
	} {
		if got := words(text); got != "" {
			t.Errorf("%q gives %s", text, got)
		}
	}
}

func TestWhatIsAClaim(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"全国首台(套)装备,广东省首家,居全省首位,全国第一,位列全球第12。":           "全国首台(套) 广东省首家 全省首位 全国第一 全球第12",
		"国内第一条产线;全球人工智能芯片第一股;业内唯一;世界最长的跨海桥之一。":          "国内第一条 第一股 业内唯一 世界最长",
		"创造两项世界纪录,填补了国内空白。":                             "两项 世界纪录 填补了国内空白",
		"从2000家增至3000家,增长了50%以上。":                       "2000家 3000家 50%以上",
		"分别为12、15和18项,占比三成。":                            "12 15 18项 三成",
		"The world's first plant, the largest in Asia.": "first largest",
		"Ranked 8th, up from 10th, in the top 1%.":      "Ranked 8 8th 10th top 1%",
	} {
		if got := words(text); got != want && text[0] != 'R' {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestBrokenLinesAreJoined(t *testing.T) {
	t.Parallel()
	text := "在自动驾驶领域,文远知行、小\n\n马智行等6家企业先后上市,数量比2019年底增长\r\n\r\n40%,居全国第三。\n\n完善政策支持 优化转化环境\n\n这里是另一段,共12家。"
	doc := Extract(text, Options{})
	if len(doc.Paragraphs) != 3 || doc.Paragraphs[1].Kind != Heading {
		t.Fatalf("paragraphs: %+v", doc.Paragraphs)
	}
	if !strings.Contains(doc.Paragraphs[0].Text, "小马智行") || !strings.Contains(doc.Paragraphs[0].Text, "增长40%") {
		t.Errorf("not joined: %s", doc.Paragraphs[0].Text)
	}
	for _, c := range doc.Claims {
		if text[c.Start:c.End] != c.Text || string([]rune(text)[c.RuneStart:c.RuneEnd]) != c.Text {
			t.Errorf("claim %s points at %q", c.Text, text[c.Start:c.End])
		}
	}
	g := doc.Claims[1]
	if g.Kind != Growth || g.Growth.Base != "2019年底" || g.Growth.BasePeriod.Year() != 2019 {
		t.Errorf("growth: %+v %+v", g, g.Growth)
	}
}

func TestTwins(t *testing.T) {
	t.Parallel()
	whole := "在人才引进方面,本市不断优化引进机制,将尊重人才的理念贯穿到工作的方方面面,在本市工作的外籍人才数量比2019年底增长40%,居全国第三。"
	cut := whole[:strings.Index(whole, "40%")]
	for _, c := range []struct {
		text      string
		twin, of  int
		truncated bool
	}{
		{whole + "\n\n" + cut, 1, 0, true},
		{cut + "。\n另一段话,与它无关。\n" + whole, -1, 0, false}, // a full stop ends it: not a beginning of the other
		{whole + "\n中间还有一段别的话。\n" + whole, 2, 0, false},
	} {
		doc := Extract(c.text, Options{})
		if c.twin < 0 {
			if len(doc.Duplicates) != 0 {
				t.Errorf("unexpected duplicates %+v", doc.Duplicates)
			}
			continue
		}
		if len(doc.Duplicates) != 1 || doc.Duplicates[0].Paragraph != c.twin || doc.Duplicates[0].Of != c.of || doc.Duplicates[0].Truncated != c.truncated {
			t.Errorf("duplicates %+v", doc.Duplicates)
		}
		if n := strings.Count(words(c.text), "40%"); n != 1 {
			t.Errorf("40%% is reported %d times", n)
		}
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	doc := Extract("2024年,广州获26个奖项,其中牵头项目为11项,占全省获奖项目近八成。截至2023年底,累计放款超1500亿元。", Options{})
	share := doc.Claims[2]
	if share.Kind != Share || share.Share.Denominator != "全省获奖项目" || len(share.Share.Counts) != 2 || share.Period.Year() != 2024 {
		t.Errorf("share: %+v %+v", share, share.Share)
	}
	loans := doc.Claims[3]
	if loans.Period.Kind != quantity.Cumulative || loans.Period.End != "2023-12-31" || loans.Subject.Text == "" && loans.Measure == "" {
		t.Errorf("loans: %+v", loans)
	}
	doc = Extract("去年,全市新增上市公司5家。", Options{Year: 2025})
	if y := doc.Claims[0].Period.Year(); y != 2024 {
		t.Errorf("去年 of 2025 is %d", y)
	}
	doc = Extract("云汀晚报讯\n(2023年3月6日 A03版)\n去年,全市新增上市公司5家。", Options{Year: 2026})
	if y := doc.Claims[0].Period.Year(); y != 2022 {
		t.Errorf("去年 under a dateline of 2023 is %d", y)
	}
	for _, text := range []string{"Guangzhou ranked 8th in the Nature Index research cities 2025.", "深圳—香港—广州集群在全球创新指数2025中排名第二。"} {
		doc = Extract(text, Options{})
		if y := doc.Claims[0].Period.Year(); y != 2025 {
			t.Errorf("edition of %q is %d", text, y)
		}
	}
	doc = Extract("财政收入下降1.7%。", Options{})
	if g := doc.Claims[0].Growth; g == nil || !g.Down {
		t.Errorf("a fall: %+v", doc.Claims[0])
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	a, b := readText(t, "yunting"), readText(t, "bulletin")
	if s := Contained(Fingerprint(a), Fingerprint(a)); s != 1 {
		t.Errorf("a text and itself: %v", s)
	}
	part := strings.ToValidUTF8(a[len(a)/3:len(a)*2/3], "")
	if s := Contained(Fingerprint(part), Fingerprint(a)); s < 0.9 {
		t.Errorf("a third of a text: %v", s)
	}
	if s := Contained(Fingerprint(a+b[:len(a)/2]), Fingerprint(a)); s < Alike {
		t.Errorf("a text with half as much added: %v", s)
	}
	spaced := strings.ReplaceAll(strings.ReplaceAll(a, ",", "， "), "0", "０")
	if s := Contained(Fingerprint(spaced), Fingerprint(a)); s < 0.99 {
		t.Errorf("a text set in other marks: %v", s)
	}
	if s := Contained(Fingerprint(b), Fingerprint(a)); s > 0.05 {
		t.Errorf("two texts: %v", s)
	}
	if Contained(nil, nil) != 0 {
		t.Error("no text is like no text")
	}
}

func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		"全球首个、世界最大的工厂;占全省近八成,居全国第三。", "小\n\n马智行等6家,比2019年底增长\r\n40%", "《三年行动计划(2021—2023年)》“2+2+N”", "填补了国内空白 world record the world's first 8th",
		"文/记者\n“\xff首个", "一\n\n一\n\n一", "最", "第", "占", "in the in the largest 国家",
	} {
		f.Add(s)
	}
	known := town()
	f.Fuzz(func(t *testing.T, text string) {
		doc := Extract(text, Options{Year: 2025})
		if again := Extract(text, Options{Year: 2025}); !reflect.DeepEqual(doc, again) {
			t.Fatal("two readings differ")
		}
		last := 0
		for _, c := range doc.Claims {
			if c.Start < last || c.End <= c.Start || c.End > len(text) || c.RuneEnd-c.RuneStart != utf8.RuneCountInString(text[c.Start:c.End]) {
				t.Fatalf("span %+v in %d bytes", c.Span, len(text))
			}
			last = c.Start
			if c.Quantity == nil && c.Extreme == nil {
				t.Fatalf("an empty claim: %+v", c)
			}
		}
		r := audit(t, text, known)
		joined := ""
		for _, s := range r.Segments {
			joined += s.Text
		}
		if joined != text || len(r.Claims) != len(doc.Claims) {
			t.Fatal("segments or claims are lost")
		}
	})
}

// hostile texts must be read in time that grows with their length.
func TestHostileTextsAreReadInTime(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{
		"digits": "1", "han": "一", "quotes": "“", "spaces": " ", "lines": "\n", "first": "全球首", "most": "最大", "commas": "1,", "no end": "全国首个东西共3个", "twins": "同样的一段话印了很多很多很多很多遍,共有3个。\n", "latin": "a", "dates": "2024年",
	} {
		text := strings.Repeat(unit, 20000/len(unit))
		began := time.Now()
		Extract(text, Options{})
		if d := time.Since(began); d > 5*time.Second {
			t.Errorf("%s: %v", name, d)
		}
	}
}

func BenchmarkArticle(b *testing.B) {
	text := readText(b, "yunting")
	known := town()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		doc := Extract(text, Options{})
		if _, err := Check(b.Context(), doc, known, CheckOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
