package search

import "sync"

// prefixPart is what a term is worth that only begins like the word typed.
const prefixPart = 0.6

// boxScorer adds up a box query over the documents of a part: it needs them
// all, because they are counted.
type boxScorer struct {
	sums []uint32
	held []uint8
	unit []uint32 // of the unit at hand, where several terms stand for it
	said []uint32 // which of them a document holds, as standIn.bit
	hit  []uint32 // documents of the unit at hand
	list list
	b    block
}

var boxScorers = sync.Pool{New: func() any { return new(boxScorer) }}

func (b *boxScorer) reset(n int) {
	if cap(b.sums) < n {
		b.sums, b.held, b.unit, b.said = make([]uint32, n), make([]uint8, n), make([]uint32, n), make([]uint32, n)
	}
	b.sums, b.held, b.unit, b.said = b.sums[:n], b.held[:n], b.unit[:n], b.said[:n]
	clear(b.sums)
	clear(b.held)
}

// standIn is a term that counts for a unit.
type standIn struct {
	stream int
	entry  entry
	scaled float32
	bit    uint32 // of a word of a gloss, that of a way
}

// itself is the bit of a term that says the unit by itself.
const itself = 1 << maxStandIns

// box returns the documents that hold enough units, and their scores; top is
// what no score of all units can exceed.
func (p *part) box(pl *plan, b *boxScorer) bitset {
	b.reset(p.n)
	for _, u := range pl.units {
		b.add(p, pl, &u, p.standIns(pl, u))
	}
	out, need := newBitset(p.n), uint8(enough(len(pl.units)))
	for n, h := range b.held {
		if h >= need && h > 0 {
			out.set(uint32(n))
		}
	}
	return out
}

func (p *part) standIns(pl *plan, u unit) []standIn {
	var out []standIn
	for _, t := range p.expand(u) {
		out = append(out, standIn{words, t.entry, float32(pl.worth(t) * scale), itself})
	}
	for i, s := range u.senses {
		if e, ok := p.streams[gloss].find(s.term); ok {
			w := pl.q.Gloss * float64(s.weight) / oneSense * pl.stats.idf(gloss, s.term)
			out = append(out, standIn{gloss, e, float32(w * scale), 1 << i})
		}
	}
	return out
}

// worth is the idf of a term of a unit.
func (p *plan) worth(t expanded) float64 {
	w := p.stats.idf(words, t.term)
	if !t.exact {
		w *= prefixPart
	}
	return w
}

// add adds a unit to the documents that say it: of the terms that stand for it,
// a document's best one.
func (b *boxScorer) add(p *part, pl *plan, u *unit, terms []standIn) {
	b.hit = b.hit[:0]
	for _, t := range terms {
		sat, st := pl.sat[t.stream], &p.streams[t.stream]
		b.list.open(st.postings[t.entry.at:], t.entry.docs, codecs[t.stream].usual)
		b.list.each(&b.b, func(doc uint32, code byte) {
			part := units(t.scaled, sat.of(code, st.length[doc]))
			if b.said[doc] == 0 {
				b.hit = append(b.hit, doc)
			}
			b.said[doc] |= t.bit
			b.unit[doc] = max(b.unit[doc], part)
		})
	}
	for _, doc := range b.hit {
		if said := b.said[doc]; said&itself != 0 || u.saidBy(said) {
			b.sums[doc] += b.unit[doc]
			b.held[doc]++
		}
		b.unit[doc], b.said[doc] = 0, 0
	}
}

// mostOf is the most that all units of a query together can earn anywhere: a
// name that equals the query earns so much besides. It depends on the counts
// only, so that every part and shard gets the same.
func (p *plan) mostOf() float64 {
	sum := 0.0
	for _, u := range p.units {
		sum += p.stats.idf(words, u.term)
	}
	return sum
}

// equals marks the documents with a name that equals the query.
func (p *part) equals(pl *plan) bitset {
	key := pl.equalName()
	if key == "" {
		return nil
	}
	var out bitset
	p.named(key, func(folded string, r nameRef) bool {
		if folded != key {
			return false
		}
		if out == nil {
			out = newBitset(p.n)
		}
		out.set(r.doc)
		return true
	})
	return out
}
