package chart

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// bump is a chart of ranks over editions while it is drawn. Editions stand at
// equal distances, whatever the time between them: a rank holds for an edition.
type bump struct {
	s     Spec
	c     *canvas
	at    []float64 // places of the editions on the time axis, in order
	left  float64
	right float64
	y     scale
	big   bool // ranks are written into their marks
}

// markRadius is the size of a mark that holds its rank.
const markRadius = 11.0

// drawBump draws one line a series over the editions, with 1 on top. The line
// is broken, and the break marked, where the method has changed. Marked series
// take the accent; with none marked, up to six take their colours.
func (s Spec) drawBump(width float64) *canvas {
	c := &canvas{w: width}
	_, worst, any := extent(s.Series)
	if !any {
		return s.drawNothing(c)
	}
	b := &bump{s: s, c: c, left: markRadius + 2}
	for _, se := range s.Series {
		for _, p := range se.Points {
			if !slices.Contains(b.at, p.X) {
				b.at = append(b.at, p.X)
			}
		}
	}
	slices.Sort(b.at)
	names := 0.0
	if len(s.Series) > 1 {
		for _, se := range s.Series {
			names = max(names, textWidth(se.Name))
		}
		names = min(names, width*0.36) + 10
	}
	b.right = width - names - markRadius - 4
	step := 28.0
	if worst*step > 440 {
		step = 440 / worst
	}
	b.big = step >= 2*markRadius || len(s.Series) == 1
	best := s.best()
	c.h = max(120, (worst-best)*step+96)
	b.y = scale{lo: best, hi: max(worst, best+1), p0: 44, p1: c.h - 46}
	b.draw()
	return c
}

// best is the best rank of all series.
func (s Spec) best() float64 {
	lo, _, _ := extent(s.Series)
	return lo
}

func (b *bump) x(at float64) float64 {
	i := slices.Index(b.at, at)
	if len(b.at) < 2 {
		return (b.left + b.right) / 2
	}
	return b.left + float64(i)/float64(len(b.at)-1)*(b.right-b.left)
}

func (b *bump) draw() {
	b.breaks()
	b.editions()
	order := make([]int, 0, len(b.s.Series)) // marked ones are drawn over the others
	for i, se := range b.s.Series {
		if !se.Mark {
			order = append(order, i)
		}
	}
	for i, se := range b.s.Series {
		if se.Mark {
			order = append(order, i)
		}
	}
	for _, i := range order {
		b.line(i)
	}
	slices.Reverse(order)
	for _, i := range order {
		b.marks(i)
	}
	if len(b.s.Series) > 1 {
		b.names(order)
	}
}

func (b *bump) class(i int) string {
	se := b.s.Series[i]
	if se.Mark {
		return "s1"
	}
	if len(b.s.Series) > 6 || slices.ContainsFunc(b.s.Series, func(o Series) bool { return o.Mark }) {
		return "s6 aside"
	}
	return "s" + strconv.Itoa(i+1)
}

// breaks draws a line between two editions of different method.
func (b *bump) breaks() {
	for _, k := range b.s.Breaks {
		i := slices.Index(b.at, k.X)
		if i < 1 {
			continue
		}
		x := (b.x(b.at[i-1]) + b.x(b.at[i])) / 2
		b.c.put(`<path d="M%v 22V%v" class="reference"/>`, x, b.c.h-30)
		at := min(max(x, textWidth(k.Label)/2), b.c.w-textWidth(k.Label)/2)
		if b.c.fits(at, 14, middle, k.Label) {
			b.c.text(at, 14, middle, "t meta", k.Label)
		}
	}
}

// editions writes the last edition, the first, and as many between as fit.
func (b *bump) editions() {
	labels := map[float64]string{}
	for _, se := range b.s.Series {
		for _, p := range se.Points {
			labels[p.X] = p.Label
		}
	}
	order := slices.Clone(b.at)
	if n := len(order); n > 2 {
		order = append([]float64{order[n-1], order[0]}, order[1:n-1]...)
	}
	for _, x := range order {
		w := textWidth(labels[x]) / 2
		at := min(max(b.x(x), w), b.c.w-w)
		if b.c.fits(at, b.c.h-10, middle, labels[x]) {
			b.c.text(at, b.c.h-10, middle, "t meta", labels[x])
		}
	}
}

// broken reports whether the method changed between two editions.
func (b *bump) broken(from, to float64) bool {
	return slices.ContainsFunc(b.s.Breaks, func(k Break) bool { return k.X > from && k.X <= to })
}

// line draws the way of one series, dashed over a break and over editions of
// which nothing is known.
func (b *bump) line(i int) {
	var solid, apart strings.Builder
	var last *Point
	points := b.s.Series[i].Points
	for j := range points {
		p := &points[j]
		if !p.Known {
			continue
		}
		if last != nil {
			d := &solid
			if b.broken(last.X, p.X) || slices.Index(b.at, p.X) != slices.Index(b.at, last.X)+1 {
				d = &apart
			}
			d.WriteString("M" + num(b.x(last.X)) + " " + num(b.y.at(mid(*last))) + "L" + num(b.x(p.X)) + " " + num(b.y.at(mid(*p))))
		}
		last = p
	}
	b.c.put(`<g class="%v"><path d="%v" class="line"/><path d="%v" class="line apart"/></g>`, b.class(i), solid.String(), apart.String())
}

// marks draws the ranks: the number in a disc where there is room for it.
func (b *bump) marks(i int) {
	se := b.s.Series[i]
	b.c.put(`<g class="%v">`, b.class(i))
	for _, p := range se.Points {
		if !p.Known {
			continue
		}
		x, y := b.x(p.X), b.y.at(mid(p))
		text := strconv.Itoa(int(math.Round(mid(p))))
		name := p
		name.Label = strings.TrimSpace(se.Name + " " + p.Label)
		room := (b.big || se.Mark) && textWidth(text) <= 2*markRadius && b.c.fits(x, y+4.5, middle, text)
		b.c.open(p.Href, b.s.linkName(name))
		if room {
			b.c.put(`<circle cx="%v" cy="%v" r="11" class="disc"/>`, x, y)
			b.c.text(x, y+4.5, middle, "t on-disc", text)
		} else {
			b.c.put(`<circle cx="%v" cy="%v" r="3.5" class="dot"/>`, x, y)
		}
		b.c.close(p.Href)
	}
	b.c.put(`</g>`)
}

// names writes each name beside its last known rank where it has room.
func (b *bump) names(order []int) {
	for _, i := range order {
		se := b.s.Series[i]
		for j := len(se.Points) - 1; j >= 0; j-- {
			p := se.Points[j]
			if !p.Known {
				continue
			}
			x := b.x(p.X) + markRadius + 6
			text, class := fit(se.Name, b.c.w-x), "t"
			if se.Mark {
				class = "t name"
			}
			if y := b.y.at(mid(p)) + 4.5; b.c.fits(x, y, start, text) {
				b.c.text(x, y, start, class, text)
			}
			break
		}
	}
}
