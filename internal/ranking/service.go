package ranking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"sync"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/stats"
)

// Config says where corpora are and whose rankings these are.
type Config struct {
	Corpora  string // folder of the corpora
	Prepared string // folder of what is computed from them
	City     string // GB/T 2260 code: rows of this city are marked
	// Towns are the cities of the registry, which lend clusters their names; nil:
	// the names that the corpus gives stand alone.
	Towns func(ctx context.Context) ([]registry.Town, error)
	// Division names a division by its code; nil or an empty name: its code stands.
	Division func(ctx context.Context, code string) (i18n.Text, error)
	Stats    stats.Config
}

// Service answers rankings over the corpora of a folder. It is safe for
// concurrent use.
type Service struct {
	cfg       Config
	preparing sync.Mutex // held by the one that computes
	clusters  clusterCache
}

// New returns the service. It reads nothing yet.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Corpora lists the corpora, real ones first, then by name.
func (s *Service) Corpora(context.Context) ([]corpus.Manifest, error) {
	list, err := corpus.List(s.cfg.Corpora)
	slices.SortStableFunc(list, func(a, b corpus.Manifest) int {
		switch {
		case a.Simulated == b.Simulated:
			return 0
		case b.Simulated:
			return -1
		}
		return 1
	})
	return list, err
}

// Corpus returns one corpus; errs.NotFound when there is none of the name.
func (s *Service) Corpus(_ context.Context, name string) (corpus.Manifest, error) {
	if err := corpus.CheckName(name); err != nil {
		return corpus.Manifest{}, err
	}
	return corpus.ReadManifest(s.dir(name))
}

func (s *Service) dir(name string) string { return filepath.Join(s.cfg.Corpora, name) }

// content is a hash over the hashes of the files of a corpus: what was computed
// from it stands as long as that.
func content(m *corpus.Manifest) string {
	h := sha256.New()
	for _, f := range m.Files {
		h.Write([]byte(f.Table + " " + f.SHA256 + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
