package api

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// BookIn names a book.
type BookIn struct {
	Book string `path:"book" maxLength:"200" doc:"Name of the book"`
}

// AsOf are the two times of a question to the books.
type AsOf struct {
	Effective string `query:"effective" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$" doc:"The last effective day that counts, such as 2026-06-30; absent counts all"`
	Recorded  string `query:"recorded" maxLength:"40" doc:"What was known then: a day, to its end in UTC+8, or an instant of RFC 3339; absent is now"`
}

// at reads the two times.
func (a *AsOf) at() (ledger.At, error) {
	at := ledger.At{Effective: a.Effective}
	if a.Effective != "" {
		if _, err := time.Parse(time.DateOnly, a.Effective); err != nil {
			return at, errs.New(errs.Invalid, "finance.day", errs.A{"value": a.Effective}).At("effective")
		}
	}
	if a.Recorded == "" {
		return at, nil
	}
	if t, err := time.Parse(time.RFC3339, a.Recorded); err == nil {
		at.Recorded = t
		return at, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, a.Recorded, time.FixedZone("", 8*60*60))
	if err != nil {
		return at, errs.New(errs.Invalid, "finance.day", errs.A{"value": a.Recorded}).At("recorded")
	}
	at.Recorded = day.AddDate(0, 0, 1).Add(-time.Nanosecond)
	return at, nil
}

// AccountsIn asks for the accounts of a book.
type AccountsIn struct {
	BookIn
	AsOf
	Paging
}

// AccountIn names an account.
type AccountIn struct {
	Account string `path:"account" maxLength:"300" doc:"Id of the account, such as pool:2025:available"`
}

// AccountSheet is an account with what it holds as of two times. Amounts are
// fen where the unit is CNY, and pieces otherwise.
type AccountSheet struct {
	ledger.Account
	ledger.Balance
}

// StatementIn asks for entries of an account.
type StatementIn struct {
	AccountIn
	Paging
}

// BookEntry is one posting of an account, as it was recorded.
type BookEntry struct{ ledger.Entry }

// ActsIn asks for the acts of a book.
type ActsIn struct {
	BookIn
	Paging
}

// ActIn names an act by its key, which may hold slashes.
type ActIn struct {
	Key string `path:"key" maxLength:"400" doc:"Key of the act, with slashes"`
}

// BooksChecked is what a recomputation of every book found.
type BooksChecked struct {
	ledger.Report
	OK     bool     `json:"ok" doc:"Everything agrees"`
	Faults []string `json:"faults" nullable:"false" doc:"Each row at fault in a sentence, at most 100"`
}

func (s *server) ledger() {
	const tag = "ledger"
	staff := account.ReadPrivate
	addList(s, route{id: "list_books", path: "/ledger/books", tag: tag, needs: staff}, bookTable(), s.listBooks)
	addList(s, route{id: "list_accounts", path: "/ledger/books/{book}/accounts", tag: tag, needs: staff}, accountTable(), s.listAccounts)
	addList(s, route{id: "list_acts", path: "/ledger/books/{book}/acts", tag: tag, needs: staff}, actTable(), s.listActs)
	addFile(s, route{id: "export_book", path: "/ledger/books/{book}/journal", tag: tag, needs: staff}, "text/plain", s.exportBook)
	add(s, route{id: "get_account", path: "/ledger/accounts/{account}", tag: tag, needs: staff}, s.getAccount)
	addList(s, route{id: "statement_of_account", path: "/ledger/accounts/{account}/statement", tag: tag, needs: staff}, statementTable(), s.statement)
	add(s, route{id: "get_act", path: "/ledger/acts/{key}", tag: tag, needs: staff, deep: true}, s.getAct)
	add(s, route{id: "verify_ledger", path: "/ledger/verify", tag: tag, needs: staff}, s.verifyLedger)
}

// ledgerRoom returns the ledger.
func (s *server) ledgerRoom() (*ledger.Ledger, error) {
	if s.Ledger == nil {
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	}
	return s.Ledger, nil
}

func (s *server) listBooks(ctx context.Context, in *ListIn) (part[ledger.Book], error) {
	l, err := s.ledgerRoom()
	if err != nil {
		return part[ledger.Book]{}, err
	}
	all, err := l.Books(ctx, s.DB)
	if err != nil {
		return part[ledger.Book]{}, err
	}
	return cutPage(all, &in.Paging, func(b *ledger.Book) string { return b.ID })
}

