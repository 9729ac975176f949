package ingest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kapok-city/kapok/data"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/shareddata"
	"github.com/kapok-city/kapok/internal/sheet"
	"github.com/kapok-city/kapok/internal/source"
)

var by = change.Author{Actor: "lin"}

var bureau = source.Source{ID: "bureau", Kind: "notice", Title: i18n.Text{ZH: "企业名录"}, LicenceTag: source.Own}

func service(d *db.DB) *Service { return New(d, registry.New(d)) }

// table is a request that imports CSV text as target, mapped by its headings.
func tableOf(t testing.TB, target, text string) Request {
	t.Helper()
	head, _, _ := strings.Cut(text, "\n")
	p, err := Propose(target, strings.Split(head, ","))
	if err != nil {
		t.Fatal(err)
	}
	src := bureau
	return Request{Importer: "table", Reader: strings.NewReader(text), Name: "t.csv", Source: &src, Mapping: &p.Mapping, By: by}
}

func run(t testing.TB, s *Service, req Request) Report {
	t.Helper()
	r, err := s.Run(t.Context(), req)
	if err != nil {
		t.Fatalf("%s: %v", req.Importer, err)
	}
	return r
}

// dump writes every row of every table but the log, the batches and the
// cursors, in a fixed order: two states are the same when their dumps are.
func dump(t testing.TB, d *db.DB) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{"source", "division", "org", "org_name", "org_identifier", "relation", "person", "platform", "platform_host", "park", "paper",
		"paper_affiliation", "paper_org", "figure", "reported_value", "superlative", "edition", "edition_entry", "import_key"} {
		rows, err := d.Query(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for rows.Next() {
			cells, to := make([]any, len(columns)), make([]any, len(columns))
			for i := range cells {
				to[i] = &cells[i]
			}
			if err := rows.Scan(to...); err != nil {
				t.Fatal(err)
			}
			line := table
			for i, c := range columns {
				switch c {
				case "version", "updated_at", "batch_id": // an undone update leaves the same content under a higher version
				default:
					line += fmt.Sprintf(" %v", cells[i])
				}
			}
			lines = append(lines, line)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		sortStrings(lines)
		b.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return b.String()
}

func sortStrings(s []string) {
	for i := 1; i < len(s); i++ {
		for k := i; k > 0 && s[k] < s[k-1]; k-- {
			s[k], s[k-1] = s[k-1], s[k]
		}
	}
}

const companies = `企业名称,统一社会信用代码,所在区,成立时间,类型,曾用名
广州木棉示例科技有限公司,91350100M000100Y43,440106,2019年5月20日,,木棉科技
坏代码有限公司,91350100M000100Y44,440106,2019,企业,
坏日期有限公司,,440106,昨天,企业,
科学计数有限公司,9.1440101E+17,440106,,企业,
示例大学,,440106,1924,高校,
,,440106,,,
`

func TestTableImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		req := tableOf(t, "organisation", companies)
		req.RejectedPath = filepath.Join(t.TempDir(), "rejected.txt")
		r := run(t, s, req)
		want := source.Counts{Read: 6, Created: 2, Rejected: 4}
		if diff := cmp.Diff(want, r.Counts); diff != "" {
			t.Fatal(diff, r.Rejected)
		}
		var faults []string
		for _, f := range r.Rejected {
			faults = append(faults, fmt.Sprint(f.Row, " ", f.Column, " ", f.Error.Key))
		}
		wantFaults := []string{"3 统一社会信用代码 identifier.check", "4 成立时间 ingest.bad_day", "5 统一社会信用代码 ingest.scientific", "7 企业名称 ingest.empty_cell"}
		if diff := cmp.Diff(wantFaults, faults); diff != "" {
			t.Error(diff)
		}
		raw, err := os.ReadFile(r.File)
		if err != nil {
			t.Fatal(err)
		}
		back, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")))).ReadAll()
		if err != nil || len(back) != 5 || len(back[0]) != 10 || back[1][0] != "坏代码有限公司" || back[1][6] != "3" || back[4][9] == "" {
			t.Errorf("rejected file: %v, %v", back, err)
		}
		batch, err := source.GetBatch(t.Context(), d, r.Batch.ID)
		if err != nil || batch.Counts != want || batch.SourceID != "bureau" || batch.Mapping == "" {
			t.Errorf("batch = %+v, %v", batch, err)
		}
		orgs, err := s.reg.Orgs(t.Context(), registry.OrgFilter{Batch: r.Batch.ID})
		if err != nil || len(orgs.Items) != 2 {
			t.Fatalf("orgs = %v, %v", orgs, err)
		}
		for _, o := range orgs.Items {
			if o.SourceID != "bureau" || o.BatchID != r.Batch.ID || o.Place.Country != "CN" {
				t.Errorf("org = %+v", o)
			}
			if o.Name(i18n.ZH) == "广州木棉示例科技有限公司" && (o.Kind != registry.Enterprise || o.Established != "2019-05-20" || len(o.Names) != 2) {
				t.Errorf("org = %+v", o)
			}
		}
		again := run(t, s, tableOf(t, "organisation", companies))
		if again.Earlier == nil || again.Earlier.ID != r.Batch.ID || again.Batch.ID != "" || again.Counts.Unchanged != 2 || again.Counts.Created+again.Counts.Updated != 0 {
			t.Errorf("the same file again: %+v", again)
		}
		log, err := change.OfBatch(t.Context(), d, r.Batch.ID, 0, 100)
		if err != nil || len(log) != 3 {
			t.Errorf("%d entries carry the batch, %v", len(log), err)
		}
	})
}

