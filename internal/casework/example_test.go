package casework_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// A grant is applied for by one, approved by another, and not by the same.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "kapok")
	check(err)
	defer os.RemoveAll(dir)
	d, err := db.Open(ctx, filepath.Join(dir, "kapok.db"))
	check(err)
	defer d.Close()
	_, err = d.Migrate(ctx)
	check(err)
	d.SetClock(func() time.Time { return time.Date(2026, 2, 13, 2, 0, 0, 0, time.UTC) })

	reg := casework.NewRegistry()
	reg.RegisterGuard("example.amount", func(_ context.Context, _ db.Querier, _ casework.Case, in casework.Input) (casework.Verdict, error) {
		return casework.Allow(), nil
	})
	reg.RegisterGuard("example.budget", func(_ context.Context, _ db.Querier, c casework.Case, _ casework.Input) (casework.Verdict, error) {
		return casework.Allow(), nil
	})
	for _, name := range []string{"example.set_amount", "example.reserve", "example.release", "example.post", "example.tell"} {
		reg.RegisterEffect(name, func(_ context.Context, _ *db.Tx, _ casework.Case, in casework.Input) (casework.Done, error) {
			return casework.Done{Log: "booked"}, nil
		})
	}
	raw, err := os.ReadFile("testdata/grant.yaml")
	check(err)
	kind, err := casework.ParseKind(raw)
	check(err)
	check(reg.Add(kind))
	s := casework.New(d, reg)

	wang := casework.Actor{User: "wang", Roles: []string{"example.maker", "example.checker"}}
	li := casework.Actor{User: "li", Roles: []string{"example.checker"}}
	var c casework.Case
	check(d.InTx(ctx, func(tx *db.Tx) error {
		c, err = s.Open(ctx, tx, wang, casework.Opening{Kind: "example.grant", Ref: "grant/1"})
		return err
	}))
	c, err = s.Do(ctx, wang, c.ID, c.Version, "submit", casework.Input{Body: json.RawMessage(`{"amount": 400}`)})
	check(err)
	actions, err := s.Actions(ctx, d, c.ID, li)
	check(err)
	fmt.Println(actions[1].Action, actions[1].Outcome, "until", actions[1].DueOn)

	_, err = s.Do(ctx, wang, c.ID, c.Version, "approve", casework.Input{})
	fmt.Println(i18n.Error(i18n.EN, err))
	c, err = s.Do(ctx, li, c.ID, c.Version, "approve", casework.Input{})
	check(err)
	fmt.Println(c.State, c.Version, casework.Verify(ctx, d, c.ID))
	// Output:
	// approve allowed until 2026-03-05
	// wang has done “Submit” in this case and may not do “Approve”: maker and checker have to be different people.
	// approved 3 <nil>
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
