package ingest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/shareddata"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

var staffer = level.Viewer{User: "lin", Clearance: level.Internal}

const resultTable = `编号,成果名称,成果简介,成果类型,完成单位,国际专利分类号,行业代码,成熟度,成熟度标准,评定日期,评定机构,评定依据,专利类型,专利号,专利状态,价格（万元）,合作方式,公开范围,所处阶段,团队,神秘列
1,高韧性立方氮化硼单晶,高温高压合成,材料,示例大学,C30B29/38;C30B,3099,5,GB/T 22900-2009,2025年3月,self,试验报告,发明专利,201710601862.3,授权,80,许可|作价入股,公开,中试,张示例、李示例,x
2,Nano power system,,装置,无名公司,,,,,,,,,,,,,,,,
3,坏成熟度,,,,,,12,,,,,,,,,,,,,
4,坏代码,,,,X99,,,,,,,,,,,,,,,
5,坏金额,,,,,,,,,,,,,,"1,000",,,,,
6,坏词,,小玩意,,,,,,,,,,,,,,,,,
7,无量表,,,,,,5,,,,,,,,,,,,,
`

func TestTablesOfResultsAndNeeds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		run(t, s, tableOf(t, "organisation", "机构名称,类型\n示例大学,高校\n广州木棉示例科技有限公司,企业\n"))
		req := tableOf(t, "result", resultTable)
		first := run(t, s, req)
		if got := fmt.Sprint(first.Counts); got != "{7 2 0 0 5}" || fmt.Sprint(first.Unmapped) != "[神秘列]" {
			t.Errorf("%s, unmapped %v: %+v", got, first.Unmapped, first.Rejected)
		}
		var why []string
		for _, r := range first.Rejected {
			why = append(why, fmt.Sprintf("%d %s %s", r.Row, r.Column, r.Error.Key))
		}
		want := []string{"4 成熟度 ingest.bad_number", "5 国际专利分类号 transfer.ipc_section", "6 价格（万元） transfer.import_amount", "7 成果类型 transfer.import_word", "8 成熟度标准 transfer.trl_scale", "8 成熟度 transfer.trl_proof"}
		if diff := cmp.Diff(want, why); diff != "" {
			t.Error(diff)
		}
		room := transfer.New(d)
		l, err := room.Results(t.Context(), level.Viewer{}, transfer.ResultFilter{})
		if err != nil || l.Total != 1 {
			t.Fatalf("%d public results, %v", l.Total, err)
		}
		r := l.Items[0]
		if r.Owner == nil || r.Owner.Name.ZH != "示例大学" || r.OwnerText != "示例大学" || *r.Price.Max != 80*money.Wan || r.Maturity[0].Edition != "2009" || r.Maturity[0].On != "2025-03" ||
			len(r.Forms) != 2 || r.Stage != transfer.Middle || len(r.Team) != 2 || r.Rights[0].Status != transfer.Granted || r.Fields.IPC[0] != "C30B 29/38" {
			t.Errorf("%+v", r)
		}
		hidden, err := room.Results(t.Context(), staffer, transfer.ResultFilter{Filter: transfer.Filter{Query: "nano"}})
		if err != nil || hidden.Total != 1 || hidden.Items[0].Level != level.Internal || hidden.Items[0].Title.EN != "Nano power system" || hidden.Items[0].OwnerID != "" {
			t.Errorf("%+v, %v", hidden, err)
		}
		again := run(t, s, tableOf(t, "result", resultTable))
		if fmt.Sprint(again.Counts) != "{7 0 0 2 5}" || again.Batch.ID != "" {
			t.Errorf("%+v", again.Counts)
		}

		needs := "需求名称,需求内容,发榜单位,榜金,截止日期,最低技术成熟度,成熟度量表,预算（万元）,地区限制,交付日期\n" +
			"寻求高韧性单晶,把韧性提高三成,广州木棉示例科技有限公司,100万元,2026-06-30,6,gbt22900,200,440000,2026-12-31\n" +
			"矛盾的需求,先交付后截止,,,2026-06-30,,,,,2026-05-01\n过期的需求,正文,,,2025-06-30,,,,,\n空的需求,,,,,,,,,\n"
		got := run(t, s, tableOf(t, "need", needs))
		if fmt.Sprint(got.Counts) != "{4 1 0 0 3}" {
			t.Errorf("%+v %+v", got.Counts, got.Rejected)
		}
		n, err := room.Needs(t.Context(), staffer, transfer.NeedFilter{})
		if err != nil || n.Total != 1 || n.Items[0].Kind != transfer.OpenChallenge || *n.Items[0].Prize != 100*money.Wan || *n.Items[0].Constraints.BudgetMax != 200*money.Wan || n.Items[0].ExpiresOn != "2026-06-30" {
			t.Errorf("%+v, %v", n, err)
		}

		_, err = s.reg.SavePlatform(t.Context(), by, registry.Platform{Key: "em", Names: []registry.Name{{Text: "电镜中心", Kind: registry.Official}, {Text: "EM Centre", Kind: registry.Alias}}, Class: "lab", SourceID: "bureau"})
		if err != nil {
			t.Fatal(err)
		}
		offers := run(t, s, tableOf(t, "service", "设备名称,类型,所属平台,收费标准\n透射电镜,仪器设备,电镜中心,200元/小时\n扫描电镜,设备,EM Centre,\n离心机,设备,没有的平台,\n"))
		if fmt.Sprint(offers.Counts) != "{3 2 0 0 1}" || offers.Rejected[0].Error.Key != "ingest.unknown_ref" {
			t.Errorf("%+v %+v", offers.Counts, offers.Rejected)
		}
		if err := s.Undo(t.Context(), first.Batch.ID, by); err != nil {
			t.Error(err)
		}
		if l, err := room.Results(t.Context(), staffer, transfer.ResultFilter{}); err != nil || l.Total != 0 {
			t.Errorf("%d results after the undo, %v", l.Total, err)
		}
	})
}

