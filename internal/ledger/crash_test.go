package ledger

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// TestCrash starts a process that posts and says on its standard output what
// was acknowledged, kills it at a random moment, and opens the books again:
// nothing that was acknowledged is lost, nothing is half there, the chain is
// whole. Then the next process goes on in the same books. KAPOK_LEDGER_CRASHES
// is the number of kills. (The machine stays up: that the disk keeps what fsync
// was told is not tested here.)
func TestCrash(t *testing.T) {
	if path := os.Getenv("KAPOK_LEDGER_CRASH_CHILD"); path != "" {
		crashChild(path)
		return
	}
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	if n, err := strconv.Atoi(os.Getenv("KAPOK_LEDGER_CRASHES")); err == nil {
		rounds = n
	}
	path := filepath.Join(t.TempDir(), "crash.db")
	acknowledged := map[string]string{}
	rng := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for round := range rounds {
		crashOnce(t, path, round, 1+rng.IntN(300), time.Duration(rng.IntN(20_000))*time.Microsecond, acknowledged)
		checkCrashed(t, path, acknowledged)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d acknowledged, none lost", rounds, len(acknowledged))
}

// crashOnce lets a child post until it has said some lines, and a moment more.
func crashOnce(t *testing.T, path string, round, enough int, moment time.Duration, acknowledged map[string]string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrash$")
	child.Env = append(os.Environ(), "KAPOK_LEDGER_CRASH_CHILD="+path, "KAPOK_LEDGER_CRASH_ROUND="+strconv.Itoa(round))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines, said := bufio.NewScanner(out), 0
	for lines.Scan() {
		if said++; said == enough {
			time.AfterFunc(moment, func() { _ = child.Process.Kill() })
		}
		key, hash, ok := strings.Cut(lines.Text(), " ")
		if !ok || len(hash) != 64 {
			continue // the last line, cut by the kill
		}
		acknowledged[key] = hash
	}
	if err := child.Wait(); err == nil || said < enough {
		t.Fatalf("the child ended by itself: %v", err)
	}
}

func checkCrashed(t *testing.T, path string, acknowledged map[string]string) {
	t.Helper()
	d, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	l := New()
	verify(t, d, l)
	found := map[string]string{}
	err = db.Each(t.Context(), d, func(s db.Scan) error {
		var key, hash string
		err := s(&key, &hash)
		found[key] = hash
		return err
	}, "SELECT key, hash FROM ledger_act")
	if err != nil {
		t.Fatal(err)
	}
	for key, hash := range acknowledged {
		if found[key] != hash {
			t.Errorf("%s was acknowledged with %s, the books have %q", key, hash, found[key])
		}
	}
	for key := range found { // a group is there whole or not at all
		if group, one := strings.CutSuffix(key, ".1"); one && found[group+".2"] == "" {
			t.Errorf("half of the group %s stands", group)
		}
	}
}

// crashChild posts until it is killed: by a poster from several goroutines, and
// in transactions of its own.
func crashChild(path string) {
	ctx, round := context.Background(), os.Getenv("KAPOK_LEDGER_CRASH_ROUND")
	fatal := func(err error) {
		if err != nil && errs.Of(err).Key != "ledger.below_floor" {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(3)
		}
	}
	d, err := db.Open(ctx, path)
	fatal(err)
	_, err = d.Migrate(ctx)
	fatal(err)
	l := New()
	fatal(d.InTx(ctx, func(tx *db.Tx) error { return l.Open(ctx, tx, tester, append(chart("a"), chart("b")...)...) }))
	p := NewPoster(d)
	say := func(key, book string, seq int64) {
		hash, _, err := db.Value[string](ctx, d, "SELECT hash FROM ledger_act WHERE book = $1 AND seq = $2", book, seq)
		fatal(err)
		fmt.Fprintf(os.Stdout, "%s %s\n", key, hash) // one write, or none
	}
	for w := range 6 {
		go func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("r%s.w%d.%d", round, w, i)
				one, two := txn(key+".1", "", "a:cash", 5, "a:equity", -5), txn(key+".2", "", "b:cash", 3, "b:equity", -3)
				got, err := p.Post(ctx, tester, one, two)
				fatal(err)
				say(key+".1", "a", got[0].Seq)
				say(key+".2", "b", got[2].Seq)
			}
		}()
	}
	for i := 0; ; i++ {
		key, got := fmt.Sprintf("r%s.d-%d", round, i), []Entry(nil)
		err := d.InTx(ctx, func(tx *db.Tx) (err error) {
			if _, err = l.Reserve(ctx, tx, tester, Hold{Key: key + "h", Debit: "a:loan", Credit: "a:cash", Amount: 1}); err != nil {
				return err
			}
			got, err = l.Settle(ctx, tx, tester, Settlement{Key: key, Hold: key + "h", Amount: 1})
			return err
		})
		if fatal(err); err == nil {
			say(key, "a", got[0].Seq)
		}
	}
}
