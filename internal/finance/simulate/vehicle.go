package simulate

import (
	"fmt"
	"strconv"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/money"
)

// unit is what commitments are multiples of, so that a call of so many per cent
// is exact and the order of payments is not decided by a fen.
const unit = 100 * money.Wan

// member is one investor of a fund.
type member struct {
	id     string // of the commitment
	fundID string // where the investor is a fund
	public bool
	amount money.Fen
	pays   []flow
}

// paid is what the investor has paid up to a day.
func (m *member) paid(day string) money.Fen {
	var sum money.Fen
	for _, p := range m.pays {
		if p.day <= day {
			sum += p.amount
		}
	}
	return sum
}

// flow is money that came into a fund on a day, or went out.
type flow struct {
	day    string
	amount money.Fen
}

// event is something that happened to a fund, and when it was recorded.
type event struct {
	recorded string
	what     fund.Event
}

// vehicle is a fund on its way through the years.
type vehicle struct {
	fund      fund.Fund
	members   []member
	committed money.Fen
	paid      money.Fen
	calls     int
	flows     []flow
	events    []event
	investsOn []string // days from which on money of a call can be placed
	budgets   []money.Fen
	held      []*holding
	keys      map[string]int
}

func newVehicle(f fund.Fund) *vehicle {
	f.ID, f.SourceID, f.Level = db.DerivedID("fund", f.Key), SourceID, "public"
	return &vehicle{fund: f, keys: map[string]int{}}
}

// head is the head of an event. Keys are numbered by kind.
func (v *vehicle) head(kind, day string) fund.Head {
	v.keys[kind]++
	return fund.Head{FundID: v.fund.ID, Key: fmt.Sprintf("%s-%d", kind, v.keys[kind]), Day: day, SourceID: SourceID}
}

func (v *vehicle) record(recorded string, e fund.Event) {
	v.events = append(v.events, event{recorded, e})
}

func (v *vehicle) move(day string, amount money.Fen) { v.flows = append(v.flows, flow{day, amount}) }

// cash is what the fund has in hand at the end of a day.
func (v *vehicle) cash(day string) money.Fen {
	var sum money.Fen
	for _, f := range v.flows {
		if f.day <= day {
			sum += f.amount
		}
	}
	return sum
}

// eventID is the id that the room gives an event.
func eventID(kind string, h fund.Head) string { return db.DerivedID(kind, h.FundID, h.Key) }

// commit lets an investor promise money.
func (v *vehicle) commit(day string, who fund.Party, public bool, amount money.Fen) {
	nature := lookthrough.Social
	if public {
		nature = lookthrough.Public
	}
	e := &fund.Commitment{Head: v.head("commitment", day), Investor: who, Nature: nature, Amount: &amount}
	v.members = append(v.members, member{id: eventID("commitment", e.Head), fundID: who.FundID, public: public, amount: amount})
	v.committed += amount
	v.record(day, e)
}

// toPay is how long after a call investors pay, in days.
const (
	dueAfter    = 30
	lateAtMost  = 75
	publicAfter = 26
)

// call asks for so many per cent of all commitments. The public investors pay
// when the others have. Of an unpaid call the last of the others does not pay,
// and so the public ones do not either. It returns the day on which all is in.
func (v *vehicle) call(r draw, day string, percent int, unpaid bool, funds map[string]*vehicle) string {
	c := &fund.Call{Head: v.head("call", day), DueOn: plus(day, dueAfter), Purpose: "第" + strconv.Itoa(v.calls+1) + "期出资"}
	for _, m := range v.members {
		c.Dues = append(c.Dues, fund.Due{CommitmentID: m.id, Amount: m.amount * money.Fen(percent) / 100})
	}
	v.calls++
	v.record(day, c)
	last := day
	pay := func(i int, on string) {
		m := &v.members[i]
		p := &fund.Payment{Head: v.head("payment", on), CommitmentID: m.id, CallID: eventID("call", c.Head), Amount: c.Dues[i].Amount}
		m.pays = append(m.pays, flow{on, p.Amount})
		v.paid += p.Amount
		v.move(on, p.Amount)
		if giver := funds[m.fundID]; giver != nil {
			giver.move(on, -p.Amount)
		}
		v.record(on, p)
		last = max(last, on)
	}
	absent := -1
	for i := range v.members {
		if unpaid && !v.members[i].public {
			absent = i
		}
	}
	for i, m := range v.members {
		on := plus(day, r.between(4, publicAfter-1))
		if r.chance(0.04) {
			on = plus(day, r.between(dueAfter+1, lateAtMost))
		}
		if !m.public && i != absent {
			pay(i, on)
		}
	}
	if unpaid {
		return last
	}
	publicOn := max(plus(day, publicAfter), plus(last, 1))
	for i, m := range v.members {
		if m.public {
			pay(i, plus(publicOn, r.IntN(3)))
		}
	}
	return last
}

// fees takes what running the fund costs in each year from first to last.
func (v *vehicle) fees(first, last int, ppm money.Fen) {
	for y := first; y <= last; y++ {
		day := fmt.Sprintf("%d-12-20", y)
		base := v.cash(day) // of what is there, and never more than is
		amount := min(v.paidBy(day)*ppm/1_000_000/100*100, base/4)
		if amount <= 0 {
			continue
		}
		v.record(day, &fund.Fee{Head: v.head("fee", day), For: fund.Management, Amount: amount})
		custody := max(amount/40/100*100, 100)
		v.record(day, &fund.Fee{Head: v.head("fee", day), For: fund.Custody, Amount: custody})
		v.move(day, -amount-custody)
	}
}

// paidBy is what came in from investors up to a day: the first flows are theirs.
func (v *vehicle) paidBy(day string) money.Fen {
	var sum money.Fen
	for _, f := range v.flows {
		if f.amount > 0 && f.day <= day {
			sum += f.amount
		}
	}
	return sum
}
