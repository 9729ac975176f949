package pool

import (
	"context"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// LoanFilter selects loans; empty fields select nothing away.
type LoanFilter struct {
	PoolID      string
	BankID      string
	GuarantorID string
	Status      string // a status, or one of the groups of StatusGroups
	Risk        rules.Risk
	Year        string
	Borrower    string // a name or credit code, as it is compared
	OrgID       string // the borrower, as an organisation of the register
	BatchID     string // by which they were filed
	Unknown     bool   // only loans whose balance is not known
	After       string // id of the last loan of the page before
	Limit       int
}

// StatusGroups are the statuses that stand behind a sum, by the word that a
// filter may name instead of one status.
var StatusGroups = map[string][]string{
	"counted": {"applied", Registered, Active, Overdue, NPL, Claimed, Closed, Repaid}, // those that stand in sums: neither withdrawn nor rejected
	"open":    {"applied", Registered, Active, Overdue, NPL, Claimed},                 // of those, neither repaid nor closed
	"late":    {Overdue, NPL, Claimed},
	"bad":     {NPL, Claimed},
}

// condition gathers comparisons with their values.
type condition struct {
	where []string
	args  []any
}

// is adds a comparison unless there is nothing to compare with.
func (c *condition) is(column, value string) {
	if value != "" {
		c.args = append(c.args, value)
		c.where = append(c.where, column+" = $"+strconv.Itoa(len(c.args)))
	}
}

// among adds a comparison with any of several values.
func (c *condition) among(column string, values []string) {
	if len(values) == 0 {
		return
	}
	c.where = append(c.where, column+" IN ("+db.In(len(c.args)+1, len(values))+")")
	for _, v := range values {
		c.args = append(c.args, v)
	}
}

// text is the condition in SQL, true where nothing was added.
func (c *condition) text() string {
	if len(c.where) == 0 {
		return "1 = 1"
	}
	return strings.Join(c.where, " AND ")
}

// after begins a page behind an id and returns the placeholder of its length.
func (c *condition) after(id string, limit int) string {
	c.args = append(c.args, id, min(max(limit, 1), 1000))
	n := len(c.args)
	return " AND id > $" + strconv.Itoa(n-1) + " ORDER BY id LIMIT $" + strconv.Itoa(n)
}

func (f *LoanFilter) condition() *condition {
	c := &condition{}
	c.is("pool_id", f.PoolID)
	c.is("bank_id", f.BankID)
	c.is("guarantor_id", f.GuarantorID)
	c.is("borrower_id", f.OrgID)
	if group, ok := StatusGroups[f.Status]; ok {
		c.among("status", group)
	} else {
		c.is("status", f.Status)
	}
	c.is("risk", string(f.Risk))
	c.is("year", f.Year)
	c.is("batch_id", f.BatchID)
	if f.Unknown {
		c.where = append(c.where, "outstanding IS NULL")
	}
	if f.Borrower != "" {
		c.is("borrower_key", borrowerKey(f.Borrower))
	}
	return c
}

// borrowerKey is how a borrower is looked up by a name or a credit code.
func borrowerKey(text string) string {
	if code, err := identifier.Parse(identifier.USCC, text); err == nil {
		return code
	}
	return twice.Name(text)
}

// Loans lists loans in the order of their ids, of every pool when none is named.
func (s *Service) Loans(ctx context.Context, q db.Querier, f LoanFilter) ([]Loan, error) {
	c := f.condition()
	page := c.after(f.After, f.Limit)
	return db.Collect(ctx, q, scanLoan, "SELECT "+loanRead+" FROM pool_loan WHERE "+c.text()+page, c.args...)
}

// LoanSum adds up loans. Outstanding leaves out those whose balance is not
// known: it is a lower bound where Unknown is above zero.
type LoanSum struct {
	Loans       int64     `json:"loans"`
	Borrowers   int64     `json:"borrowers"`
	Principal   money.Fen `json:"principal"`
	Outstanding money.Fen `json:"outstanding"`
	Unknown     int64     `json:"unknown"`
	Simulated   int64     `json:"simulated"` // loans from a simulated source
}

// SumLoans adds up all that a filter selects, whatever its page.
func (s *Service) SumLoans(ctx context.Context, q db.Querier, f LoanFilter) (LoanSum, error) {
	c := f.condition()
	out, _, err := db.One(ctx, q, func(sc db.Scan) (LoanSum, error) {
		var x LoanSum
		err := sc(&x.Loans, &x.Borrowers, &x.Principal, &x.Outstanding, &x.Unknown, &x.Simulated)
		return x, err
	}, `SELECT COUNT(*), COUNT(DISTINCT borrower_key), CAST(COALESCE(SUM(principal), 0) AS BIGINT), CAST(COALESCE(SUM(outstanding), 0) AS BIGINT), COUNT(*) - COUNT(outstanding),
		COUNT(*) FILTER (WHERE source_id IN (SELECT id FROM source WHERE simulated)) FROM pool_loan WHERE `+c.text(), c.args...)
	return out, err
}

// LoanYears lists the years in which loans of a pool were registered, the last
// first.
func (s *Service) LoanYears(ctx context.Context, q db.Querier, poolID string) ([]string, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (string, error) {
		var y string
		err := sc(&y)
		return y, err
	}, "SELECT DISTINCT year FROM pool_loan WHERE pool_id = $1 ORDER BY year DESC", poolID)
}

