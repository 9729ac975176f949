package ledger

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
)

type set map[string]struct{}

func (s set) add(keys ...string) {
	for _, k := range keys {
		s[k] = struct{}{}
	}
}

// needs is the part of the ledger that commands have to see.
type needs struct{ accounts, keys, targets, holds, books set }

func (c postCommand) needs(n *needs) {
	for i := range c.group {
		t := &c.group[i]
		n.keys.add(t.Key)
		if t.Reverses != "" {
			n.targets.add(t.Reverses)
		}
		for _, p := range t.Postings {
			n.accounts.add(p.Account)
		}
	}
}

func (c reserveCommand) needs(n *needs) {
	n.keys.add(c.hold.Key)
	n.accounts.add(c.hold.Debit, c.hold.Credit)
}

func (c settleCommand) needs(n *needs) {
	n.keys.add(c.s.Key)
	n.holds.add(c.s.Hold)
}

func (c voidCommand) needs(n *needs) {
	n.keys.add(c.r.Key)
	n.holds.add(c.r.Hold)
}

func (c expireCommand) needs(n *needs) { n.books.add(c.book) }
func (c amendCommand) needs(n *needs)  { n.accounts.add(c.id) }
func (c closeCommand) needs(n *needs)  { n.books.add(c.book) }

func (c openCommand) needs(n *needs) {
	for i := range c.accounts {
		a := &c.accounts[i]
		n.keys.add("~open:" + a.ID)
		n.accounts.add(a.ID)
		n.books.add(a.Book)
	}
}

