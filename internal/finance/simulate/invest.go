package simulate

import (
	"fmt"
	"math"
	"slices"

	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/money"
)

// holding is what a fund put into a firm.
type holding struct {
	id     string
	by     *vehicle
	firm   *firm
	stage  capital.Stage
	day    string
	amount money.Fen
	share  *int64
	growth float64 // of its value in a year
	exit   string  // "" while it lasts
}

var stages = []struct {
	stage capital.Stage
	name  string
}{{capital.Angel, "天使轮"}, {capital.PreA, "Pre-A轮"}, {capital.RoundA, "A轮"}, {capital.RoundA, "A+轮"}, {capital.RoundB, "B轮"}, {capital.RoundC, "C轮"}}

// place lets the funds put their money into firms, and get some of it back.
func (c *city) place(r draw, x *raised) {
	slots := c.slots(r, x)
	for _, v := range append([]*vehicle{x.direct}, x.subs...) {
		v.invest(r, slots[v])
		c.held = append(c.held, v.held...)
		first := date(v.investsOn[0]).Year()
		v.fees(first, 2024, 15_000)
		v.leave(r, x.byID)
		v.value(r, first, v.fund.Key == "sim-sub-09" || v.fund.Key == "sim-sub-17")
		v.claim(r)
	}
}

// slots says into which firms each fund puts money: every firm once, and then
// some of them again from another fund.
func (c *city) slots(r draw, x *raised) map[*vehicle][]*firm {
	out := map[*vehicle][]*firm{}
	direct := min(directDeals, max(c.rep.Projects/8, 1))
	out[x.direct] = slices.Clone(c.invested[:direct])
	rest := slices.Clone(c.invested[direct:])
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for range len(rest) / 5 {
		rest = append(rest, rest[r.IntN(len(rest))])
	}
	weights := make([]float64, len(x.subs))
	for i, v := range x.subs {
		weights[i] = math.Sqrt(float64(v.paid))
	}
	for i, f := range rest {
		v := x.subs[i%len(x.subs)] // each has some
		if i >= 2*len(x.subs) {
			v = x.subs[r.weighted(weights)]
		}
		for try := 0; slices.Contains(out[v], f) && try < 8; try++ {
			v = x.subs[r.IntN(len(x.subs))]
		}
		if !slices.Contains(out[v], f) {
			out[v] = append(out[v], f)
		}
	}
	return out
}

// invest divides the money of each call over the firms.
func (v *vehicle) invest(r draw, firms []*firm) {
	calls := len(v.budgets)
	for k, budget := range v.budgets {
		part := firms[len(firms)*k/calls : len(firms)*(k+1)/calls]
		if len(part) == 0 {
			continue
		}
		weights := make([]int64, len(part))
		for i := range weights {
			weights[i] = int64(r.lognormal(1000, 0.6, 1, 200, 6000))
		}
		amounts, _ := money.Split(budget/(10*money.Wan), weights) // weights are above zero
		until := plus(v.investsOn[k], 280)
		for i, f := range part {
			if amounts[i] == 0 {
				continue
			}
			v.hold(r, f, r.day(v.investsOn[k], min(until, "2024-12-20")), min(amounts[i]*10*money.Wan, 3*money.Yi))
		}
	}
}

func (v *vehicle) hold(r draw, f *firm, day string, amount money.Fen) {
	s := stages[r.weighted([]float64{3, 3, 5, 3, 4, 2})]
	h := &holding{by: v, firm: f, stage: s.stage, day: day, amount: amount, growth: 0.09 + 0.22*r.NormFloat64()}
	if r.chance(0.93) {
		share := int64(r.between(15, 120)) * 1000
		h.share = &share
	}
	e := &fund.Holding{Head: v.head("holding", day), OrgID: f.orgID, SharePPM: h.share, Amount: &h.amount, Round: s.name, Evidence: fmt.Sprintf("模拟投资协议 %s-%02d", v.fund.Key, v.keys["holding"])}
	h.id = eventID("holding", e.Head)
	v.held = append(v.held, h)
	v.move(day, -amount)
	v.record(day, e)
}

