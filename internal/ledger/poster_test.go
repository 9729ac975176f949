package ledger

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func TestPosterDecidesEachByItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		p := NewPoster(d)
		var refused, posted atomic.Int64
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				var err error
				if i%3 == 0 { // below the floor of fee, whatever the order
					_, err = p.Post(t.Context(), tester, txn(name("bad", i), "", "b:fee", 1, "b:cash", -1))
				} else {
					_, err = p.Post(t.Context(), tester, txn(name("good", i), "", "b:cash", 2, "b:equity", -2))
				}
				switch {
				case err == nil:
					posted.Add(1)
				case errs.Of(err).Key == "ledger.below_floor":
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		p.Close()
		if posted.Load() != 40 || refused.Load() != 20 {
			t.Errorf("%d posted, %d refused; want 40 and 20", posted.Load(), refused.Load())
		}
		if b := balance(t, d, l, "b:cash", At{}); b.Posted != 80 {
			t.Errorf("cash %+v", b)
		}
		_, err := p.Post(t.Context(), tester, txn("late", "", "b:cash", 2, "b:equity", -2))
		wantKey(t, err, "ledger.poster_closed")
		verify(t, d, l)
	})
}

func TestPosterHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := openChart(t, d, "b")
		p := NewPoster(d)
		defer p.Close()
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := p.Post(ctx, tester, txn("seed", "", "b:cash", 100, "b:equity", -100)); err != nil {
			t.Fatal(err)
		}
		for _, k := range []string{"h1", "h2"} {
			if err := p.Reserve(ctx, tester, Hold{Key: k, Debit: "b:loan", Credit: "b:cash", Amount: 40}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := p.Settle(ctx, tester, Settlement{Key: "s1", Hold: "h1", Amount: 30}); err != nil || len(got) != 2 || got[1].Balance != 70 {
			t.Errorf("settled: %v, %v", got, err)
		}
		if err := p.Void(ctx, tester, Release{Key: "v2", Hold: "h2"}); err != nil {
			t.Error(err)
		}
		_, err := p.Settle(ctx, tester, Settlement{Key: "s1", Hold: "h1", Amount: 29})
		wantKey(t, err, "ledger.key_conflict")
		wantKey(t, p.Void(ctx, tester, Release{Key: "s1", Hold: "h1"}), "ledger.key_conflict")
		cancel()
		if _, err := p.Post(ctx, tester, txn("gone", "", "b:cash", 1, "b:equity", -1)); err == nil {
			t.Error("a caller that left was answered")
		}
		verify(t, d, l)
	})
}

// BenchmarkPoster measures durable transactions: SQLite in WAL mode with
// synchronous=FULL, as package db opens it, so that every commit is an fsync.
// KAPOK_BENCH_DIR names a folder on the disk to be measured.
func BenchmarkPoster(b *testing.B) {
	for _, callers := range []int{1, 16, 32, 64, 256} {
		b.Run(strconv.Itoa(callers), func(b *testing.B) { benchPoster(b, benchDB(b), callers) })
	}
	b.Run("postgres-256", func(b *testing.B) { benchPoster(b, dbtest.Postgres(b), 256) })
}

func benchDB(b *testing.B) *db.DB {
	dir := os.Getenv("KAPOK_BENCH_DIR")
	if dir == "" {
		return dbtest.SQLite(b)
	}
	d, err := db.Open(b.Context(), dir+"/"+db.NewID("bench")+".db")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	return d
}

func benchPoster(b *testing.B, d *db.DB, callers int) {
	d.SetClock(time.Now)
	openChart(b, d, "b")
	p := NewPoster(d)
	defer p.Close()
	var next atomic.Int64
	took := make([][]time.Duration, callers)
	b.ResetTimer()
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				start := time.Now()
				if _, err := p.Post(b.Context(), tester, txn(fmt.Sprint("k", i), "", "b:cash", 1, "b:equity", -1)); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	all := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
}
