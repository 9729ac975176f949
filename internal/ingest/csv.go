package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

// row is one record of a table. Number counts as a spreadsheet does: the first
// line of the table is row 1.
type row struct {
	number int64
	cells  []string
	raw    string      // the record as it stood, for JSON
	fault  *errs.Error // the row cannot be read; cells holds what was
}

// table is a file read row by row. next returns io.EOF after the last row; any
// other error is one of the whole file.
type table interface {
	header() []string
	next() (row, error)
	close() error
}

// csvReader reads RFC 4180 and its usual variants with a bound on everything:
// encoding/csv would hold a line of any length. A quote inside an unquoted
// cell is a character; blank lines are skipped.
type csvReader struct {
	in     *bufio.Reader
	comma  byte
	lim    Limits
	number int64 // of the row being read
	head   []string
	file   string
	quoted bool // the present cell began with a quote
	fault  *errs.Error
}

// newCSV reads the header. comma 0 asks for detection.
func newCSV(in *bufio.Reader, file string, comma byte, lim Limits) (*csvReader, error) {
	if comma == 0 {
		sample, err := peek(in, 64<<10)
		if err != nil {
			return nil, err
		}
		comma = detectComma(sample)
	}
	c := &csvReader{in: in, comma: comma, lim: lim, file: file}
	first, err := c.read()
	if errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Invalid, "ingest.no_header", errs.A{"file": file})
	}
	if err != nil {
		return nil, err
	}
	if first.fault != nil {
		return nil, first.fault
	}
	c.head = trimAll(first.cells)
	return c, nil
}

func (c *csvReader) header() []string { return c.head }
func (c *csvReader) close() error     { return nil }

// next returns the next row, with a fault when it has another number of cells
// than the header. Empty cells at its end do not count.
func (c *csvReader) next() (row, error) {
	r, err := c.read()
	if err != nil || r.fault != nil {
		return r, err
	}
	for len(r.cells) > len(c.head) && r.cells[len(r.cells)-1] == "" {
		r.cells = r.cells[:len(r.cells)-1]
	}
	if len(r.cells) != len(c.head) {
		r.fault = fault("ingest.ragged", "", errs.A{"row": r.number, "got": len(r.cells), "want": len(c.head)})
	}
	return r, nil
}

func (c *csvReader) read() (row, error) {
	for {
		c.number++
		r, blank, err := c.readRow()
		if err != nil || !blank {
			return r, err
		}
	}
}

// readRow reads one record; blank reports that its line was empty.
func (c *csvReader) readRow() (r row, blank bool, err error) {
	if c.number > c.lim.Rows+1 {
		return row{}, false, errs.New(errs.TooLarge, "ingest.too_many_rows", errs.A{"file": c.file, "limit": c.lim.Rows})
	}
	r.number = c.number
	var cell []byte
	size := 0
	c.quoted, c.fault = false, nil
	for first := true; ; first = false {
		var last bool
		cell, last, err = c.readCell(cell[:0])
		if errors.Is(err, io.EOF) && first {
			return row{}, false, io.EOF
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return row{}, false, err
		}
		if size += len(cell) + 1; size > c.lim.Line {
			return row{}, false, c.tooLarge("ingest.line_long", bytesText(int64(c.lim.Line)))
		}
		if last && first && len(cell) == 0 && !c.quoted {
			return row{}, true, nil
		}
		if len(r.cells) == c.lim.Columns {
			return row{}, false, errs.New(errs.TooLarge, "ingest.too_many_columns", errs.A{"file": c.file, "row": c.number, "limit": c.lim.Columns})
		}
		if !utf8.Valid(cell) || bytes.ContainsRune(cell, utf8.RuneError) || bytes.IndexByte(cell, 0) >= 0 {
			c.fault = fault("ingest.bad_bytes", c.column(len(r.cells)), errs.A{"row": c.number, "n": len(r.cells) + 1})
			cell = bytes.ReplaceAll(bytes.ToValidUTF8(cell, []byte("�")), []byte{0}, nil)
		}
		r.cells = append(r.cells, string(cell))
		if last {
			r.fault = c.fault
			return r, false, nil
		}
	}
}

func (c *csvReader) column(i int) string {
	if i < len(c.head) {
		return c.head[i]
	}
	return ""
}

func (c *csvReader) tooLarge(key, limit string) error {
	return errs.New(errs.TooLarge, key, errs.A{"file": c.file, "row": c.number, "limit": limit})
}

// readCell reads up to and past the next comma or line end; last reports the
// latter. io.EOF with last means that the file ended with the cell.
func (c *csvReader) readCell(cell []byte) (_ []byte, last bool, err error) {
	c.quoted = false
	b, err := c.in.ReadByte()
	if err != nil {
		return cell, true, err
	}
	if b == '"' {
		c.quoted = true
		return c.readQuoted(cell)
	}
	return c.readPlain(cell, b)
}

func (c *csvReader) readPlain(cell []byte, b byte) (_ []byte, last bool, err error) {
	for {
		switch b {
		case c.comma:
			return cell, false, nil
		case '\n':
			return cell, true, nil
		case '\r':
			c.skipLF()
			return cell, true, nil
		}
		if cell = append(cell, b); len(cell) > c.lim.Field {
			return nil, false, c.tooLarge("ingest.field_long", bytesText(int64(c.lim.Field)))
		}
		if b, err = c.in.ReadByte(); err != nil {
			return cell, true, err
		}
	}
}

func (c *csvReader) skipLF() {
	if next, err := c.in.Peek(1); err == nil && next[0] == '\n' {
		_, _ = c.in.Discard(1) // it was just peeked at
	}
}

func (c *csvReader) readQuoted(cell []byte) (_ []byte, last bool, err error) {
	for {
		b, err := c.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, true, errs.New(errs.Invalid, "ingest.open_quote", errs.A{"file": c.file, "row": c.number})
		}
		if err != nil {
			return nil, true, err
		}
		if b == '"' {
			next, err := c.in.ReadByte()
			switch {
			case err != nil:
				return cell, true, err
			case next == '"':
			case next == c.comma:
				return cell, false, nil
			case next == '\n':
				return cell, true, nil
			case next == '\r':
				c.skipLF()
				return cell, true, nil
			default:
				c.fault = fault("ingest.after_quote", "", errs.A{"row": c.number})
				return c.readPlain(append(cell, '"'), next)
			}
		}
		if cell = append(cell, b); len(cell) > c.lim.Field {
			return nil, false, c.tooLarge("ingest.field_long", bytesText(int64(c.lim.Field)))
		}
	}
}

// detectComma chooses the separator that gives the header the most cells and
// the next lines as many.
func detectComma(sample []byte) byte {
	best, bestScore := byte(','), 0.0
	for _, comma := range []byte{',', ';', '\t'} {
		c := &csvReader{in: bufio.NewReader(bytes.NewReader(sample)), comma: comma, lim: Limits{Line: 1 << 20, Field: 1 << 20, Columns: 4000, Rows: 20}}
		first, err := c.read()
		if err != nil || len(first.cells) < 2 {
			continue
		}
		same, rows := 1.0, 1.0
		for {
			r, err := c.read()
			if err != nil {
				break
			}
			rows++
			if len(r.cells) == len(first.cells) {
				same++
			}
		}
		if score := same / rows * (2 - 1/float64(len(first.cells))); score > bestScore {
			best, bestScore = comma, score
		}
	}
	return best
}

func trimAll(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.TrimSpace(strings.ReplaceAll(c, "\n", " "))
	}
	return out
}
