package casework

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Look says how a diagram is drawn.
type Look struct {
	Lang       i18n.Lang
	Current    string   // state of a case that is marked, "" for none
	Passed     []string // states that it has been in
	Standalone bool     // with its own style sheet, for a file of its own
}

// DiagramStyle is the style sheet of diagrams. It takes the colours of the page
// where there are any (--paper, --ink, …) and follows its dark mode; alone it has
// its own.
const DiagramStyle = `.case-diagram{font:14px/1.4 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--ink,#1d2126);max-width:100%;height:auto}
.case-diagram text{fill:var(--ink,#1d2126);stroke:none}
.case-diagram .name{font-weight:600}
.case-diagram .label{font-size:13px}
.case-diagram .soft{fill:var(--soft,#565d66)}
.case-diagram .state{fill:var(--surface,#fff);stroke:var(--edge,#8b8880)}
.case-diagram .final{fill:var(--sunk,#f3f0e9);stroke-width:2.5}
.case-diagram .start{stroke:var(--ink,#1d2126);stroke-width:2}
.case-diagram .passed{stroke:var(--jade,#1f6f54);stroke-width:2}
.case-diagram .current{fill:var(--wash,#fbeeeb);stroke:var(--kapok,#b3261e);stroke-width:3}
.case-diagram .edge{fill:none;stroke:var(--faint,#696f78)}
.case-diagram .clock{stroke-dasharray:4 3}
.case-diagram .head{fill:var(--faint,#696f78);stroke:none}
`

// standaloneStyle gives a diagram that stands alone its ground and its dark mode.
const standaloneStyle = DiagramStyle + `.case-diagram{background:var(--paper,#fbfaf7)}
@media (prefers-color-scheme:dark){.case-diagram{--paper:#15171a;--surface:#1c1f23;--sunk:#22262b;--ink:#eceae4;--soft:#b3b8bf;--faint:#959ba4;--edge:#737a83;--wash:#33211f;--kapok:#ff8a73;--jade:#6fcaa5}}
`

const (
	margin    = 14.0
	nameEm    = 14.0
	labelEm   = 13.0
	lineHigh  = 18.0
	stateHigh = 34.0
)

// Diagram draws a kind as SVG: states from the start downwards, the actions
// between them with who does them and by when. An action of the clock alone is
// dashed; one that stays where it is stands within its state. Rows says the same
// as a table, which belongs under every diagram.
func Diagram(k *Kind, look Look) []byte {
	d := newDrawing(k, look)
	d.edges()
	d.states()
	return d.svg()
}

// drawing is one diagram while it is drawn.
type drawing struct {
	k       *Kind
	look    Look
	g       *graph
	stays   [][]string // of each state, the actions that stay in it
	lines   [][]line   // of each arrow
	y       []float64  // the middle of each layer
	w, h    float64
	body    strings.Builder
	leaving map[[2]int]float64 // x at which an arrow meets a state: {arrow, state}
}

// line is one action of a label.
type line struct {
	name, aside string
	clock       bool
}

func newDrawing(k *Kind, look Look) *drawing {
	d := &drawing{k: k, look: look, stays: make([][]string, len(k.States)), leaving: map[[2]int]float64{}}
	index := map[string]int{}
	for i, s := range k.States {
		index[s.ID] = i
	}
	var arrows []arrow
	at := map[[2]int]int{}
	for i := range k.Transitions {
		t := &k.Transitions[i]
		for _, f := range t.From {
			from, to := index[f], index[t.target(f)]
			l := d.line(t)
			if from == to {
				d.stays[from] = append(d.stays[from], l.name+" "+l.aside)
				continue
			}
			n, ok := at[[2]int{from, to}]
			if !ok {
				n = len(arrows)
				at[[2]int{from, to}] = n
				arrows, d.lines = append(arrows, arrow{from: from, to: to}), append(d.lines, nil)
			}
			d.lines[n] = append(d.lines[n], l)
		}
	}
	d.g = arrange(len(k.States), index[k.Start], d.stateSizes(), arrows, d.labelSizes())
	d.measure()
	d.ports()
	return d
}

