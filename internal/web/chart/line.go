package chart

import (
	"math"
	"slices"
	"strings"
)

// drawLine draws Line and Step: a history with few round grid lines, direct
// labels at the points and, with several series, at the line ends.
func (s Spec) drawLine(width float64) *canvas {
	c := &canvas{w: width, h: 236}
	if width < 480 {
		c.h = 220
	}
	lo, hi, any := extent(s.Series)
	if !any {
		return s.drawNothing(c)
	}
	y := valueScale(lo, hi, 4)
	if s.Rank {
		y = rankScale(hi)
	}
	left := 0.0
	for _, t := range y.ticks {
		left = max(left, textWidth(s.number(t)))
	}
	left += 10
	right := s.endLabelWidth(width)
	y.p0, y.p1 = c.h-34, 34
	if s.Rank {
		y.p0, y.p1 = y.p1, y.p0
	}
	x := scale{p0: left + 22, p1: c.w - right - 22}
	if len(s.Series) > 1 {
		x.p1 += 10
	}
	x.lo, x.hi = extentX(s.Series)
	s.grid(c, y, left, c.w-right)
	s.timeLabels(c, x)
	for i, se := range s.Series {
		s.run(c, i, se, x, y)
	}
	if len(s.Series) > 1 {
		s.endLabels(c, x, y)
	}
	if len(s.Series) == 1 {
		s.valueLabels(c, 0, s.Series[0], x, y)
	}
	return c
}

func (s Spec) drawNothing(c *canvas) *canvas {
	c.h = 72
	c.hatch("@id")
	c.put(`<rect x="0.5" y="0.5" width="%v" height="71" class="unknown" fill="url(#@id-hatch)"/>`, c.w-1)
	c.text(c.w/2, 41, middle, "t halo", s.Unknown)
	return c
}

// rankScale runs from the first place to the worst, with round places between.
func rankScale(worst float64) scale {
	y := scale{lo: 1, hi: max(worst, 2) * 1.04, ticks: []float64{1}}
	step := max(1, math.Ceil(niceStep(y.hi, 4)))
	for t := step; t <= y.hi; t += step {
		if t > 1 {
			y.ticks = append(y.ticks, t)
		}
	}
	return y
}

func (s Spec) endLabelWidth(width float64) float64 {
	if len(s.Series) < 2 {
		return 8
	}
	w := 0.0
	for _, se := range s.Series {
		w = max(w, textWidth(s.endLabel(se)))
	}
	return min(w, width*0.4)
}

func (s Spec) grid(c *canvas, y scale, left, right float64) {
	for i, t := range y.ticks {
		class := "grid"
		if i == 0 {
			class = "axis"
		}
		c.put(`<path d="M%v %vH%v" class="%v"/>`, left, y.at(t), right, class)
		c.text(left-8, y.at(t)+4.5, end, "t meta", s.number(t))
	}
	unit := boxOf(0, 14, start, s.Unit)
	if s.Unit != "" && unit.x1 < c.w {
		c.text(0, 14, start, "t meta", s.Unit)
	}
}

