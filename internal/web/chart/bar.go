package chart

// drawBar draws one bar per point of the first series. Names stand beside the
// bars where they are short and there is room, above them where they are not.
func (s Spec) drawBar(width float64) *canvas {
	c := &canvas{w: width}
	_, hi, any := extent(s.Series)
	if !any {
		return s.drawNothing(c)
	}
	points := s.Series[0].Points
	names, values := 0.0, 0.0
	for _, p := range points {
		names = max(names, textWidth(p.Label))
		values = max(values, textWidth(s.pointText(p)))
	}
	left, beside := 0.0, width >= 480 && names <= width*0.42
	if beside {
		left = names + 12
	}
	x := scale{lo: 0, hi: max(hi, 0), p0: left, p1: width - values - 24}
	if x.hi == 0 {
		x.hi = 1
	}
	y := 0.0
	if s.Unit != "" {
		c.text(width, 14, end, "t meta", s.Unit)
		y = 22
	}
	c.put(`<g class="s1">`)
	for _, p := range points {
		y = s.bar(c, p, x, y, beside)
	}
	c.put(`</g>`)
	c.h = y + 4
	return c
}

// bar draws one row from y down and returns where the next begins.
func (s Spec) bar(c *canvas, p Point, x scale, y float64, beside bool) float64 {
	c.open(p.Href, s.linkName(p))
	if beside {
		c.text(x.p0-12, y+17, end, "t", p.Label)
	} else {
		for _, line := range wrap(p.Label, c.w) {
			c.text(0, y+15, start, "t", line)
			y += lineHeight
		}
		y -= 3
	}
	top, mid := y+6, y+12.5
	if !p.Known {
		c.text(x.p0+2, y+17, start, "t meta", s.Unknown)
		c.close(p.Href)
		return y + 28
	}
	lo, hi := p.span()
	solid := lo
	if p.Bound == Interval {
		solid = p.Value
	}
	c.put(`<rect x="%v" y="%v" width="%v" height="13" class="bar"/>`, x.p0, top, max(1, x.at(max(solid, 0))-x.p0))
	to := x.at(max(hi, 0))
	switch p.Bound {
	case Least:
		c.put(`<path d="M%v %vh10m-4 -4l4 4l-4 4" class="bound"/>`, to+1, mid)
		to += 13
	case Most:
		c.put(`<path d="M%v %vh-10m4 -4l-4 4l4 4" class="bound on"/>`, max(to-1, x.p0+11), mid)
	case Range:
		c.put(`<path d="M%v %vH%vm0 -4v8" class="bound"/>`, x.at(max(lo, 0)), mid, to)
	case Interval:
		c.put(`<path d="M%v %vv8m0 -4H%vm0 -4v8" class="bound whisker"/>`, x.at(max(lo, 0)), mid-4, to)
	}
	if p.Href != "" {
		c.put(" ") // a link's words are read apart: "2017 19", not "201719"
	}
	c.text(max(to, x.p0+1)+6, y+17, start, "t value", s.pointText(p))
	c.close(p.Href)
	return y + 28
}
