package app

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// The corpora of the demo city.
const (
	PapersCorpus  = "papers"     // the papers of the registry; follows it
	PatentsCorpus = "us-patents" // places of inventors, real
	WorldCorpus   = "world"      // simulated
)

// demoWorks is the size of the simulated world: large enough for rankings that
// say something, made in a second or two.
const (
	demoWorks = 12_000
	demoSeed  = 2024
)

// LoadCorpora makes the corpora of the bundled city that are not there yet:
// its papers, the places of US patents, and a simulated world. done is called
// after each.
func (a *App) LoadCorpora(ctx context.Context, city data.City, done func(corpus.Manifest)) error {
	for _, c := range []struct {
		name string
		make func(context.Context) (corpus.Manifest, error)
	}{
		{PapersCorpus, a.importPapers},
		{PatentsCorpus, func(ctx context.Context) (corpus.Manifest, error) { return a.importPlaces(ctx, city) }},
		{WorldCorpus, a.simulate},
	} {
		m, err := a.Rankings.Corpus(ctx, c.name)
		if errs.KindOf(err) == errs.NotFound {
			m, err = c.make(ctx)
		}
		if err != nil {
			return fmt.Errorf("corpus %s: %w", c.name, err)
		}
		if m.Rows("work") > 0 {
			if err := a.Rankings.Prepare(ctx, c.name, stats.Config{}); err != nil {
				return fmt.Errorf("corpus %s: %w", c.name, err)
			}
		}
		done(m)
	}
	return nil
}

// papersFollower is the name of the cursor up to which the corpus of papers
// shows the records.
const papersFollower = "corpus.papers"

// importPapers makes the corpus of the papers that are registered.
func (a *App) importPapers(ctx context.Context) (corpus.Manifest, error) {
	head, err := change.Head(ctx, a.DB)
	if err != nil {
		return corpus.Manifest{}, err
	}
	m, err := corpus.ImportRegistry(ctx, corpus.Import{
		Root: a.Config.CorporaDir(), Name: PapersCorpus, Now: a.DB.Now(),
		Title:         i18n.Text{ZH: "本系统登记的论文", EN: "Papers registered here"},
		Organisations: &corpus.Organisations{Service: a.Registry, DB: a.DB},
	})
	if err != nil {
		return m, err
	}
	return m, a.DB.InTx(ctx, func(tx *db.Tx) error { return change.SetCursor(ctx, tx, papersFollower, head) })
}

// followPapers makes the corpus of papers again when papers, or what their
// affiliations lead to, have changed since. One that was removed stays away.
func (a *App) followPapers(ctx context.Context) error {
	if _, err := a.Rankings.Corpus(ctx, PapersCorpus); err != nil {
		if errs.KindOf(err) == errs.NotFound {
			return nil
		}
		return err
	}
	touched, err := a.papersTouched(ctx)
	if err != nil || !touched {
		return err
	}
	if _, err := a.importPapers(ctx); err != nil {
		return err
	}
	return a.Rankings.Prepare(ctx, PapersCorpus, stats.Config{})
}

// papersTouched looks through the changes since the cursor.
func (a *App) papersTouched(ctx context.Context) (bool, error) {
	seq, err := change.Cursor(ctx, a.DB, papersFollower)
	for err == nil {
		var part []change.Entry
		if part, err = change.After(ctx, a.DB, seq, changesAtOnce); len(part) == 0 {
			break
		}
		if slices.ContainsFunc(part, func(e change.Entry) bool { return slices.Contains(behindPapers, e.Kind) }) {
			return true, nil
		}
		seq = part[len(part)-1].Seq
	}
	return false, err
}

const changesAtOnce = 1000

// behindPapers are the kinds of record that a corpus of papers shows.
var behindPapers = []string{registry.KindPaper, registry.KindOrg, registry.KindRelation, registry.KindDivision}

// importPlaces makes the corpus of the bundled patent places.
func (a *App) importPlaces(ctx context.Context, city data.City) (corpus.Manifest, error) {
	raw, err := fs.ReadFile(data.FS, city.Path(data.PatentPlaces))
	if err != nil {
		return corpus.Manifest{}, err
	}
	dir, err := os.MkdirTemp("", "kapok-places-")
	if err != nil {
		return corpus.Manifest{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover is the system's to sweep
	path := filepath.Join(dir, string(data.PatentPlaces))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return corpus.Manifest{}, err
	}
	origin, err := source.Get(ctx, a.DB, "patentworld-2026-02")
	if err != nil {
		return corpus.Manifest{}, err
	}
	return corpus.ImportPatents(ctx, corpus.Import{
		Root: a.Config.CorporaDir(), Name: PatentsCorpus, Now: a.DB.Now(), Paths: []string{path}, Source: origin,
		Title: i18n.Text{ZH: "美国授权专利的发明人所在地", EN: "Places of inventors of granted US patents"},
	})
}

func (a *App) simulate(ctx context.Context) (corpus.Manifest, error) {
	return world.Make(ctx, filepath.Join(a.Config.CorporaDir(), WorldCorpus), world.Options{Works: demoWorks, Seed: demoSeed, References: true, CreatedAt: a.DB.Now()}, nil)
}