// knownBook is errs.NotFound for a book that is not there.
func (s *server) knownBook(ctx context.Context, book string) (*ledger.Ledger, error) {
	l, err := s.ledgerRoom()
	if err != nil {
		return nil, err
	}
	all, err := l.Books(ctx, s.DB)
	for _, b := range all {
		if b.ID == book {
			return l, err
		}
	}
	if err == nil {
		err = errs.New(errs.NotFound, "ledger.unknown_book", errs.A{"book": book})
	}
	return nil, err
}

func (s *server) listAccounts(ctx context.Context, in *AccountsIn) (part[AccountSheet], error) {
	out := part[AccountSheet]{total: -1}
	at, err := in.at()
	if err != nil {
		return out, err
	}
	l, err := s.knownBook(ctx, in.Book)
	if err != nil {
		return out, err
	}
	after, err := decodeCursor(in.Cursor)
	if err != nil {
		return out, err
	}
	list, err := l.Accounts(ctx, s.DB, in.Book, after, in.Limit+1)
	if err != nil {
		return out, err
	}
	list, out.next = cutAt(list, in.Limit, func(a *ledger.Account) string { return a.ID })
	for _, a := range list {
		b, err := l.Balance(ctx, s.DB, a.ID, at)
		if err != nil {
			return out, err
		}
		out.items = append(out.items, AccountSheet{a, b})
	}
	return out, nil
}

// cutAt keeps the first limit of a list that was read with one more, and says
// where the next page begins.
func cutAt[T any](list []T, limit int, key func(*T) string) ([]T, string) {
	if len(list) <= limit {
		return list, ""
	}
	return list[:limit], encodeCursor(key(&list[limit-1]))
}

func (s *server) getAccount(ctx context.Context, in *struct {
	AccountIn
	AsOf
}) (*answer[AccountSheet], error) {
	l, err := s.ledgerRoom()
	if err != nil {
		return nil, err
	}
	at, err := in.at()
	if err != nil {
		return nil, err
	}
	a, err := l.Account(ctx, s.DB, in.Account)
	if err != nil {
		return nil, err
	}
	b, err := l.Balance(ctx, s.DB, a.ID, at)
	return of(AccountSheet{a, b}), err
}

// numberCursor is the number after which a page begins, 0 for the first page.
func numberCursor(cursor string) (int64, error) {
	text, err := decodeCursor(cursor)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, errs.New(errs.Invalid, "api.bad_cursor").At("cursor")
	}
	return n, nil
}

func (s *server) statement(ctx context.Context, in *StatementIn) (part[BookEntry], error) {
	out := part[BookEntry]{total: -1}
	l, err := s.ledgerRoom()
	if err != nil {
		return out, err
	}
	if _, err := l.Account(ctx, s.DB, in.Account); err != nil {
		return out, err
	}
	before, err := numberCursor(in.Cursor)
	if err != nil {
		return out, err
	}
	list, err := l.Statement(ctx, s.DB, in.Account, before, in.Limit+1)
	list, out.next = cutAt(list, in.Limit, func(e *ledger.Entry) string { return strconv.FormatInt(e.Version, 10) })
	for _, e := range list {
		out.items = append(out.items, BookEntry{e})
	}
	return out, err
}

func (s *server) listActs(ctx context.Context, in *ActsIn) (part[ledger.Act], error) {
	out := part[ledger.Act]{total: -1}
	l, err := s.knownBook(ctx, in.Book)
	if err != nil {
		return out, err
	}
	after, err := numberCursor(in.Cursor)
	if err != nil {
		return out, err
	}
	list, err := l.Acts(ctx, s.DB, in.Book, after, in.Limit+1)
	list, out.next = cutAt(list, in.Limit, func(a **ledger.Act) string { return strconv.FormatInt((*a).Seq, 10) })
	for _, a := range list {
		out.items = append(out.items, *a)
	}
	return out, err
}

func (s *server) getAct(ctx context.Context, in *ActIn) (*answer[ledger.Act], error) {
	l, err := s.ledgerRoom()
	if err != nil {
		return nil, err
	}
	a, err := l.Act(ctx, s.DB, in.Key)
	if err != nil {
		return nil, err
	}
	return of(*a), nil
}

