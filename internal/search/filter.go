package search

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/level"
)

// maxCached bounds how many answers of filters a segment remembers.
const maxCached = 64

// visible is the set of documents that are there and open to the viewer; nil
// stands for all.
func (p *part) visible(v level.Viewer) bitset {
	if p.rank <= v.Rank() {
		if p.dead == nil {
			return nil
		}
		out := p.dead.clone()
		out.flip(p.n)
		return out
	}
	out := newBitset(p.n)
	if v.User != "" {
		for _, n := range p.readers[v.User] {
			out.set(n)
		}
	}
	if p.dead != nil {
		out.andNot(p.dead)
	}
	return out
}

// narrow returns the members of in that fulfil all filters but those on one
// field.
func (p *part) narrow(in bitset, filters []Filter, but string) bitset {
	out, own := in, false
	for _, f := range filters {
		if f.empty() || f.Field == but && but != "" {
			continue
		}
		if !own {
			if out, own = fullOr(in, p.n).clone(), true; in == nil {
				out = fullBitset(p.n)
			}
		}
		out.and(p.answer(f))
	}
	return out
}

func fullOr(b bitset, n int) bitset {
	if b == nil {
		return fullBitset(n)
	}
	return b
}

// ofKinds returns the members of in that are of one of the kinds.
func (p *part) ofKinds(in bitset, kinds []string) bitset {
	if len(kinds) == 0 {
		return in
	}
	wanted, all := make([]bool, len(p.kinds)), true
	for i, k := range p.kinds {
		wanted[i] = slices.Contains(kinds, k)
		all = all && wanted[i]
	}
	if all {
		return in
	}
	out := newBitset(p.n)
	for n, k := range p.kind {
		if wanted[k] {
			out.set(uint32(n))
		}
	}
	if in != nil {
		out.and(in)
	}
	return out
}

func (f Filter) empty() bool { return len(f.Any) == 0 && f.Min == nil && f.Max == nil && !f.Unknown }

// String names a filter, so that its answer is found again.
func (f Filter) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q", f.Field, f.Any)
	for _, n := range []*float64{f.Min, f.Max} {
		if n == nil {
			b.WriteString(" -")
		} else {
			fmt.Fprintf(&b, " %v", *n)
		}
	}
	fmt.Fprintf(&b, " %v %v", f.Unknown, f.Not)
	return b.String()
}

// answer is the set of documents that fulfil a filter, deleted ones included.
func (s *segment) answer(f Filter) bitset {
	name := f.String()
	s.mu.Lock()
	out, ok := s.filter[name]
	s.mu.Unlock()
	if ok {
		return out
	}
	out = s.evaluate(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.filter) >= maxCached {
		clear(s.filter)
	}
	s.filter[name] = out
	return out
}

func (s *segment) evaluate(f Filter) bitset {
	out := newBitset(s.n)
	k, num := s.facets[f.Field], s.numbers[f.Field]
	if k != nil && len(f.Any) > 0 {
		k.any(f.Any, out)
	}
	if num != nil && (f.Min != nil || f.Max != nil) {
		num.between(f.Min, f.Max, out)
	}
	if f.Unknown {
		out.or(s.silent(k, num))
	}
	if f.Not {
		out.flip(s.n)
	}
	return out
}

// silent is the set of documents that have neither a value nor a number.
func (s *segment) silent(k *keywords, num *numbers) bitset {
	out := newBitset(s.n)
	if k != nil {
		for _, n := range k.docs {
			out.set(n)
		}
	}
	if num != nil {
		for _, n := range num.docs {
			out.set(n)
		}
	}
	out.flip(s.n)
	return out
}
