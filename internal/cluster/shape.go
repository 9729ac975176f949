package cluster

import (
	"cmp"
	"math"
	"slices"
)

// Shape describes where a cluster lies.
type Shape struct {
	Lon, Lat float64 // centre: the weighted mean of its points' directions
	RadiusKM float64 // from the centre to its farthest point
	Core     int     // core points
	Places   []Place // its heaviest places, heaviest first
}

// Place is a name with the weight of a cluster's points that bear it.
type Place struct {
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
}

// Names gives points the names of their places.
type Names struct {
	Name []string
	Of   []int32 // for each point, its name; -1: not known. nil: no point's is
	Most int     // places listed for each cluster
}

// Describe returns the shape of each cluster of r, which is a clustering of p
// with o on the sphere. A cluster is not named: which of its places lend it a
// name is an editor's choice.
func Describe(p Points, o Options, r Result, names Names) []Shape {
	d := describer{newSpace(p, o), newUnits(p, o), p, r}
	shapes := make([]Shape, r.Clusters)
	centres := d.centres()
	for i, c := range r.Labels {
		if c == Noise {
			continue
		}
		s := &shapes[c]
		if r.Core[i] {
			s.Core++
		}
		s.RadiusKM = math.Max(s.RadiusKM, d.at(i).dist2(centres[c])) // squares of chords, for now
	}
	for c := range shapes {
		s := &shapes[c]
		s.Lon, s.Lat = centres[c].place()
		s.RadiusKM = arc(math.Sqrt(s.RadiusKM))
	}
	d.name(shapes, names)
	return shapes
}

type describer struct {
	space  space
	units  units
	points Points
	result Result
}

func (d *describer) at(i int) vec { return d.space.at(d.points.Lon[i], d.points.Lat[i]) }

// centres returns unit vectors. A cluster without weight, which only points of
// kinds that count nothing can make, has the plain mean.
func (d *describer) centres() []vec {
	sum := make([]vec, d.result.Clusters)
	for i, c := range d.result.Labels {
		if c == Noise {
			continue
		}
		w := 1.0
		if d.result.Weight[c] > 0 {
			w = d.units.weight(int32(i))
		}
		v, s := d.at(i), &sum[c]
		s.x, s.y, s.z = s.x+w*v.x, s.y+w*v.y, s.z+w*v.z
	}
	for c := range sum {
		s := &sum[c]
		if length := math.Sqrt(s.x*s.x + s.y*s.y + s.z*s.z); length > 0 {
			s.x, s.y, s.z = s.x/length, s.y/length, s.z/length
		}
	}
	return sum
}

func (d *describer) name(shapes []Shape, names Names) {
	if names.Of == nil {
		return
	}
	type key struct{ cluster, name int32 }
	weight := map[key]float64{}
	for i, c := range d.result.Labels {
		if c != Noise && names.Of[i] >= 0 {
			weight[key{c, names.Of[i]}] += d.units.weight(int32(i))
		}
	}
	for k, w := range weight {
		shapes[k.cluster].Places = append(shapes[k.cluster].Places, Place{names.Name[k.name], w})
	}
	for c := range shapes {
		s := &shapes[c]
		slices.SortFunc(s.Places, func(a, b Place) int { return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Name, b.Name)) })
		s.Places = slices.Clip(s.Places[:min(len(s.Places), names.Most)])
	}
}
