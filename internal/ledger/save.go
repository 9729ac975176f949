package ledger

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/money"
)

// rows gathers what a state has to write, table by table.
type rows struct {
	acts, entries, anchors [][]any
	books, opened, amended set
	tallies, holds         set
	cells                  map[cell]*sum
}

// cell is one row of the snapshots: the entries of an account by the month of
// their effective day and by block of versions.
type cell struct {
	account, month string
	block          int64
}

type sum struct {
	net     money.Fen
	entries int64
}

// blockSize is how many versions of an account share a cell.
const blockSize = 2048

func cellOf(e *Entry) cell { return cell{e.Account, e.On[:7], e.Version / blockSize} }

func (c cell) compare(o cell) int {
	switch {
	case c.account != o.account:
		return strings.Compare(c.account, o.account)
	case c.month != o.month:
		return strings.Compare(c.month, o.month)
	}
	return int(c.block - o.block)
}

// save writes the acts of a state and what follows from them.
func (s *state) save(ctx context.Context, tx *db.Tx, by change.Author) error {
	if len(s.out) == 0 {
		return nil
	}
	r := &rows{books: set{}, opened: set{}, amended: set{}, tallies: set{}, holds: set{}, cells: map[cell]*sum{}}
	for _, a := range s.out {
		r.take(a)
		if h := s.holds[a.Hold]; h != nil {
			r.holds.add(h.Key)
			r.tallies.add(h.Debit, h.Credit)
		}
	}
	for _, a := range s.anchors {
		r.anchors = append(r.anchors, []any{a.Book, a.Day, a.Seq, a.Hash})
	}
	s.out, s.anchors = s.out[:0:0], nil
	if err := s.write(ctx, tx, r); err != nil {
		return err
	}
	return s.announce(ctx, tx, by, sorted(r.books))
}

func (r *rows) take(a *Act) {
	r.books.add(a.Book)
	r.acts = append(r.acts, []any{a.Book, a.Seq, string(a.Do), a.Key, a.Request, a.On, a.At, a.Kind, a.Reason, a.Ref, string(a.Body),
		a.Reverses, a.Hold, a.Correcting, a.Actor, a.Behalf, a.Batch, int64(len(a.Entries)), a.Hash})
	switch id := a.accountID(); a.Do {
	case DoOpen:
		r.opened.add(id)
		r.tallies.add(id)
	case DoAmend, DoCloseAccount:
		r.amended.add(id)
	}
	for i := range a.Entries {
		e := &a.Entries[i]
		r.tallies.add(e.Account)
		r.entries = append(r.entries, []any{e.Book, e.Seq, e.Line, e.Account, e.Version, int64(e.Amount), int64(e.Previous), int64(e.Balance), e.On, e.At, e.Hash})
		c := r.cells[cellOf(e)]
		if c == nil {
			c = &sum{}
			r.cells[cellOf(e)] = c
		}
		c.net += e.Amount
		c.entries++
	}
}

const (
	bookInto    = "ledger_book(id, seq, hash, closed_on, last_at)"
	bookUpdate  = "ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, closed_on = excluded.closed_on, last_at = excluded.last_at"
	accountInto = "ledger_account(id, book, code, name_zh, name_en, normal, unit, owner, floor_at, ceiling_at, closed)"
	// What else an account is does not change after it was opened.
	accountUpdate = `ON CONFLICT (id) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, floor_at = excluded.floor_at,
		ceiling_at = excluded.ceiling_at, closed = excluded.closed`
	balanceInto   = "ledger_balance(account, version, debits, credits, pending_debit, pending_credit)"
	balanceUpdate = `ON CONFLICT (account) DO UPDATE SET version = excluded.version, debits = excluded.debits, credits = excluded.credits,
		pending_debit = excluded.pending_debit, pending_credit = excluded.pending_credit`
	holdUpdate   = "ON CONFLICT (key) DO UPDATE SET state = excluded.state, settled = excluded.settled, ended_at = excluded.ended_at"
	holdInto     = "ledger_hold(" + holdColumns + ")"
	cellInto     = "ledger_snapshot(account, month, block, net, entries)"
	cellUpdate   = "ON CONFLICT (account, month, block) DO UPDATE SET net = ledger_snapshot.net + excluded.net, entries = ledger_snapshot.entries + excluded.entries"
	anchorInto   = "ledger_anchor(book, day, seq, hash)"
	anchorUpdate = "ON CONFLICT DO NOTHING"
)

func (s *state) write(ctx context.Context, tx *db.Tx, r *rows) error {
	accounts := maps.Clone(r.opened)
	maps.Copy(accounts, r.amended)
	for _, part := range []struct {
		into, conflict string
		rows           [][]any
	}{
		{bookInto, bookUpdate, each(sorted(r.books), s.bookRow)},
		{accountInto, accountUpdate, each(sorted(accounts), s.accountRow)},
		{balanceInto, balanceUpdate, each(sorted(r.tallies), s.balanceRow)},
		{holdInto, holdUpdate, each(sorted(r.holds), s.holdRow)},
		{"ledger_act(" + actColumns + ")", "", r.acts},
		{"ledger_entry(" + entryColumns + ")", "", r.entries},
		{cellInto, cellUpdate, r.cellRows()},
		{anchorInto, anchorUpdate, r.anchors},
	} {
		if err := db.InsertMany(ctx, tx, part.into, part.conflict, part.rows); err != nil {
			return err
		}
	}
	return nil
}

func each(keys []string, row func(string) []any) [][]any {
	out := make([][]any, len(keys))
	for i, k := range keys {
		out[i] = row(k)
	}
	return out
}

func (s *state) bookRow(id string) []any {
	b := s.books[id]
	return []any{b.id, b.seq, b.hash, b.closed, b.last}
}

func (s *state) accountRow(id string) []any {
	a := s.accounts[id]
	return []any{a.ID, a.Book, a.Code, a.Name.ZH, a.Name.EN, string(a.Normal), a.Unit, a.Owner, nullable(a.Floor), nullable(a.Ceiling), a.Closed}
}

func (s *state) balanceRow(id string) []any {
	a := s.accounts[id]
	return []any{a.ID, a.version, int64(a.debits), int64(a.credits), int64(a.pendingDebit), int64(a.pendingCredit)}
}

func (s *state) holdRow(key string) []any {
	h := s.holds[key]
	return []any{h.Key, h.Book, h.Debit, h.Credit, int64(h.Amount), int64(h.Settled), string(h.State), h.At, h.Expires, h.Ended}
}

func (r *rows) cellRows() [][]any {
	var out [][]any
	for _, c := range slices.SortedFunc(maps.Keys(r.cells), cell.compare) {
		out = append(out, []any{c.account, c.month, c.block, int64(r.cells[c].net), r.cells[c].entries})
	}
	return out
}

func nullable(f *money.Fen) any {
	if f == nil {
		return nil
	}
	return int64(*f)
}

// announce tells the change log how far each book has come. With the hash of
// its head, the log's own chain vouches for the book's.
func (s *state) announce(ctx context.Context, tx *db.Tx, by change.Author, books []string) error {
	entries := make([]change.Entry, len(books))
	for i, id := range books {
		var err error
		if entries[i], err = change.New(by, Kind, id, change.Update, nil, head{s.books[id].seq, s.books[id].hash}); err != nil {
			return err
		}
	}
	return change.Append(ctx, tx, entries...)
}

type head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}
