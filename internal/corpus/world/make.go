package world

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Progress is told how many works are finished of all; it may be called by
// several goroutines. Each work counts once for itself and once for its authors.
type Progress func(done, all int64)

// Make writes the corpus of a simulated world into the folder, which becomes
// visible as a whole. progress may be nil.
func Make(ctx context.Context, dir string, o Options, progress Progress) (corpus.Manifest, error) {
	w, err := New(o)
	if err != nil {
		return corpus.Manifest{}, err
	}
	if err := w.prepare(ctx); err != nil {
		return corpus.Manifest{}, err
	}
	writer, err := corpus.NewWriter(ctx, dir, stats.Config{MemoryMB: w.opt.MemoryMB, Threads: 1})
	if err != nil {
		return corpus.Manifest{}, err
	}
	m, err := w.write(ctx, writer, progress)
	return m, errors.Join(err, writer.Close())
}

// prepare does what needs a pass over all works.
func (w *World) prepare(ctx context.Context) error {
	if w.opt.References {
		if err := w.linkAll(ctx); err != nil {
			return err
		}
	}
	totals := make([]map[cell]total, len(w.years))
	err := w.parallel(ctx, len(w.years), func(_ context.Context, i int) error {
		totals[i] = w.tally(&w.years[i])
		return nil
	})
	w.means = map[cell]float64{}
	for _, year := range totals {
		for at, t := range year {
			w.means[at] = float64(t.cited) / float64(t.works)
		}
	}
	return err
}

// parallel runs do for each number below n on the workers.
func (w *World) parallel(ctx context.Context, n int, do func(context.Context, int) error) error {
	workers := w.opt.Workers
	if workers <= 0 {
		workers = runtime.NumCPU()
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var next atomic.Int64
	var group sync.WaitGroup
	faults := make([]error, min(workers, n))
	for i := range faults {
		group.Go(func() {
			for at := next.Add(1) - 1; at < int64(n) && ctx.Err() == nil; at = next.Add(1) - 1 {
				if faults[i] = do(ctx, int(at)); faults[i] != nil {
					stop()
					return
				}
			}
		})
	}
	group.Wait()
	if err := errors.Join(faults...); err != nil {
		return err
	}
	return ctx.Err()
}

type made struct {
	path string
	rows int64
}

func (w *World) write(ctx context.Context, writer *corpus.Writer, progress Progress) (corpus.Manifest, error) {
	tasks := w.tasks()
	files := make([]made, len(tasks))
	var done atomic.Int64
	err := w.parallel(ctx, len(tasks), func(ctx context.Context, i int) (err error) {
		files[i], err = w.file(ctx, writer.Dir(), i, &tasks[i])
		if n := done.Add(tasks[i].works); progress != nil && tasks[i].works > 0 {
			progress(n, 2*int64(w.opt.Works))
		}
		return err
	})
	for i := 0; err == nil && i < len(tasks); i++ {
		err = writer.Adopt(tasks[i].table, tasks[i].year, files[i].rows, files[i].path)
	}
	if err != nil {
		return corpus.Manifest{}, err
	}
	return writer.Publish(ctx, w.manifest())
}

// file writes the rows of one task, in a DuckDB of its own with one thread:
// what the others do cannot change its bytes.
func (w *World) file(ctx context.Context, dir string, i int, t *task) (m made, err error) {
	table, _ := corpus.TableOf(t.table)
	e, err := stats.NewEngine(ctx, stats.EngineConfig{Dir: dir, MemoryMB: w.opt.MemoryMB, Threads: 1})
	if err != nil {
		return made{}, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if err := e.Generate("simulated", table.Columns, t.rows()); err != nil {
		return made{}, err
	}
	m.path = filepath.Join(dir, fmt.Sprintf(".tmp-simulated-%d.parquet", i))
	m.rows, err = e.Copy(ctx, "SELECT * FROM simulated()", m.path)
	return m, err
}

func (w *World) manifest() corpus.Manifest {
	return corpus.Manifest{
		Title:     i18n.Text{ZH: fmt.Sprintf("模拟世界（%d 篇）", w.opt.Works), EN: fmt.Sprintf("Simulated world (%d works)", w.opt.Works)},
		Kind:      corpus.Simulated,
		Simulated: true,
		Source: source.Source{
			ID: "simulated-world", Kind: "simulation",
			Title:      i18n.Text{ZH: "模拟世界", EN: "Simulated world"},
			LicenceTag: source.Own, Licence: "Apache-2.0; city names and coordinates: GeoNames, CC BY 4.0",
			Note: "模拟数据，不是真实世界。Simulated, not the real world.", Simulated: true,
		},
		Parameters: w.opt.parameters(),
		CreatedAt:  w.opt.CreatedAt,
		Report:     corpus.Report{Read: int64(w.opt.Works), Kept: int64(w.opt.Works), Faults: map[string]corpus.Fault{}, Unknown: map[string]int64{}},
	}
}
