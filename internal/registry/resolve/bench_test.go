package resolve

import (
	"encoding/json"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/kapok-city/kapok/internal/shareddata"
)

// mentions are all Springer and ChinaXiv strings, mixed.
func mentions(t testing.TB) []string {
	t.Helper()
	var english, chinese []string
	for _, g := range readGold(t, "dataset_affiliations_springer_2023_10_31.json") {
		english = append(english, g.Text)
	}
	for _, p := range readPapers(t) {
		for _, a := range p.Affiliations {
			chinese = append(chinese, a.Org+" "+a.City)
		}
	}
	var out []string
	for i, c := range chinese {
		out = append(out, c)
		if i%5 == 0 && i/5 < len(english) {
			out = append(out, english[i/5])
		}
	}
	return out
}

type paper struct {
	ID           string
	Affiliations []struct{ Org, City, Postcode string } `json:"affiliations_guess"`
}

func readPapers(t testing.TB) []paper {
	t.Helper()
	papers, err := readLines(shareddata.Path(t, "chinaxiv/chinaxiv_heads.jsonl.gz"), func(line []byte) (paper, error) {
		var p paper
		return p, json.Unmarshal(line, &p)
	})
	if err != nil {
		t.Fatal(err)
	}
	return papers
}

// BenchmarkResolve resolves every Springer and ChinaXiv string over the whole
// of ROR with two workers; each text is resolved afresh.
func BenchmarkResolve(b *testing.B) {
	x := buildROR(b)
	texts := mentions(b)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		x.ResolveAll(texts, 2)
	}
	b.ReportMetric(float64(len(texts)*b.N)/b.Elapsed().Seconds(), "texts/s")
}

func BenchmarkBuild(b *testing.B) {
	orgs := rorOrgs(b)
	for b.Loop() {
		Build(slices.Values(orgs))
	}
}

// TestMemory keeps the index small: the demonstration runs beside it.
func TestMemory(t *testing.T) {
	orgs := rorOrgs(t)
	before := heap()
	x := Build(slices.Values(orgs))
	used := heap() - before
	t.Logf("%d organisations: %.1f MB", x.Len(), float64(used)/1e6)
	if used > 60e6 {
		t.Errorf("the index of ROR takes %d bytes, over 60 MB", used)
	}
	runtime.KeepAlive(orgs)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkScale resolves the Springer strings with one worker over a tenth of
// the register and over all of it.
func BenchmarkScale(b *testing.B) {
	orgs := rorOrgs(b)
	var texts []string
	for _, g := range readGold(b, "dataset_affiliations_springer_2023_10_31.json") {
		texts = append(texts, g.Text)
	}
	for _, n := range []int{len(orgs) / 10, len(orgs)} {
		x := Build(slices.Values(orgs[:n]))
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				x.ResolveAll(texts, 1)
			}
			b.ReportMetric(float64(len(texts)*b.N)/b.Elapsed().Seconds(), "texts/s")
		})
	}
}
