package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// folder is a release on disk. It is opened as a root: no name, link or mount
// trick inside leads out of it.
type folder struct {
	root *os.Root
	dir  string // absolute, for DuckDB
}

func openFolder(dir string) (*folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "release.no_folder", errs.A{"folder": dir})
	}
	return &folder{root, dir}, nil
}

func (f *folder) close() { _ = f.root.Close() } // it was only read

// errNotAFile marks a link, a folder or a device where a file should be.
var errNotAFile = errors.New("not a regular file")

// open opens a regular file of the folder and returns its size. A pipe or a
// device is never opened: opening one may wait for ever.
func (f *folder) open(name string) (*os.File, int64, error) {
	// The folders above the file must be folders, not links.
	for up := path.Dir(name); up != "."; up = path.Dir(up) {
		if info, err := f.root.Lstat(filepath.FromSlash(up)); err == nil && !info.IsDir() {
			return nil, 0, errNotAFile
		}
	}
	info, err := f.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errNotAFile
	}
	file, err := f.root.Open(filepath.FromSlash(name))
	return file, info.Size(), err
}

// read returns a file of at most limit bytes.
func (f *folder) read(name string, limit int64) ([]byte, error) {
	file, size, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if size > limit {
		return nil, errs.New(errs.TooLarge, "release.file_too_large", errs.A{"file": name, "limit": limit})
	}
	return io.ReadAll(io.LimitReader(file, limit))
}

// sum hashes a file that should have a size. One of another size is not read:
// it may have no end.
func (f *folder) sum(ctx context.Context, name string, size int64) (string, int64, error) {
	file, have, err := f.open(name)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	if have != size {
		return "", have, nil
	}
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(reader{ctx, file}, size+1))
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// list returns the paths of everything in the folder that is not a folder, with
// slashes. It follows no link and stops at a bound.
func (f *folder) list() ([]string, error) {
	var out []string
	err := fs.WalkDir(f.root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.Count(name, "/") > 8 || len(out) > 2*maxFiles {
			return fmt.Errorf("too many files, or too deep: %s", cut(name, 200))
		}
		if !e.IsDir() {
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

// readManifest reads and parses the manifest of the folder.
func (f *folder) readManifest() (Manifest, []byte, error) {
	raw, err := f.read(manifestName, maxManifest)
	if err != nil {
		return Manifest{}, nil, err
	}
	m, err := parseManifest(raw)
	return m, raw, err
}
