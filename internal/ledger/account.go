package ledger

import (
	"context"
	"regexp"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// Side is a side of an account.
type Side string

// The sides. The balance of an account grows on its normal side: assets and
// expenses on the debit, liabilities, equity and income on the credit.
const (
	Debit  Side = "debit"
	Credit Side = "credit"
)

// CNY is the unit of accounts in renminbi; their amounts are fen. Any other
// unit is a memo unit, counted in whole pieces.
const CNY = "CNY"

// Account is one account 科目 of a book 账簿. Its definition is fixed at Open,
// but for the name, the limits and whether it is closed.
type Account struct {
	ID      string     `json:"id"` // unique in all books, such as "pool:2025:available"
	Book    string     `json:"book"`
	Code    string     `json:"code,omitempty"` // its line in a chart of accounts; several accounts may share it
	Name    i18n.Text  `json:"name"`
	Normal  Side       `json:"normal"`
	Unit    string     `json:"unit"`
	Owner   string     `json:"owner,omitempty"`   // the record it belongs to, a word of the caller
	Floor   *money.Fen `json:"floor,omitempty"`   // what is available may not sink below it; nil: no floor
	Ceiling *money.Fen `json:"ceiling,omitempty"` // balance and incoming holds may not rise above it; nil: none
	Closed  bool       `json:"closed,omitempty"`
}

var (
	accountID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/@-]*(:[A-Za-z0-9._/@-]+)*$`)
	unitName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,31}$`)
)

const maxID = 160 // characters of an account's id, a book's name, a key

func (a *Account) check() error {
	switch {
	case !accountID.MatchString(a.ID) || len(a.ID) > maxID:
		return errs.New(errs.Invalid, "ledger.bad_account_id", errs.A{"id": clip(a.ID)}).At("/id")
	case !accountID.MatchString(a.Book) || len(a.Book) > maxID:
		return errs.New(errs.Invalid, "ledger.bad_book", errs.A{"book": clip(a.Book)}).At("/book")
	case a.Normal != Debit && a.Normal != Credit:
		return errs.New(errs.Invalid, "ledger.bad_side", errs.A{"account": a.ID, "side": clip(string(a.Normal))}).At("/normal")
	case !unitName.MatchString(a.Unit):
		return errs.New(errs.Invalid, "ledger.bad_unit", errs.A{"account": a.ID, "unit": clip(a.Unit)}).At("/unit")
	case a.Floor != nil && a.Ceiling != nil && *a.Floor > *a.Ceiling:
		return errs.New(errs.Invalid, "ledger.bad_limits", errs.A{"account": a.ID, "floor": a.text(*a.Floor), "ceiling": a.text(*a.Ceiling)}).At("/floor")
	case a.Closed:
		return errs.New(errs.Invalid, "ledger.opened_closed", errs.A{"account": a.ID}).At("/closed")
	}
	return nil
}

// text writes an amount in the unit of the account, for a message.
func (a *Account) text(f money.Fen) string {
	if a.Unit == CNY {
		return f.String()
	}
	return strconv.FormatInt(int64(f), 10) + " " + a.Unit
}

// signed turns an amount of a posting into one of the account's normal side.
func (a *Account) signed(amount money.Fen) money.Fen {
	if a.Normal == Credit {
		return -amount
	}
	return amount
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

const accountColumns = "a.id, a.book, a.code, a.name_zh, a.name_en, a.normal, a.unit, a.owner, a.floor_at, a.ceiling_at, a.closed"

// fields are where the columns of an account are scanned to.
func (a *Account) fields() []any {
	return []any{&a.ID, &a.Book, &a.Code, &a.Name.ZH, &a.Name.EN, &a.Normal, &a.Unit, &a.Owner, &a.Floor, &a.Ceiling, &a.Closed}
}

func scanAccount(s db.Scan) (Account, error) {
	var a Account
	err := s(a.fields()...)
	return a, err
}

// Account returns the definition of an account, errs.NotFound without one.
func (l *Ledger) Account(ctx context.Context, q db.Querier, id string) (Account, error) {
	a, err := Account{}, unknownAccount(id)
	failed := among(ctx, q, scanAccount, "SELECT "+accountColumns+" FROM ledger_account a WHERE a.id IN (", []string{id}, func(found Account) { a, err = found, nil })
	if failed != nil {
		err = failed
	}
	return a, err
}

// Accounts returns up to limit accounts of a book ("" for every book) after the
// id after, in the order of their ids.
func (l *Ledger) Accounts(ctx context.Context, q db.Querier, book, after string, limit int) ([]Account, error) {
	if !storable(book + after) {
		return nil, nil
	}
	return db.Collect(ctx, q, scanAccount,
		"SELECT "+accountColumns+" FROM ledger_account a WHERE (a.book = $1 OR $1 = '') AND a.id > $2 ORDER BY a.id LIMIT $3", book, after, limit)
}

// AccountsOf returns the accounts of an owner in the order of their ids.
func (l *Ledger) AccountsOf(ctx context.Context, q db.Querier, owner string) ([]Account, error) {
	if !storable(owner) {
		return nil, nil
	}
	return db.Collect(ctx, q, scanAccount, "SELECT "+accountColumns+" FROM ledger_account a WHERE a.owner = $1 ORDER BY a.id", owner)
}

// Book 账簿 is where a book stands.
type Book struct {
	ID       string  `json:"id"`
	Acts     int64   `json:"acts"`
	Hash     string  `json:"hash"`      // of the newest act
	ClosedOn string  `json:"closed_on"` // last day of the closed periods, "" before the first
	Last     db.Time `json:"last"`      // instant of the newest act
}

// Books returns where each book stands, in the order of their names.
func (l *Ledger) Books(ctx context.Context, q db.Querier) ([]Book, error) {
	return db.Collect(ctx, q, func(s db.Scan) (Book, error) {
		var b Book
		err := s(&b.ID, &b.Acts, &b.Hash, &b.ClosedOn, &b.Last)
		return b, err
	}, "SELECT id, seq, hash, closed_on, last_at FROM ledger_book ORDER BY id")
}

func unknownAccount(id string) error {
	return errs.New(errs.NotFound, "ledger.unknown_account", errs.A{"account": clip(id)})
}
