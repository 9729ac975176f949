package indicator

import (
	"context"
	"math"
	"testing"

	"github.com/kapok-city/kapok/internal/errs"
)

// TestRecordsAddUp holds that the records of a value give it back, for every
// indicator, unit and counting.
func TestRecordsAddUp(t *testing.T) {
	ctx := context.Background()
	base := Spec{From: 2019, To: 2021}
	e := prepared(t, randomWorld(7, 80), base)
	for _, unit := range AllUnits {
		for _, counting := range []Counting{Fractional, Full} {
			spec := base
			spec.Unit, spec.Counting, spec.By = unit, counting, []Dimension{ByField, ByYear}
			values, err := Values(ctx, e, spec)
			if err != nil || len(values) == 0 {
				t.Fatalf("%s: %d values, %v", unit, len(values), err)
			}
			spec.By = nil
			whole, err := Values(ctx, e, spec)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range append(whole[:1:1], values[len(values)/2], values[len(values)-1]) {
				for k, n := range names {
					if unit != Organisation && k%5 != int(counting[1])%5 {
						continue // all of them once, a few elsewhere
					}
					of := Of{v.Unit, v.Field, v.Year, n.name}
					if i > 0 && v.Field == 0 {
						continue // works of no known field cannot be asked for alone
					}
					sum, err := SumRecords(ctx, e, spec, of)
					if err != nil {
						t.Fatalf("%s: %v", n.name, err)
					}
					want, known := v.Get(n.name)
					if known && !same(sum.Value, want) || !known && sum.Works > 0 && !math.IsNaN(sum.Value) {
						t.Errorf("%s %v: records give %v, the value is %v", unit, of, sum.Value, want)
					}
				}
			}
		}
	}
}

func TestRecordsPageByPage(t *testing.T) {
	ctx := context.Background()
	spec := Spec{From: 2019, To: 2021}
	e := prepared(t, randomWorld(7, 80), spec)
	of := Of{Unit: "1", Indicator: "share"}
	sum, err := SumRecords(ctx, e, spec, of)
	if err != nil || sum.Works < 8 {
		t.Fatalf("%+v, %v", sum, err)
	}
	var after *Record
	var works int64
	weight := 0.0
	for {
		page, err := Records(ctx, e, spec, of, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range page {
			if r.Title == "" || r.Year < 2019 {
				t.Errorf("%+v has no title or year", r)
			}
			if after != nil && (r.Weight > after.Weight || r.Weight == after.Weight && r.WorkID <= after.WorkID) {
				t.Errorf("%+v after %+v", r, *after)
			}
			works, weight, after = works+1, weight+r.Weight, &page[i]
		}
		if len(page) < 3 {
			break
		}
	}
	if works != sum.Works || !same(weight, sum.Value) {
		t.Errorf("pages hold %d works of %v, the sum says %+v", works, weight, sum)
	}
}

func TestRecordsOfNothing(t *testing.T) {
	ctx := context.Background()
	spec := Spec{From: 2019, To: 2021}
	e := prepared(t, randomWorld(3, 20), spec)
	if _, err := Records(ctx, e, spec, Of{Unit: "1", Indicator: "h_index"}, nil, 5); errs.KindOf(err) != errs.Invalid {
		t.Errorf("an indicator that is none: %v", err)
	}
	for _, unit := range []string{"999", "x'); DROP TABLE work; --", "1 OR 1 = 1"} {
		list, err := Records(ctx, e, spec, Of{Unit: unit, Indicator: "p"}, nil, 5)
		if err != nil || len(list) > 0 {
			t.Errorf("unit %q: %d records, %v", unit, len(list), err)
		}
	}
}
