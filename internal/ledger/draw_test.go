package ledger

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/money"
)

// draw makes random commands, right and wrong ones, from a seed.
type draw struct {
	*rand.Rand
	now   time.Time
	names []string
	keys  []string  // of transactions that were asked for
	holds []string  // of holds that were asked for
	past  []command // to be asked again
	n     int
	books []string
}

func newDraw(seed uint64, books ...string) *draw {
	d := &draw{Rand: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), books: books}
	for _, b := range books {
		for _, a := range chart(b) {
			d.names = append(d.names, a.ID)
		}
	}
	return d
}

func pick[T any](d *draw, from []T) T { return from[d.IntN(len(from))] }

func (d *draw) key() string { d.n++; return name(d.books[0]+".", d.n) }

func (d *draw) account() string {
	if d.IntN(60) == 0 {
		return d.books[0] + ":none"
	}
	return pick(d, d.names)
}

// pair is two accounts, mostly of one book and one unit.
func (d *draw) pair(book string) (string, string) {
	if d.IntN(20) == 0 {
		return d.account(), d.account()
	}
	if d.IntN(5) == 0 {
		return book + ":quota", book + ":granted"
	}
	cny := []string{":cash", ":loan", ":equity", ":fee"}
	i := d.IntN(4)
	return book + cny[i], book + cny[(i+1+d.IntN(3))%4]
}

func (d *draw) amount() money.Fen {
	switch d.IntN(100) {
	case 0:
		return 0
	case 1:
		return money.Fen(d.Int64N(1 << 62))
	case 2:
		return money.Fen(1<<62 - 1 - d.Int64N(3))
	}
	return money.Fen(1 + d.Int64N(50_000))
}

func (d *draw) day() string {
	switch d.IntN(6) {
	case 0:
		return d.now.AddDate(0, 0, -d.IntN(90)).Format(time.DateOnly)
	case 1:
		return d.now.AddDate(0, 0, 2-d.IntN(5)).Format(time.DateOnly)
	}
	return ""
}

func (d *draw) transaction() Transaction {
	t := Transaction{Key: d.key(), On: d.day(), Kind: "drawn"}
	if d.IntN(12) == 0 {
		t.Correcting = true
		t.Reason = pick(d, []string{"", "found late", "found late", "found late", "found late"})
	}
	if len(d.keys) > 0 && d.IntN(10) == 0 {
		t.Reverses = pick(d, d.keys)
		return t
	}
	book := pick(d, d.books)
	for range 1 + d.IntN(2)*d.IntN(2) {
		debit, credit := d.pair(book)
		n := d.amount()
		t.Postings = append(t.Postings, Posting{debit, n}, Posting{credit, -n})
	}
	if d.IntN(25) == 0 {
		t.Postings[0].Amount++
	}
	if d.IntN(60) == 0 {
		t.Postings = t.Postings[1:]
	}
	d.keys = append(d.keys, t.Key)
	return t
}

func (d *draw) hold() command {
	h := Hold{Key: d.key(), Amount: d.amount()}
	h.Debit, h.Credit = d.pair(pick(d, d.books))
	if d.IntN(2) == 0 {
		h.Expires = db.At(d.now.Add(time.Duration(d.IntN(72)-1) * time.Hour))
	}
	d.holds = append(d.holds, h.Key)
	return reserveCommand{h}
}

func (d *draw) someHold() string {
	if len(d.holds) == 0 || d.IntN(50) == 0 {
		return "none"
	}
	return d.holds[len(d.holds)-1-d.IntN(min(len(d.holds), 8))]
}

// next is the next command; the clock may have moved before it.
func (d *draw) next() command {
	c := d.fresh()
	if len(d.past) > 0 && d.IntN(12) == 0 {
		return d.altered(pick(d, d.past))
	}
	if len(d.past) < 200 {
		d.past = append(d.past, c)
	} else {
		d.past[d.IntN(200)] = c
	}
	return c
}

// altered is a command to be repeated: mostly as it was, and sometimes with
// other content under the same key.
func (d *draw) altered(c command) command {
	if d.IntN(4) > 0 {
		return c
	}
	switch c := c.(type) {
	case postCommand:
		group := slices.Clone(c.group)
		group[d.IntN(len(group))].Kind = "altered"
		if d.IntN(2) == 0 {
			group = c.group[:d.IntN(len(c.group))+1] // a part of the group, or all of it
		}
		return postCommand{group}
	case reserveCommand:
		c.hold.Amount++
		return c
	case settleCommand:
		c.s.Reason = "altered"
		return c
	case voidCommand:
		c.r.Reason = "altered"
		return c
	}
	return c
}

// tick moves the clock on, now and then over midnight or over an expiry.
func (d *draw) tick() {
	switch d.IntN(10) {
	case 0:
		d.now = d.now.Add(time.Duration(d.IntN(30)) * time.Hour)
	case 1, 2, 3:
		d.now = d.now.Add(time.Duration(d.IntN(1000)) * time.Millisecond)
	}
}

func (d *draw) fresh() command {
	switch n := d.IntN(100); {
	case n < 55:
		return postCommand{[]Transaction{d.transaction()}}
	case n < 64:
		group := make([]Transaction, 2+d.IntN(2))
		for i := range group {
			group[i] = d.transaction()
		}
		return postCommand{group}
	case n < 78:
		return d.hold()
	case n < 88:
		s := Settlement{Key: d.key(), Hold: d.someHold(), Amount: d.amount() / 4, On: d.day()}
		d.keys = append(d.keys, s.Key)
		return settleCommand{s}
	case n < 91:
		return voidCommand{Release{Key: d.key(), Hold: d.someHold()}}
	case n < 93:
		return expireCommand{pick(d, d.books)}
	case n < 95:
		return closeCommand{pick(d, d.books), d.now.AddDate(0, 0, -d.IntN(40)).Format(time.DateOnly), ""}
	case n < 97:
		floor, ceiling := fen(d.Int64N(1000)-900), fen(d.Int64N(1_000_000))
		return amendCommand{pick(d, d.names), func(a *Account) { a.Floor, a.Ceiling = floor, ceiling }, "", DoAmend}
	case n < 98:
		return amendCommand{pick(d, d.names), func(a *Account) { a.Floor, a.Ceiling = nil, nil }, "", DoAmend}
	case n < 99 && d.IntN(20) == 0:
		return amendCommand{pick(d, d.names), func(a *Account) { a.Closed = true }, "", DoCloseAccount}
	}
	return postCommand{[]Transaction{d.transaction()}}
}
