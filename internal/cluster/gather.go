package cluster

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

// Fault says why a row became no point.
type Fault string

// The faults of rows.
const (
	FaultCells   Fault = "cells"    // another number of cells than the heading
	FaultQuote   Fault = "quote"    // a quote that is not closed on its line, or text behind one
	FaultText    Fault = "text"     // no UTF-8
	FaultLong    Fault = "long"     // a line of more than maxLine bytes
	FaultNumber  Fault = "number"   // a coordinate or weight that is no number
	FaultMissing Fault = "missing"  // a coordinate, weight or type that is not given
	FaultPlace   Fault = "place"    // coordinates that are not on the Earth
	FaultWeight  Fault = "weight"   // a weight below zero or not finite
	FaultKind    Fault = "kind"     // a type that is not known
	FaultMixed   Fault = "document" // a document of another type than in the rows before
)

// Rejected is one row that became no point.
type Rejected struct {
	Row   int64  `json:"row"` // line of a CSV file, row of a Parquet file, both from 1
	Fault Fault  `json:"fault"`
	Value string `json:"value"` // what was read, cut to a few characters
}

// Report counts what became of the rows of an input.
type Report struct {
	Rows     int           `json:"rows"` // without the heading and blank lines
	Points   int           `json:"points"`
	Rejected int           `json:"rejected"`
	Faults   map[Fault]int `json:"faults"`
	Samples  []Rejected    `json:"samples"` // the first few of each fault
}

const (
	samplesOfFault = 5
	sampleBytes    = 60
)

// Input are points that were read, with what their rows said beside.
type Input struct {
	Points   Points
	Row      []int64 // of each point
	Document []int32 // nil when the input has no column of documents
	Names    Names   // Of is nil when the input has no column of places
	Report   Report
}

// Column is a column that an input may have.
type Column int

// The columns, in the order in which Gatherer.Add takes them.
const (
	ColumnLon Column = iota
	ColumnLat
	ColumnWeight
	ColumnKind
	ColumnDocument
	ColumnPlace
	columns
)

var columnNames = [columns][]string{
	{"lon", "longitude", "lng", "经度"},
	{"lat", "latitude", "纬度"},
	{"weight", "权重"},
	{"type", "kind", "类型"},
	{"document", "doc", "文献"},
	{"place", "city", "地点"},
}

// String returns the column's name in files.
func (c Column) String() string { return columnNames[c][0] }

// FindColumns returns where in a heading each column stands, -1 for one that is
// not there. It returns errs.Invalid without coordinates, without a column of
// types where byDefault names none, and for a name that stands twice.
func FindColumns(heading []string, byDefault string) ([]int, error) {
	at := []int{-1, -1, -1, -1, -1, -1}
	for i, cell := range heading {
		for c, names := range columnNames {
			for _, name := range names {
				if strings.EqualFold(strings.TrimSpace(cell), name) {
					if at[c] >= 0 {
						return nil, errs.New(errs.Invalid, "cluster.column_twice", errs.A{"column": names[0]})
					}
					at[c] = i
				}
			}
		}
	}
	for _, c := range []Column{ColumnLon, ColumnLat} {
		if at[c] < 0 {
			return nil, errs.New(errs.Invalid, "cluster.no_column", errs.A{"column": c.String()})
		}
	}
	if at[ColumnKind] < 0 && byDefault == "" {
		return nil, errs.New(errs.Invalid, "cluster.no_kinds")
	}
	return at, nil
}

// Gatherer turns rows into points. It keeps count of the rows that cannot be.
type Gatherer struct {
	in        Input
	has       []int
	byDefault Kind
	documents map[string]int32
	kindOf    []Kind // of each document
	names     map[string]int32
}

