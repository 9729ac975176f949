package ingest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// read opens content as a table and returns one line per row: its cells, or
// the key of its fault.
func read(t testing.TB, content []byte, req Request) ([]string, Detection, error) {
	t.Helper()
	lim := DefaultLimits
	if req.Limits != nil {
		lim = *req.Limits
	}
	f, err := openFile(context.Background(), "", bytes.NewReader(content), "f", lim)
	if err != nil {
		return nil, Detection{}, err
	}
	defer f.close()
	j := &job{req: req, file: f, lim: lim}
	tab, err := j.openTable()
	if err != nil {
		return nil, Detection{}, err
	}
	defer tab.close()
	var d Detection
	if j.report.Detection != nil {
		d = *j.report.Detection
	}
	out := []string{strings.Join(tab.header(), "¦")}
	for {
		r, err := tab.next()
		if errors.Is(err, io.EOF) {
			return out, d, nil
		}
		if err != nil {
			return out, d, err
		}
		line := fmt.Sprint(r.number, " ", strings.Join(r.cells, "¦"))
		if r.fault != nil {
			line = fmt.Sprint(r.number, " ", r.fault.Key)
		}
		out = append(out, line)
	}
}

func wantKey(t testing.TB, what string, err error, key string) {
	t.Helper()
	if e := errs.Of(err); e == nil || e.Key != key {
		t.Errorf("%s: err = %v, want %s", what, err, key)
		return
	}
	for _, l := range i18n.Langs {
		if text := i18n.Error(l, err); strings.Contains(text, "{") && !strings.Contains(text, `{"`) || text == key {
			t.Errorf("%s: the message %q is not filled", what, text)
		}
	}
}

