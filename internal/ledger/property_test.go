package ledger

import (
	"fmt"
	"math/big"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// commandsOfRun is how long one ledger of the property test lives.
const commandsOfRun = 200

// TestProperties runs random commands against the pure core and the oracle: a
// million, or KAPOK_LEDGER_OPS of them. Each command must be done or refused as
// the oracle says and for a reason that the oracle allows; and see finish.
func TestProperties(t *testing.T) {
	total := 1_000_000
	if testing.Short() {
		total = 20_000
	}
	if n, err := strconv.Atoi(os.Getenv("KAPOK_LEDGER_OPS")); err == nil {
		total = n
	}
	var runs, done, refused atomic.Int64
	runs.Store(int64((total + commandsOfRun - 1) / commandsOfRun))
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for seed := runs.Add(-1); seed >= 0 && !t.Failed(); seed = runs.Add(-1) {
				p := newTrial(uint64(seed), "a", "b")
				for range commandsOfRun {
					p.d.tick()
					if err := p.step(p.d.next()); err != nil {
						t.Errorf("seed %d: %v", seed, err)
						return
					}
				}
				if err := p.finish(); err != nil {
					t.Errorf("seed %d: %v", seed, err)
					return
				}
				done.Add(p.done)
				refused.Add(p.refused)
			}
		})
	}
	wg.Wait()
	t.Logf("%d commands: %d done, %d refused", done.Load()+refused.Load(), done.Load(), refused.Load())
	if !t.Failed() && (done.Load() < int64(total/4) || refused.Load() < int64(total/10)) {
		t.Error("the draw is lopsided")
	}
}

// trial is one ledger beside its oracle.
type trial struct {
	d             *draw
	s             *state
	o             *oracle
	log           []*Act
	done, refused int64
}

func newTrial(seed uint64, one, other string) *trial {
	p := &trial{d: newDraw(seed, one, other), s: newState()}
	all := slices.Concat(chart(one), chart(other))
	p.o = newOracle(all)
	if _, err := p.s.apply(openCommand{all}, stamp{tester, p.d.now}); err != nil {
		panic(err)
	}
	p.drain()
	return p
}

func (p *trial) drain() {
	p.log = append(p.log, p.s.out...)
	p.s.out, p.s.anchors = nil, nil
}

// step does one command in both and compares.
func (p *trial) step(c command) error {
	heads := p.heads()
	want := p.o.judge(c, p.d.now)
	acts, err := p.s.apply(c, stamp{tester, p.d.now})
	if err == nil {
		p.done++
	} else {
		p.refused++
	}
	switch {
	case (err != nil) != (len(want) > 0):
		return fmt.Errorf("%T %+v: the ledger says %w, the oracle %v", c, c, err, want)
	case err != nil && !want.allow(errs.Of(err).Key):
		return fmt.Errorf("%T %+v: refused for %w, the oracle has %v", c, c, err, want)
	case err != nil && heads != p.heads():
		return fmt.Errorf("%T: refused, but the books moved", c)
	case err == nil && len(p.s.out) == 0 && heads != p.heads():
		return fmt.Errorf("%T: a retry moved the books", c)
	case err == nil && len(p.s.out) == 0:
		for _, a := range acts {
			if !slices.ContainsFunc(p.log, func(b *Act) bool { return b.Hash == a.Hash }) {
				return fmt.Errorf("%T: a retry answers with what was never done", c)
			}
		}
	}
	p.drain()
	return nil
}

func (p *trial) heads() [2]string {
	return [2]string{p.s.books[p.d.books[0]].hash, p.s.books[p.d.books[1]].hash}
}

// finish holds at the end of a run: conservation (all accounts of a book and
// unit sum to zero), the core's balances against the oracle's sums, and replay:
// folding the log gives the same state, without a fault.
func (p *trial) finish() error {
	sums := map[string]*big.Int{}
	for id, a := range p.s.accounts {
		net := big.NewInt(int64(a.debits - a.credits))
		if want := p.o.posted(id, "", time.Time{}); net.Cmp(want) != 0 {
			return fmt.Errorf("%s holds %v, the oracle says %v", id, net, want)
		}
		k := a.Book + a.Unit
		if sums[k] == nil {
			sums[k] = new(big.Int)
		}
		sums[k].Add(sums[k], net)
	}
	for k, s := range sums {
		if s.Sign() != 0 {
			return fmt.Errorf("%s is not conserved: %v", k, s)
		}
	}
	for _, b := range p.d.books { // what has run out is swept, so that pending agrees
		if _, err := p.s.apply(expireCommand{b}, stamp{tester, p.d.now}); err != nil {
			return err
		}
		p.drain()
	}
	return p.replay()
}

