package pool

import (
	"context"
	"encoding/json"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
)

// compute returns what a claim is owed by what is known now.
func (s *Service) compute(ctx context.Context, q db.Querier, c Claim, in Statement) (rules.Amount, rules.Trace, []rules.Refusal, error) {
	f, err := s.factsOf(ctx, q, c, in)
	if err != nil {
		return rules.Amount{}, rules.Trace{}, nil, err
	}
	p, err := s.Get(ctx, q, c.PoolID)
	if err != nil {
		return rules.Amount{}, rules.Trace{}, nil, err
	}
	r, err := s.regimeOf(ctx, q, p, f.Registered, f.Claimed)
	if err != nil {
		return rules.Amount{}, rules.Trace{}, nil, err
	}
	a, t, refused := rules.Compensate(r, f)
	return a, t, refused, nil
}

// factsOf gathers what the room knows of the loan and borrower of a claim.
func (s *Service) factsOf(ctx context.Context, q db.Querier, c Claim, in Statement) (rules.Facts, error) {
	l, err := s.Loan(ctx, q, c.LoanID)
	if err != nil {
		return rules.Facts{}, err
	}
	f := l.facts()
	f.Loss, f.Unpaid, f.Guaranteed, f.Lawsuit, f.Claimed = in.Loss, in.Unpaid, in.Guaranteed, in.Lawsuit, in.Day
	b, err := borrowerOf(ctx, q, l, c.ID)
	f.YearLoans, f.PaidBefore, f.OtherMode = &b.year, &b.paid, rules.Is(b.other > 0)
	if b.unknown == 0 {
		f.BadLoans = &b.bad
	}
	return f, err
}

// borrower is what the pool knows of the borrower of a loan.
type borrower struct {
	year    money.Fen // registered in the year of the loan
	paid    money.Fen // compensation paid or reserved for other claims
	bad     money.Fen // balance of bad loans
	unknown int64     // bad loans whose balance is not known
	other   int64     // the same contract in another mode
}

func borrowerOf(ctx context.Context, q db.Querier, l Loan, claimID string) (borrower, error) {
	b, _, err := db.One(ctx, q, func(sc db.Scan) (borrower, error) {
		var b borrower
		err := sc(&b.year, &b.bad, &b.unknown, &b.other, &b.paid)
		return b, err
	}, `SELECT CAST(COALESCE(SUM(CASE WHEN year = $3 AND status NOT IN ('withdrawn', 'rejected') THEN principal END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN status IN ('npl', 'claimed', 'closed') THEN outstanding END), 0) AS BIGINT),
		COUNT(*) FILTER (WHERE status IN ('npl', 'claimed', 'closed') AND outstanding IS NULL),
		COUNT(*) FILTER (WHERE contract_key = $4 AND mode <> $5 AND status NOT IN ('withdrawn', 'rejected')),
		(SELECT CAST(COALESCE(SUM(CASE WHEN c.paid > 0 THEN c.paid ELSE c.amount END), 0) AS BIGINT)
			FROM pool_claim c JOIN pool_loan p ON p.id = c.loan_id WHERE p.pool_id = $1 AND p.borrower_key = $2 AND c.active AND c.id <> $6)
		FROM pool_loan WHERE pool_id = $1 AND borrower_key = $2`,
		l.PoolID, l.borrowerKey, l.RegisteredOn[:4], l.contractKey, l.Mode, claimID)
	return b, err
}

// Replay computes a claim's amount again from its stored trace and regime.
// Another amount is errs.Conflict: the trace or the regime was altered.
func (s *Service) Replay(ctx context.Context, q db.Querier, c Claim) (rules.Amount, error) {
	var t rules.Trace
	if err := json.Unmarshal(c.Trace, &t); err != nil {
		return rules.Amount{}, err
	}
	r, err := s.RegimeByHash(ctx, q, c.PoolID, c.RegimeHash)
	if err != nil {
		return rules.Amount{}, err
	}
	a, _, _ := rules.Compensate(r, t.Facts)
	if r.Hash() != t.Hash || c.Amount != nil && (!a.Known || a.Low != *c.Amount) {
		return a, errs.New(errs.Conflict, "pool.replay", errs.A{"claim": c.ID})
	}
	return a, nil
}
