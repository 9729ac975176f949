package search

import "slices"

// weighted is a term to score, with its weight in the score.
type weighted struct {
	id     int // of the want
	stream int
	term   string
	strong bool
	scaled float32 // idf and weights, times scale
}

// scale is how many units of a score make one. Parts are whole units, so that
// a sum is the same in whatever order it is made: pruned or not, on one
// machine or many, and in an explanation. A part is never zero.
const scale = 1 << 15

func points(units uint32) float64 { return float64(units) / scale }

func units(scaled, saturation float32) uint32 { return 1 + uint32(scaled*saturation) }

// cursor reads the postings of one term of a query from front to back.
type cursor struct {
	list
	scaled float32
	grow   float32 // by how much bounds made for another average may be too low
	sat    *saturations
	length []byte
	top    uint32 // bound of the whole list

	at     int  // block that is next, or open
	opened int  // block that is unpacked, -1 for none
	coded  bool // its codes too
	pos    int  // first posting in it that is not behind
	window uint32
	block  block
	parts  [postBlock]uint32 // of a short list
}

// open makes c ready to read a term in a part.
func (c *cursor) open(p *part, w weighted, e entry, pl *plan) {
	st := &p.streams[w.stream]
	c.list.open(st.postings[e.at:], e.docs, codecs[w.stream].usual)
	c.scaled, c.sat, c.length = w.scaled, pl.sat[w.stream], st.length
	c.grow = float32(max(1, average(pl.stats.total[w.stream], pl.stats.docs)/average(st.total, p.n)))
	c.at, c.opened, c.coded, c.pos, c.top = 0, -1, false, 0, 0
	if c.isShort() {
		c.openShort()
		return
	}
	c.top = c.bound(slices.Max(c.list.top))
}

func (c *cursor) openShort() {
	c.readDocs(0, &c.block)
	c.opened, c.coded = 0, true
	for i := range c.block.n {
		c.parts[i] = c.part(c.block.docs[i], c.block.codes[i])
		c.top = max(c.top, c.parts[i])
	}
}

// part is what a posting adds to the score of its document.
func (c *cursor) part(doc uint32, code byte) uint32 {
	return units(c.scaled, c.sat.of(code, c.length[doc]))
}

func (c *cursor) bound(top byte) uint32 {
	return units(c.scaled, min(1, float32(top)*c.grow*(1.0001/255))) + 1
}

// enter moves to the first block that reaches into the window [from, to) and
// notes the most that a document of the window can earn; 0 when it holds none.
func (c *cursor) enter(from, to uint32) {
	if c.isShort() {
		c.enterShort(from, to)
		return
	}
	for c.at < len(c.last) && c.last[c.at] < from {
		c.at++
	}
	top := byte(0)
	for i := c.at; i < len(c.last) && (i == c.at || c.last[i-1]+1 < to); i++ {
		top = max(top, c.list.top[i])
	}
	if c.window = 0; top > 0 {
		c.window = c.bound(top)
	}
}

func (c *cursor) enterShort(from, to uint32) {
	b := &c.block
	for c.pos < b.n && b.docs[c.pos] < from {
		c.pos++
	}
	c.window = 0
	for i := c.pos; i < b.n && b.docs[i] < to; i++ {
		c.window = max(c.window, c.parts[i])
	}
}

// load unpacks block i.
func (c *cursor) load(i int, codes bool) {
	if c.opened != i {
		c.readDocs(i, &c.block)
		c.opened, c.coded, c.pos = i, false, 0
	}
	if codes && !c.coded {
		c.readCodes(i, &c.block)
		c.coded = true
	}
}

// addTo adds the parts of the postings in the window to the sums of all
// documents.
func (c *cursor) addTo(sums []uint32, from, to uint32) {
	if c.isShort() {
		for ; c.pos < c.block.n && c.block.docs[c.pos] < to; c.pos++ {
			sums[c.block.docs[c.pos]] += c.parts[c.pos]
		}
		return
	}
	for ; c.at < len(c.last); c.at++ {
		c.load(c.at, true)
		if !c.addBlock(sums, from, to) {
			return
		}
	}
}

// addBlock adds the rest of the open block and reports whether the window goes
// on behind it.
func (c *cursor) addBlock(sums []uint32, from, to uint32) bool {
	docs, codes := c.block.docs[:c.block.n], c.block.codes[:c.block.n]
	i := c.pos
	for i < len(docs) && docs[i] < from {
		i++
	}
	end := len(docs)
	for end > i && docs[end-1] >= to {
		end--
	}
	addParts(sums, docs[i:end], codes[i:end], c.length, c.scaled, c.sat)
	c.pos = end
	return end == len(docs)
}

// addParts is where most of the time of a search is spent.
func addParts(sums []uint32, docs []uint32, codes, length []byte, scaled float32, sat *saturations) {
	codes, length = codes[:len(docs)], length[:len(sums)]
	for i, d := range docs {
		sums[d] += units(scaled, sat.of(codes[i], length[d]))
	}
}

// within estimates how many postings lie in the window.
func (c *cursor) within(from, to uint32) int {
	return c.docs * int(to-from) / len(c.length)
}

// probe adds the parts of the term to documents, which ascend, but for those
// that cannot reach the threshold with the rest that other terms may add.
func (c *cursor) probe(docs, sums []uint32, rest, threshold uint32) {
	for _, doc := range docs {
		c.seek(doc)
		most := c.window
		if !c.isShort() && c.at < len(c.last) {
			most = min(most, c.bound(c.list.top[c.at]))
		}
		if sums[doc]+most+rest >= threshold {
			sums[doc] += c.partOf(doc)
		}
	}
}

// seek moves to the first block that may hold a document.
func (c *cursor) seek(doc uint32) {
	for !c.isShort() && c.at < len(c.last) && c.last[c.at] < doc {
		c.at++
	}
}

// partOf returns the part of a document that was sought, 0 when the list
// does not hold it.
func (c *cursor) partOf(doc uint32) uint32 {
	if c.isShort() {
		i, found := slices.BinarySearch(c.block.docs[c.pos:c.block.n], doc)
		if c.pos += i; !found {
			return 0
		}
		return c.parts[c.pos]
	}
	if c.at >= len(c.last) {
		return 0
	}
	n, span := c.size(c.at), c.span(c.at)
	raw := c.data[c.list.at[c.at]:]
	if raw[0] == asBits {
		at := int(int64(doc) - c.prev(c.at) - 1)
		if i, found := rankOf(raw[2:], at); found {
			return c.part(doc, codeAt(raw, i, n, span, c.usual))
		}
		return 0
	}
	c.load(c.at, false)
	i, found := slices.BinarySearch(c.block.docs[c.pos:n], doc)
	if c.pos += i; !found {
		return 0
	}
	return c.part(doc, codeAt(raw, c.pos, n, span, c.usual))
}
