package ledger

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/money"
)

// oracle is a ledger that is too simple to be wrong: it keeps lists and adds
// them up each time, in integers without a limit. It shares no code with the
// ledger but the types of a request.
type oracle struct {
	accounts map[string]*Account
	entries  []oracleEntry
	holds    map[string]*oracleHold
	requests map[string]string // key → what was asked, as JSON
	postings map[string][]Posting
	reversed map[string]bool
	closed   map[string]string
}

type oracleEntry struct {
	account string
	amount  money.Fen
	on      string
	at      time.Time
}

type oracleHold struct {
	Hold
	state HoldState
}

func newOracle(accounts []Account) *oracle {
	o := &oracle{accounts: map[string]*Account{}, holds: map[string]*oracleHold{}, requests: map[string]string{}, postings: map[string][]Posting{},
		reversed: map[string]bool{}, closed: map[string]string{}}
	for _, a := range accounts {
		o.accounts[a.ID] = &a
	}
	return o
}

// posted is debits less credits of an account as of a day and an instant.
func (o *oracle) posted(account, on string, at time.Time) *big.Int {
	sum, n := new(big.Int), new(big.Int)
	for _, e := range o.entries {
		if e.account == account && (on == "" || e.on <= on) && (at.IsZero() || !e.at.After(at)) {
			sum.Add(sum, n.SetInt64(int64(e.amount)))
		}
	}
	return sum
}

// lowHigh is what the limits are held against.
func (o *oracle) lowHigh(account string, now time.Time) (low, high *big.Int) {
	a := o.accounts[account]
	low = o.posted(account, "", time.Time{})
	if a.Normal == Credit {
		low.Neg(low)
	}
	high = new(big.Int).Set(low)
	for _, h := range o.holds {
		if h.state != Pending || !h.Expires.IsZero() && !h.Expires.After(now) {
			continue
		}
		n := big.NewInt(int64(h.Amount))
		if (h.Debit == account) == (a.Normal == Debit) && (h.Debit == account || h.Credit == account) {
			high.Add(high, n)
		} else if h.Debit == account || h.Credit == account {
			low.Sub(low, n)
		}
	}
	return low, high
}

// refusals are the reasons, by message key, for which the ledger may refuse.
type refusals []string

func (r *refusals) when(is bool, key string) {
	if is {
		*r = append(*r, "ledger."+key)
	}
}

func asked(v any) string { raw, _ := json.Marshal(v); return string(raw) }

// retry reports whether keys were used before: all for the same, or not.
func (o *oracle) retry(keys []string, request string) (same, conflict bool) {
	used := 0
	for _, k := range keys {
		if was, ok := o.requests[k]; ok {
			used++
			conflict = conflict || was != request
		}
	}
	return used == len(keys) && used > 0 && !conflict, conflict
}

// post returns why a group is refused; none for a group that is posted or was
// posted before.
func (o *oracle) post(group []Transaction, now time.Time) refusals {
	var keys []string
	for _, t := range group {
		keys = append(keys, t.Key)
	}
	request := "post" + asked(group)
	same, conflict := o.retry(keys, request)
	if conflict {
		return refusals{"ledger.key_conflict"}
	}
	if same {
		return nil
	}
	entries, reversed := len(o.entries), []string{}
	for _, t := range group {
		why := o.one(t, now)
		if len(why) > 0 {
			o.entries = o.entries[:entries]
			for _, k := range reversed {
				delete(o.reversed, k)
			}
			for _, k := range keys {
				delete(o.postings, k)
			}
			return why
		}
		if t.Reverses != "" {
			reversed = append(reversed, t.Reverses)
		}
	}
	for _, k := range keys {
		o.requests[k] = request
	}
	return nil
}

