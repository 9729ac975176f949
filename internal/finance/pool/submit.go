package pool

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

// Claim is a claim for compensation. Amount is nil before approval.
type Claim struct {
	ID         string          `json:"id"`
	PoolID     string          `json:"pool_id"`
	LoanID     string          `json:"loan_id"`
	MemberID   string          `json:"member_id"` // whose claim it is
	Mode       rules.Mode      `json:"mode"`
	CaseID     string          `json:"case_id"`
	Active     bool            `json:"active"`
	BorrowerID string          `json:"borrower_id,omitempty"`
	Borrower   string          `json:"borrower"`
	Contract   string          `json:"contract"`
	Principal  money.Fen       `json:"principal"`
	LentOn     string          `json:"lent_on"`
	ClaimedOn  string          `json:"claimed_on"`
	State      string          `json:"state"`
	Year       string          `json:"year,omitempty"` // whose budget it draws on
	Loss       money.Fen       `json:"loss"`           // mode guarantee: what the debtor still owes
	Amount     *money.Fen      `json:"amount,omitempty"`
	RegimeHash string          `json:"regime_hash"`
	Trace      json.RawMessage `json:"trace"`
	Paid       money.Fen       `json:"paid"`
	PaidOn     string          `json:"paid_on,omitempty"`
	Returned   money.Fen       `json:"returned"` // to the pool
	Kept       money.Fen       `json:"kept"`     // of recoveries, by the claimant
	SourceID   string          `json:"source_id"`
	Simulated  bool            `json:"simulated,omitempty"` // follows from the source

	borrowerKey, contractKey string
}

// Statement is what a claimant says of the loss. It is the data of the case.
type Statement struct {
	LoanID     string     `json:"loan_id"`
	MemberID   string     `json:"member_id"`
	Loss       *money.Fen `json:"loss,omitempty"`   // mode bank: actual loss of principal
	Unpaid     *money.Fen `json:"unpaid,omitempty"` // mode guarantee: principal still owed
	Guaranteed rules.Tri  `json:"guarantor_paid"`
	Lawsuit    rules.Tri  `json:"lawsuit"`
	Day        string     `json:"day"` // of the claim, "" is today
	SourceID   string     `json:"source_id"`

	LostYear string `json:"lost_year,omitempty"` // in which the loss counts for the breaker
	Hold     string `json:"hold,omitempty"`      // key of the hold, while approved
}

// Submit makes a claim and opens its case. A claim that the regime refuses, a
// second one for the loan, one by somebody else than the bearer of the loss and
// a double of another are errs.Conflict, with nothing written.
func (s *Service) Submit(ctx context.Context, by casework.Actor, in Statement) (Claim, error) {
	var out Claim
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		out, err = s.SubmitIn(ctx, tx, by, in)
		return err
	})
	return out, err
}

// SubmitIn is Submit in the caller's transaction.
func (s *Service) SubmitIn(ctx context.Context, tx *db.Tx, by casework.Actor, in Statement) (Claim, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return Claim{}, err
	}
	l, err := s.Loan(ctx, tx, in.LoanID)
	if err != nil {
		return Claim{}, err
	}
	if in.Day == "" {
		in.Day = today(tx.Now())
	}
	in.LostYear, in.Hold = "", ""
	if err := s.claimable(ctx, tx, l, in); err != nil {
		return Claim{}, err
	}
	c := newClaim(l, in)
	_, t, refused, err := s.compute(ctx, tx, c, in)
	if err != nil {
		return Claim{}, err
	}
	if len(refused) > 0 {
		return Claim{}, refusals(refused)
	}
	hits, err := s.Doubles(ctx, tx, c)
	if err != nil {
		return Claim{}, err
	}
	if len(hits) > 0 && hits[0].Score >= certain {
		return Claim{}, errs.New(errs.Conflict, "pool.double", errs.A{"scheme": hits[0].Scheme, "id": hits[0].B, "score": hits[0].Score})
	}
	return s.open(ctx, tx, by, l, c, in, t)
}

