package chart

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Kind selects the drawing.
type Kind string

// The kinds of chart.
const (
	Line  Kind = "line"  // a flow or a rate over time
	Step  Kind = "step"  // a stock that holds until the next reading
	Bar   Kind = "bar"   // horizontal bars, from zero, in the order given
	Spark Kind = "spark" // one thin line without axis, for a card
	Tiles Kind = "tiles" // one equal tile per district
	Dots  Kind = "dots"  // one row a unit: its value and the interval around it
	Bump  Kind = "bump"  // ranks over editions, one line a unit
	Bins  Kind = "bins"  // how many values fall between Low and High of each point
	Globe Kind = "globe" // places and clusters on the whole world (World)
	Area  Kind = "area"  // the same around one place, in kilometres (World)
)

// Bound says which side of a value is open.
type Bound uint8

// The bounds a point can carry.
const (
	Exact    Bound = iota
	About          // ≈: drawn hollow
	Least          // ≥ and >: open upwards
	Most           // ≤ and <: open downwards
	Range          // between Low and High
	Interval       // the value, with Low and High as its interval of confidence
)

// Point is one value. The zero Point is unknown.
type Point struct {
	Label string  // name of the bar, tile or period, as shown
	X     float64 // place on the time axis, in years; Line, Step and Spark only
	Known bool
	Value float64
	Bound Bound
	Low   float64 // Range and Interval; lower edge of a bin
	High  float64 // Range and Interval; upper edge of a bin
	Text  string  // value as a reader sees it, with bound sign, without unit
	Href  string  // where the point leads; optional
	Mark  bool    // the unit the reader came for: drawn in the accent
}

// Series is a named run of points, ordered by X for Line, Step and Spark.
type Series struct {
	Name   string
	Points []Point
	Mark   bool // as Point.Mark; Bump only
}

// Reference is a line across Dots: the value of the world, of the country.
type Reference struct {
	Value float64
	Label string
}

// Break says that between two places of the time axis the method has changed,
// so that what stands before it cannot be set beside what stands after it.
type Break struct {
	X     float64 // of the first reading under the new method
	Label string
}

// Spec describes a chart completely.
type Spec struct {
	Kind   Kind
	ID     string // unique on the page, [a-z0-9-]
	Title  string // the subject of the finding, not "chart of"
	Desc   string // one sentence that says what the picture shows
	Unit   string // unit of every value; shown once
	First  string // head of the label column of the table
	Series []Series
	// Grid places tiles: each row lists point labels, "" for no tile.
	Grid [][]string
	// Rank turns the axis round: 1 stands on top.
	Rank bool
	// Intervals heads a column of the table for the intervals of Dots; "" for none.
	Intervals string
	// Reference stands across Dots where it is not nil.
	Reference *Reference
	// Breaks stand across Bump, and across Line and Step.
	Breaks []Break
	// World is what Globe and Area show. Series holds one point for each
	// cluster, in the same order, for the table.
	World *World
	// Unknown is the word for a value that is not known.
	Unknown string
	// Format writes a number for axis and legend; Number when nil.
	Format func(float64) string
}

// Table is the data of a chart as rows, for people who read rather than look.
type Table struct {
	Head []string
	Rows [][]string
}

// Table returns one row per label in order of first appearance and one column
// per series. A missing point and an unknown one both read Spec.Unknown.
func (s Spec) Table() Table {
	t := Table{Head: []string{s.First}}
	at := map[string]int{}
	for i, se := range s.Series {
		t.Head = append(t.Head, s.columnName(se))
		for _, p := range se.Points {
			r, ok := at[p.Label]
			if !ok {
				r = len(t.Rows)
				at[p.Label] = r
				t.Rows = append(t.Rows, s.blankRow(p.Label))
			}
			t.Rows[r][i+1] = s.pointText(p)
		}
	}
	t.Rows = append(t.Rows, s.missing(at)...)
	if s.Intervals != "" && len(s.Series) == 1 {
		s.intervals(&t, at)
	}
	return t
}

// intervals adds a column for the intervals of the one series.
func (s Spec) intervals(t *Table, at map[string]int) {
	t.Head = append(t.Head, s.Intervals)
	for i := range t.Rows {
		t.Rows[i] = append(t.Rows[i], s.Unknown)
	}
	for _, p := range s.Series[0].Points {
		if r := at[p.Label]; p.Known && p.Bound == Interval {
			t.Rows[r][2] = s.number(p.Low) + "–" + s.number(p.High)
		}
	}
}