func TestRejectedRowsComeBackMended(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	var b bytes.Buffer
	err := sheet.Write(&b, sheet.XLSX, []string{"企业名称", "成立时间"}, func(yield func(sheet.Row, error) bool) {
		_ = yield(sheet.Row{"甲有限公司", "昨天"}, nil) && yield(sheet.Row{"乙有限公司", "2020"}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	req := tableOf(t, "organisation", "企业名称,成立时间\n")
	req.Reader, req.RejectedPath = &b, filepath.Join(t.TempDir(), "out.csv")
	r := run(t, s, req)
	if r.Counts.Rejected != 1 || !strings.HasSuffix(r.File, ".xlsx") {
		t.Fatalf("%+v", r)
	}
	look, err := s.Inspect(t.Context(), Request{Path: r.File}, "")
	if err != nil || len(look.Proposal.Unmapped) != 0 || look.Proposal.Target != "organisation" || len(look.Sample) != 1 || look.Sample[0][2] != "2" {
		t.Errorf("look = %+v, %v", look, err)
	}
}

// TestNothingIsKeptOfAFileAtFault holds that a failure half-way leaves nothing.
func TestNothingIsKeptOfAFileAtFault(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		before := dump(t, d)
		var rows strings.Builder
		rows.WriteString("名称\n")
		for i := range 2500 {
			fmt.Fprintf(&rows, "第%d公司\n", i)
		}
		_, err := s.Run(t.Context(), tableOf(t, "organisation", rows.String()+"\"未闭合\n"))
		wantKey(t, "open quote after 2,500 rows", err, "ingest.open_quote")
		packed := gz([]byte(rows.String()))
		req := tableOf(t, "organisation", rows.String())
		req.Reader = bytes.NewReader(packed[:len(packed)-9])
		_, err = s.Run(t.Context(), req)
		wantKey(t, "truncated gzip", err, "ingest.truncated")
		ctx, cancel := context.WithCancel(t.Context())
		req = tableOf(t, "organisation", rows.String())
		req.Progress = func(int64, int64) { cancel() }
		if _, err = s.Run(ctx, req); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if after := dump(t, d); after != before {
			t.Errorf("something was kept:\n%s", after)
		}
		if head, err := change.Head(t.Context(), d); err != nil || head != 0 {
			t.Errorf("the log has %d entries, %v", head, err)
		}
	})
}

// randomTable makes a table with good rows, bad rows, repeats and
// contradictions.
func randomTable(rng *rand.Rand) string {
	var b strings.Builder
	b.WriteString("key,name,kind,division,established,ror,website\n")
	names := []string{"甲", "乙", "丙", "Kapok", "\"逗,号\"", ""}
	for range rng.IntN(40) {
		pick := func(list ...string) string { return list[rng.IntN(len(list))] }
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s\n", pick("", "a", "b", "c"), pick(names...), pick("enterprise", "高校", "", "龙"), pick("440106", "", "44"),
			pick("2020", "", "2020-13"), pick("", "", "0064kty71", "03ybmxt82", "0064kty72"), pick("", "https://a.cn", "not a url"))
	}
	return b.String()
}