// timeLabels writes the last period, the first, and as many between as fit.
func (s Spec) timeLabels(c *canvas, x scale) {
	var ps []Point
	for _, se := range s.Series {
		for _, p := range se.Points {
			if !slices.ContainsFunc(ps, func(o Point) bool { return o.X == p.X }) {
				ps = append(ps, p)
			}
		}
	}
	slices.SortFunc(ps, func(a, b Point) int { return cmpFloat(a.X, b.X) })
	if n := len(ps); n > 2 {
		ps = append([]Point{ps[n-1], ps[0]}, ps[1:n-1]...)
	}
	for _, p := range ps {
		w := textWidth(p.Label) / 2
		at := min(max(x.at(p.X), w), c.w-w)
		if c.fits(at, c.h-12, middle, p.Label) {
			c.text(at, c.h-12, middle, "t meta", p.Label)
		}
	}
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// run draws one series: its path, broken where a value is unknown, and marks.
func (s Spec) run(c *canvas, i int, se Series, x, y scale) {
	c.put(`<g class="s%d">`, i%6+1)
	var d strings.Builder
	pen := false
	for j, p := range se.Points {
		if !p.Known {
			pen = false
			continue
		}
		px, py := num(x.at(p.X)), num(y.at(mid(p)))
		switch {
		case !pen:
			d.WriteString("M" + px + " " + py)
		case s.Kind == Step:
			d.WriteString("H" + px + "V" + py)
		default:
			d.WriteString("L" + px + " " + py)
		}
		pen = true
		if j == len(se.Points)-1 && s.Kind == Step && len(se.Points) > 1 {
			d.WriteString("h14")
		}
	}
	c.put(`<path d="%v" class="line"/>`, d.String())
	for _, p := range se.Points {
		s.mark(c, p, x.at(p.X), y)
	}
	c.put(`</g>`)
}

func mid(p Point) float64 {
	if p.Bound == Interval {
		return p.Value
	}
	lo, hi := p.span()
	return (lo + hi) / 2
}

// mark draws a point with its bound: hollow for about, an arrow to the open
// side, a thin bar with caps for a range, a cross on the axis for unknown.
func (s Spec) mark(c *canvas, p Point, px float64, y scale) {
	if !p.Known {
		base := y.at(y.ticks[0])
		if s.Rank {
			base = y.at(y.hi)
		}
		c.put(`<path d="M%v %vl6 6m0 -6l-6 6" class="gap"/>`, px-3, base-3)
		return
	}
	py := y.at(mid(p))
	up := -1.0
	if s.Rank {
		up = 1
	}
	c.open(p.Href, s.linkName(p))
	switch p.Bound {
	case Least:
		c.put(`<path d="M%v %vv%vm-4 %vl4 %vl4 %v" class="bound"/>`, px, py, up*16, -up*5, up*5, -up*5)
	case Most:
		c.put(`<path d="M%v %vv%vm-4 %vl4 %vl4 %v" class="bound"/>`, px, py, -up*16, up*5, -up*5, up*5)
	case Range, Interval:
		lo, hi := p.span()
		c.put(`<path d="M%v %vh8m-4 0V%vm-4 0h8" class="bound"/>`, px-4, y.at(lo), y.at(hi))
	}
	class := "dot"
	if p.Bound == About || p.Bound == Range {
		class = "dot hollow"
	}
	c.put(`<circle cx="%v" cy="%v" r="3.5" class="%v"/>`, px, py, class)
	c.close(p.Href)
}

// endLabel is the name of a series and its last known value.
func (s Spec) endLabel(se Series) string {
	for j := len(se.Points) - 1; j >= 0; j-- {
		if p := se.Points[j]; p.Known {
			return se.Name + " " + s.pointText(p)
		}
	}
	return se.Name
}

// endLabels names each series at its last known point, nudged apart. With
// several series these are the only values written; the table has the rest.
func (s Spec) endLabels(c *canvas, x, y scale) {
	type tag struct {
		i    int
		y    float64
		name string
	}
	var tags []tag
	for i, se := range s.Series {
		for j := len(se.Points) - 1; j >= 0; j-- {
			if p := se.Points[j]; p.Known {
				tags = append(tags, tag{i, y.at(mid(p)) + 4.5, s.endLabel(se)})
				break
			}
		}
	}
	slices.SortFunc(tags, func(a, b tag) int { return cmpFloat(a.y, b.y) })
	for i := range tags {
		if i > 0 {
			tags[i].y = max(tags[i].y, tags[i-1].y+lineHeight)
		}
	}
	for i := len(tags) - 1; i >= 0; i-- { // back up where the last ran out of room
		limit := c.h - 38
		if i < len(tags)-1 {
			limit = tags[i+1].y - lineHeight
		}
		tags[i].y = min(tags[i].y, limit)
	}
	left := x.p1 + 12
	for _, t := range tags {
		lines := wrap(t.name, c.w-left)
		if len(lines) > 0 && c.fits(left, t.y, start, lines[0]) {
			c.text(left, t.y, start, "t name s"+num(float64(t.i%6+1)), lines[0])
		}
	}
}

// valueLabels writes values beside their points: last, first, extremes, rest.
func (s Spec) valueLabels(c *canvas, i int, se Series, x, y scale) {
	for _, j := range labelOrder(se.Points) {
		p := se.Points[j]
		text := s.pointText(p)
		px, py := x.at(p.X), y.at(mid(p))
		above, below := py-10, py+20
		if p.Bound == Least && !s.Rank || p.Bound == Most && s.Rank {
			above -= 12
		}
		if p.Bound == Most && !s.Rank || p.Bound == Least && s.Rank {
			below += 12
		}
		if p.Bound == Range || p.Bound == Interval {
			lo, hi := p.span()
			above, below = min(y.at(lo), y.at(hi))-8, max(y.at(lo), y.at(hi))+18
		}
		tries := []float64{above, below}
		if valley(se.Points, j) != s.Rank {
			tries[0], tries[1] = below, above
		}
		for _, ty := range tries {
			if ty < c.h-34 && c.fits(px, ty, middle, text) {
				c.text(px, ty, middle, "t halo s"+num(float64(i%6+1)), text)
				break
			}
		}
	}
}

// labelOrder lists known points by how much a reader wants their value.
func labelOrder(ps []Point) []int {
	var known []int
	for j, p := range ps {
		if p.Known {
			known = append(known, j)
		}
	}
	if len(known) == 0 {
		return nil
	}
	lo, hi := known[0], known[0]
	for _, j := range known {
		if mid(ps[j]) < mid(ps[lo]) {
			lo = j
		}
		if mid(ps[j]) > mid(ps[hi]) {
			hi = j
		}
	}
	order := []int{known[len(known)-1]}
	for _, j := range append([]int{known[0], hi, lo}, known...) {
		if !slices.Contains(order, j) {
			order = append(order, j)
		}
	}
	return order
}

// valley reports whether both known neighbours stand above the point.
func valley(ps []Point, j int) bool {
	lower := func(k int) bool {
		return k < 0 || k >= len(ps) || !ps[k].Known || mid(ps[k]) > mid(ps[j])
	}
	return len(ps) > 1 && lower(j-1) && lower(j+1)
}
