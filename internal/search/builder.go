package search

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
)

// builder collects documents of one level until they are made a segment.
type builder struct {
	rank   int
	texts  []byte
	starts []uint32
	keys   map[Key]bool
	length [streams][]byte
	logs   [streams]postingLog
	lex    lexicon
	found  []uint64     // term keys of the document at hand
	senses []senseCount // glosses of the document at hand
}

func newBuilder(rank int) *builder {
	b := &builder{rank: rank, keys: map[Key]bool{}}
	b.lex = lexicon{raw: map[string]uint32{}, stems: map[string]uint32{}}
	return b
}

// postingLog holds postings in the order in which documents came.
type postingLog struct {
	slots []slot   // hash table from term key to term number
	keys  []uint64 // by term number
	docs  []uint32 // how many documents hold the term
	term  []uint32 // of each posting
	code  []byte   // of each posting
	ends  []int    // where the postings of each document end
}

// slot is a place of the hash table; that of no term key is free, since no key
// is zero.
type slot struct {
	key    uint64
	number uint32
}

// keySpread is the odd number by which keys are spread over the slots (Knuth,
// volume 3, 6.4); it differs from process to process, so that nobody can write
// a text whose terms collide.
var keySpread = rand.Uint64() | 1

// at returns the slot of a key, or the free one where it belongs.
func (l *postingLog) at(key uint64) *slot {
	mask := uint64(len(l.slots) - 1)
	for i := key * keySpread >> 20; ; i++ {
		if s := &l.slots[i&mask]; s.key == key || s.key == 0 {
			return s
		}
	}
}

func (l *postingLog) grow() {
	old := l.slots
	l.slots = make([]slot, max(1<<8, 2*len(old)))
	for _, s := range old {
		if s.key != 0 {
			*l.at(s.key) = s
		}
	}
}

func (l *postingLog) add(key uint64, code byte) {
	if len(l.keys)*2 >= len(l.slots) {
		l.grow()
	}
	s := l.at(key)
	if s.key == 0 {
		*s = slot{key, uint32(len(l.keys))}
		l.keys, l.docs = append(l.keys, key), append(l.docs, 0)
	}
	t := s.number
	l.docs[t]++
	l.term, l.code = append(l.term, t), append(l.code, code)
}

// A term key is a number: a character shifted left by 21 bits, with its second
// one beside it in a pair, or the number of a stem with the highest bit set.
// Keys of characters ascend as their terms do.
const stemKey = 1 << 63

func charKey(r rune) uint64    { return uint64(r) << 21 }
func pairKey(a, b rune) uint64 { return uint64(a)<<21 | uint64(b) }

func (b *builder) term(key uint64) []byte {
	if key&stemKey != 0 {
		return []byte(b.lex.text[key&^stemKey])
	}
	if second := rune(key & (1<<21 - 1)); second != 0 {
		return []byte(pairTerm(rune(key>>21), second))
	}
	return []byte(charTerm(rune(key >> 21)))
}

// lexicon numbers the stems of words.
type lexicon struct {
	raw   map[string]uint32 // from folded words
	stems map[string]uint32
	text  []string
}

func (l *lexicon) word(w string) uint32 {
	if n, ok := l.raw[w]; ok {
		return n
	}
	n := l.stem(stem(w))
	l.raw[strings.Clone(w)] = n
	return n
}

func (l *lexicon) stem(s string) uint32 {
	n, ok := l.stems[s]
	if !ok {
		n = uint32(len(l.text))
		s = strings.Clone(s)
		l.stems[s] = n
		l.text = append(l.text, s)
	}
	return n
}

// add takes a document in; g is nil when there is no gloss stream.
func (b *builder) add(d *Doc, g Glosser) {
	b.starts = append(b.starts, uint32(len(b.texts)))
	b.texts = appendRecord(b.texts, d)
	b.keys[Key{d.Kind, d.ID}] = true
	b.found, b.senses = b.found[:0], b.senses[:0]
	for _, l := range labels(d) {
		b.analyze(l, labelWeight, g)
	}
	b.analyze(d.Body, 1, g)
	b.closeWords()
	b.closeGloss()
}

// analyze notes the terms of a text, each as often as the weight says.
func (b *builder) analyze(text string, weight int, g Glosser) {
	if text == "" {
		return
	}
	var before rune
	scan(text, func(p piece) {
		if p.word != "" {
			before = 0
			b.word(p.word, weight, g != nil)
			return
		}
		if weight > 1 || !stopChars[p.char] {
			b.note(charKey(p.char), weight)
		}
		if p.joined && before != 0 {
			b.note(pairKey(before, p.char), weight)
		}
		before = p.char
	})
	if g != nil {
		for _, s := range sensesOf(g.Gloss(text)) {
			b.senses = append(b.senses, senseCount{b.lex.stem(s.term), s.weight * int64(weight)})
		}
	}
}

