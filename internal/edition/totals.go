package edition

import (
	"math/big"

	"github.com/kapok-city/kapok/internal/errs"
)

// Row is one line of a table that ranks by the sum of two shares of world
// totals, as the GII ranks clusters by PCT applications and publications: the
// printed counts, the printed shares in percent, and their printed sum.
type Row struct {
	Name   string
	Counts [2]int64
	Shares [2]Printed
	Total  Printed
}

// Counts says how exact the printed counts are.
type Counts int

// Counts of a table are fractional sums rounded to integers, unless it says
// that it prints them in full.
const (
	RoundedCounts Counts = iota
	ExactCounts
)

// Interval is a closed interval of positive numbers. High is nil where nothing
// bounds it.
type Interval struct{ Low, High *big.Rat }

// Floats are the ends, +Inf where nothing bounds the interval.
func (i Interval) Floats() (low, high float64) {
	low, _ = i.Low.Float64()
	if i.High == nil {
		return low, inf
	}
	high, _ = i.High.Float64()
	return low, high
}

// Meets reports whether the interval has a point in [low, high].
func (i Interval) Meets(low, high float64) bool {
	return i.Low.Cmp(ratOf(high)) <= 0 && (i.High == nil || i.High.Cmp(ratOf(low)) >= 0)
}

// Region is what a table leaves possible for its two world totals. Each total
// on its own lies in First and Second; not every pair of the two is possible,
// the corners say which are: they span the convex region of the reciprocals.
type Region struct {
	First, Second Interval
	Corners       [][2]*big.Rat // of (1/first, 1/second), in order
}

// Totals finds all pairs of world totals for which every printed share, every
// printed sum and the printed order of the rows hold at once; the order is that
// of the unrounded sums. It is exact: with x and y the reciprocals of the
// totals, every condition is a half-plane, also when the counts are themselves
// rounded (the true count is then an unknown within half a unit, the same in
// all three columns). errs.Conflict means that no pair does: the table is not
// of this kind, or misprinted.
func Totals(rows []Row, counts Counts) (Region, error) {
	zero, one := new(big.Rat), big.NewRat(1, 1)
	area := [][2]*big.Rat{{zero, zero}, {one, zero}, {one, one}, {zero, one}} // totals of one and more
	for _, c := range conditions(rows, counts) {
		if area = c.cut(area); len(area) == 0 {
			return Region{}, errs.New(errs.Conflict, "edition.no_totals", errs.A{"name": rows[c.row].Name, "row": c.row + 1})
		}
	}
	return Region{spanOf(area, 0), spanOf(area, 1), area}, nil
}

// Held counts the rows for which shares, sum and order hold at the given
// totals, and names the others.
func Held(rows []Row, counts Counts, first, second float64) (held int, others []string) {
	if !(first > 0 && second > 0) {
		return 0, nil
	}
	at := [2]*big.Rat{new(big.Rat).Inv(ratOf(first)), new(big.Rat).Inv(ratOf(second))}
	fails := make([]bool, len(rows))
	for _, c := range conditions(rows, counts) {
		fails[c.row] = fails[c.row] || c.at(at).Sign() < 0
	}
	for i, bad := range fails {
		if bad {
			others = append(others, rows[i].Name)
		} else {
			held++
		}
	}
	return held, others
}

// linear is a + b·x + c·y.
type linear struct{ a, b, c *big.Rat }

// condition is a linear form that must not be negative, for the sake of a row.
type condition struct {
	linear
	row int
}

func (l linear) at(p [2]*big.Rat) *big.Rat {
	v := new(big.Rat).Mul(l.b, p[0])
	v.Add(v, new(big.Rat).Mul(l.c, p[1]))
	return v.Add(v, l.a)
}

func (l linear) plus(m linear) linear {
	return linear{new(big.Rat).Add(l.a, m.a), new(big.Rat).Add(l.b, m.b), new(big.Rat).Add(l.c, m.c)}
}

func (l linear) minus(m linear) linear {
	return linear{new(big.Rat).Sub(l.a, m.a), new(big.Rat).Sub(l.b, m.b), new(big.Rat).Sub(l.c, m.c)}
}

