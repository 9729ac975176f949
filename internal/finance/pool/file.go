package pool

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/source"
)

// Filing is a bank's table of loans to be registered.
type Filing struct {
	PoolID   string
	BankID   string
	SourceID string
	Day      string // of registration where a row does not state one; "" is today
	Table    *Table
	DryRun   bool
}

// Verdict is what became of one row. Row counts as a spreadsheet does: the
// headings are row 1.
type Verdict struct {
	Row    int             `json:"row"`
	LoanID string          `json:"loan_id,omitempty"`
	Result registry.Result `json:"result"`
	Asks   []string        `json:"asks,omitempty"` // facts that a claim would need
	Err    error           `json:"-"`
}

// Report is what a filing or a report of progress did, or would do.
type Report struct {
	BatchID   string        `json:"batch_id"`
	Rows      []Verdict     `json:"rows"`
	Counts    source.Counts `json:"counts"`
	Principal money.Fen     `json:"principal"` // of the loans registered
	DryRun    bool          `json:"dry_run"`
}

// errDry rolls a dry run back.
var errDry = errors.New("dry run")

// File registers the loans of a table: each row is taken or rejected with its
// reason. The same file again changes nothing. A dry run is the same transaction
// rolled back, so its report is the real one's.
func (s *Service) File(ctx context.Context, by change.Author, f Filing) (Report, error) {
	if err := f.Table.need("contract", "borrower", "principal", "lent"); err != nil {
		return Report{}, err
	}
	var out Report
	err := s.d.InTx(ctx, func(tx *db.Tx) error {
		w := &filing{s: s, tx: tx, by: by, in: f, rep: Report{DryRun: f.DryRun}}
		if err := w.run(ctx); err != nil {
			return err
		}
		out = w.rep
		if f.DryRun {
			return errDry
		}
		return nil
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return out, err
}

// filing is one run of File.
type filing struct {
	s       *Service
	tx      *db.Tx
	by      change.Author
	in      Filing
	pool    Pool
	regimes []rules.Regime
	members map[string]Member // by id
	byName  map[string]string // guarantors by name key
	started db.Time

	loans  []Loan // by row; only those not rejected are written
	stored map[string]Loan
	orgs   map[string]string               // organisation by credit code
	sums   map[string]map[string]money.Fen // year → borrower → principal
	room   map[string]*money.Fen           // year → quota left of the bank, nil where none is set
	rep    Report
}

func (w *filing) run(ctx context.Context) error {
	if err := change.Hold(ctx, w.tx); err != nil {
		return err
	}
	if err := w.load(ctx); err != nil {
		return err
	}
	w.by.BatchID = db.NewID("batch")
	w.rep.BatchID, w.started = w.by.BatchID, db.At(w.tx.Now())
	w.read()
	if err := w.gather(ctx); err != nil {
		return err
	}
	for i := range w.loans {
		w.judge(i)
	}
	return w.write(ctx)
}

func (w *filing) load(ctx context.Context) (err error) {
	if w.pool, err = w.s.Get(ctx, w.tx, w.in.PoolID); err != nil {
		return err
	}
	if w.regimes, err = w.s.Regimes(ctx, w.tx, w.in.PoolID); err != nil {
		return err
	}
	list, err := w.s.Members(ctx, w.tx, w.in.PoolID)
	if err != nil {
		return err
	}
	w.members, w.byName = map[string]Member{}, map[string]string{}
	for _, m := range list {
		w.members[m.ID] = m
		if m.Party == rules.Guarantor {
			w.byName[nameKey(m.Name)], w.byName[m.Key] = m.ID, m.ID
		}
	}
	if m, ok := w.members[w.in.BankID]; !ok || m.Party != rules.Bank {
		return errs.New(errs.NotFound, "pool.no_member", errs.A{"member": w.in.BankID})
	}
	if w.in.Day == "" {
		w.in.Day = today(w.tx.Now())
	}
	return nil
}

func (w *filing) reject(i int, err error) {
	w.rep.Rows[i].Result, w.rep.Rows[i].Err = registry.Rejected, err
}

// read turns rows into loans; what is unreadable is rejected with all its faults.
func (w *filing) read() {
	t := w.in.Table
	w.loans, w.rep.Rows = make([]Loan, len(t.Rows)), make([]Verdict, len(t.Rows))
	seen := map[string]int{}
	for i, row := range t.Rows {
		w.rep.Rows[i].Row = i + 2
		l, faults := w.loan(row)
		w.loans[i] = l
		if len(faults) > 0 {
			w.reject(i, faults)
			continue
		}
		if first, again := seen[l.contractKey]; again {
			w.reject(i, errs.New(errs.Conflict, "pool.row_twice", errs.A{"contract": l.Contract, "row": first}))
			continue
		}
		seen[l.contractKey] = i + 2
		w.rep.Rows[i].LoanID = l.ID
	}
}

// loan reads one row.
func (w *filing) loan(row []string) (Loan, errs.List) {
	r := &reader{t: w.in.Table, row: row}
	l := Loan{PoolID: w.in.PoolID, BankID: w.in.BankID, SourceID: w.in.SourceID, BatchID: w.by.BatchID, Mode: rules.ByBank, Risk: rules.Normal, Version: 1}
	l.Contract, l.Borrower = r.text("contract", true), r.text("borrower", true)
	l.CreditCode = r.creditCode()
	l.Class = oneOf(r, "class", classWords)
	l.Local = r.tri("local")
	l.Principal, l.Months = r.principal(), r.months()
	l.LentOn, l.DueOn, l.RegisteredOn = r.day("lent", true), r.day("due", false), r.day("registered", false)
	if l.RegisteredOn == "" {
		l.RegisteredOn = w.in.Day
	}
	if m := oneOf(r, "mode", modeWords); m != "" {
		l.Mode = m
	}
	if l.DueOn != "" && l.DueOn < l.LentOn {
		r.fault("pool.row_days", "due")
	}
	if l.RegisteredOn < l.LentOn || l.RegisteredOn > today(w.tx.Now()) {
		r.fault("pool.row_registered", "registered")
	}
	w.guarantor(r, &l)
	for _, m := range rules.Marks {
		if v := r.tri(m); v != rules.Unknown {
			if l.Marks == nil {
				l.Marks = map[string]rules.Tri{}
			}
			l.Marks[m] = v
		}
	}
	l.Status, l.StatusOn, l.RiskOn, l.Outstanding = Registered, l.RegisteredOn, l.RegisteredOn, &l.Principal
	principal := l.Principal
	l.Outstanding = &principal
	l.settle()
	if l.Contract != "" && l.contractKey == "" {
		r.fault("pool.row_value", "contract")
	}
	l.ID = db.DerivedID("loan", l.PoolID, l.BankID, l.contractKey)
	return l, r.faults
}

func (w *filing) guarantor(r *reader, l *Loan) {
	name := r.text("guarantor", l.Mode == rules.ByGuarantor)
	if name == "" {
		return
	}
	if l.Mode != rules.ByGuarantor { // one loan, one mode
		r.fault("pool.row_bank_mode", "guarantor")
		return
	}
	id, known := w.byName[name]
	if !known {
		id, known = w.byName[twice.Name(name)]
	}
	if !known {
		r.fault("pool.row_guarantor", "guarantor")
		return
	}
	l.GuarantorID = id
}

// gather reads what the rows are compared with, by few statements.
func (w *filing) gather(ctx context.Context) error {
	var keys, codes []string
	years := map[string]map[string]bool{} // year → borrowers
	for i, l := range w.loans {
		if w.rep.Rows[i].Err == nil {
			keys = append(keys, l.contractKey)
			year := l.RegisteredOn[:4]
			if years[year] == nil {
				years[year] = map[string]bool{}
			}
			years[year][l.borrowerKey] = true
			if l.CreditCode != "" {
				codes = append(codes, l.CreditCode)
			}
		}
	}
	w.stored = map[string]Loan{}
	for part := range slices.Chunk(keys, 500) {
		list, err := db.Collect(ctx, w.tx, scanLoan, "SELECT "+loanRead+" FROM pool_loan WHERE pool_id = $1 AND bank_id = $2 AND contract_key IN ("+db.In(3, len(part))+")", args(part, w.in.PoolID, w.in.BankID)...)
		if err != nil {
			return err
		}
		for _, l := range list {
			w.stored[l.contractKey] = l
		}
	}
	w.orgs = map[string]string{}
	for part := range slices.Chunk(codes, 500) {
		ids, err := registry.IDsByIdentifier(ctx, w.tx, identifier.USCC, part)
		if err != nil {
			return err
		}
		maps.Copy(w.orgs, ids)
	}
	return w.totals(ctx, years)
}

func args(list []string, first ...any) []any {
	for _, v := range list {
		first = append(first, v)
	}
	return first
}

// totals reads what the borrowers of the table and the bank have registered in
// each of its years.
func (w *filing) totals(ctx context.Context, years map[string]map[string]bool) error {
	w.sums, w.room = map[string]map[string]money.Fen{}, map[string]*money.Fen{}
	for _, y := range sortedKeys(years) {
		w.sums[y] = map[string]money.Fen{}
		for part := range slices.Chunk(sortedKeys(years[y]), 500) {
			err := db.Each(ctx, w.tx, func(sc db.Scan) error {
				var key string
				var sum money.Fen
				err := sc(&key, &sum)
				w.sums[y][key] = sum
				return err
			}, "SELECT borrower_key, CAST(SUM(principal) AS BIGINT) FROM pool_loan WHERE pool_id = $1 AND year = $2 AND status NOT IN ('withdrawn', 'rejected') AND borrower_key IN ("+db.In(3, len(part))+") GROUP BY borrower_key", args(part, w.in.PoolID, y)...)
			if err != nil {
				return err
			}
		}
		quota, set, err := db.Value[money.Fen](ctx, w.tx, "SELECT amount FROM pool_quota WHERE member_id = $1 AND year = $2", w.in.BankID, y)
		if err != nil || !set {
			if err != nil {
				return err
			}
			continue
		}
		used, _, err := db.Value[money.Fen](ctx, w.tx, "SELECT CAST(COALESCE(SUM(principal), 0) AS BIGINT) FROM pool_loan WHERE pool_id = $1 AND bank_id = $2 AND year = $3 AND status NOT IN ('withdrawn', 'rejected')", w.in.PoolID, w.in.BankID, y)
		if err != nil {
			return err
		}
		left := quota - used
		w.room[y] = &left
	}
	return nil
}

// judge decides on one readable row.
func (w *filing) judge(i int) {
	v, l := &w.rep.Rows[i], &w.loans[i]
	if v.Err != nil {
		return
	}
	l.BorrowerID = w.orgs[l.CreditCode]
	if old, there := w.stored[l.contractKey]; there {
		w.compare(i, &old)
		return
	}
	year := l.RegisteredOn[:4]
	sum, err := money.Add(w.sums[year][l.borrowerKey], l.Principal)
	if err != nil {
		w.reject(i, err)
		return
	}
	if left := w.room[year]; left != nil && l.Principal > *left {
		w.reject(i, errs.New(errs.Conflict, "pool.row_quota", errs.A{"year": year, "left": left.String(), "amount": l.Principal.String()}))
		return
	}
	refused, asks, err := w.admit(l, sum)
	if err != nil {
		w.reject(i, err)
		return
	}
	if len(refused) > 0 {
		w.reject(i, refusals(refused))
		return
	}
	v.Result, v.Asks = registry.Created, asks
	w.sums[year][l.borrowerKey] = sum
	if left := w.room[year]; left != nil {
		*left -= l.Principal
	}
	w.rep.Principal += l.Principal
}

// admit asks the regime of the day of registration. Of some regimes only the year
// is known in which they began: a loan of that year is taken, and the regime is
// what a claim will ask for.
func (w *filing) admit(l *Loan, sum money.Fen) (refused []rules.Refusal, asks []string, err error) {
	regime, err := rules.Governing(w.regimes, rules.Registration, l.RegisteredOn, "")
	if errors.Is(err, &errs.Error{Kind: errs.Precondition, Key: "pool.governing_unsure"}) {
		return nil, []string{"regime"}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	f := l.facts()
	f.YearLoans, f.OtherMode = &sum, rules.No
	_, refused, asks = rules.Admit(regime, f)
	return refused, asks, nil
}

// compare holds a row against the loan that is there under its contract.
func (w *filing) compare(i int, old *Loan) {
	l := &w.loans[i]
	switch {
	case old.Mode != l.Mode:
		w.reject(i, errs.New(errs.Conflict, "pool.row_other_mode", errs.A{"contract": l.Contract, "mode": string(old.Mode)}))
	case old.Principal == l.Principal && old.LentOn == l.LentOn && old.borrowerKey == l.borrowerKey:
		w.rep.Rows[i].Result = registry.Unchanged
	default:
		w.reject(i, errs.New(errs.Conflict, "pool.row_contract", errs.A{"contract": l.Contract}))
	}
}

// refusals are the refusals of a rule as errors, each in its sentence.
func refusals(list []rules.Refusal) error {
	var out errs.List
	for _, r := range list {
		out = append(out, errs.New(errs.Conflict, r.Key, r.Args, errs.A{"rule": r.Rule}))
	}
	return out.Err()
}

// facts are what is known of a loan by itself.
func (l *Loan) facts() rules.Facts {
	principal := l.Principal
	return rules.Facts{
		Mode: l.Mode, Principal: &principal, Local: l.Local, Class: l.Class, Marks: l.Marks, Months: l.Months,
		Lent: l.LentOn, Registered: l.RegisteredOn, NPL: l.NPLOn, Risk: l.Risk,
	}
}

func (w *filing) write(ctx context.Context) error {
	var loans, steps [][]any
	var entries []change.Entry
	sums := map[string]money.Fen{}
	now := db.At(w.tx.Now())
	for i := range w.loans {
		v, l := w.rep.Rows[i], &w.loans[i]
		w.count(v.Result)
		if v.Result != registry.Created {
			continue
		}
		loans = append(loans, l.row(now))
		steps = append(steps, l.step("register", l.RegisteredOn, w.by.Actor, l.SourceID, l.BatchID, now))
		e, err := change.New(w.by, KindLoan, l.ID, change.Create, nil, l)
		if err != nil {
			return err
		}
		entries = append(entries, e)
		sums[registered(l.PoolID, l.RegisteredOn[:4], l.memberID())] += l.Principal
	}
	if err := db.InsertMany(ctx, w.tx, "pool_loan("+loanColumns+")", "", loans); err != nil {
		return err
	}
	if err := db.InsertMany(ctx, w.tx, "pool_loan_step("+stepColumns+")", "", steps); err != nil {
		return err
	}
	if err := change.Append(ctx, w.tx, entries...); err != nil {
		return err
	}
	if err := w.s.watch(ctx, w.tx, w.by, w.in.PoolID, w.by.BatchID, "batch/"+w.by.BatchID, "", sums); err != nil {
		return err
	}
	return w.batch(ctx)
}

func (w *filing) count(r registry.Result) {
	w.rep.Counts.Read++
	switch r {
	case registry.Created:
		w.rep.Counts.Created++
	case registry.Updated:
		w.rep.Counts.Updated++
	case registry.Unchanged:
		w.rep.Counts.Unchanged++
	default:
		w.rep.Counts.Rejected++
	}
}

func (w *filing) batch(ctx context.Context) error {
	return source.PutBatch(ctx, w.tx, source.Batch{
		ID: w.by.BatchID, SourceID: w.in.SourceID, Importer: "pool-loans", FileName: w.in.Table.Name, FileSHA256: w.in.Table.SHA256, State: source.Done,
		Counts: w.rep.Counts, Actor: w.by.Actor, StartedAt: w.started, FinishedAt: db.At(w.tx.Now()),
	})
}

// Say writes the reason of a rejected row in a language, on one line.
func Say(l i18n.Lang) func(error) string {
	return func(err error) string { return strings.ReplaceAll(i18n.Error(l, err), "\n", "; ") }
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
