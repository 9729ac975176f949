package search

import (
	"cmp"
	"slices"
	"sync"
)

// Candidates returns the best n documents by words and the best n by gloss,
// each with its scores in both streams, the highest sum first. The query is
// taken as a whole text; Limit, Offset and Gloss do not matter. In each stream
// a document must hold a word or a pair of the text: single characters of pairs
// do not make a match, since nearly every text shares some.
func (x *Index) Candidates(q Query, n int) []Candidate { return candidatesOf([]*Index{x}, q, n) }

func candidatesOf(shards []*Index, q Query, n int) []Candidate {
	q.Whole, q.Gloss = true, 1
	pl, states := prepare(shards, q)
	byWords, byGloss := pl.candidates(states, min(max(n, 0), maxOffset))
	var out []Candidate
	for p, docs := range byPart(append(byWords.heap, byGloss.heap...)) {
		sums := p.sums(pl, docs)
		for i, d := range docs {
			k := p.key(d)
			out = append(out, Candidate{Kind: k.Kind, ID: k.ID, Words: points(sums[i][words]), Gloss: points(sums[i][gloss])})
		}
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Words+b.Gloss, a.Words+a.Gloss), compareKeys(Key{a.Kind, a.ID}, Key{b.Kind, b.ID}))
	})
	return out
}

// candidates finds the best n documents of each stream.
func (p *plan) candidates(states []*state, n int) (byWords, byGloss best) {
	byWords, byGloss = best{n: n}, best{n: n}
	var mu sync.Mutex
	spread(states, func(of []stretch) {
		w, g := best{n: n}, best{n: n}
		for _, r := range of {
			allowed := fullOr(r.ofKinds(r.narrow(r.visible(p.q.Viewer), p.q.Filters, ""), p.q.Kinds), r.n)
			allow := func(matched bitset) bitset {
				matched.and(allowed)
				return matched
			}
			r.top(p.weighted(1, 0), p, &w, allow)
			r.top(p.weighted(0, 1), p, &g, allow)
		}
		mu.Lock()
		defer mu.Unlock()
		byWords.take(w)
		byGloss.take(g)
	})
	return byWords, byGloss
}

// byPart groups documents, each once, in ascending order.
func byPart(refs []ref) map[*part][]uint32 {
	out := map[*part][]uint32{}
	for _, r := range refs {
		out[r.part] = append(out[r.part], r.doc)
	}
	for p, docs := range out {
		slices.Sort(docs)
		out[p] = slices.Compact(docs)
	}
	return out
}

// worthWeighing is how many documents to weigh are worth a processor of their
// own.
const worthWeighing = 32

// sums returns the scores of documents, which ascend, in both streams.
func (p *part) sums(pl *plan, docs []uint32) [][streams]uint32 {
	out := make([][streams]uint32, len(docs))
	terms := pl.weighted(1, 1)
	inRuns(len(docs), worthWeighing, func(from, to int) {
		p.partsOf(terms, pl, docs[from:to], func(term, doc int, units uint32) { out[from+doc][terms[term].stream] += units })
	})
	return out
}

// partsOf calls fn with what each term adds to each of the documents, which
// ascend.
func (p *part) partsOf(terms []weighted, pl *plan, docs []uint32, fn func(term, doc int, units uint32)) {
	var c cursor
	for i, t := range terms {
		e, ok := pl.entry(p, t)
		if !ok {
			continue
		}
		c.open(p, t, e, pl)
		for j, d := range docs {
			c.seek(d)
			if units := c.partOf(d); units > 0 {
				fn(i, j, units)
			}
		}
	}
}

// Explain accounts for the scores that Candidates gives documents. One that is
// not there, or that the viewer does not see, is left out.
func (x *Index) Explain(q Query, keys []Key) []Account { return explainAll([]*Index{x}, q, keys) }

func explainAll(shards []*Index, q Query, keys []Key) []Account {
	q.Whole, q.Gloss = true, 1
	pl, states := prepare(shards, q)
	e := explainer{pl: pl, g: shards[0].gloss(), at: pl.glossAt()}
	out, open := make([]Account, len(keys)), make([]bool, len(keys))
	inRuns(len(keys), 1, func(from, to int) {
		for i := from; i < to; i++ {
			if p, doc, ok := find(states, keys[i]); ok && p.opens(doc, &q) {
				out[i], open[i] = e.account(p, doc, keys[i]), true
			}
		}
	})
	return only(out, open)
}

// only keeps the accounts that are open.
func only(list []Account, open []bool) []Account {
	kept := list[:0]
	for i, a := range list {
		if open[i] {
			kept = append(kept, a)
		}
	}
	return kept
}

