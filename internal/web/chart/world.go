package chart

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// sparse is the side of the squares of a map that hold one dot at most, in
// pixels: a million places make a picture of some thousand dots.
const sparse = 2.5

// numbered is how many clusters the globe numbers; more are a crowd of digits.
const numbered = 20

// drawGlobe draws the whole world, equal in area, with the clusters as discs.
func (s Spec) drawGlobe(width float64) *canvas {
	w := s.World
	r := width / 2 / equalEarthX
	c := &canvas{w: width, h: 2*equalEarthY*r + 22}
	at := func(lon, lat float64) (float64, float64) {
		x, y := equalEarth(lon, lat)
		return width/2 + x*r, equalEarthY*r - y*r + 1
	}
	c.put(`<g class="graticule"><path d="%v" class="sea"/>`, s.outline(at))
	c.put(`<path d="%v" class="grid"/></g>`, graticule(w.Meridian, at))
	s.meridians(c, at)
	s.scatter(c, w.Places, func(p Place) (float64, float64, bool) {
		x, y := at(turn(p.Lon-w.Meridian), p.Lat)
		return x, y, true
	})
	s.circles(c, r/earthKM, at)
	place := func(k Cluster) (float64, float64, bool) {
		x, y := at(turn(k.Lon-w.Meridian), k.Lat)
		return x, y, true
	}
	radius := func(k Cluster) float64 { return discRadius(w.Clusters, k, width/40) }
	s.discs(c, place, radius)
	s.numbers(c, place, radius)
	return c
}

func (s Spec) outline(at func(lon, lat float64) (float64, float64)) string {
	var d strings.Builder
	put := func(op string, lon, lat float64) {
		x, y := at(lon, lat)
		d.WriteString(op + num(x) + " " + num(y))
	}
	put("M", -180, -90)
	for lat := -84.0; lat <= 90; lat += 6 {
		put("L", -180, lat)
	}
	for lat := 90.0; lat >= -90; lat -= 6 {
		put("L", 180, lat)
	}
	return d.String() + "Z"
}

// graticule is a line every thirty degrees.
func graticule(meridian float64, at func(lon, lat float64) (float64, float64)) string {
	var d strings.Builder
	put := func(op string, lon, lat float64) {
		x, y := at(lon, lat)
		d.WriteString(op + num(x) + " " + num(y))
	}
	for lon := -180.0; lon < 180; lon += 30 {
		l := turn(lon - meridian)
		put("M", l, -90)
		for lat := -80.0; lat <= 90; lat += 10 {
			put("L", l, lat)
		}
	}
	for lat := -60.0; lat <= 60; lat += 30 {
		put("M", -180, lat)
		put("L", 180, lat)
	}
	return d.String()
}

// meridians names every sixtieth degree under the map, where it ends.
func (s Spec) meridians(c *canvas, at func(lon, lat float64) (float64, float64)) {
	for lon := -150.0; lon <= 180; lon += 60 {
		x, _ := at(turn(lon-s.World.Meridian), -90)
		if t := meridianName(lon); c.fits(x, c.h-4, middle, t) {
			c.text(x, c.h-4, middle, "t meta", t)
		}
	}
}

func meridianName(lon float64) string {
	lon = turn(lon)
	switch {
	case lon > 0 && lon < 180:
		return num3(lon) + "°E"
	case lon < 0 && lon > -180:
		return num3(-lon) + "°W"
	}
	return num3(math.Abs(lon)) + "°"
}

func parallelName(lat float64) string {
	switch {
	case lat > 0:
		return num3(lat) + "°N"
	case lat < 0:
		return num3(-lat) + "°S"
	}
	return "0°"
}

// num3 writes degrees with as many decimals as they need, two at most.
func num3(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// scatter draws places as dots in three sizes by weight, one for each small
// square of the picture.
func (s Spec) scatter(c *canvas, places []Place, at func(Place) (float64, float64, bool)) {
	type square struct{ x, y int }
	type sum struct {
		weight float64
		in     bool
	}
	sums := map[square]sum{}
	for _, p := range places {
		x, y, ok := at(p)
		if !ok {
			continue
		}
		k := square{int(math.Floor(x / sparse)), int(math.Floor(y / sparse))}
		v := sums[k]
		sums[k] = sum{v.weight + max(p.Weight, 0), v.in || p.In}
	}
	var weights []float64
	for _, v := range sums {
		weights = append(weights, v.weight)
	}
	slices.Sort(weights)
	squares := make([]square, 0, len(sums))
	for k := range sums {
		squares = append(squares, k)
	}
	slices.SortFunc(squares, func(a, b square) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x)) })
	var d [2][3]strings.Builder
	for _, k := range squares {
		v, in := sums[k], 0
		if v.in {
			in = 1
		}
		d[in][third(weights, v.weight)].WriteString("M" + num((float64(k.x)+0.5)*sparse) + " " + num((float64(k.y)+0.5)*sparse) + "h0")
	}
	for in, class := range []string{"", " in"} {
		for i := range d[in] {
			if t := d[in][i].String(); t != "" {
				c.put(`<path d="%v" class="places p%d%v"/>`, t, i+1, class)
			}
		}
	}
}

