package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
)

type poolFlags struct {
	pool, bank, source, day, status, year, rejected string
	limit                                           int
	dry                                             bool
	try                                             tryFlags
}

func poolCommand() command {
	return command{
		name: "pool",
		args: "list | show | loans | file FILE | progress FILE | claims | claim ID | replay ID | breakers | doubles | try",
		summary: i18n.Text{ZH: "风险补偿资金池：敞口、批量入库（先预演）、补偿申请与依据、熔断、重复申请、试算",
			EN: "risk pools: exposure, file loans in bulk (dry run first), claims with their trace, breakers, doubles, what-if"},
		example: "kapok pool file loans.xlsx --bank b1 --source bank-report --dry-run --rejected rejected.csv\nkapok pool breakers --year 2026\nkapok pool replay claim-3kq9\n" +
			"kapok pool try --mode bank --principal 5010000 --loss 5010000 --class small_micro --registered 2026-01-15\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f poolFlags
			fs.StringVar(&f.pool, "pool", "", "")
			fs.StringVar(&f.bank, "bank", "", "")
			fs.StringVar(&f.source, "source", "", "")
			fs.StringVar(&f.day, "day", "", "")
			fs.StringVar(&f.status, "status", "", "")
			fs.StringVar(&f.year, "year", "", "")
			fs.StringVar(&f.rejected, "rejected", "", "")
			fs.IntVar(&f.limit, "limit", 50, "")
			fs.BoolVar(&f.dry, "dry-run", false, "")
			f.try.flags(fs)
			return func(ctx context.Context, s *session, args []string) error {
				one := func(run func(context.Context, *app.App, *poolFlags, pool.Pool) error) func(context.Context, *app.App, []string) error {
					return func(ctx context.Context, a *app.App, _ []string) error {
						p, err := onePool(ctx, a, f.pool)
						if err != nil {
							return err
						}
						return run(ctx, a, &f, p)
					}
				}
				return s.act(ctx, cfg(s), args,
					deed{word: "list", run: func(ctx context.Context, a *app.App, _ []string) error { return s.poolList(ctx, a) }},
					deed{word: "show", run: one(s.poolShow)}, deed{word: "loans", run: one(s.poolLoans)},
					deed{word: "file", args: []string{"FILE"}, run: func(ctx context.Context, a *app.App, args []string) error {
						return s.poolFile(ctx, a, &f, args[0], a.Pools.File)
					}},
					deed{word: "progress", args: []string{"FILE"}, run: func(ctx context.Context, a *app.App, args []string) error {
						return s.poolFile(ctx, a, &f, args[0], a.Pools.FileProgress)
					}},
					deed{word: "claims", run: one(s.poolClaims)},
					deed{word: "claim", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.poolClaim(ctx, a, args[0]) }},
					deed{word: "replay", args: []string{"ID"}, run: func(ctx context.Context, a *app.App, args []string) error { return s.poolReplay(ctx, a, args[0]) }},
					deed{word: "breakers", run: one(s.poolBreakers)}, deed{word: "doubles", run: one(s.poolDoubles)}, deed{word: "try", run: one(s.poolTry)},
				)
			}
		},
	}
}

// onePool is the pool of an id or a key, or the only one there is.
func onePool(ctx context.Context, a *app.App, word string) (pool.Pool, error) {
	all, err := a.Pools.Pools(ctx, a.DB)
	if err != nil {
		return pool.Pool{}, err
	}
	if word == "" && len(all) == 1 {
		return all[0], nil
	}
	var keys []string
	for _, p := range all {
		if p.ID == word || p.Key == word {
			return p, nil
		}
		keys = append(keys, p.Key)
	}
	if word == "" && len(all) > 1 {
		return pool.Pool{}, errs.New(errs.Invalid, "cli.pool_which", errs.A{"known": strings.Join(keys, ", ")})
	}
	return pool.Pool{}, errs.New(errs.NotFound, "cli.pool_none", errs.A{"pool": word, "known": strings.Join(keys, ", ")})
}

func (s *session) poolList(ctx context.Context, a *app.App) error {
	all, err := a.Pools.Pools(ctx, a.DB)
	if err != nil {
		return err
	}
	return s.asDone(append([]pool.Pool{}, all...), func() {
		s.empty(len(all))
		for _, p := range all {
			s.cells(p.ID, p.Key, p.Place, s.text(p.Name))
		}
	})
}

