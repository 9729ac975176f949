package resolve

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/i18n"
)

// register is a small one with the difficulties of a large one. Several
// countries share the common words, so that those are common here as well.
func register() []Org {
	orgs := []Org{
		{ID: "sysu", Country: "CN", City: "Guangzhou", Types: []string{"education"}, Names: []Name{{"Sun Yat-sen University", "en", Label}, {"中山大学", "zh", Label}, {"SYSU", "", Acronym}}},
		{ID: "sysu1", Country: "CN", City: "Guangzhou", Types: []string{"healthcare"}, Parents: []string{"sysu"}, Names: []Name{{"First Affiliated Hospital of Sun Yat-sen University", "en", Label}, {"中山大学附属第一医院", "zh", Label}}},
		{ID: "scut", Country: "CN", City: "Guangzhou", Types: []string{"education"}, Names: []Name{{"South China University of Technology", "en", Label}, {"华南理工大学", "zh", Label}}},
		{ID: "gzhu", ROR: "https://ror.org/05ar8rn06", Country: "CN", City: "Guangzhou", Types: []string{"education"}, Names: []Name{{"Guangzhou University", "en", Label}, {"广州大学", "zh", Label}}},
		{ID: "cas", Country: "CN", City: "Beijing", Types: []string{"government"}, Names: []Name{{"Chinese Academy of Sciences", "en", Label}, {"中国科学院", "zh", Label}}},
		{ID: "ib", Country: "CN", City: "Beijing", Types: []string{"facility"}, Parents: []string{"cas"}, Names: []Name{{"Institute of Botany", "en", Label}, {"植物研究所", "zh", Label}}},
		{ID: "lab", Country: "CN", City: "Guangzhou", Types: []string{"facility"}, Parents: []string{"scut"}, Names: []Name{{"State Key Laboratory of Pulp and Paper Engineering", "en", Label}, {"制浆造纸工程国家重点实验室", "zh", Label}}},
		{ID: "neu-cn", Country: "CN", City: "Shenyang", Types: []string{"education"}, Names: []Name{{"Northeastern University", "en", Label}, {"东北大学", "zh", Label}}},
		{ID: "neu-us", Country: "US", City: "Boston", Types: []string{"education"}, Names: []Name{{"Northeastern University", "en", Label}}},
		{ID: "york", Country: "CA", City: "Toronto", Types: []string{"education"}, Names: []Name{{"York University", "en", Label}}},
		{ID: "wurz", Country: "DE", City: "Würzburg", Types: []string{"education"}, Names: []Name{{"Universität Würzburg", "de", Label}}},
		{ID: "mgh", Country: "US", City: "Boston", Types: []string{"healthcare"}, Names: []Name{{"Massachusetts General Hospital", "en", Label}}},
		{ID: "harvard", Country: "US", City: "Cambridge", Types: []string{"education"}, Names: []Name{{"Harvard University", "en", Label}}},
		{ID: "hms", Status: "withdrawn", Successors: []string{"harvard"}, Country: "US", City: "Boston", Types: []string{"education"}, Names: []Name{{"Harvard Medical School", "en", Label}}},
		{ID: "ghost", Status: "withdrawn", Country: "US", City: "Boston", Names: []Name{{"Vanished Kumquat Foundation", "en", Label}}},
		{ID: "xpeng", Country: "CN", Division: "440100", Types: []string{"company"}, Names: []Name{{"小鹏汽车", "zh", Label}, {"Xiaopeng Motors (China)", "en", Label}}},
		{ID: "yunc", Country: "CN", City: "Guangzhou", Types: []string{"company"}, Names: []Name{{"云从科技集团股份有限公司", "zh", Label}}},
		{ID: "gzph", Country: "CN", City: "Guangzhou", Types: []string{"healthcare"}, Names: []Name{{"广州市第一人民医院", "zh", Label}}},
		{ID: "ph", Country: "CN", City: "Foshan", Types: []string{"healthcare"}, Names: []Name{{"第一人民医院", "zh", Label}}},
		{ID: "phys", Country: "GB", City: "London", Types: []string{"nonprofit"}, Names: []Name{{"Institute of Physics", "en", Label}}},
		{ID: "kust", Country: "CN", City: "Kunming", Types: []string{"education"}, Names: []Name{{"昆明理工大学", "zh", Label}}},
	}
	for _, c := range strings.Fields("AR AT AU BE BR CL CO CZ DK EG FI FR IN IT JP") {
		orgs = append(orgs, Org{ID: "common-" + c, Country: c, City: "Town " + c, Names: []Name{
			{"National University of Science, Technology and Engineering " + c + c + c, "en", Label},
			{"Institute of Physics Chemistry and Botany " + c + c + c, "en", Label},
			{"South Hospital School of Medicine and General Medical Academy " + c + c + c, "en", Label},
		}})
	}
	// Two organisations per city teach the Chinese spelling of its name.
	for _, city := range [][2]string{{"广州", "Guangzhou"}, {"北京", "Beijing"}, {"沈阳", "Shenyang"}, {"佛山", "Foshan"}} {
		for _, kind := range []string{"图书馆", "博物馆"} {
			orgs = append(orgs, Org{ID: city[1] + kind, Country: "CN", City: city[1], Names: []Name{{city[0] + kind, "zh", Label}}})
		}
	}
	return orgs
}

