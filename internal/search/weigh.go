package search

import "slices"

// Weigh is Explain without the terms: the scores in both streams and the
// coverage of many documents, read in one pass over the query's terms.
func (x *Index) Weigh(q Query, keys []Key) []Account { return weighAll([]*Index{x}, q, keys) }

// weighed is a document to weigh and its place in the list asked for.
type weighed struct {
	doc uint32
	at  int
}

func weighAll(shards []*Index, q Query, keys []Key) []Account {
	q.Whole, q.Gloss = true, 1
	pl, states := prepare(shards, q)
	e := explainer{pl: pl, at: pl.glossAt()}
	by := map[*part][]weighed{}
	for i, k := range keys {
		if p, doc, ok := find(states, k); ok && p.opens(doc, &q) {
			by[p] = append(by[p], weighed{doc, i})
		}
	}
	out, open := make([]Account, len(keys)), make([]bool, len(keys))
	for p, list := range by {
		slices.SortFunc(list, func(a, b weighed) int { return int(a.doc) - int(b.doc) })
		inRuns(len(list), worthWeighing, func(from, to int) {
			for i, a := range e.weigh(p, list[from:to]) {
				at := list[from+i].at
				a.Key = keys[at]
				out[at], open[at] = a, true
			}
		})
	}
	return only(out, open)
}

// weigh accounts for documents of one part, which ascend.
func (e *explainer) weigh(p *part, list []weighed) []Account {
	terms := e.pl.weighted(1, 1)
	docs := make([]uint32, len(list))
	for i, w := range list {
		docs[i] = w.doc
	}
	units := make([]uint32, len(docs)*len(terms)) // by document, then by term
	p.partsOf(terms, e.pl, docs, func(term, doc int, u uint32) { units[doc*len(terms)+term] = u })
	out := make([]Account, len(docs))
	held := [streams]map[string]uint32{{}, {}}
	for i := range docs {
		clear(held[words])
		clear(held[gloss])
		for t, u := range units[i*len(terms) : (i+1)*len(terms)] {
			if u > 0 {
				held[terms[t].stream][terms[t].term] = u
			}
		}
		for _, u := range held[words] {
			out[i].Words += points(u)
		}
		for _, u := range held[gloss] {
			out[i].Gloss += points(u)
		}
		out[i].Coverage, out[i].Asked = e.coverage(held)
	}
	return out
}