// exportBook writes the journal first, so that a fault is a problem and not
// half a file.
func (s *server) exportBook(ctx context.Context, in *BookIn) (*download, error) {
	l, err := s.knownBook(ctx, in.Book)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := l.Export(ctx, s.DB, &b, in.Book); err != nil {
		return nil, err
	}
	return &download{kind: "text/plain; charset=utf-8", tag: etag(0, b.Bytes()), disposition: `attachment; filename="kapok.journal"`,
		size: int64(b.Len()), body: io.NopCloser(&b)}, nil
}

// verifyLedger recomputes every book. It is heavy: one at a time.
func (s *server) verifyLedger(ctx context.Context, _ *struct{}) (*answer[BooksChecked], error) {
	l, err := s.ledgerRoom()
	if err != nil {
		return nil, err
	}
	if !s.verifying.TryLock() {
		return nil, errs.New(errs.Unavailable, "finance.verify_busy")
	}
	defer s.verifying.Unlock()
	r, err := l.Verify(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	out := BooksChecked{Report: r, OK: r.Err() == nil, Faults: []string{}}
	for _, e := range r.Faults {
		out.Faults = append(out.Faults, i18n.Error(callOf(ctx).lang, e))
	}
	return of(out), nil
}

func bookTable() table[ledger.Book] {
	type v = ledger.Book
	return table[v]{name: "books", columns: []column[v]{
		{"id", func(b *v) any { return b.ID }}, {"acts", func(b *v) any { return b.Acts }}, {"closed_on", func(b *v) any { return b.ClosedOn }},
		{"last", func(b *v) any { return instant(b.Last) }}, {"hash", func(b *v) any { return b.Hash }},
	}}
}

func accountTable() table[AccountSheet] {
	type v = AccountSheet
	fens := func(of func(a *v) money.Fen) func(*v) any { return func(a *v) any { return int64(of(a)) } }
	return table[v]{name: "accounts", columns: []column[v]{
		{"id", func(a *v) any { return a.ID }}, {"book", func(a *v) any { return a.Book }}, {"code", func(a *v) any { return a.Code }},
		{"name_zh", func(a *v) any { return a.Name.ZH }}, {"name_en", func(a *v) any { return a.Name.EN }}, {"normal", func(a *v) any { return string(a.Normal) }},
		{"unit", func(a *v) any { return a.Unit }}, {"owner", func(a *v) any { return a.Owner }}, {"floor", func(a *v) any { return fen(a.Floor) }}, {"ceiling", func(a *v) any { return fen(a.Ceiling) }},
		{"posted", fens(func(a *v) money.Fen { return a.Posted })}, {"pending", fens(func(a *v) money.Fen { return a.Pending })},
		{"incoming", fens(func(a *v) money.Fen { return a.Incoming })}, {"available", fens(func(a *v) money.Fen { return a.Available })},
		{"entries", func(a *v) any { return a.Entries }}, {"closed", func(a *v) any { return a.Closed }},
	}}
}

func statementTable() table[BookEntry] {
	type v = BookEntry
	return table[v]{name: "statement", columns: []column[v]{
		{"account", func(e *v) any { return e.Account }}, {"version", func(e *v) any { return e.Version }}, {"effective_on", func(e *v) any { return e.On }},
		{"recorded_at", func(e *v) any { return instant(e.At) }}, {"amount", func(e *v) any { return int64(e.Amount) }}, {"previous", func(e *v) any { return int64(e.Previous) }},
		{"balance", func(e *v) any { return int64(e.Balance) }}, {"book", func(e *v) any { return e.Book }}, {"seq", func(e *v) any { return e.Seq }}, {"hash", func(e *v) any { return e.Hash }},
	}}
}

func actTable() table[ledger.Act] {
	type v = ledger.Act
	return table[v]{name: "acts", columns: []column[v]{
		{"book", func(a *v) any { return a.Book }}, {"seq", func(a *v) any { return a.Seq }}, {"act", func(a *v) any { return string(a.Do) }}, {"key", func(a *v) any { return a.Key }},
		{"effective_on", func(a *v) any { return a.On }}, {"recorded_at", func(a *v) any { return instant(a.At) }}, {"kind", func(a *v) any { return a.Kind }},
		{"reason", func(a *v) any { return a.Reason }}, {"ref", func(a *v) any { return a.Ref }}, {"reverses", func(a *v) any { return a.Reverses }}, {"hold", func(a *v) any { return a.Hold }},
		{"entries", func(a *v) any { return len(a.Entries) }}, {"actor", func(a *v) any { return a.Actor }}, {"hash", func(a *v) any { return a.Hash }},
	}}
}
