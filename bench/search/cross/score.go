package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/kapok-city/kapok/bench/search/collection"
	"github.com/kapok-city/kapok/internal/match"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
	"github.com/kapok-city/kapok/internal/search/vector"
)

// The parts of a score.
const (
	words = iota
	glossed
	tabled
	encoded
	parts
)

// pool is how many candidates each part names.
const pool = 500

// candidate is a document with its parts, brought between 0 and 1 within the
// candidates of a query.
type candidate struct {
	doc   int32
	parts [parts]float32
}

// result is what the systems reached on a set.
type result struct {
	n       int
	ndcg    map[string]float64
	weights map[string][]float64
}

func systems(e5 bool) []string {
	if e5 {
		return []string{"none", "gloss", "table", "e5", "no-encoder", "fixed", "ranker", "fitted"}
	}
	return []string{"none", "gloss", "table", "no-encoder", "fixed", "fitted"}
}

// measure scores the set with every system and writes the runs.
func (s set) measure(t tools, out string) (result, error) {
	all, err := s.candidates(t)
	if err != nil {
		return result{}, err
	}
	base := words // the one that the design weighs most
	if mean(all, weights{glossed: 1}) > mean(all, weights{words: 1}) {
		base = glossed
	}
	r := result{n: len(all), ndcg: map[string]float64{}, weights: map[string][]float64{}}
	fixed := map[string]weights{"none": {words: 1}, "gloss": {glossed: 1}, "table": {tabled: 1}, "e5": {encoded: 1}}
	fixed["no-encoder"] = weights{tabled: .15}
	fixed["fixed"] = weights{tabled: .15, encoded: .15}
	for _, name := range []string{"no-encoder", "fixed"} {
		w := fixed[name]
		w[base] = .7
		fixed[name] = w
	}
	fixed["ranker"] = ranker(base)
	for _, name := range systems(t.e5 != nil) {
		of := func(int) weights { return fixed[name] }
		if name == "fitted" {
			folds := fit(all, t.e5 != nil)
			of = func(q int) weights { return folds[q%len(folds)] }
			r.weights[name] = average(folds)
		}
		if r.ndcg[name], err = s.write(filepath.Join(out, name+".tsv"), all, of); err != nil {
			return r, err
		}
	}
	return r, nil
}

// ranker gives the text and the encoder the shares that they have among the
// default weights of match.
func ranker(base int) weights {
	var w weights
	for i, f := range match.Features {
		switch f {
		case match.Words, match.Gloss:
			w[base] += float32(match.Default().Of[i])
		case match.Meaning:
			w[encoded] = float32(match.Default().Of[i])
		}
	}
	return w
}

// candidates scores the documents that any part names for each query.
func (s set) candidates(t tools) ([][]candidate, error) {
	x := search.New()
	x.SetGlosser(t.gloss)
	for i, d := range s.docs {
		if err := x.Put(search.Doc{Kind: "doc", ID: strconv.Itoa(i), Body: d.Text}); err != nil {
			return nil, err
		}
	}
	table, err := newSide(t.table, s)
	if err != nil {
		return nil, err
	}
	e5, err := newSide(t.e5, s)
	if err != nil {
		return nil, err
	}
	out := make([][]candidate, len(s.queries))
	for q, text := range s.queries {
		found := map[int32]*candidate{}
		at := func(doc int32) *candidate {
			if found[doc] == nil {
				found[doc] = &candidate{doc: doc}
			}
			return found[doc]
		}
		for _, c := range x.Candidates(search.Query{Text: text.Text, Gloss: 1}, pool) {
			doc, _ := strconv.Atoi(c.ID)
			at(int32(doc)).parts[words], at(int32(doc)).parts[glossed] = float32(c.Words), float32(c.Gloss)
		}
		for _, k := range slices.Concat(table.nearest(q), e5.nearest(q)) {
			at(int32(k))
		}
		for doc, c := range found {
			c.parts[tabled], c.parts[encoded] = table.cosine(q, doc), e5.cosine(q, doc)
			out[q] = append(out[q], *c)
		}
		slices.SortFunc(out[q], func(a, b candidate) int { return cmp.Compare(a.doc, b.doc) })
		scale(out[q])
	}
	return out, nil
}

// side is the vectors of a set by one encoder; nil knows nothing.
type side struct {
	flat    *vector.Flat
	queries [][]float32
}

