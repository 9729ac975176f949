package conform

import (
	"context"
	"errors"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/corpus/world"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/shareddata"
	"github.com/kapok-city/kapok/internal/stats"
)

// simulated makes a small world and the reference over it.
func simulated(t *testing.T) *DuckDB {
	t.Helper()
	dir := t.TempDir()
	if _, err := world.Make(t.Context(), dir, world.Options{Works: 1500, Seed: 7, From: 2019, To: 2021, References: true}, nil); err != nil {
		t.Fatal(err)
	}
	duck, err := NewDuckDB(t.Context(), dir, stats.EngineConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { duck.Close() })
	return duck
}

func spec(u indicator.Unit) indicator.Spec {
	return indicator.Spec{Unit: u, From: 2019, To: 2021, By: []indicator.Dimension{indicator.ByField, indicator.ByYear}}
}

// TestPostgres holds that PostgreSQL computes what DuckDB computes: every kept
// table, and every indicator of every unit in both countings.
func TestPostgres(t *testing.T) {
	dsn := os.Getenv("KAPOK_TEST_POSTGRES")
	if dsn == "" {
		shareddata.Skip(t, "KAPOK_TEST_POSTGRES names no PostgreSQL server")
	}
	duck := simulated(t)
	pg, err := NewPostgres(t.Context(), dsn, "conform_"+strings.ToLower(time.Now().Format("150405000000000")), duck)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	conforms(t, duck, pg, false, indicator.AllUnits)
	conforms(t, duck, pg, true, []indicator.Unit{indicator.Organisation, indicator.World})
}

func conforms(t *testing.T, duck, pg Engine, core bool, units []indicator.Unit) {
	t.Helper()
	whole := spec("")
	whole.Core = core
	for _, e := range []Engine{duck, pg} {
		if _, err := Run(t.Context(), e, whole, units); err != nil {
			t.Fatal(err)
		}
	}
	checked, err := Check(t.Context(), duck, pg, whole, units, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checked {
		if len(c.Differences) > 0 || c.Rows == 0 && !strings.HasSuffix(c.Table, "platform") {
			t.Errorf("core %v: %s: %d rows compared, differences %v", core, c.Table, c.Rows, c.Differences)
		}
	}
	for _, u := range units {
		for _, counting := range []indicator.Counting{indicator.Fractional, indicator.Full} {
			s := whole
			s.Unit, s.Counting = u, counting
			c, err := CheckValues(t.Context(), duck, pg, s)
			if err != nil || len(c.Differences) > 0 || c.Rows == 0 && u != indicator.Platform {
				t.Errorf("core %v: %s, %s: %d values, %v, %v", core, u, counting, c.Rows, err, c.Differences)
			}
		}
	}
}

// TestCompare holds that each kind of difference is found and named.
func TestCompare(t *testing.T) {
	columns := []string{"unit", "p", "share"}
	result := func(rows ...[]any) Result { return Result{Columns: columns, Rows: rows} }
	want := result([]any{"a", int64(2), 1.5}, []any{"b", int64(1), 0.25}, []any{"c", nil, nil})
	tests := map[string]struct {
		got   Result
		wrong int
	}{
		"the same in another order":     {result(want.Rows[2], want.Rows[0], want.Rows[1]), 0},
		"the last digits":               {result([]any{"a", int64(2), 1.5 * (1 + 1e-12)}, want.Rows[1], want.Rows[2]), 0},
		"a real number":                 {result([]any{"a", int64(2), 1.5 * (1 + 1e-8)}, want.Rows[1], want.Rows[2]), 1},
		"a count":                       {result([]any{"a", int64(3), 1.5}, want.Rows[1], want.Rows[2]), 2},
		"a row too few":                 {result(want.Rows[0], want.Rows[1]), 1},
		"a row twice":                   {result(append(want.Rows, want.Rows[1])...), 1},
		"unknown where a number is":     {result(want.Rows[0], []any{"b", int64(1), nil}, want.Rows[2]), 2},
		"zero where nothing is known":   {result(want.Rows[0], want.Rows[1], []any{"c", nil, 0.0}), 2},
		"a whole number for a real one": {result(want.Rows[0], []any{"b", int64(1), int64(0)}, want.Rows[2]), 2},
		"another column":                {Result{Columns: []string{"unit", "n", "share"}, Rows: want.Rows}, 1},
	}
	for name, tt := range tests {
		if c := Compare(want, tt.got); len(c.Differences) != tt.wrong {
			t.Errorf("%s: %d differences, want %d: %v", name, len(c.Differences), tt.wrong, c.Differences)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, tt := range []struct{ in, want any }{
		{nil, nil}, {int32(7), int64(7)}, {7, int64(7)}, {int16(7), int64(7)}, {float32(0.5), 0.5}, {big.NewInt(9), int64(9)}, {"x", "x"}, {true, true},
	} {
		got, err := Plain(tt.in)
		if err != nil || !cmp.Equal(got, tt.want) {
			t.Errorf("Plain(%v) = %v, %v, want %v", tt.in, got, err, tt.want)
		}
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 80)
	for _, in := range []any{math.NaN(), math.Inf(1), huge, time.Now(), []byte("x")} {
		if got, err := Plain(in); err == nil {
			t.Errorf("Plain(%v) = %v, want an error", in, got)
		}
	}
}

// fake fails a number of times before each statement works.
type fake struct {
	failures int
	err      error
	ran      []string
}

func (f *fake) Exec(_ context.Context, sql string) error {
	f.ran = append(f.ran, sql[:4])
	if f.failures > 0 && !strings.HasPrefix(sql, "DROP") {
		f.failures--
		return f.err
	}
	return nil
}
func (f *fake) Query(ctx context.Context, sql string) (Result, error) {
	return Result{}, f.Exec(ctx, sql)
}

func (f *fake) Dialect() indicator.Dialect { return indicator.Trino }

func TestStubbornTriesAgain(t *testing.T) {
	lost, wrong := errors.New("a worker was lost"), errors.New("no such column")
	transient := func(err error) bool { return errors.Is(err, lost) }
	tests := map[string]struct {
		failures int
		err      error
		tries    int
		ran      []string
		want     error
	}{
		"at once":         {0, lost, 3, []string{"CREA"}, nil},
		"at the third":    {2, lost, 3, []string{"CREA", "DROP", "CREA", "DROP", "CREA"}, nil},
		"never":           {9, lost, 2, []string{"CREA", "DROP", "CREA"}, lost},
		"wrong for ever":  {1, wrong, 3, []string{"CREA"}, wrong},
		"tries left at 0": {1, lost, 0, []string{"CREA"}, lost},
	}
	for name, tt := range tests {
		f := &fake{failures: tt.failures, err: tt.err}
		s := &Stubborn{Engine: f, Tries: tt.tries, Transient: transient}
		err := s.Exec(t.Context(), "CREATE TABLE cell AS SELECT 1 AS n")
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if diff := cmp.Diff(tt.ran, f.ran); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
