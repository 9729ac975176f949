package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Report is what Verify found.
type Report struct {
	Books  []BookReport `json:"books"`
	Faults errs.List    `json:"-"`          // the first ones, at most 100
	More   bool         `json:"more"`       // there are more faults than are told
	Silent int          `json:"anchorless"` // books without any anchor yet
}

// BookReport is how far a book was recomputed.
type BookReport struct {
	Book     string  `json:"book"`
	Acts     int64   `json:"acts"`
	Entries  int64   `json:"entries"`
	Accounts int     `json:"accounts"`
	Holds    int     `json:"holds"` // all that were ever made
	Anchors  int     `json:"anchors"`
	Hash     string  `json:"hash"` // of the newest act
	Last     db.Time `json:"last"`
}

// Err returns the faults as an error, nil when everything agrees.
func (r *Report) Err() error { return r.Faults.Err() }

const (
	maxFaults  = 100
	verifyStep = 2000
)

func (r *Report) fault(key string, args errs.A) {
	if len(r.Faults) == maxFaults {
		r.More = true
		return
	}
	r.Faults = append(r.Faults, errs.New(errs.Conflict, key, args))
}

// Verify recomputes every book from its acts: the chain, the versions and
// balances of the entries, sums of zero, what a hold may become; and holds
// against it the running balances, holds, snapshots, definitions, anchors, and
// what the change log says of the book's head. It names each row at fault and
// returns an error only when it could not read. Books may be written to
// meanwhile; within a transaction they stand still.
func (l *Ledger) Verify(ctx context.Context, q db.Querier) (Report, error) {
	var r Report
	books, err := l.verifiable(ctx, q)
	if err != nil {
		return r, err
	}
	for _, id := range books {
		f := newFold(id, &r)
		if err := f.whole(ctx, q); err != nil {
			return r, fmt.Errorf("verify book %s: %w", id, err)
		}
	}
	return r, nil
}

// verifiable lists the books of the table and those that only have acts or
// entries: a removed row hides none.
func (l *Ledger) verifiable(ctx context.Context, q db.Querier) ([]string, error) {
	return db.Collect(ctx, q, db.Column[string],
		"SELECT id FROM ledger_book UNION SELECT book FROM ledger_act UNION SELECT book FROM ledger_entry UNION SELECT book FROM ledger_anchor ORDER BY 1")
}

// fold is a book as its acts make it.
type fold struct {
	r        *Report
	b        book
	report   BookReport
	accounts map[string]*account
	holds    map[string]*Hold
	cells    map[cell]sum
	reversed map[string]string
	hashes   map[int64]string // of the acts that anchors and the change log name
	d        digest
}

func newFold(id string, r *Report) *fold {
	return &fold{r: r, b: book{id: id}, report: BookReport{Book: id}, accounts: map[string]*account{}, holds: map[string]*Hold{}, cells: map[cell]sum{},
		reversed: map[string]string{}, hashes: map[int64]string{}}
}

// whole folds all acts and compares the tables with them, again when somebody
// wrote in between.
func (f *fold) whole(ctx context.Context, q db.Querier) error {
	for range 100 {
		if err := f.acts(ctx, q); err != nil {
			return err
		}
		seq := f.b.seq
		faults, more := f.r.Faults, f.r.More
		if err := f.compare(ctx, q); err != nil {
			return err
		}
		head, _, err := db.Value[int64](ctx, q, "SELECT COALESCE(MAX(seq), 0) FROM ledger_act WHERE book = $1", f.b.id)
		if err != nil {
			return err
		}
		if head <= seq {
			f.finish()
			return nil
		}
		f.r.Faults, f.r.More = faults, more
	}
	return errs.New(errs.Unavailable, "errs.busy")
}

func (f *fold) finish() {
	f.report.Acts, f.report.Hash, f.report.Last = f.b.seq, f.b.hash, f.b.last
	f.report.Accounts, f.report.Holds = len(f.accounts), len(f.holds)
	if f.report.Anchors == 0 {
		f.r.Silent++
	}
	f.r.Books = append(f.r.Books, f.report)
}

