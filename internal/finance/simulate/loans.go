package simulate

import (
	"fmt"
	"slices"
	"sort"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

// What is reported of the pool, and what is made of it.
const (
	loanCount  = 60_420
	lentTotal  = 1512 * money.Yi // reported: more than 150,000 million yuan
	bankCount  = 31              // reported
	guarantors = 4
	firstYear  = 2015
	claimYear  = 2024
)

// byYear is how the loans lie over the years from the first.
var byYear = []float64{0.5, 1.5, 3, 5, 7.5, 11, 14, 16, 18.5, 23}

// joined is how many banks take part from a year on.
var joined = map[int]int{2015: 8, 2016: 8, 2017: 14, 2018: 14, 2019: 20, 2020: 20, 2021: 27, 2022: 27, 2023: 31, 2024: 31}

// banks is how many banks there are in the end, at the scale of the run.
func (c *city) banks() int { return c.scaled(bankCount, 3) }

// joined is how many of them take part in a year.
func (c *city) joined(year int) int { return max(joined[year]*c.banks()/bankCount, 2) }

// tripped is the bank of which more goes bad in 2024 than its breaker bears.
const tripped = 6

// loan is a loan and what becomes of it.
type loan struct {
	id        string
	contract  string
	bank      int
	guarantor int // -1: none, the mode is bank
	firm      *firm
	class     string
	marks     [3]bool // on the list of key support, pledged patents, a tool of monetary policy
	amount    money.Fen
	months    int
	lent      string
	entered   string // into the pool
	ends      string // when it is paid back, if it is
	overdue   string // since when it is overdue, "" never
	collected string // when an overdue one was paid after all, "" never
	left      money.Fen
	status    string // as last reported
	claimed   bool
}

// borrow draws every loan of the pool.
func (c *city) borrow(r draw) {
	n := c.scaled(loanCount, 100)
	n = max(n, len(c.borrower))
	weights := make([]float64, len(c.borrower))
	sum := 0.0
	for i := range weights {
		sum += float64(r.lognormal(1000, 1.1, 1, 50, 60_000))
		weights[i] = sum
	}
	amounts := make([]money.Fen, n)
	var drawn money.Fen
	for i := range amounts {
		amounts[i] = r.lognormal(170*money.Wan, 0.82, money.Wan, 20*money.Wan, 1700*money.Wan)
		drawn += amounts[i]
	}
	factor := float64(lentTotal) * c.opt.Scale / float64(drawn)
	room := map[[2]int]money.Fen{}
	for i := 0; len(c.loans) < n && i < 20*n; i++ {
		f := c.borrower[i%len(c.borrower)]
		if i >= len(c.borrower) { // every firm has one; some have many
			f = c.borrower[min(sort.SearchFloat64s(weights, r.Float64()*sum), len(c.borrower)-1)]
		}
		amount := money.Fen(float64(amounts[len(c.loans)])*factor)/money.Wan*money.Wan + money.Wan
		amount = min(amount, perYear)
		if l := c.loan(r, f, amount, room); l != nil {
			c.loans = append(c.loans, l)
		}
	}
	slices.SortFunc(c.loans, func(a, b *loan) int { return daysBetween(b.entered, a.entered) })
}

// perYear bounds what one firm borrows in a year: the least bound of the regimes.
const perYear = 2000 * money.Wan

// bankName and guarantorName are made up and numbered: there are no such banks.
func bankName(i int) string      { return "模拟银行" + ordinal(i+1) }
func guarantorName(i int) string { return "模拟融资担保" + ordinal(i+1) + "有限公司" }

// loan draws one loan of a firm, nil where the firm may not borrow so much more.
func (c *city) loan(r draw, f *firm, amount money.Fen, room map[[2]int]money.Fen) *loan {
	year := firstYear + r.weighted(byYear)
	for try := 0; room[[2]int{f.index, year}]+amount > perYear && try < 6; try++ {
		year = firstYear + r.weighted(byYear)
	}
	if room[[2]int{f.index, year}]+amount > perYear {
		return nil
	}
	room[[2]int{f.index, year}] += amount
	l := &loan{firm: f, guarantor: -1, amount: amount, left: amount, status: "registered", class: "小微企业"}
	l.bank = bankOf(r, c.joined(year))
	l.lent = r.day(fmt.Sprintf("%d-01-05", year), fmt.Sprintf("%d-12-18", year))
	l.entered = min(plus(l.lent, r.between(2, 26)), fmt.Sprintf("%d-12-30", year))
	l.contract = fmt.Sprintf("SIM-B%02d-%d-%06d", l.bank+1, year, len(c.loans)+1)
	l.months = []int{6, 12, 12, 12, 12, 24, 24, 36}[r.IntN(8)]
	if year <= 2018 {
		l.months = min(l.months, 24)
	}
	for k, p := range []float64{0.18, 0.22, 0.3} {
		l.marks[k] = r.chance(p)
	}
	if year == claimYear && r.chance(0.06) {
		l.guarantor = r.IntN(guarantors)
	}
	l.course(r, c.goBad(l))
	return l
}

// bankOf is one of the first n banks, the larger ones more often.
func bankOf(r draw, n int) int {
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1 / (3 + float64((i*11)%31)/4)
	}
	return r.weighted(weights)
}

// goBad is how likely a loan goes bad. In a small city more do, so that there is
// something to claim for.
func (c *city) goBad(l *loan) float64 {
	switch {
	case l.bank == min(tripped, c.banks()-1) && date(l.lent).Year() == claimYear-1:
		return 0.10
	case c.opt.Scale < 0.05:
		return 0.02
	}
	return 0.017
}

// course decides how a loan ends: paid back in time or a little before, or
// overdue; and of those, whether it is collected in the end.
func (l *loan) course(r draw, bad float64) {
	due := l.due()
	l.ends = due
	if r.chance(0.25) {
		l.ends = plus(l.lent, daysBetween(l.lent, due)*r.between(50, 95)/100)
	}
	if !r.chance(bad) {
		return
	}
	l.overdue = plus(l.lent, daysBetween(l.lent, due)*r.between(40, 100)/100+1)
	l.ends = ""
	l.left = max(l.amount*money.Fen(r.between(45, 100))/100/money.Wan*money.Wan, money.Wan)
	if r.chance(0.6) {
		l.collected = plus(l.overdue, r.between(120, 900))
	}
}

func (l *loan) due() string { return date(l.lent).AddDate(0, l.months, 0).Format("2006-01-02") }

// settle gives the loan the id that the room gives it.
func (l *loan) settle(poolID, bankID string) {
	l.id = db.DerivedID("loan", poolID, bankID, twice.Contract(l.contract))
}
