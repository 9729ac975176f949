// Package sheet writes a list as a table for a spreadsheet: CSV or XLSX, row
// by row, so that a register of any length needs little memory.
//
// Numbers stay numbers and text stays text: a credit code of 18 digits is
// never turned into 9.14E+17, and a name that begins like a formula is not
// run by whoever opens the file. Reading tables is the work of package ingest.
// It has no tables of its own.
package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Format is a file format.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// ContentType returns the media type of files in f.
func (f Format) ContentType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Row is one row: strings, integers, floats, bools, and nil for what is not
// known (an empty cell, never a zero).
type Row []any

// Write writes head and rows to w. It stops at the first error that rows
// yields. In CSV the text starts with a byte order mark, without which office
// programs take Chinese for another encoding.
func Write(w io.Writer, f Format, head []string, rows iter.Seq2[Row, error]) error {
	if f == XLSX {
		return writeXLSX(w, head, rows)
	}
	return writeCSV(w, head, rows)
}

func writeCSV(w io.Writer, head []string, rows iter.Seq2[Row, error]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	if err := out.Write(head); err != nil {
		return err
	}
	var cells []string
	for row, err := range rows {
		if err != nil {
			return err
		}
		cells = cells[:0]
		for _, v := range row {
			cells = append(cells, csvCell(v))
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvCell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return Inert(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return ""
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// Inert puts an apostrophe before text that a spreadsheet would run as a
// formula: text that begins with = + - @, a tab or a carriage return and is
// not simply a number.
func Inert(s string) string {
	if s == "" || !strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// maxCell is the longest text that an XLSX cell may hold, in UTF-16 units; a
// longer one is cut there, as every office program does.
const maxCell = 32767

func writeXLSX(w io.Writer, head []string, rows iter.Seq2[Row, error]) error {
	book := excelize.NewFile()
	defer book.Close()
	out, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	first := make([]any, len(head))
	for i, h := range head {
		first[i] = excelize.Cell{StyleID: bold, Value: h}
	}
	if err := out.SetRow("A1", first); err != nil {
		return err
	}
	n := 1
	for row, err := range rows {
		if err != nil {
			return err
		}
		n++
		if err := out.SetRow("A"+strconv.Itoa(n), xlsxCells(row)); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

func xlsxCells(row Row) []any {
	cells := make([]any, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case string:
			if len(v) > maxCell {
				v = v[:cut(v)]
			}
			cells[i] = v
		case float64:
			if !math.IsNaN(v) && !math.IsInf(v, 0) {
				cells[i] = v
			}
		default:
			cells[i] = v
		}
	}
	return cells
}

// cut returns the largest index within the limit that does not split a rune.
// Bytes are counted, which is never fewer than UTF-16 units.
func cut(s string) int {
	i := maxCell
	for i > 0 && s[i]&0xc0 == 0x80 {
		i--
	}
	return i
}
