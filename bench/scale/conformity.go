package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// conformity computes everything on both engines and compares.
func conformity(ctx context.Context, o options) error {
	return o.beside(ctx, func(b *beside) error {
		if err := b.reference(ctx); err != nil {
			return err
		}
		took, err := conform.Run(ctx, b.cluster, o.spec(), indicator.AllUnits)
		if err != nil {
			return err
		}
		fmt.Printf("%s: %d statements in %.1f s\n", o.engine, len(took), total(took).Seconds())
		return b.compare(ctx)
	})
}

// beside is a cluster and the reference over one corpus.
type beside struct {
	o       *options
	dir     string
	corpus  corpus.Manifest
	duckdb  *conform.DuckDB
	cluster cluster
}

// beside opens both over each size in turn.
func (o *options) beside(ctx context.Context, do func(*beside) error) error {
	c, err := o.start(ctx)
	if err != nil {
		return err
	}
	defer c.stop()
	for _, works := range o.sizes {
		if err := o.one(ctx, c, works, do); err != nil {
			return fmt.Errorf("%d works: %w", works, err)
		}
	}
	return nil
}

func (o *options) one(ctx context.Context, c cluster, works int, do func(*beside) error) error {
	dir, err := o.corpusOf(ctx, works)
	if err != nil {
		return err
	}
	m, err := corpus.ReadManifest(dir)
	if err != nil {
		return err
	}
	duck, err := o.duckdb(ctx, dir)
	if err != nil {
		return err
	}
	defer duck.Close()
	if err := c.show(ctx, dir, m); err != nil {
		return err
	}
	fmt.Printf("\n%d works, %d authorships, %.1f MB of Parquet in %d files\n", m.Rows("work"), m.Rows("authorship"), megabytes(m), len(m.Files))
	return do(&beside{o: o, dir: dir, corpus: m, duckdb: duck, cluster: c})
}

func megabytes(m corpus.Manifest) float64 {
	var n int64
	for _, f := range m.Files {
		n += f.Bytes
	}
	return float64(n) / 1e6
}

func (b *beside) reference(ctx context.Context) error {
	took, err := conform.Run(ctx, b.duckdb, b.o.spec(), indicator.AllUnits)
	if err == nil {
		fmt.Printf("duckdb: %d statements in %.1f s\n", len(took), total(took).Seconds())
	}
	return err
}

func total(took []conform.Took) time.Duration {
	var sum time.Duration
	for _, t := range took {
		sum += t.Time
	}
	return sum
}

// perWork are the tables of one row per work, too long for a client to carry
// where there are millions.
func (b *beside) perWork(table string) bool {
	return !b.o.full && (table == "scored" || strings.HasPrefix(table, "part_"))
}

// compare prints what differs in the tables and in the indicators made from
// them; any difference is an error.
func (b *beside) compare(ctx context.Context) error {
	checked, err := conform.Check(ctx, b.duckdb, b.cluster, b.o.spec(), indicator.AllUnits, b.perWork)
	if err != nil {
		return err
	}
	for _, u := range indicator.AllUnits {
		for _, counting := range []indicator.Counting{indicator.Fractional, indicator.Full} {
			spec := b.o.spec()
			spec.Unit, spec.Counting = u, counting
			c, err := conform.CheckValues(ctx, b.duckdb, b.cluster, spec)
			if err != nil {
				return err
			}
			checked = append(checked, conform.Checked{Table: "values of " + string(u) + ", " + string(counting), Comparison: c})
		}
	}
	return b.verdict(checked)
}

func (b *beside) verdict(checked []conform.Checked) error {
	var sum conform.Comparison
	for _, c := range checked {
		sum.Rows, sum.Values, sum.Reals, sum.Exact, sum.Worst = sum.Rows+c.Rows, sum.Values+c.Values, sum.Reals+c.Reals, sum.Exact+c.Exact, max(sum.Worst, c.Worst)
		for _, d := range c.Differences {
			sum.Differences = append(sum.Differences, d)
			fmt.Printf("  %s: %s\n", c.Table, d)
		}
	}
	fmt.Printf("compared: %d tables and lists, %d rows, %d values, %d differences; of %d real numbers %d equal to the last bit, the worst %.1e apart (allowed %.0e)\n",
		len(checked), sum.Rows, sum.Values, len(sum.Differences), sum.Reals, sum.Exact, sum.Worst, conform.Tolerance)
	if len(sum.Differences) > 0 || sum.Rows == 0 {
		return fmt.Errorf("%s does not agree with DuckDB", b.o.engine)
	}
	return nil
}
