package casework_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

// oracle is the simple interpreter: a case is a state and a list of who did
// what. It knows nothing of rows, chains or transactions.
type oracle struct {
	k     *casework.Kind
	cases map[string]*told
	spent int64 // of the budget of the example
}

type told struct {
	state   string
	version int64
	done    [][2]string // who, action
	recused []string
	amount  int64
}

// expect says what should come of an action: the kind of error, "" for none. It
// moves the case when it is allowed.
func (o *oracle) expect(id string, by casework.Actor, version int64, action string, body int64, reason string) errs.Kind {
	c := o.cases[id]
	if version != c.version {
		return errs.Precondition
	}
	var t *casework.Transition
	for i := range o.k.Transitions {
		if x := &o.k.Transitions[i]; x.Action == action && slices.Contains(x.From, c.state) {
			t = x
		}
	}
	if t == nil {
		return errs.Conflict
	}
	holds := slices.ContainsFunc(t.Roles, func(r string) bool { return slices.Contains(by.Roles, r) })
	did := slices.ContainsFunc(c.done, func(d [2]string) bool { return d[0] == by.User && slices.Contains(t.NotBy, d[1]) })
	if !holds || did || slices.Contains(c.recused, by.User) {
		return errs.Forbidden
	}
	for _, g := range t.Guards {
		if g == "example.amount" && body <= 0 || g == "example.budget" && o.spent+c.amount > budget {
			return errs.Conflict
		}
	}
	if t.Reason && reason == "" {
		return errs.Invalid
	}
	for _, e := range t.Effects {
		switch e {
		case "example.set_amount":
			c.amount = body
		case "example.reserve":
			o.spent += c.amount
		}
	}
	c.done, c.version = append(c.done, [2]string{by.User, action}), c.version+1
	if t.To != casework.Stay {
		c.state = t.To
	}
	return ""
}

// walk does random things to random cases and compares each outcome, and in the
// end every case, with the oracle.
func walk(t *testing.T, d *db.DB, s *casework.Service, k *casework.Kind, r *rand.Rand, steps int) (allowed int) {
	t.Helper()
	o := &oracle{k: k, cases: map[string]*told{}}
	var ids []string
	for i := range 4 + steps/20 {
		id := fmt.Sprintf("%s-%d", k.ID, i)
		must(t, d.InTx(ctx, func(tx *db.Tx) error {
			_, err := s.Open(ctx, tx, casework.Actor{User: "user-0"}, casework.Opening{ID: id, Kind: k.ID, Version: k.Version})
			return err
		}))
		ids = append(ids, id)
		o.cases[id] = &told{state: k.Start, version: 1, done: [][2]string{{"user-0", "open"}}}
	}
	for n := range steps {
		id, by := ids[r.IntN(len(ids))], someActor(r, k)
		c := o.cases[id]
		if r.IntN(40) == 0 {
			user := fmt.Sprint("user-", r.IntN(6))
			_, err := s.Recuse(ctx, casework.Actor{User: user}, id, user, "own reasons")
			must(t, err)
			if !slices.Contains(c.recused, user) {
				c.recused, c.version = append(c.recused, user), c.version+1
			}
			continue
		}
		action, version, body, reason := someAction(r, k, c.state), c.version, int64(r.IntN(60)-5), []string{"", "because"}[min(r.IntN(4), 1)]
		if r.IntN(12) == 0 {
			version -= int64(r.IntN(3))
		}
		state := c.state
		want := o.expect(id, by, version, action, body, reason)
		in := amount(body)
		in.Reason = reason
		got, err := s.Do(ctx, by, id, version, action, in)
		if errs.KindOf(err) != want {
			t.Fatalf("step %d: %s does %s to %s in %s: got %v, want %q", n, by.User, action, id, state, err, want)
		}
		if want == "" {
			allowed++
			if got.State != c.state || got.Version != c.version {
				t.Fatalf("step %d: %s is %s at %d, want %s at %d", n, id, got.State, got.Version, c.state, c.version)
			}
		}
	}
	for _, id := range ids {
		compare(t, d, k, id, o.cases[id])
	}
	return allowed
}

