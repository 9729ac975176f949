package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/registry"
)

const rorV1 = `{"id":"https://ror.org/0064kty71","name":"Sun Yat-sen University","types":["Education"],"established":1924,"status":"active",
	"links":["http://www.sysu.edu.cn"],"aliases":["Zhongshan University"],"acronyms":["SYSU"],"labels":[{"label":"中山大学","iso639":"zh"}],
	"addresses":[{"lat":23.1,"lng":113.3,"city":"Guangzhou"}],"country":{"country_code":"CN"},
	"relationships":[{"type":"Child","id":"https://ror.org/042999n30","label":"x"},{"type":"Related","id":"https://ror.org/042999n30","label":"x"}],
	"external_ids":{"ISNI":{"preferred":null,"all":["0000 0001 2360 039X"]},"GRID":{"preferred":"grid.12981.33","all":"grid.12981.33"}}}`

const rorV2 = `{"id":"https://ror.org/0064kty71","types":["education","funder"],"established":1924,"status":"active",
	"links":[{"type":"wikipedia","value":"http://w"},{"type":"website","value":"http://www.sysu.edu.cn"}],
	"names":[{"value":"SYSU","types":["acronym"],"lang":null},{"value":"Zhongshan University","types":["alias"],"lang":null},
		{"value":"Sun Yat-sen University","types":["ror_display","label"],"lang":null},{"value":"中山大学","types":["label"],"lang":"zh"}],
	"locations":[{"geonames_details":{"name":"Guangzhou","country_code":"CN","lat":23.1,"lng":113.3}}],
	"relationships":[{"type":"child","id":"https://ror.org/042999n30"},{"type":"related","id":"https://ror.org/042999n30"}],
	"external_ids":[{"type":"isni","preferred":null,"all":["0000 0001 2360 039X"]},{"type":"grid","preferred":"grid.12981.33","all":["grid.12981.33"]}]}`

