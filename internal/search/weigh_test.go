package search

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWeighIsExplainWithoutTerms: the two say the same of every document, dead
// and hidden ones included.
func TestWeighIsExplainWithoutTerms(t *testing.T) {
	x := New()
	docs := []Doc{
		{Kind: "result", ID: "a", Body: "高镍三元锂电池正极材料"}, {Kind: "result", ID: "b", Body: "锂电池隔膜 separator"},
		{Kind: "need", ID: "c", Body: "正极材料"}, {Kind: "result", ID: "d", Body: "正极材料", Level: "internal"}, {Kind: "result", ID: "e", Body: "锂电池"},
	}
	var keys []Key
	for _, d := range docs {
		if err := x.Put(d); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, Key{d.Kind, d.ID})
	}
	x.Delete("result", "e")
	q := Query{Text: "锂电池正极材料的 separator", Whole: true}
	want := x.Explain(q, append(keys, Key{"result", "none"}))
	if len(want) != 3 {
		t.Fatalf("%d documents are explained, not 3", len(want))
	}
	for i := range want {
		want[i].Terms = nil
	}
	if diff := cmp.Diff(want, x.Weigh(q, append(keys, Key{"result", "none"}))); diff != "" {
		t.Error(diff)
	}
}
