package ledger

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkWhole measures what reads a whole book of KAPOK_BENCH_ENTRIES
// entries (20,000 otherwise) once: Verify, Export, and hledger's own report of
// all balances over that export, for comparison with the ledger's.
func BenchmarkWhole(b *testing.B) {
	entries := 20_000
	if n, err := strconv.Atoi(os.Getenv("KAPOK_BENCH_ENTRIES")); err == nil {
		entries = n
	}
	d := benchDB(b)
	l := fillYears(b, d, entries)
	file := filepath.Join(b.TempDir(), "book.journal")
	once := func(name string, fn func() error) {
		b.Run(name, func(b *testing.B) {
			start := time.Now()
			if err := fn(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(start).Seconds()*1000, "once-ms")
			b.ReportMetric(0, "ns/op") // it is run once, whatever b.N
		})
	}
	once("verify", func() error {
		r, err := l.Verify(b.Context(), d)
		if err == nil {
			err = r.Err()
		}
		return err
	})
	once("export", func() error {
		f, err := os.Create(file)
		if err != nil {
			return err
		}
		if err := l.Export(b.Context(), d, f, "b"); err != nil {
			return err
		}
		return f.Close()
	})
	once("balances", func() error {
		for _, a := range chart("b") {
			balance(b, d, l, a.ID, At{Effective: "2021-06-30"})
		}
		return nil
	})
	program, err := exec.LookPath("hledger")
	if err != nil {
		b.Log("hledger is not installed: nothing stands beside")
		return
	}
	once("balances-by-hledger", func() error {
		cmd := exec.CommandContext(b.Context(), program, "-f", file, "balance", "--flat", "-e", "2021-07-01")
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		return cmd.Run()
	})
}
