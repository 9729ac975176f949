package chart

import (
	"errors"
	"html"
	"math"
	"slices"
	"strconv"
)

// Lanes is a timeline of events in lanes, one colour each. Several events of a
// lane that would lie over each other stand in rows below each other.
type Lanes struct {
	ID, Title, Desc string
	Names           []string // of the lanes, from the top
	Marks           []Mark
	Undated         string // head of the column of events without a day
}

// Mark is one event.
type Mark struct {
	Lane     int
	From, To float64 // in years; of an event that is dated by a year or a month, its ends. NaN: without a day
	Shape    Shape
	Hollow   bool // its amount is not known
	Label    string
	Name     string // all of it, for those who listen or point
	Href     string
}

// Shape tells kinds of events from each other where colour cannot.
type Shape string

// The shapes.
const (
	Disc     Shape = "disc"
	Square   Shape = "square"
	Diamond  Shape = "diamond"
	Triangle Shape = "triangle"
	Stroke   Shape = "stroke" // an event without money
)

// What stands where, in pixels.
const (
	laneHead  = 64.0
	laneRow   = 22.0
	lanePad   = 9.0
	laneAxis  = 24.0
	laneEdge  = 12.0
	laneLimit = 12 // rows of a lane; beyond it events lie over each other, without labels
	markSize  = 5.0
)

// placed is a mark with its row, and whether there is room for its label.
type placed struct {
	*Mark
	x, x0, x1 float64
	row       int
	label     anchor // "" where there is no room
}

// Draw writes the timeline as SVG.
func (l *Lanes) Draw(width int) (string, error) {
	if len(l.Names) == 0 || len(l.Names) > 6 || width < 400 {
		return "", errors.New("lanes need a width and one to six names")
	}
	c := &canvas{w: float64(width)}
	first, last, undated, err := l.span()
	if err != nil {
		return "", err
	}
	right := c.w - laneEdge
	if undated {
		right -= 150
	}
	at := func(year float64) float64 { return laneHead + (right-laneHead)*(year-first)/(last-first) }
	rows := make([][]placed, len(l.Names))
	height := laneAxis
	tops := make([]float64, len(l.Names)+1)
	for i := range l.Names {
		rows[i] = l.place(i, at, right, c.w)
		tops[i] = height
		height += 2*lanePad + laneRow*float64(depth(rows[i]))
	}
	tops[len(l.Names)] = height
	c.h = height + 1
	l.frame(c, tops, first, last, right, undated, at)
	for i := range rows {
		for j := range rows[i] {
			rows[i][j].draw(c, tops[i]+lanePad+laneRow*(float64(rows[i][j].row)+0.5), i)
		}
	}
	return c.svg(Spec{Kind: "lanes", Title: l.Title, Desc: l.Desc}, l.ID), nil
}

// span is the time shown, in whole years, and whether anything is undated.
func (l *Lanes) span() (first, last float64, undated bool, err error) {
	first, last = math.Inf(1), math.Inf(-1)
	for i := range l.Marks {
		m := &l.Marks[i]
		if m.Lane < 0 || m.Lane >= len(l.Names) {
			return 0, 0, false, errors.New("a mark without a lane")
		}
		if math.IsNaN(m.From) || math.IsNaN(m.To) {
			undated = true
			continue
		}
		if math.IsInf(m.From, 0) || math.IsInf(m.To, 0) || m.To < m.From {
			return 0, 0, false, errors.New("a mark whose time is none")
		}
		first, last = min(first, math.Floor(m.From)), max(last, math.Ceil(m.To))
	}
	if first > last { // nothing has a day
		first, last = 0, 1
	}
	return first, max(last, first+1), undated, nil
}

// place gives each mark of a lane the first row in which it lies over no other.
func (l *Lanes) place(lane int, at func(float64) float64, right, width float64) []placed {
	var out []placed
	for i := range l.Marks {
		m := &l.Marks[i]
		if m.Lane != lane {
			continue
		}
		p := placed{Mark: m}
		if math.IsNaN(m.From) || math.IsNaN(m.To) {
			p.x = right + 24
			p.x0, p.x1 = p.x, p.x
		} else {
			p.x0, p.x1 = at(m.From), at(m.To)
			p.x = (p.x0 + p.x1) / 2
		}
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b placed) int {
		if a.x < b.x {
			return -1
		}
		if a.x > b.x {
			return 1
		}
		return 0
	})
	taken := make([][]box, laneLimit)
	for i := range out {
		out[i].settle(taken, right, width)
	}
	return out
}

