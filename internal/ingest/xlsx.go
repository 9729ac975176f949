package ingest

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/kapok-city/kapok/internal/errs"
)

// xlsxReader streams one sheet. Each cell is read twice, as it is stored and
// as it is shown: a date is taken as shown, a number as stored, so that neither
// 45292 stands for a day nor 1,235 for 1234.5.
type xlsxReader struct {
	book   *excelize.File
	stored *excelize.Rows
	shown  *excelize.Rows
	head   []string
	number int64
	lim    Limits
	file   string
}

// newXLSX opens a sheet, "" for the first one that is not hidden. The header
// is the first row with two filled cells, or with one where no row of the
// first ten has two: titles above a table are passed over.
func newXLSX(f *file, sheet string) (_ *xlsxReader, err error) {
	defer recovered(f.name, &err)
	z, err := f.openZip()
	if err != nil {
		return nil, err
	}
	_ = z.Close() // only its directory was of interest
	book, err := excelize.OpenFile(f.path, excelize.Options{
		UnzipSizeLimit: sheetBytes, UnzipXMLSizeLimit: partBytes,
		ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return nil, xlsxFault(f.name, err)
	}
	x := &xlsxReader{book: book, lim: f.limits, file: f.name}
	if sheet, err = x.choose(sheet); err == nil {
		err = x.start(sheet)
	}
	if err != nil {
		_ = x.close()
		return nil, err
	}
	return x, nil
}

func xlsxFault(name string, err error) error {
	if strings.Contains(err.Error(), "exceeds") || strings.Contains(err.Error(), "size limit") {
		return errs.Wrap(err, errs.TooLarge, "ingest.xlsx_large", errs.A{"file": name, "limit": bytesText(sheetBytes)})
	}
	return errs.Wrap(err, errs.Invalid, "ingest.xlsx_damaged", errs.A{"file": name})
}

// recovered turns a panic of the XLSX library, which hostile files can cause,
// into an error of the file.
func recovered(name string, err *error) {
	if p := recover(); p != nil {
		*err = errs.Wrap(fmt.Errorf("panic: %v", p), errs.Invalid, "ingest.xlsx_damaged", errs.A{"file": name})
	}
}

func (x *xlsxReader) choose(sheet string) (string, error) {
	all := x.book.GetSheetList()
	if sheet != "" {
		for _, s := range all {
			if s == sheet {
				return s, nil
			}
		}
		return "", errs.New(errs.NotFound, "ingest.no_sheet", errs.A{"file": x.file, "sheet": sheet, "names": shortList(all)})
	}
	for _, s := range all {
		if visible, err := x.book.GetSheetVisible(s); err == nil && visible {
			return s, nil
		}
	}
	return "", errs.New(errs.Invalid, "ingest.no_header", errs.A{"file": x.file})
}

// headerWithin is how many rows may stand above the header.
const headerWithin = 10

func (x *xlsxReader) start(sheet string) error {
	at, err := x.findHeader(sheet)
	if err != nil {
		return err
	}
	if x.stored, err = x.book.Rows(sheet); err != nil {
		return xlsxFault(x.file, err)
	}
	if x.shown, err = x.book.Rows(sheet); err != nil {
		return xlsxFault(x.file, err)
	}
	for x.number < at {
		r, err := x.read()
		if err != nil {
			return err
		}
		x.head = trimAll(r.cells)
	}
	return nil
}

func (x *xlsxReader) findHeader(sheet string) (int64, error) {
	rows, err := x.book.Rows(sheet)
	if err != nil {
		return 0, xlsxFault(x.file, err)
	}
	defer rows.Close()
	single := int64(0)
	for n := int64(1); n <= headerWithin && rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return 0, xlsxFault(x.file, err)
		}
		filled := 0
		for _, c := range cells {
			if strings.TrimSpace(c) != "" {
				filled++
			}
		}
		if filled > 1 {
			return n, nil
		}
		if filled == 1 && single == 0 {
			single = n
		}
	}
	if single == 0 {
		return 0, errs.New(errs.Invalid, "ingest.no_header", errs.A{"file": x.file})
	}
	return single, nil
}