func (o *oracle) one(t Transaction, now time.Time) (r refusals) {
	postings := t.Postings
	today := now.Add(8 * time.Hour).UTC().Format(time.DateOnly)
	on := t.On
	if on == "" {
		on = today
	}
	r.when(on > today, "future_day")
	r.when(t.Correcting && t.Reason == "", "correcting_reason")
	if t.Reverses != "" {
		target := o.postings[t.Reverses]
		r.when(target == nil, "unknown_target")
		r.when(o.reversed[t.Reverses], "reversed_before")
		if len(r) > 0 {
			return r
		}
		postings = nil
		for _, p := range target {
			postings = append(postings, Posting{p.Account, -p.Amount})
		}
	}
	r.when(len(postings) < 2, "too_few_postings")
	sums, total, books := map[string]*big.Int{}, map[string]*big.Int{}, []string{}
	for _, p := range postings {
		r.when(p.Amount == 0, "bad_amount")
		a := o.accounts[p.Account]
		if a == nil {
			r.when(true, "unknown_account")
			continue
		}
		r.when(a.Closed, "account_closed")
		if sums[a.Unit] == nil {
			sums[a.Unit] = new(big.Int)
		}
		sums[a.Unit].Add(sums[a.Unit], big.NewInt(int64(p.Amount)))
		if total[p.Account] == nil {
			total[p.Account] = new(big.Int)
		}
		total[p.Account].Add(total[p.Account], new(big.Int).Abs(big.NewInt(int64(p.Amount))))
		if !slices.Contains(books, a.Book) {
			books = append(books, a.Book)
		}
	}
	r.when(len(books) > 1, "two_books")
	for _, s := range sums {
		r.when(s.Sign() != 0, "unbalanced")
		r.when(s.Sign() != 0 && !s.IsInt64(), "overflow")
	}
	for account, n := range total {
		r.when(n.Add(n, o.turnover(account, now)).Cmp(big.NewInt(1<<62-1)) > 0, "overflow")
	}
	if len(books) > 0 {
		r.when(on <= o.closed[books[0]] && !t.Correcting, "closed_period")
	}
	if len(r) > 0 {
		return r
	}
	return o.move(t, postings, on, now)
}

// turnover is all that an account was ever debited and credited, with holds.
func (o *oracle) turnover(account string, now time.Time) *big.Int {
	sum, n := new(big.Int), new(big.Int)
	for _, e := range o.entries {
		if e.account == account {
			sum.Add(sum, n.Abs(n.SetInt64(int64(e.amount))))
		}
	}
	for _, h := range o.holds {
		if h.state == Pending && (h.Expires.IsZero() || h.Expires.After(now)) && (h.Debit == account || h.Credit == account) {
			sum.Add(sum, big.NewInt(int64(h.Amount)))
		}
	}
	return sum
}

func (o *oracle) move(t Transaction, postings []Posting, on string, now time.Time) (r refusals) {
	type limits struct{ low, high *big.Int }
	before := map[string]limits{}
	for _, p := range postings {
		low, high := o.lowHigh(p.Account, now)
		before[p.Account] = limits{low, high}
	}
	n := len(o.entries)
	for _, p := range postings {
		o.entries = append(o.entries, oracleEntry{p.Account, p.Amount, on, now})
	}
	for account, was := range before {
		r = append(r, o.beyond(account, was.low, was.high, now)...)
	}
	if len(r) > 0 {
		o.entries = o.entries[:n]
		return r
	}
	o.postings[t.Key] = postings
	if t.Reverses != "" {
		o.reversed[t.Reverses] = true
	}
	return nil
}

func (o *oracle) beyond(account string, lowBefore, highBefore *big.Int, now time.Time) (r refusals) {
	a := o.accounts[account]
	low, high := o.lowHigh(account, now)
	r.when(a.Floor != nil && low.Cmp(big.NewInt(int64(*a.Floor))) < 0 && low.Cmp(lowBefore) < 0, "below_floor")
	r.when(a.Ceiling != nil && high.Cmp(big.NewInt(int64(*a.Ceiling))) > 0 && high.Cmp(highBefore) > 0, "above_ceiling")
	return r
}

func (o *oracle) reserve(h Hold, now time.Time) (r refusals) {
	request := "reserve" + asked(h)
	same, conflict := o.retry([]string{h.Key}, request)
	if conflict {
		return refusals{"ledger.key_conflict"}
	}
	if same {
		return nil
	}
	d, c := o.accounts[h.Debit], o.accounts[h.Credit]
	r.when(h.Amount <= 0, "bad_hold_amount")
	r.when(h.Debit == h.Credit, "hold_one_account")
	r.when(d == nil || c == nil, "unknown_account")
	r.when(!h.Expires.IsZero() && !h.Expires.After(now), "hold_in_the_past")
	if d == nil || c == nil {
		return r
	}
	r.when(d.Closed || c.Closed, "account_closed")
	r.when(d.Book != c.Book, "two_books")
	r.when(d.Unit != c.Unit, "unbalanced")
	for _, id := range []string{h.Debit, h.Credit} {
		sum := o.turnover(id, now)
		r.when(sum.Add(sum, big.NewInt(int64(h.Amount))).Cmp(big.NewInt(1<<62-1)) > 0, "overflow")
	}
	if len(r) > 0 {
		return r
	}
	lowD, highD := o.lowHigh(h.Debit, now)
	lowC, highC := o.lowHigh(h.Credit, now)
	o.holds[h.Key] = &oracleHold{h, Pending}
	r = append(o.beyond(h.Debit, lowD, highD, now), o.beyond(h.Credit, lowC, highC, now)...)
	if len(r) > 0 {
		delete(o.holds, h.Key)
		return r
	}
	o.requests[h.Key] = request
	return nil
}