// TestDryRunPredicts holds, on random tables, that a dry run's report is the
// real run's and that it leaves no trace; that the same file again changes
// nothing; and that undoing restores every table.
func TestDryRunPredicts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		rng := rand.New(rand.NewPCG(5, 6))
		same := cmp.Options{
			cmpopts.IgnoreFields(source.Batch{}, "ID", "StartedAt", "FinishedAt"), cmpopts.IgnoreFields(Report{}, "DryRun"), cmpopts.IgnoreFields(Rejected{}, "Error"),
		}
		src := bureau
		if err := d.InTx(t.Context(), func(tx *db.Tx) error { _, err := source.Put(t.Context(), tx, by, src); return err }); err != nil {
			t.Fatal(err)
		}
		for round := range 25 {
			text := randomTable(rng)
			request := func(dry bool) Request {
				req := tableOf(t, "organisation", text)
				req.DryRun = dry
				return req
			}
			before := dump(t, d)
			dry, dryErr := s.Run(t.Context(), request(true))
			if after := dump(t, d); after != before {
				t.Fatalf("round %d: a dry run left a trace: %s", round, cmp.Diff(before, after))
			}
			real, realErr := s.Run(t.Context(), request(false))
			if (dryErr == nil) != (realErr == nil) || (dry.Batch.ID == "") != (real.Batch.ID == "") {
				t.Fatalf("round %d: dry %v, real %v", round, dryErr, realErr)
			}
			if diff := cmp.Diff(dry, real, same); diff != "" {
				t.Fatalf("round %d, %s: %s", round, text, diff)
			}
			if realErr != nil {
				continue
			}
			again := run(t, s, request(false))
			if again.Counts.Created+again.Counts.Updated > 0 {
				t.Fatalf("round %d: again %+v\n%s", round, again, text)
			}
			if real.Batch.ID != "" && round%3 == 0 {
				if err := s.Undo(t.Context(), real.Batch.ID, by); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
				if diff := cmp.Diff(before, dump(t, d)); diff != "" {
					t.Fatalf("round %d: undo does not restore: %s", round, diff)
				}
			}
		}
	})
}

func TestUndoRefusesWhatHasChanged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		r := run(t, s, tableOf(t, "organisation", companies))
		orgs, err := s.reg.Orgs(t.Context(), registry.OrgFilter{Batch: r.Batch.ID})
		if err != nil || len(orgs.Items) == 0 {
			t.Fatal(orgs, err)
		}
		o := orgs.Items[0]
		site := "https://example.cn"
		changed, err := s.reg.UpdateOrg(t.Context(), by, o.ID, o.Version, registry.OrgChange{Website: &site})
		if err != nil {
			t.Fatal(err)
		}
		before := dump(t, d)
		err = s.Undo(t.Context(), r.Batch.ID, by)
		wantKey(t, "undo after a change", err, "ingest.changed_since")
		if e := errs.Of(err); e != nil && (e.Kind != errs.Conflict || !strings.Contains(fmt.Sprint(e.Args["records"]), o.ID)) {
			t.Errorf("the refusal names %v", e.Args)
		}
		if after := dump(t, d); after != before {
			t.Error("a refused undo changed something")
		}
		if _, err := s.reg.UpdateOrg(t.Context(), by, o.ID, changed.Version, registry.OrgChange{Website: &o.Website}); err != nil {
			t.Fatal(err)
		}
		if err := s.Undo(t.Context(), r.Batch.ID, by); err != nil {
			t.Errorf("once the change is taken back: %v", err)
		}
		if err := s.Undo(t.Context(), r.Batch.ID, by); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a second undo: %v", err)
		}
		again := run(t, s, tableOf(t, "organisation", companies))
		if again.Earlier != nil || again.Counts.Created != 2 {
			t.Errorf("an undone file can be imported again: %+v", again)
		}
	})
}

func TestMappings(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		p, err := Propose("", []string{"序号", "单位名称", "统一社会信用代码", "所属行政区", "成立日期", "官网"})
		if err != nil || p.Target != "organisation" || p.Columns["name_zh"] != "单位名称" || p.Columns["uscc"] == "" || cmp.Diff([]string{"序号"}, p.Unmapped) != "" && len(p.Unmapped) != 2 {
			t.Errorf("proposal = %+v, %v", p, err)
		}
		p.Name = "区里的名录"
		saved, err := s.SaveMapping(t.Context(), by, p.Mapping)
		if err != nil {
			t.Fatal(err)
		}
		saved.Fixed = map[string]string{"kind": "enterprise"}
		again, err := s.SaveMapping(t.Context(), by, saved)
		if err != nil || again.ID != saved.ID || again.Version != 2 {
			t.Errorf("saved again: %+v, %v", again, err)
		}
		req := tableOf(t, "organisation", "序号,单位名称,统一社会信用代码,所属行政区,成立日期,官网\n1,甲,,,,\n")
		req.Mapping, req.MappingID = nil, again.ID
		r := run(t, s, req)
		if r.Counts.Created != 1 || r.Unmapped[0] != "序号" {
			t.Errorf("with a saved mapping: %+v", r)
		}
		list, err := s.Mappings(t.Context())
		if err != nil || len(list) != 1 || cmp.Diff(again, list[0]) != "" {
			t.Errorf("Mappings = %v, %v", list, err)
		}
		if err := s.DeleteMapping(t.Context(), by, again.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Run(t.Context(), req)
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("a mapping that is gone: %v", err)
		}
		for what, m := range map[string]Mapping{
			"ingest.no_target": {Target: "dragon"}, "ingest.no_field": {Target: "organisation", Columns: map[string]string{"wings": "x", "name_zh": "y"}},
			"ingest.unmapped_field": {Target: "reported", Columns: map[string]string{"value": "x"}},
		} {
			wantKey(t, what, m.validate(), what)
		}
	})
}