func (b *builder) word(w string, weight int, glossed bool) {
	stop := stopWords[w]
	if stop && weight == 1 {
		return
	}
	n := b.lex.word(w)
	b.note(stemKey|uint64(n), weight)
	if glossed && !stop {
		b.senses = append(b.senses, senseCount{n, oneSense * int64(weight)})
	}
}

func (b *builder) note(key uint64, weight int) {
	for range weight {
		b.found = append(b.found, key)
	}
}

func (b *builder) closeWords() {
	slices.Sort(b.found)
	into := &b.logs[words]
	for i := 0; i < len(b.found); {
		j := i + 1
		for j < len(b.found) && b.found[j] == b.found[i] {
			j++
		}
		into.add(b.found[i], wordCode(j-i))
		i = j
	}
	into.ends = append(into.ends, len(into.term))
	b.length[words] = append(b.length[words], lengthClass(len(b.found)))
}

// senseCount is a term of the gloss space with its weight in oneSense-ths, a
// whole number, so that sums do not depend on their order.
type senseCount struct {
	stem   uint32
	weight int64
}

const oneSense = 1 << 10

func (b *builder) closeGloss() {
	slices.SortFunc(b.senses, func(x, y senseCount) int { return int(x.stem) - int(y.stem) })
	into, total := &b.logs[gloss], int64(0)
	for i := 0; i < len(b.senses); {
		sum, j := int64(0), i
		for ; j < len(b.senses) && b.senses[j].stem == b.senses[i].stem; j++ {
			sum += b.senses[j].weight
		}
		into.add(stemKey|uint64(b.senses[i].stem), glossCode(float64(sum)/oneSense))
		total += sum
		i = j
	}
	into.ends = append(into.ends, len(into.term))
	b.length[gloss] = append(b.length[gloss], lengthClass(int((total+oneSense-1)/oneSense)))
}

// segment makes a segment of what was collected.
func (b *builder) segment(version string) (*segment, error) {
	s := &segment{rank: b.rank, version: version, n: len(b.starts), texts: string(b.texts)}
	s.starts = append(slices.Clone(b.starts), uint32(len(b.texts)))
	b.texts = nil
	s.raws = b.raws()
	for k := range s.streams {
		s.streams[k] = b.stream(k)
		b.logs[k] = postingLog{}
	}
	return s, s.derive()
}

// raws are the words whose stems are not themselves.
func (b *builder) raws() dict {
	var list []string
	for w, n := range b.lex.raw {
		if b.lex.text[n] != w {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	var w dictWriter
	for _, s := range list {
		w.add([]byte(s), 0, 0)
	}
	return w.dict
}

func (b *builder) stream(kind int) stream {
	from := &b.logs[kind]
	length := slices.Clone(b.length[kind])
	at, docs, codes := from.byTerm()
	w := newStreamWriter(kind, length)
	for _, t := range b.order(from) {
		w.add(b.term(from.keys[t]), docs[at[t]:at[t+1]], codes[at[t]:at[t+1]])
	}
	return w.stream(length)
}

// byTerm sorts the postings by term number, keeping the order of documents.
func (l *postingLog) byTerm() (at []int, docs []uint32, codes []byte) {
	at = make([]int, len(l.keys)+1)
	for t, n := range l.docs {
		at[t+1] = at[t] + int(n)
	}
	next := slices.Clone(at)
	docs, codes = make([]uint32, len(l.term)), make([]byte, len(l.term))
	i := 0
	for doc, end := range l.ends {
		for ; i < end; i++ {
			to := next[l.term[i]]
			next[l.term[i]]++
			docs[to], codes[to] = uint32(doc), l.code[i]
		}
	}
	return at, docs, codes
}

// order lists the term numbers in the order of their terms: stems and
// characters are sorted each in their own way and then merged.
func (b *builder) order(l *postingLog) []uint32 {
	var chars, stems []uint32
	for t, key := range l.keys {
		if key&stemKey != 0 {
			stems = append(stems, uint32(t))
		} else {
			chars = append(chars, uint32(t))
		}
	}
	text := func(t uint32) string { return b.lex.text[l.keys[t]&^stemKey] }
	slices.SortFunc(chars, func(x, y uint32) int {
		if l.keys[x] < l.keys[y] {
			return -1
		}
		return 1
	})
	slices.SortFunc(stems, func(x, y uint32) int { return strings.Compare(text(x), text(y)) })
	out := make([]uint32, 0, len(l.keys))
	for _, c := range chars {
		term := b.term(l.keys[c])
		for len(stems) > 0 && bytes.Compare([]byte(text(stems[0])), term) < 0 {
			out, stems = append(out, stems[0]), stems[1:]
		}
		out = append(out, c)
	}
	return append(out, stems...)
}