func newSide(e encoder.Encoder, s set) (*side, error) {
	if e == nil {
		return nil, nil
	}
	begun := time.Now()
	docs, err := encode(e, encoder.Passage, s.docs)
	if err != nil {
		return nil, err
	}
	queries, err := encode(e, encoder.Query, s.queries)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%s: %d texts in %.1f s\n", e.Name(), len(docs)+len(queries), time.Since(begun).Seconds())
	flat := vector.New(e.Dim())
	for i, v := range docs {
		if err := flat.Put(uint64(i), v); err != nil {
			return nil, err
		}
	}
	return &side{flat, queries}, nil
}

func (s *side) nearest(q int) []uint64 {
	if s == nil {
		return nil
	}
	var out []uint64
	for _, h := range s.flat.Nearest(s.queries[q], pool, nil) {
		out = append(out, h.Key)
	}
	return out
}

func (s *side) cosine(q int, doc int32) float32 {
	if s == nil {
		return 0
	}
	c, _ := s.flat.Cosine(s.queries[q], uint64(doc))
	return c
}

func scale(all []candidate) {
	for p := range parts {
		low, high := float32(math.Inf(1)), float32(math.Inf(-1))
		for _, c := range all {
			low, high = min(low, c.parts[p]), max(high, c.parts[p])
		}
		for i := range all {
			if high > low {
				all[i].parts[p] = (all[i].parts[p] - low) / (high - low)
			} else {
				all[i].parts[p] = 0
			}
		}
	}
}

type weights [parts]float32

func (w *weights) of(c *candidate) float32 {
	return w[words]*c.parts[words] + w[glossed]*c.parts[glossed] + w[tabled]*c.parts[tabled] + w[encoded]*c.parts[encoded]
}

// gain is nDCG at 10 with one right document, number q.
func gain(q int, all []candidate, w weights) float64 {
	right := slices.IndexFunc(all, func(c candidate) bool { return c.doc == int32(q) })
	if right < 0 {
		return 0
	}
	score, before := w.of(&all[right]), 0
	if score <= 0 {
		return 0
	}
	for i := range all {
		if s := w.of(&all[i]); s > score || s == score && i < right {
			before++
		}
	}
	if before >= 10 {
		return 0
	}
	return 1 / math.Log2(float64(before+2))
}

func mean(all [][]candidate, w weights) float64 {
	sum := 0.0
	for q, c := range all {
		sum += gain(q, c, w)
	}
	return sum / float64(len(all))
}

// fit returns the best weights for each fifth of the queries (those whose
// number has that rest), found on the other four.
func fit(all [][]candidate, e5 bool) []weights {
	const folds, steps = 5, 10
	out, best := make([]weights, folds), make([]float64, folds)
	for a := range steps + 1 {
		for b := range steps + 1 - a {
			for c := range steps + 1 - a - b {
				d := steps - a - b - c
				if d > 0 && !e5 {
					continue
				}
				w := weights{float32(a) / steps, float32(b) / steps, float32(c) / steps, float32(d) / steps}
				var sums [folds]float64
				total := 0.0
				for q, cands := range all {
					g := gain(q, cands, w)
					sums[q%folds] += g
					total += g
				}
				for f := range folds {
					if rest := total - sums[f]; rest > best[f] {
						best[f], out[f] = rest, w
					}
				}
			}
		}
	}
	return out
}

func average(folds []weights) []float64 {
	out := make([]float64, parts)
	for _, w := range folds {
		for p, v := range w {
			out[p] += float64(v) / float64(len(folds))
		}
	}
	return out
}

// write ranks every query and returns the mean nDCG at 10.
func (s set) write(path string, all [][]candidate, of func(q int) weights) (float64, error) {
	w, err := collection.Create(path)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for q, c := range all {
		weight := of(q)
		sum += gain(q, c, weight)
		ranked := slices.Clone(c)
		slices.SortStableFunc(ranked, func(a, b candidate) int { return cmp.Compare(weight.of(&b), weight.of(&a)) })
		for _, h := range ranked[:min(100, len(ranked))] {
			if score := weight.of(&h); score > 0 {
				w.Line(s.queries[q].ID, s.docs[h.doc].ID, strconv.FormatFloat(float64(score), 'g', -1, 32))
			}
		}
	}
	return sum / float64(len(all)), w.Close()
}
