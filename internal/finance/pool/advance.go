package pool

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

// Progress is how a loan stands on a day, as its bank reports it. The class is
// the worse of what the bank says and what the days overdue bring about.
type Progress struct {
	LoanID       string
	Day          string
	Outstanding  *money.Fen // nil: as before
	OverdueSince string     // "" when not overdue
	Risk         rules.Risk // "" when the bank says nothing
}

// Advance writes the progress of loans in the caller's transaction: a verdict
// for each, in their order. A report older than the last one, or one that the
// life of a loan has no way to, is rejected and keeps nobody out.
func (s *Service) Advance(ctx context.Context, tx *db.Tx, by change.Author, poolID, sourceID string, list []Progress) ([]Verdict, error) {
	if err := change.Hold(ctx, tx); err != nil {
		return nil, err
	}
	regimes, err := s.Regimes(ctx, tx, poolID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.LoanID
	}
	loans, err := loansByID(ctx, tx, poolID, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Verdict, len(list))
	var rows, steps [][]any
	var entries []change.Entry
	now := db.At(tx.Now())
	for i, p := range list {
		out[i] = Verdict{Row: i + 2, LoanID: p.LoanID, Result: registry.Rejected}
		old, there := loans[p.LoanID]
		if !there {
			out[i].Err = errs.New(errs.NotFound, "pool.no_loan", errs.A{"loan": p.LoanID})
			continue
		}
		l, action, err := s.moved(regimes, old, p, today(tx.Now()))
		if err != nil {
			out[i].Err = err
			continue
		}
		l.Version++
		rows, steps = append(rows, l.row(now)), append(steps, l.step(action, p.Day, by.Actor, sourceID, by.BatchID, now))
		e, err := change.New(by, KindLoan, l.ID, change.Update, old, l)
		if err != nil {
			return nil, err
		}
		entries, out[i].Result = append(entries, e), registry.Updated
		delete(loans, p.LoanID) // one report for a loan
	}
	if err := replaceLoans(ctx, tx, rows); err != nil {
		return nil, err
	}
	if err := db.InsertMany(ctx, tx, "pool_loan_step("+stepColumns+")", "", steps); err != nil {
		return nil, err
	}
	return out, change.Append(ctx, tx, entries...)
}

// moved returns the loan as a report leaves it, and the action that took it
// there.
func (s *Service) moved(regimes []rules.Regime, l Loan, p Progress, today string) (Loan, string, error) {
	overdue, err := overdueDays(p)
	switch {
	case err != nil:
		return l, "", err
	case p.Day < l.StatusOn || p.Day > today:
		return l, "", errs.New(errs.Conflict, "pool.report_old", errs.A{"day": p.Day, "last": l.StatusOn})
	case p.Outstanding != nil && (*p.Outstanding < 0 || *p.Outstanding > l.Principal):
		return l, "", errs.New(errs.Invalid, "pool.report_outstanding", errs.A{"amount": p.Outstanding.String(), "principal": l.Principal.String()})
	}
	risk, err := riskOf(regimes, l, p, overdue)
	if err != nil {
		return l, "", err
	}
	action, to := "activate", Active
	switch {
	case p.Outstanding != nil && *p.Outstanding == 0:
		action, to = "repay", Repaid
	case risk.NonPerforming():
		action, to = "fall_bad", NPL
	case overdue > 0:
		action, to = "fall_overdue", Overdue
	}
	if to == l.Status {
		action = "report"
	} else if s.life.Transition(l.Status, action) == nil {
		return l, "", errs.New(errs.Conflict, "pool.report_way", errs.A{"from": l.Status, "to": to})
	}
	if l.Risk != risk {
		l.Risk, l.RiskOn = risk, p.Day
	}
	switch {
	case to != NPL:
		l.NPLOn = ""
	case l.NPLOn == "":
		l.NPLOn = p.Day
	}
	l.Status, l.StatusOn, l.OverdueSince = to, p.Day, p.OverdueSince
	if p.Outstanding != nil {
		o := *p.Outstanding
		l.Outstanding = &o
	}
	return l, action, nil
}

// overdueDays is for how many days a loan has been overdue on the day of a
// report.
func overdueDays(p Progress) (int64, error) {
	day, err := time.Parse(time.DateOnly, p.Day)
	if err != nil {
		return 0, errs.New(errs.Invalid, "pool.report_day", errs.A{"day": p.Day})
	}
	if p.OverdueSince == "" {
		return 0, nil
	}
	since, err := time.Parse(time.DateOnly, p.OverdueSince)
	if err != nil || since.After(day) {
		return 0, errs.New(errs.Invalid, "pool.report_day", errs.A{"day": p.OverdueSince})
	}
	return int64(day.Sub(since) / (24 * time.Hour)), nil
}

