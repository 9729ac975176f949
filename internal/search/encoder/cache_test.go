package encoder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counting is an encoder whose vectors are made of the text's length, and
// which counts what it was asked.
type counting struct {
	mu    sync.Mutex
	asked []string
	name  string
	fail  error
}

func (c *counting) Dim() int     { return 3 }
func (c *counting) Name() string { return "counting" + c.name }
func (c *counting) Encode(_ context.Context, side Side, texts []string) ([][]float32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		return nil, c.fail
	}
	var out [][]float32
	for _, t := range texts {
		c.asked = append(c.asked, t)
		out = append(out, []float32{float32(len(t)), float32(side), 0.5})
	}
	return out, nil
}

func encode(t *testing.T, e Encoder, side Side, texts ...string) [][]float32 {
	t.Helper()
	got, err := e.Encode(context.Background(), side, texts)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if !cmp.Equal(v, []float32{float32(len(texts[i])), float32(side), 0.5}) {
			t.Fatalf("vector of %q: %v", texts[i], v)
		}
	}
	return got
}

func TestCache(t *testing.T) {
	dir := t.TempDir()
	inner := &counting{}
	c := Cached(inner, dir)
	encode(t, c, Query, "a", "bb", "a", "")
	encode(t, c, Query, "bb", "ccc")
	encode(t, c, Passage, "a")
	if diff := cmp.Diff([]string{"a", "bb", "", "ccc", "a"}, inner.asked); diff != "" {
		t.Errorf("asked: %s", diff)
	}
	if s := c.Stats(); s.Vectors != 5 || s.Segments != 1 || s.Hits != 1 || s.Misses != 5 || s.Bytes != 5*32 {
		t.Errorf("stats = %+v", s)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	inner.asked = nil
	encode(t, Cached(inner, dir), Query, "ccc", "", "dddd")
	if diff := cmp.Diff([]string{"dddd"}, inner.asked); diff != "" {
		t.Errorf("a new process asked: %s", diff)
	}
	other := &counting{name: "2"}
	encode(t, Cached(other, dir), Query, "a")
	if len(other.asked) != 1 {
		t.Error("another model was given the vectors of the first")
	}
}

// TestCacheMendsItself damages the file in the middle and at the end.
func TestCacheMendsItself(t *testing.T) {
	dir := t.TempDir()
	c := Cached(&counting{}, dir)
	encode(t, c, Query, "a", "bb", "ccc")
	file := c.own.file.Name()
	c.Close()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c = Cached(&counting{}, dir)
	spoilt := append([]byte{}, raw...)
	spoilt[32+20] ^= 1
	if err := os.WriteFile(file, spoilt, 0o600); err != nil {
		t.Fatal(err)
	}
	encode(t, c, Query, "a", "bb", "ccc") // spoilt under a running process
	if s := c.Stats(); s.Hits != 2 || s.Misses != 1 {
		t.Errorf("stats = %+v", s)
	}
	c.Close()
	if err := os.WriteFile(file, raw[:len(raw)-7], 0o600); err != nil {
		t.Fatal(err)
	}
	inner := &counting{}
	encode(t, Cached(inner, dir), Query, "a", "bb", "ccc") // torn at its end; the second process kept “bb” and lost nothing
	if diff := cmp.Diff([]string{"ccc"}, inner.asked); diff != "" {
		t.Errorf("asked: %s", diff)
	}
}

func TestCacheIsBounded(t *testing.T) {
	dir := t.TempDir()
	const limit = 64 * 32 // vectors
	c := cached(&counting{}, dir, limit)
	for i := range 300 {
		encode(t, c, Query, fmt.Sprint("text ", i))
		if s := c.Stats(); s.Bytes > limit {
			t.Fatalf("after %d texts: %+v", i, s)
		}
	}
	inner := &counting{}
	c2 := cached(inner, dir, limit)
	encode(t, c2, Query, "text 299", "text 0")
	if diff := cmp.Diff([]string{"text 0"}, inner.asked); diff != "" {
		t.Errorf("the oldest go first: %s", diff)
	}
}

// TestCacheJoins holds that many short runs do not leave as many files, and
// lose nothing.
func TestCacheJoins(t *testing.T) {
	dir := t.TempDir()
	inner := &counting{}
	for i := range 60 {
		c := Cached(inner, dir)
		encode(t, c, Query, fmt.Sprint("run ", i), "always")
		c.Close()
	}
	if len(inner.asked) != 61 {
		t.Errorf("%d texts were encoded, want 61", len(inner.asked))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.vec"))
	if err != nil || len(files) > maxSegments+1 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

func TestCacheWithoutADisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := Cached(&counting{}, file) // a file where the folder should be
	encode(t, c, Query, "a", "a", "bb")
	encode(t, c, Query, "a")
	if s := c.Stats(); s.Vectors != 0 {
		t.Errorf("stats = %+v", s)
	}
}

func TestCachePassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	c := Cached(&counting{fail: broken}, t.TempDir())
	if _, err := c.Encode(context.Background(), Query, []string{"a"}); !errors.Is(err, broken) {
		t.Errorf("error: %v", err)
	}
}

// TestCacheConcurrently is for the race detector.
func TestCacheConcurrently(t *testing.T) {
	c := cached(&counting{}, t.TempDir(), 1<<12)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 60 {
				got, err := c.Encode(context.Background(), Passage, []string{fmt.Sprint(i), fmt.Sprint(w, i), "x"})
				if err != nil || len(got) != 3 || got[2][0] != 1 {
					t.Errorf("%v, %v", got, err)
				}
				c.Stats()
			}
		})
	}
	wg.Wait()
}