// blankRows is how many empty rows may stand between two rows: a sheet may
// claim a row a hundred million lines down, and each of them costs time.
const blankRows = 20_000

func (x *xlsxReader) header() []string { return x.head }

func (x *xlsxReader) close() error {
	for _, r := range []*excelize.Rows{x.stored, x.shown} {
		if r != nil {
			_ = r.Close()
		}
	}
	return x.book.Close() // removes its temporary files
}

// next returns the next row that is not empty.
func (x *xlsxReader) next() (r row, err error) {
	defer recovered(x.file, &err)
	for blank := 0; ; blank++ {
		r, err := x.read()
		if err != nil {
			return r, err
		}
		if blank > blankRows {
			return row{}, errs.New(errs.Invalid, "ingest.blank_rows", errs.A{"file": x.file, "row": r.number, "limit": blankRows})
		}
		if strings.TrimSpace(strings.Join(r.cells, "")) == "" {
			continue
		}
		for len(r.cells) < len(x.head) {
			r.cells = append(r.cells, "")
		}
		for len(r.cells) > len(x.head) && strings.TrimSpace(r.cells[len(r.cells)-1]) == "" {
			r.cells = r.cells[:len(r.cells)-1]
		}
		if len(r.cells) > len(x.head) && r.fault == nil {
			r.fault = fault("ingest.ragged", "", errs.A{"row": r.number, "got": len(r.cells), "want": len(x.head)})
		}
		return r, nil
	}
}

func (x *xlsxReader) read() (row, error) {
	if !x.stored.Next() || !x.shown.Next() {
		if err := x.stored.Error(); err != nil {
			return row{}, xlsxFault(x.file, err)
		}
		return row{}, io.EOF
	}
	x.number++
	if x.number > sheetRows {
		return row{}, errs.New(errs.TooLarge, "ingest.too_many_rows", errs.A{"file": x.file, "limit": sheetRows})
	}
	stored, err := x.stored.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return row{}, xlsxFault(x.file, err)
	}
	shown, err := x.shown.Columns()
	if err != nil {
		return row{}, xlsxFault(x.file, err)
	}
	if len(stored) > x.lim.Columns {
		return row{}, errs.New(errs.TooLarge, "ingest.too_many_columns", errs.A{"file": x.file, "row": x.number, "limit": x.lim.Columns})
	}
	r := row{number: x.number, cells: make([]string, len(stored))}
	for i, s := range stored {
		show := s
		if i < len(shown) {
			show = shown[i]
		}
		r.cells[i] = cellText(s, show)
		if len(r.cells[i]) > x.lim.Field {
			return row{}, errs.New(errs.TooLarge, "ingest.field_long", errs.A{"file": x.file, "row": x.number, "limit": bytesText(int64(x.lim.Field))})
		}
	}
	return r, nil
}

var (
	plainNumber = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][-+]?\d+)?$`)
	shownNumber = regexp.MustCompile(`^[-−(]?[^0-9A-Za-z]{0,3}[\d,]+(\.\d+)?([eE][-+]?\d+)?\)?$`)
)

// cellText chooses between a cell as stored and as shown.
func cellText(stored, shown string) string {
	v, err := strconv.ParseFloat(stored, 64)
	switch {
	case stored == shown || err != nil || !plainNumber.MatchString(stored):
		return strings.ReplaceAll(shown, "\x00", "")
	case math.Abs(v) >= 1e15:
		return strconv.FormatFloat(v, 'E', -1, 64) // a number has 15 digits: what was a code is lost
	case strings.HasSuffix(shown, "%"):
		return strconv.FormatFloat(v*100, 'g', 12, 64) + "%"
	case shownNumber.MatchString(shown):
		return stored // 1,235 is stored as 1234.5
	}
	return shown // a date, a duration, a text around the number
}
