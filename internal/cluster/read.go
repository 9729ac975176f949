package cluster

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

// maxLine bounds a line, so that a file without line ends takes no memory.
const maxLine = 64 << 10

// ReadCSV reads points from a CSV text in UTF-8 with a heading: lon, lat, and
// where there are weight, type, document, place, in any order and beside other
// columns. Cells are parted by the comma, semicolon or tab that the heading has
// most of. A cell may stand in quotes but not go over a line end. byDefault is
// the type of all rows where there is no column of types.
//
// A row that cannot be a point is counted in the report. Errors are of kind
// Invalid and mean that the file as a whole is not such a table.
func ReadCSV(r io.Reader, byDefault string) (*Input, error) {
	in := bufio.NewReaderSize(r, maxLine)
	c := csvReader{in: in}
	line, err := c.line()
	if errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Invalid, "cluster.empty")
	}
	if err != nil {
		return nil, err
	}
	line = bytes.TrimPrefix(line, []byte("\ufeff"))
	c.comma = separator(line)
	if c.long || !utf8.Valid(line) || !c.split(line) {
		return nil, errs.New(errs.Invalid, "cluster.bad_heading")
	}
	heading := make([]string, len(c.cells))
	for i, cell := range c.cells {
		heading[i] = string(cell)
	}
	at, err := FindColumns(heading, byDefault)
	if err != nil {
		return nil, err
	}
	g, err := NewGatherer(at, byDefault)
	if err != nil {
		return nil, err
	}
	for {
		line, err := c.line()
		if errors.Is(err, io.EOF) {
			return g.Input(), nil
		}
		if err != nil {
			return nil, err
		}
		if len(line) > 0 || c.long {
			c.row(g, line, len(heading))
		}
	}
}

func separator(heading []byte) byte {
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if bytes.Count(heading, []byte{c}) > bytes.Count(heading, []byte{best}) {
			best = c
		}
	}
	return best
}

type csvReader struct {
	in     *bufio.Reader
	number int64 // of the line
	long   bool  // the line was cut
	comma  byte
	cells  [][]byte
}

// line returns the next line without its end; it is good until the next call.
func (c *csvReader) line() ([]byte, error) {
	c.number++
	line, err := c.in.ReadSlice('\n')
	c.long = errors.Is(err, bufio.ErrBufferFull)
	if c.long {
		line = bytes.Clone(line[:sampleBytes*2]) // for the report
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = c.in.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, err
	}
	return bytes.TrimRight(line, "\r\n"), nil
}

// split cuts a line into cells. It returns false for quotes that do not close.
func (c *csvReader) split(line []byte) bool {
	c.cells = c.cells[:0]
	for {
		if len(line) > 0 && line[0] == '"' {
			cell, rest, ok := quoted(line[1:])
			if !ok || len(rest) > 0 && rest[0] != c.comma {
				return false
			}
			c.cells = append(c.cells, cell)
			if len(rest) == 0 {
				return true
			}
			line = rest[1:]
			continue
		}
		i := bytes.IndexByte(line, c.comma)
		if i < 0 {
			c.cells = append(c.cells, line)
			return true
		}
		c.cells, line = append(c.cells, line[:i]), line[i+1:]
	}
}

// quoted reads a cell up to its closing quote; two quotes stand for one.
func quoted(line []byte) (cell, rest []byte, ok bool) {
	for i := 0; i < len(line); i++ {
		if line[i] != '"' {
			continue
		}
		if i+1 < len(line) && line[i+1] == '"' {
			i++
			continue
		}
		return bytes.ReplaceAll(line[:i], []byte(`""`), []byte(`"`)), line[i+1:], true
	}
	return nil, nil, false
}

func (c *csvReader) row(g *Gatherer, line []byte, cells int) {
	switch {
	case c.long:
		g.Reject(c.number, FaultLong, string(line))
		return
	case !utf8.Valid(line):
		g.Reject(c.number, FaultText, string(line))
		return
	case !c.split(line):
		g.Reject(c.number, FaultQuote, string(line))
		return
	case len(c.cells) != cells:
		g.Reject(c.number, FaultCells, string(line))
		return
	}
	numbers := [3]float64{0, 0, 1}
	for n := range numbers {
		if g.has[n] < 0 {
			continue
		}
		cell := string(bytes.TrimSpace(c.cells[g.has[n]]))
		x, ok := number(cell)
		if cell == "" {
			g.Reject(c.number, FaultMissing, Column(n).String())
			return
		}
		if !ok {
			g.Reject(c.number, FaultNumber, cell)
			return
		}
		numbers[n] = x
	}
	g.Add(c.number, numbers[0], numbers[1], numbers[2], c.text(g, ColumnKind), c.text(g, ColumnDocument), c.text(g, ColumnPlace))
}

func (c *csvReader) text(g *Gatherer, col Column) string {
	if g.has[col] < 0 {
		return ""
	}
	return string(bytes.TrimSpace(c.cells[g.has[col]]))
}

// number reads a decimal number. What only programmers write, such as 0x1p4 and
// inf, is none; one too large for a float is infinite and refused with its range.
func number(cell string) (float64, bool) {
	if strings.ContainsAny(cell, "xXpP_iInN") {
		return 0, false
	}
	x, err := strconv.ParseFloat(cell, 64)
	return x, err == nil || errors.Is(err, strconv.ErrRange) && math.IsInf(x, 0)
}