func ids(a Answer) []string {
	out := []string{}
	for _, m := range a.Matches {
		out = append(out, m.OrgID)
	}
	return out
}

func TestResolve(t *testing.T) {
	t.Parallel()
	x := Build(slices.Values(register()))
	for _, c := range []struct {
		name, text string
		hint       Hint
		want       string // ids, or the code of None in brackets
	}{
		{name: "plain", text: "Sun Yat-sen University", want: "sysu"},
		{name: "school of a university", text: "中山大学化学学院", want: "sysu"},
		{name: "traditional", text: "廣州 中山大學 物理學院", want: "sysu"},
		{name: "full width", text: "Ｓｕｎ Ｙａｔ－ｓｅｎ Ｕｎｉｖｅｒｓｉｔｙ，Ｇｕａｎｇｚｈｏｕ", want: "sysu"},
		{name: "blanks between characters", text: "中 山 大 学 物 理 学 院", want: "sysu"},
		{name: "hospital on record", text: "中山大学附属第一医院心内科, 广州", want: "sysu1"},
		{name: "hospital without record", text: "中山大学附属第九医院, 广州", want: "sysu"},
		{name: "a name run in before", text: "张三中山大学管理学院 广州 510275", want: "sysu"},
		{name: "university town", text: "广州大学城外环东路", want: "[longer_name]"},
		{name: "school for children", text: "华南理工大学附属中学", want: "[longer_name]"},
		{name: "abbreviations", text: "Dept. of Phys., Sun Yat-Sen Univ., Guangzhou, P.R. China", want: "sysu"},
		{name: "order", text: "University of Guangzhou, Guangzhou, China", want: "gzhu"},
		{name: "footnotes, postcode, mail", text: "$^{1}$Department of Physics, Sun Yat-sen University, Guangzhou 510275, China (zhang@mail.sysu.edu.cn)", want: "sysu"},
		{name: "glued footnote", text: "2South China University of Technology, Guangzhou", want: "scut"},
		{name: "acronym with its city", text: "School of Physics, SYSU, Guangzhou, China", want: "sysu"},
		{name: "acronym alone", text: "School of Physics, SYSU", want: "[weak_acronym]"},
		{name: "institute and academy", text: "Inst. of Botany, Chinese Acad. Sci., Beijing, China", want: "ib cas"},
		{name: "institute behind academy", text: "中国科学院植物研究所 北京", want: "ib"},
		{name: "institute without record", text: "中国科学院某某研究所 北京", want: "cas"},
		{name: "two affiliations", text: "Guangzhou University, Guangzhou; South China University of Technology, Guangzhou", want: "gzhu scut"},
		{name: "key laboratory and host", text: "State Key Laboratory of Pulp and Paper Engineering, South China University of Technology, Guangzhou, China", want: "scut"},
		{name: "key laboratory alone", text: "制浆造纸工程国家重点实验室 广州", want: "lab"},
		{name: "shared name, country", text: "Northeastern University, Shenyang, China", want: "neu-cn"},
		{name: "shared name, other country", text: "Northeastern University, Boston, MA, USA", want: "neu-us"},
		{name: "shared name, no place", text: "Northeastern University", want: "[ambiguous]"},
		{name: "shared name, hint", text: "Northeastern University", hint: Hint{City: "沈阳市"}, want: "neu-cn"},
		{name: "shared name, country hint", text: "Northeastern University", hint: Hint{Country: "US"}, want: "neu-us"},
		{name: "another country", text: "York University, Tokyo, Japan", want: "[elsewhere]"},
		{name: "another name", text: "New York University, New York", want: "[longer_name]"},
		{name: "name goes on", text: "Harvard University of Somewhere", want: "[longer_name]"},
		{name: "umlaut spelt out", text: "Universitaet Wuerzburg, Germany", want: "wurz"},
		{name: "misspelt", text: "Massachussetts General Hospital, Boston, MA, USA", want: "mgh"},
		{name: "successor", text: "Harvard Medical School, Boston, MA, USA", want: "harvard"},
		{name: "withdrawn for good", text: "Vanished Kumquat Foundation, Boston", want: "[no_name]"},
		{name: "company, full name", text: "广州小鹏汽车科技有限公司", want: "xpeng"},
		{name: "company, short name", text: "云从科技", want: "yunc"},
		{name: "company, seat added", text: "广州云从科技有限公司", want: "yunc"},
		{name: "company, English", text: "Xiaopeng Motors Co., Ltd.", want: "xpeng"},
		{name: "generic name, right city", text: "第一人民医院 佛山", want: "ph"},
		{name: "generic name, no city", text: "第一人民医院", want: "[generic]"},
		{name: "generic name in English", text: "Institute of Physics, Ruritania Town", want: "[generic]"},
		{name: "department only", text: "Department of Astrology", want: "[no_name]"},
		{name: "inside a longer lab", text: "理工大学", want: "[no_name]"},
		{name: "nothing", text: " ,;-- ", want: "[empty]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := x.Resolve(c.text, c.hint)
			got := strings.Join(ids(a), " ")
			if a.None != nil {
				got = "[" + a.None.Code + "]"
			}
			if got != c.want {
				t.Errorf("Resolve(%q) = %s, want %s\n%+v", c.text, got, c.want, a)
			}
			checkAnswer(t, c.text, a)
		})
	}
}

