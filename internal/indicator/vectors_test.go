package indicator

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/kapok-city/kapok/internal/db"
)

// byUnit prepares a world and returns the values of a spec by unit.
func byUnit(t *testing.T, w *world, spec Spec) map[string]Value {
	t.Helper()
	values, err := Values(context.Background(), prepared(t, w, spec), spec)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Value{}
	for _, v := range values {
		out[v.Unit] = v
	}
	return out
}

func at(institutions ...int64) author {
	var a author
	for _, i := range institutions {
		a.affiliations = append(a.affiliations, affiliation{institutions: []int64{i}})
	}
	return a
}

// TestShareByHand: one article, authors A (X), B (X, Y), C (none).
func TestShareByHand(t *testing.T) {
	w := &world{works: []paper{{id: 1, year: 2020, kind: "article", field: 11, subfield: 1100, authors: []author{at(1), at(1, 2), {}}}}}
	spec := Spec{From: 2020, To: 2020}
	got := byUnit(t, w, spec)
	if !same(got["1"].Share, 0.5) || !same(got["2"].Share, 1./6) || got["1"].P != 1 || got["2"].P != 1 {
		t.Errorf("X %v, Y %v; want 1/2 and 1/6, counts 1 and 1", got["1"].Share, got["2"].Share)
	}
	rest, err := Unassigned(context.Background(), prepared(t, w, spec), spec)
	if err != nil || !same(rest.Share, 1./3) {
		t.Errorf("unassigned %v, %v; want 1/3", rest.Share, err)
	}
}

// TestTopByHand holds the worked cells: who is in the top x % and how far.
func TestTopByHand(t *testing.T) {
	forty := make([]int64, 40)
	for i := range forty {
		forty[i] = int64(i)
	}
	for _, c := range []struct {
		name  string
		cites []int64
		of    string
		want  map[int64]float64 // by citations; all others 0
	}{
		{"ties at the cut", []int64{0, 0, 0, 0, 0, 5, 5, 5, 5, 5}, "p_top10", map[int64]float64{5: 0.2}},
		{"no ties", []int64{0, 0, 0, 1, 1, 2, 3, 5, 8, 13}, "p_top10", map[int64]float64{13: 1}},
		{"sums that binary fractions miss", []int64{0, 0, 0, 1, 1, 2, 3, 3, 3, 4}, "p_top10", map[int64]float64{4: 1}},
		{"top 1 % of 40", forty, "p_top1", map[int64]float64{39: 0.4}},
		{"the border within two works", []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, "p_top10", map[int64]float64{15: 1, 14: 0.5}},
		{"ties below one that is whole", []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 14, 14, 15}, "p_top10", map[int64]float64{15: 1, 14: 0.5 / 3}},
		{"one work", []int64{7}, "p_top50", map[int64]float64{7: 0.5}},
		{"nobody cites", []int64{0, 0, 0, 0}, "p_top10", map[int64]float64{0: 0.1}},
	} {
		w := &world{}
		for i, n := range c.cites {
			w.works = append(w.works, paper{id: int64(i + 1), year: 2020, kind: "article", field: 11, subfield: 1100, window: n, authors: []author{at(int64(i + 1))}})
		}
		got := byUnit(t, w, Spec{From: 2020, To: 2020})
		sum := 0.0
		for i, n := range c.cites {
			v := got[fmt.Sprint(i+1)]
			x, _ := v.Get(c.of)
			if sum += x; !same(x, c.want[n]) {
				t.Errorf("%s: a work with %d citations counts %v, want %v", c.name, n, x, c.want[n])
			}
		}
		if x := map[string]float64{"p_top1": 0.01, "p_top10": 0.1, "p_top50": 0.5}[c.of] * float64(len(c.cites)); !same(sum, x) {
			t.Errorf("%s: %v works are top, want %v", c.name, sum, x)
		}
	}
}

// TestNobodyCites: a cell without citations scores 1, and has no FWCI.
func TestNobodyCites(t *testing.T) {
	w := &world{}
	for i := range int64(4) {
		w.works = append(w.works, paper{id: i + 1, year: 2020, kind: "article", field: 11, subfield: 1100, authors: []author{at(1)}})
	}
	w.works = append(w.works, paper{id: 9, year: 2020, kind: "article", field: 12, subfield: 1200, window: 3, authors: []author{at(2)}},
		paper{id: 10, year: 2020, kind: "article", field: 12, subfield: 1200, window: 1, authors: []author{at(1)}})
	got := byUnit(t, w, Spec{From: 2020, To: 2020})
	if v := got["1"]; !same(v.MNCS, (4+0.5)/5) || !same(v.FWCI, 0.5) {
		t.Errorf("MNCS %v and FWCI %v, want 0.9 and 0.5", v.MNCS, v.FWCI)
	}
	if v := got["2"]; !same(v.MNCS, 1.5) || !same(v.FWCI, 1.5) {
		t.Errorf("MNCS %v and FWCI %v, want 1.5 twice", v.MNCS, v.FWCI)
	}
	w.works = w.works[:4]
	if v := byUnit(t, w, Spec{From: 2020, To: 2020})["1"]; v.MNCS != 1 || !math.IsNaN(v.FWCI) {
		t.Errorf("MNCS %v and FWCI %v, want 1 and not known", v.MNCS, v.FWCI)
	}
}

