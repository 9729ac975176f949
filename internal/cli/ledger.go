package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// ledgerFlags are what the actions of the command may be told.
type ledgerFlags struct {
	on, known, out string
	limit          int
}

func ledgerCommand() command {
	return command{
		name: "ledger",
		args: "books | verify | accounts BOOK | balance ACCOUNT | statement ACCOUNT | export BOOK | anchor",
		summary: i18n.Text{ZH: "账簿：列出、从头重算核对、查任一时点的余额、导出给审计",
			EN: "the books: list them, recompute all of them, ask for a balance as of any day, export them for auditors"},
		example: "kapok ledger verify\nkapok ledger balance pool:2025:available --on 2026-06-30 --known 2026-07-15\nkapok ledger export pool:2025 --out pool.journal\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f ledgerFlags
			fs.StringVar(&f.on, "on", "", "")
			fs.StringVar(&f.known, "known", "", "")
			fs.StringVar(&f.out, "out", "", "")
			fs.IntVar(&f.limit, "limit", 50, "")
			return func(ctx context.Context, s *session, args []string) error { return s.ledger(ctx, cfg(s), &f, args) }
		},
	}
}

// ledgerActions are the words of the command, with the names of what follows.
var ledgerActions = map[string][]string{"books": nil, "verify": nil, "anchor": nil, "accounts": {"BOOK"}, "balance": {"ACCOUNT"}, "statement": {"ACCOUNT"}, "export": {"BOOK"}}

// ledger reads the books without the rest of the program: an auditor may hold
// nothing but the database.
func (s *session) ledger(ctx context.Context, cfg app.Config, f *ledgerFlags, args []string) error {
	if len(args) == 0 {
		args = []string{"books"}
	}
	names, known := ledgerActions[args[0]]
	if !known {
		return errs.New(errs.Invalid, "cli.unknown_action", errs.A{"action": args[0], "known": "books, verify, accounts, balance, statement, export, anchor"})
	}
	action, rest := args[0], args[1:]
	if err := exactly(len(names), rest, names...); err != nil {
		return err
	}
	d, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return err
	}
	do := map[string]func() error{
		"books":     func() error { return s.ledgerBooks(ctx, d) },
		"verify":    func() error { return s.ledgerVerify(ctx, d) },
		"anchor":    func() error { return s.ledgerAnchor(ctx, d) },
		"accounts":  func() error { return s.ledgerAccounts(ctx, d, f, rest[0]) },
		"balance":   func() error { return s.ledgerBalance(ctx, d, f, rest[0]) },
		"statement": func() error { return s.ledgerStatement(ctx, d, f, rest[0]) },
		"export":    func() error { return s.ledgerExport(ctx, d, f, rest[0]) },
	}[action]
	return errors.Join(do(), d.Close())
}

func (s *session) ledgerBooks(ctx context.Context, d *db.DB) error {
	books, err := ledger.New().Books(ctx, d)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(books)
	}
	if len(books) == 0 {
		s.say("cli.ledger_empty")
	}
	for _, b := range books {
		fmt.Fprintf(s.Stdout, "%-24s %10d  %s  %s\n", b.ID, b.Acts, b.Last, b.Hash)
	}
	return nil
}

// ledgerVerify prints what was recomputed and every fault; a fault is an error,
// so that the exit code tells.
func (s *session) ledgerVerify(ctx context.Context, d *db.DB) error {
	r, err := ledger.New().Verify(ctx, d)
	if err != nil {
		return err
	}
	if s.json {
		return errors.Join(s.printJSON(r), r.Err())
	}
	for _, b := range r.Books {
		s.say("cli.ledger_book", errs.A{"book": b.Book, "acts": b.Acts, "entries": b.Entries, "accounts": b.Accounts, "anchors": b.Anchors, "hash": b.Hash})
	}
	if r.Err() == nil {
		s.say("cli.ledger_whole", errs.A{"books": len(r.Books)})
	}
	return r.Err()
}

