package pool

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/ledger"
	"github.com/kapok-city/kapok/internal/money"
)

// acting is one effect at work: the claim as it was, what becomes of it, and
// the statement that is the data of its case.
type acting struct {
	s     *Service
	tx    *db.Tx
	file  casework.Case
	in    casework.Input
	claim Claim
	st    Statement
	log   any

	notices []casework.Notice
}

func (s *Service) registerEffects(reg *casework.Registry) {
	for name, effect := range map[string]func(*acting, context.Context) error{
		"pool.checked": (*acting).checked, "pool.reserve": (*acting).reserve, "pool.moved": nil, "pool.pay": (*acting).pay,
		"pool.release": (*acting).release, "pool.recover": (*acting).recover, "pool.closed": (*acting).closed,
		"pool.claw_back": (*acting).clawBack, "pool.ended": (*acting).ended,
	} {
		reg.RegisterEffect(name, func(ctx context.Context, tx *db.Tx, c casework.Case, in casework.Input) (casework.Done, error) {
			claim, st, err := s.claimOf(ctx, tx, c)
			if err != nil {
				return casework.Done{}, err
			}
			a := &acting{s: s, tx: tx, file: c, in: in, claim: claim, st: st}
			if effect != nil {
				if err := effect(a, ctx); err != nil {
					return casework.Done{}, err
				}
			}
			a.claim.State = in.To
			if err := updateClaim(ctx, tx, a.claim); err != nil {
				return casework.Done{}, err
			}
			return casework.Done{Log: a.log, Data: a.st, Notices: a.notices}, log(ctx, tx, authorOf(in.Actor, in.Reason), KindClaim, claim.ID, claim, a.claim)
		})
	}
}

func (a *acting) ref() string { return "claim/" + a.claim.ID }

// key is unique to this step of the case.
func (a *acting) key(what string) string {
	return fmt.Sprintf("%s/%s/%d", a.ref(), what, a.file.Version)
}

func (a *acting) day() string { return today(a.in.At) }

// checked counts the loss for the breaker of the claimant.
func (a *acting) checked(ctx context.Context) error {
	a.st.LostYear = a.day()[:4]
	return a.lose(ctx, a.claim.Loss)
}

func (a *acting) lose(ctx context.Context, amount money.Fen) error {
	account := lost(a.claim.PoolID, a.st.LostYear, a.claim.MemberID)
	return a.s.watch(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), a.claim.PoolID, a.key("lost"), a.ref(), "", map[string]money.Fen{account: amount})
}

// reserve computes the amount for the last time and sets it aside.
func (a *acting) reserve(ctx context.Context) error {
	amount, t, refused, err := a.s.compute(ctx, a.tx, a.claim, a.st)
	if err != nil {
		return err
	}
	if len(refused) > 0 || !amount.Known {
		return errs.New(errs.Conflict, "pool.claim_asks", errs.A{"asks": fmt.Sprint(t.Asks)})
	}
	if a.claim.Trace, err = json.Marshal(t); err != nil {
		return err
	}
	a.claim.Year, a.claim.Amount, a.claim.RegimeHash = a.day()[:4], &amount.Low, t.Hash
	a.st.Hold = a.key("hold")
	evidence, err := a.allocation(ctx, amount.Low, t)
	if err != nil {
		return err
	}
	_, err = a.s.books.Reserve(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), ledger.Hold{
		Key: a.st.Hold, Debit: paidTo(a.claim.PoolID, a.claim.Year, a.claim.Mode), Credit: budget(a.claim.PoolID, a.claim.Year),
		Amount: amount.Low, Kind: "compensation", Ref: a.ref(), Evidence: evidence,
	})
	a.log = errs.A{"hold": a.st.Hold, "amount": amount.Low, "regime": t.Hash}
	return err
}

// Evidence is what a hold is made on: why the amount is owed, and why the year
// can bear it.
type Evidence struct {
	Trace      rules.Trace  `json:"trace"`
	Drawn      rules.Drawn  `json:"drawn"` // as the ledger stood before the hold
	Allocation []rules.Step `json:"allocation"`
}

func (a *acting) allocation(ctx context.Context, amount money.Fen, t rules.Trace) (json.RawMessage, error) {
	r, err := a.s.RegimeByHash(ctx, a.tx, a.claim.PoolID, t.Hash)
	if err != nil {
		return nil, err
	}
	d, err := a.s.drawn(ctx, a.tx, a.claim.PoolID, a.claim.Year, a.claim.MemberID, a.claim.Mode)
	if err != nil {
		return nil, err
	}
	_, steps, _ := rules.Allocate(r, a.claim.Mode, amount, d) // its guard has said yes
	return json.Marshal(Evidence{t, d, steps})
}

