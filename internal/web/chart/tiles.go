package chart

import (
	"html"
	"slices"
)

const (
	tileGap = 6.0
	steps   = 5
)

// drawTiles draws the districts of Grid as equal tiles. Each tile shows name
// and value and is one link; colour runs over five steps whose numbers stand in
// the legend; a tile of unknown value is hatched.
func (s Spec) drawTiles(width float64) *canvas {
	c := &canvas{w: width}
	cols := 0
	for _, row := range s.Grid {
		cols = max(cols, len(row))
	}
	if cols == 0 || len(s.Series) == 0 {
		return s.drawNothing(c)
	}
	c.hatch("@id")
	tw := min((width-tileGap*float64(cols-1))/float64(cols), 132)
	th := max(58, tw*0.5)
	breaks := s.breaks()
	for r, row := range s.Grid {
		for k, name := range row {
			if name == "" {
				continue
			}
			i := slices.IndexFunc(s.Series[0].Points, func(p Point) bool { return p.Label == name })
			p := Point{Label: name}
			if i >= 0 {
				p = s.Series[0].Points[i]
			}
			s.tile(c, p, float64(k)*(tw+tileGap), float64(r)*(th+tileGap), tw, th, stepOf(breaks, p))
		}
	}
	c.h = float64(len(s.Grid)) * (th + tileGap)
	s.ramp(c, breaks)
	return c
}

func (s Spec) tile(c *canvas, p Point, x, y, w, h float64, step int) {
	text := s.pointText(p)
	c.open(p.Href, s.linkName(p))
	if step == 0 {
		c.put(`<g class="tile"><rect x="%v" y="%v" width="%v" height="%v" rx="4" class="unknown" fill="url(#@id-hatch)"/>`, x, y, w, h)
	} else {
		c.put(`<g class="tile r%d"><rect x="%v" y="%v" width="%v" height="%v" rx="4" class="ground"/>`, step, x, y, w, h)
	}
	name := fit(p.Label, w-8)
	if name != p.Label {
		c.put(`<title>%v</title>`, html.EscapeString(p.Label))
	}
	c.text(x+w/2, y+h/2-5, middle, "t", name)
	c.put(" ") // apart for whoever listens
	c.text(x+w/2, y+h/2+14, middle, "t value", fit(text, w-6))
	c.put(`</g>`)
	c.close(p.Href)
}

// fit cuts s to the width; the whole stands in the title and in the table.
func fit(s string, w float64) string {
	if textWidth(s) <= w {
		return s
	}
	r := []rune(s)
	for len(r) > 1 && textWidth(string(r)+"…") > w {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// breaks returns the lower ends of the steps: quintiles of the known distinct
// values, so that one very large district does not bleach the others.
func (s Spec) breaks() []float64 {
	var vs []float64
	for _, p := range s.Series[0].Points {
		if p.Known {
			vs = append(vs, mid(p))
		}
	}
	slices.Sort(vs)
	vs = slices.Compact(vs)
	if len(vs) <= steps {
		return vs
	}
	out := make([]float64, 0, steps)
	for i := range steps {
		out = append(out, vs[i*len(vs)/steps])
	}
	return out
}

// stepOf returns 1 to 5 for a known point and 0 for an unknown one.
func stepOf(breaks []float64, p Point) int {
	if !p.Known {
		return 0
	}
	n := 0
	for _, b := range breaks {
		if mid(p) >= b {
			n++
		}
	}
	if len(breaks) < steps {
		return n + (steps-len(breaks))/2
	}
	return n
}

// ramp draws the legend: each step with the values it stands for, in as many
// rows as the width needs.
func (s Spec) ramp(c *canvas, breaks []float64) {
	x, y := 0.0, c.h+12
	item := func(class, fill, label string) {
		w := 18 + 6 + textWidth(label) + 14
		if x > 0 && x+w-14 > c.w {
			x, y = 0, y+22
		}
		c.put(`<g class="tile %v"><rect x="%v" y="%v" width="18" height="12" rx="2" class="%v"%v/></g>`, class, x, y, groundClass(fill), fill)
		c.text(x+24, y+10.5, start, "t meta", label)
		x += w
	}
	if s.Unit != "" {
		c.text(x, y+10.5, start, "t meta", s.Unit)
		x += textWidth(s.Unit) + 14
	}
	for i := range breaks {
		p := Point{Known: true, Value: breaks[i]}
		item("r"+num(float64(stepOf(breaks, p))), "", s.stepLabel(breaks, i))
	}
	if s.anyUnknown() {
		item("", ` fill="url(#@id-hatch)"`, s.Unknown)
	}
	c.h = y + 22
}

func groundClass(fill string) string {
	if fill == "" {
		return "ground"
	}
	return "unknown"
}

// stepLabel writes the lowest and highest value that fall into step i.
func (s Spec) stepLabel(breaks []float64, i int) string {
	lo, hi := breaks[i], breaks[i]
	for _, p := range s.Series[0].Points {
		v := mid(p)
		if p.Known && v >= breaks[i] && (i == len(breaks)-1 || v < breaks[i+1]) {
			hi = max(hi, v)
		}
	}
	if lo == hi {
		return s.number(lo)
	}
	return s.number(lo) + "–" + s.number(hi)
}

func (s Spec) anyUnknown() bool {
	for _, row := range s.Grid {
		for _, name := range row {
			known := name == "" || slices.ContainsFunc(s.Series[0].Points, func(p Point) bool { return p.Label == name && p.Known })
			if !known {
				return true
			}
		}
	}
	return false
}