func TestTemplatesAreUnderstood(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	for _, target := range Targets() {
		for _, l := range i18n.Langs {
			for _, f := range []sheet.Format{sheet.CSV, sheet.XLSX} {
				var b bytes.Buffer
				if err := WriteTemplate(&b, f, target.Name, l); err != nil {
					t.Fatal(err)
				}
				look, err := s.Inspect(t.Context(), Request{Reader: &b}, target.Name)
				if err != nil || len(look.Proposal.Missing) > 0 || len(look.Proposal.Unmapped) > 0 || len(look.Proposal.Columns) != len(target.Fields) {
					t.Errorf("%s %s %s: %+v, %v", target.Name, l, f, look.Proposal, err)
				}
			}
		}
	}
}

// bundle imports one file of the demo city.
func bundle(t testing.TB, s *Service, importer string, f data.File) Report {
	t.Helper()
	in, err := data.FS.Open(data.Guangzhou.Path(f))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	req := Request{Importer: importer, Reader: in, Name: string(f), By: by}
	if importer == "ror" {
		req.SourceID = "ror-2026-06"
	}
	return run(t, s, req)
}

var bundleFiles = []struct {
	importer string
	file     data.File
	rows     int64
}{
	{"sources", data.Sources, 0}, {"gb2260", data.Divisions, 0}, {"ror", data.ROR, 8000}, {"organisations", data.Organisations, 0}, {"platforms", data.Platforms, 0},
	{"parks", data.Parks, 0}, {"relations", data.Relations, 0}, {"chinaxiv", data.ChinaXiv, 0}, {"figures", data.Figures, 0}, {"reported", data.Reported, 0},
	{"awards", data.Awards, 0}, {"superlatives", data.Superlatives, 0},
}

// TestBundle loads the demo city, twice, and takes it back.
func TestBundle(t *testing.T) {
	if testing.Short() {
		t.Skip("loads a whole city twice")
	}
	d := dbtest.SQLite(t)
	s := service(d)
	var batches []string
	for pass := range 2 {
		for _, b := range bundleFiles {
			start := time.Now()
			r := bundle(t, s, b.importer, b.file)
			if pass == 0 {
				raw, _ := json.Marshal(r.Kinds)
				t.Logf("%-14s %v %s %.2fs", b.importer, r.Counts, raw, time.Since(start).Seconds())
				batches = append(batches, r.Batch.ID)
			}
			if r.Counts.Rejected > 0 || r.Counts.Read == 0 || b.rows > 0 && r.Counts.Read != b.rows {
				raw, _ := json.Marshal(r.Rejected)
				t.Errorf("%s: %+v %s", b.importer, r.Counts, cutBytes(string(raw), 2000))
			}
			if pass == 1 && (r.Counts.Unchanged != r.Counts.Read || r.Batch.ID != "") {
				t.Errorf("%s again: %+v", b.importer, r.Counts)
			}
		}
	}
	platforms, err := s.reg.Platforms(t.Context(), registry.PlatformFilter{Page: registry.Page{Limit: 100}})
	if err != nil || len(platforms.Items) != 31 {
		t.Errorf("%d platforms, %v", len(platforms.Items), err)
	}
	lab, err := s.reg.ByIdentifier(t.Context(), "ror", "03ybmxt82")
	if err != nil || lab.Name(i18n.ZH) != "广州实验室" || lab.Kind != registry.NationalLaboratory || lab.Place.Division != "440112" || lab.Name(i18n.EN) == "" {
		t.Errorf("what the bundle adds to a ROR record: %+v, %v", lab, err)
	}
	for i := len(batches) - 1; i >= 0; i-- {
		if batches[i] == "" {
			continue
		}
		if err := s.Undo(t.Context(), batches[i], by); err != nil {
			t.Errorf("undo %s: %v", bundleFiles[i].importer, err)
		}
	}
	if n := strings.Count(dump(t, d), "\norg "); n != 0 {
		t.Errorf("%d organisations are left", n)
	}
}

