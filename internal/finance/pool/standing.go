package pool

import (
	"cmp"
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
)

// Stand adds up the loans of one bank, year, status and class.
type Stand struct {
	BankID      string
	Year        string
	Status      string
	Risk        rules.Risk
	Loans       int64
	Registered  money.Fen
	Outstanding money.Fen
	Unknown     int64 // loans whose balance is not known
}

// Standing reads all loans of a pool once, as the parts that Exposed, Aged and
// OfBanks add up: what Exposures, Ageing and Banks tell costs a reading each.
type Standing []Stand

// Standing returns how the loans of a pool stand.
func (s *Service) Standing(ctx context.Context, q db.Querier, poolID string) (Standing, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Stand, error) {
		var x Stand
		err := sc(&x.BankID, &x.Year, &x.Status, &x.Risk, &x.Loans, &x.Registered, &x.Outstanding, &x.Unknown)
		return x, err
	}, `SELECT bank_id, year, status, risk, COUNT(*), CAST(SUM(principal) AS BIGINT), CAST(COALESCE(SUM(outstanding), 0) AS BIGINT), COUNT(*) - COUNT(outstanding)
		FROM pool_loan WHERE pool_id = $1 GROUP BY bank_id, year, status, risk ORDER BY bank_id, year, status, risk`, poolID)
}

// in reports whether a part belongs to a group of statuses.
func (x *Stand) in(group string) bool { return slices.Contains(StatusGroups[group], x.Status) }

// Exposed is what Exposures returns.
func (list Standing) Exposed() []Exposure {
	var out []Exposure
	for i := range list {
		x := &list[i]
		if !x.in("counted") {
			continue
		}
		if n := len(out); n == 0 || out[n-1].BankID != x.BankID || out[n-1].Year != x.Year {
			out = append(out, Exposure{BankID: x.BankID, Year: x.Year})
		}
		e := &out[len(out)-1]
		e.Loans, e.Registered, e.Unknown = e.Loans+x.Loans, e.Registered+x.Registered, e.Unknown+x.Unknown
		if x.in("open") {
			e.Outstanding += x.Outstanding
		}
		if x.in("late") {
			e.Overdue += x.Outstanding
		}
		if x.in("bad") {
			e.Bad += x.Outstanding
		}
	}
	return out
}

// Aged is what Ageing returns.
func (list Standing) Aged() []Age {
	by := map[Age]Age{}
	for _, x := range list {
		key := Age{Status: x.Status, Risk: x.Risk}
		a, there := by[key]
		if !there {
			a = key
		}
		a.Loans, a.Outstanding, a.Unknown = a.Loans+x.Loans, a.Outstanding+x.Outstanding, a.Unknown+x.Unknown
		by[key] = a
	}
	out := make([]Age, 0, len(by))
	for _, a := range by {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Age) int { return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(a.Risk, b.Risk)) })
	return out
}

// Open adds up the loans that are neither repaid nor closed. Borrowers and
// Simulated are not known of it.
func (list Standing) Open() LoanSum {
	var out LoanSum
	for _, x := range list {
		if x.in("open") {
			out.Loans, out.Principal, out.Outstanding, out.Unknown = out.Loans+x.Loans, out.Principal+x.Registered, out.Outstanding+x.Outstanding, out.Unknown+x.Unknown
		}
	}
	return out
}

// OfBanks is what Banks returns.
func (list Standing) OfBanks() (Concentration, error) {
	var banks []Weight
	unknown := int64(0)
	for _, x := range list {
		if !x.in("open") {
			continue
		}
		unknown += x.Unknown
		if n := len(banks); n == 0 || banks[n-1].ID != x.BankID {
			banks = append(banks, Weight{ID: x.BankID})
		}
		b := &banks[len(banks)-1]
		b.Loans, b.Outstanding = b.Loans+x.Loans-x.Unknown, b.Outstanding+x.Outstanding
	}
	return concentrate(banks, unknown)
}
