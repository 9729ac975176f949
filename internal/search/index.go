package search

import (
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// Index is a text index. The zero value is not ready: use New. It is safe for
// concurrent use: a search reads the segments that are published at its start
// and waits for nobody.
type Index struct {
	flushAt int // bytes of text at which collected documents become a segment

	write   sync.Mutex // held by whoever changes what stands below
	pending [levels]*builder
	deletes map[*part]*deleted
	kinds   map[string]bool

	dirty   atomic.Bool // something is collected that is not published
	live    atomic.Int64
	state   atomic.Pointer[state]
	glosser atomic.Pointer[glosserBox]

	follow sync.Mutex // held while CatchUp or Rebuild runs
	seq    int64      // last change entry handled; guarded by follow
}

type glosserBox struct{ Glosser }

// Option changes how an index works.
type Option func(*Index)

// FlushAt sets how many bytes of text are collected before they become a
// segment by themselves. They do so before the next search in any case.
func FlushAt(bytes int) Option { return func(x *Index) { x.flushAt = bytes } }

const (
	levels   = 4
	maxKinds = 255      // what fits a document's byte
	maxText  = 64 << 10 // bytes of a document's body, of a title, of all its names; the rest is not indexed
)

// New returns an empty index.
func New(opts ...Option) *Index {
	x := &Index{flushAt: 32 << 20, deletes: map[*part]*deleted{}, kinds: map[string]bool{}}
	x.state.Store(&state{})
	x.glosser.Store(&glosserBox{})
	for _, o := range opts {
		o(x)
	}
	return x
}

// SetGlosser says what brings text into the gloss stream; nil leaves the
// stream empty. Documents are glossed when they are put.
func (x *Index) SetGlosser(g Glosser) { x.glosser.Store(&glosserBox{g}) }

func (x *Index) gloss() Glosser { return x.glosser.Load().Glosser }

func versionOf(g Glosser) string {
	if g == nil {
		return "none"
	}
	return "=" + g.Version()
}

// Stale reports whether documents were glossed by another version than the
// glosser's present one, so that a Rebuild is due.
func (x *Index) Stale() bool {
	version := versionOf(x.gloss())
	for _, p := range x.view().parts {
		if p.version != version {
			return true
		}
	}
	return false
}

// Len returns how many documents the index holds.
func (x *Index) Len() int { return int(x.live.Load()) }

// Put adds a document, or replaces the one with its kind and id. Every search
// that starts after Put has returned finds it; but one that starts while
// another write is going on may still be answered without it.
func (x *Index) Put(d Doc) error {
	d, err := clean(d)
	if err != nil {
		return err
	}
	x.write.Lock()
	defer x.write.Unlock()
	if !x.kinds[d.Kind] && len(x.kinds) == maxKinds {
		return badDoc(d)
	}
	x.kinds[d.Kind] = true
	x.remove(Key{d.Kind, d.ID})
	b := x.collecting(d.Level.Rank())
	b.add(&d, x.gloss())
	x.live.Add(1)
	x.dirty.Store(true)
	if len(b.texts) >= x.flushAt {
		return x.flush(true)
	}
	return nil
}

// Delete removes a document. One that is not there is no error.
func (x *Index) Delete(kind, id string) {
	x.write.Lock()
	defer x.write.Unlock()
	x.remove(Key{kind, id})
}

func (x *Index) collecting(rank int) *builder {
	if x.pending[rank] == nil {
		x.pending[rank] = newBuilder(rank)
	}
	return x.pending[rank]
}

// remove notes that a document is no longer there.
func (x *Index) remove(key Key) {
	for _, b := range x.pending {
		if b != nil && b.keys[key] {
			_ = x.flush(false) // what was collected is sound, and the document now stands in a segment
			break
		}
	}
	for _, p := range x.state.Load().parts {
		if n, ok := p.find(key); ok && !p.isDead(n) && x.deleted(p).add(n) {
			x.live.Add(-1)
			x.dirty.Store(true)
			return
		}
	}
}

// deleted are the documents of a part that are to go with the next flush.
type deleted struct {
	docs []uint32
	set  bitset
}

func (x *Index) deleted(p *part) *deleted {
	d := x.deletes[p]
	if d == nil {
		d = &deleted{set: newBitset(p.n)}
		x.deletes[p] = d
	}
	return d
}

// add reports whether the document was not among them yet.
func (d *deleted) add(n uint32) bool {
	if d.set.has(n) {
		return false
	}
	d.set.set(n)
	d.docs = append(d.docs, n)
	return true
}

// clean bounds the texts of a document and makes them valid.
func clean(d Doc) (Doc, error) {
	if d.Kind == "" || d.ID == "" || len(d.Kind) > 200 || len(d.ID) > 2000 || !utf8.ValidString(d.Kind+d.ID) {
		return d, badDoc(d)
	}
	if d.Level == "" {
		d.Level = level.Public
	}
	d.Level = level.Levels[d.Level.Rank()]
	d.Title = i18n.Text{ZH: cut(d.Title.ZH, maxText), EN: cut(d.Title.EN, maxText)}
	d.Names, d.Body = names(d), cut(d.Body, maxText)
	return d, nil
}

func badDoc(d Doc) error {
	return errs.New(errs.Invalid, "search.bad_doc", errs.A{"kind": cut(d.Kind, 200), "id": cut(d.ID, 200)})
}

// names drops names that are titles and repeats, and bounds the rest.
func names(d Doc) []string {
	var out []string
	seen := map[string]bool{"": true, d.Title.ZH: true, d.Title.EN: true}
	left := maxText
	for _, n := range d.Names {
		n = strings.ToValidUTF8(n, "\uFFFD")
		if seen[n] {
			continue
		}
		seen[n] = true
		if left -= len(n); left < 0 {
			break
		}
		out = append(out, n)
	}
	return out
}

func boost(b float64) float32 {
	if !(b > 0) { // also for NaN
		return 1
	}
	return float32(min(b, 1000))
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
