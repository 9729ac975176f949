package pool

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/money"
)

// Weight is one holder of open balances and his share of them.
type Weight struct {
	ID          string    `json:"id,omitempty"` // of the bank as a member, of the borrower as an organisation
	Name        string    `json:"name,omitempty"`
	Loans       int64     `json:"loans"`
	Outstanding money.Fen `json:"outstanding"`
	Share       int64     `json:"share_ppm"` // of the balances that are known
}

// Concentration says how the open balances of a pool are spread over borrowers
// or banks. Loans whose balance is not known are left out of all of it and
// counted in Unknown: with any, every share is one of what is known.
type Concentration struct {
	Holders     int64     `json:"holders"`   // of a balance that is known and not nothing
	Borrowing   int64     `json:"borrowing"` // all that have an open loan
	Outstanding money.Fen `json:"outstanding"`
	Unknown     int64     `json:"unknown"`
	Top         []Weight  `json:"top"`       // the largest, at most ten
	TopShare    int64     `json:"top_ppm"`   // of Top together
	HHI         int64     `json:"hhi"`       // sum of squared percentage shares, 0 to 10,000
	Known       bool      `json:"has_value"` // false where no balance is known
}

// topShown is how many of the largest are told.
const topShown = 10

// Borrowers returns how the open balances are spread over borrowers. The index
// is that of Herfindahl and Hirschman: shares in percent, squared and added up
// (U.S. Merger Guidelines 2023, 2.1).
func (s *Service) Borrowers(ctx context.Context, q db.Querier, poolID string) (Concentration, error) {
	return s.concentration(ctx, q, poolID, "borrower_key", "COALESCE(MAX(borrower_id), '')", "MIN(borrower)")
}

// Banks returns how the open balances are spread over banks.
func (s *Service) Banks(ctx context.Context, q db.Querier, poolID string) (Concentration, error) {
	return s.concentration(ctx, q, poolID, "bank_id", "bank_id", "''")
}

// concentration adds up by a key. id and name are expressions over a group.
func (s *Service) concentration(ctx context.Context, q db.Querier, poolID, key, id, name string) (Concentration, error) {
	c := Concentration{}
	where := &condition{}
	where.is("pool_id", poolID)
	where.among("status", StatusGroups["open"])
	list, err := db.Collect(ctx, q, func(sc db.Scan) (Weight, error) {
		var w Weight
		var unknown int64
		err := sc(&w.ID, &w.Name, &w.Loans, &w.Outstanding, &unknown)
		c.Unknown += unknown
		return w, err
	}, "SELECT "+id+", "+name+", COUNT(outstanding), CAST(COALESCE(SUM(outstanding), 0) AS BIGINT), COUNT(*) - COUNT(outstanding) FROM pool_loan WHERE "+where.text()+" GROUP BY "+key+" ORDER BY "+key, where.args...)
	if err != nil {
		return c, err
	}
	return concentrate(list, c.Unknown)
}

// concentrate computes shares and the index of what is held.
func concentrate(list []Weight, unknown int64) (c Concentration, err error) {
	c.Unknown, c.Borrowing = unknown, int64(len(list))
	for _, w := range list {
		if c.Outstanding, err = money.Add(c.Outstanding, w.Outstanding); err != nil {
			return c, err
		}
	}
	list = slices.DeleteFunc(list, func(w Weight) bool { return w.Outstanding == 0 })
	c.Holders, c.Known = int64(len(list)), c.Outstanding > 0
	slices.SortStableFunc(list, func(a, b Weight) int { return cmp.Compare(b.Outstanding, a.Outstanding) })
	var top money.Fen
	squares := 0.0
	for i := range list {
		list[i].Share = ppmOf(list[i].Outstanding, c.Outstanding)
		percent := float64(list[i].Outstanding) / float64(c.Outstanding) * 100
		squares += percent * percent
		if i < topShown {
			top += list[i].Outstanding
		}
	}
	c.Top, c.HHI = list[:min(len(list), topShown)], int64(squares+0.5)
	c.TopShare = ppmOf(top, c.Outstanding)
	return c, nil
}

// ppmOf is a part of a whole in parts per million, rounded down; both are not
// negative and the part is not above the whole.
func ppmOf(part, whole money.Fen) int64 {
	if whole <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(part), 1_000_000) //nolint:gosec // not negative
	n, _ := bits.Div64(hi, lo, uint64(whole))     //nolint:gosec // part ≤ whole: the quotient is at most a million
	return int64(n)                               //nolint:gosec // at most a million
}
