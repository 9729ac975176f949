package ledger

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// TestHledgerAgrees exports a book of random commands and holds that hledger
// accepts it, assertions and all, and agrees on the balance of every account
// today and at the end of each of several days.
func TestHledgerAgrees(t *testing.T) {
	program, err := exec.LookPath("hledger")
	if err != nil {
		shareddata.Skip(t, "hledger is not installed")
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newTrial(99, "a", "b")
		c := tick(d, p.d.now)
		l := openChart(t, d, "a", "b")
		poster := &Poster{d: d}
		for range 20 {
			p.d.tick()
			c.at = p.d.now
			var batch []*wish
			for range 20 {
				batch = append(batch, &wish{by: tester, c: p.d.next(), ended: make(chan struct{})})
			}
			poster.batch(batch)
		}
		mustPost(t, d, l, Transaction{Key: "odd; key (1)", Kind: "* ! = | kind", Reason: "2026-01-01 line\nbreak  ; a:tag, \u2028x", Ref: "claim/1; 2",
			Postings: []Posting{{"a:equity", 3}, {"a:fee", -3}}})
		for _, book := range p.d.books {
			file := filepath.Join(t.TempDir(), "book.journal")
			var out bytes.Buffer
			if err := l.Export(t.Context(), d, &out, book); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			days := []string{"", "2026-01-02", p.d.now.AddDate(0, 0, -40).Format(time.DateOnly), p.d.now.Format(time.DateOnly)}
			for _, day := range days {
				agreeWith(t, hledger(t, program, file, day), d, l, book, day)
			}
		}
	})
}

// hledger returns its balances of a journal up to and with a day.
func hledger(t *testing.T, program, file, day string) map[string]string {
	t.Helper()
	args := []string{"-f", file, "balance", "--flat", "--empty", "--no-total", "-O", "csv", "--strict"}
	if day != "" {
		next, _ := time.Parse(time.DateOnly, day)
		args = append(args, "-e", next.AddDate(0, 0, 1).Format(time.DateOnly)) // hledger's end is exclusive
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("hledger refuses the export: %v\n%s", err, stderr.String())
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows[1:] {
		got[r[0]] = r[1]
	}
	return got
}

func agreeWith(t *testing.T, got map[string]string, d *db.DB, l *Ledger, book, day string) {
	t.Helper()
	accounts, err := l.Accounts(t.Context(), d, book, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, a := range accounts {
		b := balance(t, d, l, a.ID, At{Effective: day})
		want := "0"
		if b.Posted != 0 {
			moved++
			want = amountText(a.Unit, a.signed(b.Posted))
		}
		if has := got[a.ID]; has != want && !(has == "" && want == "0") {
			t.Errorf("%s on %q: hledger says %q, the ledger %q", a.ID, day, has, want)
		}
	}
	if moved < 3 && day == "" {
		t.Errorf("book %s: only %d accounts have a balance; there is little to compare", book, moved)
	}
}

func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "a;b", "x\ny", "2026-01-01 * (1) | a:b, c", "\u2028\u0085\x7f\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plain(s)
		if strings.ContainsAny(got, "\n\r\t\v\f;()[]:,|*!=\u2028\u2029\u0085\x00") {
			t.Errorf("plain(%q) = %q", s, got)
		}
	})
}

// FuzzTransaction holds that no request makes the core fail in any other way
// than by a typed error, and that what it accepts is balanced.
func FuzzTransaction(f *testing.F) {
	for _, s := range []string{
		`{"key":"k","postings":[{"account":"a:cash","amount":5},{"account":"a:equity","amount":-5}]}`,
		`{"key":"k","on":"2025-02-30","reverses":"k"}`,
		`{"key":"k","postings":[{"account":"a:cash","amount":9223372036854775807},{"account":"a:equity","amount":-9223372036854775808}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var tr Transaction
		if json.Unmarshal([]byte(s), &tr) != nil {
			return
		}
		p := newTrial(1, "a", "b")
		if _, err := p.s.apply(postCommand{[]Transaction{tr}}, stamp{tester, p.d.now}); err != nil {
			return
		}
		p.drain()
		for _, e := range p.log[len(p.log)-1].Entries {
			p.o.entries = append(p.o.entries, oracleEntry{e.Account, e.Amount, e.On, e.At.Time})
		}
		if err := p.finish(); err != nil {
			t.Error(err)
		}
	})
}
