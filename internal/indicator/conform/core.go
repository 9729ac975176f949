package conform

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/internal/indicator"
)

// core makes the table of core publications as indicator.PrepareCore does,
// through a client that need not speak database/sql. The last two statements are
// one round of the loop over sources, and what reads its end.
func (r *run) core(ctx context.Context, spec indicator.Spec) error {
	steps, err := indicator.CoreStatements(spec, r.engine.Dialect())
	if err != nil {
		return err
	}
	last := len(steps) - 1
	if err := r.all(ctx, steps[:last-1]); err != nil {
		return err
	}
	for before := int64(-1); ; {
		kept, err := r.count(ctx, "core_kept")
		switch {
		case err != nil:
			return err
		case kept == before:
			return r.store(ctx, steps[last].Name, steps[last].SQL)
		}
		before = kept
		if err := r.store(ctx, "core_next", steps[last-1].SQL); err != nil {
			return err
		}
		if err := r.store(ctx, "core_kept", "SELECT source_id, works FROM core_next"); err != nil {
			return err
		}
	}
}

func (r *run) count(ctx context.Context, table string) (int64, error) {
	result, err := r.engine.Query(ctx, "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM "+table)
	if err != nil {
		return 0, fmt.Errorf("%s: count %s: %w", r.engine.Dialect(), table, err)
	}
	if len(result.Rows) == 1 && len(result.Rows[0]) == 1 {
		if n, ok := result.Rows[0][0].(int64); ok {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%s: count %s: no count came back", r.engine.Dialect(), table)
}
