package stats

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// viewing bounds how many sessions over views are open at once, and so their
// memory.
var viewing = make(chan struct{}, maxEngines)

// OpenViews opens a session over named Parquet files, which it may read and
// nothing else. Where two are open already, it waits for one of them or for ctx.
func OpenViews(ctx context.Context, cfg Config, views []View) (*Session, error) {
	select {
	case viewing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s, err := openViews(ctx, cfg.withDefaults(), views)
	if err != nil {
		<-viewing
		return nil, err
	}
	return s, nil
}

func openViews(ctx context.Context, cfg Config, views []View) (*Session, error) {
	spill, err := os.MkdirTemp("", "kapok-views-")
	if err != nil {
		return nil, fmt.Errorf("make a folder to spill into: %w", err)
	}
	e, err := openEngine(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(spill))
	}
	s := &Session{engine: e, done: func() {
		_ = os.RemoveAll(spill) // a leftover is the system's to sweep
		<-viewing
	}}
	var files []string
	for _, v := range views {
		files = append(files, v.Files...)
	}
	err = e.confine(ctx, spill, files)
	for i := 0; err == nil && i < len(views); i++ {
		if !plainName.MatchString(views[i].Name) {
			err = fmt.Errorf("view %q: no plain name", views[i].Name)
			break
		}
		err = e.View(ctx, views[i])
	}
	if err != nil {
		return nil, errors.Join(err, e.Close(), os.RemoveAll(spill))
	}
	return s, nil
}
