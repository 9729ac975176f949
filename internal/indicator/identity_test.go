package indicator

import (
	"context"
	"math"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
)

// TestWorldIdentities holds what is true of any world: shares and what nobody
// has add up to the works, the mean of normalised citations is 1, and exactly
// 1, 10 and 50 % of every cell are top.
func TestWorldIdentities(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(2) {
		spec := Spec{From: 2019, To: 2021, Unit: World, Field: []string{"subfield", "field"}[seed%2]}
		e := prepared(t, randomWorld(seed+20, 60+40*int(seed)), spec)
		all, err := Values(ctx, e, spec)
		if err != nil || len(all) != 1 {
			t.Fatal(len(all), err)
		}
		v := all[0]
		if !same(v.MNCS, 1) || !same(v.PPTop1, 0.01) || !same(v.PPTop10, 0.1) || !same(v.PPTop50, 0.5) || v.P != v.Share {
			t.Errorf("the world: MNCS %v, tops %v %v %v, %v works of share %v", v.MNCS, v.PPTop1, v.PPTop10, v.PPTop50, v.P, v.Share)
		}
		tops(t, e)
		for _, unit := range AllUnits[:5] {
			spec.Unit = unit
			units, err := Values(ctx, e, spec)
			if err != nil {
				t.Fatal(err)
			}
			rest, err := Unassigned(ctx, e, spec)
			if err != nil {
				t.Fatal(err)
			}
			share, scores, rests := rest.Share, rest.TNCS, 0.0
			for _, u := range units {
				share, scores, rests = share+u.Share, scores+u.TNCS, rests+1
				if u.Share > u.P || u.Share <= 0 || u.Top1 > u.Top10+1e-12 || u.Top10 > u.Top50+1e-12 {
					t.Errorf("%s %s: %+v", unit, u.Unit, u)
				}
			}
			if !same(share, v.P) || !same(scores, v.TNCS) || rests == 0 || rest.Share < 0 {
				t.Errorf("%s: shares add up to %v of %v works, scores to %v of %v, %v are nobody's", unit, share, v.P, scores, v.TNCS, rest.Share)
			}
		}
		if seed == 0 {
			nobodys(t, e, v.P)
		}
	}
}

// nobodys holds that what no institution has is what affiliations without one
// and works without authors weigh.
func nobodys(t *testing.T, q db.Querier, works float64) {
	t.Helper()
	rest, err := Unassigned(context.Background(), q, Spec{From: 2019, To: 2021, Unit: Institution})
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := db.Value[float64](context.Background(), q, `SELECT SUM(weight) FROM (
		SELECT a.weight FROM authorship a JOIN scored USING (work_id) WHERE a.institution IS NULL
		UNION ALL SELECT 1 FROM scored s WHERE NOT EXISTS (SELECT 1 FROM authorship a WHERE a.work_id = s.work_id))`)
	if err != nil || !same(rest.Share, want) || want <= 0 || want >= works {
		t.Errorf("nobody has %v, the rows say %v (%v)", rest.Share, want, err)
	}
}

// tops holds that each cell has its x % exactly.
func tops(t *testing.T, q db.Querier) {
	t.Helper()
	cells := 0
	err := db.Each(context.Background(), q, func(s db.Scan) error {
		var size, one, ten, fifty, mean float64
		err := s(&size, &one, &ten, &fifty, &mean)
		cells++
		if math.Abs(one-size*0.01) > 1e-12*size || math.Abs(ten-size*0.1) > 1e-12*size || math.Abs(fifty-size*0.5) > 1e-12*size || !same(mean, 1) {
			t.Errorf("a cell of %v works has %v, %v and %v top, and a mean of %v", size, one, ten, fifty, mean)
		}
		return err
	}, "SELECT SUM(works), SUM(works * top1), SUM(works * top10), SUM(works * top50), SUM(works * ncs) / SUM(works) FROM cell_level GROUP BY year, kind, cell")
	if err != nil || cells < 6 {
		t.Errorf("%d cells, %v", cells, err)
	}
}
