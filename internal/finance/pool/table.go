package pool

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/sheet"
)

// Bounds of a table that a bank sends.
const (
	maxTable   = 64 << 20
	maxUnpack  = 256 << 20
	maxRows    = 200_000
	maxColumns = 100
	maxCell    = 4000
)

// Table is what a bank sends: rows under headings, cells as text.
type Table struct {
	Name    string
	SHA256  string
	Head    []string
	Rows    [][]string
	columns map[string]int // by field
	wan     bool           // amounts are in 万元
}

// ReadTable reads CSV (UTF-8 or GB 18030) or XLSX (its first sheet). The first
// row is the headings; columns that it does not know are kept and not read.
func ReadTable(name string, r io.Reader) (*Table, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxTable {
		return nil, errs.New(errs.TooLarge, "pool.table_large", errs.A{"file": name, "limit": "64 MB"})
	}
	sum := sha256.Sum256(raw)
	t := &Table{Name: name, SHA256: hex.EncodeToString(sum[:])}
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		err = t.xlsx(raw)
	} else {
		err = t.csv(raw)
	}
	if err != nil {
		return nil, err
	}
	return t, t.headings()
}

func (t *Table) broken(err error) error {
	if e := (*errs.Error)(nil); errors.As(err, &e) {
		return e
	}
	return errs.Wrap(err, errs.Invalid, "pool.table_broken", errs.A{"file": t.Name})
}

// xlsx reads cells as they are stored: numbers without separators, days as
// numbers of days.
func (t *Table) xlsx(raw []byte) (err error) {
	defer func() { // the reader of the format panics on some broken files
		if p := recover(); p != nil {
			err = t.broken(fmt.Errorf("panic: %v", p))
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpack, UnzipXMLSizeLimit: maxUnpack})
	if err != nil {
		return t.broken(err)
	}
	defer book.Close()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return t.broken(io.ErrUnexpectedEOF)
	}
	rows, err := book.Rows(sheets[0])
	if err != nil {
		return t.broken(err)
	}
	defer rows.Close()
	for rows.Next() {
		cells, err := rows.Columns()
		if err == nil {
			err = t.take(cells)
		}
		if err != nil {
			return t.broken(err)
		}
	}
	if err := rows.Error(); err != nil {
		return t.broken(err)
	}
	return nil
}

func (t *Table) csv(raw []byte) error {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil {
			return t.broken(err)
		}
		raw = decoded
	}
	in := csv.NewReader(bytes.NewReader(raw))
	in.FieldsPerRecord = -1
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = t.take(cells)
		}
		if err != nil {
			return t.broken(err)
		}
	}
}

// take keeps a row; the first one that is not empty is the headings.
func (t *Table) take(cells []string) error {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	for i, c := range cells {
		if len(c) > maxCell || !utf8.ValidString(c) || i >= maxColumns {
			return errs.New(errs.TooLarge, "pool.table_cell", errs.A{"file": t.Name, "row": len(t.Rows) + 2})
		}
	}
	switch {
	case t.Head == nil && len(cells) == 0:
	case t.Head == nil:
		t.Head = cells
	case len(t.Rows) == maxRows:
		return errs.New(errs.TooLarge, "pool.table_large", errs.A{"file": t.Name, "limit": maxRows})
	default:
		t.Rows = append(t.Rows, cells) // an empty one too: rows keep their numbers
	}
	return nil
}

