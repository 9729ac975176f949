package release

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// Reseal makes manifest, sums and signature of a folder whose files a test has
// changed, as a forger would: with the key given, or with the signature of the
// manifest before when there is none.
func Reseal(t testing.TB, dir string, key Key) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Files {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(m.Files[i].Path)))
		if err != nil {
			t.Fatal(err)
		}
		m.Files[i].Bytes, m.Files[i].SHA256 = int64(len(text)), sumOf(text)
	}
	m.Content = contentOf(m.Files)
	signature, err := os.ReadFile(filepath.Join(dir, signatureName))
	if err != nil {
		t.Fatal(err)
	}
	if !key.Zero() {
		m.PublicKey = key.Public()
	}
	if raw, err = encode(m); err != nil {
		t.Fatal(err)
	}
	if !key.Zero() {
		signature = key.sign(raw)
	}
	pem, err := publicPEM(m.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{manifestName: raw, signatureName: signature, keyName: pem, sumsName: m.sums(raw, signature, pem)} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ParseManifest lets a test of the outside read a manifest.
var ParseManifest = parseManifest

// TextOf is all text of a Parquet file.
func TextOf(t testing.TB, path string) string {
	t.Helper()
	session, err := stats.OpenViews(t.Context(), sessionConfig, []stats.View{{Name: "f", Files: []string{path}}})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	rows, err := db.Collect(t.Context(), session, db.Column[string], "SELECT CAST(f AS VARCHAR) FROM f")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}

// KnowsTable reports whether the table behind a kind of record is known, or
// nothing private of it is ever among the facts.
func KnowsTable(kind string) bool {
	_, open := alreadyOpen[kind]
	return open || tableOf[kind] != ""
}