func (s *session) poolShow(ctx context.Context, a *app.App, f *poolFlags, p pool.Pool) error {
	year := first(f.year, today(a.DB)[:4])
	budget, funded, err := a.Pools.Budget(ctx, a.DB, p.ID, year)
	if err != nil {
		return err
	}
	sum, err := a.Pools.SumLoans(ctx, a.DB, pool.LoanFilter{PoolID: p.ID, Status: "counted"})
	if err != nil {
		return err
	}
	ages, err := a.Pools.Ageing(ctx, a.DB, p.ID)
	if err != nil {
		return err
	}
	return s.asDone(map[string]any{"pool": p, "loans": sum, "ageing": ages, "budget": budget, "funded": funded}, func() {
		s.say("cli.pool_sheet", errs.A{"name": s.text(p.Name), "loans": sum.Loans, "borrowers": sum.Borrowers, "principal": sum.Principal.String(), "outstanding": sum.Outstanding.String(), "unknown": sum.Unknown})
		if funded {
			s.say("cli.pool_budget", errs.A{"year": year, "free": budget.Free.String(), "reserved": budget.Reserved.String(), "paid": budget.Paid.String(), "recovered": budget.Recovered.String()})
		} else {
			s.say("cli.pool_unfunded", errs.A{"year": year})
		}
		for _, x := range ages {
			s.cells(fmt.Sprintf("%-12s %-12s %8d %22s", x.Status, x.Risk, x.Loans, x.Outstanding))
		}
	})
}

// bankOf is the member that a word names: an id, or the key of a bank.
func bankOf(ctx context.Context, a *app.App, poolID, word string) (string, error) {
	if word == "" {
		return "", nil
	}
	list, err := a.Pools.Members(ctx, a.DB, poolID)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(list, func(m pool.Member) bool { return m.ID == word || m.Party == rules.Bank && m.Key == word })
	if at < 0 {
		return "", errs.New(errs.NotFound, "pool.no_member", errs.A{"member": word})
	}
	return list[at].ID, nil
}

func (s *session) poolLoans(ctx context.Context, a *app.App, f *poolFlags, p pool.Pool) error {
	bank, err := bankOf(ctx, a, p.ID, f.bank)
	if err != nil {
		return err
	}
	list, err := a.Pools.Loans(ctx, a.DB, pool.LoanFilter{PoolID: p.ID, BankID: bank, Status: f.status, Year: f.year, Limit: f.limit})
	if err != nil {
		return err
	}
	return s.asDone(append([]pool.Loan{}, list...), func() {
		s.empty(len(list))
		for i := range list {
			l := &list[i]
			s.cells(l.ID, fmt.Sprintf("%-10s %-11s %20s", l.Status, l.Risk, l.Principal), l.Contract, l.Borrower)
		}
	})
}

// filer files a table.
type filer func(ctx context.Context, by change.Author, f pool.Filing) (pool.Report, error)

func (s *session) poolFile(ctx context.Context, a *app.App, f *poolFlags, name string, file filer) error {
	if f.bank == "" || f.source == "" {
		return errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": "--bank BANK --source SOURCE"})
	}
	p, err := onePool(ctx, a, f.pool)
	if err != nil {
		return err
	}
	bank, err := bankOf(ctx, a, p.ID, f.bank)
	if err != nil {
		return err
	}
	in, err := os.Open(name)
	if err != nil {
		return unreadable(err, name)
	}
	defer in.Close()
	t, err := pool.ReadTable(filepath.Base(name), in)
	if err != nil {
		return err
	}
	rep, err := file(ctx, change.Author{Actor: "cli"}, pool.Filing{PoolID: p.ID, BankID: bank, SourceID: f.source, Day: f.day, Table: t, DryRun: f.dry})
	if err != nil {
		return err
	}
	if f.rejected != "" {
		if err := s.result(f.rejected, func(w io.Writer) error { return t.WriteRejected(w, formatOf(f.rejected), rep, pool.Say(s.lang)) }); err != nil {
			return err
		}
	}
	return s.asDone(rep, func() { s.filed(&rep, f.dry) })
}

