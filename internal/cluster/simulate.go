package cluster

import (
	"math"
	"math/rand/v2"
	"slices"
)

// The simulated world of Simulate.
const (
	simulatedTowns = 2000
	simulatedNoise = 0.1 // part of the points that is spread evenly over the Earth
	leastSigmaKM   = 4
	mostSigmaKM    = 20
)

// Simulate returns n simulated addresses spread somewhat as those of inventors
// and authors are: 2,000 towns whose sizes follow Zipf's law, each a Gaussian
// of 4 to 20 km, and a tenth of all points anywhere. It is for measuring; no
// point stands for a person. The same seed gives the same points.
func Simulate(seed uint64, n int) Points {
	rng := rand.New(rand.NewPCG(seed, 0))
	centres, sigmas, upTo := make([]vec, simulatedTowns), make([]float64, simulatedTowns), make([]float64, simulatedTowns)
	sum := 0.0
	for i := range centres {
		centres[i] = anywhere(rng)
		sigmas[i] = leastSigmaKM + (mostSigmaKM-leastSigmaKM)*rng.Float64()
		sum += 1 / float64(i+1)
		upTo[i] = sum
	}
	p := Points{Lon: make([]float64, n), Lat: make([]float64, n)}
	for i := range n {
		v := anywhere(rng)
		if rng.Float64() >= simulatedNoise {
			town, _ := slices.BinarySearch(upTo, rng.Float64()*sum)
			v = near(rng, centres[min(town, simulatedTowns-1)], sigmas[min(town, simulatedTowns-1)]/EarthKM)
		}
		p.Lon[i], p.Lat[i] = v.place()
	}
	return p
}

func anywhere(rng *rand.Rand) vec {
	z, turn := 2*rng.Float64()-1, 2*math.Pi*rng.Float64()
	side := math.Sqrt(1 - z*z)
	return vec{side * math.Cos(turn), side * math.Sin(turn), z}
}

// near moves a unit vector along two tangents by Gaussian steps.
func near(rng *rand.Rand, c vec, sigma float64) vec {
	a := vec{1, 0, 0}
	if side := math.Hypot(c.x, c.y); side > 1e-9 {
		a = vec{-c.y / side, c.x / side, 0}
	}
	b := vec{c.y*a.z - c.z*a.y, c.z*a.x - c.x*a.z, c.x*a.y - c.y*a.x}
	s, t := sigma*rng.NormFloat64(), sigma*rng.NormFloat64()
	return vec{c.x + s*a.x + t*b.x, c.y + s*a.y + t*b.y, c.z + s*a.z + t*b.z}
}
