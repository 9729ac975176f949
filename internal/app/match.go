package app

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"sync"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/gloss"
	"github.com/kapok-city/kapok/internal/termbase"
)

// buildMatch gives the index its translations and the room match its encoder.
func (a *App) buildMatch(ctx context.Context, log *slog.Logger) error {
	if err := a.glosses.follow(ctx, a.Terms); err != nil {
		return err
	}
	a.Index.SetGlosser(&a.glosses)
	enc, err := a.openEncoder()
	if err != nil {
		return err
	}
	a.Match = match.New(match.Config{
		DB: a.DB, Index: a.Index, Load: a.document, All: a.documents, Transfer: a.Transfer, Encoder: enc, Viewer: a.viewerOf, Log: log,
	})
	return nil
}

// openEncoder returns the encoder in use: a service named by the environment,
// else the model that was added, else the table of word vectors that comes with
// the program.
func (a *App) openEncoder() (encoder.Encoder, error) {
	if cfg, ok := encoder.HTTPFromEnv(os.Getenv); ok {
		e, err := encoder.NewHTTP(cfg)
		if err != nil {
			return nil, err
		}
		return encoder.Cached(e, a.Config.VectorsDir()), nil
	}
	e, err := encoder.Open(a.Config.EncoderDir())
	switch {
	case err == nil:
		return encoder.Cached(e, a.Config.VectorsDir()), nil
	case errs.KindOf(err) != errs.NotFound:
		return nil, err
	}
	words, err := data.FS.Open(data.WordVectors)
	if err != nil {
		return nil, fmt.Errorf("bundled word vectors: %w", err)
	}
	defer words.Close()
	return encoder.NewTable(words, &a.glosses)
}

// viewerOf is what a user may see today.
func (a *App) viewerOf(ctx context.Context, id string) (level.Viewer, error) {
	u, err := a.Accounts.Get(ctx, id)
	if errs.KindOf(err) == errs.NotFound {
		return level.Viewer{User: id}, nil
	}
	return account.ViewerOf(&u), err
}

// glosses translates with the city's termbase, or the bundled terms where the
// city keeps none, and with the dictionary. The table is made when a text is
// first translated: most commands never do.
type glosses struct {
	mu      sync.Mutex
	terms   []gloss.Term
	version string
	table   *gloss.Table
}

// follow takes the terms as they are now.
func (g *glosses) follow(ctx context.Context, terms *termbase.Service) error {
	now, err := terms.Version(ctx)
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.version == now {
		return nil
	}
	rows, err := terms.Glosses(ctx)
	if err != nil {
		return err
	}
	g.terms, g.version, g.table = rows, now, nil
	return nil
}

// get returns the table. Its files are part of the program, and tested, so that
// an error would be a fault of the build.
func (g *glosses) get() *gloss.Table {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.table != nil {
		return g.table
	}
	terms, err := g.terms, error(nil)
	if len(terms) == 0 {
		terms, err = gloss.BundledTerms()
	}
	words, err2 := gloss.BundledDictionary()
	if err = errors.Join(err, err2); err != nil {
		panic(err)
	}
	g.table = gloss.New(terms, words)
	return g.table
}

// Gloss implements [search.Glosser].
func (g *glosses) Gloss(text string) []search.Gloss { return g.get().Gloss(text) }

// Version implements [search.Glosser] without making the table: it names the
// state of the terms and the files.
func (g *glosses) Version() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.version + "/" + bundledWords()
}

// bundledWords tells the words that come with this program from those of
// another release.
var bundledWords = sync.OnceValue(func() string {
	h := fnv.New64a()
	err := fs.WalkDir(data.FS, data.Terms, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return hashFile(h, path)
	})
	if err = errors.Join(err, hashFile(h, data.Dictionary)); err != nil {
		panic(err)
	}
	return strconv.FormatUint(h.Sum64(), 36)
})

func hashFile(h io.Writer, path string) error {
	raw, err := data.FS.ReadFile(path)
	if err == nil {
		_, err = h.Write(raw)
	}
	return err
}

// Cover says how much of a text the terms and the dictionary know.
func (a *App) Cover(ctx context.Context, text string) (gloss.Coverage, error) {
	if err := a.glosses.follow(ctx, a.Terms); err != nil {
		return gloss.Coverage{}, err
	}
	return a.glosses.get().Cover(text), nil
}
