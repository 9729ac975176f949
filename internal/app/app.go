package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/edition"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ingest"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/ranking"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/stats"
	"github.com/kapok-city/kapok/internal/termbase"
	"github.com/kapok-city/kapok/internal/transfer"
)

// App is the whole program over one database.
type App struct {
	Config      Config
	Log         *slog.Logger
	DB          *db.DB
	Accounts    *account.Service
	Registry    *registry.Service
	Observatory *observatory.Service
	Editions    *edition.Service
	Rankings    *ranking.Service
	Releases    *release.Service
	Ingest      *ingest.Service
	Transfer    *transfer.Service
	Terms       *termbase.Service
	Match       *match.Service
	Ledger      *ledger.Ledger
	Cases       *casework.Service
	Funds       *fund.Service
	Pools       *pool.Service
	Capital     *capital.Service
	Index       *search.Index

	following sync.Mutex // held while derived state catches up
	book      book
	glosses   glosses
	reindex   atomic.Bool // the index holds what it must hold anew
	making    atomic.Bool // a city is being made up: what is derived waits
}

// Open opens the program over the database of cfg. An empty database is
// migrated; one of an older schema is refused, because bringing it forward is
// the operator's decision (kapok migrate), and one of a newer schema is refused
// by the database itself.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	cfg = cfg.withDefaults()
	d, err := OpenDatabase(ctx, cfg)
	if err != nil {
		return nil, err
	}
	a, err := build(ctx, cfg, d, log)
	if err != nil {
		_ = d.Close() // the first error is the one to report
		return nil, err
	}
	return a, nil
}

func build(ctx context.Context, cfg Config, d *db.DB, log *slog.Logger) (*App, error) {
	if err := ready(ctx, d); err != nil {
		return nil, err
	}
	a := &App{Config: cfg, Log: log, DB: d, Index: openIndex(ctx, cfg, d, log)}
	a.Accounts = account.New(d, account.Options{})
	a.Registry = registry.New(d)
	facts, err := factStore(cfg)
	if err != nil {
		return nil, err
	}
	a.Observatory = observatory.New(d, facts, observatory.Config{City: cfg.City})
	a.Editions = edition.New(d)
	a.Rankings = ranking.New(ranking.Config{Corpora: cfg.CorporaDir(), Prepared: cfg.PreparedDir(), City: cfg.City, Towns: a.towns, Division: a.divisionName})
	a.Releases = release.New(d, a.Observatory, cfg.ReleasesDir())
	a.Ingest = ingest.New(d, a.Registry)
	a.Transfer = transfer.New(d)
	a.Terms = termbase.New(d)
	if err := a.buildFinance(); err != nil {
		return nil, err
	}
	if err := a.buildMatch(ctx, log); err != nil {
		return nil, err
	}
	return a, nil
}

// divisionName names a division as it is today, or as it last was.
func (a *App) divisionName(ctx context.Context, code string) (i18n.Text, error) {
	v, err := a.Registry.Division(ctx, code, "")
	if errs.KindOf(err) == errs.NotFound {
		return i18n.Text{}, nil
	}
	return v.Name, err
}

func factStore(cfg Config) (*stats.Store, error) {
	return stats.New(cfg.FactsDir(), observatory.Facts(), stats.Config{})
}

// VerifyFacts reads the facts of cfg again and compares them with their
// manifest; it returns how many files there are.
func VerifyFacts(ctx context.Context, cfg Config) (int, error) {
	facts, err := factStore(cfg.withDefaults())
	if err != nil {
		return 0, err
	}
	m, err := facts.Manifest()
	if err != nil {
		return 0, err
	}
	return len(m.Facts), facts.Verify(ctx)
}

// ready brings an empty database to the schema of this program and refuses any
// other schema.
func ready(ctx context.Context, d *db.DB) error {
	found, known, err := d.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case found == known:
		return nil
	case found != 0 && found < known:
		return errs.New(errs.Conflict, "app.older_schema", errs.A{"found": found, "known": known})
	}
	_, err = d.Migrate(ctx)
	return err
}

// Close keeps the search index for the next start and ends the program.
func (a *App) Close() error { return errors.Join(a.keepIndex(context.Background()), a.DB.Close()) }

// CatchUp brings what is derived from the records to their present state: the
// search index, the facts and the computed figures. Two calls at a time wait
// for each other.
func (a *App) CatchUp(ctx context.Context) error {
	a.following.Lock()
	defer a.following.Unlock()
	if err := a.searchable(ctx); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	if err := a.Match.CatchUp(ctx); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	if _, err := a.Observatory.Compute(ctx); err != nil {
		return fmt.Errorf("figures: %w", err)
	}
	if err := a.followPapers(ctx); err != nil {
		return fmt.Errorf("corpus of papers: %w", err)
	}
	// Catching up needs far more memory than serving does; a server on a small
	// box gives it back at once.
	debug.FreeOSMemory()
	return a.DB.Shrink(ctx)
}
