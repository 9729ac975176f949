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

// compare prints what differs; any difference is an error.
func (b *beside) compare(ctx context.Context) error {
	checked, err := conform.Check(ctx, b.duckdb, b.cluster, b.o.spec(), indicator.AllUnits, b.perWork)
	if err != nil {
		return err
	}
	wrong, rows, values, reals, exact, worst := 0, 0, 0, 0, 0, 0.0
	for _, c := range checked {
		rows, values, reals, exact, worst = rows+c.Rows, values+c.Values, reals+c.Reals, exact+c.Exact, max(worst, c.Worst)
		wrong += len(c.Differences)
		for _, d := range c.Differences {
			fmt.Printf("  %s: %s\n", c.Table, d)
		}
	}
	fmt.Printf("%d tables, %d rows, %d values: counts and texts equal in all rows matched; of %d real numbers %d equal to the last bit, the worst %.1e apart (allowed %.0e)\n",
		len(checked), rows, values, reals, exact, worst, conform.Tolerance)
	if wrong > 0 || rows == 0 {
		return fmt.Errorf("%s does not agree with DuckDB", b.o.engine)
	}
	return nil
}
