package search

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/level"
)

// tiny is a glosser with a few words.
type tiny map[string][]WeightedTerm

var tinyGlosser = tiny{
	"锗":   {{"germanium", 1, 0}},
	"大学":  {{"university", 1, 1}, {"college", 0.5, 2}},
	"中山":  {{"Sun Yat-sen", 0.7, 1}},
	"实验室": {{"research", 0.5, 1}, {"laboratory", 1, 1 | 2}, {"lab", 0.5, 4}},
	"医院":  {{"hospital", 1, 0}},
}

func (g tiny) Version() string { return "tiny" }

func (g tiny) Gloss(text string) []Gloss {
	var out []Gloss
	for i := 0; i < len(text); {
		found := ""
		for w := range g {
			if len(w) > len(found) && strings.HasPrefix(text[i:], w) {
				found = w
			}
		}
		if found == "" {
			i++
			continue
		}
		out = append(out, Gloss{Start: i, End: i + len(found), From: found, To: g[found], Origin: "termbase"})
		i += len(found)
	}
	return out
}

// definition is the meaning of a search, written without an index: every
// document is scored by every term.
type definition struct {
	docs []Doc
	g    Glosser
}

// counted are the terms of a document: how often, and how long it is.
type counted struct {
	Doc
	term   [streams]map[string]float64
	length [streams]int
}

func (def definition) count(d Doc) counted {
	d, _ = clean(d)
	c := counted{Doc: d, term: [streams]map[string]float64{{}, {}}}
	glossed := map[string]int64{}
	text := func(s string, weight int) {
		terms(s, func(t term) {
			if t.stop && weight == 1 {
				return
			}
			c.term[words][t.text] += float64(weight)
			c.length[words] += weight
			if t.raw != "" && !t.stop && def.g != nil {
				glossed[t.text] += int64(weight) * oneSense
			}
		})
		if def.g != nil {
			for _, s := range sensesOf(def.g.Gloss(s)) {
				glossed[s.term] += int64(weight) * s.weight
			}
		}
	}
	for _, l := range labels(&d) {
		text(l, labelWeight)
	}
	text(d.Body, 1)
	total := int64(0)
	for t, w := range glossed {
		c.term[gloss][t] = float64(w) / oneSense
		total += w
	}
	c.length[gloss] = int((total + oneSense - 1) / oneSense)
	return c
}

func (c *counted) saturation(stream int, term string, b, avg float64) (float32, bool) {
	n, ok := c.term[stream][term]
	if !ok {
		return 0, false
	}
	code := wordCode(int(n))
	if stream == gloss {
		code = glossCode(n)
	}
	length := float64(classLength[lengthClass(c.length[stream])])
	return saturate(codecs[stream].weight[code], float32(k1*(1-b+b*length/avg))), true
}

// world is what a viewer's statistics are made of.
type world struct {
	all []counted
	s   stats
}

func (def definition) world(v level.Viewer) world {
	w := world{}
	for k := range w.s.hold {
		w.s.hold[k] = map[string]int{}
	}
	for _, d := range def.docs {
		c := def.count(d)
		w.all = append(w.all, c)
		if c.Level.Rank() > v.Rank() {
			continue
		}
		w.s.docs++
		for k := range streams {
			w.s.total[k] += int64(classLength[lengthClass(c.length[k])])
			for t := range c.term[k] {
				w.s.hold[k][t]++
			}
		}
	}
	return w
}

// search returns the result without marks.
func (def definition) search(q Query) Result { return def.over(def.world(q.Viewer), q) }