// sharedROR makes one file of the two shared ones.
func sharedROR(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{"ror/ror_records_v1schema.jsonl.gz", "ror/ror_records_v2schema.jsonl.gz"} {
		raw, err := os.ReadFile(shareddata.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, raw...) // gzip files may follow each other
	}
	return all
}

func TestAllOfROR(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 51,370 records")
	}
	d := dbtest.SQLite(t)
	s := service(d)
	start := time.Now()
	r := run(t, s, Request{Importer: "ror", Reader: bytes.NewReader(sharedROR(t)), Name: "ror.jsonl.gz", By: by})
	t.Logf("%+v %+v in %.2f s", r.Counts, r.Kinds, time.Since(start).Seconds())
	if r.Counts.Created != 51370 || r.Counts.Rejected != 0 {
		t.Errorf("%+v %+v", r.Counts, r.Rejected)
	}
	f, err := s.reg.OrgFacets(t.Context(), registry.OrgFilter{})
	if err != nil {
		t.Fatal(err)
	}
	wantKinds, wantCountries := flatCounts(t)
	if diff := cmp.Diff(wantKinds, facetMap(f.Kind)); diff != "" {
		t.Error("kinds", diff)
	}
	if diff := cmp.Diff(wantCountries, facetMap(f.Country)); diff != "" {
		t.Error("countries", diff)
	}
	if wantCountries["CN"] != 2263 {
		t.Errorf("the flat file has %d of CN", wantCountries["CN"])
	}
}

func facetMap(list []registry.Facet) map[string]int64 {
	out := map[string]int64{}
	for _, f := range list {
		out[f.Value] = f.Count
	}
	return out
}

// flatCounts counts kinds and countries in the flattened copy of the records,
// which another program made.
func flatCounts(t testing.TB) (kinds, countries map[string]int64) {
	t.Helper()
	f, err := os.Open(shareddata.Path(t, "ror/ror_orgs.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kinds, countries = map[string]int64{}, map[string]int64{}
	for _, r := range rows[1:] {
		kind := "other"
		for _, w := range strings.Split(r[2], "|") {
			if k := map[string]string{"education": "university", "company": "enterprise", "healthcare": "hospital", "nonprofit": "nonprofit", "government": "government",
				"facility": "institute", "archive": "archive"}[w]; k != "" {
				kind = k
				break
			}
		}
		kinds[kind]++
		countries[r[3]]++
	}
	return kinds, countries
}

func TestAllOfChinaXiv(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 15,121 papers")
	}
	d := dbtest.SQLite(t)
	s := service(d)
	bundle(t, s, "sources", data.Sources)
	bundle(t, s, "ror", data.ROR)
	start := time.Now()
	r := run(t, s, Request{Importer: "chinaxiv", Path: shareddata.Path(t, "chinaxiv/chinaxiv_heads.jsonl.gz"), By: by})
	t.Logf("%+v in %.2f s", r.Counts, time.Since(start).Seconds())
	if r.Counts.Read != 15121 {
		t.Errorf("%+v %+v", r.Counts, r.Rejected)
	}
}

func TestDivisionsOfAFolder(t *testing.T) {
	d := dbtest.SQLite(t)
	s := service(d)
	dir := filepath.Dir(shareddata.Path(t, "geo_china/gb2260/province.csv"))
	r := run(t, s, Request{Importer: "gb2260", Path: dir, By: by})
	if r.Counts.Rejected > 0 || r.Counts.Created < 34+337+2846 {
		t.Errorf("%+v %+v", r.Counts, r.Rejected)
	}
	tianhe, err := s.reg.Division(t.Context(), "440106", "")
	if err != nil || tianhe.Name.ZH != "天河区" || tianhe.Parent != "440100" || tianhe.Level != registry.District {
		t.Errorf("440106 = %+v, %v", tianhe, err)
	}
}

// BenchmarkROR imports all of ROR into an empty SQLite database.
func BenchmarkROR(b *testing.B) {
	raw := sharedROR(b)
	for b.Loop() {
		b.StopTimer()
		d := dbtest.SQLite(b)
		s := service(d)
		b.StartTimer()
		if _, err := s.Run(b.Context(), Request{Importer: "ror", Reader: bytes.NewReader(raw), Name: "ror.jsonl.gz", By: by}); err != nil {
			b.Fatal(err)
		}
	}
}
