package quantity

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/i18n"
)

// short writes a finding in one word for the tables below.
func short(text string, f Found) string {
	q := f.Quantity
	value := q.Exact()
	if f.Kind == Date {
		value = strings.Trim(f.Period.Start+"/"+f.Period.End, "/")
		return fmt.Sprintf("%s=date:%s:%s", text[f.Start:f.End], f.Period.Kind, value)
	}
	kind := ""
	if f.Kind != Measure {
		kind = string(f.Kind) + ":"
	}
	class := ""
	if f.Class {
		class = ":class"
	}
	return fmt.Sprintf("%s=%s%s:%s:%s%s", text[f.Start:f.End], kind, q.Bound, value, q.Unit, class)
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		// Counts, scales and bounds.
		{"获26个奖项,其中11项", "26个=eq:26:count:个; 11项=eq:11:count:项"},
		{"规模2000多亿元", "2000多亿元=gt:200000000000:CNY"},
		{"截至目前,2000多亿元", "2000多亿元=gt:200000000000:CNY"},
		{"近1.2万家企业放款超1500亿元", "近1.2万家=lt_near:12000:count:家; 超1500亿元=gt:150000000000:CNY"},
		{"不少于３０个，不超过５０个", "不少于３０个=ge:30:count:个; 不超过５０个=le:50:count:个"},
		{"30亿元以上, 3000人以下, 20%左右", "30亿元以上=ge:3000000000:CNY; 3000人以下=le:3000:count:人; 20%左右=approx:20:percent"},
		{"达1,234,567元", "1,234,567元=eq:1234567:CNY"},
		{"100余家、30多個、10余万人", "100余家=gt:100:count:家; 30多個=gt:30:count:个; 10余万人=gt:100000:count:人"},
		{"融资总额达数十亿元,数百家", "数十亿元=ge:1000000000:CNY; 数百家=ge:100:count:家"},
		{"十几个,几百家,上千人,近百家,超千亿元", "十几个=range:11..19:count:个; 几百家=ge:100:count:家; 上千人=ge:1000:count:人; 近百家=lt_near:100:count:家; 超千亿元=gt:100000000000:CNY"},
		{"二十六项,一百零五家,三万五千人,一亿二千万元,两大项目", "二十六项=eq:26:count:项; 一百零五家=eq:105:count:家; 三万五千人=eq:35000:count:人; 一亿二千万元=eq:120000000:CNY; 两大=eq:2:count:大"},
		{"投资3.5万亿元,500万美元,20亿港元", "3.5万亿元=eq:3500000000000:CNY; 500万美元=eq:5000000:USD; 20亿港元=eq:2000000000:HKD"},
		{"10至20家, 10%～20%, 10-20亿元, 从10亿元到20亿元", "10至20家=range:10..20:count:家; 10%～20%=range:10..20:percent; 10-20亿元=range:1000000000..2000000000:CNY; 10亿元=eq:1000000000:CNY; 20亿元=eq:2000000000:CNY"},
		{"分别为12、15和18项", "12=eq:12:count:项; 15=eq:15:count:项; 18项=eq:18:count:项"},
		// Shares and ratios.
		{"近八成,三成半,百分之四十,三分之一,千分之三", "近八成=lt_near:80:percent; 三成半=eq:35:percent; 百分之四十=eq:40:percent; 三分之一=eq:33.3333333333333:percent; 千分之三=eq:3:permille"},
		{"增长40%,下降0.5个百分点,1.5倍,翻了一番,过半", "40%=eq:40:percent; 0.5个百分点=eq:0.5:pp; 1.5倍=eq:1.5:times; 翻了一番=eq:2:times; 过半=gt:50:percent"},
		{"占GDP比重-0.3%", "-0.3%=eq:-0.3:percent"},
		// Ranks.
		{"第8位,居第三,前万分之一,前10名,前1%,进入前二十", "第8位=ordinal:eq:8:rank; 第三=ordinal:eq:3:rank; 前万分之一=ordinal:le:0.0001:rank_share; 前10名=ordinal:le:10:rank; 前1%=ordinal:le:0.01:rank_share; 前二十=ordinal:le:20:rank"},
		{"第十三届大赛一等奖", "第十三=ordinal:eq:13:rank"},
		{"目前3家,前三季度,前3个月", "3家=eq:3:count:家; 前三季度=date:unknown:; 3个月=eq:3:month"},
		// Measures.
		{"6000米级光学探测,12英寸产线,7nm工艺,12吋", "6000米级=eq:6000:m:class; 12英寸=eq:12:inch; 7nm=eq:7:nm; 12=bare:eq:12:"},
		{"占地3.2万平方米,500亩,2.5GWh,近3年,20年以上", "3.2万平方米=eq:32000:m2; 500亩=eq:500:mu; 2.5GWh=eq:2.5:GWh; 3年=eq:3:year; 20年以上=ge:20:year"},
		// Dates.
		{"2024年4月22日,2019年底,2021—2023年,2024年上半年,1-9月,二〇二四年", "2024年4月22日=date:as_of:2024-04-22; 2019年底=date:as_of:2019-12-31; 2021—2023年=date:range:2021-01-01/2023-12-31; 2024年上半年=date:range:2024-01-01/2024-06-30; 1-9月=date:unknown:; 二〇二四年=date:year:2024-01-01/2024-12-31"},
		{"In 2024, on June 30, 2023 and in March 2022", "2024=date:year:2024-01-01/2024-12-31; June 30, 2023=date:as_of:2023-06-30; March 2022=date:range:2022-03-01/2022-03-31"},
		// English.
		{"more than 12,000 technology firms raised $3.2bn", "more than 12,000=gt:12000:count:firms; $3.2bn=eq:3200000000:USD"},
		{"1.65 million students; nearly 80% of awards; top 1/10000; ranked 8th, No. 2, top 10, tied for #4", "1.65 million=eq:1650000:count:students; nearly 80%=lt_near:80:percent; top 1/10000=ordinal:le:0.0001:rank_share; 8th=ordinal:eq:8:rank; No. 2=ordinal:eq:2:rank; top 10=ordinal:le:10:rank; #4=ordinal:eq:4:rank"},
		{"a 12-inch line, RMB 29 million, at least 20 projects, two-thirds, CNY 1.1 billion", "12-inch=eq:12:inch; RMB 29 million=eq:29000000:CNY; at least 20=ge:20:count:projects; two-thirds=eq:66.6666666666667:percent; CNY 1.1 billion=eq:1100000000:CNY"},
		{"twenty-six awards, 40 percent, 3.5 percentage points", "twenty-six=eq:26:count:awards; 40 percent=eq:40:percent; 3.5 percentage points=eq:3.5:pp"},
		{"about a third of them, between $200 million and $250 million, £1.4m, has more than doubled, buy a third", "about a third=approx:33.3333333333333:percent; between $200 million and $250 million=range:200000000..250000000:USD; £1.4m=eq:1400000:GBP; more than doubled=gt:2:times; third=ordinal:eq:3:rank"},
		{"三五个领域,七八百人,两三年内,平均年龄33岁", "三五个=range:3..5:count:个; 七八百人=range:700..800:count:人; 33岁=eq:33:year"},
		{"单笔最高给予500万元,像素密度不低于3000PPI", "最高给予500万元=le:5000000:CNY; 不低于3000=bare:ge:3000:"},
		// Hard negatives.
		{"TH-F120、EH216-S、5G、3D打印、“2+2+N”、“1+N”、COVID-19、10:30、1.2.3版", ""},
		{"统一思想、万一、十分重要、一线城市、万元、千家万户、数家、几个、四川、百度", ""},
		{"签约20个项目,节约3亿元,最近3年", "20个=eq:20:count:个; 3亿元=eq:300000000:CNY; 3年=eq:3:year"},
		{"夸克电驱2.0在两位数增长", "2.0=bare:eq:2:"},
		{"20世纪90年代", "20=bare:eq:20:; 90=bare:eq:90:"},
	} {
		var got []string
		for _, f := range Find(c.text) {
			got = append(got, short(c.text, f))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("Find(%q)\n got %s\nwant %s", c.text, s, c.want)
		}
	}
}

