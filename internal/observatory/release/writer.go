package release

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
)

// writer fills the folder of a release and keeps the list of its files.
type writer struct {
	dir   string
	files []File
}

// file writes one file and adds it to the list as like says.
func (w *writer) file(path string, like File, fill func(io.Writer) error) error {
	if !safePath(path) {
		return fmt.Errorf("path %q does not belong in a release", path)
	}
	full := filepath.Join(w.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(full, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	h := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, h), 1<<16)
	err = fill(out)
	if err = errors.Join(err, out.Flush(), f.Sync()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), f.Close())
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	like.Path, like.Bytes, like.SHA256 = path, info.Size(), hex.EncodeToString(h.Sum(nil))
	w.files = append(w.files, like)
	return nil
}

func (w *writer) bytes(path string, role Role, name string, raw []byte) error {
	return w.file(path, File{Role: role, Name: name}, func(out io.Writer) error {
		_, err := out.Write(raw)
		return err
	})
}

func (w *writer) json(path string, role Role, name string, v any) error {
	raw, err := encode(v)
	if err != nil {
		return err
	}
	return w.bytes(path, role, name, raw)
}

// copy takes a file from elsewhere on this machine.
func (w *writer) copy(from, path string, like File) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return w.file(path, like, func(out io.Writer) error {
		_, err := io.Copy(out, in)
		return err
	})
}

// finish writes what seals the folder: manifest, signature, key and sums.
func (w *writer) finish(_ context.Context, m *Manifest, key Key, now db.Time) error {
	slices.SortFunc(w.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	m.Format, m.Files, m.Content = Format, w.files, contentOf(w.files)
	m.PublicKey, m.CreatedAt = key.Public(), now
	raw, err := encode(m)
	if err != nil {
		return err
	}
	pem, err := publicPEM(m.PublicKey)
	if err != nil {
		return err
	}
	signature := key.sign(raw)
	for name, text := range map[string][]byte{manifestName: raw, signatureName: signature, keyName: pem, sumsName: m.sums(raw, signature, pem)} {
		if err := os.WriteFile(filepath.Join(w.dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
