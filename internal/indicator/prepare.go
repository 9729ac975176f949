package indicator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/stats"
)

// Prepared says what a folder of prepared tables holds.
type Prepared struct {
	Format int                 `json:"format"`
	Spec   Spec                `json:"spec"` // with its defaults; From and To are the years prepared
	Units  []Unit              `json:"units"`
	Method string              `json:"method"`
	Files  map[string][]string `json:"files"` // by table, within the folder
}

const (
	preparedName   = "prepared.json"
	preparedFormat = 1
)

// Prepare computes what [Values], [Records] and [Intervals] read, for the
// spec's unit, the world and more units, and leaves it as Parquet in dir, an
// absolute folder that the engine may write. The engine must show the tables of
// a corpus. Years are worked on one after another, or a few at once where they
// are small, so that memory is bounded. What dir held before is replaced; a run that breaks off leaves nothing
// that [ReadPrepared] would read.
func Prepare(ctx context.Context, eng *stats.Engine, dir string, spec Spec, more ...Unit) (Prepared, error) {
	spec, err := spec.complete()
	if err != nil {
		return Prepared{}, err
	}
	method, err := Method(spec)
	if err != nil {
		return Prepared{}, err
	}
	r := &run{eng: eng, dir: dir, out: Prepared{Format: preparedFormat, Spec: spec, Units: unitsOf(spec, more), Method: method, Files: map[string][]string{}}}
	if err := r.begin(); err != nil {
		return Prepared{}, err
	}
	if spec.Core {
		if err := PrepareCore(ctx, eng, DuckDB, spec); err != nil {
			return Prepared{}, err
		}
	}
	if err := r.global(ctx); err != nil {
		return Prepared{}, err
	}
	spans, err := r.spans(ctx)
	if err != nil {
		return Prepared{}, err
	}
	for _, s := range spans {
		if err := r.years(ctx, s[0], s[1]); err != nil {
			return Prepared{}, err
		}
	}
	return r.out, r.finish()
}

