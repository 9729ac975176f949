package match

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/data/judged"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/gloss"
)

// sentences are those of the judged records, by language: records made of them
// have the words and lengths of real ones.
func sentences(t testing.TB) (zh, en []string) {
	t.Helper()
	set, err := judged.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range set.Records {
		zh = append(zh, strings.FieldsFunc(r.TextZh, func(c rune) bool { return strings.ContainsRune("。；", c) })...)
		en = append(en, strings.Split(r.TextEn, ". ")...)
	}
	return zh, en
}

// synthetic makes n records, three quarters of them Chinese, of which one in
// twenty is a need.
func synthetic(t testing.TB, n int) iter.Seq2[search.Doc, error] {
	zh, en := sentences(t)
	return func(yield func(search.Doc, error) bool) {
		rng := rand.New(rand.NewPCG(17, 18))
		some := func(from []string, n int) string {
			var out []string
			for range n {
				out = append(out, from[rng.IntN(len(from))])
			}
			return strings.Join(out, "。")
		}
		for i := range n {
			c := randomCard(rng)
			c.ID, c.Level, c.Expires, c.Owner = fmt.Sprint("r", i), "public", 0, fmt.Sprint("o", rng.IntN(n/10+1))
			if i%20 == 0 {
				c.Kind = KindNeed
			}
			body := some(zh, 4+rng.IntN(4))
			c.Title = i18n.Text{ZH: some(zh, 1)}
			if rng.IntN(4) == 0 {
				c.Title, body = i18n.Text{EN: some(en, 1)}, some(en, 4+rng.IntN(4))
			}
			if !yield(doc(c, body), nil) {
				return
			}
		}
	}
}

// big is a room of n synthetic records with glosses and, if asked, vectors.
func big(b *testing.B, n int, e encoder.Encoder, g search.Glosser) (*Service, []Key) {
	b.Helper()
	by := map[Key]search.Doc{}
	var needs []Key
	x := search.New()
	x.SetGlosser(g)
	s := New(Config{Index: x, Encoder: e, Load: func(_ context.Context, kind, id string) (search.Doc, bool, error) {
		d, ok := by[Key{Kind: kind, ID: id}]
		return d, ok, nil
	}})
	s.now = func() time.Time { return time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) }
	start := time.Now()
	for d := range synthetic(b, n) {
		by[Key{Kind: d.Kind, ID: d.ID}] = d
		if err := x.Put(d); err != nil {
			b.Fatal(err)
		}
		s.document(d)
		if d.Kind == KindNeed {
			needs = append(needs, Key{Kind: d.Kind, ID: d.ID})
		}
	}
	if err := x.Compact(); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d records indexed in %v", n, time.Since(start))
	start = time.Now()
	if _, err := s.EncodePending(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("vectors in %v", time.Since(start))
	return s, needs
}

// asks are the texts of the judged needs.
func asks(t testing.TB) []string {
	t.Helper()
	set, err := judged.Open()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, n := range set.Needs {
		out = append(out, n.Title+"\n"+n.Text)
	}
	return out
}

// BenchmarkFor asks for the results of a judged need among KAPOK_BENCH_N (100,000)
// records and reports the median and the 95th percentile.
func BenchmarkFor(b *testing.B) {
	n := 100_000
	if v, err := strconv.Atoi(os.Getenv("KAPOK_BENCH_N")); err == nil {
		n = v
	}
	table, err := gloss.Bundled()
	if err != nil {
		b.Fatal(err)
	}
	f, err := data.FS.Open(data.WordVectors)
	if err != nil {
		b.Fatal(err)
	}
	words, err := encoder.NewTable(f, table)
	if err != nil {
		b.Fatal(err)
	}
	s, _ := big(b, n, words, table)
	texts := asks(b)
	for _, with := range []struct {
		name string
		e    *meaning
	}{{"words and glosses", newMeaning(nil, s.log)}, {"with table vectors", s.meaning}} {
		b.Run(with.name, func(b *testing.B) {
			s.meaning = with.e
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				if _, err := s.ForText(b.Context(), public, Ask{Text: texts[len(took)%len(texts)]}, Options{}); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