func (p *trial) replay() error {
	var r Report
	folds := map[string]*fold{}
	for _, b := range p.d.books {
		folds[b] = newFold(b, &r)
	}
	for _, a := range p.log {
		a.lines = int64(len(a.Entries))
		folds[a.Book].act(a)
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	for id, a := range p.s.accounts {
		f := folds[a.Book]
		if f.accounts[id].tally != a.tally || asked(f.accounts[id].Account) != asked(a.Account) {
			return fmt.Errorf("replay of %s gives %+v, the state is %+v", id, f.accounts[id], a)
		}
		low, high := p.o.lowHigh(id, p.d.now)
		if room := a.room(); big.NewInt(int64(room.low)).Cmp(low) != 0 || big.NewInt(int64(room.high)).Cmp(high) != 0 {
			return fmt.Errorf("%s has room %+v, the oracle says %v to %v", id, room, low, high)
		}
	}
	for key, h := range p.s.holds {
		if w := folds[h.Book].holds[key]; w.State != h.State || w.Settled != h.Settled || !w.Ended.Equal(h.Ended.Time) {
			return fmt.Errorf("replay of hold %s gives %+v, the state is %+v", key, w, h)
		}
	}
	return nil
}

// TestEnginesAgree runs random commands, in batches of one to sixteen, against
// SQLite, PostgreSQL and the pure core: the same answers and the same hash of
// the last act of each book, whatever was loaded and written in between; and
// balances as of random pairs of times against the oracle, asked at once and
// again at the end, when much has been dated back in between.
func TestEnginesAgree(t *testing.T) {
	total := 3000
	if testing.Short() {
		total = 400
	}
	if n, err := strconv.Atoi(os.Getenv("KAPOK_LEDGER_ENGINE_OPS")); err == nil {
		total = n
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		acts, probes := int64(0), 0
		for round := 0; round*commandsOfRun < total && !t.Failed(); round++ {
			probes += agree(t, d, newTrial(uint64(4711+round), name("a", round), name("b", round)))
		}
		for _, b := range verify(t, d, New()).Books {
			acts += b.Acts
		}
		t.Logf("%d probes of two times, %d acts verified", probes, acts)
	})
}

func agree(t *testing.T, d *db.DB, p *trial) int {
	t.Helper()
	c := tick(d, p.d.now)
	l := openChart(t, d, p.d.books...)
	poster := &Poster{d: d}
	var probes []probe
	for n := 0; n < commandsOfRun && !t.Failed(); {
		p.d.tick()
		c.at = p.d.now
		var batch []*wish
		for range 1 + p.d.IntN(16) {
			batch = append(batch, &wish{by: tester, c: p.d.next(), ended: make(chan struct{})})
		}
		poster.batch(batch)
		n += len(batch)
		for _, w := range batch {
			want, err := p.s.apply(w.c, stamp{tester, p.d.now})
			p.o.judge(w.c, p.d.now)
			if fmt.Sprint(err) != fmt.Sprint(w.err) {
				t.Fatalf("%T %+v: the database says %v, the core %v", w.c, w.c, w.err, err)
			}
			if asked(entriesOf(want)) != asked(entriesOf(w.acts)) {
				t.Fatalf("%T: the database answers otherwise than the core", w.c)
			}
		}
		sameHeads(t, d, p)
		p.drain()
		probes = append(probes, ask(t, d, l, p), ask(t, d, l, p))
	}
	for _, x := range probes {
		if got := balance(t, d, l, x.account, x.at); got.Posted != x.want {
			t.Errorf("%s as of %+v: %v at first, %v at the end", x.account, x.at, x.want, got.Posted)
		}
	}
	for id, a := range p.s.accounts {
		got := balance(t, d, l, id, At{})
		low, _ := p.o.lowHigh(id, p.d.now)
		if got.Posted != a.posted() || big.NewInt(int64(got.Available)).Cmp(low) != 0 {
			t.Errorf("%s: %+v, the core has %v and the oracle %v available", id, got, a.posted(), low)
		}
	}
	return len(probes)
}

func sameHeads(t *testing.T, d *db.DB, p *trial) {
	t.Helper()
	for _, b := range p.d.books {
		got, _, err := db.Value[string](t.Context(), d, "SELECT hash FROM ledger_book WHERE id = $1", b)
		if err != nil || got != p.s.books[b].hash {
			t.Fatalf("book %s: the database's last hash is %s, the core's %s, %v", b, got, p.s.books[b].hash, err)
		}
	}
}

// probe is a balance as of two times, which later commands must not change.
type probe struct {
	account string
	at      At
	want    money.Fen
}

func ask(t *testing.T, d *db.DB, l *Ledger, p *trial) probe {
	t.Helper()
	x := probe{account: pick(p.d, p.d.names), at: At{Recorded: p.d.now.Add(-time.Duration(p.d.IntN(200)) * time.Hour)}}
	if p.d.IntN(3) > 0 {
		x.at.Effective = p.d.now.AddDate(0, 0, -p.d.IntN(100)).Format(time.DateOnly)
	}
	if p.d.IntN(4) == 0 {
		x.at.Recorded = p.d.now
		p.d.now = p.d.now.Add(time.Microsecond) // what follows is recorded later
	}
	got := balance(t, d, l, x.account, x.at)
	want := p.o.posted(x.account, x.at.Effective, x.at.Recorded)
	if p.s.accounts[x.account].Normal == Credit {
		want.Neg(want)
	}
	if big.NewInt(int64(got.Posted)).Cmp(want) != 0 {
		t.Errorf("%s as of %+v: %v, the oracle says %v", x.account, x.at, got.Posted, want)
	}
	x.want = got.Posted
	return x
}