// TestTransferTemplatesImport fills in nothing and imports the examples.
func TestTransferTemplatesImport(t *testing.T) {
	s := service(dbtest.SQLite(t))
	for importer, target := range map[string]string{"results": "result", "needs": "need", "services": "service"} {
		for _, l := range i18n.Langs {
			var b bytes.Buffer
			if err := WriteTemplate(&b, sheet.XLSX, target, l); err != nil {
				t.Fatal(err)
			}
			r := run(t, s, Request{Importer: importer, Reader: &b, Name: "t.xlsx", By: by})
			if r.Counts.Rejected != 0 || r.Counts.Read != 1 || len(r.Unmapped) > 0 {
				t.Errorf("%s %s: %+v %v %+v", target, l, r.Counts, r.Unmapped, r.Rejected)
			}
		}
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]money.Fen{"500000": 500000 * money.Yuan, "50万": 50 * money.Wan, "1.2亿元": 120_000_000 * money.Yuan, "0.005": 0, "1.2345678万": 0, "12元": 12 * money.Yuan,
		"1,000": 0, "９": 0, "1e5": 0, "999999999999999亿": 0, "-5": -5 * money.Yuan} {
		r := &record{cells: []string{text}, at: map[string]int{"price_max": 0}, heads: []string{"价格"}}
		got := r.fen("price_max")
		if want == 0 && (got != nil || len(r.faults) != 1) || want != 0 && (got == nil || *got != want) {
			t.Errorf("%q: %v, %v", text, got, r.faults)
		}
	}
	r := &record{cells: []string{"80"}, at: map[string]int{"price_max": 0}, heads: []string{"价格（万元）"}}
	if got := r.fen("price_max"); *got != 80*money.Wan {
		t.Error(got)
	}
}

// dataRun imports one file of a set: dry, for real, and again.
func dataRun(t *testing.T, s *Service, importer, name string) Report {
	t.Helper()
	path := shareddata.Path(t, name)
	dry := run(t, s, Request{Importer: importer, Path: path, By: by, DryRun: true})
	real := run(t, s, Request{Importer: importer, Path: path, By: by})
	again := run(t, s, Request{Importer: importer, Path: path, By: by})
	if dry.Counts != real.Counts || fmt.Sprint(dry.Unmapped, dry.Rejected) != fmt.Sprint(real.Unmapped, real.Rejected) {
		t.Errorf("the dry run said %+v, the real one %+v", dry, real)
	}
	if again.Counts.Created+again.Counts.Updated != 0 || again.Counts.Read != real.Counts.Read {
		t.Errorf("the file again: %+v", again.Counts)
	}
	t.Logf("%s: %+v, left out: %s", importer, real.Counts, strings.Join(real.Unmapped, ", "))
	return real
}

