package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// slope measures both engines at each size and prints how time grows.
func slope(ctx context.Context, o options) error {
	type measured struct {
		works        int
		mb           float64
		duck, engine time.Duration
	}
	var all []measured
	err := o.beside(ctx, func(b *beside) error {
		duck, err := conform.Run(ctx, b.duckdb, o.spec(), indicator.AllUnits)
		if err != nil {
			return err
		}
		engine, err := conform.Run(ctx, b.cluster, o.spec(), indicator.AllUnits)
		if err != nil {
			return err
		}
		for i, t := range engine {
			fmt.Printf("  %-22s duckdb %7.2f s  %s %7.2f s\n", t.Name, duck[i].Time.Seconds(), o.engine, t.Time.Seconds())
		}
		fmt.Printf("memory at its peak: %s\n", b.cluster.peak())
		all = append(all, measured{int(b.corpus.Rows("work")), megabytes(b.corpus), total(duck), total(engine)})
		return b.compare(ctx)
	})
	fmt.Printf("\n%12s %10s %10s %10s %8s %14s %14s\n", "works", "Parquet MB", "duckdb s", o.engine+" s", "ratio", "duckdb growth", o.engine+" growth")
	for i, m := range all {
		growth := "             -              -"
		if i > 0 {
			growth = fmt.Sprintf("%14.1f %14.1f", m.duck.Seconds()/all[i-1].duck.Seconds(), m.engine.Seconds()/all[i-1].engine.Seconds())
		}
		fmt.Printf("%12d %10.1f %10.1f %10.1f %8.1f %s\n", m.works, m.mb, m.duck.Seconds(), m.engine.Seconds(), m.engine.Seconds()/m.duck.Seconds(), growth)
	}
	return err
}
