package corpus

import "encoding/binary"

// compact writes Thrift's compact protocol, as far as the pages and the footer
// of a Parquet file need it (Apache Thrift, doc/specs/thrift-compact-protocol).
type compact struct {
	b    []byte
	last []int16 // the last field of each open structure
}

// The compact protocol's names of types.
const (
	compactBool   = 1 // true; 2 is false
	compactI32    = 5
	compactI64    = 6
	compactBinary = 8
	compactList   = 9
	compactStruct = 12
)

func (c *compact) open() { c.last = append(c.last, 0) }

func (c *compact) close() {
	c.b = append(c.b, 0)
	c.last = c.last[:len(c.last)-1]
}

func (c *compact) field(id int16, kind byte) {
	top := &c.last[len(c.last)-1]
	if d := id - *top; d > 0 && d < 16 {
		c.b = append(c.b, byte(d)<<4|kind)
	} else {
		c.b = append(c.b, kind)
		c.b = binary.AppendVarint(c.b, int64(id))
	}
	*top = id
}

func (c *compact) i32(id int16, v int32) {
	c.field(id, compactI32)
	c.b = binary.AppendVarint(c.b, int64(v))
}
func (c *compact) i64(id int16, v int64) { c.field(id, compactI64); c.b = binary.AppendVarint(c.b, v) }

func (c *compact) text(id int16, v string) {
	c.field(id, compactBinary)
	c.element(v)
}

func (c *compact) element(v string) {
	c.b = binary.AppendUvarint(c.b, uint64(len(v)))
	c.b = append(c.b, v...)
}

func (c *compact) list(id int16, kind byte, n int) {
	c.field(id, compactList)
	if n < 15 {
		c.b = append(c.b, byte(n)<<4|kind)
		return
	}
	c.b = append(c.b, 0xf0|kind)
	c.b = binary.AppendUvarint(c.b, uint64(n))
}

// structure begins a structure in a field; close ends it.
func (c *compact) structure(id int16) {
	c.field(id, compactStruct)
	c.open()
}
