package gloss

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/search"
)

// The origins of a gloss.
const (
	FromTermbase   = "termbase"
	FromDictionary = "dictionary"
)

// Table knows words of both languages and their English. It is safe for
// concurrent use.
type Table struct {
	phrases  []phrase          // sorted by their symbols
	symbols  []symbol          // of all phrases, one after the other
	pairs    pairIndex         // first two symbols to the phrases that begin with them
	chars    []uint32          // phrases of one common character, counted from 1
	singles  map[symbol]uint32 // other phrases of one symbol
	words    map[string]symbol // Latin words of phrases, lower case
	initials map[string]symbol // and those with capitals inside: BCI, eVTOL
	version  string
	terms    int
	entries  int
}

// symbol is a simplified Chinese character, or a Latin word of some phrase.
type symbol uint32

const firstWord symbol = 1 << 21 // above every character

// phrase is a word of a language with its gloss.
type phrase struct {
	at, n uint32 // its symbols
	form  string
	to    []search.WeightedTerm // none: it is known to say nothing
	how   kind
}

type kind uint8

const (
	ofDictionary kind = iota
	ofTermbase
	ofEnglish // of the termbase, in English
)

var _ search.Glosser = (*Table)(nil)

// New makes a table of terms and words; either may be empty. A form that two
// terms claim is the first one's, and a term goes before a word.
func New(terms []Term, words []Word) *Table {
	t := &Table{chars: make([]uint32, lastHan-firstHan+1), singles: map[symbol]uint32{}, words: map[string]symbol{}, initials: map[string]symbol{}}
	b := &builder{t: t, seen: map[string]bool{}, shared: map[string]string{}}
	sum := sha256.New()
	for i := range terms {
		b.term(&terms[i])
		digestTerm(sum, &terms[i])
	}
	b.english(terms)
	for i := range words {
		b.word(&words[i])
		digest(sum, append([]string{"w", words[i].ZH}, words[i].Senses...))
	}
	digest(sum, []string{"method", method})
	t.version = hex.EncodeToString(sum.Sum(nil)[:8])
	t.terms, t.entries = len(terms), len(words)
	b.finish()
	return t
}

// method changes when the same rows would give other glosses.
const method = "2"

func digestTerm(h hash.Hash, t *Term) {
	digest(h, []string{"t", t.ZH, t.EN})
	digest(h, t.AlsoZH)
	digest(h, t.AlsoEN)
}

// digest writes a list so that no two lists write the same.
func digest(h hash.Hash, parts []string) {
	for _, p := range parts {
		h.Write([]byte(strconv.Itoa(len(p)) + ":" + p))
	}
	h.Write([]byte{'\n'})
}

// Version names what the table is made of: other rows, another version.
func (t *Table) Version() string { return t.version }

// Len returns how many terms and how many words of a dictionary went in.
func (t *Table) Len() (terms, words int) { return t.terms, t.entries }

// builder fills a table.
type builder struct {
	t      *Table
	seen   map[string]bool   // symbols of forms taken
	shared map[string]string // each English word once
}

// term adds the Chinese forms of a term.
func (b *builder) term(t *Term) {
	to := b.intern(weigh(append([]string{t.EN}, t.AlsoEN...)))
	for _, form := range append([]string{t.ZH}, t.AlsoZH...) {
		if strings.ContainsFunc(form, unified) {
			b.add(form, to, ofTermbase)
		}
	}
}

// word adds an entry of a dictionary. Numerals, units and particles are known
// as words, so that they are not taken apart, but give nothing.
func (b *builder) word(w *Word) {
	if silent(w.ZH) {
		b.add(w.ZH, nil, ofDictionary)
		return
	}
	b.add(w.ZH, b.intern(weigh(w.Senses)), ofDictionary)
}

// english adds the English phrases and abbreviations of the terms. Single
// lower-case words have too many meanings; an abbreviation that two terms claim
// has none.
func (b *builder) english(terms []Term) {
	claims := map[string]int{}
	for i := range terms {
		for _, form := range append([]string{terms[i].EN}, terms[i].AlsoEN...) {
			claims[strings.ToLower(form)]++
		}
	}
	for i := range terms {
		forms := append([]string{terms[i].EN}, terms[i].AlsoEN...)
		for _, form := range forms {
			if !strings.ContainsAny(form, " -–/") && (!capitals(form) || claims[strings.ToLower(form)] > 1) {
				continue
			}
			if to := b.intern(others(form, forms)); len(to) > 0 {
				b.add(form, to, ofEnglish)
			}
		}
	}
}

// others weighs the words of a term that a form of it lacks, at half: they are
// said in other words already.
func others(form string, forms []string) []search.WeightedTerm {
	own := content(form)
	all := weigh(forms)
	out := all[:0:0]
	for _, w := range all {
		if !repeated(own, w.Term) {
			out = append(out, search.WeightedTerm{Term: w.Term, Weight: w.Weight / 2, Senses: w.Senses})
		}
	}
	return out
}

func (b *builder) intern(to []search.WeightedTerm) []search.WeightedTerm {
	for i := range to {
		if s, ok := b.shared[to[i].Term]; ok {
			to[i].Term = s
			continue
		}
		own := strings.Clone(to[i].Term)
		b.shared[own] = own
		to[i].Term = own
	}
	return slices.Clip(to)
}

// add puts in one form unless it is there.
func (b *builder) add(form string, to []search.WeightedTerm, how kind) {
	at := uint32(len(b.t.symbols))
	b.t.symbols = b.spell(b.t.symbols, form)
	own := b.t.symbols[at:]
	key := spelt(own)
	if len(own) == 0 || len(own) > maxSymbols || b.seen[key] {
		b.t.symbols = b.t.symbols[:at]
		return
	}
	b.seen[key] = true
	b.t.phrases = append(b.t.phrases, phrase{at: at, n: uint32(len(own)), form: strings.Clone(form), to: to, how: how}) // a form may be a piece of a long line
}

// maxSymbols bounds a form in characters and words.
const maxSymbols = 24

func spelt(s []symbol) string {
	out := make([]byte, 0, 4*len(s))
	for _, v := range s {
		out = append(out, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	return string(out)
}

// spell appends the symbols of a form, giving numbers to its Latin words.
func (b *builder) spell(out []symbol, form string) []symbol {
	cut(form, func(p piece) {
		if p.char != 0 {
			out = append(out, symbol(p.char))
			return
		}
		names, key := b.t.words, p.word
		if capitals(form[p.start:p.end]) {
			names, key = b.t.initials, form[p.start:p.end]
		}
		v, known := names[key]
		if !known {
			v = firstWord + symbol(len(b.t.words)+len(b.t.initials))
			names[key] = v
		}
		out = append(out, v)
	})
	return out
}

// capitals reports a word with a capital after its first letter, or a digit
// beside letters: BCI, eVTOL, CO2, 5G. Its spelling tells it from other words.
func capitals(w string) bool {
	capital, letter, digit := false, false, false
	for i, r := range w {
		capital = capital || i > 0 && unicode.IsUpper(r)
		letter = letter || unicode.IsLetter(r)
		digit = digit || unicode.IsDigit(r)
	}
	return capital || letter && digit
}

func unified(r rune) bool { return fold.IsHan(r) }
