package ledger

import (
	"bufio"
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Export writes a book as a plain-text journal for auditors, as hledger reads
// it (hledger.org, journal format 1.25): accounts and units declared, and one
// transaction for each act with entries, in the order of effective days. Behind
// each posting stands the balance that the account has there; a reader that
// checks such assertions recomputes the book. Amounts are + on the debit and
// − on the credit. Holds move nothing and are not in it.
//
// It streams; within a transaction, or of a closed period, it is one state.
func (l *Ledger) Export(ctx context.Context, q db.Querier, w io.Writer, book string) error {
	if !storable(book) {
		return errs.New(errs.NotFound, "ledger.unknown_book", errs.A{"book": clip(book)})
	}
	out := &journal{w: bufio.NewWriter(w), units: map[string]string{}, sums: map[string]money.Fen{}}
	if err := out.declare(ctx, l, q, book); err != nil {
		return err
	}
	if len(out.units) == 0 {
		return errs.New(errs.NotFound, "ledger.unknown_book", errs.A{"book": clip(book)})
	}
	err := db.Each(ctx, q, out.line, `SELECT e.effective_on, e.seq, e.line, e.account, e.amount, e.recorded_at, a.act, a.key, a.kind, a.reason, a.ref, a.reverses, a.hash
		FROM ledger_entry e JOIN ledger_act a ON a.book = e.book AND a.seq = e.seq WHERE e.book = $1 ORDER BY e.effective_on, e.seq, e.line`, book)
	if err != nil {
		return err
	}
	return out.w.Flush()
}

// journal writes lines and keeps the sum of each account.
type journal struct {
	w     *bufio.Writer
	units map[string]string // account → unit
	sums  map[string]money.Fen
	seq   int64
}

func (j *journal) put(parts ...string) {
	for _, p := range parts {
		_, _ = j.w.WriteString(p) // an error stays in the writer, and Flush returns it
	}
}

func (j *journal) declare(ctx context.Context, l *Ledger, q db.Querier, book string) error {
	j.put("; ", plain(book), "\ndecimal-mark .\n")
	var units []string
	for after := ""; ; {
		part, err := l.Accounts(ctx, q, book, after, 1000)
		if err != nil {
			return err
		}
		for _, a := range part {
			if j.units[a.ID] = a.Unit; !slices.Contains(units, a.Unit) {
				units = append(units, a.Unit)
				point := "." // hledger asks for the mark, decimals or none
				if a.Unit == CNY {
					point = ""
				}
				j.put("commodity ", amountText(a.Unit, 100_000), point, "\n")
			}
			after = a.ID
			j.put("account ", a.ID)
			if name := strings.TrimSpace(plain(a.Code + " " + a.Name.ZH + " " + a.Name.EN)); name != "" {
				j.put("  ; ", name)
			}
			j.put("\n")
		}
		if len(part) < 1000 {
			return nil
		}
	}
}

func (j *journal) line(s db.Scan) error {
	var e Entry
	var a Act
	if err := s(&e.On, &e.Seq, &e.Line, &e.Account, &e.Amount, &e.At, &a.Do, &a.Key, &a.Kind, &a.Reason, &a.Ref, &a.Reverses, &a.Hash); err != nil {
		return err
	}
	if e.Seq != j.seq {
		j.seq = e.Seq
		j.head(&e, &a)
	}
	j.sums[e.Account] += e.Amount // of a subset of the account's entries: within reach
	unit := j.units[e.Account]
	j.put("    ", e.Account, "  ", amountText(unit, e.Amount), " = ", amountText(unit, j.sums[e.Account]), "\n")
	return nil
}

// head writes the line of a transaction, and beside it what leads back to the
// books: number, key, instant, record, hash.
func (j *journal) head(e *Entry, a *Act) {
	j.put("\n", e.On, " (", strconv.FormatInt(e.Seq, 10), ") ", plain(strings.TrimSpace(a.Kind+" "+a.Reason)), "\n")
	for _, tag := range [...][2]string{{"key", a.Key}, {"act", string(a.Do)}, {"recorded", e.At.UTC().Format("2006-01-02T15:04:05.000000Z")},
		{"ref", a.Ref}, {"reverses", a.Reverses}, {"sha256", a.Hash}} {
		if tag[1] != "" {
			j.put("    ; ", tag[0], ": ", plain(tag[1]), "\n")
		}
	}
}

// amountText writes an amount with its unit: fen as yuan with two decimals,
// pieces of a memo unit whole. Only letters may go unquoted.
func amountText(unit string, f money.Fen) string {
	if unit == CNY {
		return "CNY " + f.String()
	}
	if strings.ContainsAny(unit, "0123456789_-") {
		unit = `"` + unit + `"`
	}
	return unit + " " + strconv.FormatInt(int64(f), 10)
}

// plain makes a text safe for one line of a journal: no line break, no control
// character, and none of the marks that begin a comment, a code, a status, a
// date or a tag there.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ';':
			return '；'
		case r == '(':
			return '（'
		case r == ')':
			return '）'
		case r == '[':
			return '［'
		case r == ']':
			return '］'
		case r == ':':
			return '：'
		case r == ',':
			return '，'
		case r == '|':
			return '｜'
		case r == '*' || r == '!' || r == '=':
			return '·'
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
}
