package corpus

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/kapok-city/kapok/internal/stats"
)

// column holds the values of one column of a row group until they are written.
// What is NULL has no value, only a false in valid.
type column struct {
	typ   stats.Type
	valid []bool
	nulls int
	ints  []int64 // whole numbers, days and 0 or 1
	reals []float64
	ends  []int // of each text within data
	data  []byte
}

func (c *column) null() { c.valid = append(c.valid, false); c.nulls++ }

func (c *column) int(v int64) { c.valid = append(c.valid, true); c.ints = append(c.ints, v) }

// known adds v, or NULL where it is 0: ids and ordinals start at 1.
func (c *column) known(v int64) {
	if v == 0 {
		c.null()
		return
	}
	c.int(v)
}

func (c *column) real(v float64) {
	if math.IsNaN(v) {
		c.null()
		return
	}
	c.valid = append(c.valid, true)
	c.reals = append(c.reals, v)
}

// text adds v, or NULL where it is empty.
func (c *column) text(v []byte) {
	if len(v) == 0 {
		c.null()
		return
	}
	c.valid = append(c.valid, true)
	c.data = append(c.data, v...)
	c.ends = append(c.ends, len(c.data))
}

func (c *column) bool(v bool) {
	if v {
		c.int(1)
		return
	}
	c.int(0)
}

func (c *column) bytes() int {
	return len(c.valid) + 8*len(c.ints) + 8*len(c.reals) + 8*len(c.ends) + len(c.data)
}

func (c *column) reset() {
	c.valid, c.nulls, c.ints, c.reals, c.ends, c.data = c.valid[:0], 0, c.ints[:0], c.reals[:0], c.ends[:0], c.data[:0]
}

func (c *column) values() int { return len(c.ints) + len(c.reals) + len(c.ends) }

func (c *column) at(i int) []byte {
	start := 0
	if i > 0 {
		start = c.ends[i-1]
	}
	return c.data[start:c.ends[i]]
}

// dictionary is the distinct values of a column and, for each value, its place
// among them.
type dictionary struct {
	plain []byte // the distinct values, as PLAIN
	n     int
	index []uint32
}

const (
	dictionaryMost  = 1 << 15 // values
	dictionaryProbe = 2048    // values looked at before it is worth the trouble
)

// dictionary returns nil where the values hardly repeat.
func (c *column) dictionary(scratch *dictionary) *dictionary {
	n := c.values()
	if n == 0 || c.typ == stats.Bool {
		return nil
	}
	d := scratch
	d.plain, d.n, d.index = d.plain[:0], 0, d.index[:0]
	if c.typ == stats.Text {
		return d.fill(n, c.texts(d))
	}
	return d.fill(n, c.numbers(d))
}

// fill asks place for each value in turn until there are too many distinct ones.
func (d *dictionary) fill(n int, place func(i int) uint32) *dictionary {
	for i := range n {
		d.index = append(d.index, place(i))
		if d.n > dictionaryMost || i == dictionaryProbe && d.n > dictionaryProbe/2 {
			return nil
		}
	}
	if d.n > n*3/4 && n > 8 {
		return nil
	}
	return d
}

func (c *column) numbers(d *dictionary) func(int) uint32 {
	const size = 1 << 17
	keys, places := make([]uint64, size), make([]uint32, size)
	wide := c.typ != stats.Date
	return func(i int) uint32 {
		var v uint64
		if c.typ == stats.Real {
			v = math.Float64bits(c.reals[i])
		} else {
			v = uint64(c.ints[i])
		}
		at := v * 0x9e3779b97f4a7c15 >> 47
		for places[at] != 0 {
			if keys[at] == v {
				return places[at] - 1
			}
			at = (at + 1) % size
		}
		if wide {
			d.plain = binary.LittleEndian.AppendUint64(d.plain, v)
		} else {
			d.plain = binary.LittleEndian.AppendUint32(d.plain, uint32(v))
		}
		d.n++
		keys[at], places[at] = v, uint32(d.n)
		return uint32(d.n - 1)
	}
}

func (c *column) texts(d *dictionary) func(int) uint32 {
	places := map[string]uint32{}
	last, was := []byte(nil), uint32(0)
	return func(i int) uint32 {
		v := c.at(i)
		if i > 0 && bytes.Equal(v, last) {
			return was
		}
		place, ok := places[string(v)]
		if !ok {
			place = uint32(d.n)
			places[string(v)] = place
			d.plain = appendText(d.plain, v)
			d.n++
		}
		last, was = v, place
		return place
	}
}

