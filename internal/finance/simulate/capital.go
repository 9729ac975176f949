package simulate

import (
	"context"
	"fmt"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/money"
)

// listed2024 is how many firms of the city were listed in 2024: reported.
const listed2024 = 6

// market makes the rounds in which the funds took part, and the ways to a stock
// exchange.
func (c *city) market(ctx context.Context) error {
	r := newDraw(c.opt.Seed, "market")
	rounds := c.rounds(r)
	listings := c.listings(r)
	return c.in(ctx, lastDay, func(tx *db.Tx) error {
		if err := putAll(ctx, tx, c, c.capital.Rounds, rounds, &c.rep.Rounds); err != nil {
			return err
		}
		var n int
		return putAll(ctx, tx, c, c.capital.Listings, listings, &n)
	})
}

// rounds are those behind the holdings of the funds: the fund put in a part, and
// others the rest, some of unknown size.
func (c *city) rounds(r draw) []capital.Round {
	var out []capital.Round
	for i, h := range c.held {
		total := h.amount*100/money.Fen(r.between(25, 80))/money.Wan*money.Wan + money.Wan
		round := capital.Round{Common: c.common("round", i, h.firm, h.day), Stage: h.stage}
		for _, s := range stages {
			if s.stage == h.stage {
				round.StageText = s.name
			}
		}
		round.Investors = []capital.Investor{{Party: capital.Party{Name: h.by.fund.Name.ZH, Key: h.by.fund.ID}, Lead: r.chance(0.5), Amount: capital.Yuan(h.amount)}}
		for k := range r.IntN(3) {
			round.Investors = append(round.Investors, capital.Investor{Party: capital.Party{Name: "模拟投资机构" + ordinal(1+(i+k*17)%90) + "号"}})
		}
		if r.chance(0.9) {
			round.Amount = capital.Yuan(total)
		}
		if h.share != nil && r.chance(0.6) {
			post := money.Fen(float64(h.amount)*1e6/float64(*h.share)) / money.Wan * money.Wan
			if post > total {
				round.Post = &capital.Valuation{Amount: *capital.Yuan(post), Basis: []capital.Basis{capital.Reported, capital.Computed}[r.IntN(2)]}
			}
		}
		out = append(out, round)
	}
	return out
}

var boards = []struct {
	market capital.Market
	board  capital.Board
}{{capital.SSE, capital.STAR}, {capital.SZSE, capital.ChiNext}, {capital.BSE, ""}, {capital.SSE, capital.STAR}, {capital.SZSE, capital.ChiNext}, {capital.HKEX, capital.MainBoard}}

// listings are the six of 2024, some of the years before, some on their way and
// some that left it.
func (c *city) listings(r draw) []capital.Listing {
	firms := slices.Clone(c.invested[:c.rep.Projects])
	r.Shuffle(len(firms), func(i, j int) { firms[i], firms[j] = firms[j], firms[i] })
	var out []capital.Listing
	add := func(last string, steps int, exit capital.ListingState) {
		if len(out) == len(firms) {
			return
		}
		b := boards[len(out)%len(boards)]
		l := capital.Listing{Common: c.common("listing", len(out), firms[len(out)], ""), Market: b.market, Board: b.board}
		day := last
		var back []capital.Step
		states := capital.ListingStates[:steps]
		if exit != "" {
			back, day = append(back, capital.Step{State: exit, On: day}), plus(day, -r.between(60, 200))
		}
		for i := len(states) - 1; i >= 0; i-- {
			back = append(back, capital.Step{State: states[i], On: day})
			day = plus(day, -[]int{0, r.between(150, 400), r.between(120, 300), r.between(30, 90), r.between(20, 45)}[i])
		}
		slices.Reverse(back)
		l.Steps = back
		if steps == 5 {
			l.Code = fmt.Sprintf("SIM%03d", len(out)+1)
			l.Raised = capital.Yuan(r.lognormal(6*money.Yi, 0.5, 100*money.Wan, money.Yi, 30*money.Yi))
		}
		out = append(out, l)
	}
	for range listed2024 {
		add(r.day("2024-01-10", "2024-12-20"), 5, "")
	}
	c.rep.Listed = len(out)
	for range c.scaled(9, 1) {
		add(r.day("2020-03-01", "2023-12-10"), 5, "")
	}
	before := len(out)
	for i := range c.scaled(16, 2) {
		add(r.day("2024-02-01", "2024-12-15"), 1+i%4, "")
	}
	c.rep.Pipeline = len(out) - before
	for i := range c.scaled(5, 1) {
		add(r.day("2023-05-01", "2024-11-20"), 2+i%2, []capital.ListingState{capital.Withdrawn, capital.Terminated}[i%2])
	}
	return out
}

