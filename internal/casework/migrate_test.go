package casework_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d, "testdata/grant_2.yaml")
		c := b.submitted("case-a", 400)
		if c.KindVersion != 1 {
			t.Fatal("the version asked for is the version")
		}
		try := func(m casework.Migration, key string) {
			t.Helper()
			if _, err := b.s.Migrate(ctx, head, c.ID, c.Version, m); err == nil || errs.Of(err).Key != key {
				t.Errorf("%+v: %v, want %s", m, err, key)
			}
		}
		states := map[string]string{"draft": "draft", "submitted": "review"}
		try(casework.Migration{To: 2, States: states}, "casework.migrate_reason")
		try(casework.Migration{To: 1, States: states, Reason: "x"}, "casework.migrate_same")
		try(casework.Migration{To: 3, States: states, Reason: "x"}, "casework.no_kind")
		try(casework.Migration{To: 2, States: map[string]string{"draft": "draft"}, Reason: "x"}, "casework.migrate_unmapped")
		try(casework.Migration{To: 2, States: map[string]string{"submitted": "submitted"}, Reason: "x"}, "casework.migrate_unknown")
		*b.clock = b.clock.AddDate(0, 0, 3)
		c, err := b.s.Migrate(ctx, head, c.ID, c.Version, casework.Migration{States: states, Reason: "new rules of 2026"})
		must(t, err)
		if c.State != "review" || c.KindVersion != 2 || c.Version != 3 {
			t.Errorf("%+v", c)
		}
		timers, err := casework.Timers(ctx, d, c.ID)
		must(t, err)
		open := ""
		for _, x := range timers {
			if x.Status == "open" {
				open += x.DueOn
			}
		}
		if open != "2026-01-08" { // five working days from the day of submission: 4 to 8 January
			t.Errorf("clock of the new version: %q", open)
		}
		b.refused(maker, c, "approve", casework.Input{}, errs.Forbidden, "casework.role")
		b.refused(casework.Actor{User: "wang", Roles: checker.Roles}, c, "approve", casework.Input{}, errs.Forbidden, "casework.four_eyes")
		c = b.do(checker, c, "approve", casework.Input{})
		must(t, casework.Verify(ctx, d, c.ID))
	})
}

// TestAlteredRulesAreRefused brings other rules under the version of a case.
func TestAlteredRulesAreRefused(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.open("case-a")
		k := parse(t, "testdata/grant.yaml")
		raw, _ := json.Marshal(k)
		altered, err := casework.ParseKind([]byte(strings.Replace(string(raw), `"days":10`, `"days":100`, 1)))
		must(t, err)
		r := registry()
		must(t, r.Add(altered))
		s := casework.New(d, r)
		if _, err := s.Do(ctx, maker, c.ID, c.Version, "submit", amount(1)); errs.Of(err).Key != "casework.kind_altered" {
			t.Errorf("an action: %v", err)
		}
		err = d.InTx(ctx, func(tx *db.Tx) error {
			_, err := s.Open(ctx, tx, maker, casework.Opening{Kind: "example.grant"})
			return err
		})
		if errs.Of(err).Key != "casework.kind_altered" {
			t.Errorf("a new case: %v", err)
		}
	})
}