// ended says why a hold can no longer be ended, "" when it can.
func (o *oracle) ended(key string, now time.Time) string {
	h := o.holds[key]
	switch {
	case h == nil:
		return "ledger.unknown_hold"
	case h.state == Pending && !h.Expires.IsZero() && !h.Expires.After(now):
		return "ledger.hold_expired"
	case h.state != Pending:
		return "ledger.hold_" + string(h.state)
	}
	return ""
}

func (o *oracle) settle(s Settlement, now time.Time) (r refusals) {
	request := "settle" + asked(s)
	same, conflict := o.retry([]string{s.Key}, request)
	if conflict {
		return refusals{"ledger.key_conflict"}
	}
	if same {
		return nil
	}
	if why := o.ended(s.Hold, now); why != "" {
		return refusals{why}
	}
	h := o.holds[s.Hold]
	today := now.Add(8 * time.Hour).UTC().Format(time.DateOnly)
	on := s.On
	if on == "" {
		on = today
	}
	r.when(s.Amount <= 0 || s.Amount > h.Amount, "settle_amount")
	r.when(on > today, "future_day")
	r.when(on <= o.closed[o.accounts[h.Debit].Book], "closed_period")
	if len(r) > 0 {
		return r
	}
	h.state = Posted
	o.entries = append(o.entries, oracleEntry{h.Debit, s.Amount, on, now}, oracleEntry{h.Credit, -s.Amount, on, now})
	o.postings[s.Key] = []Posting{{h.Debit, s.Amount}, {h.Credit, -s.Amount}}
	o.requests[s.Key] = request
	return nil
}

func (o *oracle) void(v Release, now time.Time) refusals {
	request := "void" + asked(v)
	same, conflict := o.retry([]string{v.Key}, request)
	if conflict {
		return refusals{"ledger.key_conflict"}
	}
	if same {
		return nil
	}
	if why := o.ended(v.Hold, now); why != "" {
		return refusals{why}
	}
	o.holds[v.Hold].state = Voided
	o.requests[v.Key] = request
	return nil
}

func (o *oracle) closePeriod(book, day string, now time.Time) (r refusals) {
	r.when(day >= now.Add(8*time.Hour).UTC().Format(time.DateOnly), "close_too_late")
	r.when(day < o.closed[book], "close_back")
	r.when(day > now.Add(8*time.Hour).UTC().Format(time.DateOnly), "future_day")
	if len(r) == 0 {
		o.closed[book] = day
	}
	return r
}

func (o *oracle) limit(id string, floor, ceiling *money.Fen) (r refusals) {
	a := o.accounts[id]
	r.when(a.Closed, "account_closed")
	r.when(floor != nil && ceiling != nil && *floor > *ceiling, "bad_limits")
	if len(r) == 0 {
		a.Floor, a.Ceiling = floor, ceiling
	}
	return r
}

func (o *oracle) closeAccount(id string, now time.Time) (r refusals) {
	a := o.accounts[id]
	low, high := o.lowHigh(id, now)
	r.when(a.Closed, "account_closed")
	r.when(low.Sign() != 0 || high.Sign() != 0, "not_empty")
	if len(r) == 0 {
		a.Closed = true
	}
	return r
}

// judge gives a command to the oracle.
func (o *oracle) judge(c command, now time.Time) refusals {
	switch c := c.(type) {
	case postCommand:
		return o.post(c.group, now)
	case reserveCommand:
		c.hold.Expires = db.At(c.hold.Expires.Time)
		return o.reserve(c.hold, now)
	case settleCommand:
		return o.settle(c.s, now)
	case voidCommand:
		return o.void(c.r, now)
	case closeCommand:
		return o.closePeriod(c.book, c.through, now)
	case amendCommand:
		if c.as == DoCloseAccount {
			return o.closeAccount(c.id, now)
		}
		var next Account
		c.change(&next)
		return o.limit(c.id, next.Floor, next.Ceiling)
	}
	return nil // expiry is never refused
}

func (r refusals) allow(key string) bool {
	return slices.ContainsFunc(r, func(k string) bool { return strings.EqualFold(k, key) })
}
