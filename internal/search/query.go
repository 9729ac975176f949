package search

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// The limits of a query.
const (
	maxQuery = 400 // bytes; the rest is not read
	maxUnits = 48
)

// The parameters of the score. k1 and b are the usual ones of BM25; a name
// counts thrice; the pivots are the usual lengths, in terms.
const (
	k1         = 1.2
	b          = 0.3
	nameWeight = 3.0
	namePivot  = 40.0
	bodyPivot  = 300.0
	prefixPart = 0.6 // what a term is worth that only begins like the unit
	minPrefix  = 2   // characters
)

// unit is a part of a query that a document holds or does not.
type unit struct {
	term   string
	prefix bool
}

// Search returns the best documents, in the order of their scores; equal
// scores go by kind and id.
func (x *Index) Search(q Query) Result {
	query := cut(q.Text, maxQuery)
	if q.Whole {
		query = cut(q.Text, maxText)
	}
	units := parse(query)
	if q.Whole {
		for i := range units {
			units[i].prefix = false
		}
	}
	x.prepare(units)
	x.mu.RLock()
	defer x.mu.RUnlock()
	res := Result{Kinds: map[string]int{}, Facets: map[string][]Count{}}
	var found []scored
	counts := map[string]map[string]int{}
	for n, s := range x.score(query, units, q.Whole) {
		d := &x.docs[n]
		if !seen(q, &d.full) {
			continue
		}
		kind := x.kinds[d.kind]
		asked := len(q.Kinds) == 0 || slices.Contains(q.Kinds, kind)
		for _, f := range q.Facets {
			if asked && passes(q, &d.full, f) {
				for _, v := range d.full.Facets[f] {
					if counts[f] == nil {
						counts[f] = map[string]int{}
					}
					counts[f][v]++
				}
			}
		}
		if !passes(q, &d.full, "") {
			continue
		}
		res.Kinds[kind]++
		if asked {
			found = append(found, scored{n, s})
		}
	}
	for f, c := range counts {
		for v, n := range c {
			res.Facets[f] = append(res.Facets[f], Count{v, n})
		}
		slices.SortFunc(res.Facets[f], func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Value, b.Value)) })
	}
	res.Total = len(found)
	slices.SortFunc(found, func(a, b scored) int {
		p, q := &x.docs[a.n], &x.docs[b.n]
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(x.kinds[p.kind], x.kinds[q.kind]), cmp.Compare(p.id, q.id))
	})
	found = found[min(len(found), max(q.Offset, 0)):]
	for _, f := range found[:min(len(found), max(q.Limit, 0), MaxLimit)] {
		d := &x.docs[f.n]
		res.Hits = append(res.Hits, Hit{Kind: x.kinds[d.kind], ID: d.id, Title: d.title, Score: f.score, Marks: marks(d, units)})
	}
	return res
}

func seen(q Query, d *Doc) bool {
	return d.Level == "" || q.Viewer.Sees(d.Level, d.Readers)
}

func passes(q Query, d *Doc, but string) bool {
	for _, f := range q.Filters {
		if f.Field == but {
			continue
		}
		values, n := d.Facets[f.Field], d.Numbers[f.Field]
		_, said := d.Numbers[f.Field]
		ok := len(f.Any) == 0 && f.Min == nil && f.Max == nil && !f.Unknown
		ok = ok || len(f.Any) > 0 && slices.ContainsFunc(values, func(v string) bool { return slices.Contains(f.Any, v) })
		ok = ok || (f.Min != nil || f.Max != nil) && said && (f.Min == nil || n >= *f.Min) && (f.Max == nil || n <= *f.Max)
		ok = ok || f.Unknown && len(values) == 0 && !said
		if ok == f.Not {
			return false
		}
	}
	return true
}

type scored struct {
	n     uint32
	score float64
}

