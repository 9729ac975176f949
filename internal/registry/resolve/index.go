package resolve

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/fold"
)

// maxWords is the longest name, in content words, that is looked for.
const maxWords = 12

// commonSpread is the number of countries from which on a word says nothing
// about which organisation is meant.
const commonSpread = 13

// Index holds the names of organisations in the forms that Resolve looks up.
// It is immutable after Build and safe for concurrent use.
type Index struct {
	orgs  []org
	byID  map[string]int32
	texts string // all name texts, one after the other

	vocab  map[string]uint32 // word → id, from 1
	spread []uint8           // by word id: in how many countries its names lie
	before []uint16          // by word id: names in which it stands before a head word

	names    []name   // sorted by key
	tokens   []uint32 // words of names, in order
	table    table    // key → first of names
	acronyms map[string][]acronym
	han      hanIndex
	near     nearIndex
	places   places
	core     map[string][]hanName // company names without seat and legal form
}

type org struct {
	id, ror  string // ror is bare, "" when it has none
	country  country
	city     uint32 // places city number, 0 when unknown
	label    span   // the name shown
	labelled bool   // label is an official name
	stands   int32  // the organisation answered for it: itself, its successor or parent; -1 none
	parents  []int32
	campuses []int32 // universities of a university system

	education, university, system, company, health bool
}

// name is one way to write an organisation's name, as words.
type name struct {
	key      uint64
	org      int32
	text     span // in texts
	tok      uint32
	n        uint8
	kind     uint8
	distinct bool // has a word that few countries use
}

type span struct{ at, n uint32 }

const (
	kindLabel = iota
	kindAlias
	kindCore // a name that loses a legal form
	kindAcronym
)

func (x *Index) text(s span) string { return x.texts[s.at : s.at+s.n] }

// Len returns the number of organisations.
func (x *Index) Len() int { return len(x.orgs) }

// Build makes an index of the organisations. Of two with the same id the first
// counts. The order of the organisations does not change any answer but for
// organisations that share every name and place.
func Build(orgs iter.Seq[Org]) *Index {
	b := builder{
		x:         &Index{byID: map[string]int32{}, vocab: map[string]uint32{}, acronyms: map[string][]acronym{}, core: map[string][]hanName{}},
		countries: [][4]uint64{{}},
	}
	b.x.before = []uint16{0}
	b.x.places.init()
	var links []Org
	for o := range orgs {
		if _, dup := b.x.byID[o.ID]; dup {
			continue
		}
		b.add(o)
		links = append(links, Org{Status: o.Status, Parents: o.Parents, Successors: o.Successors, Types: o.Types})
	}
	b.link(links)
	b.finish()
	return b.x
}

type builder struct {
	x         *Index
	text      strings.Builder
	countries [][4]uint64 // by word id: set of countries
	m         mention
	hanNames  []hanName

	placeWords []uint32 // ids of words in place names
}

func (b *builder) add(o Org) {
	at := int32(len(b.x.orgs))
	b.x.byID[o.ID] = at
	rec := org{
		id:        o.ID,
		ror:       bareROR(o.ROR),
		country:   countryOf(o.Country),
		city:      b.x.places.addCity(o.City, countryOf(o.Country)),
		stands:    at,
		education: slices.Contains(o.Types, "education") || slices.Contains(o.Types, "university"),
		company:   slices.Contains(o.Types, "company") || slices.Contains(o.Types, "enterprise"),
		health:    slices.Contains(o.Types, "healthcare") || slices.Contains(o.Types, "hospital"),
	}
	if rec.city == 0 && o.Division != "" {
		rec.city = b.x.places.divisionCity(o.Division)
	}
	b.x.orgs = append(b.x.orgs, rec)
	for _, n := range o.Names {
		b.addName(at, n)
	}
	for _, n := range zhAliases()[bareROR(o.ROR)] {
		b.addName(at, n)
	}
}

