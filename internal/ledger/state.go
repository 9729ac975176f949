package ledger

import (
	"math"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// state is the whole or a part of a ledger in memory, on which a command is
// decided. It does no I/O and asks no clock: the same commands at the same
// instants give the same acts, hashes included. The SQL room loads the part
// that a command needs, applies it, and writes what came of it.
type state struct {
	books    map[string]*book
	accounts map[string]*account
	holds    map[string]*Hold
	acts     map[string]*Act   // by key
	reversed map[string]string // key of a transaction → key of its reversal

	out     []*Act   // what was done, in order
	anchors []Anchor // days that ended meanwhile
	undo    []func() // takes back the command under way
	d       digest
}

type book struct {
	id     string
	seq    int64
	hash   string
	closed string // last day of the closed periods
	last   db.Time
	due    []*Hold // pending holds that expire, the soonest first
}

// tally is the running state of an account.
type tally struct {
	version                     int64
	debits, credits             money.Fen // their sum fits, so no partial sum overflows
	pendingDebit, pendingCredit money.Fen
}

type account struct {
	Account
	tally
}

func newState() *state {
	return &state{books: map[string]*book{}, accounts: map[string]*account{}, holds: map[string]*Hold{}, acts: map[string]*Act{}, reversed: map[string]string{}}
}

// command is a request to the ledger.
type command interface {
	needs(n *needs)
	do(s *state, st stamp) ([]*Act, error)
}

// apply does a command, or leaves the state as it was and says why not. The
// acts of a repeated command are those of the first time.
func (s *state) apply(c command, st stamp) ([]*Act, error) {
	s.undo = s.undo[:0]
	out, anchors := len(s.out), len(s.anchors)
	acts, err := c.do(s, st)
	if err != nil {
		for i := len(s.undo) - 1; i >= 0; i-- {
			s.undo[i]()
		}
		s.out, s.anchors = s.out[:out], s.anchors[:anchors]
		return nil, err
	}
	return acts, nil
}

// keep remembers a value, to put it back if the command fails.
func keep[T any](s *state, p *T) *T {
	old := *p
	s.undo = append(s.undo, func() { *p = old })
	return p
}

// add puts a new key into one of the state's maps.
func add[V any](s *state, m map[string]V, key string, v V) {
	m[key] = v
	s.undo = append(s.undo, func() { delete(m, key) })
}

// posted is the balance on the normal side.
func (a *account) posted() money.Fen { return a.signed(a.debits - a.credits) }

// outgoing and incoming are the pending amounts that will lower and raise it.
func (a *account) outgoing() money.Fen {
	if a.Normal == Debit {
		return a.pendingCredit
	}
	return a.pendingDebit
}

func (a *account) incoming() money.Fen {
	if a.Normal == Debit {
		return a.pendingDebit
	}
	return a.pendingCredit
}

// room is what the limits of an account are held against. Both fit: each of
// the two terms is within ±(2⁶³−1)/2 after reach.
type room struct{ low, high money.Fen }

func (a *account) room() room {
	return room{low: a.posted() - a.outgoing(), high: a.posted() + a.incoming()}
}

// within holds the limits. An account that is beyond one already may move back
// towards it.
func (a *account) within(before room) error {
	now := a.room()
	if a.Floor != nil && now.low < *a.Floor && now.low < before.low {
		return errs.New(errs.Conflict, "ledger.below_floor", errs.A{"account": a.ID, "floor": a.text(*a.Floor), "would": a.text(now.low), "available": a.text(before.low)})
	}
	if a.Ceiling != nil && now.high > *a.Ceiling && now.high > before.high {
		return errs.New(errs.Conflict, "ledger.above_ceiling", errs.A{"account": a.ID, "ceiling": a.text(*a.Ceiling), "would": a.text(now.high), "now": a.text(before.high)})
	}
	return nil
}

// reach is the most that the debits, credits and holds of one account may add
// up to, in fen: 4.6 × 10¹⁶ yuan. Half of what 63 bits hold leaves room for a
// balance and a hold to be added unchecked.
const reach = money.Fen(math.MaxInt64 / 2)

// grow adds to one of the totals of an account, within reach.
func (a *account) grow(total *money.Fen, by money.Fen) error {
	sum := by
	for _, part := range [...]money.Fen{a.debits, a.credits, a.pendingDebit, a.pendingCredit} {
		var err error
		if sum, err = money.Add(sum, part); err != nil || sum > reach {
			return errs.New(errs.Invalid, "ledger.overflow", errs.A{"account": a.ID, "amount": a.text(by)})
		}
	}
	*total += by
	return nil
}

// pend adds to, or with a negative amount takes from, the pending totals of the
// two accounts of a hold.
func (s *state) pend(h *Hold, amount money.Fen) error {
	d, c := s.accounts[h.Debit], s.accounts[h.Credit]
	keep(s, &d.tally)
	keep(s, &c.tally)
	if amount < 0 {
		d.pendingDebit += amount
		c.pendingCredit += amount
		return nil
	}
	if err := d.grow(&d.pendingDebit, amount); err != nil {
		return err
	}
	return c.grow(&c.pendingCredit, amount)
}

// open returns an account that can be posted to.
func (s *state) open(id string) (*account, error) {
	a := s.accounts[id]
	switch {
	case a == nil:
		return nil, unknownAccount(id)
	case a.Closed:
		return nil, errs.New(errs.Conflict, "ledger.account_closed", errs.A{"account": id})
	}
	return a, nil
}

// done returns the act that a key has done before, nil for a new key. The same
// key for another request is a conflict.
func (s *state) done(key, request string) (*Act, error) {
	a := s.acts[key]
	if a != nil && a.Request != request {
		return nil, errs.New(errs.Conflict, "ledger.key_conflict", errs.A{"key": clip(key), "at": a.At.In(city).Format("2006-01-02 15:04:05")}).At("/key")
	}
	return a, nil
}

// enter opens a book for a command: first, all of its holds that have run out
// are ended, since what they held is available again.
func (s *state) enter(id string, st stamp) (*book, error) {
	b := s.books[id]
	if b == nil {
		return nil, errs.New(errs.NotFound, "ledger.unknown_book", errs.A{"book": clip(id)})
	}
	for len(b.due) > 0 && b.due[0].due(b.at(st)) {
		if err := s.expire(b, b.due[0], st); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s *state) expire(b *book, h *Hold, st stamp) error {
	act := &Act{Do: DoExpire, Key: "~expire:" + h.Key, On: dayOf(st.at), Hold: h.Key, Request: requestOf(DoExpire, h.Key)}
	return s.end(b, h, Expired, act, nil, st)
}

// end takes a hold out of the pending ones and records the act that ended it.
func (s *state) end(b *book, h *Hold, as HoldState, act *Act, postings []Posting, st stamp) error {
	if err := s.pend(h, -h.Amount); err != nil {
		return err
	}
	keep(s, b)
	b.forget(h)
	if err := s.record(b, act, postings, st); err != nil {
		return err
	}
	keep(s, h)
	h.State, h.Ended = as, act.At
	return nil
}

func soonest(a, b *Hold) int {
	if c := a.Expires.Compare(b.Expires.Time); c != 0 {
		return c
	}
	return strings.Compare(a.Key, b.Key)
}

// watch and forget keep the holds that expire in order. They copy the list, so
// that the one before can be put back.
func (b *book) watch(h *Hold) {
	if h.Expires.IsZero() {
		return
	}
	i, _ := slices.BinarySearchFunc(b.due, h, soonest)
	b.due = slices.Insert(slices.Clip(b.due), i, h)
}

func (b *book) forget(h *Hold) {
	if len(b.due) > 0 && b.due[0].Key == h.Key {
		b.due = b.due[1:]
		return
	}
	if i, ok := slices.BinarySearchFunc(b.due, h, soonest); ok {
		b.due = slices.Delete(slices.Clone(b.due), i, i+1)
	}
}

// at is when an act is recorded: a clock that went back does not unmake the
// order.
func (b *book) at(st stamp) db.Time {
	at := db.At(st.at)
	if at.Before(b.last.Time) {
		return b.last
	}
	return at
}

// record appends an act to the log of a book: it numbers, dates and chains it,
// makes its entries and moves the balances. Limits are held by the caller.
func (s *state) record(b *book, act *Act, postings []Posting, st stamp) error {
	keep(s, b)
	at := b.at(st)
	if b.seq > 0 && dayOf(at.Time) > dayOf(b.last.Time) {
		s.anchors = append(s.anchors, Anchor{Book: b.id, Day: dayOf(b.last.Time), Seq: b.seq, Hash: b.hash})
	}
	b.seq, b.last = b.seq+1, at
	act.Book, act.Seq, act.At = b.id, b.seq, at
	act.Actor, act.Behalf, act.Batch = st.by.Actor, st.by.Behalf, st.by.BatchID
	if act.Reason == "" {
		act.Reason = st.by.Reason
	}
	act.Entries = make([]Entry, len(postings))
	for i, p := range postings {
		if err := s.move(&act.Entries[i], act, int64(i+1), p); err != nil {
			return err
		}
		act.Entries[i].Hash = s.d.hashEntry(b.hash, &act.Entries[i])
	}
	act.Hash = s.d.hashAct(b.hash, act)
	b.hash = act.Hash
	s.out = append(s.out, act)
	add(s, s.acts, act.Key, act)
	return nil
}

// move makes the entry of a posting and moves the account's totals.
func (s *state) move(e *Entry, act *Act, line int64, p Posting) error {
	a := s.accounts[p.Account]
	keep(s, &a.tally)
	previous := a.posted()
	total, by := &a.debits, p.Amount
	if by < 0 {
		total, by = &a.credits, -by
	}
	if err := a.grow(total, by); err != nil {
		return err
	}
	a.version++
	*e = Entry{Book: act.Book, Seq: act.Seq, Line: line, Account: a.ID, Version: a.version, Amount: p.Amount,
		Previous: previous, Balance: a.posted(), On: act.On, At: act.At}
	return nil
}