func (d *drawing) line(t *Transition) line {
	aside := roleNames(d.k, t).In(d.look.Lang)
	if t.Deadline != nil {
		aside += " " + t.Deadline.text(d.look.Lang)
	}
	return line{t.Name.In(d.look.Lang), "· " + aside, slices.Equal(t.Roles, []string{Clock})}
}

// text writes a deadline as "≤ 10 working days".
func (dl *Deadline) text(l i18n.Lang) string {
	units := map[Unit]i18n.Text{WorkingDays: {ZH: "个工作日", EN: " working days"}, CalendarDays: {ZH: "天", EN: " days"}}
	return "≤ " + strconv.Itoa(dl.Days) + units[dl.Unit].In(l)
}

func (d *drawing) stateSizes() [][2]float64 {
	out := make([][2]float64, len(d.k.States))
	for i, s := range d.k.States {
		w := textWidth(s.Name.In(d.look.Lang), nameEm) * 1.06
		for _, stay := range d.stays[i] {
			w = max(w, textWidth("↻ "+stay, labelEm))
		}
		out[i] = [2]float64{max(64, w+26), stateHigh + lineHigh*float64(len(d.stays[i]))}
	}
	return out
}

func (d *drawing) labelSizes() [][2]float64 {
	out := make([][2]float64, len(d.lines))
	for i, lines := range d.lines {
		w := 0.0
		for _, l := range lines {
			w = max(w, textWidth(l.name+" "+l.aside, labelEm))
		}
		out[i] = [2]float64{w + 6, lineHigh*float64(len(lines)) + 2}
	}
	return out
}

// measure stacks the layers and finds the size of the whole.
func (d *drawing) measure() {
	y := margin
	for _, layer := range d.g.layers {
		high := 0.0
		for _, i := range layer {
			high = max(high, d.g.nodes[i].h)
			d.w = max(d.w, d.g.nodes[i].x+d.g.nodes[i].w/2)
		}
		for _, i := range layer {
			if n := &d.g.nodes[i]; n.state < 0 && n.h == 0 {
				n.h = high // a bend runs upright past what stands beside it
			}
		}
		d.y = append(d.y, y+high/2)
		y += high + gapY
	}
	d.w, d.h = d.w+2*margin, y-gapY+margin
}

// ports spreads the arrows of a state along its upper and lower side, in the
// order in which they come.
func (d *drawing) ports() {
	for s := range d.k.States {
		for _, below := range []bool{false, true} {
			type port struct {
				arrow int
				x     float64
			}
			var ports []port
			for i, a := range d.g.arrows {
				upper, lower := a.ends()
				switch {
				case below && upper == s:
					ports = append(ports, port{i, d.g.nodes[a.path[1]].x})
				case !below && lower == s:
					ports = append(ports, port{i, d.g.nodes[a.path[len(a.path)-2]].x})
				}
			}
			slices.SortStableFunc(ports, func(a, b port) int { return cmp.Compare(a.x, b.x) })
			n := d.g.nodes[s]
			step := min(24, (n.w-16)/float64(len(ports)))
			for i, p := range ports {
				d.leaving[[2]int{p.arrow, s}] = n.x + (float64(i)-float64(len(ports)-1)/2)*step
			}
		}
	}
}

// at returns the point of a node where an arrow meets its upper or lower side.
func (d *drawing) at(arrow, i int, lowerSide bool) (x, y float64) {
	n := d.g.nodes[i]
	x, y = n.x+margin, d.y[n.layer]
	if n.state >= 0 {
		x = d.leaving[[2]int{arrow, i}] + margin
	}
	if lowerSide {
		return x, y + n.h/2
	}
	return x, y - n.h/2
}

const headHigh = 7.0

func (d *drawing) edges() {
	for i := range d.g.arrows {
		a := &d.g.arrows[i]
		class := "edge"
		if !slices.ContainsFunc(d.lines[i], func(l line) bool { return !l.clock }) {
			class = "edge clock"
		}
		fmt.Fprintf(&d.body, `<path class="%s" fill="none" stroke="currentColor" d="%s"/>`, class, d.way(i, a))
		d.head(i, a)
		d.label(i, a)
	}
}

