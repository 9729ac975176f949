package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// AddLedger adds the explorer of the books, for the staff: books, accounts as
// of two times, acts with their evidence, holds, and the journal for auditors.
// It writes nothing.
func (s *Site) AddLedger(v Services) {
	s.svc = v
	var one sync.Mutex // recomputing every book is heavy: one at a time
	s.guarded("GET /ledger", account.ReadPrivate, s.books)
	s.guarded("POST /ledger/books/{book}/verify", account.ReadPrivate, func(w http.ResponseWriter, r *http.Request) error {
		if !one.TryLock() {
			return errs.New(errs.Unavailable, "books.verify_busy")
		}
		defer one.Unlock()
		return s.verifyBook(w, r)
	})
	s.guarded("GET /ledger/books/{book}", account.ReadPrivate, s.book)
	s.guarded("GET /ledger/books/{book}/acts", account.ReadPrivate, s.bookActs)
	s.guarded("GET /ledger/books/{book}/holds", account.ReadPrivate, s.bookHolds)
	s.guarded("GET /ledger/books/{book}/anchors", account.ReadPrivate, s.bookAnchors)
	s.guarded("GET /ledger/books/{book}/journal", account.ReadPrivate, s.journal)
	s.guarded("GET /ledger/books/{book}/acts/{seq}", account.ReadPrivate, s.actBySeq)
	s.guarded("GET /ledger/acts/{key}", account.ReadPrivate, s.actByKey)
	s.guarded("GET /ledger/accounts/{id}", account.ReadPrivate, s.ledgerAccount)
	s.bookFiles("/ledger/books/{book}/accounts", s.accountRows)
	s.bookFiles("/ledger/accounts/{id}/statement", s.statementRows)
}

// BooksPage lists the books of the ledger.
type BooksPage struct {
	Page
	Units []Tab
	Unit  string // of money, said once
	Books []BookRow
	Empty State
}

// BookRow is one book: how much is in it, and where its chain stands.
type BookRow struct {
	Name, Href string
	Accounts   string
	Holds      string
	Head       *BookHead
	Anchor     *BookHead
	Totals     []UnitTotal
	Partial    bool // more accounts than are summed up
}

// BookHead is a place of a chain.
type BookHead struct {
	Seq    int64
	Text   string // number with separators
	Hash   string
	Href   string
	When   string
	Closed string // last day of its closed periods
}

// UnitTotal is what the accounts of one unit hold, by their normal side. Both
// are the same in books that agree.
type UnitTotal struct {
	Unit          string
	Debit, Credit Value
	Agree         bool
}

// summedAccounts is how many accounts of a book are added up on a page.
const summedAccounts = 1000

// ledgerReading is one request for a page of the books.
type ledgerReading struct {
	*reading
	q     url.Values
	books *ledger.Ledger
	unit  moneyUnit

	standing map[string]ledger.Book
}

func (s *Site) ledgerReading(r *http.Request) (*ledgerReading, error) {
	if s.svc.Ledger == nil {
		return nil, errs.New(errs.Unavailable, "books.off")
	}
	v, err := s.read(r)
	if err != nil {
		return nil, err
	}
	return &ledgerReading{reading: v, q: r.URL.Query(), books: s.svc.Ledger, unit: unitNamed(v.l, r.URL.Query().Get("unit"))}, nil
}

func (s *Site) books(w http.ResponseWriter, r *http.Request) error {
	v, err := s.ledgerReading(r)
	if err != nil {
		return err
	}
	list, err := v.stand()
	if err != nil {
		return err
	}
	p := BooksPage{Page: s.Page(r, v.say("books.title")), Empty: State{Kind: "empty", Heading: v.say("books.none"), Text: v.say("books.none_text")}}
	sums := map[string]*bookSum{}
	var most money.Fen
	for _, b := range list {
		if sums[b.ID], err = v.sum(b.ID); err != nil {
			return err
		}
		most = max(most, sums[b.ID].most)
	}
	v.choose(most)
	p.Units, p.Unit = v.unitTabs(p.Page), v.say("books.unit."+v.unit.name)
	for _, b := range list {
		row, err := v.bookRow(b.ID, sums[b.ID])
		if err != nil {
			return err
		}
		p.Books = append(p.Books, row)
	}
	return s.Render(w, r, "ledger", p)
}

// bookSum is what the accounts of a book hold in all.
type bookSum struct {
	accounts int
	partial  bool
	most     money.Fen
	units    map[string]*[2]money.Fen // debit and credit by unit
}

