package simulate

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"

	regimes "github.com/kapok-city/kapok/data/pool"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

//go:embed regime.yaml
var madeRegime []byte

// fundYear is the money of the pool for 2024: what was reported as its budget.
const fundYear = 200_000_000 * money.Yuan

// desk is the pool with its banks, while its years go by.
type desk struct {
	c      *city
	pool   pool.Pool
	banks  []pool.Member
	guar   []pool.Member
	byBank [][]*loan // in the order in which they came into the pool
	filed  []int     // how many of these stand in the pool
}

// lend runs the pool through its years: loans are filed, reported on and, in
// 2024, claimed for.
func (c *city) lend(ctx context.Context) error {
	c.borrow(newDraw(c.opt.Seed, "loans"))
	k := &desk{c: c}
	if err := k.open(ctx); err != nil {
		return err
	}
	for year := firstYear; year < claimYear; year++ {
		if err := k.period(ctx, fmt.Sprintf("%d-12-31", year), true); err != nil {
			return err
		}
	}
	return k.claimYear(ctx, newDraw(c.opt.Seed, "claims"))
}

// open makes the pool, its members and its regimes.
func (k *desk) open(ctx context.Context) error {
	c := k.c
	dated, err := rules.Parse(regimes.Regimes)
	if err != nil {
		return err
	}
	made, err := rules.Parse(madeRegime)
	if err != nil {
		return err
	}
	err = c.in(ctx, "2015-01-05", func(tx *db.Tx) error {
		var err error
		if k.pool, err = c.pools.Create(ctx, tx, c.by, pool.Pool{Key: "sim-gz", Place: "440100", Governing: rules.Claiming, SourceID: SourceID,
			Name: i18n.Text{ZH: "模拟科技信贷风险补偿资金池", EN: "Simulated credit risk-compensation pool"}}); err != nil {
			return err
		}
		var members []pool.Member
		for i := range c.banks() {
			members = append(members, pool.Member{PoolID: k.pool.ID, Party: rules.Bank, Key: fmt.Sprintf("sim-bank-%02d", i+1), SourceID: SourceID, JoinedOn: c.joinedOn(i),
				Name: i18n.Text{ZH: bankName(i), EN: fmt.Sprintf("Simulated Bank %d", i+1)}})
		}
		for i := range guarantors {
			members = append(members, pool.Member{PoolID: k.pool.ID, Party: rules.Guarantor, Key: fmt.Sprintf("sim-guarantor-%d", i+1), SourceID: SourceID, JoinedOn: "2024-01-02",
				Name: i18n.Text{ZH: guarantorName(i), EN: fmt.Sprintf("Simulated Guarantor %d", i+1)}})
		}
		if members, err = c.pools.PutMembers(ctx, tx, c.by, members...); err != nil {
			return err
		}
		k.banks, k.guar = members[:c.banks()], members[c.banks():]
		return c.pools.SetRegimes(ctx, tx, c.by, k.pool.ID, SourceID, append(dated, made...), nil)
	})
	k.byBank, k.filed = make([][]*loan, c.banks()), make([]int, c.banks())
	for _, l := range c.loans {
		k.byBank[l.bank] = append(k.byBank[l.bank], l)
		l.settle(k.pool.ID, k.banks[l.bank].ID)
	}
	c.rep.Pool, c.rep.Banks = k.pool.ID, c.banks()
	return err
}

func (c *city) joinedOn(bank int) string {
	y := firstYear
	for y < claimYear && bank >= c.joined(y) {
		y++
	}
	return fmt.Sprintf("%d-01-04", y)
}

// period lets every bank file what came in up to a day and report how its loans
// stand, all of them or the bad ones alone.
func (k *desk) period(ctx context.Context, day string, all bool) error {
	k.c.at(day)
	for i := range k.banks {
		if err := k.file(ctx, i, day); err != nil {
			return err
		}
		if err := k.report(ctx, i, day, all); err != nil {
			return err
		}
	}
	return nil
}

var loanHead = []string{"合同编号", "借款人", "统一社会信用代码", "借款人类别", "本地", "贷款金额(元)", "期限(月)", "放款日", "到期日", "入库日", "模式", "担保机构", "重点支持名录", "知识产权质押", "货币政策工具"}

