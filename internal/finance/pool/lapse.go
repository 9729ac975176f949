package pool

import (
	"context"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/ledger"
)

// The room itself revokes what the ledger has taken back already. What it means
// stands in the notice.
var itself = casework.Actor{User: "pool", Roles: []string{"pool.checker"}}

const lapsed = "冻结已失效 · the hold has ended"

// Lapse takes approved claims whose hold has ended without a payment back to
// checked, and tells those who check and approve. No regime gives an approval a
// last day, so a hold that this room makes never runs out by itself; one that
// was ended in the ledger by other hands must not leave a claim approved over
// nothing. It returns how many claims went back and can be called again.
func (s *Service) Lapse(ctx context.Context) (int, error) {
	approved, err := db.Collect(ctx, s.d, func(sc db.Scan) (string, error) {
		var id string
		err := sc(&id)
		return id, err
	}, "SELECT case_id FROM pool_claim WHERE state = 'approved' ORDER BY id")
	n := 0
	for _, id := range approved {
		file, err := casework.Get(ctx, s.d, id)
		if err != nil {
			return n, err
		}
		ended, err := s.holdEnded(ctx, s.d, file)
		if err != nil {
			return n, err
		}
		if !ended {
			continue
		}
		_, err = s.cases.Do(ctx, itself, id, file.Version, "revoke", casework.Input{Reason: lapsed})
		switch errs.KindOf(err) {
		case "":
			n++
		case errs.Precondition, errs.Conflict: // somebody acted on it meanwhile
		default:
			return n, err
		}
	}
	return n, err
}

// holdEnded reports whether the hold of an approved claim stands no more.
func (s *Service) holdEnded(ctx context.Context, q db.Querier, file casework.Case) (bool, error) {
	var st Statement
	if err := file.Decode(&st); err != nil || file.State != "approved" {
		return false, err
	}
	h, err := s.books.Hold(ctx, q, st.Hold)
	return err == nil && (h.State == ledger.Expired || h.State == ledger.Voided), err
}

// lapseNotices tell those who decide on a claim that its amount is free again.
func lapseNotices(hold string) []casework.Notice {
	args := errs.A{"hold": hold}
	return []casework.Notice{{Role: "pool.maker", Key: "pool.hold_lapsed", Args: args}, {Role: "pool.checker", Key: "pool.hold_lapsed", Args: args}}
}