// third is 0 for the lighter half of the weights, 2 for the heaviest tenth.
func third(sorted []float64, w float64) int {
	n := len(sorted)
	switch {
	case w > sorted[min(n-1, n*9/10)]:
		return 2
	case w > sorted[n/2]:
		return 1
	}
	return 0
}

// circles draws the true extent of clusters where it can be seen. A circle
// that crosses the edge of the map is cut by it and goes on at the other side.
func (s Spec) circles(c *canvas, pxPerKM float64, at func(lon, lat float64) (float64, float64)) {
	c.defs.WriteString(`<defs><clipPath id="@id-edge"><path d="` + s.outline(at) + `"/></clipPath></defs>`)
	for _, k := range s.World.Clusters {
		if k.RadiusKM*pxPerKM < 2 {
			continue
		}
		flat := unrolled(ring(k.Lon, k.Lat, k.RadiusKM, 72), s.World.Meridian)
		lo, hi := flat[0][0], flat[0][0]
		for _, p := range flat {
			lo, hi = min(lo, p[0]), max(hi, p[0])
		}
		for _, shift := range []float64{-360, 0, 360} {
			if lo+shift >= 180 || hi+shift <= -180 {
				continue
			}
			var d strings.Builder
			for i, p := range flat {
				x, y := at(p[0]+shift, p[1])
				d.WriteString(pen(i) + num(x) + " " + num(y))
			}
			c.put(`<path d="%vZ" class="extent" clip-path="url(#@id-edge)"/>`, d.String())
		}
	}
}

func pen(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

// discRadius makes the area of a disc proportional to its cluster's weight.
func discRadius(all []Cluster, k Cluster, largest float64) float64 {
	most := 0.0
	for _, o := range all {
		most = max(most, o.Weight)
	}
	if most == 0 || k.Weight <= 0 {
		return 3
	}
	return max(3, largest*math.Sqrt(k.Weight/most))
}

// discs draws the clusters, the last in rank on top.
func (s Spec) discs(c *canvas, at func(Cluster) (float64, float64, bool), radius func(Cluster) float64) {
	for i, k := range s.World.Clusters {
		x, y, ok := at(k)
		if !ok {
			continue
		}
		class := "s2"
		if k.Mark {
			class = "s1"
		}
		p := Point{Label: strconv.Itoa(k.Number)}
		if len(s.Series) > 0 && i < len(s.Series[0].Points) {
			p = s.Series[0].Points[i]
		}
		c.open(k.Href, s.linkName(p))
		c.put(`<g class="%v"><circle cx="%v" cy="%v" r="%v" class="cluster"/></g>`, class, x, y, radius(k))
		c.close(k.Href)
	}
}

// numbers writes the numbers of the clusters where there is room, the first in
// rank before the others.
func (s Spec) numbers(c *canvas, at func(Cluster) (float64, float64, bool), radius func(Cluster) float64) {
	for _, k := range s.World.Clusters {
		x, y, ok := at(k)
		if !ok || s.Kind == Globe && k.Number > numbered && !k.Mark {
			continue
		}
		r, text := radius(k), strconv.Itoa(k.Number)
		w := textWidth(text)
		for _, try := range [][2]float64{{0, 4.5}, {r + 3 + w/2, 4.5}, {-r - 3 - w/2, 4.5}, {0, -r - 4}, {0, r + 14}} {
			inside := try[0] == 0 && try[1] == 4.5
			if inside && r < w/2+2 || !c.fits(x+try[0], y+try[1], middle, text) {
				continue
			}
			class := "t name halo"
			if inside {
				class = "t on-disc"
			}
			c.text(x+try[0], y+try[1], middle, class, text)
			break
		}
	}
}
