package stats

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// manifestName is the file that names the present state.
const manifestName = "manifest.json"

// format is the version of the manifest's own shape.
const format = 1

// Manifest is one consistent state of the facts.
type Manifest struct {
	Format    int    `json:"format"`
	ChangeSeq int64  `json:"change_seq"` // the facts show the records up to this change
	Facts     []File `json:"facts"`      // by name
}

// File is one fact on disk.
type File struct {
	Name       string   `json:"name"`
	Path       string   `json:"path"` // within the folder; it changes with the content
	Rows       int64    `json:"rows"`
	Bytes      int64    `json:"bytes"`
	SHA256     string   `json:"sha256"`
	Columns    []Column `json:"columns"`
	Definition string   `json:"definition"`
	ChangeSeq  int64    `json:"change_seq"`  // no later change up to the manifest's number touches it
	ChangeHash string   `json:"change_hash"` // of that entry: another database is noticed by it
}

// Fact returns the file of a fact, false when there is none.
func (m *Manifest) Fact(name string) (File, bool) {
	for _, f := range m.Facts {
		if f.Name == name {
			return f, true
		}
	}
	return File{}, false
}

// readManifest returns the manifest of a folder, an empty one where there is
// none or it cannot be read: whatever cannot be read is rebuilt.
func readManifest(dir string) (Manifest, error) {
	raw, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, nil
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("read facts: %w", err)
	}
	var m Manifest
	if json.Unmarshal(raw, &m) != nil || m.Format != format {
		return Manifest{}, nil
	}
	return m, nil
}

func writeManifest(dir string, m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, tempPrefix+"*.json")
	if err != nil {
		return fmt.Errorf("write facts: %w", err)
	}
	_, err = tmp.Write(append(raw, '\n'))
	err = errors.Join(err, tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(dir, manifestName))
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the write's error is the one to report
		return fmt.Errorf("write facts: %w", err)
	}
	return nil
}
