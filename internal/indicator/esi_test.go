package indicator

import (
	"context"
	"testing"
)

// TestESILike computes lists and highly cited works of a small world by hand:
// 200 works of one field and year, work i with i citations (the last two with
// 199 both), at institution 1 when even, at 1 and 2 when odd.
func TestESILike(t *testing.T) {
	ctx := context.Background()
	w := &world{}
	for i := range int64(200) {
		p := paper{id: i + 1, year: 2020, kind: "article", field: 22, subfield: 2200, cited: min(i, 198), window: -1, authors: []author{at(1)}}
		if i%2 == 1 {
			p.authors = []author{at(1, 2)}
		}
		w.works = append(w.works, p)
		w.works = append(w.works, paper{id: i + 1001, year: 2020, kind: "article", field: 23, subfield: 2300, cited: min(i, 2), window: -1, authors: []author{at(2)}})
	}
	spec := Spec{To: 2021, From: 2012, Citations: "all"}
	e := prepared(t, w, spec)
	lists, err := ESILike(ctx, e, Spec{To: 2021}, Floor)
	if err != nil || len(lists) != 2 {
		t.Fatal(len(lists), err)
	}
	all, odd := 0.0, 0.0
	for _, p := range w.works {
		if p.field == 22 {
			all += float64(p.cited)
			odd += float64(p.cited) * float64(len(p.authors[0].affiliations)-1)
		}
	}
	l := lists[0]
	if l.Field != 22 || l.Units != 2 || l.Length != 1 || l.Threshold != all || l.Rows[0].Potential != 1 || l.Rows[1].Value.TCS != odd || !same(l.Rows[1].Potential, odd/all) || l.Rows[1].Class != NoClass {
		t.Errorf("%+v; all %v, odd %v", l, all, odd)
	}
	highly, err := HighlyCited(ctx, e, Spec{To: 2021})
	if err != nil || len(highly) != 2 || highly[0] != (Highly{22, 2020, 200, 198, 2}) || highly[1] != (Highly{23, 2020, 200, 2, 0}) {
		t.Errorf("%+v, %v", highly, err)
	}
	works, err := HighlyCitedWorks(ctx, e, Spec{To: 2021})
	if err != nil || len(works) != 2 || works["1"][22] != 2 || works["2"][22] != 1 || works["2"][23] != 0 {
		t.Errorf("%+v, %v", works, err)
	}
}
