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
	year, _, err := db.Value[money.Fen](ctx, q, "SELECT CAST(COALESCE(SUM(principal), 0) AS BIGINT) FROM pool_loan WHERE pool_id = $1 AND borrower_key = $2 AND year = $3 AND status NOT IN ('withdrawn', 'rejected')", l.PoolID, l.borrowerKey, l.RegisteredOn[:4])
	if err != nil {
		return f, err
	}
	paid, _, err := db.Value[money.Fen](ctx, q, "SELECT CAST(COALESCE(SUM(CASE WHEN c.paid > 0 THEN c.paid ELSE COALESCE(c.amount, 0) END), 0) AS BIGINT) FROM pool_claim c JOIN pool_loan l ON l.id = c.loan_id WHERE l.pool_id = $1 AND l.borrower_key = $2 AND c.active AND c.id <> $3", l.PoolID, l.borrowerKey, c.ID)
	if err != nil {
		return f, err
	}
	f.YearLoans, f.PaidBefore = &year, &paid
	if f.BadLoans, err = badLoans(ctx, q, l); err != nil {
		return f, err
	}
	_, other, err := db.Value[string](ctx, q, "SELECT id FROM pool_loan WHERE pool_id = $1 AND borrower_key = $2 AND contract_key = $3 AND mode <> $4 AND status NOT IN ('withdrawn', 'rejected')", l.PoolID, l.borrowerKey, l.contractKey, l.Mode)
	f.OtherMode = rules.Is(other)
	return f, err
}

// badLoans is the balance of the borrower's bad loans, nil when that of any of
// them is not known.
func badLoans(ctx context.Context, q db.Querier, l Loan) (*money.Fen, error) {
	type sums struct {
		known, all int64
		sum        money.Fen
	}
	b, _, err := db.One(ctx, q, func(sc db.Scan) (sums, error) {
		var b sums
		err := sc(&b.known, &b.all, &b.sum)
		return b, err
	}, "SELECT COUNT(outstanding), COUNT(*), CAST(COALESCE(SUM(outstanding), 0) AS BIGINT) FROM pool_loan WHERE pool_id = $1 AND borrower_key = $2 AND status IN ('npl', 'claimed', 'closed')", l.PoolID, l.borrowerKey)
	if err != nil || b.known != b.all {
		return nil, err
	}
	return &b.sum, nil
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
