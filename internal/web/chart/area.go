package chart

import (
	"math"
	"slices"
	"strings"
)

// area is the neighbourhood of one place while it is drawn.
type area struct {
	s    Spec
	c    *canvas
	k    float64 // pixels in a kilometre
	x, y float64 // the middle, in pixels
	w, h float64 // of the picture without its edge
	left float64
}

// drawArea draws the neighbourhood of one place, equal in area, with the
// clusters as the circles they are and a bar of kilometres.
func (s Spec) drawArea(width float64) *canvas {
	w := s.World
	c := &canvas{w: width}
	half := w.HalfKM
	if half <= 0 {
		half = 150
	}
	left := 58.0
	a := &area{s: s, c: c, left: left, w: width - left, h: math.Round((width - left) * 0.72)}
	c.h = a.h + 22
	a.k, a.x, a.y = a.w/2/half, left+a.w/2, a.h/2
	c.defs.WriteString(`<defs><clipPath id="@id-edge"><rect x="` + num(left) + `" y="0.5" width="` + num(a.w-0.5) + `" height="` + num(a.h) + `"/></clipPath></defs>`)
	c.put(`<rect x="%v" y="0.5" width="%v" height="%v" class="sea"/>`, left, a.w-0.5, a.h)
	a.graticule()
	s.scatter(c, w.Places, a.place)
	a.circles()
	place := func(k Cluster) (float64, float64, bool) { return a.place(Place{Lon: k.Lon, Lat: k.Lat}) }
	radius := func(Cluster) float64 { return 9 }
	s.discs(c, place, radius)
	a.bar() // over the discs, and before the numbers, which keep clear of it
	s.numbers(c, place, radius)
	return c
}

// at projects onto the picture; false outside it.
func (a *area) at(lon, lat float64) (x, y float64, ok bool) {
	x, y, ok = around(a.s.World.Lon, a.s.World.Lat, lon, lat)
	return a.x + x*a.k, a.y - y*a.k, ok
}

func (a *area) place(p Place) (float64, float64, bool) {
	x, y, ok := a.at(p.Lon, p.Lat)
	return x, y, ok && x >= a.left && x <= a.c.w && y >= 0 && y <= a.h
}

// graticule draws lines of round degrees and names them at the edge.
func (a *area) graticule() {
	world := a.s.World
	half := a.w / 2 / a.k / earthKM // in radians
	stepLat := degreeStep(degrees(half) * 2 / 3)
	narrowing := max(math.Cos(radians(world.Lat)), 0.05)
	stepLon := degreeStep(degrees(half) * 2 / 3 / narrowing)
	reach := degrees(half) * 1.6
	lats := multiples(max(world.Lat-reach, -90), min(world.Lat+reach, 90), stepLat)
	lons := multiples(world.Lon-min(reach/narrowing, 180), world.Lon+min(reach/narrowing, 180), stepLon)
	var d strings.Builder
	for _, lat := range lats {
		a.draw(&d, func(t float64) (float64, float64) { return lons[0] + t*(lons[len(lons)-1]-lons[0]), lat })
		if _, y, ok := a.onLeft(lat); ok && a.c.fits(a.left-5, y+4.5, end, parallelName(lat)) {
			a.c.text(a.left-5, y+4.5, end, "t meta", parallelName(lat))
		}
	}
	for _, lon := range lons {
		a.draw(&d, func(t float64) (float64, float64) { return lon, lats[0] + t*(lats[len(lats)-1]-lats[0]) })
		if x, ok := a.onFoot(lon); ok && a.c.fits(x, a.c.h-4, middle, meridianName(lon)) {
			a.c.text(x, a.c.h-4, middle, "t meta", meridianName(lon))
		}
	}
	a.c.put(`<path d="%v" class="grid" clip-path="url(#@id-edge)"/>`, d.String())
}

// draw adds a line that is given over 0 to 1.
func (a *area) draw(d *strings.Builder, line func(t float64) (lon, lat float64)) {
	open := false
	for i := 0; i <= 40; i++ {
		x, y, ok := a.at(line(float64(i) / 40))
		if !ok {
			open = false
			continue
		}
		op := "L"
		if !open {
			op = "M"
		}
		d.WriteString(op + num(x) + " " + num(y))
		open = true
	}
}

// onLeft is where a parallel crosses the left edge.
func (a *area) onLeft(lat float64) (x, y float64, ok bool) {
	best := math.Inf(1)
	for i := -200; i <= 0; i++ {
		px, py, near := a.at(a.s.World.Lon+float64(i)/200*min(90, 180*a.w/2/a.k/earthKM/max(math.Cos(radians(a.s.World.Lat)), 0.05)), lat)
		if gap := math.Abs(px - a.left); near && gap < best {
			best, x, y = gap, px, py
		}
	}
	return x, y, best < a.w/20 && y > 8 && y < a.h-8
}

// onFoot is where a meridian crosses the lower edge.
func (a *area) onFoot(lon float64) (float64, bool) {
	best, x := math.Inf(1), 0.0
	for i := -200; i <= 200; i++ {
		lat := a.s.World.Lat + float64(i)/200*degrees(a.w/a.k/earthKM)
		px, py, near := a.at(lon, min(max(lat, -90), 90))
		if gap := math.Abs(py - a.h); near && gap < best {
			best, x = gap, px
		}
	}
	return x, best < a.h/20 && x > a.left && x < a.c.w
}

// degreeStep is a round number of degrees, at most v.
func degreeStep(v float64) float64 {
	steps := []float64{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30}
	i, exact := slices.BinarySearch(steps, v)
	if !exact && i > 0 {
		i--
	}
	return steps[min(i, len(steps)-1)]
}

func multiples(lo, hi, step float64) []float64 {
	var out []float64
	for i := math.Ceil(lo / step); i*step <= hi && len(out) < 400; i++ {
		out = append(out, i*step)
	}
	if len(out) == 0 {
		return []float64{lo}
	}
	return out
}

// circles draws the clusters as they lie on the sphere.
func (a *area) circles() {
	for _, k := range a.s.World.Clusters {
		var d strings.Builder
		all := true
		for i, p := range ring(k.Lon, k.Lat, k.RadiusKM, 72) {
			x, y, ok := a.at(p[0], p[1])
			all = all && ok
			d.WriteString(pen(i) + num(x) + " " + num(y))
		}
		if all && k.RadiusKM > 0 {
			class := "s2"
			if k.Mark {
				class = "s1"
			}
			a.c.put(`<g class="%v"><path d="%vZ" class="extent" clip-path="url(#@id-edge)"/></g>`, class, d.String())
		}
	}
}

// bar draws a round number of kilometres in the lower right corner.
func (a *area) bar() {
	km := niceStep(a.w/a.k/4, 1)
	for km*a.k > a.w/3 {
		km /= 2
	}
	w := km * a.k
	x, y := a.c.w-14-w, a.h-12
	a.c.put(`<path d="M%v %vv6h%vv-6" class="scale-bar"/>`, x, y-6, w)
	a.c.text(x+w/2, y-10, middle, "t halo", a.s.number(km)+" km")
}
