package ledger

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// postCommand posts a group 联动交易: all of its transactions, in order, or none.
type postCommand struct{ group []Transaction }

func (c postCommand) do(s *state, st stamp) ([]*Act, error) {
	request := requestOf(DoPost, c.group)
	done, err := s.repeated(c.group, request)
	if err != nil || done != nil {
		return done, err
	}
	acts := make([]*Act, len(c.group))
	for i := range c.group {
		if acts[i], err = s.post(&c.group[i], request, st); err != nil {
			return nil, err
		}
	}
	return acts, nil
}

// repeated returns the acts of a group that was posted before, nil for a new
// one. Keys of which some are new and some not belong to another group.
func (s *state) repeated(group []Transaction, request string) ([]*Act, error) {
	var acts []*Act
	for i := range group {
		a, err := s.done(group[i].Key, request)
		if err != nil {
			return nil, err
		}
		if a != nil {
			acts = append(acts, a)
		}
		for j := range group[:i] {
			if group[j].Key == group[i].Key {
				return nil, errs.New(errs.Invalid, "ledger.key_twice", errs.A{"key": clip(group[i].Key)}).At("/key")
			}
		}
	}
	return acts, nil
}

func (s *state) post(t *Transaction, request string, st stamp) (*Act, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	postings, err := s.postingsOf(t)
	if err != nil {
		return nil, err
	}
	id, err := s.balanced(t.Key, postings)
	if err != nil {
		return nil, err
	}
	b, err := s.enter(id, st)
	if err != nil {
		return nil, err
	}
	on, err := b.day(t.Key, t.On, t.Correcting, st)
	if err != nil {
		return nil, err
	}
	act := &Act{Do: DoPost, Key: t.Key, Request: request, On: on, Kind: t.Kind, Reason: t.Reason, Ref: t.Ref, Body: compact(t.Evidence),
		Reverses: t.Reverses, Correcting: t.Correcting}
	if t.Reverses != "" {
		add(s, s.reversed, t.Reverses, t.Key)
	}
	return act, s.limited(b, act, postings, st)
}

// limited records an act and holds the limits of the accounts that it moves.
func (s *state) limited(b *book, act *Act, postings []Posting, st stamp) error {
	before := make([]room, len(postings))
	for i, p := range postings {
		before[i] = s.accounts[p.Account].room()
	}
	if err := s.record(b, act, postings, st); err != nil {
		return err
	}
	for i, p := range postings {
		if err := s.accounts[p.Account].within(before[i]); err != nil {
			return err
		}
	}
	return nil
}

// balanced holds that postings name open accounts of one book and sum to zero
// in each unit. It returns the book.
func (s *state) balanced(key string, postings []Posting) (string, error) {
	type sum struct {
		unit  string
		total money.Fen
		in    *account
	}
	var sums []sum // a transaction has one unit, seldom two
	var first *account
	for _, p := range postings {
		a, err := s.open(p.Account)
		if err != nil {
			return "", err
		}
		if first == nil {
			first = a
		}
		if a.Book != first.Book {
			return "", errs.New(errs.Invalid, "ledger.two_books", errs.A{"key": key, "one": first.Book, "other": a.Book}).At("/postings")
		}
		i := slices.IndexFunc(sums, func(u sum) bool { return u.unit == a.Unit })
		if i < 0 {
			i, sums = len(sums), append(sums, sum{unit: a.Unit, in: a})
		}
		if sums[i].total, err = money.Add(sums[i].total, p.Amount); err != nil {
			return "", errs.Wrap(err, errs.Invalid, "ledger.overflow", errs.A{"account": a.ID, "amount": a.text(p.Amount)})
		}
	}
	for _, u := range sums {
		if u.total != 0 {
			return "", errs.New(errs.Invalid, "ledger.unbalanced", errs.A{"key": key, "unit": u.unit, "over": u.in.text(u.total)}).At("/postings")
		}
	}
	return first.Book, nil
}

// day returns the effective day of an act, which a closed period refuses.
func (b *book) day(key, on string, correcting bool, st stamp) (string, error) {
	day, err := checkDay(key, on, st.at)
	if err == nil && day <= b.closed && !correcting {
		err = errs.New(errs.Conflict, "ledger.closed_period", errs.A{"key": key, "day": day, "book": b.id, "closed": b.closed}).At("/on")
	}
	return day, err
}

