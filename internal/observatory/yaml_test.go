package observatory_test

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/quantity"
)

const head = "version: 1\ngroups: [{id: g, title: {zh: 组, en: g}}]\nfigures:\n"

func figureYAML(extra string) string {
	return head + "  - {id: a, group: g, title: {zh: 甲, en: a}, definition: {zh: 甲, en: a}, unit: count, flow: flow, period: year, basis: computed" + extra + "}\n"
}

func TestParseFigures(t *testing.T) {
	got, err := observatory.ParseFigures(strings.NewReader(figureYAML(`, compute: {sql: "SELECT 1 AS value", records: "select 1"}`)))
	if err != nil || len(got) != 1 || got[0].Operation() != observatory.BySQL || got[0].GroupTitle.ZH != "组" || got[0].Flow != quantity.FlowOf {
		t.Errorf("%+v, %v", got, err)
	}
	for name, text := range map[string]string{
		"not yaml":            "\t{",
		"unknown field":       figureYAML(", colour: red"),
		"other version":       "version: 2",
		"empty":               "",
		"unknown group":       strings.Replace(figureYAML(""), "group: g", "group: h", 1),
		"one language":        strings.Replace(figureYAML(""), "{zh: 甲, en: a}", "{zh: 甲}", 1),
		"unit":                strings.Replace(figureYAML(""), "unit: count", "unit: furlong", 1),
		"period":              strings.Replace(figureYAML(""), "period: year", "period: decade", 1),
		"id":                  strings.Replace(figureYAML(""), "id: a", "id: A B", 1),
		"half a ratio":        figureYAML(", numerator: a"),
		"dangling":            figureYAML(", numerator: a, denominator: b"),
		"no records":          figureYAML(`, compute: {sql: "SELECT 1"}`),
		"not a select":        figureYAML(`, compute: {sql: "DROP TABLE figure", records: "SELECT 1"}`),
		"two statements":      figureYAML(`, compute: {sql: "SELECT 1; SELECT 2", records: "SELECT 1"}`),
		"growth of none":      figureYAML(`, compute: {op: growth}`),
		"operation":           figureYAML(`, compute: {op: median, of: [a]}`),
		"twice":               figureYAML("") + strings.TrimPrefix(figureYAML(""), head),
		"a bomb of aliases":   "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\nfigures: [*d,*d,*d,*d]",
		"computation as list": figureYAML(`, compute: [1]`),
	} {
		_, err := observatory.ParseFigures(strings.NewReader(text))
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if shown := i18n.Error(i18n.EN, err); strings.Contains(shown, "observatory.") || strings.Contains(shown, "{field}") || strings.Contains(shown, "{figure}") {
			t.Errorf("%s: the reader sees %q", name, shown)
		}
	}
	if _, err := observatory.ParseFigures(bytes.NewReader(make([]byte, 9<<20))); errs.KindOf(err) != errs.TooLarge {
		t.Errorf("nine megabytes: %v", err)
	}
}

func TestBundledDefinitions(t *testing.T) {
	computed, ops := 0, map[observatory.Operation]int{}
	for _, f := range bundled(t) {
		if !f.Computes() {
			if f.Basis != observatory.BasisReported {
				t.Errorf("%s is %s and nothing computes it", f.ID, f.Basis)
			}
			continue
		}
		computed++
		ops[f.Operation()]++
		if f.Operation() != observatory.ByRatio && (f.Compute.Method.ZH == "" || f.Compute.Method.EN == "") {
			t.Errorf("%s: its method is not told in words", f.ID)
		}
	}
	if computed < 14 || ops[observatory.BySQL] < 10 || ops[observatory.ByRatio] < 5 {
		t.Errorf("%d figures are computed: %v", computed, ops)
	}
}

func FuzzParseFigures(f *testing.F) {
	f.Add([]byte(figureYAML("")))
	f.Add([]byte(figureYAML(`, compute: {sql: "SELECT 1", records: "SELECT 1"}`)))
	f.Add([]byte("version: 1\nfigures: [{id: [x]}]"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		figures, err := observatory.ParseFigures(bytes.NewReader(raw))
		if err != nil {
			if k := errs.KindOf(err); k != errs.Invalid && k != errs.TooLarge {
				t.Fatalf("%v", err)
			}
			return
		}
		for i := range figures {
			if err := figures[i].Validate(); err != nil {
				t.Fatalf("accepted a faulty figure: %v", err)
			}
		}
	})
}

func FuzzParseReported(f *testing.F) {
	f.Add("a", "eq", "26", "", "count", "year", "2023-01-01", "2023-12-31", "2023")
	f.Add("a", "range", "5", "10", "count", "as_of", "", "", "")
	f.Add("a", "gt", "NaN", "1e999", "CNY", "year", "2023-13-01", "x", "-1")
	f.Fuzz(func(t *testing.T, figure, bound, value, high, unit, kind, start, end, year string) {
		cells := map[string]string{"figure_id": figure, "bound": bound, "value": value, "high": high, "unit": unit, "period_kind": kind,
			"period_start": start, "period_end": end, "data_year": year, "source_id": "s"}
		r, err := observatory.ParseReported(func(column string) string { return cells[column] })
		if err == nil && r.Validate() != nil {
			t.Fatalf("accepted %v", cells)
		}
		if err != nil && errs.KindOf(err) != errs.Invalid {
			t.Fatal(err)
		}
	})
}

func TestBundledReportedRowsParse(t *testing.T) {
	raw, err := fs.ReadFile(data.FS, data.Guangzhou.Path(data.Reported))
	if err != nil {
		t.Fatal(err)
	}
	if n := eachRow(t, raw, func(get func(string) string) {
		if _, err := observatory.ParseReported(get); err != nil {
			t.Errorf("%s: %v", get("figure_id"), err)
		}
	}); n < 60 {
		t.Errorf("%d reported values", n)
	}
	if raw, err = fs.ReadFile(data.FS, data.Guangzhou.Path(data.Superlatives)); err != nil {
		t.Fatal(err)
	}
	eachRow(t, raw, func(get func(string) string) {
		if s, err := observatory.ParseSuperlative(get); err != nil || s.Status != observatory.StatusReported {
			t.Errorf("%s: %v", get("id"), err)
		}
	})
	if _, err := observatory.ParseReported(func(string) string { return "" }); errs.KindOf(err) != errs.Invalid {
		t.Errorf("an empty row: %v", err)
	}
}
