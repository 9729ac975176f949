package rules

import (
	"math/big"
	"strconv"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/money"
)

// ppm is a rate as an exact fraction.
func ppm(n int64) *big.Rat { return big.NewRat(n, million) }

// shareOf is amount × share, rounded once. amount must not be negative and
// share not over one.
func shareOf(amount money.Fen, share *big.Rat, rounding Rounding) money.Fen {
	num := new(big.Int).Mul(big.NewInt(int64(amount)), share.Num())
	q, r := new(big.Int).QuoRem(num, share.Denom(), new(big.Int))
	if rounding == HalfEven {
		half := r.Lsh(r, 1).Cmp(share.Denom())
		if half > 0 || half == 0 && q.Bit(0) == 1 {
			q.Add(q, big.NewInt(1))
		}
	}
	return money.Fen(q.Int64())
}

// world is one way to answer what is open about the share.
type world struct {
	mode    TierMode
	edge    Edge
	uplifts []bool // by Regime.Uplifts
}

// question is something open, with what an answer does to a world.
type question struct {
	name string
	set  func(w *world, answer bool)
}

// loss is the bank's share of its actual loss of principal.
func (c *computing) loss() Amount {
	f, t := c.f, c.r.Tiers
	switch {
	case t == nil:
		c.asks["regime.tiers"] = true
		return Amount{High: f.Loss}
	case f.Principal == nil:
		c.asks["principal"] = true
		c.askIf(f.Loss == nil, "loss")
		return Amount{High: c.bound(f.Loss, c.r.top(), t.Rounding)}
	}
	principal := *f.Principal
	top := t.Bands[len(t.Bands)-1].UpTo
	c.judge(t.Cite, "pool.step.principal", Is(principal > 0 && principal <= money.Fen(top)), "principal", errs.A{"principal": principal.String(), "limit": money.Fen(top).String()})
	if len(c.refused) > 0 && (principal <= 0 || principal > money.Fen(top)) {
		return exactly(0)
	}
	if f.Loss == nil {
		c.asks["loss"] = true
		return c.worlds(principal, principal, true)
	}
	verdict := Is(*f.Loss > 0 && *f.Loss <= principal)
	c.judge(t.Cite, "pool.step.loss", verdict, "loss", errs.A{"loss": f.Loss.String(), "principal": principal.String()})
	if verdict == No {
		return exactly(0)
	}
	return c.worlds(principal, *f.Loss, false)
}

// top is the largest share that the regime can give.
func (r *Regime) top() int64 {
	if r.Cap != nil {
		return r.Cap.Share
	}
	return million
}

// worlds computes the amount in every world that the open questions leave, and
// asks the questions that move it. atMost says that the loss is only a bound.
func (c *computing) worlds(principal, loss money.Fen, atMost bool) Amount {
	base, questions := c.questions(principal)
	n := 1 << len(questions)
	amounts := make([]money.Fen, n)
	low, high := 0, 0
	for i := range n {
		amounts[i] = c.in(base, questions, i).amount(c.r, principal, loss)
		if amounts[i] < amounts[low] {
			low = i
		}
		if amounts[i] > amounts[high] {
			high = i
		}
	}
	for q := range questions {
		for i := range n {
			if amounts[i] != amounts[i^1<<q] {
				c.asks[questions[q].name] = true
				break
			}
		}
	}
	c.explain(c.in(base, questions, low), principal, loss, amounts[low])
	if high != low && amounts[high] != amounts[low] {
		c.explain(c.in(base, questions, high), principal, loss, amounts[high])
	}
	if atMost {
		return Amount{High: &amounts[high]}
	}
	return Amount{Known: amounts[low] == amounts[high], Low: amounts[low], High: &amounts[high]}
}

func (c *computing) in(base world, questions []question, answers int) world {
	w := world{base.mode, base.edge, append([]bool(nil), base.uplifts...)}
	for q := range questions {
		questions[q].set(&w, answers>>q&1 == 1)
	}
	return w
}

