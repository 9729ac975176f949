package casework_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// TestKey asks for the same thing again, and for another under the same key.
func TestKey(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.open("case-a")
		in := amount(400)
		in.Key = "k1"
		first := b.do(maker, c, "submit", in)
		again := b.do(maker, c, "submit", in) // with the version of before
		if diff := cmp.Diff(first.Version, again.Version); diff != "" {
			t.Error(diff)
		}
		other := amount(500)
		other.Key = "k1"
		b.refused(maker, c, "submit", other, errs.Conflict, "casework.key_taken")
		b.refused(checker, first, "approve", casework.Input{Key: "k1"}, errs.Conflict, "casework.key_taken")
		approved := b.do(checker, first, "approve", casework.Input{Key: "k2"})
		b.do(checker, first, "approve", casework.Input{Key: "k2"})
		if n, sum := b.spent(c.ID); n != 1 || sum != 400 || approved.Version != 3 {
			t.Errorf("%d rows of %d at version %d", n, sum, approved.Version)
		}
	})
}

// TestOneOfManyWins lets several makers act on the version that all of them saw.
func TestOneOfManyWins(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.submitted("case-a", 400)
		const hands = 8
		won := make([]error, hands)
		var wg sync.WaitGroup
		for i := range hands {
			wg.Go(func() {
				by := casework.Actor{User: fmt.Sprint("checker-", i), Roles: checker.Roles}
				_, won[i] = b.s.Do(ctx, by, c.ID, c.Version, "approve", casework.Input{})
			})
		}
		wg.Wait()
		wins := 0
		for _, err := range won {
			switch {
			case err == nil:
				wins++
			case errs.KindOf(err) != errs.Precondition:
				t.Errorf("a loser is told %v", err)
			}
		}
		if n, _ := b.spent(c.ID); wins != 1 || n != 1 {
			t.Errorf("%d won, %d effects", wins, n)
		}
	})
}

// TestBudgetHoldsAcrossCases approves many cases at once under one budget: the
// guard of each has to see what the others took.
func TestBudgetHoldsAcrossCases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		var cases []casework.Case
		for i := range 8 {
			cases = append(cases, b.submitted(fmt.Sprint("case-", i), 300))
		}
		var wg sync.WaitGroup
		for _, c := range cases {
			wg.Go(func() {
				_, err := b.s.Do(ctx, checker, c.ID, c.Version, "approve", casework.Input{})
				if err != nil && errs.Of(err).Key != "errs.too_large" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sum, _, err := db.Value[int64](ctx, d, "SELECT CAST(SUM(amount) AS BIGINT) FROM spent")
		if err != nil || sum != 900 {
			t.Errorf("spent %d of %d, %v", sum, budget, err)
		}
	})
}

// TestNothingStandsAfterAFailure makes the last effect fail, in three ways.
func TestNothingStandsAfterAFailure(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, way := range []string{"error", "panic", "caller"} {
			d := d
			r := casework.NewRegistry()
			k, err := casework.ParseKind([]byte(strings.ReplaceAll(tiny, "example.tiny", "example."+way)))
			if err != nil {
				t.Fatal(err)
			}
			r.RegisterEffect("write", func(ctx context.Context, tx *db.Tx, c casework.Case, _ casework.Input) (casework.Done, error) {
				_, err := tx.Exec(ctx, "INSERT INTO casework_recusal(case_id, user_id, reason, by_user, at) VALUES ($1, 'x', 'x', 'x', 'x')", c.ID)
				return casework.Done{Notices: []casework.Notice{{User: "x", Key: "errs.busy"}}}, err
			})
			r.RegisterEffect("fail", func(context.Context, *db.Tx, casework.Case, casework.Input) (casework.Done, error) {
				switch way {
				case "error":
					return casework.Done{}, errors.New("the printer is on fire")
				case "panic":
					panic("out of paper")
				}
				return casework.Done{}, nil
			})
			if err := r.Add(k); err != nil {
				t.Fatal(err)
			}
			s := casework.New(d, r)
			var c casework.Case
			must(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
				c, err = s.Open(ctx, tx, maker, casework.Opening{Kind: k.ID})
				return err
			}))
			func() {
				defer func() { _ = recover() }()
				err = d.InTx(ctx, func(tx *db.Tx) error {
					if _, err := s.DoIn(ctx, tx, maker, c.ID, c.Version, "go", casework.Input{}); err != nil {
						return err
					}
					return errors.New("the caller has thought better of it")
				})
				if err == nil {
					t.Error("an error got lost")
				}
			}()
			after, err := casework.Get(ctx, d, c.ID)
			if err != nil || after.Version != 1 || after.State != "a" {
				t.Errorf("%s: %+v, %v", way, after, err)
			}
			if rows, err := casework.Recusals(ctx, d, c.ID); err != nil || len(rows) > 0 {
				t.Errorf("%s: an effect stands: %v, %v", way, rows, err)
			}
			must(t, casework.Verify(ctx, d, c.ID))
		}
	})
}