// pay settles the hold; the trace is the evidence of the posting.
func (a *acting) pay(ctx context.Context) error {
	if a.claim.Amount == nil {
		return errs.New(errs.Conflict, "pool.claim_nothing")
	}
	_, err := a.s.books.Settle(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), ledger.Settlement{
		Key: a.key("pay"), Hold: a.st.Hold, Amount: *a.claim.Amount, Kind: "compensation", Ref: a.ref(), Evidence: a.claim.Trace,
	})
	a.claim.Paid, a.claim.PaidOn = *a.claim.Amount, a.day()
	a.log = errs.A{"posting": a.key("pay"), "paid": a.claim.Paid}
	return err
}

// release gives the hold back. One that has ended already, by the ledger's
// clock or by other hands, is not ended twice: those who decide are told.
func (a *acting) release(ctx context.Context) error {
	ended, err := a.s.holdEnded(ctx, a.tx, a.file)
	if err != nil {
		return err
	}
	if ended {
		a.notices = lapseNotices(a.st.Hold)
	} else if err := a.s.books.Void(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), ledger.Release{Key: a.key("release"), Hold: a.st.Hold, Reason: a.in.Reason}); err != nil {
		return err
	}
	a.log = errs.A{"hold": a.st.Hold, "ended": ended}
	a.claim.Amount, a.claim.Year, a.st.Hold = nil, "", ""
	return nil
}

// recover shares what came back and posts the pool's part.
func (a *acting) recover(ctx context.Context) error {
	var in Recovery
	if err := a.in.Decode(&in); err != nil {
		return err
	}
	if in.Day == "" {
		in.Day = a.day()
	}
	s, err := a.s.shares(ctx, a.tx, a.claim, in)
	if err != nil {
		return err
	}
	if err := a.back(ctx, recovered(a.claim.PoolID, a.claim.Year), s.Pool, in.Day); err != nil {
		return err
	}
	a.claim.Returned, a.claim.Kept = a.claim.Returned+s.Pool, a.claim.Kept+s.Rest
	a.log = s
	return a.note(ctx, "recovery", in.Day, in.Gross, in.Costs, s, "")
}

// clawBack takes back what has not come back.
func (a *acting) clawBack(ctx context.Context) error {
	amount := rules.ClawBackAmount(a.claim.Paid, a.claim.Returned)
	if err := a.back(ctx, clawedBack(a.claim.PoolID, a.claim.Year), amount, ""); err != nil {
		return err
	}
	a.claim.Returned, a.claim.Active = a.claim.Paid, false
	a.log = errs.A{"clawed_back": amount}
	if err := a.note(ctx, "claw_back", a.day(), amount, 0, rules.Shares{Net: amount, Pool: amount}, a.in.Reason); err != nil {
		return err
	}
	return a.closed(ctx)
}

// back posts money that returns to the treasury.
func (a *acting) back(ctx context.Context, from string, amount money.Fen, day string) error {
	if amount == 0 {
		return nil
	}
	_, err := a.s.books.Post(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), ledger.Transaction{
		Key: a.key("back"), On: day, Kind: a.in.Action, Ref: a.ref(), Reason: a.in.Reason,
		Postings: []ledger.Posting{{Account: treasury(a.claim.PoolID), Amount: amount}, {Account: from, Amount: -amount}},
	})
	return err
}

func (a *acting) note(ctx context.Context, kind, day string, gross, costs money.Fen, s rules.Shares, ground string) error {
	_, err := a.tx.Exec(ctx, `INSERT INTO pool_recovery (claim_id, position, kind, day, gross, costs, pool, rest, ground, actor, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.claim.ID, a.file.Version, kind, day, gross, costs, s.Pool, s.Rest, ground, a.in.Actor.User, db.At(a.tx.Now()))
	return err
}

func (a *acting) closed(ctx context.Context) error {
	return a.s.moveLoan(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), a.claim.LoanID, "close", Closed, a.day())
}

// ended takes back what a claim that is not paid has moved.
func (a *acting) ended(ctx context.Context) error {
	a.claim.Active = false
	if a.st.LostYear != "" {
		if err := a.lose(ctx, -a.claim.Loss); err != nil {
			return err
		}
	}
	return a.s.moveLoan(ctx, a.tx, authorOf(a.in.Actor, a.in.Reason), a.claim.LoanID, "reopen", NPL, a.day())
}