// What is printed is found again with the same meaning.
func TestFormatFindRoundTrip(t *testing.T) {
	t.Parallel()
	r := newRand(t)
	units := []Unit{CNY, Percent, CountOf("家"), CountOf("人"), Metre, "USD", Point, Times}
	bounds := []Bound{Exact, Nearly, About}
	for range 4000 {
		step := pow10(r.IntN(10) - 2)
		v := float64(1+r.IntN(9999)) * step
		q := Quantity{Bound: bounds[r.IntN(len(bounds))], Value: tidy(v), Unit: units[r.IntN(len(units))], Step: step}
		for _, lang := range i18n.Langs {
			text := q.Format(lang)
			found := Find(text)
			if lang == i18n.EN && q.Unit.Dimension() == DimCount {
				found = Find(text + " awards")
			}
			if len(found) != 1 || found[0].Kind != Measure {
				t.Fatalf("%+v printed as %q is found as %+v", q, text, found)
			}
			got := found[0].Quantity
			if got.Bound != q.Bound || !near(got.Value, q.Value) || got.Unit.Base() != q.Unit.Base() {
				t.Fatalf("%+v printed as %q is found as %+v", q, text, got)
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{
		"近1.2万家科技企业放款超1500亿元", "第8位 前万分之一 top 1/10000", "2021—2023年 1-9月 June 30, 2024", "三十五点二万 数十亿元 十几个",
		"$3.2bn US$5m -5% 1,234,567.89", "２０２４年\xff\xfe3个", "10至20亿元 12、15和18项", "一亿亿亿亿亿元 99999999999999999999999元", "0分之1 ",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := Find(text)
		last := 0
		for _, x := range found {
			if x.Start < last || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("span %d-%d after %d in %d bytes", x.Start, x.End, last, len(text))
			}
			last = x.End
			if utf8.ValidString(text) && !utf8.ValidString(text[x.Start:x.End]) {
				t.Fatalf("span %d-%d cuts a rune", x.Start, x.End)
			}
			if x.Kind == Date {
				continue
			}
			if err := x.Quantity.Validate(); err != nil {
				t.Fatalf("%q: %+v: %v", text[x.Start:x.End], x.Quantity, err)
			}
			x.Quantity.Format(i18n.ZH)
			x.Quantity.Format(i18n.EN)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("近1.2万家科技企业累计获得放款超1500亿元,同比增长12.3%,居全国第三位。没有数字的一段话也要读过去,看它有多快。", 60)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Find(text)
	}
}
