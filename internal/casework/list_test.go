package casework_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

func TestCases(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		for i := range 7 {
			*b.clock = dbtest.Epoch.AddDate(0, 0, i/2) // some at the same instant
			b.open(fmt.Sprint("case-", i))
		}
		c, err := casework.Get(ctx, d, "case-3")
		must(t, err)
		c = b.do(maker, c, "submit", amount(10))
		b.do(checker, c, "refuse", casework.Input{Reason: "late"})
		c, err = casework.Get(ctx, d, "case-4")
		must(t, err)
		b.do(maker, c, "submit", amount(10))
		yes, no := true, false
		for _, v := range []struct {
			f    casework.Filter
			want string
		}{
			{casework.Filter{}, "6 5 4 3 2 1 0"},
			{casework.Filter{Kind: "example.grant", States: []string{"draft", "refused"}}, "6 5 3 2 1 0"},
			{casework.Filter{Kind: "other"}, ""},
			{casework.Filter{Ref: "grant/case-2"}, "2"},
			{casework.Filter{Open: &no}, "3"},
			{casework.Filter{Open: &yes, From: "2026-01-03", To: "2026-01-04"}, "5 4 2"},
			{casework.Filter{DueBefore: "2026-01-18"}, ""},
			{casework.Filter{DueBefore: "2026-02-18"}, "4"},
			{casework.Filter{IDs: []string{"case-1", "case-6"}}, "6 1"},
			{casework.Filter{OpenedBy: "wang", Source: "x"}, ""},
			{casework.Filter{Batch: "x"}, ""},
		} {
			for _, limit := range []int{0, 1, 3} { // in one page, and in many
				var got []string
				p := casework.Page{Limit: limit}
				for {
					l, err := casework.Cases(ctx, d, v.f, p)
					must(t, err)
					for _, c := range l.Items {
						got = append(got, strings.TrimPrefix(c.ID, "case-"))
					}
					if p.After = l.Next; p.After == "" {
						break
					}
				}
				if diff := cmp.Diff(v.want, strings.Join(got, " ")); diff != "" {
					t.Errorf("%+v by %d: %s", v.f, limit, diff)
				}
			}
		}
		counts, err := casework.Count(ctx, d, casework.Filter{Kind: "example.grant"})
		must(t, err)
		if diff := cmp.Diff([]casework.StateCount{{Kind: "example.grant", State: "draft", Cases: 5}, {Kind: "example.grant", State: "refused", Cases: 1}, {Kind: "example.grant", State: "submitted", Cases: 1}}, counts); diff != "" {
			t.Error(diff)
		}
		for _, f := range []casework.Filter{{From: "yesterday"}, {To: "2026-13-01"}, {DueBefore: "soon"}} {
			if _, err := casework.Cases(ctx, d, f, casework.Page{}); errs.KindOf(err) != errs.Invalid {
				t.Errorf("%+v: %v", f, err)
			}
		}
		for _, cursor := range []string{"!", "eA", "MjAyNg"} {
			if _, err := casework.Cases(ctx, d, casework.Filter{}, casework.Page{After: cursor}); errs.Of(err).Key != "casework.cursor" {
				t.Errorf("cursor %q: %v", cursor, err)
			}
		}
		if _, err := casework.Get(ctx, d, "case-9"); errs.KindOf(err) != errs.NotFound {
			t.Errorf("no such case: %v", err)
		}
	})
}

