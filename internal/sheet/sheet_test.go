package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"iter"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/kapok-city/kapok/internal/sheet"
)

func of(rows ...sheet.Row) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

var head = []string{"名称", "信用代码", "数值", "备注"}

var rows = []sheet.Row{
	{"中山大学, \"南校\"", "121000004554144291", 26, nil},
	{"=HYPERLINK(1)", "-5", -5.25, "@x"},
	{"未知", "", nil, math.NaN()},
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := sheet.Write(&b, sheet.CSV, head, of(rows...)); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok {
		t.Error("no byte order mark")
	}
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{head, {"中山大学, \"南校\"", "121000004554144291", "26", ""}, {"'=HYPERLINK(1)", "-5", "-5.25", "'@x"}, {"未知", "", "", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestXLSXKeepsTextAndNumbersApart(t *testing.T) {
	var b bytes.Buffer
	long := strings.Repeat("木", 12000)
	if err := sheet.Write(&b, sheet.XLSX, head, of(append(rows, sheet.Row{long})...)); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	for cell, want := range map[string]string{"A1": "名称", "B2": "121000004554144291", "C2": "26", "A3": "=HYPERLINK(1)", "C3": "-5.25", "C4": "", "D4": ""} {
		if got, _ := book.GetCellValue("Sheet1", cell); got != want {
			t.Errorf("%s = %q, want %q", cell, got, want)
		}
	}
	if kind, _ := book.GetCellType("Sheet1", "B2"); kind != excelize.CellTypeInlineString {
		t.Errorf("a credit code must be text, is %v", kind)
	}
	if f, _ := book.GetCellFormula("Sheet1", "A3"); f != "" {
		t.Errorf("text became formula %q", f)
	}
	if got, _ := book.GetCellValue("Sheet1", "A5"); !strings.HasPrefix(long, got) || len(got) < 32000 {
		t.Errorf("a long text was cut to %d bytes", len(got))
	}
}

func TestErrorOfRowsStopsTheFile(t *testing.T) {
	broken := errors.New("broken")
	failing := func(yield func(sheet.Row, error) bool) { yield(nil, broken) }
	for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
		if err := sheet.Write(&bytes.Buffer{}, f, head, failing); !errors.Is(err, broken) {
			t.Errorf("%s: %v", f, err)
		}
	}
}
