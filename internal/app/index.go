package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/search"
)

// place is where in the log of changes a kept index stands. The hash of the
// entry tells another database, or one restored from a backup, from the one that
// was indexed.
type place struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

const placeFile = "place.json"

// openIndex returns the index kept by an earlier run where it is whole and of
// this database; otherwise an empty one, which the first search fills.
func openIndex(ctx context.Context, cfg Config, d *db.DB, logger *slog.Logger) *search.Index {
	x, err := search.Load(cfg.IndexDir())
	if err == nil {
		err = sameLog(ctx, cfg.IndexDir(), d, x.Seq())
	}
	if err == nil {
		return x
	}
	if !errors.Is(err, fs.ErrNotExist) && errs.KindOf(err) != errs.NotFound {
		logger.Warn("the kept search index is not used and is built anew", "error", err)
	}
	return search.New()
}

// sameLog checks that the index was made from this database's log.
func sameLog(ctx context.Context, dir string, d *db.DB, seq int64) error {
	raw, err := os.ReadFile(filepath.Join(dir, placeFile))
	if err != nil {
		return err
	}
	var p place
	if err := json.Unmarshal(raw, &p); err != nil {
		return fmt.Errorf("read %s: %w", placeFile, err)
	}
	now, err := placeAt(ctx, d, seq)
	if err == nil && p != now {
		err = errs.New(errs.Conflict, "app.index_of_another", errs.A{"folder": dir})
	}
	return err
}

func placeAt(ctx context.Context, d *db.DB, seq int64) (place, error) {
	part, err := change.After(ctx, d, seq-1, 1)
	if err != nil || len(part) == 0 || part[0].Seq != seq {
		return place{Seq: seq}, err
	}
	return place{seq, part[0].Hash}, nil
}

// keepIndex writes the index for the next start, unless it is as it was.
func (a *App) keepIndex(ctx context.Context) error {
	dir, seq := a.Config.IndexDir(), a.Index.Seq()
	if seq == 0 || sameLog(ctx, dir, a.DB, seq) == nil && !a.Index.Stale() {
		return nil
	}
	p, err := placeAt(ctx, a.DB, seq)
	if err != nil {
		return err
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("folder of the search index: %w", err)
	}
	// Without its place a half-written index is not used.
	if err := os.Remove(filepath.Join(dir, placeFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace the search index: %w", err)
	}
	if err := a.Index.Save(dir); err != nil {
		return fmt.Errorf("keep the search index: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, placeFile), raw, 0o600)
}

// searchable brings the index to the state of the records. One that is empty,
// or whose words were translated by an older termbase, is filled anew.
func (a *App) searchable(ctx context.Context) error {
	if err := a.glosses.follow(ctx, a.Terms); err != nil {
		return err
	}
	if a.Index.Seq() == 0 || a.Index.Stale() {
		a.reindex.Store(true)
	} else if err := a.Index.CatchUp(ctx, a.DB, a.document); err != nil {
		return err
	}
	if !a.reindex.CompareAndSwap(true, false) {
		return nil
	}
	err := a.Index.Rebuild(ctx, a.DB, a.documents(ctx))
	if err != nil {
		a.reindex.Store(true)
	}
	return err
}

// BuildIndex builds the search index from zero and keeps it.
func (a *App) BuildIndex(ctx context.Context) error {
	a.following.Lock()
	defer a.following.Unlock()
	a.reindex.Store(true)
	if err := a.searchable(ctx); err != nil {
		return err
	}
	return a.keepIndex(ctx)
}

// VerifyIndex reads the kept index again and holds it against its checksums and
// the log of changes of the database.
func VerifyIndex(ctx context.Context, cfg Config, d *db.DB) (search.Report, error) {
	dir := cfg.withDefaults().IndexDir()
	r, err := search.Verify(dir)
	if err == nil {
		err = sameLog(ctx, dir, d, r.Seq)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errs.Wrap(err, errs.NotFound, "app.no_index", errs.A{"folder": dir})
	}
	return r, err
}

// Search answers a query after the index has caught up with the records.
func (a *App) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if err := a.searchable(ctx); err != nil {
		return search.Result{}, err
	}
	return a.Index.Search(q), nil
}

// Explain says of documents that a search has just found which terms found them.
func (a *App) Explain(_ context.Context, q search.Query, keys []search.Key) ([]search.Account, error) {
	return a.Index.Explain(q, keys), nil
}