// checkAnswer holds what is promised of every answer.
func checkAnswer(t *testing.T, text string, a Answer) {
	t.Helper()
	if (len(a.Matches) == 0) != (a.None != nil) {
		t.Fatalf("Resolve(%q): %d matches and None %v", text, len(a.Matches), a.None)
	}
	for _, m := range a.Matches {
		if m.Start < 0 || m.Start >= m.End || m.End > len(text) {
			t.Fatalf("Resolve(%q): match at %d to %d", text, m.Start, m.End)
		}
		if m.Score < accept || m.Score > 1 || m.OrgID == "" || m.Name == "" {
			t.Fatalf("Resolve(%q): %+v", text, m)
		}
		checkSentence(t, m.Reason)
	}
	if a.None != nil {
		checkSentence(t, *a.None)
	}
}

func checkSentence(t *testing.T, r Reason) {
	t.Helper()
	zh, en := r.In(i18n.ZH), r.In(i18n.EN)
	if !strings.HasSuffix(zh, "。") || !strings.HasSuffix(en, ".") || strings.ContainsAny(zh+en, "{}") {
		t.Fatalf("reason %+v reads %q / %q", r, zh, en)
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	x := Build(slices.Values(register()))
	for _, c := range []struct{ text, zh, en string }{
		{"中山大学 广州", "文中写有登记名称“中山大学”，所在城市（Guangzhou）和国家（CN）相符。", "The text has the registered name “中山大学”, and both city (Guangzhou) and country (CN) agree."},
		{"中山大学化学学院", "文中所写单位没有单独登记，归入其上级“中山大学”；文中没有可核对的地点。", "The unit named has no record of its own and counts for “中山大学”; the text states no place to check it by."},
		{"Northeastern University", "有 2 家机构都叫“Northeastern University”，地点不能区分。", "2 organisations are called “Northeastern University” and the place does not tell them apart."},
	} {
		a := x.Resolve(c.text, Hint{})
		r := a.None
		if r == nil {
			r = &a.Matches[0].Reason
		}
		if diff := cmp.Diff([2]string{c.zh, c.en}, [2]string{r.In(i18n.ZH), r.In(i18n.EN)}); diff != "" {
			t.Errorf("%q: %s", c.text, diff)
		}
	}
	for _, code := range []string{Exact, Reordered, Near, ByAcronym, Company, Whole, Empty, NoName, Generic, Ambiguous, Elsewhere, LongerName, WeakAcronym} {
		checkSentence(t, Reason{Code: code, Name: "X", Country: "CN", Count: 2})
		if !i18n.Has("resolve." + code) {
			t.Errorf("no message for %s", code)
		}
	}
}

func TestMatchIsWhereTheTextSaysIt(t *testing.T) {
	t.Parallel()
	x := Build(slices.Values(register()))
	const text = "①化学学院，中山大學，广州；2 South China Univ. of Technology"
	var got []string
	for _, m := range x.Resolve(text, Hint{}).Matches {
		got = append(got, text[m.Start:m.End])
	}
	if diff := cmp.Diff([]string{"中山大學", "South China Univ. of Technology"}, got); diff != "" {
		t.Error(diff)
	}
}

// The order in which organisations come must not show in the answers, and two
// runs over many goroutines must agree.
func TestAnswersAreDeterministic(t *testing.T) {
	t.Parallel()
	orgs := register()
	texts := []string{"Northeastern University, Shenyang", "中山大学附属第一医院", "Inst. of Botany, Chinese Academy of Sciences, Beijing", "第一人民医院 佛山", "广州小鹏汽车科技有限公司", "SYSU, Guangzhou"}
	want := Build(slices.Values(orgs)).ResolveAll(texts, 1)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		rng.Shuffle(len(orgs), func(i, j int) { orgs[i], orgs[j] = orgs[j], orgs[i] })
		if diff := cmp.Diff(want, Build(slices.Values(orgs)).ResolveAll(texts, 4)); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestEmptyIndex(t *testing.T) {
	t.Parallel()
	x := Build(slices.Values([]Org{{ID: "nameless"}, {ID: "odd", Parents: []string{"odd", "none"}, Names: []Name{{" ", "", Label}}}}))
	if a := x.Resolve("Sun Yat-sen University 中山大学", Hint{City: "广州", Country: "CN"}); a.None == nil || a.None.Code != NoName {
		t.Errorf("%+v", a)
	}
	if x.Len() != 2 {
		t.Errorf("Len = %d", x.Len())
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	gold, err := ReadGold(strings.NewReader(`[
		{"affiliation": "中山大学", "ror_ids": ["sysu"]},
		{"affiliation": "Northeastern University", "ror_ids": ["neu-us"]},
		{"affiliation": "Sun Yat-sen University", "ror_ids": []},
		{"affiliation": "Guangzhou University", "ror-id": "https://ror.org/05ar8rn06"},
		{"affiliation": "Nowhere", "ror_ids": ["absent"]}]`))
	if err != nil {
		t.Fatal(err)
	}
	e := Evaluate(gold, Build(slices.Values(register())))
	e.Errors = nil
	want := Evaluation{Rows: 5, Covered: 4, Empty: 1, Right: 2, Wrong: 1, Missed: 1, ExactRow: 2}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	if p, r := e.Precision(), e.Recall(); p != 2.0/3 || r != 2.0/3 {
		t.Errorf("precision %v recall %v", p, r)
	}
}

func FuzzResolve(f *testing.F) {
	x := Build(slices.Values(register()))
	for _, s := range []string{"中山大学, Guangzhou", "$^{\\alpha}$ U.S.A. A&M", "\xff\xfe中", "a@b.c; http://x", "Univ.. of of the", "（（中山大学", "Z\u0301\u0301 & Q", "A & F University", strings.Repeat("中山", 3000), "universitatsklinikum wurzburg"} {
		f.Add(s, "广州", "CN")
	}
	f.Fuzz(func(t *testing.T, text, city, country string) {
		a := x.Resolve(text, Hint{City: city, Country: country})
		checkAnswer(t, text, a)
		if diff := cmp.Diff(a, x.Resolve(text, Hint{City: city, Country: country})); diff != "" {
			t.Fatal(diff)
		}
	})
}