const tiny = `{kind: example.tiny, version: 1, name: {zh: 小, en: tiny}, start: a, roles: [{id: example.maker, name: {zh: 经办, en: maker}}],
states: [{id: a, name: {zh: 甲, en: A}}, {id: b, name: {zh: 乙, en: B}, final: true}],
transitions: [{action: go, name: {zh: 走, en: go}, from: [a], to: b, roles: [example.maker], effects: [write, fail]}]}`

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestRecusal(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.submitted("case-a", 400)
		if _, err := b.s.Recuse(ctx, maker, c.ID, "li", "cousin of the applicant"); errs.Of(err).Key != "casework.recuse_role" {
			t.Errorf("a maker recuses the checker: %v", err)
		}
		if _, err := b.s.Recuse(ctx, checker, c.ID, "li", ""); errs.Of(err).Key != "casework.recuse_reason" {
			t.Errorf("no reason: %v", err)
		}
		c, err := b.s.Recuse(ctx, checker, c.ID, "li", "cousin of the applicant")
		must(t, err)
		if again, err := b.s.Recuse(ctx, head, c.ID, "li", "twice"); err != nil || again.Version != c.Version {
			t.Errorf("recused twice: %+v, %v", again, err)
		}
		b.refused(checker, c, "approve", casework.Input{}, errs.Forbidden, "casework.recused")
		b.refused(checker, c, "note", casework.Input{Reason: "x"}, errs.Forbidden, "casework.recused")
		b.refused(casework.Actor{User: "sun", Behalf: "li", Roles: checker.Roles}, c, "approve", casework.Input{}, errs.Forbidden, "casework.recused")
		actions, err := b.s.Actions(ctx, d, c.ID, checker)
		must(t, err)
		for _, a := range actions {
			if a.Outcome != casework.Refused || len(a.Why) == 0 {
				t.Errorf("%s is open to who is recused", a.Action)
			}
		}
		if tasks, err := b.s.Tasks(ctx, d, checker, casework.Page{}); err != nil || len(tasks.Items) != 0 {
			t.Errorf("tasks of who is recused: %v, %v", tasks, err)
		}
		c, err = b.s.Recuse(ctx, head, c.ID, "sun", "wrote the expert opinion")
		must(t, err)
		rows, err := casework.Recusals(ctx, d, c.ID)
		if err != nil || len(rows) != 2 || rows[0].User != "li" || rows[1].By != "zhao" {
			t.Errorf("%+v, %v", rows, err)
		}
		b.do(head, c, "approve", casework.Input{})
		must(t, casework.Verify(ctx, d, c.ID))
	})
}

func TestActions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.open("case-a")
		outcome := func(by casework.Actor) string {
			actions, err := b.s.Actions(ctx, d, c.ID, by)
			must(t, err)
			var out []string
			for _, a := range actions {
				out = append(out, a.Action+" "+string(a.Outcome)+" "+a.DueOn)
			}
			return strings.Join(out, ", ")
		}
		if got := outcome(maker); got != "submit unknown , note allowed " {
			t.Errorf("draft: %s", got)
		}
		c = b.do(maker, c, "submit", amount(400))
		if got := outcome(checker); got != "note allowed , approve allowed 2026-01-15, return allowed , refuse allowed " {
			t.Errorf("submitted: %s", got)
		}
		if got := outcome(casework.Actor{User: "wang", Roles: checker.Roles}); got != "note allowed , approve refused 2026-01-15, return refused , refuse refused " {
			t.Errorf("four eyes: %s", got)
		}
		c = b.do(checker, c, "approve", casework.Input{})
		if got := outcome(maker); got != "pay allowed 2026-02-02" {
			t.Errorf("approved: %s (the clock's own action is no one's)", got)
		}
	})
}

