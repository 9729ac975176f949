package cli

import (
	"context"
	"errors"

	"github.com/kapok-city/kapok/internal/app"
)

// withApp opens the program, runs fn and closes it.
func (s *session) withApp(ctx context.Context, cfg app.Config, fn func(*app.App) error) error {
	a, err := app.Open(ctx, cfg, s.log)
	if err != nil {
		return err
	}
	return errors.Join(fn(a), a.Close())
}
