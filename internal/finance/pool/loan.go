package pool

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

// Statuses of a loan, after kinds/loan.yaml.
const (
	Registered = "registered"
	Active     = "active"
	Overdue    = "overdue"
	NPL        = "npl"
	Claimed    = "claimed"
	Closed     = "closed"
	Repaid     = "repaid"
)

// Loan is a loan in the pool. A nil amount and an empty word are not known.
type Loan struct {
	ID           string               `json:"id"`
	PoolID       string               `json:"pool_id"`
	BankID       string               `json:"bank_id"`
	GuarantorID  string               `json:"guarantor_id,omitempty"`
	Mode         rules.Mode           `json:"mode"`
	Contract     string               `json:"contract"`
	BorrowerID   string               `json:"borrower_id,omitempty"`
	Borrower     string               `json:"borrower"`
	CreditCode   string               `json:"credit_code,omitempty"`
	Class        rules.Class          `json:"class,omitempty"`
	Local        rules.Tri            `json:"local"`
	Marks        map[string]rules.Tri `json:"marks,omitempty"`
	Principal    money.Fen            `json:"principal"`
	Months       *int64               `json:"months,omitempty"`
	LentOn       string               `json:"lent_on"`
	DueOn        string               `json:"due_on,omitempty"`
	RegisteredOn string               `json:"registered_on"`
	Status       string               `json:"status"`
	StatusOn     string               `json:"status_on"`
	Outstanding  *money.Fen           `json:"outstanding,omitempty"`
	OverdueSince string               `json:"overdue_since,omitempty"`
	Risk         rules.Risk           `json:"risk"`
	RiskOn       string               `json:"risk_on"`
	NPLOn        string               `json:"npl_on,omitempty"`
	SourceID     string               `json:"source_id"`
	BatchID      string               `json:"batch_id,omitempty"`
	Version      int64                `json:"version"`
	Simulated    bool                 `json:"simulated,omitempty"` // follows from the source

	contractKey, borrowerKey, marks string
}

// settle fills in what the loan is looked up by.
func (l *Loan) settle() {
	l.contractKey = twice.Contract(l.Contract)
	l.borrowerKey = twice.Name(l.Borrower)
	if l.CreditCode != "" {
		l.borrowerKey = strings.ToUpper(l.CreditCode)
	}
	raw, _ := json.Marshal(l.Marks) // words only
	l.marks = string(raw)
}

const loanColumns = `id, pool_id, bank_id, guarantor_id, mode, contract, contract_key, borrower_id, borrower, borrower_key, credit_code, class, local, marks,
	principal, months, lent_on, due_on, registered_on, year, status, status_on, outstanding, overdue_since, risk, risk_on, npl_on, source_id, batch_id, version, created_at, updated_at`

// loanRead are the columns of a loan with what follows from its source.
const loanRead = loanColumns + ", (SELECT x.simulated FROM source x WHERE x.id = pool_loan.source_id)"

func (l *Loan) row(now db.Time) []any {
	return []any{
		l.ID, l.PoolID, l.BankID, null(l.GuarantorID), l.Mode, l.Contract, l.contractKey, null(l.BorrowerID), l.Borrower, l.borrowerKey, l.CreditCode, l.Class,
		l.Local.String(), l.marks, l.Principal, l.Months, l.LentOn, l.DueOn, l.RegisteredOn, l.RegisteredOn[:4], l.Status, l.StatusOn, l.Outstanding,
		l.OverdueSince, l.Risk, l.RiskOn, l.NPLOn, l.SourceID, l.BatchID, l.Version, now, now,
	}
}

func scanLoan(sc db.Scan) (Loan, error) {
	var l Loan
	var guarantor, borrower *string
	var local, year string
	var created, updated db.Time
	err := sc(&l.ID, &l.PoolID, &l.BankID, &guarantor, &l.Mode, &l.Contract, &l.contractKey, &borrower, &l.Borrower, &l.borrowerKey, &l.CreditCode, &l.Class,
		&local, &l.marks, &l.Principal, &l.Months, &l.LentOn, &l.DueOn, &l.RegisteredOn, &year, &l.Status, &l.StatusOn, &l.Outstanding,
		&l.OverdueSince, &l.Risk, &l.RiskOn, &l.NPLOn, &l.SourceID, &l.BatchID, &l.Version, &created, &updated, &l.Simulated)
	if err != nil {
		return l, err
	}
	l.GuarantorID, l.BorrowerID = deref(guarantor), deref(borrower)
	if err := l.Local.UnmarshalText([]byte(local)); err != nil {
		return l, err
	}
	return l, json.Unmarshal([]byte(l.marks), &l.Marks)
}

// Loan returns a loan, or errs.NotFound.
func (s *Service) Loan(ctx context.Context, q db.Querier, id string) (Loan, error) {
	l, ok, err := db.One(ctx, q, scanLoan, "SELECT "+loanRead+" FROM pool_loan WHERE id = $1", id)
	return found(l, ok, err, id)
}

// memberID is whose claim a loan would be: the guarantor's in mode guarantee.
func (l *Loan) memberID() string {
	if l.Mode == rules.ByGuarantor {
		return l.GuarantorID
	}
	return l.BankID
}

// Step is one dated step in the life of a loan.
type Step struct {
	Position     int64      `json:"position"`
	Action       string     `json:"action"`
	Status       string     `json:"status"`
	Risk         rules.Risk `json:"risk"`
	Day          string     `json:"day"`
	Outstanding  *money.Fen `json:"outstanding,omitempty"`
	OverdueSince string     `json:"overdue_since,omitempty"`
	Actor        string     `json:"actor"`
	SourceID     string     `json:"source_id"`
	BatchID      string     `json:"batch_id,omitempty"`
	At           db.Time    `json:"at"`
}

const stepColumns = "loan_id, position, action, status, risk, day, outstanding, overdue_since, actor, source_id, batch_id, at"

// step is the row of the step that has brought a loan to its present version.
func (l *Loan) step(action, day, actor, sourceID, batchID string, now db.Time) []any {
	return []any{l.ID, l.Version, action, l.Status, l.Risk, day, l.Outstanding, l.OverdueSince, actor, sourceID, batchID, now}
}

// Steps returns the life of a loan, oldest first.
func (s *Service) Steps(ctx context.Context, q db.Querier, loanID string) ([]Step, error) {
	return db.Collect(ctx, q, func(sc db.Scan) (Step, error) {
		var e Step
		var id string
		err := sc(&id, &e.Position, &e.Action, &e.Status, &e.Risk, &e.Day, &e.Outstanding, &e.OverdueSince, &e.Actor, &e.SourceID, &e.BatchID, &e.At)
		return e, err
	}, "SELECT "+stepColumns+" FROM pool_loan_step WHERE loan_id = $1 ORDER BY position", loanID)
}
