package match

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/search"
)

// small is a judged set of a dozen records, in which words alone mislead: the
// record that shares most words fails a condition.
func small() Set {
	set := Set{Today: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	for _, d := range city() {
		if d.Kind == KindResult && d.ID != "secret" && d.ID != "inner" && d.ID != "withdrawn" {
			set.Docs = append(set.Docs, d)
		}
	}
	set.Docs = append(set.Docs,
		result("litchi", "荔枝保鲜剂", "荔枝采后保鲜剂与冷链包装。"), result("far", "高镍三元锂电池正极材料", "高镍三元正极材料，循环寿命长。", func(c *Card) { c.Division = "110108" }),
		result("crab", "青蟹养殖", "青蟹工厂化循环水养殖。"))
	guangdong := Constraints{Regions: []string{"440000"}}
	r := func(id string) Key { return Key{Kind: KindResult, ID: id} }
	for _, dev := range []bool{true, false} {
		set.Needs = append(set.Needs,
			JudgedNeed{ID: "n1", Class: ClassOrdinary, Dev: dev, Ask: Ask{Text: "高镍三元锂电池正极材料，循环寿命长", Wants: guangdong}, Grades: map[Key]int{r("battery"): 3, r("far"): 0, r("battery2"): 1}},
			JudgedNeed{ID: "n2", Class: ClassOrdinary, Dev: dev, Ask: Ask{Text: "桥梁缆索断丝检测"}, Grades: map[Key]int{r("bridge"): 3}},
			JudgedNeed{ID: "n3", Class: ClassCross, Dev: dev, Ask: Ask{Text: "recombinant protein vaccine adjuvant"}, Grades: map[Key]int{r("vaccine"): 3}},
			JudgedNeed{ID: "n4", Class: ClassNone, Dev: dev, Ask: Ask{Text: "深海采矿车辆水下定位通信与液压密封"}, Grades: map[Key]int{}},
		)
	}
	return set
}

// bridgeGloss is a glosser of three words.
type bridgeGloss struct{}

func (bridgeGloss) Version() string { return "test" }
func (bridgeGloss) Gloss(text string) []search.Gloss {
	var out []search.Gloss
	for from, to := range map[string][]string{"重组": {"recombinant"}, "蛋白": {"protein"}, "疫苗": {"vaccine"}} {
		for i := 0; i+len(from) <= len(text); i++ {
			if text[i:i+len(from)] == from {
				out = append(out, search.Gloss{Start: i, End: i + len(from), From: from, To: []search.WeightedTerm{{Term: to[0], Weight: 1}}, Origin: "termbase"})
			}
		}
	}
	slices.SortFunc(out, func(a, b search.Gloss) int { return a.Start - b.Start })
	return out
}

func TestEval(t *testing.T) {
	opts := EvalOptions{Glosser: bridgeGloss{}, Table: bagEncoder{}}
	got, err := Eval(t.Context(), small(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if got.Dev[ClassOrdinary] != 2 || got.Test[ClassNone] != 1 || got.Records != len(small().Docs) {
		t.Errorf("%+v", got)
	}
	by := map[string]Figures{}
	for _, f := range got.Systems {
		by[f.System] = f
		if err := f.Weights.check(); err != nil {
			t.Errorf("%s: %v", f.System, err)
		}
	}
	plain, words := by["words, no conditions"].NDCG[ClassOrdinary], by["words"].NDCG[ClassOrdinary]
	if plain.Mean >= words.Mean || words.Mean != 1 || words.N != 2 {
		t.Errorf("without conditions %+v, with them %+v", plain, words)
	}
	if one, two := by["words"].NDCG[ClassCross].Mean, by["+ gloss"].NDCG[ClassCross].Mean; one != 0 || two != 1 {
		t.Errorf("across languages %v without glosses, %v with them", one, two)
	}
	if full := by["full"]; full.NDCG[ClassOrdinary].Mean != 1 || full.Abstention.Recall.Mean != 1 || full.Recall[ClassOrdinary].Mean != 1 {
		t.Errorf("full: %+v", full)
	}
	again, err := Eval(t.Context(), small(), opts)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(again)
	if diff := cmp.Diff(string(a), string(b)); diff != "" {
		t.Errorf("not the same twice: %s", diff)
	}
}

// TestTestNeedsTeachNothing: the weights and thresholds are the same whatever
// the grades of the needs that are measured.
func TestTestNeedsTeachNothing(t *testing.T) {
	set := small()
	a, err := Eval(t.Context(), set, EvalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range set.Needs {
		if !set.Needs[i].Dev {
			set.Needs[i].Grades = map[Key]int{{Kind: KindResult, ID: "crab"}: 3}
			set.Needs[i].Class = ClassOrdinary
		}
	}
	b, err := Eval(t.Context(), set, EvalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Systems {
		if a.Systems[i].Weights != b.Systems[i].Weights {
			t.Errorf("%s: %+v became %+v", a.Systems[i].System, a.Systems[i].Weights, b.Systems[i].Weights)
		}
	}
}