func (b *builder) addName(at int32, n Name) {
	kind := uint8(kindAlias)
	switch n.Kind {
	case Label:
		kind = kindLabel
	case Acronym:
		kind = kindAcronym
	}
	text := strings.TrimSpace(n.Text)
	if text == "" || len(text) > 400 {
		return
	}
	s := b.keep(text)
	if rec := &b.x.orgs[at]; rec.label.n == 0 || n.Kind == Label && !rec.labelled {
		rec.label, rec.labelled = s, n.Kind == Label
	}
	if strings.ContainsFunc(text, fold.Unspaced) {
		b.addHan(at, kind, s)
		return
	}
	if kind == kindAcronym || !strings.ContainsRune(text, ' ') && len(text) <= 6 && isUpper(text) {
		b.addAcronym(at, s)
		return
	}
	for _, form := range b.forms(text) {
		b.addWords(at, kind, s, form)
	}
}

func (b *builder) keep(text string) span {
	s := span{uint32(b.text.Len()), uint32(len(text))}
	b.text.WriteString(text)
	return s
}

// umlauts spells out what folding would merely strip: Würzburg is written
// Wurzburg and Wuerzburg.
var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ø", "oe", "Ø", "Oe", "å", "aa", "Å", "Aa")

// forms lists the ways in which a spaced name is written: as it is, without a
// bracket at its end, and with its umlauts spelt out. A bracket that holds a
// country or an acronym, "(Denmark)" or "(UFPR)", is no part of the name.
func (b *builder) forms(text string) []string {
	out := []string{text}
	if open := strings.LastIndexByte(text, '('); open > 3 && strings.HasSuffix(text, ")") {
		inner, bare := text[open+1:len(text)-1], strings.TrimSpace(text[:open])
		if isUpper(inner) || b.x.places.isCountry(inner) {
			out[0] = bare
		} else {
			out = append(out, bare)
		}
	}
	if german := umlauts.Replace(out[0]); german != out[0] {
		out = append(out, german)
	}
	return out
}

func (b *builder) addAcronym(at int32, s span) {
	key := fold.Name(b.text.String()[s.at : s.at+s.n])
	if len(key) < acronymShortest {
		return
	}
	for _, a := range b.x.acronyms[key] {
		if a.org == at {
			return
		}
	}
	b.x.acronyms[key] = append(b.x.acronyms[key], acronym{at, s})
}

type acronym struct {
	org  int32
	text span
}

func (b *builder) addWords(at int32, kind uint8, s span, text string) {
	b.m.cut(text)
	b.m.canonical()
	first := uint32(len(b.x.tokens))
	var prev uint32
	for i := range b.m.words {
		w := &b.m.words[i]
		if w.legal && kind < kindCore {
			kind = kindCore
		}
		if w.stop {
			continue
		}
		id := b.word(w.text, b.x.orgs[at].country)
		b.x.tokens = append(b.x.tokens, id)
		if prev != 0 && headWords[w.text] && i > 0 && !b.m.words[i-1].stop && b.x.before[prev] < 1<<15 {
			b.x.before[prev]++
		}
		prev = id
	}
	n := len(b.x.tokens) - int(first)
	if n == 0 || n > maxWords {
		b.x.tokens = b.x.tokens[:first]
		return
	}
	b.x.names = append(b.x.names, name{
		key: bagKey(b.x.tokens[first:]), org: at, text: s, tok: first, n: uint8(n), kind: kind,
	})
}

// headWords name kinds of institutions; a word before one is part of its name.
var headWords = map[string]bool{
	"university": true, "institute": true, "college": true, "hospital": true, "academy": true,
	"center": true, "school": true, "laboratory": true, "polytechnic": true, "clinic": true,
}

func (b *builder) word(text string, c country) uint32 {
	id, ok := b.x.vocab[text]
	if !ok {
		id = uint32(len(b.countries))
		b.x.vocab[strings.Clone(text)] = id
		b.countries = append(b.countries, [4]uint64{})
		b.x.before = append(b.x.before, 0)
	}
	b.countries[id][c>>6&3] |= 1 << (c & 63)
	return id
}

// link turns ids into numbers and settles which organisation is answered for
// each.
func (b *builder) link(orgs []Org) {
	for i, o := range orgs {
		for _, id := range o.Parents {
			if p, ok := b.x.byID[id]; ok && int(p) != i {
				b.x.orgs[i].parents = append(b.x.orgs[i].parents, p)
			}
		}
	}
	for i := range orgs {
		rec := &b.x.orgs[i]
		label := fold.Name(b.text.String()[rec.label.at : rec.label.at+rec.label.n])
		rec.system = strings.Contains(label, "system") && strings.Contains(label, "univers") && rec.education
		rec.university = rec.education && (strings.Contains(label, "univers") || strings.Contains(label, "大学"))
		rec.stands = b.standsFor(orgs, int32(i))
	}
	b.campuses()
}