// questions returns what is settled of the share, and what is not.
func (c *computing) questions(principal money.Fen) (world, []question) {
	t := c.r.Tiers
	w := world{uplifts: make([]bool, len(c.r.Uplifts))}
	var open []question
	if t.Mode != nil {
		w.mode = *t.Mode
	} else {
		open = append(open, question{"regime.tier_mode", func(w *world, a bool) { w.mode = map[bool]TierMode{false: Whole, true: Marginal}[a] }})
	}
	if t.Edge != nil {
		w.edge = *t.Edge
	} else if w.edge = Inclusive; t.atEdge(principal) {
		open = append(open, question{"regime.edge", func(w *world, a bool) { w.edge = map[bool]Edge{false: Inclusive, true: Exclusive}[a] }})
	}
	for i, u := range c.r.Uplifts {
		switch anyMark(c.f, u.Any) {
		case Yes:
			w.uplifts[i] = true
		case Unknown:
			open = append(open, question{"mark." + u.ID, func(w *world, a bool) { w.uplifts[i] = a }})
		}
	}
	return w, open
}

// atEdge reports whether a loan is exactly as large as a band that is not the
// last.
func (t *Tiers) atEdge(principal money.Fen) bool {
	for _, b := range t.Bands[:len(t.Bands)-1] {
		if principal == money.Fen(b.UpTo) {
			return true
		}
	}
	return false
}

// share is the pool's share of the loss of a loan, with uplifts and cap.
func (w world) share(r *Regime, principal money.Fen) *big.Rat {
	share := ppm(r.Tiers.whole(principal, w.edge))
	if w.mode == Marginal {
		share = r.Tiers.blended(principal)
	}
	for i, on := range w.uplifts {
		if on {
			share.Add(share, ppm(r.Uplifts[i].Add))
		}
	}
	if limit := ppm(r.top()); share.Cmp(limit) > 0 {
		return limit
	}
	return share
}

func (w world) amount(r *Regime, principal, loss money.Fen) money.Fen {
	return shareOf(loss, w.share(r, principal), r.Tiers.Rounding)
}

// whole is the share of the band that holds the loan.
func (t *Tiers) whole(principal money.Fen, edge Edge) int64 {
	last := len(t.Bands) - 1
	for i, b := range t.Bands[:last] {
		if principal < money.Fen(b.UpTo) || principal == money.Fen(b.UpTo) && edge == Inclusive {
			return t.Bands[i].Share
		}
	}
	return t.Bands[last].Share
}

// blended is the mean share of the loan's slices. A loss of part of the loan
// falls on every slice alike.
func (t *Tiers) blended(principal money.Fen) *big.Rat {
	sum, from := new(big.Int), money.Fen(0)
	for _, b := range t.Bands {
		slice := min(principal, money.Fen(b.UpTo)) - from
		if slice <= 0 {
			break
		}
		sum.Add(sum, new(big.Int).Mul(big.NewInt(int64(slice)), big.NewInt(b.Share)))
		from = money.Fen(b.UpTo)
	}
	return new(big.Rat).SetFrac(sum, new(big.Int).Mul(big.NewInt(int64(principal)), big.NewInt(million)))
}

// explain records how a world comes to its amount.
func (c *computing) explain(w world, principal, loss, amount money.Fen) {
	t := c.r.Tiers
	bare := world{w.mode, w.edge, make([]bool, len(w.uplifts))}
	plain := &Regime{Tiers: t, Uplifts: c.r.Uplifts}
	c.computed(t.Cite, "pool.step.tier", errs.A{"principal": principal.String(), "tier_mode": string(w.mode), "edge": string(w.edge)}, bare.amount(plain, principal, loss), bare.share(plain, principal).RatString())
	for i, u := range c.r.Uplifts {
		if w.uplifts[i] {
			bare.uplifts[i] = true
			c.computed(u.Cite, "pool.step.uplift", errs.A{"points": strconv.FormatFloat(float64(u.Add)/10000, 'f', -1, 64)}, bare.amount(plain, principal, loss), bare.share(plain, principal).RatString())
		}
	}
	if rule := c.r.Cap; rule != nil {
		c.computed(rule.Cite, "pool.step.cap", errs.A{"limit": strconv.FormatFloat(float64(rule.Share)/10000, 'f', -1, 64)}, amount, w.share(c.r, principal).RatString())
	}
	c.computed(t.Cite, "pool.step.amount", errs.A{"loss": loss.String(), "rounding": string(t.Rounding)}, amount, w.share(c.r, principal).RatString())
}