func TestTasks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		b.open("case-draft")
		*b.clock = b.clock.Add(time.Hour)
		b.submitted("case-mine", 10)
		*b.clock = b.clock.Add(time.Hour)
		b.approved("case-approved")
		tasks := func(by casework.Actor) string {
			var out []string
			p := casework.Page{Limit: 1}
			for {
				l, err := b.s.Tasks(ctx, d, by, p)
				must(t, err)
				for _, x := range l.Items {
					out = append(out, strings.TrimPrefix(x.ID, "case-")+" "+strings.Join(x.Actions, "+")+" "+x.DueOn)
				}
				if p.After = l.Next; p.After == "" {
					return strings.Join(out, "; ")
				}
			}
		}
		both := casework.Actor{User: "wang", Roles: []string{"example.maker", "example.checker"}}
		approver := casework.Actor{User: "li", Roles: maker.Roles}
		for _, v := range []struct {
			by   casework.Actor
			want string
		}{
			{maker, "draft submit+note ; mine note 2026-01-15; approved pay 2026-02-02"},
			{checker, "draft note ; mine note+approve+return+refuse 2026-01-15"},
			{both, "draft submit+note ; mine note 2026-01-15; approved pay 2026-02-02"},
			{approver, "draft submit+note ; mine note 2026-01-15"}, // li approved it and may not pay
			{casework.Actor{User: "x", Roles: []string{"example.head"}}, ""},
			{casework.Actor{User: "x"}, ""},
		} {
			if got := tasks(v.by); got != v.want {
				t.Errorf("%s: %q, want %q", v.by.User, got, v.want)
			}
		}
	})
}

func TestAgeing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		for i, days := range []int{0, 50, 30, 15, 2} { // since the one before
			*b.clock = b.clock.AddDate(0, 0, days)
			b.submitted(fmt.Sprint("case-", i), 10)
		}
		b.fire(casework.Fired{Told: 3}) // the third was due on 7 April, after Qingming
		ages, err := b.s.Ageing(ctx, d, "example.grant")
		must(t, err)
		want := []casework.Age{{Kind: "example.grant", State: "submitted", Cases: 5, Within: [4]int64{2, 1, 1, 1}, Overdue: 3, Oldest: db.At(dbtest.Epoch)}}
		if diff := cmp.Diff(want, ages); diff != "" {
			t.Error(diff)
		}
		if ages, err := b.s.Ageing(ctx, d, "other"); err != nil || len(ages) != 0 {
			t.Errorf("%v, %v", ages, err)
		}
	})
}

func TestNotices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := setUp(t, d)
		b.approved("case-a") // tells the makers, and who opened it
		list := func(by casework.Actor, unread bool) []casework.Notice {
			l, err := casework.Notices(ctx, d, by, unread, casework.Page{})
			must(t, err)
			return l.Items
		}
		mine := list(maker, true)
		if len(mine) != 2 || mine[0].Read {
			t.Fatalf("%+v", mine)
		}
		sun := casework.Actor{User: "sun", Roles: maker.Roles}
		theirs := list(sun, true)
		if len(theirs) != 1 || theirs[0].Args["version"] != int64(2) {
			t.Fatalf("%+v", theirs)
		}
		must(t, b.s.MarkRead(ctx, sun, theirs[0].ID, theirs[0].ID, "notice-none"))
		var personal string
		for _, n := range mine {
			if n.User != "" {
				personal = n.ID
			}
		}
		must(t, b.s.MarkRead(ctx, sun, personal)) // is not his
		if len(list(sun, true)) != 0 || !list(sun, false)[0].Read || len(list(maker, true)) != 2 {
			t.Error("each reads for himself")
		}
		if got := list(casework.Actor{User: "nobody"}, false); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		_, err := b.s.Recuse(ctx, maker, "case-a", "wang", "own matter")
		must(t, err)
		if got := list(maker, false); len(got) != 0 {
			t.Errorf("told though recused: %+v", got)
		}
		must(t, d.InTx(ctx, func(tx *db.Tx) error {
			return casework.Notify(ctx, tx, "case-a", casework.Notice{User: "sun", Key: "errs.busy"})
		}))
		if len(list(sun, true)) != 1 {
			t.Error("a notice of a room does not arrive")
		}
		err = d.InTx(ctx, func(tx *db.Tx) error { return casework.Notify(ctx, tx, "case-a", casework.Notice{Key: "errs.busy"}) })
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("a notice to nobody: %v", err)
		}
	})
}