func (s *session) filed(rep *pool.Report, dry bool) {
	counts := map[registry.Result]int{}
	for _, v := range rep.Rows {
		counts[v.Result]++
		if v.Err != nil {
			s.say("cli.pool_row", errs.A{"row": v.Row, "why": pool.Say(s.lang)(v.Err)})
		}
	}
	key := "cli.pool_filed"
	if dry {
		key = "cli.pool_dry"
	}
	s.say(key, errs.A{"rows": len(rep.Rows), "created": counts[registry.Created], "changed": counts[registry.Updated], "same": counts[registry.Unchanged],
		"rejected": counts[registry.Rejected], "principal": rep.Principal.String(), "batch": rep.BatchID})
}

func (s *session) poolClaims(ctx context.Context, a *app.App, f *poolFlags, p pool.Pool) error {
	list, err := a.Pools.ListClaims(ctx, a.DB, pool.ClaimFilter{PoolID: p.ID, State: f.status, Year: f.year, Limit: f.limit})
	if err != nil {
		return err
	}
	return s.asDone(append([]pool.Claim{}, list...), func() {
		s.empty(len(list))
		for i := range list {
			c := &list[i]
			s.cells(c.ID, fmt.Sprintf("%-16s %20s %20s", c.State, c.Loss, yuan(c.Amount)), c.Contract, c.Borrower)
		}
	})
}

func (s *session) poolClaim(ctx context.Context, a *app.App, id string) error {
	c, err := a.Pools.Claim(ctx, a.DB, id)
	if err != nil {
		return err
	}
	return s.asDone(c, func() {
		s.say("cli.pool_claim", errs.A{"id": c.ID, "borrower": c.Borrower, "contract": c.Contract, "state": c.State, "loss": c.Loss.String(), "amount": yuan(c.Amount),
			"paid": c.Paid.String(), "returned": c.Returned.String(), "case": c.CaseID})
		var t rules.Trace
		d := json.NewDecoder(bytes.NewReader(c.Trace))
		d.UseNumber()
		if d.Decode(&t) == nil {
			s.trace(&t)
		}
	})
}

// trace says each step of a computation in a sentence.
func (s *session) trace(t *rules.Trace) {
	for _, st := range t.Steps {
		s.cells("·", strings.TrimSpace(st.Rule+" "+st.Article), s.step(st.Key, st.Args))
	}
	for _, r := range t.Refused {
		s.cells("✗", strings.TrimSpace(r.Rule+" "+r.Article), s.step(r.Key, r.Args))
	}
	if len(t.Asks) > 0 {
		s.say("cli.pool_asks", errs.A{"asks": strings.Join(t.Asks, ", ")})
	}
}

// step is what a step says, with the reader's words for its values.
func (s *session) step(key string, args errs.A) string {
	out := errs.A{}
	for name, value := range args {
		out[name] = value
		if text, ok := value.(string); ok {
			if word := rules.WordKey(name, text); word != "" && i18n.Has(word) {
				out[name] = i18n.T(s.lang, word)
			}
		}
	}
	return i18n.T(s.lang, key, out)
}

func (s *session) poolReplay(ctx context.Context, a *app.App, id string) error {
	c, err := a.Pools.Claim(ctx, a.DB, id)
	if err != nil {
		return err
	}
	amount, err := a.Pools.Replay(ctx, a.DB, c)
	if err != nil {
		return err
	}
	return s.asDone(amount, func() { s.say("cli.pool_replayed", errs.A{"claim": c.ID, "amount": s.amountOf(amount)}) })
}

// amountOf is an amount, or its bounds where it is not known.
func (s *session) amountOf(a rules.Amount) string {
	if a.Known {
		return a.Low.String()
	}
	return a.Low.String() + " … " + yuan(a.High)
}

func (s *session) poolBreakers(ctx context.Context, a *app.App, f *poolFlags, p pool.Pool) error {
	list, err := a.Pools.Breakers(ctx, a.DB, p.ID, first(f.year, today(a.DB)[:4]))
	if err != nil {
		return err
	}
	return s.asDone(append([]pool.BreakerState{}, list...), func() {
		s.empty(len(list))
		for i := range list {
			b := &list[i]
			limit := unknownText
			if b.Limit != nil {
				limit = fmt.Sprintf("%.2f%%", float64(*b.Limit)/1e4)
			}
			s.cells(i18n.T(s.lang, "cli.pool_over_"+b.Over.String()), fmt.Sprintf("%-10s %20s %20s  > %s", b.Member.Party, b.Lost, b.Registered, limit), s.text(b.Member.Name))
		}
	})
}

