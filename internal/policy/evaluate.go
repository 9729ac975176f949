package policy

import (
	"math/bits"
	"slices"
	"time"
)

// Result is the truth of every condition of a set for one snapshot. It may be
// used again for another.
type Result struct {
	set    *Set
	snap   *Snapshot
	truths []Truth // of each node
	atoms  []Truth // of each atom
	scores []span
}

// span is what a score may be.
type span struct{ lo, hi int64 }

// Evaluate answers every atom of every rule, without stopping at what decides.
func (s *Set) Evaluate(x *Snapshot, r *Result) {
	if len(r.truths) != len(s.nodes) || len(r.atoms) != len(s.atoms) {
		r.truths, r.atoms, r.scores = make([]Truth, len(s.nodes)), make([]Truth, len(s.atoms)), make([]span, len(s.scores))
	}
	r.set, r.snap = s, x
	next := int32(0)
	for i := range s.scores {
		c := &s.scores[i]
		last := c.first
		for _, steps := range c.parts {
			for _, st := range steps {
				last = max(last, st.root+1)
			}
		}
		r.nodes(c.first, last)
		r.scores[i] = r.score(c)
		next = max(next, last)
	}
	for _, id := range s.order {
		for _, v := range s.versions[id] {
			r.nodes(s.policies[v].first, s.policies[v].root+1)
		}
	}
}

func (r *Result) nodes(from, to int32) {
	for i := from; i < to; i++ {
		r.truths[i] = r.node(&r.set.nodes[i])
	}
}

func (r *Result) node(n *node) Truth {
	if n.op == opAtom {
		t := r.atom(&r.set.atoms[n.atom])
		r.atoms[n.atom] = t
		return t
	}
	kids := r.set.kids[n.from : n.from+n.n]
	if n.op == opNot {
		return r.truths[kids[0]].Not()
	}
	var count [4]int
	for _, k := range kids {
		count[r.truths[k]]++
	}
	k := int(n.k)
	switch n.op {
	case opAll:
		k = len(kids)
	case opAny:
		k = 1
	}
	return atLeast(k, count[True], count[Unknown], count[Error])
}

func (r *Result) score(c *compiledScore) span {
	var total span
	for _, steps := range c.parts {
		lo, hi := int64(0), int64(0)
		first, decided := true, false
		may := func(p int64) {
			if first {
				lo, hi, first = p, p, false
			}
			lo, hi = min(lo, p), max(hi, p)
		}
		for _, st := range steps {
			t := r.truths[st.root]
			if t != False {
				may(st.points)
			}
			if decided = t == True; decided {
				break
			}
		}
		if !decided {
			may(0)
		}
		total.lo, total.hi = total.lo+lo, total.hi+hi
	}
	return total
}

func (r *Result) atom(a *atom) Truth {
	switch a.asks {
	case asksFact:
		v := r.snap.values[a.slot]
		if v.state != known {
			return missing(v.state)
		}
		return r.compare(a, v.n)
	case asksSince:
		v := r.snap.values[a.slot]
		if v.state != known {
			return missing(v.state)
		}
		return r.compare(a, r.snap.on-v.n)
	case asksRatio:
		return r.ratio(a)
	case asksScore:
		return r.spanned(a, r.scores[a.score])
	case asksPolicy:
		return r.Verdict(a.other)
	}
	return a.expr.truth(r.snap, a)
}

func missing(s state) Truth {
	if s == conflicting {
		return Error
	}
	return Unknown
}

// threshold is what an atom is compared with, given its bands.
func (r *Result) threshold(a *atom) (int64, Truth) {
	if a.by < 0 {
		return a.Value, True
	}
	v := r.snap.values[a.by]
	if v.state != known {
		return 0, missing(v.state)
	}
	return bandOf(a.Bands.List, v.n), True
}

func bandOf(list []Band, n int64) int64 {
	for i := range list {
		if n <= list[i].UpTo {
			return list[i].Value
		}
	}
	return list[len(list)-1].Value
}

func (r *Result) compare(a *atom, n int64) Truth {
	if a.by >= 0 && r.snap.values[a.by].state != known {
		return r.between(a, span{n, n})
	}
	want, t := r.threshold(a)
	if t != True {
		return t
	}
	return Is(holds(a, n, want))
}

func holds(a *atom, n, want int64) bool {
	switch a.compare {
	case cmpAtLeast:
		return n >= want
	case cmpAtMost:
		return n <= want
	case cmpAbove:
		return n > want
	case cmpBelow:
		return n < want
	case cmpIn, cmpNotIn:
		_, in := slices.BinarySearch(a.list, n)
		return in == (a.compare == cmpIn)
	case cmpWithin:
		return within(n, want)
	}
	return n == want
}