func TestCSV(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"plain":      {"名称,区\n木棉,天河\n", []string{"名称¦区", "2 木棉¦天河"}},
		"bom crlf":   {"\xef\xbb\xbf名称,区\r\n木棉,天河\r\n", []string{"名称¦区", "2 木棉¦天河"}},
		"semicolon":  {"a;b\n1;2,5\n3;4\n", []string{"a¦b", "2 1¦2,5", "3 3¦4"}},
		"tab":        {"a\tb\n1\t2\n", []string{"a¦b", "2 1¦2"}},
		"quotes":     {"a,b\n\"x, \"\"y\"\"\nz\",2\n", []string{"a¦b", "2 x, \"y\"\nz¦2"}},
		"no newline": {"a,b\n1,2", []string{"a¦b", "2 1¦2"}},
		"ragged":     {"a,b\n1\n1,2,3\n1,2,,\n4,5\n", []string{"a¦b", "2 ingest.ragged", "3 ingest.ragged", "4 1¦2", "5 4¦5"}},
		"blank":      {"\n\na,b\n\n1,2\n", []string{"a¦b", "5 1¦2"}},
		"one column": {"名称\n木棉\n\"\"\n", []string{"名称", "2 木棉", "3 "}},
		"stray":      {"a,b\nx\"y,2\n\"x\"y,2\n1,2\n", []string{"a¦b", "2 x\"y¦2", "3 ingest.after_quote", "4 1¦2"}},
		"nul":        {"a,b\nx\x00,2\n1,2\n", []string{"a¦b", "2 ingest.bad_bytes", "3 1¦2"}},
		"cr only":    {"a,b\r1,2\r", []string{"a¦b", "2 1¦2"}},
	} {
		got, _, err := read(t, []byte(c.in), Request{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFilesAtFault(t *testing.T) {
	tight := Limits{File: 1 << 20, Unpack: 64 << 20, Ratio: 150, Line: 1 << 16, Field: 1 << 12, Columns: 50, Rows: 100, Depth: 8, Entries: 10}
	for name, c := range map[string]struct {
		in  string
		key string
	}{
		"empty":       {"", "ingest.empty"},
		"blank":       {" \n ", "ingest.empty"},
		"open quote":  {"a,b\n1,\"2\n3,4\n", "ingest.open_quote"},
		"long field":  {"a,b\n" + strings.Repeat("x", 1<<13) + ",2\n", "ingest.field_long"},
		"long quoted": {"a,b\n\"" + strings.Repeat("x", 1<<13), "ingest.field_long"},
		"columns":     {"a,b\n" + strings.Repeat("1,", 60) + "\n", "ingest.too_many_columns"},
		"head":        {strings.Repeat("a,", 60) + "\n", "ingest.too_many_columns"},
		"line":        {"a,b\n" + strings.Repeat(strings.Repeat("y", 3000)+",", 40) + "\n", "ingest.line_long"},
		"rows":        {"a\n" + strings.Repeat("x\n", 200), "ingest.too_many_rows"},
		"file":        {strings.Repeat("x", 2<<20), "ingest.file_large"},
		"old excel":   {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1aaaa", "ingest.old_excel"},
		"pdf":         {"%PDF-1.7", "ingest.not_a_table"},
		"zip cut":     {"PK\x03\x04 and no more", "ingest.zip_damaged"},
		"latin-1":     {"name,city\nUniversit\xe9 de Gen\xe8ve,Gen\xe8ve\n", "ingest.encoding_unknown"},
		"gzip head":   {"\x1f\x8b\x00", "ingest.gzip_damaged"},
		"json deep":   {`{"a":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + "}\n", "ingest.no_header"},
		"json cut":    {`[{"a":1},{"a":`, "ingest.json_cut"},
		"json shape":  {`[1,2]`, "ingest.json_shape"},
	} {
		_, _, err := read(t, []byte(c.in), Request{Limits: &tight})
		wantKey(t, name, err, c.key)
	}
}

func gz(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(content)
	_ = w.Close()
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	plain := []byte("a,b\n" + strings.Repeat("1,2\n", 50000))
	packed := gz(plain)
	got, _, err := read(t, packed, Request{})
	if err != nil || len(got) != 50001 {
		t.Errorf("%d rows, %v", len(got), err)
	}
	_, _, err = read(t, packed[:len(packed)/2], Request{})
	wantKey(t, "truncated", err, "ingest.truncated")
	_, _, err = read(t, packed[:len(packed)-6], Request{})
	wantKey(t, "without its checksum", err, "ingest.truncated")
	spoilt := bytes.Clone(packed)
	spoilt[len(spoilt)-5] ^= 0xff // in the checksum
	_, _, err = read(t, spoilt, Request{})
	wantKey(t, "wrong checksum", err, "ingest.gzip_damaged")
}

// TestBombs holds that archives of nothing much stop early.
func TestBombs(t *testing.T) {
	rows := append([]byte("a,b\n"), bytes.Repeat([]byte("1,"+strings.Repeat("2", 2000)+"\n"), 20_000)...)
	zeros := make([]byte, 12<<20)
	var book bytes.Buffer
	z := zip.NewWriter(&book)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml", "x"} {
		w, _ := z.Create(name)
		_, _ = w.Write(zeros)
	}
	_ = z.Close()
	for name, bomb := range map[string][]byte{"gzip": gz(rows), "xlsx": book.Bytes()} {
		start := time.Now()
		_, _, err := read(t, bomb, Request{})
		wantKey(t, name, err, "ingest.bomb")
		if d := time.Since(start); d > 8*time.Second {
			t.Errorf("%s took %v", name, d)
		}
	}
}

// TestTenMillionColumns holds that the widest row costs one sentence and no
// memory.
func TestTenMillionColumns(t *testing.T) {
	wide := append([]byte("a,b\n"), bytes.Repeat([]byte("1,"), 10_000_000)...)
	for name, in := range map[string][]byte{"row": wide, "header": wide[4:], "quoted": append([]byte("a\n\""), wide...)} {
		_, _, err := read(t, in, Request{})
		if errs.KindOf(err) != errs.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
		if text := i18n.Error(i18n.ZH, err); strings.Count(text, "\n") != 0 || len([]rune(text)) > 80 {
			t.Errorf("%s: not one clear sentence: %s", name, text)
		}
	}
}

func TestEncodings(t *testing.T) {
	text := "名称,所在区\n广州木棉示例科技有限公司,天河区\n㐂㐅镕,番禺区\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	le, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	be, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"名称¦所在区", "2 广州木棉示例科技有限公司¦天河区", "3 㐂㐅镕¦番禺区"}
	for name, c := range map[string]struct {
		in   string
		enc  Encoding
		from Encoding
	}{
		"utf-8": {text, UTF8, ""}, "gb18030": {gb, GB18030, ""}, "utf-16le": {le, UTF16, ""}, "utf-16be": {be, UTF16, ""}, "stated": {gb, GB18030, GB18030},
	} {
		got, d, err := read(t, []byte(c.in), Request{Encoding: c.from})
		if err != nil || d.Encoding != c.enc || d.Confidence < 0.7 {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	_, _, err = read(t, []byte(text), Request{Encoding: "klingon"})
	wantKey(t, "unknown encoding", err, "ingest.encoding_name")
	late := append(bytes.Repeat([]byte("aaaa,bbbb\n"), 30000), gb...)
	got, _, err := read(t, late, Request{})
	if err != nil || !strings.HasSuffix(got[len(got)-1], "ingest.bad_bytes") {
		t.Errorf("another encoding further down is a fault of its rows: %v, %v", got[len(got)-1], err)
	}
	if d := Detect([]byte("\xa5\x78\xa4\x6a\xc2\xe5\xb0\x7c\xaa\xc5\xaa\x4c")); d.Confidence >= minConfidence {
		t.Errorf("Big5 is taken for GB18030 with %.2f", d.Confidence)
	}
}

func TestJSONL(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want []string
	}{
		"lines":  {"{\"name\":{\"zh\":\"木棉\"},\"n\":914401017000000123}\n\n{\"tags\":[\"a\",1,null],\"ok\":true}\n", []string{"n¦name.zh¦ok¦tags", "1 914401017000000123¦木棉¦¦", "3 ¦¦true¦a|1|"}},
		"array":  {" [ {\"a\":\"]}\\\"\"} ,\n{\"a\":2}]", []string{"a", "1 ]}\"", "2 2"}},
		"faults": {"{\"a\":1}\n{\"a\":\n[1]\n{\"a\":\"\xff\"}\n{\"a\":3}\n", []string{"a", "1 1", "2 ingest.json_bad", "3 ingest.json_shape", "4 ingest.bad_bytes", "5 3"}},
		"deep":   {"{\"a\":1}\n{\"a\":" + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}\n", []string{"a", "1 1", "2 ingest.json_deep"}},
	} {
		got, _, err := read(t, []byte(c.in), Request{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	in := book(t, func(f *excelize.File) {
		set := func(cell string, v any) {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
		set("A1", "2024年企业名单")
		for i, h := range []string{"名称", "信用代码", "成立日期", "占比", "数值"} {
			set(string(rune('A'+i))+"3", h)
		}
		set("A4", "木棉")
		set("B4", "91440101MA5CQXXXX0")
		set("C4", time.Date(2024, 3, 5, 0, 0, 0, 0, time.UTC))
		set("D4", 0.7857)
		set("E4", 1234.56)
		style := func(cell string, s *excelize.Style) {
			id, err := f.NewStyle(s)
			if err == nil {
				err = f.SetCellStyle("Sheet1", cell, cell, id)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		style("C4", &excelize.Style{NumFmt: 14})
		style("D4", &excelize.Style{NumFmt: 9})
		style("E4", &excelize.Style{NumFmt: 3})
		set("A6", "红棉")
		if err := f.SetCellDefault("Sheet1", "B6", "9.1440101700000000E+17"); err != nil { // as Excel stores it
			t.Fatal(err)
		}
		set("F7", "外面")
	})
	got, _, err := read(t, in, Request{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"名称¦信用代码¦成立日期¦占比¦数值", "4 木棉¦91440101MA5CQXXXX0¦2024-03-05¦78.57%¦1234.56", "6 红棉¦914401017000000000¦¦¦", "7 ingest.ragged"}
	want[2] = got[2] // its form is checked next
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	code := strings.Split(strings.TrimPrefix(got[2], "6 "), "¦")[1]
	r := &record{cells: []string{code}, at: map[string]int{"uscc": 0}, heads: []string{"信用代码"}}
	r.get("uscc")
	if len(r.faults) != 1 || r.faults[0].Key != "ingest.scientific" {
		t.Errorf("a code stored as the number %s is not refused: %v", code, r.faults)
	}
	_, _, err = read(t, in, Request{Sheet: "没有"})
	wantKey(t, "sheet", err, "ingest.no_sheet")
	for n := len(in) / 7; n < len(in); n += len(in) / 7 {
		if _, _, err := read(t, in[:n], Request{}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
}

// TestCSVReadsWhatIsWritten writes random tables with encoding/csv and reads
// them back.
func TestCSVReadsWhatIsWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	pieces := []string{"木棉", "a", ",", "\"", "\n", " ", ";", "\t", "é", "12", "'"}
	cell := func() string {
		var b strings.Builder
		for range rng.IntN(5) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		return b.String() + "x" // a row of one empty cell is a blank line
	}
	for round := range 300 {
		var rows [][]string
		width := 1 + rng.IntN(5)
		for range 1 + rng.IntN(6) {
			row := make([]string, width)
			for i := range row {
				row[i] = cell()
			}
			rows = append(rows, row)
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = rng.IntN(2) == 0
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		c, err := newCSV(bufio.NewReader(&b), "f", ',', DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		got := [][]string{nil}
		for {
			r, err := c.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || r.fault != nil {
				t.Fatal(err, r.fault)
			}
			got = append(got, r.cells)
		}
		norm := func(rows [][]string) string {
			return strings.ReplaceAll(fmt.Sprintf("%q", rows[1:]), `\r\n`, `\n`)
		}
		if a, b := norm(rows), norm(got); a != b {
			t.Fatalf("round %d: wrote %s, read %s", round, a, b)
		}
	}
}

func TestTempFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	_, _, _ = read(t, []byte("a,b\n1,2\n"), Request{})
	_, _, _ = read(t, gz([]byte("a")), Request{Limits: &Limits{File: 3}})
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// fuzz holds what is true of every file: no panic, an end, and an error that
// says something to people.
func fuzzRead(t *testing.T, in []byte) {
	lim := Limits{File: 1 << 20, Unpack: 8 << 20, Ratio: 1000, Line: 1 << 14, Field: 1 << 12, Columns: 64, Rows: 5000, Depth: 16, Entries: 50}
	_, _, err := read(t, in, Request{Limits: &lim})
	if err != nil && errs.KindOf(err) == errs.Internal {
		t.Errorf("an error without words: %v", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\"\"\n\",3\r\n"))
	f.Add([]byte("\xef\xbb\xbf名称;区\n\xc4\xbe\xc3\xde;x\n"))
	f.Add([]byte("\xff\xfea\x00,\x00\n\x00"))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzRead(t, in) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"a":"\u0000"},{"b":{"c":[1]}}]`))
	f.Add([]byte("{\"a\":1}\n{\"a\":\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		fuzzRead(t, append([]byte("{"), in...))
		fuzzRead(t, append([]byte("["), in...))
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(book(f, func(x *excelize.File) {
		_ = x.SetCellValue("Sheet1", "A1", "名称")
		_ = x.SetCellValue("Sheet1", "A2", 1.5)
	}))
	f.Fuzz(func(t *testing.T, in []byte) { fuzzRead(t, in) })
}

func FuzzSheetXML(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1"><v>2</v></c></row>`)
	f.Add(`<row r="99999999"><c r="ZZZZZZ1" t="s"><v>77</v></c></row>`)
	f.Fuzz(func(t *testing.T, rows string) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, body := range map[string]string{
			"[Content_Types].xml":        `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
			"_rels/.rels":                `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
			"xl/workbook.xml":            `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`,
		} {
			w, _ := z.Create(name)
			_, _ = io.WriteString(w, body)
		}
		_ = z.Close()
		fuzzRead(t, b.Bytes())
	})
}

func FuzzROR(f *testing.F) {
	f.Add([]byte(`{"id":"https://ror.org/000025p04","names":[{"value":"x","types":["label"]}],"external_ids":{"GRID":{"all":"grid.1.1"}},"links":["http://x"],"established":-1}`))
	f.Add([]byte(`{"id":"https://ror.org/000025p04","names":[],"external_ids":[{"type":"isni","all":["0"]}],"links":[{"type":"website","value":"y"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) { parseROR(in) })
}

func FuzzChinaXiv(f *testing.F) {
	f.Add([]byte(`{"id":"ChinaXiv-201601.00051V1","keywords":"a；b 引用格式：某某","funding_raw":"x 作者简介：y","affiliations_guess":[{"org":"中国科学院","city":"文献情报中心北京"}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, faults := parseChinaXiv(in)
		for _, k := range p.Keywords {
			if len(faults) == 0 && len([]rune(k)) > 40 {
				t.Errorf("keyword %q", k)
			}
		}
	})
}