// claimable checks what no regime needs to say.
func (s *Service) claimable(ctx context.Context, q db.Querier, l Loan, in Statement) error {
	twice, _, err := db.Value[string](ctx, q, "SELECT id FROM pool_claim WHERE loan_id = $1 AND active", l.ID)
	switch {
	case err != nil:
		return err
	case twice != "":
		return errs.New(errs.Conflict, "pool.claim_second", errs.A{"claim": twice})
	case in.MemberID != l.memberID():
		return errs.New(errs.Conflict, "pool.claim_party", errs.A{"mode": string(l.Mode)})
	case s.life.Transition(l.Status, "claim") == nil:
		return errs.New(errs.Conflict, "pool.claim_status", errs.A{"status": l.Status})
	case l.Mode == rules.ByBank && in.Loss == nil || l.Mode == rules.ByGuarantor && in.Unpaid == nil:
		return missing("loss")
	case in.SourceID == "":
		return missing("source_id")
	case in.Day > today(s.d.Now()) || in.Day < l.RegisteredOn:
		return errs.New(errs.Invalid, "pool.report_day", errs.A{"day": in.Day})
	}
	return nil
}

func newClaim(l Loan, in Statement) Claim {
	c := Claim{
		ID: db.NewID("claim"), PoolID: l.PoolID, LoanID: l.ID, MemberID: in.MemberID, Mode: l.Mode, Active: true, BorrowerID: l.BorrowerID, Borrower: l.Borrower,
		Contract: l.Contract, Principal: l.Principal, LentOn: l.LentOn, ClaimedOn: in.Day, State: "claim_submitted", SourceID: in.SourceID,
		borrowerKey: twice.Name(l.Borrower), contractKey: l.contractKey,
	}
	if in.Loss != nil {
		c.Loss = *in.Loss
	}
	if l.Mode == rules.ByGuarantor {
		c.Loss = *in.Unpaid
	}
	return c
}

func (s *Service) open(ctx context.Context, tx *db.Tx, by casework.Actor, l Loan, c Claim, in Statement, t rules.Trace) (Claim, error) {
	file, err := s.cases.Open(ctx, tx, by, casework.Opening{Kind: ClaimKind, Ref: "claim/" + c.ID, Data: in, Source: in.SourceID})
	if err != nil {
		return c, err
	}
	c.CaseID, c.RegimeHash = file.ID, t.Hash
	if c.Trace, err = json.Marshal(t); err != nil {
		return c, err
	}
	if err := insertClaim(ctx, tx, c); err != nil {
		return c, err
	}
	author := authorOf(by, "")
	if err := log(ctx, tx, author, KindClaim, c.ID, nil, c); err != nil {
		return c, err
	}
	return c, s.moveLoan(ctx, tx, author, l.ID, "claim", Claimed, in.Day)
}

func authorOf(by casework.Actor, reason string) change.Author {
	return change.Author{Actor: by.User, Behalf: by.Behalf, Reason: reason, BatchID: by.Batch}
}

// moveLoan takes a loan one step on that a claim brings about.
func (s *Service) moveLoan(ctx context.Context, tx *db.Tx, by change.Author, id, action, to, day string) error {
	old, err := s.Loan(ctx, tx, id)
	if err != nil {
		return err
	}
	if s.life.Transition(old.Status, action) == nil {
		return errs.New(errs.Conflict, "pool.report_way", errs.A{"from": old.Status, "to": to})
	}
	l := old
	l.Status, l.StatusOn, l.Version = to, max(day, old.StatusOn), old.Version+1
	now := db.At(tx.Now())
	if err := replaceLoans(ctx, tx, [][]any{l.row(now)}); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, tx, "pool_loan_step("+stepColumns+")", "", [][]any{l.step(action, l.StatusOn, by.Actor, l.SourceID, by.BatchID, now)}); err != nil {
		return err
	}
	return log(ctx, tx, by, KindLoan, l.ID, old, l)
}

// Rehearse is Submit with nothing written: the claim as it would be made, or
// what stands against it.
func (s *Service) Rehearse(ctx context.Context, by casework.Actor, in Statement) (Claim, error) {
	var out Claim
	err := s.d.InTx(ctx, func(tx *db.Tx) (err error) {
		if out, err = s.SubmitIn(ctx, tx, by, in); err != nil {
			return err
		}
		return errDry
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}
