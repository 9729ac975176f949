package chart

import "strings"

// A row of a dot plot: its height where the name stands beside the dot, and
// where it stands above it.
const (
	dotRow   = 26.0
	dotStrip = 20.0
)

// drawDots draws one row for each point of the first series, in the order
// given: name, dot, a thin bar over its interval, and the value at the right.
// Names stand beside the dots where there is room for them in two lines, and
// above them where there is not. The axis starts where the values do: a dot has
// no foot that would have to stand on zero.
func (s Spec) drawDots(width float64) *canvas {
	c := &canvas{w: width}
	lo, hi, any := extent(s.Series)
	if !any {
		return s.drawNothing(c)
	}
	if s.Reference != nil {
		lo, hi = min(lo, s.Reference.Value), max(hi, s.Reference.Value)
	}
	d := dotPlot{s: s, c: c, beside: width >= 480, values: textWidth(s.Unknown)}
	names := 0.0
	for _, p := range s.Series[0].Points {
		names = max(names, textWidth(p.Label))
		d.values = max(d.values, textWidth(s.pointText(p)))
	}
	left := 8.0
	if d.beside {
		d.names = min(names, width*0.4)
		left = d.names + 20
	}
	d.x = valueScale(lo, hi, 4)
	d.x.p0, d.x.p1 = left, width-d.values-20
	if !d.beside {
		d.x.p1 = width - 8
	}
	d.draw(s.Series[0].Points)
	return c
}

type dotPlot struct {
	s      Spec
	c      *canvas
	x      scale
	beside bool
	names  float64 // width of the column of names
	values float64 // width of the column of values
}

func (d *dotPlot) draw(points []Point) {
	top := d.head()
	bottom := top
	for _, p := range points {
		bottom += d.height(p)
	}
	for _, t := range d.x.ticks {
		d.c.put(`<path d="M%v %vV%v" class="grid"/>`, d.x.at(t), top-4, bottom)
	}
	if r := d.s.Reference; r != nil {
		d.c.put(`<path d="M%v %vV%v" class="reference"/>`, d.x.at(r.Value), top-4, bottom)
	}
	y := top
	for _, p := range points {
		d.row(p, y)
		y += d.height(p)
	}
	d.c.h = bottom + 4
}

// head writes the unit and the name of the line of reference over the ticks,
// and returns where the rows begin.
func (d *dotPlot) head() float64 {
	d.c.h = 60 // for fits; the rows set it at the end
	y := 14.0
	if r := d.s.Reference; r != nil {
		at := min(max(d.x.at(r.Value), textWidth(r.Label)/2), d.c.w-textWidth(r.Label)/2)
		d.c.text(at, y, middle, "t name", r.Label)
		y += lineHeight
	}
	if u := boxOf(0, y, start, d.s.Unit); d.s.Unit != "" && u.x1 < d.c.w && d.c.fits(0, y, start, d.s.Unit) {
		d.c.text(0, y, start, "t meta", d.s.Unit)
		if !d.beside || u.x1 > d.x.p0-24 {
			y += lineHeight
		}
	}
	for _, t := range d.x.ticks {
		text := d.s.number(t)
		at := min(max(d.x.at(t), textWidth(text)/2), d.c.w-textWidth(text)/2)
		if d.c.fits(at, y, middle, text) {
			d.c.text(at, y, middle, "t meta", text)
		}
	}
	return y + 12
}

// lines are the lines of a row's name.
func (d *dotPlot) lines(p Point) []string {
	w := d.names
	if !d.beside {
		w = d.c.w - d.values - 12
	}
	return wrap(p.Label, max(w, 4*em))
}

func (d *dotPlot) height(p Point) float64 {
	n := max(1, float64(len(d.lines(p))))
	if d.beside {
		return max(dotRow, n*lineHeight+8)
	}
	return n*lineHeight + dotStrip + 4
}

func (d *dotPlot) row(p Point, y float64) {
	s, c := d.s, d.c
	class := "s6"
	if p.Mark || !d.anyMark() {
		class = "s1"
	}
	c.open(p.Href, s.linkName(p))
	lines, name := d.lines(p), "t"
	if p.Mark {
		name = "t name"
	}
	mid, first := y+d.height(p)/2, y+d.height(p)/2+4.5-float64(len(lines)-1)*lineHeight/2
	at, side, value := d.names, end, "t value"
	if !d.beside {
		name, value = name+" halo", value+" halo"
		mid, first, at, side = y+float64(max(1, len(lines)))*lineHeight+dotStrip/2-2, y+13, 0, start
	}
	rest := p.Label
	for i, line := range lines {
		c.text(at, first+float64(i)*lineHeight, side, name, line)
		if _, rest, _ = strings.Cut(rest, line); strings.HasPrefix(rest, " ") {
			c.put(" ") // words stay apart for whoever listens
		}
	}
	c.put(" ") // and from the value
	foot := mid + 4.5
	if !d.beside {
		foot = first
	}
	if !p.Known {
		c.text(c.w, foot, end, "t meta", s.Unknown)
		c.close(p.Href)
		return
	}
	c.text(c.w, foot, end, value, s.pointText(p))
	c.put(`<g class="%v">`, class)
	if lo, hi := p.span(); p.Bound == Interval || p.Bound == Range {
		c.put(`<path d="M%v %vv8m0 -4H%vm0 -4v8" class="bound"/>`, d.x.at(lo), mid-4, d.x.at(hi))
	}
	dot, centre := "dot", p.Value
	if p.Bound == Range {
		centre = (p.Low + p.High) / 2
	}
	if p.Bound != Exact && p.Bound != Interval {
		dot = "dot hollow"
	}
	c.put(`<circle cx="%v" cy="%v" r="4.5" class="%v"/></g>`, d.x.at(centre), mid, dot)
	c.close(p.Href)
}

func (d *dotPlot) anyMark() bool {
	for _, p := range d.s.Series[0].Points {
		if p.Mark {
			return true
		}
	}
	return false
}
