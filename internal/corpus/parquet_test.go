package corpus

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/stats"
)

// trial is a table of every type.
var trial = Table{Name: "trial", Columns: columns(whole("a", "b", "c"), text("d", "e"), real("f"), yes("g"), date("h"))}

// TestParquetFile writes tables of many shapes and lets DuckDB read them back.
func TestParquetFile(t *testing.T) {
	dir := t.TempDir()
	e, err := stats.NewEngine(context.Background(), stats.EngineConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	press, err := newPresser()
	if err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{0, 1, 7, 8, 9, 100, 20481} {
		for _, kinds := range []int{1, 2, 100, 1 << 40} {
			if kinds == 2 && rows == 20481 {
				rows = groupRows + 3
			}
			path := filepath.Join(dir, fmt.Sprintf("t-%d-%d.parquet", rows, kinds))
			want := writeTrial(t, path, press, rows, kinds)
			got, err := db.Collect(context.Background(), e, func(s db.Scan) (out string, err error) { return out, s(&out) },
				"SELECT concat_ws('|', coalesce(a::VARCHAR,'-'), coalesce(b::VARCHAR,'-'), coalesce(c::VARCHAR,'-'), coalesce(d,'-'), coalesce(e,'-'), coalesce(f::VARCHAR,'-'), coalesce(g::VARCHAR,'-'), coalesce(h::VARCHAR,'-')) FROM read_parquet('"+path+"') ORDER BY file_row_number")
			if err != nil {
				t.Fatalf("%d rows, %d kinds: %v", rows, kinds, err)
			}
			if len(got) == 0 {
				got = nil
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%d rows, %d kinds: %s", rows, kinds, d[:min(len(d), 2000)])
			}
		}
	}
}

func writeTrial(t *testing.T, path string, press *presser, rows, kinds int) (want []string) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, uint64(rows)))
	f := newParquetFile(path, trial, press)
	for i := range rows {
		k := r.Int64N(int64(kinds))
		wide := int64(r.Uint64())
		day := int64(r.IntN(60000)) - 10000
		line := fmt.Sprintf("%d|%d|", int64(i)*3, k-3)
		f.cols[0].int(int64(i) * 3)
		f.cols[1].int(k - 3)
		if wide%3 == 0 {
			f.cols[2].null()
			line += "-|"
		} else {
			f.cols[2].int(wide)
			line += fmt.Sprintf("%d|", wide)
		}
		word := fmt.Sprintf("词%d", k)
		f.cols[3].text([]byte(word))
		line += word + "|"
		if r.IntN(2) == 0 {
			f.cols[4].text(nil)
			line += "-|"
		} else {
			f.cols[4].text([]byte(word))
			line += word + "|"
		}
		if i%5 == 0 {
			f.cols[5].real(math.NaN())
			line += "-|"
		} else {
			f.cols[5].real(float64(k%1000) + 0.5)
			line += fmt.Sprintf("%.1f|", float64(k%1000)+0.5)
		}
		f.cols[6].bool(k%2 == 0)
		line += fmt.Sprintf("%v|", k%2 == 0)
		f.cols[7].int(day)
		line += dayText(day)
		want = append(want, line)
		if err := f.endRow(); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.finish(); err != nil {
		t.Fatal(err)
	}
	return want
}

func dayText(day int64) string { return time.Unix(day*86400, 0).UTC().Format(time.DateOnly) }