func (f *fold) acts(ctx context.Context, q db.Querier) error {
	for {
		acts, err := db.Collect(ctx, q, scanAct, "SELECT "+actColumns+" FROM ledger_act WHERE book = $1 AND seq > $2 ORDER BY seq LIMIT $3", f.b.id, f.b.seq, verifyStep)
		if err != nil {
			return err
		}
		to := int64(1<<62 - 1)
		if len(acts) > 0 {
			to = acts[len(acts)-1].Seq
		}
		stray, err := fill(ctx, q, f.b.id, acts, f.b.seq+1, to)
		if err != nil {
			return err
		}
		if len(acts) == 0 {
			return f.strays(ctx, q, stray)
		}
		for _, e := range stray {
			f.r.fault("ledger.fault_stray", entryArgs(&e))
		}
		for _, a := range acts {
			f.act(a)
		}
	}
}

// strays tells of entries beyond the last act, unless the act was written in
// the meantime.
func (f *fold) strays(ctx context.Context, q db.Querier, stray []Entry) error {
	for _, e := range stray {
		_, ok, err := db.Value[int64](ctx, q, "SELECT seq FROM ledger_act WHERE book = $1 AND seq = $2", e.Book, e.Seq)
		if err != nil {
			return err
		}
		if !ok {
			f.r.fault("ledger.fault_stray", entryArgs(&e))
		}
	}
	return nil
}

func entryArgs(e *Entry) errs.A {
	return errs.A{"book": e.Book, "seq": e.Seq, "line": e.Line, "account": e.Account}
}

func (f *fold) args(a *Act) errs.A { return errs.A{"book": f.b.id, "seq": a.Seq, "key": a.Key} }

// act checks one act against the one before it and folds it.
func (f *fold) act(a *Act) {
	gap := a.Seq != f.b.seq+1 // the hash before the act is lost, and with it the check of its own
	if gap {
		f.r.fault("ledger.fault_missing", errs.A{"book": f.b.id, "from": f.b.seq + 1, "to": a.Seq - 1})
	}
	f.lines(a, gap)
	if !gap && f.d.hashAct(f.b.hash, a) != a.Hash {
		f.r.fault("ledger.fault_act", f.args(a))
	}
	if a.At.Before(f.b.last.Time) {
		f.r.fault("ledger.fault_order", f.args(a))
	}
	if len(a.Entries) > 0 && a.On <= f.b.closed && !a.Correcting {
		f.r.fault("ledger.fault_closed", f.args(a))
	}
	f.b.seq, f.b.hash, f.b.last = a.Seq, a.Hash, a.At
	f.hashes[a.Seq] = a.Hash
	if a.Seq%verifyStep == 0 && len(f.hashes) > 1<<20 {
		clear(f.hashes) // anchors of long ago are read again one by one
	}
	f.take(a)
}

// lines checks the entries of an act: each one's hash, place and arithmetic.
func (f *fold) lines(a *Act, gap bool) {
	if int64(len(a.Entries)) != a.lines {
		f.r.fault("ledger.fault_lines", errs.A{"book": f.b.id, "seq": a.Seq, "key": a.Key, "want": a.lines, "found": len(a.Entries)})
	}
	sums := map[string]money.Fen{}
	for i := range a.Entries {
		e := &a.Entries[i]
		if !gap && f.d.hashEntry(f.b.hash, e) != e.Hash || e.Line != int64(i+1) || e.On != a.On || !e.At.Equal(a.At.Time) {
			f.r.fault("ledger.fault_entry", entryArgs(e))
		}
		acc := f.accounts[e.Account]
		if acc == nil {
			f.r.fault("ledger.fault_no_account", entryArgs(e))
			continue
		}
		f.entry(acc, e)
		sums[acc.Unit] += e.Amount
	}
	for unit, total := range sums {
		if total != 0 {
			f.r.fault("ledger.fault_unbalanced", errs.A{"book": f.b.id, "seq": a.Seq, "key": a.Key, "unit": unit})
		}
	}
}

func (f *fold) entry(a *account, e *Entry) {
	previous := a.posted()
	if e.Amount > 0 {
		a.debits += e.Amount
	} else {
		a.credits -= e.Amount
	}
	if e.Version != a.version+1 || e.Previous != previous || e.Balance != a.posted() {
		f.r.fault("ledger.fault_running", entryArgs(e))
	}
	a.version++
	f.report.Entries++
	c := f.cells[cellOf(e)]
	c.net, c.entries = c.net+e.Amount, c.entries+1
	f.cells[cellOf(e)] = c
}