func appendText(b, v []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(v))), v...)
}

// plain appends the values from i to j as PLAIN.
func (c *column) plain(b []byte, i, j int) []byte {
	switch c.typ {
	case stats.Text:
		for ; i < j; i++ {
			b = appendText(b, c.at(i))
		}
	case stats.Real:
		for _, v := range c.reals[i:j] {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	case stats.Int:
		for _, v := range c.ints[i:j] {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
	case stats.Date:
		for _, v := range c.ints[i:j] {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	case stats.Bool:
		for k := i; k < j; k += 8 {
			var packed byte
			for bit, v := range c.ints[k:min(k+8, j)] {
				packed |= byte(v) << bit
			}
			b = append(b, packed)
		}
	}
	return b
}

// delta appends whole numbers as DELTA_BINARY_PACKED: blocks of 128 in four
// parts of 32, each packed with as few bits as its differences need.
func delta(b []byte, values []int64) []byte {
	const block, parts = 128, 4
	b = binary.AppendUvarint(b, block)
	b = binary.AppendUvarint(b, parts)
	b = binary.AppendUvarint(b, uint64(len(values)))
	if len(values) == 0 {
		return binary.AppendVarint(b, 0)
	}
	b = binary.AppendVarint(b, values[0])
	var diff [block]uint64
	for at := 1; at < len(values); at += block {
		n := min(block, len(values)-at)
		least := int64(math.MaxInt64)
		for i := range n {
			d := values[at+i] - values[at+i-1]
			diff[i], least = uint64(d), min(least, d)
		}
		for i := range diff {
			if i < n {
				diff[i] -= uint64(least)
			} else {
				diff[i] = 0
			}
		}
		b = binary.AppendVarint(b, least)
		head := len(b)
		b = append(b, 0, 0, 0, 0)
		for p := range parts {
			if p*32 >= n {
				break
			}
			part := diff[p*32 : p*32+32]
			var all uint64
			for _, v := range part {
				all |= v
			}
			width := bits.Len64(all)
			b[head+p] = byte(width)
			b = packWide(b, part, width)
		}
	}
	return b
}

// packWide appends values of up to 64 bits, the lowest bits first.
func packWide(b []byte, values []uint64, width int) []byte {
	var low uint64
	used := 0
	for _, v := range values {
		low |= v << used
		if used += width; used < 64 {
			continue
		}
		b = binary.LittleEndian.AppendUint64(b, low)
		used -= 64
		low = 0
		if used > 0 {
			low = v >> (width - used)
		}
	}
	for ; used > 0; used -= 8 {
		b = append(b, byte(low))
		low >>= 8
	}
	return b
}

// hybrid appends small numbers in the RLE and bit-packed form of Parquet: runs
// of 8 or more equal values as a run, the others packed in eights.
func hybrid(b []byte, n, width int, value func(int) uint32) []byte {
	for i := 0; i < n; {
		run := 1
		for v := value(i); i+run < n && value(i+run) == v; {
			run++
		}
		if run >= 8 {
			b = binary.AppendUvarint(b, uint64(run)<<1)
			for v, w := value(i), width; w > 0; w -= 8 {
				b = append(b, byte(v))
				v >>= 8
			}
			i += run
			continue
		}
		start := i
		i = packedEnd(i, n, value)
		groups := (i - start + 7) / 8
		b = binary.AppendUvarint(b, uint64(groups)<<1|1)
		var acc uint64
		used := 0
		for k := start; k < start+groups*8; k++ {
			if k < i {
				acc |= uint64(value(k)) << used
			}
			for used += width; used >= 8; used -= 8 {
				b = append(b, byte(acc))
				acc >>= 8
			}
		}
	}
	return b
}

// packedEnd returns where the packed values that begin at i end: before a run
// worth writing as one, at a multiple of eight from i, or at n.
func packedEnd(i, n int, value func(int) uint32) int {
	for end := i + 8; ; end += 8 {
		if end >= n {
			return n
		}
		if end-i >= 8*1024 {
			return end
		}
		run := 1
		for v := value(end); run < 16 && end+run < n && value(end+run) == v; {
			run++
		}
		if run == 16 {
			return end
		}
	}
}