func (def definition) over(w world, q Query) Result {
	pl := newPlan(q, def.g)
	for i := range pl.wants {
		pl.wants[i].idf = w.s.idf(pl.wants[i].stream, pl.wants[i].term)
	}
	res := Result{Kinds: map[string]int{}, Facets: map[string][]Count{}}
	facets := map[string]map[string]int{}
	for _, f := range q.Facets {
		facets[f] = map[string]int{}
	}
	for _, c := range w.all {
		score, ok := w.whole(pl, &c)
		if !q.Whole {
			score, ok = w.box(pl, &c)
		}
		if ok = ok || pl.everything(); !ok || !q.Viewer.Sees(c.Level, c.Readers) {
			continue
		}
		asked := len(q.Kinds) == 0 || slices.Contains(q.Kinds, c.Kind)
		for f := range facets {
			if asked && passes(q, &c.Doc, f) {
				for _, v := range slices.Compact(slices.Sorted(slices.Values(c.Facets[f]))) {
					facets[f][v]++
				}
			}
		}
		if !passes(q, &c.Doc, "") {
			continue
		}
		res.Kinds[c.Kind]++
		if asked {
			res.Total++
			res.Hits = append(res.Hits, Hit{Kind: c.Kind, ID: c.ID, Title: c.Title, Score: score})
		}
	}
	for f, c := range facets {
		res.Facets[f] = sorted(c)
	}
	slices.SortFunc(res.Hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	res.Hits = res.Hits[min(len(res.Hits), pl.q.Offset):]
	if res.Hits = res.Hits[:min(len(res.Hits), pl.q.Limit)]; len(res.Hits) == 0 {
		res.Hits = nil
	}
	return res
}

func (w world) avg(stream int) float64 { return average(w.s.total[stream], w.s.docs) }

func (w world) whole(pl *plan, c *counted) (float64, bool) {
	units, match := uint32(0), false
	for _, t := range pl.wants {
		weight := t.weight * t.idf * scale
		if t.stream == gloss {
			weight = pl.q.Gloss * t.weight * t.idf * scale
		}
		if sat, ok := c.saturation(t.stream, t.term, wholeB, w.avg(t.stream)); ok {
			units += 1 + uint32(float32(weight)*sat)
			match = match || t.strong
		}
	}
	return float64(units) / scale, match
}

func (w world) box(pl *plan, c *counted) (float64, bool) {
	units, held, most := uint32(0), 0, 0.0
	for _, u := range pl.units {
		most += w.s.idf(words, u.term)
		best, said := uint32(0), false
		try := func(stream int, term string, weight float64) {
			if sat, ok := c.saturation(stream, term, boxB, w.avg(stream)); ok {
				best = max(best, 1+uint32(float32(weight*scale)*sat))
				said = said || stream == words
			}
		}
		try(words, u.term, w.s.idf(words, u.term))
		if u.prefix {
			for term := range c.prefixed(u.raw) {
				if term != u.term {
					try(words, term, prefixPart*w.s.idf(words, term))
				}
			}
		}
		for _, s := range u.senses {
			try(gloss, s.term, pl.q.Gloss*float64(s.weight)/oneSense*w.s.idf(gloss, s.term))
		}
		if best > 0 && (said || w.says(pl, u, c)) {
			held++
			units += best
		}
	}
	score := float64(units) / scale
	for _, l := range labels(&c.Doc) {
		if key := fold.Name(l); key != "" && key == fold.Name(pl.text) {
			score += most
			break
		}
	}
	need := []int{0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10, 11, 12, 12}[len(pl.units)]
	return score * float64(boost(c.Boost)), held > 0 && held >= need
}

// says reports whether a document holds the words of a sense of what a unit
// stands in: all of one or two, all but one of more.
func (w world) says(pl *plan, u unit, c *counted) bool {
	for _, g := range pl.gloss {
		if u.start < g.start || u.end > g.end {
			continue
		}
		words, held := map[uint8]int{}, map[uint8]int{}
		for _, s := range g.senses {
			_, ok := c.saturation(gloss, s.term, boxB, w.avg(gloss))
			if s.of == 0 && ok {
				return true
			}
			for bit := uint8(1); bit != 0; bit <<= 1 {
				if s.of&bit != 0 {
					words[bit]++
					if ok {
						held[bit]++
					}
				}
			}
		}
		for bit, n := range words {
			if held[bit] == n || n > 2 && held[bit] == n-1 {
				return true
			}
		}
	}
	return false
}

// prefixed are the stems of the words of a document that begin so.
func (c *counted) prefixed(raw string) map[string]bool {
	out := map[string]bool{}
	for _, s := range append(labels(&c.Doc), c.Body) {
		terms(s, func(t term) {
			if _, indexed := c.term[words][t.text]; indexed && t.raw != "" && (strings.HasPrefix(t.raw, raw) || strings.HasPrefix(t.text, raw)) {
				out[t.text] = true
			}
		})
	}
	return out
}

// passes reports whether a document fulfils all filters but those on a field.
func passes(q Query, d *Doc, but string) bool {
	for _, f := range q.Filters {
		asks := len(f.Any) > 0 || f.Min != nil || f.Max != nil || f.Unknown
		if !asks || but != "" && f.Field == but {
			continue
		}
		n, said := d.Numbers[f.Field]
		ok := slices.ContainsFunc(d.Facets[f.Field], func(v string) bool { return slices.Contains(f.Any, v) }) ||
			(f.Min != nil || f.Max != nil) && said && (f.Min == nil || n >= *f.Min) && (f.Max == nil || n <= *f.Max) ||
			f.Unknown && len(d.Facets[f.Field]) == 0 && !said
		if ok == f.Not {
			return false
		}
	}
	return true
}

func bare(r Result) Result {
	for i := range r.Hits {
		r.Hits[i].Marks = nil
	}
	return r
}

// TestSearchEqualsDefinition runs random histories against the definition:
// hits, scores to the last bit, totals, kinds and facets.
func TestSearchEqualsDefinition(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(1, 2))}
	for round := range 50 {
		x := New(FlushAt(1 << (4 + m.IntN(8))))
		if round%4 > 0 {
			x.SetGlosser(tinyGlosser)
		}
		docs := m.history(t, m.IntN(120), x.Put, x.Delete)
		if round%3 == 0 {
			if err := x.Compact(); err != nil {
				t.Fatal(err)
			}
		}
		if x.Len() != len(docs) {
			t.Fatalf("round %d: %d documents, want %d", round, x.Len(), len(docs))
		}
		for range 12 {
			q := m.query()
			want := definition{docs, x.gloss()}.search(q)
			if diff := gocmp.Diff(want, bare(x.Search(q))); diff != "" {
				t.Fatalf("round %d, %+v: %s", round, q, diff)
			}
		}
	}
}

