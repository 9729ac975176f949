package chart

import (
	"fmt"
	"math"
)

// earthKM is the mean radius of the Earth (IUGG R1), in kilometres.
const earthKM = 6371.0088

// World is what the maps show: places and clusters on the sphere. The maps
// claim no border and draw no coast; a graticule says where one is. Degrees
// east and north; any longitude is taken round the Earth.
type World struct {
	Meridian float64   // in the middle of Globe
	Places   []Place   // drawn as faint dots
	Clusters []Cluster // drawn as discs of their weight, with their numbers
	Lon, Lat float64   // in the middle of Area
	HalfKM   float64   // from the middle of Area to its left and right edge
}

// Place is one dot.
type Place struct {
	Lon, Lat float64
	Weight   float64
	In       bool // in a cluster
}

// Cluster is a circle on the sphere: all that lies within RadiusKM of its
// centre along great circles.
type Cluster struct {
	Lon, Lat float64
	RadiusKM float64
	Weight   float64 // the area of its disc on Globe
	Number   int
	Mark     bool
	Href     string
}

func (w *World) check() error {
	for _, p := range w.Places {
		if !onEarth(p.Lon, p.Lat) || !finite(p.Weight) {
			return fmt.Errorf("place %v, %v is not on the Earth", p.Lon, p.Lat)
		}
	}
	for _, k := range w.Clusters {
		if !onEarth(k.Lon, k.Lat) || !finite(k.Weight, k.RadiusKM) || k.RadiusKM < 0 {
			return fmt.Errorf("cluster %d is not on the Earth", k.Number)
		}
	}
	if !onEarth(w.Lon, w.Lat) || !finite(w.Meridian, w.HalfKM) || w.HalfKM < 0 || w.HalfKM > earthKM {
		return fmt.Errorf("area %v, %v of %v km", w.Lon, w.Lat, w.HalfKM)
	}
	return nil
}

func onEarth(lon, lat float64) bool {
	return finite(lon, lat) && math.Abs(lat) <= 90 && math.Abs(lon) <= 540
}

func radians(d float64) float64 { return d * math.Pi / 180 }
func degrees(r float64) float64 { return r * 180 / math.Pi }

// turn brings a longitude into −180 to 180.
func turn(lon float64) float64 { return math.Remainder(lon, 360) }

// Half the width and the height of the Equal Earth map, in radii.
var equalEarthX, equalEarthY = equalEarthEdge()

func equalEarthEdge() (float64, float64) {
	x, _ := equalEarth(180, 0)
	_, y := equalEarth(0, 90)
	return x, y
}

// equalEarth projects degrees; lon is counted from the middle meridian and may
// go beyond 180, where the map goes on for shapes that the edge will cut
// (Šavrič, Patterson, Jenny: The Equal Earth map projection, 2018).
func equalEarth(lon, lat float64) (x, y float64) {
	const a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
	m := math.Sqrt(3) / 2
	t := math.Asin(m * math.Sin(radians(lat)))
	t2 := t * t
	t6 := t2 * t2 * t2
	x = radians(lon) * math.Cos(t) / (m * (a1 + 3*a2*t2 + t6*(7*a3+9*a4*t2)))
	return x, t * (a1 + a2*t2 + t6*(a3+a4*t2))
}

// around projects degrees about a centre, in kilometres, keeping areas
// (Lambert's azimuthal projection); false for the far half of the Earth.
func around(lon0, lat0, lon, lat float64) (x, y float64, near bool) {
	dl, f0, f := radians(lon-lon0), radians(lat0), radians(lat)
	cos := math.Sin(f0)*math.Sin(f) + math.Cos(f0)*math.Cos(f)*math.Cos(dl)
	if cos < 0 {
		return 0, 0, false
	}
	k := earthKM * math.Sqrt(2/(1+cos))
	return k * math.Cos(f) * math.Sin(dl), k * (math.Cos(f0)*math.Sin(f) - math.Sin(f0)*math.Cos(f)*math.Cos(dl)), true
}

// ring returns points at a distance from a centre along great circles, n of
// them, in degrees.
func ring(lon, lat, km float64, n int) [][2]float64 {
	d, f := min(km/earthKM, math.Pi-1e-6), radians(lat)
	out := make([][2]float64, n)
	for i := range out {
		b := 2 * math.Pi * float64(i) / float64(n)
		g := math.Asin(math.Sin(f)*math.Cos(d) + math.Cos(f)*math.Sin(d)*math.Cos(b))
		l := math.Atan2(math.Sin(b)*math.Sin(d)*math.Cos(f), math.Cos(d)-math.Sin(f)*math.Sin(g))
		out[i] = [2]float64{lon + degrees(l), degrees(g)}
	}
	return out
}

// unrolled lays a ring out flat about a middle meridian: longitudes run on
// without a jump, and a ring round a pole is closed along it.
func unrolled(points [][2]float64, meridian float64) [][2]float64 {
	out := make([][2]float64, 0, len(points)+3)
	at := turn(points[0][0] - meridian)
	first := at
	for i, p := range points {
		if i > 0 {
			at += turn(p[0] - meridian - at)
		}
		out = append(out, [2]float64{at, p[1]})
	}
	end := at + turn(points[0][0]-meridian-at)
	if math.Abs(end-first) < 180 {
		return out
	}
	pole := math.Copysign(90, meanLat(points))
	return append(out, [2]float64{end, points[0][1]}, [2]float64{end, pole}, [2]float64{first, pole})
}

func meanLat(points [][2]float64) float64 {
	sum := 0.0
	for _, p := range points {
		sum += p[1]
	}
	return sum
}
