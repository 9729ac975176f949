package pool

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

// ownScheme is the name of the pools of this room beside other schemes.
const ownScheme = "pool"

// Doubles returns the claims, of this pool or other schemes, that a claim may
// repeat, the likeliest first.
func (s *Service) Doubles(ctx context.Context, q db.Querier, c Claim) ([]twice.Hit, error) {
	near := money.Fen(float64(c.Principal) * float64(twice.Usual.NearPPM) / 1e6)
	condition := " WHERE (borrower_key = $1 OR (borrower_id IS NOT NULL AND borrower_id = $2) OR contract_key = $3 OR principal BETWEEN $4 AND $5)"
	values := []any{c.borrowerKey, c.BorrowerID, c.contractKey, c.Principal - near, c.Principal + near}
	others, err := db.Collect(ctx, q, scanTwice, "SELECT id, '"+ownScheme+"', borrower_id, borrower, contract, principal, lent_on FROM pool_claim"+condition+" AND active AND id <> $6",
		append(values, c.ID)...)
	if err != nil {
		return nil, err
	}
	foreign, err := db.Collect(ctx, q, scanTwice, "SELECT key, scheme, borrower_id, borrower, contract, principal, lent_on FROM pool_foreign_claim"+condition, values...)
	if err != nil {
		return nil, err
	}
	return twice.Find([]twice.Claim{c.asked()}, append(others, foreign...), twice.Usual), nil
}

func scanTwice(sc db.Scan) (twice.Claim, error) {
	var c twice.Claim
	var borrower *string
	err := sc(&c.ID, &c.Scheme, &borrower, &c.Name, &c.Contract, &c.Amount, &c.Day)
	c.Borrower = deref(borrower)
	return c, err
}

// asked is the claim as it is compared.
func (c *Claim) asked() twice.Claim {
	return twice.Claim{ID: c.ID, Scheme: ownScheme, Borrower: c.BorrowerID, Name: c.Borrower, Contract: c.Contract, Amount: c.Principal, Day: c.LentOn}
}

// certain is the score of the same borrower by name, contract and amount: no
// reason clears it.
const certain = 90

// AllDoubles compares every active claim of a pool with the others and with
// those of other schemes, in one pass.
func (s *Service) AllDoubles(ctx context.Context, q db.Querier, poolID string) ([]twice.Hit, error) {
	own, err := db.Collect(ctx, q, scanTwice, "SELECT id, '"+ownScheme+"', borrower_id, borrower, contract, principal, lent_on FROM pool_claim WHERE pool_id = $1 AND active", poolID)
	if err != nil {
		return nil, err
	}
	foreign, err := db.Collect(ctx, q, scanTwice, "SELECT key, scheme, borrower_id, borrower, contract, principal, lent_on FROM pool_foreign_claim")
	if err != nil {
		return nil, err
	}
	hits := twice.Find(own, append(foreign, own...), twice.Usual)
	return slices.DeleteFunc(hits, func(h twice.Hit) bool { return h.Scheme == ownScheme && h.A > h.B }), nil // a pair of our own stands once
}
