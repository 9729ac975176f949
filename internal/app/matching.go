package app

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// encodePatience is how long a command that matches waits for vectors: the
// table of words needs no more for a city's records, a model goes on in the
// server.
const encodePatience = 5 * time.Second

// ReadyToMatch brings the index and the room match to the state of the records,
// for a command that asks once and ends. Vectors that are not there in time
// are done without, and the answer says so.
func (a *App) ReadyToMatch(ctx context.Context) error {
	if err := a.followMatch(ctx); err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, encodePatience)
	defer cancel()
	if _, err := a.Match.EncodePending(short); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("vectors: %w", err)
	}
	return nil
}

// BuildVectors makes the vectors of all records that wait for one, however long
// that takes, and returns how many it made. [App.BuildIndex] comes first.
func (a *App) BuildVectors(ctx context.Context) (int, error) {
	if err := a.followMatch(ctx); err != nil {
		return 0, err
	}
	n, err := a.Match.EncodePending(ctx)
	if err != nil {
		return n, fmt.Errorf("vectors: %w", err)
	}
	return n, nil
}

// followMatch brings the index and the room match to the state of the records.
func (a *App) followMatch(ctx context.Context) error {
	a.following.Lock()
	defer a.following.Unlock()
	if err := a.searchable(ctx); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	if err := a.Match.CatchUp(ctx); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	return nil
}