func find(states []*state, k Key) (*part, uint32, bool) {
	for _, s := range states {
		for _, p := range s.parts {
			if n, ok := p.find(k); ok && !p.isDead(n) {
				return p, n, true
			}
		}
	}
	return nil, 0, false
}

// opens reports whether the viewer of a query sees a document.
func (p *part) opens(doc uint32, q *Query) bool {
	v := q.Viewer
	return p.rank <= v.Rank() || v.User != "" && slices.Contains(p.readers[v.User], doc)
}

type explainer struct {
	pl *plan
	g  Glosser
	at []int32 // by byte of the query: the gloss that it stands in, -1 for none
}

// glossAt finds the gloss of each byte of the query.
func (p *plan) glossAt() []int32 {
	out := make([]int32, len(p.text))
	for i := range out {
		out[i] = -1
	}
	for i, g := range p.gloss {
		for at := g.start; at < g.end; at++ {
			out[at] = int32(i)
		}
	}
	return out
}

func (e *explainer) account(p *part, doc uint32, k Key) Account {
	a := Account{Key: k}
	d := p.doc(doc)
	held := [streams]map[string]uint32{{}, {}}
	terms := e.pl.weighted(1, 1)
	p.partsOf(terms, e.pl, []uint32{doc}, func(i, _ int, units uint32) { held[terms[i].stream][terms[i].term] = units })
	sources := e.sources(&d, held[gloss])
	for _, w := range e.pl.wants {
		units, ok := held[w.stream][w.term]
		if !ok {
			continue
		}
		t := TermPart{Text: w.from, Term: w.term, Stream: StreamWords, IDF: w.idf, Score: points(units)}
		if w.stream == gloss {
			t.Stream, t.Path = StreamGloss, path(w.from, w.term, sources[w.term])
			a.Gloss += t.Score
		} else {
			a.Words += t.Score
		}
		a.Terms = append(a.Terms, t)
	}
	slices.SortStableFunc(a.Terms, func(x, y TermPart) int { return cmp.Compare(y.Score, x.Score) })
	a.Coverage, a.Asked = e.coverage(held)
	return a
}

// path lists the steps that differ.
func path(steps ...string) []string {
	var out []string
	for _, s := range steps {
		if s != "" && (len(out) == 0 || out[len(out)-1] != s) {
			out = append(out, s)
		}
	}
	return out
}

// sources finds, for terms of the gloss space that a document holds, the
// words of the document that they come from.
func (e *explainer) sources(d *Doc, wanted map[string]uint32) map[string]string {
	out := map[string]string{}
	note := func(term, word string) {
		if _, ok := wanted[term]; ok && out[term] == "" {
			out[term] = word
		}
	}
	if e.g == nil || len(wanted) == 0 {
		return out
	}
	for _, text := range append(labels(d), d.Body) {
		scan(text, func(p piece) {
			if p.word != "" {
				note(stem(p.word), text[p.start:p.end])
			}
		})
		for _, g := range e.g.Gloss(text) {
			for _, s := range appendSenses(nil, g) {
				note(s.term, g.From)
			}
		}
	}
	return out
}

// coverage is the share of the query's words and pairs, weighed by idf, that a
// document holds, as they stand or by their glosses, and their idf in all. A
// pair that lies across two glosses is held as far as the lesser of them is.
func (e *explainer) coverage(held [streams]map[string]uint32) (share, asked float64) {
	shares := make([]float64, len(e.pl.gloss))
	for i := range shares {
		shares[i] = -1
	}
	shareAt := func(at int) float64 {
		i := e.at[at]
		if i < 0 {
			return 0
		}
		if shares[i] < 0 {
			shares[i] = e.share(e.pl.gloss[i], held[gloss])
		}
		return shares[i]
	}
	has := 0.0
	for _, w := range e.pl.wants {
		if w.stream != words || !w.strong {
			continue
		}
		asked += w.idf
		if _, ok := held[words][w.term]; ok {
			has += w.idf
		} else {
			has += w.idf * min(shareAt(w.start), shareAt(w.end-1))
		}
	}
	if asked == 0 {
		return 0, 0
	}
	return min(has/asked, 1), asked
}

// share is how much of a gloss, by weight and idf, a document holds.
func (e *explainer) share(g span, held map[string]uint32) float64 {
	has, all := 0.0, 0.0
	for _, s := range g.senses {
		w := float64(s.weight) * e.pl.stats.idf(gloss, s.term)
		all += w
		if _, ok := held[s.term]; ok {
			has += w
		}
	}
	if all == 0 {
		return 0
	}
	return has / all
}