func TestBDCINeeds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		r := dataRun(t, s, "bdci-needs", "cn_demands_bdci2019/Requirements.csv")
		if r.Counts != (source.Counts{Read: 371, Created: 365, Rejected: 6}) {
			t.Errorf("%+v", r.Counts)
		}
		for _, row := range r.Rejected {
			if row.Error.Key != "transfer.required" || row.Column != "/text" {
				t.Errorf("%+v", row)
			}
		}
		room := transfer.New(d)
		l, err := room.Needs(t.Context(), staffer, transfer.NeedFilter{Filter: transfer.Filter{Query: "高韧性立方氮化硼"}})
		if err != nil || l.Total != 1 || !strings.Contains(l.Items[0].Text, "\n预期目标：\n") || l.Items[0].Open != level.Internal {
			t.Errorf("%+v, %v", l, err)
		}
		// The source is for private use: nobody else sees one, whatever is done to
		// its level.
		l.Items[0].Level = level.Public
		if _, err := room.SaveNeed(t.Context(), staffer, by, l.Items[0]); err != nil {
			t.Fatal(err)
		}
		for _, v := range []level.Viewer{{}, {User: "pan", Clearance: level.Partner}} {
			if l, err := room.Needs(t.Context(), v, transfer.NeedFilter{}); err != nil || l.Total != 0 {
				t.Errorf("%+v sees %d, %v", v, l.Total, err)
			}
		}
	})
}

func TestBDCIPatents(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	r := dataRun(t, s, "bdci-patents", "cn_patents_bdci2022/train.json")
	if r.Counts != (source.Counts{Read: 958, Created: 958}) || !strings.Contains(strings.Join(r.Unmapped, " "), "label_id (958)") {
		t.Errorf("%+v %v", r.Counts, r.Unmapped)
	}
	// The larger file has the same patents with classes that were guessed: those
	// are not read, so that they are unchanged.
	r = dataRun(t, s, "bdci-patents", "cn_patents_bdci2022/expand_train_1.json")
	if r.Counts != (source.Counts{Read: 4097, Created: 3139, Unchanged: 958}) {
		t.Errorf("%+v", r.Counts)
	}
}

func TestTechPort(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		r := dataRun(t, service(d), "techport", "techport_nasa/techport_projects.json")
		if r.Counts != (source.Counts{Read: 25, Created: 25}) {
			t.Errorf("%+v %+v", r.Counts, r.Rejected)
		}
		l, err := transfer.New(d).Results(t.Context(), level.Viewer{}, transfer.ResultFilter{TRLMin: 5, TRLScale: transfer.NASA, Filter: transfer.Filter{Query: "nano-enabled space"}})
		if err != nil || l.Total != 1 {
			t.Fatalf("%+v, %v", l, err)
		}
		m := l.Items[0].Maturity
		if len(m) != 3 || m[0].Level != 4 || m[0].On != "2016-08" || !m[1].Planned || m[1].On != "2018-08" || transfer.Current(m).On != "2020-05-01" || transfer.Current(m).Level != 5 {
			t.Errorf("%+v", m)
		}
	})
}

func TestNSFAwards(t *testing.T) {
	d := dbtest.SQLite(t)
	r := dataRun(t, service(d), "nsf-awards", "nsf_awards_fy2026/nsf_awards_fy2026.csv.gz")
	if r.Counts.Read != 1151 || r.Counts.Created+r.Counts.Rejected != 1151 || r.Counts.Created < 900 {
		t.Errorf("%+v %+v", r.Counts, r.Rejected)
	}
	for _, row := range r.Rejected {
		if row.Error.Key != "transfer.nsf_no_research" {
			t.Errorf("%+v", row)
		}
	}
	if !strings.Contains(strings.Join(r.Unmapped, " "), "amount_usd (") {
		t.Errorf("%v", r.Unmapped)
	}
}