func unitsOf(spec Spec, more []Unit) []Unit {
	var units []Unit
	for _, u := range append([]Unit{spec.Unit}, more...) {
		if u != World && !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	return append(units, World)
}

// run is one preparation.
type run struct {
	eng  *stats.Engine
	dir  string
	out  Prepared
	made []string // tables in the engine that are not needed any more after the step
}

func (r *run) begin() error {
	err := os.Remove(filepath.Join(r.dir, preparedName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("prepare indicators: %w", err)
	}
	return os.MkdirAll(r.dir, 0o700)
}

// global makes the tables that need no year.
func (r *run) global(ctx context.Context) error {
	steps := common(&r.out.Spec)
	for _, u := range r.out.Units {
		steps = append(steps, unitSteps(&r.out.Spec, u)...)
	}
	for _, s := range steps {
		if err := r.make(ctx, s, ""); err != nil {
			return err
		}
	}
	r.made = nil // all years read them
	return nil
}

// together is how many works are computed at once: enough that the cost of a
// statement does not show, few enough that what is in memory stays small.
var together = 1_500_000 // tests make it small

// spans cuts the years into stretches that are computed at once.
func (r *run) spans(ctx context.Context) ([][2]int, error) {
	spec := &r.out.Spec
	works := map[int]int{}
	err := db.Each(ctx, r.eng, func(s db.Scan) error {
		var year, n int
		err := s(&year, &n)
		works[year] = n
		return err
	}, fmt.Sprintf("SELECT year, COUNT(*) FROM work WHERE year BETWEEN %d AND %d GROUP BY year", spec.From, spec.To))
	if err != nil {
		return nil, fmt.Errorf("count works: %w", err)
	}
	var spans [][2]int
	sum := 0
	for year := spec.From; year <= spec.To; year++ {
		if sum += works[year]; len(spans) == 0 || sum > together {
			spans, sum = append(spans, [2]int{year, year}), works[year]
		}
		spans[len(spans)-1][1] = year
	}
	return spans, nil
}

// years makes the tables of some years and forgets what only they needed.
func (r *run) years(ctx context.Context, from, to int) error {
	spec := r.out.Spec
	spec.From, spec.To = from, to
	for _, s := range yearly(&spec, r.out.Units) {
		if err := r.make(ctx, s, fmt.Sprintf("-%d", from)); err != nil {
			return err
		}
	}
	for _, table := range r.made {
		if _, err := r.eng.Exec(ctx, "DROP TABLE "+table); err != nil {
			return err
		}
	}
	r.made = nil
	return nil
}

// make runs a step. What is kept goes to a file, and there alone when no later
// step reads it.
func (r *run) make(ctx context.Context, s Statement, part string) error {
	from := DuckDB.Rewrite(s.SQL)
	if final := strings.HasPrefix(s.Name, "sums_") || strings.HasPrefix(s.Name, "gaps_"); !final {
		if _, err := r.eng.Exec(ctx, "CREATE OR REPLACE TABLE "+s.Name+" AS\n"+from); err != nil {
			return fmt.Errorf("compute %s: %w", s.Name+part, err)
		}
		r.made = append(r.made, s.Name)
		from = "FROM " + s.Name
	}
	if !s.Keep {
		return nil
	}
	name := s.Name + part + ".parquet"
	file := strings.ReplaceAll(filepath.Join(r.dir, name), "'", "''")
	// snappy: these files are read as often as written, and packing harder costs more than the sums themselves
	if _, err := r.eng.Exec(ctx, "COPY (\n"+from+"\n) TO '"+file+"' (FORMAT parquet, COMPRESSION snappy)"); err != nil {
		return fmt.Errorf("compute %s: %w", s.Name+part, err)
	}
	r.out.Files[s.Name] = append(r.out.Files[s.Name], name)
	return nil
}

func (r *run) finish() error {
	data, err := json.MarshalIndent(r.out, "", " ")
	if err != nil {
		return err
	}
	tmp := filepath.Join(r.dir, ".tmp-"+preparedName)
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return fmt.Errorf("prepare indicators: %w", err)
	}
	return os.Rename(tmp, filepath.Join(r.dir, preparedName))
}

// ReadPrepared returns what a folder holds; errs.NotFound when nothing was
// prepared there, or by an older Kapok.
func ReadPrepared(dir string) (Prepared, error) {
	data, err := os.ReadFile(filepath.Join(dir, preparedName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Prepared{}, fmt.Errorf("read prepared indicators: %w", err)
	}
	var p Prepared
	if err != nil || json.Unmarshal(data, &p) != nil || p.Format != preparedFormat {
		return Prepared{}, errs.New(errs.NotFound, "indicator.not_prepared")
	}
	for _, files := range p.Files {
		for _, f := range files {
			if !filepath.IsLocal(f) {
				return Prepared{}, errs.New(errs.NotFound, "indicator.not_prepared")
			}
		}
	}
	return p, nil
}

// Views are the prepared tables of a folder, to be opened together with the
// views of the corpus, which [Records] reads too.
func (p *Prepared) Views(dir string) []stats.View {
	var views []stats.View
	for table, files := range p.Files {
		v := stats.View{Name: table}
		for _, f := range files {
			v.Files = append(v.Files, filepath.Join(dir, f))
		}
		views = append(views, v)
	}
	slices.SortFunc(views, func(a, b stats.View) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return views
}

// Fits reports whether prepared tables answer a spec: the same works, cells and
// citations, and years and unit among those prepared.
func (p *Prepared) Fits(spec Spec) bool {
	spec, err := spec.complete()
	if err != nil || !slices.Contains(p.Units, spec.Unit) || spec.From < p.Spec.From || spec.To > p.Spec.To {
		return false
	}
	coreFrom := !spec.Core || spec.CoreFrom == p.Spec.CoreFrom
	return coreFrom && slices.Equal(spec.Types, p.Spec.Types) && spec.Field == p.Spec.Field && spec.Citations == p.Spec.Citations && spec.Core == p.Spec.Core
}
