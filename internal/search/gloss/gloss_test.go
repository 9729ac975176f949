package gloss_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

var full = sync.OnceValues(gloss.Bundled)

func table(t testing.TB) *gloss.Table {
	t.Helper()
	out, err := full()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func weightOf(to []search.WeightedTerm, term string) float64 {
	for _, w := range to {
		if w.Term == term {
			return w.Weight
		}
	}
	return 0
}

// pieces writes what was glossed: form, origin, words.
func pieces(found []search.Gloss) []string {
	var out []string
	for _, g := range found {
		var words []string
		for _, w := range g.To {
			words = append(words, fmt.Sprintf("%s %.2f", w.Term, w.Weight))
		}
		out = append(out, g.From+" "+g.Origin[:1]+": "+strings.Join(words, ", "))
	}
	return out
}

func small() *gloss.Table {
	return gloss.New([]gloss.Term{
		{ZH: "脑机接口", EN: "brain–computer interface", AlsoEN: []string{"BCI", "brain-machine interface"}},
		{ZH: "数据", EN: "data"},
		{ZH: "嵌合抗原受体T细胞", EN: "chimeric antigen receptor T cell", AlsoZH: []string{"CAR-T细胞"}},
	}, []gloss.Word{
		{"研究", []string{"research", "a study", "to research"}},
		{"研究生", []string{"graduate student"}},
		{"生命", []string{"life (as the characteristic of living beings)"}},
		{"数据库", []string{"database"}},
		{"接口", []string{"interface"}},
		{"一个", []string{"a", "one"}},
		{"的", []string{"of", "target"}},
		{"台湾", []string{"Taiwan"}},
		{"数据", []string{"figures"}},
		{"命", []string{"fate", "order"}},
	})
}

func TestGloss(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":         nil,
		"脑机接口的研究":  {"脑机接口 t: brain 0.30, computer 0.22, interface 0.30, bci 0.11, machine 0.07", "研究 d: research 0.73, study 0.27"},
		"研究生命":     {"研究 d: research 0.73, study 0.27", "生命 d: life 1.00"},
		"数据":       {"数据 t: data 1.00"},
		"数据库":      {"数据库 d: database 1.00"},
		"臺灣":       {"台湾 d: taiwan 1.00"},
		"一个的":      nil,
		"car-t 细胞": nil,
		"CAR-T 细胞": {"CAR-T细胞 t: chimeric 0.25, antigen 0.25, receptor 0.25, cell 0.25"},
		"研，究":      nil,
		"a BCI for brain-computer interfaces, bci": {"BCI t: brain 0.15, computer 0.11, interface 0.15, machine 0.04", "brain–computer interface t: bci 0.06, machine 0.04"},
	} {
		got := pieces(small().Gloss(text))
		if len(got) == 0 && len(want) == 0 {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// A text is glossed where the words stand, in order, with weights that sum to
// at most 1 and words that an index can hold.
func checkGlosses(t *testing.T, table *gloss.Table, text string) {
	t.Helper()
	last := 0
	for _, g := range table.Gloss(text) {
		if g.Start < last || g.End <= g.Start || g.End > len(text) {
			t.Fatalf("%q: gloss %d to %d after %d", text, g.Start, g.End, last)
		}
		last = g.End
		sum := 0.0
		for _, w := range g.To {
			sum += w.Weight
			if w.Weight <= 0 || w.Term == "" || strings.ToLower(w.Term) != w.Term || strings.ContainsAny(w.Term, " \t") {
				t.Fatalf("%s: %+v", g.From, w)
			}
		}
		if len(g.To) == 0 || sum > 1+1e-9 || math.IsNaN(sum) {
			t.Fatalf("%s: %d words, sum %v", g.From, len(g.To), sum)
		}
		if g.Origin != gloss.FromTermbase && g.Origin != gloss.FromDictionary {
			t.Fatalf("%s: origin %q", g.From, g.Origin)
		}
	}
}

func TestEveryEntry(t *testing.T) {
	t.Parallel()
	words, err := gloss.BundledDictionary()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range words {
		checkGlosses(t, table(t), w.ZH)
	}
	for _, term := range bundled(t) {
		checkGlosses(t, table(t), term.ZH+" "+term.EN+strings.Join(term.AlsoEN, ", "))
	}
}

func FuzzGloss(f *testing.F) {
	for _, s := range []string{"钙钛矿的研究", "BCI, brain-computer interfaces' 3.5kV", "\xff\xe4\xbd", "臺灣ﬁ½５Ｇ", "Alzheimer's disease", "研\u3099究"} {
		f.Add(s)
	}
	light := gloss.New(bundled(f), []gloss.Word{{ZH: "研究", Senses: []string{"research"}}, {ZH: "的", Senses: []string{"of"}}, {ZH: "一个", Senses: []string{"one"}}})
	f.Fuzz(func(t *testing.T, text string) {
		checkGlosses(t, light, text)
		c := light.Cover(text)
		if c.Terms+c.Words+c.Single+c.Unknown != c.Characters || c.Characters > utf8.RuneCountInString(text) {
			t.Fatalf("%q: %+v", text, c)
		}
	})
}

func TestNumbersAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"三千二百万元", "一个", "2024年3月", "第十二", "3.5万吨", "两百家", "十亿"} {
		if got := table(t).Gloss(text); len(got) != 0 {
			t.Errorf("%s: %v", text, pieces(got))
		}
	}
}

// Without a dictionary, and without anything, a table works.
func TestWithoutADictionary(t *testing.T) {
	t.Parallel()
	terms := gloss.New(bundled(t), nil)
	if got := terms.Gloss("钙钛矿的漂亮颜色"); len(got) != 1 || got[0].From != "钙钛矿" || got[0].Origin != gloss.FromTermbase {
		t.Errorf("terms only: %v", pieces(got))
	}
	none := gloss.New(nil, nil)
	if got := none.Gloss("钙钛矿 perovskite BCI"); got != nil {
		t.Errorf("nothing: %v", got)
	}
	if c := none.Cover("钙钛矿"); c.Unknown != 3 || c.Full() {
		t.Errorf("nothing: %+v", c)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	row := gloss.Term{ZH: "术语", EN: "term"}
	first := gloss.New([]gloss.Term{row}, nil).Version()
	if again := gloss.New([]gloss.Term{row}, nil).Version(); again != first {
		t.Errorf("the same rows: %s and %s", first, again)
	}
	also := row
	also.AlsoEN = []string{"expression"}
	for name, other := range map[string]*gloss.Table{
		"another sense": gloss.New([]gloss.Term{also}, nil), "no row": gloss.New(nil, nil),
		"as a word": gloss.New(nil, []gloss.Word{{"术语", []string{"term"}}}),
	} {
		if other.Version() == first {
			t.Errorf("%s: the same version", name)
		}
	}
}

func TestCover(t *testing.T) {
	t.Parallel()
	c := small().Cover("脑机接口与数据库，数据；命鑫 BCI")
	want := gloss.Coverage{Characters: 12, Terms: 6, Words: 3, Single: 1, Unknown: 2, Hits: []gloss.Hit{{"脑机接口", 1}, {"数据", 1}, {"BCI", 1}}}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
}

// A text without a stop takes time in proportion to its length.
func TestLongRun(t *testing.T) {
	t.Parallel()
	checkGlosses(t, table(t), strings.Repeat("中国科学院", 40_000))
	checkGlosses(t, table(t), strings.Repeat("brain-", 40_000))
}

func BenchmarkGloss(b *testing.B) {
	text := strings.Repeat("针对钙钛矿太阳能电池在高温高湿环境下稳定性不足的问题，研究了界面钝化与离子迁移的机理，提出了一种提高光电转换效率的方法，并在中试线上验证。", 20)
	t := table(b)
	b.ReportAllocs()
	for b.Loop() {
		t.Gloss(text)
	}
	b.ReportMetric(float64(utf8.RuneCountInString(text))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mchar/s")
}

func BenchmarkGlossEnglish(b *testing.B) {
	text := strings.Repeat("To improve the stability of perovskite solar cells under heat and moisture, interface passivation and ion migration were studied with a BCI. ", 20)
	t := table(b)
	for b.Loop() {
		t.Gloss(text)
	}
	b.ReportMetric(float64(len(text))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mchar/s")
}

func BenchmarkBundled(b *testing.B) {
	var before, after runtime.MemStats
	var t *gloss.Table
	for b.Loop() {
		runtime.KeepAlive(t)
		t = nil //nolint:ineffassign // lets the one before go
		runtime.GC()
		runtime.ReadMemStats(&before)
		var err error
		if t, err = gloss.Bundled(); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
	runtime.KeepAlive(t)
}