// fields are the headings that each field may stand under, folded.
var fields = map[string][]string{
	"contract":      {"合同编号", "贷款合同编号", "合同号", "借据号", "contract"},
	"borrower":      {"借款人", "借款人名称", "企业名称", "borrower"},
	"credit_code":   {"统一社会信用代码", "信用代码", "credit code"},
	"class":         {"借款人类别", "企业规模", "class"},
	"local":         {"本地", "是否本地", "local"},
	"principal":     {"贷款金额(元)", "贷款本金(元)", "principal"},
	"principal_wan": {"贷款金额(万元)", "贷款本金(万元)"},
	"months":        {"期限(月)", "months"},
	"lent":          {"放款日", "放款日期", "lent on"},
	"due":           {"到期日", "到期日期", "due on"},
	"registered":    {"入库日", "入库日期", "registered on"},
	"mode":          {"模式", "mode"},
	"guarantor":     {"担保机构", "guarantor"},
	"high_tech":     {"高新技术企业", "high tech"},
	"listed":        {"上市企业", "listed"},
	"key_support":   {"重点支持名录", "key support"},
	"ip_pledge":     {"知识产权质押", "ip pledge"},
	"policy_tool":   {"货币政策工具", "policy tool"},
	"first_loan":    {"首贷", "first loan"},
	"pure_credit":   {"纯信用", "pure credit"},
	"day":           {"报告日", "day"},
	"outstanding":   {"本金余额(元)", "outstanding"},
	"overdue_since": {"逾期起始日", "overdue since"},
	"risk":          {"五级分类", "risk"},
}

func heading(text string) string {
	return strings.NewReplacer("（", "(", "）", ")", " ", "", "_", "").Replace(fold.Name(text))
}

func (t *Table) headings() error {
	byHeading := map[string]string{}
	for f, names := range fields {
		for _, n := range names {
			byHeading[heading(n)] = f
		}
	}
	t.columns = map[string]int{}
	for i, h := range t.Head {
		f, known := byHeading[heading(h)]
		if !known {
			continue
		}
		if _, twice := t.columns[f]; twice {
			return errs.New(errs.Invalid, "pool.table_twice", errs.A{"file": t.Name, "heading": h})
		}
		t.columns[f] = i
	}
	if at, ok := t.columns["principal_wan"]; ok {
		if _, both := t.columns["principal"]; both {
			return errs.New(errs.Invalid, "pool.table_twice", errs.A{"file": t.Name, "heading": t.Head[at]})
		}
		t.columns["principal"], t.wan = at, true
	}
	return nil
}

// need refuses a table without a field.
func (t *Table) need(names ...string) error {
	var faults errs.List
	for _, f := range names {
		if _, ok := t.columns[f]; !ok {
			faults = append(faults, errs.New(errs.Invalid, "pool.table_heading", errs.A{"file": t.Name, "heading": fields[f][0]}))
		}
	}
	return faults.Err()
}

// cell returns the text of a field in a row, "" when there is none.
func (t *Table) cell(row []string, field string) string {
	i, ok := t.columns[field]
	if !ok || i >= len(row) {
		return ""
	}
	return strings.TrimPrefix(strings.TrimSpace(row[i]), "'")
}

// dayCell reads a day: ISO, with slashes or dots, 年月日, or a spreadsheet's
// number of days. "" stays "".
func dayCell(text string) (string, bool) {
	if text == "" {
		return "", true
	}
	for _, layout := range []string{time.DateOnly, "2006/1/2", "2006.1.2", "2006年1月2日", "2006-1-2", "20060102"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 20000 && n < 80000 {
		if t, err := excelize.ExcelDateToTime(n, false); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// WriteRejected writes the rejected rows as they came, with the reason behind
// each.
func (t *Table) WriteRejected(w io.Writer, f sheet.Format, r Report, say func(error) string) error {
	head := append(append([]string{"行 row"}, t.Head...), "退回原因 reason")
	return sheet.Write(w, f, head, func(yield func(sheet.Row, error) bool) {
		for _, v := range r.Rows {
			if v.Err == nil {
				continue
			}
			row := sheet.Row{v.Row}
			for i := range t.Head {
				if src := t.Rows[v.Row-2]; i < len(src) {
					row = append(row, src[i])
				} else {
					row = append(row, nil)
				}
			}
			if !yield(append(row, say(v.Err)), nil) {
				return
			}
		}
	})
}
