package simulate

import (
	"context"
	"fmt"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// What is reported of a fund for conversion: set up with 1,000 million yuan, of
// which 23 million went into projects and 12 investors put some 110 million
// beside it.
const (
	conversionSize   = 10 * money.Yi
	conversionDirect = 2300 * money.Wan
	conversionSocial = 11_000 * money.Wan
	conversionFirms  = 6
	conversionOthers = 12
)

// convert makes the fund for conversion, and the rounds in which others put money
// beside its own. Its numbers do not shrink with the scale: they are one fund's.
func (c *city) convert(ctx context.Context) error {
	r := newDraw(c.opt.Seed, "conversion")
	v := newVehicle(fund.Fund{Key: "sim-conversion", Kind: fund.Other, Status: fund.Investing, Vintage: 2023, Note: "模拟数据",
		Name: i18n.Text{ZH: "模拟高校成果转化基金", EN: "Simulated fund for conversion of university results"}})
	v.commit("2023-05-10", fund.Party{Name: "模拟市级财政"}, true, conversionSize*6/10)
	v.commit("2023-05-10", fund.Party{Name: "模拟高校资产经营有限公司"}, true, conversionSize*4/10)
	v.call(r, "2023-06-01", 3, false, nil)
	own, _ := money.Split(conversionDirect/money.Wan, []int64{5, 4, 4, 4, 3, 3})
	others, _ := money.Split(conversionSocial/money.Wan, []int64{11, 8, 10, 9, 12, 7, 9, 10, 8, 9, 8, 9})
	firms := c.invested[:min(conversionFirms, c.rep.Projects)]
	var rounds []capital.Round
	for i, f := range firms {
		day := r.day("2023-09-01", "2024-11-30")
		v.hold(r, f, day, own[i]*money.Wan)
		v.held[i].stage = capital.Angel
		total := own[i] * money.Wan
		round := capital.Round{Common: c.common("conversion", i, f, day), Stage: capital.Angel, StageText: "天使轮",
			Investors: []capital.Investor{{Party: capital.Party{Name: v.fund.Name.ZH, Key: v.fund.ID}, Lead: true, Amount: capital.Yuan(own[i] * money.Wan)}}}
		for k := i; k < conversionOthers; k += conversionFirms {
			total += others[k] * money.Wan
			round.Investors = append(round.Investors, capital.Investor{Party: capital.Party{Name: "模拟社会资本" + ordinal(k+1) + "号"}, Amount: capital.Yuan(others[k] * money.Wan)})
		}
		round.Amount = capital.Yuan(total)
		rounds = append(rounds, round)
	}
	v.value(r, 2023, false)
	if err := c.write(ctx, []*vehicle{v}); err != nil {
		return err
	}
	c.rep.Conversion = v.fund.ID
	return c.in(ctx, "2024-12-01", func(tx *db.Tx) error { return putAll(ctx, tx, c, c.capital.Rounds, rounds, &c.rep.Rounds) })
}

// common is what the records of a firm share.
func (c *city) common(area string, i int, f *firm, day string) capital.Common {
	who := capital.Party{OrgID: f.orgID}
	if f.orgID == "" {
		who = capital.Party{Name: f.name, Key: f.code}
	}
	return capital.Common{Key: fmt.Sprintf("sim-%s-%05d", area, i+1), Company: who, On: day, Level: "public", Evidence: "模拟", SourceID: SourceID}
}

// putAll writes records and counts them.
func putAll[T any](ctx context.Context, tx *db.Tx, c *city, to *capital.Register[T], rows []T, count *int) error {
	out, err := to.Put(ctx, tx, c.by, rows)
	if err != nil {
		return err
	}
	*count += len(rows)
	return refusal(out)
}
