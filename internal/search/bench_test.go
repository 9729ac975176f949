package search

import (
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// synthetic makes documents like abstracts: three of four in Chinese, about
// 860 bytes each, words drawn by Zipf's law from a vocabulary of made-up ones.
type synthetic struct {
	rng *rand.Rand
	zh  []string
	en  []string
	zhz *rand.Zipf
	enz *rand.Zipf
}

func newSynthetic(seed uint64) *synthetic {
	s := &synthetic{rng: rand.New(rand.NewPCG(seed, 1))}
	const wordsOf = 60_000
	voice := rand.NewZipf(s.rng, 1.3, 60, 2999)
	for range wordsOf {
		n := 1 + s.rng.IntN(3)
		w := make([]rune, n)
		for i := range w {
			w[i] = rune(0x4E00 + 5*voice.Uint64())
		}
		s.zh = append(s.zh, string(w))
		s.en = append(s.en, made(s.rng))
	}
	s.zhz, s.enz = rand.NewZipf(s.rng, 1.1, 8, wordsOf-1), rand.NewZipf(s.rng, 1.1, 4, wordsOf-1)
	return s
}

func made(rng *rand.Rand) string {
	var b strings.Builder
	for range 2 + rng.IntN(3) {
		b.WriteByte("bcdfghklmnprstvw"[rng.IntN(16)])
		b.WriteByte("aeiou"[rng.IntN(5)])
	}
	if rng.IntN(3) == 0 {
		b.WriteString([]string{"s", "ing", "ed", "ation", "ly"}[rng.IntN(5)])
	}
	return b.String()
}

// text is about n bytes.
func (s *synthetic) text(n int, zh bool) string {
	var b strings.Builder
	for b.Len() < n {
		if zh {
			b.WriteString(s.zh[s.zhz.Uint64()])
			if s.rng.IntN(8) == 0 {
				b.WriteString("，")
			}
		} else {
			b.WriteString(s.en[s.enz.Uint64()])
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func (s *synthetic) doc(i int) Doc {
	zh := i%4 != 0
	n := int(math.Exp(s.rng.NormFloat64()*0.4) * 720)
	d := Doc{Kind: "result", ID: strconv.Itoa(i), Body: s.text(n, zh), Facets: map[string][]string{"stage": {strconv.Itoa(i % 3)}},
		Numbers: map[string]float64{"trl": float64(1 + i%9)}}
	if t := s.text(50, zh); zh {
		d.Title.ZH = t
	} else {
		d.Title.EN = t
	}
	return d
}

// need is a query of about 60 characters, or of 30 words.
func (s *synthetic) need(i int) string { return s.text(180, i%4 != 0) }

func benchSize() int {
	if n, err := strconv.Atoi(os.Getenv("KAPOK_BENCH_DOCS")); err == nil {
		return n
	}
	return 100_000
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

func benchIndex(tb testing.TB) (x *Index, s *synthetic) {
	s = newSynthetic(1)
	if dir := os.Getenv("KAPOK_BENCH_INDEX"); dir != "" { // built by an earlier run
		if x, err := Load(dir); err == nil {
			return x, s
		}
		defer func() {
			if err := x.Save(dir); err != nil {
				tb.Fatal(err)
			}
		}()
	}
	x = New()
	size, before, start := 0, heap(), time.Now()
	docs := func(yield func(Doc, error) bool) {
		for i := range benchSize() {
			d := s.doc(i)
			size += len(d.Body) + len(d.Title.ZH) + len(d.Title.EN)
			if !yield(d, nil) {
				return
			}
		}
	}
	if err := x.fill(docs); err != nil {
		tb.Fatal(err)
	}
	took := time.Since(start)
	tb.Logf("%d documents, %.0f MB of text: built in %.1f s (documents made meanwhile), %.0f MB of heap", x.Len(), float64(size)/(1<<20), took.Seconds(), heap()-before)
	for _, p := range x.state.Load().parts {
		st := p.streams[words]
		tb.Logf("segment: %d documents, texts %d MB, %d terms in %d MB, postings %d MB, raw %d", p.n, len(p.texts)>>20, st.terms, len(st.data)>>20, len(st.postings)>>20, p.raws.terms)
	}
	return x, s
}

// BenchmarkBuild measures an index of KAPOK_BENCH_DOCS (100,000) documents.
func BenchmarkBuild(b *testing.B) {
	s := newSynthetic(1)
	var docs []Doc
	for i := range benchSize() {
		docs = append(docs, s.doc(i))
	}
	cpu := cpuOf(func() {
		for b.Loop() {
			x := New()
			for _, d := range docs {
				if err := x.Put(d); err != nil {
					b.Fatal(err)
				}
			}
			x.Search(Query{Text: "x"})
		}
	})
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/build")
	b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/build")
}

// BenchmarkSearch measures queries over KAPOK_BENCH_DOCS documents and reports
// the median and the 95th hundredth. Words are drawn one by one, so that no
// document stands out and pruning has its hardest case.
func BenchmarkSearch(b *testing.B) {
	x, s := benchIndex(b)
	var needs []string
	for i := range 100 {
		needs = append(needs, s.need(i))
	}
	for name, ask := range map[string]func(text string){
		"whole":      func(t string) { x.Search(Query{Text: t, Whole: true, Limit: 10}) },
		"candidates": func(t string) { x.Candidates(Query{Text: t}, 500) },
		"box":        func(t string) { x.Search(Query{Text: cut(t, 18), Limit: 20}) },
		"facets": func(t string) {
			x.Search(Query{Text: t, Whole: true, Limit: 10, Facets: []string{"stage"}, Filters: []Filter{{Field: "stage", Any: []string{"1"}}}})
		},
	} {
		b.Run(name, func(b *testing.B) {
			var wall []float64
			cpu := cpuOf(func() {
				for b.Loop() {
					for _, t := range needs {
						start := time.Now()
						ask(t)
						wall = append(wall, time.Since(start).Seconds()*1000)
					}
				}
			})
			slices.Sort(wall)
			b.ReportMetric(wall[len(wall)/2], "p50-ms")
			b.ReportMetric(wall[len(wall)*95/100], "p95-ms")
			b.ReportMetric(cpu.Seconds()*1000/float64(len(wall)), "cpu-ms/query")
		})
	}
}
