package casework_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

func (b bench) fire(want casework.Fired) {
	b.t.Helper()
	got, err := b.s.Fire(ctx, 100)
	if err != nil || got != want {
		b.t.Errorf("fired %+v, %v; want %+v", got, err, want)
	}
}

func (b bench) approved(id string) casework.Case {
	b.t.Helper()
	return b.do(checker, b.submitted(id, 100), "approve", casework.Input{})
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		late, paid := b.submitted("case-late", 100), b.approved("case-paid")
		paid = b.do(maker, paid, "pay", casework.Input{})
		lapsing := b.approved("case-lapsing")
		b.fire(casework.Fired{})
		*b.clock = time.Date(2026, 1, 15, 15, 59, 59, 0, time.UTC) // 23:59:59 of the last day
		b.fire(casework.Fired{})
		*b.clock = b.clock.Add(time.Second)
		b.fire(casework.Fired{Told: 1})
		b.fire(casework.Fired{})
		notices, err := casework.Notices(ctx, d, head, true, casework.Page{})
		if err != nil || len(notices.Items) != 1 {
			t.Fatalf("%+v, %v", notices, err)
		}
		if got := notices.Items[0].Text(i18n.ZH); got != "小额资助 grant/case-late：“批准”应在 2026-01-15 前办完，现仍在“待复核”。" {
			t.Errorf("told: %s", got)
		}
		if c, _ := casework.Get(ctx, d, late.ID); c.Version != late.Version {
			t.Error("a reminder is no step of the case")
		}
		*b.clock = time.Date(2026, 2, 2, 16, 0, 0, 0, time.UTC)
		b.fire(casework.Fired{Acted: 1})
		c, err := casework.Get(ctx, d, lapsing.ID)
		must(t, err)
		if n, sum := b.spent(c.ID); c.State != "lapsed" || n != 2 || sum != 0 {
			t.Errorf("%s, %d rows of %d", c.State, n, sum)
		}
		events, err := casework.Events(ctx, d, c.ID, 3, 10)
		must(t, err)
		if len(events) != 1 || events[0].Actor != casework.Clock || !strings.Contains(string(events[0].Input), `"due":"pay"`) {
			t.Errorf("%+v", events)
		}
		if c, _ := casework.Get(ctx, d, paid.ID); c.State != "paid" {
			t.Error("a clock of a state that was left has run")
		}
		must(t, casework.Verify(ctx, d, c.ID))
	})
}

// TestStayingDoesNotStartTheClockAnew, and coming back does.
func TestStayingDoesNotStartTheClockAnew(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.submitted("case-a", 100)
		*b.clock = b.clock.AddDate(0, 0, 5)
		c = b.do(maker, c, "note", casework.Input{Reason: "a paper more"})
		due := func() string {
			timers, err := casework.Timers(ctx, d, c.ID)
			must(t, err)
			out := ""
			for _, x := range timers {
				out += x.Status + " " + x.DueOn + ";"
			}
			return out
		}
		if got := due(); got != "open 2026-01-15;" {
			t.Errorf("after a note: %s", got)
		}
		c = b.do(checker, c, "return", casework.Input{Reason: "a stamp is missing"})
		if got := due(); got != "cancelled 2026-01-15;" {
			t.Errorf("after the return: %s", got)
		}
		c = b.do(maker, c, "submit", amount(100))
		if got := due(); got != "cancelled 2026-01-15;open 2026-01-21;" {
			t.Errorf("submitted again: %s", got)
		}
	})
}

// TestManyWorkers lets many workers at the same deadlines: every one is handled
// once, and between them they handle all.
func TestManyWorkers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		const cases, workers = 60, 6
		for i := range cases {
			id := fmt.Sprint("case-", i)
			b.do(checker, b.do(maker, b.open(id), "submit", amount(1)), "approve", casework.Input{})
		}
		*b.clock = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		var wg sync.WaitGroup
		done := make([]casework.Fired, workers)
		for i := range workers {
			wg.Go(func() {
				for {
					f, err := b.s.Fire(ctx, 5)
					if err != nil {
						t.Error(err)
					}
					done[i].Acted += f.Acted
					done[i].Refused += f.Refused
					if f == (casework.Fired{}) {
						return
					}
				}
			})
		}
		wg.Wait()
		acted, busy := 0, 0
		for _, f := range done {
			acted += f.Acted
			if f.Acted > 0 {
				busy++
			}
			if f.Refused > 0 {
				t.Errorf("%d refused", f.Refused)
			}
		}
		released, _, err := db.Value[int64](ctx, d, "SELECT COUNT(*) FROM spent WHERE what = 'release'")
		if err != nil || acted != cases || released != cases {
			t.Errorf("%d acted, %d effects, %v; want %d", acted, released, err, cases)
		}
		t.Logf("%d of %d workers had work", busy, workers)
		if n, err := casework.VerifyAll(ctx, d); err != nil || n != cases {
			t.Errorf("verified %d, %v", n, err)
		}
	})
}

