package gloss

import (
	"sync"

	"github.com/kapok-city/kapok/internal/search"
)

// Gloss returns the words of a text that the table knows, in order and apart
// from each other, with their English. A text may be of any length and need not
// be valid UTF-8.
func (t *Table) Gloss(text string) []search.Gloss {
	var out []search.Gloss
	t.each(text, func(start, end int, p *phrase) {
		if p == nil || len(p.to) == 0 {
			return
		}
		origin := FromTermbase
		if p.how == ofDictionary {
			origin = FromDictionary
		}
		out = append(out, search.Gloss{Start: start, End: end, From: p.form, To: p.to, Origin: origin})
	})
	return out
}

// run is a stretch of a text in which phrases may stand.
type run struct {
	symbols    []symbol
	start, end []int
	cost       []int32 // least cost from here to the end of the run
	pick       []int32 // the phrase that begins there, -1 for none
}

var runs = sync.Pool{New: func() any { return new(run) }}

// maxRun bounds a run, and with it the memory that a text without punctuation
// takes.
const maxRun = 4096

// each calls emit for each word of the segmented text; p is nil for a Chinese
// character that the table does not know.
func (t *Table) each(text string, emit func(start, end int, p *phrase)) {
	r := runs.Get().(*run)
	defer runs.Put(r)
	r.reset()
	cut(text, func(p piece) {
		s := t.symbolOf(text, p)
		if s == 0 || !p.joined || len(r.symbols) == maxRun {
			t.segment(r, emit)
		}
		if s != 0 {
			r.symbols, r.start, r.end = append(r.symbols, s), append(r.start, p.start), append(r.end, p.end)
		}
	})
	t.segment(r, emit)
}

func (r *run) reset() { r.symbols, r.start, r.end = r.symbols[:0], r.start[:0], r.end[:0] }

// symbolOf returns 0 for a word that stands in no phrase.
func (t *Table) symbolOf(text string, p piece) symbol {
	if p.char != 0 {
		return symbol(p.char)
	}
	if own := text[p.start:p.end]; capitals(own) {
		if s := t.initials[own]; s != 0 {
			return s
		}
	}
	return t.words[p.word]
}

// The costs of a segmentation: few words, long terms before words, and among
// equals the more even one (the third rule of mmseg).
const (
	costTerm    = 700
	costWord    = 1000
	costUnknown = 1400
	costUneven  = 3
	evenAbove   = 8
)

func (p *phrase) cost() int32 {
	n := int32(min(p.n, evenAbove)) //nolint:gosec // at most 8
	if p.how == ofDictionary {
		return costWord + costUneven*n*n
	}
	return costTerm + costUneven*n*n
}

// segment finds the cheapest segmentation of a run from its end to its start,
// emits it and empties the run.
func (t *Table) segment(r *run, emit func(start, end int, p *phrase)) {
	n := len(r.symbols)
	if n == 0 {
		return
	}
	r.cost, r.pick = grow(r.cost, n+1), grow(r.pick, n)
	r.cost[n] = 0
	for i := n - 1; i >= 0; i-- {
		t.best(r, i)
	}
	for i := 0; i < n; {
		if r.pick[i] < 0 {
			if r.symbols[i] < firstWord {
				emit(r.start[i], r.end[i], nil)
			}
			i++
			continue
		}
		p := &t.phrases[r.pick[i]]
		emit(r.start[i], r.end[i+int(p.n)-1], p)
		i += int(p.n)
	}
	r.reset()
}

func grow(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n, 2*n)
	}
	return s[:n]
}

// best picks the phrase that begins the cheapest segmentation from i on.
func (t *Table) best(r *run, i int) {
	r.pick[i], r.cost[i] = -1, costUnknown+r.cost[i+1]
	if at, ok := t.single(r.symbols[i]); ok {
		r.pick[i], r.cost[i] = int32(at), t.phrases[at].cost()+r.cost[i+1] //nolint:gosec // under 2^31 phrases
	}
	if i+1 == len(r.symbols) {
		return
	}
	from, n := t.pairs.find(pairKey(r.symbols[i], r.symbols[i+1]))
	for lo, hi, depth := from, from+n, uint32(2); lo < hi; depth++ {
		if p := &t.phrases[lo]; p.n == depth {
			if c := p.cost() + r.cost[i+int(depth)]; c < r.cost[i] {
				r.pick[i], r.cost[i] = int32(lo), c //nolint:gosec // under 2^31 phrases
			}
			lo++
		}
		if i+int(depth) >= len(r.symbols) {
			return
		}
		lo, hi = t.narrow(lo, hi, depth, r.symbols[i+int(depth)])
	}
}

// narrow returns the phrases among [lo, hi), all longer than depth, that have s
// there.
func (t *Table) narrow(lo, hi, depth uint32, s symbol) (uint32, uint32) {
	end := hi
	for lo < hi {
		if mid := lo + (hi-lo)/2; t.symbols[t.phrases[mid].at+depth] < s {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for hi = lo; hi < end && t.symbols[t.phrases[hi].at+depth] == s; hi++ {
	}
	return lo, hi
}

// single finds a phrase of one symbol.
func (t *Table) single(s symbol) (uint32, bool) {
	if s >= firstHan && s <= lastHan {
		at := t.chars[s-firstHan]
		return at - 1, at > 0
	}
	at, ok := t.singles[s]
	return at, ok
}
