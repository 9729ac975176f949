package pool_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
)

// TestInvariants walks at random and holds, after each step, what must never
// break, whoever does what in which order.
func TestInvariants(t *testing.T) {
	for _, c := range []struct {
		name  string
		open  func(testing.TB) *db.DB
		steps int
	}{{"sqlite", dbtest.SQLite, 250}, {"postgres", dbtest.Postgres, 100}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.open(t), 100*money.Wan)
			w.big(6)
			walk := &walker{w: w, rng: rand.New(rand.NewPCG(11, uint64(c.steps))), done: map[string]int{}}
			for range c.steps {
				walk.step()
				walk.hold()
			}
			t.Logf("%d claims, %v", len(walk.claims), walk.done)
			if walk.done["pay"] < 3 || walk.done["refused"] == 0 {
				t.Error("the walk was too tame to show anything")
			}
		})
	}
}

type walker struct {
	w      *world
	rng    *rand.Rand
	claims []pool.Claim
	done   map[string]int
}

// fitting are the actions that lead on from a state, the likelier more often.
var fitting = map[string][]string{
	"claim_submitted": {"check"},
	"checked":         {"approve", "approve", "approve", "reject", "suspend"},
	"approved":        {"pay", "pay", "pay", "revoke"},
	"suspended":       {"resume", "reject"},
	"paid":            {"recover", "recover", "recover", "close"},
	"recovering":      {"recover", "claw_back", "close"},
}

// step tries one thing; a refusal is as good as success.
func (k *walker) step() {
	w := k.w
	if len(k.claims) < 4 || k.rng.IntN(12) == 0 {
		k.submit()
		return
	}
	c := k.claims[k.rng.IntN(len(k.claims))]
	actions := []string{"check", "approve", "pay", "approve", "pay", "check", "approve", "pay", "reject", "withdraw", "suspend", "resume", "revoke", "recover", "claw_back", "close"}
	action := actions[k.rng.IntN(len(actions))]
	if likely := fitting[w.claim(c.ID).State]; len(likely) > 0 && k.rng.IntN(4) > 0 {
		action = likely[k.rng.IntN(len(likely))]
	}
	var body any
	switch action {
	case "recover":
		gross := money.Fen(1 + k.rng.Int64N(int64(60*money.Wan)))
		body = pool.Recovery{Gross: gross, Costs: money.Fen(k.rng.Int64N(int64(gross)))}
	case "check":
		hits, err := w.s.Doubles(w.t.Context(), w.d, c)
		w.must(err)
		said := pool.Check{Cleared: map[string]string{}}
		for _, h := range hits {
			said.Cleared[h.Scheme+"/"+h.B] = "not the same"
		}
		body = said
	}
	before := w.claim(c.ID)
	err := w.act(c, casework.Actor{User: fmt.Sprint("user", k.rng.IntN(6)), Roles: []string{"pool.bank", "pool.maker", "pool.checker", "pool.cashier"}}, action, "at random", body)
	k.count(action, err)
	if err == nil && action == "pay" {
		states, err := w.s.Breakers(w.t.Context(), w.d, w.pool.ID, "2026")
		w.must(err)
		for _, s := range states {
			if s.Member.ID == c.MemberID && s.Over == rules.Yes {
				w.t.Fatalf("paid %s while the breaker is over", c.ID)
			}
		}
	}
	if err != nil && fmt.Sprint(before) != fmt.Sprint(w.claim(c.ID)) {
		w.t.Fatalf("a refused %s has changed the claim", action)
	}
}

func (k *walker) submit() {
	w, n := k.w, len(k.claims)
	wan := 10 + k.rng.IntN(80)
	name := fmt.Sprintf("广州%c%c%c新材料有限公司", rune(0x4e00+k.rng.IntN(5000)), rune(0x4e00+k.rng.IntN(5000)), rune(0x4e00+n))
	loan := w.npl(fmt.Sprintf("RW-2026-%05d", k.done["submit"]+k.done["refused"]+1), name, wan)
	c, err := w.submit(loan, money.Fen(1+k.rng.Int64N(int64(wan)*int64(money.Wan))))
	k.count("submit", err)
	if err == nil {
		k.claims = append(k.claims, c)
	}
	if _, err := w.submit(loan, 1); err == nil {
		w.t.Fatal("a second claim was taken")
	}
}

func (k *walker) count(what string, err error) {
	if err == nil {
		k.done[what]++
		return
	}
	if errs.KindOf(err) == errs.Internal {
		k.w.t.Fatalf("%s: %v", what, err)
	}
	k.done["refused"]++
}

// hold checks the invariants.
func (k *walker) hold() {
	w := k.w
	u := w.budget()
	if u.Free < 0 || u.Free+u.Reserved+u.Paid != 100*money.Wan {
		w.t.Fatalf("the year does not add up: %+v", u)
	}
	var paid, reserved, back money.Fen
	for _, old := range k.claims {
		c := w.claim(old.ID)
		paid, back = paid+c.Paid, back+c.Returned
		if c.State == "approved" {
			reserved += *c.Amount
		}
		if c.Paid > c.Loss/2 || c.Returned > c.Paid {
			w.t.Fatalf("more than the cap, or more came back than was paid: %+v", c)
		}
		if c.Amount != nil {
			if _, err := w.s.Replay(w.t.Context(), w.d, c); err != nil {
				w.t.Fatal(err)
			}
		}
		k.eyes(c)
	}
	if paid != u.Paid || reserved != u.Reserved || back != u.Recovered+u.Clawed {
		w.t.Fatalf("claims say paid %v, reserved %v, back %v; the ledger %+v", paid, reserved, back, u)
	}
}

// eyes holds that nobody approved what he made or checked, or paid what he
// approved.
func (k *walker) eyes(c pool.Claim) {
	events, err := casework.Events(k.w.t.Context(), k.w.d, c.CaseID, 0, 200)
	k.w.must(err)
	did := map[string]map[string]bool{}
	for _, e := range events {
		for action, against := range map[string][]string{"check": {"open"}, "approve": {"open", "check"}, "pay": {"open", "approve"}} {
			for _, a := range against {
				if e.Action == action && did[a][e.Actor] {
					k.w.t.Fatalf("%s did %s and %s", e.Actor, a, action)
				}
			}
		}
		if did[e.Action] == nil {
			did[e.Action] = map[string]bool{}
		}
		did[e.Action][e.Actor] = true
	}
}
