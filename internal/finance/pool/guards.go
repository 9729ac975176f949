package pool

import (
	"context"
	"strings"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
)

// register names what the case of a claim asks and does.
func (s *Service) register(reg *casework.Registry) {
	for name, g := range map[string]func(context.Context, db.Querier, Claim, Statement, casework.Input) (casework.Verdict, error){
		"pool.entitled": s.entitled, "pool.not_twice": s.notTwice, "pool.allocated": s.allocated,
		"pool.breaker_over": s.breakerOver, "pool.breaker_whole": s.breakerWhole, "pool.recoverable": s.recoverable,
	} {
		reg.RegisterGuard(name, func(ctx context.Context, q db.Querier, c casework.Case, in casework.Input) (casework.Verdict, error) {
			claim, st, err := s.claimOf(ctx, q, c)
			if err != nil {
				return casework.Verdict{}, err
			}
			return g(ctx, q, claim, st, in)
		})
	}
	s.registerEffects(reg)
}

// claimOf returns the claim that a case is about, and its statement.
func (s *Service) claimOf(ctx context.Context, q db.Querier, c casework.Case) (Claim, Statement, error) {
	var st Statement
	if err := c.Decode(&st); err != nil {
		return Claim{}, st, err
	}
	claim, err := s.Claim(ctx, q, strings.TrimPrefix(c.Ref, "claim/"))
	return claim, st, err
}

// entitled: the regime gives an amount that is known and not nothing.
func (s *Service) entitled(ctx context.Context, q db.Querier, c Claim, st Statement, _ casework.Input) (casework.Verdict, error) {
	_, _, v, err := s.owed(ctx, q, c, st)
	return v, err
}

// owed computes an amount and says whether it can be approved.
func (s *Service) owed(ctx context.Context, q db.Querier, c Claim, st Statement) (money.Fen, rules.Trace, casework.Verdict, error) {
	a, t, refused, err := s.compute(ctx, q, c, st)
	v := casework.Allow()
	switch {
	case err != nil:
		return 0, t, casework.Verdict{}, err
	case len(refused) > 0:
		v = casework.Refuse(refused[0].Key, refused[0].Args)
	case !a.Known:
		v = casework.NotKnown("pool.claim_asks", errs.A{"asks": strings.Join(t.Asks, ", ")})
	case a.Low == 0:
		v = casework.Refuse("pool.claim_nothing")
	}
	return a.Low, t, v, nil
}

// Check is what the maker says when he checks: why a likeness to another claim
// is none, by "scheme/id".
type Check struct {
	Cleared map[string]string `json:"cleared"`
}

func (s *Service) notTwice(ctx context.Context, q db.Querier, c Claim, _ Statement, in casework.Input) (casework.Verdict, error) {
	hits, err := s.Doubles(ctx, q, c)
	if err != nil {
		return casework.Verdict{}, err
	}
	var said Check
	if len(in.Body) > 0 {
		if err := in.Decode(&said); err != nil {
			return casework.Verdict{}, err
		}
	}
	for _, h := range hits {
		args := errs.A{"scheme": h.Scheme, "id": h.B, "score": h.Score}
		if h.Score >= certain {
			return casework.Refuse("pool.double", args), nil
		}
		if strings.TrimSpace(said.Cleared[h.Scheme+"/"+h.B]) == "" {
			if in.Preview { // the form asks for it
				return casework.NotKnown("pool.double_unsaid", args), nil
			}
			return casework.Refuse("pool.double_unsaid", args), nil
		}
	}
	return casework.Allow(), nil
}

// allocated: the amount is owed, the year's budget has room and no breaker is
// over.
func (s *Service) allocated(ctx context.Context, q db.Querier, c Claim, st Statement, in casework.Input) (casework.Verdict, error) {
	amount, t, v, err := s.owed(ctx, q, c, st)
	if err != nil || v.Outcome != casework.Allowed {
		return v, err
	}
	year := today(in.At)[:4]
	v, err = s.weigh(ctx, q, c, t.Hash, year, func(r rules.Regime, d rules.Drawn) (rules.Tri, []rules.Step, []rules.Refusal) {
		return rules.Allocate(r, c.Mode, amount, d)
	})
	if err != nil || v.Outcome != casework.Allowed {
		return v, err
	}
	return s.affordable(ctx, q, c, year, amount)
}

