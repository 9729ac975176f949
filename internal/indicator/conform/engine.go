package conform

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/kapok-city/kapok/internal/indicator"
)

// Engine runs statements that are in its own words already. It sees the tables
// of one corpus under their names and may make tables beside them.
type Engine interface {
	Dialect() indicator.Dialect
	Exec(ctx context.Context, sql string) error
	Query(ctx context.Context, sql string) (Result, error)
}

// Result is what a query returned. A value is nil, a string, a bool, an int64
// or a float64.
type Result struct {
	Columns []string
	Rows    [][]any
}

// Took says how long one statement took.
type Took struct {
	Name string
	Time time.Duration
}

// Run takes an engine through the statements for a spec and units, in order,
// the core publications first where the spec asks for them. Every statement
// becomes a table; one of that name that was there is replaced.
func Run(ctx context.Context, e Engine, spec indicator.Spec, units []indicator.Unit) ([]Took, error) {
	r := &run{engine: e}
	if spec.Core {
		if err := r.core(ctx, spec); err != nil {
			return r.took, err
		}
	}
	set, err := Statements(spec, units, e.Dialect())
	if err != nil {
		return r.took, err
	}
	return r.took, r.all(ctx, set)
}

// Statements are the statements of several units that make tables, each once.
func Statements(spec indicator.Spec, units []indicator.Unit, d indicator.Dialect) ([]indicator.Statement, error) {
	var set []indicator.Statement
	have := map[string]bool{}
	for _, u := range units {
		spec.Unit = u
		some, err := indicator.Statements(spec, d)
		if err != nil {
			return nil, err
		}
		for _, s := range some[:len(some)-1] { // the last is the question that Values asks
			if !have[s.Name] {
				set = append(set, s)
			}
			have[s.Name] = true
		}
	}
	return set, nil
}

// run is one engine on its way through a set.
type run struct {
	engine Engine
	took   []Took
}

func (r *run) all(ctx context.Context, set []indicator.Statement) error {
	for _, s := range set {
		if err := r.store(ctx, s.Name, s.SQL); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) store(ctx context.Context, table, query string) error {
	start := time.Now()
	d := r.engine.Dialect()
	if err := r.engine.Exec(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
		return fmt.Errorf("%s: drop %s: %w", d, table, err)
	}
	if err := r.engine.Exec(ctx, d.Store(table, query)); err != nil {
		return fmt.Errorf("%s: compute %s: %w", d, table, err)
	}
	r.took = append(r.took, Took{table, time.Since(start)})
	return nil
}

// Plain returns a value of a driver as one that a Result may hold. It refuses
// decimals, dates and anything else: a statement casts them, so that all
// engines give the same type.
func Plain(v any) (any, error) {
	switch x := v.(type) {
	case nil, string, bool, int64:
		return x, nil
	case int:
		return int64(x), nil
	case int32:
		return int64(x), nil
	case int16:
		return int64(x), nil
	case float32:
		return Plain(float64(x))
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%v is no figure: something was divided by zero", x)
		}
		return x, nil
	case *big.Int:
		if !x.IsInt64() {
			return nil, fmt.Errorf("%v does not fit 64 bits", x)
		}
		return x.Int64(), nil
	}
	return nil, fmt.Errorf("a %T (%v): the statement should cast it to BIGINT, DOUBLE or VARCHAR", v, v)
}