func (v *ledgerReading) sum(book string) (*bookSum, error) {
	out := &bookSum{units: map[string]*[2]money.Fen{}}
	list, err := v.books.Accounts(v.ctx, v.s.svc.DB, book, "", summedAccounts+1)
	if err != nil {
		return nil, err
	}
	out.accounts = len(list)
	if len(list) > summedAccounts {
		out.partial = true
		return out, nil
	}
	for i := range list {
		b, err := v.books.Balance(v.ctx, v.s.svc.DB, list[i].ID, ledger.At{})
		if err != nil {
			return nil, err
		}
		side := 0
		if list[i].Normal == ledger.Credit {
			side = 1
		}
		if out.units[list[i].Unit] == nil {
			out.units[list[i].Unit] = &[2]money.Fen{}
		}
		at := &out.units[list[i].Unit][side]
		if *at, err = money.Add(*at, b.Posted); err != nil {
			return nil, err
		}
		if list[i].Unit == ledger.CNY {
			out.most = max(out.most, *at, -*at)
		}
	}
	return out, nil
}

func (v *ledgerReading) bookRow(book string, sum *bookSum) (BookRow, error) {
	row := BookRow{Name: book, Href: bookPath(book), Accounts: i18n.Integer(int64(sum.accounts)), Partial: sum.partial}
	if sum.partial {
		row.Accounts = i18n.Integer(summedAccounts) + "+"
	}
	holds, err := v.books.Holds(v.ctx, v.s.svc.DB, book, "", 100)
	if err != nil {
		return row, err
	}
	row.Holds = i18n.Integer(int64(len(holds)))
	if len(holds) == 100 {
		row.Holds += "+"
	}
	if row.Head, err = v.head(book); err != nil {
		return row, err
	}
	anchors, err := v.books.Anchors(v.ctx, v.s.svc.DB, book, 1)
	if err != nil {
		return row, err
	}
	if len(anchors) > 0 {
		row.Anchor = &BookHead{Seq: anchors[0].Seq, Text: i18n.Integer(anchors[0].Seq), Hash: anchors[0].Hash, When: anchors[0].Day, Href: actPath(book, anchors[0].Seq)}
	}
	for unit, t := range sum.units {
		row.Totals = append(row.Totals, UnitTotal{Unit: v.unitName(unit), Debit: v.amount(unit, t[0]), Credit: v.amount(unit, t[1]), Agree: t[0] == t[1]})
	}
	slices.SortFunc(row.Totals, func(a, b UnitTotal) int { return cmp.Compare(a.Unit, b.Unit) })
	return row, nil
}

// head is where the chain of a book stands; nil for a book that is not there.
func (v *ledgerReading) head(book string) (*BookHead, error) {
	if err := v.known(book); err != nil {
		return nil, err
	}
	b := v.standing[book]
	if b.Acts == 0 {
		return nil, nil
	}
	return &BookHead{Seq: b.Acts, Text: i18n.Integer(b.Acts), Hash: b.Hash, When: i18n.Instant(b.Last.Time), Href: actPath(book, b.Acts), Closed: b.ClosedOn}, nil
}

// stand reads where every book stands, once for a request.
func (v *ledgerReading) stand() ([]ledger.Book, error) {
	list, err := v.books.Books(v.ctx, v.s.svc.DB)
	if err != nil {
		return nil, err
	}
	v.standing = map[string]ledger.Book{}
	for _, b := range list {
		v.standing[b.ID] = b
	}
	return list, nil
}

// known is errs.NotFound for a book that is not there.
func (v *ledgerReading) known(book string) error {
	if v.standing == nil {
		if _, err := v.stand(); err != nil {
			return err
		}
	}
	if _, ok := v.standing[book]; !ok {
		return errs.New(errs.NotFound, "ledger.unknown_book", errs.A{"book": clipped(book)})
	}
	return nil
}

func bookPath(book string) string           { return "/ledger/books/" + url.PathEscape(book) }
func accountPath(id string) string          { return "/ledger/accounts/" + url.PathEscape(id) }
func keyPath(key string) string             { return "/ledger/acts/" + url.PathEscape(key) }
func actPath(book string, seq int64) string { return bookPath(book) + "/acts/" + i64(seq) }

// clipped shortens what a reader sent, for a message.
func clipped(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// recordLink leads to the record that a word such as "claim/claim-3kq9…" names:
// to its page where it has one, and always to what else the ledger knows of it.
func (v *reading) recordLink(ref string) Link {
	kind, id, ok := strings.Cut(ref, "/")
	if !ok {
		return Link{Text: ref}
	}
	text := ref
	if key := "books.record." + kind; i18n.Has(key) {
		text = v.say(key) + " " + id
	} else if key := "reg.record." + kind; i18n.Has(key) {
		text = v.say(key) + " " + id
	}
	if kind == "case" {
		return Link{text, casePath(id)}
	}
	return Link{text, refPath(kind, id)}
}

// bookWord is the reader's word for a value of the books, or the value itself.
func (v *reading) bookWord(group, value string) string {
	if key := "books." + group + "." + value; value != "" && i18n.Has(key) {
		return v.say(key)
	}
	return value
}
