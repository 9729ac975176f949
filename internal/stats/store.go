package stats

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/kapok-city/kapok/internal/errs"
)

// Config bounds what DuckDB may use. The zero value is good.
type Config struct {
	MemoryMB int // 512 when 0; beyond it DuckDB spills into the folder
	Threads  int // 2 when 0
}

func (c Config) withDefaults() Config {
	if c.MemoryMB == 0 {
		c.MemoryMB = 512
	}
	if c.Threads == 0 {
		c.Threads = 2
	}
	return c
}

// maxEngines bounds how many DuckDB are open at once, and so their memory.
const maxEngines = 2

// Store is a folder of facts. It is safe for concurrent use; one process
// writes at a time.
type Store struct {
	dir   string
	facts []Fact
	cfg   Config
	mu    sync.Mutex // held by the one that writes

	engines chan struct{} // a place for each engine that may be open at once
}

// New returns the store of the given facts in a folder, which is made when
// absent. It reads and writes nothing yet.
func New(dir string, facts []Fact, cfg Config) (*Store, error) {
	seen := map[string]bool{}
	for i := range facts {
		if err := facts[i].check(); err != nil {
			return nil, err
		}
		if seen[facts[i].Name] {
			return nil, fmt.Errorf("fact %s stands twice", facts[i].Name)
		}
		seen[facts[i].Name] = true
	}
	cfg = cfg.withDefaults()
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of facts: %w", err)
	}
	return &Store{dir: dir, facts: facts, cfg: cfg, engines: make(chan struct{}, maxEngines)}, nil
}

// Dir is the folder.
func (s *Store) Dir() string { return s.dir }

// Manifest returns the present state; one without facts before the first
// CatchUp.
func (s *Store) Manifest() (Manifest, error) { return readManifest(s.dir) }

// Verify reads every file of the present state again and compares it with its
// SHA-256. A missing or altered file is errs.Conflict.
func (s *Store) Verify(ctx context.Context) error {
	m, err := s.Manifest()
	if err != nil {
		return err
	}
	for _, f := range m.Facts {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum, _, err := HashFile(filepath.Join(s.dir, f.Path))
		if err != nil || sum != f.SHA256 {
			return errs.Wrap(err, errs.Conflict, "stats.damaged", errs.A{"file": f.Path})
		}
	}
	return nil
}

// HashFile returns the SHA-256 of a file, in hexadecimal, and its size.
func HashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}
