package ledger

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// TestConcurrent lets many goroutines spend from one account with a floor, by a
// poster and in transactions of their own, each with a seeded order of acts and
// pauses. Some calls are sent twice at once. In the end no more was spent than
// there was, each key stands once, and the books agree with themselves.
func TestConcurrent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for seed := range uint64(3) {
			book := name("b", int(seed))
			l := openChart(t, d, book)
			mustPost(t, d, l, txn(book+"seed", "", book+":cash", 300, book+":equity", -300))
			p := NewPoster(d)
			spent := make([]money.Fen, 8)
			var wg sync.WaitGroup
			for w := range 8 {
				wg.Go(func() { spent[w] = spend(t, d, l, p, book, w, rand.New(rand.NewPCG(seed, uint64(w)))) })
			}
			wg.Wait()
			p.Close()
			total := money.Fen(0)
			for _, s := range spent {
				total += s
			}
			got := balance(t, d, l, book+":cash", At{})
			if got.Posted != 300-total || got.Available < 0 {
				t.Errorf("seed %d: %d spent of 300, %+v left", seed, total, got)
			}
			if total < 280 {
				t.Errorf("seed %d: only %d were spent; the floor was never near", seed, total)
			}
		}
		verify(t, d, New())
	})
}

// spend returns what one goroutine was told that it has spent.
func spend(t *testing.T, d *db.DB, l *Ledger, p *Poster, book string, w int, rng *rand.Rand) money.Fen {
	total := money.Fen(0)
	for i := range 12 {
		for range rng.IntN(50) {
			runtime.Gosched()
		}
		n := 1 + rng.IntN(8)
		tr := txn(name(book+name(".", w)+".", i), "", book+":loan", n, book+":cash", -n)
		var err error
		switch rng.IntN(3) {
		case 0:
			_, err = post(t, d, l, tr)
		case 1:
			_, err = p.Post(t.Context(), tester, tr)
		default: // the same twice at once: posted once
			var wg sync.WaitGroup
			var other error
			wg.Go(func() { _, other = p.Post(t.Context(), tester, tr) })
			_, err = post(t, d, l, tr)
			wg.Wait()
			if err != nil {
				err = other
			}
		}
		switch {
		case err == nil:
			total += money.Fen(n)
		case errs.Of(err).Key != "ledger.below_floor":
			t.Error(err)
		}
	}
	return total
}
