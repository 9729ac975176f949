// Command scale runs the indicator statements on a cluster beside the embedded
// DuckDB, over the same Parquet files, on this machine alone.
//
//	scale conform  -engine trino   all statements on both, every kept value compared
//	scale loss     -engine trino   the same, with one worker killed in mid-query
//	scale slope    -sizes 100000,1000000   time and memory by size, as a table
//
// The engine must have been installed by install.sh. All processes run on the
// loopback address and end with this program. run.sh does everything in order.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
	"github.com/kapok-city/kapok/internal/stats"
)

// options are the flags of all commands.
type options struct {
	engine  string
	home    string // where install.sh put the engines, and scratch
	sizes   []int
	workers int
	heapMB  int
	core    bool
	policy  string
	victim  string
	full    bool
	attach  string
}

func main() {
	runtime.LockOSThread() // children die with the thread that started them
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = fmt.Errorf("%w (%w)", err, cause)
		}
		fmt.Fprintln(os.Stderr, "scale:", err)
		stop()
		os.Exit(1) //nolint:gocritic // the only deferred call was made
	}
}

func run(ctx context.Context, args []string) error {
	commands := map[string]func(context.Context, options) error{"conform": conformity, "loss": loss, "slope": slope}
	if len(args) == 0 || commands[args[0]] == nil {
		return errors.New("usage: scale conform|loss|slope [flags]")
	}
	o, err := parse(args[0], args[1:])
	if err != nil {
		return err
	}
	return commands[args[0]](ctx, o)
}

func parse(command string, args []string) (options, error) {
	var o options
	var sizes string
	f := flag.NewFlagSet(command, flag.ContinueOnError)
	f.StringVar(&o.engine, "engine", "trino", "trino or spark")
	f.StringVar(&o.home, "home", filepath.Join(os.TempDir(), "kapok-scale"), "folder of the engines and of all scratch files")
	f.StringVar(&sizes, "sizes", "100000", "numbers of simulated works")
	f.IntVar(&o.workers, "workers", 3, "worker processes")
	f.IntVar(&o.heapMB, "heap", 1200, "heap of a worker, MB")
	f.BoolVar(&o.core, "core", false, "core publications only")
	f.StringVar(&o.policy, "retry", "TASK", "what Trino does about a lost worker: TASK or NONE")
	f.StringVar(&o.victim, "during", "work_trait", "the statement in which a worker is killed")
	f.BoolVar(&o.full, "full", false, "compare the tables of one row per work too")
	f.StringVar(&o.attach, "attach", "", "address of a cluster that is there already, of which no worker can be killed")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	for _, s := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return o, err
		}
		o.sizes = append(o.sizes, n)
	}
	return o, nil
}

// spec is what is computed: the whole set, ten years of articles and reviews.
func (o *options) spec() indicator.Spec {
	return indicator.Spec{From: 2014, To: 2023, Core: o.core, By: []indicator.Dimension{indicator.ByField, indicator.ByYear},
		Platforms: []indicator.Member{{Platform: "none", OrgID: "org_none"}}}
}

// corpusOf returns the folder of a simulated world, which it makes when it is
// not there.
func (o *options) corpusOf(ctx context.Context, works int) (string, error) {
	name := "world"
	if o.core {
		name = "cited" // core publications need the links between works
	}
	dir := filepath.Join(o.home, "corpora", name+strconv.Itoa(works))
	if _, err := corpus.ReadManifest(dir); err == nil {
		return dir, nil
	}
	fmt.Printf("making a simulated world of %d works\n", works)
	_, err := world.Make(ctx, dir, world.Options{Works: works, Seed: 20261123, References: o.core}, nil)
	return dir, err
}

func (o *options) duckdb(ctx context.Context, dir string) (*conform.DuckDB, error) {
	scratch := filepath.Join(o.home, "duckdb")
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, err
	}
	return conform.NewDuckDB(ctx, dir, stats.EngineConfig{Dir: scratch, MemoryMB: 4000, Threads: 2})
}
