package cluster

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/errs"
)

func run(t *testing.T, p Points, o Options) Result {
	t.Helper()
	r, err := Run(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func places(lonLat ...float64) Points {
	var p Points
	for i := 0; i < len(lonLat); i += 2 {
		p.Lon, p.Lat = append(p.Lon, lonLat[i]), append(p.Lat, lonLat[i+1])
	}
	return p
}

func TestSmallCases(t *testing.T) {
	t.Parallel()
	step := 15 / EarthKM * 180 / math.Pi // 15 km of latitude
	for _, c := range []struct {
		name   string
		points Points
		o      Options
		labels []int32
		core   int
	}{
		{"the dateline is no border", places(179.99, 0, -179.99, 0), Options{RadiusKM: 3, Density: 2}, []int32{0, 0}, 2},
		{"and they are 2.2 km apart", places(179.99, 0, -179.99, 0), Options{RadiusKM: 2.2, Density: 2}, []int32{-1, -1}, 0},
		{"a pole has all longitudes", places(0, 89.99, 120, 89.99, -120, 89.99, 10, -90, -170, -90), Options{RadiusKM: 2, Density: 2}, []int32{0, 0, 0, 1, 1}, 5},
		{"a point at the radius is a neighbour", places(113, 23, 113, 23+step), Options{RadiusKM: 15, Density: 2}, []int32{0, 0}, 2},
		{"a point just beyond is not", places(113, 23, 113, 23+step*1.00001), Options{RadiusKM: 15, Density: 2}, []int32{-1, -1}, 0},
		{"a point counts itself", places(113, 23, 10, 50), Options{RadiusKM: 15, Density: 1}, []int32{0, 1}, 2},
		{"equal points add up", places(113, 23, 113, 23, 113, 23, 0, 0), Options{RadiusKM: 15, Density: 3}, []int32{0, 0, 0, -1}, 3},
		{"weights do", withWeights(places(113, 23, 113, 23.01, 0, 0), 2, 1, 2), Options{RadiusKM: 15, Density: 3}, []int32{0, 0, -1}, 2},
		{"three thirds make one", withWeights(places(1, 2, 1, 2.01, 1, 2.02), 1.0/3, 1.0/3, 1.0/3), Options{RadiusKM: 15, Density: 1}, []int32{0, 0, 0}, 3},
		{"ten tenths too", withWeights(places(1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2.01), .1, .1, .1, .1, .1, .1, .1, .1, .1, .1), Options{RadiusKM: 15, Density: 1}, make([]int32, 10), 10},
		{"a kind of weight 0 is labelled", Points{Lon: []float64{1, 1, 1}, Lat: []float64{2, 2.01, 2.02}, Kind: []uint8{0, 1, 1}}, Options{RadiusKM: 15, Density: 1, KindWeights: []float64{1, 0}}, []int32{0, 0, 0}, 3},
		{"the heavier cluster comes first", places(0, 0, 113, 23, 113, 23), Options{RadiusKM: 15, Density: 1}, []int32{1, 0, 0}, 3},
		{"rounding brings points together", places(113.04, 23, 113.06, 23, 113.149, 23), Options{RadiusKM: 0.001, Density: 2, Round: 0.1}, []int32{-1, 0, 0}, 2},
		{"all of the Earth", places(0, 0, 180, 0, 90, 45), Options{RadiusKM: 20016, Density: 3}, []int32{0, 0, 0}, 3},
		{"nothing", Points{}, Options{RadiusKM: 15, Density: 3}, nil, 0},
	} {
		r := run(t, c.points, c.o)
		if diff := cmp.Diff(c.labels, r.Labels); diff != "" || r.CoreCount != c.core {
			t.Errorf("%s: core %d, want %d; labels (-want +got) %s", c.name, r.CoreCount, c.core, diff)
		}
	}
}

func withWeights(p Points, w ...float64) Points {
	p.Weight = w
	return p
}

// TestBorder moves a point of no weight between two towns: it goes to the
// nearer core point, and when both are equally near to the heavier town.
func TestBorder(t *testing.T) {
	t.Parallel()
	o := Options{RadiusKM: 1.05 / 180 * math.Pi * EarthKM, Density: 5}
	for _, c := range []struct {
		at        float64
		label     int32
		ambiguous int
	}{{0, 0, 1}, {-0.02, 1, 1}, {0.02, 0, 1}, {-0.5, 1, 0}, {0.5, 0, 0}, {-2.9, 1, 0}, {-3.1, Noise, 0}} {
		p := withWeights(places(-2, 0, -1, 0, 1, 0, 2, 0, c.at, 0), 4, 1, 1, 5, 0)
		r := run(t, p, o)
		if diff := cmp.Diff([]int32{1, 1, 0, 0, c.label}, r.Labels); diff != "" || r.Core[4] || r.CoreCount != 4 || r.Ambiguous != c.ambiguous {
			t.Errorf("at %g: ambiguous %d, want %d; core %v; labels %s", c.at, r.Ambiguous, c.ambiguous, r.Core, diff)
		}
	}
}

// TestOrderIsNothing shuffles points and changes the number of workers: labels
// go with their points, numbers stay.
func TestOrderIsNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		p := scatter(rng, int(seed%shapes), 1500, false)
		o := Options{RadiusKM: 8, Density: 6, Workers: 1}
		want := run(t, p, o)
		order := rng.Perm(p.Len())
		var q Points
		for _, i := range order {
			q.Lon, q.Lat, q.Weight, q.Kind = append(q.Lon, p.Lon[i]), append(q.Lat, p.Lat[i]), append(q.Weight, p.Weight[i]), append(q.Kind, p.Kind[i])
		}
		o.Workers = 3
		got := run(t, q, o)
		for k, i := range order {
			if got.Labels[k] != want.Labels[i] || got.Core[k] != want.Core[i] {
				t.Fatalf("seed %d: point %d has label %d, shuffled %d", seed, i, want.Labels[i], got.Labels[k])
			}
		}
		got.Labels, got.Core, want.Labels, want.Core = nil, nil, nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

// TestTurning turns the Earth under the points, which moves the dateline
// through them, and mirrors it: nothing changes but numbers of equal weight.
func TestTurning(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		p := scatter(rng, int(seed%5), 1000, false)
		if seed%5 == 2 {
			continue // a lattice has distances that tie, and a turn rounds them apart
		}
		o := Options{RadiusKM: 8, Density: 5}
		want := run(t, p, o)
		turned := p
		turned.Lon, turned.Lat = make([]float64, p.Len()), make([]float64, p.Len())
		by := rng.Float64()*360 - 180
		for i := range p.Lon {
			turned.Lon[i], turned.Lat[i] = math.Remainder(p.Lon[i]+by, 360), -p.Lat[i]
		}
		samePartition(t, want, run(t, turned, o))
	}
}

func samePartition(t *testing.T, a, b Result) {
	t.Helper()
	if diff := cmp.Diff(a.Core, b.Core); diff != "" {
		t.Fatal(diff)
	}
	if a.Clusters != b.Clusters || a.Ambiguous != b.Ambiguous || a.Noise != b.Noise {
		t.Fatalf("clusters %d and %d, ambiguous %d and %d, noise %d and %d", a.Clusters, b.Clusters, a.Ambiguous, b.Ambiguous, a.Noise, b.Noise)
	}
	name := map[int32]int32{Noise: Noise}
	for i, l := range a.Labels {
		if to, ok := name[l]; ok && to != b.Labels[i] {
			t.Fatalf("point %d: %d became %d and %d", i, l, to, b.Labels[i])
		}
		name[l] = b.Labels[i]
	}
}

// TestWeightsAreCopies: a point of weight 3 does what three points do.
func TestWeightsAreCopies(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 9))
	p := scatter(rng, 1, 900, false)
	var copies Points
	var from []int
	for i := range p.Lon {
		p.Weight[i] = float64(1 + rng.IntN(4))
		for range int(p.Weight[i]) {
			copies.Lon, copies.Lat = append(copies.Lon, p.Lon[i]), append(copies.Lat, p.Lat[i])
			from = append(from, i)
		}
	}
	o := Options{RadiusKM: 6, Density: 20}
	want, got := run(t, p, o), run(t, copies, o)
	for k, i := range from {
		if got.Labels[k] != want.Labels[i] || got.Core[k] != want.Core[i] {
			t.Fatalf("copy %d of point %d: label %d, want %d", k, i, got.Labels[k], want.Labels[i])
		}
	}
	if got.Spots != want.Spots {
		t.Errorf("%d spots, want %d", got.Spots, want.Spots)
	}
}

