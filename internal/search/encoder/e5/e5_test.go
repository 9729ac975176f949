package e5

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

var update = flag.Bool("update", false, "write testdata/tiny.bin again")

// TestTinyFile holds that the model for other packages' tests is the one that
// is made here.
func TestTinyFile(t *testing.T) {
	want := newTiniest().file()
	if *update {
		if err := os.WriteFile("testdata/tiny.bin", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("testdata/tiny.bin")
	if err != nil || !bytes.Equal(want, got) {
		t.Errorf("testdata/tiny.bin differs (%v): run the test with -update", err)
	}
}

// TestLayers holds a whole pass against one that was written from the paper,
// with the kernels of this machine and with plain Go.
func TestLayers(t *testing.T) {
	for seed := range uint64(3) {
		tm := newTiny(seed)
		m := tm.read(t)
		for _, text := range []string{"", "query: abc", "木棉 z", "abcabc 木", "query: 木棉木棉木棉abc"} {
			ids := append(append([]int32{0}, m.Tokens(text)...), 2)
			if len(ids) > tm.Positions {
				t.Fatalf("%q has %d tokens", text, len(ids))
			}
			want := tm.encode(ids)
			both(t, func() {
				got, err := m.Encode(context.Background(), []string{text})
				if err != nil {
					t.Fatal(err)
				}
				if c := cosine(want, got[0]); c < 0.99999 {
					t.Errorf("seed %d %q: cosine %.6f to the plain computation", seed, text, c)
				}
			})
		}
	}
}

// TestNeighboursDoNotMatter holds that a text has the same vector, to the bit,
// alone, among others, and on any number of cores.
func TestNeighboursDoNotMatter(t *testing.T) {
	m := newTiny(7).read(t)
	texts := []string{"query: abc", "", "木棉", strings.Repeat("abc 木棉 ", 40), "a", "query: xyz", "passage: 木"}
	for range 3 {
		texts = append(texts, texts...)
	}
	together, err := m.Encode(context.Background(), texts)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for i, text := range texts {
		alone, err := m.Encode(context.Background(), []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(alone[0], together[i]) {
			t.Fatalf("text %d, %.20q, has another vector alone", i, text)
		}
	}
}

// TestWindows holds that a long text is the mean of its windows, by their
// pieces.
func TestWindows(t *testing.T) {
	tm := newTiny(9)
	m := tm.read(t)
	text := strings.Repeat("z", 33)
	ids := m.Tokens(text)
	want := make([]float64, tm.Hidden)
	for from := 0; from < len(ids); from += tm.Positions - 2 {
		part := ids[from:min(len(ids), from+tm.Positions-2)]
		mean := []([]float32){nil}
		if err := m.forward([]window{{0, part}}, mean); err != nil {
			t.Fatal(err)
		}
		for i, v := range mean[0] {
			want[i] += float64(len(part)) * float64(v)
		}
	}
	got, err := m.Encode(context.Background(), []string{text})
	if err != nil {
		t.Fatal(err)
	}
	wide := make([]float32, len(want))
	for i, v := range want {
		wide[i] = float32(v)
	}
	if c := cosine(wide, got[0]); c < 0.999999 {
		t.Errorf("cosine %.7f to the mean of the windows", c)
	}
}

func TestEncodeStops(t *testing.T) {
	m := newTiny(1).read(t)
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := m.Encode(ctx, []string{"abc"}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	if got, err := m.Encode(context.Background(), nil); err != nil || len(got) != 0 {
		t.Errorf("no texts: %v, %v", got, err)
	}
}

func TestTokens(t *testing.T) {
	m := newTiny(1).read(t)
	name := func(ids []int32) string {
		var out []string
		for _, id := range ids {
			out = append(out, string(m.pieces.piece(id)))
		}
		return strings.Join(out, " ")
	}
	for text, want := range map[string]string{
		"":                      "▁",
		" ":                     "▁",
		"   ":                   "▁",
		"query: abc":            "▁query : ▁a bc",
		"query:   abc":          "▁query : ▁a bc",
		"query:\t\u00a0 abc":    "▁query : ▁a bc",
		"abc ":                  "▁a bc ▁",
		"木棉":                    "▁ 木棉",
		"木\u200b棉":              "▁ 木棉",
		"木樨":                    "▁ 木 <unk>",
		"棉棉":                    "▁ 棉 棉",
		"ｑ㎏":                    "▁ q k g",
		"\xff":                  "▁ <unk>",
		"<unk>":                 "▁ <unk> u n k <unk>",
		"ab":                    "▁a b",
		strings.Repeat("樨", 3):  "▁ <unk> <unk> <unk>",
		strings.Repeat("bc", 2): "▁ bc bc",
	} {
		if got := name(m.Tokens(text)); got != want {
			t.Errorf("pieces of %q: %s, want %s", text, got, want)
		}
	}
	if got := m.Tokens(strings.Repeat("木", MaxText)); len(got) > MaxText/3+2 {
		t.Errorf("%d pieces of a text over the limit", len(got))
	}
}

// TestReadRefuses changes one thing at a time in a good file.
func TestReadRefuses(t *testing.T) {
	good := newTiny(1).file()
	at := func(offset int, value uint32) func([]byte) []byte {
		return func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[offset:], value)
			return b
		}
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		key    string
	}{
		"empty":             {func([]byte) []byte { return nil }, "encoder.not_a_model"},
		"magic":             {at(0, 0x04034b50), "encoder.not_a_model"},
		"version":           {at(4, 2), "encoder.bad_shape"},
		"hidden":            {at(8, 1<<30), "encoder.bad_shape"},
		"negative layers":   {at(12, 0xffffffff), "encoder.bad_shape"},
		"heads":             {at(16, 3), "encoder.bad_shape"},
		"vocabulary":        {at(24, 0), "encoder.bad_shape"},
		"epsilon":           {at(36, 0x7fc00000), "encoder.bad_shape"},
		"block":             {at(40, 64), "encoder.bad_shape"},
		"pieces":            {at(44, 65), "encoder.bad_shape"},
		"mark":              {at(48, 1000), "encoder.bad_shape"},
		"size of pieces":    {at(68, 1<<30), "encoder.truncated"},
		"offset of a piece": {at(76, 1<<20), "encoder.bad_shape"},
		"cut in half":       {func(b []byte) []byte { return b[:len(b)/2] }, "encoder.truncated"},
		"cut in the head":   {func(b []byte) []byte { return b[:20] }, "encoder.truncated"},
		"last byte gone":    {func(b []byte) []byte { return b[:len(b)-1] }, "encoder.truncated"},
		"a tensor's name":   {func(b []byte) []byte { return bytes.Replace(b, []byte("l1.fo.w"), []byte("l1.fo.x"), 1) }, "encoder.no_tensor"},
		"a tensor's type":   {func(b []byte) []byte { return bytes.Replace(b, []byte("l1.fo.w\x01"), []byte("l1.fo.w\x00"), 1) }, "encoder.bad_tensor"},
		"a value not finite": {func(b []byte) []byte {
			binary.LittleEndian.PutUint32(b[len(b)-4:], math.Float32bits(float32(math.NaN())))
			return b
		}, "encoder.not_finite"},
	} {
		raw := c.change(bytes.Clone(good))
		_, err := Read(bytes.NewReader(raw), int64(len(raw)))
		if e := errs.Of(err); e == nil || e.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func TestWordsGone(t *testing.T) {
	raw := newTiny(1).file()
	file := &shrinking{Reader: bytes.NewReader(raw)}
	m, err := Read(file, int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	file.gone = true
	if _, err := m.Encode(context.Background(), []string{"abc"}); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a file that has gone: %v", err)
	}
}

type shrinking struct {
	*bytes.Reader
	gone bool
}

func (s *shrinking) ReadAt(p []byte, off int64) (int, error) {
	if s.gone {
		return 0, errors.New("input/output error")
	}
	return s.Reader.ReadAt(p, off)
}

// FuzzRead holds that no file makes the reader or what it returns panic, or
// take memory beyond the size of the file.
func FuzzRead(f *testing.F) {
	good := newTiniest().file()
	f.Add(good)
	f.Add(good[:300])
	f.Add([]byte(Magic))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Read(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return
		}
		if _, err := m.Encode(context.Background(), []string{"query: abc 木棉", ""}); err != nil && errs.KindOf(err) == errs.Internal {
			t.Error(err)
		}
	})
}

// FuzzTokens holds that every text is cut, into no more pieces than it has
// characters and a mark, each of them a piece.
func FuzzTokens(f *testing.F) {
	m := newTiny(1).read(f)
	for _, s := range []string{"", "query: abc", "木棉\xff 樨", "<s>▁", "㎏㎏"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ids := m.Tokens(text)
		if n := 2*len([]rune(text)) + 1; len(ids) == 0 || len(ids) > n {
			t.Errorf("%d pieces of %q", len(ids), text)
		}
		for _, id := range ids {
			if id < 0 || int(id) >= m.Vocabulary {
				t.Errorf("piece %d", id)
			}
		}
	})
}
