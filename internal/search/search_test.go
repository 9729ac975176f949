package search

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/shareddata"
)

func ids(r Result) []string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, h.Kind+":"+h.ID)
	}
	return out
}

var city = []Doc{
	{Kind: "org", ID: "1", Title: i18n.Text{ZH: "中山大学", EN: "Sun Yat-sen University"}, Names: []string{"SYSU", "國立中山大學"}},
	{Kind: "org", ID: "2", Title: i18n.Text{ZH: "中山大学附属第一医院", EN: "The First Affiliated Hospital of Sun Yat-sen University"}},
	{Kind: "org", ID: "3", Title: i18n.Text{ZH: "华南理工大学", EN: "South China University of Technology"}, Names: []string{"SCUT"}},
	{Kind: "org", ID: "4", Title: i18n.Text{EN: "Xi'an Jiaotong University", ZH: "西安交通大学"}},
	{Kind: "paper", ID: "9", Title: i18n.Text{ZH: "广州地区肿瘤登记"}, Body: "本文用中山大学肿瘤防治中心的资料，研究广州肿瘤发病。Sun and rain."},
	{Kind: "figure", ID: "f", Title: i18n.Text{ZH: "国家科学技术奖项目数", EN: "State science and technology awards"}},
}

func TestSearchFindsAndOrders(t *testing.T) {
	x := New()
	put(t, x, city...)
	for query, want := range map[string][]string{
		"中山大学":               {"org:1", "org:2", "paper:9"},
		"中山大學":               {"org:1", "org:2", "paper:9"},
		"ＳＹＳＵ":               {"org:1"},
		"sun yat sen univ":   {"org:1", "org:2"},
		"univ":               {"org:1", "org:2", "org:3", "org:4"},
		"univ ":              nil,
		"university Xi’an":   {"org:4"},
		"广州 肿瘤":              {"paper:9"},
		"奖":                  {"figure:f"},
		"科学技术奖 awards":       {"figure:f"},
		"":                   nil,
		"。，":                 nil,
		"没有这样的机构":            nil,
		"sun yat-sen scut x": nil,
	} {
		got := ids(x.Search(Query{Text: query, Limit: 10}))
		if query == "univ" {
			slices.Sort(got)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
	r := x.Search(Query{Text: "中山大学", Kinds: []string{"paper"}})
	if r.Total != 1 || len(r.Hits) != 0 || r.Kinds["org"] != 2 {
		t.Errorf("kinds are counted whatever is asked for: %+v", r)
	}
	x.Delete("org", "1")
	put(t, x, Doc{Kind: "org", ID: "2", Title: i18n.Text{ZH: "改名了"}})
	if got := ids(x.Search(Query{Text: "中山大学", Limit: 10})); len(got) != 1 || x.Len() != 5 {
		t.Errorf("after a delete and a replacement: %v", got)
	}
	if err := x.Put(Doc{Kind: "", ID: "1"}); err == nil {
		t.Error("a document without a kind must be refused")
	}
}

func TestMarks(t *testing.T) {
	x := New()
	put(t, x, city...)
	text := func(query string) string {
		var b strings.Builder
		for _, m := range x.Search(Query{Text: query, Limit: 1}).Hits[0].Marks {
			b.WriteString(m.Field + ":")
			for _, r := range m.Ranges {
				b.WriteString("[" + m.Text[r[0]:r[1]] + "]")
			}
		}
		return b.String()
	}
	for query, want := range map[string]string{
		"中山大學":          "title_zh:[中山大学]",
		"国立中山":          "title_zh:[中山]", // the title holds some of it
		"ｓｙｓｕ":          "name:[SYSU]",
		"xian jiao":     "title_en:[Xi'an][Jiaotong]",
		"广州 防治":         "title_zh:[广州]body:[防治][广州]",
		"science award": "title_en:[science][awards]",
	} {
		if got := text(query); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
}

func TestCompactKeepsWhatIsAlive(t *testing.T) {
	x := New()
	for range 3 {
		for i := range 900 {
			put(t, x, Doc{Kind: "org", ID: fmt.Sprint(i), Title: i18n.Text{EN: fmt.Sprint("name ", i)}})
		}
	}
	if err := x.Compact(); err != nil {
		t.Fatal(err)
	}
	slots := 0
	for _, p := range x.view().parts {
		slots += p.n
	}
	if slots != 900 || x.Len() != 900 {
		t.Errorf("%d slots for %d documents", slots, x.Len())
	}
	if r := x.Search(Query{Text: "name 77 ", Limit: 5}); r.Total != 1 || r.Hits[0].ID != "77" {
		t.Errorf("got %+v", r)
	}
}

func TestSearchAndPutAtOnce(t *testing.T) {
	x := New()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 150 {
				_ = x.Put(Doc{Kind: "org", ID: fmt.Sprint(w, i%40), Title: i18n.Text{ZH: "广州", EN: fmt.Sprint("kapok", i)}})
				x.Search(Query{Text: "广州 kap", Limit: 5})
				if i%7 == 0 {
					x.Delete("org", fmt.Sprint(w, i%40))
				}
			}
		})
	}
	wg.Wait()
	if r := x.Search(Query{Text: "广州", Limit: 5}); r.Total != x.Len() {
		t.Errorf("%d found of %d", r.Total, x.Len())
	}
}

func TestCatchUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		records := map[string]string{}
		loads := 0
		load := func(_ context.Context, kind, id string) (Doc, bool, error) {
			loads++
			name, ok := records[id]
			return Doc{Title: i18n.Text{ZH: name}}, ok && kind == "org", nil
		}
		write := func(kind, id, name string) {
			t.Helper()
			records[id] = name
			if name == "" {
				delete(records, id)
			}
			e, err := change.New(change.Author{Actor: "t"}, kind, id, change.Update, nil, name)
			if err == nil {
				err = d.InTx(t.Context(), func(tx *db.Tx) error { return change.Append(t.Context(), tx, e) })
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		x := New()
		catchUp := func(want int, query string) {
			t.Helper()
			if err := x.CatchUp(t.Context(), d, load); err != nil {
				t.Fatal(err)
			}
			if got := x.Search(Query{Text: query, Limit: 9}).Total; got != want {
				t.Errorf("%q: %d found, want %d", query, got, want)
			}
		}
		write("org", "a", "木棉")
		write("org", "a", "木棉树")
		write("user", "b", "木棉")
		catchUp(1, "木棉")
		if loads != 2 {
			t.Errorf("%d loads, want one per record", loads)
		}
		write("org", "a", "")
		catchUp(0, "木棉")
		write("org", "c", "红棉")
		boom := errors.New("boom")
		if err := x.CatchUp(t.Context(), d, func(context.Context, string, string) (Doc, bool, error) { return Doc{}, false, boom }); !errors.Is(err, boom) {
			t.Errorf("err = %v", err)
		}
		catchUp(1, "红棉")
		err := x.Rebuild(t.Context(), d, func(yield func(Doc, error) bool) {
			yield(Doc{Kind: "org", ID: "z", Title: i18n.Text{ZH: "紫荆"}}, nil)
		})
		if err != nil || x.Len() != 1 || x.Seq() != 5 {
			t.Errorf("Rebuild: %d documents at %d, %v", x.Len(), x.Seq(), err)
		}
		catchUp(1, "紫荆")
	})
}

func TestRebuild(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := New(FlushAt(1 << 14))
		put(t, x, city...)
		boom := errors.New("boom")
		for _, bad := range []error{boom, nil} {
			err := x.Rebuild(t.Context(), d, func(yield func(Doc, error) bool) {
				for i := range 300 {
					if !yield(Doc{Kind: "org", ID: fmt.Sprint(i), Body: "紫荆"}, nil) {
						return
					}
				}
				yield(Doc{}, bad) // an error, or a document without a kind
			})
			if err == nil || x.Len() != len(city) || x.Search(Query{Text: "紫荆"}).Total != 0 {
				t.Errorf("after a rebuild that failed (%v): %d documents", err, x.Len())
			}
		}
		err := x.Rebuild(t.Context(), d, func(yield func(Doc, error) bool) {
			for i := range 3000 {
				if !yield(Doc{Kind: "org", ID: fmt.Sprint(i % 1000), Body: "紫荆", Title: i18n.Text{EN: fmt.Sprint("round", i/1000)}}, nil) {
					return
				}
			}
		})
		if err != nil || x.Len() != 1000 || len(x.view().parts) != 1 {
			t.Errorf("%v, %d documents in %d segments", err, x.Len(), len(x.view().parts))
		}
		if r := x.Search(Query{Text: "round2 ", Limit: 1}); r.Total != 1000 {
			t.Errorf("the last of each wins: %d", r.Total)
		}
		if r := x.Search(Query{Text: "中山大学"}); r.Total != 0 {
			t.Error("what was there before must be gone")
		}
	})
}

