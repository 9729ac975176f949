package simulate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// What is reported of the fund of funds, and what is made of it.
const (
	subFunds    = 42                   // reported
	paidIn      = 2645 * money.Yi / 10 // reported: more than 26,000 million yuan
	fundSize    = 50 * money.Yi        // stated by its measures
	directSize  = 4 * money.Yi
	directDeals = 8
)

// raised are the funds of the fund of funds, itself and the direct part first.
type raised struct {
	mother, direct *vehicle
	subs           []*vehicle
	byID           map[string]*vehicle
}

func (x *raised) all() []*vehicle { return append([]*vehicle{x.mother, x.direct}, x.subs...) }

// raise makes the fund of funds with everything that it does.
func (c *city) raise(ctx context.Context) error {
	r := newDraw(c.opt.Seed, "funds")
	x := &raised{byID: map[string]*vehicle{}}
	x.mother = newVehicle(fund.Fund{Key: "sim-fof", Kind: fund.FundOfFunds, Status: fund.Investing, OrgID: c.opt.FundOfFunds, Vintage: 2015,
		Name: i18n.Text{ZH: "模拟科技创新母基金", EN: "Simulated S&T innovation fund of funds"}, Note: "模拟数据"})
	x.direct = newVehicle(fund.Fund{Key: "sim-fof-direct", Kind: fund.Direct, Status: fund.Investing, Vintage: 2018,
		Name: i18n.Text{ZH: "模拟科技创新母基金直投", EN: "Simulated S&T innovation fund of funds, direct part"}, Note: "模拟数据"})
	x.byID[x.mother.fund.ID], x.byID[x.direct.fund.ID] = x.mother, x.direct
	c.subscribe(r, x)
	c.place(r, x)
	c.fillMother(r, x)
	if err := c.write(ctx, x.all()); err != nil {
		return err
	}
	c.rep.FundOfFunds, c.rep.SubFunds = x.mother.fund.ID, len(x.subs)
	for _, v := range x.subs {
		c.rep.PaidIn += v.paid
	}
	return nil
}

// subscribe founds the sub-funds and the direct part and lets money be paid in.
func (c *city) subscribe(r draw, x *raised) {
	n := c.scaled(subFunds, 3)
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = int64(r.lognormal(100, 0.55, 1, 30, 400))
	}
	total := money.Fen(float64(paidIn) * c.opt.Scale / float64(unit))
	sizes, _ := money.Split(total, weights) // of whole units; weights are above zero
	vintages := make([]int, n)
	for i := range vintages {
		vintages[i] = 2016 + i*8/n
	}
	for i := range n {
		v := c.subFund(r, x, i, vintages[i], sizes[i])
		x.subs = append(x.subs, v)
		x.byID[v.fund.ID] = v
	}
	size := max(money.Fen(float64(directSize)*c.opt.Scale)/unit*unit, 2*unit)
	x.direct.commit("2018-02-10", fund.Party{FundID: x.mother.fund.ID}, true, size)
	for _, day := range []string{"2018-03-01", "2021-03-01"} {
		x.direct.funded(x.direct.call(r, day, 50, false, x.byID), size/2*85/100)
	}
	c.crossHold(r, x)
}

// funded notes that money of a call can be placed.
func (v *vehicle) funded(on string, amount money.Fen) {
	v.investsOn, v.budgets = append(v.investsOn, plus(on, 10)), append(v.budgets, amount)
}

// schedules are the calls of a fund by how much of it has been asked for: the
// younger it is the less.
func schedule(vintage int) []int {
	switch {
	case vintage <= 2019:
		return []int{40, 30, 30}
	case vintage == 2020:
		return []int{40, 30, 20}
	case vintage == 2021:
		return []int{40, 40}
	case vintage == 2022:
		return []int{30, 30}
	}
	return []int{50}
}

// subFund founds one sub-fund, of which paid units will have been paid in.
func (c *city) subFund(r draw, x *raised, i, vintage int, paid money.Fen) *vehicle {
	calls := schedule(vintage)
	percent := money.Fen(0)
	for _, p := range calls {
		percent += money.Fen(p)
	}
	v := newVehicle(fund.Fund{Key: fmt.Sprintf("sim-sub-%02d", i+1), Kind: fund.SubFund, Status: statusOf(vintage, i), PaysLast: true, Vintage: vintage, Note: "模拟数据",
		Name: i18n.Text{ZH: "模拟" + focus[i%len(focus)].zh + "创业投资" + ordinal(i+1) + "号子基金", EN: fmt.Sprintf("Simulated %s venture sub-fund %d", focus[i%len(focus)].en, i+1)}})
	units := max((paid*100+percent-1)/percent, 10)
	day := r.day(fmt.Sprintf("%d-02-10", vintage), fmt.Sprintf("%d-06-30", vintage))
	c.investors(r, x, v, i, day, units)
	for k, p := range calls {
		in := v.call(r, day, p, false, x.byID)
		v.funded(in, v.committed*money.Fen(p)/100*80/100)
		if k+1 < len(calls) {
			day = plus(day, r.between(330, 420))
		}
	}
	if percent < 100 && i%3 == 0 { // asked for again, and one has not paid: nobody public does
		v.call(r, r.day("2024-09-02", "2024-10-20"), 10, true, x.byID)
	}
	return v
}