func TestEvents(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		c := b.submitted("case-a", 400)
		c = b.do(checker, c, "approve", casework.Input{Reason: "fine", Key: "k"})
		events, err := casework.Events(ctx, d, c.ID, 0, 10)
		must(t, err)
		if len(events) != 3 {
			t.Fatalf("%d events", len(events))
		}
		e := events[2]
		if e.From != "submitted" || e.To != "approved" || e.Role != "example.checker" || e.Reason != "fine" || e.Actor != "li" || e.Hash != c.Head ||
			string(e.Verdicts) != `[{"guard":"example.budget","outcome":"allowed"}]` ||
			string(e.Effects) != `[{"effect":"example.reserve","log":{"spent":400}},{"effect":"example.tell"}]` {
			t.Errorf("%+v", e)
		}
		if string(events[1].Data) != `{"amount":400}` || e.Data != nil || string(events[0].Data) != "{}" {
			t.Error("data stand in the event that changed them, and in no other")
		}
		entries, err := change.Of(ctx, d, "case", c.ID, 0, 10)
		if err != nil || len(entries) != 3 || entries[0].Reason != "fine" {
			t.Errorf("%d entries of the change log, %v", len(entries), err)
		}
	})
}

func TestOpenMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		by := casework.Actor{User: "import", Batch: "batch-1"}
		openings := make([]casework.Opening, 1200)
		for i := range openings {
			openings[i] = casework.Opening{ID: fmt.Sprintf("case-%04d", i), Kind: "example.grant", Version: 1, Ref: "loan/x", Data: grant{int64(i)}}
		}
		open := func() error {
			return d.InTx(ctx, func(tx *db.Tx) error {
				cases, err := b.s.OpenMany(ctx, tx, by, openings)
				if err == nil && len(cases) != len(openings) {
					t.Errorf("%d cases", len(cases))
				}
				return err
			})
		}
		must(t, open())
		if err := open(); errs.KindOf(err) != errs.Conflict {
			t.Errorf("the same ids again: %v", err)
		}
		n, err := casework.VerifyAll(ctx, d)
		if err != nil || n != 1200 {
			t.Errorf("verified %d, %v", n, err)
		}
		if _, err := change.Verify(ctx, d); err != nil {
			t.Error(err)
		}
		for _, o := range []casework.Opening{{Kind: "no.such"}, {Kind: "example.grant", Data: make(chan int)}, {Kind: "example.grant", Source: "no-source"}} {
			err := d.InTx(ctx, func(tx *db.Tx) error { _, err := b.s.Open(ctx, tx, maker, o); return err })
			if k := errs.KindOf(err); k != errs.NotFound && k != errs.Invalid && k != errs.Conflict {
				t.Errorf("%+v: %v", o, err)
			}
		}
	})
}

// TestVerdicts holds that a guard that does not know, says nothing, or fails lets
// nothing pass, and that all that stands against an action is told together.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	r := casework.NewRegistry()
	for name, v := range map[string]casework.Verdict{"silent": {}, "unsure": casework.NotKnown("errs.busy"), "against": casework.Refuse(""), "open": casework.Allow()} {
		r.RegisterGuard(name, func(context.Context, db.Querier, casework.Case, casework.Input) (casework.Verdict, error) {
			return v, nil
		})
	}
	r.RegisterGuard("failing", func(context.Context, db.Querier, casework.Case, casework.Input) (casework.Verdict, error) {
		return casework.Allow(), errors.New("no answer")
	})
	s := casework.New(d, r)
	for guards, want := range map[string]string{
		"open":                    "",
		"silent":                  "casework.guard_unknown",
		"unsure, open":            "errs.busy",
		"against, unsure, silent": "casework.guard_refused errs.busy casework.guard_unknown",
		"open, failing":           "errs.internal",
	} {
		id := "example.g" + strings.ReplaceAll(strings.ReplaceAll(guards, ", ", "_"), "-", "_")
		k, err := casework.ParseKind([]byte(strings.Replace(strings.Replace(tiny, "example.tiny", id, 1), "effects: [write, fail]", "guards: ["+guards+"]", 1)))
		must(t, err)
		must(t, r.Add(k))
		var c casework.Case
		must(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
			c, err = s.Open(ctx, tx, maker, casework.Opening{Kind: id})
			return err
		}))
		_, err = s.Do(ctx, maker, c.ID, c.Version, "go", casework.Input{})
		var keys []string
		for _, e := range errs.ListOf(err) {
			keys = append(keys, e.Key)
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s: %q, want %q", guards, got, want)
		}
	}
}

