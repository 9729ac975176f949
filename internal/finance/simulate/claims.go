package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/finance/pool/twice"
	"github.com/kapok-city/kapok/internal/money"
)

// The people of the pool. Nobody acts on what he has done before.
var (
	maker   = casework.Actor{User: "sim-maker", Roles: []string{"pool.maker"}}
	checker = casework.Actor{User: "sim-checker", Roles: []string{"pool.checker"}}
	cashier = casework.Actor{User: "sim-cashier", Roles: []string{"pool.cashier"}}
)

// When banks file and report in the year of claims, and from when on claims are
// decided: before it the breakers have nothing to be measured by.
var (
	quarters = []string{"2024-01-31", "2024-03-31", "2024-06-30", "2024-09-30"}
	decides  = "2024-04-08"
)

// claimed is a claim on its way.
type claimed struct {
	loan  *loan
	claim pool.Claim
	file  casework.Case
}

// task is something that is done on a day.
type task struct {
	day string
	do  func(ctx context.Context) error
}

// clerk works off what is to be done, in the order of days.
type clerk struct {
	k      *desk
	r      draw
	tasks  []task
	double bool // the claim that another scheme knows has been tried
	clawed bool
}

// later puts a task off to a day; what would fall after the year is left undone.
func (w *clerk) later(day string, do func(ctx context.Context) error) {
	if day > "2024-12-30" {
		return
	}
	at, _ := slices.BinarySearchFunc(w.tasks, day, func(t task, day string) int {
		if t.day > day {
			return 1
		}
		return -1 // behind those of the same day
	})
	w.tasks = slices.Insert(w.tasks, at, task{day, do})
}