// compare holds a case and its events against what the oracle was told.
func compare(t *testing.T, d *db.DB, k *casework.Kind, id string, want *told) {
	t.Helper()
	must(t, casework.Verify(ctx, d, id))
	c, err := casework.Get(ctx, d, id)
	must(t, err)
	events, err := casework.Events(ctx, d, id, 0, 100000)
	must(t, err)
	var did [][2]string
	state := ""
	for _, e := range events {
		if e.Action == casework.ActionRecuse {
			continue
		}
		did = append(did, [2]string{e.Actor, e.Action})
		tr := k.Transition(state, e.Action)
		if e.Action != casework.ActionOpen && (tr == nil || tr.To != e.To && (tr.To != casework.Stay || e.To != state)) {
			t.Fatalf("%s: %s from %s to %s stands in no table", id, e.Action, state, e.To)
		}
		if tr != nil && slices.ContainsFunc(did[:len(did)-1], func(x [2]string) bool { return x[0] == e.Actor && slices.Contains(tr.NotBy, x[1]) }) {
			t.Fatalf("%s: four eyes broken by %s at %d", id, e.Actor, e.Seq)
		}
		state = e.To
	}
	if c.State != want.state || state != want.state || c.Version != want.version || int64(len(events)) != want.version || !slices.Equal(did, want.done) {
		t.Fatalf("%s: %+v with %v, want %+v", id, c, did, want)
	}
}

func someActor(r *rand.Rand, k *casework.Kind) casework.Actor {
	a := casework.Actor{User: fmt.Sprint("user-", r.IntN(6))}
	for _, role := range k.Roles {
		if r.IntN(3) > 0 {
			a.Roles = append(a.Roles, role.ID)
		}
	}
	return a
}

// someAction is mostly one that leads out of the state.
func someAction(r *rand.Rand, k *casework.Kind, state string) string {
	if from := k.From(state); len(from) > 0 && r.IntN(5) > 0 {
		return from[r.IntN(len(from))].Action
	}
	return k.Transitions[r.IntN(len(k.Transitions))].Action
}

// someKind makes a kind of 3 to 8 states, with ways back, loops, four eyes and
// reasons.
func someKind(t *testing.T, r *rand.Rand, id string) *casework.Kind {
	t.Helper()
	name := map[string]string{"zh": "名", "en": "name"}
	n := 3 + r.IntN(6)
	var states, transitions []map[string]any
	for i := range n {
		states = append(states, map[string]any{"id": fmt.Sprint("s", i), "name": name, "final": i == n-1})
	}
	add := func(from int, to string) {
		tr := map[string]any{"action": fmt.Sprint("a", len(transitions)), "name": name, "from": []string{fmt.Sprint("s", from)}, "to": to, "roles": []string{fmt.Sprint("r", r.IntN(3))}, "reason": r.IntN(4) == 0}
		if len(transitions) > 0 && r.IntN(2) == 0 {
			tr["not_by"] = []string{fmt.Sprint("a", r.IntN(len(transitions)))}
		} else if r.IntN(6) == 0 {
			tr["not_by"] = []string{"open"}
		}
		transitions = append(transitions, tr)
	}
	for i := range n - 1 {
		add(i, fmt.Sprint("s", i+1))
	}
	for range r.IntN(8) {
		to := fmt.Sprint("s", r.IntN(n))
		if r.IntN(4) == 0 {
			to = casework.Stay
		}
		add(r.IntN(n-1), to)
	}
	roles := []map[string]any{{"id": "r0", "name": name}, {"id": "r1", "name": name}, {"id": "r2", "name": name}}
	raw, err := json.Marshal(map[string]any{"kind": id, "version": 1, "name": name, "start": "s0", "roles": roles, "states": states, "transitions": transitions})
	must(t, err)
	k, err := casework.ParseKind(raw)
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return k
}

// TestRandomWalks holds the engine against the oracle, over the example with its
// guards and effects, over a large kind, and over kinds made at random.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	steps, kinds := 800, 8
	if testing.Short() {
		steps, kinds = 150, 3
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		seed := uint64(20261123)
		r := rand.New(rand.NewPCG(seed, 1))
		reg := registry()
		all := []*casework.Kind{parse(t, "testdata/grant.yaml"), parse(t, "testdata/claim.yaml")}
		for i := range kinds {
			all = append(all, someKind(t, r, fmt.Sprint("random.k", i)))
		}
		b := setUp(t, d)
		total := 0
		s := casework.New(b.d, reg)
		for _, k := range all {
			must(t, reg.Add(k))
			n := steps / 5
			if strings.HasPrefix(k.ID, "example") {
				n = steps
			}
			total += walk(t, d, s, k, r, n)
		}
		t.Logf("%d steps allowed over %d kinds", total, len(all))
		if total < 50 {
			t.Errorf("only %d steps were allowed: the walk shows nothing", total)
		}
	})
}