// TestShardsEqualOneIndex compares 1, 2, 3 and 7 shards with one index.
func TestShardsEqualOneIndex(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(3, 4))}
	for round := range 24 {
		one, many := New(), NewSharded([]int{1, 2, 3, 7}[round%4], FlushAt(300))
		one.SetGlosser(tinyGlosser)
		many.SetGlosser(tinyGlosser)
		docs := m.history(t, 150, func(d Doc) error { return cmp.Or(one.Put(d), many.Put(d)) }, func(kind, id string) {
			one.Delete(kind, id)
			many.Delete(kind, id)
		})
		for range 6 {
			q := m.query()
			keys := []Key{{"org", "1"}, {"paper", "2"}, {"need", "3"}}
			for what, pair := range map[string][2]any{
				"search":     {one.Search(q), many.Search(q)},
				"candidates": {one.Candidates(q, 5), many.Candidates(q, 5)},
				"explain":    {one.Explain(q, keys), many.Explain(q, keys)},
				"suggest":    {one.Suggest(q.Text, q.Viewer, 5), many.Suggest(q.Text, q.Viewer, 5)},
				"similar":    {one.Similar(q.Text, q), many.Similar(q.Text, q)},
			} {
				if diff := gocmp.Diff(pair[0], pair[1]); diff != "" {
					t.Fatalf("round %d, %d documents, %s of %+v: %s", round, len(docs), what, q, diff)
				}
			}
		}
	}
}