// TestWorstCases are loads on which simpler programs take quadratic time or
// memory. Each must end, and with the plain answer.
func TestWorstCases(t *testing.T) {
	t.Parallel()
	const n = 200_000
	rng := rand.New(rand.NewPCG(4, 4))
	make1 := func(fn func() (lon, lat float64)) Points {
		p := Points{Lon: make([]float64, n), Lat: make([]float64, n)}
		for i := range n {
			p.Lon[i], p.Lat[i] = fn()
		}
		return p
	}
	for _, c := range []struct {
		name     string
		points   Points
		density  float64
		clusters int
	}{
		{"all at one place", make1(func() (float64, float64) { return 113.26, 23.13 }), 4500, 1},
		{"all in one street, all different", make1(func() (float64, float64) { return 113.26 + rng.Float64()*1e-9, 23.13 + rng.Float64()*1e-9 }), 4500, 1},
		{"a dense city, all different", make1(func() (float64, float64) { return 113.26 + rng.NormFloat64()*0.02, 23.13 + rng.NormFloat64()*0.02 }), 4500, 1},
		{"a ring at the pole", make1(func() (float64, float64) { return rng.Float64()*360 - 180, 89.5 }), 4500, 1},
		{"a disc over the pole", make1(func() (float64, float64) { return rng.Float64()*360 - 180, -90 + rng.Float64() }), 10, 1},
		{"two towns at the radius, each too light", make1(func() (float64, float64) {
			side := 0.13489837 * float64(rng.IntN(2))
			return 10 + rng.NormFloat64()*0.005, 10 + side + rng.NormFloat64()*0.005
		}), 0.7 * n, 1},
		{"nothing is dense", make1(func() (float64, float64) { return rng.Float64()*360 - 180, rng.Float64()*180 - 90 }), 4500, 0},
	} {
		if r := run(t, c.points, Options{RadiusKM: 15, Density: c.density}); r.Clusters != c.clusters {
			t.Errorf("%s: %d clusters, want %d", c.name, r.Clusters, c.clusters)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := places(1, 2, 3, 4)
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		key string
		p   Points
		o   Options
	}{
		{"cluster.bad_radius", good, Options{Density: 1}},
		{"cluster.bad_radius", good, Options{RadiusKM: nan, Density: 1}},
		{"cluster.bad_radius", good, Options{RadiusKM: inf, Density: 1}},
		{"cluster.bad_density", good, Options{RadiusKM: 1}},
		{"cluster.bad_density", good, Options{RadiusKM: 1, Density: nan}},
		{"cluster.bad_round", good, Options{RadiusKM: 1, Density: 1, Round: -1}},
		{"cluster.bad_round", good, Options{RadiusKM: 1, Density: 1, Round: nan}},
		{"cluster.bad_kind_weight", good, Options{RadiusKM: 1, Density: 1, KindWeights: []float64{-1}}},
		{"cluster.bad_place", places(1, 91), Options{RadiusKM: 1, Density: 1}},
		{"cluster.bad_place", places(181, 0), Options{RadiusKM: 1, Density: 1}},
		{"cluster.bad_place", places(nan, 0), Options{RadiusKM: 1, Density: 1}},
		{"cluster.bad_place", places(inf, 0), Options{RadiusKM: 1, Density: 1, Plane: true}},
		{"cluster.bad_weight", withWeights(good, 1, -1), Options{RadiusKM: 1, Density: 1}},
		{"cluster.bad_weight", withWeights(good, 1, nan), Options{RadiusKM: 1, Density: 1}},
		{"cluster.columns_differ", withWeights(good, 1), Options{RadiusKM: 1, Density: 1}},
		{"cluster.bad_kind", Points{Lon: []float64{1}, Lat: []float64{1}, Kind: []uint8{2}}, Options{RadiusKM: 1, Density: 1, KindWeights: []float64{1, 1}}},
	} {
		_, err := Run(c.p, c.o)
		var e *errs.Error
		if !errors.As(err, &e) || e.Key != c.key || e.Kind != errs.Invalid {
			t.Errorf("%s: got %v", c.key, err)
		}
	}
}

func TestChord(t *testing.T) {
	t.Parallel()
	if got := chord(15); math.Abs(got-0.0023544147) > 5e-11 {
		t.Errorf("chord of 15 km = %.10f, want 0.0023544147", got)
	}
	if got := DistanceKM(179.99, 0, -179.99, 0); math.Abs(got-2.2239) > 1e-4 {
		t.Errorf("%.4f km across the dateline, want 2.2239", got)
	}
	if got := DistanceKM(0, 0, 180, 0); math.Abs(got-math.Pi*EarthKM) > 1e-6 {
		t.Errorf("antipodes are %.4f km apart", got)
	}
	same := func(a, b, c, d float64) bool {
		lon1, lat1, lon2, lat2 := math.Remainder(a, 180), math.Remainder(b, 90), math.Remainder(c, 180), math.Remainder(d, 90)
		want := haversine(lon1, lat1, lon2, lat2)
		return want > 20000 || math.Abs(DistanceKM(lon1, lat1, lon2, lat2)-want) < 1e-6
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

// TestUnitVectors: one place has one vector, whatever its longitude is called.
func TestUnitVectors(t *testing.T) {
	t.Parallel()
	for _, c := range [][4]float64{{180, 12, -180, 12}, {0, 90, 77, 90}, {5, -90, -180, -90}} {
		if a, b := unit(c[0], c[1]), unit(c[2], c[3]); a != b {
			t.Errorf("%v: %v and %v", c, a, b)
		}
	}
	if got := unit(90, 0); got != (vec{0, 1, 0}) {
		t.Errorf("90° east on the equator is %v", got)
	}
}

// TestTouch has two towns in the plane that only their nearest points may join:
// the descent must find that pair wherever it lies.
func TestTouch(t *testing.T) {
	t.Parallel()
	joined := 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 5))
		var p Points
		apart := 1 + 0.8*rng.Float64()
		for i := range 160 {
			x, y := 0.45*rng.Float64(), 0.45*rng.Float64()
			if i%2 == 0 {
				x, y = x+apart, y+0.4*rng.Float64()
			}
			p.Lon, p.Lat = append(p.Lon, x), append(p.Lat, y)
		}
		want := 2
		for i := range p.Lon {
			for j := range p.Lon {
				if i%2 != j%2 && math.Hypot(p.Lon[i]-p.Lon[j], p.Lat[i]-p.Lat[j]) <= 1 {
					want = 1
				}
			}
		}
		joined += 2 - want
		if got := run(t, p, Options{RadiusKM: 1, Density: 1, Plane: true}).Clusters; got != want {
			t.Fatalf("seed %d: %d clusters, want %d", seed, got, want)
		}
	}
	if joined < 50 || joined > 250 {
		t.Errorf("%d of 300 joined: the load tests one answer only", joined)
	}
}

