package pool

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
)

// Exposure is what stands open of the loans of a bank that were registered in a
// year. Unknown counts loans whose balance is not known; they are in no sum but
// Registered.
type Exposure struct {
	BankID      string    `json:"bank_id"`
	Year        string    `json:"year"`
	Loans       int64     `json:"loans"`
	Registered  money.Fen `json:"registered"`
	Outstanding money.Fen `json:"outstanding"` // of loans not repaid or closed
	Overdue     money.Fen `json:"overdue"`     // of those, overdue or bad
	Bad         money.Fen `json:"bad"`         // of those, non-performing
	Unknown     int64     `json:"unknown"`
}

// Exposures returns the exposure by bank and year of registration.
func (s *Service) Exposures(ctx context.Context, q db.Querier, poolID string) ([]Exposure, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Exposure, error) {
		var e Exposure
		err := sc(&e.BankID, &e.Year, &e.Loans, &e.Registered, &e.Outstanding, &e.Overdue, &e.Bad, &e.Unknown)
		return e, err
	}, `SELECT bank_id, year, COUNT(*), CAST(SUM(principal) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN status NOT IN ('repaid', 'closed') THEN outstanding END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN status IN ('overdue', 'npl', 'claimed') THEN outstanding END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN status IN ('npl', 'claimed') THEN outstanding END), 0) AS BIGINT),
		COUNT(*) - COUNT(outstanding)
		FROM pool_loan WHERE pool_id = $1 AND status NOT IN ('withdrawn', 'rejected') GROUP BY bank_id, year ORDER BY bank_id, year`, poolID)
}

// Age is how many loans stand in a class, and their balance.
type Age struct {
	Status      string     `json:"status"`
	Risk        rules.Risk `json:"risk"`
	Loans       int64      `json:"loans"`
	Outstanding money.Fen  `json:"outstanding"`
	Unknown     int64      `json:"unknown"` // loans whose balance is not known
}

// Ageing returns the loans by status and class.
func (s *Service) Ageing(ctx context.Context, q db.Querier, poolID string) ([]Age, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Age, error) {
		var a Age
		err := sc(&a.Status, &a.Risk, &a.Loans, &a.Outstanding, &a.Unknown)
		return a, err
	}, `SELECT status, risk, COUNT(*), CAST(COALESCE(SUM(outstanding), 0) AS BIGINT), COUNT(*) - COUNT(outstanding)
		FROM pool_loan WHERE pool_id = $1 GROUP BY status, risk ORDER BY status, risk`, poolID)
}

// MemberClaims adds up the claims of one member that were made in a year.
type MemberClaims struct {
	MemberID string    `json:"member_id"`
	Year     string    `json:"year"`
	Claims   int64     `json:"claims"`
	Active   int64     `json:"active"`
	Loss     money.Fen `json:"loss"` // of active claims
	Reserved money.Fen `json:"reserved"`
	Paid     money.Fen `json:"paid"`
	Returned money.Fen `json:"returned"`
}

// ClaimsByMember adds up claims by member and year of claim.
func (s *Service) ClaimsByMember(ctx context.Context, q db.Querier, poolID string) ([]MemberClaims, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (MemberClaims, error) {
		var m MemberClaims
		err := sc(&m.MemberID, &m.Year, &m.Claims, &m.Active, &m.Loss, &m.Reserved, &m.Paid, &m.Returned)
		return m, err
	}, `SELECT member_id, substr(claimed_on, 1, 4), COUNT(*), COUNT(*) FILTER (WHERE active),
		CAST(COALESCE(SUM(CASE WHEN active THEN loss END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN state = 'approved' THEN amount END), 0) AS BIGINT),
		CAST(SUM(paid) AS BIGINT), CAST(SUM(returned) AS BIGINT)
		FROM pool_claim WHERE pool_id = $1 GROUP BY member_id, substr(claimed_on, 1, 4) ORDER BY member_id, 2`, poolID)
}

// BudgetUse is how a year's money stands in the ledger.
type BudgetUse struct {
	Year      string    `json:"year"`
	Free      money.Fen `json:"free"`     // neither paid nor reserved
	Reserved  money.Fen `json:"reserved"` // approved, not yet paid
	Paid      money.Fen `json:"paid"`
	Guarantee money.Fen `json:"guarantee"` // paid or reserved in mode guarantee
	Recovered money.Fen `json:"recovered"`
	Clawed    money.Fen `json:"clawed_back"`
}

// Budget returns how a year stands; false when it has not been funded.
func (s *Service) Budget(ctx context.Context, q db.Querier, poolID, year string) (BudgetUse, bool, error) {
	u := BudgetUse{Year: year}
	b, ok, err := s.balance(ctx, q, budget(poolID, year))
	if err != nil || !ok {
		return u, false, err
	}
	u.Free, u.Reserved = b.Available, b.Pending
	for _, m := range rules.Modes {
		p, _, err := s.balance(ctx, q, paidTo(poolID, year, m))
		if err != nil {
			return u, false, err
		}
		u.Paid += p.Posted
		if m == rules.ByGuarantor {
			u.Guarantee = p.Posted + p.Incoming
		}
	}
	r, _, err := s.balance(ctx, q, recovered(poolID, year))
	if err != nil {
		return u, false, err
	}
	c, _, err := s.balance(ctx, q, clawedBack(poolID, year))
	u.Recovered, u.Clawed = r.Posted, c.Posted
	return u, err == nil, err
}

// BreakerState is what a breaker watches of a member in a year.
type BreakerState struct {
	Member     Member    `json:"member"`
	Year       string    `json:"year"`
	Lost       money.Fen `json:"lost"`
	Registered money.Fen `json:"registered"`
	Over       rules.Tri `json:"over"` // unknown where nothing was registered
	Limit      *int64    `json:"limit_ppm"`
	Rule       string    `json:"rule,omitempty"`
}

// Breakers returns the state of the breaker of each member in a year, by the
// regime in force on the last day of it or today.
func (s *Service) Breakers(ctx context.Context, q db.Querier, poolID, year string) ([]BreakerState, error) {
	regimes, err := s.Regimes(ctx, q, poolID)
	if err != nil {
		return nil, err
	}
	day := min(year+"-12-31", today(s.d.Now()))
	regime, err := rules.Governing(regimes, rules.Registration, day, "")
	if errs.KindOf(err) == errs.Internal {
		return nil, err
	} // otherwise no regime is known for the day, and so no breaker
	members, err := s.Members(ctx, q, poolID)
	if err != nil {
		return nil, err
	}
	out := make([]BreakerState, 0, len(members))
	for _, m := range members {
		of, _, err := s.balance(ctx, q, lost(poolID, year, m.ID))
		if err != nil {
			return nil, err
		}
		over, _, err := s.balance(ctx, q, registered(poolID, year, m.ID))
		if err != nil {
			return nil, err
		}
		b := BreakerState{Member: m, Year: year, Lost: of.Posted, Registered: over.Posted}
		for _, rule := range regime.Breakers {
			if rule.Of == m.Party {
				limit := rule.Over
				b.Over, b.Limit, b.Rule = rules.Ratio{Of: &of.Posted, Over: &over.Posted}.Exceeds(limit), &limit, rule.ID
			}
		}
		out = append(out, b)
	}
	return out, nil
}
