package release_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
)

// One flipped bit anywhere is found, and the file it is in is named.
func TestFlippedBit(t *testing.T) {
	dir := copyOf(t, frozen(t))
	var paths []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) < 25 {
		t.Fatalf("%d files, %v", len(paths), err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, path := range paths {
		times := 3
		if filepath.Dir(path) == dir {
			times = 12 // those that seal the folder among them
		}
		for range times {
			flip(t, dir, path, rng)
		}
	}
}

// flip spoils one bit of a file, looks whether that is found, and mends it.
func flip(t *testing.T, dir, path string, rng *rand.Rand) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spoiled := slices.Clone(raw)
	at, bit := rng.IntN(len(raw)), byte(1)<<rng.IntN(8)
	spoiled[at] ^= bit
	if err := os.WriteFile(path, spoiled, 0o600); err != nil {
		t.Fatal(err)
	}
	// Nothing is computed: what is found by hashes must not hang on it.
	r := verify(t, dir, release.VerifyOptions{PublicKey: theKey().Public(), HashesOnly: true})
	name, _ := filepath.Rel(dir, path)
	named := slices.ContainsFunc(r.Faults, func(f release.Fault) bool { return f.File == filepath.ToSlash(name) })
	if r.OK || !named {
		t.Errorf("%s, byte %d of %d, bit %x: ok %v, faults %v", name, at, len(raw), bit, r.OK, faults(r))
	}
	for _, f := range r.Faults {
		if f.File != filepath.ToSlash(name) {
			t.Errorf("%s, byte %d: %s is blamed too", name, at, f.File)
		}
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A whole check over a spoiled fact says which file, and no more than follows.
func TestSpoiledFact(t *testing.T) {
	for _, path := range []string{"facts/fact_paper.parquet", "values.json", "records/papers.all.csv", "en.html", "figures.json"} {
		dir := copyOf(t, frozen(t))
		raw, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)/2] ^= 4
		write(t, dir, path, raw)
		r := check(t, dir)
		if got := faults(r); r.OK || len(got) != 1 || got[0] != "altered "+path {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func write(t testing.TB, dir, path string, raw []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, path), raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// What a hand can do to a folder without the key, and with another key.
func TestTampering(t *testing.T) {
	other, err := release.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	const inflated = `"value": 27`
	inflate := func(dir string) { edit(t, dir, "values.json", `"value": 26`, inflated) }
	for name, tc := range map[string]struct {
		do   func(dir string)
		want []string
	}{
		"nothing":      {func(string) {}, nil},
		"a value":      {inflate, []string{"altered values.json"}},
		"a file more":  {func(dir string) { write(t, dir, "records/more.csv", []byte("x")) }, []string{"extra records/more.csv"}},
		"a file fewer": {func(dir string) { remove(t, dir, "sources.json") }, []string{"missing sources.json"}},
		"no manifest":  {func(dir string) { remove(t, dir, "manifest.json") }, []string{"missing manifest.json"}},
		"no signature": {func(dir string) { remove(t, dir, "manifest.sig") }, []string{"missing manifest.sig"}},
		"no key":       {func(dir string) { remove(t, dir, "key.pem") }, []string{"missing key.pem"}},
		"no sums":      {func(dir string) { remove(t, dir, "SHA256SUMS") }, []string{"missing SHA256SUMS"}},
		"a value and its hash": {func(dir string) { inflate(dir); release.Reseal(t, dir, release.Key{}) },
			[]string{"seal manifest.json", "value values.json awards.guangzhou.all"}},
		"a value, signed by another": {func(dir string) { inflate(dir); release.Reseal(t, dir, other) },
			[]string{"key key.pem", "value values.json awards.guangzhou.all"}},
		"nothing, signed by another": {func(dir string) { release.Reseal(t, dir, other) }, []string{"key key.pem"}},
		"a value, signed by us": {func(dir string) { inflate(dir); release.Reseal(t, dir, theKey()) },
			[]string{"value values.json awards.guangzhou.all"}},
		"a record, signed by us": {func(dir string) {
			edit(t, dir, "records/papers.all.csv", ",1,", ",2,")
			release.Reseal(t, dir, theKey())
		},
			[]string{"records records/papers.all.csv papers.all"}},
		"a page, signed by us": {func(dir string) { edit(t, dir, "en.html", "49.06%", "94.06%"); release.Reseal(t, dir, theKey()) },
			[]string{"page en.html"}},
		"a query, signed by us": {func(dir string) {
			alter(t, dir, "platforms.all", func(f map[string]any) { f["compute"].(map[string]any)["sql"] = "SELECT 7 AS value" })
			release.Reseal(t, dir, theKey())
		}, []string{"computation figures.json platforms.all"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, frozen(t))
			tc.do(dir)
			r := check(t, dir)
			got := faults(r)
			for _, want := range tc.want {
				if !slices.Contains(got, want) {
					t.Errorf("%s is not among %v", want, got)
				}
			}
			if r.OK != (len(tc.want) == 0) || r.OK && len(got) > 0 {
				t.Errorf("ok %v with %v", r.OK, got)
			}
			for i := range r.Faults {
				for _, l := range i18n.Langs {
					if text := r.Faults[i].Text(l); strings.ContainsAny(text, "{}") || strings.HasPrefix(text, "release.") {
						t.Errorf("a fault reads %q", text)
					}
				}
			}
		})
	}
}

func edit(t testing.TB, dir, path, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), from) {
		t.Fatalf("%s has no %s", path, from)
	}
	write(t, dir, path, []byte(strings.Replace(string(raw), from, to, 1)))
}