// load waits for the ledger's turn to write and reads the part of it that
// commands need. The turn is that of the change log: one order for all that a
// transaction writes, and no two transactions wait for each other.
func load(ctx context.Context, tx *db.Tx, commands ...command) (*state, error) {
	n := &needs{set{}, set{}, set{}, set{}, set{}}
	for _, c := range commands {
		c.needs(n)
	}
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	s := newState()
	for _, step := range []func(context.Context, db.Querier, *needs) error{
		s.loadActs, s.loadReversals, s.loadHolds, s.loadAccounts, s.loadBooks, s.loadDue, s.loadAccounts,
	} {
		if err := step(ctx, tx, n); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// listStep bounds the parameters of one list.
const listStep = 5000

// storable reports whether a text can stand in a column of both engines. One
// that cannot names nothing, and is not asked for.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// among runs a query for each part of a list; its text ends in "IN (".
func among[T any](ctx context.Context, q db.Querier, scan func(db.Scan) (T, error), query string, keys []string, fn func(T)) error {
	keys = slices.DeleteFunc(keys, func(k string) bool { return !storable(k) })
	for part := range slices.Chunk(keys, listStep) {
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = k
		}
		err := db.Each(ctx, q, func(s db.Scan) error {
			v, err := scan(s)
			if err == nil {
				fn(v)
			}
			return err
		}, query+db.In(1, len(part))+")", args...)
		if err != nil {
			return err
		}
	}
	return nil
}

const actColumns = "book, seq, act, key, request, effective_on, recorded_at, kind, reason, ref, body, reverses, hold, correcting, actor, behalf, batch_id, lines, hash"

func scanAct(s db.Scan) (*Act, error) {
	a, body := &Act{}, ""
	err := s(&a.Book, &a.Seq, &a.Do, &a.Key, &a.Request, &a.On, &a.At, &a.Kind, &a.Reason, &a.Ref, &body, &a.Reverses, &a.Hold, &a.Correcting,
		&a.Actor, &a.Behalf, &a.Batch, &a.lines, &a.Hash)
	if body != "" {
		a.Body = json.RawMessage(body)
	}
	if a.lines > 0 && a.lines <= maxPostings {
		a.Entries = make([]Entry, 0, a.lines)
	}
	return a, err
}

const entryColumns = "book, seq, line, account, version, amount, previous, balance, effective_on, recorded_at, hash"

func scanEntry(s db.Scan) (Entry, error) {
	var e Entry
	err := s(&e.Book, &e.Seq, &e.Line, &e.Account, &e.Version, &e.Amount, &e.Previous, &e.Balance, &e.On, &e.At, &e.Hash)
	return e, err
}

// loadActs reads what the keys have done before, and the targets of reversals
// with the accounts that they moved.
func (s *state) loadActs(ctx context.Context, q db.Querier, n *needs) error {
	keys := maps.Clone(n.keys)
	maps.Copy(keys, n.targets)
	var found []*Act
	err := among(ctx, q, scanAct, "SELECT "+actColumns+" FROM ledger_act WHERE key IN (", sorted(keys), func(a *Act) {
		s.acts[a.Key] = a
		found = append(found, a)
	})
	if err != nil {
		return err
	}
	for _, a := range found { // few: retries and reversals
		if a.Entries, err = db.Collect(ctx, q, scanEntry, "SELECT "+entryColumns+" FROM ledger_entry WHERE book = $1 AND seq = $2 ORDER BY line", a.Book, a.Seq); err != nil {
			return err
		}
		for _, e := range a.Entries {
			n.accounts.add(e.Account)
		}
	}
	return nil
}

func (s *state) loadReversals(ctx context.Context, q db.Querier, n *needs) error {
	return among(ctx, q, func(sc db.Scan) ([2]string, error) {
		var p [2]string
		err := sc(&p[0], &p[1])
		return p, err
	}, "SELECT reverses, key FROM ledger_act WHERE reverses <> '' AND reverses IN (", sorted(n.targets), func(p [2]string) { s.reversed[p[0]] = p[1] })
}

func (s *state) loadHolds(ctx context.Context, q db.Querier, n *needs) error {
	return among(ctx, q, scanHold, "SELECT "+holdColumns+" FROM ledger_hold WHERE key IN (", sorted(n.holds), func(h *Hold) { s.needHold(h, n) })
}

func (s *state) needHold(h *Hold, n *needs) {
	s.holds[h.Key] = h
	n.books.add(h.Book)
	n.accounts.add(h.Debit, h.Credit)
}

const accountQuery = "SELECT " + accountColumns + `, b.version, b.debits, b.credits, b.pending_debit, b.pending_credit
	FROM ledger_account a JOIN ledger_balance b ON b.account = a.id WHERE a.id IN (`

func scanTallied(s db.Scan) (*account, error) {
	a := &account{}
	err := s(append(a.fields(), &a.version, &a.debits, &a.credits, &a.pendingDebit, &a.pendingCredit)...)
	return a, err
}

// loadAccounts reads the accounts that are needed and not there yet.
func (s *state) loadAccounts(ctx context.Context, q db.Querier, n *needs) error {
	for id := range n.accounts {
		if s.accounts[id] != nil {
			delete(n.accounts, id)
		}
	}
	ids := sorted(n.accounts)
	clear(n.accounts)
	return among(ctx, q, scanTallied, accountQuery, ids, func(a *account) {
		s.accounts[a.ID] = a
		n.books.add(a.Book)
	})
}

func (s *state) loadBooks(ctx context.Context, q db.Querier, n *needs) error {
	return among(ctx, q, func(sc db.Scan) (*book, error) {
		b := &book{}
		err := sc(&b.id, &b.seq, &b.hash, &b.closed, &b.last)
		return b, err
	}, "SELECT id, seq, hash, closed_on, last_at FROM ledger_book WHERE id IN (", sorted(n.books), func(b *book) { s.books[b.id] = b })
}

// loadDue reads the holds that have run out in the books at hand.
func (s *state) loadDue(ctx context.Context, q db.Querier, n *needs) error {
	for _, id := range slices.Sorted(maps.Keys(s.books)) {
		b := s.books[id]
		due, err := db.Collect(ctx, q, scanHold, "SELECT "+holdColumns+" FROM ledger_hold WHERE book = $1 AND state = 'pending' AND expires_at <= $2 ORDER BY expires_at, key",
			id, b.at(stamp{at: nowOf(q).Time}))
		if err != nil {
			return err
		}
		for i, h := range due {
			if known := s.holds[h.Key]; known != nil {
				due[i] = known
			}
			s.needHold(due[i], n)
		}
		b.due = due
	}
	return nil
}

func sorted(keys set) []string { return slices.Sorted(maps.Keys(keys)) }
