package claims

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// records are figures held in memory.
type records []Figure

func (r records) Figures(context.Context) ([]Figure, error) { return r, nil }

var places = map[string][]string{"division:440100": {"广州", "Guangzhou"}, "division:440000": {"广东", "Guangdong", "广州"}, "division:440300": {"深圳", "Shenzhen"}}

const newspaper = "ycwb-2025-review-2024"

// bundled reads the figures of the demo city. The newspaper's own values carry
// its fingerprint, unless text is empty.
func bundled(t *testing.T, text string) records {
	t.Helper()
	var file struct {
		Figures []struct {
			ID                     string
			Title                  i18n.Text
			Unit                   quantity.Unit
			Scope                  i18n.Text
			Subject                string
			Numerator, Denominator string
			Reading                string
			Variants               []string
			Terms                  struct{ ZH, EN []string }
		}
	}
	if err := yaml.Unmarshal(read(t, data.Figures), &file); err != nil {
		t.Fatal(err)
	}
	names := orgNames(t)
	out, byID := records{}, map[string]int{}
	for _, f := range file.Figures {
		g := Figure{ID: f.ID, Title: f.Title, Unit: f.Unit, Scope: f.Scope.ZH, Terms: append(f.Terms.ZH, f.Terms.EN...), Numerator: f.Numerator, Denominator: f.Denominator, Variants: f.Variants}
		g.SubjectNames, g.Places = names[f.Subject], places[f.Subject]
		if g.Places == nil {
			g.Places = places["division:440100"]
		}
		switch {
		case isRatio(f.Unit) && f.Reading == "all":
			g.Reading = i18n.Text{ZH: "全部获奖项目（牵头或参与）", EN: "all awards, led or joint"}
		case len(f.Variants) > 0 && strings.HasSuffix(f.ID, ".led"):
			g.Reading, g.Qualifiers = i18n.Text{ZH: "牵头项目", EN: "led awards"}, []string{"牵头", "led"}
		}
		byID[f.ID] = len(out)
		out = append(out, g)
	}
	own := Fingerprint(text)
	for _, r := range table(t, data.Reported) {
		i, ok := byID[r["figure_id"]]
		if !ok {
			continue
		}
		v := Value{Quantity: quantity.Quantity{Bound: quantity.Bound(r["bound"]), Unit: quantity.Unit(r["unit"])}, Edition: r["edition"], Basis: Reported, SourceID: r["source_id"]}
		v.Quantity.Value, _ = strconv.ParseFloat(r["value"], 64)
		v.Quantity.High, _ = strconv.ParseFloat(r["high"], 64)
		v.Quantity.Step, _ = strconv.ParseFloat(r["step"], 64)
		v.Period = quantity.Period{Kind: quantity.PeriodKind(r["period_kind"]), Start: r["period_start"], End: r["period_end"]}
		v.DataYear, _ = strconv.Atoi(r["data_year"])
		v.SourceTitle = i18n.Text{ZH: r["source_id"]}
		if r["source_id"] == newspaper {
			v.Fingerprint = own
		}
		out[i].Values = append(out[i].Values, v)
	}
	for _, r := range table(t, data.Superlatives) {
		kind := map[string]Extreme{"first": First, "only": Only, "largest": Most, "most": Most, "record": Record, "gap": Gap}[r["kind"]]
		if kind == "" {
			continue
		}
		f := Figure{ID: r["id"], Kind: Superlative, Extreme: kind, Scope: r["scope_zh"], Title: i18n.Text{ZH: r["object_zh"], EN: r["object_en"]}, SubjectNames: names[r["subject"]]}
		v := Value{Basis: Reported, SourceID: r["source_id"], SourceTitle: i18n.Text{ZH: r["source_id"]}}
		if r["source_id"] == newspaper {
			v.Fingerprint = own
		}
		f.Values = []Value{v}
		out = append(out, f)
	}
	return out
}

func read(t *testing.T, f data.File) []byte {
	t.Helper()
	b, err := data.FS.ReadFile(data.Guangzhou.Path(f))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func table(t *testing.T, f data.File) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(read(t, f))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0] {
			m[h] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func orgNames(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, r := range table(t, data.Organisations) {
		out["org:"+r["key"]] = slices.DeleteFunc(append([]string{r["name_zh"], r["name_en"]}, strings.Split(r["aliases"], "|")...), func(s string) bool { return s == "" })
	}
	return out
}

func article(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(shareddata.Article(t, "guangzhou-2024.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func audit(t *testing.T, text string, known Known) Report {
	t.Helper()
	r, err := Check(context.Background(), Extract(text, Options{}), known, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func find(t *testing.T, r Report, text string) Checked {
	t.Helper()
	for _, c := range r.Claims {
		if c.Text == text {
			return c
		}
	}
	t.Fatalf("no claim %q", text)
	return Checked{}
}
