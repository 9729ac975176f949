package policy

import (
	"strconv"
)

// Answers explains every policy in force for a snapshot: its verdict, all its
// atoms with what they rest on, what is lacking, what to ask, and what it is
// worth. The policies stand in the order of the book.
func (s *Set) Answers(x *Snapshot) []Answer {
	var r Result
	s.Evaluate(x, &r)
	e := s.Explainer()
	var out []Answer
	for i := range s.policies {
		if x.chosen[i] {
			out = append(out, e.Answer(&r, i))
		}
	}
	replace(s, &r, out)
	return out
}

// replace marks policies in whose stead another stands where the firm is.
func replace(s *Set, r *Result, list []Answer) {
	for i := range list {
		p := list[i].Policy
		if !s.stands(r.snap, p) {
			continue
		}
		for j := range list {
			for _, id := range p.Overrides {
				if list[j].ID == id {
					list[j].Replaced = p.ID
				}
			}
		}
	}
}

// placeFact is the fact that says where a firm is.
const placeFact = "place"

// stands says whether a policy is in force where the firm is, as far as that is
// known.
func (s *Set) stands(x *Snapshot, p *Policy) bool {
	if p.Place == 0 {
		return true
	}
	at, asked := s.slotOf[slot{s.facts[placeFact], 0}]
	if !asked || x.values[at].state != known {
		return false
	}
	return within(x.values[at].n, p.Place)
}

// Answer explains one version.
func (e *Explainer) Answer(r *Result, version int) Answer {
	s := e.set
	p := &s.policies[version]
	a := Answer{Policy: p.Policy, ID: p.ID, InForce: r.snap.chosen[version], Verdict: r.truths[p.root]}
	if p.From > -open-1 {
		a.Version = Day.Text(p.From)
	}
	place := map[int32]int{}
	for i, at := range p.atoms {
		place[at] = i
		a.Atoms = append(a.Atoms, s.explain(r, &s.atoms[at], r.atoms[at]))
	}
	change, learn := e.Lacking(r, version, nil, nil)
	for _, at := range change {
		a.Lacking = append(a.Lacking, place[at])
	}
	for _, at := range learn {
		a.Asking = append(a.Asking, place[at])
	}
	if p.Benefit != nil && p.Benefit.Amount != nil {
		a.Amount = s.worth(r.snap, p.Benefit.Amount)
	}
	return a
}

// explain says what an atom found, what it wanted, and what lies between.
func (s *Set) explain(r *Result, a *atom, t Truth) AtomAnswer {
	out := AtomAnswer{Atom: a.Atom, Truth: t}
	found, kind, ok := s.found(r, a)
	if ok {
		out.Found = s.say(a, kind, found)
	}
	if want, wt := r.threshold(a); a.Compare != "" && a.list == nil && wt == True {
		out.Wants = s.say(a, kind, want)
		if ok && t == False && a.compare <= cmpBelow {
			out.Gap = kind.Text(max(want-found, found-want))
		}
	}
	if a.asks == asksScore {
		if v := r.scores[a.score]; v.lo != v.hi {
			out.Span = strconv.FormatInt(v.lo, 10) + "–" + strconv.FormatInt(v.hi, 10)
		}
	}
	for _, at := range s.reads(a) {
		u := Use{Fact: s.Book.Facts[s.slots[at].fact].ID, Back: int(s.slots[at].back)}
		if i := r.snap.from[at]; i >= 0 {
			u.Given = &r.snap.given[i]
		}
		if i := r.snap.also[at]; i >= 0 {
			u.Also = &r.snap.given[i]
		}
		out.Basis = append(out.Basis, u)
	}
	return out
}

// found is the number that an atom was asked of, and its type.
func (s *Set) found(r *Result, a *atom) (int64, Type, bool) {
	switch a.asks {
	case asksFact:
		v := r.snap.values[a.slot]
		return v.n, s.Book.Facts[s.slots[a.slot].fact].Type, v.state == known
	case asksSince:
		v := r.snap.values[a.slot]
		return r.snap.on - v.n, Count, v.state == known
	case asksRatio:
		years, exact := r.window(a)
		sum, over, t := r.sums(a, years)
		if t != True || over <= 0 || !exact && years > 1 {
			return 0, Percent, false
		}
		return ratioOf(sum, over), Percent, true
	case asksScore:
		v := r.scores[a.score]
		return v.lo, Count, v.lo == v.hi
	}
	return 0, Count, false
}

// say writes a value of an atom as a person reads it.
func (s *Set) say(a *atom, t Type, n int64) string {
	if t != Word {
		return t.Text(n)
	}
	for _, w := range s.Book.Facts[s.facts[a.Fact]].Words {
		if s.words[w.ID] == n {
			return w.ID
		}
	}
	return ""
}

// reads lists the slots that an atom looks at.
func (s *Set) reads(a *atom) []int32 {
	var out []int32
	switch a.asks {
	case asksFact, asksSince:
		out = append(out, a.slot)
	case asksRatio:
		for i := range a.slots {
			out = append(out, a.slots[i], a.over[i])
		}
	case asksExpression:
		out = append(out, a.expr.slots...)
	case asksScore:
		c := &s.scores[a.score]
		for _, steps := range c.parts {
			for _, st := range steps {
				out = s.under(st.root, out)
			}
		}
	}
	if a.by >= 0 {
		out = append(out, a.by)
	}
	return once(out)
}

// under adds the slots of the atoms below a node.
func (s *Set) under(i int32, out []int32) []int32 {
	n := &s.nodes[i]
	if n.op == opAtom {
		return append(out, s.reads(&s.atoms[n.atom])...)
	}
	for _, k := range s.kids[n.from : n.from+n.n] {
		out = s.under(k, out)
	}
	return out
}

func once(in []int32) []int32 {
	seen := map[int32]bool{}
	out := in[:0]
	for _, v := range in {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