// TestBothSchemasOfROR holds that one record written in both schemas is one
// organisation.
func TestBothSchemasOfROR(t *testing.T) {
	one, rels1, faults1 := parseROR([]byte(rorV1))
	two, rels2, faults2 := parseROR([]byte(rorV2))
	if len(faults1)+len(faults2) > 0 {
		t.Fatal(faults1, faults2)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(rels1, rels2); diff != "" {
		t.Error(diff)
	}
	if len(one.Names) != 4 || one.Kind != registry.University || len(one.Identifiers) != 3 || one.Website != "http://www.sysu.edu.cn" || *one.Place.Lat != 23.1 {
		t.Errorf("%+v", one)
	}
	child := rorID("042999n30")
	if rels1[0] != (registry.Relation{From: child, Kind: registry.Parent, To: one.ID}) || rels1[1].Kind != registry.Related {
		t.Errorf("relations = %+v", rels1)
	}
	for _, bad := range []string{`{}`, `[]`, `{"id":"https://ror.org/0064kty72","name":"x"}`, `{"id":"https://ror.org/0064kty71"}`} {
		if _, _, faults := parseROR([]byte(bad)); len(faults) == 0 {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// TestOfficialZip reads the newest schema of a release that holds several.
func TestOfficialZip(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, body := range map[string]string{"v1.54-ror-data.json": "[" + rorV1 + "]", "v1.54-ror-data_schema_v2.json": "[" + rorV2 + "," + strings.ReplaceAll(rorV2, "0064kty71", "042999n30") + "]",
		"v1.54-ror-data.csv": "id,name\n", "__MACOSX/._x.json": "x"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(body))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := service(dbtest.SQLite(t))
	r := run(t, s, Request{Importer: "ror", Reader: bytes.NewReader(b.Bytes()), Name: "ror.zip", By: by})
	if r.Counts.Created != 2 {
		t.Errorf("%+v %+v", r.Counts, r.Rejected)
	}
	b.Reset()
	z = zip.NewWriter(&b)
	_, _ = z.Create("readme.txt")
	_ = z.Close()
	_, err := s.Run(context.Background(), Request{Importer: "ror", Reader: bytes.NewReader(b.Bytes()), By: by})
	wantKey(t, "a zip without records", err, "ingest.zip_without")
	_, err = s.Run(context.Background(), Request{Importer: "ror", Reader: strings.NewReader("a,b\n"), By: by})
	wantKey(t, "a table", err, "ingest.not_json")
}

// TestRORTwiceInOneFile: the same record again is unchanged, another text of it
// is refused.
func TestRORTwiceInOneFile(t *testing.T) {
	s := service(dbtest.SQLite(t))
	flat := func(r string) string { return strings.NewReplacer("\n", " ", "\t", " ").Replace(r) }
	in := flat(rorV1) + "\n" + flat(rorV1) + "\n" + flat(strings.ReplaceAll(rorV1, "1924", "1925")) + "\n{\"id\":\"x\"}\nnot json\n"
	r := run(t, s, Request{Importer: "ror", Reader: strings.NewReader(in), By: by})
	if r.Counts.Created != 1 || r.Counts.Unchanged != 1 || r.Counts.Rejected != 3 || r.Rejected[0].Error.Key != "ingest.twice" {
		t.Errorf("%+v %+v", r.Counts, r.Rejected)
	}
}

// TestNoAuthorsAreKept holds that neither the head of a paper nor what the
// recognised lines hold of persons is stored.
func TestNoAuthorsAreKept(t *testing.T) {
	line, err := json.Marshal(map[string]any{
		"id": "ChinaXiv-201605.00434V1", "year": 2016, "month": 5, "lang": "mixed", "title": " 海南岛\n土壤有机碳 ", "doi": "10.17521/cjpe.2015.0314", "clc": "S15",
		"keywords": "土壤有机碳；海南岛 引用格式：杨某，李某某(2016)", "head": "# 题名\n王某某，张某",
		"funding_raw":        "国家自然科学基金(31290223) 作者简介：赵某，博士 E-mail: z@x.cn",
		"affiliations_guess": []map[string]string{{"org": "中国科学院华南植物园", "city": "广州", "postcode": "510650"}, {"org": "中国科学院", "city": "文献情报中心北京"}, {"org": "", "city": "广州"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, faults := parseChinaXiv(line)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := registry.Paper{Key: "chinaxiv:201605.00434V1", Title: "海南岛 土壤有机碳", Lang: "zh", Year: 2016, Month: 5, DOI: "10.17521/cjpe.2015.0314", CLC: "S15",
		Keywords: []string{"土壤有机碳", "海南岛"}, Funding: "国家自然科学基金(31290223)",
		Affiliations: []registry.Affiliation{{Raw: "中国科学院华南植物园", City: "广州"}, {Raw: "中国科学院文献情报中心北京"}}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestDaysAsPeopleWriteThem(t *testing.T) {
	for in, want := range map[string]string{
		"2024": "2024", "2024-3": "2024-03", "2024/3/5": "2024-03-05", "2024.03.05": "2024-03-05", "2024年3月": "2024-03", "2024年3月5日": "2024-03-05", "20240305": "2024-03-05",
		"2024-03-05 00:00:00": "2024-03-05", "2024-13": "", "2024-02-30": "", "24-3-5": "", "昨天": "", "2024年": "2024",
	} {
		r := &record{cells: []string{in}, at: map[string]int{"d": 0}, heads: []string{"日期"}}
		if got := r.day("d"); got != want || (want == "") != (len(r.faults) == 1) {
			t.Errorf("%q is %q with %v, want %q", in, got, r.faults, want)
		}
	}
}

// TestEveryTarget imports a small table as each target.
func TestEveryTarget(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	run(t, s, tableOf(t, "organisation", "名称,编号,统一社会信用代码\n示例大学,uni,91350100M000100Y43\n同名中心,a,\n同名中心,b,\n"))
	for _, c := range []struct {
		target, text string
		created      int64
		faults       []string
	}{
		{"platform", "平台名称,类别,依托单位,备注\n甲实验室,provincial_lab,示例大学,x\n乙实验室,provincial_lab,没有这家,\n丙实验室,provincial_lab,同名中心,\n丁实验室,,org:uni,\n", 1,
			[]string{"3 依托单位 ingest.unknown_ref", "4 依托单位 ingest.unknown_ref", "5 类别 ingest.empty_cell"}},
		{"park", "园区名称,类型,运营单位\n甲园,science_park,91350100M000100Y43\n", 1, nil},
		{"person", "姓名,所在单位,ORCID\n张示例,示例大学,\n李示例,,0000-0002-1825-0097\n王示例,,0000-0002-1825-0098\n", 2, []string{"4 ORCID identifier.check"}},
		{"paper", "题名,年份,作者单位\n题一,2024,示例大学|别处\n题二,二零二四,\n", 1, []string{"3 年份 ingest.bad_number"}},
		{"relation", "from,kind,to,share\norg:uni,parent,org:a,51%\norg:uni,parent,org:b,7\n", 1, []string{"3 share ingest.bad_share"}},
	} {
		r := run(t, s, tableOf(t, c.target, c.text))
		var faults []string
		for _, f := range r.Rejected {
			faults = append(faults, fmt.Sprint(f.Row, " ", f.Column, " ", f.Error.Key))
		}
		if r.Counts.Created != c.created || !slices.Equal(faults, c.faults) {
			t.Errorf("%s: %+v %v", c.target, r.Counts, faults)
		}
	}
	links, err := s.reg.Relations(t.Context(), keyedID("org", "a"))
	if err != nil || len(links) != 1 || links[0].Kind != registry.Parent || !links[0].Outward || links[0].Links[0].Other.Name.ZH != "示例大学" || *links[0].Links[0].Share != 0.51 {
		t.Errorf("uni is the parent of a: %+v, %v", links, err)
	}
}

func TestRequestsAtFault(t *testing.T) {
	s := service(dbtest.SQLite(t))
	for key, req := range map[string]Request{
		"ingest.no_importer":    {Importer: "magic"},
		"ingest.no_mapping":     {Importer: "table"},
		"ingest.no_source":      {Importer: "table", Mapping: &Mapping{Target: "organisation", Columns: map[string]string{"name_zh": "名称"}}},
		"ingest.no_file":        {Importer: "ror", Path: "/nowhere/x"},
		"ingest.is_folder":      {Importer: "ror", Path: t.TempDir()},
		"ingest.no_divisions":   {Importer: "gb2260", Path: t.TempDir()},
		"ingest.unknown_source": {Importer: "organisations", SourceID: "none", Reader: strings.NewReader("name_zh\nx\n")},
		"ingest.missing_column": {Importer: "platforms", Reader: strings.NewReader("name_zh\nx\n")},
		"ingest.no_rows":        {Importer: "organisations", Reader: strings.NewReader("name_zh\n")},
		"ingest.no_column":      {Importer: "table", SourceID: "s", Mapping: &Mapping{Target: "organisation", Columns: map[string]string{"name_zh": "名称"}}},
		"ingest.column_twice":   {Importer: "table", Mapping: &Mapping{Target: "organisation", Columns: map[string]string{"name_zh": "a"}}, Reader: strings.NewReader("a,a\n1,2\n")},
		"ingest.bad_yaml":       {Importer: "sources", Reader: strings.NewReader("version: [")},
	} {
		if key == "ingest.no_column" || key == "ingest.column_twice" {
			src := bureau
			req.SourceID, req.Source = "", &src
			if req.Reader == nil {
				req.Reader = strings.NewReader("a,b\n1,2\n")
			}
		}
		_, err := s.Run(t.Context(), req)
		wantKey(t, key, err, key)
		if errs.KindOf(err) == errs.Internal {
			t.Errorf("%s is told as an internal failure", key)
		}
	}
}
