package indicator

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/internal/db"
)

// CoreStatements returns the steps that find the core publications, but for the
// loop of step 7, which [PrepareCore] runs.
func CoreStatements(spec Spec, d Dialect) ([]Statement, error) {
	spec, err := spec.complete()
	if err != nil {
		return nil, err
	}
	var steps []Statement
	for _, s := range [][2]string{
		{"core_candidate", "core_candidate"}, {"core_country", "core_country"}, {"core_profile", "core_profile"}, {"core_distance", "core_distance"},
		{"core_reference", "core_reference"}, {"core_kept", "core_first"}, {"core_kept", "core_round"}, {"core_work", "core_work"},
	} {
		st := step(&spec, s[0], s[1])
		st.SQL = d.Rewrite(st.SQL)
		steps = append(steps, st)
	}
	return steps, nil
}

// PrepareCore makes the table core_work on an engine that shows a corpus, by the
// seven steps of the Leiden Ranking Open Edition (CWTS, 2025). Retracted works
// are left out later, with all others. Step 7 goes round until the kept sources
// stay the same; each round can only drop some, so it ends.
func PrepareCore(ctx context.Context, q db.Querier, d Dialect, spec Spec) error {
	steps, err := CoreStatements(spec, d)
	if err != nil {
		return err
	}
	store := func(table, query string) error {
		if _, err := q.Exec(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
			return fmt.Errorf("compute %s: %w", table, err)
		}
		if _, err := q.Exec(ctx, d.Store(table, query)); err != nil {
			return fmt.Errorf("compute %s: %w", table, err)
		}
		return nil
	}
	for _, s := range steps[:6] {
		if err := store(s.Name, s.SQL); err != nil {
			return err
		}
	}
	for before := int64(-1); ; {
		kept, _, err := db.Value[int64](ctx, q, "SELECT COUNT(*) FROM core_kept")
		if err != nil || kept == before {
			if err == nil {
				err = store(steps[7].Name, steps[7].SQL)
			}
			return err
		}
		before = kept
		if err := store("core_next", steps[6].SQL); err != nil {
			return err
		}
		if err := store("core_kept", "SELECT source_id, works FROM core_next"); err != nil {
			return err
		}
	}
}
