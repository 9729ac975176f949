package search

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

func bilingual(t *testing.T) *Index {
	t.Helper()
	x := New()
	x.SetGlosser(tinyGlosser)
	put(t, x,
		Doc{Kind: "result", ID: "zh", Title: i18n.Text{ZH: "高纯锗单晶制备"}, Body: "本成果提供锗材料的提纯方法。"},
		Doc{Kind: "result", ID: "en", Title: i18n.Text{EN: "Crystal growth"}, Body: "A method for the growth of germanium crystals in a laboratory."},
		Doc{Kind: "result", ID: "no", Title: i18n.Text{ZH: "水稻育种"}, Body: "rice breeding"},
	)
	return x
}

func found(r Result) string {
	var b strings.Builder
	for _, h := range r.Hits {
		b.WriteString(h.ID + ":")
		for _, m := range h.Marks {
			for _, r := range m.Ranges {
				b.WriteString("[" + m.Text[r[0]:r[1]] + "]")
			}
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func TestGlossesFindTheOtherLanguage(t *testing.T) {
	x := bilingual(t)
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{Text: "锗", Limit: 9}, "zh:[锗][锗]"},
		{Query{Text: "锗", Limit: 9, Gloss: 1}, "zh:[锗][锗] en:[germanium]"},
		{Query{Text: "germanium", Limit: 9, Gloss: 1}, "en:[germanium] zh:[锗][锗]"},
		{Query{Text: "germanium", Limit: 9}, "en:[germanium]"},
		{Query{Text: "锗的实验室", Limit: 9, Gloss: 1, Whole: true}, "zh:[锗][锗] en:[germanium][laboratory]"},
		{Query{Text: "锗 实验室", Limit: 9, Gloss: 1}, "en:[germanium][laboratory]"},
	} {
		if got := found(x.Search(c.q)); got != c.want {
			t.Errorf("%+v: %s, want %s", c.q, got, c.want)
		}
	}
}

func TestExplainNamesTheGlossPath(t *testing.T) {
	x := bilingual(t)
	list := x.Explain(Query{Text: "需要锗材料"}, []Key{{"result", "en"}, {"result", "zh"}, {"result", "none"}})
	if len(list) != 2 {
		t.Fatalf("%d accounts", len(list))
	}
	en, zh := list[0], list[1]
	i := slices.IndexFunc(en.Terms, func(p TermPart) bool { return p.Stream == StreamGloss })
	if i < 0 || !slices.Equal(en.Terms[i].Path, []string{"锗", "germanium"}) || en.Words != 0 || en.Gloss <= 0 {
		t.Errorf("account of the English one: %+v", en)
	}
	i = slices.IndexFunc(zh.Terms, func(p TermPart) bool { return p.Stream == StreamGloss })
	if i < 0 || !slices.Equal(zh.Terms[i].Path, []string{"锗", "germanium", "锗"}) {
		t.Errorf("account of the Chinese one: %+v", zh)
	}
	if !(zh.Coverage > en.Coverage && en.Coverage >= 0) {
		t.Errorf("coverage %v and %v", zh.Coverage, en.Coverage)
	}
	one := x.Explain(Query{Text: "锗"}, []Key{{"result", "en"}})
	if len(one) != 1 || one[0].Coverage != 1 {
		t.Errorf("a word that is there by its gloss is covered: %+v", one)
	}
}

// changed is the tiny glosser with one word less.
type changed struct{ tiny }

func (changed) Version() string { return "changed" }

func TestStaleAfterAnotherVersion(t *testing.T) {
	x := bilingual(t)
	if x.Stale() {
		t.Error("stale at once")
	}
	less := tiny{"实验室": tinyGlosser["实验室"]}
	x.SetGlosser(changed{less})
	if !x.Stale() {
		t.Error("not stale under another version")
	}
	x.Delete("result", "zh") // its terms are others now
	if n := x.Search(Query{Text: "germanium", Gloss: 1, Whole: true, Limit: 5}).Total; n != 1 {
		t.Errorf("%d found", n)
	}
}

func TestSuggest(t *testing.T) {
	x := New()
	put(t, x, city...)
	put(t, x, Doc{Kind: "need", ID: "s", Title: i18n.Text{ZH: "中山大学保密需求"}, Level: level.Confidential, Readers: []string{"u"}})
	text := func(list []Suggestion) []string {
		var out []string
		for _, s := range list {
			out = append(out, s.Text)
		}
		return out
	}
	for _, c := range []struct {
		typed string
		v     level.Viewer
		want  []string
	}{
		{"中山", level.Viewer{}, []string{"中山大学", "中山大学附属第一医院", "广州地区肿瘤登记"}},
		{"中山", level.Viewer{User: "u"}, []string{"中山大学", "中山大学保密需求", "中山大学附属第一医院", "广州地区肿瘤登记"}},
		{"中山大学保", level.Viewer{}, []string{"中山大学", "中山大学附属第一医院", "广州地区肿瘤登记"}},
		{"保密", level.Viewer{}, nil},
		{"Sun Yat", level.Viewer{}, []string{"Sun Yat-sen University", "The First Affiliated Hospital of Sun Yat-sen University"}},
		{"國立中", level.Viewer{}, []string{"國立中山大學"}},
		{" ，", level.Viewer{}, nil},
	} {
		if diff := gocmp.Diff(c.want, text(x.Suggest(c.typed, c.v, 5))); diff != "" {
			t.Errorf("%q: %s", c.typed, diff)
		}
	}
	if got := x.Suggest("中山", level.Viewer{}, 1); len(got) != 1 {
		t.Errorf("%d suggestions, one asked for", len(got))
	}
}

func TestSimilar(t *testing.T) {
	x := New()
	put(t, x,
		Doc{Kind: "result", ID: "1", Title: i18n.Text{ZH: "一种高纯锗单晶的制备方法"}},
		Doc{Kind: "result", ID: "2", Title: i18n.Text{ZH: "高纯锗单晶制备方法及应用"}},
		Doc{Kind: "need", ID: "3", Title: i18n.Text{ZH: "高纯锗单晶制备方法"}, Level: level.Internal},
		Doc{Kind: "result", ID: "4", Title: i18n.Text{ZH: "水稻育种方法"}},
		Doc{Kind: "result", ID: "5", Title: i18n.Text{EN: "Growth of pure germanium crystals"}},
	)
	score := func(title string, q Query) []string {
		q.Limit = 5
		var out []string
		for _, h := range x.Similar(title, q) {
			out = append(out, h.ID)
		}
		return out
	}
	for _, c := range []struct {
		title string
		q     Query
		want  []string
	}{
		{"高纯锗单晶制备方法", Query{}, []string{"2", "1"}},
		{"高纯锗单晶制备方法", Query{Viewer: level.Staff}, []string{"3", "2", "1"}},
		{"高纯锗单晶制备方法", Query{Viewer: level.Staff, Kinds: []string{"need"}}, []string{"3"}},
		{"Growing pure germanium crystal", Query{}, []string{"5"}},
		{"小麦", Query{}, nil},
		{"", Query{}, nil},
	} {
		if diff := gocmp.Diff(c.want, score(c.title, c.q)); diff != "" {
			t.Errorf("%q: %s", c.title, diff)
		}
	}
	if h := x.Similar("一种高纯锗单晶的制备方法", Query{Limit: 1}); len(h) != 1 || h[0].Score != 1 {
		t.Errorf("the same title: %+v", h)
	}
}
