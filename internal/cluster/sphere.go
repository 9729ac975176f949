package cluster

import (
	"math"
	"math/bits"
)

// EarthKM is the mean radius R1 of the Earth (IUGG, Geodetic Reference System
// 1980), in kilometres.
const EarthKM = 6371.0088

// vec is a point of space: of the unit sphere, or of the plane z = 0.
type vec struct{ x, y, z float64 }

func (a vec) dist2(b vec) float64 {
	x, y, z := a.x-b.x, a.y-b.y, a.z-b.z
	return x*x + y*y + z*z
}

// unit returns the unit vector of a place. It is exact at the poles and on the
// meridians of 0, 90, 180 and 270 degrees, -180 being 180.
func unit(lon, lat float64) vec {
	sinLat, cosLat := sincos(lat)
	sinLon, cosLon := sincos(lon)
	return vec{cosLat * cosLon, cosLat * sinLon, sinLat}
}

// sincos takes degrees. It reduces them to within 45 of a right angle, which is
// exact, so that places that mirror each other have vectors that do.
func sincos(degrees float64) (sin, cos float64) {
	q := math.RoundToEven(degrees / 90)
	s, c := math.Sincos((degrees - 90*q) * (math.Pi / 180))
	switch int(q) & 3 {
	case 0:
		return s + 0, c // -0 + 0 is 0: one place has one vector
	case 1:
		return c, 0 - s
	case 2:
		return 0 - s, -c
	}
	return -c, s + 0
}

// place returns longitude and latitude of a direction.
func (a vec) place() (lon, lat float64) {
	return math.Atan2(a.y, a.x) * (180 / math.Pi), math.Atan2(a.z, math.Hypot(a.x, a.y)) * (180 / math.Pi)
}

// chord returns the straight line between two points of the unit sphere that
// are so many kilometres apart along a great circle.
func chord(km float64) float64 {
	return 2 * math.Sin(math.Min(km/(2*EarthKM), math.Pi/2))
}

// arc is the inverse of chord.
func arc(chord float64) float64 {
	return 2 * EarthKM * math.Asin(math.Min(chord/2, 1))
}

// DistanceKM returns the great circle distance of two places.
func DistanceKM(lon1, lat1, lon2, lat2 float64) float64 {
	return arc(math.Sqrt(unit(lon1, lat1).dist2(unit(lon2, lat2))))
}

// closure widens the chord of the radius by the rounding errors of coordinates
// (6 nm on the Earth), so that a point exactly at the radius is within it
// whatever the last digit of its sine.
const closure = 1.0 / (1 << 50)

// space turns coordinates into vectors and curve positions.
type space struct {
	plane        bool
	round        float64
	minX, minY   float64 // plane: corner of the box around all points
	scale        float64 // plane: curve cells per unit of length
	radius, far2 float64 // closed ball: its radius, and the square
	margin       float64 // by which balls must be apart or inside for rounding not to matter
}

func newSpace(p Points, o Options) space {
	s := space{plane: o.Plane, round: o.Round}
	if !o.Plane {
		s.radius = chord(o.RadiusKM)
		if o.RadiusKM < math.Pi*EarthKM {
			s.radius += closure
		} else {
			s.radius = 3 // all of the sphere, antipodes too
		}
		s.margin = 1.0 / (1 << 48)
	} else {
		s.radius = o.RadiusKM
		s.bound(p)
	}
	s.far2 = s.radius * s.radius
	return s
}

// bound measures the box around the points of a plane.
func (s *space) bound(p Points) {
	s.minX, s.minY = math.Inf(1), math.Inf(1)
	maxX, maxY := math.Inf(-1), math.Inf(-1)
	for i := range p.Lon {
		v := s.at(p.Lon[i], p.Lat[i])
		s.minX, maxX = min(s.minX, v.x), max(maxX, v.x)
		s.minY, maxY = min(s.minY, v.y), max(maxY, v.y)
	}
	if side := max(maxX-s.minX, maxY-s.minY); side > 0 {
		s.scale = (curveSide - 1) / side
	}
	s.margin = max(math.Abs(s.minX), math.Abs(maxX), math.Abs(s.minY), math.Abs(maxY), s.radius) / (1 << 46)
}

// at returns the vector of a place after rounding its coordinates.
func (s *space) at(lon, lat float64) vec {
	if s.round > 0 {
		lon, lat = math.RoundToEven(lon/s.round)*s.round, math.RoundToEven(lat/s.round)*s.round
	}
	if s.plane {
		return vec{lon + 0, lat + 0, 0}
	}
	return unit(max(-180, min(lon, 180)), max(-90, min(lat, 90)))
}

// length returns the distance of two places whose vectors are sqrt(d2) apart, in
// kilometres or units of the plane.
func (s *space) length(d2 float64) float64 {
	if s.plane {
		return math.Sqrt(d2)
	}
	return arc(math.Sqrt(d2))
}

// curveSide is the number of curve cells along one side of the square that the
// curve fills: on the Earth, cells of about a centimetre.
const curveSide = 1 << 30

// key returns the position of v on a curve through the six faces of the cube
// around the sphere, each in Morton order: points near each other mostly have
// keys near each other. Nothing but speed depends on it.
func (s *space) key(v vec) uint64 {
	if s.plane {
		return morton(uint64((v.x-s.minX)*s.scale), uint64((v.y-s.minY)*s.scale))
	}
	ax, ay, az := math.Abs(v.x), math.Abs(v.y), math.Abs(v.z)
	face, a, b, m := uint64(0), v.y, v.z, v.x
	switch {
	case az >= ax && az >= ay:
		face, a, b, m = 2, v.x, v.y, v.z
	case ay >= ax:
		face, a, b, m = 1, v.x, v.z, v.y
	}
	if m < 0 {
		face += 3
		m = -m
	}
	half := (curveSide/2 - 1) / m
	return face<<60 | morton(uint64(a*half+curveSide/2), uint64(b*half+curveSide/2))
}

func morton(u, v uint64) uint64 { return spread(u) | spread(v)<<1 }

// spread puts a zero between the bits of x.
func spread(x uint64) uint64 {
	x &= curveSide - 1
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	x = (x | x<<2) & 0x3333333333333333
	return (x | x<<1) & 0x5555555555555555
}

// highBit returns the highest bit in which a and b differ, -1 for none.
func highBit(a, b uint64) int { return bits.Len64(a^b) - 1 }