// settle looks for a row with room for mark and label, right of the mark or
// left of it, and if there is none for the mark alone.
func (p *placed) settle(taken [][]box, right, width float64) {
	w := textWidth(p.Label)
	lo, hi := p.x0, p.x1
	if hi-lo < 2*markSize {
		lo, hi = p.x-markSize, p.x+markSize
	}
	limit := right
	if p.x > right {
		limit = width
	}
	for _, side := range []anchor{start, end, ""} {
		b := box{x0: lo - 3, x1: hi + 3}
		switch side {
		case start:
			b.x1 = max(hi, p.x+markSize) + 6 + w
		case end:
			b.x0 = min(lo, p.x-markSize) - 6 - w
		}
		if side != "" && (b.x1 > limit || b.x0 < laneHead) {
			continue
		}
		for row := range taken {
			if !slices.ContainsFunc(taken[row], func(o box) bool { return b.x0 < o.x1 && o.x0 < b.x1 }) {
				taken[row] = append(taken[row], b)
				p.row, p.label = row, side
				return
			}
		}
	}
	p.row = laneLimit - 1
}

func depth(list []placed) int {
	n := 1
	for i := range list {
		n = max(n, list[i].row+1)
	}
	return n
}

// frame writes lanes, names and years.
func (l *Lanes) frame(c *canvas, tops []float64, first, last, right float64, undated bool, at func(float64) float64) {
	bottom := tops[len(tops)-1]
	if first > 0 {
		step := yearStep(last-first, (right-laneHead)/44)
		for y := math.Ceil(first/step) * step; y <= last; y += step {
			c.put(`<path d="M%v %vV%v" class="grid"/>`, at(y), laneAxis-4, bottom)
			if at(y)+36 <= right+8 {
				c.text(at(y)+3, laneAxis-8, start, "t meta", strconv.Itoa(int(y)))
			}
		}
	}
	if undated {
		c.put(`<path d="M%v %vV%v" class="axis"/>`, right+8, 4.0, bottom)
		c.text(right+14, laneAxis-8, start, "t meta", l.Undated)
	}
	for i, name := range l.Names {
		c.put(`<path d="M0 %vH%v" class="axis"/>`, tops[i], c.w)
		c.text(0, tops[i]+lanePad+laneRow*0.5+5, start, "t name s"+strconv.Itoa(i+1), name)
	}
	c.put(`<path d="M0 %vH%v" class="axis"/>`, bottom, c.w)
}

// yearStep is how many years lie between two lines, so that at most most stand.
func yearStep(years, most float64) float64 {
	for _, step := range []float64{1, 2, 5, 10, 20, 50, 100} {
		if years/step <= most {
			return step
		}
	}
	return 1000
}

func (p *placed) draw(c *canvas, y float64, lane int) {
	c.open(p.Href, p.Name)
	class := "lane s" + strconv.Itoa(lane+1)
	c.put(`<g class="%v"><title>`, class)
	c.put(`%v</title>`, html.EscapeString(p.Name))
	if p.x1-p.x0 > 2*markSize {
		c.put(`<path d="M%v %vV%vM%v %vH%vM%v %vV%v" class="bound"/>`, p.x0, y-3, y+3, p.x0, y, p.x1, p.x1, y-3, y+3)
	}
	kind := "dot"
	if p.Hollow {
		kind = "hollow"
	}
	r := markSize
	switch p.Shape {
	case Square:
		c.put(`<path d="M%v %vH%vV%vH%vZ" class="%v"/>`, p.x-r, y-r, p.x+r, y+r, p.x-r, kind)
	case Diamond:
		c.put(`<path d="M%v %vL%v %vL%v %vL%v %vZ" class="%v"/>`, p.x, y-r-1, p.x+r+1, y, p.x, y+r+1, p.x-r-1, y, kind)
	case Triangle:
		c.put(`<path d="M%v %vL%v %vL%v %vZ" class="%v"/>`, p.x, y-r, p.x+r, y+r, p.x-r, y+r, kind)
	case Stroke:
		c.put(`<path d="M%v %vV%vM%v %vH%v" class="line"/>`, p.x, y-r, y+r, p.x-3, y+r, p.x+3)
	default:
		c.put(`<circle cx="%v" cy="%v" r="%v" class="%v"/>`, p.x, y, r, kind)
	}
	switch p.label {
	case start:
		c.text(max(p.x1, p.x+r)+6, y+4.5, start, "t", p.Label)
	case end:
		c.text(min(p.x0, p.x-r)-6, y+4.5, end, "t", p.Label)
	}
	c.put(`</g>`)
	c.close(p.Href)
}
