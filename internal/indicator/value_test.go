package indicator

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/kapok-city/kapok/internal/stats"
)

// prepared computes a spec over a world for all units and returns an engine
// that shows the corpus and what was prepared.
func prepared(t testing.TB, w *world, spec Spec) *stats.Engine {
	t.Helper()
	e, dir := engine(t, w)
	ctx := context.Background()
	spec.Platforms = somePlatforms
	p, err := Prepare(ctx, e, dir+"/prepared", spec, AllUnits...)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Views(dir + "/prepared") {
		run1(t, e, "DROP TABLE IF EXISTS "+v.Name)
		if err := e.View(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// same reports whether two numbers agree to 1e-12, the unknown only with itself.
func same(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) == math.IsNaN(b)
	}
	return math.Abs(a-b) <= 1e-12*max(1, math.Abs(a), math.Abs(b))
}

// TestOracle holds that the SQL and the definitions agree on random worlds, for
// every unit, counting and split.
func TestOracle(t *testing.T) {
	defer func(n int) { together = n }(together)
	for seed := range uint64(2) {
		together = []int{1_500_000, 30}[seed] // all years at once, and each alone
		w := randomWorld(seed, 90)
		base := Spec{From: 2019, To: 2021, Citations: []string{"window", "all"}[seed%2]}
		e := prepared(t, w, base)
		for _, unit := range AllUnits {
			for _, counting := range []Counting{Fractional, Full} {
				for i, by := range [][]Dimension{nil, {ByField}, {ByYear}, {ByField, ByYear}} {
					if seed > 0 && i > 0 && i < 3 {
						continue // the finest split and none will do again
					}
					spec := base
					spec.Unit, spec.Counting, spec.By = unit, counting, by
					if len(by) == 0 {
						spec.From = 2020 // fewer years than were prepared
					}
					compare(t, fmt.Sprint(seed, unit, counting, by), w, e, spec)
				}
			}
		}
	}
}

func compare(t *testing.T, name string, w *world, e *stats.Engine, spec Spec) {
	t.Helper()
	compareIn(t, name, w, e, spec, nil)
}

// compareIn compares with the oracle over the works that in lets through.
func compareIn(t *testing.T, name string, w *world, e *stats.Engine, spec Spec, in func(*paper) bool) {
	t.Helper()
	spec, err := spec.complete()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Values(context.Background(), e, spec)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	want := w.values(spec, in)
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%s: %d values, the oracle has %d", name, len(got), len(want))
	}
	for _, v := range got {
		o := want[fmt.Sprint(v.Unit, v.Field, v.Year)]
		if o == nil {
			t.Errorf("%s: the oracle has no %s %d %d", name, v.Unit, v.Field, v.Year)
			continue
		}
		for _, n := range names {
			if n.name == "fwci" || n.name == "tcs" && math.IsNaN(v.TCS) && o.TCS == 0 || o.Base == 0 && math.IsNaN(*n.of(&v)) {
				continue // FWCI has a test of its own; nothing known is not 0
			}
			if !same(*n.of(&v), *n.of(o)) {
				t.Errorf("%s: %s of %s %d %d is %v, the oracle says %v", name, n.name, v.Unit, v.Field, v.Year, *n.of(&v), *n.of(o))
			}
		}
	}
}