// take folds what an act says beside its entries.
func (f *fold) take(a *Act) {
	switch a.Do {
	case DoOpen, DoAmend, DoCloseAccount:
		f.define(a)
	case DoReserve:
		f.reserve(a)
	case DoSettle, DoVoid, DoExpire:
		f.end(a)
	case DoClosePeriod:
		f.b.closed = a.On
	case DoPost:
		if a.Reverses == "" {
			return
		}
		if f.reversed[a.Reverses] != "" {
			f.r.fault("ledger.fault_reversal", f.args(a))
		}
		f.reversed[a.Reverses] = a.Key
	default:
		f.r.fault("ledger.fault_act", f.args(a))
	}
}

func (f *fold) define(a *Act) {
	var def Account
	known := json.Unmarshal(a.Body, &def) == nil && def.Book == f.b.id
	old := f.accounts[def.ID]
	switch {
	case !known || (old == nil) != (a.Do == DoOpen):
		f.r.fault("ledger.fault_act", f.args(a))
	case old == nil:
		f.accounts[def.ID] = &account{Account: def}
	default:
		old.Account = def
	}
}

func (f *fold) reserve(a *Act) {
	h := &Hold{}
	if json.Unmarshal(a.Body, h) != nil || f.holds[h.Key] != nil || f.accounts[h.Debit] == nil || f.accounts[h.Credit] == nil || h.Amount <= 0 {
		f.r.fault("ledger.fault_act", f.args(a))
		return
	}
	h.Book, h.State, h.At = a.Book, Pending, a.At
	f.accounts[h.Debit].pendingDebit += h.Amount
	f.accounts[h.Credit].pendingCredit += h.Amount
	f.holds[h.Key] = h
}

func (f *fold) end(a *Act) {
	h := f.holds[a.Hold]
	if h == nil || h.State != Pending || a.Do == DoExpire && !h.due(a.At) || a.Do != DoExpire && h.due(a.At) {
		f.r.fault("ledger.fault_hold_end", errs.A{"book": f.b.id, "seq": a.Seq, "key": a.Key, "hold": a.Hold})
		return
	}
	f.accounts[h.Debit].pendingDebit -= h.Amount
	f.accounts[h.Credit].pendingCredit -= h.Amount
	h.State, h.Ended = map[Do]HoldState{DoSettle: Posted, DoVoid: Voided, DoExpire: Expired}[a.Do], a.At
	if a.Do != DoSettle {
		return
	}
	fits := len(a.Entries) == 2 && a.Entries[0].Account == h.Debit && a.Entries[1].Account == h.Credit && a.Entries[0].Amount <= h.Amount
	if !fits {
		f.r.fault("ledger.fault_hold_end", errs.A{"book": f.b.id, "seq": a.Seq, "key": a.Key, "hold": a.Hold})
		return
	}
	h.Settled = a.Entries[0].Amount
}

