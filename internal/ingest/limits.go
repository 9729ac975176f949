package ingest

import (
	"github.com/kapok-city/kapok/internal/errs"
)

// Limits bound what a file may ask of the program. They are far above any
// table that a person fills in and far below what hurts.
type Limits struct {
	File    int64 // bytes of the file as it is
	Unpack  int64 // bytes after unpacking
	Ratio   int64 // unpacked over packed, once past 16 MB
	Line    int   // bytes of one line or JSON record
	Field   int   // bytes of one cell
	Columns int
	Rows    int64 // data rows of one file
	Depth   int   // nesting of JSON
	Entries int   // files inside an archive
}

// DefaultLimits are what Run uses.
var DefaultLimits = Limits{
	File: 1 << 30, Unpack: 4 << 30, Ratio: 150, Line: 8 << 20, Field: 1 << 20, Columns: 2000, Rows: 1_000_000, Depth: 64, Entries: 2000,
}

// sheetRows and sheetCells bound one XLSX sheet.
const (
	sheetRows  = 400_000
	sheetBytes = 100 << 20 // unpacked, the whole book
	partBytes  = 8 << 20   // held in memory of one part; more goes to a temporary file
)

// fault is a failure of one row: where it is and what is wrong. A fault of the
// whole file is an *errs.Error that Run returns.
func fault(key, column string, args ...errs.A) *errs.Error {
	return errs.New(errs.Invalid, key, args...).At(column)
}
