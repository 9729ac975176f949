package conform

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Tolerance is the largest relative difference between two real numbers that
// are the same figure. A sum of n doubles in another order may differ by about
// n times 1e-16 of the sum of their sizes: 1e-9 leaves room for ten million.
const Tolerance = 1e-9

// Comparison is what a comparison of one result found.
type Comparison struct {
	Rows, Values int      // compared
	Exact        int      // real numbers equal to the last bit
	Reals        int      // real numbers compared
	Worst        float64  // the largest relative difference of two real numbers
	Differences  []string // none when the engine conforms; the first twenty of each kind
}

// shown is how many differences of one kind are written out.
const shown = 20

// Compare matches the rows of two results by their texts, whole numbers and
// truth values, and compares their real numbers. The order of rows does not
// matter; the columns must be the same.
func Compare(want, got Result) Comparison {
	var c Comparison
	if !slices.Equal(want.Columns, got.Columns) {
		c.Differences = append(c.Differences, fmt.Sprintf("columns %v, want %v", got.Columns, want.Columns))
		return c
	}
	left, right := sorted(want), sorted(got)
	var missing, extra []string
	for i, j := 0, 0; i < len(left) || j < len(right); {
		switch order := compareKeys(left, right, i, j); {
		case order < 0:
			missing = append(missing, left[i].key)
			i++
		case order > 0:
			extra = append(extra, right[j].key)
			j++
		default:
			c.row(want.Columns, left[i], right[j])
			i, j = i+1, j+1
		}
	}
	c.list("missing", missing)
	c.list("not in the reference", extra)
	return c
}

// keyed is a row with its exact part written out.
type keyed struct {
	key   string
	reals []float64
	row   []any
}

func sorted(r Result) []keyed {
	rows := make([]keyed, len(r.Rows))
	for i, row := range r.Rows {
		rows[i].row = row
		var key strings.Builder
		for _, v := range row {
			if real, ok := v.(float64); ok {
				rows[i].reals = append(rows[i].reals, real)
				key.WriteString("~|") // where a number stands, so that NULL differs from it
			} else {
				fmt.Fprintf(&key, "%v|", v)
			}
		}
		rows[i].key = key.String()
	}
	slices.SortFunc(rows, func(a, b keyed) int {
		if n := strings.Compare(a.key, b.key); n != 0 {
			return n
		}
		return slices.Compare(a.reals, b.reals)
	})
	return rows
}

// compareKeys orders two rows; what is past the end comes last.
func compareKeys(left, right []keyed, i, j int) int {
	switch {
	case i == len(left):
		return 1
	case j == len(right):
		return -1
	}
	return strings.Compare(left[i].key, right[j].key)
}

func (c *Comparison) row(columns []string, want, got keyed) {
	c.Rows++
	c.Values += len(want.row)
	for i, v := range want.row {
		a, ok := v.(float64)
		if !ok {
			continue
		}
		b := got.row[i].(float64) // the keys are equal, so it is one
		c.Reals++
		gap := relative(a, b)
		if gap == 0 {
			c.Exact++
		}
		c.Worst = max(c.Worst, gap)
		if gap > Tolerance && len(c.Differences) < shown {
			c.Differences = append(c.Differences, fmt.Sprintf("%s%s is %v, want %v", want.key, columns[i], b, a))
		}
	}
}

// relative is the difference of two numbers as a part of the larger; numbers
// both smaller than 1e-12 count as equal, being what is left of a zero.
func relative(a, b float64) float64 {
	size := max(math.Abs(a), math.Abs(b))
	if a == b || size < 1e-12 {
		return 0
	}
	return math.Abs(a-b) / size
}

func (c *Comparison) list(what string, rows []string) {
	for _, row := range rows[:min(len(rows), shown)] {
		c.Differences = append(c.Differences, what+": "+row)
	}
	if len(rows) > shown {
		c.Differences = append(c.Differences, fmt.Sprintf("%s: %d rows in all", what, len(rows)))
	}
}
