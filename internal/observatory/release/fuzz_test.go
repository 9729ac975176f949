package release_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kapok-city/kapok/internal/observatory/release"
)

// A manifest from anywhere is read or refused, and what is read names nothing
// outside its folder.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"format": 1, "name": "r", "files": [{"path": "../x", "sha256": ""}]}`))
	f.Add([]byte(`{"format": 1, "name": "r", "content": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "files": []}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := release.ParseManifest(raw)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if !filepath.IsLocal(filepath.FromSlash(file.Path)) {
				t.Errorf("%q leaves the folder", file.Path)
			}
		}
	})
}

// A folder with any bytes in its JSON files is checked without harm.
func FuzzSnapshot(f *testing.F) {
	f.Add([]byte(`[{"id": "a", "compute": {"op": "growth"}}]`))
	f.Add([]byte(`[{"figure": "a", "slot": "now", "known": true, "quantity": {"bound": "x"}}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		for _, name := range []string{"figures.json", "values.json", "reported.json", "sources.json"} {
			if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(`{"format": 1, "name": "r", "content": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = release.Load(dir) // it may refuse; it may not panic
	})
}
