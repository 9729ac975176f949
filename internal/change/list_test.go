package change_test

import (
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
)

func TestListSelects(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, kind := range []string{"org", "paper", "org", "park"} {
			appendOne(t, d, kind, "x", change.Update, 1, 2)
		}
		for _, tc := range []struct {
			filter change.Filter
			before int64
			limit  int
			want   []int64
		}{
			{change.Filter{}, 0, 3, []int64{4, 3, 2}},
			{change.Filter{Kind: "org"}, 0, 9, []int64{3, 1}},
			{change.Filter{Kind: "org"}, 3, 9, []int64{1}},
			{change.Filter{Actor: by.Actor, Kind: "park"}, 0, 9, []int64{4}},
			{change.Filter{Actor: "nobody"}, 0, 9, nil},
		} {
			got, err := change.List(t.Context(), d, tc.filter, tc.before, tc.limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(tc.want) {
				t.Fatalf("%+v before %d: %d entries, want %v", tc.filter, tc.before, len(got), tc.want)
			}
			for i, e := range got {
				if e.Seq != tc.want[i] {
					t.Errorf("%+v before %d: entry %d is %d, want %d", tc.filter, tc.before, i, e.Seq, tc.want[i])
				}
			}
		}
	})
}
