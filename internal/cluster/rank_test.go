package cluster

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// TestTally: a patent with four inventors, two in cluster 0, one in 1, one in
// none gives 1/2 and 1/4, and 1/4 is lost; a paper beside it is a document of
// its own.
func TestTally(t *testing.T) {
	t.Parallel()
	labels := []int32{0, 0, 1, Noise, 1, 1, Noise}
	e := Evidence{Kind: []Kind{Patent, Patent, Patent, Patent, Paper, Paper, Paper}, Document: []int32{0, 0, 0, 0, 1, 1, 2}}
	counts, world := Tally(labels, 2, e)
	if diff := cmp.Diff([]Counts{{Patents: 0.5}, {Patents: 0.25, Papers: 1}}, counts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Counts{Patents: 1, Papers: 2}, world); diff != "" {
		t.Error(diff)
	}
	// The same as parts of documents, of which one person's address is unknown.
	e = Evidence{Kind: e.Kind, Weight: []float64{0.25, 0.25, 0.25, 0, 0.5, 0.5, 1}}
	counts, world = Tally(labels, 2, e)
	if diff := cmp.Diff([]Counts{{Patents: 0.5}, {Patents: 0.25, Papers: 1}}, counts); diff != "" || world.Patents != 0.75 {
		t.Error(world, diff)
	}
	// An author with two addresses has two points of half a person.
	e = Evidence{Weight: []float64{0.5, 0.5, 1}, Document: []int32{0, 0, 0}}
	counts, _ = Tally([]int32{0, 1, 1}, 2, e)
	if diff := cmp.Diff([]Counts{{Patents: 0.25}, {Patents: 0.75}}, counts); diff != "" {
		t.Error(diff)
	}
	// A document whose weights are all 0 counts nowhere.
	counts, world = Tally([]int32{0, 0}, 1, Evidence{Weight: []float64{0, 1}, Document: []int32{0, 1}})
	if counts[0].Patents != 1 || world.Patents != 1 {
		t.Error(counts, world)
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	a, b := Counts{Patents: 60, Papers: 100}, Counts{Patents: 50, Papers: 250}
	for _, c := range []struct {
		name   string
		counts []Counts
		o      RankOptions
		order  []int
		ranks  []int
		totals []float64
	}{
		{"papers lift b", []Counts{a, b}, RankOptions{World: Counts{Patents: 1000, Papers: 10_000}}, []int{1, 0}, []int{1, 2}, []float64{0.075, 0.07}},
		{"more papers in the world lift a", []Counts{a, b}, RankOptions{World: Counts{Patents: 1000, Papers: 50_000}}, []int{0, 1}, []int{1, 2}, []float64{0.062, 0.055}},
		{"equal totals share a rank", []Counts{b, a, b}, RankOptions{World: Counts{Patents: 1000, Papers: 10_000}}, []int{0, 2, 1}, []int{1, 1, 3}, []float64{0.075, 0.075, 0.07}},
		{"deals are a third term", []Counts{{Patents: 60, Papers: 100, Deals: 10}, b}, RankOptions{World: Counts{Patents: 1000, Papers: 10_000, Deals: 100}, Deals: true}, []int{0, 1}, []int{1, 2}, []float64{0.17, 0.075}},
		{"only when asked for", []Counts{{Patents: 60, Papers: 100, Deals: 10}, b}, RankOptions{World: Counts{Patents: 1000, Papers: 10_000, Deals: 100}}, []int{1, 0}, []int{1, 2}, []float64{0.075, 0.07}},
		{"a kind the world lacks adds nothing", []Counts{{Patents: 1}, {Patents: 2}}, RankOptions{World: Counts{Patents: 4}}, []int{1, 0}, []int{1, 2}, []float64{0.5, 0.25}},
	} {
		rows, err := Rank(c.counts, c.o)
		if err != nil {
			t.Fatal(err)
		}
		var order, ranks []int
		var totals []float64
		for _, r := range rows {
			order, ranks, totals = append(order, r.Cluster), append(ranks, r.Rank), append(totals, r.Total)
		}
		if diff := cmp.Diff([]any{c.order, c.ranks, c.totals}, []any{order, ranks, totals}, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestIntensity has the published pair of figures of one cluster: both give one
// population.
func TestIntensity(t *testing.T) {
	t.Parallel()
	counts := []Counts{{Patents: 113_482, Papers: 153_180}, {Patents: 1, Papers: 1}, {Patents: 10, Papers: 10}}
	rows, err := Rank(counts, RankOptions{World: Counts{Patents: 1_255_500, Papers: 7_459_000}, Population: []float64{49.53e6, math.NaN(), 1000}})
	if err != nil {
		t.Fatal(err)
	}
	first := rows[0]
	if got := first.Intensity * 49.53; math.Abs(got-(113_482+153_180)) > 1e-6 {
		t.Errorf("intensity × population = %f", got)
	}
	if math.Abs(first.Intensity-(2291+3092)) > 2 || first.IntensityRank != 2 {
		t.Errorf("intensity %.1f, rank %d", first.Intensity, first.IntensityRank)
	}
	for _, r := range rows {
		if r.Cluster == 1 && (!math.IsNaN(r.Intensity) || r.IntensityRank != 0) {
			t.Errorf("an unknown population has intensity %v and rank %d", r.Intensity, r.IntensityRank)
		}
	}
}

func TestRankRefuses(t *testing.T) {
	t.Parallel()
	for _, world := range []float64{-1, math.NaN(), math.Inf(1), 9} {
		if _, err := Rank([]Counts{{Patents: 10}}, RankOptions{World: Counts{Patents: world}}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("a world of %g patents: %v", world, err)
		}
	}
	if _, err := Rank([]Counts{{}}, RankOptions{Population: []float64{1, 2}}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("two populations of one cluster: %v", err)
	}
}

// TestPublishedTable ranks the 34 rows of the GII 2023 table by this method:
// shares, totals and order are those published, for pairs of world totals that
// were not. The pairs that do fill no rectangle: the sixth row's total is 4.6
// only while both are low enough together.
func TestPublishedTable(t *testing.T) {
	t.Parallel()
	f, err := os.Open(shareddata.Path(t, "tables/gii2023_st_clusters_top34.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := csv.NewReader(f)
	in.Comment = '#'
	table, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table = table[1:]
	var counts []Counts
	for _, row := range table {
		patents, _ := strconv.ParseFloat(row[3], 64)
		papers, _ := strconv.ParseFloat(row[4], 64)
		counts = append(counts, Counts{Patents: patents, Papers: papers})
	}
	for _, c := range []struct {
		patents, papers float64
		want            int
	}{{1_255_350, 7_465_000, 34}, {1_255_500, 7_459_000, 34}, {1_255_750, 7_453_000, 34}, {1_255_750, 7_459_000, 33}} {
		world := Counts{Patents: c.patents, Papers: c.papers}
		rows, err := Rank(counts, RankOptions{World: world})
		if err != nil {
			t.Fatal(err)
		}
		right := 0
		for i, r := range rows {
			percent := func(x float64) string { return fmt.Sprintf("%.1f", 100*x) }
			got, want := []string{strconv.Itoa(r.Rank), percent(r.Share.Patents), percent(r.Share.Papers), percent(r.Total)}, table[i]
			if r.Cluster == i && slices.Equal(got, []string{want[0], want[5], want[6], want[7]}) {
				right++
			}
		}
		if right != c.want || len(table) != 34 {
			t.Errorf("world %+v: %d of %d rows, want %d", world, right, len(table), c.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	p := withWeights(places(179.99, 1, -179.97, 1, 113, 23, 113, 23, 50, 50), 1, 1, 1, 2, 1)
	o := Options{RadiusKM: 15, Density: 2}
	r := run(t, p, o)
	names := Names{Name: []string{"West", "East", "Middle"}, Of: []int32{0, 1, 2, 2, 0}, Most: 2}
	shapes := Describe(p, o, r, names)
	if len(shapes) != 2 {
		t.Fatalf("%d shapes", len(shapes))
	}
	point, line := shapes[0], shapes[1] // by weight
	if math.Abs(point.Lon-113) > 1e-9 || math.Abs(point.Lat-23) > 1e-9 || point.RadiusKM > 1e-3 || point.Core != 2 {
		t.Errorf("%+v", point)
	}
	if math.Abs(math.Abs(line.Lon)-179.99) > 1e-6 || math.Abs(line.Lat-1) > 1e-6 || math.Abs(line.RadiusKM-DistanceKM(179.99, 1, -179.97, 1)/2) > 1e-6 {
		t.Errorf("%+v", line)
	}
	if diff := cmp.Diff([]Place{{"East", 1}, {"West", 1}}, line.Places); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Place{{"Middle", 3}}, point.Places); diff != "" {
		t.Error(diff)
	}
}