func TestEmptyAndHugeQueries(t *testing.T) {
	x := New()
	x.SetGlosser(tinyGlosser)
	put(t, x, city...)
	huge := strings.Repeat("中山大学的肿瘤防治研究 Sun Yat-sen laboratory 3.5kV ", 20000) // over 1 MB
	for _, text := range []string{"", " ", "的", "of the", huge} {
		for _, whole := range []bool{true, false} {
			q := Query{Text: text, Whole: whole, Limit: 10, Gloss: 1}
			if r := x.Search(q); strings.TrimSpace(text) == "" && r.Total != 0 {
				t.Errorf("%.10q finds %d", text, r.Total)
			}
			x.Explain(q, []Key{{"org", "1"}})
			if n := len(x.Candidates(q, 3)); n > 6 {
				t.Errorf("%d candidates", n)
			}
		}
	}
	if r := x.Search(Query{Text: huge, Whole: true, Limit: 1}); len(r.Hits) != 1 || r.Hits[0].ID != "9" {
		t.Errorf("a text of 1 MB is answered by its beginning: %+v", r.Hits)
	}
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "word%d ", i)
	}
	pl, _ := prepare([]*Index{x}, Query{Text: many.String(), Whole: true})
	if n := pl.count(words); n != maxTerms {
		t.Errorf("%d terms of a text without end, want %d", n, maxTerms)
	}
	if r := x.Search(Query{Filters: []Filter{{Field: "stage", Unknown: true}}, Kinds: []string{"org"}, Limit: 9}); r.Total != 4 || r.Hits[0].ID != "1" {
		t.Errorf("documents by their fields alone: %+v", r)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("中山大学", "中山大學 SYSU", "本文用中山大学的资料")
	f.Add("xi'an", "Xi’an’", "\xff\u0301ﬃ ½ ㍿")
	f.Add("a b c d", "ＡＢ", "カﾞガ")
	f.Fuzz(func(t *testing.T, query, name, body string) {
		x := New()
		put(t, x, Doc{Kind: "k", ID: "1", Title: i18n.Text{ZH: name}, Names: []string{body, query}, Body: body})
		for _, h := range x.Search(Query{Text: query, Limit: 5}).Hits {
			for _, m := range h.Marks {
				last := 0
				for _, r := range m.Ranges {
					if r[0] < last || r[1] <= r[0] || r[1] > len(m.Text) || !utf8.ValidString(m.Text[r[0]:r[1]]) {
						t.Fatalf("query %q: bad ranges %v in %q", query, m.Ranges, m.Text)
					}
					last = r[1]
				}
				if !utf8.ValidString(m.Text) {
					t.Fatalf("mark %q is not text", m.Text)
				}
			}
		}
		x.Delete("k", "1")
		if x.Search(Query{Text: query, Limit: 5}).Total != 0 {
			t.Fatal("found after its deletion")
		}
	})
}

// realDocs reads n organisations and m papers.
func realDocs(t testing.TB, n, m int) []Doc {
	t.Helper()
	var docs []Doc
	open := func(name string) io.Reader {
		f, err := os.Open(shareddata.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	rows := csv.NewReader(open("ror/ror_orgs.csv.gz"))
	for len(docs) <= n {
		r, err := rows.Read()
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, Doc{Kind: "org", ID: r[0], Title: i18n.Text{EN: r[1]}, Names: append(strings.Split(r[15], "|"), r[16], r[0])})
	}
	docs = docs[1:]
	lines := json.NewDecoder(open("chinaxiv/chinaxiv_heads.jsonl.gz"))
	for range m {
		var p struct{ ID, Title, Keywords, Head string }
		if err := lines.Decode(&p); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, Doc{Kind: "paper", ID: p.ID, Title: i18n.Text{ZH: p.Title}, Names: []string{p.Keywords}, Body: p.Head})
	}
	return docs
}

// TestMemory holds the index of a city (10,000 organisations, 1,100 papers
// with their abstracts) under 25 MB, documents included.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory")
	}
	docs := realDocs(t, 10000, 1100)
	var before, after runtime.MemStats
	raw := 0
	for _, d := range docs {
		raw += len(d.Title.EN) + len(d.Title.ZH) + len(d.Body) + len(strings.Join(d.Names, ""))
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := New()
	put(t, x, docs...)
	runtime.GC()
	runtime.ReadMemStats(&after)
	index := float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
	text := float64(raw) / (1 << 20)
	t.Logf("%d documents: %.1f MB of index over %.1f MB of text", x.Len(), index, text)
	if index+text > 25 {
		t.Errorf("%.1f MB", index+text)
	}
	runtime.KeepAlive(docs)
	runtime.KeepAlive(x)
}
