package search

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// randomList makes postings over n documents, dense or sparse, with runs.
func randomList(rng *rand.Rand, n int) (docs []uint32, codes []byte) {
	chance := []float64{0.001, 0.02, 0.1, 0.5, 0.95, 1}[rng.IntN(6)]
	top := []int{1, 2, 5, 256}[rng.IntN(4)]
	for d := range n {
		if d%1000 == 0 && rng.IntN(3) == 0 {
			chance = rng.Float64()
		}
		if rng.Float64() < chance {
			docs, codes = append(docs, uint32(d)), append(codes, byte(rng.IntN(top)))
		}
	}
	return docs, codes
}

func TestPostingsRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	bitmaps := 0
	for round := range 300 {
		n := 1 + rng.IntN(6000)
		docs, codes := randomList(rng, n)
		if len(docs) == 0 {
			continue
		}
		usual := byte(64 * (round % 2))
		raw := appendPostings(nil, docs, codes, usual, func(uint32, byte) byte { return 7 })
		if !checkPostings(raw, len(docs), n) {
			t.Fatalf("round %d: own postings are refused", round)
		}
		var l list
		l.open(append(raw, make([]byte, slack)...), len(docs), usual)
		var b block
		var gotDocs []uint32
		var gotCodes []byte
		l.each(&b, func(d uint32, c byte) { gotDocs, gotCodes = append(gotDocs, d), append(gotCodes, c) })
		if !slices.Equal(docs, gotDocs) || !slices.Equal(codes, gotCodes) {
			t.Fatalf("round %d: %d postings came back as %d", round, len(docs), len(gotDocs))
		}
		for i := range l.at {
			if l.data[l.at[i]] == asBits {
				bitmaps++
			}
		}
		if checkPostings(raw[:len(raw)-1], len(docs), n) || checkPostings(raw, len(docs), int(docs[len(docs)-1])) || checkPostings(raw, len(docs)+1, n) {
			t.Fatalf("round %d: postings cut short or with too high documents pass", round)
		}
	}
	if bitmaps == 0 {
		t.Error("no block was stored as bits")
	}
}

// FuzzPostings reads bytes as postings: what passes the check must be safe to
// read.
func FuzzPostings(f *testing.F) {
	rng := rand.New(rand.NewPCG(2, 1))
	for range 6 {
		docs, codes := randomList(rng, 400)
		if len(docs) > 0 {
			f.Add(appendPostings(nil, docs, codes, 0, func(uint32, byte) byte { return 7 }), uint16(len(docs)))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte, docs uint16) {
		const n = 400
		if docs == 0 || docs > n || !checkPostings(raw, int(docs), n) {
			return
		}
		var l list
		var b block
		l.open(append(slices.Clone(raw), make([]byte, slack)...), int(docs), 0)
		count, last := 0, int64(-1)
		l.each(&b, func(d uint32, _ byte) {
			if int64(d) <= last || d >= n {
				t.Fatalf("document %d after %d", d, last)
			}
			last = int64(d)
			count++
		})
		if count != int(docs) {
			t.Fatalf("%d postings, want %d", count, docs)
		}
	})
}

func TestDict(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	set := map[string]bool{"internationali": true, "internationalist": true, "internationals": true}
	for range 3000 {
		w := maker{rng}.text(2)
		if w != "" && len(w) < 100 {
			set[w] = true
		}
	}
	var list []string
	for w := range set {
		list = append(list, w)
	}
	slices.Sort(list)
	w := dictWriter{dict: dict{stats: true}}
	size := uint64(0)
	for i, s := range list {
		w.add([]byte(s), i+1, i%7+1)
		size += uint64(i%7 + 1)
	}
	d, err := openDict(w.data, len(list), true, size)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]any{w.starts, w.bases, w.heads}, []any{d.starts, d.bases, d.heads}); diff != "" {
		t.Error(diff)
	}
	at := uint64(0)
	for i, s := range list {
		e, ok := d.find(s)
		if !ok || e.docs != i+1 || e.size != i%7+1 || e.at != at || int(e.number) != i {
			t.Fatalf("%q: %+v", s, e)
		}
		at += uint64(e.size)
		if _, ok := d.find(s + "\x00"); ok {
			t.Fatalf("%q with more behind it is found", s)
		}
	}
	for _, prefix := range []string{"", "k", "lab", "中", "中山大", "internationalis", "zzz"} {
		var got, want []string
		d.withPrefix(prefix, func(s string, _ entry) { got = append(got, s) })
		for _, s := range list {
			if len(s) >= len(prefix) && s[:len(prefix)] == prefix {
				want = append(want, s)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("prefix %q: %d terms, want %d", prefix, len(got), len(want))
		}
	}
	if _, err := openDict(w.data[:len(w.data)-1], len(list), true, size); err == nil {
		t.Error("a dict cut short passes")
	}
}

func TestCodes(t *testing.T) {
	for n := range 256 {
		if got := wordCodec.weight[wordCode(n+1)]; got != float32(n+1) {
			t.Errorf("%d occurrences are kept as %v", n+1, got)
		}
	}
	for _, w := range []float64{0.0625, 0.1, 1.0 / 3, 0.5, 1, 2, 7.3, 500} {
		if got := float64(glossCodec.weight[glossCode(w)]); math.Abs(got-w) > 0.022*w {
			t.Errorf("weight %v is kept as %v", w, got)
		}
	}
	for n := range 33000 {
		if got := float64(classLength[lengthClass(n)]); math.Abs(got-float64(n)) > 0.5+0.0165*float64(n) {
			t.Fatalf("length %d is kept as %v", n, got)
		}
	}
	if lengthClass(1<<20) != 255 {
		t.Error("a length beyond all classes has the last")
	}
}