func (s *session) poolDoubles(ctx context.Context, a *app.App, _ *poolFlags, p pool.Pool) error {
	list, err := a.Pools.AllDoubles(ctx, a.DB, p.ID)
	if err != nil {
		return err
	}
	return s.asDone(append([]twice.Hit{}, list...), func() {
		s.empty(len(list))
		for _, h := range list {
			reasons := make([]string, len(h.Reasons))
			for i, r := range h.Reasons {
				reasons[i] = string(r)
			}
			s.cells(fmt.Sprintf("%3d", h.Score), h.A, h.Scheme+"/"+h.B, strings.Join(reasons, " "))
		}
	})
}

// tryFlags are the facts of a loan that may not exist. What is left out is not
// known.
type tryFlags struct {
	regime, mode, principal, loss, unpaid, class, marks, lacks, local, paid, lawsuit, risk, lent, registered, npl, claimed string
	yearLoans, badLoans                                                                                                    string
	months                                                                                                                 int64
}

func (t *tryFlags) flags(fs *flag.FlagSet) {
	for name, to := range map[string]*string{"regime": &t.regime, "mode": &t.mode, "principal": &t.principal, "loss": &t.loss, "unpaid": &t.unpaid, "class": &t.class, "marks": &t.marks, "lacks": &t.lacks,
		"local": &t.local, "guarantor-paid": &t.paid, "lawsuit": &t.lawsuit, "risk": &t.risk, "lent": &t.lent, "registered": &t.registered, "npl": &t.npl, "claimed": &t.claimed,
		"year-loans": &t.yearLoans, "bad-loans": &t.badLoans} {
		fs.StringVar(to, name, "", "")
	}
	fs.Int64Var(&t.months, "months", 0, "")
}

func (t *tryFlags) facts() (rules.Facts, error) {
	f := rules.Facts{Mode: rules.Mode(first(t.mode, string(rules.ByBank))), Class: rules.Class(t.class), Risk: rules.Risk(t.risk), Lent: t.lent, Registered: t.registered, NPL: t.npl, Claimed: t.claimed, Marks: map[string]rules.Tri{}}
	for flag, to := range map[string]struct {
		text string
		to   **money.Fen
	}{"principal": {t.principal, &f.Principal}, "loss": {t.loss, &f.Loss}, "unpaid": {t.unpaid, &f.Unpaid}, "year-loans": {t.yearLoans, &f.YearLoans}, "bad-loans": {t.badLoans, &f.BadLoans}} {
		if to.text == "" {
			continue
		}
		v, err := money.Parse(to.text)
		if err != nil {
			return f, errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "pool", "flag": flag, "value": to.text})
		}
		*to.to = &v
	}
	for flag, to := range map[string]struct {
		text string
		to   *rules.Tri
	}{"local": {t.local, &f.Local}, "guarantor-paid": {t.paid, &f.Guaranteed}, "lawsuit": {t.lawsuit, &f.Lawsuit}} {
		if err := to.to.UnmarshalText([]byte(to.text)); err != nil {
			return f, errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "pool", "flag": flag, "value": to.text})
		}
	}
	for verdict, text := range map[rules.Tri]string{rules.Yes: t.marks, rules.No: t.lacks} {
		for _, m := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
			if !slices.Contains(rules.Marks, m) {
				return f, errs.New(errs.Invalid, "cli.flag_bad_value", errs.A{"command": "pool", "flag": "marks", "value": m})
			}
			f.Marks[m] = verdict
		}
	}
	if t.months > 0 {
		f.Months = &t.months
	}
	return f, nil
}

func (s *session) poolTry(ctx context.Context, a *app.App, f *poolFlags, p pool.Pool) error {
	facts, err := f.try.facts()
	if err != nil {
		return err
	}
	facts.Claimed = first(facts.Claimed, a.DB.Now().UTC().Format(time.DateOnly)) // a claim made today
	amount, t, err := a.Pools.Try(ctx, a.DB, p.ID, f.try.regime, facts)
	if err != nil {
		return err
	}
	return s.asDone(map[string]any{"amount": amount, "trace": t}, func() {
		s.trace(&t)
		s.say("cli.pool_tried", errs.A{"regime": t.Regime, "amount": s.amountOf(amount)})
	})
}
