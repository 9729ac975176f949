package indicator

import (
	"math"
	"slices"
)

// The bootstrap. Each of 1,000 draws takes every work of a unit m times, m after
// Poisson's law with mean 1, and computes the indicators again; the interval
// runs from the 25th to the 975th of the values in order, as in the Leiden
// Ranking. Poisson's law instead of drawing as many works as there are lets the
// number of works vary too, so that p and share have an interval, needs no order
// of works, and gives a work the same m in all units. m comes from a hash of
// work and draw, not from a stream: the digits do not depend on who computes.
//
// A unit of more than maxGroups works is drawn in as many groups of works, each
// taken m times as a whole. For means and proportions this changes nothing but
// the noise of the estimate. A sum would spread too far: there a group counts
// with the root of the sum of squares of its works, which gives the sum the
// variance it has work by work.
const (
	draws     = 1000
	maxGroups = 4096
	lower     = 0.025
	seed      = 0x6b61706f6b // any number would do, so long as it stays the same
)

// The columns that are drawn.
const (
	rootP     = iota // root of the sum of squares: of 1 …
	rootShare        // … and of weights
	works            // works, and of these
	collab
	intCollab
	industry
	base // weight of the works with a score, and with it
	ncs
	top1
	top10
	top50
	columns
)

// sample is what one unit is drawn from.
type sample struct {
	total  [columns]float64 // of all works; p and share in the first two
	groups []group
	split  bool // into groups by hash, since there are many works
}

type group struct {
	key uint64
	x   [columns]float64 // the first two as sums of squares until they are drawn
}

func newSample(works int) *sample {
	if works > maxGroups {
		s := &sample{split: true, groups: make([]group, maxGroups)}
		for i := range s.groups {
			s.groups[i].key = uint64(i)
		}
		return s
	}
	return &sample{groups: make([]group, 0, works)}
}

// add takes in a work. x has 1 and its weight in the first two columns.
func (s *sample) add(work int64, x *[columns]float64) {
	key := mix(uint64(work) ^ seed)
	var g *group
	if s.split {
		g = &s.groups[key%maxGroups]
	} else {
		s.groups = append(s.groups, group{key: key})
		g = &s.groups[len(s.groups)-1]
	}
	for i, v := range x {
		s.total[i] += v
		if i <= rootShare {
			v *= v
		}
		g.x[i] += v
	}
}

// intervals draws.
func (s *sample) intervals() map[string][2]float64 {
	sums := make([][columns]float64, draws)
	var times [draws]uint8
	for i := range s.groups {
		g := &s.groups[i]
		x := g.x
		x[rootP], x[rootShare] = math.Sqrt(x[rootP]), math.Sqrt(x[rootShare])
		poisson(g.key, &times)
		for d, m := range &times {
			if m == 0 {
				continue
			}
			f, to := float64(m), &sums[d]
			for c := range x {
				to[c] += f * x[c]
			}
		}
	}
	out := map[string][2]float64{}
	put := func(name string, of func(*[columns]float64) float64) {
		if low, high, ok := middle(sums, of); ok {
			out[name] = [2]float64{low, high}
		}
	}
	var expected [2]float64 // mean of the drawn roots, to be replaced by the sums themselves
	for i := range s.groups {
		expected[rootP] += math.Sqrt(s.groups[i].x[rootP])
		expected[rootShare] += math.Sqrt(s.groups[i].x[rootShare])
	}
	sum := func(c int) func(*[columns]float64) float64 {
		return func(d *[columns]float64) float64 { return max(0, s.total[c]+d[c]-expected[c]) }
	}
	ratio := func(c, base int) func(*[columns]float64) float64 {
		return func(d *[columns]float64) float64 { return over(d[c], d[base]) }
	}
	put("p", sum(rootP))
	put("count", sum(rootP))
	put("share", sum(rootShare))
	for name, c := range map[string]int{"mncs": ncs, "pp_top1": top1, "pp_top10": top10, "pp_top50": top50} {
		put(name, ratio(c, base))
	}
	for name, c := range map[string]int{"pp_collab": collab, "pp_int_collab": intCollab, "pp_industry": industry} {
		put(name, ratio(c, works))
	}
	return out
}

// middle returns the bounds of the middle 95 % of the draws that give a value.
func middle(sums [][columns]float64, of func(*[columns]float64) float64) (low, high float64, ok bool) {
	values := make([]float64, 0, draws)
	for d := range sums {
		if v := of(&sums[d]); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) < draws/2 {
		return 0, 0, false // too little to say anything
	}
	slices.Sort(values)
	at := int(math.Ceil(lower * float64(len(values)))) // 25 of 1,000, counted from 1
	return values[at-1], values[len(values)-at], true
}

// poisson fills in how often each draw takes a group.
func poisson(key uint64, times *[draws]uint8) {
	for d := 0; d < draws; d += 4 {
		key += 0x9e3779b97f4a7c15
		r := mix(key)
		for i := range 4 {
			times[d+i] = poissonTable[uint16(r>>(16*i))]
		}
	}
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// poissonTable has each number as often as Poisson's law with mean 1 gives it
// in 65,536 cases; its mean is exactly 1.
var poissonTable = func() (table [1 << 16]uint8) {
	var often [9]int
	p, cases, sum := math.Exp(-1), 0, 0
	for k := range often {
		if k > 0 {
			p /= float64(k)
		}
		often[k] = int(math.Round(p * float64(len(table))))
		cases, sum = cases+often[k], sum+k*often[k]
	}
	often[1] += len(table) - sum
	often[0] += sum - cases
	i := 0
	for k, n := range often {
		for range n {
			table[i] = uint8(k)
			i++
		}
	}
	return table
}()
