package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestPruningChangesNothing compares the best of thousands of documents, over
// several windows, blocks and segments, with the definition.
func TestPruningChangesNothing(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(9, 9))}
	common := rand.NewZipf(m.Rand, 1.2, 3, 80)
	text := func(n int) string {
		var b strings.Builder
		for range 1 + m.IntN(n) {
			if r := common.Uint64(); r%5 == 4 {
				fmt.Fprintf(&b, " word%d ", r)
			} else {
				b.WriteRune(rune(0x4E10 + r))
			}
		}
		return b.String()
	}
	x := New(FlushAt(600_000))
	x.SetGlosser(tinyGlosser)
	var docs []Doc
	for i := range 12_000 {
		d := Doc{Kind: "k", ID: fmt.Sprint(i), Body: text(60), Facets: map[string][]string{"stage": {m.one("a", "b", "c")}}}
		if i%50 == 0 {
			d.Body += "锗 germanium"
		}
		docs = append(docs, d)
		put(t, x, d)
	}
	for i := 0; i < len(docs); i += 7 {
		x.Delete("k", docs[i].ID)
	}
	docs = slices.DeleteFunc(docs, func(d Doc) bool { return !x.has(d.ID) })
	if parts := len(x.view().parts); parts < 2 {
		t.Fatalf("%d segments, want several", parts)
	}
	before := worthSharing
	defer func() { worthSharing = before }()
	w := definition{docs, tinyGlosser}.world(Query{}.Viewer)
	for range 14 {
		q := Query{Text: text(30), Whole: true, Limit: []int{1, 10, 150}[m.IntN(3)], Gloss: float64(m.IntN(2))}
		if m.IntN(2) == 0 {
			q.Filters = []Filter{{Field: "stage", Any: []string{"a"}}}
		}
		if m.IntN(3) == 0 {
			q.Text += "锗"
		}
		worthSharing = []int{before, windowSize, 1000}[m.IntN(3)]
		want := definition{g: tinyGlosser}.over(w, q)
		if diff := gocmp.Diff(want, bare(x.Search(q))); diff != "" {
			t.Fatalf("%+v: %s", q, diff)
		}
	}
}

// TestDivide: the shares are all documents, once each, in whole windows, and
// none is much larger than its part.
func TestDivide(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	for range 500 {
		var s state
		all := 0
		for range rng.IntN(5) {
			p := &part{segment: &segment{n: 1 + rng.IntN(30_000)}}
			s.parts = append(s.parts, p)
			all += p.n
		}
		n := 1 + rng.IntN(4)
		shares := divide([]*state{&s}, all, n)
		if len(shares) > n {
			t.Fatalf("%d shares, want at most %d", len(shares), n)
		}
		next := map[*part]int{}
		for _, of := range shares {
			size := 0
			for _, r := range of {
				if r.from != next[r.part] || r.from%windowSize != 0 || r.to <= r.from || r.to != r.n && r.to%windowSize != 0 {
					t.Fatalf("stretch %d to %d of %d after %d", r.from, r.to, r.n, next[r.part])
				}
				next[r.part] = r.to
				size += r.to - r.from
			}
			if size > all/n+windowSize+1 {
				t.Fatalf("a share of %d among %d of %d documents", size, n, all)
			}
		}
		for _, p := range s.parts {
			if next[p] != p.n {
				t.Fatalf("%d of %d documents are shared", next[p], p.n)
			}
		}
	}
}

func (x *Index) has(id string) bool {
	_, _, ok := findIn([]*Index{x}, Key{"k", id})
	return ok
}
