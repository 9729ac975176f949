package casework_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

var ctx = context.Background()

// grant is the data of the example kind.
type grant struct {
	Amount int64 `json:"amount"`
}

// budget of the example, of which reservations are kept in a table of the test.
const budget = 1000

var (
	maker   = casework.Actor{User: "wang", Roles: []string{"example.maker"}}
	checker = casework.Actor{User: "li", Roles: []string{"example.checker"}}
	head    = casework.Actor{User: "zhao", Roles: []string{"example.head", "example.checker"}}
)

// bench is the example kind at work on one database.
type bench struct {
	t     testing.TB
	d     *db.DB
	s     *casework.Service
	clock *time.Time
}

func setUp(t testing.TB, d *db.DB, more ...string) bench {
	t.Helper()
	now := dbtest.Epoch
	d.SetClock(func() time.Time { return now })
	if _, err := d.Exec(ctx, "CREATE TABLE spent(case_id TEXT NOT NULL, what TEXT NOT NULL, amount BIGINT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	r := registry()
	for _, file := range append([]string{"testdata/grant.yaml"}, more...) {
		if err := r.Add(parse(t, file)); err != nil {
			t.Fatal(err)
		}
	}
	return bench{t, d, casework.New(d, r), &now}
}

func parse(t testing.TB, file string) *casework.Kind {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	k, err := casework.ParseKind(raw)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return k
}

// registry gives the words of the example their meaning.
func registry() *casework.Registry {
	r := casework.NewRegistry()
	r.RegisterGuard("example.amount", func(_ context.Context, _ db.Querier, _ casework.Case, in casework.Input) (casework.Verdict, error) {
		if in.Preview {
			return casework.NotKnown("errs.required", errs.A{"field": "amount"}), nil
		}
		var g grant
		if err := in.Decode(&g); err != nil {
			return casework.Verdict{}, err
		}
		if g.Amount <= 0 {
			return casework.Refuse("errs.required", errs.A{"field": "amount"}), nil
		}
		return casework.Allow(), nil
	})
	r.RegisterGuard("example.budget", func(ctx context.Context, q db.Querier, c casework.Case, _ casework.Input) (casework.Verdict, error) {
		var g grant
		if err := c.Decode(&g); err != nil {
			return casework.Verdict{}, err
		}
		sum, _, err := db.Value[int64](ctx, q, "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM spent")
		if err != nil {
			return casework.Verdict{}, err
		}
		if sum+g.Amount > budget {
			return casework.Refuse("errs.too_large", errs.A{"limit": budget}), nil
		}
		return casework.Allow(), nil
	})
	r.RegisterEffect("example.set_amount", func(_ context.Context, _ *db.Tx, _ casework.Case, in casework.Input) (casework.Done, error) {
		var g grant
		err := in.Decode(&g)
		return casework.Done{Data: g}, err
	})
	r.RegisterEffect("example.reserve", spend("reserve", 1))
	r.RegisterEffect("example.release", spend("release", -1))
	r.RegisterEffect("example.post", spend("post", 0))
	r.RegisterEffect("example.tell", func(_ context.Context, _ *db.Tx, c casework.Case, _ casework.Input) (casework.Done, error) {
		return casework.Done{Notices: []casework.Notice{{Role: "example.maker", Key: "errs.stale", Args: errs.A{"version": c.Version}}, {User: c.OpenedBy, Key: "errs.busy"}}}, nil
	})
	return r
}

func spend(what string, sign int64) casework.Effect {
	return func(ctx context.Context, tx *db.Tx, c casework.Case, _ casework.Input) (casework.Done, error) {
		var g grant
		if err := c.Decode(&g); err != nil {
			return casework.Done{}, err
		}
		_, err := tx.Exec(ctx, "INSERT INTO spent(case_id, what, amount) VALUES ($1, $2, $3)", c.ID, what, sign*g.Amount)
		return casework.Done{Log: map[string]any{"spent": sign * g.Amount}}, err
	}
}

func (b bench) open(id string) casework.Case {
	b.t.Helper()
	var c casework.Case
	err := b.d.InTx(ctx, func(tx *db.Tx) (err error) {
		c, err = b.s.Open(ctx, tx, maker, casework.Opening{ID: id, Kind: "example.grant", Version: 1, Ref: "grant/" + id})
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b bench) do(by casework.Actor, c casework.Case, action string, in casework.Input) casework.Case {
	b.t.Helper()
	out, err := b.s.Do(ctx, by, c.ID, c.Version, action, in)
	if err != nil {
		b.t.Fatalf("%s: %v", action, err)
	}
	return out
}

func (b bench) refused(by casework.Actor, c casework.Case, action string, in casework.Input, kind errs.Kind, key string) {
	b.t.Helper()
	_, err := b.s.Do(ctx, by, c.ID, c.Version, action, in)
	e := errs.Of(err)
	if e == nil || e.Kind != kind || e.Key != key {
		b.t.Errorf("%s: got %v, want %s %s", action, err, kind, key)
	}
}

func (b bench) spent(id string) (n, sum int64) {
	b.t.Helper()
	err := db.Each(ctx, b.d, func(s db.Scan) error { return s(&n, &sum) },
		"SELECT COUNT(*), CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM spent WHERE case_id = $1", id)
	if err != nil {
		b.t.Fatal(err)
	}
	return n, sum
}

func amount(n int64) casework.Input {
	raw, _ := json.Marshal(grant{n})
	return casework.Input{Body: raw}
}

// submitted opens a case and hands it in.
func (b bench) submitted(id string, n int64) casework.Case {
	b.t.Helper()
	return b.do(maker, b.open(id), "submit", amount(n))
}

func TestWalk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.open("case-a")
		b.refused(checker, c, "submit", amount(1), errs.Forbidden, "casework.role")
		b.refused(maker, c, "approve", casework.Input{}, errs.Conflict, "casework.no_action")
		b.refused(maker, c, "submit", amount(0), errs.Conflict, "errs.required")
		b.refused(maker, c, "submit", casework.Input{Body: json.RawMessage("{")}, errs.Invalid, "casework.input")
		b.refused(maker, c, "note", casework.Input{}, errs.Invalid, "casework.reason")
		b.refused(casework.Actor{}, c, "submit", amount(1), errs.Unauthenticated, "errs.sign_in")
		b.refused(casework.Actor{User: "x", Roles: []string{"clock"}}, c, "submit", amount(1), errs.Forbidden, "casework.not_clock")
		was := c
		c = b.do(maker, c, "submit", amount(400))
		b.refused(maker, was, "submit", amount(400), errs.Precondition, "errs.stale")
		both := casework.Actor{User: "wang", Roles: []string{"example.maker", "example.checker"}}
		b.refused(both, c, "approve", casework.Input{}, errs.Forbidden, "casework.four_eyes")
		b.refused(casework.Actor{User: "li", Behalf: "wang", Roles: checker.Roles}, c, "approve", casework.Input{}, errs.Forbidden, "casework.four_eyes")
		c = b.do(checker, c, "approve", casework.Input{})
		if n, sum := b.spent(c.ID); n != 1 || sum != 400 {
			t.Errorf("spent %d in %d rows", sum, n)
		}
		c = b.do(maker, c, "pay", casework.Input{})
		if !c.Final || c.State != "paid" || c.Version != 4 {
			t.Errorf("ended as %+v", c)
		}
		b.refused(maker, c, "pay", casework.Input{}, errs.Conflict, "casework.no_action")
		if err := casework.Verify(ctx, d, c.ID); err != nil {
			t.Error(err)
		}
	})
}
