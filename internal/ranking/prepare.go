package ranking

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/stats"
)

// atOnce is how many works a corpus may have to be prepared while a reader
// waits; a larger one is prepared by whoever imports it.
const atOnce = 200_000

// prepared is a corpus with the folder of what was computed from it.
type prepared struct {
	manifest corpus.Manifest
	dir      string
	indicator.Prepared
	at time.Time
}

// units are all that a corpus is prepared for, beside the world.
var units = []indicator.Unit{indicator.Organisation, indicator.City, indicator.District, indicator.Country}

// Prepare computes what the tables of a corpus rest on, unless that stands
// already for its present content and the present methods. It reads every work.
// cfg bounds what it may use; the zero value leaves the service's own bounds.
func (s *Service) Prepare(ctx context.Context, name string, cfg stats.Config) error {
	m, err := s.Corpus(ctx, name)
	if err != nil {
		return err
	}
	s.preparing.Lock()
	defer s.preparing.Unlock()
	if cfg == (stats.Config{}) {
		cfg = s.cfg.Stats
	}
	_, err = s.prepare(ctx, m, cfg)
	return err
}

// ready returns the prepared tables of a corpus, and computes them when the
// corpus is small.
func (s *Service) ready(ctx context.Context, name string) (prepared, error) {
	m, err := s.Corpus(ctx, name)
	if err != nil {
		return prepared{}, err
	}
	if p, err := s.standing(&m); errs.KindOf(err) != errs.NotFound {
		return p, err
	}
	if m.Rows("work") == 0 {
		return prepared{}, errs.New(errs.NotFound, "ranking.no_works", errs.A{"corpus": name})
	}
	if m.Rows("work") > atOnce {
		return prepared{}, errs.New(errs.Unavailable, "ranking.not_prepared", errs.A{"corpus": name})
	}
	s.preparing.Lock()
	defer s.preparing.Unlock()
	return s.prepare(ctx, m, s.cfg.Stats)
}

func (s *Service) standing(m *corpus.Manifest) (prepared, error) {
	dir := filepath.Join(s.cfg.Prepared, m.Name, content(m))
	p, err := indicator.ReadPrepared(dir)
	if err != nil {
		return prepared{}, err
	}
	method, err := indicator.Method(p.Spec)
	if err == nil && method != p.Method {
		err = errs.New(errs.NotFound, "ranking.not_prepared", errs.A{"corpus": m.Name})
	}
	info, staterr := os.Stat(dir)
	if err = errors.Join(err, staterr); err != nil {
		return prepared{}, err
	}
	return prepared{manifest: *m, dir: dir, Prepared: p, at: info.ModTime().UTC()}, nil
}

func (s *Service) prepare(ctx context.Context, m corpus.Manifest, cfg stats.Config) (prepared, error) {
	if p, err := s.standing(&m); errs.KindOf(err) != errs.NotFound {
		return p, err // another has done it meanwhile
	}
	root, err := filepath.Abs(filepath.Join(s.cfg.Prepared, m.Name))
	if err != nil {
		return prepared{}, err
	}
	dir := filepath.Join(root, content(&m))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return prepared{}, err
	}
	corpusDir, err := filepath.Abs(s.dir(m.Name))
	if err != nil {
		return prepared{}, err
	}
	eng, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir, Read: []string{corpusDir}, MemoryMB: cfg.MemoryMB, Threads: cfg.Threads})
	if err != nil {
		return prepared{}, err
	}
	defer eng.Close()
	for _, v := range m.Views(corpusDir) {
		if err := eng.View(ctx, v); err != nil {
			return prepared{}, err
		}
	}
	spec, err := specOf(ctx, eng, &m)
	if err != nil {
		return prepared{}, err
	}
	if _, err := indicator.Prepare(ctx, eng, dir, spec, units...); err != nil {
		return prepared{}, err
	}
	s.sweep(root, filepath.Base(dir))
	return s.standing(&m)
}

// specOf is what a corpus is prepared for: all its years, and the types of
// document that it is about. Papers of the registry are preprints for the most
// part, so all its types count.
func specOf(ctx context.Context, q db.Querier, m *corpus.Manifest) (indicator.Spec, error) {
	spec := indicator.Spec{Unit: indicator.Organisation, From: m.From, To: m.To}
	if m.Kind != corpus.Registry {
		return spec, nil
	}
	types, err := db.Collect(ctx, q, func(s db.Scan) (t string, err error) { return t, s(&t) },
		"SELECT DISTINCT type FROM work WHERE type IS NOT NULL ORDER BY type")
	spec.Types = types
	return spec, err
}

// sweep removes what was prepared for an earlier content. What it cannot
// remove it leaves to the next one.
func (s *Service) sweep(root, keep string) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != keep {
			_ = os.RemoveAll(filepath.Join(root, e.Name()))
		}
	}
}

// open shows the corpus and what was prepared from it to SQL.
func (s *Service) open(ctx context.Context, p *prepared) (*stats.Session, error) {
	corpusDir, err := filepath.Abs(s.dir(p.manifest.Name))
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(p.dir)
	if err != nil {
		return nil, err
	}
	return stats.OpenViews(ctx, s.cfg.Stats, slices.Concat(p.manifest.Views(corpusDir), p.Views(dir)))
}
