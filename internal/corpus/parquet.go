package corpus

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/kapok-city/kapok/internal/stats"
)

// parquetFile writes the rows of one table to one Parquet file. DuckDB's own
// writer is not used for the bulk of an import because it needs the rows in its
// own vectors, one call into C for each text, and because the bytes it writes
// with several threads differ from run to run; a resumed import must give the
// same bytes as an unbroken one. The format is Apache Parquet 1.0 (data pages
// v1, optional flat columns, dictionary, PLAIN and DELTA_BINARY_PACKED, zstd).
//
// The file is opened for each row group and closed after it, so any number of
// files can be in the making.
type parquetFile struct {
	path   string
	table  Table
	cols   []column
	size   int64 // bytes written
	rows   int64
	groups []rowGroup
	press  *presser
}

// presser holds what compresses; one goroutine shares it among its files.
type presser struct {
	zstd       *zstd.Encoder
	page, out  []byte
	dict       dictionary
	body       []byte // of a row group
	head       compact
	rowsOfPage int
}

func newPresser() (*presser, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	return &presser{zstd: enc, rowsOfPage: 20480}, err
}

type rowGroup struct {
	rows, bytes int64
	offset      int64
	chunks      []chunk
}

type chunk struct {
	dictionary, data int64 // offsets in the file; dictionary 0 when there is none
	values           int64
	nulls            int64
	packed, plain    int64 // bytes
	encodings        []int32
	least, most      string // as PLAIN; "" when unknown
}

// groupRows is how many rows a row group has at most: that of DuckDB.
const groupRows = 122880

// The names of Parquet's types, encodings and codecs that are written.
const (
	parquetBool, parquetInt32, parquetInt64, parquetDouble, parquetBytes = 0, 1, 2, 5, 6

	encodingPlain, encodingRLE, encodingDelta, encodingDictionary = 0, 3, 5, 8

	codecZstd = 6
)

func newParquetFile(path string, t Table, press *presser) *parquetFile {
	f := &parquetFile{path: path, table: t, cols: make([]column, len(t.Columns)), press: press}
	for i, c := range t.Columns {
		f.cols[i].typ = c.Type
	}
	return f
}

// endRow says that each column has the value of one more row.
func (f *parquetFile) endRow() error {
	if len(f.cols[0].valid) < groupRows {
		return nil
	}
	return f.flush()
}

func (f *parquetFile) buffered() int {
	n := 0
	for i := range f.cols {
		n += f.cols[i].bytes()
	}
	return n
}

// flush writes the rows so far as a row group.
func (f *parquetFile) flush() error {
	rows := len(f.cols[0].valid)
	if rows == 0 {
		return nil
	}
	body := f.press.body[:0]
	if f.size == 0 {
		body = append(body, "PAR1"...)
	}
	g := rowGroup{rows: int64(rows), offset: f.size + int64(len(body))}
	for i := range f.cols {
		c := &f.cols[i]
		if len(c.valid) != rows {
			return fmt.Errorf("column %s of %s has %d rows of %d", f.table.Columns[i].Name, f.table.Name, len(c.valid), rows)
		}
		var ch chunk
		body, ch = f.press.chunk(body, f.size, c)
		g.chunks = append(g.chunks, ch)
		g.bytes += ch.plain
		c.reset()
	}
	f.groups = append(f.groups, g)
	f.rows += int64(rows)
	f.press.body = body[:0]
	return f.write(body)
}

func (f *parquetFile) write(b []byte) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if f.size == 0 {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(f.path, flags, 0o600)
	if err != nil {
		return err
	}
	n, err := file.Write(b)
	f.size += int64(n)
	if err2 := file.Close(); err == nil {
		err = err2
	}
	return err
}

// chunk appends a column chunk to the body, which begins at base in the file.
func (p *presser) chunk(body []byte, base int64, c *column) ([]byte, chunk) {
	start := len(body)
	ch := chunk{values: int64(len(c.valid)), nulls: int64(c.nulls)}
	ch.least, ch.most = c.bounds()
	dict := c.dictionary(&p.dict)
	encoding := int32(encodingPlain)
	switch {
	case dict != nil:
		encoding = encodingDictionary
		ch.dictionary = base + int64(len(body))
		body = p.addPage(body, &ch, dict.plain, pageHead{kind: 2, values: dict.n, encoding: encodingPlain})
	case c.typ == stats.Int:
		encoding = encodingDelta
	}
	ch.encodings = []int32{encoding, encodingRLE}
	ch.data = base + int64(len(body))
	value := 0
	for row := 0; row < len(c.valid); row += p.rowsOfPage {
		valid := c.valid[row:min(row+p.rowsOfPage, len(c.valid))]
		page := levels(p.page[:0], valid)
		n := 0
		for _, v := range valid {
			if v {
				n++
			}
		}
		switch encoding {
		case encodingDictionary:
			width := max(1, bits.Len(uint(dict.n-1)))
			page = append(page, byte(width))
			index := dict.index[value : value+n]
			page = hybrid(page, n, width, func(i int) uint32 { return index[i] })
		case encodingDelta:
			page = delta(page, c.ints[value:value+n])
		default:
			page = c.plain(page, value, value+n)
		}
		value += n
		p.page = page
		body = p.addPage(body, &ch, page, pageHead{values: len(valid), encoding: encoding})
	}
	ch.packed = int64(len(body) - start)
	return body, ch
}

