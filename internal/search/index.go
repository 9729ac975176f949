package search

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
)

// Index is a text index. The zero value is not ready: use New. It is safe for
// concurrent use.
type Index struct {
	mu     sync.RWMutex
	kinds  []string // doc.kind is an index into it
	docs   []doc    // by number; a deleted one is zero
	number map[docKey]uint32
	terms  map[string]uint32 // to an index into lists
	lists  []list
	exact  map[uint64][]uint32 // numbers of the documents with a name of this hash
	live   int
	dead   int
	sorted []string // Latin terms in order, for prefixes; nil when out of date

	follow  sync.Mutex // held while CatchUp or Rebuild runs
	seq     int64      // last change entry handled; guarded by follow
	glosser Glosser
}

type docKey struct {
	kind uint8
	id   string
}

type doc struct {
	id         string
	title      i18n.Text
	names      []string
	body       string
	boost      float32 // 0 for a deleted document
	nameTokens uint16
	bodyTokens uint16
	kind       uint8
	full       Doc
}

// list holds the postings of one term: for each document the distance to the
// number before it as a varint, and a byte of two counts.
type list struct {
	data []byte
	last uint32
	live uint32 // documents that hold the term and are not deleted
}

// maxKinds is what fits a doc's byte.
const maxKinds = 255

// maxText bounds the text of one document, in bytes; the rest is not indexed.
const maxText = 64 << 10

// Option changes how an index works.
type Option func(*Index)

// New returns an empty index.
func New(opts ...Option) *Index {
	x := &Index{}
	x.clear()
	for _, o := range opts {
		o(x)
	}
	return x
}

func (x *Index) clear() {
	x.kinds, x.docs, x.lists, x.sorted = nil, nil, nil, nil
	x.number, x.terms, x.exact = map[docKey]uint32{}, map[string]uint32{}, map[uint64][]uint32{}
	x.live, x.dead = 0, 0
}

// Len returns how many documents the index holds.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.live
}

// Put adds a document, or replaces the one with its kind and id.
func (x *Index) Put(d Doc) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	kind, ok := x.kindOf(d.Kind)
	if !ok || d.ID == "" {
		return errs.New(errs.Invalid, "search.bad_doc", errs.A{"kind": d.Kind, "id": d.ID})
	}
	x.remove(docKey{kind, d.ID})
	x.add(doc{
		id: d.ID, kind: kind, title: i18n.Text{ZH: cut(d.Title.ZH, maxText), EN: cut(d.Title.EN, maxText)}, names: names(d),
		body: cut(d.Body, maxText), boost: boost(d.Boost), full: d,
	})
	x.compact()
	return nil
}

// Delete removes a document. One that is not there is no error.
func (x *Index) Delete(kind, id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if k := slices.Index(x.kinds, kind); k >= 0 {
		x.remove(docKey{uint8(k), id})
		x.compact()
	}
}

func (x *Index) kindOf(kind string) (uint8, bool) {
	k := slices.Index(x.kinds, kind)
	if k < 0 {
		if kind == "" || len(x.kinds) == maxKinds {
			return 0, false
		}
		k = len(x.kinds)
		x.kinds = append(x.kinds, kind)
	}
	return uint8(k), true
}

func boost(b float64) float32 {
	if !(b > 0) { // also for NaN
		return 1
	}
	return float32(min(b, 1000))
}

// names drops names that are titles and repeats, and bounds the rest.
func names(d Doc) []string {
	var out []string
	left := maxText
	for _, n := range d.Names {
		n = strings.ToValidUTF8(n, "\uFFFD")
		if n == "" || n == d.Title.ZH || n == d.Title.EN || slices.Contains(out, n) {
			continue
		}
		if left -= len(n); left < 0 {
			break
		}
		out = append(out, n)
	}
	return slices.Clip(out)
}

func (x *Index) add(d doc) {
	n := uint32(len(x.docs))
	counts := count(&d)
	for term, c := range counts {
		at, ok := x.terms[term]
		if !ok {
			at = uint32(len(x.lists))
			x.lists = append(x.lists, list{})
			x.terms[strings.Clone(term)] = at // a token is a part of a longer string
			if latin(term) {
				x.sorted = nil
			}
		}
		l := &x.lists[at]
		l.data = binary.AppendUvarint(l.data, uint64(n-l.last))
		l.data = append(l.data, c.pack())
		l.last, l.live = n, l.live+1
	}
	for _, h := range d.exactKeys() {
		x.exact[h] = append(x.exact[h], n)
	}
	x.docs = append(x.docs, d)
	x.number[docKey{d.kind, d.id}] = n
	x.live++
}

func (x *Index) remove(key docKey) {
	n, ok := x.number[key]
	if !ok {
		return
	}
	d := &x.docs[n]
	for term := range count(d) {
		x.lists[x.terms[term]].live--
	}
	for _, h := range d.exactKeys() {
		x.exact[h] = slices.DeleteFunc(x.exact[h], func(m uint32) bool { return m == n })
		if len(x.exact[h]) == 0 {
			delete(x.exact, h)
		}
	}
	delete(x.number, key)
	x.docs[n] = doc{}
	x.live--
	x.dead++
}

// compact renumbers the documents once the deleted ones outnumber the others:
// their postings are only skipped until then.
func (x *Index) compact() {
	if x.dead < 1000 || x.dead < x.live {
		return
	}
	docs, kinds := x.docs, x.kinds
	x.clear()
	x.kinds = kinds
	for _, d := range docs {
		if d.boost > 0 {
			x.add(d)
		}
	}
}

// counts says how often a document holds a term.
type counts struct{ name, body int }

// pack keeps each count up to fifteen: past that the score hardly moves.
func (c counts) pack() byte { return byte(min(c.name, 15)<<4 | min(c.body, 15)) }

func unpack(b byte) (name, body float64) { return float64(b >> 4), float64(b & 15) }

// count cuts a document into terms and notes the lengths of its fields.
func count(d *doc) map[string]counts {
	out := map[string]counts{}
	names, body := 0, 0
	for _, s := range d.labels() {
		for _, t := range fold.Tokens(s) {
			c := out[t]
			c.name++
			out[t] = c
			names++
		}
	}
	for _, t := range fold.Tokens(d.body) {
		if single(t) {
			continue
		}
		c := out[t]
		c.body++
		out[t] = c
		body++
	}
	d.nameTokens, d.bodyTokens = uint16(min(names, 1<<16-1)), uint16(min(body, 1<<16-1))
	return out
}

// labels are the titles and names.
func (d *doc) labels() []string {
	return slices.DeleteFunc(append([]string{d.title.ZH, d.title.EN}, d.names...), func(s string) bool { return s == "" })
}

// nameSeed makes hashes differ from process to process, so that nobody can
// prepare names that collide.
var nameSeed = maphash.MakeSeed()

func (d *doc) exactKeys() []uint64 {
	var out []uint64
	for _, s := range d.labels() {
		if key := fold.Name(s); key != "" {
			out = append(out, maphash.String(nameSeed, key))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// single reports a term of one Chinese character or kana.
func single(term string) bool {
	r, n := utf8.DecodeRuneInString(term)
	return n == len(term) && fold.Unspaced(r)
}

func latin(term string) bool {
	r, _ := utf8.DecodeRuneInString(term)
	return !fold.Unspaced(r)
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
