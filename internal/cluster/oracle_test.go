package cluster

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oracle is DBSCAN as the textbooks have it, in O(n²) and without any of the
// code under test: distances by the haversine or the plane, weights as they
// are, clusters by flooding from one core point to the next.
type oracle struct {
	core      []bool
	comp      []int   // of core points; -1 for others
	nearest   []int   // of border points: the component of the nearest core point; -1: noise
	choices   [][]int // of border points: all components in reach
	ambiguous int
	clusters  int
	unsettled bool // some distance is too near the radius for two formulas to agree
}

func textbook(p Points, o Options) oracle {
	n := p.Len()
	g := oracle{core: make([]bool, n), comp: make([]int, n), nearest: make([]int, n), choices: make([][]int, n)}
	dist := func(i, j int) float64 {
		if o.Plane {
			return math.Hypot(p.Lon[i]-p.Lon[j], p.Lat[i]-p.Lat[j])
		}
		return haversine(p.Lon[i], p.Lat[i], p.Lon[j], p.Lat[j])
	}
	near := func(i, j int) bool {
		d := dist(i, j)
		if !o.Plane && math.Abs(d-o.RadiusKM) < 1e-6*o.RadiusKM {
			g.unsettled = true
		}
		return d <= o.RadiusKM
	}
	for i := range n {
		sum := 0.0
		for j := range n {
			if near(i, j) {
				sum += weightOf(p, o, j)
			}
		}
		g.core[i] = sum >= o.Density-1e-9*o.Density
		g.comp[i], g.nearest[i] = -1, -1
	}
	for i := range n {
		if !g.core[i] || g.comp[i] >= 0 {
			continue
		}
		g.comp[i] = g.clusters
		for queue := []int{i}; len(queue) > 0; queue = queue[1:] {
			for j := range n {
				if g.core[j] && g.comp[j] < 0 && near(queue[0], j) {
					g.comp[j] = g.clusters
					queue = append(queue, j)
				}
			}
		}
		g.clusters++
	}
	for i := range n {
		if g.core[i] {
			continue
		}
		best, seen := math.Inf(1), map[int]bool{}
		for j := range n {
			if g.core[j] && near(i, j) {
				if !seen[g.comp[j]] {
					seen[g.comp[j]] = true
					g.choices[i] = append(g.choices[i], g.comp[j])
				}
				if d := dist(i, j); d < best {
					best, g.nearest[i] = d, g.comp[j]
				}
			}
		}
		if len(seen) > 1 {
			g.ambiguous++
		}
	}
	return g
}

func haversine(lon1, lat1, lon2, lat2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) + math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * EarthKM * math.Asin(math.Min(1, math.Sqrt(a)))
}

func weightOf(p Points, o Options, i int) float64 {
	w := 1.0
	if p.Weight != nil {
		w = p.Weight[i]
	}
	if p.Kind != nil && o.KindWeights != nil {
		w *= o.KindWeights[p.Kind[i]]
	}
	return w
}

// agree compares a result with the oracle: core flags, the partition of core
// points up to numbers, border points, counts.
func agree(t *testing.T, p Points, o Options, r Result, g oracle) {
	t.Helper()
	if diff := cmp.Diff(g.core, r.Core); diff != "" {
		t.Fatalf("core flags differ: %s", diff)
	}
	if r.Clusters != g.clusters || r.Ambiguous != g.ambiguous {
		t.Fatalf("clusters %d, ambiguous %d; the textbook has %d and %d", r.Clusters, r.Ambiguous, g.clusters, g.ambiguous)
	}
	name := map[int]int32{} // component of the oracle → label
	back := map[int32]int{}
	core, border, noise := 0, 0, 0
	for i, label := range r.Labels {
		want := g.comp[i]
		if !g.core[i] {
			want = g.nearest[i]
		}
		switch {
		case want < 0:
			noise++
			if label != Noise {
				t.Fatalf("point %d is noise and has label %d", i, label)
			}
			continue
		case g.core[i]:
			core++
		default:
			border++
		}
		if known, ok := name[want]; ok && known != label {
			t.Fatalf("point %d (core %t): label %d, others of its cluster have %d", i, g.core[i], label, known)
		}
		if known, ok := back[label]; ok && known != want {
			t.Fatalf("point %d: label %d stands for two clusters", i, label)
		}
		name[want], back[label] = label, want
	}
	if r.CoreCount != core || r.Border != border || r.Noise != noise || r.Points != len(r.Labels) {
		t.Fatalf("core %d border %d noise %d, want %d %d %d", r.CoreCount, r.Border, r.Noise, core, border, noise)
	}
	for c := 1; c < r.Clusters; c++ {
		if r.Weight[c] > r.Weight[c-1] {
			t.Fatalf("cluster %d is heavier than %d", c, c-1)
		}
	}
}

// scatter makes points of one of several shapes: even, in towns, on a lattice
// with repeats, across the dateline, around a pole, all in one place.
func scatter(rng *rand.Rand, shape, n int, plane bool) Points {
	var rows []Point
	for range n {
		var lon, lat float64
		switch shape {
		case 0:
			lon, lat = 113+rng.Float64()*3, 22+rng.Float64()*3
		case 1:
			town := float64(rng.IntN(5))
			lon, lat = 113+town*0.4+rng.NormFloat64()*0.1, 22+town*0.3+rng.NormFloat64()*0.1
		case 2:
			lon, lat = 113+float64(rng.IntN(25))*0.1, 22+float64(rng.IntN(25))*0.1
		case 3:
			lon, lat = 180+rng.NormFloat64()*0.5, rng.NormFloat64()*0.4
			if lon > 180 {
				lon -= 360
			}
		case 4:
			lon, lat = rng.Float64()*360-180, 90-math.Abs(rng.NormFloat64())*0.6
			if rng.IntN(2) == 0 {
				lat = -lat
			}
		case 5:
			lon, lat = 113.25, 23.125
		case 6: // the corner of three faces of the cube, and its edges
			lon, lat = 45+rng.NormFloat64()*0.5, 35.26438968275465+rng.NormFloat64()*0.4
		}
		w := []float64{1, 2, 0.5, 1.0 / 3, 0}[rng.IntN(5)]
		rows = append(rows, Point{lon, lat, w, uint8(rng.IntN(2))})
	}
	p := Collect(rows)
	if plane {
		p.Weight, p.Kind = nil, nil
	}
	return p
}

const shapes = 7

func TestTextbook(t *testing.T) {
	t.Parallel()
	settled := 0
	for seed := range uint64(210) {
		rng := rand.New(rand.NewPCG(seed, 1))
		shape := int(seed % shapes)
		plane := shape < 3 && seed%2 == 0
		p := scatter(rng, shape, 20+rng.IntN(400), plane)
		o := Options{RadiusKM: 2 + 20*rng.Float64(), Density: 0.5 + 12*rng.Float64(), Workers: 1 + int(seed%3), Plane: plane}
		if plane {
			o.RadiusKM /= 100
			o.Density = math.Ceil(o.Density)
		} else if seed%4 == 0 {
			o.KindWeights = []float64{1, 0.25}
		}
		g := textbook(p, o)
		if g.unsettled {
			continue
		}
		settled++
		r, err := Run(p, o)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, p, o, r, g)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if settled < 180 {
		t.Errorf("only %d of 210 sets could be compared", settled)
	}
}
