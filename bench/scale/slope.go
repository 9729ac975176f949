package main

import (
	"context"
	"fmt"
	"time"

	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// measured is one size on both engines: wall clock, and processor time, which
// another program on the machine does not lengthen.
type measured struct {
	works              int64
	mb                 float64
	duck, engine       time.Duration
	duckCPU, engineCPU time.Duration
}

// slope measures both engines at each size and prints how time grows.
func slope(ctx context.Context, o options) error {
	var all []measured
	err := o.beside(ctx, func(b *beside) error {
		m, err := b.measure(ctx)
		if err != nil {
			return err
		}
		all = append(all, m)
		fmt.Printf("memory at its peak: %s\n", b.cluster.peak())
		return b.compare(ctx)
	})
	fmt.Printf("\n%12s %10s | %9s %9s %7s | %9s %9s %7s | %s\n", "works", "Parquet MB", "duckdb s", "CPU s", "growth", o.engine+" s", "CPU s", "growth", "ratio of CPU")
	for i, m := range all {
		before := m
		if i > 0 {
			before = all[i-1]
		}
		fmt.Printf("%12d %10.1f | %9.1f %9.1f %7.1f | %9.1f %9.1f %7.1f | %.1f\n", m.works, m.mb,
			m.duck.Seconds(), m.duckCPU.Seconds(), over(m.duckCPU, before.duckCPU),
			m.engine.Seconds(), m.engineCPU.Seconds(), over(m.engineCPU, before.engineCPU), over(m.engineCPU, m.duckCPU))
	}
	return err
}

func over(a, b time.Duration) float64 { return a.Seconds() / max(b.Seconds(), 0.01) }

func (b *beside) measure(ctx context.Context) (measured, error) {
	m := measured{works: b.corpus.Rows("work"), mb: megabytes(b.corpus)}
	own := ownCPU()
	duck, err := conform.Run(ctx, b.duckdb, b.o.spec(), indicator.AllUnits)
	if err != nil {
		return m, err
	}
	m.duck, m.duckCPU = total(duck), ownCPU()-own
	servers := b.cluster.cpu()
	engine, err := conform.Run(ctx, b.cluster, b.o.spec(), indicator.AllUnits)
	if err != nil {
		return m, err
	}
	m.engine, m.engineCPU = total(engine), b.cluster.cpu()-servers
	for i, t := range engine {
		fmt.Printf("  %-22s duckdb %7.2f s  %s %7.2f s\n", t.Name, duck[i].Time.Seconds(), b.o.engine, t.Time.Seconds())
	}
	return m, nil
}
