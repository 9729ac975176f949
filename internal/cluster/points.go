package cluster

import (
	"math"

	"github.com/kapok-city/kapok/internal/errs"
)

// Points are places with weights, as columns of one length.
type Points struct {
	Lon    []float64 // degrees east, -180 to 180
	Lat    []float64 // degrees north, -90 to 90
	Weight []float64 // 0 or more; nil: each point weighs 1
	Kind   []uint8   // index into Options.KindWeights; nil: all are of kind 0
}

// Point is one row of Points.
type Point struct {
	Lon, Lat, Weight float64
	Kind             uint8
}

// Collect puts rows into columns.
func Collect(rows []Point) Points {
	p := Points{make([]float64, len(rows)), make([]float64, len(rows)), make([]float64, len(rows)), make([]uint8, len(rows))}
	for i, r := range rows {
		p.Lon[i], p.Lat[i], p.Weight[i], p.Kind[i] = r.Lon, r.Lat, r.Weight, r.Kind
	}
	return p
}

// Len returns the number of points.
func (p Points) Len() int { return len(p.Lon) }

// Options are the parameters of a clustering.
type Options struct {
	RadiusKM    float64   // of the closed ball; the GII used 15 from 2018 to 2024
	Density     float64   // least total weight within the ball; the GII used 4,500 listings
	KindWeights []float64 // a point counts its weight times that of its kind; nil: 1 for all. A kind of weight 0 is labelled and counts nothing
	Round       float64   // coordinates are rounded to multiples of so many degrees first; 0: as they are
	Workers     int       // goroutines; 0: one for each processor

	// Plane takes Lon and Lat for x and y of a Euclidean plane and RadiusKM for
	// a length in its unit. It is there to be compared with programs that know
	// planes only.
	Plane bool
}

// maxPoints is what int32 positions and labels can number.
const maxPoints = math.MaxInt32 - 1

// check returns errs.Invalid for what cannot be clustered; the message names
// the first point at fault by its position from 0.
func (p Points) check(o Options) error {
	n := p.Len()
	if n > maxPoints {
		return errs.New(errs.TooLarge, "cluster.too_many", errs.A{"count": n, "limit": maxPoints})
	}
	if len(p.Lat) != n || p.Weight != nil && len(p.Weight) != n || p.Kind != nil && len(p.Kind) != n {
		return errs.New(errs.Invalid, "cluster.columns_differ")
	}
	if !(o.RadiusKM > 0) || math.IsInf(o.RadiusKM, 0) {
		return errs.New(errs.Invalid, "cluster.bad_radius", errs.A{"value": o.RadiusKM}).At("radius_km")
	}
	if !(o.Density > 0) || math.IsInf(o.Density, 0) {
		return errs.New(errs.Invalid, "cluster.bad_density", errs.A{"value": o.Density}).At("density")
	}
	if !(o.Round >= 0 && o.Round <= maxRound) {
		return errs.New(errs.Invalid, "cluster.bad_round", errs.A{"value": o.Round, "limit": maxRound}).At("round")
	}
	for _, w := range o.KindWeights {
		if !validWeight(w) {
			return errs.New(errs.Invalid, "cluster.bad_kind_weight", errs.A{"value": w})
		}
	}
	return p.checkRows(o)
}

// maxRound is the coarsest rounding in degrees: above it nothing is left of a
// place.
const maxRound = 10

func (p Points) checkRows(o Options) error {
	for i := range p.Lon {
		switch {
		case !o.Plane && !onEarth(p.Lon[i], p.Lat[i]), o.Plane && !(finite(p.Lon[i]) && finite(p.Lat[i])):
			return errs.New(errs.Invalid, "cluster.bad_place", errs.A{"index": i, "lon": p.Lon[i], "lat": p.Lat[i]})
		case p.Weight != nil && !validWeight(p.Weight[i]):
			return errs.New(errs.Invalid, "cluster.bad_weight", errs.A{"index": i, "value": p.Weight[i]})
		case p.Kind != nil && o.KindWeights != nil && int(p.Kind[i]) >= len(o.KindWeights):
			return errs.New(errs.Invalid, "cluster.bad_kind", errs.A{"index": i, "value": p.Kind[i]})
		}
	}
	return nil
}

// onEarth is false for NaN too.
func onEarth(lon, lat float64) bool {
	return lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90
}

func finite(x float64) bool { return math.Abs(x) <= maxPlane }

// maxPlane keeps squares of distances far from overflow.
const maxPlane = 1e100

func validWeight(w float64) bool { return w >= 0 && w <= maxWeight }

// maxWeight leaves room to add up the weights of all points.
const maxWeight = 1e15

// units turns weights into whole numbers whose sums have no order and cannot
// overflow: multiples of 2^-bits. Weights that are whole numbers or of few
// binary digits are exact; others are rounded by at most half a unit.
type units struct {
	points Points
	kinds  []float64
	bits   int
	scale  float64 // 2^bits
}

// newUnits takes the finest unit that leaves the sum of all weights below 2^62.
// It counts weights by their binary exponents, so that the order of the points
// cannot move the outcome.
func newUnits(p Points, o Options) units {
	u := units{points: p, kinds: o.KindWeights}
	const least = -1100
	var byExponent [2300]int
	for i := range p.Lon {
		if w := u.weight(int32(i)); w > 0 {
			_, e := math.Frexp(w) // w < 2^e
			byExponent[e-least]++
		}
	}
	sum := 0.0
	for e, n := range byExponent {
		sum += math.Ldexp(float64(n), e+least)
	}
	_, e := math.Frexp(sum)
	u.bits = min(62-e, 40)
	u.scale = math.Ldexp(1, u.bits)
	return u
}

func (u *units) weight(i int32) float64 {
	w := 1.0
	if u.points.Weight != nil {
		w = u.points.Weight[i]
	}
	if u.kinds != nil {
		k := uint8(0)
		if u.points.Kind != nil {
			k = u.points.Kind[i]
		}
		w *= u.kinds[k]
	}
	return w
}

func (u *units) of(i int32) int64 { return int64(math.RoundToEven(u.weight(i) * u.scale)) }

// slack lets a ball that lacks less than a billionth of the density reach it, so
// that three thirds make one.
const slack = 1e-9

// need returns the density in units.
func (u *units) need(density float64) int64 {
	x := math.Ceil(density * (1 - slack) * u.scale)
	if x >= math.MaxInt64/2 {
		return math.MaxInt64 / 2 // more than all points together
	}
	return max(int64(x), 1)
}

func (u *units) float(w int64) float64 { return float64(w) / u.scale }