// cover makes contests, guarantees and premium subsidies, of firms that raised
// money and of firms that borrow.
func (c *city) cover(ctx context.Context) error {
	r := newDraw(c.opt.Seed, "cover")
	contests, guarantees, premiums := c.contests(r), c.guarantees(r), c.premiums(r)
	return c.in(ctx, lastDay, func(tx *db.Tx) error {
		if err := putAll(ctx, tx, c, c.capital.Contests, contests, &c.rep.Records); err != nil {
			return err
		}
		if err := putAll(ctx, tx, c, c.capital.Guarantees, guarantees, &c.rep.Records); err != nil {
			return err
		}
		return putAll(ctx, tx, c, c.capital.Premiums, premiums, &c.rep.Records)
	})
}

func (c *city) contests(r draw) []capital.Contest {
	var out []capital.Contest
	awards := []struct {
		name  string
		prize money.Fen
	}{{"一等奖", 50 * money.Wan}, {"二等奖", 30 * money.Wan}, {"二等奖", 30 * money.Wan}, {"三等奖", 10 * money.Wan}, {"三等奖", 10 * money.Wan}, {"三等奖", 10 * money.Wan}, {"优胜奖", 5 * money.Wan}}
	for year := 2018; year <= 2024; year++ {
		for place := range c.scaled(28, 3) {
			f := c.invested[r.IntN(c.rep.Projects)]
			a := awards[min(place/3, len(awards)-1)]
			x := capital.Contest{Common: c.common("contest", len(out), f, r.day(fmt.Sprintf("%d-09-01", year), fmt.Sprintf("%d-11-20", year))), Contest: "模拟创新创业大赛", Edition: fmt.Sprint(year),
				Track: trades[f.index%len(trades)].zh, Place: place + 1, Award: a.name}
			if r.chance(0.9) {
				x.Prize = capital.Yuan(a.prize)
			}
			out = append(out, x)
		}
	}
	return out
}

// guarantees stand behind loans: all of those in mode guarantee.
func (c *city) guarantees(r draw) []capital.Guarantee {
	var out []capital.Guarantee
	for _, l := range c.loans {
		if l.guarantor < 0 {
			continue
		}
		g := capital.Guarantee{Common: c.common("guarantee", len(out), l.firm, l.lent), Guarantor: capital.Party{Name: guarantorName(l.guarantor)}, Contract: l.contract, LoanID: l.id,
			Amount: capital.Yuan(l.amount), Until: l.due(), State: capital.Active}
		g.Level = "internal" // a loan is for the staff to see
		switch {
		case l.claimed:
			g.State = capital.Called
		case l.status == "repaid":
			g.State = capital.Ended
		}
		if r.chance(0.7) {
			g.Fee = capital.Yuan(l.amount / 100)
		}
		out = append(out, g)
	}
	return out
}

func (c *city) premiums(r draw) []capital.Premium {
	var out []capital.Premium
	policies := []string{"首台（套）重大技术装备保险", "专利保险", "科技企业研发费用损失保险", "网络安全保险", "产品责任保险"}
	for range c.scaled(420, 10) {
		day := r.day("2021-03-01", "2024-12-10")
		cost := r.lognormal(6*money.Wan, 0.8, 100*money.Yuan, money.Wan, 80*money.Wan)
		x := capital.Premium{Common: c.common("premium", len(out), c.invested[r.IntN(c.rep.Projects)], day), Insurer: capital.Party{Name: "模拟财产保险" + ordinal(1+r.IntN(6)) + "公司"},
			Policy: policies[r.IntN(len(policies))], Number: fmt.Sprintf("SIM-P-%05d", len(out)+1), Year: day[:4], Premium: capital.Yuan(cost), Subsidy: capital.Yuan(cost * money.Fen(r.between(3, 8)) / 10)}
		out = append(out, x)
	}
	return out
}
