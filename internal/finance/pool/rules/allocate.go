package rules

import (
	"math/bits"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// Drawn is what the ledger says of a year when a claim is to be approved.
type Drawn struct {
	Year      string    `json:"year"`
	Committed money.Fen `json:"committed"`           // paid and reserved, all modes
	Guarantee money.Fen `json:"guarantee_committed"` // the same, mode guarantee
	Bank      Ratio     `json:"bank"`
	Guarantor Ratio     `json:"guarantor"`
}

// Ratio is what a breaker watches. A nil side is not known.
type Ratio struct {
	Of   *money.Fen `json:"of"`
	Over *money.Fen `json:"over"`
}

// Exceeds compares the ratio with a bound exactly. A ratio over nothing is
// unknown, unless nothing stands above it too.
func (r Ratio) Exceeds(bound int64) Tri {
	switch {
	case r.Of == nil || r.Over == nil || *r.Of < 0 || *r.Over < 0:
		return Unknown
	case *r.Of == 0:
		return No
	case *r.Over == 0:
		return Unknown
	}
	h1, l1 := bits.Mul64(uint64(*r.Of), million)
	h2, l2 := bits.Mul64(uint64(*r.Over), uint64(bound))
	return Is(h1 > h2 || h1 == h2 && l1 > l2)
}

// Allocate says whether an entitlement may be reserved against the year: yes,
// no with the refusals, or unknown with what to ask. It takes nothing: the
// caller reserves in the same transaction in which it read Drawn.
func Allocate(r Regime, mode Mode, amount money.Fen, d Drawn) (Tri, []Step, []Refusal) {
	c := &computing{r: &r, asks: map[string]bool{}}
	if b := r.Budget; b != nil {
		c.room(b.Cite, "pool.step.budget", amount, d.Committed, b.Year, d.Year)
		if mode == ByGuarantor {
			c.room(b.Cite, "pool.step.budget_guarantee", amount, d.Guarantee, b.Guarantee, d.Year)
		}
	}
	c.breakers(mode, d)
	return c.verdict()
}

// Breakers says whether payments to a party may go on: no when a breaker is
// over, unknown when its ratio is.
func Breakers(r Regime, mode Mode, d Drawn) (Tri, []Step, []Refusal) {
	c := &computing{r: &r, asks: map[string]bool{}}
	c.breakers(mode, d)
	return c.verdict()
}

func (c *computing) verdict() (Tri, []Step, []Refusal) {
	switch {
	case len(c.refused) > 0:
		return No, c.steps, c.refused
	case c.doubt:
		return Unknown, c.steps, nil
	}
	return Yes, c.steps, nil
}

func (c *computing) breakers(mode Mode, d Drawn) {
	for _, b := range c.r.Breakers {
		if b.Of == Bank && mode == ByBank {
			c.breaker(b, d.Bank)
		}
		if b.Of == Guarantor && mode == ByGuarantor {
			c.breaker(b, d.Guarantor)
		}
	}
}

func (c *computing) room(cite Cite, key string, amount, committed money.Fen, limit *Yuan, year string) {
	if limit == nil {
		c.open(cite, key)
		return
	}
	sum, err := money.Add(committed, amount)
	verdict := Is(err == nil && sum <= limit.Fen())
	c.judge(cite, key, verdict, "committed", errs.A{"year": year, "amount": amount.String(), "committed": committed.String(), "limit": limit.Fen().String()})
}

func (c *computing) breaker(b Breaker, ratio Ratio) {
	args := errs.A{"of": amountText(ratio.Of), "over": amountText(ratio.Over), "limit": strconv.FormatFloat(float64(b.Over)/10000, 'f', -1, 64)}
	c.judge(b.Cite, "pool.step.breaker_"+string(b.Of), ratio.Exceeds(b.Over).Not(), "ratio", args)
}
