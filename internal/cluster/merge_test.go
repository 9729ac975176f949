package cluster

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMerge has four towns in a row. A and B share most documents and are near;
// B and C are near and share few; D shares all with A but is far.
func TestMerge(t *testing.T) {
	t.Parallel()
	p := places(0, 0, 0, 0, 0, 0, 0, 0, 0.04, 0, 0.04, 0, 0.04, 0, 0.08, 0, 0.08, 0, 5, 0)
	o := Options{RadiusKM: 1, Density: 1}
	r := run(t, p, o)
	if diff := cmp.Diff([]int32{0, 0, 0, 0, 1, 1, 1, 2, 2, 3}, r.Labels); diff != "" {
		t.Fatal(diff)
	}
	document := []int32{0, 1, 2, 3, 0, 1, 3, 3, 4, 2}
	got, steps := Merge(p, o, r, document, MergeOptions{WithinKM: 5})
	// links: A-B 3 (0, 1, 3), A-C 1 (3), B-C 1 (3), A-D 1 (2): B gives A 3 of 4; C's go half and half to A, B, which is one after the merger
	want := []MergeStep{{Into: 0, From: 1, Links: 3, IntoShare: 0.6, FromShare: 0.75}, {Into: 0, From: 2, Links: 2, IntoShare: 2.0 / 3, FromShare: 1}}
	for i := range steps {
		if math.Abs(steps[i].EdgeKM-DistanceKM(0, 0, 0.04, 0)) > 1e-6 {
			t.Errorf("edge %g km", steps[i].EdgeKM)
		}
		steps[i].EdgeKM = 0
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps: %s", diff)
	}
	if diff := cmp.Diff([]int32{0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, got.Labels); diff != "" || got.Clusters != 2 || got.Weight[0] != 9 || got.Count[1] != 1 {
		t.Errorf("%+v", got)
	}
	if same, steps := Merge(p, o, r, document, MergeOptions{WithinKM: 4}); len(steps) != 0 || cmp.Diff(r, same) != "" {
		t.Errorf("beyond the distance: %+v", steps)
	}
	if _, steps := Merge(p, o, r, document, MergeOptions{WithinKM: 5, Share: 0.8}); len(steps) != 0 {
		t.Errorf("below the share: %+v", steps)
	}
	if _, steps := Merge(p, o, r, nil, MergeOptions{WithinKM: 5}); len(steps) != 0 {
		t.Errorf("without documents: %+v", steps)
	}
}

// TestEdges compares the distances of clusters with those of all pairs of
// points.
func TestEdges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 7))
		p := scatter(rng, int([]uint64{0, 1, 3, 4}[seed%4]), 250, false)
		o := Options{RadiusKM: 4, Density: 2}
		r := run(t, p, o)
		const within = 30
		want := map[pair]float64{}
		for i, a := range r.Labels {
			for j, b := range r.Labels {
				if a == Noise || b == Noise || a >= b {
					continue
				}
				d := haversine(p.Lon[i], p.Lat[i], p.Lon[j], p.Lat[j])
				if best, ok := want[pair{a, b}]; d <= within && (!ok || d < best) {
					want[pair{a, b}] = d
				}
			}
		}
		got := edges(p, o, r, within)
		for k, d := range want {
			if math.Abs(got[k]-d) > 1e-6 {
				t.Fatalf("seed %d: %v are %g km apart, want %g", seed, k, got[k], d)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d pairs, want %d", seed, len(got), len(want))
		}
	}
}