// TestDoMany acts on many cases at once, some of which stand against it.
func TestDoMany(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		var acts []casework.Act
		for i := range 6 {
			c := b.open(fmt.Sprint("case-", i))
			acts = append(acts, casework.Act{CaseID: c.ID, Version: c.Version, Action: "submit", Input: amount(int64(i))})
		}
		acts[4].Version = 3
		acts[5].Action = "pay"
		acts = append(acts, casework.Act{CaseID: "case-none", Version: 1, Action: "submit"})
		var results []casework.Result
		must(t, d.InTx(ctx, func(tx *db.Tx) (err error) {
			results, err = b.s.DoMany(ctx, tx, maker, acts)
			return err
		}))
		want := []errs.Kind{errs.Conflict, "", "", "", errs.Precondition, errs.Conflict, errs.NotFound}
		for i, r := range results {
			if errs.KindOf(r.Err) != want[i] || (r.Err == nil) != (r.Case.State == "submitted") {
				t.Errorf("act %d: %+v", i, r)
			}
		}
		if n, err := casework.VerifyAll(ctx, d); err != nil || n != 6 {
			t.Errorf("verified %d, %v", n, err)
		}
		err := d.InTx(ctx, func(tx *db.Tx) error {
			_, err := b.s.DoMany(ctx, tx, maker, []casework.Act{acts[0], acts[0]})
			return err
		})
		if errs.Of(err).Key != "casework.acts_twice" {
			t.Errorf("one case twice: %v", err)
		}
	})
}

// TestTampering alters what stands, one column at a time.
func TestTampering(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		for i, alter := range []string{
			"UPDATE casework_event SET actor = 'nobody' WHERE case_id = $1 AND seq = 2",
			"UPDATE casework_event SET reason = 'well' WHERE case_id = $1 AND seq = 3",
			"UPDATE casework_event SET verdicts = '' WHERE case_id = $1 AND seq = 3",
			"UPDATE casework_event SET data = '{\"amount\":1}' WHERE case_id = $1 AND seq = 2",
			"UPDATE casework_event SET at = '2020-01-01T00:00:00.000000Z' WHERE case_id = $1 AND seq = 1",
			"DELETE FROM casework_event WHERE case_id = $1 AND seq = 2",
			"DELETE FROM casework_event WHERE case_id = $1 AND seq = 3",
			"UPDATE casework_case SET state = 'paid' WHERE id = $1",
			"UPDATE casework_case SET data = '{\"amount\":900}' WHERE id = $1",
			"UPDATE casework_case SET version = 2 WHERE id = $1",
		} {
			c := b.submitted(fmt.Sprint("case-", i), 10)
			c = b.do(checker, c, "approve", casework.Input{})
			must(t, casework.Verify(ctx, d, c.ID))
			_, err := d.Exec(ctx, alter, c.ID)
			must(t, err)
			if err := casework.Verify(ctx, d, c.ID); errs.KindOf(err) != errs.Conflict {
				t.Errorf("%s: %v", alter, err)
			}
		}
		if _, err := casework.VerifyAll(ctx, d); errs.Of(err).Key != "casework.broken_chain" {
			t.Errorf("all: %v", err)
		}
	})
}

// TestRefusalsAreSaid reads the sentences of refusals in both languages.
func TestRefusalsAreSaid(t *testing.T) {
	t.Parallel()
	b := setUp(t, dbtest.SQLite(t))
	c := b.submitted("case-a", 400)
	_, err := b.s.Do(ctx, casework.Actor{User: "wang", Roles: checker.Roles}, c.ID, c.Version, "return", casework.Input{})
	for l, want := range map[i18n.Lang]string{
		i18n.ZH: "wang 已在本事项中办过“提交”，不能再办“退回”：经办与复核须是不同的人。\n“退回”须写明理由。",
		i18n.EN: "wang has done “Submit” in this case and may not do “Return”: maker and checker have to be different people.\n“Return” needs a reason. Write one.",
	} {
		if got := i18n.Error(l, err); got != want {
			t.Errorf("got %q", got)
		}
	}
}
