package ingest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/errs"
)

// jsonReader cuts a stream into JSON records without holding more than one: a
// record per line, or the elements of one array over any lines.
type jsonReader struct {
	in     *bufio.Reader
	lim    Limits
	file   string
	number int64
	array  bool
	begun  bool
	buf    []byte
}

func newJSON(in *bufio.Reader, file string, lim Limits) *jsonReader {
	return &jsonReader{in: in, lim: lim, file: file}
}

// next returns the bytes of the next record, valid until the next call. A
// record that is not JSON is a fault of its row as long as its end is known: at
// the end of the line, or by its brackets.
func (j *jsonReader) next() (raw []byte, number int64, fault *errs.Error, err error) {
	if !j.begun {
		if err := j.begin(); err != nil {
			return nil, 0, nil, err
		}
	}
	if j.array {
		raw, err = j.element()
	} else {
		raw, err = j.line()
	}
	if err != nil {
		return nil, j.number, nil, err
	}
	if j.number > j.lim.Rows {
		return nil, 0, nil, errs.New(errs.TooLarge, "ingest.too_many_rows", errs.A{"file": j.file, "limit": j.lim.Rows})
	}
	return raw, j.number, j.check(raw), nil
}

func (j *jsonReader) check(raw []byte) *errs.Error {
	switch {
	case depth(raw) > j.lim.Depth:
		return fault("ingest.json_deep", "", errs.A{"row": j.number, "limit": j.lim.Depth})
	case !utf8.Valid(raw):
		return fault("ingest.bad_bytes", "", errs.A{"row": j.number, "n": 1})
	case !json.Valid(raw):
		return fault("ingest.json_bad", "", errs.A{"row": j.number})
	}
	return nil
}

func (j *jsonReader) begin() error {
	j.begun = true
	if bom, _ := j.in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = j.in.Discard(3) // it was just peeked at
	}
	b, err := j.skipBlank()
	if err != nil {
		return err
	}
	if j.array = b == '['; !j.array {
		return j.in.UnreadByte()
	}
	return nil
}

func (j *jsonReader) skipBlank() (byte, error) {
	for {
		b, err := j.in.ReadByte()
		if err != nil || b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, err
		}
	}
}

func (j *jsonReader) line() ([]byte, error) {
	for {
		j.buf = j.buf[:0]
		j.number++
		for {
			part, err := j.in.ReadSlice('\n')
			j.buf = append(j.buf, part...)
			if len(j.buf) > j.lim.Line {
				return nil, j.tooLong()
			}
			if err == nil || errors.Is(err, io.EOF) && len(j.buf) > 0 {
				break
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return nil, err
			}
		}
		if raw := bytes.TrimSpace(j.buf); len(raw) > 0 {
			return raw, nil
		}
	}
}

func (j *jsonReader) tooLong() error {
	return errs.New(errs.TooLarge, "ingest.line_long", errs.A{"file": j.file, "row": max(j.number, 1), "limit": bytesText(int64(j.lim.Line))})
}

// element reads the next element of the array by counting brackets outside of
// strings.
func (j *jsonReader) element() ([]byte, error) {
	b, err := j.skipBlank()
	if err == nil && b == ',' && j.number > 0 {
		b, err = j.skipBlank()
	}
	if err == nil && b == ']' {
		return nil, io.EOF
	}
	if errors.Is(err, io.EOF) {
		return nil, errs.New(errs.Invalid, "ingest.json_cut", errs.A{"file": j.file, "row": j.number})
	}
	if err != nil {
		return nil, err
	}
	j.number++
	if b != '{' && b != '[' {
		return nil, errs.New(errs.Invalid, "ingest.json_shape", errs.A{"file": j.file, "row": j.number})
	}
	return j.balanced(b)
}