// riskOf is the class of a loan: by the ladder of its regime where that has one,
// and as the bank says where that is worse.
func riskOf(regimes []rules.Regime, l Loan, p Progress, overdue int64) (rules.Risk, error) {
	risk := rules.Normal
	regime, err := rules.Governing(regimes, rules.Registration, l.RegisteredOn, "")
	if err == nil && regime.Ladder != nil {
		risk = regime.Ladder.Class(overdue)
	} else if p.Risk == "" && overdue > 0 {
		return "", errs.New(errs.Invalid, "pool.report_risk", errs.A{"loan": l.Contract})
	}
	if p.Risk != "" && !slices.Contains(rules.Risks, p.Risk) {
		return "", errs.New(errs.Invalid, "pool.field_word", errs.A{"field": "risk", "value": string(p.Risk)})
	}
	if p.Risk != "" && p.Risk.AtLeast(risk) {
		risk = p.Risk
	}
	return risk, nil
}

// loansByID reads loans of a pool. That they are of the pool is looked at
// afterwards: asked of the database beside the ids, it leads SQLite to read every
// loan of the pool.
func loansByID(ctx context.Context, q db.Querier, poolID string, ids []string) (map[string]Loan, error) {
	out := map[string]Loan{}
	for part := range slices.Chunk(ids, 500) {
		list, err := db.Collect(ctx, q, scanLoan, "SELECT "+loanRead+" FROM pool_loan WHERE id IN ("+db.In(1, len(part))+")", args(part)...)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			if l.PoolID == poolID {
				out[l.ID] = l
			}
		}
	}
	return out, nil
}

// replaceLoans writes loans anew under their ids.
func replaceLoans(ctx context.Context, tx *db.Tx, rows [][]any) error {
	return db.InsertMany(ctx, tx, "pool_loan("+loanColumns+")", `ON CONFLICT (id) DO UPDATE SET status = excluded.status, status_on = excluded.status_on, outstanding = excluded.outstanding,
		overdue_since = excluded.overdue_since, risk = excluded.risk, risk_on = excluded.risk_on, npl_on = excluded.npl_on, version = excluded.version, updated_at = excluded.updated_at`, rows)
}

// FileProgress is File for a bank's table of how its loans stand.
func (s *Service) FileProgress(ctx context.Context, by change.Author, f Filing) (Report, error) {
	if err := f.Table.need("contract", "day"); err != nil {
		return Report{}, err
	}
	var rep Report
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		by := by
		by.BatchID = db.NewID("batch")
		rep = Report{BatchID: by.BatchID, DryRun: f.DryRun, Rows: make([]Verdict, len(f.Table.Rows))}
		var list []Progress
		var at []int
		for i, row := range f.Table.Rows {
			p, faults := f.progress(row)
			rep.Rows[i] = Verdict{Row: i + 2, LoanID: p.LoanID, Result: registry.Rejected}
			if len(faults) > 0 {
				rep.Rows[i].Err = faults
				continue
			}
			list, at = append(list, p), append(at, i)
		}
		verdicts, err := s.Advance(ctx, tx, by, f.PoolID, f.SourceID, list)
		if err != nil {
			return err
		}
		for k, v := range verdicts {
			v.Row = at[k] + 2
			rep.Rows[at[k]] = v
		}
		w := &filing{s: s, tx: tx, by: by, in: f, rep: rep, started: db.At(tx.Now())}
		for _, v := range rep.Rows {
			w.count(v.Result)
		}
		rep = w.rep
		if err := w.batch(ctx); err != nil || !f.DryRun {
			return err
		}
		return errDry
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return rep, err
}

// progress reads one row of a table of progress.
func (f *Filing) progress(row []string) (Progress, errs.List) {
	r := &reader{t: f.Table, row: row}
	contract := r.text("contract", true)
	p := Progress{
		LoanID: db.DerivedID("loan", f.PoolID, f.BankID, twice.Contract(contract)),
		Day:    r.day("day", true), OverdueSince: r.day("overdue_since", false), Risk: oneOf(r, "risk", riskWords),
	}
	if text := r.text("outstanding", false); text != "" {
		o, err := money.Parse(strings.TrimSpace(text))
		if err != nil {
			r.fault("pool.row_amount", "outstanding")
		}
		p.Outstanding = &o
	}
	return p, r.faults
}

// PutForeign writes claims of other schemes, for the check against asking twice.
// One that is there already is passed over.
func (s *Service) PutForeign(ctx context.Context, tx *db.Tx, by change.Author, sourceID string, claims []twice.Claim) error {
	rows := make([][]any, len(claims))
	for i, c := range claims {
		if c.Scheme == "" || c.ID == "" || c.Scheme == ownScheme {
			return missing("scheme")
		}
		rows[i] = []any{
			db.DerivedID("foreign", c.Scheme, c.ID), c.Scheme, c.ID, null(c.Borrower), c.Name, twice.Name(c.Name), c.Contract, twice.Contract(c.Contract),
			c.Amount, c.Day, sourceID, by.BatchID, db.At(tx.Now()),
		}
	}
	return db.InsertMany(ctx, tx, "pool_foreign_claim(id, scheme, key, borrower_id, borrower, borrower_key, contract, contract_key, principal, lent_on, source_id, batch_id, created_at)", "ON CONFLICT DO NOTHING", rows)
}