// TestDistances holds the traits of collaborations near the limits: 0.8993216
// degrees of latitude are 100 km on the sphere of 6,371.01 km.
func TestDistances(t *testing.T) {
	spot := func(id int64, lat, lon float64, country string) place {
		return place{id: id, country: country, lat: lat, lon: lon, located: true, kind: map[bool]string{true: "company"}[id == 6]}
	}
	w := &world{institutions: []place{spot(1, 0, 0, "CN"), spot(2, 0.8993, 0, "HK"), spot(3, 0.8994, 0, "CN"), spot(4, 0, 179.99, "US"), spot(5, 0, -179.99, "US"), spot(6, 60, 0, "FR"), {id: 7, country: "CN"},
		spot(8, 0, 0.4, "CN"), spot(9, 0.75, 0, "CN"), spot(10, 0.75, 0.8, "CN"), spot(11, 0, 20, "US"), spot(12, 37.5, 0, "US"), spot(13, 37.5, 40, "US")}}
	sets := []struct {
		at   []int64
		want traits
	}{
		{[]int64{1, 2}, traits{collab: 1, short: 1}}, // Hong Kong is no other country here
		{[]int64{1, 3}, traits{collab: 1}},
		{[]int64{4, 5}, traits{collab: 1, short: 1}}, // across the date line
		{[]int64{1, 2, 4}, traits{collab: 1, abroad: 1, long: 1}},
		{[]int64{1, 6}, traits{collab: 1, abroad: 1, industry: 1, long: 1}},
		{[]int64{1, 7}, traits{collab: 1}}, // where 7 is nobody knows
		{[]int64{1}, traits{}},
		{[]int64{8, 9, 10}, traits{collab: 1, short: 1}}, // the box around them is wider than 100 km
		{[]int64{11, 12, 13}, traits{collab: 1}},         // and this one than 5,000 km
	}
	for i, s := range sets {
		w.works = append(w.works, paper{id: int64(i + 1), year: 2020, kind: "article", field: 11, subfield: 1100, authors: []author{at(s.at...)}})
	}
	e := prepared(t, w, Spec{From: 2020, To: 2020})
	err := db.Each(context.Background(), e, func(s db.Scan) error {
		var id int64
		var got traits
		err := s(&id, &got.collab, &got.abroad, &got.industry, &got.short, &got.long)
		if want := sets[id-1].want; err == nil && got != want {
			t.Errorf("institutions %v: %+v, want %+v", sets[id-1].at, got, want)
		}
		return err
	}, "SELECT work_id, collab, int_collab, industry, short_dist, long_dist FROM scored")
	if err != nil {
		t.Fatal(err)
	}
}

func TestESIClasses(t *testing.T) {
	for _, c := range []struct {
		rank, length int
		r            Rounding
		want         Class
	}{
		{23, 2390, Floor, TopTenThousandth}, {24, 2390, Floor, TopThousandth}, {24, 2390, Ceil, TopTenThousandth}, {25, 2390, Ceil, TopThousandth},
		{239, 2390, Floor, TopThousandth}, {240, 2390, Floor, TopPercent}, {2390, 2390, Floor, TopPercent}, {2391, 2390, Ceil, NoClass}, {0, 10, Floor, NoClass},
	} {
		if got := ClassOf(c.rank, c.length, c.r); got != c.want {
			t.Errorf("rank %d of %d is %q, want %q", c.rank, c.length, got, c.want)
		}
	}
	values := make([]Value, 250)
	for i := range values {
		values[i].TCS = float64(1000 - i)
	}
	values[2].TCS, values[3].TCS = values[1].TCS, values[1].TCS
	list := esiList(22, values, Floor)
	if list.Threshold != 999 || list.Length != 4 || list.Rows[3].Rank != 2 || list.Rows[4].Rank != 5 || list.Rows[4].Class != NoClass {
		t.Errorf("250 units: threshold %v, length %d, fourth %+v", list.Threshold, list.Length, list.Rows[3])
	}
	if got := over(20411, 2449); math.Abs(got-8.33) > 0.005 {
		t.Errorf("potential %v, want 8.33", got)
	}
}

func TestAdjustedShare(t *testing.T) {
	if got := 100 * AdjustedChange(923.94, 927.26, 1.03709); math.Abs(got+3.2) > 0.05 {
		t.Errorf("Harvard changed by %.2f %%, want -3.2", got)
	}
	got := AdjustedShares(map[int]float64{2019: 10, 2020: 12, 2021: 12, 2018: 3}, map[int]float64{2019: 1000, 2020: 1100, 2021: 1200, 2018: 0})
	if !same(got[2019], 12) || !same(got[2021], 12) || !same(got[2020], 12*1200./1100) || len(got) != 3 {
		t.Errorf("adjusted shares %v", got)
	}
	if !math.IsNaN(AdjustedChange(0, 3, 1)) {
		t.Error("a change from nothing is not known")
	}
}

// TestLinks: citations counted link by link, in the year of the work and three
// more, without those of oneself.
func TestLinks(t *testing.T) {
	w := &world{}
	for i := range int64(3) {
		w.works = append(w.works, paper{id: i + 1, year: 2020, kind: "article", field: 11, subfield: 1100, window: 9, cited: 9, authors: []author{at(i + 1)}})
	}
	w.citations = []citation{{7, 2020, 1, false}, {8, 2023, 1, false}, {9, 2024, 1, false}, {7, 2021, 1, true}, {8, 2022, 2, false}, {8, 2019, 2, false}}
	got := byUnit(t, w, Spec{From: 2018, To: 2022, Citations: "links"})
	if got["1"].TCS != 2 || got["2"].TCS != 1 || got["3"].TCS != 0 || !same(got["1"].MNCS, 2) {
		t.Errorf("citations %v, %v and %v; want 2, 1 and 0", got["1"].TCS, got["2"].TCS, got["3"].TCS)
	}
}
