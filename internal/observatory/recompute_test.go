package observatory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/observatory"
)

// What is computed from a book and the facts alone is what the service keeps,
// and the records add up to it.
func TestRecompute(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		smallCity(t, d)
		putFigures(t, d, bundled(t)...)
		s := newService(t, d)
		run := compute(t, s)
		kept, err := s.Book(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		session, err := s.Store().Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		again := kept
		failed, err := again.Recompute(t.Context(), session, s.City(), run.Day)
		if err != nil || len(failed) != 0 {
			t.Fatalf("failed %v, %v", failed, err)
		}
		if diff := cmp.Diff(essence(kept), essence(again)); diff != "" {
			t.Error(diff)
		}
		opened := 0
		for i := range again.Figures {
			f := &again.Figures[i]
			counts := map[string]int64{}
			if err := again.EachRecord(t.Context(), session, f, s.City(), run.Day, func(item, slot string, _ *observatory.Record) error {
				counts[item+" "+slot]++
				return nil
			}); err != nil {
				t.Errorf("%s: %v", f.ID, err)
			}
			for _, v := range again.Computed[f.ID] {
				if n := counts[v.Item+" "+v.Slot]; n != v.Records {
					t.Errorf("%s %s %s: %d records, the value says %d", f.ID, v.Item, v.Slot, n, v.Records)
				}
				opened++
			}
		}
		if opened < 10 {
			t.Errorf("only %d values opened", opened)
		}
	})
}

// essence is what a value says, without when and as which version it was kept.
func essence(b observatory.Book) map[string]string {
	out := map[string]string{}
	for id, values := range b.Computed {
		for _, v := range values {
			out[id+" "+v.Item+" "+v.Slot] = v.Quantity.Exact() + " " + v.RecordsHash + " " + v.Method
		}
	}
	return out
}