func (s Spec) columnName(se Series) string {
	switch {
	case se.Name == "":
		return s.Unit
	case s.Unit == "":
		return se.Name
	}
	return se.Name + " (" + s.Unit + ")"
}

// missing are the tiles that no point speaks of.
func (s Spec) missing(at map[string]int) (rows [][]string) {
	for _, row := range s.Grid {
		for _, name := range row {
			if _, ok := at[name]; name != "" && !ok {
				rows = append(rows, s.blankRow(name))
			}
		}
	}
	return rows
}

func (s Spec) blankRow(label string) []string {
	row := make([]string, 1+len(s.Series))
	row[0] = label
	for i := range s.Series {
		row[i+1] = s.Unknown
	}
	return row
}

func (s Spec) pointText(p Point) string {
	switch {
	case !p.Known:
		return s.Unknown
	case p.Text != "":
		return p.Text
	}
	return s.number(p.Value)
}

func (s Spec) number(v float64) string {
	if s.Format != nil {
		return s.Format(v)
	}
	return Number(v)
}

// Number writes v with thousands separators and at most two decimals.
func Number(v float64) string {
	t := strconv.FormatFloat(math.Abs(v), 'f', -1, 64)
	if i := strings.IndexByte(t, '.'); i >= 0 && len(t)-i > 3 {
		t = strings.TrimRight(strconv.FormatFloat(math.Abs(v), 'f', 2, 64), "0")
		t = strings.TrimSuffix(t, ".")
	}
	whole, frac, _ := strings.Cut(t, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if frac != "" {
		whole += "." + frac
	}
	if v < 0 {
		return "−" + whole
	}
	return whole
}

// Draw returns the SVG element for a chart of the given width in CSS pixels.
// Suffix is added to ids so that a page can hold the chart at two widths.
// It fails on a spec that cannot be drawn: no id, an unknown kind, a value
// that is not finite.
func (s Spec) Draw(width int, suffix string) (string, error) {
	c, err := s.draw(float64(width))
	if err != nil {
		return "", err
	}
	return c.svg(s, s.ID+suffix), nil
}

func (s Spec) draw(width float64) (*canvas, error) {
	if err := s.check(width); err != nil {
		return nil, fmt.Errorf("chart %q: %w", s.ID, err)
	}
	switch s.Kind {
	case Line, Step:
		return s.drawLine(width), nil
	case Bar:
		return s.drawBar(width), nil
	case Spark:
		return s.drawSpark(width), nil
	case Dots:
		return s.drawDots(width), nil
	case Bump:
		return s.drawBump(width), nil
	case Bins:
		return s.drawBins(width), nil
	case Globe:
		return s.drawGlobe(width), nil
	case Area:
		return s.drawArea(width), nil
	}
	return s.drawTiles(width), nil
}

func (s Spec) check(width float64) error {
	switch s.Kind {
	case Line, Step, Bar, Spark, Tiles, Dots, Bump, Bins:
	case Globe, Area:
		if s.World == nil {
			return errors.New("a map without a world")
		}
		if err := s.World.check(); err != nil {
			return err
		}
	default:
		return fmt.Errorf("no such kind %q", s.Kind)
	}
	if s.ID == "" || strings.Trim(s.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("id %q is not of letters, digits and hyphens", s.ID)
	}
	if width < 60 || width > 4000 {
		return fmt.Errorf("width %v is not between 60 and 4000", width)
	}
	for _, se := range s.Series {
		for _, p := range se.Points {
			if p.Known && !finite(p.Value, p.Low, p.High, p.X) {
				return fmt.Errorf("point %q is not a finite number", p.Label)
			}
		}
	}
	return nil
}

func finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.Abs(v) > 1e18 {
			return false
		}
	}
	return true
}

// span returns the lowest and highest value the point may have as far as drawn.
func (p Point) span() (lo, hi float64) {
	if p.Bound == Range || p.Bound == Interval {
		return min(p.Low, p.High), max(p.Low, p.High)
	}
	return p.Value, p.Value
}

// linkName is what a screen reader says for a mark that is a link.
func (s Spec) linkName(p Point) string {
	return strings.TrimSpace(p.Label + " " + s.pointText(p) + " " + s.Unit)
}
