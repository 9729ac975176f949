package indicator

import (
	"context"

	"github.com/kapok-city/kapok/internal/stats"
)

// PrepareCore is written next.
func PrepareCore(ctx context.Context, eng *stats.Engine, spec Spec) error { return nil }