// TestClosedBall puts pairs exactly one radius apart along meridians.
func TestClosedBall(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 6))
	for range 3000 {
		km := math.Exp(rng.Float64()*6 - 1)
		lon, lat := rng.Float64()*360-180, rng.Float64()*170-85
		p := places(lon, lat, lon, lat+km/EarthKM*180/math.Pi)
		if p.Lat[1] > 90 {
			continue
		}
		if r := run(t, p, Options{RadiusKM: km, Density: 2, Workers: 1}); r.Clusters != 1 {
			t.Fatalf("%g km at %g, %g: the point at the radius is no neighbour", km, lon, lat)
		}
	}
}

// TestNearlyEqual has two places a tenth of a millimetre apart, in turn.
func TestNearlyEqual(t *testing.T) {
	t.Parallel()
	p := places(113, 23, 113.000000001, 23, 113, 23, 113.000000001, 23, 113, 23)
	if r := run(t, p, Options{RadiusKM: 1e-8, Density: 3}); r.Spots != 2 || r.CoreCount != 3 {
		t.Errorf("%d spots, %d core points; want 2 and 3", r.Spots, r.CoreCount)
	}
}

func TestHugeWeights(t *testing.T) {
	t.Parallel()
	p := withWeights(places(1, 2, 1, 2.001, 50, 50), 1e15, 1e15, 1e-9)
	r := run(t, p, Options{RadiusKM: 1, Density: 1.5e15})
	if diff := cmp.Diff([]int32{0, 0, Noise}, r.Labels); diff != "" || r.Weight[0] != 2e15 {
		t.Errorf("weight %v, labels %s", r.Weight, diff)
	}
	if r := run(t, p, Options{RadiusKM: 1, Density: 1e300}); r.Clusters != 0 {
		t.Errorf("%d clusters above all weight", r.Clusters)
	}
}

func ExampleRun() {
	points := Collect([]Point{
		{Lon: 113.26, Lat: 23.13, Weight: 1}, {Lon: 113.30, Lat: 23.12, Weight: 1}, {Lon: 113.33, Lat: 23.14, Weight: 1},
		{Lon: 179.99, Lat: 0, Weight: 2}, {Lon: -179.99, Lat: 0, Weight: 2}, {Lon: 20, Lat: 50, Weight: 1},
	})
	r, err := Run(points, Options{RadiusKM: 15, Density: 3})
	if err != nil {
		panic(err)
	}
	fmt.Println(r.Clusters, r.Labels, r.Weight)
	// Output: 2 [1 1 1 0 0 -1] [4 3]
}