// campuses lists the universities of each university system.
func (b *builder) campuses() {
	for i := range b.x.orgs {
		if o := &b.x.orgs[i]; o.university && o.stands == int32(i) {
			for _, p := range o.parents {
				if sys := &b.x.orgs[p]; sys.system && sys.country == o.country {
					sys.campuses = append(sys.campuses, int32(i))
				}
			}
		}
	}
}

// standsFor follows the successors of a withdrawn organisation, or its parent.
func (b *builder) standsFor(orgs []Org, at int32) int32 {
	for range 5 {
		if orgs[at].Status != "withdrawn" {
			return at
		}
		i := slices.IndexFunc(orgs[at].Successors, func(id string) bool { _, ok := b.x.byID[id]; return ok })
		switch {
		case i >= 0:
			at = b.x.byID[orgs[at].Successors[i]]
		case len(b.x.orgs[at].parents) > 0:
			at = b.x.orgs[at].parents[0]
		default:
			return -1
		}
	}
	return -1
}

func (b *builder) finish() {
	x := b.x
	x.texts = b.text.String()
	x.names = slices.DeleteFunc(x.names, func(n name) bool { return x.orgs[n.org].stands < 0 })
	b.hanNames = slices.DeleteFunc(b.hanNames, func(n hanName) bool { return x.orgs[n.org].stands < 0 })
	x.spread = make([]uint8, len(b.countries))
	for id, set := range b.countries {
		for _, w := range set {
			x.spread[id] += uint8(bits.OnesCount64(w))
		}
	}
	for i := range x.names {
		n := &x.names[i]
		for _, id := range x.tokens[n.tok : n.tok+uint32(n.n)] {
			n.distinct = n.distinct || x.spread[id] < commonSpread
		}
	}
	slices.SortFunc(x.names, func(a, c name) int {
		return cmp.Or(cmp.Compare(a.key, c.key), cmp.Compare(a.org, c.org), cmp.Compare(a.kind, c.kind), cmp.Compare(a.text.at, c.text.at))
	})
	b.joinParents()
	x.han = newHanIndex(b.hanNames)
	x.places.finish(x)
	x.dropPlaceNames()
	x.companyCores()
	x.near = newNearIndex(x)
}

// dropPlaceNames takes out names of which only a place is left ("Lyon I",
// "Seattle U"): in a text they are the place.
func (x *Index) dropPlaceNames() {
	x.names = slices.Clip(slices.DeleteFunc(x.names, func(n name) bool {
		_, ok := x.places.byKey[n.key]
		return ok
	}))
	x.table = newTable(x.names)
}

// bagKey is the same for the same words in any order.
func bagKey(ids []uint32) uint64 {
	var k uint64
	for _, id := range ids {
		k += mix(id)
	}
	return k
}

// mix spreads a word id over 64 bits (the finaliser of splitmix64), so that
// sums of different bags do not meet in practice; equal keys are compared
// word by word anyway.
func mix(id uint32) uint64 {
	z := (uint64(id) + 1) * 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// table finds the first name of a key by open addressing.
type table struct {
	slots []uint32 // index of a name + 1
	mask  uint64
}

func newTable(names []name) table {
	size := 16
	for size < 2*len(names) {
		size *= 2
	}
	t := table{slots: make([]uint32, size), mask: uint64(size - 1)}
	for i := range names {
		if i > 0 && names[i].key == names[i-1].key {
			continue
		}
		at := names[i].key & t.mask
		for t.slots[at] != 0 {
			at = (at + 1) & t.mask
		}
		t.slots[at] = uint32(i + 1)
	}
	return t
}

// group returns the names that consist of the words with this key.
func (x *Index) group(key uint64) []name {
	for at := key & x.table.mask; x.table.slots[at] != 0; at = (at + 1) & x.table.mask {
		i := int(x.table.slots[at] - 1)
		if x.names[i].key != key {
			continue
		}
		end := i + 1
		for end < len(x.names) && x.names[end].key == key {
			end++
		}
		return x.names[i:end]
	}
	return nil
}
