package change_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
)

var by = change.Author{Actor: "import", Behalf: "bureau", Reason: "first load", BatchID: "batch-1"}

func appendOne(t *testing.T, d *db.DB, kind, id string, action change.Action, before, after any) {
	t.Helper()
	e, err := change.New(by, kind, id, action, before, after)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(tx *db.Tx) error { return change.Append(t.Context(), tx, e) }); err != nil {
		t.Fatal(err)
	}
}

func TestLogKeepsBeforeAndAfter(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		appendOne(t, d, "org", "o1", change.Create, nil, map[string]string{"name": "中山大学"})
		appendOne(t, d, "org", "o2", change.Create, nil, 1)
		appendOne(t, d, "org", "o1", change.Update, map[string]string{"name": "中山大学"}, map[string]string{"name": "中大"})
		got, err := change.Of(t.Context(), d, "org", "o1", 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range got {
			lines = append(lines, fmt.Sprintf("%d %s %s>%s %s/%s %s %s", e.Seq, e.Action, e.Before, e.After, e.Actor, e.Behalf, e.Reason, e.Batch))
		}
		want := []string{
			`3 update {"name":"中山大学"}>{"name":"中大"} import/bureau first load batch-1`,
			`1 create >{"name":"中山大学"} import/bureau first load batch-1`,
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Error(diff)
		}
		if !got[0].At.Equal(dbtest.Epoch) {
			t.Errorf("at = %v", got[0].At)
		}
		batch, err := change.OfBatch(t.Context(), d, "batch-1", 3, 10)
		if err != nil || len(batch) != 2 || batch[0].Seq != 2 {
			t.Errorf("OfBatch = %v, %v", batch, err)
		}
	})
}

func TestRolledBackChangeLeavesNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		e, err := change.New(by, "org", "o1", change.Create, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		fail := errs.New(errs.Invalid, "errs.required")
		err = d.InTx(t.Context(), func(tx *db.Tx) error {
			if err := change.Append(t.Context(), tx, e); err != nil {
				return err
			}
			return fail
		})
		if errs.KindOf(err) != errs.Invalid {
			t.Fatalf("err = %v", err)
		}
		if head, err := change.Head(t.Context(), d); err != nil || head != 0 {
			t.Errorf("head = %d, %v", head, err)
		}
	})
}

// TestConcurrentWritersLeaveNoGap holds the promise that followers rely on.
func TestConcurrentWritersLeaveNoGap(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const writers, each = 4, 10
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					e, _ := change.New(by, "org", fmt.Sprint(w, i), change.Create, nil, i)
					if err := d.InTx(t.Context(), func(tx *db.Tx) error { return change.Append(t.Context(), tx, e) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		n, err := change.Verify(t.Context(), d)
		if err != nil || n != writers*each {
			t.Errorf("Verify = %d, %v", n, err)
		}
	})
}

func TestVerifyFindsTampering(t *testing.T) {
	for name, spoil := range map[string]string{
		"altered": "UPDATE change SET after = '2' WHERE seq = 2",
		"removed": "DELETE FROM change WHERE seq = 2",
		"cut":     "DELETE FROM change WHERE seq = 3",
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				for i := range 3 {
					appendOne(t, d, "org", fmt.Sprint(i), change.Create, nil, i)
				}
				if _, err := d.Exec(t.Context(), spoil); err != nil {
					t.Fatal(err)
				}
				if _, err := change.Verify(t.Context(), d); errs.KindOf(err) != errs.Conflict {
					t.Errorf("Verify = %v, want a broken chain", err)
				}
			})
		})
	}
}

func TestFollowResumesAfterFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for i := range 5 {
			appendOne(t, d, "org", fmt.Sprint(i), change.Create, nil, i)
		}
		fail := fmt.Errorf("disk full")
		if err := change.Follow(ctx, d, "search", func([]change.Entry) error { return fail }); !errors.Is(err, fail) {
			t.Fatalf("err = %v", err)
		}
		var seen []string
		read := func(part []change.Entry) error {
			for _, e := range part {
				seen = append(seen, e.ID)
			}
			return nil
		}
		if err := change.Follow(ctx, d, "search", read); err != nil {
			t.Fatal(err)
		}
		appendOne(t, d, "org", "5", change.Create, nil, 5)
		if err := change.Follow(ctx, d, "search", read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4", "5"}, seen); diff != "" {
			t.Error(diff)
		}
	})
}
