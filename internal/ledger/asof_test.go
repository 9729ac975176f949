package ledger

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/money"
)

// fillYears posts transactions over ten years into one pair of accounts, some
// of them dated back, in groups of a thousand.
func fillYears(t testing.TB, d *db.DB, entries int) *Ledger {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 9))
	begin := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
	c := tick(d, begin)
	l := openChart(t, d, "b")
	step := 10 * 365 * 24 * time.Hour / time.Duration(entries)
	for n := 0; n < entries; {
		group := make([]Transaction, 0, 1000)
		for len(group) < 1000 && n < entries {
			day := ""
			if rng.IntN(5) == 0 {
				day = c.at.AddDate(0, 0, -rng.IntN(400)).Format(time.DateOnly)
			}
			group = append(group, txn(name("k", n), day, "b:cash", 1+rng.IntN(1000), "b:equity", 0))
			group[len(group)-1].Postings[1].Amount = -group[len(group)-1].Postings[0].Amount
			n++
		}
		mustPost(t, d, l, group...)
		c.at = c.at.Add(step * 1000)
	}
	return l
}

// TestAsOfOverBlocks holds balances as of two times, over several blocks of
// versions and months, against a plain sum.
func TestAsOfOverBlocks(t *testing.T) {
	entries := 5000
	if testing.Short() {
		entries = blockSize + 200
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := fillYears(t, d, entries)
		rng := rand.New(rand.NewPCG(5, 5))
		for i := range 40 {
			at := At{
				Effective: time.Date(2015, 12, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(3800)).Format(time.DateOnly),
				Recorded:  time.Date(2015, 12, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rng.IntN(3800)),
			}
			if i%2 == 0 { // the month and the block at hand meet
				at.Recorded = at.Recorded.Add(13 * time.Hour)
				at.Effective = at.Recorded.Format(time.DateOnly)
			}
			want, _, err := db.Value[int64](t.Context(), d,
				"SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_entry WHERE account = 'b:cash' AND effective_on <= $1 AND recorded_at <= $2", at.Effective, db.At(at.Recorded))
			if err != nil {
				t.Fatal(err)
			}
			if got := balance(t, d, l, "b:cash", at); got.Posted != money.Fen(want) {
				t.Errorf("as of %+v: %v, want %v", at, got.Posted, want)
			}
		}
		verify(t, d, l)
	})
}

// BenchmarkAsOf measures balances as of random pairs of times in an account of
// KAPOK_BENCH_ENTRIES entries (50,000 otherwise) over ten years.
func BenchmarkAsOf(b *testing.B) {
	entries := 50_000
	if n, err := strconv.Atoi(os.Getenv("KAPOK_BENCH_ENTRIES")); err == nil {
		entries = n
	}
	for engine, open := range map[string]func() *db.DB{"sqlite": func() *db.DB { return benchDB(b) }, "postgres": func() *db.DB { return dbtest.Postgres(b) }} {
		b.Run(engine, func(b *testing.B) {
			d := open()
			start := time.Now()
			l := fillYears(b, d, entries)
			b.ReportMetric(float64(entries)/time.Since(start).Seconds(), "bulk-tx/s")
			rng, worst := rand.New(rand.NewPCG(8, 8)), time.Duration(0)
			b.ResetTimer()
			for range b.N {
				day := time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC)
				at := At{Effective: day.AddDate(0, 0, rng.IntN(3650)).Format(time.DateOnly), Recorded: day.AddDate(0, 0, rng.IntN(3650))}
				start := time.Now()
				balance(b, d, l, "b:cash", at)
				worst = max(worst, time.Since(start))
			}
			b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
		})
	}
}