// reach is what a row allows for its sum: at least every one of low, at most
// every one of high.
type reach struct{ low, high []linear }

// conditions of the table. For a row, the share of one metric is any u with
// max((C-½)x, s-h) ≤ u ≤ min((C+½)x, s+h); its sum w = u + v is any number from
// the largest lower sum to the smallest upper one, within the printed total.
// Sums in decreasing order exist when no lower end of a row is above an upper
// end of a row before it. Rows whose printed totals already differ need no
// such condition.
func conditions(rows []Row, counts Counts) []condition {
	reaches := make([]reach, len(rows))
	var out []condition
	for i, r := range rows {
		var low, high [2][]linear
		for m := range 2 {
			low[m], high[m] = ends(r.Counts[m], r.Shares[m], m, counts)
			out = above(out, i, high[m], low[m])
		}
		reaches[i] = reach{append(sums(low[0], low[1]), constant(r.Total.low())), append(sums(high[0], high[1]), constant(r.Total.high()))}
	}
	for i := range rows {
		for k := 0; k <= i; k++ {
			if k == i || rows[k].Total.rat().Cmp(rows[i].Total.rat()) <= 0 {
				out = above(out, i, reaches[k].high, reaches[i].low)
			}
		}
	}
	return out
}

// above adds the conditions that every one of high is at least every one of low.
func above(out []condition, row int, high, low []linear) []condition {
	for _, h := range high {
		for _, l := range low {
			out = append(out, condition{h.minus(l), row})
		}
	}
	return out
}

func ends(count int64, share Printed, metric int, counts Counts) (low, high []linear) {
	slack := new(big.Rat)
	if counts == RoundedCounts {
		slack = big.NewRat(1, 2)
	}
	c := big.NewRat(count, 1)
	least := new(big.Rat).Sub(c, slack)
	if least.Sign() < 0 {
		least.SetInt64(0)
	}
	return []linear{percent(least, metric), constant(share.low())}, []linear{percent(new(big.Rat).Add(c, slack), metric), constant(share.high())}
}

func sums(a, b []linear) []linear {
	var out []linear
	for _, x := range a {
		for _, y := range b {
			out = append(out, x.plus(y))
		}
	}
	return out
}

func constant(a *big.Rat) linear { return linear{a, new(big.Rat), new(big.Rat)} }

// percent is 100·count over the total of the metric.
func percent(count *big.Rat, metric int) linear {
	v := [2]*big.Rat{new(big.Rat), new(big.Rat)}
	v[metric].Mul(count, big.NewRat(100, 1))
	return linear{new(big.Rat), v[0], v[1]}
}

// cut keeps the part of a convex area where the condition holds.
func (c condition) cut(area [][2]*big.Rat) [][2]*big.Rat {
	var out [][2]*big.Rat
	for i, p := range area {
		q := area[(i+1)%len(area)]
		a, b := c.at(p), c.at(q)
		if a.Sign() >= 0 {
			out = append(out, p)
		}
		if a.Sign()*b.Sign() < 0 { // the border crosses the side from p to q
			t := new(big.Rat).Quo(a, new(big.Rat).Sub(a, b))
			out = append(out, [2]*big.Rat{between(p[0], q[0], t), between(p[1], q[1], t)})
		}
	}
	return out
}

func between(p, q, t *big.Rat) *big.Rat {
	d := new(big.Rat).Sub(q, p)
	return d.Add(p, d.Mul(d, t))
}

// spanOf turns the extent of an area of reciprocals into an interval of totals.
func spanOf(area [][2]*big.Rat, axis int) Interval {
	least, most := area[0][axis], area[0][axis]
	for _, p := range area[1:] {
		if p[axis].Cmp(least) < 0 {
			least = p[axis]
		}
		if p[axis].Cmp(most) > 0 {
			most = p[axis]
		}
	}
	out := Interval{}
	if most.Sign() > 0 {
		out.Low = new(big.Rat).Inv(most)
	} else {
		out.Low = big.NewRat(1, 1)
	}
	if least.Sign() > 0 {
		out.High = new(big.Rat).Inv(least)
	}
	return out
}