func (s *session) ledgerAnchor(ctx context.Context, d *db.DB) error {
	var anchors []ledger.Anchor
	err := d.InTx(ctx, func(tx *db.Tx) (err error) {
		anchors, err = ledger.New().Anchor(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(anchors)
	}
	for _, a := range anchors {
		fmt.Fprintf(s.Stdout, "%s  %s  %d  %s\n", a.Day, a.Book, a.Seq, a.Hash)
	}
	return nil
}

// ledgerPage is how many accounts are read at a time.
const ledgerPage = 500

func (s *session) ledgerAccounts(ctx context.Context, d *db.DB, f *ledgerFlags, book string) error {
	at, err := f.at()
	if err != nil {
		return err
	}
	l, after := ledger.New(), ""
	var rows []ledgerRow
	for {
		part, err := l.Accounts(ctx, d, book, after, ledgerPage)
		if err != nil {
			return err
		}
		for _, a := range part {
			b, err := l.Balance(ctx, d, a.ID, at)
			if err != nil {
				return err
			}
			rows, after = append(rows, ledgerRow{a, b}), a.ID
		}
		if len(part) < ledgerPage {
			break
		}
	}
	if len(rows) == 0 {
		return errs.New(errs.NotFound, "cli.ledger_no_book", errs.A{"book": book})
	}
	if s.json {
		return s.printJSON(rows)
	}
	for _, r := range rows {
		fmt.Fprintf(s.Stdout, "%-40s %22s  %s\n", r.ID, amount(r.Posted, r.Unit), r.Name.In(s.lang))
	}
	return nil
}

// ledgerRow is an account with its balance.
type ledgerRow struct {
	ledger.Account
	ledger.Balance
}

func (s *session) ledgerBalance(ctx context.Context, d *db.DB, f *ledgerFlags, account string) error {
	at, err := f.at()
	if err != nil {
		return err
	}
	l := ledger.New()
	a, err := l.Account(ctx, d, account)
	if err != nil {
		return err
	}
	b, err := l.Balance(ctx, d, account, at)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(ledgerRow{a, b})
	}
	s.say("cli.ledger_balance", errs.A{"account": account, "name": a.Name.In(s.lang), "posted": amount(b.Posted, a.Unit),
		"pending": amount(b.Pending, a.Unit), "available": amount(b.Available, a.Unit), "entries": b.Entries})
	return nil
}

func (s *session) ledgerStatement(ctx context.Context, d *db.DB, f *ledgerFlags, account string) error {
	l := ledger.New()
	a, err := l.Account(ctx, d, account)
	if err != nil {
		return err
	}
	entries, err := l.Statement(ctx, d, account, 0, f.limit)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(entries)
	}
	for _, e := range entries {
		fmt.Fprintf(s.Stdout, "%s  #%-8d %22s %22s\n", e.On, e.Seq, amount(e.Amount, a.Unit), amount(e.Balance, a.Unit))
	}
	return nil
}

func (s *session) ledgerExport(ctx context.Context, d *db.DB, f *ledgerFlags, book string) (err error) {
	to := s.Stdout
	if f.out != "" {
		file, err := os.OpenFile(f.out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		to = file
	}
	return ledger.New().Export(ctx, d, to, book)
}

// at is the two times of a question: the effective day, and the end of the day
// of knowledge in the city.
func (f *ledgerFlags) at() (ledger.At, error) {
	at := ledger.At{Effective: f.on}
	if f.on != "" {
		if _, err := time.Parse(time.DateOnly, f.on); err != nil {
			return at, errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "ledger", "flag": "on", "value": f.on})
		}
	}
	if f.known == "" {
		return at, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, f.known, time.FixedZone("", 8*60*60))
	if err != nil {
		return at, errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "ledger", "flag": "known", "value": f.known})
	}
	at.Recorded = day.AddDate(0, 0, 1).Add(-time.Nanosecond)
	return at, nil
}

// amount is a sum with its unit: yuan without a word, pieces as whole numbers.
func amount(v money.Fen, unit string) string {
	if unit == ledger.CNY {
		return v.String()
	}
	return strconv.FormatInt(int64(v), 10) + " " + unit
}