// claimYear runs 2024: the money of the year, quarterly filings, and claims for
// what goes bad.
func (k *desk) claimYear(ctx context.Context, r draw) error {
	guarantee := fundYear / 10
	err := k.c.in(ctx, "2024-01-02", func(tx *db.Tx) error {
		if err := k.c.pools.FundYear(ctx, tx, k.c.by, k.pool.ID, "2024", fundYear, &guarantee); err != nil {
			return err
		}
		for _, b := range k.banks {
			if err := k.c.pools.SetQuota(ctx, tx, k.c.by, b.ID, "2024", 40*money.Yi, SourceID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w := &clerk{k: k, r: r}
	for _, day := range quarters {
		w.later(day, func(ctx context.Context) error {
			if err := k.period(ctx, day, false); err != nil {
				return err
			}
			w.choose(day)
			return nil
		})
	}
	for len(w.tasks) > 0 {
		t := w.tasks[0]
		w.tasks = w.tasks[1:]
		k.c.at(t.day)
		if err := t.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", t.day, err)
		}
	}
	return k.period(ctx, lastDay, true)
}

// choose picks, of what is bad and has not been for long, what is claimed.
func (w *clerk) choose(day string) {
	for _, l := range w.k.c.loans {
		if l.status != "npl" || l.claimed || l.overdue < "2023-07-01" || !w.r.chance(0.8) {
			continue
		}
		l.claimed = true
		w.later(plus(day, w.r.between(2, 55)), func(ctx context.Context) error { return w.submit(ctx, l) })
	}
}

func (l *loan) claimant(k *desk) pool.Member {
	if l.guarantor >= 0 {
		return k.guar[l.guarantor]
	}
	return k.banks[l.bank]
}

func actorOf(m pool.Member) casework.Actor {
	return casework.Actor{User: m.Key, Roles: []string{"pool.bank"}}
}

func (w *clerk) submit(ctx context.Context, l *loan) error {
	c := w.k.c
	m := l.claimant(w.k)
	in := pool.Statement{LoanID: l.id, MemberID: m.ID, Lawsuit: rules.Is(w.r.chance(0.6)), SourceID: SourceID}
	if loss := l.left; l.guarantor >= 0 {
		in.Unpaid, in.Guaranteed = &loss, rules.Yes
	} else {
		in.Loss = &loss
	}
	known := !w.double && l.guarantor < 0
	if known { // a district has been asked for the same loss
		w.double = true
		if err := w.foreign(ctx, l); err != nil {
			return err
		}
	}
	claim, err := c.pools.Submit(ctx, actorOf(m), in)
	if known && errs.KindOf(err) == errs.Conflict {
		c.rep.Claims.Doubles++
		return nil
	}
	if err != nil {
		return err
	}
	c.rep.Claims.Submitted++
	x := &claimed{loan: l, claim: claim}
	if x.file, err = casework.Get(ctx, c.d, claim.CaseID); err != nil {
		return err
	}
	day := w.today()
	switch {
	case w.r.chance(0.03):
		w.later(plus(day, 6), func(ctx context.Context) error { return w.withdraw(ctx, x) })
	case w.r.chance(0.05):
		w.later(plus(day, 14), func(ctx context.Context) error { return w.reject(ctx, x) })
	default:
		w.later(plus(day, w.r.between(7, 18)), func(ctx context.Context) error { return w.check(ctx, x) })
	}
	return nil
}

func (w *clerk) today() string { return w.k.c.now.Format("2006-01-02") }

func (w *clerk) foreign(ctx context.Context, l *loan) error {
	return w.k.c.d.InTx(ctx, func(tx *db.Tx) error {
		return w.k.c.pools.PutForeign(ctx, tx, w.k.c.by, SourceID, []twice.Claim{
			{ID: "sim-district-1", Scheme: "模拟区级风险补偿", Name: l.firm.name, Contract: l.contract, Amount: l.amount, Day: l.lent, Borrower: l.firm.orgID},
		})
	})
}

// act does one step of a case. A refusal of a guard is told apart from a fault.
func (w *clerk) act(ctx context.Context, x *claimed, by casework.Actor, action, reason string, body any) (done bool, err error) {
	in := casework.Input{Reason: reason}
	if body != nil {
		if in.Body, err = json.Marshal(body); err != nil {
			return false, err
		}
	}
	file, err := w.k.c.cases.Do(ctx, by, x.claim.CaseID, x.file.Version, action, in)
	if err == nil {
		x.file = file
		return true, nil
	}
	if e := errs.Of(err); e != nil && (e.Key == "casework.guard" || e.Kind == errs.Conflict || e.Kind == errs.Precondition) {
		return false, nil
	}
	return false, err
}

// must is act where no guard can refuse.
func (w *clerk) must(ctx context.Context, x *claimed, by casework.Actor, action, reason string, body any) error {
	done, err := w.act(ctx, x, by, action, reason, body)
	if err == nil && !done {
		err = fmt.Errorf("%s of %s was refused", action, x.loan.contract)
	}
	return err
}

func (w *clerk) withdraw(ctx context.Context, x *claimed) error {
	w.k.c.rep.Claims.Withdrawn++
	return w.must(ctx, x, actorOf(x.loan.claimant(w.k)), "withdraw", "借款人已还款", nil)
}

func (w *clerk) reject(ctx context.Context, x *claimed) error {
	w.k.c.rep.Claims.Rejected++
	return w.must(ctx, x, checker, "reject", "材料不齐，限期未补", nil)
}

// check is the maker's: what a claim is like and is not is written down.
func (w *clerk) check(ctx context.Context, x *claimed) error {
	hits, err := w.k.c.pools.Doubles(ctx, w.k.c.d, x.claim)
	if err != nil {
		return err
	}
	said := pool.Check{Cleared: map[string]string{}}
	for _, h := range hits {
		said.Cleared[h.Scheme+"/"+h.B] = "借款人或合同不同，已核对合同原件"
	}
	if err := w.must(ctx, x, maker, "check", "", said); err != nil {
		return err
	}
	day := max(plus(w.today(), w.r.between(5, 18)), decides)
	w.later(day, func(ctx context.Context) error { return w.approve(ctx, x, true) })
	return nil
}

// approve reserves the money, or suspends the claim where a breaker is over. What
// is suspended is looked at again at the end of the year.
func (w *clerk) approve(ctx context.Context, x *claimed, again bool) error {
	done, err := w.act(ctx, x, checker, "approve", "", nil)
	if err != nil {
		return err
	}
	if done {
		w.later(plus(w.today(), w.r.between(4, 14)), func(ctx context.Context) error { return w.pay(ctx, x, true) })
		return nil
	}
	if done, err = w.act(ctx, x, checker, "suspend", "", nil); err != nil || !done {
		return err
	}
	w.k.c.rep.Claims.Suspended++
	if !again {
		return nil
	}
	w.later("2024-12-16", func(ctx context.Context) error {
		w.k.c.rep.Claims.Suspended--
		if err := w.must(ctx, x, maker, "resume", "年末复核", nil); err != nil {
			return err
		}
		return w.approve(ctx, x, false)
	})
	return nil
}

func (w *clerk) pay(ctx context.Context, x *claimed, again bool) error {
	done, err := w.act(ctx, x, cashier, "pay", "", nil)
	if err != nil {
		return err
	}
	if !done {
		if again { // the breaker went over after the approval
			w.later("2024-12-20", func(ctx context.Context) error { return w.pay(ctx, x, false) })
		}
		return nil
	}
	claim, err := w.k.c.pools.Claim(ctx, w.k.c.d, x.claim.ID)
	if err != nil {
		return err
	}
	x.claim = claim
	w.k.c.rep.Claims.Paid++
	w.k.c.rep.Claims.Amount += claim.Paid
	w.after(x)
	return nil
}

// after decides what comes of what was paid: a part comes back, one payment is
// taken back whole.
func (w *clerk) after(x *claimed) {
	day := w.today()
	switch {
	case !w.clawed && strings.HasPrefix(day, "2024-0"):
		w.clawed = true
		w.later(plus(day, 60), func(ctx context.Context) error {
			return w.must(ctx, x, checker, "claw_back", "事后查明贷款用途不符", nil)
		})
	case w.r.chance(0.45):
		w.later(plus(day, w.r.between(30, 110)), func(ctx context.Context) error { return w.recover(ctx, x) })
	}
}

func (w *clerk) recover(ctx context.Context, x *claimed) error {
	gross := max(x.claim.Loss*money.Fen(w.r.between(5, 45))/100/money.Yuan*money.Yuan, money.Yuan)
	err := w.must(ctx, x, maker, "recover", "", pool.Recovery{Gross: gross, Costs: gross / 20, Day: w.today()})
	if err != nil {
		return err
	}
	w.k.c.rep.Claims.Recovered++
	if w.r.chance(0.3) {
		w.later(plus(w.today(), 20), func(ctx context.Context) error {
			return w.must(ctx, x, checker, "close", "执行终结，无其他可供执行财产", nil)
		})
	}
	return nil
}
