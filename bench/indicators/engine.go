//go:build ignore

// Engine makes a simulated world, or computes all indicators of organisations
// by field and year over it:
//
//	go run engine.go make  CORPUS WORKS
//	go run engine.go kapok CORPUS OUT.parquet   package indicator
//	go run engine.go bare  CORPUS OUT.parquet   bare.sql in the same DuckDB
//
// The last line of the output: seconds, peak resident memory in MB, seconds of
// processor time.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/stats"
)

func main() {
	if len(os.Args) != 4 {
		fail(errors.New("usage: engine make|kapok|bare CORPUS WORKS|OUT"))
	}
	dir, err := filepath.Abs(os.Args[2])
	fail(err)
	begun := time.Now()
	switch os.Args[1] {
	case "make":
		var works int
		works, err = strconv.Atoi(os.Args[3])
		if err == nil {
			_, err = world.Make(context.Background(), dir, world.Options{Works: works, Seed: 1}, nil)
		}
	case "kapok":
		err = over(dir, os.Args[3], kapok)
	case "bare":
		err = over(dir, os.Args[3], bare)
	default:
		err = fmt.Errorf("no such thing: %s", os.Args[1])
	}
	fail(err)
	var use syscall.Rusage
	fail(syscall.Getrusage(syscall.RUSAGE_SELF, &use))
	cpu := time.Duration(use.Utime.Nano() + use.Stime.Nano())
	fmt.Printf("%.2f %d %.2f\n", time.Since(begun).Seconds(), use.Maxrss/1024, cpu.Seconds())
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// over computes in a DuckDB that shows the corpus and writes beside the output.
func over(dir, out string, compute func(ctx context.Context, m corpus.Manifest, dir, out string) error) error {
	m, err := corpus.ReadManifest(dir)
	if err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	return compute(context.Background(), m, dir, out)
}

func open(ctx context.Context, dir, out string, views []stats.View) (*stats.Engine, error) {
	memory, _ := strconv.Atoi(os.Getenv("MEMORY_MB"))
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: filepath.Dir(out), Read: []string{dir}, MemoryMB: max(memory, 1), Threads: 2})
	if err != nil {
		return nil, err
	}
	for _, v := range views {
		if err := e.View(ctx, v); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

// kapok prepares, then asks for the values in a DuckDB of its own, as readers do.
func kapok(ctx context.Context, m corpus.Manifest, dir, out string) error {
	spec := indicator.Spec{Unit: indicator.Organisation, From: m.From, To: m.To, By: []indicator.Dimension{indicator.ByField, indicator.ByYear}}
	folder := strings.TrimSuffix(out, ".parquet")
	e, err := open(ctx, dir, out, m.Views(dir))
	if err != nil {
		return err
	}
	p, err := indicator.Prepare(ctx, e, folder, spec)
	if err = errors.Join(err, e.Close()); err != nil {
		return err
	}
	if e, err = open(ctx, dir, out, append(m.Views(dir), p.Views(folder)...)); err != nil {
		return err
	}
	defer e.Close()
	steps, err := indicator.Statements(spec, indicator.DuckDB)
	if err != nil {
		return err
	}
	values := steps[len(steps)-1].SQL
	_, err = e.Copy(ctx, `SELECT CAST(id AS BIGINT) AS unit, field, year, p, share, tcs, ncs / base AS mncs,
		top1 AS p_top1, top1 / base AS pp_top1, top10 AS p_top10, top10 / base AS pp_top10, top50 AS p_top50, top50 / base AS pp_top50,
		collab AS p_collab, int_collab AS p_int_collab, industry AS p_industry, short_dist AS p_short_dist, long_dist AS p_long_dist FROM (`+values+`)`, out)
	return err
}

func bare(ctx context.Context, m corpus.Manifest, dir, out string) error {
	text, err := os.ReadFile("bare.sql")
	if err != nil {
		return err
	}
	e, err := open(ctx, dir, out, m.Views(dir))
	if err != nil {
		return err
	}
	defer e.Close()
	if _, err := e.Exec(ctx, string(text)); err != nil {
		return err
	}
	_, err = e.Copy(ctx, "FROM result", out)
	return err
}
