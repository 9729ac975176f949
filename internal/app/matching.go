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
	a.following.Lock()
	defer a.following.Unlock()
	if err := a.searchable(ctx); err != nil {
		return fmt.Errorf("search index: %w", err)
	}
	if err := a.Match.CatchUp(ctx); err != nil {
		return fmt.Errorf("match: %w", err)
	}
	short, cancel := context.WithTimeout(ctx, encodePatience)
	defer cancel()
	if _, err := a.Match.EncodePending(short); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("vectors: %w", err)
	}
	return nil
}
