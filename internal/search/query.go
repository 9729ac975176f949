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
	"github.com/kapok-city/kapok/internal/i18n"
)

// Result is what Search found.
type Result struct {
	Hits  []Hit
	Total int            // matches within the kinds asked for
	Kinds map[string]int // matches of every kind, asked for or not
}

// Hit is one document found.
type Hit struct {
	Kind  string
	ID    string
	Title i18n.Text
	Score float64
	Marks []Mark // where the query stands in the text, the title first
}

// Mark is a text of a document with the places where the query stands in it.
type Mark struct {
	Field  string   // "title_zh", "title_en", "name" or "body"
	Text   string   // the whole title or name, or a piece of the body
	Ranges [][2]int // byte offsets in Text, in order, apart from each other
}

// The limits of a query.
const (
	maxQuery = 400 // bytes; the rest is not read
	maxUnits = 48
	maxLimit = 1000
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

// Search returns the best documents of the given kinds (none given: all), at
// most limit, in the order of their scores; equal scores go by kind and id.
func (x *Index) Search(query string, kinds []string, limit int) Result {
	query = cut(query, maxQuery)
	units := parse(query)
	x.prepare(units)
	x.mu.RLock()
	defer x.mu.RUnlock()
	res := Result{Kinds: map[string]int{}}
	var found []scored
	for n, s := range x.score(query, units) {
		d := &x.docs[n]
		kind := x.kinds[d.kind]
		res.Kinds[kind]++
		if len(kinds) == 0 || slices.Contains(kinds, kind) {
			found = append(found, scored{n, s})
		}
	}
	res.Total = len(found)
	slices.SortFunc(found, func(a, b scored) int {
		p, q := &x.docs[a.n], &x.docs[b.n]
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(x.kinds[p.kind], x.kinds[q.kind]), cmp.Compare(p.id, q.id))
	})
	for _, f := range found[:min(len(found), max(limit, 0), maxLimit)] {
		d := &x.docs[f.n]
		res.Hits = append(res.Hits, Hit{Kind: x.kinds[d.kind], ID: d.id, Title: d.title, Score: f.score, Marks: marks(d, units)})
	}
	return res
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
func (x *Index) score(query string, units []unit) map[uint32]float64 {
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
		if s.units >= enough(len(units)) {
			out[n] = s.score * float64(x.docs[n].boost)
		}
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