// TestWorkerDies takes a lease as a worker does that dies at once.
func TestWorkerDies(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.approved("case-a")
		*b.clock = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		dying, cancel := context.WithCancel(ctx)
		_, err := d.Exec(dying, "UPDATE casework_timer SET leased_until = $1 WHERE case_id = $2", db.At(b.clock.Add(5*time.Minute)), c.ID)
		must(t, err)
		cancel()
		b.fire(casework.Fired{})
		*b.clock = b.clock.Add(5 * time.Minute)
		b.fire(casework.Fired{Acted: 1})
		b.fire(casework.Fired{})
	})
}

// TestRefusedDeadline lets the clock's action fail, and mends the cause.
func TestRefusedDeadline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.approved("case-a")
		other := b.approved("case-b")
		_, err := d.Exec(ctx, "UPDATE casework_case SET data = '[]' WHERE id = $1", c.ID)
		must(t, err)
		*b.clock = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		b.fire(casework.Fired{Acted: 1, Refused: 1})
		b.fire(casework.Fired{})
		stuck, err := casework.Stuck(ctx, d, 10)
		if err != nil || len(stuck) != 1 || stuck[0].CaseID != c.ID || stuck[0].Attempts != 1 || !strings.Contains(stuck[0].Fault, "example.release") {
			t.Errorf("%+v, %v", stuck, err)
		}
		if got, _ := casework.Get(ctx, d, other.ID); got.State != "lapsed" {
			t.Error("one that is stuck holds up the others")
		}
		_, err = d.Exec(ctx, "UPDATE casework_case SET data = $1 WHERE id = $2", string(c.Data), c.ID)
		must(t, err)
		*b.clock = b.clock.Add(time.Hour)
		b.fire(casework.Fired{Acted: 1})
		if stuck, err := casework.Stuck(ctx, d, 10); err != nil || len(stuck) != 0 {
			t.Errorf("%+v, %v", stuck, err)
		}
	})
}

// TestKilledWhileFiring kills a process that is firing, as the operating system
// does, and lets another finish: no deadline is lost and none is handled twice.
func TestKilledWhileFiring(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("KAPOK_CASEWORK_FIRES"); path != "" {
		fireUntilKilled(t, path)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	const cases = 200
	path := filepath.Join(t.TempDir(), "kapok.db")
	d, err := db.Open(ctx, path)
	must(t, err)
	defer d.Close()
	_, err = d.Migrate(ctx)
	must(t, err)
	b := setUp(t, d)
	must(t, d.InTx(ctx, func(tx *db.Tx) error {
		openings := make([]casework.Opening, cases)
		for i := range openings {
			openings[i] = casework.Opening{ID: fmt.Sprint("case-", i), Kind: "example.grant", Data: grant{1}}
		}
		opened, err := b.s.OpenMany(ctx, tx, maker, openings)
		for _, c := range opened {
			if c, err = b.s.DoIn(ctx, tx, maker, c.ID, c.Version, "submit", amount(1)); err != nil {
				return err
			}
			if _, err = b.s.DoIn(ctx, tx, checker, c.ID, c.Version, "approve", casework.Input{}); err != nil {
				return err
			}
		}
		return err
	}))
	kills := 0
	for round := range 6 {
		worker := exec.Command(os.Args[0], "-test.run=TestKilledWhileFiring")
		worker.Env = append(os.Environ(), "KAPOK_CASEWORK_FIRES="+path, "KAPOK_CASEWORK_ROUND="+strconv.Itoa(round))
		must(t, worker.Start())
		before := lapsed(t, d)
		for deadline := time.Now().Add(5 * time.Second); lapsed(t, d) < min(before+10, cases) && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		_ = worker.Process.Kill()
		_ = worker.Wait()
		kills++
	}
	atKills := lapsed(t, d)
	*b.clock = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC) // all leases have run out
	for lapsed(t, d) < cases {
		if _, err := b.s.Fire(ctx, 1000); err != nil {
			t.Fatal(err)
		}
	}
	twice, _, err := db.Value[int64](ctx, d, "SELECT COUNT(*) - COUNT(DISTINCT case_id) FROM spent WHERE what = 'release'")
	if err != nil || twice != 0 || lapsed(t, d) != cases {
		t.Errorf("%d of %d fired, %d twice, %v", lapsed(t, d), cases, twice, err)
	}
	if _, err := casework.VerifyAll(ctx, d); err != nil {
		t.Error(err)
	}
	t.Logf("%d processes killed with %d of %d fired", kills, atKills, cases)
}

func lapsed(t testing.TB, d *db.DB) int64 {
	n, _, err := db.Value[int64](ctx, d, "SELECT COUNT(*) FROM spent WHERE what = 'release'")
	must(t, err)
	return n
}

func fireUntilKilled(t *testing.T, path string) {
	d, err := db.Open(ctx, path)
	must(t, err)
	round, err := strconv.Atoi(os.Getenv("KAPOK_CASEWORK_ROUND"))
	must(t, err)
	now := time.Date(2026, 3, 1+round, 0, 0, 0, 0, time.UTC) // the leases of the one before have run out
	d.SetClock(func() time.Time { return now })
	r := registry()
	must(t, r.Add(parse(t, "testdata/grant.yaml")))
	s := casework.New(d, r)
	for {
		if _, err := s.Fire(ctx, 1000); err != nil && errs.KindOf(err) != errs.Unavailable {
			t.Fatal(err)
		}
		now = now.Add(10 * time.Minute)
	}
}
