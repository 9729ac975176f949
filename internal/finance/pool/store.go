package pool

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
)

const claimColumns = `id, pool_id, loan_id, member_id, mode, case_id, active, borrower_id, borrower, borrower_key, contract, contract_key, principal, lent_on, claimed_on,
	state, year, loss, amount, regime_hash, trace, paid, paid_on, returned, kept, source_id, created_at, updated_at`

// claimRead are the columns of a claim with what follows from its source.
const claimRead = claimColumns + ", (SELECT x.simulated FROM source x WHERE x.id = pool_claim.source_id)"

func insertClaim(ctx context.Context, tx *db.Tx, c Claim) error {
	now := db.At(tx.Now())
	return db.InsertMany(ctx, tx, "pool_claim("+claimColumns+")", "", [][]any{{
		c.ID, c.PoolID, c.LoanID, c.MemberID, c.Mode, c.CaseID, c.Active, null(c.BorrowerID), c.Borrower, c.borrowerKey, c.Contract, c.contractKey, c.Principal, c.LentOn, c.ClaimedOn,
		c.State, c.Year, c.Loss, c.Amount, c.RegimeHash, string(c.Trace), c.Paid, c.PaidOn, c.Returned, c.Kept, c.SourceID, now, now,
	}})
}

func scanClaim(sc db.Scan) (Claim, error) {
	var c Claim
	var borrower *string
	var trace string
	var created, updated db.Time
	err := sc(&c.ID, &c.PoolID, &c.LoanID, &c.MemberID, &c.Mode, &c.CaseID, &c.Active, &borrower, &c.Borrower, &c.borrowerKey, &c.Contract, &c.contractKey, &c.Principal, &c.LentOn, &c.ClaimedOn,
		&c.State, &c.Year, &c.Loss, &c.Amount, &c.RegimeHash, &trace, &c.Paid, &c.PaidOn, &c.Returned, &c.Kept, &c.SourceID, &created, &updated, &c.Simulated)
	c.BorrowerID, c.Trace = deref(borrower), []byte(trace)
	return c, err
}

// Claim returns a claim, or errs.NotFound.
func (s *Service) Claim(ctx context.Context, q db.Querier, id string) (Claim, error) {
	c, ok, err := db.One(ctx, q, scanClaim, "SELECT "+claimRead+" FROM pool_claim WHERE id = $1", id)
	return found(c, ok, err, id)
}

// Claims lists the claims of a pool after an id, in the order of ids.
func (s *Service) Claims(ctx context.Context, q db.Querier, poolID, after string, limit int) ([]Claim, error) {
	return db.Collect(ctx, q, scanClaim, "SELECT "+claimRead+" FROM pool_claim WHERE pool_id = $1 AND id > $2 ORDER BY id LIMIT $3", poolID, after, limit)
}

// updateClaim writes what the way of a claim changes.
func updateClaim(ctx context.Context, tx *db.Tx, c Claim) error {
	_, err := tx.Exec(ctx, `UPDATE pool_claim SET active = $1, state = $2, year = $3, amount = $4, regime_hash = $5, trace = $6, paid = $7, paid_on = $8, returned = $9, kept = $10, updated_at = $11 WHERE id = $12`,
		c.Active, c.State, c.Year, c.Amount, c.RegimeHash, string(c.Trace), c.Paid, c.PaidOn, c.Returned, c.Kept, db.At(tx.Now()), c.ID)
	return err
}
