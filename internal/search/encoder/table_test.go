package encoder

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/search"
)

// glosses is a glosser of fixed words.
type glosses map[string][]search.WeightedTerm

func (g glosses) Version() string { return "v1" }
func (g glosses) Gloss(text string) []search.Gloss {
	var out []search.Gloss
	for i := 0; i < len(text); i++ {
		for from, to := range g {
			if strings.HasPrefix(text[i:], from) {
				out = append(out, search.Gloss{Start: i, End: i + len(from), From: from, To: to, Origin: "termbase"})
				i += len(from) - 1
				break
			}
		}
	}
	return out
}

var someGlosses = glosses{
	"锂":   {{Term: "lithium", Weight: 1}},
	"电池":  {{Term: "battery", Weight: 0.6}, {Term: "cell", Weight: 0.4}},
	"焊接":  {{Term: "welding", Weight: 1}},
	"铝合金": {{Term: "aluminium alloy", Weight: 1}},
	"研究":  {{Term: "research", Weight: 1}},
	"疫苗":  {{Term: "vaccine", Weight: 1}},
	"BCI": {{Term: "brain", Weight: 0.4}, {Term: "computer", Weight: 0.3}, {Term: "interface", Weight: 0.3}},
}

// bundled is the table that comes with Kapok.
func bundled(t testing.TB) *Table {
	t.Helper()
	raw, err := data.FS.Open(data.WordVectors)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	table, err := NewTable(raw, someGlosses)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func cosines(t testing.TB, e Encoder, query string, texts ...string) []float64 {
	t.Helper()
	v, err := e.Encode(context.Background(), Query, append([]string{query}, texts...))
	if err != nil {
		t.Fatal(err)
	}
	var out []float64
	for _, w := range v[1:] {
		var sum float64
		for i := range w {
			sum += float64(v[0][i]) * float64(w[i])
		}
		out = append(out, sum)
	}
	return out
}

func TestTableKnowsMeaningInBothLanguages(t *testing.T) {
	table := bundled(t)
	for _, c := range []struct{ query, near, far string }{
		{"锂电池", "lithium ion batteries", "welding of aluminum"},
		{"welding", "铝合金焊接研究", "锂电池研究"},
		{"a vaccine against influenza", "疫苗研究", "铝合金焊接研究"},
		{"LITHIUM-ION", "lithium ion", "vaccine"},
		{"BCI 研究", "research on the brain", "research on bridges"},
		{"research on the welding of alloys", "soldering metals", "research on the treatment of patients"},
	} {
		got := cosines(t, table, c.query, c.near, c.far)
		if got[0] < got[1]+0.1 {
			t.Errorf("%q: %.3f to %q, %.3f to %q", c.query, got[0], c.near, got[1], c.far)
		}
	}
	if got := cosines(t, table, "锂", "lithium"); got[0] < 0.99999 {
		t.Errorf("a word and its only gloss: %.6f", got[0])
	}
}

func TestTableEdges(t *testing.T) {
	table := bundled(t)
	v, err := table.Encode(context.Background(), Passage, []string{"", "樨樨樨", "battery", "Battery!", "bättery", "\xff"})
	if err != nil {
		t.Fatal(err)
	}
	zero := make([]float32, table.Dim())
	if !cmp.Equal(v[0], zero) || !cmp.Equal(v[1], zero) || !cmp.Equal(v[5], zero) {
		t.Error("a text that says nothing is not zeros")
	}
	if !cmp.Equal(v[2], v[3]) || !cmp.Equal(v[2], v[4]) {
		t.Error("case, signs or diacritics change the vector")
	}
	if !strings.HasPrefix(table.Name(), "words-") || !strings.HasSuffix(table.Name(), "+v1") {
		t.Errorf("name %q", table.Name())
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := table.Encode(ctx, Query, []string{"a"}); err == nil {
		t.Error("it does not stop")
	}
}

func small() []WordVector {
	return []WordVector{{"the", 1, []float32{1, 0.1, 0}}, {"battery", 900, []float32{1, -1, 0.5}}, {"vaccine", 1500, []float32{1, 1, -0.25}}}
}

func TestTableFile(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b, small()); err != nil {
		t.Fatal(err)
	}
	table, err := NewTable(bytes.NewReader(b.Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	var length float64
	for _, v := range table.common {
		length += float64(v) * float64(v)
	}
	if math.Abs(length-1) > 1e-5 || table.common[0] < 0.8 {
		t.Errorf("common component %v: not of length 1, or not what the words share", table.common)
	}
	if got := cosines(t, table, "battery", "the battery", "the vaccine"); got[0] < 0.98 || got[1] > 0 {
		t.Errorf("cosines %v", got)
	}
	for n := range b.Len() {
		if _, err := NewTable(bytes.NewReader(b.Bytes()[:n]), nil); errs.KindOf(err) != errs.Invalid {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := NewTable(bytes.NewReader(append(b.Bytes(), 0)), nil); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a byte too many: %v", err)
	}
	for name, words := range map[string][]WordVector{
		"none": nil, "uneven": {{"a", 1, []float32{1}}, {"b", 2, nil}}, "a word too long": {{strings.Repeat("a", 300), 1, []float32{1}}},
	} {
		if err := WriteTable(&b, words); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzTable(f *testing.F) {
	var b bytes.Buffer
	if err := WriteTable(&b, small()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), "the battery")
	f.Fuzz(func(t *testing.T, raw []byte, text string) {
		table, err := NewTable(bytes.NewReader(raw), someGlosses)
		if err != nil {
			return
		}
		if _, err := table.Encode(context.Background(), Query, []string{text}); err != nil {
			t.Error(err)
		}
	})
}

func BenchmarkTable(b *testing.B) {
	table := bundled(b)
	text := strings.Repeat("A method of making cathode material for lithium-ion 电池. ", 5)
	for b.Loop() {
		table.encode(text)
	}
}
