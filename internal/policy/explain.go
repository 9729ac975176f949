package policy

import (
	"cmp"
	"slices"
)

// Answer is what a set says of one policy for one snapshot.
type Answer struct {
	Policy   *Policy      `json:"-"`
	ID       string       `json:"policy"`
	Version  string       `json:"version"` // the day from which it is in force, "" since ever
	InForce  bool         `json:"in_force"`
	Verdict  Truth        `json:"verdict"`
	Replaced string       `json:"replaced,omitempty"` // policy that stands in its stead where the firm is
	Atoms    []AtomAnswer `json:"atoms"`
	Lacking  []int        `json:"lacking,omitempty"` // atoms: the fewest that must change for the verdict to be true
	Asking   []int        `json:"asking,omitempty"`  // atoms: what must be known, and be so, beside
	Amount   *Worth       `json:"amount,omitempty"`
}

// AtomAnswer is one atom with what it rests on.
type AtomAnswer struct {
	*Atom
	Truth Truth  `json:"truth"`
	Found string `json:"found,omitempty"` // the value it was asked of, "" when not known
	Wants string `json:"wants,omitempty"` // what it is compared with, given the bands
	Gap   string `json:"gap,omitempty"`   // how far from it, where both are numbers
	Span  string `json:"span,omitempty"`  // of a score that is not known but for its bounds: "40–65"
	Basis []Use  `json:"basis,omitempty"`
}

// Use is one fact behind an atom.
type Use struct {
	Fact  string `json:"fact"`
	Back  int    `json:"back,omitempty"` // years before the last one
	Given *Given `json:"given,omitempty"`
	Also  *Given `json:"also,omitempty"` // what contradicts it
}

// cost is the least that must change below a node: atoms that are known to be
// otherwise, then atoms of which nothing is known.
type cost struct{ change, learn int32 }

func (a cost) plus(b cost) cost { return cost{a.change + b.change, a.learn + b.learn} }

func (a cost) compare(b cost) int {
	return cmp.Or(cmp.Compare(a.change, b.change), cmp.Compare(a.learn, b.learn))
}

// price is what it costs to make a node true, and to make it false.
type price struct{ yes, no cost }

// Explainer explains the results of one set. It is not safe for concurrent use;
// make one for each goroutine.
type Explainer struct {
	set    *Set
	prices []price
}

// Explainer returns one for the set.
func (s *Set) Explainer() *Explainer { return &Explainer{s, make([]price, len(s.nodes))} }

// Lacking returns the atoms of a version that must change, and those that must
// become known, for its verdict to be true: the fewest, the first in the rule
// where several would do. It does not allocate when buffers suffice.
func (e *Explainer) Lacking(r *Result, version int, change, learn []int32) ([]int32, []int32) {
	p := &e.set.policies[version]
	for i := p.first; i <= p.root; i++ {
		e.prices[i] = e.price(r, i)
	}
	return e.pick(r, p.root, true, change[:0], learn[:0])
}

func (e *Explainer) price(r *Result, i int32) price {
	n := &e.set.nodes[i]
	if n.op == opAtom {
		switch r.truths[i] {
		case True:
			return price{no: cost{change: 1}}
		case False:
			return price{yes: cost{change: 1}}
		}
		return price{cost{learn: 1}, cost{learn: 1}}
	}
	kids := e.set.kids[n.from : n.from+n.n]
	if n.op == opNot {
		p := e.prices[kids[0]]
		return price{p.no, p.yes}
	}
	k := need(n)
	return price{e.cheapest(kids, k, true), e.cheapest(kids, len(kids)-k+1, false)}
}

// need is how many children must be true.
func need(n *node) int {
	switch n.op {
	case opAll:
		return int(n.n)
	case opAny:
		return 1
	}
	return int(n.k)
}

func (e *Explainer) side(i int32, yes bool) cost {
	if yes {
		return e.prices[i].yes
	}
	return e.prices[i].no
}

// cheapest adds up the k cheapest of the children.
func (e *Explainer) cheapest(kids []int32, k int, yes bool) cost {
	var total cost
	if k == len(kids) {
		for _, c := range kids {
			total = total.plus(e.side(c, yes))
		}
		return total
	}
	if k == 1 {
		best := e.side(kids[0], yes)
		for _, c := range kids[1:] {
			if got := e.side(c, yes); got.compare(best) < 0 {
				best = got
			}
		}
		return best
	}
	for _, c := range e.sorted(kids, yes)[:k] {
		total = total.plus(e.side(c, yes))
	}
	return total
}

func (e *Explainer) sorted(kids []int32, yes bool) []int32 {
	out := slices.Clone(kids)
	slices.SortStableFunc(out, func(a, b int32) int { return e.side(a, yes).compare(e.side(b, yes)) })
	return out
}

// pick walks down the cheapest way and collects the atoms on it.
func (e *Explainer) pick(r *Result, i int32, yes bool, change, learn []int32) ([]int32, []int32) {
	n := &e.set.nodes[i]
	if e.side(i, yes) == (cost{}) {
		return change, learn
	}
	if n.op == opAtom {
		if r.truths[i] == True || r.truths[i] == False {
			return append(change, n.atom), learn
		}
		return change, append(learn, n.atom)
	}
	kids := e.set.kids[n.from : n.from+n.n]
	if n.op == opNot {
		return e.pick(r, kids[0], !yes, change, learn)
	}
	k := need(n)
	if !yes {
		k = len(kids) - k + 1
	}
	if k < len(kids) {
		kids = e.sorted(kids, yes)[:k]
	}
	for _, c := range kids {
		change, learn = e.pick(r, c, yes, change, learn)
	}
	return change, learn
}