// postingsOf returns the postings of a transaction; those of a reversal are its
// target's, turned round.
func (s *state) postingsOf(t *Transaction) ([]Posting, error) {
	if t.Reverses == "" {
		return t.Postings, nil
	}
	target := s.acts[t.Reverses]
	if target == nil || len(target.Entries) == 0 {
		return nil, errs.New(errs.NotFound, "ledger.unknown_target", errs.A{"key": t.Key, "target": clip(t.Reverses)}).At("/reverses")
	}
	if by := s.reversed[t.Reverses]; by != "" {
		return nil, errs.New(errs.Conflict, "ledger.reversed_before", errs.A{"target": t.Reverses, "by": by}).At("/reverses")
	}
	want := make([]Posting, len(target.Entries))
	for i, e := range target.Entries {
		want[i] = Posting{Account: e.Account, Amount: -e.Amount}
	}
	if len(t.Postings) > 0 && !slices.Equal(t.Postings, want) {
		return nil, errs.New(errs.Invalid, "ledger.not_the_reverse", errs.A{"key": t.Key, "target": t.Reverses}).At("/postings")
	}
	return want, nil
}

type reserveCommand struct{ hold Hold }

func (c reserveCommand) do(s *state, st stamp) ([]*Act, error) {
	h := c.hold
	h.Expires = db.At(h.Expires.Time)
	request := requestOf(DoReserve, h)
	if a, err := s.done(h.Key, request); a != nil || err != nil {
		return []*Act{a}, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	postings := []Posting{{h.Debit, h.Amount}, {h.Credit, -h.Amount}}
	id, err := s.balanced(h.Key, postings)
	if err != nil {
		return nil, err
	}
	b, err := s.enter(id, st)
	if err != nil {
		return nil, err
	}
	d, cr := s.accounts[h.Debit], s.accounts[h.Credit]
	before := [2]room{d.room(), cr.room()}
	h.Book, h.State, h.Settled = id, Pending, 0
	if h.due(b.at(st)) {
		return nil, errs.New(errs.Invalid, "ledger.hold_in_the_past", errs.A{"key": h.Key}).At("/expires")
	}
	if err := s.pend(&h, h.Amount); err != nil {
		return nil, err
	}
	for i, a := range []*account{d, cr} {
		if err := a.within(before[i]); err != nil {
			return nil, err
		}
	}
	act := &Act{Do: DoReserve, Key: h.Key, Request: request, On: dayOf(st.at), Kind: h.Kind, Reason: h.Reason, Ref: h.Ref, Body: bodyOf(h), Hold: h.Key}
	if err := s.record(b, act, nil, st); err != nil {
		return nil, err
	}
	h.At = act.At
	add(s, s.holds, h.Key, &h)
	b.watch(&h)
	return []*Act{act}, nil
}

type settleCommand struct{ s Settlement }

func (c settleCommand) do(s *state, st stamp) ([]*Act, error) {
	x := c.s
	request := requestOf(DoSettle, x)
	if a, err := s.done(x.Key, request); a != nil || err != nil {
		return []*Act{a}, err
	}
	if err := checkKey(x.Key); err != nil {
		return nil, err
	}
	if err := checkWords(x.Key, x.Kind, x.Reason, x.Ref, x.Evidence); err != nil {
		return nil, err
	}
	b, h, err := s.pending(x.Hold, st)
	if err != nil {
		return nil, err
	}
	if x.Amount <= 0 || x.Amount > h.Amount {
		a := s.accounts[h.Debit]
		return nil, errs.New(errs.Invalid, "ledger.settle_amount", errs.A{"hold": h.Key, "amount": a.text(x.Amount), "held": a.text(h.Amount)}).At("/amount")
	}
	on, err := b.day(x.Key, x.On, false, st)
	if err != nil {
		return nil, err
	}
	act := &Act{Do: DoSettle, Key: x.Key, Request: request, On: on, Kind: x.Kind, Reason: x.Reason, Ref: x.Ref, Body: compact(x.Evidence), Hold: h.Key}
	if err := s.end(b, h, Posted, act, []Posting{{h.Debit, x.Amount}, {h.Credit, -x.Amount}}, st); err != nil {
		return nil, err
	}
	h.Settled = x.Amount
	return []*Act{act}, nil
}

type voidCommand struct{ r Release }

func (c voidCommand) do(s *state, st stamp) ([]*Act, error) {
	request := requestOf(DoVoid, c.r)
	if a, err := s.done(c.r.Key, request); a != nil || err != nil {
		return []*Act{a}, err
	}
	if err := checkKey(c.r.Key); err != nil {
		return nil, err
	}
	if err := checkWords(c.r.Key, "", c.r.Reason, "", nil); err != nil {
		return nil, err
	}
	b, h, err := s.pending(c.r.Hold, st)
	if err != nil {
		return nil, err
	}
	act := &Act{Do: DoVoid, Key: c.r.Key, Request: request, On: dayOf(st.at), Reason: c.r.Reason, Hold: h.Key}
	return []*Act{act}, s.end(b, h, Voided, act, nil, st)
}

// pending returns a hold that can still be ended, with its book.
func (s *state) pending(key string, st stamp) (*book, *Hold, error) {
	h := s.holds[key]
	if h == nil {
		return nil, nil, unknownHold(key)
	}
	b, err := s.enter(h.Book, st)
	if err != nil {
		return nil, nil, err
	}
	if h.State != Pending {
		return nil, nil, errs.New(errs.Conflict, "ledger.hold_"+string(h.State), errs.A{"hold": h.Key, "at": h.Ended.In(city).Format("2006-01-02 15:04:05")}).At("/hold")
	}
	return b, h, nil
}

// expireCommand ends the holds of a book that have run out.
type expireCommand struct{ book string }

func (c expireCommand) do(s *state, st stamp) ([]*Act, error) {
	from := len(s.out)
	if _, err := s.enter(c.book, st); err != nil {
		return nil, err
	}
	return slices.Clone(s.out[from:]), nil
}

type openCommand struct{ accounts []Account }

func (c openCommand) do(s *state, st stamp) ([]*Act, error) {
	var acts []*Act
	for _, a := range c.accounts {
		if err := a.check(); err != nil {
			return nil, err
		}
		key, request := "~open:"+a.ID, requestOf(DoOpen, a)
		if old, err := s.done(key, request); err != nil {
			return nil, errs.New(errs.Conflict, "ledger.account_differs", errs.A{"account": a.ID}).At("/id")
		} else if old != nil {
			continue
		}
		if s.books[a.Book] == nil {
			add(s, s.books, a.Book, &book{id: a.Book})
		}
		b, err := s.enter(a.Book, st)
		if err != nil {
			return nil, err
		}
		act := &Act{Do: DoOpen, Key: key, Request: request, On: dayOf(st.at), Ref: a.Owner, Body: bodyOf(a)}
		add(s, s.accounts, a.ID, &account{Account: a})
		if err := s.record(b, act, nil, st); err != nil {
			return nil, err
		}
		acts = append(acts, act)
	}
	return acts, nil
}

// amendCommand gives an account another name or other limits, or closes it.
type amendCommand struct {
	id     string
	change func(*Account)
	reason string
	as     Do
}

func (c amendCommand) do(s *state, st stamp) ([]*Act, error) {
	a, err := s.open(c.id)
	if err != nil {
		return nil, err
	}
	b, err := s.enter(a.Book, st)
	if err != nil {
		return nil, err
	}
	if c.as == DoCloseAccount && (a.posted() != 0 || a.pendingDebit != 0 || a.pendingCredit != 0) {
		return nil, errs.New(errs.Conflict, "ledger.not_empty", errs.A{"account": a.ID, "balance": a.text(a.posted())})
	}
	next := a.Account
	c.change(&next)
	open := next
	open.Closed = false
	if err := open.check(); err != nil {
		return nil, err
	}
	if bytes.Equal(bodyOf(next), bodyOf(a.Account)) {
		return nil, nil
	}
	keep(s, &a.Account)
	a.Account = next
	act := &Act{Do: c.as, Key: "~" + string(c.as) + ":" + a.ID + ":" + strconv.FormatInt(b.seq+1, 10), Request: requestOf(c.as, next), On: dayOf(st.at),
		Reason: c.reason, Ref: a.Owner, Body: bodyOf(next)}
	return []*Act{act}, s.record(b, act, nil, st)
}

// closeCommand closes the periods of a book up to a day.
type closeCommand struct{ book, through, reason string }

func (c closeCommand) do(s *state, st stamp) ([]*Act, error) {
	b, err := s.enter(c.book, st)
	if err != nil {
		return nil, err
	}
	day, err := checkDay(c.book, c.through, st.at)
	if err != nil {
		return nil, err
	}
	switch {
	case c.through == "" || day >= dayOf(st.at):
		return nil, errs.New(errs.Invalid, "ledger.close_too_late", errs.A{"book": b.id, "day": day}).At("/through")
	case day == b.closed:
		return nil, nil
	case day < b.closed:
		return nil, errs.New(errs.Conflict, "ledger.close_back", errs.A{"book": b.id, "day": day, "closed": b.closed}).At("/through")
	}
	act := &Act{Do: DoClosePeriod, Key: "~close:" + b.id + ":" + day, Request: requestOf(DoClosePeriod, day), On: day, Reason: c.reason}
	if err := s.record(b, act, nil, st); err != nil {
		return nil, err
	}
	b.closed = day
	return []*Act{act}, nil
}

// bodyOf writes a definition into the log.
func bodyOf(v any) json.RawMessage {
	raw, _ := json.Marshal(v) // structs of plain fields and valid JSON always marshal
	return raw
}

// compact drops the white space of evidence that check has found to be JSON.
func compact(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	return bodyOf(raw)
}
