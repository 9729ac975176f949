package composite

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// Unknown is a value that is not known.
var Unknown = math.NaN()

// Known reports whether v is a number to count with.
func Known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Row names one row of a table: a unit in a year; year 0 is a table of one
// time.
type Row struct {
	Unit string `json:"unit"`
	Year int    `json:"year,omitempty"`
}

// Table holds raw indicators. Every column is as long as Rows.
type Table struct {
	Rows    []Row
	Names   []string // columns, in the order of the file
	Columns map[string][]float64
	Labels  map[string][]string // columns of words
}

// The limits of a table file.
const (
	maxRows    = 100_000
	maxColumns = 1_000
)

// ParseTable reads a CSV file of numbers whose first line names the columns.
// unit names the column of units, year that of years ("" when the table is of
// one time), labels those of words; every other column is an indicator. An empty
// cell is unknown;
// lines that begin with # are passed over. A cell that is no number and a unit
// named twice in a year are errs.Invalid, all faults together.
func ParseTable(r io.Reader, unit, year string, labels ...string) (*Table, error) {
	in := csv.NewReader(r)
	in.Comment = '#'
	head, err := in.Read()
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "composite.bad_csv", errs.A{"line": 1})
	}
	if len(head) > maxColumns {
		return nil, errs.New(errs.TooLarge, "composite.too_large", errs.A{"rows": maxRows, "columns": maxColumns})
	}
	p := tableParser{t: &Table{Columns: map[string][]float64{}, Labels: map[string][]string{}}, labels: labels, head: head, unit: slices.Index(head, unit), year: slices.Index(head, year), seen: map[Row]bool{}}
	if p.unit < 0 || year != "" && p.year < 0 {
		return nil, errs.New(errs.Invalid, "composite.no_column", errs.A{"column": strings.TrimSpace(unit + " " + year)})
	}
	for i, name := range head {
		if i == p.unit || i == p.year || slices.Contains(labels, name) {
			continue
		}
		if _, twice := p.t.Columns[name]; twice || name == "" {
			return nil, errs.New(errs.Invalid, "composite.column_twice", errs.A{"column": name})
		}
		p.t.Columns[name], p.t.Names = []float64{}, append(p.t.Names, name)
	}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return p.t, p.faults.Err()
		}
		if err != nil {
			line := 0
			if at := (*csv.ParseError)(nil); errors.As(err, &at) {
				line = at.Line
			}
			return nil, errs.Wrap(err, errs.Invalid, "composite.bad_csv", errs.A{"line": line})
		}
		if len(p.t.Rows) >= maxRows || len(p.faults) >= 100 {
			return nil, append(p.faults, errs.New(errs.TooLarge, "composite.too_large", errs.A{"rows": maxRows, "columns": maxColumns})).Err()
		}
		line, _ := in.FieldPos(0)
		p.row(line, cells)
	}
}

type tableParser struct {
	t          *Table
	head       []string
	unit, year int
	labels     []string
	seen       map[Row]bool
	faults     errs.List
}

func (p *tableParser) row(line int, cells []string) {
	bad := func(i int, key string) {
		p.faults = append(p.faults, errs.New(errs.Invalid, key, errs.A{"line": line, "column": p.head[i], "value": cells[i]}).At(p.head[i]))
	}
	row := Row{Unit: strings.TrimSpace(cells[p.unit])}
	if p.year >= 0 {
		n, err := strconv.Atoi(strings.TrimSpace(cells[p.year]))
		if row.Year = n; err != nil || n < 1 || n > 9999 {
			bad(p.year, "composite.bad_number")
		}
	}
	if row.Unit == "" || p.seen[row] {
		bad(p.unit, "composite.unit_twice")
	}
	p.seen[row] = true
	p.t.Rows = append(p.t.Rows, row)
	for i, name := range p.head {
		switch {
		case i == p.unit || i == p.year:
			continue
		case slices.Contains(p.labels, name):
			p.t.Labels[name] = append(p.t.Labels[name], strings.TrimSpace(cells[i]))
			continue
		}
		v, ok := number(cells[i])
		if !ok {
			bad(i, "composite.bad_number")
		}
		p.t.Columns[name] = append(p.t.Columns[name], v)
	}
}

func number(text string) (float64, bool) {
	if text = strings.TrimSpace(text); text == "" {
		return Unknown, true
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && Known(v)
}

// ReferenceYear is the newest year in which at least the given share of units
// has a value of a column (0.75 in the scoreboard of 2008), 0 when none has.
func (t *Table) ReferenceYear(column string, share float64) int {
	known, all := map[int]int{}, map[int]int{}
	for i, v := range t.Columns[column] {
		all[t.Rows[i].Year]++
		if Known(v) {
			known[t.Rows[i].Year]++
		}
	}
	best := 0
	for year, n := range all {
		if year > best && float64(known[year]) >= share*float64(n) {
			best = year
		}
	}
	return best
}

// nearestYear fills what is unknown of a unit with its value of the nearest
// year that has one, the earlier of two as near (the scoreboard since 2017). It
// returns a new column and which of its rows were filled, with the year taken.
func nearestYear(rows []Row, x []float64) (filled []float64, from map[int]int) {
	filled, from = slices.Clone(x), map[int]int{}
	of := map[string][]int{}
	for i, r := range rows {
		of[r.Unit] = append(of[r.Unit], i)
	}
	for i, v := range x {
		if Known(v) {
			continue
		}
		best := -1
		for _, j := range of[rows[i].Unit] {
			if Known(x[j]) && (best < 0 || nearer(rows, i, j, best)) {
				best = j
			}
		}
		if best >= 0 {
			filled[i], from[i] = x[best], rows[best].Year
		}
	}
	return filled, from
}

func nearer(rows []Row, i, j, best int) bool {
	a, b := abs(rows[j].Year-rows[i].Year), abs(rows[best].Year-rows[i].Year)
	return a < b || a == b && rows[j].Year < rows[best].Year
}

func abs(n int) int { return max(n, -n) }
