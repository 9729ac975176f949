package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/sheet"
)

// rejects keeps the rejected rows of a run on disk until their file is
// written: there may be as many as the input has rows.
type rejects struct {
	tmp *os.File
	buf *bufio.Writer
	n   int64
}

type rejectLine struct {
	Cells []string `json:"c"`
	Row   int64    `json:"r"`
	Field string   `json:"f"`
	ZH    string   `json:"z"`
	EN    string   `json:"e"`
}

func (r *rejects) add(it *item, fault error) error {
	if r.tmp == nil {
		tmp, err := os.CreateTemp("", "kapok-rejected-*")
		if err != nil {
			return err
		}
		r.tmp, r.buf = tmp, bufio.NewWriter(tmp)
	}
	line := rejectLine{Cells: it.cells, Row: it.number}
	var fields, zh, en []string
	for _, e := range faultsOf(fault) {
		if e.Field != "" {
			fields = append(fields, e.Field)
		}
		zh, en = append(zh, i18n.Error(i18n.ZH, e)), append(en, i18n.Error(i18n.EN, e))
	}
	line.Field, line.ZH, line.EN = strings.Join(fields, ", "), strings.Join(zh, " "), strings.Join(en, " ")
	raw, err := json.Marshal(line)
	if err != nil {
		return err
	}
	r.n++
	_, err = r.buf.Write(append(raw, '\n'))
	return err
}

func (r *rejects) close() {
	if r == nil || r.tmp == nil {
		return
	}
	_ = r.tmp.Close()
	_ = os.Remove(r.tmp.Name()) // a temporary file left behind harms nobody
	r.tmp = nil
}

// rejectColumns are added to the columns of the input. An import of the mended
// file passes them over.
var rejectColumns = []string{"行号/row", "列/column", "错误原因", "reason"}

// write makes the file of rejected rows and returns its path: with the
// columns of the input and the reasons, as XLSX for XLSX and as CSV otherwise.
// An extension that does not fit is replaced.
func (r *rejects) write(ctx context.Context, path string, head []string, xlsx bool) (string, error) {
	if path == "" || r.n == 0 {
		return "", nil
	}
	format := sheet.CSV
	if xlsx {
		format = sheet.XLSX
	}
	path = strings.TrimSuffix(path, filepath.Ext(path)) + "." + string(format)
	out, err := os.Create(path)
	if err != nil {
		return "", errs.Wrap(err, errs.Invalid, "ingest.rejected_path", errs.A{"path": path})
	}
	err = sheet.Write(out, format, append(append([]string{}, head...), rejectColumns...), func(yield func(sheet.Row, error) bool) {
		r.each(ctx, len(head), yield)
	})
	return path, errors.Join(err, out.Close())
}

func (r *rejects) each(ctx context.Context, width int, yield func(sheet.Row, error) bool) {
	err := r.buf.Flush()
	if err == nil {
		_, err = r.tmp.Seek(0, io.SeekStart)
	}
	dec := json.NewDecoder(bufio.NewReader(r.tmp))
	for err == nil {
		var line rejectLine
		if err = dec.Decode(&line); err != nil {
			break
		}
		if err = ctx.Err(); err != nil {
			break
		}
		row := make(sheet.Row, 0, width+len(rejectColumns))
		for i := range width {
			if i < len(line.Cells) {
				row = append(row, line.Cells[i])
			} else {
				row = append(row, nil)
			}
		}
		if !yield(append(row, line.Row, line.Field, line.ZH, line.EN), nil) {
			return
		}
	}
	if !errors.Is(err, io.EOF) {
		yield(nil, err)
	}
}
