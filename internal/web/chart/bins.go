package chart

// drawBins draws a histogram: the points of the first series stand side by
// side from Low to High, as high as their values; the axis starts at zero.
func (s Spec) drawBins(width float64) *canvas {
	c := &canvas{w: width, h: 220}
	var ps []Point
	for _, se := range s.Series {
		ps = append(ps, se.Points...)
	}
	lo, hi, most := 0.0, 0.0, 0.0
	for i, p := range ps {
		if i == 0 {
			lo, hi = p.Low, p.High
		}
		lo, hi, most = min(lo, p.Low), max(hi, p.High), max(most, p.Value)
	}
	if hi <= lo || most <= 0 {
		return s.drawNothing(c)
	}
	y := valueScale(0, most, 3)
	left := 0.0
	for _, t := range y.ticks {
		left = max(left, textWidth(s.number(t)))
	}
	y.p0, y.p1 = c.h-34, 30
	x := scale{lo: lo, hi: hi, p0: left + 12, p1: width - 12}
	s.grid(c, y, left+10, width)
	for _, p := range ps {
		if !p.Known || p.Value <= 0 {
			continue
		}
		class := "s6"
		if p.Mark {
			class = "s1"
		}
		c.open(p.Href, s.linkName(p))
		c.put(`<g class="%v"><rect x="%v" y="%v" width="%v" height="%v" class="bar"/></g>`, class, x.at(p.Low)+0.5, y.at(p.Value), max(1, x.at(p.High)-x.at(p.Low)-1), y.p0-y.at(p.Value))
		c.close(p.Href)
	}
	s.edges(c, ps, x)
	return c
}

// edges writes the edges of the bins, as many as fit.
func (s Spec) edges(c *canvas, ps []Point, x scale) {
	write := func(v float64) {
		t := s.number(v)
		at := min(max(x.at(v), textWidth(t)/2), c.w-textWidth(t)/2)
		if c.fits(at, c.h-12, middle, t) {
			c.text(at, c.h-12, middle, "t meta", t)
		}
	}
	write(x.lo)
	write(x.hi)
	for _, p := range ps {
		write(p.Low)
	}
}
