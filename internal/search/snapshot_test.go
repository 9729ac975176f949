package search

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

func saved(t *testing.T) (*Index, string) {
	t.Helper()
	x := New(FlushAt(2000))
	x.SetGlosser(tinyGlosser)
	m := maker{rand.New(rand.NewPCG(11, 1))}
	m.history(t, 200, x.Put, x.Delete)
	x.seq = 42
	dir := filepath.Join(t.TempDir(), "index")
	if err := x.Save(dir); err != nil {
		t.Fatal(err)
	}
	return x, dir
}

func TestSnapshotIsTheSameIndex(t *testing.T) {
	x, dir := saved(t)
	y, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !y.Stale() {
		t.Error("an index without its glosser must be stale")
	}
	y.SetGlosser(tinyGlosser)
	if y.Stale() || y.Seq() != 42 || y.Len() != x.Len() {
		t.Errorf("stale %v, at %d, %d documents", y.Stale(), y.Seq(), y.Len())
	}
	m := maker{rand.New(rand.NewPCG(12, 1))}
	for range 50 {
		q := m.query()
		if diff := gocmp.Diff(x.Search(q), y.Search(q)); diff != "" {
			t.Fatalf("%+v: %s", q, diff)
		}
		d := m.doc()
		put(t, x, d)
		put(t, y, d)
	}
	r, err := Verify(dir)
	if err != nil || r.Documents == 0 || r.Segments == 0 || r.Terms == 0 || r.Bytes == 0 || r.Seq != 42 {
		t.Errorf("Verify: %+v, %v", r, err)
	}
}

func TestSaveSweepsWhatWasBefore(t *testing.T) {
	x, dir := saved(t)
	before, _ := filepath.Glob(filepath.Join(dir, "*"+segmentSuffix))
	stray := filepath.Join(dir, unfinished+"left")
	other := filepath.Join(dir, "notes.txt")
	for _, f := range []string{stray, other} {
		if err := os.WriteFile(f, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(t, x, city...)
	if err := x.Compact(); err != nil {
		t.Fatal(err)
	}
	if err := x.Save(dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range append(before, stray) {
		if _, err := os.Stat(f); err == nil {
			t.Errorf("%s is still there", f)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Error("a file that is none of the index's was removed")
	}
	if y, err := Load(dir); err != nil || y.Len() != x.Len() {
		t.Errorf("load: %v", err)
	}
}

// TestDamagedSnapshot changes, cuts and removes files: each is told apart from
// an index that was never saved, and nothing is read.
func TestDamagedSnapshot(t *testing.T) {
	_, dir := saved(t)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.Name())
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(good)
		flipped[len(flipped)/2] ^= 1
		for what, bad := range map[string][]byte{"flipped": flipped, "cut": good[:len(good)-1], "empty": {}, "longer": append(bytes.Clone(good), 'x')} {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(dir); errs.KindOf(err) != errs.Conflict || errs.Of(err).Args["file"] == nil {
				t.Errorf("%s %s: %v", f.Name(), what, err)
			}
			if _, err := Verify(dir); errs.KindOf(err) != errs.Conflict {
				t.Errorf("%s %s: Verify says %v", f.Name(), what, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		want := errs.Conflict
		if f.Name() == manifestName {
			want = errs.NotFound
		}
		if _, err := Load(dir); errs.KindOf(err) != want {
			t.Errorf("%s removed: %v", f.Name(), err)
		}
		if err := os.WriteFile(path, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load(dir); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestSnapshotOfAnotherFormat(t *testing.T) {
	_, dir := saved(t)
	path := filepath.Join(dir, manifestName)
	raw, _ := os.ReadFile(path)
	var m manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(m *manifest){
		func(m *manifest) { m.Format = 99 },
		func(m *manifest) { m.Segments[0].SHA256 = "../../etc/passwd" },
		func(m *manifest) { m.Segments = append(m.Segments, m.Segments[0]) },
		func(m *manifest) { m.Segments[0].Documents++ },
	} {
		bad := m
		bad.Segments = append([]manifestSegment(nil), m.Segments...)
		change(&bad)
		bad.Sum = bad.sum()
		raw, _ := json.Marshal(bad)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(dir); errs.KindOf(err) != errs.Conflict {
			t.Errorf("%v", err)
		}
	}
}

func encoded(s *segment) []byte {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	s.encode(w)
	_ = w.Flush()
	return out.Bytes()
}

// exercise asks a segment of which nothing but decode knows that it is sound.
func exercise(s *segment) {
	x := New()
	x.SetGlosser(tinyGlosser)
	x.state.Store(&state{parts: []*part{newPart(s)}})
	for _, q := range []Query{{Text: "广州 word 大学", Whole: true, Limit: 5, Gloss: 1, Facets: []string{"stage"}}, {Text: "广州 la", Limit: 5}} {
		x.Search(q)
		x.Candidates(q, 3)
		x.Suggest(q.Text, q.Viewer, 3)
	}
	if s.n > 0 {
		k := s.key(0)
		x.Delete(k.Kind, k.ID)
		_ = x.Compact()
	}
}

// TestFlippedBits reads segments with one bit changed, as if their checksums
// were right.
func TestFlippedBits(t *testing.T) {
	x, _ := saved(t)
	rng := rand.New(rand.NewPCG(14, 1))
	passed := 0
	for _, p := range x.view().parts {
		raw := encoded(p.segment)
		for range 60 {
			bad := bytes.Clone(raw)
			bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
			if s, err := decode(bad); err == nil {
				exercise(s)
				passed++
			}
		}
	}
	t.Logf("%d of the changes are within what a segment may hold", passed)
}

// FuzzSegment reads bytes as a segment, checksums aside: whatever passes must
// be safe to search, and nothing may panic.
func FuzzSegment(f *testing.F) {
	x := New()
	x.SetGlosser(tinyGlosser)
	m := maker{rand.New(rand.NewPCG(13, 1))}
	for range 60 {
		d := m.doc()
		d.Level = "public"
		if err := x.Put(d); err != nil {
			f.Fatal(err)
		}
	}
	for i := range 150 {
		if err := x.Put(Doc{Kind: "k", ID: strings.Repeat("x", 1+i), Body: "广州 word"}); err != nil {
			f.Fatal(err)
		}
	}
	for _, p := range x.view().parts {
		raw := encoded(p.segment)
		if s, err := decode(bytes.Clone(raw)); err != nil || s.n != p.n {
			f.Fatalf("own segment: %v", err)
		}
		f.Add(raw)
		for range 4 {
			bad := bytes.Clone(raw)
			bad[m.IntN(len(bad))] ^= 1 << m.IntN(8)
			f.Add(bad)
		}
	}
	f.Add([]byte(segmentMagic))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := decode(raw)
		if err != nil {
			return
		}
		exercise(s)
	})
}