func TestAnotherFileIsRefused(t *testing.T) {
	s := service(dbtest.SQLite(t))
	for importer, want := range map[string]string{"bdci-needs": "transfer.not_bdci_needs", "techport": "ingest.not_json", "nsf-awards": "transfer.not_nsf", "bdci-patents": "ingest.not_json"} {
		_, err := s.Run(t.Context(), Request{Importer: importer, Reader: strings.NewReader(companies), Name: "x.csv", By: by})
		if err == nil || errs.Of(err).Key != want {
			t.Errorf("%s: %v, want %s", importer, err, want)
		}
	}
	for importer, want := range map[string]string{"bdci-patents": "transfer.not_bdci_patent", "techport": "transfer.not_techport"} {
		r := run(t, s, Request{Importer: importer, Reader: strings.NewReader(`{"name":"x"}`), Name: "x.json", By: by})
		if r.Counts != (source.Counts{Read: 1, Rejected: 1}) || r.Rejected[0].Error.Key != want || r.Batch.ID != "" {
			t.Errorf("%s: %+v", importer, r)
		}
	}
	line := "'a-1' , '题' , '正文'\n坏行\n'a-1' , '题' , '别的正文'\n"
	r := run(t, s, Request{Importer: "bdci-needs", Reader: strings.NewReader(line), Name: "r.csv", By: by})
	if r.Counts != (source.Counts{Read: 3, Created: 1, Rejected: 2}) || r.Rejected[0].Error.Key != "transfer.bdci_line" || r.Rejected[1].Error.Key != "ingest.twice" {
		t.Errorf("%+v", r)
	}
}

func FuzzBDCINeed(f *testing.F) {
	for _, s := range []string{"'a' , 'b' , 'c'", "'a' , 'b' , 'c' ", "'','',''", "'a' , 'b , 'c' , 'd'", `'a' , '' , '\n\n'`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		n, ok := parseBDCINeed(line)
		if ok && (!strings.HasPrefix(n.Key, "bdci2019:") || len(n.Key) > 80 || len(n.Text) > len(line)) {
			t.Errorf("%q: %+v", line, n)
		}
	})
}

func FuzzDatasets(f *testing.F) {
	for _, name := range []string{"techport_nasa/techport_projects.json", "cn_patents_bdci2022/train.json"} {
		f.Add(head(f, name))
	}
	f.Add([]byte(`{"id":1,"title":"x","technologyMaturityStart":"9"}`))
	d := dbtest.SQLite(f)
	b := (&job{s: service(d), srcID: "x"}).builder(f.Context())
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, parse := range []func(*builder, []byte, leftOut) (any, string, error){parseTechPort, parseBDCIPatent} {
			v, key, err := parse(b, raw, leftOut{})
			if (err == nil) != (v != nil && key != "") {
				t.Errorf("%q: %v, %q, %v", raw, v, key, err)
			}
		}
	})
}

// head is the beginning of a file, unpacked.
func head(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(shareddata.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := io.ReadAll(io.LimitReader(in, 2000))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestFilesAreRecognised(t *testing.T) {
	s := service(dbtest.SQLite(t))
	for name, want := range map[string]string{
		"cn_demands_bdci2019/Requirements.csv": "bdci-needs", "cn_patents_bdci2022/train.json": "bdci-patents", "cn_patents_bdci2022/expand_train_1.json": "bdci-patents",
		"techport_nasa/techport_projects.json": "techport", "nsf_awards_fy2026/nsf_awards_fy2026.csv.gz": "nsf-awards", "cn_demands_bdci2019/Train_Interrelation.csv": "",
	} {
		if got, err := s.Recognise(t.Context(), Request{Path: shareddata.Path(t, name)}); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	for _, text := range []string{companies, "'", "{", `{"id": "x"}`} {
		if got, err := s.Recognise(t.Context(), Request{Reader: strings.NewReader(text), Name: "x"}); err != nil || got != "" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