// NewGatherer takes the columns that an input has, from FindColumns, and the
// type of rows where it has none.
func NewGatherer(has []int, byDefault string) (*Gatherer, error) {
	g := &Gatherer{has: has, documents: map[string]int32{}, names: map[string]int32{}}
	if has[ColumnKind] < 0 {
		k, ok := kindNamed(byDefault)
		if !ok {
			return nil, errs.New(errs.Invalid, "cluster.unknown_kind", errs.A{"value": byDefault})
		}
		g.byDefault = k
	}
	g.in.Report.Faults = map[Fault]int{}
	return g, nil
}

// Has reports whether the input has a column.
func (g *Gatherer) Has(c Column) bool { return g.has[c] >= 0 }

// kindNamed reads the words that tables use for a kind.
func kindNamed(word string) (Kind, bool) {
	switch word = strings.ToLower(strings.TrimSpace(word)); word {
	case "专利", "pct":
		return Patent, true
	case "论文", "publication":
		return Paper, true
	case "交易":
		return Deal, true
	}
	return ParseKind(word)
}

// Reject counts a row that cannot be a point.
func (g *Gatherer) Reject(row int64, f Fault, value string) {
	r := &g.in.Report
	r.Rows++
	r.Rejected++
	if r.Faults[f]++; r.Faults[f] <= samplesOfFault {
		r.Samples = append(r.Samples, Rejected{row, f, brief(value)})
	}
}

// brief cuts text that is shown to a person, who need not see all of it.
func brief(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= sampleBytes {
		return s
	}
	cut := sampleBytes
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// Add takes one row: coordinates in degrees, the weight (1 where the input has
// no weights), and the words for type, document and place. A row without a
// document is one by itself.
func (g *Gatherer) Add(row int64, lon, lat, weight float64, kind, document, place string) {
	k, ok := g.byDefault, true
	if g.has[ColumnKind] >= 0 {
		k, ok = kindNamed(kind)
	}
	switch {
	case !onEarth(lon, lat):
		g.Reject(row, FaultPlace, fmt.Sprintf("%g, %g", lon, lat))
	case !validWeight(weight):
		g.Reject(row, FaultWeight, strconv.FormatFloat(weight, 'g', -1, 64))
	case !ok && strings.TrimSpace(kind) == "":
		g.Reject(row, FaultMissing, ColumnKind.String())
	case !ok:
		g.Reject(row, FaultKind, kind)
	case !g.document(document, k):
		g.Reject(row, FaultMixed, document)
	default:
		g.keep(row, lon, lat, weight, k, place)
	}
}

func (g *Gatherer) keep(row int64, lon, lat, weight float64, k Kind, place string) {
	p := &g.in.Points
	p.Lon, p.Lat, p.Weight, p.Kind = append(p.Lon, lon), append(p.Lat, lat), append(p.Weight, weight), append(p.Kind, k)
	g.in.Row = append(g.in.Row, row)
	g.in.Report.Rows++
	g.in.Report.Points++
	if g.has[ColumnPlace] < 0 {
		return
	}
	if place == "" {
		g.in.Names.Of = append(g.in.Names.Of, -1)
		return
	}
	n, known := g.names[place]
	if !known {
		place = strings.Clone(place)
		n = int32(len(g.in.Names.Name))
		g.names[place], g.in.Names.Name = n, append(g.in.Names.Name, place)
	}
	g.in.Names.Of = append(g.in.Names.Of, n)
}

// document numbers the document of the next point; false when it is known as
// one of another kind.
func (g *Gatherer) document(name string, k Kind) bool {
	if g.has[ColumnDocument] < 0 {
		return true
	}
	d, known := g.documents[name]
	if name == "" || !known {
		d = int32(len(g.kindOf))
		g.kindOf = append(g.kindOf, k)
		if name != "" {
			g.documents[strings.Clone(name)] = d
		}
	}
	if g.kindOf[d] != k {
		return false
	}
	g.in.Document = append(g.in.Document, d)
	return true
}

// Input returns what was gathered.
func (g *Gatherer) Input() *Input { return &g.in }
