package chart

import "strings"

// drawSpark draws one thin line with a mark on the last value. It carries no
// text: the number stands beside it on the card.
func (s Spec) drawSpark(width float64) *canvas {
	c := &canvas{w: width, h: 28}
	lo, hi, any := extent(s.Series)
	if !any {
		c.put(`<path d="M0 14H%v" class="gap"/>`, width)
		return c
	}
	y := scale{lo: lo, hi: hi, p0: 23, p1: 5}
	if s.Rank {
		y.p0, y.p1 = y.p1, y.p0
	}
	x := scale{p0: 4, p1: width - 5}
	x.lo, x.hi = extentX(s.Series)
	var d strings.Builder
	var last Point
	pen := "M"
	for _, p := range s.Series[0].Points {
		if !p.Known {
			pen = "M"
			continue
		}
		d.WriteString(pen + num(x.at(p.X)) + " " + num(y.at(mid(p))))
		pen, last = "L", p
	}
	c.put(`<g class="s1"><path d="%v" class="line"/>`, d.String())
	c.put(`<circle cx="%v" cy="%v" r="3" class="dot"/></g>`, x.at(last.X), y.at(mid(last)))
	return c
}