// alter changes one definition.
func alter(t testing.TB, dir, figure string, change func(map[string]any)) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "figures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var figures []map[string]any
	if err := json.Unmarshal(raw, &figures); err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if f["id"] == figure {
			change(f)
		}
	}
	if raw, err = json.Marshal(figures); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "figures.json", raw)
}

func remove(t testing.TB, dir, path string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, path)); err != nil {
		t.Fatal(err)
	}
}

// A folder made to do harm does none: nothing outside is read, nothing is
// written, nothing waits for ever.
func TestHostileFolder(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.json")
	if err := os.WriteFile(outside, []byte("[]"), 0o600); err != nil {
		t.Fatal(err)
	}
	sql := func(text string) func(dir string) {
		return func(dir string) {
			alter(t, dir, "platforms.all", func(f map[string]any) { f["compute"].(map[string]any)["sql"] = text })
			release.Reseal(t, dir, theKey())
		}
	}
	for name, tc := range map[string]struct {
		do   func(dir string)
		want string // a fault, "" for any
	}{
		"a path outside":    {func(dir string) { edit(t, dir, "manifest.json", `"path": "en.html"`, `"path": "../secret.json"`) }, "manifest manifest.json"},
		"an absolute path":  {func(dir string) { edit(t, dir, "manifest.json", `"path": "en.html"`, `"path": "/etc/passwd"`) }, "manifest manifest.json"},
		"a path with quote": {func(dir string) { edit(t, dir, "manifest.json", `"path": "en.html"`, `"path": "en'.html"`) }, "manifest manifest.json"},
		"a pattern":         {func(dir string) { edit(t, dir, "manifest.json", `"path": "en.html"`, `"path": "*.html"`) }, "manifest manifest.json"},
		"a huge size":       {func(dir string) { edit(t, dir, "manifest.json", `"bytes": `, `"bytes": 9999999999999`) }, "manifest manifest.json"},
		"a view's name":     {func(dir string) { edit(t, dir, "manifest.json", `"name": "fact_paper"`, `"name": "x AS SELECT 1;--"`) }, ""},
		"a link":            {func(dir string) { remove(t, dir, "sources.json"); link(t, outside, filepath.Join(dir, "sources.json")) }, "not_a_file sources.json"},
		"a linked folder": {func(dir string) {
			away := t.TempDir()
			if err := os.Rename(filepath.Join(dir, "facts"), filepath.Join(away, "facts")); err != nil {
				t.Fatal(err)
			}
			link(t, filepath.Join(away, "facts"), filepath.Join(dir, "facts"))
		}, "not_a_file facts/fact_paper.parquet"},
		"a pipe": {func(dir string) {
			remove(t, dir, "sources.json")
			if err := syscall.Mkfifo(filepath.Join(dir, "sources.json"), 0o600); err != nil {
				t.Skip(err)
			}
		}, "not_a_file sources.json"},
		"a linked manifest": {func(dir string) {
			remove(t, dir, "manifest.json")
			link(t, outside, filepath.Join(dir, "manifest.json"))
		}, "not_a_file manifest.json"},
		"an endless file": {func(dir string) {
			if err := os.Truncate(filepath.Join(dir, "sources.json"), 1<<40); err != nil {
				t.Skip(err)
			}
		}, "altered sources.json"},
		"an endless manifest": {func(dir string) {
			if err := os.Truncate(filepath.Join(dir, "manifest.json"), 1<<40); err != nil {
				t.Skip(err)
			}
		}, "unreadable manifest.json"},
		"an empty manifest":    {func(dir string) { write(t, dir, "manifest.json", nil) }, "manifest manifest.json"},
		"a deep manifest":      {func(dir string) { write(t, dir, "manifest.json", []byte(strings.Repeat("[", 1<<20))) }, "manifest manifest.json"},
		"two statements":       {sql("SELECT 1 AS value; DROP VIEW fact_platform"), "unreadable figures.json"},
		"a statement to write": {sql("COPY (SELECT 1) TO '" + outside + "'"), "unreadable figures.json"},
		"a file of ours":       {sql("SELECT COUNT(*) AS value FROM read_text('" + outside + "')"), "computation figures.json platforms.all"},
		"the network":          {sql("SELECT COUNT(*) AS value FROM 'https://example.org/a.csv'"), "computation figures.json platforms.all"},
		"a setting":            {sql("SELECT CAST(current_setting('memory_limit') AS VARCHAR) AS value"), "computation figures.json platforms.all"},
		"too many values":      {sql("SELECT CAST(i AS VARCHAR) AS item, 1 AS value FROM range(1000000) AS r(i)"), "computation figures.json platforms.all"},
		"no such operation": {func(dir string) {
			edit(t, dir, "figures.json", `"op": "sum"`, `"op": "exec"`)
			release.Reseal(t, dir, theKey())
		}, "unreadable figures.json"},
		"a sum of nothing": {func(dir string) {
			alter(t, dir, "platforms.all", func(f map[string]any) { f["compute"] = map[string]any{"op": "sum"} })
			release.Reseal(t, dir, theKey())
		}, "unreadable figures.json"},
		"a figure of itself": {func(dir string) {
			alter(t, dir, "platforms.all", func(f map[string]any) {
				f["compute"] = map[string]any{"op": "sum", "of": []string{"platforms.all", "platforms.all"}}
			})
			release.Reseal(t, dir, theKey())
		}, "value values.json platforms.all"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, frozen(t))
			tc.do(dir)
			r := verify(t, dir, release.VerifyOptions{})
			if got := faults(r); r.OK || tc.want != "" && !slices.Contains(got, tc.want) {
				t.Errorf("ok %v, %v; want %s", r.OK, got, tc.want)
			}
			if text := fmt.Sprint(r); strings.Contains(text, "root:") {
				t.Errorf("the report carries /etc/passwd: %s", text)
			}
		})
	}
	if raw, err := os.ReadFile(outside); err != nil || string(raw) != "[]" {
		t.Errorf("the file outside is %q, %v", raw, err)
	}
	if _, err := release.Verify(t.Context(), filepath.Join(t.TempDir(), "none"), release.VerifyOptions{}); errs.KindOf(err) != errs.NotFound {
		t.Errorf("no folder: %v", err)
	}
}

func link(t testing.TB, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Skip(err)
	}
}