// TestNothingOfTheHiddenShows compares an index with one that never had the
// documents that the viewer does not see.
func TestNothingOfTheHiddenShows(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(5, 6))}
	for round := range 30 {
		x := New(FlushAt(1 << (6 + m.IntN(8))))
		x.SetGlosser(tinyGlosser)
		docs := m.history(t, 100, x.Put, x.Delete)
		v := m.viewer()
		without := New()
		without.SetGlosser(tinyGlosser)
		hidden := 0
		for _, d := range docs {
			if c, _ := clean(d); v.Sees(c.Level, c.Readers) {
				put(t, without, d)
			} else {
				hidden++
			}
		}
		for range 6 {
			q := m.query()
			q.Viewer = v
			var keys []Key
			for _, d := range docs {
				keys = append(keys, Key{d.Kind, d.ID})
			}
			for what, pair := range map[string][2]any{
				"search":     {without.Search(q), x.Search(q)},
				"candidates": {without.Candidates(q, 7), x.Candidates(q, 7)},
				"explain":    {without.Explain(q, keys), x.Explain(q, keys)},
				"weigh":      {without.Weigh(q, keys), x.Weigh(q, keys)},
				"suggest":    {without.Suggest(q.Text, v, 9), x.Suggest(q.Text, v, 9)},
				"similar":    {without.Similar(q.Text, q), x.Similar(q.Text, q)},
			} {
				if diff := gocmp.Diff(pair[0], pair[1]); diff != "" {
					t.Fatalf("round %d, %d hidden, %s of %+v: %s", round, hidden, what, q, diff)
				}
			}
		}
	}
}

// strong says which candidates hold more than characters of pairs, by stream.
func (x *Index) strong(q Query, list []Candidate) [streams]map[Key]bool {
	out := [streams]map[Key]bool{{}, {}}
	q.Whole, q.Gloss = true, 1
	pl, _ := prepare([]*Index{x}, q)
	for _, c := range list {
		k := Key{c.Kind, c.ID}
		for _, p := range x.Explain(q, []Key{k})[0].Terms {
			for _, w := range pl.wants {
				if w.strong && w.term == p.Term && (w.stream == gloss) == (p.Stream == StreamGloss) {
					out[w.stream][k] = true
				}
			}
		}
	}
	return out
}

// TestCandidatesAndExplanation: the best of both streams are there, and the
// parts of an account sum to its scores exactly.
func TestCandidatesAndExplanation(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(7, 8))}
	for range 20 {
		x := New(FlushAt(500))
		x.SetGlosser(tinyGlosser)
		docs := m.history(t, 120, x.Put, x.Delete)
		q := m.query()
		q.Facets, q.Offset = nil, 0
		all := x.Candidates(q, len(docs))
		strong := x.strong(q, all)
		for _, n := range []int{1, 5} {
			few := map[Key]Candidate{}
			for _, c := range x.Candidates(q, n) {
				few[Key{c.Kind, c.ID}] = c
			}
			for i, score := range []func(c Candidate) float64{func(c Candidate) float64 { return c.Words }, func(c Candidate) float64 { return c.Gloss }} {
				slices.SortFunc(all, func(a, b Candidate) int {
					return cmp.Or(cmp.Compare(score(b), score(a)), compareKeys(Key{a.Kind, a.ID}, Key{b.Kind, b.ID}))
				})
				kept := slices.DeleteFunc(slices.Clone(all), func(c Candidate) bool { return !strong[i][Key{c.Kind, c.ID}] })
				for _, c := range kept[:min(n, len(kept))] {
					if got, ok := few[Key{c.Kind, c.ID}]; score(c) > 0 && (!ok || got != c) {
						t.Fatalf("stream %d: %+v is missing among the best %d, or is %+v", i, c, n, got)
					}
				}
			}
		}
		byKey := map[Key]Candidate{}
		var keys []Key
		for _, c := range all {
			byKey[Key{c.Kind, c.ID}] = c
			keys = append(keys, Key{c.Kind, c.ID})
		}
		accounts := x.Explain(q, keys)
		if len(accounts) != len(all) {
			t.Fatalf("%d accounts of %d", len(accounts), len(all))
		}
		for _, a := range accounts {
			c, sums := byKey[a.Key], map[string]float64{}
			for _, p := range a.Terms {
				sums[p.Stream] += p.Score
			}
			if a.Words != c.Words || a.Gloss != c.Gloss || sums[StreamWords] != c.Words || sums[StreamGloss] != c.Gloss {
				t.Fatalf("%+v does not sum to %+v", a, c)
			}
			if a.Coverage < 0 || a.Coverage > 1 || math.IsNaN(a.Coverage) {
				t.Fatalf("coverage %v", a.Coverage)
			}
		}
	}
}
