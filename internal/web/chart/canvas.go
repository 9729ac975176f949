package chart

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// em is the size of all chart text in CSS pixels: the smallest of the four
// type sizes. lineHeight is the height a line of it is given.
const (
	em         = 13.0
	lineHeight = 18.0
)

// box is a rectangle of text, used to keep labels apart.
type box struct {
	x0, y0, x1, y1 float64
	text           string
}

func (b box) meets(o box) bool {
	return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1
}

// canvas collects SVG and the boxes of all text on it.
type canvas struct {
	w, h  float64
	body  strings.Builder
	defs  strings.Builder
	boxes []box
	links bool
}

func (c *canvas) put(format string, args ...any) {
	for i, a := range args {
		if f, ok := a.(float64); ok {
			args[i] = num(f)
		}
	}
	fmt.Fprintf(&c.body, format, args...)
}

// num writes a coordinate with at most one decimal.
func num(v float64) string {
	v = math.Round(v*10) / 10
	if v == 0 {
		v = 0 // no negative zero
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// anchor is where x stands in a text: at its start, middle or end.
type anchor string

const (
	start  anchor = "start"
	middle anchor = "middle"
	end    anchor = "end"
)

// boxOf returns the box of s with its baseline at y.
func boxOf(x, y float64, a anchor, s string) box {
	w := textWidth(s)
	switch a {
	case middle:
		x -= w / 2
	case end:
		x -= w
	}
	return box{x, y - em*0.92, x + w, y + em*0.28, s}
}

// text writes s whether or not there is room for it.
func (c *canvas) text(x, y float64, a anchor, class, s string) {
	if s == "" {
		return
	}
	c.boxes = append(c.boxes, boxOf(x, y, a, s))
	c.put(`<text x="%v" y="%v" class="%v"`, x, y, class)
	if a != start {
		c.put(` text-anchor="%v"`, string(a))
	}
	c.put(`>%v</text>`, html.EscapeString(s))
}

// fits reports whether s can be written at x, y inside the canvas and clear of
// all other text.
func (c *canvas) fits(x, y float64, a anchor, s string) bool {
	b := boxOf(x, y, a, s)
	if b.x0 < 0 || b.y0 < 0 || b.x1 > c.w || b.y1 > c.h {
		return false
	}
	b.x0, b.x1 = b.x0-3, b.x1+3
	for _, o := range c.boxes {
		if b.meets(o) {
			return false
		}
	}
	return true
}

func (c *canvas) open(href, name string) {
	if href != "" {
		c.links = true
		c.put(`<a href="%v" aria-label="%v">`, html.EscapeString(href), html.EscapeString(name))
	}
}

func (c *canvas) close(href string) {
	if href != "" {
		c.put(`</a>`)
	}
}

// hatch declares the pattern for what is not known.
func (c *canvas) hatch(id string) {
	fmt.Fprintf(&c.defs, `<defs><pattern id="%s-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`+
		`<rect width="6" height="6" class="hatch-ground"/><path d="M0 0V6" class="hatch-line"/></pattern></defs>`, id)
}

// svg wraps the drawing. A drawing with links is a group, because the children
// of an image cannot be reached by keyboard; a sparkline is decoration beside
// the number it repeats.
func (c *canvas) svg(s Spec, id string) string {
	var b strings.Builder
	role := "img"
	if c.links {
		role = "group"
	}
	fmt.Fprintf(&b, `<svg class="chart chart-%s" viewBox="0 0 %s %s" width="%s" height="%s"`,
		s.Kind, num(c.w), num(c.h), num(c.w), num(c.h))
	fmt.Fprintf(&b, ` role="%s" aria-labelledby="%s-title %s-desc"><title id="%s-title">%s</title><desc id="%s-desc">%s</desc>`,
		role, id, id, id, html.EscapeString(s.Title), id, html.EscapeString(s.Desc))
	b.WriteString(strings.ReplaceAll(c.defs.String(), "@id", id))
	b.WriteString(strings.ReplaceAll(c.body.String(), "@id", id))
	b.WriteString("</svg>")
	return b.String()
}

// textWidth estimates the width of s from above: Chinese takes a full em, and
// the Latin widths are those of wide system fonts (DejaVu, Verdana).
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w * em
}

func runeWidth(r rune) float64 {
	switch {
	case r >= 0x2E80:
		return 1
	case r == ' ' || r == '.' || r == ',' || r == ':' || r == '\'' || r == '|':
		return 0.36
	case r == 'i' || r == 'l' || r == 'j' || r == 'I':
		return 0.34
	case r == 'm' || r == 'w' || r == 'M' || r == 'W':
		return 0.98
	case r >= 'A' && r <= 'Z':
		return 0.74
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return 0.64
	case r == '(' || r == ')' || r == '-' || r == '/':
		return 0.42
	}
	return 0.85
}

// wrap cuts s into lines no wider than w: at spaces in Latin text, between any
// two characters in Chinese, never inside a run of Latin letters or digits
// unless the run alone is too wide.
func wrap(s string, w float64) []string {
	var lines []string
	line := ""
	for _, word := range words(s) {
		if line != "" && textWidth(line+strings.TrimRight(word, " ")) > w {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		for textWidth(word) > w {
			r := []rune(word)
			n := 1
			for n < len(r) && textWidth(string(r[:n+1])) <= w {
				n++
			}
			if n == len(r) {
				break
			}
			lines, word = append(lines, string(r[:n])), string(r[n:])
		}
		line += word
	}
	if line = strings.TrimRight(line, " "); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// words splits s where a line may end. A closing mark stays with what it closes.
func words(s string) []string {
	var out []string
	for _, r := range s {
		n := len(out)
		switch {
		case n == 0:
			out = append(out, string(r))
		case strings.ContainsRune("）)、，。；：》”’", r):
			out[n-1] += string(r)
		case r >= 0x2E80 || strings.HasSuffix(out[n-1], " ") || lastRune(out[n-1]) >= 0x2E80 && !strings.ContainsRune("（《“‘", lastRune(out[n-1])):
			out = append(out, string(r))
		default:
			out[n-1] += string(r)
		}
	}
	return out
}

func lastRune(s string) rune {
	r := []rune(s)
	return r[len(r)-1]
}