// ClaimFilter selects claims; empty fields select nothing away.
type ClaimFilter struct {
	PoolID   string
	MemberID string
	LoanID   string
	OrgID    string // the borrower, as an organisation of the register
	State    string // a state, or one of the groups of ClaimGroups
	Year     string // in which it was made
	Budget   string // year of the budget that it draws on
	Borrower string
	After    string
	Limit    int
}

// ClaimGroups are the states that stand behind a sum, by the word that a filter
// may name instead of one state.
var ClaimGroups = map[string][]string{
	"open":   {"claim_submitted", "checked", "approved", "suspended"},
	"active": {"claim_submitted", "checked", "approved", "suspended", "paid", "recovering", "closed"},
	"paid":   {"paid", "recovering", "closed", "clawed_back"},
}

func (f *ClaimFilter) condition() *condition {
	c := &condition{}
	c.is("pool_id", f.PoolID)
	c.is("member_id", f.MemberID)
	c.is("loan_id", f.LoanID)
	c.is("borrower_id", f.OrgID)
	if group, ok := ClaimGroups[f.State]; ok {
		c.among("state", group)
	} else {
		c.is("state", f.State)
	}
	c.is("substr(claimed_on, 1, 4)", f.Year)
	c.is("year", f.Budget)
	if f.Borrower != "" {
		c.is("borrower_key", borrowerKey(f.Borrower))
	}
	return c
}

// ListClaims lists claims in the order of their ids.
func (s *Service) ListClaims(ctx context.Context, q db.Querier, f ClaimFilter) ([]Claim, error) {
	c := f.condition()
	page := c.after(f.After, f.Limit)
	return db.Collect(ctx, q, scanClaim, "SELECT "+claimRead+" FROM pool_claim WHERE "+c.text()+page, c.args...)
}

// ClaimSum adds up claims. Amount is that of the claims whose amount is decided.
type ClaimSum struct {
	Claims    int64     `json:"claims"`
	Loss      money.Fen `json:"loss"`
	Amount    money.Fen `json:"amount"`
	Undecided int64     `json:"undecided"` // claims whose amount is still to be decided
	Paid      money.Fen `json:"paid"`
	Returned  money.Fen `json:"returned"`
}

// SumClaims adds up all that a filter selects, whatever its page.
func (s *Service) SumClaims(ctx context.Context, q db.Querier, f ClaimFilter) (ClaimSum, error) {
	c := f.condition()
	out, _, err := db.One(ctx, q, func(sc db.Scan) (ClaimSum, error) {
		var x ClaimSum
		err := sc(&x.Claims, &x.Loss, &x.Amount, &x.Undecided, &x.Paid, &x.Returned)
		return x, err
	}, `SELECT COUNT(*), CAST(COALESCE(SUM(loss), 0) AS BIGINT), CAST(COALESCE(SUM(amount), 0) AS BIGINT), COUNT(*) FILTER (WHERE amount IS NULL AND state IN ('claim_submitted', 'checked', 'suspended')),
		CAST(COALESCE(SUM(paid), 0) AS BIGINT), CAST(COALESCE(SUM(returned), 0) AS BIGINT) FROM pool_claim WHERE `+c.text(), c.args...)
	return out, err
}

// Came is money that came back after a payment, and how it was shared.
type Came struct {
	Position int64     `json:"position"`
	Kind     string    `json:"kind"` // recovery or claw_back
	Day      string    `json:"day"`
	Gross    money.Fen `json:"gross"`
	Costs    money.Fen `json:"costs"`
	Pool     money.Fen `json:"pool"` // to the treasury
	Rest     money.Fen `json:"rest"` // kept by the claimant
	Ground   string    `json:"ground,omitempty"`
	Actor    string    `json:"actor"`
	At       db.Time   `json:"at"`
}

// Recoveries lists what came back of a claim, oldest first.
func (s *Service) Recoveries(ctx context.Context, q db.Querier, claimID string) ([]Came, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Came, error) {
		var c Came
		err := sc(&c.Position, &c.Kind, &c.Day, &c.Gross, &c.Costs, &c.Pool, &c.Rest, &c.Ground, &c.Actor, &c.At)
		return c, err
	}, "SELECT position, kind, day, gross, costs, pool, rest, ground, actor, at FROM pool_recovery WHERE claim_id = $1 ORDER BY position", claimID)
}