// levels appends which values are there, with the length in front.
func levels(b []byte, valid []bool) []byte {
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	b = hybrid(b, len(valid), 1, func(i int) uint32 {
		if valid[i] {
			return 1
		}
		return 0
	})
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

type pageHead struct {
	kind     int32 // 0 data, 2 dictionary
	values   int
	encoding int32
}

func (p *presser) addPage(body []byte, ch *chunk, page []byte, h pageHead) []byte {
	p.out = p.zstd.EncodeAll(page, p.out[:0])
	c := &p.head
	c.b = c.b[:0]
	c.open()
	c.i32(1, h.kind)
	c.i32(2, int32(len(page)))
	c.i32(3, int32(len(p.out)))
	if h.kind == 2 {
		c.structure(7)
		c.i32(1, int32(h.values))
		c.i32(2, h.encoding)
	} else {
		c.structure(5)
		c.i32(1, int32(h.values))
		c.i32(2, h.encoding)
		c.i32(3, encodingRLE)
		c.i32(4, encodingRLE)
	}
	c.close()
	c.close()
	ch.plain += int64(len(c.b) + len(page))
	body = append(body, c.b...)
	return append(body, p.out...)
}

// bounds returns the least and the most value as PLAIN, "" where they say
// nothing.
func (c *column) bounds() (least, most string) {
	if len(c.ints) > 0 && (c.typ == stats.Int || c.typ == stats.Date) {
		lo, hi := c.ints[0], c.ints[0]
		for _, v := range c.ints {
			lo, hi = min(lo, v), max(hi, v)
		}
		size := 8
		if c.typ == stats.Date {
			size = 4
		}
		return string(binary.LittleEndian.AppendUint64(nil, uint64(lo))[:size]), string(binary.LittleEndian.AppendUint64(nil, uint64(hi))[:size])
	}
	if len(c.reals) > 0 {
		lo, hi := c.reals[0], c.reals[0]
		for _, v := range c.reals {
			lo, hi = min(lo, v), max(hi, v)
		}
		if lo == 0 || hi == 0 { // both zeros are equal: the bounds must hold for either
			return "", ""
		}
		return string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(lo))), string(binary.LittleEndian.AppendUint64(nil, math.Float64bits(hi)))
	}
	return "", ""
}

// finish writes the footer. A file without rows is a file all the same.
func (f *parquetFile) finish() error {
	if err := f.flush(); err != nil {
		return err
	}
	var b []byte
	if f.size == 0 {
		b = append(b, "PAR1"...)
	}
	c := compact{}
	f.footer(&c)
	b = append(b, c.b...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(c.b)))
	return f.write(append(b, "PAR1"...))
}

func (f *parquetFile) footer(c *compact) {
	c.open()
	c.i32(1, 1)
	c.list(2, compactStruct, len(f.cols)+1)
	c.open()
	c.text(4, "kapok")
	c.i32(5, int32(len(f.cols)))
	c.close()
	for i := range f.cols {
		f.element(c, i)
	}
	c.i64(3, f.rows)
	c.list(4, compactStruct, len(f.groups))
	for i := range f.groups {
		f.group(c, &f.groups[i])
	}
	c.text(6, "kapok")
	c.close()
}

// physical names the Parquet type of each type of column.
var physical = map[stats.Type]int32{stats.Text: parquetBytes, stats.Int: parquetInt64, stats.Real: parquetDouble, stats.Bool: parquetBool, stats.Date: parquetInt32}

// element writes a column of the schema: optional, with its converted and
// logical type.
func (f *parquetFile) element(c *compact, i int) {
	col := f.table.Columns[i]
	c.open()
	c.i32(1, physical[col.Type])
	c.i32(3, 1)
	c.text(4, col.Name)
	converted, logical := int32(-1), int16(0)
	switch col.Type {
	case stats.Text:
		converted, logical = 0, 1
	case stats.Date:
		converted, logical = 6, 6
	}
	if converted >= 0 {
		c.i32(6, converted)
		c.structure(10)
		c.structure(logical)
		c.close()
		c.close()
	}
	c.close()
}

func (f *parquetFile) group(c *compact, g *rowGroup) {
	var packed int64
	c.open()
	c.list(1, compactStruct, len(g.chunks))
	for i := range g.chunks {
		f.chunkMeta(c, i, &g.chunks[i])
		packed += g.chunks[i].packed
	}
	c.i64(2, g.bytes)
	c.i64(3, g.rows)
	c.i64(5, g.offset)
	c.i64(6, packed)
	c.close()
}

func (f *parquetFile) chunkMeta(c *compact, i int, ch *chunk) {
	first := ch.data
	if ch.dictionary != 0 {
		first = ch.dictionary
	}
	c.open()
	c.i64(2, first)
	c.structure(3)
	c.i32(1, physical[f.table.Columns[i].Type])
	c.list(2, compactI32, len(ch.encodings))
	for _, e := range ch.encodings {
		c.b = binary.AppendVarint(c.b, int64(e))
	}
	c.list(3, compactBinary, 1)
	c.element(f.table.Columns[i].Name)
	c.i32(4, codecZstd)
	c.i64(5, ch.values)
	c.i64(6, ch.plain)
	c.i64(7, ch.packed)
	c.i64(9, ch.data)
	if ch.dictionary != 0 {
		c.i64(11, ch.dictionary)
	}
	c.structure(12)
	c.i64(3, ch.nulls)
	if ch.least != "" {
		c.text(5, ch.most)
		c.text(6, ch.least)
	}
	c.close()
	c.close()
	c.close()
}

// release gives back the memory of the columns.
func (f *parquetFile) release() {
	for i := range f.cols {
		f.cols[i] = column{typ: f.cols[i].typ}
	}
}