// parse cuts a query into units: each blank-separated part by itself, because
// folding joins Chinese across blanks.
func parse(query string) []unit {
	var out []unit
	for _, part := range strings.FieldsFunc(query, unicode.IsSpace) {
		terms := fold.Tokens(part)
		for i, t := range terms {
			if single(t) && (i+1 < len(terms) && paired(terms[i+1]) || i > 0 && paired(terms[i-1])) {
				continue // a pair says more
			}
			out = append(out, unit{term: t})
		}
	}
	if n := len(out); n > 0 {
		last := &out[n-1]
		end, _ := utf8.DecodeLastRuneInString(query)
		last.prefix = latin(last.term) && !unicode.IsSpace(end) && utf8.RuneCountInString(last.term) >= minPrefix
	}
	return dedupe(out)
}

func paired(term string) bool { return !latin(term) && !single(term) }

func dedupe(units []unit) []unit {
	var out []unit
	for _, u := range units {
		i := slices.IndexFunc(out, func(o unit) bool { return o.term == u.term })
		if i >= 0 {
			out[i].prefix = out[i].prefix || u.prefix
		} else if len(out) < maxUnits {
			out = append(out, u)
		}
	}
	return out
}

// enough is how many of n units a document must hold.
func enough(n int) int {
	if n <= 2 {
		return n
	}
	return (3*n + 3) / 4
}

// prepare sorts the Latin terms if a prefix asks for them.
func (x *Index) prepare(units []unit) {
	if !slices.ContainsFunc(units, func(u unit) bool { return u.prefix }) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.sorted != nil {
		return
	}
	x.sorted = make([]string, 0, len(x.terms)/2)
	for t := range x.terms {
		if latin(t) {
			x.sorted = append(x.sorted, t)
		}
	}
	slices.Sort(x.sorted)
}

// score returns the score of each document that holds enough units.
func (x *Index) score(query string, units []unit, whole bool) map[uint32]float64 {
	type sum struct {
		score float64
		units int
	}
	sums, best := map[uint32]sum{}, 0.0
	for _, u := range units {
		part, top := x.scoreUnit(u)
		best += top
		for n, s := range part {
			old := sums[n]
			sums[n] = sum{old.score + s, old.units + 1}
		}
	}
	out := map[uint32]float64{}
	for n, s := range sums {
		if whole || s.units >= enough(len(units)) {
			out[n] = s.score * float64(x.docs[n].boost)
		}
	}
	if whole {
		return out
	}
	for _, n := range x.exact[maphash.String(nameSeed, fold.Name(query))] {
		if s, ok := out[n]; ok {
			out[n] = s + best*float64(x.docs[n].boost)
		}
	}
	return out
}

// scoreUnit returns each document's score for one unit, and what no score for
// it can exceed. A document that holds several terms of a prefix gets the
// score of its best one.
func (x *Index) scoreUnit(u unit) (part map[uint32]float64, top float64) {
	part = map[uint32]float64{}
	for _, term := range x.expand(u) {
		l := &x.lists[x.terms[term]]
		if l.live == 0 {
			continue // left by deleted documents
		}
		idf := idf(x.live, int(l.live))
		if term != u.term {
			idf *= prefixPart
		}
		top = max(top, idf)
		n := uint32(0)
		for at := 0; at < len(l.data); {
			step, size := binary.Uvarint(l.data[at:])
			n += uint32(step)
			if d := &x.docs[n]; d.boost > 0 {
				part[n] = max(part[n], idf*saturate(d, l.data[at+size]))
			}
			at += size + 1
		}
	}
	return part, top
}

func (x *Index) expand(u unit) []string {
	var out []string
	if _, ok := x.terms[u.term]; ok {
		out = append(out, u.term)
	}
	if !u.prefix || x.sorted == nil { // a Put between prepare and here: the exact term must do
		return out
	}
	at, _ := slices.BinarySearch(x.sorted, u.term)
	for _, t := range x.sorted[at:] {
		if !strings.HasPrefix(t, u.term) {
			break
		}
		if t != u.term {
			out = append(out, t)
		}
	}
	return out
}

func idf(docs, holding int) float64 {
	return math.Log(1 + (float64(docs-holding)+0.5)/(float64(holding)+0.5))
}

// saturate is the part of BM25 that depends on the document, below 1.
func saturate(d *doc, packed byte) float64 {
	name, body := unpack(packed)
	tf := nameWeight*name/(1-b+b*float64(d.nameTokens)/namePivot) + body/(1-b+b*float64(d.bodyTokens)/bodyPivot)
	return tf / (tf + k1)
}