// way is the path of an arrow: from each node down to the next by a curve that
// leaves and arrives upright. It is open where the label stands.
func (d *drawing) way(i int, a *arrow) string {
	var b strings.Builder
	for n := 1; n < len(a.path); n++ {
		x0, y0 := d.at(i, a.path[n-1], true)
		x1, y1 := d.at(i, a.path[n], false)
		if a.back && n == 1 {
			y0 += headHigh
		}
		if !a.back && n == len(a.path)-1 {
			y1 -= headHigh
		}
		mid := (y0 + y1) / 2
		fmt.Fprintf(&b, "M%s %sC%s %s %s %s %s %s", num(x0), num(y0), num(x0), num(mid), num(x1), num(mid), num(x1), num(y1))
		if end := d.g.nodes[a.path[n]]; end.state < 0 && a.path[n] != a.label {
			fmt.Fprintf(&b, "V%s", num(d.y[end.layer]+end.h/2))
		}
	}
	return b.String()
}

// head is the tip of an arrow: on the upper side of the state it leads to, or
// on the lower one when it runs back.
func (d *drawing) head(i int, a *arrow) {
	x, y := d.at(i, a.to, a.back)
	s := -headHigh
	if a.back {
		s = headHigh
	}
	fmt.Fprintf(&d.body, `<path class="head" fill="currentColor" d="M%s %sl-4 %sh8z"/>`, num(x), num(y), num(s))
}

func (d *drawing) label(i int, a *arrow) {
	n := d.g.nodes[a.label]
	top := d.y[n.layer] - n.h/2
	for k, l := range d.lines[i] {
		fmt.Fprintf(&d.body, `<text class="label" fill="currentColor" x="%s" y="%s" text-anchor="middle">%s <tspan class="soft">%s</tspan></text>`,
			num(n.x+margin), num(top+lineHigh*float64(k)+14), html.EscapeString(l.name), html.EscapeString(l.aside))
	}
}

func (d *drawing) states() {
	for i, s := range d.k.States {
		n := d.g.nodes[i]
		x, top, r := n.x+margin, d.y[n.layer]-n.h/2, "8"
		if s.Final {
			r = "17"
		}
		fmt.Fprintf(&d.body, `<rect class="%s" fill="none" stroke="currentColor" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`,
			d.class(s), num(x-n.w/2), num(top), num(n.w), num(n.h), r)
		fmt.Fprintf(&d.body, `<text class="name" fill="currentColor" x="%s" y="%s" text-anchor="middle">%s</text>`, num(x), num(top+22), html.EscapeString(s.Name.In(d.look.Lang)))
		for k, stay := range d.stays[i] {
			fmt.Fprintf(&d.body, `<text class="label soft" fill="currentColor" x="%s" y="%s" text-anchor="middle">↻ %s</text>`,
				num(x), num(top+40+lineHigh*float64(k)), html.EscapeString(stay))
		}
	}
}

func (d *drawing) class(s State) string {
	class := "state"
	if s.ID == d.k.Start {
		class += " start"
	}
	if s.Final {
		class += " final"
	}
	if s.ID == d.look.Current {
		return class + " current"
	}
	if slices.Contains(d.look.Passed, s.ID) {
		class += " passed"
	}
	return class
}

func (d *drawing) svg() []byte {
	name := html.EscapeString(d.k.Name.In(d.look.Lang))
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="case-diagram" role="img" viewBox="0 0 %s %s" width="%s" height="%s" font-size="14" lang="%s"><title>%s</title>`,
		num(d.w), num(d.h), num(d.w), num(d.h), html.EscapeString(string(d.look.Lang)), name)
	if d.look.Standalone {
		b.WriteString("<style>" + standaloneStyle + "</style>")
	}
	b.WriteString(d.body.String() + "</svg>\n")
	return []byte(b.String())
}

// num writes a coordinate with at most one decimal.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// textWidth estimates the width of a text in a sans-serif of the given size,
// rather too wide than too narrow.
func textWidth(s string, em float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r >= 0x2E80:
			w++
		case r == ' ' || r == '.' || r == ',' || r == 'i' || r == 'l' || r == 'j' || r == '·':
			w += 0.36
		case r == 'm' || r == 'w' || r == 'M' || r == 'W' || r == '↻' || r == '≤':
			w += 0.95
		case r >= 'A' && r <= 'Z':
			w += 0.72
		default:
			w += 0.6
		}
	}
	return w * em
}
