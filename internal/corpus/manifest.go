package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
)

// Kind says what a corpus was made from.
type Kind string

// The kinds.
const (
	OpenAlex  Kind = "openalex"
	Patents   Kind = "patents"
	Registry  Kind = "registry" // the papers of this Kapok
	Simulated Kind = "simulated"
)

// Manifest describes one corpus. It names every file that belongs to it.
type Manifest struct {
	Format     int               `json:"format"`
	Name       string            `json:"name"`
	Title      i18n.Text         `json:"title"`
	Kind       Kind              `json:"kind"`
	Simulated  bool              `json:"simulated"`
	Source     source.Source     `json:"source"` // title, licence, tag, address, day
	From       int               `json:"from"`   // years of its works, 0 when it has none
	To         int               `json:"to"`
	Parameters map[string]string `json:"parameters,omitempty"` // of the import or the simulation; seed among them
	CreatedAt  time.Time         `json:"created_at"`
	Files      []File            `json:"files"` // by path
	Report     Report            `json:"report"`
}

// File is one Parquet file of a corpus.
type File struct {
	Table  string `json:"table"`
	Year   int    `json:"year,omitempty"`
	Path   string `json:"path"` // within the folder, with slashes
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Rows returns how many rows a table has.
func (m *Manifest) Rows(table string) int64 {
	var n int64
	for _, f := range m.Files {
		if f.Table == table {
			n += f.Rows
		}
	}
	return n
}

// Report says what an import met. Nothing is dropped without a count here.
type Report struct {
	Read     int64            `json:"read"`     // records met
	Kept     int64            `json:"kept"`     // records in the corpus
	Faults   map[string]Fault `json:"faults"`   // by kind: "broken_line", "duplicate_id", …
	Unknown  map[string]int64 `json:"unknown"`  // fields left out, with their count
	Resolved int64            `json:"resolved"` // affiliations that the registry resolved
	Open     int64            `json:"open"`     // affiliations that nothing resolved
}

// Fault counts one kind of fault and shows a few of them.
type Fault struct {
	Count   int64    `json:"count"`
	Kept    bool     `json:"kept"` // whether the record is in the corpus all the same
	Samples []Sample `json:"samples"`
}

// Sample is one faulty record: where it stands and what is wrong there.
type Sample struct {
	File string `json:"file"`
	Line int64  `json:"line"`
	Text string `json:"text"` // cut to a line
}

const (
	manifestName = "corpus.json"
	format       = 1
)

var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// ReadManifest returns the manifest of the corpus in a folder; errs.NotFound
// when there is none.
func ReadManifest(dir string) (Manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, errs.New(errs.NotFound, "corpus.none", errs.A{"name": filepath.Base(dir)})
	}
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil || m.Format != format {
		return Manifest{}, errs.Wrap(err, errs.Conflict, "corpus.unreadable", errs.A{"name": filepath.Base(dir)})
	}
	for _, f := range m.Files {
		if _, known := TableOf(f.Table); !known || !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return Manifest{}, errs.New(errs.Conflict, "corpus.unreadable", errs.A{"name": filepath.Base(dir)})
		}
	}
	return m, nil
}

// List returns the corpora of a folder of corpora, by name.
func List(root string) ([]Manifest, error) {
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list corpora: %w", err)
	}
	var out []Manifest
	for _, e := range entries {
		if !e.IsDir() || !plainName.MatchString(e.Name()) {
			continue
		}
		m, err := ReadManifest(filepath.Join(root, e.Name()))
		if errs.KindOf(err) == errs.NotFound {
			continue // an import that has not finished
		}
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b Manifest) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// CheckName refuses a name that is no plain name of a folder.
func CheckName(name string) error {
	if !plainName.MatchString(name) {
		return errs.New(errs.Invalid, "corpus.bad_name", errs.A{"name": name})
	}
	return nil
}

// write puts the manifest in place in one step.
func (m *Manifest) write(dir string) error {
	m.Format = format
	slices.SortFunc(m.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(dir, ".tmp-"+manifestName)
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("write corpus: %w", err)
	}
	return os.Rename(tmp, filepath.Join(dir, manifestName))
}
