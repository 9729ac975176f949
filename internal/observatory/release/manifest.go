package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// The files that seal a folder. The manifest names all others; the signature
// is over its bytes, so that `openssl pkeyutl -verify` can check it, and
// SHA256SUMS is for `sha256sum -c`.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	keyName       = "key.pem"
	sumsName      = "SHA256SUMS"
)

var seal = []string{manifestName, signatureName, keyName, sumsName}

// Format is the version of the folder's shape.
const Format = 1

// Role says what a file of a release is.
type Role string

// The roles.
const (
	RoleFact      Role = "fact"      // Parquet, under the name of its view
	RoleFigures   Role = "figures"   // definitions with their SQL
	RoleValues    Role = "values"    // computed values
	RoleReported  Role = "reported"  // what sources report
	RoleSources   Role = "sources"   // with licences
	RoleRecords   Role = "records"   // behind the values of one figure
	RolePart      Role = "part"      // of another content: its tables, statements, results
	RoleReport    Role = "report"    // pages for people, drawn from the above
	RoleCatalogue Role = "catalogue" // DCAT
)

// Manifest says what a release is made of.
type Manifest struct {
	Format     int                  `json:"format"`
	Name       string               `json:"name"`
	Title      i18n.Text            `json:"title"`
	City       string               `json:"city"`       // GB/T 2260 code: $city of the computations
	Day        string               `json:"day"`        // $as_of of the computations
	ChangeSeq  int64                `json:"change_seq"` // the records up to this change of the log
	Simulated  bool                 `json:"simulated,omitempty"`
	Restricted *Restricted          `json:"restricted,omitempty"` // what was left out, nil when nothing had to be
	Failed     map[string]i18n.Text `json:"failed,omitempty"`     // figures without values, and why
	Counts     Counts               `json:"counts"`
	Parts      []string             `json:"parts,omitempty"`
	Renderer   string               `json:"renderer"` // who drew the pages: a change of it is no fault of theirs
	Program    string               `json:"program"`
	PublicKey  string               `json:"public_key"` // Ed25519, base64
	CreatedAt  db.Time              `json:"created_at"`
	Content    string               `json:"content"` // SHA-256 over the list of files: the same for the same content
	Files      []File               `json:"files"`   // by path
}

// File is one file of a release.
type File struct {
	Path   string `json:"path"` // within the folder, with slashes
	Role   Role   `json:"role"`
	Name   string `json:"name,omitempty"` // of the view, the figure or the part
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows,omitempty"`
}

// Counts says how much is in a release.
type Counts struct {
	Figures  int   `json:"figures"`
	Values   int   `json:"values"`
	Records  int64 `json:"records"` // lines, over all values
	Reported int   `json:"reported"`
	Sources  int   `json:"sources"`
	Facts    int64 `json:"facts"` // rows
}

// Limits on a folder from elsewhere.
const (
	maxManifest = 32 << 20
	maxFiles    = 20_000
	maxFile     = 64 << 30
	maxJSON     = 512 << 20
)

var (
	plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	plainPath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,199}){0,5}$`)
	hexSum    = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// CheckName reports, as errs.Invalid, a name that is none: lower-case letters,
// digits, dots, hyphens and underscores, 64 at the most.
func CheckName(name string) error {
	if !plainName.MatchString(name) || strings.Contains(name, "..") {
		return errs.New(errs.Invalid, "release.bad_name", errs.A{"name": name}).At("name")
	}
	return nil
}

// parseManifest reads a manifest of any origin. What it returns names no path
// outside the folder and no file twice.
func parseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return m, fmt.Errorf("manifest: %w", err)
	}
	if dec.More() {
		return m, fmt.Errorf("manifest: text after its end")
	}
	if m.Format != Format {
		return m, errs.New(errs.Invalid, "release.format", errs.A{"found": m.Format, "known": Format})
	}
	if err := CheckName(m.Name); err != nil {
		return m, err
	}
	if len(m.Files) > maxFiles {
		return m, fmt.Errorf("manifest: %d files", len(m.Files))
	}
	for i, f := range m.Files {
		switch {
		case !safePath(f.Path):
			return m, fmt.Errorf("manifest: path %q", f.Path)
		case !hexSum.MatchString(f.SHA256), f.Bytes < 0, f.Bytes > maxFile:
			return m, fmt.Errorf("manifest: hash or size of %s", f.Path)
		case i > 0 && m.Files[i-1].Path >= f.Path:
			return m, fmt.Errorf("manifest: %s is out of order", f.Path)
		}
	}
	if m.Content != contentOf(m.Files) {
		return m, fmt.Errorf("manifest: content is not that of its files")
	}
	return m, nil
}

// safePath reports whether a path stays in the folder, is no sealing file and
// has no sign that a shell, SQL or a file system reads as more than itself.
func safePath(path string) bool {
	return plainPath.MatchString(path) && !strings.Contains(path, "..") && !slices.Contains(seal, path)
}

// contentOf hashes the list of files.
func contentOf(files []File) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s  %s\n", f.SHA256, f.Path)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// data hashes the list of files without those that are drawn from the others.
func (m *Manifest) data() string {
	return contentOf(slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool { return f.Role == RoleReport || f.Role == RoleCatalogue }))
}

// with returns the files of a role, in their order.
func (m *Manifest) with(role Role) []File {
	var out []File
	for _, f := range m.Files {
		if f.Role == role {
			out = append(out, f)
		}
	}
	return out
}

// file returns the file of a path.
func (m *Manifest) file(path string) (File, bool) {
	i, found := slices.BinarySearchFunc(m.Files, path, func(f File, p string) int { return strings.Compare(f.Path, p) })
	if !found {
		return File{}, false
	}
	return m.Files[i], true
}

// sums is the text of SHA256SUMS.
func (m *Manifest) sums(raw, signature, key []byte) []byte {
	lines := map[string]string{manifestName: sumOf(raw), signatureName: sumOf(signature), keyName: sumOf(key)}
	for _, f := range m.Files {
		lines[f.Path] = f.SHA256
	}
	paths := make([]string, 0, len(lines))
	for p := range lines {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var b bytes.Buffer
	for _, p := range paths {
		fmt.Fprintf(&b, "%s  %s\n", lines[p], p)
	}
	return b.Bytes()
}

func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// encode writes a value as the files of a release hold it.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(v)
	return b.Bytes(), err
}