// leave ends some of the older holdings and gives the proceeds to the investors.
func (v *vehicle) leave(r draw, funds map[string]*vehicle) {
	var done []flow
	for _, h := range v.held {
		first := plus(h.day, 800)
		if first > "2024-10-31" || !r.chance(0.38) {
			continue
		}
		h.exit = r.day(first, "2024-10-31")
		proceeds := r.lognormal(h.amount*16/10, 0.7, money.Wan, money.Wan, 20*money.Yi)
		if r.chance(0.14) { // written off
			proceeds = 0
		}
		v.record(h.exit, &fund.Exit{Head: v.head("exit", h.exit), HoldingID: h.id, Proceeds: &proceeds})
		if proceeds > 0 {
			v.move(h.exit, proceeds)
			done = append(done, flow{h.exit, proceeds})
		}
	}
	slices.SortFunc(done, func(a, b flow) int { return daysBetween(b.day, a.day) })
	for i, p := range done {
		v.distribute(plus(p.day, 35), p.amount*93/100/money.Yuan*money.Yuan, i == 0 && v.fund.Vintage >= 2018, funds)
	}
}

// distribute divides money by what was paid in up to the day; of a recallable
// distribution a fifth may be called again.
func (v *vehicle) distribute(day string, total money.Fen, recallable bool, funds map[string]*vehicle) {
	weights := make([]int64, len(v.members))
	for i, m := range v.members {
		weights[i] = int64(m.paid(day))
	}
	parts, err := money.Split(total, weights)
	if err != nil {
		return // nobody has paid
	}
	e := &fund.Distribution{Head: v.head("distribution", day), Purpose: "项目退出回款"}
	for i, p := range parts {
		if p == 0 {
			continue
		}
		got := fund.Received{CommitmentID: v.members[i].id, Amount: p}
		if recallable {
			got.Recallable = p / 5
		}
		if to := funds[v.members[i].fundID]; to != nil {
			to.move(day, p)
		}
		e.Shares = append(e.Shares, got)
	}
	v.move(day, -total)
	v.record(day, e)
}

// value states the net asset value at the end of the years from the first: the
// accounts of a year are audited and come in April, those of the last one are an
// estimate. A stale fund has not been valued since 2022.
func (v *vehicle) value(r draw, first int, stale bool) {
	state := func(day, recorded string, basis fund.Basis) {
		amount := max(v.worth(day), 0)
		v.record(recorded, &fund.Valuation{Head: v.head("valuation", day), Amount: &amount, Basis: basis})
	}
	for y := first; y <= 2024; y++ {
		day := fmt.Sprintf("%d-12-31", y)
		switch {
		case stale && y > 2022:
		case y < 2024:
			state(day, fmt.Sprintf("%d-04-28", y+1), fund.Audited)
		case r.chance(0.8):
			state("2024-09-30", "2024-11-20", fund.Reported)
			if r.chance(0.5) {
				state(day, day, fund.Estimated)
			}
		}
	}
}

// worth is cash and holdings on a day, in whole yuan.
func (v *vehicle) worth(day string) money.Fen {
	sum := float64(v.cash(day))
	for _, h := range v.held {
		if h.day <= day && (h.exit == "" || h.exit > day) {
			years := float64(daysBetween(h.day, day)) / 365
			sum += float64(h.amount) * math.Exp(h.growth*years)
		}
	}
	if v.fund.Kind == fund.FundOfFunds {
		for _, f := range v.flows {
			if f.amount < 0 && f.day <= day { // what it has paid into funds, at cost
				sum -= float64(f.amount)
			}
		}
	}
	return money.Fen(sum) / money.Yuan * money.Yuan
}

// routes are the ways in which a deal is claimed as local reinvestment.
var routes = []string{"direct", "newcomer", "relocation"}

// claim names the deals with firms of the city as local reinvestment. A few come
// without evidence.
func (v *vehicle) claim(r draw) {
	for _, h := range v.held {
		if !h.firm.local || !r.chance(0.7) {
			continue
		}
		day := min(plus(h.day, r.between(20, 90)), lastDay)
		e := &fund.Claim{Head: v.head("claim", day), Deal: "模拟备案 " + h.id, OrgID: h.firm.orgID, Route: routes[r.weighted([]float64{6, 2, 1})], Amount: h.amount}
		if r.chance(0.92) {
			e.Evidence = "模拟工商登记"
		}
		v.record(day, e)
	}
}