// compare holds the tables that follow from the acts against the fold.
func (f *fold) compare(ctx context.Context, q db.Querier) error {
	for _, part := range []func(context.Context, db.Querier) error{f.compareHead, f.compareAccounts, f.compareHolds, f.compareCells, f.compareAnchors, f.compareLog} {
		if err := part(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (f *fold) compareHead(ctx context.Context, q db.Querier) error {
	got, _, err := db.One(ctx, q, func(s db.Scan) (book, error) {
		var b book
		err := s(&b.id, &b.seq, &b.hash, &b.closed, &b.last)
		return b, err
	}, "SELECT id, seq, hash, closed_on, last_at FROM ledger_book WHERE id = $1", f.b.id)
	if err == nil && (got.seq != f.b.seq || got.hash != f.b.hash || got.closed != f.b.closed || !got.last.Equal(f.b.last.Time)) {
		f.r.fault("ledger.fault_head", errs.A{"book": f.b.id, "seq": f.b.seq, "found": got.seq})
	}
	return err
}

func (f *fold) compareAccounts(ctx context.Context, q db.Querier) error {
	seen := set{}
	err := db.Each(ctx, q, func(s db.Scan) error {
		a, err := scanTallied(s)
		if err != nil {
			return err
		}
		seen.add(a.ID)
		want := f.accounts[a.ID]
		switch {
		case want == nil || string(bodyOf(want.Account)) != string(bodyOf(a.Account)):
			f.r.fault("ledger.fault_definition", errs.A{"book": f.b.id, "account": a.ID})
		case want.tally != a.tally:
			f.r.fault("ledger.fault_balance", errs.A{"book": f.b.id, "account": a.ID, "want": a.text(want.posted()), "found": a.text(a.posted())})
		}
		return nil
	}, "SELECT "+accountColumns+`, COALESCE(b.version, -1), COALESCE(b.debits, 0), COALESCE(b.credits, 0), COALESCE(b.pending_debit, 0), COALESCE(b.pending_credit, 0)
		FROM ledger_account a LEFT JOIN ledger_balance b ON b.account = a.id WHERE a.book = $1`, f.b.id)
	f.unseen(f.accounts, seen, "ledger.fault_definition", "account")
	return err
}

// unseen tells which accounts of the fold a table does not have.
func (f *fold) unseen(want map[string]*account, seen set, key, what string) {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if _, ok := seen[id]; !ok {
			f.r.fault(key, errs.A{"book": f.b.id, what: id})
		}
	}
}

func (f *fold) compareHolds(ctx context.Context, q db.Querier) error {
	n := 0
	err := db.Each(ctx, q, func(s db.Scan) error {
		h, err := scanHold(s)
		if err != nil {
			return err
		}
		n++
		w := f.holds[h.Key]
		if w == nil || w.Debit != h.Debit || w.Credit != h.Credit || w.Amount != h.Amount || w.Settled != h.Settled || w.State != h.State ||
			!w.At.Equal(h.At.Time) || !w.Expires.Equal(h.Expires.Time) || !w.Ended.Equal(h.Ended.Time) {
			f.r.fault("ledger.fault_hold", errs.A{"book": f.b.id, "hold": h.Key})
		}
		return nil
	}, "SELECT "+holdColumns+" FROM ledger_hold WHERE book = $1", f.b.id)
	if err == nil && n != len(f.holds) {
		f.r.fault("ledger.fault_count", errs.A{"book": f.b.id, "table": "ledger_hold", "want": len(f.holds), "found": n})
	}
	return err
}

func (f *fold) compareCells(ctx context.Context, q db.Querier) error {
	n := 0
	err := db.Each(ctx, q, func(s db.Scan) error {
		var c cell
		var v sum
		if err := s(&c.account, &c.month, &c.block, &v.net, &v.entries); err != nil {
			return err
		}
		n++
		if f.cells[c] != v {
			f.r.fault("ledger.fault_snapshot", errs.A{"book": f.b.id, "account": c.account, "month": c.month})
		}
		return nil
	}, "SELECT s.account, s.month, s.block, s.net, s.entries FROM ledger_snapshot s JOIN ledger_account a ON a.id = s.account WHERE a.book = $1", f.b.id)
	if err == nil && n != len(f.cells) {
		f.r.fault("ledger.fault_count", errs.A{"book": f.b.id, "table": "ledger_snapshot", "want": len(f.cells), "found": n})
	}
	return err
}

func (f *fold) compareAnchors(ctx context.Context, q db.Querier) error {
	f.report.Anchors = 0
	all, err := db.Collect(ctx, q, scanAnchor, "SELECT book, day, seq, hash FROM ledger_anchor WHERE book = $1 ORDER BY seq, day", f.b.id)
	for i := range all {
		f.report.Anchors++
		if err := f.hashIs(ctx, q, all[i].Seq, all[i].Hash, "ledger.fault_anchor", errs.A{"book": f.b.id, "day": all[i].Day, "seq": all[i].Seq}); err != nil {
			return err
		}
	}
	return err
}

// hashIs compares the hash of an act with one that was noted elsewhere.
func (f *fold) hashIs(ctx context.Context, q db.Querier, seq int64, want, key string, args errs.A) error {
	got, ok := f.hashes[seq]
	if !ok {
		var err error
		if got, _, err = db.Value[string](ctx, q, "SELECT hash FROM ledger_act WHERE book = $1 AND seq = $2", f.b.id, seq); err != nil {
			return err
		}
	}
	if got != want {
		f.r.fault(key, args)
	}
	return nil
}

// compareLog holds the newest head that the change log has of the book against
// the chain: who rewrites a book has to rewrite the log as well.
func (f *fold) compareLog(ctx context.Context, q db.Querier) error {
	newest, err := change.Of(ctx, q, Kind, f.b.id, 0, 1)
	if err != nil || len(newest) == 0 {
		if err == nil {
			f.r.fault("ledger.fault_log", errs.A{"book": f.b.id, "seq": 0})
		}
		return err
	}
	var h head
	if err := json.Unmarshal(newest[0].After, &h); err != nil {
		h = head{}
	}
	return f.hashIs(ctx, q, h.Seq, h.Hash, "ledger.fault_log", errs.A{"book": f.b.id, "seq": h.Seq})
}