func (j *jsonReader) balanced(b byte) ([]byte, error) {
	j.buf = append(j.buf[:0], b)
	open, inText, escaped := 1, false, false
	for open > 0 {
		b, err := j.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil, errs.New(errs.Invalid, "ingest.json_cut", errs.A{"file": j.file, "row": j.number})
		}
		if err != nil {
			return nil, err
		}
		if j.buf = append(j.buf, b); len(j.buf) > j.lim.Line {
			return nil, j.tooLong()
		}
		switch {
		case escaped:
			escaped = false
		case inText:
			escaped = b == '\\'
			inText = b != '"'
		case b == '"':
			inText = true
		case b == '{' || b == '[':
			open++
		case b == '}' || b == ']':
			open--
		}
	}
	return j.buf, nil
}

// depth is how deep brackets nest outside of strings.
func depth(raw []byte) int {
	deepest, now, inText := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText:
			if c == '\\' {
				i++
			}
			inText = c != '"'
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// jsonTable shows JSON records as a table: each key is a column, the keys of an
// object within it are named with a dot ("name.zh"), lists of plain values are
// joined by "|". The columns are those of the first records.
type jsonTable struct {
	in    *jsonReader
	head  []string
	at    map[string]int
	ahead []row
	end   error
}

// headRecords is how many records name the columns.
const headRecords = 200

func newJSONTable(in *bufio.Reader, file string, lim Limits) (*jsonTable, error) {
	t := &jsonTable{in: newJSON(in, file, lim), at: map[string]int{}}
	var kept []map[string]string
	for len(t.ahead) < headRecords && t.end == nil {
		raw, number, bad, err := t.in.next()
		if err != nil {
			t.end = err
			break
		}
		cells, bad := flatten(raw, number, bad)
		for _, k := range sortedKeys(cells) {
			if _, known := t.at[k]; !known && len(t.head) < lim.Columns {
				t.at[k] = len(t.head)
				t.head = append(t.head, k)
			}
		}
		t.ahead = append(t.ahead, row{number: number, raw: string(raw), fault: bad})
		kept = append(kept, cells)
	}
	if t.end != nil && !errors.Is(t.end, io.EOF) {
		return nil, t.end
	}
	if len(t.head) == 0 {
		return nil, errs.New(errs.Invalid, "ingest.no_header", errs.A{"file": file})
	}
	for i := range t.ahead {
		t.ahead[i].cells = t.place(kept[i])
	}
	return t, nil
}

func (t *jsonTable) header() []string { return t.head }
func (t *jsonTable) close() error     { return nil }

func (t *jsonTable) next() (row, error) {
	if len(t.ahead) > 0 {
		r := t.ahead[0]
		t.ahead = t.ahead[1:]
		return r, nil
	}
	if t.end != nil {
		return row{}, t.end
	}
	raw, number, bad, err := t.in.next()
	if err != nil {
		return row{}, err
	}
	cells, bad := flatten(raw, number, bad)
	return row{number: number, cells: t.place(cells), raw: string(raw), fault: bad}, nil
}

func (t *jsonTable) place(cells map[string]string) []string {
	out := make([]string, len(t.head))
	for k, v := range cells {
		if i, ok := t.at[k]; ok {
			out[i] = v
		}
	}
	return out
}

func flatten(raw []byte, number int64, bad *errs.Error) (map[string]string, *errs.Error) {
	if bad != nil {
		return nil, bad
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // an id of 18 digits stays as it is
	var m map[string]any
	if err := dec.Decode(&m); err != nil || m == nil {
		return nil, fault("ingest.json_shape", "", errs.A{"file": "JSON", "row": number})
	}
	out := map[string]string{}
	flattenInto(out, "", m, 0)
	return out, nil
}

func flattenInto(out map[string]string, prefix string, m map[string]any, level int) {
	for k, v := range m {
		if sub, ok := v.(map[string]any); ok && level < 3 {
			flattenInto(out, prefix+k+".", sub, level+1)
			continue
		}
		out[prefix+k] = plain(v)
	}
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.ReplaceAll(v, "\x00", "")
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, plain(e))
		}
		return strings.Join(parts, "|")
	}
	raw, _ := json.Marshal(v) // it was just decoded
	return string(raw)
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