// within says whether a division of GB/T 2260 lies in another: 440106 in 440100
// and in 440000.
func within(code, place int64) bool {
	switch {
	case place%10000 == 0:
		return code/10000 == place/10000
	case place%100 == 0:
		return code/100 == place/100
	}
	return code == place
}

// between decides an atom whose value or threshold is only known within bounds,
// where every possibility gives the same.
func (r *Result) between(a *atom, v span) Truth {
	t, first := Unknown, true
	try := func(n, want int64) bool {
		got := Is(holds(a, n, want))
		same := first || got == t
		t, first = got, false
		return same
	}
	wants := []int64{a.Value}
	if a.by >= 0 {
		wants = wants[:0]
		for _, b := range a.Bands.List {
			wants = append(wants, b.Value)
		}
	}
	for _, want := range wants {
		if !try(v.lo, want) || !try(v.hi, want) {
			if a.by >= 0 && r.snap.values[a.by].state == conflicting {
				return Error
			}
			return Unknown
		}
	}
	return t
}

func (r *Result) spanned(a *atom, v span) Truth {
	if v.lo != v.hi || a.by >= 0 {
		if a.compare == cmpEquals && v.lo <= a.Value && a.Value <= v.hi && v.lo != v.hi {
			return Unknown
		}
		return r.between(a, v)
	}
	return r.compare(a, v.lo)
}

// ratio compares sums over the years of a window. Years before the firm was
// there are left out; where it is not known since when it is, every window that
// may be the right one must give the same.
func (r *Result) ratio(a *atom) Truth {
	years, exact := r.window(a)
	t := r.over(a, years)
	for n := years - 1; n > 0 && !exact; n-- {
		if got := r.over(a, n); got != t {
			return Unknown
		}
	}
	return t
}

// window is how many years count, and false where that many at most.
func (r *Result) window(a *atom) (years int, exact bool) {
	years = len(a.slots)
	if a.born < 0 {
		return years, true
	}
	v := r.snap.values[a.born]
	if v.state != known {
		return years, false
	}
	first := int64(time.Unix(v.n*86400, 0).UTC().Year())
	return int(min(max(r.snap.year-first+1, 1), int64(years))), true
}

// over compares the ratio of the sums of so many years.
func (r *Result) over(a *atom, years int) Truth {
	sum, over, t := r.sums(a, years)
	if t != True {
		return t
	}
	if over <= 0 {
		return Unknown // a ratio to nothing says nothing
	}
	if a.by < 0 || r.snap.values[a.by].state == known {
		want, _ := r.threshold(a)
		return Is(holds(a, compare128(sum, million, want, over), 0)) // without rounding
	}
	first, t := true, True
	for _, b := range a.Bands.List {
		got := Is(holds(a, compare128(sum, million, b.Value, over), 0))
		if !first && got != t {
			return missing(r.snap.values[a.by].state)
		}
		first, t = false, got
	}
	return t
}

// sums adds up so many years.
func (r *Result) sums(a *atom, years int) (sum, over int64, t Truth) {
	t = True
	for back := range years {
		n, d := r.snap.values[a.slots[back]], r.snap.values[a.over[back]]
		for _, v := range []value{n, d} {
			if v.state != known {
				t = t.And(missing(v.state))
			}
		}
		sum, over = sum+n.n, over+d.n
	}
	return sum, over, t
}

func ratioOf(sum, over int64) int64 {
	hi, lo := bits.Mul64(uint64(max(sum, -sum)), million)
	if uint64(over) <= hi {
		return open
	}
	q, _ := bits.Div64(hi, lo, uint64(over))
	if q > open {
		q = open
	}
	if sum < 0 {
		return -int64(q)
	}
	return int64(q)
}

// compare128 is the sign of a·b − c·d, for b and d above zero.
func compare128(a, b, c, d int64) int64 {
	if a < 0 != (c < 0) {
		if a < 0 {
			return -1
		}
		return 1
	}
	h1, l1 := bits.Mul64(uint64(max(a, -a)), uint64(b))
	h2, l2 := bits.Mul64(uint64(max(c, -c)), uint64(d))
	sign := int64(0)
	switch {
	case h1 > h2 || h1 == h2 && l1 > l2:
		sign = 1
	case h1 < h2 || l1 < l2:
		sign = -1
	}
	if a < 0 {
		return -sign
	}
	return sign
}

// Verdict is the truth of the version of a policy that is in force, False where
// none is.
func (r *Result) Verdict(id string) Truth {
	for _, v := range r.set.versions[id] {
		if r.snap.chosen[v] {
			return r.truths[r.set.policies[v].root]
		}
	}
	return False
}