// affordable: the accounts of the year have room, which may be less than the
// regime allows.
func (s *Service) affordable(ctx context.Context, q db.Querier, c Claim, year string, amount money.Fen) (casework.Verdict, error) {
	free, _, err := s.balance(ctx, q, budget(c.PoolID, year))
	if err != nil {
		return casework.Verdict{}, err
	}
	left := free.Available
	if c.Mode == rules.ByGuarantor {
		id := paidTo(c.PoolID, year, c.Mode)
		a, err := s.books.Account(ctx, q, id)
		if err != nil {
			return casework.Verdict{}, err
		}
		used, _, err := s.balance(ctx, q, id)
		if err != nil {
			return casework.Verdict{}, err
		}
		if a.Ceiling != nil {
			left = min(left, *a.Ceiling-used.Posted-used.Incoming)
		}
	}
	if amount > left {
		return casework.Refuse("pool.budget_empty", errs.A{"year": year, "left": left.String(), "amount": amount.String()}), nil
	}
	return casework.Allow(), nil
}

// breakerWhole: at payment no breaker is over, whatever it was at approval.
func (s *Service) breakerWhole(ctx context.Context, q db.Querier, c Claim, _ Statement, _ casework.Input) (casework.Verdict, error) {
	return s.weigh(ctx, q, c, c.RegimeHash, c.Year, func(r rules.Regime, d rules.Drawn) (rules.Tri, []rules.Step, []rules.Refusal) {
		return rules.Breakers(r, c.Mode, d)
	})
}

// breakerOver is what suspending needs.
func (s *Service) breakerOver(ctx context.Context, q db.Querier, c Claim, st Statement, in casework.Input) (casework.Verdict, error) {
	v, err := s.weigh(ctx, q, c, c.RegimeHash, today(in.At)[:4], func(r rules.Regime, d rules.Drawn) (rules.Tri, []rules.Step, []rules.Refusal) {
		return rules.Breakers(r, c.Mode, d)
	})
	switch {
	case err != nil:
		return v, err
	case v.Outcome == casework.Allowed:
		return casework.Refuse("pool.breaker_not_over"), nil
	}
	return casework.Allow(), nil
}

// weigh asks the rules about what the ledger says of a year.
func (s *Service) weigh(ctx context.Context, q db.Querier, c Claim, hash, year string, ask func(rules.Regime, rules.Drawn) (rules.Tri, []rules.Step, []rules.Refusal)) (casework.Verdict, error) {
	r, err := s.RegimeByHash(ctx, q, c.PoolID, hash)
	if err != nil {
		return casework.Verdict{}, err
	}
	d, err := s.drawn(ctx, q, c.PoolID, year, c.MemberID, c.Mode)
	if e := errs.Of(err); err != nil && e.Key == "pool.year_unfunded" {
		return casework.NotKnown(e.Key, e.Args), nil
	} else if err != nil {
		return casework.Verdict{}, err
	}
	switch verdict, _, refused := ask(r, d); verdict {
	case rules.Yes:
		return casework.Allow(), nil
	case rules.No:
		return casework.Refuse(refused[0].Key, refused[0].Args), nil
	}
	return casework.NotKnown("pool.breaker_unknown", errs.A{"year": year}), nil
}

// Recovery is what the maker says of money that came back.
type Recovery struct {
	Gross money.Fen `json:"gross"`
	Costs money.Fen `json:"costs"`
	Day   string    `json:"day"`
}

// recoverable: the regime says, or has been read to say, who gets what.
func (s *Service) recoverable(ctx context.Context, q db.Querier, c Claim, _ Statement, in casework.Input) (casework.Verdict, error) {
	if in.Preview {
		return casework.Allow(), nil
	}
	var body Recovery
	if err := in.Decode(&body); err != nil {
		return casework.Verdict{}, err
	}
	if _, err := s.shares(ctx, q, c, body); err != nil {
		e := errs.Of(err)
		if e.Kind == errs.Internal {
			return casework.Verdict{}, err
		}
		return casework.Refuse(e.Key, e.Args), nil
	}
	return casework.Allow(), nil
}

// shares divides a recovery by the regime as it is read now: readings on
// recovery may well come after the payment.
func (s *Service) shares(ctx context.Context, q db.Querier, c Claim, in Recovery) (rules.Shares, error) {
	paid, err := s.RegimeByHash(ctx, q, c.PoolID, c.RegimeHash)
	if err != nil {
		return rules.Shares{}, err
	}
	list, err := s.Regimes(ctx, q, c.PoolID)
	if err != nil {
		return rules.Shares{}, err
	}
	for _, r := range list {
		if r.ID == paid.ID {
			return r.Share(rules.Recovered{Gross: in.Gross, Costs: in.Costs, Loss: c.Loss, Paid: c.Paid, Returned: c.Returned, Kept: c.Kept})
		}
	}
	return rules.Shares{}, errs.New(errs.NotFound, "errs.not_found", errs.A{"what": paid.ID})
}