func yes(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

func (l *loan) row() []string {
	mode, guarantor := "政银", ""
	if l.guarantor >= 0 {
		mode, guarantor = "政担", guarantorName(l.guarantor)
	}
	return []string{l.contract, l.firm.name, l.firm.code, l.class, "是", yuan(l.amount), strconv.Itoa(l.months), l.lent, l.due(), l.entered, mode, guarantor,
		yes(l.marks[0]), yes(l.marks[1]), yes(l.marks[2])}
}

// yuan writes whole yuan.
func yuan(f money.Fen) string { return strconv.FormatInt(int64(f/money.Yuan), 10) }

func (k *desk) file(ctx context.Context, bank int, day string) error {
	var rows [][]string
	for _, l := range k.byBank[bank][k.filed[bank]:] {
		if l.entered > day {
			break
		}
		rows = append(rows, l.row())
	}
	if len(rows) == 0 {
		return nil
	}
	k.filed[bank] += len(rows)
	t, err := table(fmt.Sprintf("%s-%s.csv", k.banks[bank].Key, day), loanHead, rows)
	if err != nil {
		return err
	}
	rep, err := k.c.pools.File(ctx, k.c.by, pool.Filing{PoolID: k.pool.ID, BankID: k.banks[bank].ID, SourceID: SourceID, Day: day, Table: t})
	if err != nil {
		return err
	}
	k.c.rep.Loans += int(rep.Counts.Created)
	k.c.rep.Lent += rep.Principal
	return firstFault(rep)
}

var reportHead = []string{"合同编号", "报告日", "本金余额(元)", "逾期起始日", "五级分类"}

func (k *desk) report(ctx context.Context, bank int, day string, all bool) error {
	var rows [][]string
	for _, l := range k.byBank[bank][:k.filed[bank]] {
		if row := l.progress(day, all); row != nil {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	t, err := table(fmt.Sprintf("%s-%s-progress.csv", k.banks[bank].Key, day), reportHead, rows)
	if err != nil {
		return err
	}
	rep, err := k.c.pools.FileProgress(ctx, k.c.by, pool.Filing{PoolID: k.pool.ID, BankID: k.banks[bank].ID, SourceID: SourceID, Table: t})
	if err != nil {
		return err
	}
	return firstFault(rep)
}

// progress is what there is to report of a loan on a day, nil for nothing new.
func (l *loan) progress(day string, all bool) []string {
	if l.claimed || l.status == "repaid" {
		return nil
	}
	row := func(status, on string, left money.Fen, since, risk string) []string {
		l.status = status
		return []string{l.contract, on, yuan(left), since, risk}
	}
	switch {
	case l.overdue != "" && l.overdue <= day:
		if l.collected != "" && l.collected <= day && l.status != "registered" {
			return row("repaid", day, 0, "", "")
		}
		n := daysBetween(l.overdue, day)
		if n == 0 || n < 90 && l.status == "overdue" || n >= 90 && l.status == "npl" && !all {
			return nil
		}
		status := "npl"
		if n < 90 {
			status = "overdue"
		}
		return row(status, day, l.left, l.overdue, class(n))
	case !all:
		return nil
	case l.ends != "" && l.ends <= day:
		return row("repaid", max(l.ends, l.entered), 0, "", "正常")
	case day == lastDay:
		left := l.amount
		if l.months > 12 { // paid back by and by
			left = l.amount - l.amount*money.Fen(min(daysBetween(l.lent, day), l.months*30))/money.Fen(l.months*60)/money.Yuan*money.Yuan
		}
		return row("active", day, left, "", "正常")
	}
	return nil
}

// class is the class of a loan overdue for so many days.
func class(days int) string {
	switch {
	case days < 90:
		return "关注"
	case days < 270:
		return "次级"
	case days < 360:
		return "可疑"
	}
	return "损失"
}

// table is a table as a bank sends it.
func table(name string, head []string, rows [][]string) (*pool.Table, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(head); err != nil {
		return nil, err
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, err
	}
	return pool.ReadTable(name, &b)
}

// firstFault is the first row that was not taken: here it is a fault of this
// package.
func firstFault(rep pool.Report) error {
	for _, v := range rep.Rows {
		if v.Err != nil {
			return fmt.Errorf("row %d: %w", v.Row, v.Err)
		}
	}
	return nil
}
