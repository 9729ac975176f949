package ledger

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// Kind is the word for a book of the ledger in the change log.
const Kind = "ledger"

// Ledger reads and writes the books. It holds nothing: what it writes is part
// of the transaction of its caller, and stands or falls with it. A refusal (an
// *errs.Error) comes before anything is written: that transaction may go on, and
// keep or drop what it did before. After any other error it has to be rolled
// back.
type Ledger struct{}

// New returns the ledger.
func New() *Ledger { return &Ledger{} }

// Open opens accounts, and the books that they name first. An account that is
// open already with the same definition is passed over; with another one it is
// errs.Conflict.
func (l *Ledger) Open(ctx context.Context, tx *db.Tx, by change.Author, accounts ...Account) error {
	_, err := run(ctx, tx, by, openCommand{accounts})
	return err
}

// Limit gives an account another floor and ceiling, nil for none. It refuses
// no balance that is beyond them already: from then on it may only move back.
func (l *Ledger) Limit(ctx context.Context, tx *db.Tx, by change.Author, account string, floor, ceiling *money.Fen, reason string) error {
	_, err := run(ctx, tx, by, amendCommand{account, func(a *Account) { a.Floor, a.Ceiling = floor, ceiling }, reason, DoAmend})
	return err
}

// Rename gives an account another name.
func (l *Ledger) Rename(ctx context.Context, tx *db.Tx, by change.Author, account string, name i18n.Text, reason string) error {
	_, err := run(ctx, tx, by, amendCommand{account, func(a *Account) { a.Name = name }, reason, DoAmend})
	return err
}

// CloseAccount closes an account whose balance and holds are zero, for good.
func (l *Ledger) CloseAccount(ctx context.Context, tx *db.Tx, by change.Author, account, reason string) error {
	_, err := run(ctx, tx, by, amendCommand{account, func(a *Account) { a.Closed = true }, reason, DoCloseAccount})
	return err
}

// maxGroup bounds the transactions of one group.
const maxGroup = 10_000

// Post posts a group of transactions in their order: all of them, or none. The
// entries come back in the same order. A group that was posted before, with the
// same keys and content, returns the entries of the first time and posts
// nothing; a key that was used for anything else is errs.Conflict.
func (l *Ledger) Post(ctx context.Context, tx *db.Tx, by change.Author, group ...Transaction) ([]Entry, error) {
	if len(group) > maxGroup {
		return nil, errs.New(errs.TooLarge, "ledger.too_many_transactions", errs.A{"limit": maxGroup})
	}
	acts, err := run(ctx, tx, by, postCommand{group})
	return entriesOf(acts), err
}

// Reserve makes a hold. A repeated call returns the hold as it stands now.
func (l *Ledger) Reserve(ctx context.Context, tx *db.Tx, by change.Author, h Hold) (Hold, error) {
	if _, err := run(ctx, tx, by, reserveCommand{h}); err != nil {
		return Hold{}, err
	}
	now, err := l.Hold(ctx, tx, h.Key)
	now.Kind, now.Reason, now.Ref, now.Evidence = h.Kind, h.Reason, h.Ref, h.Evidence // the act has them, not the hold's row
	return now, err
}

// Settle posts a hold, whole or in part, and releases the rest of it.
func (l *Ledger) Settle(ctx context.Context, tx *db.Tx, by change.Author, s Settlement) ([]Entry, error) {
	acts, err := run(ctx, tx, by, settleCommand{s})
	return entriesOf(acts), err
}

// Void releases a hold without a posting.
func (l *Ledger) Void(ctx context.Context, tx *db.Tx, by change.Author, r Release) error {
	_, err := run(ctx, tx, by, voidCommand{r})
	return err
}

// Expire ends the holds of a book that have run out by the transaction's clock
// and returns how many. Every write to a book does so first, and balances leave
// such holds out at once: it only tidies up.
func (l *Ledger) Expire(ctx context.Context, tx *db.Tx, by change.Author, book string) (int, error) {
	acts, err := run(ctx, tx, by, expireCommand{book})
	return len(acts), err
}

// ClosePeriod closes the days of a book up to and with through, a day before
// today. Only a transaction that says that it is Correcting can be dated there
// afterwards. A closed period is not opened again.
func (l *Ledger) ClosePeriod(ctx context.Context, tx *db.Tx, by change.Author, book, through, reason string) error {
	_, err := run(ctx, tx, by, closeCommand{book, through, reason})
	return err
}

// run decides a command in the caller's transaction and writes what came of it.
func run(ctx context.Context, tx *db.Tx, by change.Author, c command) ([]*Act, error) {
	s, err := load(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	acts, err := s.apply(c, stamp{by, tx.Now()})
	if err != nil {
		return nil, err
	}
	return acts, s.save(ctx, tx, by)
}

func entriesOf(acts []*Act) []Entry {
	var out []Entry
	for _, a := range acts {
		out = append(out, a.Entries...)
	}
	return slices.Clip(out)
}