func statusOf(vintage, i int) fund.Status {
	switch {
	case vintage <= 2017:
		return fund.Exiting
	case vintage >= 2023 && i%2 == 0:
		return fund.Raising
	}
	return fund.Investing
}

var focus = []struct{ zh, en string }{
	{"生物医药", "biomedicine"}, {"新一代信息技术", "information technology"}, {"新材料", "new materials"}, {"智能制造", "smart manufacturing"},
	{"新能源", "new energy"}, {"天使", "angel"}, {"集成电路", "integrated circuits"}, {"绿色低碳", "low-carbon"},
}

// investors lets those who pay into a sub-fund commit: the fund of funds, a
// district in some, the manager, and private ones with the rest.
func (c *city) investors(r draw, x *raised, v *vehicle, i int, day string, units money.Fen) {
	share := []money.Fen{10, 15, 15, 15, 10, 20}[r.IntN(6)]
	left := units
	take := func(who fund.Party, public bool, n money.Fen) {
		n = max(n, 1)
		left -= n
		v.commit(day, who, public, n*unit)
	}
	take(fund.Party{FundID: x.mother.fund.ID}, true, units*share/100)
	if r.chance(0.35) {
		take(fund.Party{Name: "模拟区级引导基金" + ordinal(1+i%7) + "号"}, true, units*8/100)
	}
	take(fund.Party{Name: "模拟基金管理" + ordinal(1+i%20) + "号有限公司"}, false, units/100)
	n := min(r.between(4, 8), int(left))
	weights := make([]int64, n)
	for k := range weights {
		weights[k] = int64(r.between(10, 60))
	}
	parts, _ := money.Split(left-money.Fen(n), weights)
	for k, p := range parts {
		take(fund.Party{Name: "模拟" + []string{"产业集团", "保险资管", "投资控股", "家族办公室", "上市公司产投"}[k%5] + ordinal(1+(i*7+k*3)%60) + "号"}, false, p+1)
	}
}

// crossHold lets a few sub-funds put money into others, two of them into each
// other.
func (c *city) crossHold(r draw, x *raised) {
	n := len(x.subs)
	for k, pair := range [][2]int{{n / 8, n / 2}, {n / 5, n / 5 * 2}, {n / 3, n/3 + 1}, {n/3 + 1, n / 3}} {
		from, to := x.subs[pair[0]], x.subs[pair[1]]
		day := plus(max(from.investsOn[0], to.investsOn[0]), 60+k)
		amount := max(from.paidBy(day)/50/unit*unit, unit)
		if from == to || amount > from.cash(day)/10 {
			continue
		}
		to.commit(day, fund.Party{FundID: from.fund.ID}, false, amount)
		m := &to.members[len(to.members)-1]
		on := plus(day, r.between(5, 20))
		m.pays = append(m.pays, flow{on, amount})
		to.paid += amount
		to.move(on, amount)
		from.move(on, -amount)
		to.record(on, &fund.Payment{Head: to.head("payment", on), CommitmentID: m.id, Amount: amount})
	}
}

// fillMother calls from the public what the fund of funds will pay out, each
// January for the year.
func (c *city) fillMother(r draw, x *raised) {
	m := x.mother
	need := map[int]money.Fen{}
	var sum money.Fen
	for _, f := range m.flows {
		if f.amount < 0 {
			need[date(f.day).AddDate(0, -1, 0).Year()] -= f.amount
			sum -= f.amount
		}
	}
	size := fundSize
	if c.opt.Scale < 1 {
		size = max(sum*13/10/unit+20, 100) * unit
	}
	m.commit("2015-12-01", fund.Party{Name: "模拟市级财政"}, true, size/unit*4/5*unit)
	m.commit("2015-12-01", fund.Party{Name: "模拟市级国有资本"}, true, size-size/unit*4/5*unit)
	left := 100
	for y := 2016; y <= 2024; y++ {
		percent := min(int((need[y]*105+size-1)/size), left)
		if percent == 0 {
			continue
		}
		left -= percent
		m.call(r, fmt.Sprintf("%d-01-02", y), percent, false, nil)
	}
	m.fees(2016, 2024, 1500)
	m.value(r, 2016, false)
}

// write records the events of funds in the order in which they became known, a
// month at a time.
func (c *city) write(ctx context.Context, list []*vehicle) error {
	var events []event
	err := c.in(ctx, "2015-06-01", func(tx *db.Tx) error {
		rows := make([]fund.Fund, len(list))
		for i, v := range list {
			rows[i] = v.fund
			events = append(events, v.events...)
		}
		out, err := c.funds.Put(ctx, tx, c.by, rows)
		if err != nil {
			return err
		}
		return refusal(out)
	})
	if err != nil {
		return err
	}
	c.rep.Funds += len(list)
	c.rep.FundEvents += len(events)
	slices.SortStableFunc(events, func(a, b event) int { return strings.Compare(a.recorded, b.recorded) })
	for len(events) > 0 {
		month := monthEnd(events[0].recorded)
		n := 0
		for n < len(events) && events[n].recorded <= month {
			n++
		}
		part := make([]fund.Event, n)
		for i := range part {
			part[i] = events[i].what
		}
		events = events[n:]
		err := c.in(ctx, month, func(tx *db.Tx) error {
			out, err := c.funds.PutEvents(ctx, tx, c.by, part)
			if err != nil {
				return err
			}
			for i, o := range out {
				if o.Err != nil {
					return fmt.Errorf("%s, %T %+v: %w", month, part[i], part[i], o.Err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
