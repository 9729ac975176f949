package search

import (
	"math"
	"slices"
)

// stats are the counts over all documents up to the viewer's level.
type stats struct {
	docs  int
	total [streams]int64
	hold  [streams]map[string]int // of each term of the query
}

func (s *stats) add(o stats) {
	s.docs += o.docs
	for k := range s.total {
		s.total[k] += o.total[k]
		if s.hold[k] == nil {
			s.hold[k] = map[string]int{}
		}
		for t, n := range o.hold[k] {
			s.hold[k][t] += n
		}
	}
}

func (s *stats) idf(stream int, term string) float64 {
	n, df := float64(s.docs), float64(s.hold[stream][term])
	return math.Log(1 + (n-df+0.5)/(df+0.5))
}

// stats counts the documents of the levels that are open to the viewer without
// being named, so that nothing else can be learnt from a score.
func (s *state) stats(p *plan) stats {
	out := stats{}
	for k := range out.hold {
		out.hold[k] = map[string]int{}
	}
	rank := p.q.Viewer.Rank()
	for _, part := range s.parts {
		if part.rank > rank {
			continue
		}
		out.docs += part.live
		for k := range part.total {
			out.total[k] += part.total[k]
		}
		part.countTerms(p, &out)
	}
	return out
}

func (p *part) countTerms(pl *plan, out *stats) {
	list := make([]entry, len(pl.wants))
	for i, w := range pl.wants {
		if e, ok := p.streams[w.stream].find(w.term); ok {
			out.hold[w.stream][w.term] += p.holding(w.stream, e)
			list[i] = e
		}
	}
	pl.found[p] = list
	seen := map[string]bool{}
	for _, u := range pl.units {
		for _, t := range p.expand(u) {
			if !seen[t.term] && !pl.wanted(t.term) {
				seen[t.term] = true
				out.hold[words][t.term] += p.holding(words, t.entry)
			}
		}
	}
}

// entry finds a term of the query in a part.
func (p *plan) entry(in *part, w weighted) (entry, bool) {
	if list, ok := p.found[in]; ok {
		return list[w.id], list[w.id].docs > 0
	}
	return in.streams[w.stream].find(w.term)
}

func (p *plan) wanted(term string) bool {
	return slices.ContainsFunc(p.wants, func(w want) bool { return w.stream == words && w.term == term })
}
