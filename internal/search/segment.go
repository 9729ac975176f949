package search

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/fold"
)

// The streams of terms: the words of a text as they stand, and their English
// glosses.
const (
	words = iota
	gloss
	streams
)

// segment is an immutable index over some documents of one level. What is
// stored are texts, lengths, terms and postings; the rest is derived from the
// texts when a segment is opened.
type segment struct {
	rank    int    // of the level that its documents have
	version string // of the glosser that its documents went through
	n       int
	texts   string   // records, one behind the other
	starts  []uint32 // where each record starts; one more than documents
	streams [streams]stream
	raws    dict // folded Latin words that differ from their stems, for prefixes

	kinds   []string // kind is a number into it
	kind    []byte
	boost   []float32
	slots   []uint32  // hash table of keys: document + 1
	names   []nameRef // every title and name, by its folded form
	facets  map[string]*keywords
	numbers map[string]*numbers
	readers map[string][]uint32 // documents that name this reader

	mu     sync.Mutex
	filter map[string]bitset // answers of filters asked before; guarded by mu
}

// stream is the terms of one sort over the documents of a segment.
type stream struct {
	dict
	postings []byte // with slack behind
	length   []byte // class of each document, see lengthClass
	total    int64  // sum of the lengths
}

// average is the length of a document among n, never zero.
func average(total int64, n int) float64 {
	if total <= 0 || n <= 0 {
		return 1
	}
	return float64(total) / float64(n)
}

// nameRef points at a title (0 Chinese, 1 English) or a name (2, 3, …) of a
// document.
type nameRef struct{ doc, label uint32 }

func (s *segment) record(n uint32) string { return s.texts[s.starts[n]:s.starts[n+1]] }

// doc returns a document; its strings are parts of the segment's texts.
func (s *segment) doc(n uint32) Doc {
	d, _ := readRecord(s.record(n)) // read once when the segment was opened
	return d
}

func (s *segment) key(n uint32) Key {
	r := recordReader{s: s.record(n)}
	return Key{r.string(), r.string()}
}

// label returns one title or name.
func (s *segment) label(ref nameRef) string {
	r := recordReader{s: s.record(ref.doc)}
	r.string()
	r.string()
	if ref.label == 0 {
		return r.string()
	}
	if r.string(); ref.label == 1 {
		return r.string()
	}
	r.string()
	out, i := "", uint32(2)
	r.each(func(s string) {
		if i == ref.label {
			out = s
		}
		i++
	})
	return out
}

// keySeed makes hashes differ from process to process, so that nobody can
// prepare ids that collide.
var keySeed = maphash.MakeSeed()

func hashKey(k Key) uint64 {
	return maphash.Comparable(keySeed, k)
}

// find returns the document with this key.
func (s *segment) find(k Key) (uint32, bool) {
	mask := uint64(len(s.slots) - 1)
	for i := hashKey(k) & mask; s.slots[i] != 0; i = (i + 1) & mask {
		if n := s.slots[i] - 1; s.key(n) == k {
			return n, true
		}
	}
	return 0, false
}

// derive fills what is not stored. It fails on records that are damaged or not
// of this segment's level, and on two with one key.
func (s *segment) derive() error {
	slots := 2
	for slots < 2*s.n {
		slots *= 2
	}
	s.slots, s.kind, s.boost = make([]uint32, slots), make([]byte, s.n), make([]float32, s.n)
	s.facets, s.numbers, s.readers = map[string]*keywords{}, map[string]*numbers{}, map[string][]uint32{}
	s.filter = map[string]bitset{}
	var folded []foldedName
	for n := range uint32(s.n) {
		d, err := readRecord(s.record(n))
		if err != nil || d.Level.Rank() != s.rank {
			return errDamaged
		}
		if err := s.enter(n, &d); err != nil {
			return err
		}
		folded = appendNames(folded, n, &d)
	}
	slices.SortFunc(folded, func(a, b foldedName) int {
		return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.ref.doc, b.ref.doc), cmp.Compare(a.ref.label, b.ref.label))
	})
	s.names = make([]nameRef, len(folded))
	for i, f := range folded {
		s.names[i] = f.ref
	}
	return nil
}

// enter writes a document into the columns.
func (s *segment) enter(n uint32, d *Doc) error {
	if _, twice := s.find(Key{d.Kind, d.ID}); twice {
		return errDamaged
	}
	mask := uint64(len(s.slots) - 1)
	i := hashKey(Key{d.Kind, d.ID}) & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = n + 1
	k := slices.Index(s.kinds, d.Kind)
	if k < 0 {
		if k = len(s.kinds); k >= maxKinds {
			return errDamaged
		}
		s.kinds = append(s.kinds, d.Kind)
	}
	s.kind[n], s.boost[n] = byte(k), boost(d.Boost)
	for f, values := range d.Facets {
		column(s.facets, f).add(n, values)
	}
	for f, v := range d.Numbers {
		column(s.numbers, f).add(n, v)
	}
	for _, r := range d.Readers {
		if list := s.readers[r]; r != "" && (len(list) == 0 || list[len(list)-1] != n) {
			s.readers[r] = append(list, n)
		}
	}
	return nil
}

type foldedName struct {
	text string
	ref  nameRef
}

func appendNames(out []foldedName, n uint32, d *Doc) []foldedName {
	for i, l := range labels(d) {
		if key := fold.Name(l); key != "" {
			out = append(out, foldedName{key, nameRef{n, uint32(i)}})
		}
	}
	return out
}

// labels are the titles and names, in the order of nameRef.
func labels(d *Doc) []string {
	return append([]string{d.Title.ZH, d.Title.EN}, d.Names...)
}

// named calls fn with the names whose folded form begins with key, in order,
// until fn returns false.
func (s *segment) named(key string, fn func(folded string, ref nameRef) bool) {
	at, _ := slices.BinarySearchFunc(s.names, key, func(r nameRef, key string) int {
		return strings.Compare(fold.Name(s.label(r)), key)
	})
	for _, r := range s.names[at:] {
		if f := fold.Name(s.label(r)); !strings.HasPrefix(f, key) || !fn(f, r) {
			return
		}
	}
}
